"""Cassettes: recorded once, played back, and no secret in the file."""

from __future__ import annotations

import base64
import json
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from clientsmith.core import BasicCredential, HttpRequest, KeyCredential, KeyInHeader
from clientsmith.core.credentials import Basic, KeyInQuery
from clientsmith.core.errors import ServiceRequestError, ServiceResponseError
from clientsmith.core.multipart import multipart
from clientsmith.core.openstack import KeystonePasswordCredential
from clientsmith.core.operations import EVENTS, Operation, binary_body, form_body, json_body, multipart_body, query
from clientsmith.core.testing import Answer, Cassette, CassetteError, Redaction

GET = Operation[Any]("GET", "/pets", parameters={"page": query("page")}, responses={200: None})
POST = Operation[Any]("POST", "/pets", body=json_body(), responses={200: None})
SSE = {"Content-Type": "text/event-stream"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "pets.json"


def send(colour: Any, client: Any, url: str = "/pets", method: str = "GET", **request: Any) -> Any:
    options = request.pop("options", {})
    return colour.run(client.send_request(HttpRequest(method, url, **request), **options))


def record(colour: Any, path: Path, *lines: Any, calls: Any = None, **keywords: Any) -> Any:
    """Record what some calls do; return the file's content."""
    credential = keywords.pop("credential", None)
    authentication = keywords.pop("authentication", ())
    with Cassette(path, mode="all", **keywords) as cassette:
        client = colour.on(cassette, *lines, credential=credential, authentication=authentication)
        (calls or (lambda client: send(colour, client)))(client)
    return json.loads(path.read_text())


def test_what_was_recorded_is_played(colour: Any, path: Path) -> None:
    """The whole answer, without a service; nothing is left over."""
    record(colour, path, Answer(json={"id": 7}, headers={"ETag": '"1"'}))
    cassette = Cassette(path)
    response = send(colour, colour.on(cassette))
    assert (response.status_code, response.json(), response.headers["ETag"]) == (200, {"id": 7}, '"1"')
    assert not cassette.is_recording
    assert cassette.unused == []


def test_a_cassette_is_for_people_to_read(colour: Any, path: Path) -> None:
    """One exchange after the other, JSON as JSON, names sorted; the same recording gives the same file."""
    lines = [Answer(201, json={"name": "Rex…"}, headers={"X-B": "1", "ETag": '"1"'}, reason="Created")]
    written = record(
        colour, path, *lines, calls=lambda client: send(colour, client, method="POST", json={"name": "Rex…"})
    )
    (exchange,) = written["exchanges"]
    assert list(exchange) == ["request", "response"]
    assert exchange["request"]["method"] == "POST"
    assert exchange["request"]["url"] == "https://example.test/pets"
    assert exchange["request"]["json"] == {"name": "Rex…"}
    assert list(exchange["request"]["headers"]) == sorted(exchange["request"]["headers"])
    assert exchange["response"] == {
        "status": 201,
        "reason": "Created",
        "headers": {"content-type": "application/json", "etag": '"1"', "x-b": "***"},
        "json": {"name": "Rex…"},
    }
    assert "Rex…" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "kind", "written"),
    [
        pytest.param(b"plain", "text/plain", {"text": "plain"}, id="text"),
        pytest.param(b"{oops", "application/json", {"text": "{oops"}, id="no JSON after all"),
        pytest.param(b"\xff\x00", "application/octet-stream", {"base64": "/wA="}, id="bytes"),
        pytest.param(b"", "application/json", {}, id="nothing"),
        pytest.param(b'{"a": 1}', "application/problem+json", {"json": {"a": 1}}, id="a kind of JSON"),
    ],
)
def test_bodies_are_written_in_the_form_that_fits(
    colour: Any, path: Path, content: bytes, kind: str, written: Any
) -> None:
    """And come back as they were."""
    document = record(colour, path, Answer(content=content, headers={"Content-Type": kind}))
    response = document["exchanges"][0]["response"]
    assert {name: value for name, value in response.items() if name in ("json", "text", "base64")} == written
    played = send(colour, colour.on(Cassette(path)))
    assert played.content == content


