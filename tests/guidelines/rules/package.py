"""A client package as the rules see it: its source, its two halves, their clients and the clients' methods."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from .guidelines import canonical
from .source import ClassSource, Function, Module, ParameterSource, Source, annotation_names, parameters_of

__all__ = ["ClientSource", "Colour", "Method", "OperationSource", "Package", "Side"]

_PAGERS = ("ItemPaged", "AsyncItemPaged")
_STREAMS = ("EventStream", "JsonLines", "ByteStream")
_POLLERS = ("LROPoller", "AsyncLROPoller")
_CONNECTION_ARGUMENTS = {"credential", "transport"}


class Colour(StrEnum):
    """Which half of a package: the one for plain calls or the one for ``await``."""

    SYNC = "sync"
    ASYNC = "aio"


@dataclass(frozen=True)
class OperationSource:
    """What ``_operations.py`` says about the operation behind a method, as far as it can be read.

    ``parameters`` are (location, name on the wire): ``("path", "petId")``. ``documented_errors`` are the statuses, or
    ``"default"``, whose body is a model.
    """

    name: str
    kind: str
    http_method: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    documented_errors: tuple[int | str, ...]


@dataclass(frozen=True)
class Method:
    """A public method of a client. ``overrides`` is what it takes the place of in a generated base."""

    name: str
    owner: ClassSource
    node: Function = field(repr=False)
    overrides: tuple[tuple[ClassSource, Function], ...] = field(repr=False, default=())

    @property
    def file(self) -> Path:
        return self.owner.module.file

    @property
    def returns(self) -> str:
        """The return annotation as written."""
        return ast.unparse(self.node.returns) if self.node.returns is not None else ""

    @property
    def is_async(self) -> bool:
        return isinstance(self.node, ast.AsyncFunctionDef)

    @property
    def parameters(self) -> list[ParameterSource]:
        return parameters_of(self.node)

    @property
    def docstring(self) -> str:
        return ast.get_docstring(self.node) or ""

    @property
    def returned_names(self) -> list[str]:
        """The last parts of the names in the return annotation."""
        return [name.rpartition(".")[2] for name in annotation_names(self.returns)]

    @property
    def is_pager(self) -> bool:
        return self.returned_names[:1] in [[name] for name in _PAGERS]

    @property
    def is_read_later(self) -> bool:
        """Whether the method returns what sends nothing before it is read: a pager or a stream."""
        return self.is_pager or self.returned_names[:1] in [[name] for name in _STREAMS]

    @property
    def is_poller(self) -> bool:
        return self.returned_names[:1] in [[name] for name in _POLLERS]

    @property
    def operation_names(self) -> list[str]:
        """The constants of ``_operations`` that the method uses, its overridden forms included."""
        bodies: list[Function] = [self.node, *(node for _, node in self.overrides)]
        return [
            node.attr
            for body in bodies
            for node in ast.walk(body)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "_operations"
        ]


@dataclass(frozen=True)
class ClientSource:
    """A client class with everything that it inherits within the package."""

    cls: ClassSource
    lineage: tuple[ClassSource, ...] = field(repr=False)
    outside: tuple[str, ...] = field(repr=False)

    @property
    def name(self) -> str:
        return self.cls.name

    @property
    def file(self) -> Path:
        return self.cls.module.file

    @cached_property
    def constructor(self) -> tuple[ClassSource, Function] | None:
        """The nearest ``__init__`` within the package."""
        found = ((cls, cls.own_functions["__init__"]) for cls in self.lineage if "__init__" in cls.own_functions)
        return next(found, None)

    @property
    def constructor_parameters(self) -> list[ParameterSource]:
        return parameters_of(self.constructor[1]) if self.constructor else []

    @cached_property
    def public_functions(self) -> Mapping[str, tuple[ClassSource, Function]]:
        """All public functions of the class and its bases within the package, the nearest of each name."""
        found: dict[str, tuple[ClassSource, Function]] = {}
        for cls in self.lineage:
            for name, node in cls.own_functions.items():
                if not name.startswith("_"):
                    found.setdefault(name, (cls, node))
        return found

    @cached_property
    def methods(self) -> Mapping[str, Method]:
        """The service methods: public, no class methods or properties, nothing that only vends another client."""
        found: dict[str, Method] = {}
        for name, (owner, node) in self.public_functions.items():
            if node.decorator_list or self.is_vending(name) or name == "close":
                continue
            above = tuple(
                (cls, cls.own_functions[name])
                for cls in self.lineage
                if cls is not owner and name in cls.own_functions and cls.own_functions[name] is not node
            )
            found[name] = Method(name, owner, node, above)
        return found

    @staticmethod
    def is_vending(name: str) -> bool:
        """Whether a method of this name hands out a child client."""
        return name.startswith("get_") and name.endswith("_client")


@dataclass(frozen=True)
class Side:
    """One half of a package, with the clients that its namespace exports."""

    package: Package
    colour: Colour

    @property
    def namespace(self) -> str:
        """The import name of this half."""
        root = self.package.import_name
        return root if self.colour is Colour.SYNC else f"{root}.aio"

    @property
    def module(self) -> Module | None:
        """The ``__init__`` of the namespace, None if there is no such half."""
        return self.package.source.modules.get(self.namespace)

    @property
    def file(self) -> Path:
        """Where a problem with the half as a whole is reported."""
        return self.module.file if self.module is not None else self.package.root_file

    @cached_property
    def clients(self) -> tuple[ClientSource, ...]:
        """The clients that users import from the namespace."""
        if self.module is None:
            return ()
        found = [self.package.source.resolve(self.module, name) for name in self.module.exports]
        clients = [self.package.client(cls) for cls in found if isinstance(cls, ClassSource)]
        return tuple(client for client in clients if client is not None)

    @cached_property
    def defined_clients(self) -> tuple[ClientSource, ...]:
        """Every client class with a public name that a module of this half defines, exported or not."""
        inner = f"{self.package.import_name}.aio"
        found: list[ClientSource] = []
        for cls in self.package.source.classes():
            is_inner = cls.module.name == inner or cls.module.name.startswith(f"{inner}.")
            client = self.package.client(cls)
            if client and is_inner == (self.colour is Colour.ASYNC) and not cls.name.startswith("_"):
                found.append(client)
        return tuple(found)

    @property
    def methods(self) -> list[tuple[ClientSource, Method]]:
        """Every service method of every client."""
        return [(client, method) for client in self.clients for method in client.methods.values()]


@dataclass(frozen=True)
class Package:
    """A client package on disk.

    Attributes:
        folder: The project, where ``pyproject.toml`` lies.
        import_name: Its import name.
        spec: The description of the service as loaded JSON, None if it is not known.
        waivers: Guideline id → why this package may break it.
    """

    folder: Path
    import_name: str
    spec: Mapping[str, Any] | None = field(default=None, repr=False)
    waivers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def source_folder(self) -> Path:
        """The folder that the import name is below."""
        return self.folder / "src"

    @cached_property
    def source(self) -> Source:
        return Source(self.source_folder, self.import_name)

    @property
    def root_file(self) -> Path:
        return self.source.modules[self.import_name].file

    @property
    def project_file(self) -> Path:
        return self.folder / "pyproject.toml"

    @cached_property
    def project(self) -> Mapping[str, Any]:
        """The ``[project]`` table of ``pyproject.toml``."""
        table: Mapping[str, Any] = tomllib.loads(self.project_file.read_text(encoding="utf-8"))["project"]
        return table

    def waiver_for(self, guideline: str) -> str | None:
        """Return why the package may break a guideline, None if it may not.

        Raises:
            ValueError: A waiver names no guideline: it would excuse nothing, and nobody would notice.
        """
        return {canonical(name): reason for name, reason in self.waivers.items()}.get(guideline)

    @cached_property
    def sides(self) -> Mapping[Colour, Side]:
        return {colour: Side(self, colour) for colour in Colour}

    def side(self, colour: Colour) -> Side:
        """Return one half."""
        return self.sides[colour]

    def client(self, cls: ClassSource) -> ClientSource | None:
        """Return the class as a client, None if it is not one: by its base, its name or its constructor."""
        lineage, outside = self.source.lineage(cls)
        client = ClientSource(cls, tuple(lineage), tuple(outside))
        names = {parameter.name for parameter in client.constructor_parameters}
        is_based_on_client = any(base.endswith("Client") for base in outside)
        if is_based_on_client or cls.name.endswith("Client") or names >= _CONNECTION_ARGUMENTS:
            return client
        return None

    @cached_property
    def operations(self) -> Mapping[str, OperationSource]:
        """What ``_operations.py`` defines, by name."""
        module = self.source.modules.get(f"{self.import_name}._operations")
        if module is None:
            return {}
        found = {name: _operation(name, node) for name, node in module.definitions.items()}
        return {name: operation for name, operation in found.items() if operation is not None}

    @cached_property
    def models(self) -> tuple[ClassSource, ...]:
        """The classes that are views of JSON objects."""
        return tuple(cls for cls in self.source.classes() if self._descends(cls, "Model"))

    @cached_property
    def enums(self) -> tuple[ClassSource, ...]:
        """The enumerations."""
        return tuple(cls for cls in self.source.classes() if self._descends(cls, "Enum", "StrEnum", "IntEnum", "Flag"))

    @cached_property
    def errors(self) -> tuple[ClassSource, ...]:
        """The exception types that the package defines."""
        return tuple(cls for cls in self.source.classes() if self._descends(cls, "Error", "Exception", suffix=True))

    def _descends(self, cls: ClassSource, *names: str, suffix: bool = False) -> bool:
        _, outside = self.source.lineage(cls)
        lasts = [base.rpartition(".")[2] for base in outside]
        return any(last.endswith(names) if suffix else last in names for last in lasts)

    def operation_of(self, method: Method) -> OperationSource | None:
        """Return the operation behind a method, None if it cannot be told."""
        return next((self.operations[name] for name in method.operation_names if name in self.operations), None)


def _operation(name: str, node: ast.stmt) -> OperationSource | None:
    call = getattr(node, "value", None)
    if not isinstance(call, ast.Call) or not ast.unparse(call.func).endswith("Operation") or len(call.args) < 2:
        return None
    http_method, path = (ast.literal_eval(argument) for argument in call.args[:2])
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    parameters, errors = _entries(keywords.get("parameters")), _entries(keywords.get("errors"))
    return OperationSource(
        name,
        ast.unparse(call.func),
        http_method,
        path,
        tuple(
            (ast.unparse(value.func), str(ast.literal_eval(value.args[0])))
            for _, value in parameters
            if isinstance(value, ast.Call)
        ),
        tuple(ast.literal_eval(key) for key, value in errors if isinstance(value, ast.Lambda)),
    )


def _entries(node: ast.expr | None) -> list[tuple[ast.expr, ast.expr]]:
    if not isinstance(node, ast.Dict):
        return []
    return [(key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None]
