"""The wire forms of immutable values: which text or number stands for a date, a decimal, bytes or a UUID.

A module of its own that is imported when the first such value is met: a client that has none does not pay for
`datetime`. Readers are tolerant of what services send, writers strict about what they are given.
"""

from __future__ import annotations

import binascii
import datetime
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from . import _times
from ._codecs import wrong_type

if TYPE_CHECKING:
    import decimal
    import uuid

__all__ = ["FORMATS", "Format", "write_any"]


class Format(NamedTuple):
    """How a type is read from its wire form and written to it."""

    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    # Reads the usual spellings only, and those sooner.
    read_usual: Callable[[Any], Any]


_URL_SAFE: Final = str.maketrans("-_", "+/", "= \t\r\n")
_TO_URL_SAFE: Final = str.maketrans("+/", "-_", "=")
_BYTES_TYPES: Final[tuple[type, ...]] = (bytes, bytearray, memoryview)


def read_bytes(text: str) -> bytes:
    """Read base64 (RFC 4648) of either alphabet, with or without its padding."""
    letters = text.translate(_URL_SAFE)
    return binascii.a2b_base64(letters + "=" * (-len(letters) % 4), strict_mode=True)


def write_bytes(value: Any) -> str:
    """Write base64 with padding (RFC 4648, section 4)."""
    if not isinstance(value, _BYTES_TYPES):
        raise wrong_type("bytes", value)
    return binascii.b2a_base64(cast("bytes", value), newline=False).decode("ascii")


def write_bytes_for_urls(value: Any) -> str:
    """Write base64 in the alphabet for URLs, without padding (RFC 4648, sections 3.2 and 5)."""
    return write_bytes(value).translate(_TO_URL_SAFE)


def read_uuid(text: object) -> uuid.UUID:
    """Read a UUID in the spelling that it is written in, of upper or lower case.

    Raises:
        ValueError: It is spelt otherwise. OpenStack's ids have no hyphens, for example: as a `UUID` such an id would be
            sent back as the id of nothing, so a model gives its text.
    """
    # Inside, as few models have one and the module costs more than the rest of this file.
    import uuid

    if not isinstance(text, str):
        raise wrong_type("the text of a UUID", text)
    value = uuid.UUID(text)
    if str(value) != text.lower():
        raise ValueError(f"{text[:100]!r} is no UUID with its four hyphens")
    return value


def write_uuid(value: object) -> str:
    """Write a UUID in lower case with hyphens (RFC 9562, section 4), and an id that is none as it is.

    What a document calls a UUID is not one in every service: keystone has a domain whose id is ``default``.
    """
    import uuid

    if isinstance(value, str):
        return value
    if not isinstance(value, uuid.UUID):
        raise wrong_type("uuid.UUID", value)
    return str(value)


def read_decimal(wire: object) -> decimal.Decimal:
    """Read a decimal from its text, or from a JSON number, of which about sixteen digits arrive.

    Raises:
        ValueError: The text is no finite number.
    """
    import decimal

    if isinstance(wire, bool) or not isinstance(wire, str | int | float):
        raise wrong_type("a number or its text", wire)
    try:
        # By way of the shortest text: the digits that were sent, not those that binary makes of them.
        number = decimal.Decimal(repr(wire) if isinstance(wire, float) else _times.checked_number(wire))
    except decimal.InvalidOperation:
        raise ValueError(f"{str(wire)[:100]!r} is no decimal number") from None
    if not number.is_finite():
        raise ValueError(f"{str(wire)[:100]!r} is no finite number")
    return number


def write_decimal(value: object) -> str:
    """Write a decimal as text, every digit of it.

    Raises:
        ValueError: It is infinite or no number.
    """
    import decimal

    if isinstance(value, bool) or not isinstance(value, decimal.Decimal | int):
        raise wrong_type("decimal.Decimal", value)
    if isinstance(value, decimal.Decimal) and not value.is_finite():
        raise ValueError(f"{value} has no form in JSON; a decimal is a finite number")
    return str(value)


