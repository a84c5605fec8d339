"""What an operation becomes in a client: a method that both colours share, and that its constant must agree with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Final

from clientsmith.core.settings import CallOptions, ListOptions, PollOptions
from clientsmith.emit.ancestry import all_properties, tag_of
from clientsmith.emit.text import public_name
from clientsmith.model.ir import (
    Api,
    Body,
    Group,
    Location,
    Model,
    Operation,
    PagingScheme,
    Parameter,
    Property,
    Ref,
    Shape,
)

__all__ = ["Kind", "Method", "is_json", "methods_of"]

# Names that a signature has already: a parameter of the service that is called so gets an underscore at its end.
_RESERVED: Final = frozenset(
    {"self", "options"}
    | set(CallOptions.__annotations__)
    | set(ListOptions.__annotations__)
    | set(PollOptions.__annotations__)
)


class Kind(Enum):
    """How a method calls its operation."""

    CALL = auto()
    LIST = auto()
    BEGIN = auto()
    EXISTS = auto()


@dataclass(frozen=True)
class Method:
    """A method of a client, without its colour."""

    api: Api
    operation: Operation

    @property
    def name(self) -> str:
        return public_name(self.operation.name)

    @property
    def constant(self) -> str:
        """The name of its constant in ``_operations.py``."""
        return self.name.upper()

    @property
    def kind(self) -> Kind:
        if self.operation.long_running is not None:  # before paging: a list that takes long to make is begun first
            return Kind.BEGIN
        if self.operation.paging is not None:
            return Kind.LIST
        return Kind.EXISTS if self.name.endswith("_exists") else Kind.CALL

    @property
    def result(self) -> Shape | None:
        """The shape of what the caller gets: of an item for a list, of the final result for a poller."""
        if self.operation.long_running is not None:
            return self.operation.long_running.result
        if self.operation.paging is not None:
            return self.operation.paging.item
        return self.operation.returns

    @property
    def missing_is_success(self) -> bool:
        """Guideline: deleting what is gone already has succeeded. Cancelling it has not."""
        return self.name.startswith("delete_")

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Python name → parameter: those of the path in its order, then the required ones, then the rest."""
        operation = self.operation
        parameters = [parameter for parameter in operation.parameters if not self._is_paged_away(parameter)]

        def order(parameter: Parameter) -> tuple[int, int]:
            if parameter.location is Location.PATH:
                return 0, operation.path.find(f"{{{parameter.wire_name}}}")
            return (1 if parameter.required else 2), 0

        names = _Names(_RESERVED)
        return {names.take(parameter.name): parameter for parameter in sorted(parameters, key=order)}

    @property
    def positional(self) -> dict[str, Parameter]:
        return {name: item for name, item in self.parameters.items() if item.location is Location.PATH}

    @property
    def keyword(self) -> dict[str, Parameter]:
        return {name: item for name, item in self.parameters.items() if item.location is not Location.PATH}

    @property
    def body(self) -> Body | None:
        return self.operation.body

    @cached_property
    def body_name(self) -> str:
        return _Names(_RESERVED | set(self.parameters)).take((self.body.name if self.body else "") or "body")

    @cached_property
    def merged_name(self) -> str:
        """The local variable for body and fields together."""
        return _Names(_RESERVED | set(self.parameters) | set(self.flattened) | {self.body_name}).take("body")

    @property
    def body_model(self) -> Model | None:
        """The model of a JSON body that is one."""
        if self.body is None or not is_json(self.body.media_type) or not isinstance(self.body.shape, Ref):
            return None
        named = self.api.shapes.get(self.body.shape.pointer)
        return named if isinstance(named, Model) else None

    @cached_property
    def flattened(self) -> dict[str, Property]:
        """The fields of the body that are keyword arguments of their own (client-flatten-args), for ``update_``.

        Fields that the service sets are not the caller's to give; one whose name the signature has already (the key of
        the item, often) can still be given in the model.
        """
        model = self.body_model
        if model is None or not self.name.startswith("update_"):
            return {}
        taken = _RESERVED | set(self.parameters) | {self.body_name}
        tag = tag_of(model, self.api.shapes)
        return {
            public_name(item.name): item
            for item in all_properties(model, self.api.shapes)
            if item.name not in taken and not item.read_only and item.wire_name != tag
        }

    def _is_paged_away(self, parameter: Parameter) -> bool:
        """Whether the pager fills the parameter: a token is given as ``continuation_token=``, and only to go on."""
        paging = self.operation.paging
        return (
            paging is not None
            and self.kind is Kind.LIST
            and paging.scheme is PagingScheme.TOKEN
            and parameter.location is Location.QUERY
            and parameter.wire_name == paging.parameter
            and not parameter.required
        )


class _Names:
    """Names of one signature. The naming pass made them unique; this keeps them apart from our own as well."""

    def __init__(self, taken: frozenset[str] | set[str]) -> None:
        self._taken = set(taken)

    def take(self, name: str) -> str:
        public_name(name)
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name


def methods_of(api: Api) -> list[Method]:
    """Every operation of the API as a method of its client, by name."""
    return sorted((Method(api, operation) for operation in _operations(api.root)), key=lambda method: method.name)


def _operations(group: Group) -> Iterator[Operation]:
    yield from group.operations
    for child in group.children:
        yield from _operations(child)


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON, by itself or by its suffix (RFC 6839)."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence in ("application/json", "text/json", "*/*") or essence.endswith("+json")
