"""What the mock says: answers, refusals, pages, jobs, versions."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clientsmith.mock.jobs import Jobs
from clientsmith.model.ir import LongRunning

_spec = importlib.util.spec_from_file_location("mock_conftest", Path(__file__).parent / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
conftest = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = conftest
_spec.loader.exec_module(conftest)
get, of_schema, service_of = conftest.get, conftest.of_schema, conftest.service_of

JSON = "application/json"
INTEGER = {"type": "integer"}
NAMED = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"name": {"type": "string"}, "id": {"type": "string", "readOnly": True}},
}


def parameters(*given: dict[str, Any]) -> dict[str, Any]:
    return of_schema({"type": "object"}, parameters=list(given))


def body_of(reply: Any) -> Any:
    return json.loads(reply.content)


# --- what is asked for -----------------------------------------------------------------------------------------------


def test_an_example_is_chosen_by_its_name() -> None:
    content = {JSON: {"schema": INTEGER, "examples": {"one": {"value": 1}, "two": {"value": 2}}}}
    paths = {"/it": {"get": {"responses": {"200": {"description": "", "content": content}}}}}
    service = service_of(paths)
    assert [body_of(get(service, prefer=wish)) for wish in ("", "example=two")] == [1, 2]
    refused = get(service, prefer="example=three")
    assert refused.status == 404
    assert "there are: one, two" in body_of(refused)["detail"]


def test_dynamic_values_differ_from_request_to_request() -> None:
    service = service_of(
        of_schema({"type": "string", "format": "uuid", "example": "6744a0da-4121-49cd-8479-f8cc20526495"})
    )
    values = {get(service, prefer="dynamic=true").content for _ in range(3)}
    assert len(values) == 3


def test_a_status_is_chosen_by_its_code() -> None:
    """A range and the default are answered with whatever status was asked for."""
    responses = {
        "200": {"description": ""},
        "404": {"description": "", "content": {JSON: {"schema": INTEGER}}},
        "5XX": {"description": ""},
    }
    service = service_of({"/it": {"get": {"responses": responses}}})
    assert [get(service, prefer=f"code={code}").status for code in (404, 503)] == [404, 503]
    assert get(service, "/it?__code=404").status == 404
    assert "there is 200, 404, 5XX" in body_of(get(service, prefer="code=409"))["detail"]


def test_an_example_that_does_not_fit_is_told_and_not_sent() -> None:
    content = {JSON: {"schema": INTEGER, "example": "seven"}}
    reply = get(service_of({"/it": {"get": {"responses": {"200": {"description": "", "content": content}}}}}))
    assert isinstance(body_of(reply), int)
    assert reply.findings == (
        "the example does not fit its schema: # 'seven' is not of type 'integer'; expected integer",
    )


@pytest.mark.parametrize(
    ("accept", "told"),
    [("", JSON), ("text/plain", "text/plain"), ("application/*;q=0.1, text/plain", "text/plain"), ("*/*", JSON)],
)
def test_the_caller_chooses_the_media_type(accept: str, told: str) -> None:
    content = {"text/plain": {"schema": {"type": "string"}}, JSON: {"schema": INTEGER}}
    service = service_of({"/it": {"get": {"responses": {"200": {"description": "", "content": content}}}}})
    assert get(service, accept=accept).headers["Content-Type"] == told
    assert get(service, accept="image/png").status == 406


def test_xml_follows_the_hints_of_its_schema() -> None:
    schema = {"type": "object", "xml": {"name": "pet"}, "properties": {
        "id": {"type": "integer", "example": 7, "xml": {"attribute": True}},
        "tags": {"type": "array", "example": ["a", "b"], "items": {"type": "string", "xml": {"name": "tag"}}, "xml": {"wrapped": True}},
    }}  # fmt: skip
    content = {"application/xml": {"schema": schema}}
    reply = get(service_of({"/it": {"get": {"responses": {"200": {"description": "", "content": content}}}}}))
    assert reply.content.endswith(b'<pet id="7"><tags><tag>a</tag><tag>b</tag></tags></pet>')


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "target", "name", "rule"),
    [
        ({"name": "n", "in": "query", "required": True, "schema": INTEGER}, "/it", "n", "required"),
        ({"name": "n", "in": "query", "schema": INTEGER}, "/it?n=x", "n", "type"),
        ({"name": "n", "in": "query", "schema": {"type": "array", "items": INTEGER}}, "/it?n=1&n=x", "n", "type"),
        ({"name": "n", "in": "query", "schema": {"enum": ["a"]}}, "/it?n=b", "n", "enum"),
        ({"name": "n", "in": "query", "style": "deepObject", "explode": True,
          "schema": {"type": "object", "properties": {"a": INTEGER}}}, "/it?n%5Ba%5D=x", "n", "type"),
        ({"name": "n", "in": "header", "required": True, "schema": INTEGER}, "/it", "n", "required"),
    ],
    ids=["missing", "kind", "item", "enum", "deep", "header"],
)  # fmt: skip
def test_a_wrong_parameter_is_named(parameter: dict[str, Any], target: str, name: str, rule: str) -> None:
    reply = get(service_of(parameters(parameter)), target)
    told = body_of(reply)
    assert (reply.status, reply.headers["Content-Type"]) == (400, "application/problem+json")
    assert (told["errors"][0]["name"], told["errors"][0]["rule"]) == (name, rule)


@pytest.mark.parametrize(
    ("style", "target"),
    [
        ({"style": "form", "explode": True}, "/it?n=1&n=2"),
        ({"style": "form", "explode": False}, "/it?n=1,2"),
        ({"style": "pipeDelimited", "explode": False}, "/it?n=1%7C2"),
        ({"style": "spaceDelimited", "explode": False}, "/it?n=1%202"),
        ({"style": "deepObject", "explode": True}, "/it?n%5B0%5D=1&n%5B1%5D=2"),
    ],
    ids=lambda value: value if isinstance(value, str) else value["style"],
)
def test_every_style_of_a_list_is_read(style: dict[str, Any], target: str) -> None:
    rule = {"name": "n", "in": "query", "schema": {"type": "array", "minItems": 2, "items": INTEGER}, **style}
    assert get(service_of(parameters(rule)), target).status == 200


@pytest.mark.parametrize(
    ("kind", "content", "errors"),
    [
        (JSON, b'{"a": 1}', []),
        (JSON, b'{"a": "x"}', [("#/a", "type")]),
        (JSON, b"{}", [("#", "required")]),
        (JSON, b"{", [("#", "syntax")]),
        ("application/x-www-form-urlencoded", b"a=1", []),
        ("application/x-www-form-urlencoded", b"a=x", [("#/a", "type")]),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n',
            [],
        ),
    ],
    ids=["json", "kind", "missing", "syntax", "form", "form kind", "multipart"],
)
def test_a_wrong_body_is_pointed_at(kind: str, content: bytes, errors: list[tuple[str, str]]) -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": INTEGER}}
    kinds = {JSON, "application/x-www-form-urlencoded", "multipart/form-data"}
    body = {"required": True, "content": {each: {"schema": schema} for each in kinds}}
    service = service_of({"/it": {"post": {"requestBody": body, "responses": {"204": {"description": ""}}}}})
    reply = get(service, "/it", "POST", content, content_type=kind)
    assert reply.status == (400 if errors else 204)
    told = body_of(reply)["errors"] if errors else []
    assert [(one["pointer"], one["rule"]) for one in told] == errors
    assert get(service, "/it", "POST", b"x", content_type="text/csv").status == 415


@pytest.mark.parametrize(
    ("schema", "body", "status"),
    [
        pytest.param({"additionalProperties": False, "allOf": [NAMED]}, {"name": "x"}, 204, id="closed beside allOf"),
        pytest.param({"additionalProperties": False, "allOf": [NAMED]}, {"nam": "x"}, 400, id="closed all the same"),
        pytest.param({"allOf": [NAMED], "required": ["id"]}, {"name": "x"}, 204, id="read only in a part"),
        pytest.param({"allOf": [NAMED], "required": ["name"]}, {}, 400, id="required of a part"),
        pytest.param({"type": "string", "pattern": "^(?!.)a"}, "kestrel", 204, id="what nobody can fulfil"),
    ],
)
def test_a_schema_of_parts_is_read_as_one(schema: dict[str, Any], body: Any, status: int) -> None:
    content = {"content": {JSON: {"schema": schema}}}
    service = service_of({"/it": {"post": {"requestBody": content, "responses": {"204": {"description": ""}}}}})
    assert get(service, "/it", "POST", json.dumps(body).encode(), content_type=JSON).status == status


def test_a_form_without_names_takes_any_field() -> None:
    body = {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "array", "items": INTEGER}}}}
    service = service_of({"/it": {"post": {"requestBody": body, "responses": {"204": {"description": ""}}}}})
    kind = "application/x-www-form-urlencoded"
    assert get(service, "/it", "POST", b"columns=name", content_type=kind).status == 204


def test_an_example_that_forgot_its_list_has_one() -> None:
    schema = {"type": "object", "properties": {"result": {"type": "array", "items": {"type": "object"}}}}
    content = {JSON: {"schema": schema, "example": {"results": []}}}
    service = service_of(
        {"/its": {"get": {"operationId": "listIts", "responses": {"200": {"description": "", "content": content}}}}}
    )
    assert len(body_of(get(service, "/its"))["result"]) == 2


def test_a_missing_credential_is_401_and_says_which() -> None:
    schemes = {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "token": {"type": "http", "scheme": "bearer"},
    }
    service = service_of(
        of_schema(INTEGER, security=[{"key": []}, {"token": []}]), components={"securitySchemes": schemes}
    )
    refused = get(service)
    assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, "ApiKey")
    assert [get(service, **given).status for given in ({"x_key": "k"}, {"authorization": "Bearer t"})] == [200, 200]


def test_an_unknown_path_names_those_that_are_near() -> None:
    service = service_of(of_schema(INTEGER))
    assert body_of(get(service, "/itt"))["near"] == ["/it"]
    wrong = get(service, "/it", "DELETE")
    assert (wrong.status, wrong.headers["Allow"]) == (405, "GET")


# --- what goes on ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "field"),
    [("page_token", "next_page_token"), ("offset", "total"), ("page", "total_pages"), ("", "next_link")],
)
def test_a_list_has_three_pages(parameter: str, field: str) -> None:
    """By whatever leads from one to the next."""
    item = {"type": "object", "properties": {"id": {"type": "string"}}}
    kind = {"type": "string"} if field.startswith("next") else INTEGER
    schema = {"type": "object", "properties": {"items": {"type": "array", "items": item}, field: kind}}
    given = [{"name": parameter, "in": "query", "schema": kind}] if parameter else []
    service = service_of(of_schema(schema, parameters=given))
    target, seen = "/it", list[int]()
    for number in range(1, 5):
        page = body_of(get(service, target))
        seen.append(len(page["items"]))
        following = {
            "next_page_token": f"/it?page_token={page.get(field)}",
            "total": f"/it?offset={sum(seen)}",
            "total_pages": f"/it?page={number + 1}",
            "next_link": str(page.get(field)).removeprefix("http://mock.test"),
        }[field]
        if number == 3:
            assert (page.get(field) is None) == field.startswith("next")
            break
        target = following
    assert seen == [2, 2, 2]


def test_a_job_is_over_when_it_was_looked_at_twice() -> None:
    job = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "status": {"enum": ["running", "succeeded", "failed"]}},
    }
    answered = {"description": "", "content": {JSON: {"schema": job}}}
    begun = {"202": {**answered, "headers": {"Operation-Location": {"schema": {"type": "string"}}}}}
    given = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    service = service_of(
        {
            "/jobs": {"post": {"responses": begun}},
            "/jobs/{id}": {"get": {"parameters": given, "responses": {"200": answered}}},
        }
    )
    first = get(service, "/jobs", "POST")
    place = first.headers["Operation-Location"].removeprefix("http://mock.test")
    assert (first.status, body_of(first)["status"]) == (202, "running")
    assert [body_of(get(service, place))["status"] for _ in range(3)] == ["running", "succeeded", "succeeded"]


def test_a_job_is_watched_at_the_address_that_began_it() -> None:
    """As `poll = "{}/status"` of the configuration says it."""
    service = service_of({"/jobs/{id}": {"put": {"responses": {"202": {"description": ""}}}}})
    [described] = service.operations
    watched = LongRunning(None, poll_path="{}/of/{+name}")
    described.operation = replace(described.operation, long_running=watched)
    jobs = Jobs()
    job = jobs.begin(described)
    jobs.watch(job, {"name": "a/b"}, "/jobs/1")
    assert job.place == "/jobs/1/of/a/b"


def test_versions_are_compared() -> None:
    answered = {
        "200": {
            "description": "",
            "headers": {"ETag": {"schema": {"type": "string"}}},
            "content": {JSON: {"schema": INTEGER}},
        }
    }
    match = [{"name": "If-Match", "in": "header", "schema": {"type": "string"}}]
    service = service_of(
        {
            "/it": {
                "get": {"responses": answered},
                "delete": {"parameters": match, "responses": {"204": {"description": ""}}},
            }
        }
    )
    tag = get(service).headers["ETag"]
    assert get(service, if_none_match=tag).status == 304
    assert [get(service, "/it", "DELETE", if_match=each).status for each in (tag, '"other"', "*")] == [204, 412, 204]
