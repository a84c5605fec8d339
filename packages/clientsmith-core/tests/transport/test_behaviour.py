"""Policies and transports together, over real sockets: what only shows when both are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import Basic, BasicCredential, KeyCredential, KeyInHeader
from clientsmith.core.errors import DeadlineExceededError, ServiceResponseError
from clientsmith.core.rest import HttpRequest

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def connect(wires: Callable[..., Any]) -> Callable[..., Any]:
    """Makes clients of either colour and returns how to send through one."""

    def make(url: str, credential: object = None, *authentication: object, **settings: Any) -> Callable[..., Any]:
        wire = wires()
        kind: Any = aio.ServiceClient if wire.is_async else ServiceClient
        client = kind(url, credential, authentication=authentication, transport=wire.transport, settings=settings)
        return lambda request, **options: wire.run(client.send_request(request, **options))

    return make


@pytest.mark.parametrize(
    ("credential", "scheme", "header"),
    [
        pytest.param(KeyCredential("secret"), KeyInHeader("X-Api-Key"), "x-api-key", id="a key in a header"),
        pytest.param(BasicCredential("me", "secret"), Basic(), "authorization", id="Authorization"),
    ],
)
def test_redirect_elsewhere_carries_no_secret(
    serve: Any, connect: Any, credential: object, scheme: object, header: str
) -> None:
    """Another port is another origin; coming home the client shows its credential again."""
    elsewhere = serve([OK])
    home = serve([b"HTTP/1.1 307 Go\r\nContent-Length: 0\r\nLocation: " + elsewhere.url.encode() + b"/x\r\n\r\n"])
    send = connect(home.url, credential, scheme)
    response = send(HttpRequest("GET", "/start", headers={"X-Other-Secret": "1"}))
    assert response.content == b"ok"
    assert header in home.requests[0].headers
    assert not {header, "x-other-secret"} & set(elsewhere.requests[0].headers)
    assert elsewhere.requests[0].target == "/x"


def test_busy_service_is_asked_again(serve: Any, connect: Any) -> None:
    """503, 503, 200 on one connection, with one request id."""
    server = serve([BUSY, BUSY, OK])
    assert connect(server.url)(HttpRequest("POST", "/x", json={"a": 1})).content == b"ok"
    assert [received.body for received in server.requests] == [b'{"a":1}'] * 3
    assert len({received.headers["x-request-id"] for received in server.requests}) == 1
    assert len(server.connections) == 1


def test_post_on_a_connection_that_was_just_closed_is_sent_again(serve: Any, connect: Any) -> None:
    """The one failure after which even a POST may be repeated."""
    server = serve([OK, ["close"]], [OK])
    send = connect(server.url)
    send(HttpRequest("GET", "/warm"))
    assert send(HttpRequest("POST", "/x", content=b"once")).content == b"ok"


def test_post_without_an_answer_is_not_sent_again(serve: Any, connect: Any) -> None:
    """On a fresh connection the service may have acted on it."""
    server = serve([["close"]])
    with pytest.raises(ServiceResponseError):
        connect(server.url)(HttpRequest("POST", "/x", content=b"once"))
    assert len(server.requests) == 1


def test_cut_answer_to_a_get_is_fetched_again(serve: Any, connect: Any) -> None:
    """Half a body is a failed attempt, not an answer."""
    server = serve([[b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "close"]], [OK])
    assert connect(server.url)(HttpRequest("GET", "/x")).content == b"ok"
    assert len(server.connections) == 2


def test_timeout_covers_all_attempts_and_the_body(serve: Any, connect: Any) -> None:
    """A dripped body ends with the call's timeout, and is not tried again."""
    drip = [step for _ in range(100) for step in (b"x", 0.05)]
    server = serve([[b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", *drip]])
    with pytest.raises(DeadlineExceededError, match=r"timeout of 0\.3 s"):
        connect(server.url)(HttpRequest("GET", "/x"), timeout=0.3)
    assert len(server.requests) == 1


def test_retry_gives_up_the_body_of_the_attempt_before(serve: Any, connect: Any) -> None:
    """A 503 in the middle of a streamed call leaves no open response behind."""
    server = serve([BUSY, OK])
    response = connect(server.url)(HttpRequest("GET", "/x"), stream=True)
    assert response.status_code == 200
    response.abandon()
    assert len(server.connections) == 1
