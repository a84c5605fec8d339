"""What a service does wrong that only a whole client meets: storms, and redirects that lead astray."""

from __future__ import annotations

import time
from typing import Any

import pytest
from clientsmith.core.credentials import Basic, BasicCredential, KeyCredential, KeyInHeader, KeyInQuery
from clientsmith.core.errors import (
    DeadlineExceededError,
    HttpResponseError,
    ServiceRequestError,
    TooManyRedirectsError,
    TransportError,
)
from clientsmith.core.operations import JSON, Operation

READ, CLOSE = "read", "close"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
GET: Operation[Any] = Operation("GET", "/x", responses={200: JSON})

pytestmark = pytest.mark.usefixtures("no_leaks")


def status(code: int, *fields: str, body: bytes = b"") -> bytes:
    head = [f"HTTP/1.1 {code} Oops", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


# --- storms ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("fields", [[], ["Retry-After: 0"], ["retry-after-ms: 5"]], ids=["bare", "now", "in 5 ms"])
def test_storm_ends_after_the_attempts_that_were_allowed(
    connect: Any, serve: Any, quick_retries: Any, code: int, fields: list[str]
) -> None:
    """The error says how often it was tried, and what the service said last."""
    said = b'{"error": {"code": "Overloaded", "message": "come back later"}}'
    server = serve([READ, status(code, *fields, body=said)] * 20)
    client = connect(server.url, settings={"max_retries": 2})
    with pytest.raises(HttpResponseError, match=r"Overloaded: come back later") as caught:
        client.run(client.client._call(GET, {}, options={}))
    assert (caught.value.status_code, caught.value.attempts, len(server.requests)) == (code, 3, 3)
    assert "3 attempts" in str(caught.value)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        pytest.param("3600", 1, id="an hour: later than the call"),
        pytest.param("9" * 400, 3, id="beyond any number: own backoff"),
        pytest.param("1e308", 1, id="beyond any wait"),
        pytest.param("-5", 3, id="negative: now"),
        pytest.param("Wed, 21 Oct 2015 07:28:00 GMT", 3, id="a date that has passed: now"),
        pytest.param("Wed, 21 Oct 99999 07:28:00 GMT", 3, id="a date that there is not: own backoff"),
        pytest.param("soon", 3, id="a word: own backoff"),
        pytest.param("nan", 3, id="not a number: own backoff"),
        pytest.param("", 3, id="nothing: own backoff"),
        pytest.param("\xff\xfe", 3, id="bytes: own backoff"),
    ],
)
def test_wild_retry_after_neither_hangs_nor_breaks(
    connect: Any, serve: Any, quick_retries: Any, value: str, sent: int
) -> None:
    """Whatever stands there, the caller has an answer in no time."""
    field = f"Retry-After: {value}".encode("latin-1")
    server = serve([READ, b"HTTP/1.1 503 Oops\r\nContent-Length: 0\r\n" + field + b"\r\n\r\n"] * 5)
    begin = time.monotonic()
    assert connect(server.url, settings={"max_retries": 2}).get().status_code == 503
    assert time.monotonic() - begin < 1.0
    assert len(server.requests) == sent


def test_storm_with_waits_ends_before_the_deadline(connect: Any, serve: Any) -> None:
    """A wait that the deadline does not allow is not begun: the caller gets the answer that there is."""
    server = serve([READ, status(503, "retry-after-ms: 100")] * 50)
    begin = time.monotonic()
    assert connect(server.url, settings={"max_retries": 50}).get(timeout=0.35).status_code == 503
    assert 0.25 < time.monotonic() - begin < 0.6
    assert len(server.requests) == 4


def test_storm_of_slow_answers_ends_at_the_deadline(connect: Any, serve: Any) -> None:
    """The deadline is for all attempts together."""
    server = serve([READ, 0.08, status(503, "Retry-After: 0")] * 50)
    begin = time.monotonic()
    with pytest.raises(DeadlineExceededError) as caught:
        connect(server.url, settings={"max_retries": 50}).get(timeout=0.3)
    assert 0.25 < time.monotonic() - begin < 0.6
    assert caught.value.attempts >= 3


def test_storm_of_resets_ends_after_the_attempts(connect: Any, serve: Any, quick_retries: Any) -> None:
    """Each failure has a connection of its own, and none stays."""
    server = serve([READ, "reset"])
    with pytest.raises(TransportError) as caught:
        connect(server.url, settings={"max_retries": 5}).get()
    assert caught.value.attempts == len(server.connections) == 6
    assert server.all_ended()


def test_many_calls_in_a_storm_spend_one_budget(connect: Any, serve: Any) -> None:
    """A client whose calls all fail stops trying again: it does not multiply the load on what is down."""
    server = serve([READ, status(503, "Retry-After: 0")] * 1000)
    client = connect(server.url, settings={"max_retries": 3})
    for _ in range(120):
        assert client.get().status_code == 503
    assert len(server.requests) < 120 * 2


# --- redirects -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_endless_redirects_end(connect: Any, serve: Any, code: int) -> None:
    """On one connection, with an error that says so."""
    server = serve([READ, status(code, "Location: /x")] * 50)
    with pytest.raises(TooManyRedirectsError, match="gave up after 4 redirects") as caught:
        connect(server.url).get(max_redirects=4)
    assert (caught.value.status_code, len(server.requests), len(server.connections)) == (code, 5, 1)


