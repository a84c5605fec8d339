"""What is written into addresses and header fields: every type, every style, nothing where nothing was given."""

from __future__ import annotations

import base64
import datetime
from datetime import UTC, timedelta
from typing import Any

from ..case import Area, check

RESERVED = "begin!*'();:@ &=+$,/?#[]end"
UNICODE = "啊齄丂狛狜\uf9f1\uf92c\uf9f1\ufa0c\ufa29"  # some of them compatibility characters, which editors change
DAY, MOMENT = datetime.date(2012, 1, 1), datetime.datetime(2012, 1, 1, 1, 1, 1, tzinfo=UTC)

urls = Area("url", dict)
VALUES: tuple[tuple[str, str, Any], ...] = (
    ("BoolTrue", "getBooleanTrue", True),
    ("BoolFalse", "getBooleanFalse", False),
    ("IntPositive", "getIntOneMillion", 1000000),
    ("IntNegative", "getIntNegativeOneMillion", -1000000),
    ("LongPositive", "getTenBillion", 10000000000),
    ("LongNegative", "getNegativeTenBillion", -10000000000),
    ("FloatPositive", "floatScientificPositive", 1.034e20),
    ("FloatNegative", "floatScientificNegative", -1.034e-20),
    ("DoublePositive", "doubleDecimalPositive", 9999999.999),
    ("DoubleNegative", "doubleDecimalNegative", -9999999.999),
    ("StringUrlEncoded", "stringUrlEncoded", RESERVED),
    ("StringUnicode", "stringUnicode", UNICODE),
    ("ByteMultiByte", "byteMultiByte", UNICODE.encode()),
    ("DateValid", "DateValid", DAY),
    ("DateTimeValid", "DateTimeValid", MOMENT),
    ("EnumValid", "enumValid", "green color"),
)


def argument_of(client: Any, operation: str) -> str:
    """The one argument of a method."""
    [name] = client.generated.methods[operation].keyword
    return str(name)


def query(scenario: str, operation: str, value: Any) -> None:
    @urls.script(scenario)
    async def ask(client: Any, _server: Any) -> None:
        await client.call(operation, **{argument_of(client, operation): value})


for scenario, operation, value in VALUES:
    urls.call(f"UrlPaths{scenario}", f"paths_{operation}", value)
    query(f"UrlQueries{scenario}", f"queries_{operation}", value)
for scenario, operation in {
    "Bool": "getBooleanNull", "Int": "getIntNull", "Long": "getLongNull", "Float": "floatNull", "Double": "doubleNull",
    "String": "stringNull", "Byte": "byteNull", "Date": "DateNull", "DateTime": "DateTimeNull", "Enum": "enumNull",
}.items():  # fmt: skip
    urls.call(f"UrlQueries{scenario}Null", f"queries_{operation}")
query("UrlQueriesStringEmpty", "queries_stringEmpty", "")
query("UrlQueriesByteEmpty", "queries_byteEmpty", b"")
urls.call("UrlPathsStringUrlNonEncoded", "paths_stringUrlNonEncoded", "begin!*'();:@&=+$,end")
urls.call("UrlPathsStringBase64Url", "paths_base64Url", b"lorem")
urls.call("UrlPathsIntUnixTime", "paths_unixTimeUrl", datetime.datetime(2016, 4, 13, tzinfo=UTC))
urls.call("UrlPathsArrayCSVInPath", "paths_ArrayCsvInPath", ["ArrayPath1", RESERVED, "", ""])
for scenario, operation in {"String": "stringEmpty", "Byte": "byteEmpty"}.items():
    urls.call(
        f"UrlPaths{scenario}Empty",
        f"paths_{operation}",
        "" if scenario == "String" else b"",
        differs="an empty value in a path would address something else, so it is refused",
    )
ITEMS = ["ArrayQuery1", RESERVED, "", ""]
urls.call("UrlQueriesArrayCsvValid", "queries_ArrayStringCsvValid", array_query=ITEMS)
urls.call("UrlQueriesArrayCsvNull", "queries_ArrayStringCsvNull")
urls.call(
    "UrlQueriesArrayCsvEmpty",
    "queries_ArrayStringCsvEmpty",
    array_query=[],
    differs="an empty list is not sent (RFC 6570, section 2.3), the server wants an empty value",
)
urls.call("UrlQueriesArraySsvValid", "queries_ArrayStringSsvValid", array_query=ITEMS)
urls.call("UrlQueriesArrayPipesValid", "queries_ArrayStringPipesValid", array_query=ITEMS)
urls.call(
    "UrlQueriesArrayTsvValid",
    "queries_ArrayStringTsvValid",
    array_query=ITEMS,
    differs="OpenAPI 3 has no style with tabs, which a finding says; commas are sent",
)
urls.call(
    "UrlQueriesArrayNoCollectionFormatValid",
    "queries_ArrayStringNoCollectionFormatEmpty",
    array_query=["hello", "nihao", "bonjour"],
)
QUERIES = {
    "local_string_query": "localStringQuery",
    "path_item_string_query": "pathItemStringQuery",
    "global_string_query": "globalStringQuery",
}
for scenario, operation, missing in (
    ("UrlPathItemGetAll", "getAllWithValues", ()),
    ("UrlPathItemGetGlobalNull", "getGlobalQueryNull", ("global_string_query",)),
    ("UrlPathItemGetGlobalAndLocalNull", "getGlobalAndLocalQueryNull", ("global_string_query", "local_string_query")),
    (
        "UrlPathItemGetPathItemAndLocalNull",
        "getLocalPathItemQueryNull",
        ("path_item_string_query", "local_string_query"),
    ),
):
    urls.call(
        scenario,
        f"pathItems_{operation}",
        "globalStringPath",
        "pathItemStringPath",
        "localStringPath",
        **{name: value for name, value in QUERIES.items() if name not in missing},
    )

