"""Operations that are called in several forms, without a credential, or on a server of their own: in both colours."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core.aio import ServiceClient as AsyncServiceClient
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import Basic, BasicCredential, Bearer, KeyCredential, KeyInHeader, KeyInQuery
from clientsmith.core.errors import ArgumentError
from clientsmith.core.operations import (
    BYTES_BODY,
    HEADERS,
    JSON,
    TEXT,
    TEXT_OR_JSON,
    Encoding,
    ListOperation,
    Operation,
    binary_body,
    form_body,
    json_body,
    lines_body,
    multipart_body,
    text_body,
)
from clientsmith.core.paging import NextLink
from clientsmith.core.serialization import DATE
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport

HOME, UPLOADS = "https://api.example", "https://uploads.example/v1"
BODIES = {"application/json": json_body(), "text/plain": text_body("text/plain"), "image/*": binary_body()}
SEND: Operation[Any] = Operation(
    "POST",
    "/x",
    body=BODIES,
    responses={200: {"application/json": JSON, "text/csv": TEXT, "application/pdf": BYTES_BODY}},
    chooses=True,
)


class Caller:
    """A client in one colour, over a scripted service."""

    def __init__(self, colour: str) -> None:
        self.is_async = colour == "async"
        self.transport: Any = None

    def answering(self, *answers: Answer, endpoint: str = HOME, **construction: Any) -> Caller:
        self.transport = (AsyncScriptedTransport if self.is_async else ScriptedTransport)(*answers)
        self.client: Any = (AsyncServiceClient if self.is_async else ServiceClient)(
            endpoint, transport=self.transport, **construction
        )
        return self

    async def call(self, operation: Operation[Any], arguments: Any = None, body: Any = None) -> Any:
        result = self.client._call(operation, arguments or {}, body=body, options={})
        return await result if self.is_async else result

    async def items(self, operation: ListOperation[Any]) -> list[Any]:
        found = self.client._list(operation, {}, options={})
        return [item async for item in found] if self.is_async else list(found)

    @property
    def sent(self) -> list[Any]:
        return list(self.transport.sent)


@pytest.fixture(params=["sync", "async"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


# --- media types -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "body", "sent", "kind"),
    [
        (None, {"a": 1}, b'{"a":1}', "application/json"),
        ("application/json", {"a": 1}, b'{"a":1}', "application/json"),
        ("text/plain", "hi", b"hi", "text/plain"),
        ("image/png", b"PNG", b"PNG", "image/png"),
    ],
    ids=["usual", "named", "another", "one of a range"],
)
async def test_the_argument_content_type_chooses_the_form(
    caller: Caller, content_type: str | None, body: Any, sent: bytes, kind: str
) -> None:
    caller.answering(Answer(json={}))
    await caller.call(SEND, {"content_type": content_type}, body)
    assert (caller.sent[0].content, caller.sent[0].headers["Content-Type"]) == (sent, kind)


async def test_a_form_that_is_not_declared_is_refused(caller: Caller) -> None:
    caller.answering()
    with pytest.raises(ArgumentError, match="POST /x does not take 'audio/ogg' as its content_type") as caught:
        await caller.call(SEND, {"content_type": "audio/ogg"}, b"")
    assert caught.value.name == "content_type"


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("application/json", b"[1]", [1]),
        ("text/csv; charset=utf-8", b"a\n", "a\n"),
        ("application/pdf", b"PDF", b"PDF"),
        ("application/problem+json", b"[1]", [1]),
    ],
    ids=["JSON", "text", "bytes", "not declared: like the first"],
)
async def test_an_answer_is_read_as_its_media_type_says(
    caller: Caller, kind: str, content: bytes, expected: Any
) -> None:
    caller.answering(Answer(content=content, headers={"Content-Type": kind}))
    assert await caller.call(SEND, {"accept": "text/csv"}, {}) == expected
    assert caller.sent[0].headers["Accept"] == "text/csv"


@pytest.mark.parametrize(
    ("method", "answer"), [("HEAD", Answer(200)), ("PUT", Answer(204)), ("PUT", Answer(201, content=b"ignored"))]
)
async def test_header_fields_are_what_an_answer_says(caller: Caller, method: str, answer: Answer) -> None:
    operation: Operation[Any] = Operation(method, "/x", responses={200: HEADERS, 201: HEADERS, 204: HEADERS})
    caller.answering(Answer(answer.status_code, content=answer.content, headers={"ETag": '"1"'}))
    assert (await caller.call(operation))["etag"] == '"1"'


@pytest.mark.parametrize(("kind", "content"), [("text/plain", b"hi"), ("application/json; charset=utf-8", b'"hi"')])
async def test_an_answer_that_may_be_either_is_what_it_says(caller: Caller, kind: str, content: bytes) -> None:
    caller.answering(Answer(content=content, headers={"Content-Type": kind}))
    assert await caller.call(Operation("GET", "/x", responses={200: TEXT_OR_JSON})) == "hi"


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        pytest.param(json_body(always={"stream": True}), b'{"a":"b","stream":true}', id="JSON"),
        pytest.param(form_body(always={"stream": True}), b"a=b&stream=true", id="form"),
        pytest.param(multipart_body(always={"stream": True}), b'name="stream"\r\n\r\ntrue\r\n', id="multipart"),
    ],
)
async def test_members_of_a_body_that_are_always_sent(caller: Caller, body: Any, sent: bytes) -> None:
    """Whatever the caller says."""
    caller.answering(Answer(json={}))
    await caller.call(Operation("POST", "/x", body=body, responses={200: JSON}), body={"a": "b", "stream": False})
    assert sent in caller.sent[0].content


async def test_a_field_of_a_form_has_a_codec(caller: Caller) -> None:
    import datetime

    body = form_body(encoding={"days": Encoding(codec=DATE, style="deepObject")})
    caller.answering()
    with pytest.raises(ArgumentError, match="body of POST /x cannot be sent"):
        await caller.call(Operation("POST", "/x", body=body, responses={200: JSON}), body={"days": 1})
    body = form_body(encoding={"day": Encoding(codec=DATE)})
    caller.answering(Answer(json={}))
    operation: Operation[Any] = Operation("POST", "/x", body=body, responses={200: JSON})
    await caller.call(operation, body={"day": datetime.date(2026, 11, 21), "none": None})
    assert caller.sent[0].content == b"day=2026-11-21"


@pytest.mark.parametrize("body", [{"a": 1}, "a", 1], ids=["object", "text", "number"])
async def test_lines_are_made_of_several_values(caller: Caller, body: Any) -> None:
    caller.answering()
    with pytest.raises(ArgumentError, match="lines are made of a list or another iterable"):
        await caller.call(Operation("POST", "/x", body=lines_body(), responses={200: JSON}), body=body)


# --- credentials and servers -----------------------------------------------------------------------------------------

CREDENTIALS = [
    pytest.param(KeyInHeader("X-Key"), KeyCredential("secret"), id="header"),
    pytest.param(KeyInQuery("key"), KeyCredential("secret"), id="query"),
    pytest.param(Basic(), BasicCredential("ada", "secret"), id="basic"),
    pytest.param(Bearer(), KeyCredential("secret"), id="bearer"),
]


def shows(sent: Any) -> bool:
    return "secret" in sent.url or any(
        "secret" in value or value.startswith("Basic ") for value in sent.headers.values()
    )


@pytest.mark.parametrize(("scheme", "credential"), CREDENTIALS)
async def test_an_anonymous_operation_shows_no_credential(caller: Caller, scheme: Any, credential: Any) -> None:
    anonymous: Operation[Any] = Operation("GET", "/x", responses={200: JSON}, anonymous=True)
    caller.answering(Answer(json={}), Answer(json={}), credential=credential, authentication=[scheme])
    await caller.call(anonymous)
    await caller.call(Operation("GET", "/x", responses={200: JSON}))
    assert [shows(sent) for sent in caller.sent] == [False, True]


@pytest.mark.parametrize(("scheme", "credential"), CREDENTIALS)
async def test_a_server_of_an_operation_is_trusted_like_the_endpoint(
    caller: Caller, scheme: Any, credential: Any
) -> None:
    """For that operation, and as far as the origin goes."""
    there: Operation[Any] = Operation("GET", "/x", responses={200: JSON}, server=(UPLOADS, HOME))
    answers = (Answer(json={}), Answer(307, headers={"Location": "https://evil.example/"}), Answer(json={}))
    caller.answering(*answers, credential=credential, authentication=[scheme])
    await caller.call(there)
    await caller.call(there)
    assert [sent.url.partition("?")[0] for sent in caller.sent] == [
        f"{UPLOADS}/x",
        f"{UPLOADS}/x",
        "https://evil.example/",
    ]
    assert [shows(sent) for sent in caller.sent] == [True, True, False]


async def test_pages_of_such_a_list_come_from_its_server(caller: Caller) -> None:
    """A link that leads back to the client's endpoint is followed, and trusted, too."""
    operation: ListOperation[Any] = ListOperation(
        "GET", "/x", paging=NextLink(items=("items",), next=("next",)), server=(UPLOADS, HOME)
    )
    caller.answering(
        Answer(json={"items": [1], "next": "/x?page=2"}),
        Answer(json={"items": [2], "next": f"{UPLOADS}/x?page=3"}),
        Answer(json={"items": [3], "next": f"{HOME}/x?page=4"}),
        Answer(json={"items": [4]}),
        credential=KeyCredential("secret"),
        authentication=[KeyInHeader("X-Key")],
    )
    assert await caller.items(operation) == [1, 2, 3, 4]
    assert [sent.url for sent in caller.sent][::3] == [f"{UPLOADS}/x", f"{HOME}/x?page=4"]
    assert all(shows(sent) for sent in caller.sent)


