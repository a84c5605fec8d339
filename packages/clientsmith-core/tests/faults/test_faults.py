"""What a server, a proxy or the road can do wrong, over every transport.

A row says what happens on the wire and what the caller gets: an error of one class with a message that says what to do,
or the right answer; in time; and nothing stays open.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from clientsmith.core.errors import (
    DeadlineExceededError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
    TransportError,
)

READ, HEAD, ANY, CLOSE, RESET = "read", "head", "any", "close", "reset"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
TEN = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

pytestmark = pytest.mark.usefixtures("no_leaks")


@pytest.fixture(params=["plain", "tls"])
def start(request: pytest.FixtureRequest, serve: Any, authority: Any) -> Callable[..., Any]:
    """Starts servers, plain and over TLS."""
    if request.param == "plain":
        return serve
    return lambda *scripts: serve(*scripts, tls=authority.context())


def says_what_to_do(error: TransportError, server: Any) -> bool:
    """Whether a message says what was sent, where it went wrong, and what to do."""
    text = str(error)
    return text.startswith("GET http") and f"localhost:{server.port}" in text.partition(": ")[2] and "; " in text


BROKEN = r"broke off|closed the connection"
NO_HTTP = r"is not valid HTTP"

ROAD = [
    pytest.param(
        [RESET], TransportError, BROKEN + "|being sent|no TLS|could not connect", id="reset before the request is read"
    ),
    pytest.param([READ, RESET], ServiceResponseError, "without an answer", id="reset before the header"),
    pytest.param([READ, CLOSE], ServiceResponseError, "without an answer", id="closed before the header"),
    pytest.param(
        [READ, b"HTT", 0.02, RESET], ServiceResponseError, f"{BROKEN}|{NO_HTTP}", id="reset in the status line"
    ),
    pytest.param(
        [READ, b"HTT", 0.02, CLOSE], ServiceResponseError, f"{BROKEN}|{NO_HTTP}", id="closed in the status line"
    ),
    pytest.param([READ, TEN[:30], 0.02, RESET], ServiceResponseError, BROKEN, id="reset in the header"),
    pytest.param([READ, TEN[:30], CLOSE], ServiceResponseError, BROKEN, id="closed in the header"),
    pytest.param([READ, TEN[:-2], CLOSE], ServiceResponseError, BROKEN, id="closed before the empty line"),
    pytest.param([READ, TEN, 0.02, RESET], ServiceResponseError, BROKEN, id="reset after the header"),
    pytest.param([READ, TEN, CLOSE], ServiceResponseError, BROKEN, id="closed after the header"),
    pytest.param([READ, TEN + b"five!", 0.02, RESET], ServiceResponseError, BROKEN, id="reset in the body"),
    pytest.param([READ, TEN + b"five!", CLOSE], ServiceResponseError, BROKEN, id="closed in the body"),
    pytest.param([READ, CHUNKED + b"5", CLOSE], ServiceResponseError, BROKEN, id="closed in a chunk's size"),
    pytest.param([READ, CHUNKED + b"5\r\nab", CLOSE], ServiceResponseError, BROKEN, id="closed in a chunk"),
    pytest.param([READ, CHUNKED + b"2\r\nab", CLOSE], ServiceResponseError, BROKEN, id="closed behind a chunk"),
    pytest.param(
        [READ, CHUNKED + b"2\r\nab\r\n", CLOSE], ServiceResponseError, BROKEN, id="closed before the last chunk"
    ),
    pytest.param(
        [READ, CHUNKED + b"2\r\nab\r\n", 0.02, RESET], ServiceResponseError, BROKEN, id="reset before the last chunk"
    ),
]


@pytest.mark.parametrize(("script", "kind", "message"), ROAD)
def test_road_that_ends_too_soon(
    connect: Any, start: Any, script: list[Any], kind: type[TransportError], message: str
) -> None:
    """Half an answer is an error, its connection is closed, and the next call gets its own answer."""
    server = start(script, [READ, OK])
    client = connect(server.url)
    with pytest.raises(kind, match=message) as caught:
        client.get()
    assert says_what_to_do(caught.value, server)
    assert not caught.value.is_unsent or script == [RESET]
    assert server.connections[0].ended.wait(1.0), "a connection that failed is not kept"
    assert client.get().content == b"ok"


# --- time ------------------------------------------------------------------------------------------------------------


def dripped(data: bytes, pause: float = 0.03) -> list[Any]:
    """Byte by byte."""
    return [step for byte in data for step in (bytes([byte]), pause)]


SLOW = [
    pytest.param([READ], id="silence before the header"),
    pytest.param([READ, *dripped(b"HTTP/1.1 200 " + b"x" * 50)], id="a dripped status line"),
    pytest.param([READ, OK[:15], *dripped(b"X-Slow: " + b"x" * 50)], id="a dripped field"),
    pytest.param([READ, OK[:17], *[b"X: 1\r\n", 0.03] * 50], id="a field now and then"),
    pytest.param([READ, *dripped(OK[:-2], 0.001)], id="silence before the body"),
    pytest.param([READ, TEN, *dripped(b"x" * 9, 0.05)], id="a dripped body"),
    pytest.param([READ, TEN.replace(b"200 OK", b"500 No"), *dripped(b"x" * 9, 0.05)], id="a dripped error"),
    pytest.param([READ, CHUNKED, *[b"1\r\nx\r\n", 0.03] * 50], id="a chunk now and then"),
    pytest.param([READ, CHUNKED, *dripped(b"0" * 50)], id="a dripped chunk size"),
    pytest.param([READ, CHUNKED + b"1\r\nx\r\n0\r\n", *[b"X: 1\r\n", 0.03] * 50], id="a trailer now and then"),
    pytest.param([READ, *[b"HTTP/1.1 102 Processing\r\n\r\n", 0.03] * 50], id="an interim answer now and then"),
    pytest.param([READ, b"HTTP/1.1 200 OK\r\n\r\n", *dripped(b"x" * 50)], id="a body without an end"),
]


@pytest.mark.by_turns
@pytest.mark.parametrize("script", SLOW)
def test_deadline_ends_what_is_slow(connect: Any, start: Any, script: list[Any]) -> None:
    """A byte now and then keeps no call alive, and what is left of a late answer is nobody's."""
    server = start(script, [READ, OK])
    client = connect(server.url)
    begin = time.monotonic()
    with pytest.raises(DeadlineExceededError, match=r"timeout of 0\.12 s ran out.*raise `timeout`") as caught:
        client.get(timeout=0.12, max_retries=3)
    assert 0.1 <= time.monotonic() - begin < 0.6
    assert says_what_to_do(caught.value, server)
    assert caught.value.attempts == 1, "who is out of time does not try again"
    assert server.connections[0].ended.wait(1.0)
    assert client.get().content == b"ok"


