"""What an operation becomes in a client: a method that both colours share, and that its constant must agree with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from clientsmith.emit.text import public_name
from clientsmith.model.ir import Api, Body, Location, Model, Operation, Parameter, Property, Shape
from clientsmith.model.lookup import model_of
from clientsmith.model.media import is_json

__all__ = ["Kind", "Method", "methods_of"]


class Kind(Enum):
    """How a method calls its operation."""

    CALL = auto()
    LIST = auto()
    BEGIN = auto()
    EXISTS = auto()


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
        return Kind.EXISTS if self.operation.verb == "exists" else Kind.CALL

    @property
    def result(self) -> Shape | None:
        """The shape of what the caller gets: of an item for a list, of the final result for a poller."""
        return self.operation.returns

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
    def flattened(self) -> dict[str, Property]:
        """Python name → the field of the body that this keyword argument sets (client-flatten-args)."""
        return {public_name(field.name): field.property for field in self.operation.body_fields}


def methods_of(api: Api) -> list[Method]:
    """Every operation of the API as a method of its client, by name."""
    return sorted((Method(api, operation) for operation in api.root.operations), key=lambda method: method.name)
