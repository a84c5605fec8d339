"""Operations in full, in a generated package that is used: every way to send, to answer, to show a credential.

The document is ``specs/post-office.yaml``; each test runs in both colours, over a scripted service.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import importlib
import inspect
import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from clientsmith.configuration import Configuration
from clientsmith.core.credentials import AccessToken, BasicCredential, KeyCredential
from clientsmith.core.errors import (
    ArgumentError,
    ClientAuthenticationError,
    CredentialError,
    HttpResponseError,
    ResourceNotFoundError,
)
from clientsmith.core.multipart import Part
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport
from clientsmith.core.webhooks import SignatureError
from clientsmith.emit.package import write_package
from clientsmith.model.pipeline import build_api

from .conftest import Calls

SPEC = Path(__file__).parents[1] / "specs" / "post-office.yaml"
LETTER = {"to": "Ada", "pages": ["one", "two"]}
BOTH = {"app": KeyCredential("app-key"), "user": BasicCredential("ada", "secret")}
HOME = "https://eu.post.example/v1"


class Office(Calls):
    """The generated client in one colour, over a scripted service."""

    def __init__(self, package: ModuleType, models: ModuleType, transport: Any) -> None:
        self.models, self._transport, self._package = models, transport, package
        self.is_async = transport is AsyncScriptedTransport
        self.transport: Any = None

    def answering(self, *answers: Answer, **construction: Any) -> Office:
        self.transport = self._transport(*answers)
        self.client = self._package.PostOfficeClient(transport=self.transport, **construction)
        return self

    @property
    def content(self) -> bytes:
        content: bytes = self.transport.sent[-1].content
        return content

    @property
    def kind(self) -> str:
        return str(self.request.headers["Content-Type"])


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("post_office") / "client"
    write_package(build_api(str(SPEC))[0], target, source="", layout="module")
    return target


@pytest.fixture(scope="module")
def modules(package: Path) -> Iterator[dict[str, ModuleType]]:
    """The package, its async half and its webhooks, imported once: every test makes its own client."""
    sys.path.insert(0, str(package / "src"))
    names = ("post_office_client", "post_office_client.aio", "post_office_client.webhooks")
    yield {name.partition(".")[2]: importlib.import_module(name) for name in names}
    sys.path.remove(str(package / "src"))
    for name in [name for name in sys.modules if name.partition(".")[0] == "post_office_client"]:
        del sys.modules[name]


@pytest.fixture(params=["sync", "async"])
def office(request: pytest.FixtureRequest, modules: dict[str, ModuleType]) -> Office:
    root = modules[""]
    if request.param == "sync":
        return Office(root, root.models, ScriptedTransport)
    return Office(modules["aio"], root.models, AsyncScriptedTransport)


async def everything(stream: Any) -> list[Any]:
    if hasattr(stream, "__aiter__"):
        return [item async for item in stream]
    return list(stream)


async def read(stream: Any) -> bytes:
    found = stream.read()
    return bytes(await found) if inspect.isawaitable(found) else bytes(found)


# --- several forms of a body -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "sent"),
    [
        pytest.param(None, b'{"to":"Ada","pages":["one","two"]}', id="by default JSON"),
        pytest.param("application/x-www-form-urlencoded", b"to=Ada&pages=one&pages=two", id="form"),
    ],
)
async def test_a_body_is_sent_in_the_form_that_the_caller_names(
    office: Office, content_type: str | None, sent: bytes
) -> None:
    office.answering(Answer(201, json=LETTER))
    chosen = {} if content_type is None else {"content_type": content_type}
    letter = await office.call("create_letter", LETTER, **chosen)
    assert (office.content, office.kind) == (sent, content_type or "application/json")
    assert isinstance(letter, office.models.Letter)


async def test_a_model_travels_as_xml_too(office: Office) -> None:
    """Both ways: names, attributes and wrappers are those of the document; what the service sets is not sent."""
    answer = b'<letter id="l1"><to>Ada</to><pages><page>one</page></pages></letter>'
    office.answering(Answer(201, content=answer, headers={"Content-Type": "application/xml"}))
    letter = await office.call(
        "create_letter", office.models.Letter(**LETTER), content_type="application/xml", accept="application/xml"
    )
    assert office.content.endswith(b"<letter><to>Ada</to><pages><page>one</page><page>two</page></pages></letter>")
    assert (office.kind, office.request.headers["Accept"]) == ("application/xml", "application/xml")
    assert (letter.id, letter.to, letter.pages) == ("l1", "Ada", ["one"])


@pytest.mark.parametrize(
    ("body", "content_type"),
    [pytest.param("Dear Ada", "text/plain", id="text"), pytest.param(b"%PDF", "application/pdf", id="bytes")],
)
async def test_another_form_is_another_type(office: Office, body: str | bytes, content_type: str) -> None:
    office.answering(Answer(201, json=LETTER))
    await office.call("create_letter", body, content_type=content_type)
    assert (office.content, office.kind) == (body if isinstance(body, bytes) else body.encode(), content_type)


async def test_a_form_that_nobody_takes_is_refused(office: Office) -> None:
    office.answering()
    with pytest.raises(ArgumentError, match="does not take 'image/gif' as its content_type, but 'application/json'"):
        await office.call("create_letter", b"GIF", content_type="image/gif")


async def test_a_picture_says_which_kind_it_is(office: Office) -> None:
    """None of several is the usual one: a JPEG that is announced as a PNG is refused, or misread."""
    office.answering(Answer(201, headers={"Location": "/scans/7"}))
    with pytest.raises(TypeError, match="content_type"):
        await office.call("upload_scan", "7", b"")
    headers = await office.call("upload_scan", "7", b"\x89PNG", content_type="image/png")
    assert (office.content, office.kind, headers["location"]) == (b"\x89PNG", "image/png", "/scans/7")


async def test_a_patch_is_of_the_kind_that_the_caller_names(office: Office) -> None:
    """The usual one says what is to be; a list of changes is sent as it is given."""
    office.answering(Answer(json=LETTER), Answer(json=LETTER))
    await office.call("update_letter", "7", {"to": "Bo"})
    assert (office.content, office.kind) == (b'{"to":"Bo"}', "application/merge-patch+json")
    changes = [{"op": "remove", "path": "/pages"}]
    await office.call("update_letter", "7", changes, content_type="application/json-patch+json")
    assert (json.loads(office.content), office.kind) == (changes, "application/json-patch+json")


# --- several forms of an answer --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "content", "expected"),
    [
        pytest.param("text/csv", b"to\nAda\n", "to\nAda\n", id="text"),
        pytest.param("application/pdf", b"%PDF", b"%PDF", id="bytes"),
    ],
)
async def test_an_answer_comes_in_the_form_that_the_caller_asks_for(
    office: Office, accept: str, content: bytes, expected: str | bytes
) -> None:
    office.answering(Answer(201, content=content, headers={"Content-Type": accept}))
    assert await office.call("create_letter", LETTER, accept=accept) == expected
    assert office.request.headers["Accept"] == accept


async def test_an_answer_is_read_as_what_it_says_it_is(office: Office) -> None:
    """A service may not do as it was asked."""
    office.answering(Answer(201, content=b"to\nAda\n", headers={"Content-Type": "text/csv; charset=utf-8"}))
    assert await office.call("create_letter", LETTER) == "to\nAda\n"


async def test_a_file_is_asked_for_in_the_format_that_the_caller_names(office: Office) -> None:
    office.answering(Answer(content=b"\xff\xd8", headers={"Content-Type": "image/jpeg"}))
    assert await read(office.client.get_scan("7", accept="image/jpeg")) == b"\xff\xd8"
    assert office.request.headers["Accept"] == "image/jpeg"


async def test_a_list_can_be_had_as_a_file(office: Office) -> None:
    """Another kind of answer is another method: a pager returns no text."""
    office.answering(Answer(content=b"to\n", headers={"Content-Type": "text/csv"}), Answer(json=[LETTER]))
    assert await read(office.client.download_letters()) == b"to\n"
    assert office.request.headers["Accept"] == "text/csv"
    (letter,) = await everything(office.client.list_letters())
    assert (letter.to, office.request.headers["Accept"]) == ("Ada", "application/json")


async def test_a_list_of_other_items_is_a_method_of_its_own(office: Office) -> None:
    office.answering(Answer(json=[{"to": "Ada", "stamped": "2026-11-21T12:00:00Z"}]))
    (letter,) = await everything(office.client.list_letters_as_full())
    assert letter.stamped == datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)
    assert office.request.headers["Accept"] == "application/json; odata=full"


async def test_a_redirect_to_a_file_gives_the_file(office: Office) -> None:
    """Which is another host's as a rule, and that one gets no credential."""
    where = {"Location": "https://files.example/7"}
    office.answering(Answer(302, headers=where), Answer(content=b"PDF"), credential=KeyCredential("token"))
    assert await read(office.client.get_original("7")) == b"PDF"
    first, second = office.transport.requests
    assert (first.headers["Authorization"], second.url) == ("Bearer token", "https://files.example/7")
    assert "Authorization" not in second.headers


