"""The source of a package as syntax trees: what is defined where, and what a name stands for. Nothing is imported.

A module is parsed when a rule first looks into it, and once: a large client is mostly models that no rule asks about,
and looking for a word in a text is a hundred times faster than parsing it.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Final, TypeAlias

from .annotations import last_name

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
]

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
_CLASS: Final = re.compile(r"^[ \t]*class (\w+)[ \t]*(?:\(([^)]*)\))?[ \t]*:", re.MULTILINE)
_FUNCTION: Final = re.compile(r"^(?:async )?def (\w+)", re.MULTILINE)
_EMPTY: Final = ast.Module([], [])
_DEEPEST: Final = 40  # a name that leads on for longer leads in a circle


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
        for node in _statements_of(self.tree):
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


def ast_aliases(tree: ast.Module) -> Iterator[ast.alias]:
    """Yield what is imported from elsewhere, wherever in a module."""
    for node in _statements_of(tree):
        if isinstance(node, ast.ImportFrom):
            yield from node.names


def _statements_of(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield every statement below a node, without looking into expressions: those are nine tenths of a tree."""
    for block in ("body", "orelse", "finalbody", "handlers"):
        for each in getattr(node, block, ()):
            if isinstance(each, ast.stmt):
                yield each
            yield from _statements_of(each)


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


def decorators_of(function: Function) -> list[str]:
    """Return the last parts of the names of a function's decorators."""
    called = (each.func if isinstance(each, ast.Call) else each for each in function.decorator_list)
    return [last_name(ast.unparse(each)) for each in called]


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
        wanted = re.compile(pattern)
        return (module for module in self.modules.values() if wanted.search(module.text))

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
            for node in ast.walk(module.tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield module, node


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
    return tuple(ast.walk(function))


@cache
def attributes_in(function: ast.AST) -> frozenset[str]:
    """Return the names of the attributes that a function uses, of whatever it is."""
    return frozenset(node.attr for node in nodes_of(function) if isinstance(node, ast.Attribute))


def parameters_of(function: Function) -> list[ParameterSource]:
    """Return the parameters but for ``self`` and ``cls``, in their order."""
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
    return found


def _parameter(arg: ast.arg, kind: str, default: ast.expr | None) -> ParameterSource:
    return ParameterSource(arg.arg, "" if arg.annotation is None else ast.unparse(arg.annotation), kind, default, arg)
