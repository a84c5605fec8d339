"""What callers get of a function that a well known decorator wraps, or that is a generator."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Final

__all__ = ["is_awaited", "returned"]

# The functions of contextlib: what the wrapped one yields, the result gives to ``with``.
_MANAGERS: Final = {
    "contextmanager": "AbstractContextManager",
    "asynccontextmanager": "AbstractAsyncContextManager",
}
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def is_awaited(node: ast.FunctionDef | ast.AsyncFunctionDef, decorators: Sequence[str]) -> bool:
    """Whether a call has to be awaited: that of an asynchronous generator gives the iterator at once (PEP 525)."""
    if not isinstance(node, ast.AsyncFunctionDef) or _manager(decorators):
        return False
    # A body is only looked at where its annotation leaves it open, and most say that they give something else.
    may_be_generator = node.returns is None or "Async" in ast.unparse(node.returns)
    return not (may_be_generator and _yields(node))


def returned(annotation: ast.expr | None, decorators: Sequence[str]) -> ast.expr | None:
    """Return the type that callers get: ``@contextmanager`` makes a context manager of ``Iterator[T]``."""
    manager = _manager(decorators)
    if not manager or not isinstance(annotation, ast.Subscript):
        return annotation
    inner = annotation.slice
    given = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
    name = ast.Name(manager, ast.Load())
    return ast.copy_location(ast.Subscript(ast.copy_location(name, annotation), given, ast.Load()), annotation)


def _manager(decorators: Sequence[str]) -> str:
    return next((_MANAGERS[last] for name in decorators if (last := name.rpartition(".")[2]) in _MANAGERS), "")


def _yields(node: ast.AsyncFunctionDef) -> bool:
    """Whether the body itself yields; functions inside of it are others."""
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Yield):
            return True
        if not isinstance(one, _SCOPES):
            waiting += ast.iter_child_nodes(one)
    return False