async def test_an_answer_may_have_nothing_in_it(office: Office) -> None:
    """204 beside 200; and a body with a DELETE, where the document has one."""
    office.answering(Answer(204), Answer(json=LETTER))
    assert await office.call("withdraw_letter", "7", request={"reason": "typo"}) is None
    assert (office.request.method, office.content) == ("DELETE", b'{"reason":"typo"}')
    assert isinstance(await office.call("withdraw_letter", "7"), office.models.Letter)
    assert office.request.content is None


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [("text/plain", b"found", "found"), ("application/json", b'"found"', "found")],
    ids=["text", "JSON"],
)
async def test_a_service_that_does_not_say_what_it_answers_is_believed_when_it_does(
    office: Office, kind: str, content: bytes, expected: str
) -> None:
    office.answering(Answer(content=content, headers={"Content-Type": kind}))
    assert await office.call("search_everything") == expected


async def test_a_vendors_type_with_members_is_json(office: Office) -> None:
    office.answering(Answer(json={"text": "42"}, headers={"Content-Type": "application/vnd.post.object"}))
    answer = await office.call("get_all")
    assert (answer.text, office.request.headers["Accept"]) == ("42", "application/vnd.post.object")


# --- header fields ---------------------------------------------------------------------------------------------------


async def test_what_a_head_tells_can_be_read(office: Office) -> None:
    """Beside the method that only says whether it is there."""
    office.answering(Answer(200, headers={"X-Weight": "12", "ETag": '"v1"'}), Answer(404))
    headers = await office.call("get_letter_headers", "7")
    assert (headers["x-weight"], headers["etag"], office.request.method) == ("12", '"v1"', "HEAD")
    assert await office.call("letter_exists", "7") is False


