"""Operations: arguments become a request as OpenAPI says, answers become values or errors."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from clientsmith.core.errors import DecodeError, HttpResponseError, ResourceNotFoundError
from clientsmith.core.models import UNSET, Model, field
from clientsmith.core.operations import (
    BYTES_BODY,
    JSON,
    TEXT,
    Operation,
    Parameter,
    binary_body,
    cookie,
    form_body,
    header,
    json_body,
    multipart_body,
    path,
    query,
    text_body,
)
from clientsmith.core.rest import HttpRequest
from clientsmith.core.serialization import DATE, list_of
from clientsmith.core.testing import Answer
from hypothesis import given
from hypothesis import strategies as st


class Pet(Model):
    id: int = field("id")
    name: str | None = field("petName", default=UNSET)


class Problem(Model):
    code: int = field("code")


def url_of(parameter: Parameter, value: Any, template: str = "/x") -> str:
    return Operation("GET", template, parameters={"p": parameter}, responses={200: None}).request({"p": value}).url


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        (query("p"), "a b&c=d", "/x?p=a%20b%26c%3Dd"),
        (query("p"), True, "/x?p=true"),
        (query("p"), 0, "/x?p=0"),
        (query("p"), 1.5, "/x?p=1.5"),
        (query("p"), "", "/x?p="),
        (query("p"), None, "/x"),
        (query("p", DATE), dt.date(2026, 11, 21), "/x?p=2026-11-21"),
        (query("p"), ["a,b", "c"], "/x?p=a%2Cb&p=c"),
        (query("p", explode=False), ["a,b", "c"], "/x?p=a%2Cb,c"),
        (query("p", style="pipeDelimited", explode=False), ["a", "b"], "/x?p=a%7Cb"),
        (query("p", style="spaceDelimited", explode=False), ["a", "b"], "/x?p=a%20b"),
        (query("p", style="deepObject"), {"a": 1, "b": True}, "/x?p%5Ba%5D=1&p%5Bb%5D=true"),
        (query("p"), {"a": 1, "b": 2}, "/x?a=1&b=2"),
        (query("p", explode=False), {"a": 1, "b": 2}, "/x?p=a,1,b,2"),
        (query("p"), [], "/x"),
        (query("p", style="deepObject"), {"a": {"b": [1, 2]}}, "/x?p%5Ba%5D%5Bb%5D%5B0%5D=1&p%5Ba%5D%5Bb%5D%5B1%5D=2"),
        (query("p"), [{"a": 1}], "/x?p=%7B%22a%22%3A1%7D"),
        (query("p", list_of(DATE)), [dt.date(2026, 1, 2)], "/x?p=2026-01-02"),
    ],
    ids=[
        "escaped", "boolean", "zero", "number", "empty string is sent", "None is not", "date", "list", "list in one field",
        "pipes", "spaces", "deep object", "object", "object in one field", "empty list", "nested deep object", "object in a list", "list of dates",
    ],
)  # fmt: skip
def test_a_query_parameter_is_spelt_as_openapi_says(parameter: Parameter, value: Any, expected: str) -> None:
    """OpenAPI 3.1, section 4.8.12.3."""
    assert url_of(parameter, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a/b?c#d", "/x/a%2Fb%3Fc%23d/y"), (7, "/x/7/y"), (".", "/x/%2E/y"), ("..", "/x/%2E%2E/y"), (["a", "b/c"], "/x/a,b%2Fc/y")],
    ids=["reserved characters", "number", "dot segment", "double dot segment", "list"],
)  # fmt: skip
def test_a_path_value_stays_in_its_segment(value: Any, expected: str) -> None:
    """Nothing in a value can address another resource."""
    assert url_of(path("p"), value, "/x/{p}/y") == expected


@pytest.mark.parametrize(
    ("style", "explode", "value", "expected"),
    [
        ("simple", False, {"a": 1, "b": 2}, "a,1,b,2"),
        ("simple", True, {"a": 1, "b": 2}, "a=1,b=2"),
        ("label", False, [1, 2], ".1,2"),
        ("label", True, [1, 2], ".1.2"),
        ("matrix", False, [1, 2], ";p=1,2"),
        ("matrix", True, [1, 2], ";p=1;p=2"),
        ("matrix", True, {"a": 1}, ";a=1"),
        ("matrix", False, "x/y", ";p=x%2Fy"),
    ],
)
def test_a_path_parameter_has_its_style(style: Any, explode: bool, value: Any, expected: str) -> None:
    """RFC 6570, as OpenAPI 3.1 takes it over."""
    assert url_of(path("p", style=style, explode=explode), value, "/x/{p}") == f"/x/{expected}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("groups/a b/locks", "groups/a%20b/locks", id="steps"),
        pytest.param("/subscriptions/1", "subscriptions/1", id="a slash that the template has already"),
        pytest.param("a:b@c;d=e,f+g", "a:b@c;d=e,f+g", id="reserved characters"),
        pytest.param("a?b#c%41", "a%3Fb%23c%2541", id="what ends a path"),
        pytest.param("a/../../b/.", "a/%2E%2E/%2E%2E/b/%2E", id="dot segments"),
    ],
)
def test_a_path_value_may_be_several_steps(value: str, expected: str) -> None:
    """``allowReserved`` of OpenAPI 3.2; it still leads nowhere else."""
    assert url_of(path("p", allow_reserved=True), value, "/x/{p}/y") == f"/x/{expected}/y"


@given(st.text(min_size=1))
def test_no_text_breaks_out_of_its_segment(value: str) -> None:
    """For any text at all."""
    url = url_of(path("p"), value.encode("utf-8", "replace").decode(), "/x/{p}/y")
    assert url.count("/") == 3
    assert not {"?", "#"} & set(url)
    assert url not in ("/x/./y", "/x/../y")


@pytest.mark.parametrize("value", [None, ""])
def test_an_empty_path_value_is_refused(value: Any) -> None:
    """It would address another resource, often the whole collection (params-client-validation)."""
    with pytest.raises(ValueError, match=r"p is .*; it is part of the URL and must not be empty"):
        url_of(path("p"), value, "/x/{p}")


def test_headers_and_cookies_are_sent_under_their_wire_names() -> None:
    """Lists are joined by commas; cookies share one field."""
    operation: Operation[None] = Operation(
        "GET",
        "/x",
        parameters={"a": header("X-A"), "b": header("X-B"), "c": cookie("c"), "d": cookie("d")},
        responses={204: None},
        accept="text/csv",
    )
    headers = operation.request({"a": [1, True], "b": None, "c": "1;2", "d": 3}).headers
    assert headers.as_dict() == {"Accept": "text/csv", "X-A": "1,true", "Cookie": "c=1%3B2; d=3"}


def body_of(kind: Any, value: Any) -> HttpRequest:
    return Operation("POST", "/x", body=kind, responses={200: None}).request({}, value)


@pytest.mark.parametrize(
    ("kind", "value", "content", "media_type"),
    [
        (json_body(Pet), Pet(id=1, name="Rex"), b'{"id":1,"petName":"Rex"}', "application/json"),
        (json_body(Pet), {"id": 1}, b'{"id":1}', "application/json"),
        (
            json_body(media_type="application/merge-patch+json"),
            {"a": None},
            b'{"a":null}',
            "application/merge-patch+json",
        ),
        (form_body(), {"a": "b c", "d": [1, True]}, b"a=b+c&d=1&d=true", "application/x-www-form-urlencoded"),
        (text_body(), "grüß", "grüß".encode(), "text/plain; charset=utf-8"),
        (binary_body(), b"\x00\xff", b"\x00\xff", "application/octet-stream"),
    ],
    ids=["model", "mapping where a model is", "another JSON type", "form", "text", "bytes"],
)
def test_a_body_is_encoded_by_its_media_type(kind: Any, value: Any, content: bytes, media_type: str) -> None:
    """With the content type that says so."""
    request = body_of(kind, value)
    assert isinstance(request.content, bytes)
    assert request.content.replace(b", ", b",").replace(b": ", b":") == content
    assert request.headers["Content-Type"] == media_type


def test_a_multipart_body_has_a_part_for_each_field() -> None:
    """RFC 7578; a name cannot break out of its header line."""
    request = body_of(multipart_body(), {"note": "hi", "file": ('a".txt\r\nX: 1', b"data", "text/plain"), "none": None})
    assert isinstance(request.content, bytes)
    boundary = request.headers["Content-Type"].partition("boundary=")[2].encode()
    parts = request.content.split(b"--" + boundary)
    assert len(parts) == 4
    assert b'name="note"\r\n\r\nhi\r\n' in parts[1]
    assert b'filename="a%22.txt%0D%0AX: 1"\r\nContent-Type: text/plain\r\n\r\ndata' in parts[2]


def test_the_answer_to_head_has_no_body() -> None:
    """Whatever the document says (RFC 9110, section 9.3.2)."""
    answer = Answer(200).to(HttpRequest("HEAD", "https://e.test/x"))
    assert Operation("HEAD", "/x", responses={200: Pet}).read(answer) is None


def test_no_body_means_no_content_type() -> None:
    """An optional body that is not given."""
    assert "Content-Type" not in body_of(json_body(), None).headers


@pytest.mark.parametrize(
    ("like", "answer", "value"),
    [
        (Pet, Answer(json={"id": 1}), Pet(id=1)),
        (list_of(Pet), Answer(json=[{"id": 1}]), [Pet(id=1)]),
        (lambda: Pet, Answer(json={"id": 1}), Pet(id=1)),
        (TEXT, Answer(content=b"hi"), "hi"),
        (BYTES_BODY, Answer(content=b"\x00"), b"\x00"),
        (None, Answer(json={"id": 1}), None),
    ],
    ids=["model", "list", "thunk", "text", "bytes", "nothing"],
)
def test_an_answer_is_read_by_its_codec(like: Any, answer: Answer, value: Any) -> None:
    """What the operation declares for the status."""
    assert Operation("GET", "/x", responses={200: like}).read(answer.to(HttpRequest("GET", "/x"))) == value


def read(answer: Answer, **rest: Any) -> Any:
    return Operation("GET", "/x", responses={200: Pet}, **rest).read(answer.to(HttpRequest("GET", "https://e.test/x")))


def test_an_undocumented_success_is_read_like_the_documented_one() -> None:
    """A 201 where the document says 200 is still a pet; an empty one is None."""
    assert read(Answer(201, json={"id": 1})) == Pet(id=1)
    assert read(Answer(204)) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_was_done_is_no_error_where_the_promised_body_does_not_come(method: str) -> None:
    """Placement's 201 to ``POST /resource_providers``: an error would make the caller do it again."""
    made = Answer(201, headers={"Location": "/x/1"}).to(HttpRequest(method, "https://e.test/x"))
    assert Operation(method, "/x", responses={201: Pet}).read(made) is None


