"""The behaviour probes of `benchmarks/runtime/probes.py`: what peers get wrong, over every transport of ours."""

from __future__ import annotations

import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core.credentials import KeyCredential, KeyInHeader
from clientsmith.core.errors import DeadlineExceededError, ServiceResponseError

READ, CLOSE = "read", "close"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
DEFAULTS = {"settings": {"max_retries": 3}}

pytestmark = pytest.mark.usefixtures("no_leaks")


def test_idle_connection_that_the_server_closed_is_replaced(connect: Any, serve: Any) -> None:
    """Nobody notices."""
    server = serve([READ, OK, CLOSE], [READ, OK])
    client = connect(server.url)  # it tries once: no retry hides anything
    client.get()
    client.pause(0.05)
    assert client.get().content == b"{}"
    assert len(server.connections) == 2


def test_post_on_a_connection_that_closes_under_it_is_sent_again(connect: Any, serve: Any, quick_retries: Any) -> None:
    """Zero bytes back on a kept connection: the one POST that is safe to repeat."""
    server = serve([READ, OK, READ, CLOSE], [READ, OK])
    client = connect(server.url, **DEFAULTS)
    client.get()
    assert client.send("POST", content=b"{}").content == b"{}"
    assert [received.method for received in server.requests] == ["GET", "POST", "POST"]


def test_dripped_body_ends_with_the_timeout(connect: Any, serve: Any) -> None:
    """A byte every 0.05 s for 3 s, a timeout of 0.2 s."""
    server = serve([READ, b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n", *[b" ", 0.05] * 60])
    begin = time.monotonic()
    with pytest.raises(DeadlineExceededError):
        connect(server.url, **DEFAULTS).get(timeout=0.2)
    assert time.monotonic() - begin < 0.5
    assert server.all_ended()


def test_truncated_body_is_an_error_though_it_is_valid_json(connect: Any, serve: Any, quick_retries: Any) -> None:
    """And a GET is tried again, each time on a connection of its own."""
    server = serve([READ, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", CLOSE])
    with pytest.raises(ServiceResponseError, match="broke off") as caught:
        connect(server.url, **DEFAULTS).get()
    assert caught.value.attempts == len(server.connections) == 4
    assert server.all_ended()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_secrets_stay_with_their_origin(connect: Any, serve: Any, status: int) -> None:
    """Neither the client's own key nor what the caller set by hand reaches the other host, which is reached itself."""
    elsewhere = serve([READ, OK])
    move = f"HTTP/1.1 {status} Go\r\nContent-Length: 0\r\nLocation: {elsewhere.url}/y\r\n\r\n".encode()
    server = serve([READ, move])
    client = connect(server.url, credential=KeyCredential("sesame"), authentication=(KeyInHeader("api-key"),))
    secrets = {"Authorization": "Bearer sesame", "X-Api-Key": "sesame", "Cookie": "sesame"}
    assert client.get(headers=secrets).content == b"{}"
    assert {"authorization", "x-api-key", "cookie", "api-key"} <= set(server.requests[0].headers)
    arrived = elsewhere.requests[0]
    assert "sesame" not in f"{arrived.target} {arrived.fields}"
    assert not {"authorization", "x-api-key", "cookie", "api-key"} & set(arrived.headers)


def test_busy_service_is_asked_three_times(connect: Any, serve: Any, quick_retries: Any) -> None:
    """503, 503, 200, with one request id and on one connection."""
    server = serve([READ, BUSY, READ, BUSY, READ, OK])
    assert connect(server.url, **DEFAULTS).get().content == b"{}"
    assert len({received.headers["x-request-id"] for received in server.requests}) == 1
    assert (len(server.requests), len(server.connections)) == (3, 1)


def test_nobody_asks_again_before_the_date_of_retry_after(connect: Any, serve: Any) -> None:
    """An HTTP date has whole seconds, so this one waits up to a second."""
    until = int(time.time()) + 1
    limited = f"HTTP/1.1 429 Slow down\r\nRetry-After: {formatdate(until, usegmt=True)}\r\nContent-Length: 0\r\n\r\n"
    server = serve([READ, limited.encode(), READ, OK])
    assert connect(server.url, **DEFAULTS).get().content == b"{}"
    assert time.time() >= until
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        pytest.param({}, 1, id="without a key: once"),
        pytest.param({"idempotency_key": "k-1"}, 2, id="with a key: again"),
    ],
)
def test_post_is_only_resent_after_503_if_it_says_that_it_may_be(
    connect: Any, serve: Any, quick_retries: Any, options: dict[str, str], sent: int
) -> None:
    """Nobody knows whether the service carried it out."""
    server = serve([READ, BUSY, READ, OK])
    response = connect(server.url, **DEFAULTS).send("POST", content=b"{}", **options)
    assert response.status_code == (503 if sent == 1 else 200)
    assert len(server.requests) == sent
    assert {received.headers.get("idempotency-key") for received in server.requests} == {options.get("idempotency_key")}


def test_netrc_neither_replaces_nor_adds_a_credential(
    connect: Any, serve: Any, tmp_path: Path, clean_environment: pytest.MonkeyPatch
) -> None:
    """Four peers of ours send Basic instead of the Bearer that they were given."""
    (tmp_path / ".netrc").write_text("machine localhost login joe password hunter2\n")
    (tmp_path / ".netrc").chmod(0o600)
    clean_environment.setenv("NETRC", str(tmp_path / ".netrc"))
    clean_environment.setenv("HOME", str(tmp_path))
    server = serve([READ, OK, READ, OK])
    client = connect(server.url)
    client.get(headers={"Authorization": "Bearer t"})
    client.get()
    assert [received.headers.get("authorization") for received in server.requests] == ["Bearer t", None]
