"""Bodies that are one value: strings, numbers, booleans, bytes, dates, times and durations; files and forms."""

from __future__ import annotations

import datetime
from datetime import UTC, timedelta, timezone
from decimal import Decimal
from typing import Any

from clientsmith.core.errors import DecodeError, HttpResponseError
from clientsmith.core.multipart import Part

from ..case import Area, check, make

SPACES = "    Now is the time for all good men to come to the aid of their country    "
NOT_ASCII = bytes([255, 254, 253, 252, 251, 250, 249, 248, 247, 246])

strings = Area("body-string")
strings.call("getStringNull", "string_getNull", gives=None)
strings.call("putStringNull", "string_putNull")
strings.call("getStringEmpty", "string_getEmpty", gives="")
strings.call("putStringEmpty", "string_putEmpty", "")
strings.call("getStringNotProvided", "string_getNotProvided", gives=None)
strings.call("getStringWithLeadingAndTrailingWhitespace", "string_getWhitespace", gives=SPACES)
strings.call("putStringWithLeadingAndTrailingWhitespace", "string_putWhitespace", SPACES)
strings.call("getStringMultiByteCharacters", "string_getMbcs", gives=lambda text: text.startswith("啊齄丂狛狜"))
strings.call("getStringBase64Encoded", "string_getBase64Encoded", gives=b"a string that gets encoded with base64")
strings.call(
    "getStringBase64UrlEncoded", "string_getBase64UrlEncoded", gives=b"a string that gets encoded with base64url"
)
strings.call("putStringBase64UrlEncoded", "string_putBase64UrlEncoded", b"a string that gets encoded with base64url")
strings.call("getStringNullBase64UrlEncoding", "string_getNullBase64UrlEncoded", gives=None)
strings.call("getEnumNotExpandable", "enum_getNotExpandable", gives="red color")
strings.call("putEnumNotExpandable", "enum_putNotExpandable", "red color")
strings.call("getEnumReferenced", "enum_getReferenced", gives="red color")
strings.call("putEnumReferenced", "enum_putReferenced", make(lambda models: models.Colors.RED_COLOR))
strings.call("getEnumReferencedConstant", "enum_getReferencedConstant", gives=lambda it: it.field1 == "Sample String")
strings.call(
    "putEnumReferencedConstant",
    "enum_putReferencedConstant",
    make(lambda models: models.RefColorConstant(color_constant="green-color")),
)


@strings.script("putStringMultiByteCharacters")
async def what_came_goes_back(client: Any, _server: Any) -> None:
    await client.call("string_putMbcs", str(await client.call("string_getMbcs")))


integers = Area("body-integer")
integers.call("getIntegerNull", "int_getNull", gives=None)
integers.call("getIntegerInvalid", "int_getInvalid", raises=DecodeError)
integers.call("getIntegerOverflow", "int_getOverflowInt32", gives=2147483656)
integers.call("getIntegerUnderflow", "int_getUnderflowInt32", gives=-2147483656)
integers.call("getLongOverflow", "int_getOverflowInt64", gives=9223372036854775910)
integers.call("getLongUnderflow", "int_getUnderflowInt64", gives=-9223372036854775910)
integers.call("putIntegerMax", "int_putMax32", 2**31 - 1)
integers.call("putIntegerMin", "int_putMin32", -(2**31))
integers.call("putLongMax", "int_putMax64", 2**63 - 1)
integers.call("putLongMin", "int_putMin64", -(2**63))
integers.call("getUnixTime", "int_getUnixTime", gives=datetime.datetime(2016, 4, 13, tzinfo=UTC))
integers.call("putUnixTime", "int_putUnixTimeDate", datetime.datetime(2016, 4, 13, tzinfo=UTC))
integers.call("getInvalidUnixTime", "int_getInvalidUnixTime", raises=DecodeError)
integers.call("getNullUnixTime", "int_getNullUnixTime", gives=None)

numbers = Area("body-number")


def same_number(wanted: float | Decimal) -> Any:
    """What a document allows as the only value is a constant, which has the type that JSON has for it."""
    return lambda got: float(got) == float(wanted)


numbers.call("getNumberNull", "number_getNull", gives=None)
for kind, scenario in {
    "Float": "getFloatInvalid",
    "Double": "getDoubleInvalid",
    "Decimal": "getDecimalInvalid",
}.items():
    numbers.call(scenario, f"number_getInvalid{kind}", raises=DecodeError)
for kind, number in {"Float": 3.402823e20, "Double": 2.5976931e101, "Decimal": Decimal("2.5976931e101")}.items():
    notation = "" if kind == "Decimal" else "ScientificNotation"
    numbers.call(f"get{kind}Big{notation}", f"number_getBig{kind}", gives=same_number(number))
    numbers.call(f"put{kind}Big{notation}", f"number_putBig{kind}", number)
