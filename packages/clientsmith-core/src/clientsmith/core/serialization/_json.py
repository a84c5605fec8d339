"""From bytes to plain values and back, the ready codecs, and what a caller may put into a body."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, cast

from ._codecs import Codec, CodecLike, Scalar, WireObject
from ._making import any_of, as_codec, enum_of, list_of, map_of, model_of, tuple_of, union_of
from ._place import ModelDecodeError

if TYPE_CHECKING:
    import datetime
    import decimal
    import uuid

__all__ = [
    "BYTES",
    "BYTES_FOR_URLS",
    "DATE",
    "DATETIME",
    "DECIMAL",
    "DECIMAL_NUMBER",
    "DURATION",
    "DURATION_MILLISECONDS",
    "DURATION_SECONDS",
    "HTTP_DATE",
    "INTEGER_TEXT",
    "TIME",
    "UNIX_MILLISECONDS",
    "UNIX_SECONDS",
    "UUID",
    "Codec",
    "CodecLike",
    "ModelDecodeError",
    "any_of",
    "as_codec",
    "dumps",
    "enum_of",
    "list_of",
    "loads",
    "map_of",
    "merge_fields",
    "model_of",
    "sendable",
    "to_wire",
    "tuple_of",
    "union_of",
]

# RFC 3339; read with any number of digits of a second and without a zone too, written with Z for UTC.
DATETIME: Final[Codec[datetime.datetime]] = Scalar("datetime.datetime")
DATE: Final[Codec[datetime.date]] = Scalar("datetime.date")
TIME: Final[Codec[datetime.time]] = Scalar("datetime.time")
# RFC 9110, section 5.6.7: the form of header fields, such as ``Sun, 06 Nov 1994 08:49:37 GMT``.
HTTP_DATE: Final[Codec[datetime.datetime]] = Scalar("datetime.datetime", "HTTP date")
# Numbers since 1970, negative before; read as UTC, written as a whole number where it is one.
UNIX_SECONDS: Final[Codec[datetime.datetime]] = Scalar("datetime.datetime", "seconds since 1970")
UNIX_MILLISECONDS: Final[Codec[datetime.datetime]] = Scalar("datetime.datetime", "milliseconds since 1970")
# ISO 8601, but for years and months, which have no fixed length.
DURATION: Final[Codec[datetime.timedelta]] = Scalar("datetime.timedelta")
DURATION_SECONDS: Final[Codec[datetime.timedelta]] = Scalar("datetime.timedelta", "seconds")
DURATION_MILLISECONDS: Final[Codec[datetime.timedelta]] = Scalar("datetime.timedelta", "milliseconds")
# Base64 (RFC 4648); both read either alphabet, with or without padding.
BYTES: Final[Codec[bytes]] = Scalar("bytes")
BYTES_FOR_URLS: Final[Codec[bytes]] = Scalar("bytes", "base64url")
# Text keeps every digit; a JSON number is a double to most who read it, so one that would lose digits is refused.
DECIMAL: Final[Codec[decimal.Decimal]] = Scalar("decimal.Decimal", "decimal as text")
DECIMAL_NUMBER: Final[Codec[decimal.Decimal]] = Scalar("decimal.Decimal")
# OpenAPI's int64 as string: JavaScript and others round integers beyond 53 bits.
INTEGER_TEXT: Final[Codec[int]] = Scalar("int", "integer as text")
UUID: Final[Codec[uuid.UUID]] = Scalar("uuid.UUID")

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def loads(text: bytes | bytearray | str) -> Any:
    """Return the value of a JSON text in UTF-8. A byte order mark is skipped, although nobody should send one.

    Raises:
        ValueError: The text is not JSON, not UTF-8 or nested too deeply.
    """
    text = text.removeprefix("\ufeff") if isinstance(text, str) else text.removeprefix(_BYTE_ORDER_MARK)
    fast = _fast_decoder()
    if fast is not None:
        try:
            return fast(text)
        except (ValueError, RecursionError):
            # It refuses what json reads (half a surrogate pair, 1e400), and one kind of error is enough for callers.
            fast = None
    try:
        # `json.loads` guesses between five encodings first; a service's JSON is UTF-8 (RFC 8259, section 8.1).
        return json.loads(text if isinstance(text, str) else text.decode())
    except RecursionError:
        raise ValueError("the JSON text is nested too deeply to be read") from None


def _fast_decoder() -> Callable[[bytes | bytearray | str], Any] | None:
    """Return msgspec's decoder if the program has imported msgspec, else None.

    It halves the time of a large body, but importing it costs 50 ms, more than a megabyte of JSON takes to read: that
    is for the program to decide. orjson is not used: it reads integers of more than 64 bits as floats.
    """
    return getattr(sys.modules.get("msgspec.json"), "decode", None)


def dumps(value: object) -> bytes:
    """Return a value as JSON in UTF-8, without white space.

    Takes what `to_wire` takes.

    Raises:
        TypeError: Something in it has no form in JSON.
        ValueError: It contains NaN or an infinity, which JSON cannot hold (RFC 8259, section 6), or itself.
    """
    try:
        text = _ENCODER.encode(value)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"cannot be written as JSON: {error}") from error
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Half a surrogate pair has no UTF-8; JSON can still name it (RFC 8259, section 8.2).
        return json.dumps(json.loads(text), separators=(",", ":")).encode()


def to_wire(value: object) -> Any:
    """Return the wire form of a value as new dicts and lists, which can be edited freely.

    Takes whatever JSON has, and models, mappings, sequences, enums, dataclasses, dates, times, durations, UUIDs,
    bytes and decimals, in each other.

    Raises:
        TypeError: Something in it has no form in JSON.
    """
    if value is None or value.__class__ in _PLAIN:
        return value
    if isinstance(value, dict):
        return {key: to_wire(item) for key, item in cast("dict[str, object]", value).items()}
    if isinstance(value, list | tuple):
        return [to_wire(item) for item in cast("list[object]", value)]
    if isinstance(value, Enum):
        return to_wire(value.value)
    if isinstance(value, str | int | float):
        return value
    return to_wire(_convert(value))


_PLAIN: Final = frozenset({str, int, float, bool})


def _convert(value: Any) -> Any:
    """Return what stands for a value that json does not know: one step on the way to its wire form."""
    if isinstance(value, WireObject):
        return value._flush()
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, object]", value))
    if isinstance(value, Enum):
        return value.value
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    from ._formats import write_any

    return write_any(value)


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_convert)


def merge_fields(
    model: type[WireObject], body: WireObject | Mapping[str, Any] | None, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the wire form of a body with single fields written over it; what is given explicitly wins.

    Read-only fields of an instance are left out, as in every request.

    Args:
        model: The class whose fields these are.
        body: An instance, or a Mapping of wire names. It is not changed.
        fields: Values by the Python names of the fields. UNSET is "not given", None sends null.

    Raises:
        TypeError: The model has no such field, or a value is of the wrong type.
    """
    if body is None:
        wire = model._start()
    elif isinstance(body, WireObject):
        wire = body._sendable(body._flush()).copy()
    elif isinstance(cast("object", body), Mapping):
        wire = dict(body)
    else:
        raise TypeError(f"wanted {model.__name__} or a mapping, got {type(body).__name__}")
    model._write_fields(wire, fields)
    return wire


def sendable(value: object) -> Any:
    """Return a body as it goes into a request: a model, or models in a list or dict, without read-only fields.

    A mapping is sent as it is: who names every field has said what to send.
    """
    if isinstance(value, WireObject):
        return value._sendable(value._flush())
    if isinstance(value, list | tuple):
        return [sendable(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        return {key: sendable(item) for key, item in cast("dict[str, object]", value).items()}
    return value
