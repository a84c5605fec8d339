"""The source of a package as syntax trees: what is defined where, and what a name stands for. Nothing is imported.

A module is parsed when a rule first looks into it, and once: a large client is mostly models that no rule asks about,
and looking for a word in a text is a hundred times faster than parsing it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from .modules import Module
from .trees import (
    Function,
    ParameterSource,
    ast_aliases,
    attributes_in,
    decorators_of,
    nodes_of,
    parameters_of,
    walk,
)

__all__ = [
    "ClassSource",
    "External",
    "Function",
    "Module",
    "ParameterSource",
    "Source",
    "ast_aliases",
    "attributes_in",
    "decorators_of",
    "nodes_of",
    "parameters_of",
    "walk",
]

_CLASS: Final = re.compile(r"^[ \t]*class (\w+)[ \t]*(?:\(([^)]*)\))?[ \t]*:", re.MULTILINE)
_FUNCTION: Final = re.compile(r"^(?:async )?def (\w+)", re.MULTILINE)
_DEEPEST: Final = 40  # a name that leads on for longer leads in a circle


@dataclass(frozen=True)
class External:
    """A name that comes from outside the package."""

    name: str


@dataclass(frozen=True)
class ClassSource:
    """A class of the package."""

    module: Module
    node: ast.ClassDef = field(repr=False)

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def is_public(self) -> bool:
        """Whether its own name has no underscore before it."""
        return not self.name.startswith("_")

    @cached_property
    def own_functions(self) -> Mapping[str, Function]:
        """The functions that stand in the class itself; of overloads the one that does the work."""
        return {n.name: n for n in self.node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}


class Source:
    """All modules of a package, by their dotted names.

    Args:
        folder: The folder that the import name is below.
        import_name: The package, dotted.
        without: Modules below it that are programs made of the library, and not judged.
    """

    def __init__(self, folder: Path, import_name: str, without: Sequence[str] = ()) -> None:
        self.folder, self.import_name = folder, import_name
        self.modules: dict[str, Module] = {}
        self._lineages: dict[ast.ClassDef, tuple[list[ClassSource], list[str]]] = {}
        self._resolved: dict[str, ClassSource | External | None] = {}
        self._mentioning: dict[str, tuple[Module, ...]] = {}
        root = folder.joinpath(*import_name.split("."))
        files = sorted(root.rglob("*.py")) if root.is_dir() else [root.with_suffix(".py")]
        for file in files:
            parts = file.relative_to(folder).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            inner = f"{name}.".removeprefix(f"{import_name}.")
            # Tests that lie within the package are no part of what it offers.
            if not inner.startswith(("tests.", "test.")) and not any(inner.startswith(f"{p}.") for p in without):
                self.modules[name] = Module(name, file)
        if import_name not in self.modules:
            raise FileNotFoundError(f"there is no package {import_name!r} below {folder}; check folder and import name")

    def mentioning(self, pattern: str) -> Iterator[Module]:
        """Yield the modules in whose text a regular expression is found: the others need not be parsed."""
        if pattern not in self._mentioning:
            wanted = re.compile(pattern)
            self._mentioning[pattern] = tuple(each for each in self.modules.values() if wanted.search(each.text))
        return iter(self._mentioning[pattern])

    @property
    def unreadable(self) -> list[Module]:
        """The modules among those looked at that are no source of this Python."""
        return [each for each in self.modules.values() if each.is_unreadable]

    def resolve(self, module: Module, name: str, depth: int = 0) -> ClassSource | External | None:
        """Return what a name in a module stands for: a class of the package, something external, or neither."""
        head, _, rest = name.partition(".")
        node = module.definitions.get(head)
        if isinstance(node, ast.ClassDef) and not rest:
            return ClassSource(module, node)
        for origin in module.replaced_by(head) if depth < _DEEPEST else ():
            other = self.modules.get(origin)
            if other is not None and head in other.exports and other is not module:
                return self.resolve(other, name, depth + 1)
        dotted = module.imports.get(head)
        if dotted is None:
            starred = (self._find(f"{origin}.{name}", depth + 1) for origin in module.starred)
            found = next((each for each in starred if isinstance(each, ClassSource)), None)
            return found if found is not None else External(name) if node is None else None
        return self._find(f"{dotted}.{rest}" if rest else dotted, depth + 1)

    def _find(self, dotted: str, depth: int) -> ClassSource | External | None:
        if dotted not in self._resolved:
            self._resolved[dotted] = self._found(dotted, depth)
        return self._resolved[dotted]

    def _found(self, dotted: str, depth: int) -> ClassSource | External | None:
        if not dotted.startswith(self.import_name + "."):
            return External(dotted)
        if dotted in self.modules or depth > _DEEPEST:
            return None
        # `package.module.Class`, or `package.module.Class.Inner`: the longest module that there is.
        owner, _, name = dotted.rpartition(".")
        while owner and owner not in self.modules:
            owner, _, more = owner.rpartition(".")
            name = f"{more}.{name}"
        module = self.modules.get(owner)
        return None if module is None else self.resolve(module, name, depth)

    def classes(self, pattern: str = r"(?m)^\s*class ") -> Iterator[ClassSource]:
        """Yield every class at the top of a module, of the modules whose text has the pattern."""
        for module in self.mentioning(pattern):
            for node in module.definitions.values():
                if isinstance(node, ast.ClassDef):
                    yield ClassSource(module, node)

    @cached_property
    def outline(self) -> tuple[tuple[Module, str, tuple[str, ...]], ...]:
        """Every class: its module, its name, and the last names in its bases; found by a pattern, nothing is parsed."""
        return tuple(
            (module, match[1], tuple(re.findall(r"\w+", match[2] or "")))
            for module in self.modules.values()
            for match in _CLASS.finditer(module.text)
        )

    @cached_property
    def derived(self) -> Mapping[str, tuple[tuple[Module, str], ...]]:
        """Name in the bases of a class → the classes that have it there."""
        found: dict[str, list[tuple[Module, str]]] = {}
        for module, name, bases in self.outline:
            for base in bases:
                found.setdefault(base, []).append((module, name))
        return {base: tuple(classes) for base, classes in found.items()}

    def descending(self, *names: str) -> Iterator[ClassSource]:
        """Yield the classes that have one of these names among the names of their bases, or of the bases of these."""
        pending, seen = list(names), set(names)
        found: dict[int, ClassSource] = {}
        while pending:
            for module, name in self.derived.get(pending.pop(), ()):
                node = module.definitions.get(name)
                if isinstance(node, ast.ClassDef):
                    found[id(node)] = ClassSource(module, node)
                if name not in seen:
                    seen.add(name)
                    pending.append(name)
        order = {name: index for index, name in enumerate(self.modules)}
        yield from sorted(found.values(), key=lambda cls: (order[cls.module.name], cls.node.lineno))

    def named(self, *names: str) -> Iterator[ClassSource]:
        """Yield the classes with one of these names at the top of their modules."""
        for module, name, _ in self.outline:
            node = module.definitions.get(name) if name in names else None
            if isinstance(node, ast.ClassDef):
                yield ClassSource(module, node)

    @cached_property
    def functions_by_name(self) -> Mapping[str, tuple[Module, ...]]:
        """Name of a function at the top of a module → the modules that have it; found by a pattern."""
        found: dict[str, list[Module]] = {}
        for module in self.modules.values():
            for name in _FUNCTION.findall(module.text):
                found.setdefault(name, []).append(module)
        return {name: tuple(modules) for name, modules in found.items()}

    def lineage(self, cls: ClassSource, _above: tuple[ast.ClassDef, ...] = ()) -> tuple[list[ClassSource], list[str]]:
        """Return the class and its bases within the package, nearest first, and the dotted names of those outside."""
        known = self._lineages.get(cls.node)
        if known is None:
            known = self._lineage(cls, _above)
            if not _above:
                self._lineages[cls.node] = known
        return list(known[0]), list(known[1])

    def _lineage(self, cls: ClassSource, _above: tuple[ast.ClassDef, ...]) -> tuple[list[ClassSource], list[str]]:
        inside, outside = [cls], list[str]()
        for base in cls.node.bases:
            plain = base.value if isinstance(base, ast.Subscript) else base
            found = self.resolve(cls.module, ast.unparse(plain))
            if isinstance(found, ClassSource) and found.node not in (*_above, cls.node):
                more_inside, more_outside = self.lineage(found, (*_above, cls.node))
                inside += more_inside
                outside += more_outside
            elif isinstance(found, External):
                outside.append(found.name)
        return inside, outside

    def functions(self, pattern: str = r"\bdef ") -> Iterator[tuple[Module, Function]]:
        """Yield every function, methods and nested ones included, of the modules whose text has the pattern."""
        for module in self.mentioning(pattern):
            for node in walk(module.tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield module, node
