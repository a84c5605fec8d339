"""What annotations say: the types that they allow, however the union is written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from typing import Final

__all__ = ["alternatives", "annotation_names", "last_name", "types_of"]

_UNIONS: Final = frozenset({"Union", "Optional"})
# These say how a type is meant, and stand around it.
_WRAPPERS: Final = frozenset({"Annotated", "Required", "NotRequired", "Final", "ClassVar", "Awaitable", "Coroutine"})


def last_name(dotted: str) -> str:
    """Return the last part of a dotted name."""
    return dotted.rpartition(".")[2]


@cache
def _parsed(annotation: str) -> ast.expr | None:
    try:
        return ast.parse(annotation.strip(), mode="eval").body
    except SyntaxError:
        return None  # a comment in a string, "Foo or None": it names no type


def types_of(annotation: str) -> list[ast.expr]:
    """Return the types that an annotation joins by ``|``, ``Union`` or ``Optional``, quoted or not, with ``None``."""
    tree = _parsed(annotation) if annotation else None
    return list(_joined(tree)) if tree is not None else []


def _joined(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.BinOp(op=ast.BitOr()):
            yield from _joined(node.left)
            yield from _joined(node.right)
        case ast.Constant(value=str() as text):
            inner = _parsed(text)
            yield from _joined(inner) if inner is not None else ()
        case ast.Subscript() if (name := last_name(ast.unparse(node.value))) in _UNIONS | _WRAPPERS:
            arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            chosen = arguments if name in _UNIONS else arguments[-1:] if name == "Coroutine" else arguments[:1]
            for each in chosen:
                yield from _joined(each)
            if name == "Optional":
                yield ast.Constant(None)
        case _:
            yield node


@cache
def _alternatives(annotation: str) -> tuple[str, ...]:
    plain = (node.value if isinstance(node, ast.Subscript) else node for node in types_of(annotation))
    return tuple(last_name(ast.unparse(node)) for node in plain)


def alternatives(annotation: str) -> list[str]:
    """Return the last parts of the names that an annotation joins: ``["Pet", "Mapping", "None"]``."""
    return list(_alternatives(annotation))


@cache
def _annotation_names(annotation: str) -> tuple[str, ...]:
    names: list[str] = []
    pending: list[ast.AST] = list(types_of(annotation))
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.Name | ast.Attribute):
            names.append(ast.unparse(node))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names += _annotation_names(node.value)
        else:
            pending = [*ast.iter_child_nodes(node), *pending]
    return tuple(names)


def annotation_names(annotation: str) -> list[str]:
    """Return the dotted names in an annotation, in their order: ``["_models.Pet", "Mapping", "str", "Any"]``."""
    return list(_annotation_names(annotation))