def write_decimal_number(value: object) -> int | float:
    """Write a decimal as a JSON number.

    Raises:
        ValueError: It has digits that a number of JSON would lose on its way, or is infinite, or no number.
    """
    import decimal

    text = write_decimal(value)
    exact = decimal.Decimal(text)
    number = int(exact) if exact == exact.to_integral_value() and exact.adjusted() < 400 else float(exact)
    if decimal.Decimal(repr(number)) != exact:
        raise ValueError(f"Decimal {text[:100]} has more digits than a JSON number keeps; send str(value)")
    return number


def read_integer(wire: object) -> int:
    """Read an integer from its decimal digits, or from a JSON number.

    Raises:
        ValueError: The text is no integer.
    """
    if isinstance(wire, bool) or not isinstance(wire, str | int):
        raise wrong_type("an integer or its text", wire)
    return int(_times.checked_number(wire))


def write_integer(value: object) -> str:
    """Write an integer as text: for those beyond 53 bits, which many readers of JSON round."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type("int", value)
    return str(value)


def _number_format(unit: datetime.timedelta, *, since_1970: bool) -> Format:
    read = _times.reads_moment(unit) if since_1970 else _times.reads_length(unit)
    write = _times.writes_moment(unit) if since_1970 else _times.writes_length(unit)
    return Format(read, write, read)


_SECOND: Final = datetime.timedelta(seconds=1)
_MILLISECOND: Final = datetime.timedelta(milliseconds=1)
# A date-time is read by C alone where it can be: half of what reading it through `read_datetime` costs.
_ISO_DATETIME: Final = datetime.datetime.fromisoformat
_ISO_DATE: Final = datetime.date.fromisoformat  # exactly the full-date of RFC 3339 and what ISO 8601 adds to it

# The types that have one form by nature go by their own names; `write_any` finds them so.
FORMATS: Final[Mapping[str, Format]] = {
    "datetime.datetime": Format(_times.read_datetime, _times.write_datetime, _ISO_DATETIME),
    "datetime.date": Format(_ISO_DATE, _times.write_date, _ISO_DATE),
    "datetime.time": Format(_times.read_time, _times.write_time, _times.read_time),
    "datetime.timedelta": Format(_times.read_duration, _times.write_duration, _times.read_duration),
    "bytes": Format(read_bytes, write_bytes, read_bytes),
    "uuid.UUID": Format(read_uuid, write_uuid, read_uuid),
    "decimal.Decimal": Format(read_decimal, write_decimal_number, read_decimal),
    "HTTP date": Format(_times.read_http_date, _times.write_http_date, _times.read_http_date),
    "seconds since 1970": _number_format(_SECOND, since_1970=True),
    "milliseconds since 1970": _number_format(_MILLISECOND, since_1970=True),
    "seconds": _number_format(_SECOND, since_1970=False),
    "milliseconds": _number_format(_MILLISECOND, since_1970=False),
    "base64url": Format(read_bytes, write_bytes_for_urls, read_bytes),
    "decimal as text": Format(read_decimal, write_decimal, read_decimal),
    "integer as text": Format(read_integer, write_integer, read_integer),
}


def write_any(value: Any) -> Any:
    """Return the wire form of a value of one of these types.

    Raises:
        TypeError: There is no form for the type.
        ValueError: A decimal has more digits than a JSON number keeps.
    """
    # By the names of the type's ancestors, so that nothing is imported only to be compared with; a datetime is met
    # before the date that it also is, as the order is the method resolution order.
    for ancestor in type(value).__mro__:
        name = (
            ancestor.__qualname__
            if ancestor.__module__ == "builtins"
            else f"{ancestor.__module__}.{ancestor.__qualname__}"
        )
        if name in FORMATS:
            return FORMATS[name].write(value)
    if isinstance(value, _BYTES_TYPES):
        return write_bytes(value)
    raise TypeError(f"{type(value).__qualname__} has no form in JSON; convert it to a str, number, list or dict first")
