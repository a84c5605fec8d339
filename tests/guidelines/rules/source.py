"""The source of a package as syntax trees: what is defined where, and what a name stands for. Nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

__all__ = [
    "ClassSource",
    "External",
    "Function",
    "Module",
    "Source",
    "alternatives",
    "annotation_names",
    "parameters_of",
]

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file of the package. ``name`` is dotted and begins with the package's import name."""

    name: str
    file: Path
    tree: ast.Module = field(repr=False)

    @cached_property
    def definitions(self) -> Mapping[str, ast.stmt]:
        """What the module itself defines: classes, functions and assigned names."""
        found: dict[str, ast.stmt] = {}
        for node in self.tree.body:
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
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.split(".")[0]] = (
                        alias.name if alias.asname else alias.name.split(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                origin = self._origin(node)
                found.update({alias.asname or alias.name: f"{origin}.{alias.name}" for alias in node.names})
        return found

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        here = self.name.split(".")
        if self.file.name != "__init__.py":
            here = here[:-1]
        here = here[: len(here) - node.level + 1]
        return ".".join([*here, *([node.module] if node.module else [])])

    @cached_property
    def exports(self) -> tuple[str, ...]:
        """The names in ``__all__``; where it is not written out, those imported as themselves, as type checkers do."""
        node = self.definitions.get("__all__")
        if node is None:
            return tuple(self._imported_as_themselves())
        listed = getattr(node, "value", None)
        if not isinstance(listed, ast.List | ast.Tuple):
            return ()
        return tuple(str(item.value) for item in listed.elts if isinstance(item, ast.Constant))

    def spelt_out(self, annotation: str) -> str:
        """Return an annotation with what a name of the module for several types stands for."""
        return self._aliases.get(annotation.removesuffix(" | None"), annotation)

    @cached_property
    def _aliases(self) -> Mapping[str, str]:
        """Names for several types: ``Credential = BasicCredential | KeyCredential``, for type checkers alone as well."""
        blocks = [self.tree.body, *(node.body for node in self.tree.body if isinstance(node, ast.If))]
        return {
            target.id: ast.unparse(node.value)
            for node in (node for block in blocks for node in block if isinstance(node, ast.Assign))
            for target in node.targets
            if isinstance(target, ast.Name) and isinstance(node.value, ast.BinOp)
        }

    def _imported_as_themselves(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                yield from (alias.name for alias in node.names if alias.asname == alias.name)


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
    def own_functions(self) -> Mapping[str, Function]:
        """The functions that stand in the class itself."""
        return {n.name: n for n in self.node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}


class Source:
    """All modules of a package, by their dotted names."""

    def __init__(self, folder: Path, import_name: str, without: Sequence[str] = ()) -> None:
        self.folder, self.import_name = folder, import_name
        root = folder.joinpath(*import_name.split("."))
        self.modules: dict[str, Module] = {}
        for file in sorted(root.rglob("*.py")):
            parts = file.relative_to(folder).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if any(f"{name}.".startswith(f"{import_name}.{program}.") for program in without):
                continue
            self.modules[name] = Module(name, file, ast.parse(file.read_text(encoding="utf-8")))
        if import_name not in self.modules:
            raise FileNotFoundError(f"there is no package {import_name!r} below {folder}; check folder and import name")

    def resolve(self, module: Module, name: str) -> ClassSource | External | None:
        """Return what a name in a module stands for: a class of the package, something external, or neither."""
        head, _, rest = name.partition(".")
        node = module.definitions.get(head)
        if isinstance(node, ast.ClassDef) and not rest:
            return ClassSource(module, node)
        dotted = module.imports.get(head)
        if dotted is None:
            return External(name) if node is None else None
        return self._find(f"{dotted}.{rest}" if rest else dotted)

    def _find(self, dotted: str) -> ClassSource | External | None:
        if not dotted.startswith(self.import_name + "."):
            return External(dotted)
        if dotted in self.modules:
            return None
        owner, _, name = dotted.rpartition(".")
        module = self.modules.get(owner)
        return None if module is None else self.resolve(module, name)

    def classes(self) -> Iterator[ClassSource]:
        """Yield every class at the top of a module."""
        for module in self.modules.values():
            for node in module.definitions.values():
                if isinstance(node, ast.ClassDef):
                    yield ClassSource(module, node)

    def lineage(self, cls: ClassSource) -> tuple[list[ClassSource], list[str]]:
        """Return the class and its bases within the package, nearest first, and the dotted names of those outside."""
        inside, outside = [cls], []
        for base in cls.node.bases:
            found = self.resolve(cls.module, ast.unparse(_without_subscript(base)))
            if isinstance(found, ClassSource):
                more_inside, more_outside = self.lineage(found)
                inside += more_inside
                outside += more_outside
            elif isinstance(found, External):
                outside.append(found.name)
        return inside, outside

    def functions(self) -> Iterator[tuple[Module, Function]]:
        """Yield every function of the package, methods and nested ones included."""
        for module in self.modules.values():
            for node in ast.walk(module.tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield module, node


def _without_subscript(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node


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


def alternatives(annotation: str) -> list[str]:
    """Return the last parts of the names that an annotation joins by ``|``: ``["Pet", "Mapping", "None"]``."""
    if not annotation:
        return []
    pending: list[ast.expr] = [ast.parse(annotation, mode="eval").body]
    found: list[str] = []
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.BinOp):
            pending = [node.left, node.right, *pending]
        else:
            found.append(ast.unparse(_without_subscript(node)).rpartition(".")[2])
    return found


def annotation_names(annotation: str) -> list[str]:
    """Return the dotted names in an annotation: ``["_models.Pet", "Mapping", "str", "Any"]``."""
    if not annotation:
        return []
    tree = ast.parse(annotation, mode="eval").body
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        return annotation_names(tree.value)
    names: list[str] = []
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.Name | ast.Attribute):
            names.append(ast.unparse(node))
        else:
            pending = [*ast.iter_child_nodes(node), *pending]
    return names
