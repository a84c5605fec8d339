"""Values to JSON and back: tolerant of what comes in, strict about what goes out."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import enum
import json
import math
import sys
import uuid
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from clientsmith.core.models import UNSET, Model, field
from clientsmith.core.serialization import (
    BYTES,
    BYTES_FOR_URLS,
    DATE,
    DATETIME,
    DECIMAL,
    DECIMAL_NUMBER,
    DURATION,
    DURATION_MILLISECONDS,
    DURATION_SECONDS,
    HTTP_DATE,
    INTEGER_TEXT,
    TIME,
    UNIX_MILLISECONDS,
    UNIX_SECONDS,
    UUID,
    Codec,
    any_of,
    as_codec,
    dumps,
    enum_of,
    list_of,
    loads,
    map_of,
    merge_fields,
    model_of,
    to_wire,
    tuple_of,
)
from hypothesis import given
from hypothesis import strategies as st

UTC = datetime.UTC
AN_HOUR_EAST = datetime.timezone(datetime.timedelta(hours=1))
NOON = datetime.datetime(2026, 11, 21, 12, tzinfo=UTC)


class Level(enum.Enum):
    LOW = 1
    HIGH = 2


class Pet(Model):
    name: str = field("petName")
    born: datetime.date | None = field("bornOn", DATE, default=UNSET)
    friend: Pet | None = field("friend", lambda: Pet, default=UNSET)


class Percent:
    """A codec as a user writes one."""

    def decode(self, wire: str) -> float:
        return float(wire.removesuffix("%")) / 100

    def encode(self, value: float) -> str:
        return f"{value * 100:g}%"


# --- text forms ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codec", "text", "value"),
    [
        pytest.param(DATETIME, "2026-11-21T12:00:00Z", NOON, id="UTC"),
        pytest.param(DATETIME, "2026-11-21t12:00:00z", NOON, id="lower case"),
        pytest.param(DATETIME, "2026-11-21 12:00:00Z", NOON, id="a space for the T"),
        pytest.param(DATETIME, " 2026-11-21T12:00:00Z ", NOON, id="white space"),
        pytest.param(DATETIME, "2026-11-21T13:00:00+01:00", NOON.astimezone(AN_HOUR_EAST), id="offset"),
        pytest.param(DATETIME, "2026-11-21T12:00:00", NOON.replace(tzinfo=None), id="no zone: naive"),
        pytest.param(DATETIME, "2026-11-21T12:00:00.123456789Z", NOON.replace(microsecond=123456), id="nanoseconds"),
        pytest.param(DATETIME, "2026-11-21T12:00:00.5Z", NOON.replace(microsecond=500_000), id="one digit"),
        pytest.param(DATETIME, "2016-12-31T23:59:60Z", datetime.datetime(2017, 1, 1, tzinfo=UTC), id="leap second"),
        pytest.param(DATETIME, f"2026-11-21T12:00:00.{'5' * 40}Z", NOON.replace(microsecond=555555), id="40 digits"),
        pytest.param(
            DATETIME,
            "2016-12-31 23:59:60.5z",
            datetime.datetime(2017, 1, 1, 0, 0, 0, 500_000, UTC),
            id="leap, all at once",
        ),
        pytest.param(DATETIME, "2026-11-21T12:00:00-00:00", NOON, id="unknown offset: UTC"),
        pytest.param(DATETIME, "2026-11-21T12:00:00+00:00", NOON, id="zero offset"),
        pytest.param(
            DATETIME,
            "2026-11-21T06:30:00-05:30",
            NOON.astimezone(datetime.timezone(-datetime.timedelta(hours=5, minutes=30))),
            id="half an hour west",
        ),
        pytest.param(
            DATETIME, "1901-12-13T20:45:51Z", datetime.datetime(1901, 12, 13, 20, 45, 51, tzinfo=UTC), id="1901"
        ),
        pytest.param(DATETIME, "0001-01-01T00:00:00Z", datetime.datetime(1, 1, 1, tzinfo=UTC), id="year 1"),
        pytest.param(
            DATETIME, "9999-12-31T23:59:59.999999Z", datetime.datetime.max.replace(tzinfo=UTC), id="the last moment"
        ),
        pytest.param(
            HTTP_DATE,
            "Sun, 06 Nov 1994 08:49:37 GMT",
            datetime.datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC),
            id="HTTP date",
        ),
        pytest.param(
            HTTP_DATE,
            "Sunday, 06-Nov-94 08:49:37 GMT",
            datetime.datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC),
            id="RFC 850",
        ),
        pytest.param(
            HTTP_DATE,
            "sun, 06 nov 1994 08:49:37 gmt",
            datetime.datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC),
            id="HTTP date, lower case",
        ),
        pytest.param(
            HTTP_DATE, "Sun Nov  6 08:49:37 1994", datetime.datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC), id="asctime"
        ),
        pytest.param(
            HTTP_DATE, "Sat, 31 Dec 2016 23:59:60 GMT", datetime.datetime(2017, 1, 1, tzinfo=UTC), id="HTTP leap second"
        ),
        pytest.param(UNIX_SECONDS, 1795262400, datetime.datetime(2026, 11, 21, 12, tzinfo=UTC), id="seconds"),
        pytest.param(UNIX_SECONDS, -1.5, datetime.datetime(1969, 12, 31, 23, 59, 58, 500_000, UTC), id="before 1970"),
        pytest.param(UNIX_SECONDS, "0", datetime.datetime(1970, 1, 1, tzinfo=UTC), id="seconds as text"),
        pytest.param(UNIX_SECONDS, -62135596800, datetime.datetime(1, 1, 1, tzinfo=UTC), id="seconds of year 1"),
        pytest.param(
            UNIX_MILLISECONDS, 1795262400123, datetime.datetime(2026, 11, 21, 12, 0, 0, 123_000, UTC), id="milliseconds"
        ),
        pytest.param(DURATION_SECONDS, 90, datetime.timedelta(seconds=90), id="duration in seconds"),
        pytest.param(DURATION_SECONDS, "-0.25", datetime.timedelta(seconds=-0.25), id="seconds as text, negative"),
        pytest.param(DURATION_MILLISECONDS, 1.5, datetime.timedelta(microseconds=1500), id="duration in milliseconds"),
        pytest.param(DECIMAL, "1.10", Decimal("1.10"), id="decimal"),
        pytest.param(DECIMAL, 0.1, Decimal("0.1"), id="a number for a decimal: its digits, not its bits"),
        pytest.param(DECIMAL, 7, Decimal(7), id="an integer for a decimal"),
        pytest.param(DECIMAL_NUMBER, 12.5, Decimal("12.5"), id="decimal as number"),
        pytest.param(DECIMAL_NUMBER, "0.123456789012345678901", Decimal("0.123456789012345678901"), id="text for one"),
        pytest.param(INTEGER_TEXT, "9223372036854775807", 2**63 - 1, id="int64 as text"),
        pytest.param(INTEGER_TEXT, -5, -5, id="a number for an int64"),
        pytest.param(BYTES_FOR_URLS, "_-8", b"\xff\xef", id="base64url"),
        pytest.param(BYTES_FOR_URLS, "/+8=", b"\xff\xef", id="base64 for base64url"),
        pytest.param(DATE, "2026-11-21", datetime.date(2026, 11, 21), id="date"),
        pytest.param(TIME, "12:30:00z", datetime.time(12, 30, tzinfo=UTC), id="time"),
        pytest.param(TIME, "12:30", datetime.time(12, 30), id="time without seconds"),
        pytest.param(DURATION, "P1DT2H3M4.5S", datetime.timedelta(1, 4.5, hours=2, minutes=3), id="duration"),
        pytest.param(DURATION, "-PT0,5S", datetime.timedelta(seconds=-0.5), id="negative, comma"),
        pytest.param(DURATION, "P2W", datetime.timedelta(weeks=2), id="weeks"),
        pytest.param(DURATION, "PT1.5H", datetime.timedelta(minutes=90), id="half an hour"),
        pytest.param(DURATION, "P0Y0MT0S", datetime.timedelta(), id="no years"),
        pytest.param(BYTES, "/+8=", b"\xff\xef", id="base64"),
        pytest.param(BYTES, "_-8", b"\xff\xef", id="URL-safe, no padding"),
        pytest.param(BYTES, "/\n+8=\r\n", b"\xff\xef", id="line breaks"),
        pytest.param(BYTES, "", b"", id="empty"),
        pytest.param(
            UUID,
            "12345678-ABCD-5678-1234-567812345678",
            uuid.UUID("12345678-abcd-5678-1234-567812345678"),
            id="a UUID in upper case",
        ),
    ],
)
def test_wire_forms_are_read_as_they_come(codec: Codec[object], text: object, value: object) -> None:
    read = codec.decode(text)
    assert read == value
    assert type(read) is type(value)
    if isinstance(value, datetime.datetime | datetime.time):
        assert isinstance(read, datetime.datetime | datetime.time)
        assert read.utcoffset() == value.utcoffset()


@pytest.mark.parametrize(
    ("codec", "value", "text"),
    [
        pytest.param(DATETIME, NOON, "2026-11-21T12:00:00Z", id="UTC"),
        pytest.param(DATETIME, NOON.astimezone(AN_HOUR_EAST), "2026-11-21T13:00:00+01:00", id="offset"),
        pytest.param(DATETIME, NOON.replace(tzinfo=None), "2026-11-21T12:00:00", id="naive"),
        pytest.param(
            DATETIME,
            datetime.datetime(1890, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(minutes=53, seconds=28))),
            "1889-12-31T23:06:32Z",
            id="an offset with seconds, which RFC 3339 lacks",
        ),
        pytest.param(DATETIME, datetime.datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z", id="year 1"),
        pytest.param(HTTP_DATE, NOON.astimezone(AN_HOUR_EAST), "Sat, 21 Nov 2026 12:00:00 GMT", id="HTTP date"),
        pytest.param(UNIX_SECONDS, NOON, 1795262400, id="seconds"),
        pytest.param(UNIX_SECONDS, datetime.datetime(1969, 12, 31, 23, 59, 58, 500_000, UTC), -1.5, id="before 1970"),
        pytest.param(UNIX_MILLISECONDS, NOON, 1795262400000, id="milliseconds"),
        pytest.param(DURATION_SECONDS, datetime.timedelta(minutes=-1), -60, id="whole seconds"),
        pytest.param(DURATION_SECONDS, datetime.timedelta(milliseconds=1), 0.001, id="parts of a second"),
        pytest.param(DURATION_MILLISECONDS, datetime.timedelta(seconds=1), 1000, id="duration in milliseconds"),
        pytest.param(DECIMAL, Decimal("1.10"), "1.10", id="decimal keeps its zeros"),
        pytest.param(DECIMAL, Decimal("0.12345678901234567890123"), "0.12345678901234567890123", id="all digits"),
        pytest.param(DECIMAL_NUMBER, Decimal("1.10"), 1.1, id="decimal as number"),
        pytest.param(DECIMAL_NUMBER, Decimal(2**70), 2**70, id="large decimal as number"),
        pytest.param(INTEGER_TEXT, 2**70, "1180591620717411303424", id="integer as text"),
        pytest.param(BYTES_FOR_URLS, b"\xff\xef", "_-8", id="base64url"),
        pytest.param(DATE, datetime.date(987, 1, 2), "0987-01-02", id="early date"),
        pytest.param(TIME, datetime.time(1, 2, 3, tzinfo=UTC), "01:02:03Z", id="time"),
        pytest.param(DURATION, datetime.timedelta(), "PT0S", id="no duration"),
        pytest.param(DURATION, datetime.timedelta(days=400), "P400D", id="days"),
        pytest.param(DURATION, datetime.timedelta(hours=-1, microseconds=-500_000), "-PT1H0.5S", id="negative"),
        pytest.param(BYTES, b"\xff\xef", "/+8=", id="bytes"),
        pytest.param(BYTES, bytearray(b"\xff"), "/w==", id="bytearray"),
        pytest.param(UUID, uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001", id="uuid"),
        pytest.param(UUID, "default", "default", id="an id that is no uuid after all"),
    ],
)
def test_values_are_written_in_one_form(codec: Codec[object], value: object, text: object) -> None:
    assert codec.encode(value) == text
    assert type(codec.encode(value)) is type(text)


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        pytest.param(DATETIME, "soon", id="no date-time"),
        pytest.param(DATETIME, "2026-13-01T00:00:00Z", id="month 13"),
        pytest.param(DATETIME, "0000-01-01T00:00:00Z", id="year 0"),
        pytest.param(DATETIME, "10000-01-01T00:00:00Z", id="year 10000"),
        pytest.param(DATETIME, "9999-12-31T23:59:60Z", id="a leap second after the last"),
        pytest.param(DATETIME, "2026-11-21T12:00:61Z", id="second 61"),
        pytest.param(DATETIME, "2026-11-21T12:00:00+25:00", id="offset of 25 hours"),
        pytest.param(DATETIME, "", id="nothing"),
        pytest.param(HTTP_DATE, "2026-11-21T12:00:00Z", id="no HTTP date"),
        pytest.param(HTTP_DATE, "Sun, 06 Foo 1994 08:49:37 GMT", id="no month"),
        pytest.param(HTTP_DATE, "Sun, 31 Feb 1994 08:49:37 GMT", id="February 31"),
        pytest.param(UNIX_SECONDS, "soon", id="no number"),
        pytest.param(UNIX_SECONDS, 10**15, id="seconds beyond the year 9999"),
        pytest.param(UNIX_MILLISECONDS, float("inf"), id="infinite"),
        pytest.param(UNIX_SECONDS, float("nan"), id="no number at all"),
        pytest.param(DURATION_SECONDS, 10**30, id="too long in seconds"),
        pytest.param(DURATION, "P99999999999D", id="too long"),
        pytest.param(DECIMAL, "1,5", id="a comma"),
        pytest.param(DECIMAL, "NaN", id="decimal NaN"),
        pytest.param(DECIMAL, float("inf"), id="decimal infinity"),
        pytest.param(INTEGER_TEXT, "1.5", id="no integer"),
        pytest.param(DATE, "2026-11-21T12:00:00Z", id="a date with a time"),
        pytest.param(DURATION, "P1Y", id="a year"),
        pytest.param(DURATION, "P", id="no amount"),
        pytest.param(DURATION, "PT", id="no amount of time"),
        pytest.param(DURATION, "5", id="a number"),
        pytest.param(BYTES, "a", id="cut base64"),
        pytest.param(BYTES, "$$$$", id="no base64"),
        pytest.param(UUID, "1234", id="no uuid"),
        pytest.param(UUID, "12345678123456781234567812345678", id="a UUID without hyphens, which is another id"),
        pytest.param(UUID, "{12345678-1234-5678-1234-567812345678}", id="a UUID in braces"),
    ],
)
def test_what_is_no_such_wire_form_is_a_value_error(codec: Codec[object], text: object) -> None:
    with pytest.raises(ValueError):
        codec.decode(text)


@pytest.mark.parametrize(
    ("codec", "value", "message"),
    [
        pytest.param(DATETIME, "2026-11-21", "wanted datetime.datetime, got str", id="text for a date-time"),
        pytest.param(
            DATETIME, datetime.date(2026, 1, 1), "wanted datetime.datetime, got date", id="date for a date-time"
        ),
        pytest.param(DATE, NOON, "wanted datetime.date, got datetime; pass value.date()", id="date-time for a date"),
        pytest.param(DATE, 5, "wanted datetime.date, got int", id="number for a date"),
        pytest.param(TIME, NOON, "wanted datetime.time, got datetime", id="date-time for a time"),
        pytest.param(DURATION, 5, "wanted datetime.timedelta, got int", id="seconds for a duration"),
        pytest.param(BYTES, "abc", "wanted bytes, got str", id="str for bytes"),
        pytest.param(UUID, 1234, "wanted uuid.UUID, got int", id="int for a uuid"),
        pytest.param(HTTP_DATE, NOON.replace(tzinfo=None), "wanted a datetime with a time zone", id="naive HTTP date"),
        pytest.param(UNIX_SECONDS, NOON.replace(tzinfo=None), "wanted a datetime with a time zone", id="naive moment"),
        pytest.param(UNIX_SECONDS, 5, "wanted datetime.datetime, got int", id="number for a moment"),
        pytest.param(DURATION_SECONDS, 5, "wanted datetime.timedelta, got int", id="number for seconds"),
        pytest.param(DECIMAL, 1.5, "wanted decimal.Decimal, got float", id="float for a decimal"),
        pytest.param(DECIMAL_NUMBER, True, "wanted decimal.Decimal, got bool", id="boolean for a decimal"),
        pytest.param(INTEGER_TEXT, "5", "wanted int, got str", id="text for an integer"),
        pytest.param(tuple_of(DATE, None), [NOON.date()], "wanted 2 items, got 1", id="too short a tuple"),
        pytest.param(tuple_of(DATE), [5], r"\[0\]: wanted datetime.date, got int", id="wrong item of a tuple"),
        pytest.param(any_of(DATE, list_of(DATE)), 5, "wanted datetime.date or a list of datetime.date", id="no member"),
        pytest.param(list_of(DATE), "ab", "wanted a list of datetime.date, got str", id="str for a list"),
        pytest.param(list_of(DATE), {}, "wanted a list of datetime.date, got dict", id="dict for a list"),
        pytest.param(map_of(DATE), [], "wanted a mapping to datetime.date, got list", id="list for a mapping"),
        pytest.param(enum_of(Level), [], "wanted Level, str or int, got list", id="list for an enum"),
        pytest.param(model_of(Pet), 5, "wanted Pet or a mapping, got int", id="number for a model"),
        pytest.param(list_of(list_of(DATE)), [[], [5]], r"\[1\]: \[0\]: wanted datetime.date, got int", id="nested"),
    ],
)
def test_a_wrong_type_is_a_type_error_that_says_what_is_wanted(
    codec: Codec[object], value: object, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        codec.encode(value)


ZONES = st.none() | st.timedeltas(datetime.timedelta(hours=-23), datetime.timedelta(hours=23)).map(
    lambda offset: datetime.timezone(datetime.timedelta(minutes=offset // datetime.timedelta(minutes=1)))
)
CODECS: dict[str, tuple[Codec[Any], st.SearchStrategy[Any]]] = {
    "DATETIME": (DATETIME, st.datetimes(timezones=ZONES)),
    "DATE": (DATE, st.dates()),
    "TIME": (TIME, st.times()),
    "DURATION": (DURATION, st.timedeltas()),
    "BYTES": (BYTES, st.binary()),
    "UUID": (UUID, st.uuids()),
    "HTTP_DATE": (HTTP_DATE, st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0))),
    # Up to the year 2242 a double holds every microsecond.
    "UNIX_SECONDS": (
        UNIX_SECONDS,
        st.datetimes(
            max_value=datetime.datetime(2242, 1, 1), min_value=datetime.datetime(1700, 1, 1), timezones=st.just(UTC)
        ),
    ),
    "UNIX_MILLISECONDS": (
        UNIX_MILLISECONDS,
        st.datetimes(timezones=st.just(UTC)).map(
            lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        ),
    ),
    "DURATION_SECONDS": (DURATION_SECONDS, st.timedeltas(datetime.timedelta(-90_000), datetime.timedelta(90_000))),
    "DURATION_MILLISECONDS": (
        DURATION_MILLISECONDS,
        st.timedeltas(datetime.timedelta(-90_000), datetime.timedelta(90_000)),
    ),
    "DECIMAL": (DECIMAL, st.decimals(allow_nan=False, allow_infinity=False)),
    "DECIMAL_NUMBER": (DECIMAL_NUMBER, st.decimals(min_value=-(10**12), max_value=10**12, places=3)),
    "INTEGER_TEXT": (INTEGER_TEXT, st.integers()),
    "BYTES_FOR_URLS": (BYTES_FOR_URLS, st.binary()),
    "tuple": (
        tuple_of(DATE, None, list_of(DATE)),
        st.tuples(st.dates(), st.integers() | st.none(), st.lists(st.dates())),
    ),
    "any": (any_of(Pet, DATE, None), st.builds(Pet, name=st.text(), born=st.dates()) | st.dates() | st.integers()),
    "enum": (enum_of(Level), st.sampled_from(Level) | st.integers(3) | st.text()),
    "list": (list_of(DATE), st.lists(st.dates() | st.none())),
    "map": (map_of(list_of(DATE)), st.dictionaries(st.text(), st.lists(st.dates()))),
    "model": (model_of(Pet), st.builds(Pet, name=st.text(), born=st.dates() | st.none())),
    "identity": (as_codec(None), st.lists(st.integers())),
    "thunk": (as_codec(lambda: list_of(DATE)), st.lists(st.dates())),
}


@pytest.mark.parametrize(("codec", "values"), CODECS.values(), ids=CODECS)
@given(data=st.data())
def test_what_is_written_reads_the_same(codec: Codec[Any], values: st.SearchStrategy[Any], data: st.DataObject) -> None:
    """Also by way of bytes; and None is None to every codec."""
    value = data.draw(values)
    assert codec.decode(codec.encode(value)) == value
    assert codec.decode(loads(dumps(codec.encode(value)))) == value
    assert codec.decode(None) is None
    assert codec.encode(None) is None


@given(st.binary())
def test_base64_is_the_standard_one(value: bytes) -> None:
    assert BYTES.encode(value) == base64.b64encode(value).decode()
    assert BYTES.decode(base64.urlsafe_b64encode(value).decode().rstrip("=")) == value


# --- codecs ----------------------------------------------------------------------------------------------------------


def test_anything_that_stands_for_a_codec_is_one() -> None:
    percent = Percent()
    assert as_codec(percent) is percent
    assert as_codec(DATE) is DATE
    assert as_codec(None).decode({"a": 1}) == {"a": 1}
    assert as_codec(Pet).decode({"petName": "p"}) == Pet(name="p")
    assert as_codec(Level).decode(2) is Level.HIGH
    assert as_codec(lambda: Pet).decode({"petName": "p"}) == Pet(name="p")
    assert as_codec(lambda: DATE).decode("2026-11-21") == datetime.date(2026, 11, 21)


@pytest.mark.parametrize("wrong", [5, "DATE", dict, []], ids=repr)
def test_anything_else_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="is no codec; give a model class, an enum class"):
        as_codec(wrong)


def test_a_thunk_is_called_once_and_late() -> None:
    calls: list[int] = []

    def later() -> Codec[datetime.date]:
        calls.append(1)
        return DATE

    codec = list_of(later)
    assert not calls
    assert codec.decode(["2026-11-21", "2026-11-22"]) == [datetime.date(2026, 11, 21), datetime.date(2026, 11, 22)]
    assert codec.encode([]) == []
    assert calls == [1]


def test_a_codec_may_contain_itself() -> None:
    tree: Codec[Any] = map_of(lambda: tree)
    assert tree.decode({"a": {"b": {}}}) == {"a": {"b": {}}}
    assert tree.encode({"a": {"b": {}}}) == {"a": {"b": {}}}


def test_lists_of_plain_values_are_copies_that_may_be_edited() -> None:
    wire = [1, [2]]
    read = list_of(None).decode(wire)
    assert read == wire
    read[1].append(3)
    assert wire == [1, [2]]
    assert map_of(None).encode({"a": 1}) == {"a": 1}


def test_own_codecs_work_in_models_and_edits_reach_the_wire() -> None:
    class Discount(Model):
        rate: float = field("rate", Percent())
        rates: list[float] = field("rates", list_of(Percent()))

    discount = Discount.from_dict({"rate": "10%", "rates": ["5.0%", "20%"]})
    assert discount.rate == pytest.approx(0.1)
    discount.rates[1] = 0.25
    assert discount.as_dict() == {"rate": "10%", "rates": ["5.0%", "25%"]}
    assert Discount.from_dict({"rate": 5}).rate == 5


class Cat(Model):
    name: str = field("name")
    lives: int = field("lives")


class Dog(Model):
    name: str = field("name")
    breed: str | None = field("breed", default=UNSET)


class Puppy(Dog):
    mother: Dog = field("mother", Dog)


@pytest.mark.parametrize(
    ("wire", "kind"),
    [
        pytest.param({"name": "c", "lives": 9}, Cat, id="all required fields of one"),
        pytest.param({"name": "d"}, Dog, id="a required field of the other is missing"),
        pytest.param({"name": "d", "lives": "many"}, Dog, id="a value of a wrong type"),
        pytest.param({"name": "d", "breed": "pug"}, Dog, id="more fields known"),
        pytest.param({"name": "p", "mother": {"name": "d"}}, Puppy, id="deeper"),
        pytest.param({"name": "p", "mother": 5}, Dog, id="a nested value of a wrong type"),
        pytest.param({"lives": 9, "new": 1}, Cat, id="what is known, although something is missing"),
        pytest.param({"other": 1}, dict, id="nothing known: as it is"),
        pytest.param("2026-11-21", datetime.date, id="a date"),
        pytest.param("yesterday", str, id="any text"),
        pytest.param([{"name": "c", "lives": 9}], list, id="a list of one"),
        pytest.param(5, int, id="a number"),
    ],
)
def test_a_union_without_a_tag_takes_the_member_that_fits_best(wire: Any, kind: type) -> None:
    """And what it read is written back as it came."""
    codec: Codec[Any] = any_of(Cat, Dog, Puppy, DATE, list_of(Cat))
    value = codec.decode(wire)
    assert type(value) is kind
    assert to_wire(value if kind is not str else wire) == (wire if kind is not datetime.date else "2026-11-21")
    if kind is list:
        assert isinstance(value[0], Cat)


def test_edits_of_unions_and_tuples_reach_the_wire() -> None:
    class Box(Model):
        pet: Cat | Dog | Any = field("pet", any_of(Cat, Dog))
        pair: tuple[Cat, datetime.date] = field("pair", tuple_of(Cat, DATE))

    wire = {"pet": {"name": "c", "lives": 9}, "pair": [{"name": "c", "lives": 9}, "2026-11-21", "more"]}
    box = Box.from_dict(wire)
    assert box.pair == (Cat(name="c", lives=9), datetime.date(2026, 11, 21), "more")
    assert box == wire
    assert isinstance(box.pet, Cat)
    box.pet.lives = 8
    box.pair[0].lives = 7
    assert box.as_dict() == {
        "pet": {"name": "c", "lives": 8},
        "pair": [{"name": "c", "lives": 7}, "2026-11-21", "more"],
    }
    box.pet = Dog(name="d")
    assert box["pet"] == {"name": "d"}


# --- JSON ------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Point:
    x: int
    when: datetime.date


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(
            Pet(name="ü", born=datetime.date(2026, 1, 2)), '{"petName":"ü","bornOn":"2026-01-02"}', id="model"
        ),
        pytest.param({"a": [Pet(name="p")]}, '{"a":[{"petName":"p"}]}', id="model within"),
        pytest.param(MappingProxyType({"a": (1, 2)}), '{"a":[1,2]}', id="mapping, tuple"),
        pytest.param(
            [Level.HIGH, NOON, uuid.UUID(int=0)], f'[2,"2026-11-21T12:00:00Z","{uuid.UUID(int=0)}"]', id="scalars"
        ),
        pytest.param([b"a", bytearray(b"a"), memoryview(b"a")], '["YQ==","YQ==","YQ=="]', id="bytes"),
        pytest.param(
            [datetime.timedelta(1), datetime.time(1), datetime.date(1, 1, 1)], '["P1D","01:00:00","0001-01-01"]', id="t"
        ),
        pytest.param([Decimal("1.10"), Decimal(7), Decimal("1e3")], "[1.1,7,1000]", id="decimals"),
        pytest.param(Point(1, datetime.date(2026, 1, 2)), '{"x":1,"when":"2026-01-02"}', id="dataclass"),
        pytest.param("\ud800", '"\\ud800"', id="half a surrogate pair"),
        pytest.param([2**70, 1e300, -0.0, True, None], "[1180591620717411303424,1e+300,-0.0,true,null]", id="numbers"),
    ],
)
def test_values_are_written_as_json(value: object, text: str) -> None:
    assert dumps(value) == text.encode()
    assert dumps(to_wire(value)) == text.encode()


def loop() -> list[object]:
    around: list[object] = []
    around.append(around)
    return around


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        pytest.param({"a": math.nan}, ValueError, "cannot be written as JSON", id="NaN"),
        pytest.param([-math.inf], ValueError, "cannot be written as JSON", id="infinity"),
        pytest.param(Decimal("NaN"), ValueError, "cannot be written as JSON", id="decimal NaN"),
        pytest.param(
            Decimal("0.12345678901234567890123"), ValueError, "more digits than a JSON number keeps", id="digits"
        ),
        pytest.param(loop(), ValueError, "cannot be written as JSON", id="loop"),
        pytest.param({1, 2}, TypeError, "set has no form in JSON", id="set"),
        pytest.param(object(), TypeError, "object has no form in JSON; convert it", id="object"),
        pytest.param(UNSET, TypeError, "_Unset has no form in JSON", id="UNSET"),
        pytest.param(Point, TypeError, "type has no form in JSON", id="class"),
    ],
)
def test_what_has_no_form_in_json_is_refused(value: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        dumps(value)


@pytest.mark.parametrize("has_msgspec", [True, False], ids=["with msgspec", "json only"])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param(b'{"a": 1}', {"a": 1}, id="bytes"),
        pytest.param(bytearray(b"[]"), [], id="bytearray"),
        pytest.param('"ü"', "ü", id="str"),
        pytest.param(b"\xef\xbb\xbf[1]", [1], id="byte order mark"),
        pytest.param("\ufeff[1]", [1], id="byte order mark in a str"),
        pytest.param(
            b"[18446744073709551616, 123456789012345678901234567890]", [2**64, 123456789012345678901234567890], id="big"
        ),
        pytest.param(b'"\\ud800"', "\ud800", id="half a surrogate pair"),
        pytest.param(b"1e400", math.inf, id="too large"),
        pytest.param(b'{"a": 1, "a": 2}', {"a": 2}, id="twice the same name"),
    ],
)
def test_json_is_read_the_same_by_either_decoder(
    text: bytes | str, value: object, has_msgspec: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if has_msgspec:
        assert msgspec.json.decode(b"1") == 1
    else:
        monkeypatch.delitem(sys.modules, "msgspec.json")
    assert loads(text) == value


@pytest.mark.parametrize("has_msgspec", [True, False], ids=["with msgspec", "json only"])
@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[1,]", b"nope", b'"\xff"', b"[" * 200_000],
    ids=["empty", "cut", "comma", "word", "utf-8", "deep"],
)
def test_what_is_not_json_is_a_value_error(text: bytes, has_msgspec: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not has_msgspec:
        monkeypatch.delitem(sys.modules, "msgspec.json")
    with pytest.raises(ValueError):
        loads(text)


def test_the_wire_form_is_a_copy() -> None:
    wire = {"a": [{"b": 1}]}
    copied = to_wire(wire)
    assert copied == wire
    copied["a"][0]["b"] = 2
    assert wire == {"a": [{"b": 1}]}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_passes_through(value: object) -> None:
    assert loads(dumps(value)) == value == to_wire(value)
    assert json.loads(dumps(value)) == value


# --- flattened arguments ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        Pet(name="old", friend=Pet(name="f")),
        {"petName": "old", "friend": {"petName": "f"}},
        MappingProxyType({"petName": "old", "friend": {"petName": "f"}}),
    ],
    ids=["model", "dict", "mapping"],
)
def test_explicit_arguments_win_over_the_body(body: Pet | Mapping[str, Any]) -> None:
    """Guideline client-flatten-args; UNSET is not given, None is null."""
    merged = merge_fields(Pet, body, {"name": "new", "born": datetime.date(2026, 1, 2), "friend": UNSET})
    assert merged == {"petName": "new", "friend": {"petName": "f"}, "bornOn": "2026-01-02"}
    assert merge_fields(Pet, body, {"friend": None}) == {"petName": "old", "friend": None}
    assert body["petName"] == "old"


def test_without_a_body_only_the_arguments_are_sent() -> None:
    assert merge_fields(Pet, None, {"name": "new", "born": UNSET}) == {"petName": "new"}


def test_the_tag_of_a_child_is_sent_too() -> None:
    class Animal(Model, tag="type"):
        type: str = field("type", init=False)

    class Cat(Animal, value="cat"):
        lives: int = field("lives")

    assert merge_fields(Cat, None, {"lives": 9}) == {"type": "cat", "lives": 9}


@pytest.mark.parametrize(
    ("body", "arguments", "message"),
    [
        pytest.param(None, {"nmae": "x"}, "Pet has no field 'nmae'; did you mean 'name'?", id="misspelt"),
        pytest.param(None, {"born": "today"}, "Pet.born: wanted datetime.date, got str", id="wrong type"),
        pytest.param(5, {}, "wanted Pet or a mapping, got int", id="no body"),
    ],
)
def test_wrong_flattened_arguments_are_named(body: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        merge_fields(Pet, body, arguments)


def test_plain_values_are_the_last_of_a_union_to_be_written() -> None:
    """They take anything: a date would be left to the usual form of dates."""
    moment = datetime.datetime(1970, 1, 1, 0, 1, tzinfo=datetime.UTC)
    assert any_of(None, UNIX_SECONDS).encode(moment) == any_of(UNIX_SECONDS, None).encode(moment) == 60
    assert any_of(None, UNIX_SECONDS).encode("later") == "later"


@pytest.mark.parametrize("codec", [INTEGER_TEXT, DECIMAL, UNIX_SECONDS, DURATION_SECONDS], ids=repr)
@pytest.mark.parametrize("text", ["1_000", "١٢"], ids=["underscore", "digits of another script"])
def test_numbers_as_only_python_spells_them_are_not_read(codec: Codec[Any], text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        codec.decode(text)
