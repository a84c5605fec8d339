"""What an operation becomes in a client: a method that both colours share, and that its constant must agree with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from clientsmith.emit.text import public_name
from clientsmith.model.ir import (
    Api,
    Body,
    Conditions,
    Group,
    Literal,
    Location,
    Model,
    Operation,
    Parameter,
    Property,
    Response,
    Shape,
    StreamKind,
)
from clientsmith.model.lookup import model_of, properties_of
from clientsmith.model.media import Format, format_of, is_by_fields
from clientsmith.model.operations import returned
from clientsmith.model.passes.find_conditions import ETAG_PROPERTIES

__all__ = ["Kind", "Method", "is_constant", "methods_in", "methods_of"]


class Kind(Enum):
    """How a method calls its operation."""

    CALL = auto()
    LIST = auto()
    BEGIN = auto()
    EXISTS = auto()
    EVENTS = auto()
    LINES = auto()
    DOWNLOAD = auto()
    HEADERS = auto()

    @property
    def is_read_later(self) -> bool:
        """Whether calling the method sends nothing yet, so that there is nothing to await in either colour."""
        return self in (Kind.LIST, Kind.EVENTS, Kind.LINES, Kind.DOWNLOAD)


_OF_MODELS: Final = (Format.JSON, Format.FORM, Format.MULTIPART, Format.XML)
_STREAMS: Final = {
    StreamKind.EVENTS: Kind.EVENTS,
    StreamKind.LINES: Kind.LINES,
    StreamKind.BYTES: Kind.DOWNLOAD,
}


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a client, without its colour. All names are those that the naming passes allocated.

    Attributes:
        api: What it is part of.
        operation: What it does.
        groups: The path to the class that has it, from below the root client; () on the root client itself.
    """

    api: Api
    operation: Operation
    groups: tuple[Group, ...] = ()

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
        if self.operation.header_fields:
            return Kind.HEADERS
        return Kind.EXISTS if self.operation.verb == "exists" else Kind.CALL

    @property
    def result(self) -> Shape | None:
        """The shape of what the caller gets: of an item for a list, of the final result for a poller."""
        stream = self.operation.stream
        return self.operation.returns if stream is None else stream.item

    @property
    def missing_is_success(self) -> bool:
        """Guideline: deleting what is gone already has succeeded. Cancelling it has not."""
        return self.operation.missing_is_success and self.kind is Kind.CALL

    @property
    def parameters(self) -> dict[str, Parameter]:
        """Python name → parameter, in the order of the signature."""
        return {public_name(item.name): item for item in self.operation.parameters}

    @property
    def bound(self) -> dict[str, Parameter]:
        """Python name → parameter of what the child client that has the method was made with."""
        return {public_name(item.name): item for group in self.groups for item in group.bound}

    @property
    def positional(self) -> dict[str, Parameter]:
        """The arguments that stand first: parameters of the path, without those that the client is bound to."""
        bound = self.bound
        of_path = {name: item for name, item in self.parameters.items() if item.location is Location.PATH}
        return {name: item for name, item in of_path.items() if name not in bound and not is_constant(item)}

    @property
    def keyword(self) -> dict[str, Parameter]:
        """The arguments that have names, among them what can have one value only, wherever that goes."""
        around = {*self.positional, *self.bound}
        return {name: item for name, item in self.parameters.items() if name not in around}

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
        """The body that the method takes as one argument; None where there is none, or it is given by its fields."""
        return None if self.gives_fields else self.operation.body

    @property
    def gives_fields(self) -> bool:
        """Whether the body is a form that is given by its `fields` alone, the required ones as required keywords."""
        operation = self.operation
        if operation.body is None or not operation.body_fields or operation.verb == "update":
            return False
        return is_by_fields(operation.body)

    @property
    def body_name(self) -> str:
        return public_name(self.body.name) if self.body is not None else ""

    @property
    def body_model(self) -> Model | None:
        """The model of a body that is one."""
        if self.body is None or format_of(self.body.media_type, self.body.shape) not in _OF_MODELS:
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
        """Python name → the field of the body that a keyword argument sets beside the whole (client-flatten-args)."""
        return {} if self.gives_fields else self.fields

    @property
    def fields(self) -> dict[str, Property]:
        """Python name → field of the body, of all that are keyword arguments."""
        return {public_name(field.name): field.property for field in self.operation.body_fields}

    @property
    def answers(self) -> dict[str, Shape | None]:
        """Media type → what the method gives back if it is asked for, the default first; {} if there is no choice."""
        if self.kind not in (Kind.CALL, Kind.DOWNLOAD):
            return {}
        responses = self.operation.responses
        choices = [response for response in responses if len(response.contents) > 1]
        types = dict.fromkeys(form.media_type for response in choices for form in response.contents)
        return {one: returned([_in_form(response, one) for response in responses]) for one in types}


def _in_form(response: Response, media_type: str) -> Response:
    form = next((form for form in response.contents if form.media_type == media_type), None)
    return response if form is None else replace(response, media_type=media_type, shape=form.shape)


def is_constant(parameter: Parameter) -> bool:
    """Whether the service requires a value and allows just one: nobody has to give it."""
    return parameter.required and isinstance(parameter.shape, Literal)


def _needs_etag(conditions: Conditions) -> bool:
    return bool({"If-Match", "If-None-Match"} & set(conditions.required))


def methods_of(api: Api) -> list[Method]:
    """Every operation of the API as a method: those of the root client first, then group by group, each by name."""
    return list(_methods_below(api, ()))


def methods_in(api: Api, path: tuple[Group, ...]) -> list[Method]:
    """The methods of one group, by name; of the root client for the path ()."""
    group = path[-1] if path else api.root
    return sorted((Method(api, operation, path) for operation in group.operations), key=lambda method: method.name)


def _methods_below(api: Api, path: tuple[Group, ...]) -> Iterator[Method]:
    yield from methods_in(api, path)
    for child in (path[-1] if path else api.root).groups:
        yield from _methods_below(api, (*path, child))
