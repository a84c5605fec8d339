"""The clients below the client: a module for each in each colour, and the base classes that give them constructors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from clientsmith.emit.client import constructor, ways_to
from clientsmith.emit.code import Symbol
from clientsmith.emit.colour import Colour
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.documentation import base_docstring, group_docstring
from clientsmith.emit.functions import method_functions
from clientsmith.emit.methods import methods_in
from clientsmith.emit.statements import Class, Module
from clientsmith.emit.text import one_line, public_name
from clientsmith.emit.types import View, through
from clientsmith.model.ir import Api, Group, Parameter

__all__ = ["bases_module", "group_module"]

_BASES: Final = "._bases"


def group_module(api: Api, module: str, path: tuple[Group, ...], colour: Colour, header: tuple[str, ...]) -> Module:
    """The module of the client class of a group in one colour."""
    colour, group = colour.in_group(module), path[-1]
    view = View(api.shapes, through(colour.sibling("models")))
    base = _base_name(path)
    methods = [one for method in methods_in(api, path) for one in method_functions(method, colour, view)]
    client = Class(
        public_name(group.name),
        (Symbol(_BASES, base).code,),
        (*ways_to(group, Symbol("..", "_groups"), view), *methods),
        group_docstring(api, path, base),
    )
    kind = "async" if colour.is_async else "sync"
    return Module(Docstring(f"The {kind} `{group.name}`"), (client,), header)


def bases_module(api: Api, groups: Mapping[str, tuple[Group, ...]], colour: Colour, header: tuple[str, ...]) -> Module:
    """One base class for all clients that are made with the same arguments."""
    colour = colour.in_group("")
    view = View(api.shapes, through(colour.sibling("models")))
    bases = {_base_name(path): _bound(path) for path in groups.values()}
    classes = tuple(
        Class(
            name,
            (colour.base.code,),
            (constructor(api, colour, view, bound),),
            base_docstring(api, bound, is_async=colour.is_async),
        )
        for name, bound in sorted(bases.items())
    )
    summary = f"How the clients of parts of {one_line(api.title)} are made"
    return Module(Docstring(summary), classes, header)


def _base_name(path: tuple[Group, ...]) -> str:
    """``Base``, or ``RepositoryBase`` for everything below a repository."""
    innermost = next((group.name for group in reversed(path) if group.bound), "")
    return f"{public_name(innermost).removesuffix('Client')}Base" if innermost else "Base"


def _bound(path: tuple[Group, ...]) -> tuple[Parameter, ...]:
    return tuple(item for group in path for item in group.bound)