@pytest.mark.parametrize(
    ("mode", "exists", "records"),
    [("none", True, False), ("once", True, False), ("once", False, True), ("all", True, True), ("all", False, True)],
)
def test_modes(colour: Any, path: Path, mode: Any, exists: bool, records: bool) -> None:
    """When to record, and when to play."""
    if exists:
        record(colour, path, Answer(json="old"))
    with Cassette(path, mode=mode) as cassette:
        client = colour.on(cassette, *[Answer(json="new")])
        assert send(colour, client).json() == ("new" if records else "old")
    assert cassette.is_recording is records
    assert json.loads(path.read_text())["exchanges"][0]["response"]["json"] == ("new" if records else "old")


def test_a_recording_that_fails_is_not_written(colour: Any, path: Path) -> None:
    def failing() -> None:
        with Cassette(path, mode="once") as cassette:
            send(colour, colour.on(cassette, Answer()))
            raise KeyError("the test failed")

    with pytest.raises(KeyError):
        failing()
    assert not path.exists()


@pytest.mark.parametrize(
    ("text", "match"),
    [
        pytest.param(None, "there is no such file; record it", id="no file"),
        pytest.param("{", "it is no JSON", id="no JSON"),
        pytest.param("[]", "it is no cassette of format 1", id="something else"),
        pytest.param('{"format": 9}', "it is no cassette of format 1", id="another format"),
    ],
)
def test_what_is_no_cassette_says_so(path: Path, text: str | None, match: str) -> None:
    if text is not None:
        path.parent.mkdir()
        path.write_text(text)
    with pytest.raises(CassetteError, match=match) as caught:
        Cassette(path)
    assert caught.value.path == path
    assert str(path) in str(caught.value)


# --- comparing -------------------------------------------------------------------------------------------------------


def two_pages(colour: Any, path: Path) -> None:
    def calls(client: Any) -> None:
        send(colour, client, "/pets?page=1")
        send(colour, client, "/pets?page=2")

    record(colour, path, Answer(json=1), Answer(json=2), calls=calls)


def test_in_order_each_request_has_to_be_the_next_one(colour: Any, path: Path) -> None:
    """The error says what is different, and what to do."""
    two_pages(colour, path)
    cassette = Cassette(path)
    client = colour.on(cassette)
    with pytest.raises(
        CassetteError,
        match=r"GET .*page=2 is not what was recorded as request 1: url is .*page=2', recorded is .*page=1'; record it anew",
    ):
        send(colour, client, "/pets?page=2")
    assert [send(colour, client, f"/pets?page={n}").json() for n in (1, 2)] == [1, 2]
    with pytest.raises(CassetteError, match="all 2 recorded requests were played"):
        send(colour, client, "/pets?page=1")


def test_out_of_order_each_takes_the_first_one_that_fits(colour: Any, path: Path) -> None:
    two_pages(colour, path)
    cassette = Cassette(path, in_order=False)
    client = colour.on(cassette)
    assert send(colour, client, "/pets?page=2").json() == 2
    assert cassette.unused == ["GET https://example.test/pets?page=1"]
    with pytest.raises(CassetteError, match="is not what was recorded as request 1"):
        send(colour, client, "/pets?page=2")


def test_bodies_are_compared_unless_told_otherwise(colour: Any, path: Path) -> None:
    def calls(client: Any) -> None:
        colour.run(client._call(POST, {}, body={"name": "a", "at": 1}, options={}))

    record(colour, path, Answer(), calls=calls)
    with pytest.raises(CassetteError, match="json is "):
        colour.run(colour.on(Cassette(path))._call(POST, {}, body={"name": "a", "at": 2}, options={}))
    client = colour.on(Cassette(path, match=("method", "url")))
    colour.run(client._call(POST, {}, body={"name": "a", "at": 2}, options={}))


