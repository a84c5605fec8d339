"""Syntax trees: what is in one, and what a function takes. Nothing of the package around it is known here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias, cast

from .annotations import last_name

__all__ = [
    "Function",
    "ParameterSource",
    "ast_aliases",
    "attributes_in",
    "decorators_of",
    "nodes_of",
    "parameters_of",
    "statements_of",
    "walk",
]

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all below it, in the order of `ast.walk`, in half of its time."""
    pending: list[ast.AST] = [node]
    for each in pending:  # which grows meanwhile
        yield each
        for value in each.__dict__.values():
            if isinstance(value, ast.AST):
                pending.append(value)
            elif isinstance(value, list):
                pending += [item for item in cast("list[object]", value) if isinstance(item, ast.AST)]


def ast_aliases(tree: ast.Module) -> Iterator[ast.alias]:
    """Yield what is imported from elsewhere, wherever in a module."""
    for node in statements_of(tree):
        if isinstance(node, ast.ImportFrom):
            yield from node.names


def statements_of(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield every statement below a node, without looking into expressions: those are nine tenths of a tree."""
    for block in ("body", "orelse", "finalbody", "handlers"):
        for each in getattr(node, block, ()):
            if isinstance(each, ast.stmt):
                yield each
            yield from statements_of(each)


def decorators_of(function: Function) -> list[str]:
    """Return the last parts of the names of a function's decorators."""
    called = (each.func if isinstance(each, ast.Call) else each for each in function.decorator_list)
    return [last_name(ast.unparse(each)) for each in called]


@dataclass(frozen=True, slots=True)
class ParameterSource:
    """A parameter of a function. ``kind`` is one of positional, keyword, rest (``**``), many (``*``)."""

    name: str
    annotation: str
    kind: str
    default: ast.expr | None
    node: ast.arg

    @property
    def is_optional(self) -> bool:
        return self.default is not None


@cache
def nodes_of(function: ast.AST) -> tuple[ast.AST, ...]:
    """Return everything below a function or a class: many rules look at the same ones."""
    return tuple(walk(function))


@cache
def attributes_in(function: ast.AST) -> frozenset[str]:
    """Return the names of the attributes that a function uses, of whatever it is."""
    return frozenset(node.attr for node in nodes_of(function) if isinstance(node, ast.Attribute))


def parameters_of(function: Function) -> list[ParameterSource]:
    """Return the parameters but for ``self`` and ``cls``, in their order."""
    return list(_parameters(function))


@cache
def _parameters(function: Function) -> tuple[ParameterSource, ...]:
    spec = function.args
    positional = [*spec.posonlyargs, *spec.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(spec.defaults))
    defaults += spec.defaults
    found = [_parameter(arg, "positional", default) for arg, default in zip(positional, defaults, strict=True)]
    if found and found[0].name in ("self", "cls"):
        del found[0]
    if spec.vararg is not None:
        found.append(_parameter(spec.vararg, "many", None))
    found += [_parameter(a, "keyword", default) for a, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True)]
    if spec.kwarg is not None:
        found.append(_parameter(spec.kwarg, "rest", None))
    return tuple(found)


def _parameter(arg: ast.arg, kind: str, default: ast.expr | None) -> ParameterSource:
    return ParameterSource(arg.arg, "" if arg.annotation is None else ast.unparse(arg.annotation), kind, default, arg)