async def test_every_call_shows_its_response_to_who_asks(office: Office) -> None:
    seen: list[Any] = []
    office.answering(Answer(201, json=LETTER, headers={"X-Trace": "t1"}))
    hook = lambda response, headers: seen.append((response.status_code, headers["x-trace"]))  # noqa: E731
    await office.call("create_letter", LETTER, response_hook=hook)
    assert seen == [(201, "t1")]


# --- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["application/json", "application/problem+json"])
async def test_an_error_holds_what_the_document_says(office: Office, kind: str) -> None:
    office.answering(Answer(404, json={"title": "No such street"}, headers={"Content-Type": kind}))
    with pytest.raises(ResourceNotFoundError) as caught:
        await office.call("create_letter", LETTER)
    assert caught.value.error.title == "No such street"


async def test_a_range_of_statuses_has_an_error_too(office: Office) -> None:
    office.answering(Answer(422, content=b"too heavy", headers={"Content-Type": "text/plain"}))
    with pytest.raises(HttpResponseError) as caught:
        await office.call("create_letter", LETTER)
    assert (caught.value.status_code, caught.value.error) == (422, "too heavy")


# --- forms -----------------------------------------------------------------------------------------------------------


async def test_a_form_is_given_by_its_fields(office: Office) -> None:
    """Each is written as the document says: with numbers and names in brackets, in one field, as JSON, as a time."""
    office.answering(Answer(201, json={"id": "p1"}))
    parcel = await office.call(
        "create_parcel",
        weight=500,
        items=[{"sku": "a", "price": 1}, {"sku": "b", "price": 2}],
        metadata={"order": "42"},
        labels=["x", "y"],
        sent=datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC),
        fragile=True,
        sender={"name": "Ada"},
    )
    assert (parcel.id, office.kind) == ("p1", "application/x-www-form-urlencoded")
    assert parse_qsl(office.content.decode()) == [
        ("weight", "500"),
        ("items[0][sku]", "a"),
        ("items[0][price]", "1"),
        ("items[1][sku]", "b"),
        ("items[1][price]", "2"),
        ("metadata[order]", "42"),
        ("labels", "x,y"),
        ("sent", "1795262400"),
        ("fragile", "true"),
        ("sender", '{"name":"Ada"}'),
    ]