def test_threads_share_a_cassette(path: Path) -> None:
    """Each request is played once."""
    from clientsmith.core import ServiceClient
    from clientsmith.core.testing import ScriptedTransport

    numbers = [f"/n?page={n}" for n in range(40)]
    with Cassette(path, mode="all") as cassette:
        service = ScriptedTransport(lambda request: Answer(json=request.url.partition("=")[2]), repeat=True)
        client = ServiceClient("https://example.test", transport=cassette.transport(service))
        in_threads(client, numbers)
    cassette = Cassette(path, in_order=False)
    client = ServiceClient("https://example.test", transport=cassette.transport())
    assert in_threads(client, numbers) == {url: url.partition("=")[2] for url in numbers}
    assert cassette.unused == []


def in_threads(client: Any, urls: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def work(some: list[str]) -> None:
        for url in some:
            found[url] = client.send_request(HttpRequest("GET", url)).json()

    threads = [threading.Thread(target=work, args=(urls[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


# --- roads -----------------------------------------------------------------------------------------------------------


def test_failures_are_recorded_too(colour: Any, path: Path) -> None:
    """A retry that worked works again; the waits are virtual."""
    document = record(colour, path, ServiceRequestError("refused", is_unsent=True), Answer(503), Answer(json=1))
    assert document["exchanges"][0]["error"] == {
        "type": "ServiceRequestError", "message": "refused", "is_unsent": True, "is_transient": True,
    }  # fmt: skip
    cassette = Cassette(path)
    assert send(colour, colour.on(cassette)).json() == 1
    assert len(cassette.clock.waits) == 2
    with pytest.raises(ServiceRequestError, match=r"GET https://example\.test/pets: refused") as caught:
        send(colour, colour.on(Cassette(path)), options={"max_retries": 0})
    assert caught.value.is_unsent


def test_streams_are_recorded_as_far_as_they_were_read(colour: Any, path: Path) -> None:
    """A break in the middle is played as one."""
    raw = Operation[Any]("GET", "/events", responses={200: EVENTS()})

    def calls(client: Any) -> None:
        colour.items(client._events(raw, {}, options={}))

    first = Answer(chunks=[b"id: 1\ndata: 1\n\n", ServiceResponseError("cut")], headers=SSE)
    document = record(colour, path, first, Answer(chunks=[b"data: 2\n\n"], headers=SSE), Answer(204), calls=calls)
    assert document["exchanges"][0]["response"]["text"] == "id: 1\ndata: 1\n\n"
    assert document["exchanges"][0]["error"]["message"] == "cut"
    cassette = Cassette(path, match=("method", "url"))
    events = colour.on(cassette)._events(raw, {}, options={})
    assert [event.data for event in colour.items(events)] == ["1", "2"]
    assert cassette.unused == []


def test_a_stream_that_was_left_is_recorded_up_to_there(colour: Any, path: Path) -> None:
    raw = Operation[Any]("GET", "/events", responses={200: EVENTS()})

    def calls(client: Any) -> None:
        events = client._events(raw, {}, options={})
        colour.next(events)
        colour.run(events.close())

    document = record(colour, path, Answer(chunks=[b"data: 1\n\n", b"data: 2\n\n"], headers=SSE), calls=calls)
    assert document["exchanges"][0]["response"]["text"] == "data: 1\n\n"


def test_a_body_out_of_an_iterable_is_recorded(colour: Any, path: Path) -> None:
    put = Operation[Any]("PUT", "/pets", body=binary_body("text/plain"), responses={200: None})
    document = record(
        colour,
        path,
        Answer(),
        calls=lambda client: colour.run(client._call(put, {}, body=iter([b"a", b"b"]), options={})),
    )
    assert document["exchanges"][0]["request"]["text"] == "ab"


# --- secrets ---------------------------------------------------------------------------------------------------------

KEY = "k3y-of-the-tests/+="


def no_trace(path: Path, *secrets: str) -> None:
    """Search the bytes of the file, in every spelling that we can think of."""
    data = path.read_bytes()
    text = data.decode()
    embedded = [base64.b64decode(part) for part in _base64_fields(json.loads(text))]
    for secret in secrets:
        raw = secret.encode()
        spellings = [raw, json.dumps(secret)[1:-1].encode(), base64.b64encode(raw), base64.b64encode(raw).rstrip(b"=")]
        assert not [spelling for spelling in spellings for place in (data, *embedded) if spelling in place], text


def _base64_fields(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["base64"]] if isinstance(value.get("base64"), str) else []
        return own + [found for item in value.values() for found in _base64_fields(item)]
    return [found for item in value for found in _base64_fields(item)] if isinstance(value, list) else []


@pytest.mark.parametrize(
    ("scheme", "credential", "secret"),
    [
        pytest.param(KeyInHeader("api-key"), KeyCredential(KEY), KEY, id="a key in a header"),
        pytest.param(KeyInQuery("key"), KeyCredential(KEY), KEY, id="a key in the query"),
        pytest.param(Basic(), BasicCredential("user", KEY), KEY, id="a password"),
    ],
)
def test_a_credential_is_not_in_the_file(colour: Any, path: Path, scheme: Any, credential: Any, secret: str) -> None:
    """Not even where the service repeats it: in a field, in a text, in bytes, in a URL."""
    echo = [
        Answer(json={"yourKey": f"<{secret}>", secret: 1}),
        Answer(content=f"you said {secret}".encode(), headers={"Content-Type": "text/plain"}),
        Answer(content=b"\xff" + secret.encode()),
        Answer(headers={"Location": f"https://example.test/x?key={secret}", "Set-Cookie": f"sid={secret}; Path=/"}),
    ]

    def calls(client: Any) -> None:
        for _ in echo:
            send(colour, client)

    with Cassette(path, mode="all") as cassette:
        calls(colour.on(cassette, *echo, credential=credential, authentication=[scheme]))
    no_trace(path, secret)
    other = type(credential)("another-key") if scheme.__class__ is not Basic else BasicCredential("user", "another")
    calls(colour.on(Cassette(path), credential=other, authentication=[scheme]))


def test_tokens_in_bodies_are_not_in_the_file(colour: Any, path: Path) -> None:
    """By the name of the field, at any depth, in JSON and in forms; and wherever they come again."""
    login = Operation[Any]("POST", "/token", body=form_body(), responses={200: None})
    form = {"grant_type": "password", "username": "rex", "password": "pa55word", "client_secret": "cl1ent-s"}
    token = {"access_token": "t0ken-value", "nested": [{"refreshToken": "refr3sh-value"}], "expires_in": 3600}

    def calls(client: Any) -> None:
        colour.run(client._call(login, {}, body=form, options={}))
        send(colour, client, "/t0ken-value")

    document = record(colour, path, Answer(json=token), Answer(content=b"refr3sh-value!"), calls=calls)
    no_trace(path, "pa55word", "cl1ent-s", "t0ken-value", "refr3sh-value")
    sent, received = document["exchanges"][0]["request"], document["exchanges"][0]["response"]
    assert sent["text"] == "grant_type=password&username=rex&password=***&client_secret=***"
    assert received["json"] == {"access_token": "***", "nested": [{"refreshToken": "***"}], "expires_in": 3600}
    assert document["exchanges"][1]["request"]["url"] == "https://example.test/***"


KEYSTONE_TOKEN = {
    "token": {
        "methods": ["password"],
        "expires_at": "2026-01-01T01:00:00.000000Z",
        "issued_at": "2026-01-01T00:00:00.000000Z",
        "catalog": [{"type": "image", "endpoints": [{"interface": "public", "url": "https://example.test"}]}],
        "user": {"name": "ada", "domain": {"id": "default"}},
    }
}


def test_a_sign_in_at_keystone_is_played(colour: Any, path: Path) -> None:
    """What its objects called password and token say beside the secrets stays, so that the client can sign in again."""
    credential = KeystonePasswordCredential("https://keystone.test/v3", "ada", "SECRET-WORD", project_name="physics")
    given: dict[str, Any] = {"credential": credential, "authentication": [KeyInHeader("X-Auth-Token")]}
    lines = [
        Answer(201, json=KEYSTONE_TOKEN, headers={"X-Subject-Token": "SECRET-TOKEN"}),
        Answer(json={"default": "SECRET-TOKEN is yours"}),
    ]
    written = record(colour, path, *lines, **given)
    assert "SECRET" not in str(written)
    assert written["exchanges"][1]["response"]["json"] == {"default": "*** is yours"}
    credential = KeystonePasswordCredential("https://keystone.test/v3", "ada", "another word", project_name="physics")
    cassette = Cassette(path)
    assert send(colour, colour.on(cassette, **{**given, "credential": credential})).status_code == 200
    assert cassette.unused == []


def test_a_token_of_keystone_is_hidden_where_it_is_not_used_either(colour: Any, path: Path) -> None:
    """It is a secret by its name, whoever repeats it."""
    answer = Answer(201, json={"note": "SECRET-TOKEN"}, headers={"X-Subject-Token": "SECRET-TOKEN"})
    assert "SECRET" not in str(record(colour, path, answer))


@pytest.mark.parametrize(
    "body", [{"token": {"id": "SECRET-TOKEN"}}, {"password": {"user": "x", "value": "SECRET-WORD"}}]
)
def test_other_objects_with_the_name_of_a_secret_are_hidden(colour: Any, path: Path, body: Any) -> None:
    """Nobody knows what they hold."""
    assert "SECRET" not in str(record(colour, path, Answer(json=body)))


def test_a_test_says_what_else_is_secret_and_what_is_not(colour: Any, path: Path) -> None:
    """Fields, values, parts of URLs; header fields and parameters that may be shown."""
    redaction = Redaction(
        secret_fields=["pinCode"],
        secrets=["Rex"],
        safe_headers=["X-Shown"],
        safe_query=["shown"],
        url=lambda url: url.replace("/tenant-7/", "/tenant/"),
    )

    def calls(client: Any) -> None:
        url = "/tenant-7/pets?shown=yes&hidden=nobody"
        send(colour, client, url, headers={"X-Shown": "yes"}, json={"pin_code": 1234, "name": "Rex", "likes": None})

    document = record(colour, path, Answer(), calls=calls, redaction=redaction)
    sent = document["exchanges"][0]["request"]
    assert sent["url"] == "https://example.test/tenant/pets?shown=yes&hidden=***"
    assert sent["headers"]["x-shown"] == "yes"
    assert sent["json"] == {"pin_code": "***", "name": "***", "likes": None}


def test_what_an_answer_hides_is_not_taken_for_a_secret(colour: Any, path: Path) -> None:
    """Or a word of `X-Powered-By` would disappear from every body."""
    headers = {"X-Powered-By": "Express", "Set-Cookie": "sid=s3cr3t-id; Path=/parcels; SameSite=Strict"}
    document = record(colour, path, Answer(json="Express, Strict, /parcels, s3cr3t-id", headers=headers))
    said = document["exchanges"][0]["response"]
    assert said["json"] == "Express, Strict, /parcels, ***"
    assert said["headers"]["x-powered-by"] == said["headers"]["set-cookie"] == "***"


SECRET = "s3cr3t+val/ue=="
SIGNED = f"https://blobs.test/x?sv=1&sig={quote(SECRET)}"


def typed(media_type: str, text: str) -> Answer:
    return Answer(content=text.encode(), headers={"Content-Type": media_type})


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(json={"uploadUrl": SIGNED}), id="a signed link in JSON"),
        pytest.param(Answer(json={"u": f"https://rex:{quote(SECRET, safe='')}@x.test"}), id="user info in JSON"),
        pytest.param(typed("text/plain", f"upload to {SIGNED}"), id="a signed link in a text"),
        pytest.param(typed("text/plain", json.dumps({"access_token": SECRET})), id="JSON that is not called so"),
        pytest.param(typed("application/x-ndjson", json.dumps({"password": SECRET}) + "\n{}\n"), id="JSON lines"),
        pytest.param(typed("application/xml", f"<a><s:SecretAccessKey>{SECRET}</s:SecretAccessKey></a>"), id="XML"),
        pytest.param(typed("application/xml", f'<a password="{SECRET}"/>'), id="an attribute in XML"),
        pytest.param(typed("text/plain", f"AccountName=rex;AccountKey={SECRET}"), id="a connection string"),
        pytest.param(Answer(json={"adminPassword": SECRET, "inner": [{"newSecret": SECRET}]}), id="names that end so"),
    ],
)
def test_a_secret_that_an_answer_brings_is_not_in_the_file(colour: Any, path: Path, answer: Answer) -> None:
    """Nobody sent it, so it is known by its name alone."""
    record(colour, path, answer)
    no_trace(path, SECRET, quote(SECRET), quote(SECRET, safe=""))


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        pytest.param("application/json", json.dumps({"a": {"dbPassword": SECRET}}), id="JSON"),
        pytest.param("", json.dumps({"password": SECRET}), id="JSON that is not called so"),
        pytest.param("application/x-www-form-urlencoded", f"code={quote(SECRET)}&code_verifier=abc123456", id="form"),
        pytest.param("application/x-www-form-urlencoded", f"subject_token={quote_plus(SECRET)}", id="exchange"),
        pytest.param("multipart/form-data; boundary=b", multipart({"password": SECRET}, boundary="b")[0], id="part"),
        pytest.param(
            "multipart/form-data; boundary=b",
            multipart({"token": SECRET, "f": b"\xff"}, boundary="b")[0],
            id="part beside a file",
        ),
    ],
)
def test_a_secret_in_a_body_is_not_in_the_file(colour: Any, path: Path, media_type: str, body: Any) -> None:
    """Nor in the answer that repeats it, whichever of its characters are escaped there."""
    spelt = [SECRET, quote(SECRET), quote(SECRET, safe=""), quote(SECRET, safe="").lower(), SECRET.replace("/", "\\/")]
    content = body if isinstance(body, bytes) else body.encode()
    headers = {"Content-Type": media_type} if media_type else {}

    def calls(client: Any) -> None:
        send(colour, client, method="POST", content=content, headers=headers)

    record(colour, path, typed("text/plain", " ".join(spelt)), calls=calls)
    no_trace(path, *spelt)
    calls(colour.on(Cassette(path)))


