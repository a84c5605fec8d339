"""``_client.py`` and ``aio/_client.py``: one class from one node, in two colours.

Everything that differs between the colours is in `Colour`; no function here asks for it but to get a word from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from clientsmith.emit.code import (
    NONE,
    Code,
    Symbol,
    attribute,
    builtin,
    call,
    dictionary,
    formatted,
    indexed,
    local,
    union,
    value,
)
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.documentation import client_docstring, method_docstring
from clientsmith.emit.methods import Kind, Method, methods_of
from clientsmith.emit.models import field_name
from clientsmith.emit.statements import Argument, Assign, Block, Class, Evaluate, Function, Module, Try, return_
from clientsmith.emit.text import one_line, public_name
from clientsmith.emit.types import View, through
from clientsmith.model.ir import Api, Location

__all__ = ["ASYNC", "COLOURS", "SYNC", "Colour", "client_module"]

_SETTINGS: Final = "clientsmith.core.settings"
_API_VERSION: Final = "clientsmith.core.policies.api_version"
_SELF: Final = Argument("self")
_READ_LATER: Final = {
    Kind.LIST: "_list",
    Kind.EVENTS: "_events",
    Kind.LINES: "_lines",
    Kind.DOWNLOAD: "_download",
}
_MERGE_FIELDS: Final = Symbol("clientsmith.core.serialization", "merge_fields").code
_PATCH_FIELDS: Final = Symbol("clientsmith.core.patches", "patch_fields").code
_CONDITION_TYPES: Final = {
    "etag": builtin("str"),
    "match_condition": Symbol("clientsmith.core.conditions", "MatchConditions").code,
    "if_modified_since": attribute(Symbol("datetime").code, "datetime"),
    "if_unmodified_since": attribute(Symbol("datetime").code, "datetime"),
}
_MERGED: Final = "body"  # the local variable for body and fields together; the naming pass keeps the name free


@dataclass(frozen=True, slots=True)
class Colour:
    """Sync or async: where the runtime's classes are, where the package's root is, and whether to await."""

    is_async: bool
    base: Symbol
    pager: Symbol
    poller: Symbol
    transport: Symbol
    token_credential: Symbol
    streaming: str  # the module of the streams
    root: str  # how the client's module writes the package: "." or ".."

    def sibling(self, module: str, name: str = "") -> Symbol:
        """A module beside the package's ``__init__``, or a name of it."""
        if name:
            return Symbol(f"{self.root}{module}", name)
        return Symbol(self.root, module, module if module.startswith("_") else f"_{module}")

    def awaited(self, code: Code) -> Code:
        return Code(("await ",)) + code if self.is_async else code


SYNC: Final = Colour(
    is_async=False,
    base=Symbol("clientsmith.core.client", "ServiceClient"),
    pager=Symbol("clientsmith.core.paging", "ItemPaged"),
    poller=Symbol("clientsmith.core.polling", "LROPoller"),
    transport=Symbol("clientsmith.core.transport.base", "Transport"),
    token_credential=Symbol("clientsmith.core.credentials", "TokenCredential"),
    streaming="clientsmith.core.streaming",
    root=".",
)
ASYNC: Final = Colour(
    is_async=True,
    base=Symbol("clientsmith.core.aio", "ServiceClient"),
    pager=Symbol("clientsmith.core.aio", "ItemPaged"),
    poller=Symbol("clientsmith.core.aio", "LROPoller"),
    transport=Symbol("clientsmith.core.transport.base", "AsyncTransport"),
    token_credential=Symbol("clientsmith.core.aio", "TokenCredential"),
    streaming="clientsmith.core.streaming.aio",
    root="..",
)
COLOURS: Final = (SYNC, ASYNC)


def client_module(api: Api, colour: Colour, header: tuple[str, ...]) -> Module:
    """The module of the client class in one colour."""
    view = View(api.shapes, through(colour.sibling("models")))
    methods = tuple(_method(method, colour, view) for method in methods_of(api))
    client = Class(
        public_name(api.root.name),
        (colour.base.code,),
        (_constructor(api, colour), *methods),
        client_docstring(api, is_async=colour.is_async),
    )
    kind = "async" if colour.is_async else "sync"
    return Module(Docstring(f"The {kind} client of {one_line(api.title)}"), (client,), header)