@pytest.mark.parametrize("endpoint", ["https://mine.example", "http://localhost:8000", f"{HOME}/sandbox"])
async def test_whoever_gives_another_endpoint_means_all_operations(caller: Caller, endpoint: str) -> None:
    there: Operation[Any] = Operation("GET", "/x", responses={200: JSON}, server=(UPLOADS, HOME))
    caller.answering(Answer(json={}), endpoint=endpoint)
    await caller.call(there)
    assert caller.sent[0].url == f"{endpoint}/x"


# --- variables of the endpoint ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "endpoint"),
    [
        ({"region": "eu-1", "stage": "v1"}, "https://eu-1.api.example/v1"),
        ({"region": "a.b", "stage": ""}, "https://a.b.api.example"),
        ({"region": "eu", "stage": "a/b"}, "https://eu.api.example/a/b"),
    ],
)
def test_variables_stand_in_the_endpoint(caller: Caller, variables: dict[str, str], endpoint: str) -> None:
    template = "https://{region}.api.example/{stage}"
    assert caller.answering(endpoint=template, endpoint_variables=variables).client._core.endpoint == endpoint


@pytest.mark.parametrize(
    "variables",
    [{"region": "evil.example/"}, {"region": "eu@evil"}, {"region": "eu:80"}, {"region": ""}, {"stage": "../admin"}, {"stage": "a?b"}],
)  # fmt: skip
def test_a_variable_leads_nowhere_else(caller: Caller, variables: dict[str, str]) -> None:
    usual = {"region": "eu", "stage": "v1"}
    with pytest.raises(ArgumentError, match="which cannot stand in https://") as caught:
        caller.answering(endpoint="https://{region}.api.example/{stage}", endpoint_variables=usual | variables)
    assert caught.value.name in variables
