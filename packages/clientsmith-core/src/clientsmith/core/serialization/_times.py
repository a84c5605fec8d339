"""The wire forms of dates, times and durations: RFC 3339, ISO 8601, HTTP dates and numbers since 1970.

Readers are tolerant of what services send, writers strict about what they are given.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Final, TypeVar

from ._codecs import wrong_type

__all__ = [
    "checked_number",
    "read_datetime",
    "read_duration",
    "read_http_date",
    "read_time",
    "reads_length",
    "reads_moment",
    "write_date",
    "write_datetime",
    "write_duration",
    "write_http_date",
    "write_time",
    "writes_length",
    "writes_moment",
]

NumberT = TypeVar("NumberT", str, int, str | int)

_SECOND: Final = datetime.timedelta(seconds=1)
_MICROSECOND: Final = datetime.timedelta(microseconds=1)
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_LEAP_SECOND: Final = re.compile(r"([T ]\d{2}:\d{2}):60", re.ASCII)

_NUMBER = r"\d+(?:[.,]\d+)?"
# Years and months are understood only to be refused: they have no fixed length.
_DURATION: Final = re.compile(
    rf"(?P<sign>[+-])?P(?:(?P<years>{_NUMBER})Y)?(?:(?P<months>{_NUMBER})M)?(?:(?P<weeks>{_NUMBER})W)?"
    rf"(?:(?P<days>{_NUMBER})D)?(?:T(?:(?P<hours>{_NUMBER})H)?(?:(?P<minutes>{_NUMBER})M)?(?:(?P<seconds>{_NUMBER})S)?)?",
    re.IGNORECASE | re.ASCII,
)

# English in every locale, which is why strftime will not do.
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_TEXT: Final = re.ASCII | re.IGNORECASE  # the RFC wants one case, services have others too
_HTTP_DATES: Final = (
    re.compile(rf"\w+, (?P<day>\d\d?) (?P<month>[A-Za-z]{{3}}) (?P<year>\d{{4}}) {_CLOCK} (?:GMT|UTC)", _TEXT),
    re.compile(rf"\w+, (?P<day>\d\d)-(?P<month>[A-Za-z]{{3}})-(?P<year>\d\d) {_CLOCK} GMT", _TEXT),
    re.compile(rf"\w+ (?P<month>[A-Za-z]{{3}}) +(?P<day>\d\d?) {_CLOCK} (?P<year>\d{{4}})", _TEXT),
)


def read_datetime(text: str) -> datetime.datetime:
    """Read a date-time of RFC 3339; also lower case, a space for the T, any number of digits of a second, or no zone.

    Without a zone the result is naive: guessing one would be worse. What is finer than a microsecond is cut off. A
    leap second, which Python cannot hold, reads as the second after it.

    Raises:
        ValueError: The text is no date-time between the years 1 and 9999.
    """
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        patched, leaps = _LEAP_SECOND.subn(r"\1:59", text.strip().upper())
        return _later(datetime.datetime.fromisoformat(patched), leaps)


def _later(moment: datetime.datetime, leap_seconds: int) -> datetime.datetime:
    try:
        return moment + leap_seconds * _SECOND
    except OverflowError:
        raise ValueError("a leap second at the end of the year 9999 cannot be held") from None


def write_datetime(value: object) -> str:
    """Write a date-time of RFC 3339, UTC as Z."""
    if not isinstance(value, datetime.datetime):
        raise wrong_type("datetime.datetime", value)
    offset = value.utcoffset()
    if offset is not None and offset.seconds % 60:
        # Local mean times of old; RFC 3339 has no seconds in an offset.
        value = value.astimezone(datetime.UTC)
    return _with_z(value.isoformat())


def write_date(value: object) -> str:
    """Write a full-date of RFC 3339. A datetime is refused, as its time would be lost."""
    if isinstance(value, datetime.datetime):
        raise TypeError("wanted datetime.date, got datetime; pass value.date()")
    if not isinstance(value, datetime.date):
        raise wrong_type("datetime.date", value)
    return value.isoformat()


def read_time(text: str) -> datetime.time:
    """Read a time of day, with or without a zone."""
    return datetime.time.fromisoformat(text.strip().upper())


def write_time(value: object) -> str:
    """Write a time of day, UTC as Z."""
    if not isinstance(value, datetime.time):
        raise wrong_type("datetime.time", value)
    return _with_z(value.isoformat())


def _with_z(text: str) -> str:
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def read_duration(text: str) -> datetime.timedelta:
    """Read a duration of ISO 8601.

    Raises:
        ValueError: The text is not a duration, counts years or months, or is too long to be held.
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
    try:
        length = datetime.timedelta(**amounts)
    except OverflowError:
        raise ValueError(f"the duration {text[:100]!r} is longer than a timedelta can be") from None
    return -length if sign == "-" else length