async def test_a_field_that_is_not_given_is_not_sent(office: Office) -> None:
    office.answering(Answer(201, json={}))
    with pytest.raises(TypeError, match="weight"):
        await office.call("create_parcel")
    await office.call("create_parcel", weight=1)
    assert office.content == b"weight=1"


async def test_an_update_takes_fields_and_a_whole(office: Office) -> None:
    """What is given explicitly wins, in a form as in JSON."""
    office.answering(Answer(json={}), Answer(json={}))
    await office.call("update_parcel", "7", {"weight": 1, "note": "old"}, note="new")
    assert parse_qsl(office.content.decode()) == [("weight", "1"), ("note", "new")]
    await office.call("update_parcel", "7", note="new")
    assert office.content == b"note=new"


# --- multipart -------------------------------------------------------------------------------------------------------


def parts_of(office: Office) -> list[tuple[dict[str, str], bytes]]:
    """The parts of the multipart body that was sent: header fields and content."""
    kind, _, boundary = office.kind.partition("; boundary=")
    assert kind == "multipart/form-data"
    found: list[tuple[dict[str, str], bytes]] = []
    for part in office.content.split(b"--" + boundary.encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        found.append((fields, content))
    return found


async def test_files_and_fields_are_parts(office: Office, tmp_path: Path) -> None:
    """Each with the media type and the header fields that the document says."""
    picture = tmp_path / "boats.png"
    picture.write_bytes(b"\x89PNG")
    office.answering(Answer(201, content=b"p1", headers={"Content-Type": "text/plain"}))
    photo = await office.call(
        "create_photo",
        file=picture,
        caption="Boats",
        taken=datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC),
        place={"city": "Ghent"},
        tags=["sea", "sky"],
        previews=[b"small", ("medium.png", io.BytesIO(b"medium"), "image/png"), Part(b"large", "large.png")],
    )
    assert photo == "p1"
    shown = [
        (head["Content-Disposition"].removeprefix("form-data; "), head.get("Content-Type"), content)
        for head, content in parts_of(office)
    ]
    assert shown == [
        ('name="file"; filename="boats.png"', "image/png", b"\x89PNG"),
        ('name="caption"', None, b"Boats"),
        ('name="taken"', None, b"2026-11-21T12:00:00Z"),
        ('name="place"', "application/json", b'{"city":"Ghent"}'),
        ('name="tags"', None, b"sea"),
        ('name="tags"', None, b"sky"),
        ('name="previews"; filename="previews"', "image/png", b"small"),
        ('name="previews"; filename="medium.png"', "image/png", b"medium"),
        ('name="previews"; filename="large.png"', "image/png", b"large"),
    ]
    assert parts_of(office)[6][0]["X-Kind"] == "preview"


# --- bytes and lines -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["bytes", "file", "path", "iterator"])
async def test_bytes_are_sent_from_wherever_they_are(office: Office, source: str, tmp_path: Path) -> None:
    path = tmp_path / "original"
    path.write_bytes(b"original")
    office.answering(Answer(204))
    with path.open("rb") as file:
        given = {"bytes": b"original", "file": file, "path": path, "iterator": iter([b"orig", b"inal"])}[source]
        assert await office.call("replace_original", "7", given) is None
        assert (office.content, office.kind) == (b"original", "application/octet-stream")


async def test_an_async_client_sends_what_it_has_to_wait_for(office: Office) -> None:
    async def blocks() -> AsyncIterator[bytes]:
        yield b"orig"
        yield b"inal"

    if not office.is_async:
        pytest.skip("a sync client cannot wait")
    office.answering(Answer(204))
    await office.call("replace_original", "7", blocks())
    assert office.content == b"original"


async def test_lines_are_sent_as_they_are_made(office: Office) -> None:
    def letters() -> Iterator[Mapping[str, Any]]:
        yield {"to": "Ada"}
        yield office.models.Letter(to="Bo")

    office.answering(Answer(204))
    await office.call("import_letters", letters())
    assert (office.content, office.kind) == (b'{"to":"Ada"}\n{"to":"Bo"}\n', "application/x-ndjson")


