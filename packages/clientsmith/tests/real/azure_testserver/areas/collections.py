"""Lists and mappings: the same values in both, of every kind, with nulls and with values of another kind."""

from __future__ import annotations

import datetime
import uuid
from datetime import UTC, timedelta, timezone
from typing import Any

from clientsmith.core.errors import DecodeError

from ..case import Area

WEST = timezone(timedelta(hours=-8))
MOMENTS = [
    datetime.datetime(2000, 12, 1, 0, 0, 1, tzinfo=UTC),
    datetime.datetime(1980, 1, 2, 0, 11, 35, tzinfo=timezone(timedelta(hours=1))),
    datetime.datetime(1492, 10, 12, 10, 15, 1, tzinfo=WEST),
]
IN_UTC = [moment.astimezone(UTC) for moment in MOMENTS]
HTTP_DATES = [moment.replace(tzinfo=UTC) for moment in MOMENTS]
DAYS = [datetime.date(2000, 12, 1), datetime.date(1980, 1, 2), datetime.date(1492, 10, 12)]
DURATIONS = [timedelta(days=123, hours=22, minutes=14, seconds=12.011), timedelta(days=5, hours=1)]
OCTETS = [bytes([255, 255, 255, 250]), bytes([1, 2, 3]), bytes([37, 41, 67])]
UUIDS = [
    uuid.UUID("6dcc7237-45fe-45c4-8a6b-3a8a3f625652"),
    uuid.UUID("d1399005-30f7-40d6-8da6-dd7c89ad34db"),
    uuid.UUID("f42f6aa1-a5bc-4ddf-907e-5f915de43205"),
]
PRODUCTS = [{"integer": 1, "string": "2"}, {"integer": 3, "string": "4"}, {"integer": 5, "string": "6"}]
ROWS = [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]]
NAMES = [
    {"1": "one", "2": "two", "3": "three"},
    {"4": "four", "5": "five", "6": "six"},
    {"7": "seven", "8": "eight", "9": "nine"},
]
TEXTS = [b"a string that gets encoded with base64url", b"test string", b"Lorem ipsum"]

# (kind in the report, kind in the operation's id, what comes and goes, with null, with a value of another kind)
PRIMITIVES: list[tuple[str, str, Any, Any, Any]] = [
    ("Boolean", "BooleanTfft", [True, False, False, True], None, None),
    ("Integer", "IntegerValid", [1, -1, 3, 300], None, None),
    ("Long", "LongValid", [1, -1, 3, 300], None, None),
    ("Float", "FloatValid", [0.0, -0.01, -1.2e20], None, None),
    ("Double", "DoubleValid", [0.0, -0.01, -1.2e20], None, None),
    ("String", "StringValid", ["foo1", "foo2", "foo3"], None, None),
    ("Date", "DateValid", DAYS, None, None),
    ("DateTime", "DateTimeValid", MOMENTS, None, None),
    ("DateTimeRfc1123", "DateTimeRfc1123Valid", HTTP_DATES, None, None),
    ("Duration", "DurationValid", DURATIONS, None, None),
    ("Byte", "ByteValid", OCTETS, None, None),
    ("Complex", "ComplexValid", PRODUCTS, None, None),
    ("Array", "ArrayValid", ROWS, None, None),
    ("Dictionary", "DictionaryValid", NAMES, None, None),
]
# What is not as it should be: read as it came where JSON has a type for it, an error where text cannot be read.
READ_AS_IT_CAME: list[tuple[str, str, Any]] = [
    ("BooleanWithNull", "BooleanInvalidNull", [True, None, False]),
    ("BooleanWithString", "BooleanInvalidString", [True, "boolean", False]),
    ("IntegerWithNull", "IntInvalidNull", [1, None, 0]),
    ("IntegerWithString", "IntInvalidString", [1, "integer", 0]),
    ("LongWithNull", "LongInvalidNull", [1, None, 0]),
    ("LongWithString", "LongInvalidString", [1, "integer", 0]),
    ("FloatWithNull", "FloatInvalidNull", [0.0, None, -1.2e20]),
    ("FloatWithString", "FloatInvalidString", [1, "number", 0]),
    ("DoubleWithNull", "DoubleInvalidNull", [0.0, None, -1.2e20]),
    ("DoubleWithString", "DoubleInvalidString", [1, "number", 0]),
    ("StringWithNull", "StringWithNull", ["foo", None, "foo2"]),
    ("StringWithNumber", "StringWithInvalid", ["foo", 123, "foo2"]),
    ("DateWithNull", "DateInvalidNull", [datetime.date(2012, 1, 1), None, datetime.date(1776, 7, 4)]),
    ("DateTimeWithNull", "DateTimeInvalidNull", [MOMENTS[0], None]),
    ("ByteWithNull", "ByteInvalidNull", [bytes([171, 172, 173]), None]),
    ("Base64Url", "Base64Url", TEXTS),
    ("Empty", "Empty", []),
    ("ComplexEmpty", "ComplexEmpty", []),
    ("ComplexItemNull", "ComplexItemNull", [PRODUCTS[0], None, PRODUCTS[2]]),
    ("ComplexItemEmpty", "ComplexItemEmpty", [PRODUCTS[0], {}, PRODUCTS[2]]),
    ("ArrayEmpty", "ArrayEmpty", []),
    ("ArrayItemNull", "ArrayItemNull", [ROWS[0], None, ROWS[2]]),
    ("ArrayItemEmpty", "ArrayItemEmpty", [ROWS[0], [], ROWS[2]]),
    ("DictionaryEmpty", "DictionaryEmpty", []),
    ("DictionaryItemNull", "DictionaryItemNull", [NAMES[0], None, NAMES[2]]),
    ("DictionaryItemEmpty", "DictionaryItemEmpty", [NAMES[0], {}, NAMES[2]]),
]
NOTHING = ("Null", "ComplexNull", "ArrayNull", "DictionaryNull")
UNREADABLE = {"DateWithInvalidChars": "DateInvalidChars", "DateTimeWithInvalidChars": "DateTimeInvalidChars"}