def test_the_page_after_keeps_its_token_and_loses_its_key(colour: Any, path: Path) -> None:
    """A name that only ends in "token" is that of a page more often than that of a secret."""
    url = f"https://example.test/pets?page=2&key={quote(SECRET)}"
    document = record(colour, path, Answer(json={"next": url, "nextPageToken": "abc-def"}))
    page = {"next": "https://example.test/pets?page=2&key=***", "nextPageToken": "abc-def"}
    assert document["exchanges"][0]["response"]["json"] == page


def test_a_multipart_body_is_played_although_its_boundary_is_drawn_at_random(colour: Any, path: Path) -> None:
    upload = Operation[Any]("POST", "/photos", body=multipart_body(), responses={200: None})

    def calls(client: Any) -> None:
        colour.run(client._call(upload, {}, body={"title": "Rex", "photo": b"\xff\xd8"}, options={}))

    first = record(colour, path, Answer(), calls=calls)
    calls(colour.on(Cassette(path)))
    assert record(colour, path, Answer(), calls=calls) == first


@pytest.mark.parametrize("text", ['{"a":"\\ud800"}', '{"a":1e400}', '{"a":NaN}'])
def test_json_that_a_file_cannot_hold_is_played_byte_by_byte(colour: Any, path: Path, text: str) -> None:
    record(colour, path, typed("application/json", text))
    assert send(colour, colour.on(Cassette(path))).content == text.encode()


def test_a_key_that_is_only_for_tests_may_be_an_ordinary_word(colour: Any, path: Path) -> None:
    """It is in the URL too, where the key of the recording was not."""
    scheme = [KeyInHeader("api-key")]
    record(colour, path, Answer(json=1), credential=KeyCredential(KEY), authentication=scheme)
    client = colour.on(Cassette(path), credential=KeyCredential("example"), authentication=scheme)
    assert send(colour, client).json() == 1
