"""The text forms of dates, times, durations and bytes in JSON.

A module of its own that is imported when the first such value is met: a client that has none does not pay for
`datetime`. Readers are tolerant of what services send, writers strict about what they are given.
"""

from __future__ import annotations

import binascii
import datetime
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

if TYPE_CHECKING:
    import uuid

__all__ = ["FORMATS", "Format", "write_any"]


class Format(NamedTuple):
    """How a type is read from its text and written as text."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]
    # Reads the usual spellings only, and those sooner.
    read_usual: Callable[[str], Any]


_LEAP_SECOND: Final = re.compile(r"(T\d{2}:\d{2}):60")
_URL_SAFE: Final = str.maketrans("-_", "+/", "= \t\r\n")

_BYTES_TYPES: Final[tuple[type, ...]] = (bytes, bytearray, memoryview)

_NUMBER = r"\d+(?:[.,]\d+)?"
# Years and months are understood only to be refused: they have no fixed length.
_DURATION: Final = re.compile(
    rf"(?P<sign>[+-])?P(?:(?P<years>{_NUMBER})Y)?(?:(?P<months>{_NUMBER})M)?(?:(?P<weeks>{_NUMBER})W)?"
    rf"(?:(?P<days>{_NUMBER})D)?(?:T(?:(?P<hours>{_NUMBER})H)?(?:(?P<minutes>{_NUMBER})M)?(?:(?P<seconds>{_NUMBER})S)?)?",
    re.IGNORECASE | re.ASCII,
)


def _wrong(wanted: str, value: object) -> TypeError:
    # The type only: the value may be a secret.
    return TypeError(f"wanted {wanted}, got {type(value).__name__}")


def read_datetime(text: str) -> datetime.datetime:
    """Read a date-time of RFC 3339; also lower case, a space for the T, nine digits of a second, or no zone at all.

    Without a zone the result is naive: guessing one would be worse. What is finer than a microsecond is cut off. A
    leap second, which Python cannot hold, reads as the second after it.
    """
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        upper = text.strip().upper()
        patched, leaps = _LEAP_SECOND.subn(r"\1:59", upper)
        return datetime.datetime.fromisoformat(patched) + datetime.timedelta(seconds=leaps)


def write_datetime(value: object) -> str:
    """Write a date-time of RFC 3339, UTC as Z."""
    if not isinstance(value, datetime.datetime):
        raise _wrong("datetime.datetime", value)
    return _with_z(value.isoformat())


def write_date(value: object) -> str:
    """Write a full-date of RFC 3339. A datetime is refused, as its time would be lost."""
    if isinstance(value, datetime.datetime):
        raise TypeError("wanted datetime.date, got datetime; pass value.date()")
    if not isinstance(value, datetime.date):
        raise _wrong("datetime.date", value)
    return value.isoformat()


def read_time(text: str) -> datetime.time:
    """Read a time of day, with or without a zone."""
    return datetime.time.fromisoformat(text.strip().upper())


def write_time(value: object) -> str:
    """Write a time of day, UTC as Z."""
    if not isinstance(value, datetime.time):
        raise _wrong("datetime.time", value)
    return _with_z(value.isoformat())


def _with_z(text: str) -> str:
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def read_duration(text: str) -> datetime.timedelta:
    """Read a duration of ISO 8601.

    Raises:
        ValueError: The text is not a duration, or counts years or months.
    """
    found = _DURATION.fullmatch(text.strip())
    parts = found.groupdict() if found else {}
    sign = parts.pop("sign", None)
    amounts = {unit: float(number.replace(",", ".")) for unit, number in parts.items() if number}
    if not amounts:
        raise ValueError(f"{text[:100]!r} is not a duration of ISO 8601")
    if amounts.pop("years", 0) or amounts.pop("months", 0):
        raise ValueError(f"the duration {text[:100]!r} counts years or months, which have no fixed length")
    amounts.pop("months", None)
    length = datetime.timedelta(**amounts)
    return -length if sign == "-" else length


def write_duration(value: object) -> str:
    """Write a duration of ISO 8601 in days, hours, minutes and seconds, such as ``P1DT2H0.5S``."""
    if not isinstance(value, datetime.timedelta):
        raise _wrong("datetime.timedelta", value)
    sign, left = ("-", -value) if value < datetime.timedelta() else ("", value)
    minutes, seconds = divmod(left.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{left.microseconds:06d}".rstrip("0") if left.microseconds else ""
    day = f"{left.days}D" if left.days else ""
    clock = (
        f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes) + f"{seconds}{fraction}S" * bool(seconds or fraction)
    )
    return f"{sign}P{day}{'T' + clock if clock else ''}" if day or clock else "PT0S"


def read_bytes(text: str) -> bytes:
    """Read base64 (RFC 4648) of either alphabet, with or without its padding."""
    letters = text.translate(_URL_SAFE)
    return binascii.a2b_base64(letters + "=" * (-len(letters) % 4), strict_mode=True)


def write_bytes(value: Any) -> str:
    """Write base64 with padding (RFC 4648, section 4)."""
    if not isinstance(value, _BYTES_TYPES):
        raise _wrong("bytes", value)
    return binascii.b2a_base64(cast("bytes", value), newline=False).decode("ascii")


def read_uuid(text: object) -> uuid.UUID:
    """Read a UUID in any of its usual spellings."""
    # Inside, as few models have one and the module costs more than the rest of this file.
    import uuid

    if not isinstance(text, str):
        raise _wrong("the text of a UUID", text)
    return uuid.UUID(text)


def write_uuid(value: object) -> str:
    """Write a UUID in lower case with hyphens (RFC 9562, section 4)."""
    import uuid

    if not isinstance(value, uuid.UUID):
        raise _wrong("uuid.UUID", value)
    return str(value)


# A date-time is read by C alone where it can be: half of what reading it through `read_datetime` costs.
_ISO_DATETIME: Final = datetime.datetime.fromisoformat
_ISO_DATE: Final = datetime.date.fromisoformat  # exactly the full-date of RFC 3339 and what ISO 8601 adds to it

FORMATS: Final[Mapping[str, Format]] = {
    "datetime.datetime": Format(read_datetime, write_datetime, _ISO_DATETIME),
    "datetime.date": Format(_ISO_DATE, write_date, _ISO_DATE),
    "datetime.time": Format(read_time, write_time, read_time),
    "datetime.timedelta": Format(read_duration, write_duration, read_duration),
    "bytes": Format(read_bytes, write_bytes, read_bytes),
    "uuid.UUID": Format(read_uuid, write_uuid, read_uuid),
}


def write_any(value: Any) -> str:
    """Return the text form of a value of one of these types.

    Raises:
        TypeError: There is no form for the type.
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
