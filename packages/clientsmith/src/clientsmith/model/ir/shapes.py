"""Shapes: what values look like. Models and enums have names, and are referred to by `Ref`, so that they may recur."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

__all__ = [
    "UNCONSTRAINED",
    "AnyShape",
    "Array",
    "Binary",
    "Constraints",
    "Enum",
    "EnumMember",
    "Literal",
    "Map",
    "Model",
    "NamedShape",
    "Nullable",
    "Property",
    "Ref",
    "Scalar",
    "ScalarKind",
    "Shape",
    "Spelling",
    "Union",
    "Xml",
]


class ScalarKind(StrEnum):
    """The scalar types that have a Python type of their own."""

    STRING = "str"
    INTEGER = "int"
    NUMBER = "float"
    BOOLEAN = "bool"
    NULL = "None"
    DATETIME = "datetime.datetime"
    DATE = "datetime.date"
    TIME = "datetime.time"
    DURATION = "datetime.timedelta"
    BYTES = "bytes"  # base64 in JSON
    UUID = "uuid.UUID"
    DECIMAL = "decimal.Decimal"


class Spelling(StrEnum):
    """How a value travels where its kind has more than one way."""

    USUAL = ""  # RFC 3339 for times, base64 for bytes, digits as text for decimals, numbers for integers
    HTTP_DATE = "http-date"  # Sun, 06 Nov 1994 08:49:37 GMT
    UNIX_SECONDS = "unix-seconds"
    BASE64URL = "base64url"
    NUMBER = "number"  # a decimal as a JSON number
    TEXT = "text"  # an integer as text: more than 53 bits do not get through every JSON parser


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, number, boolean, date …; ``format`` is the document's word, kept for docs and checks."""

    kind: ScalarKind
    format: str = ""
    spelling: Spelling = Spelling.USUAL


@dataclass(frozen=True, slots=True)
class Ref:
    """A named shape, by the JSON pointer of its schema: look it up in `Api.shapes`."""

    pointer: str


@dataclass(frozen=True, slots=True)
class Array:
    item: Shape


@dataclass(frozen=True, slots=True)
class Map:
    """An object with arbitrary keys."""

    value: Shape


@dataclass(frozen=True, slots=True)
class Nullable:
    """A shape that may also be null."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class Union:
    """One of several shapes. ``tag`` is the wire name of the discriminating property, "" where there is none.

    ``mapping`` pairs each value of the tag with the member it means, in the document's order; () without a tag.
    """

    members: tuple[Shape, ...]
    tag: str = ""
    mapping: tuple[tuple[str, Shape], ...] = ()


@dataclass(frozen=True, slots=True)
class Literal:
    """Exactly this value: ``const``, or an inline enum of one, which is how older documents say it."""

    value: Any


@dataclass(frozen=True, slots=True)
class Binary:
    """Raw bytes as a whole body: an image, an archive; not base64."""


@dataclass(frozen=True, slots=True)
class AnyShape:
    """Any JSON value: the schema says nothing, or says what we have no type for (then there is a finding)."""


Shape: TypeAlias = Scalar | Ref | Array | Map | Nullable | Union | Literal | Binary | AnyShape


@dataclass(frozen=True, slots=True)
class Constraints:
    """Which values of a shape the service allows. It is the service that checks them; a client only documents them."""

    minimum: float | None = None
    exclusive_minimum: float | None = None
    maximum: float | None = None
    exclusive_maximum: float | None = None
    multiple_of: float | None = None
    min_length: int | None = None  # characters
    max_length: int | None = None
    pattern: str = ""
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False
    items: Constraints | None = None  # of each item of a list


UNCONSTRAINED: Final = Constraints()


@dataclass(frozen=True, slots=True)
class Xml:
    """Where a property, or a model, stands in XML and under which name (OpenAPI 3.1, XML Object); "" is the usual."""

    name: str = ""
    namespace: str = ""
    prefix: str = ""
    attribute: bool = False
    text: bool = False
    wrapped: bool = False
    item: str = ""  # the name of the items of a wrapped list


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a model."""

    wire_name: str
    shape: Shape
    required: bool = False
    read_only: bool = False
    write_only: bool = False
    deprecated: bool = False
    description: str = ""
    default: Any = None
    has_default: bool = False
    constraints: Constraints = UNCONSTRAINED
    called: str = ""  # what the document wants it to be called in code: `x-ms-client-name`
    xml: Xml | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """An object with known properties. Fields that the document does not name are kept as they are."""

    pointer: str
    wire_name: str  # the schema's key or title: what the naming pass starts from
    properties: tuple[Property, ...]
    description: str = ""
    base: Ref | None = None
    tag: str = ""  # wire name of the discriminator, on the base
    tag_value: str = ""  # this child's value of it
    additional: Shape | None = None  # of the members that no property names, where the document types them
    additional_name: str = ""
    places: tuple[str, ...] = ()  # where else the document says the same, by pointer
    xml: Xml | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class EnumMember:
    wire_value: str | int
    description: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Enum:
    """An open enum: values that the document does not know pass through as they are."""

    pointer: str
    wire_name: str
    kind: ScalarKind  # STRING or INTEGER
    members: tuple[EnumMember, ...]
    description: str = ""
    name: str = ""
    places: tuple[str, ...] = ()  # as of a model


NamedShape: TypeAlias = Model | Enum