@pytest.mark.parametrize("like", [Pet, list_of(Pet), DATE, JSON], ids=["model", "list", "date", "anything"])
def test_an_empty_answer_is_nothing_like_null(like: Any) -> None:
    """200 without a body, where others say 204 or null: many services say so that there is none."""
    assert Operation("GET", "/x", responses={200: like}).read(Answer(200).to(HttpRequest("GET", "/x"))) is None


@pytest.mark.parametrize(
    ("errors", "status"),
    [({404: Problem}, 404), ({"4XX": Problem}, 404), ({"default": Problem}, 500), ({"4XX": None, 404: Problem}, 404)],
    ids=["status", "class of statuses", "default", "the status before its class"],
)
def test_a_documented_error_comes_with_its_model(errors: Any, status: int) -> None:
    """Core's exception for the status, the typed model as `.model`."""
    with pytest.raises(HttpResponseError) as caught:
        read(Answer(status, json={"code": 7}), errors=errors)
    assert caught.value.error == Problem(code=7)


def test_an_error_page_that_is_not_json_still_tells_its_status() -> None:
    """A proxy's HTML where the service documents JSON."""
    with pytest.raises(ResourceNotFoundError, match="answered 404") as caught:
        read(Answer(404, content=b"<html>"), errors={404: Problem})
    assert caught.value.error is None


def test_an_error_of_another_json_type_still_tells_its_status() -> None:
    """A list where the document has an object."""
    with pytest.raises(ResourceNotFoundError) as caught:
        read(Answer(404, json=["a"]), errors={404: Problem})
    assert caught.value.error is None


def test_a_success_of_another_json_type_is_a_decode_error() -> None:
    with pytest.raises(DecodeError, match="got list"):
        read(Answer(200, json=["a"]))


def test_a_success_that_is_not_json_is_a_decode_error() -> None:
    """With the media type that came instead."""
    with pytest.raises(DecodeError, match=r"the body \(text/html\) is not the JSON expected"):
        read(Answer(200, content=b"<html>", headers={"Content-Type": "text/html"}))


def test_deleting_what_is_gone_succeeds_where_the_operation_says_so() -> None:
    """The guideline's delete_: it succeeds even if the thing did not exist."""
    gone = Operation[None]("DELETE", "/x", responses={204: None}, missing_is_success=True)
    assert gone.read(Answer(404, json={"message": "gone"}).to(HttpRequest("DELETE", "https://e.test/x"))) is None
