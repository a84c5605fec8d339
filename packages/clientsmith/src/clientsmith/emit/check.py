"""Check generated files before they are written: they parse, and every name is bound, once, and used.

This is a net below the code model, not a type checker: it reads the syntax tree of the bytes as Python will read
them, so a coding comment or an unfinished string is seen too.
"""

from __future__ import annotations

import ast
import builtins
import gc
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from clientsmith.emit.errors import GeneratedCodeError

__all__ = ["Source", "check_files", "check_source"]

_ALWAYS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"}

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def check_files(files: Mapping[str, bytes]) -> None:
    """Check every Python file of a package, and that modules find in each other what they ask for.

    Raises:
        GeneratedCodeError: The first thing that is wrong.
    """
    with _no_collection():
        read = {path: check_source(path, source) for path, source in files.items() if path.endswith(".py")}
    provided = {path: source.provided for path, source in read.items()}
    for path, source in read.items():
        for statement in source.imports:
            if isinstance(statement, ast.ImportFrom) and statement.level:
                _check_relative_import(path, source, statement, provided)


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
    _check_scope(path, tree.body, _ALWAYS)
    read = _read(tree)
    _check_imports_used(path, read)
    return read


@contextmanager
def _no_collection() -> Generator[None]:
    """Keep the garbage collector from counting the nodes of syntax trees: half of the time, for nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(tree: ast.Module) -> Source:
    exported = list(_all(tree))
    read = Source({*_bound(tree.body), *exported}, [], set(), exported, {})
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                read.used.add(node.id)
        elif isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name):
                read.attributes.setdefault(node.value.id, {})[node.attr] = node.lineno
        elif isinstance(node, ast.Import | ast.ImportFrom):
            read.imports.append(node)
    return read


def _check_scope(path: str, body: list[ast.stmt], visible: frozenset[str]) -> None:
    """Check the names used in a module, class or function body, and then in the scopes inside it."""
    bound = list(_bound(body))
    definitions = Counter(node.name for node in body if isinstance(node, _Definition))
    for node in body:
        if isinstance(node, _Definition) and definitions[node.name] > 1:
            raise GeneratedCodeError(path, node.lineno, f"{node.name!r} is defined twice")
    here = visible.union(bound)
    for node in body:
        for inner in _expressions(node):
            _check_expression(path, inner, here)
    for definition in _definitions(body):
        if isinstance(definition, ast.ClassDef):
            _check_scope(path, definition.body, here)
        else:
            # Not exact (a method does not see the names of its class), but those names are public and symbols of
            # other modules never take them, so nothing slips through.
            _check_scope(path, definition.body, here.union(_arguments(path, definition.args)))


def _check_expression(path: str, node: ast.AST, visible: frozenset[str]) -> None:
    if isinstance(node, ast.Lambda):
        _check_expression(path, node.body, visible.union(_arguments(path, node.args)))
        return
    if isinstance(node, ast.ListComp):
        visible = visible.union(_targets(*(generator.target for generator in node.generators)))
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in visible:
        raise GeneratedCodeError(path, node.lineno, f"the name {node.id!r} is not bound")
    for child in ast.iter_child_nodes(node):
        _check_expression(path, child, visible)


def _expressions(node: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement that are evaluated in the scope where it stands."""
    if isinstance(node, ast.ClassDef):
        yield from (*node.bases, *node.keywords, *node.decorator_list)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from (*node.decorator_list, node.args, *([node.returns] if node.returns else []))
    else:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                yield from _expressions(child)
            elif isinstance(child, ast.ExceptHandler):
                yield from filter(None, [child.type])
                for statement in child.body:
                    yield from _expressions(statement)
            else:
                yield child


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
        yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _check_imports_used(path: str, source: Source) -> None:
    used = source.used.union(source.exported)
    for statement in source.imports:
        if getattr(statement, "module", "") != "__future__":
            for alias in statement.names:
                name = alias.asname or alias.name.partition(".")[0]
                if name not in used:
                    raise GeneratedCodeError(path, statement.lineno, f"{name!r} is imported and not used")


def _check_relative_import(
    path: str, source: Source, statement: ast.ImportFrom, provided: Mapping[str, set[str]]
) -> None:
    folder = PurePosixPath(path).parents[statement.level - 1]
    base = folder.joinpath(*(statement.module or "").split(".")) if statement.module else folder
    names = _module_names(base, provided)
    for alias in statement.names:
        inner = _module_names(base / alias.name, provided)
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