def write_duration(value: object) -> str:
    """Write a duration of ISO 8601 in days, hours, minutes and seconds, such as ``P1DT2H0.5S``."""
    if not isinstance(value, datetime.timedelta):
        raise wrong_type("datetime.timedelta", value)
    if value < datetime.timedelta():
        # By hand, as the shortest timedelta has no positive counterpart.
        micros = -(value // _MICROSECOND)
        return "-" + _duration(*divmod(micros, 86_400_000_000))
    return _duration(value.days, value.seconds * 1_000_000 + value.microseconds)


def _duration(days: int, microseconds: int) -> str:
    seconds, fraction = divmod(microseconds, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    digits = f".{fraction:06d}".rstrip("0") if fraction else ""
    clock = f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes) + f"{seconds}{digits}S" * bool(seconds or digits)
    day = f"{days}D" if days else ""
    return f"P{day}{'T' + clock if clock else ''}" if day or clock else "PT0S"


def read_http_date(text: str) -> datetime.datetime:
    """Read a date of a header field in any of its three forms (RFC 9110, section 5.6.7).

    A two-digit year that would be more than fifty years ahead means the century before.

    Raises:
        ValueError: The text is none of them.
    """
    found = next(filter(None, (form.fullmatch(text.strip()) for form in _HTTP_DATES)), None)
    if found is None or found["month"].title() not in _MONTHS:
        raise ValueError(f"{text[:100]!r} is no HTTP date (RFC 9110, section 5.6.7)")
    year, second = int(found["year"]), int(found["second"])
    if len(found["year"]) == 2:
        this_year = datetime.datetime.now(datetime.UTC).year
        year += this_year // 100 * 100
        year -= 100 if year > this_year + 50 else 0
    month = _MONTHS.index(found["month"].title()) + 1
    hour, minute = int(found["hour"]), int(found["minute"])
    moment = datetime.datetime(year, month, int(found["day"]), hour, minute, min(second, 59), tzinfo=datetime.UTC)
    return _later(moment, 1) if second == 60 else moment


def write_http_date(value: object) -> str:
    """Write a date for a header field, in GMT: ``Sun, 06 Nov 1994 08:49:37 GMT``. Fractions of a second are cut off."""
    if not isinstance(value, datetime.datetime):
        raise wrong_type("datetime.datetime", value)
    utc = _aware(value).astimezone(datetime.UTC)
    day, month = _DAYS[utc.weekday()], _MONTHS[utc.month - 1]
    return f"{day}, {utc.day:02d} {month} {utc.year:04d} {utc:%H:%M:%S} GMT"


def _aware(value: datetime.datetime) -> datetime.datetime:
    if value.utcoffset() is None:
        # RFC 3339 can leave a zone open, a point in time cannot.
        raise TypeError("wanted a datetime with a time zone, got one without; give it with value.replace(tzinfo=...)")
    return value


def reads_moment(unit: datetime.timedelta) -> Callable[[object], datetime.datetime]:
    """Return the reader of a number of units since 1970, UTC; negative before, also as text."""
    read = reads_length(unit)

    def read_moment(wire: object) -> datetime.datetime:
        try:
            return _EPOCH + read(wire)
        except OverflowError:
            raise ValueError(f"{wire!r} is beyond the years 1 to 9999") from None

    return read_moment


def writes_moment(unit: datetime.timedelta) -> Callable[[object], int | float]:
    """Return the writer of a number of units since 1970."""
    write = writes_length(unit)

    def write_moment(value: object) -> int | float:
        if not isinstance(value, datetime.datetime):
            raise wrong_type("datetime.datetime", value)
        return write(_aware(value) - _EPOCH)

    return write_moment


def reads_length(unit: datetime.timedelta) -> Callable[[object], datetime.timedelta]:
    """Return the reader of a duration that travels as a number of units, also as text."""

    def read_length(wire: object) -> datetime.timedelta:
        if isinstance(wire, bool) or not isinstance(wire, int | float | str):
            raise wrong_type("a number", wire)
        try:
            return (_number(wire) if isinstance(wire, str) else wire) * unit
        except OverflowError:
            raise ValueError(f"{wire!r} is longer than a timedelta can be") from None

    return read_length


def writes_length(unit: datetime.timedelta) -> Callable[[object], int | float]:
    """Return the writer of a duration as a number of units: whole if it can be."""

    def write_length(value: object) -> int | float:
        if not isinstance(value, datetime.timedelta):
            raise wrong_type("datetime.timedelta", value)
        whole, rest = divmod(value, unit)
        return value / unit if rest else whole

    return write_length


def checked_number(wire: NumberT) -> NumberT:
    """Return the text of a number, or a number, as it is.

    Raises:
        ValueError: It is spelt as only Python spells numbers: ``1_000``.
    """
    if isinstance(wire, str) and ("_" in wire or not wire.isascii()):
        raise ValueError(f"{wire[:100]!r} is no number")
    return wire


def _number(text: str) -> int | float:
    text = checked_number(text)
    return int(text) if text.lstrip("+-").isdecimal() else float(text)
