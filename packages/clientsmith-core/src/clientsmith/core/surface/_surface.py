"""The data, read once: plain classes over the JSON that the generator wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module, resources
from typing import Any, Final, Literal, Self, TypeAlias, cast

__all__ = ["Argument", "Effect", "Kind", "Operation", "Step", "Surface"]

Kind: TypeAlias = Literal["call", "list", "begin", "exists", "events", "lines", "download"]
Effect: TypeAlias = Literal["read", "write", "delete"]
Schema: TypeAlias = Mapping[str, Any]

_FILE: Final = "_surface.json"
_REFERENCE: Final = "#/$defs/"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a method.

    Attributes:
        name: In Python.
        place: ``client`` for what a child client is made with, else ``path``, ``query``, ``header``, ``cookie``,
            ``body`` or ``option``.
        schema: What it may be, as JSON Schema; references lead to `Surface.definitions`.
        required: Whether the method insists on it.
        description: The document's words.
        media_type: Of a body.
    """

    name: str
    place: str
    schema: Schema
    required: bool = False
    description: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step from a client to a child: a property, or a method that takes ``arguments``."""

    attribute: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of the client.

    Attributes:
        name: Of the method.
        steps: How its owner is reached from the client, () for the client itself.
        kind: What it gives: a value (``call``), a pager, a poller, True or False, a stream.
        effect: ``read`` changes nothing; ``delete`` takes something away.
        idempotent: Whether saying it twice does no more than once.
        http: Method and path, for people.
        summary, description: The document's words.
        deprecated: Whether the service wants it to be used no more.
        arguments: In the order of the signature, those of child clients first.
        returns: JSON Schema of what it gives (of one item, for pagers and streams), None for nothing.
        is_sized: Whether `results_per_page` says how many items a page has.
    """

    name: str
    steps: tuple[Step, ...]
    kind: Kind
    effect: Effect
    idempotent: bool
    http: str
    summary: str
    description: str
    deprecated: bool
    arguments: tuple[Argument, ...]
    returns: Schema | None
    is_sized: bool = False

    @property
    def group(self) -> tuple[str, ...]:
        """The names of the groups around it, as a command line shows them: ``("repository", "issues")``."""
        return tuple(_group_name(step.attribute) for step in self.steps)

    @property
    def body(self) -> Argument | None:
        return next((argument for argument in self.arguments if argument.place == "body"), None)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Return the operation that the generator wrote."""
        return cls(
            name=data["name"],
            steps=tuple(Step(each["attribute"], tuple(each.get("arguments", ()))) for each in data.get("steps", ())),
            kind=data.get("kind", "call"),
            effect=data.get("effect", "write"),
            idempotent=data.get("idempotent", False),
            http=data.get("http", ""),
            summary=data.get("summary", ""),
            description=data.get("description", ""),
            deprecated=data.get("deprecated", False),
            arguments=tuple(Argument(**each) for each in data.get("arguments", ())),
            returns=data.get("returns"),
            is_sized=data.get("is_sized", False),
        )


class Surface:
    """A client and all its methods.

    Attributes:
        package: Import name.
        distribution: What is installed.
        client: Name of the client class.
        title, version, description: Of the API.
        endpoint: Where the service usually is, "" if the document does not say.
        credentials: The kinds of credential that it takes: ``key``, ``token``, ``basic``.
        credential_required: Whether nothing goes without one.
        groups: What a group is about, by its names joined with blanks.
        definitions: Named schemas.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.package: str = data["package"]
        self.distribution: str = data["distribution"]
        self.client: str = data["client"]
        self.title: str = data.get("title", "")
        self.version: str = data.get("version", "")
        self.description: str = data.get("description", "")
        self.endpoint: str = data.get("endpoint", "")
        self.credentials: tuple[str, ...] = tuple(data.get("credentials", ()))
        self.credential_required: bool = data.get("credential_required", False)
        self.groups: Mapping[str, str] = data.get("groups", {})
        self.definitions: Mapping[str, Schema] = data.get("$defs", {})
        self._operations: Iterable[Mapping[str, Any]] = data.get("operations", ())

    @classmethod
    def load(cls, package: str) -> Self:
        """Return the surface of an installed client package.

        Raises:
            ModuleNotFoundError: There is no such package.
            FileNotFoundError: It was generated without a command line and without an MCP server.
        """
        return cls(json.loads(resources.files(package).joinpath(_FILE).read_bytes()))

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every method, in the order of the API's reference."""
        return tuple(Operation.of(each) for each in self._operations)

    def client_class(self, *, is_async: bool = False) -> type[Any]:
        """Import the client class, hand-finished or generated."""
        module = import_module(f"{self.package}.aio" if is_async else self.package)
        return cast("type[Any]", getattr(module, self.client))

    def resolved(self, schema: Schema) -> Schema:
        """Follow references until there is something to read; what cannot be found allows everything."""
        for _ in range(len(self.definitions) + 1):
            target = schema.get("$ref", "")
            if not target.startswith(_REFERENCE):
                return schema
            schema = self.definitions.get(target.removeprefix(_REFERENCE), {})
        return {}

    def needed_by(self, schemas: Iterable[Schema]) -> dict[str, Schema]:
        """Return the definitions that these schemas lead to, so that they can stand alone."""
        needed: dict[str, Schema] = {}
        waiting: list[Any] = list(schemas)
        while waiting:
            part = waiting.pop()
            if isinstance(part, Mapping):
                fields = cast("Mapping[str, Any]", part)
                target = fields.get("$ref")
                name = target.removeprefix(_REFERENCE) if isinstance(target, str) else ""
                if name in self.definitions and name not in needed:
                    needed[name] = self.definitions[name]
                    waiting.append(self.definitions[name])
                waiting += fields.values()
            elif isinstance(part, list):
                waiting += part
        return {name: needed[name] for name in sorted(needed)}


def _group_name(attribute: str) -> str:
    """``get_repository_client`` is the group ``repository``."""
    if attribute.startswith("get_") and attribute.endswith("_client"):
        return attribute.removeprefix("get_").removesuffix("_client")
    return attribute