# --- the constructor -------------------------------------------------------------------------------------------------


def credential_type(api: Api, colour: Colour) -> Code:
    """The credentials that the service's security schemes take; None alone where it has none."""
    credentials = "clientsmith.core.credentials"
    types: list[Code] = []
    for scheme in api.security_schemes:
        match scheme.kind:
            case "key":
                types.append(Symbol(credentials, "KeyCredential").code)
            case "basic":
                types.append(Symbol(credentials, "BasicCredential").code)
            case _:  # a bearer token can be fetched, or be a fixed one
                types += [colour.token_credential.code, Symbol(credentials, "KeyCredential").code]
    return union(*types, *([NONE] if api.security_optional or not types else []))


def needs_credential(api: Api) -> bool:
    """Whether every operation needs one, so that the constructor has no default for it."""
    return bool(api.security_schemes) and not api.security_optional


def _constructor(api: Api, colour: Colour) -> Function:
    """``(endpoint, credential, *, api_version, transport, **options)``: python-client-constructor-form."""
    needs = needs_credential(api)
    # An argument with a default cannot stand before one without, and a forgotten credential should be seen first.
    endpoint = value(api.endpoint) if api.endpoint.startswith(("http://", "https://")) and not needs else None
    version = Symbol(_API_VERSION, "ApiVersion").code
    where = api.api_version
    location = [] if where.location is Location.HEADER else [value(where.location.value)]
    package = formatted(f"{api.distribution}/", colour.sibling("_version", "VERSION").code)
    arguments = (
        _SELF,
        Argument("endpoint", builtin("str"), endpoint),
        Argument("credential", credential_type(api, colour), None if needs else NONE),
        Argument("api_version", builtin("str"), value(where.default or api.version), kind="keyword"),
        Argument("transport", union(colour.transport.code, NONE), NONE, kind="keyword"),
        _options("ClientOptions"),
    )
    start = call(
        attribute(call(builtin("super")), "__init__"),
        local("endpoint"),
        local("credential"),
        authentication=attribute(colour.sibling("_operations").code, "AUTHENTICATION"),
        api_version=call(version, local("api_version"), value(where.wire_name), *location),
        package=package,
        transport=local("transport"),
        settings=local("options"),
    )
    return Function("__init__", arguments, NONE, (Evaluate(start),))


def _options(kind: str) -> Argument:
    unpacked = indexed(Symbol("typing", "Unpack").code, Symbol(_SETTINGS, kind).code)
    return Argument("options", unpacked, kind="keywords")


# --- methods ---------------------------------------------------------------------------------------------------------


def _method(method: Method, colour: Colour, view: View) -> Function:
    return Function(
        method.name,
        (_SELF, *_arguments(method, view), _options(_options_of(method.kind))),
        _returns(method, colour, view),
        _body(method, colour, view),
        method_docstring(method),
        is_async=colour.is_async and not method.kind.is_read_later,
    )


def _options_of(kind: Kind) -> str:
    match kind:
        case Kind.LIST:
            return "ListOptions"
        case Kind.BEGIN:
            return "PollOptions"
        case Kind.EVENTS:
            return "EventOptions"
        case Kind.DOWNLOAD:
            return "DownloadOptions"
        case Kind.CALL | Kind.EXISTS | Kind.LINES:
            return "CallOptions"
        case _:
            assert_never(kind)


def _returns(method: Method, colour: Colour, view: View) -> Code:
    match method.kind:
        case Kind.LIST:
            return indexed(colour.pager.code, view.annotation(method.result))
        case Kind.BEGIN:
            return indexed(colour.poller.code, view.annotation(method.result))
        case Kind.EVENTS:
            event = Symbol(SYNC.streaming, "ServerSentEvent").code
            item = event if method.result is None else view.annotation(method.result)
            return indexed(Symbol(colour.streaming, "EventStream").code, item)
        case Kind.LINES:
            return indexed(Symbol(colour.streaming, "JsonLines").code, view.annotation(method.result))
        case Kind.DOWNLOAD:
            return Symbol(colour.streaming, "ByteStream").code
        case Kind.EXISTS:
            return builtin("bool")
        case Kind.CALL:
            return view.annotation(method.result)
        case _:
            assert_never(method.kind)