@pytest.mark.by_turns
@pytest.mark.parametrize("script", [[READ], [READ, TEN + b"five!"]], ids=["header", "body"])
def test_read_timeout_ends_silence(connect: Any, start: Any, script: list[Any]) -> None:
    """Long before the deadline, which is for all attempts together."""
    server = start(script, [READ, OK])
    client = connect(server.url)
    begin = time.monotonic()
    with pytest.raises(ServiceResponseTimeoutError, match=r"sent nothing for 0\.1 s; allow more with `read_timeout`"):
        client.get(read_timeout=0.1)
    assert time.monotonic() - begin < 0.6
    assert server.connections[0].ended.wait(1.0)
    assert client.get().content == b"ok"


@pytest.mark.parametrize("script", [[READ], [READ, TEN + b"five!"]], ids=["header", "body"])
def test_silent_attempt_is_followed_by_another(connect: Any, serve: Any, quick_retries: Any, script: list[Any]) -> None:
    """One attempt's silence is not the end of the call."""
    server = serve(script, [READ, OK])
    assert connect(server.url).get(read_timeout=0.1, max_retries=1).content == b"ok"
    assert server.connections[0].ended.wait(1.0)


@pytest.mark.by_turns
def test_streamed_body_that_stops_or_breaks(connect: Any, start: Any) -> None:
    """While a body is streamed only silence is too long; the error says which setting, and the connection is closed."""
    server = start([READ, TEN + b"five!"], [READ, TEN + b"five!", CLOSE], [READ, TEN + b"five!", 0.02, RESET])
    client = connect(server.url)
    for number, kind in enumerate([ServiceResponseTimeoutError, ServiceResponseError, ServiceResponseError]):
        response = client.get(stream=True, read_timeout=0.3)
        with pytest.raises(kind) as caught:
            client.run(response.read())
        assert says_what_to_do(caught.value, server)
        assert server.connections[number].ended.wait(1.0)


# --- uploads ---------------------------------------------------------------------------------------------------------

TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig"
BIG = 8 * 1024 * 1024  # more than the buffers of both ends hold


