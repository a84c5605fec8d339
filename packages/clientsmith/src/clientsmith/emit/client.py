"""``_client.py`` and ``aio/_client.py``: one class from one node, in two colours."""

from __future__ import annotations

from typing import Final

from clientsmith.emit.code import NONE, Code, Symbol, attribute, builtin, call, formatted, local, union, value
from clientsmith.emit.colour import Colour
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.documentation import client_docstring
from clientsmith.emit.functions import SELF, method_function, options_argument
from clientsmith.emit.methods import methods_of
from clientsmith.emit.statements import Argument, Class, Evaluate, Function, Module
from clientsmith.emit.text import one_line, public_name
from clientsmith.emit.types import View, through
from clientsmith.model.ir import Api, Location

__all__ = ["client_module", "credential_type", "needs_credential"]

_API_VERSION: Final = "clientsmith.core.policies.api_version"


def client_module(api: Api, colour: Colour, header: tuple[str, ...]) -> Module:
    """The module of the client class in one colour."""
    view = View(api.shapes, through(colour.sibling("models")))
    methods = tuple(method_function(method, colour, view) for method in methods_of(api))
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
        SELF,
        Argument("endpoint", builtin("str"), endpoint),
        Argument("credential", credential_type(api, colour), None if needs else NONE),
        Argument("api_version", builtin("str"), value(where.default or api.version), kind="keyword"),
        Argument("transport", union(colour.transport.code, NONE), NONE, kind="keyword"),
        options_argument("ClientOptions"),
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
