"""Methods as functions: their arguments, what they give back, and the one call that they make, in either colour.

Everything that differs between the colours is in `Colour`; no function here asks for it but to get a word from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never

from clientsmith.emit.code import NONE, Code, Symbol, attribute, builtin, call, dictionary, indexed, local, union, value
from clientsmith.emit.colour import SYNC, Colour
from clientsmith.emit.documentation import method_docstring
from clientsmith.emit.methods import Kind, Method
from clientsmith.emit.models import field_name
from clientsmith.emit.statements import Argument, Assign, Block, Evaluate, Function, Try, return_
from clientsmith.emit.types import View

__all__ = ["SELF", "method_function", "options_argument"]

SELF: Final = Argument("self")
_SETTINGS: Final = "clientsmith.core.settings"
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


def method_function(method: Method, colour: Colour, view: View) -> Function:
    return Function(
        method.name,
        (SELF, *_arguments(method, view), options_argument(_options_of(method.kind))),
        _returns(method, colour, view),
        _body(method, colour, view),
        method_docstring(method),
        is_async=colour.is_async and not method.kind.is_read_later,
    )


def options_argument(kind: str) -> Argument:
    """``**options: Unpack[CallOptions]``: what the runtime takes with every call."""
    unpacked = indexed(Symbol("typing", "Unpack").code, Symbol(_SETTINGS, kind).code)
    return Argument("options", unpacked, kind="keywords")


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