# --- streams ---------------------------------------------------------------------------------------------------------


async def test_the_same_question_is_answered_at_once_or_word_by_word(office: Office) -> None:
    """The member of the body that switches is the method's business."""
    events = b'data: {"word": "forty"}\n\ndata: {"word": "two"}\n\n'
    office.answering(Answer(json={"text": "42"}), Answer(content=events, headers={"Content-Type": "text/event-stream"}))
    assert (await office.call("create_answer", {"question": "?"})).text == "42"
    assert office.content == b'{"question":"?"}'
    words = await everything(office.client.stream_answer({"question": "?"}))
    assert [word.word for word in words] == ["forty", "two"]
    assert json.loads(office.content) == {"question": "?", "stream": True}
    assert office.request.headers["Accept"] == "text/event-stream"


async def test_an_event_is_what_its_name_says(office: Office) -> None:
    """Its data by its name, up to the one that ends the stream; one that came later is a dict."""
    told = ['moved\ndata: {"weight": 1}', 'lost\ndata: {"title": "Where?"}', "eaten\ndata: 1", "done\ndata: [DONE]"]
    content = "".join(f"event: {one}\n\n" for one in told).encode()
    office.answering(Answer(content=content, headers={"Content-Type": "text/event-stream"}))
    moved, lost, eaten = await everything(office.client.watch_parcel("7"))
    assert (moved.event, moved.data.weight) == ("moved", 1)
    assert (lost.event, lost.data.title) == ("lost", "Where?")
    assert eaten == {"event": "eaten", "data": 1, "id": ""}


# --- parameters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argument", "value", "query"),
    [
        pytest.param("ids", [1, 2], "ids=1,2", id="list in one field"),
        pytest.param("ids", [], "", id="empty list"),
        pytest.param("filter", {"from": "a", "years": [1, 2]}, "filter[from]=a&filter[years][0]=1&filter[years][1]=2",
                     id="deep object"),
        pytest.param("sort", ["to", "sent"], "sort[0]=to&sort[1]=sent", id="list in brackets"),
        pytest.param("where", {"open": True}, 'where={"open":true}', id="JSON"),
        pytest.param("path", "a/b:c", "path=a/b:c", id="reserved characters"),
        pytest.param("pipes", ["a", "b"], "pipes=a|b", id="pipes"),
        pytest.param("spaces", ["a", "b"], "spaces=a b", id="spaces"),
        pytest.param("since", datetime.date(2026, 11, 21), "since=2026-11-21", id="date"),
        pytest.param("urgent", False, "urgent=false", id="boolean"),
        pytest.param("flag", "", "flag=", id="empty value"),
    ],
)  # fmt: skip
async def test_a_parameter_of_the_query_is_spelt_as_the_document_says(
    office: Office, argument: str, value: object, query: str
) -> None:
    office.answering(Answer(content=b"", headers={"Content-Type": "text/plain"}))
    await office.call("search_everything", **{argument: value})
    assert unquote(office.request.url.partition("?")[2]) == query


async def test_header_and_cookie_parameters(office: Office) -> None:
    office.answering(Answer(content=b"", headers={"Content-Type": "text/plain"}))
    await office.call("search_everything", tags=["a", "b"], visitor="Ada L")
    assert (office.request.headers["X-Tags"], office.request.headers["Cookie"]) == ("a,b", "visitor=Ada%20L")


async def test_a_parameter_may_be_the_whole_query(office: Office) -> None:
    office.answering(Answer(json={}))
    await office.call("get_all", everything={"a": "1", "b": [1, 2]})
    assert office.request.url == f"{HOME}/all?a=1&b=1&b=2"


# --- credentials -----------------------------------------------------------------------------------------------------


async def test_credentials_that_belong_together_are_shown_together(office: Office) -> None:
    office.answering(Answer(json=[]), credential=BOTH)
    await everything(office.client.list_letters())
    login = base64.b64encode(b"ada:secret").decode()
    assert (office.request.headers["X-App-Key"], office.request.headers["Authorization"]) == (
        "app-key",
        f"Basic {login}",
    )


async def test_half_of_what_belongs_together_is_refused(office: Office) -> None:
    with pytest.raises(
        CredentialError, match=r"the mapping \{'app': KeyCredential, 'user': BasicCredential\} or Token"
    ):
        office.answering(credential={"app": KeyCredential("app-key")})


