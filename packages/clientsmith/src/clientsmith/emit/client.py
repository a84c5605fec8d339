"""``_client.py`` and ``aio/_client.py``: one class from one node, in two colours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

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
    joined,
    local,
    union,
    value,
)
from clientsmith.emit.colour import Colour
from clientsmith.emit.connection import connection_factory
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.documentation import client_docstring, way_docstring
from clientsmith.emit.functions import SELF, method_functions, options_argument
from clientsmith.emit.methods import methods_in
from clientsmith.emit.security import credential_type, needs_credential
from clientsmith.emit.statements import Argument, Class, Evaluate, Function, Module, return_
from clientsmith.emit.text import one_line, public_name
from clientsmith.emit.types import View, through
from clientsmith.emit.versions import default_version, spoken_version
from clientsmith.model.ir import Api, Group, Parameter, ServerVariable

__all__ = ["client_module", "constructor", "ways_to"]

_CACHED_PROPERTY: Final = Symbol("functools", "cached_property").code
_CHILD: Final = Code(("self._child",))


def client_module(api: Api, colour: Colour, header: tuple[str, ...]) -> Module:
    """The module of the client class in one colour."""
    view = View(api.shapes, through(colour.sibling("models")))
    methods = [one for method in methods_in(api, ()) for one in method_functions(method, colour, view)]
    client = Class(
        public_name(api.root.name),
        (colour.base.code,),
        (*_makers(api, colour, view), *ways_to(api.root, Symbol(".", "_groups"), view), *methods),
        client_docstring(api, is_async=colour.is_async),
    )
    kind = "async" if colour.is_async else "sync"
    return Module(Docstring(f"The {kind} client of {one_line(api.title)}"), (client,), header)


def _makers(api: Api, colour: Colour, view: View) -> Iterator[Function]:
    """The constructor, and the factory that was asked for."""
    made = constructor(api, colour, view)
    yield made
    if api.features.connection_string:
        yield connection_factory(api, tuple(item for item in made.arguments if item.kind == "keyword"))


# --- the clients below -----------------------------------------------------------------------------------------------


def _settings(api: Api) -> Code:
    """What the caller says, on top of what this service is known to want."""
    known = [value(name) + ": " + value(wanted) for name, wanted in api.defaults]
    options = local("options")
    return Code(("{",)) + joined(", ", [*known, Code(("**",)) + options]) + "}" if known else options


def ways_to(group: Group, doorway: Symbol, view: View) -> Iterator[Function]:
    """How a client gives the clients below it: a property for a group, a method for one that is bound to something."""
    for child in group.groups:
        kind = attribute(doorway.code, public_name(child.name))
        docstring = way_docstring(child, view.shapes)
        if child.bound:
            arguments = (
                Argument(public_name(item.name), view.annotation(item.shape, given=True)) for item in child.bound
            )
            made = call(_CHILD, kind, **{item.name: local(item.name) for item in child.bound})
            yield Function(public_name(child.attribute), (SELF, *arguments), kind, (return_(made),), docstring)
        else:
            made, cached = call(_CHILD, kind), (_CACHED_PROPERTY,)
            yield Function(public_name(child.attribute), (SELF,), kind, (return_(made),), docstring, decorators=cached)


# --- the constructor -------------------------------------------------------------------------------------------------


def _variable(variable: ServerVariable) -> Argument:
    """A part of the service's address. A value that the document does not list may exist by now."""
    known = [indexed(Symbol("typing", "Literal").code, *map(value, variable.values))] if variable.values else []
    return Argument(public_name(variable.name), union(*known, builtin("str")), value(variable.default), kind="keyword")


def constructor(api: Api, colour: Colour, view: View, bound: tuple[Parameter, ...] = ()) -> Function:
    """``(endpoint, credential, *, api_version, transport, **options)``: python-client-constructor-form.

    A child client takes what it is bound to after the endpoint (client-hier-creation).
    """
    needs = needs_credential(api)
    # An argument with a default cannot stand before one without, and a forgotten credential should be seen first.
    has_default = api.endpoint.startswith(("http://", "https://")) and not needs and not bound
    endpoint = value(api.template) if has_default else None
    package = formatted(f"{api.distribution}/", colour.sibling("_version", "VERSION").code)
    arguments = (
        SELF,
        Argument("endpoint", builtin("str"), endpoint),
        *(Argument(public_name(item.name), view.annotation(item.shape, given=True)) for item in bound),
        Argument("credential", credential_type(api, colour), None if needs else NONE),
        *(_variable(item) for item in api.variables),
        Argument("api_version", builtin("str"), default_version(api), kind="keyword"),
        Argument("transport", union(colour.transport.code, NONE), NONE, kind="keyword"),
        options_argument("ClientOptions"),
    )
    kept: dict[str, Code] = {"bound": dictionary({item.name: local(item.name) for item in bound})} if bound else {}
    variables: dict[str | int, Code] = {item.wire_name: local(item.name) for item in api.variables}
    if version := api.api_version.variable:
        variables[version] = local("api_version")
    if variables:
        kept["endpoint_variables"] = dictionary(variables)
    start = call(
        attribute(call(builtin("super")), "__init__"),
        local("endpoint"),
        local("credential"),
        authentication=attribute(colour.sibling("_operations").code, "AUTHENTICATION"),
        api_version=spoken_version(api, colour),
        package=package,
        transport=local("transport"),
        settings=_settings(api),
        **kept,
    )
    return Function("__init__", arguments, NONE, (Evaluate(start),))
