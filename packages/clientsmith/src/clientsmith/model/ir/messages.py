"""Messages: what a request takes and what an answer gives, by media type, whole or piece by piece."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .shapes import UNCONSTRAINED, Constraints, Property, Shape

__all__ = [
    "Body",
    "BodyField",
    "Content",
    "Encoding",
    "Link",
    "Location",
    "Parameter",
    "Response",
    "Stream",
    "StreamKind",
]


class Location(StrEnum):
    PATH = "path"
    QUERY = "query"
    HEADER = "header"
    COOKIE = "cookie"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A path, query, header or cookie parameter. ``style`` and ``explode`` as OpenAPI 3.1 defines them."""

    wire_name: str
    location: Location
    shape: Shape
    required: bool = False
    style: str = "form"
    explode: bool = True
    allow_reserved: bool = False
    as_json: bool = False  # travels as JSON text: ``content`` in place of ``schema``
    deprecated: bool = False
    description: str = ""
    default: Any = None
    has_default: bool = False
    example: str = ""  # of a simple value, as text: what stands there may be the only version that a document names
    constraints: Constraints = UNCONSTRAINED
    called: str = ""  # as of a property
    pointer: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one field of a form, or one part of a multipart body, is written (OpenAPI 3.1, Encoding Object)."""

    field: str  # wire name
    style: str = ""
    explode: bool = True
    allow_reserved: bool = False
    media_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()  # those whose value the document fixes


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent or answered in one media type; how it is read or written, `media.format_of` says."""

    media_type: str
    shape: Shape
    encodings: tuple[Encoding, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: the form that we prefer (JSON, then form, multipart, XML, text, bytes), and the ``others``.

    ``always`` has members of a JSON body that the method sends itself: ``stream``, where that asks for events.
    """

    media_type: str
    shape: Shape
    required: bool = True
    description: str = ""
    name: str = ""
    encodings: tuple[Encoding, ...] = ()
    others: tuple[Content, ...] = ()
    always: tuple[tuple[str, Any], ...] = ()

    @property
    def contents(self) -> tuple[Content, ...]:
        """All forms that the service takes, the preferred one first."""
        return (Content(self.media_type, self.shape, self.encodings), *self.others)


@dataclass(frozen=True, slots=True)
class BodyField:
    """A property of the body that the method takes as a keyword; ``name`` is its name in that signature."""

    property: Property
    name: str = ""


class StreamKind(StrEnum):
    EVENTS = "events"  # text/event-stream
    LINES = "lines"  # JSON lines, or a JSON text sequence
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Stream:
    """A body that is read piece by piece. Without an item the pieces are what the format has: events, bytes."""

    kind: StreamKind
    item: Shape | None = None
    done_data: str = ""  # the data of an event that is no item but the end: ``[DONE]``
    evidence: str = ""
    envelope: bool = False  # an item is the event, with its name and its data, and not the data alone
    resumable: bool = False  # the service takes `Last-Event-ID`: a stream that broke off goes on behind that event


@dataclass(frozen=True, slots=True)
class Link:
    """What a document says that one can do with an answer (OpenAPI's Link Object)."""

    name: str
    operation_id: str = ""
    operation_ref: str = ""  # a URI reference
    parameters: tuple[tuple[str, str], ...] = ()  # name, perhaps with its place before it, and runtime expression


@dataclass(frozen=True, slots=True)
class Response:
    """What one status answers: ``status`` is a number, ``4XX`` or ``default``; no shape means no body.

    Of several media types the first is the one that we ask for; the ``others`` can be asked for.
    """

    status: str
    description: str = ""
    media_type: str = ""
    shape: Shape | None = None
    headers: tuple[str, ...] = ()  # names
    versions: tuple[tuple[str, str], ...] = ()  # of the headers that are called a version: name and a value named
    stream: Stream | None = None
    others: tuple[Content, ...] = ()
    streams: tuple[tuple[str, Stream], ...] = ()  # of the others: media type and how it is read piece by piece
    links: tuple[Link, ...] = ()

    @property
    def contents(self) -> tuple[Content, ...]:
        """All forms that the body can have, () where there is none."""
        return () if self.shape is None else (Content(self.media_type, self.shape), *self.others)