def is_list(wanted: list[Any]) -> Any:
    """A list method gives its items; what is called by another name gives the list."""
    return lambda result: result == wanted if not hasattr(result, "as_dict") else result.as_dict() == wanted


def keyed(values: list[Any]) -> dict[str, Any]:
    return {str(number): value for number, value in enumerate(values)}


arrays = Area("body-array")
mappings = Area("body-dictionary")
for report, operation, values, _null, _other in PRIMITIVES:
    arrays.call(f"getArray{report}Valid", f"array_get{operation}", gives=values)
    mappings.call(f"getDictionary{report}Valid", f"dictionary_get{operation}", gives=keyed(values))
    # The array's service takes the local times for what they say, the dictionary's for what they are.
    arrays.call(f"putArray{report}Valid", f"array_put{operation}", HTTP_DATES if report == "DateTime" else values)
    mappings.call(
        f"putDictionary{report}Valid", f"dictionary_put{operation}", keyed(IN_UTC if report == "DateTime" else values)
    )
for report, operation, values in READ_AS_IT_CAME:
    arrays.call(f"getArray{report}", f"array_get{operation}", gives=values)
    mappings.call(f"getDictionary{report}", f"dictionary_get{operation}", gives=keyed(values))
for name in NOTHING:
    arrays.call(f"getArray{name}", f"array_get{name}", gives=lambda result: not result)
    mappings.call(f"getDictionary{name}", f"dictionary_get{name}", gives=None)
for report, operation in UNREADABLE.items():
    arrays.call(f"getArray{report}", f"array_get{operation}", raises=DecodeError)
    mappings.call(f"getDictionary{report}", f"dictionary_get{operation}", raises=DecodeError)
arrays.call("getArrayInvalid", "array_getInvalid", raises=DecodeError)
arrays.call("putArrayEmpty", "array_putEmpty", [])
for kind in ("Enum", "StringEnum"):
    arrays.call(f"getArray{kind}Valid", f"array_get{kind}Valid", gives=["foo1", "foo2", "foo3"])
    arrays.call(f"putArray{kind}Valid", f"array_put{kind}Valid", ["foo1", "foo2", "foo3"])
arrays.call("getArrayUuidValid", "array_getUuidValid", gives=UUIDS)
arrays.call("putArrayUuidValid", "array_putUuidValid", UUIDS)
arrays.call("getArrayUuidWithInvalidChars", "array_getUuidInvalidChars", raises=DecodeError)
mappings.call("getDictionaryInvalid", "dictionary_getInvalid", raises=DecodeError)
mappings.call("getDictionaryNullkey", "dictionary_getNullKey", raises=DecodeError)
mappings.call("getDictionaryNullValue", "dictionary_getNullValue", gives={"key1": None})
mappings.call("getDictionaryKeyEmptyString", "dictionary_getEmptyStringKey", gives={"": "val1"})
mappings.call("putDictionaryEmpty", "dictionary_putEmpty", {})

AREAS = (arrays, mappings)