async def test_the_other_way_is_a_token(office: Office) -> None:
    asked: list[tuple[str, ...]] = []

    class Tokens:
        def get_token(self, *scopes: str, claims: str | None = None) -> AccessToken:
            asked.append(scopes)
            return AccessToken("t1", 4_000_000_000)

    office.answering(Answer(json=[]), credential=Tokens())
    await everything(office.client.list_letters())
    assert (office.request.headers["Authorization"], asked) == ("Bearer t1", [("letters",)])


async def test_an_operation_that_asks_for_no_credential_gets_none(office: Office) -> None:
    """Sending less is right: whoever reads the traffic of a public operation learns no secret."""
    office.answering(Answer(content=b"", headers={"Content-Type": "text/plain"}), Answer(json=[]), credential=BOTH)
    await office.call("search_everything")
    assert not {"X-App-Key", "Authorization"} & set(office.request.headers)
    await everything(office.client.list_letters())
    assert "X-App-Key" in office.request.headers


async def test_a_missing_credential_is_the_services_to_miss(office: Office) -> None:
    office.answering(Answer(401))
    with pytest.raises(ClientAuthenticationError):
        await office.call("create_letter", LETTER)


# --- servers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("construction", "url"),
    [
        pytest.param({}, f"{HOME}/letters", id="defaults"),
        pytest.param({"region": "us", "stage": "v2/beta"}, "https://us.post.example/v2/beta/letters", id="variables"),
        pytest.param(
            {"endpoint": "https://sandbox.post.example"}, "https://sandbox.post.example/letters", id="another"
        ),
    ],
)
async def test_variables_of_the_address_are_arguments(office: Office, construction: Any, url: str) -> None:
    office.answering(Answer(json=[]), **construction)
    await everything(office.client.list_letters())
    assert office.request.url == url


@pytest.mark.parametrize("region", ["evil.example/", "eu@evil", "eu:1", "", "a..b", "eu#"])
async def test_a_variable_cannot_lead_to_another_host(office: Office, region: str) -> None:
    with pytest.raises(ArgumentError, match=r"region is .* cannot stand in"):
        office.answering(region=region)


async def test_an_operation_with_a_server_of_its_own_is_called_there(office: Office) -> None:
    """With the credential, for the document names that server; and with whatever the variables are."""
    text = {"Content-Type": "text/plain"}
    office.answering(Answer(201, content=b"1", headers=text), credential=KeyCredential("token"), region="us")
    await office.call("create_photo", file=b"", headers={"X-Mine": "1"})
    assert office.request.url == "https://uploads.post.example/photos"
    assert (office.request.headers["Authorization"], office.request.headers["X-Mine"]) == ("Bearer token", "1")


async def test_a_client_with_an_endpoint_of_its_own_stays_there(office: Office) -> None:
    """A test server, or an installation of one's own: nothing goes to the document's servers, no secret above all."""
    text = {"Content-Type": "text/plain"}
    own = {"endpoint": "https://post.mine.example", "credential": KeyCredential("token")}
    office.answering(Answer(201, content=b"1", headers=text), **own)
    await office.call("create_photo", file=b"")
    assert office.request.url == "https://post.mine.example/photos"


async def test_a_redirect_from_that_server_takes_no_credential_along(office: Office) -> None:
    answers = (Answer(307, headers={"Location": "https://elsewhere.example/photos"}), Answer(201, content=b"1"))
    office.answering(*answers, credential=KeyCredential("token"))
    await office.call("create_photo", file=b"")
    assert [("Authorization" in request.headers) for request in office.transport.requests] == [True, False]


# --- webhooks --------------------------------------------------------------------------------------------------------


def signed(body: bytes, secret: str = "whsec_1") -> dict[str, str]:
    now = int(time.time())
    made = hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={now},v1={made}"}


@pytest.fixture
def webhooks(modules: dict[str, ModuleType]) -> ModuleType:
    return modules["webhooks"]


def test_a_message_of_the_service_is_typed(webhooks: ModuleType) -> None:
    """Once its signature was checked, in the way that the document's header names."""
    body = b'{"type":"letter.sent","letter":{"to":"Ada"}}'
    message = webhooks.parse_letter_sent(body, signed(body), verifier=webhooks.verifier("whsec_1"))
    assert (type(message).__name__, message.letter.to) == ("LetterSentMessage", "Ada")
    with pytest.raises(SignatureError):
        webhooks.parse_letter_sent(body, signed(body, "other"), verifier=webhooks.verifier("whsec_1"))


