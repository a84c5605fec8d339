"""What a method sends as its body, by media type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, cast
from urllib.parse import urlencode

from .._declared import Declared
from ..rest import Content
from ..serialization import Codec, as_codec, dumps, sendable, to_wire
from ..serialization._codecs import WireObject
from .parameters import Parameter, Style, query_pairs, several, text_of

__all__ = [
    "BodyKind",
    "Encoding",
    "binary_body",
    "form_body",
    "json_body",
    "lines_body",
    "multipart_body",
    "text_body",
    "xml_body",
]

_JSON: Final = "application/json"


class BodyKind(Declared, kw_only=False):
    """How a body becomes bytes: ``encode`` returns the content and its media type."""

    encode: Callable[[Any], tuple[Content, str]]


class Encoding(Declared, kw_only=False):
    """How one field of a form or part of a multipart body is written (OpenAPI 3.1, section 4.8.15).

    Attributes:
        style: For forms: how a list or an object is spelt; None is a field for each item, and JSON for an object.
        explode: Whether every item or member is a field of its own.
        allow_reserved: Whether reserved characters stay readable.
        media_type: Of a part. ``application/json`` makes JSON of any value, in forms as well.
        headers: Header fields of a part.
        codec: How the value is converted first, None for what has one spelling only.
    """

    style: Style | None = None
    explode: bool = True
    allow_reserved: bool = False
    media_type: str | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    codec: Any = None

    def wire(self, value: Any) -> Any:
        """Return the value as its codec writes it; files and the like, of which no codec knows, as they are."""
        return value if self.codec is None or value is None else as_codec(self.codec).encode(value)


_USUAL: Final = Encoding()


def json_body(codec: Any = None, media_type: str = _JSON, *, always: Mapping[str, Any] | None = None) -> BodyKind:
    """Return a JSON body. Read-only fields of a model are not sent. ``always`` has members that are sent in any case.

    Where ``media_type`` is that of a patch (RFC 7396, RFC 6902), a model becomes what was changed in it since it was
    loaded; anything else is a patch already and sent as it is.
    """
    resolved: Codec[Any] | None = codec and as_codec(codec)
    prepare = _patch_of(media_type)
    if prepare is not None:
        return BodyKind(lambda value: (dumps(prepare(value)), media_type))

    def encode(value: Any) -> tuple[Content, str]:
        wire = sendable(value)
        if resolved is not None and not isinstance(value, WireObject):
            wire = resolved.encode(wire)
        return dumps({**to_wire(wire), **always} if always else wire), media_type

    return BodyKind(encode)


def _patch_of(media_type: str) -> Callable[[Any], Any] | None:
    """Return what makes the patch of a body, None where the media type is not that of a patch."""
    essence = media_type.partition(";")[0].strip().lower()
    if essence not in ("application/merge-patch+json", "application/json-patch+json"):
        return None

    def patch(value: Any) -> Any:
        if not isinstance(value, WireObject):
            return value
        from ..patches import MERGE_PATCH, json_patch, merge_patch  # for clients that have such operations

        return merge_patch(value) if essence == MERGE_PATCH else json_patch(value)

    return patch


def form_body(
    codec: Any = None, encoding: Mapping[str, Encoding] | None = None, *, always: Mapping[str, Any] | None = None
) -> BodyKind:
    """Return an ``application/x-www-form-urlencoded`` body.

    Args:
        codec: Of the whole; None takes a model or a mapping.
        encoding: How single fields are written, by their wire names. Others: a field for each item of a list, JSON for
            an object. None is left out.
        always: Fields that are sent in any case.
    """
    resolved: Codec[Any] | None = codec and as_codec(codec)
    encodings = encoding or {}

    def encode(value: Any) -> tuple[Content, str]:
        given = sendable(value)
        fields = given if resolved is None else resolved.encode(given)
        if not isinstance(fields, Mapping):
            fields = to_wire(fields)
        if not isinstance(fields, Mapping):
            raise TypeError(f"a form is made of a model or a mapping, got {type(value).__name__}")
        pairs = [
            text
            for name, item in {**cast("Mapping[str, Any]", fields), **(always or {})}.items()
            if item is not None
            for text in _form_fields(name, item, encodings.get(name, _USUAL))
        ]
        return "&".join(pairs).encode("ascii"), "application/x-www-form-urlencoded"

    return BodyKind(encode)


def _form_fields(name: str, value: Any, encoding: Encoding) -> list[str]:
    value = to_wire(encoding.wire(value))
    if encoding.media_type == _JSON:
        return [urlencode([(name, dumps(value).decode())])]
    if encoding.style is None and encoding.explode:
        return [urlencode([(name, text_of(item))]) for item in several(value)]
    parameter = Parameter(name, "query", None, encoding.style or "form", encoding.explode, encoding.allow_reserved)
    # In a form a space is a plus; a percent sign of the value is never followed by "20" here, it is "%25" itself.
    return [f"{key}={text}".replace("%20", "+") for key, text in query_pairs(parameter, value)]


def multipart_body(
    encoding: Mapping[str, Encoding] | None = None, *, always: Mapping[str, Any] | None = None
) -> BodyKind:
    """Return a ``multipart/form-data`` body (RFC 7578) of a mapping or model; see `clientsmith.core.multipart`.

    A value is a string, a number, bytes, an open file, a path, an iterable of bytes, something that JSON can hold, a
    `Part`, a tuple of file name, content and media type, or a list of these. ``always`` has fields that are sent in any
    case.
    """
    encodings = encoding or {}

    def encode(value: Any) -> tuple[Content, str]:
        from ..multipart import multipart  # for clients that have such operations

        # A plain mapping may hold bytes, files and tuples, which are no JSON.
        fields = sendable(value) if isinstance(value, WireObject) else value
        if not isinstance(fields, Mapping):
            raise TypeError(f"a multipart body is made of a model or a mapping, got {type(value).__name__}")
        parts = {**cast("Mapping[str, Any]", fields), **(always or {})}
        return multipart({name: _with(encodings.get(name), item) for name, item in parts.items()})

    return BodyKind(encode)


def _with(encoding: Encoding | None, value: Any) -> Any:
    """Return the part that the encoding object asks for; what the caller says about a part wins."""
    from ..multipart import Part

    if encoding is None or value is None or isinstance(value, Part | tuple):
        return cast("object", value)
    value = encoding.wire(value)
    if encoding.media_type == _JSON:
        return Part(dumps(sendable(value)).decode(), None, _JSON, encoding.headers)
    if isinstance(value, list):
        return [_with(encoding, item) for item in cast("list[object]", value)]
    return Part(value, None, encoding.media_type, encoding.headers)


def xml_body(codec: Any = None, media_type: str = "application/xml") -> BodyKind:
    """Return an XML body of a model; see `clientsmith.core.xml`."""
    resolved: Codec[Any] | None = codec and as_codec(codec)

    def encode(value: Any) -> tuple[Content, str]:
        from ..xml import write_xml  # for clients that have such operations

        model = resolved.decode(value) if resolved is not None and not isinstance(value, WireObject) else value
        return write_xml(model), media_type

    return BodyKind(encode)


def lines_body(codec: Any = None, media_type: str = "application/x-ndjson") -> BodyKind:
    """Return a body of JSON values, a line each: an iterable of them is sent as it is read.

    A list can be sent again, by a retry for example; an iterator is used up by sending it.
    """
    resolved: Codec[Any] | None = codec and as_codec(codec)

    def line(value: Any) -> bytes:
        wire = sendable(value)
        return dumps(wire if resolved is None or isinstance(value, WireObject) else resolved.encode(wire)) + b"\n"

    def encode(value: Any) -> tuple[Content, str]:
        if isinstance(value, list | tuple):
            return b"".join(map(line, cast("list[object]", value))), media_type
        if isinstance(value, Mapping | str) or not isinstance(value, Iterable):
            kind = type(cast("object", value)).__name__
            raise TypeError(f"lines are made of a list or another iterable, got {kind}")
        return map(line, cast("Iterable[object]", value)), media_type

    return BodyKind(encode)


def text_body(media_type: str = "text/plain; charset=utf-8") -> BodyKind:
    """Return a body of text, in the charset that ``media_type`` names; without one, UTF-8.

    Raises:
        LookupError: Python does not know the charset.
    """
    charset = _charset(media_type)
    "".encode(charset)  # a charset that does not exist is found now, and not in the first call
    return BodyKind(lambda value: (str(value).encode(charset), media_type))


def _charset(media_type: str) -> str:
    for parameter in media_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"')
    return "utf-8"


def binary_body(media_type: str = "application/octet-stream") -> BodyKind:
    """Return a body of raw bytes: ``bytes``, an iterable of them, an open file, a `pathlib.Path`, or an `Upload`."""

    def encode(value: Any) -> tuple[Content, str]:
        if isinstance(value, str):
            raise TypeError("a string is no bytes; give a pathlib.Path of a file, or encode the text")
        if hasattr(value, "__fspath__"):
            from ..streaming.uploads import Upload  # for clients that have such operations

            value = Upload(value)
        return value, media_type

    return BodyKind(encode)