def pieces() -> Iterator[bytes]:
    """A body whose length is not known."""
    for _ in range(BIG // 65536):
        yield b"x" * 65536


@pytest.mark.by_turns
@pytest.mark.parametrize("content", [b"x" * BIG, pieces], ids=["bytes", "an iterable"])
@pytest.mark.parametrize(
    "script",
    [
        pytest.param([HEAD, TOO_LARGE, CLOSE], id="and goes on reading"),
        pytest.param([HEAD, TOO_LARGE, 0.05, RESET], id="and resets"),
        pytest.param([HEAD, TOO_LARGE, 0.3], id="and does not read"),
    ],
)
def test_answer_that_comes_while_the_body_is_sent(connect: Any, start: Any, script: list[Any], content: Any) -> None:
    """It is the answer; if it got lost, the error says that the request did not get through, and does not wait."""
    server = start(script, [READ, OK])
    client = connect(server.url)
    begin = time.monotonic()
    outcome: tuple[int, bytes] | TransportError
    try:
        response = client.send("POST", content=content() if callable(content) else content, timeout=0.2)
        outcome = (response.status_code, response.content)
    except TransportError as error:
        outcome = error
    assert outcome == (413, b"big") or (isinstance(outcome, TransportError) and not outcome.is_unsent)
    assert time.monotonic() - begin < 1.5
    assert server.connections[0].ended.wait(2.0)
    assert client.get().content == b"ok"


@pytest.mark.by_turns
@pytest.mark.parametrize("content", [b"x" * BIG, pieces], ids=["bytes", "an iterable"])
def test_body_that_nobody_reads(connect: Any, start: Any, content: Any) -> None:
    """Sending keeps to the deadline as well."""
    server = start([HEAD, 0.3], [READ, OK])
    client = connect(server.url)
    begin = time.monotonic()
    with pytest.raises(DeadlineExceededError):
        client.send("POST", content=content() if callable(content) else content, timeout=0.15)
    assert time.monotonic() - begin < 1.0
    assert server.connections[0].ended.wait(2.0)
    assert client.get().content == b"ok"


# --- connecting ------------------------------------------------------------------------------------------------------


def test_nobody_listens(connect: Any, serve: Any, quick_retries: Any) -> None:
    """Certainly unsent, so even a POST is tried again."""
    server = serve([READ, OK])
    server.close()
    with pytest.raises(ServiceRequestError, match="could not connect") as caught:
        connect(server.url).send("POST", content=b"x", max_retries=2)
    assert (caught.value.is_unsent, caught.value.attempts) == (True, 3)
    assert "(attempt 3)" in str(caught.value)
    assert len(caught.value.previous) == 2


@pytest.mark.parametrize(
    ("name", "days_left", "trusts", "message"),
    [
        pytest.param("elsewhere.test", 1, True, r"connect by a name that is in its certificate", id="another name"),
        pytest.param("localhost", -1, True, r"could not be verified \(certificate has expired\)", id="expired"),
        pytest.param("localhost", 1, False, r'trust that CA with `verify="path/to/ca\.pem"`', id="untrusted"),
    ],
)
def test_certificate_that_proves_nothing(
    connect: Any, serve: Any, authority: Any, name: str, days_left: int, trusts: bool, message: str
) -> None:
    """No request is sent, nothing is tried again, and nobody is told to switch the check off."""
    server = serve([READ, OK], tls=authority.context(name, days_left=days_left))
    client = connect(server.url, **({} if trusts else {"verify": True}))
    with pytest.raises(ServiceRequestError, match=message) as caught:
        client.get(max_retries=3)
    assert (caught.value.is_unsent, caught.value.attempts, caught.value.is_transient) == (True, 1, False)
    assert says_what_to_do(caught.value, server)
    assert "False" not in str(caught.value)
    assert server.requests == []
    assert server.all_ended()


def test_expired_certificate_is_not_blamed_on_trust(connect: Any, serve: Any, authority: Any) -> None:
    """Trusting its CA would not help: the advice is to renew it, or to look at the clock."""
    server = serve([READ, OK], tls=authority.context(days_left=-1))
    with pytest.raises(ServiceRequestError, match=r"expired\); .*renew.*clock") as caught:
        connect(server.url).get()
    assert "trust that CA" not in str(caught.value)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param([ANY, b"HTTP/1.1 400 Bad Request\r\n\r\n", CLOSE], id="answers in plain text"),
        pytest.param([ANY, CLOSE], id="closes"),
        pytest.param([ANY, RESET], id="resets"),
        pytest.param([CLOSE], id="closes at once"),
    ],
)
def test_https_to_a_plain_port(connect: Any, serve: Any, script: list[Any]) -> None:
    """The handshake fails, whatever the other side does with it."""
    server = serve(script)
    with pytest.raises(ServiceRequestError, match=r"no TLS connection to .* check that this port speaks TLS") as caught:
        connect(server.url.replace("http", "https")).get()
    assert caught.value.is_unsent
    assert server.all_ended()


