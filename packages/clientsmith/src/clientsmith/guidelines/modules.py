"""One file of a package: its syntax tree, what it defines, imports and exports."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from .annotations import last_name
from .trees import ast_aliases, statements_of

__all__ = ["Module"]

_EMPTY: Final = ast.Module([], [])


@dataclass(frozen=True)
class Module:
    """One file of the package. ``name`` is dotted and begins with the package's import name."""

    name: str
    file: Path

    @cached_property
    def text(self) -> str:
        """The source; what is no UTF-8 in it is replaced, since it can only stand in texts and comments."""
        return self.file.read_text(encoding="utf-8-sig", errors="replace")

    @cached_property
    def _parsed(self) -> ast.Module | None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about escapes in other people's texts
                return ast.parse(self.text)
        except (SyntaxError, ValueError, RecursionError):
            return None

    @property
    def tree(self) -> ast.Module:
        """The syntax tree, an empty one where the file is not of this Python: see `is_unreadable`."""
        return self._parsed or _EMPTY

    @property
    def is_unreadable(self) -> bool:
        """Whether a rule has looked into the file, and it could not be parsed."""
        return "_parsed" in vars(self) and self._parsed is None

    @property
    def is_public(self) -> bool:
        """Whether no part of its name begins with an underscore."""
        return "._" not in f".{self.name}"

    @cached_property
    def _statements(self) -> tuple[ast.stmt, ...]:
        """The statements at the top, those below an ``if`` or ``try`` there included."""
        return tuple(_at_the_top(self.tree.body))

    @cached_property
    def definitions(self) -> Mapping[str, ast.stmt]:
        """What the module itself defines: classes, functions and assigned names."""
        found: dict[str, ast.stmt] = {}
        for node in self._statements:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found[node.name] = node
            elif isinstance(node, ast.Assign):
                found.update({target.id: node for target in node.targets if isinstance(target, ast.Name)})
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found[node.target.id] = node
        return found

    @cached_property
    def imports(self) -> Mapping[str, str]:
        """Local name → the dotted name that it stands for, wherever in the module it is imported."""
        found: dict[str, str] = {}
        for node in statements_of(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.split(".")[0]
                    found[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom):
                origin = self.origin(node)
                found.update({alias.asname or alias.name: f"{origin}.{alias.name}" for alias in node.names})
        return found

    @cached_property
    def starred(self) -> tuple[str, ...]:
        """The modules of which everything is imported."""
        return tuple(self._starred)

    @cached_property
    def _starred(self) -> Mapping[str, int]:
        return {
            self.origin(node): node.lineno
            for node in self._statements
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        }

    def replaced_by(self, name: str) -> tuple[str, ...]:
        """Return the modules that may put another thing in the place of an imported name: ``from ._patch import *``."""
        if not self._starred:
            return ()
        lines = [
            node.lineno
            for node in self._statements
            if isinstance(node, ast.ImportFrom) and any((each.asname or each.name) == name for each in node.names)
        ]
        return tuple(module for module, line in self._starred.items() if lines and line > min(lines))

    def origin(self, node: ast.ImportFrom) -> str:
        """Return the dotted name of the module that an import is from."""
        if not node.level:
            return node.module or ""
        here = self.name.split(".")
        if self.file.name != "__init__.py":
            here = here[:-1]
        here = here[: len(here) - node.level + 1]
        return ".".join([*here, *([node.module] if node.module else [])])

    @cached_property
    def says_exports(self) -> bool:
        """Whether ``__all__`` is written out."""
        return isinstance(getattr(self.definitions.get("__all__"), "value", None), ast.List | ast.Tuple)

    @cached_property
    def exports(self) -> tuple[str, ...]:
        """The names in ``__all__``, in their order; without one, the public names of the module.

        As type checkers do: what is defined here, and what is imported ``as`` itself. Where that is not the habit of
        the file, every public name imported at its top counts.
        """
        node = self.definitions.get("__all__")
        listed = getattr(node, "value", None)
        if isinstance(listed, ast.List | ast.Tuple):
            more = [*listed.elts, *self._added_to_all()]
            return tuple(str(item.value) for item in more if isinstance(item, ast.Constant))
        names = [name for name, node in self.definitions.items() if isinstance(node, ast.ClassDef)]
        imported = [alias for node in self._statements if isinstance(node, ast.ImportFrom) for alias in node.names]
        as_themselves = [alias.name for alias in ast_aliases(self.tree) if alias.asname == alias.name]
        names += as_themselves or [alias.asname or alias.name for alias in imported if alias.name != "*"]
        return tuple(dict.fromkeys(name for name in names if not name.startswith("_")))

    def _added_to_all(self) -> Iterator[ast.expr]:
        for node in self._statements:
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id == "__all__":
                yield from getattr(node.value, "elts", [])
            elif isinstance(node, ast.Expr) and ast.unparse(node.value).startswith("__all__.extend(["):
                yield from getattr(getattr(node.value, "args", [None])[0], "elts", [])

    def spelt_out(self, annotation: str) -> str:
        """Return an annotation with what a name of the module for several types stands for."""
        return self._aliases.get(annotation.removesuffix(" | None"), annotation)

    @cached_property
    def _aliases(self) -> Mapping[str, str]:
        """Names for several types, ``Credential = BasicCredential | KeyCredential``, also for type checkers alone."""
        return {
            target.id: ast.unparse(node.value)
            for node in self._statements
            if isinstance(node, ast.Assign) and _is_union(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }


def _is_union(value: ast.expr) -> bool:
    return isinstance(value, ast.BinOp) or (
        isinstance(value, ast.Subscript) and last_name(ast.unparse(value.value)) == "Union"
    )


def _at_the_top(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, ast.If):
            yield from _at_the_top([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            yield from _at_the_top([*node.body, *(each for handler in node.handlers for each in handler.body)])
