"""Media types: how a body in one of them is written and read, and which one a client prefers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from .ir import AnyShape, Binary, Body, Literal, Nullable, Scalar, ScalarKind, Shape

__all__ = [
    "Format",
    "charset_free",
    "choose_media_type",
    "essence",
    "format_of",
    "is_by_fields",
    "is_bytes",
    "is_events",
    "is_foreign",
    "is_json",
    "is_lines",
    "is_text",
    "is_usable",
    "is_xml",
    "rank",
    "spelling",
]


class Format(Enum):
    """How a body becomes a value, or a value a body."""

    JSON = auto()
    FORM = auto()
    MULTIPART = auto()
    XML = auto()
    EVENTS = auto()
    LINES = auto()
    TEXT = auto()
    BINARY = auto()


FORM_TYPE: Final = "application/x-www-form-urlencoded"
_LINES: Final = frozenset(
    {
        "application/jsonl",
        "application/x-ndjson",
        "application/ndjson",
        "application/x-jsonlines",
        "application/jsonlines",
        "application/json-seq",
    }
)
_TEXT: Final = (
    "text/",
    "application/csv",
    "application/yaml",
    "application/x-yaml",
    "application/javascript",
    "application/x-javascript",
    "application/graphql",
    "application/jwt",
    "application/sql",
)
# What JSON says as well, in a notation that Python has no reader for, or that is made for people.
_FOREIGN: Final = (
    "application/yaml",
    "application/x-yaml",
    "text/yaml",
    "text/x-yaml",
    "text/html",
    "application/javascript",
    "application/x-javascript",
    "text/javascript",
    "application/x-msgpack",
    "application/msgpack",
    "application/vnd.msgpack",
    "application/cbor",
    "application/x-json-smile",
    "application/protobuf",
    "application/x-protobuf",
    "application/vnd.google.protobuf",
    "application/vnd.kubernetes.protobuf",
)
_BYTES: Final = (
    "image/",
    "audio/",
    "video/",
    "font/",
    "application/octet-stream",
    "application/pdf",
    "application/zip",
    "application/gzip",
    "application/x-gzip",
    "application/x-tar",
)
# Other ways to write the same name.
_SPELLINGS: Final = {
    "text/json": "application/json",
    "application/x-json": "application/json",
    "application/*+json": "application/json",
    "text/x-json": "application/json",
    "text/xml": "application/xml",
    "application/*+xml": "application/xml",
    "multipart/x-www-form-urlencoded": FORM_TYPE,
}


@lru_cache(maxsize=1024)
def essence(media_type: str) -> str:
    """Return the type without its parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()


def charset_free(media_type: str) -> str:
    """Return the type as it is sent: in lower case, with its parameters, but for the charset that all have.

    >>> charset_free("Application/JSON; charset=UTF-8"), charset_free('application/json; profile="Camel"')
    ('application/json', 'application/json; profile="Camel"')
    """
    name, *parameters = media_type.split(";")
    usual = ("charset=utf-8", 'charset="utf-8"')
    kept = [part.strip() for part in parameters if part.strip() and part.strip().lower() not in usual]
    return "; ".join([name.strip().lower(), *(part for part in kept if "=" in part)])


def spelling(media_type: str) -> str:
    """Return the usual name of a type that has several: ``text/json`` is ``application/json``."""
    name, joint, parameters = charset_free(media_type).partition(";")
    return _SPELLINGS.get(name, name) + joint + parameters


def is_usable(media_type: str) -> bool:
    """Whether this is a media type at all: documents have property names, ``JSON`` or nothing in their places."""
    kind, joint, subtype = essence(media_type).partition("/")
    return bool(kind and joint and subtype) and " " not in essence(media_type)


def is_json(media_type: str) -> bool:
    name = essence(media_type)
    return _SPELLINGS.get(name, name) in ("application/json", "*/*") or name.endswith("+json")


def is_events(media_type: str) -> bool:
    return essence(media_type) == "text/event-stream"


def is_lines(media_type: str) -> bool:
    """Whether the body is one JSON value after the other: a line each, or a text sequence (RFC 7464)."""
    return essence(media_type) in _LINES


def is_xml(media_type: str) -> bool:
    name = essence(media_type)
    return _SPELLINGS.get(name, name) == "application/xml" or name.endswith("+xml")


def is_text(media_type: str) -> bool:
    """Whether the body is text, XML and lines of JSON included."""
    return essence(media_type).startswith(_TEXT) or is_xml(media_type) or is_lines(media_type)


def is_foreign(media_type: str) -> bool:
    """Whether the type only says in another notation what JSON says as well."""
    return essence(media_type) in _FOREIGN


def is_bytes(media_type: str) -> bool:
    """Whether the type is one of bytes, whatever a schema says: Swagger 2.0 has one schema for all types of a body."""
    return essence(media_type).startswith(_BYTES)


def format_of(media_type: str, shape: Shape | None) -> Format:
    """Return how a body of this media type and shape is read and written.

    A type that nobody knows is JSON where the schema describes members or items, and bytes where it does not.
    """
    name = essence(media_type)
    if is_events(name):
        return Format.EVENTS
    if is_lines(name):
        return Format.LINES
    inner = shape.shape if isinstance(shape, Nullable) else shape
    if is_json(name) or not name:
        return Format.BINARY if isinstance(inner, Binary) else Format.JSON
    if _SPELLINGS.get(name, name) == FORM_TYPE:
        return Format.FORM
    if name.startswith("multipart/"):
        return Format.BINARY if isinstance(inner, Binary) else Format.MULTIPART
    if is_xml(name):
        return Format.XML if _is_structured(inner) else Format.BINARY if isinstance(inner, Binary) else Format.TEXT
    if is_text(name):
        return Format.TEXT
    if is_bytes(name):
        return Format.BINARY
    if isinstance(inner, Scalar) and inner.kind is ScalarKind.STRING:
        return Format.TEXT
    return Format.JSON if _is_structured(inner) else Format.BINARY


def is_by_fields(body: Body) -> bool:
    """Whether a body is given by its fields alone: a form, or a multipart body, and nothing else."""
    return not body.others and format_of(body.media_type, body.shape) in (Format.FORM, Format.MULTIPART)


def _is_structured(shape: Shape | None) -> bool:
    return shape is not None and not isinstance(shape, (Scalar, Binary, AnyShape, Literal))


def choose_media_type(offered: Iterable[str]) -> str:
    """Return the type that we send or ask for: JSON, a form, multipart, XML, text, then the first; "" of none.

    Among JSON types plain `application/json` wins over `application/problem+json` and the like.
    """
    return min(offered, key=rank, default="")


# A list of changes is harder to write than what is to be, and a problem is no answer.
_LAST_JSON: Final = ("application/json-patch", "application/problem")
_ORDER: Final[tuple[Callable[[str], bool], ...]] = (
    lambda name: name == "application/json",
    lambda name: name != "*/*" and is_json(name) and not name.startswith(_LAST_JSON),
    lambda name: name != "*/*" and is_json(name),
    lambda name: name == FORM_TYPE,
    lambda name: name.startswith("multipart/"),
    is_xml,
    lambda name: is_text(name) and not is_lines(name) and not is_events(name) and not is_foreign(name),
    lambda name: name == "*/*",
    lambda name: name == "application/octet-stream",
)


def rank(media_type: str) -> int:
    """Return how much a client prefers a type: 0 is best. Types of one rank keep the document's order."""
    name = essence(media_type)
    return next((place for place, fits in enumerate(_ORDER) if fits(name)), len(_ORDER))
