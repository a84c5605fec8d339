"""What a method sends as its body, by media type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from os import urandom
from typing import Any, TypeAlias, cast
from urllib.parse import urlencode

from ..rest import Content
from ..serialization import as_codec, dumps, to_wire
from .parameters import several, text_of

__all__ = ["BodyKind", "binary_body", "form_body", "json_body", "multipart_body", "text_body"]

_File: TypeAlias = tuple[str | None, Any, str | None]  # file name, content, media type


@dataclass(frozen=True, slots=True)
class BodyKind:
    """How a body becomes bytes: ``encode`` returns the content and its media type."""

    encode: Callable[[Any], tuple[Content, str]]


def json_body(codec: Any = None, media_type: str = "application/json") -> BodyKind:
    """Return a JSON body."""
    resolved = codec and as_codec(codec)

    def encode(value: Any) -> tuple[Content, str]:
        return dumps(value if resolved is None else resolved.encode(value)), media_type

    return BodyKind(encode)


def form_body(codec: Any = None) -> BodyKind:
    """Return an ``application/x-www-form-urlencoded`` body; a list repeats its field."""
    resolved = codec and as_codec(codec)

    def encode(value: Any) -> tuple[Content, str]:
        wire = to_wire(value if resolved is None else resolved.encode(value))
        fields = [(name, text_of(item)) for name, field in wire.items() for item in several(field)]
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"

    return BodyKind(encode)


def multipart_body() -> BodyKind:
    """Return a ``multipart/form-data`` body (RFC 7578) of a mapping.

    A value is a string, a number, bytes, or a tuple of file name, bytes and media type.
    """

    def encode(value: Any) -> tuple[Content, str]:
        boundary = urandom(16).hex()
        # A plain mapping may hold bytes and tuples, which are no JSON.
        fields = cast("dict[str, Any]", value if isinstance(value, dict) else to_wire(value))
        parts = [_part(boundary, name, field) for name, field in fields.items() if field is not None]
        return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"

    return BodyKind(encode)


def _part(boundary: str, name: str, field: Any) -> bytes:
    file_name, content, media_type = cast("_File", field if isinstance(field, tuple) else (None, field, None))
    if isinstance(content, bytes) and file_name is None:
        file_name = name
    data = content if isinstance(content, bytes) else text_of(to_wire(content)).encode()
    disposition = f'form-data; name="{_quoted(name)}"' + (f'; filename="{_quoted(file_name)}"' if file_name else "")
    media_type = media_type or ("application/octet-stream" if file_name else None)
    type_line = f"Content-Type: {media_type}\r\n" if media_type else ""
    return f"--{boundary}\r\nContent-Disposition: {disposition}\r\n{type_line}\r\n".encode() + data + b"\r\n"


def _quoted(text: str) -> str:
    # RFC 7578, section 4.2: percent-encode what would end the quoted string or the line.
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def text_body(media_type: str = "text/plain; charset=utf-8") -> BodyKind:
    """Return a body of text."""
    return BodyKind(lambda value: (str(value).encode(), media_type))


def binary_body(media_type: str = "application/octet-stream") -> BodyKind:
    """Return a body of raw bytes: ``bytes``, or an iterable of them."""
    return BodyKind(lambda value: (value, media_type))