multi = Area("url-multi-collectionFormat")
multi.call("UrlQueriesArrayMultiNull", "queries_ArrayStringMultiNull")
multi.call("UrlQueriesArrayMultiEmpty", "queries_ArrayStringMultiEmpty", array_query=[])
multi.call("UrlQueriesArrayMultiValid", "queries_ArrayStringMultiValid", array_query=ITEMS)

# --- header fields ---------------------------------------------------------------------------------------------------

headers = Area("header")
YEAR_ONE = datetime.datetime(1, 1, 1, tzinfo=UTC)
NOON = datetime.datetime(2010, 1, 1, 12, 34, 56, tzinfo=UTC)
DURATION = timedelta(days=123, hours=22, minutes=14, seconds=12.011)
FIELDS: tuple[tuple[str, str, str, Any, str], ...] = (
    ("IntegerPositive", "Integer", "positive", 1, "1"),
    ("IntegerNegative", "Integer", "negative", -2, "-2"),
    ("LongPositive", "Long", "positive", 105, "105"),
    ("LongNegative", "Long", "negative", -2, "-2"),
    ("FloatPositive", "Float", "positive", 0.07, "0.07"),
    ("FloatNegative", "Float", "negative", -3.0, "-3"),
    ("DoublePositive", "Double", "positive", 7e120, "7e+120"),
    ("DoubleNegative", "Double", "negative", -3.0, "-3"),
    ("BoolTrue", "Bool", "true", True, "true"),
    ("BoolFalse", "Bool", "false", False, "false"),
    (
        "StringValid",
        "String",
        "valid",
        "The quick brown fox jumps over the lazy dog",
        "The quick brown fox jumps over the lazy dog",
    ),
    ("StringNull", "String", "null", None, "null"),
    ("StringEmpty", "String", "empty", "", ""),
    ("EnumValid", "Enum", "valid", "GREY", "GREY"),
    ("EnumNull", "Enum", "null", None, ""),
    ("DateValid", "Date", "valid", datetime.date(2010, 1, 1), "2010-01-01"),
    ("DateMin", "Date", "min", datetime.date(1, 1, 1), "0001-01-01"),
    ("DateTimeValid", "Datetime", "valid", NOON, "2010-01-01T12:34:56Z"),
    ("DateTimeMin", "Datetime", "min", YEAR_ONE, "0001-01-01T00:00:00Z"),
    ("DateTimeRfc1123Valid", "DatetimeRfc1123", "valid", NOON, "Fri, 01 Jan 2010 12:34:56 GMT"),
    ("DateTimeRfc1123Min", "DatetimeRfc1123", "min", YEAR_ONE, "Mon, 01 Jan 0001 00:00:00 GMT"),
    ("DurationValid", "Duration", "valid", DURATION, "P123DT22H14M12.011S"),
    ("BytesValid", "Byte", "valid", UNICODE.encode(), base64.b64encode(UNICODE.encode()).decode()),
)


def answers(name: str, operation: str, field: str, wanted: str, /, **keywords: Any) -> None:
    """A scenario whose answer is a header field."""

    @headers.script(name)
    async def ask(client: Any, _server: Any) -> None:
        seen: list[Any] = []
        await client.call(
            operation, response_hook=lambda response, _headers: seen.append(response.headers[field]), **keywords
        )
        check(seen, [wanted])


for scenario, operation, which, value, wire in FIELDS:
    given = {} if value is None else {"value": value}
    headers.call(f"HeaderParameter{scenario}", f"header_param{operation}", scenario=which, **given)
    answers(f"HeaderResponse{scenario}", f"header_response{operation}", "value", wire, scenario=which)
headers.call("HeaderParameterExistingKey", "header_paramExistingKey", headers={"User-Agent": "overwrite"})
answers("HeaderResponseExistingKey", "header_responseExistingKey", "User-Agent", "overwrite")
answers("HeaderResponseProtectedKey", "header_responseProtectedKey", "Content-Type", "text/html; charset=utf-8")
headers.call(
    "CustomHeaderInRequest",
    "header_customRequestId",
    headers={"x-ms-client-request-id": "9C4D50EE-2D56-4CD3-8152-34347DC9F2B0"},
)

# --- what has to be given, and what need not -------------------------------------------------------------------------

required = Area("required-optional")
required.call("OptionalImplicitBody", "implicit_putOptionalBody")
required.call("OptionalImplicitHeader", "implicit_putOptionalHeader")
required.call("OptionalImplicitQuery", "implicit_putOptionalQuery")
required.call("OptionalGlobalQuery", "implicit_getOptionalGlobalQuery")
required.call("ImplicitOptionalBinaryBody", "implicit_putOptionalBinaryBody")
required.call("ExplicitOptionalBinaryBody", "explicit_putOptionalBinaryBody")
required.call("ExplicitRequiredBinaryBody", "explicit_putRequiredBinaryBody", b"hello")


@required.script("GeneralOptional")
async def what_need_not_be_given(client: Any, _server: Any) -> None:
    for kind in ("Integer", "String", "Class", "Array"):
        await client.call(f"explicit_postOptional{kind}Parameter")
        await client.call(f"explicit_postOptional{kind}Property", {"value": None} if kind == "Integer" else {})
        if kind != "Class":
            await client.call(f"explicit_postOptional{kind}Header")


AREAS = (urls, multi, headers, required)
