"""Check generated files before they are written: they parse, and every name is bound, once, and used.

This is a net below the code model, not a type checker: it reads the syntax tree of the bytes as Python will read
them, so a coding comment or an unfinished string is seen too.
"""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, cast

from clientsmith.emit.errors import GeneratedCodeError
from clientsmith.openapi.collector import collector_paused

__all__ = ["Source", "check_files", "check_source"]

_ALWAYS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"}

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def check_files(files: Mapping[str, bytes], kept: Collection[str] = ()) -> None:
    """Check every Python file of a package, and that modules find in each other what they ask for.

    ``kept`` are the paths of files that stay what they are: they were checked when they were written.

    Raises:
        GeneratedCodeError: The first thing that is wrong.
    """
    with collector_paused():
        read = {path: check_source(path, source) for path, source in files.items() if path.endswith(".py")}
    provided = {path: source.provided for path, source in read.items()}
    for path, source in read.items():
        for statement in source.imports:
            if isinstance(statement, ast.ImportFrom) and statement.level:
                _check_relative_import(path, source, statement, provided, kept)


@dataclass(frozen=True, slots=True)
class Source:
    """What one walk over a file found.

    Attributes:
        provided: The names that other modules can import from it.
        imports: Every import statement.
        used: The names that are read.
        exported: The names in ``__all__``.
        attributes: Name → attributes that are read from it → line of the last such place.
    """

    provided: set[str]
    imports: list[ast.Import | ast.ImportFrom]
    used: set[str]
    exported: list[str]
    attributes: dict[str, dict[str, int]]


def check_source(path: str, source: bytes) -> Source:
    """Parse one file and check its names.

    Raises:
        GeneratedCodeError: It does not parse, a name is not bound, bound twice, or imported and not used.
    """
    try:
        tree = ast.parse(source, path)
    except (SyntaxError, ValueError) as error:
        raise GeneratedCodeError(path, getattr(error, "lineno", None) or 0, f"does not parse: {error}") from error
    exported = list(_all(tree))
    read = Source({*_bound(tree.body), *exported}, [], set(), exported, {})
    _Check(path, read).scope(tree.body, _ALWAYS)
    _check_imports_used(path, read)
    return read


@dataclass(frozen=True, slots=True)
class _Check:
    """One walk over a file: every name that is read is bound where it stands, and what is read is noted."""

    path: str
    read: Source

    def scope(self, body: list[ast.stmt], visible: frozenset[str]) -> None:
        """Check the names used in a module, class or function body, and then in the scopes inside it."""
        bound = list(_bound(body))
        definitions = Counter(node.name for node in body if isinstance(node, _Definition) and not _is_overload(node))
        for node in body:
            if isinstance(node, _Definition) and definitions[node.name] > 1:
                raise GeneratedCodeError(self.path, node.lineno, f"{node.name!r} is defined twice")
        here = visible.union(bound)
        for node in body:
            self.statement(node, here)
        for definition in _definitions(body):
            if isinstance(definition, ast.ClassDef):
                self.scope(definition.body, here)
            else:
                # Not exact (a method does not see the names of its class), but those names are public and symbols of
                # other modules never take them, so nothing slips through.
                self.scope(definition.body, here.union(_arguments(self.path, definition.args)))

    def statement(self, node: ast.stmt, visible: frozenset[str]) -> None:
        """Check what a statement evaluates in the scope where it stands."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            self.read.imports.append(node)
        elif isinstance(node, ast.ClassDef):
            for part in (*node.bases, *node.keywords, *node.decorator_list):
                self.expression(part, visible)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in (*node.decorator_list, node.args, *([node.returns] if node.returns else [])):
                self.expression(part, visible)
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.stmt):
                    self.statement(child, visible)
                elif isinstance(child, ast.ExceptHandler):
                    if child.type is not None:
                        self.expression(child.type, visible)
                    for statement in child.body:
                        self.statement(statement, visible)
                else:
                    self.expression(child, visible)

    def expression(self, node: ast.AST, visible: frozenset[str]) -> None:
        """Check the names in an expression: with a stack, since this is where the time goes."""
        waiting = [node]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Constant):
                continue
            if isinstance(node, ast.Name):
                self._name(node, visible)
                continue
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                self.read.attributes.setdefault(node.value.id, {})[node.attr] = node.lineno
            elif isinstance(node, ast.Lambda):
                self.expression(node.args, visible)
                self.expression(node.body, visible.union(_arguments(self.path, node.args)))
                continue
            elif isinstance(node, ast.ListComp):
                inner = visible.union(_targets(*(generator.target for generator in node.generators)))
                for part in (node.elt, *node.generators):
                    self.expression(part, inner)
                continue
            for name in _parts_of(type(node)):
                part = getattr(node, name)
                if isinstance(part, list):
                    waiting += [item for item in cast("list[ast.AST | None]", part) if item is not None]
                elif isinstance(part, ast.AST):
                    waiting.append(part)

    def _name(self, node: ast.Name, visible: frozenset[str]) -> None:
        if isinstance(node.ctx, ast.Load):
            if node.id not in visible:
                raise GeneratedCodeError(self.path, node.lineno, f"the name {node.id!r} is not bound")
            self.read.used.add(node.id)


def _is_overload(node: _Definition) -> bool:
    return any(isinstance(decorator, ast.Name) and decorator.id == "overload" for decorator in node.decorator_list)


# Fields of the syntax tree that hold texts and numbers, or say how a name is used.
_WITHOUT_NAMES: Final = frozenset({"ctx", "op", "ops", "attr", "arg", "id", "kind", "conversion", "is_async"})


_PARTS: dict[type[ast.AST], tuple[str, ...]] = {}


def _parts_of(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a node that hold nodes with names in them."""
    if kind not in _PARTS:
        _PARTS[kind] = tuple(name for name in kind._fields if name not in _WITHOUT_NAMES)
    return _PARTS[kind]