for kind, number in {"Float": 3.402823e-20, "Double": 2.5976931e-101, "Decimal": Decimal("2.5976931e-101")}.items():
    notation = "" if kind == "Decimal" else "ScientificNotation"
    numbers.call(f"get{kind}Small{notation}", f"number_getSmall{kind}", gives=same_number(number))
    numbers.call(f"put{kind}Small{notation}", f"number_putSmall{kind}", number)
for kind, make_number in {"Double": float, "Decimal": Decimal}.items():
    for sign, text in {"Positive": "99999999.99", "Negative": "-99999999.99"}.items():
        operation = f"Big{kind}{sign}Decimal"
        numbers.call(f"get{kind}Big{sign}Decimal", f"number_get{operation}", gives=same_number(make_number(text)))
        numbers.call(f"put{kind}Big{sign}Decimal", f"number_put{operation}", make_number(text))

booleans = Area("body-boolean")
booleans.call("getBoolTrue", "bool_getTrue", gives=True)
booleans.call("getBoolFalse", "bool_getFalse", gives=False)
booleans.call("getBoolNull", "bool_getNull", gives=None)
booleans.call("getBoolInvalid", "bool_getInvalid", raises=DecodeError)
booleans.call("putBoolTrue", "bool_putTrue", True)
booleans.call("putBoolFalse", "bool_putFalse", False)

octets = Area("body-byte")
octets.call("getByteNull", "byte_getNull", gives=None)
octets.call("getByteEmpty", "byte_getEmpty", gives=b"")
octets.call("getByteNonAscii", "byte_getNonAscii", gives=NOT_ASCII)
octets.call("putByteNonAscii", "byte_putNonAscii", NOT_ASCII)
octets.call("getByteInvalid", "byte_getInvalid", raises=DecodeError)

dates = Area("body-date")
dates.call("getDateNull", "date_getNull", gives=None)
dates.call("getDateInvalid", "date_getInvalidDate", raises=DecodeError)
dates.call("getDateOverflow", "date_getOverflowDate", raises=DecodeError)
dates.call("getDateUnderflow", "date_getUnderflowDate", raises=DecodeError)
dates.call("getDateMax", "date_getMaxDate", gives=datetime.date.max)
dates.call("putDateMax", "date_putMaxDate", datetime.date.max)
dates.call("getDateMin", "date_getMinDate", gives="0001-01-01")  # a constant, by the document
dates.call("putDateMin", "date_putMinDate", datetime.date.min)

EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-14))
LAST = datetime.datetime(9999, 12, 31, 23, 59, 59, 999000, UTC)
FIRST = datetime.datetime(1, 1, 1, tzinfo=UTC)

moments = Area("body-datetime")
moments.call("getDateTimeNull", "datetime_getNull", gives=None)
moments.call("getDateTimeInvalid", "datetime_getInvalid", raises=DecodeError)
moments.call("getDateTimeOverflow", "datetime_getOverflow", gives=LAST.replace(tzinfo=WEST))
moments.call("getDateTimeUnderflow", "datetime_getUnderflow", raises=DecodeError)
for case in ("Lowercase", "Uppercase"):
    moments.call(f"getDateTimeMaxUtc{case}", f"datetime_getUtc{case}MaxDateTime", gives=LAST)
    for sign, zone in {"Positive": EAST, "Negative": WEST}.items():
        moments.call(
            f"getDateTimeMaxLocal{sign}Offset{case}",
            f"datetime_getLocal{sign}Offset{case}MaxDateTime",
            gives=LAST.replace(tzinfo=zone),
        )
for sign, zone in {"Positive": EAST, "Negative": WEST}.items():
    operation = f"Local{sign}Offset"
    moments.call(
        f"getDateTimeMinLocal{sign}Offset",
        f"datetime_get{operation}MinDateTime",
        gives=FIRST.replace(tzinfo=zone).isoformat(),
    )
    moments.call(f"putDateTimeMinLocal{sign}Offset", f"datetime_put{operation}MinDateTime", FIRST.replace(tzinfo=zone))
    moments.call(f"putDateTimeMaxLocal{sign}Offset", f"datetime_put{operation}MaxDateTime", LAST.replace(tzinfo=zone))
