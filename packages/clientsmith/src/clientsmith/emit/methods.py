"""What an operation becomes in a client: a method that both colours share, and that its constant must agree with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from clientsmith.emit.text import public_name
from clientsmith.model.ir import (
    Api,
    Body,
    Conditions,
    Location,
    Model,
    Operation,
    Parameter,
    Property,
    Shape,
    StreamKind,
)
from clientsmith.model.lookup import model_of, properties_of
from clientsmith.model.media import is_json
from clientsmith.model.passes.find_conditions import ETAG_PROPERTIES

__all__ = ["Kind", "Method", "methods_of"]


class Kind(Enum):
    """How a method calls its operation."""

    CALL = auto()
    LIST = auto()
    BEGIN = auto()
    EXISTS = auto()
    EVENTS = auto()
    LINES = auto()
    DOWNLOAD = auto()

    @property
    def is_read_later(self) -> bool:
        """Whether calling the method sends nothing yet, so that there is nothing to await in either colour."""
        return self in (Kind.LIST, Kind.EVENTS, Kind.LINES, Kind.DOWNLOAD)


_STREAMS: Final = {
    StreamKind.EVENTS: Kind.EVENTS,
    StreamKind.LINES: Kind.LINES,
    StreamKind.BYTES: Kind.DOWNLOAD,
}


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a client, without its colour. All names are those that the naming passes allocated."""

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
        if self.operation.stream is not None:
            return _STREAMS[self.operation.stream.kind]
        return Kind.EXISTS if self.operation.verb == "exists" else Kind.CALL

    @property
    def result(self) -> Shape | None:
        """The shape of what the caller gets: of an item for a list, of the final result for a poller."""
        stream = self.operation.stream
        return self.operation.returns if stream is None else stream.item

    @property
    def missing_is_success(self) -> bool:
        """Guideline: deleting what is gone already has succeeded. Cancelling it has not."""
        return self.operation.verb == "delete" and self.kind is Kind.CALL

    @property
    def parameters(self) -> dict[str, Parameter]:
        """Python name → parameter, in the order of the signature."""
        return {public_name(item.name): item for item in self.operation.parameters}

    @property
    def positional(self) -> dict[str, Parameter]:
        return {name: item for name, item in self.parameters.items() if item.location is Location.PATH}

    @property
    def keyword(self) -> dict[str, Parameter]:
        return {name: item for name, item in self.parameters.items() if item.location is not Location.PATH}

    @property
    def conditions(self) -> dict[str, bool]:
        """The arguments of a conditional request by name, and whether each is required; {} of any other."""
        conditions = self.operation.conditions
        if conditions is None:
            return {}
        found = {"etag": False, "match_condition": _needs_etag(conditions)} if conditions.compare_etags else {}
        times = ("If-Modified-Since", "If-Unmodified-Since")
        by_time = {name: name in conditions.required for name in times if name in conditions.headers}
        return found | {name.lower().replace("-", "_"): required for name, required in by_time.items()}

    @property
    def body(self) -> Body | None:
        return self.operation.body

    @property
    def body_name(self) -> str:
        return public_name(self.body.name) if self.body is not None else ""

    @property
    def body_model(self) -> Model | None:
        """The model of a JSON body that is one."""
        if self.body is None or not is_json(self.body.media_type):
            return None
        return model_of(self.body.shape, self.api.shapes)

    @property
    def body_has_etag(self) -> bool:
        """Whether the model of the body says which version it is."""
        return self.body is not None and bool(ETAG_PROPERTIES & properties_of(self.body.shape, self.api.shapes).keys())

    @property
    def sends_merge_patch(self) -> bool:
        """Whether the body says only what is to change (RFC 7396)."""
        return self.body is not None and self.body.media_type == "application/merge-patch+json"

    @property
    def flattened(self) -> dict[str, Property]:
        """Python name → the field of the body that this keyword argument sets (client-flatten-args)."""
        return {public_name(field.name): field.property for field in self.operation.body_fields}


def _needs_etag(conditions: Conditions) -> bool:
    return bool({"If-Match", "If-None-Match"} & set(conditions.required))


def methods_of(api: Api) -> list[Method]:
    """Every operation of the API as a method of its client, by name."""
    return sorted((Method(api, operation) for operation in api.operations), key=lambda method: method.name)
