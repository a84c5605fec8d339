"""``__all__``, as far as it can be told without running the module: lists, sums of them, and those of other modules."""

from __future__ import annotations

import ast
from collections.abc import Sequence

__all__ = ["Exports"]


class Exports:
    """Follows what a module does to its ``__all__``. One thing that is not understood, and nothing is known of it."""

    def __init__(self) -> None:
        self.line: int | None = None
        self.modules: list[str] = []  # as they are named here: ``from . import a`` … ``__all__ += a.__all__``
        self._names: list[str] | None = None
        self._is_lost = False

    def names(self) -> tuple[str, ...] | None:
        """Return the names, None where there is no ``__all__`` or it is not known."""
        return None if self._names is None or self._is_lost else tuple(dict.fromkeys(self._names))

    def read(self, statement: ast.stmt) -> bool:
        """Take note of a statement, and return whether it is about ``__all__``."""
        match statement:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                self._names, self.line = [], statement.lineno
                self._extend(value)
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.expr() as value):
                self._names, self.line = [], statement.lineno
                self._extend(value)
            case ast.AugAssign(target=ast.Name(id="__all__"), value=value):
                self._extend(value)
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id="__all__"), attr=method), args=[argument])
            ):
                self._call(method, argument)
            case _:
                return False
        return True

    def _call(self, method: str, argument: ast.expr) -> None:
        if method == "extend":
            self._extend(argument)
        elif method in ("append", "remove") and isinstance(argument, ast.Constant):
            names = self._names = self._names if self._names is not None else []
            name = str(argument.value)
            if method == "append":
                names.append(name)
            elif name in names:
                names.remove(name)
        else:
            self._is_lost = True

    def _extend(self, value: ast.expr) -> None:
        names = self._names = self._names if self._names is not None else []
        match value:
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                self._elements(elements, names)
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                self._extend(left)
                self._extend(right)
            case ast.Attribute(value=ast.Name(id=module), attr="__all__"):
                self.modules.append(module)
            case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted"), args=[inner]):
                self._extend(inner)
            case _:
                self._is_lost = True

    def _elements(self, elements: Sequence[ast.expr], names: list[str]) -> None:
        for element in elements:
            match element:
                case ast.Constant(value=str(name)):
                    names.append(name)
                case ast.Starred(value=value):
                    self._extend(value)
                case ast.Attribute(attr="__name__", value=ast.Name(id=name)):
                    names.append(name)
                case _:
                    self._is_lost = True