moments.call("getDateTimeMinUtc", "datetime_getUtcMinDateTime", gives="0001-01-01T00:00:00Z")
moments.call("putDateTimeMinUtc", "datetime_putUtcMinDateTime", FIRST)
moments.call("putDateTimeMaxUtc", "datetime_putUtcMaxDateTime", LAST)
moments.call(
    "getDateTimeMaxUtc7MSUppercase",
    "datetime_getUtcUppercaseMaxDateTime7Digits",
    gives=LAST.replace(microsecond=999999),
)
moments.call(
    "putDateTimeMaxUtc7MS",
    "datetime_putUtcMaxDateTime7Digits",
    LAST.replace(microsecond=999999),
    differs="Python's datetime has six digits of a second, the server wants seven",
)
moments.call("getDateTimeMinLocalNoOffset", "datetime_getLocalNoOffsetMinDateTime", gives=FIRST.replace(tzinfo=None))

http_dates = Area("body-datetime-rfc1123")
http_dates.call("getDateTimeRfc1123Null", "datetimerfc1123_getNull", gives=None)
for kind in ("Invalid", "Overflow", "Underflow"):
    http_dates.call(f"getDateTimeRfc1123{kind}", f"datetimerfc1123_get{kind}", raises=DecodeError)
for case in ("Lowercase", "Uppercase"):
    http_dates.call(
        f"getDateTimeRfc1123MaxUtc{case}", f"datetimerfc1123_getUtc{case}MaxDateTime", gives=LAST.replace(microsecond=0)
    )
http_dates.call("getDateTimeRfc1123MinUtc", "datetimerfc1123_getUtcMinDateTime", gives="Mon, 01 Jan 0001 00:00:00 GMT")
http_dates.call("putDateTimeRfc1123Max", "datetimerfc1123_putUtcMaxDateTime", LAST.replace(microsecond=0))
http_dates.call("putDateTimeRfc1123Min", "datetimerfc1123_putUtcMinDateTime", FIRST)

durations = Area("body-duration")
durations.call("getDurationNull", "duration_getNull", gives=None)
durations.call("getDurationInvalid", "duration_getInvalid", raises=DecodeError)
# Three years and six months have no length; `timedelta` cannot say them.
durations.call("getDurationPositive", "duration_getPositiveDuration", raises=DecodeError)
durations.call(
    "putDurationPositive", "duration_putPositiveDuration", timedelta(days=123, hours=22, minutes=14, seconds=12.011)
)

times = Area("body-time")
times.call("BodyTimeGet", "time_get", gives=datetime.time(11, 34, 56))
times.call("BodyTimePut", "time_put", datetime.time(8, 7, 56), gives="Nice job posting time")

# --- files and forms -------------------------------------------------------------------------------------------------

files = Area("body-file")


@files.script("FileStreamNonempty")
async def a_file_is_saved(client: Any, server: Any) -> None:
    sample = (server.package / "legacy" / "routes" / "sample.png").read_bytes()
    check(await client.read("files_GetFile"), sample)


@files.script("FileStreamEmpty")
async def an_empty_file(client: Any, _server: Any) -> None:
    check(await client.read("files_GetEmptyFile"), b"")


@files.script("FileStreamVeryLarge")
async def a_very_large_file_is_read_piece_by_piece(client: Any, _server: Any) -> None:
    """The first 8 MiB of three gigabytes: what is not read is not fetched."""
    check(await client.read("files_GetFileLarge", at_most=8 * 1024 * 1024) >= 8 * 1024 * 1024, True)


forms = Area("body-formdata")


@forms.script("StreamUploadFile")
async def a_file_as_the_body(client: Any, _server: Any) -> None:
    check(await client.read("formdata_UploadFileViaBody", b"the file"), b"the file")


@forms.script("FormdataStreamUploadFile")
async def a_file_in_a_form(client: Any, _server: Any) -> None:
    file = Part(b"the file", filename="a.txt", media_type="text/plain")
    check(await client.read("formdata_UploadFile", file_content=file, file_name="a.txt"), b"the file")


pets = Area("body-formdata-urlencoded")
pets.call(
    "UpdatePetWithForm",
    "formdataurlencoded_updatePetWithForm",
    1,
    pet_type="dog",
    pet_food="meat",
    pet_age=42,
    name="Fido",
)
pets.call(
    "UrlEncodedDataWithPartialConstantBody",
    "formdataurlencoded_partialConstantBody",
    grant_type="access_token",
    service="bar",
    aad_access_token="foo",
)

binaries = Area("body-binary")
binaries.call("BodyBinaryFile", "Upload_File", b'{ "more": "cowbell" }')
binaries.call("BodyBinaryOctet", "Upload_Binary", b"octets")


@binaries.script("BodyBinaryError")
async def an_error_in_the_place_of_a_file(client: Any, _server: Any) -> None:
    try:
        await client.read("Download_ErrorStream")
    except HttpResponseError as error:
        check(error.status_code, 400)
    else:
        raise AssertionError("a 400 was read as a file")


AREAS = (
    strings, integers, numbers, booleans, octets, dates, moments, http_dates, durations, times, files, forms, pets, binaries,
)  # fmt: skip