def test_redirects_in_a_circle_of_two_origins_end(connect: Any, serve: Any) -> None:
    """Home sees the credential each time, the other never."""
    other = serve()
    home = serve([READ, status(307, f"Location: {other.url}/there")] * 20)
    other._scripts = ([READ, status(307, f"Location: {home.url}/back")] * 20,)
    client = connect(home.url, credential=KeyCredential("sesame"), authentication=(KeyInHeader("X-Key"),))
    with pytest.raises(TooManyRedirectsError):
        client.get()
    assert {received.headers.get("x-key") for received in home.requests} == {"sesame"}
    assert "sesame" not in "".join(f"{received.target}{received.fields}" for received in other.requests)
    assert len(home.requests) + len(other.requests) == 11


@pytest.mark.parametrize(
    ("credential", "scheme"),
    [
        pytest.param(KeyCredential("sesame"), KeyInHeader("X-Key"), id="key in a header"),
        pytest.param(KeyCredential("sesame"), KeyInQuery("key"), id="key in the query"),
        pytest.param(BasicCredential("me", "sesame"), Basic(), id="basic"),
    ],
)
@pytest.mark.parametrize("code", [302, 307])
def test_no_credential_reaches_another_origin(
    connect: Any, serve: Any, credential: Any, scheme: Any, code: int
) -> None:
    """Looked at where it would arrive: on the wire of the other server. The body of a 307 goes along, as HTTP says."""
    other = serve([READ, OK])
    home = serve([READ, status(code, f"Location: {other.url}/y?z=1")])
    client = connect(
        home.url, credential=credential, authentication=(scheme,), settings={"headers": {"X-Own": "sesame"}}
    )
    response = client.send("POST", "/x", content=b"{}", headers={"X-Mine": "sesame"}, idempotency_key="sesame")
    assert response.content == b"{}"
    (arrived,) = other.requests
    assert "sesame" not in f"{arrived.target} {arrived.fields}"
    assert "c2VzYW1l" not in f"{arrived.fields}", "nor its base64"
    assert arrived.target == "/y?z=1"


def test_redirect_from_https_to_http_is_not_followed(connect: Any, serve: Any, authority: Any) -> None:
    """Whoever answers there can read and change everything; the caller gets the 3xx, or its error."""
    plain = serve([READ, OK])
    home = serve([READ, status(307, f"Location: {plain.url}/y")] * 2, tls=authority.context())
    client = connect(home.url)
    assert client.get().status_code == 307
    with pytest.raises(HttpResponseError) as caught:
        client.run(client.client._call(GET, {}, options={}))
    assert caught.value.status_code == 307
    assert plain.connections == []


def test_redirect_to_a_server_that_shows_a_wrong_certificate(connect: Any, serve: Any, authority: Any) -> None:
    """It is checked there as well."""
    other = serve([READ, OK], tls=authority.context("elsewhere.test"))
    home = serve([READ, status(302, f"Location: {other.url}/y")], tls=authority.context())
    with pytest.raises(ServiceRequestError, match="could not be verified"):
        connect(home.url).get()
    assert other.requests == []


@pytest.mark.parametrize(
    "location",
    [
        "http://[::1",
        "http://localhost:99999/",
        "http://localhost:-1/",
        "http:///x",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://localhost/x",
        "http://me:sesame@localhost/x",
        "http://evil.test\\@localhost/",
        "http://",
        "",
        "   ",
        "http://xn--\xff/",
        "http://" + "a" * 70_000 + "/",
        "//",
        "http://lo cal/",
        "\x7f",
    ],
)
def test_location_that_leads_nowhere(connect: Any, serve: Any, location: str) -> None:
    """The caller gets the 3xx, or an error of ours that is about the answer; nothing else is ever raised."""
    field = b"Location: " + location.encode("latin-1")
    server = serve([READ, b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n" + field + b"\r\n\r\n"] * 12)
    client = connect(server.url)
    begin = time.monotonic()
    try:
        outcome = str(client.get().status_code)
    except (HttpResponseError, TransportError) as error:
        outcome = str(error)
    assert time.monotonic() - begin < 2.0
    assert outcome == "302" or len(outcome) < 1500
    assert "sesame" not in outcome


def test_location_with_line_breaks_adds_nothing_to_the_next_request(connect: Any, serve: Any) -> None:
    """What a service echoes into `Location` must not become a header field of ours."""
    moves = [b"/y%0d%0aX-Evil:%201", b"/y\rX-Evil: 1", b"/y\tX-Evil: 1", b"/y HTTP/1.1\x0bX-Evil: 1"]
    server = serve(
        *[[READ, b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %b\r\n\r\n" % m, READ, OK] for m in moves]
    )
    for _ in moves:
        client = connect(server.url)
        try:
            client.get()
        except TransportError:
            continue
    assert not any("x-evil" in received.headers for received in server.requests)
    assert all(len(received.fields) == len(received.headers) for received in server.requests)


def test_body_that_cannot_be_sent_twice_ends_the_chase(connect: Any, serve: Any) -> None:
    """An iterator is used up; half of it again would be another request."""
    server = serve([READ, status(307, "Location: /y"), READ, OK])
    assert connect(server.url).send("POST", content=iter([b"a", b"b"])).status_code == 307
    assert [received.body for received in server.requests] == [b"ab"]