def _arguments(method: Method, view: View) -> Iterator[Argument]:
    """Path parameters and a required body by position, everything else by keyword only."""
    for name, parameter in method.positional.items():
        yield Argument(name, view.annotation(parameter.shape, given=True))
    yield from _body_argument(method, view)
    keyword = method.keyword
    for name, parameter in keyword.items():
        annotation = view.annotation(parameter.shape, given=True, optional=not parameter.required)
        yield Argument(name, annotation, None if parameter.required else NONE, kind="keyword")
    for name, item in method.flattened.items():
        annotation = view.annotation(item.shape, given=True, optional=True)
        yield Argument(name, annotation, Symbol("clientsmith.core.models", "UNSET").code, kind="keyword")
    for name, required in method.conditions.items():
        annotation = _CONDITION_TYPES[name] if required else union(_CONDITION_TYPES[name], NONE)
        yield Argument(name, annotation, None if required else NONE, kind="keyword")


def _body_argument(method: Method, view: View) -> Iterator[Argument]:
    if method.body is None:
        return
    needed = method.body.required and not method.flattened
    annotation = view.annotation(method.body.shape, given=True, optional=not needed)
    kind = "positional" if needed or method.flattened else "keyword"
    yield Argument(method.body_name, annotation, None if needed else NONE, kind)


def _body(method: Method, colour: Colour, view: View) -> Block:
    constant = attribute(colour.sibling("_operations").code, method.constant)
    arguments = dictionary(_passed_on(method))
    keywords: dict[str, Code] = {"options": local("options")}
    if method.body is not None:
        keywords = {"body": local(_MERGED if method.flattened else method.body_name), **keywords}
    match method.kind:
        case Kind.LIST | Kind.EVENTS | Kind.LINES | Kind.DOWNLOAD:
            later = call(attribute(local("self"), _READ_LATER[method.kind]), constant, arguments, **keywords)
            return (*_merged(method, view), return_(later))
        case Kind.BEGIN:
            begin = call(attribute(local("self"), "_begin"), constant, arguments, **keywords)
            return (*_merged(method, view), return_(colour.awaited(begin)))
        case Kind.EXISTS:
            return _existence(colour, call(attribute(local("self"), "_call"), constant, arguments, **keywords))
        case Kind.CALL:
            sent = colour.awaited(call(attribute(local("self"), "_call"), constant, arguments, **keywords))
            return (*_merged(method, view), return_(sent) if method.result is not None else Evaluate(sent))
        case _:
            assert_never(method.kind)


def _passed_on(method: Method) -> dict[str | int, Code]:
    """What the method hands to its operation beside the body."""
    passed: dict[str | int, Code] = {name: local(name) for name in (*method.parameters, *method.conditions)}
    if method.flattened and "etag" in method.conditions:
        passed["etag_of"] = local(method.body_name)  # a patch of the model has not its etag
    return passed


def _merged(method: Method, view: View) -> Block:
    """``body = merge_fields(Model, item, {...})``: what is given explicitly wins (python-client-flatten-args).

    A merge patch is of what was changed in the model, no copy of it: ``patch_fields``.
    """
    model = method.body_model
    if not method.flattened or model is None:
        return ()
    fields = dictionary({field_name(item): local(name) for name, item in method.flattened.items()})
    merge = _PATCH_FIELDS if method.sends_merge_patch else _MERGE_FIELDS
    return (Assign(_MERGED, call(merge, view.reach(model), local(method.body_name), fields)),)


def _existence(colour: Colour, request: Code) -> Block:
    """True, or False for a 404; anything else that is no success is raised: then nobody knows."""
    missing = Symbol("clientsmith.core.errors", "ResourceNotFoundError").code
    handler = (return_(value(False)),)
    return (Try((Evaluate(colour.awaited(request)),), missing, handler), return_(value(True)))