def _definitions(body: Iterable[ast.stmt]) -> Iterator[_Definition]:
    for node in body:
        if isinstance(node, _Definition):
            yield node
        elif isinstance(node, ast.If):
            yield from _definitions(node.body)


def _arguments(path: str, arguments: ast.arguments) -> list[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [item for item in (arguments.vararg, arguments.kwarg) if item]
    names = [item.arg for item in every]
    if len(set(names)) < len(names):
        raise GeneratedCodeError(path, every[0].lineno, f"an argument stands twice in {', '.join(names)}")
    return names


def _bound(body: Iterable[ast.stmt]) -> Iterator[str]:
    """The names that statements bind in their own scope."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Import() | ast.ImportFrom():
                yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
            case ast.Assign():
                yield from _targets(*node.targets)
            case ast.AnnAssign():
                yield from _targets(node.target)
            case ast.For() | ast.AsyncFor():
                yield from (*_targets(node.target), *_bound(node.body))
            case ast.With() | ast.AsyncWith():
                yield from _targets(*(item.optional_vars for item in node.items if item.optional_vars))
                yield from _bound(node.body)
            case ast.Try():
                yield from (handler.name for handler in node.handlers if handler.name)
                yield from _bound((*node.body, *(inner for handler in node.handlers for inner in handler.body)))
            case ast.If():
                yield from _bound((*node.body, *node.orelse))
            case _:  # nothing else that the code model writes binds a name
                pass


def _targets(*targets: ast.expr) -> Iterator[str]:
    for target in targets:
        if isinstance(target, ast.Name):
            yield target.id
        else:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _check_imports_used(path: str, source: Source) -> None:
    used = source.used.union(source.exported)
    for statement in source.imports:
        if getattr(statement, "module", "") != "__future__":
            for alias in statement.names:
                name = alias.asname or alias.name.partition(".")[0]
                is_export = alias.asname == alias.name and isinstance(statement, ast.ImportFrom)
                if name not in used and not is_export:
                    raise GeneratedCodeError(path, statement.lineno, f"{name!r} is imported and not used")


def _check_relative_import(
    path: str, source: Source, statement: ast.ImportFrom, provided: Mapping[str, set[str]], kept: Collection[str]
) -> None:
    folder = PurePosixPath(path).parents[statement.level - 1]
    base = folder.joinpath(*(statement.module or "").split(".")) if statement.module else folder
    names = _module_names(base, provided)
    for alias in statement.names:
        inner = _module_names(base / alias.name, provided)
        if f"{base / alias.name}.py" in kept or f"{base / alias.name}/__init__.py" in kept:
            continue
        if inner is None and names is not None and alias.name not in names:
            raise GeneratedCodeError(path, statement.lineno, f"{base} has no {alias.name!r}")
        for attribute, line in source.attributes.get(alias.asname or alias.name, {}).items():
            if inner is not None and attribute not in inner:
                raise GeneratedCodeError(path, line, f"{base / alias.name} has no {attribute!r}")


def _module_names(base: PurePosixPath, provided: Mapping[str, set[str]]) -> set[str] | None:
    """The names of a generated module or package, None where we did not generate it (`_patch`, `_version`)."""
    for path in (f"{base}.py", f"{base}/__init__.py"):
        if path in provided:
            return provided[path]
    return None


def _all(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(it, ast.Name) and it.id == "__all__" for it in node.targets):
            yield from ast.literal_eval(node.value)
