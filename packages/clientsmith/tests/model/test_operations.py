"""Operations are read as they are; what is irregular is a finding with a fallback, and no operation is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from clientsmith.findings import Severity
from clientsmith.model.ir import (
    AnyShape,
    Array,
    Binary,
    Constraints,
    Encoding,
    Location,
    Map,
    Nullable,
    Ref,
    Requirement,
    Scalar,
    ScalarKind,
    ServerVariable,
    Union,
)
from clientsmith.model.security import alternatives

Describe = Callable[..., Any]
STRING = Scalar(ScalarKind.STRING)
OK = {"200": {"description": "ok"}}


def json_of(schema: Any) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


# --- parameters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        pytest.param({"in": "query"}, ("form", True, False), id="query"),
        pytest.param({"in": "query", "explode": False}, ("form", False, False), id="joined"),
        pytest.param({"in": "query", "style": "deepObject"}, ("deepObject", True, False), id="deepObject"),
        pytest.param({"in": "query", "style": "pipeDelimited"}, ("pipeDelimited", False, False), id="pipes"),
        pytest.param({"in": "path", "style": "label", "required": True}, ("label", False, True), id="label"),
        pytest.param({"in": "header", "required": True}, ("simple", False, True), id="header"),
        pytest.param({"in": "cookie"}, ("form", True, False), id="cookie"),
    ],
)
def test_a_parameter_has_its_style(
    describe: Describe, parameter: dict[str, Any], expected: tuple[str, bool, bool]
) -> None:
    operation = {"parameters": [{"name": "a", "schema": {"type": "string"}, **parameter}], "responses": OK}
    [found] = describe({"/{a}" if parameter["in"] == "path" else "/x": {"get": operation}}).operation().parameters
    assert (found.style, found.explode, found.required) == expected


def test_a_parameter_with_json_content_has_its_shape(describe: Describe) -> None:
    schema = {"type": "array", "items": {"type": "string"}}
    parameter = {"name": "f", "in": "query", "content": {"application/json": {"schema": schema}}}
    made = describe({"/x": {"get": {"parameters": [parameter], "responses": OK}}})
    [found] = made.operation().parameters
    assert (found.shape, found.as_json, made.findings) == (Array(STRING), True, [])


def test_a_parameter_with_other_content_is_its_text(describe: Describe) -> None:
    parameter = {"name": "f", "in": "query", "content": {"application/xml": {"schema": {"type": "object"}}}}
    made = describe({"/x": {"get": {"parameters": [parameter], "responses": OK}}})
    [found] = made.operation().parameters
    assert (found.shape, found.style) == (STRING, "form")
    assert made.findings[0].message == "the parameter 'f' travels as application/xml; the caller gives that text"


def test_a_style_that_cannot_be_written_is_a_warning(describe: Describe) -> None:
    parameter = {"name": "id", "in": "path", "required": True, "style": "deepObject", "schema": {"type": "string"}}
    made = describe({"/x/{id}": {"get": {"parameters": [parameter], "responses": OK}}})
    assert (made.operation().parameters[0].style, made.rules) == ("simple", ["parameter-style"])


def test_an_operation_overrides_the_parameters_of_its_path(describe: Describe) -> None:
    shared = [{"name": "a", "in": "query", "schema": {"type": "string"}}, {"name": "b", "in": "query", "schema": {}}]
    own = [{"name": "a", "in": "query", "schema": {"type": "integer"}}]
    operation = describe({"/x": {"parameters": shared, "get": {"parameters": own, "responses": OK}}}).operation()
    assert [(p.name, p.shape) for p in operation.parameters] == [("a", Scalar(ScalarKind.INTEGER)), ("b", AnyShape())]


def test_path_parameters_come_in_the_order_of_the_path(describe: Describe) -> None:
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in ("b", "a")]
    operation = describe({"/x/{a}/{b}": {"get": {"parameters": parameters, "responses": OK}}}).operation()
    assert [p.wire_name for p in operation.parameters] == ["a", "b"]


@pytest.mark.parametrize(
    ("path", "parameters", "rule", "names"),
    [
        pytest.param("/x/{id}", [], "path-parameter-missing", ["id"], id="in the path only"),
        pytest.param("/x", [{"name": "id", "in": "path"}], "path-parameter-unused", [], id="not in the path"),
        pytest.param("/x", [{"name": "id", "in": "body"}], "parameter-unknown", [], id="nowhere"),
        pytest.param("/x", [{"in": "query"}], "parameter-unknown", [], id="nameless"),
        pytest.param("/x", [{"name": "q", "in": "query"}], "parameter-without-schema", ["q"], id="without schema"),
        pytest.param("/x", [{"$ref": "#/nothing"}], "missing-reference", [], id="missing"),
    ],
)
def test_irregular_parameters_are_findings(
    describe: Describe, path: str, parameters: list[Any], rule: str, names: list[str]
) -> None:
    found = describe({path: {"get": {"operationId": "getX", "parameters": parameters, "responses": OK}}})
    assert rule in found.rules
    assert [p.name for p in found.operation().parameters] == names


def test_headers_that_http_owns_are_no_parameters(describe: Describe) -> None:
    names = ("Accept", "content-type", "Content-Length", "Authorization", "Host")
    parameters: list[Any] = [{"name": name, "in": "header", "schema": {}} for name in names]
    found = describe({"/x": {"get": {"parameters": parameters, "responses": OK}}})
    assert found.operation().parameters == ()
    assert found.rules == ["runtime-header"] * 5


# --- bounds ----------------------------------------------------------------------------------------------------------

TEXT = {"type": "string", "maxLength": 5}


@pytest.mark.parametrize(
    ("schema", "constraints"),
    [
        pytest.param({"type": "integer"}, Constraints(), id="none"),
        pytest.param({"minimum": 1, "maximum": 2.5}, Constraints(minimum=1, maximum=2.5), id="numbers"),
        pytest.param({"exclusiveMinimum": 0, "multipleOf": 5}, Constraints(exclusive_minimum=0, multiple_of=5), id="exclusive"),
        pytest.param({"minLength": 1, "pattern": "^a"}, Constraints(min_length=1, pattern="^a"), id="text"),
        pytest.param(
            {"type": "array", "maxItems": 3, "uniqueItems": True, "items": TEXT},
            Constraints(max_items=3, unique_items=True, items=Constraints(max_length=5)), id="list",
        ),
        pytest.param({"anyOf": [TEXT, {"type": "null"}]}, Constraints(max_length=5), id="or null"),
        pytest.param({"anyOf": [TEXT, {"type": "integer"}]}, Constraints(), id="one of several"),
        pytest.param({"$ref": "#/components/schemas/Short"}, Constraints(max_length=5), id="reference"),
        pytest.param({"allOf": [{"$ref": "#/components/schemas/Short"}], "minLength": 2}, Constraints(min_length=2, max_length=5), id="allOf"),
        pytest.param({"minimum": "1", "maxLength": -1, "pattern": 3, "maximum": True}, Constraints(), id="nonsense"),
    ],
)  # fmt: skip
def test_a_parameter_and_a_field_know_their_bounds(
    describe: Describe, schema: dict[str, Any], constraints: Constraints
) -> None:
    parameters = [{"name": "a", "in": "query", "schema": schema}]
    responses = {"200": json_of({"properties": {"a": schema}, "title": "Thing"})}
    found = describe({"/x": {"get": {"parameters": parameters, "responses": responses}}}, {"Short": TEXT})
    assert found.operation().parameters[0].constraints == constraints
    assert found.shape("Thing").properties[0].constraints == constraints


# --- bodies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "forms"),
    [
        pytest.param(["text/plain", "application/json"], ["application/json", "text/plain"], id="JSON before text"),
        pytest.param(["application/merge-patch+json"], ["application/merge-patch+json"], id="one"),
        pytest.param(
            ["application/json-patch+json", "application/merge-patch+json"],
            ["application/merge-patch+json", "application/json-patch+json"], id="what is to be before a list of changes",
        ),
        pytest.param(
            ["multipart/form-data", "application/x-www-form-urlencoded"],
            ["application/x-www-form-urlencoded", "multipart/form-data"], id="form before multipart",
        ),
        pytest.param(
            ["application/octet-stream", "text/plain; charset=utf-8"],
            ["text/plain", "application/octet-stream"], id="text before bytes",
        ),
        pytest.param(["text/plain; charset=latin-1"], ["text/plain; charset=latin-1"], id="an unusual charset"),
        pytest.param(["text/json", "application/json; charset=UTF-8"], ["application/json"], id="one type, two names"),
        pytest.param(["application/*+json", "application/json"], ["application/json"], id="a range of JSON"),
        pytest.param(["*/*", "application/json"], ["application/json"], id="anything beside something"),
        pytest.param(["*/*"], ["text/plain"], id="anything"),
        pytest.param(
            ['application/json; profile="A"', "application/json"],
            ['application/json; profile="A"', "application/json"], id="a parameter tells two apart",
        ),
        pytest.param(["JSON", "application/json", "total_count"], ["application/json"], id="no media types"),
        pytest.param(["application/vnd.x+json; version=1", "application/xml"],
                     ["application/vnd.x+json; version=1", "application/xml"], id="a version"),
    ],
)  # fmt: skip
def test_a_body_has_all_its_forms(describe: Describe, offered: list[str], forms: list[str]) -> None:
    """The one that we prefer first; what a caller could not tell apart is one."""
    body = {"content": {name: {"schema": {"type": "string"}} for name in offered}}
    found = describe({"/x": {"post": {"operationId": "sendX", "requestBody": body, "responses": OK}}})
    assert [form.media_type for form in found.operation().body.contents] == forms
    assert ("media-type-unknown" in found.rules) == ("JSON" in offered)


def test_a_schema_that_is_written_out_twice_is_one_model(describe: Describe) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    body = {"content": {"application/json": {"schema": schema}, "application/xml": {"schema": dict(schema)}}}
    json_form, xml_form = describe({"/x": {"put": {"requestBody": body, "responses": OK}}}).operation().body.contents
    assert json_form.shape == xml_form.shape


def test_what_says_the_same_in_another_notation_is_noted(describe: Describe) -> None:
    """Python reads JSON as well as any; of a file or a table there is no such other."""
    kinds = ["application/json", "application/yaml", "text/html", "text/csv", "application/pdf"]
    content = {kind: {"schema": {"type": "string"}} for kind in kinds}
    found = describe({"/x": {"get": {"responses": {"200": {"description": "", "content": content}}}}})
    [response] = found.operation().responses
    assert [form.media_type for form in response.contents] == ["application/json", "text/csv", "application/pdf"]
    assert found.rules == ["answer-media-types"]


@pytest.mark.parametrize(
    "schema", [{"type": "array", "items": {"type": "string"}}, {"type": "string", "format": "binary"}]
)
def test_a_form_whose_fields_nobody_named_takes_any(describe: Describe, schema: dict[str, Any]) -> None:
    """A list or a file alone cannot be a form: the caller says which field it is."""
    body = {"content": {"multipart/form-data": {"schema": schema}}}
    assert describe({"/x": {"post": {"requestBody": body, "responses": OK}}}).operation().body.shape == Map(AnyShape())


@pytest.mark.parametrize("kind", ["text/csv", "application/csv"])
def test_a_table_is_its_text_whatever_its_rows_are(describe: Describe, kind: str) -> None:
    content = {kind: {"schema": {"type": "object", "properties": {"credit": {"type": "integer"}}}}}
    found = describe({"/x": {"get": {"responses": {"200": {"description": "", "content": content}}}}})
    assert found.operation().responses[0].shape == Scalar(ScalarKind.STRING)


def test_encodings_of_fields_are_read(describe: Describe) -> None:
    header = {"X-Kind": {"schema": {"const": "small"}}, "X-Other": {"schema": {"type": "string"}}}
    media = {
        "schema": {"type": "object", "properties": {"a": {"type": "object"}}},
        "encoding": {
            "a": {"style": "deepObject", "allowReserved": True},
            "b": {"contentType": "image/png", "headers": header},
        },
    }
    body = {"content": {"multipart/form-data": media}}
    found = describe({"/x": {"post": {"requestBody": body, "responses": OK}}}).operation().body
    assert found.encodings == (
        Encoding("a", "deepObject", explode=True, allow_reserved=True),
        Encoding("b", media_type="image/png", headers=(("X-Kind", "small"),)),
    )


# --- kinds of answers ------------------------------------------------------------------------------------------------

STREAM_BODY = {
    "content": {"application/json": {"schema": {"type": "object", "properties": {"stream": {"type": "boolean"}}}}}
}


@pytest.mark.parametrize(
    ("paths", "methods"),
    [
        pytest.param(
            {"/answers": {"post": {"requestBody": STREAM_BODY, "responses": {"200": {"description": "", "content": {
                "application/json": {"schema": {"type": "object"}}, "text/event-stream": {}}}}}}},
            {"create_answer": None, "stream_answer": ("stream", True)}, id="events beside JSON, by a member of the body",
        ),
        pytest.param(
            {"/jobs/{id}/log": {"get": {"responses": {"200": {"description": "", "content": {
                "application/json": {}, "application/x-ndjson": {}}}}}}},
            {"get_log": None, "stream_log": None}, id="lines beside JSON",
        ),
        pytest.param(
            {"/orders": {"get": {"responses": {"200": {"description": "", "content": {
                "application/json": {"schema": {"type": "array", "items": {"type": "string"}}},
                "text/csv": {}, "application/xml": {}}}}}}},
            {"list_orders": None, "download_orders": None}, id="a table beside a list",
        ),
        pytest.param(
            {"/blobs/{id}": {"head": {"responses": {"200": {"description": "", "headers": {"ETag": {}}}}}}},
            {"blob_exists": None, "get_blob_headers": None}, id="header fields of a HEAD",
        ),
        pytest.param(
            {"/blobs/{id}": {"head": {"responses": {"200": {"description": "", "headers": {"X-Request-ID": {}}}}}}},
            {"blob_exists": None}, id="header fields that say nothing",
        ),
    ],
)  # fmt: skip
def test_another_kind_of_answer_is_another_method(
    describe: Describe, paths: Any, methods: dict[str, tuple[str, bool] | None]
) -> None:
    found = describe(paths).api.operations
    sent = {one.name: next(iter(one.body.always), None) if one.body is not None else None for one in found}
    assert sent == methods
    assert len({one.pointer for one in found}) == len({one.key for one in found}) == len(methods)


def test_an_answer_without_a_body_may_say_something_in_its_header(describe: Describe) -> None:
    """But for a DELETE, which says that it was done."""
    told = {"201": {"description": "", "headers": {"Location": {}, "X-RateLimit-Limit": {}}}}
    found = describe({"/blobs/{id}": {"put": {"responses": told}, "delete": {"responses": told}}})
    assert [one.header_fields for one in found.api.operations] == [("Location",), ()]


def test_bytes_and_text_are_what_they_are(describe: Describe) -> None:
    content = {"image/png": {"schema": {"type": "string"}}}
    responses = {"200": {"description": "", "content": {"text/csv": {}}}}
    operation = describe({"/x": {"put": {"requestBody": {"content": content}, "responses": responses}}}).operation()
    assert (operation.body.shape, operation.returns) == (Binary(), STRING)


# --- responses -------------------------------------------------------------------------------------------------------

PET = {"Pet": {"properties": {"a": {"type": "string"}}}}
A_PET = Ref("/components/schemas/Pet")
PET_JSON = json_of({"$ref": "#/components/schemas/Pet"})
EMPTY = {"description": ""}


@pytest.mark.parametrize(
    ("responses", "returns"),
    [
        pytest.param({"200": PET_JSON}, A_PET, id="one"),
        pytest.param({"200": PET_JSON, "201": PET_JSON}, A_PET, id="twice the same"),
        pytest.param({"200": PET_JSON, "204": EMPTY}, Nullable(A_PET), id="or nothing"),
        pytest.param({"200": PET_JSON, "202": EMPTY}, A_PET, id="accepted without a body"),
        pytest.param({"200": PET_JSON, "201": json_of({"type": "string"})}, Union((A_PET, STRING)), id="one of two"),
        pytest.param({"204": EMPTY, "404": PET_JSON}, None, id="nothing"),
        pytest.param({"2xx": PET_JSON}, A_PET, id="range in lower case"),
        pytest.param({"default": PET_JSON}, A_PET, id="default only"),
        pytest.param({"302": EMPTY}, Binary(), id="a redirect"),
        pytest.param({"304": EMPTY, "204": EMPTY}, None, id="not modified"),
        pytest.param({}, AnyShape(), id="nothing is said"),
    ],
)
def test_a_method_returns_what_the_successes_have_in_common(
    describe: Describe, responses: Any, returns: object
) -> None:
    assert describe({"/x/{id}": {"get": {"responses": responses}}}, PET).operation().returns == returns


def test_errors_are_kept_apart(describe: Describe) -> None:
    responses = {"200": EMPTY, "404": PET_JSON, "5XX": EMPTY, "default": PET_JSON, "abc": EMPTY}
    found = describe({"/x": {"get": {"responses": responses}}}, PET)
    operation = found.operation()
    assert [response.status for response in operation.responses] == ["200"]
    assert [(error.status, error.shape) for error in operation.errors] == [
        ("404", A_PET),
        ("5XX", None),
        ("default", A_PET),
    ]
    assert "response-status" in found.rules


# --- security and servers --------------------------------------------------------------------------------------------

SCHEMES = {
    "securitySchemes": {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "login": {"type": "http", "scheme": "Basic"},
        "token": {"type": "oauth2", "flows": {"clientCredentials": {"scopes": {"read": ""}}}},
        "mutual": {"type": "mutualTLS"},
        "signed": {"type": "http", "scheme": "digest"},
        "odd": {"type": "apiKey", "in": "body", "name": "key"},
    }
}


def test_security_schemes_have_a_kind_each(describe: Describe) -> None:
    found = describe(components=SCHEMES)
    assert [(scheme.key, scheme.kind, scheme.scopes) for scheme in found.api.security_schemes] == [
        ("key", "key", ()),
        ("login", "basic", ()),
        ("token", "bearer", ("read",)),
        ("mutual", "certificate", ()),
        ("signed", "signature", ()),
    ]
    assert found.rules == ["security-unsupported"]


@pytest.mark.parametrize(
    ("security", "expected"),
    [
        pytest.param([{"key": []}, {"login": [], "token": ["read"]}], [["key"], ["login", "token"]], id="or, and"),
        pytest.param([{"mutual": []}, {"mutual": [], "key": []}], [["key"]], id="a certificate is no credential"),
        pytest.param(None, [["key"], ["login"], ["token"], ["signed"]], id="described and never asked for"),
        pytest.param([], [["key"], ["login"], ["token"], ["signed"]], id="none is needed"),
    ],
)
def test_alternatives_of_credentials(describe: Describe, security: Any, expected: list[list[str]]) -> None:
    parts = {} if security is None else {"security": security}
    api = describe({"/x": {"get": {"responses": OK}}}, components=SCHEMES, **parts).api
    assert [[scheme.key for scheme in together] for together in alternatives(api)] == expected


@pytest.mark.parametrize(
    ("everywhere", "own", "keys", "optional"),
    [
        pytest.param([{"key": []}], None, None, False, id="required"),
        pytest.param([{"key": []}], [], (), True, id="one is open"),
        pytest.param([{"key": []}, {}], None, None, True, id="optional everywhere"),
        pytest.param(
            None,
            [{"login": []}, {"key": []}],
            (Requirement(("login",)), Requirement(("key",))),
            False,
            id="own alternatives",
        ),
        pytest.param(None, None, None, True, id="none"),
        pytest.param([{"key": []}], [{"unknown": []}], (), True, id="unknown scheme"),
    ],
)
def test_an_operation_knows_its_security(
    describe: Describe, everywhere: Any, own: Any, keys: tuple[Requirement, ...] | None, optional: bool
) -> None:
    operation = {"responses": OK} | ({"security": own} if own is not None else {})
    parts = {"security": everywhere} if everywhere is not None else {}
    found = describe({"/x": {"get": operation}}, components=SCHEMES, **parts)
    assert (found.operation().security, found.api.security_optional) == (keys, optional)


@pytest.mark.parametrize(
    ("servers", "endpoint"),
    [
        ([{"url": "https://a.test/v1/"}, {"url": "https://b.test"}], "https://a.test/v1"),
        ([{"url": "https://{region}.test", "variables": {"region": {"default": "eu"}}}], "https://eu.test"),
        ([{"url": "/v1"}], ""),
        ([], ""),
    ],
)
def test_the_first_server_is_the_endpoint(describe: Describe, servers: list[Any], endpoint: str) -> None:
    found = describe({"/x": {"get": {"responses": OK}}}, servers=servers)
    assert found.api.endpoint == endpoint
    assert ("endpoint-missing" in found.rules) == (not endpoint)


ELSEWHERE = [{"url": "https://upload.test"}]


@pytest.mark.parametrize(
    ("paths", "servers", "endpoint", "own"),
    [
        pytest.param({"/a": {"servers": ELSEWHERE, "get": {"responses": OK}}}, [], "https://upload.test", [""], id="path"),
        pytest.param({"/a": {"get": {"responses": OK, "servers": ELSEWHERE}}}, [], "https://upload.test", [""], id="all"),
        pytest.param(
            {"/a": {"get": {"responses": OK, "servers": ELSEWHERE}}}, ELSEWHERE, "https://upload.test", [""], id="same"
        ),
        pytest.param(
            {"/a": {"get": {"responses": OK, "servers": ELSEWHERE}, "put": {"responses": OK}}},
            [{"url": "https://a.test"}], "https://a.test", ["https://upload.test", ""], id="one",
        ),
        pytest.param(
            {"/a": {"get": {"responses": OK, "servers": [{"url": "/v2"}]}, "put": {"responses": OK}}},
            [{"url": "https://a.test/v1"}], "https://a.test/v1", ["https://a.test/v2", ""], id="another path",
        ),
    ],
)  # fmt: skip
def test_an_operation_may_have_a_server_of_its_own(
    describe: Describe, paths: Any, servers: Any, endpoint: str, own: list[str]
) -> None:
    """Said with every operation it is the endpoint."""
    found = describe(paths, servers=servers)
    assert (found.api.endpoint, [one.server for one in found.api.operations]) == (endpoint, own)


def test_variables_of_the_first_server_are_kept(describe: Describe) -> None:
    """Its twin over https comes before it."""
    variables = {"region": {"default": "eu", "enum": ["eu", "us"], "description": "Where"}, "unused": {"default": "x"}}
    servers = [{"url": f"{scheme}://{{region}}.test/v1/", "variables": variables} for scheme in ("http", "https")]
    api = describe({"/x": {"get": {"responses": OK}}}, servers=servers).api
    assert (api.endpoint, api.template) == ("https://eu.test/v1", "https://{region}.test/v1")
    assert api.servers[0].variables == (ServerVariable("region", "eu", ("eu", "us"), "Where", "region"),)


def test_extensions_are_kept(describe: Describe) -> None:
    assert describe({"/x": {"post": {"responses": OK, "x-thing": 1}}}).operation().extensions == {"x-thing": 1}


# --- nothing is lost -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paths", "lost"),
    [
        pytest.param({"/x": {"get": None}}, "GET /x is not an object", id="operation"),
        pytest.param({"/x": []}, "the path '/x' is not an object", id="path"),
    ],
)
def test_a_lost_operation_is_an_error(describe: Describe, paths: Any, lost: str) -> None:
    found = describe(paths)
    [error] = [finding for finding in found.findings if finding.severity is Severity.ERROR]
    assert error.rule == "operation-lost"
    assert lost in error.message


def test_every_method_of_3_2_is_read(describe: Describe) -> None:
    item = {"query": {"responses": OK}, "additionalOperations": {"COPY": {"responses": OK}}, "get": {"responses": OK}}
    found = describe({"/x": item}, openapi="3.2.0")
    assert [operation.method for operation in found.api.root.operations] == ["QUERY", "GET", "COPY"]


def test_a_path_without_a_slash_gets_one(describe: Describe) -> None:
    assert describe({"x": {"get": {"responses": OK}}}).operation().path == "/x"


def test_a_parameter_location_is_where_it_is_sent() -> None:
    assert [location.value for location in Location] == ["path", "query", "header", "cookie"]


# --- streams ---------------------------------------------------------------------------------------------------------

STATE = {"type": "object", "properties": {"state": {"type": "string"}}}
EVENT = {"type": "object", "properties": {"event": {"type": "string"}, "data": {"contentSchema": STATE}}}


def streaming(media_type: str, media: dict[str, Any], description: str = "") -> dict[str, Any]:
    answer = {"description": description, "content": {media_type: media}}
    return {"/watch": {"get": {"operationId": "watch", "responses": {"200": answer}}}}


@pytest.mark.parametrize(
    ("media_type", "media", "kind", "item"),
    [
        pytest.param("text/event-stream", {"schema": STATE}, "events", "Ref", id="the data of an event"),
        pytest.param("text/event-stream", {"itemSchema": EVENT}, "events", "Ref", id="an event, as 3.2 has it"),
        pytest.param("text/event-stream", {"schema": {"type": "string"}}, "events", "None", id="text"),
        pytest.param("text/event-stream", {}, "events", "None", id="nothing said"),
        pytest.param("application/x-ndjson", {"schema": STATE}, "lines", "Ref", id="a line"),
        pytest.param(
            "application/jsonl", {"schema": {"type": "array", "items": STATE}}, "lines", "Ref", id="all the lines"
        ),
        pytest.param("application/json-seq", {"itemSchema": STATE}, "lines", "Ref", id="a text sequence"),
        pytest.param("application/octet-stream", {}, "bytes", "None", id="bytes"),
        pytest.param("image/png", {"schema": {"type": "string", "format": "binary"}}, "bytes", "None", id="an image"),
    ],
)
def test_a_stream_is_told_by_its_media_type(
    describe: Describe, media_type: str, media: dict[str, Any], kind: str, item: str
) -> None:
    stream = describe(streaming(media_type, media)).operation().stream
    assert (stream.kind.value, type(stream.item).__name__.removesuffix("Type")) == (kind, item)


def test_what_the_last_event_says_is_in_the_document(describe: Describe) -> None:
    found = describe(streaming("text/event-stream", {"schema": STATE}, "Ends with `data: [DONE]`")).operation()
    assert found.stream.done_data == "[DONE]"


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "application/xml"])
def test_what_is_one_value_is_no_stream(describe: Describe, media_type: str) -> None:
    assert describe(streaming(media_type, {"schema": STATE})).operation().stream is None


# --- webhooks --------------------------------------------------------------------------------------------------------

A_MESSAGE = {"post": {"requestBody": json_of({"type": "object", "properties": {"a": {"type": "string"}}})}}


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        pytest.param({"webhooks": {"newPet": A_MESSAGE}}, ["parse_new_pet"], id="webhooks"),
        pytest.param({"x-webhooks": {"new-pet": A_MESSAGE}}, ["parse_new_pet"], id="of older documents"),
        pytest.param(
            {"webhooks": {"pet": A_MESSAGE | {"put": A_MESSAGE["post"]}}},
            ["parse_pet", "parse_pet_put"],
            id="two methods",
        ),
        pytest.param({"webhooks": {"event": A_MESSAGE}}, ["parse_event_"], id="a name that is taken"),
        pytest.param({"webhooks": {f"event{n}": A_MESSAGE for n in range(101)}}, [], id="more than anybody asked for"),
    ],
)
def test_messages_of_the_service_have_a_name(describe: Describe, parts: Any, names: list[str]) -> None:
    found = describe(**parts)
    assert sorted(one.name for one in found.api.webhooks) == names
    assert found.rules == ["webhooks"]


def test_callbacks_of_operations_are_messages_too(describe: Describe) -> None:
    operation = {
        "operationId": "subscribe",
        "responses": OK,
        "callbacks": {"onData": {"{$request.body#/url}": A_MESSAGE}},
    }
    [message] = describe({"/x": {"post": operation}}).api.webhooks
    assert (message.name, message.method) == ("parse_subscribe_on_data", "POST")