def test_handshake_that_never_ends(connect: Any, serve: Any) -> None:
    """It counts as connecting."""
    server = serve([ANY])
    client = connect(server.url.replace("http", "https"))
    begin = time.monotonic()
    with pytest.raises(DeadlineExceededError):
        client.get(timeout=0.15)
    with pytest.raises(ServiceRequestError, match=r"no connection to .* within 0\.1 s.*`connect_timeout`"):
        client.get(connect_timeout=0.1)
    assert time.monotonic() - begin < 1.0
    assert server.all_ended()


def test_plain_http_to_a_tls_port(connect: Any, serve: Any, authority: Any) -> None:
    """The other slip."""
    server = serve([READ, OK], tls=authority.context())
    with pytest.raises(ServiceResponseError) as caught:
        connect(server.url.replace("https", "http")).get()
    assert says_what_to_do(caught.value, server)
    assert server.all_ended()


# --- proxies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script",
    [
        pytest.param([READ, b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"], id="403"),
        pytest.param(
            [READ, b"HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno"], id="407"
        ),
        pytest.param(
            [READ, b"HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\nContent-Length: 0\r\n\r\n"], id="302"
        ),
        pytest.param(
            [READ, b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 5\r\n\r\n", 0.01, b"sorry"], id="502 with a body"
        ),
        pytest.param([READ, CLOSE], id="closes"),
        pytest.param([READ, RESET], id="resets"),
        pytest.param([READ, b"SSH-2.0-OpenSSH\r\n\r\n", CLOSE], id="garbage"),
        pytest.param([READ, b"HTTP/1.1 200 Connected\r\n\r\n", CLOSE], id="connects and closes"),
        pytest.param(
            [READ, b"HTTP/1.1 200 Connected\r\n\r\n", ANY, b"not TLS", CLOSE], id="connects to something else"
        ),
    ],
)
def test_proxy_that_refuses_a_tunnel(
    connect: Any, serve: Any, clean_environment: pytest.MonkeyPatch, script: list[Any]
) -> None:
    """Unsent for certain; the message leads to the proxy, and neither secret is in it or at the wrong place."""
    proxy = serve(script)
    clean_environment.setenv("HTTPS_PROXY", f"http://joe:hunter2@localhost:{proxy.port}")
    client = connect("https://service.test", settings={"headers": {"X-Api-Key": "sesame"}})
    begin = time.monotonic()
    with pytest.raises(ServiceRequestError, match=r"service\.test:443") as caught:
        client.get(timeout=2.0)
    assert time.monotonic() - begin < 1.0
    assert caught.value.is_unsent
    assert not any(secret in str(caught.value) for secret in ("hunter2", "sesame"))
    assert [(r.method, r.target) for r in proxy.requests] == [("CONNECT", "service.test:443")]
    assert "x-api-key" not in proxy.requests[0].headers
    assert proxy.all_ended()


def test_slow_proxy_keeps_to_the_deadline(connect: Any, serve: Any, clean_environment: pytest.MonkeyPatch) -> None:
    """The tunnel is a part of connecting."""
    proxy = serve([READ, *dripped(b"HTTP/1.1 200 Connected\r\nX: " + b"x" * 100)])
    clean_environment.setenv("HTTPS_PROXY", f"http://localhost:{proxy.port}")
    begin = time.monotonic()
    with pytest.raises((DeadlineExceededError, ServiceRequestError)):
        connect("https://service.test").get(timeout=0.2)
    assert time.monotonic() - begin < 1.0
    assert proxy.all_ended()


def test_proxy_that_refuses_to_forward(connect: Any, serve: Any, clean_environment: pytest.MonkeyPatch) -> None:
    """For plain http its answer is an answer."""
    proxy = serve([READ, b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n"])
    clean_environment.setenv("HTTP_PROXY", f"http://localhost:{proxy.port}")
    assert connect("http://service.test").get().status_code == 407
    assert proxy.requests[0].target == "http://service.test/x"
