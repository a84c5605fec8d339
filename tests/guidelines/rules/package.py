"""A client package as the rules see it: its source, its two halves, their clients and the clients' methods."""

from __future__ import annotations

import ast
import random
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from clientsmith.model.names import snake_case

from .described import Described, Document
from .guidelines import canonical
from .source import ClassSource, Function, Module, ParameterSource, Source, annotation_names, parameters_of

if TYPE_CHECKING:
    from .samples import Example

__all__ = ["ClientSource", "Colour", "Method", "OperationSource", "Package", "Side"]

_PAGERS = ("ItemPaged", "AsyncItemPaged")
_STREAMS = tuple(f"{colour}{kind}" for colour in ("", "Async") for kind in ("EventStream", "JsonLines", "ByteStream"))
_POLLERS = ("LROPoller", "AsyncLROPoller")
_CONNECTION_ARGUMENTS = {"credential", "transport"}
_MOST_METHODS: Final = 60  # of one half of a package are called by each rule


class Colour(StrEnum):
    """Which half of a package: the one for plain calls or the one for ``await``."""

    SYNC = "sync"
    ASYNC = "aio"


@dataclass(frozen=True)
class OperationSource:
    """What ``_operations.py`` says about the operation behind a method, as far as it can be read.

    ``parameters`` are (location, name on the wire): ``("path", "petId")``, ``path_names`` the arguments that become part
    of the path. ``documented_errors`` are the statuses, or ``"default"``, whose body is a model.
    """

    name: str
    module: str
    kind: str
    http_method: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    path_names: tuple[str, ...]
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

    @cached_property
    def parameters(self) -> list[ParameterSource]:
        return parameters_of(self.node)

    @property
    def docstring(self) -> str:
        return ast.get_docstring(self.node) or ""

    @cached_property
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

    @cached_property
    def operation_names(self) -> list[tuple[str, str]]:
        """Module and constant of the operations that the method uses, its overridden forms included."""
        bodies: list[tuple[ClassSource, Function]] = [(self.owner, self.node), *self.overrides]
        return [
            (owner.module.imports.get("_operations", ""), node.attr)
            for owner, body in bodies
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
            if node.decorator_list or is_vending(node) or name == "close":
                continue
            above = tuple(
                (cls, cls.own_functions[name])
                for cls in self.lineage
                if cls is not owner and name in cls.own_functions and cls.own_functions[name] is not node
            )
            found[name] = Method(name, owner, node, above)
        return found

    @cached_property
    def vended(self) -> Mapping[str, tuple[ClassSource, Function]]:
        """The methods that hand out a child client made with arguments."""
        return {name: found for name, found in self.public_functions.items() if is_vending(found[1])}


def without_names(path: str) -> str:
    """Return a path template that can be compared: a parameter may have a better name in the package."""
    return re.sub(r"\{[^{}]*\}", "{}", path)


def is_vending(node: Function) -> bool:
    """Whether a method hands out a child client: by its name, and by what it returns, no model called so."""
    returned = ast.unparse(node.returns).strip("'\"") if node.returns is not None else ""
    is_named = node.name.startswith("get_") and node.name.endswith("_client")
    return is_named and not isinstance(node, ast.AsyncFunctionDef) and not returned.startswith(("_models.", "dict["))


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
            if self.package.is_only_base(cls):
                continue
            is_inner = cls.module.name == inner or cls.module.name.startswith(f"{inner}.")
            client = self.package.client(cls)
            if client and is_inner == (self.colour is Colour.ASYNC) and not cls.name.startswith("_"):
                found.append(client)
        return tuple(found)

    @cached_property
    def methods(self) -> list[tuple[ClientSource, Method]]:
        """Every service method of every client."""
        return [(client, method) for client in self.clients for method in client.methods.values()]

    @cached_property
    def callers(self) -> Mapping[str, tuple[tuple[ClientSource, Method, str], ...]]:
        """The methods by HTTP method, each with the path that it calls, parameters without names; longest path first."""
        found: dict[str, list[tuple[ClientSource, Method, str]]] = {}
        for client, method in self.methods:
            operation = self.package.operation_of(method)
            if operation is not None:
                found.setdefault(operation.http_method, []).append((client, method, without_names(operation.path)))
        return {name: tuple(sorted(several, key=lambda each: -len(each[2]))) for name, several in found.items()}

    @cached_property
    def called(self) -> list[tuple[ClientSource, Method]]:
        """The service methods that rules call: all of them, or of very many a sample, the same one each time."""
        if len(self.methods) <= _MOST_METHODS:
            return self.methods
        chosen = random.Random(0).sample(range(len(self.methods)), _MOST_METHODS)
        return [self.methods[index] for index in sorted(chosen)]


@dataclass(frozen=True)
class Package:
    """A client package on disk.

    Attributes:
        folder: The project, where ``pyproject.toml`` lies.
        import_name: Its import name.
        spec: The description of the service as loaded JSON, None if it is not known.
        waivers: Guideline id → why this package may break it.
        document: The file that the package is generated from, None if somebody wrote it.
        examples: Calls of methods that somebody wrote, by their names.
        programs: Modules, below the import name, that are programs made of the library: a command line. They are not
            judged.
    """

    folder: Path
    import_name: str
    spec: Mapping[str, Any] | None = field(default=None, repr=False)
    waivers: Mapping[str, str] = field(default_factory=dict, repr=False)
    document: Path | None = None
    programs: tuple[str, ...] = ()
    examples: Mapping[str, Example] = field(default_factory=dict, repr=False)

    @cached_property
    def described(self) -> Document | None:
        """What the document says of the methods."""
        return Document(self.document) if self.document is not None else None

    @property
    def source_folder(self) -> Path:
        """The folder that the import name is below."""
        return self.folder / "src"

    @cached_property
    def source(self) -> Source:
        return Source(self.source_folder, self.import_name, self.programs)

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
        if {base.rpartition(".")[2] for base in outside} & {"Model", "Enum"}:
            return None  # what the service calls a client is data
        is_based_on_client = any(base.endswith("Client") for base in outside)
        if is_based_on_client or cls.name.endswith("Client") or names >= _CONNECTION_ARGUMENTS:
            return client
        return None

    @cached_property
    def operations(self) -> Mapping[tuple[str, str], OperationSource]:
        """What the modules called ``_operations``, or below one, define: by module and name."""
        found: dict[tuple[str, str], OperationSource] = {}
        for module in self.source.modules.values():
            if "_operations" in module.name.split("."):
                shared = {name: getattr(node, "value", None) for name, node in module.definitions.items()}
                for name, node in module.definitions.items():
                    operation = _operation(module.name, name, node, shared)
                    if operation is not None:
                        found[module.name, name] = operation
        return found

    def is_only_base(self, cls: ClassSource) -> bool:
        """Whether a class only says how those derived from it are made: no client for users."""
        return cls.node in self._bases and cls.own_functions.keys() <= {"__init__"}

    @cached_property
    def _bases(self) -> frozenset[ast.ClassDef]:
        return frozenset(
            above.node for cls in self.source.classes() for above in self.source.lineage(cls)[0] if above != cls
        )

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

    def said_of(self, client: ClientSource, method: Method) -> Described | None:
        """Return what the document says of a method, None where it is not known, or somebody wrote the method."""
        return self.described.method(client.name, method.name) if self.described is not None else None

    def calls_itself(self, client: ClientSource, method: Method) -> bool:
        """Whether the verb of a method is the word of the service: that of the operation's id."""
        described = self.said_of(client, method)
        verb = method.name.removeprefix("begin_").split("_")[0]
        return described is not None and verb in snake_case(described.operation.operation_id).split("_")

    def operation_of(self, method: Method) -> OperationSource | None:
        """Return the operation behind a method, None if it cannot be told."""
        return next((self.operations[name] for name in method.operation_names if name in self.operations), None)


def _operation(module: str, name: str, node: ast.stmt, shared: Mapping[str, ast.expr | None]) -> OperationSource | None:
    call = getattr(node, "value", None)
    if not isinstance(call, ast.Call) or not ast.unparse(call.func).endswith("Operation") or len(call.args) < 2:
        return None
    http_method, path = (ast.literal_eval(argument) for argument in call.args[:2])
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    parameters, errors = (_entries(keywords.get(kind), shared) for kind in ("parameters", "errors"))
    located = [
        (str(ast.literal_eval(key)), ast.unparse(value.func), str(ast.literal_eval(value.args[0])))
        for key, value in parameters
        if isinstance(value, ast.Call)
    ]
    return OperationSource(
        name,
        module,
        ast.unparse(call.func),
        http_method,
        path,
        tuple((location, wire_name) for _, location, wire_name in located),
        tuple(python_name for python_name, location, _ in located if location == "path"),
        tuple(ast.literal_eval(key) for key, value in errors if isinstance(value, ast.Lambda)),
    )


def _entries(node: ast.expr | None, shared: Mapping[str, ast.expr | None]) -> list[tuple[ast.expr, ast.expr]]:
    """Return the entries of a mapping; a name, alone or after two stars, stands for a mapping that is shared."""
    if isinstance(node, ast.Name):
        node = shared.get(node.id)
    if not isinstance(node, ast.Dict):
        return []
    found: list[tuple[ast.expr, ast.expr]] = []
    for key, value in zip(node.keys, node.values, strict=True):
        found += _entries(value, shared) if key is None else [(key, value)]
    return found