def test_whether_a_signature_is_checked_is_said_every_time(webhooks: ModuleType) -> None:
    with pytest.raises(TypeError, match="verifier"):
        webhooks.parse_letter_sent(b"{}", {})
    assert webhooks.parse_letter_sent(b"{}", {}, verifier=None).letter is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"type":"letter.sent"}', "LetterSentMessage"),
        (b'{"type":"parcel.lost"}', "ParcelLostMessage"),
        (b'{"type":"parrot.lost"}', "dict"),
    ],
    ids=["one", "another", "one that came later"],
)
def test_a_member_tells_messages_apart(webhooks: ModuleType, body: bytes, kind: str) -> None:
    assert type(webhooks.parse_event(body, {}, verifier=None)).__name__ == kind


@pytest.mark.parametrize(
    ("signature", "expected"),
    [("auto", {"stripe", ""}), ("github", {"github"}), ("none", {""})],
    ids=["as the document's header tells", "as the configuration says", "not at all"],
)
def test_how_messages_are_signed_is_known_or_said(signature: Any, expected: set[str]) -> None:
    api, _ = build_api(str(SPEC), configuration=Configuration(webhook_signature=signature))
    assert {one.signature for one in api.webhooks} == expected


def test_messages_can_be_left_out() -> None:
    assert build_api(str(SPEC), configuration=Configuration(webhooks="none"))[0].webhooks == ()


def test_a_service_without_messages_has_no_such_module(tmp_path: Path) -> None:
    write_package(
        build_api(str(SPEC.with_name("oai-petstore.json")))[0], tmp_path / "client", source="", layout="module"
    )
    assert not list((tmp_path / "client").rglob("webhooks.py"))


# --- types -----------------------------------------------------------------------------------------------------------

USAGE = """
import io
from pathlib import Path

from clientsmith.core.rest import Headers
from clientsmith.core.streaming import ByteStream, EventStream
from post_office_client import PostOfficeClient
from post_office_client.models import Answer, Letter, Parcel, Word
from typing_extensions import assert_type


client = PostOfficeClient(region="eu")
letter = Letter(to="Ada")
assert_type(client.create_letter(letter), Letter)
assert_type(client.create_letter({"to": "Ada"}, content_type="application/xml"), Letter)
assert_type(client.create_letter(letter, accept="text/csv"), str)
assert_type(client.create_letter(letter, accept="application/pdf"), bytes)
assert_type(client.create_letter("Dear Ada", content_type="text/plain"), Letter | str | bytes)
assert_type(client.create_letter(Path("letter.pdf"), content_type="application/pdf"), Letter | str | bytes)
assert_type(client.upload_scan("7", io.BytesIO(), content_type="image/png"), Headers)
assert_type(client.create_parcel(weight=1, items=[{"sku": "a"}], fragile=True), Parcel)
assert_type(client.create_photo(file=("a.png", b"", "image/png"), previews=[b"", Path("b.png")]), str)
assert_type(client.create_answer({"question": "?"}), Answer)
assert_type(client.stream_answer({"question": "?"}), EventStream[Word])
assert_type(client.get_scan("7", accept="image/jpeg"), ByteStream)
client.create_letter(b"", content_type="text/plain")  # wrong
client.create_letter(letter, accept="image/png")  # wrong
client.create_parcel(fragile=True)  # wrong
client.create_photo(file="a.png")  # wrong
client.upload_scan("7", b"")  # wrong
"""


@pytest.mark.slow
def test_type_checkers_know_all_this(package: Path, tmp_path: Path) -> None:
    """And find what is wrong: the lines that say so, and no others."""
    (tmp_path / "usage.py").write_text(USAGE)
    wrong = {number for number, line in enumerate(USAGE.splitlines(), 1) if line.endswith("# wrong")}
    environment = {**os.environ, "MYPYPATH": str(package / "src")}
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", str(tmp_path / "usage.py"), str(package / "src")],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    told = {int(found[1]) for found in re.finditer(r"usage\.py:(\d+): error", checked.stdout)}
    assert told == wrong, checked.stdout
    assert not re.search(r"post_office_client/.*: error", checked.stdout), checked.stdout
