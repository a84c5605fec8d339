"""Streamed bodies: read as they come, given up at once, never leaked."""

from __future__ import annotations

import gzip
import time
from typing import Any

import pytest
from clientsmith.core.errors import ServiceResponseError, ServiceResponseTimeoutError
from clientsmith.core.rest import HttpResponse
from clientsmith.core.streaming import AsyncStreamedResponse, StreamedResponse
from clientsmith.core.transport.base import ERROR_BODY_LIMIT

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def head(length: int, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 " + status + b"\r\nContent-Length: %d\r\n\r\n" % length


def test_pieces_come_in_order_and_the_connection_is_kept(road: Any) -> None:
    """Reading to the end is closing; no piece is longer than asked for."""
    body = bytes(range(256)) * 1000
    server = road.to([head(len(body)) + body, OK])
    response = road.wire.get(server.url, stream=True)
    assert isinstance(response, StreamedResponse | AsyncStreamedResponse)
    pieces = road.wire.chunks(response, 10_000)
    assert b"".join(pieces) == body
    assert max(map(len, pieces)) <= 10_000
    assert response.body is None
    assert road.wire.get(server.url).content == b"ok"
    assert len(server.connections) == 1


@pytest.mark.by_turns
def test_pieces_come_when_they_come(road: Any) -> None:
    """Nobody waits for a piece to be full."""
    server = road.to([[head(6) + b"one", 0.3, b"two"]])
    response = road.wire.get(server.url, stream=True)
    begin = time.monotonic()
    assert road.wire.chunks(response, most=1) == [b"one"]
    assert time.monotonic() - begin < 0.2
    assert road.wire.chunks(response) == [b"two"], "iteration can stop and go on"


@pytest.mark.parametrize("coding", [b"gzip", b"x-gzip", b"br"])
@pytest.mark.parametrize("body", [gzip.compress(b"x" * 5000), b"no archive at all"], ids=["packed", "not packed"])
def test_bytes_that_are_wanted_as_they_are_stored_are_not_unpacked(road: Any, coding: bytes, body: bytes) -> None:
    """Whatever the header says of them; an error is for reading, and is."""
    named = head(len(body))[:-2] + b"Content-Encoding: " + coding + b"\r\n\r\n" + body
    refused = head(len(gzip.compress(b"no")), b"403 Forbidden")[:-2] + b"Content-Encoding: gzip\r\n\r\n"
    server = road.to([named, refused + gzip.compress(b"no"), OK])
    assert road.wire.read(road.wire.get(server.url, stream=True, as_stored=True)) == body
    assert road.wire.get(server.url, stream=True, as_stored=True).content == b"no"
    assert road.wire.get(server.url).content == b"ok"
    assert len(server.connections) == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(head(len(gzip.compress(b"x" * 5000)))[:-2] + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 5000), id="gzip"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n" + b"x" * 5000 + b"\r\n0\r\n\r\n", id="chunked"),
    ],
)  # fmt: skip
def test_read_gives_the_rest_and_keeps_it(road: Any, answer: bytes) -> None:
    """After `read` the response is like any other."""
    server = road.to([answer, OK])
    response: Any = road.wire.get(server.url, stream=True)
    with pytest.raises(RuntimeError, match="has not been read"):
        _ = response.content
    assert road.wire.read(response) == b"x" * 5000
    assert response.content == response.text().encode() == road.wire.read(response)
    assert road.wire.get(server.url).content == b"ok"


def test_reading_twice_or_after_the_end_says_what_to_do(road: Any) -> None:
    """What is gone is gone, and the message tells why."""
    server = road.to([OK, OK])
    response: Any = road.wire.get(server.url, stream=True)
    road.wire.chunks(response)
    with pytest.raises(RuntimeError, match="read to its end already"):
        response.iter_bytes()
    closed: Any = road.wire.get(server.url, stream=True)
    road.wire.run(closed.close())
    road.wire.run(closed.close())
    with pytest.raises(RuntimeError, match=r"closed.*inside the `with` block"):
        closed.iter_bytes()


@pytest.mark.parametrize("how", ["close", "abandon"])
def test_given_up_body_costs_no_time_and_no_other_request(road: Any, how: str) -> None:
    """The connection is closed, as the rest of the body is still on it; the next request opens another."""
    server = road.to([[head(10_000_000) + b"x" * 100_000, 30.0]], [OK])
    response: Any = road.wire.get(server.url, stream=True)
    road.wire.chunks(response, 1000, most=1)
    begin = time.monotonic()
    if how == "close":
        road.wire.run(response.close())
    else:
        response.abandon()
        response.abandon()
    assert time.monotonic() - begin < 0.1
    assert road.wire.get(server.url).content == b"ok"
    assert len(server.connections) == 2


def test_with_block_closes(wire: Any, serve: Any) -> None:
    """Also when what is inside of it fails."""
    server = serve([[head(100) + b"part", 30.0]])
    response: Any = wire.get(server.url, stream=True)

    def use() -> None:
        with response:
            raise LookupError

    async def use_async() -> None:
        async with response:
            raise LookupError

    with pytest.raises(LookupError):
        wire.run(use_async()) if wire.is_async else use()
    assert response.body is None


@pytest.mark.parametrize("last", ["close", "reset"])
def test_cut_stream_is_an_error(road: Any, last: str) -> None:
    """What came is given out, then the error comes; the end never does."""
    server = road.to([[head(10) + b"five!", 0.05, last]], [OK])
    response = road.wire.get(server.url, stream=True)
    assert road.wire.chunks(response, most=1) == [b"five!"]
    with pytest.raises(ServiceResponseError, match="broke off"):
        road.wire.chunks(response)
    assert road.wire.get(server.url).content == b"ok"


@pytest.mark.by_turns
def test_deadline_ends_with_the_header_and_silence_counts(road: Any) -> None:
    """A download may take longer than a call, but not stand still."""
    server = road.to([[head(3), 0.25, b"a", 0.25, b"b", 30.0]])
    response = road.wire.get(server.url, stream=True, timeout=0.4, read_timeout=0.35)
    assert road.wire.chunks(response, most=2) == [b"a", b"b"]
    with pytest.raises(ServiceResponseTimeoutError, match=r"nothing for 0\.35 s"):
        road.wire.chunks(response)


@pytest.mark.parametrize("status", [b"500 Oops", b"404 Not Found", b"304 Not Modified", b"302 Found"])
def test_only_success_is_streamed(road: Any, status: bytes) -> None:
    """An error is there to be read, so it has been."""
    body = b"" if status.startswith(b"304") else b'{"why": 1}'
    server = road.to([head(len(body), status) + body, OK])
    response = road.wire.get(server.url, stream=True)
    assert type(response) is HttpResponse
    assert (response.body, response.content) == (None, body)
    road.wire.get(server.url)
    assert len(server.connections) == 1


@pytest.mark.parametrize("stream", [True, False])
def test_endless_error_is_read_up_to_a_limit(road: Any, stream: bool) -> None:
    """A megabyte of an error is enough for anybody."""
    size = ERROR_BODY_LIMIT + 500_000
    server = road.to([[head(size, b"500 Oops") + b"x" * size, 30.0]], [OK])
    response = road.wire.get(server.url, stream=stream, timeout=10.0)
    assert response.content == b"x" * ERROR_BODY_LIMIT
    assert road.wire.get(server.url).content == b"ok"


def test_compressed_error_cannot_fill_the_memory(road: Any) -> None:
    """The limit is on what comes out, not on what comes in."""
    packed = gzip.compress(b"\0" * 50_000_000)
    server = road.to([head(len(packed), b"500 Oops")[:-2] + b"Content-Encoding: gzip\r\n\r\n" + packed], [OK])
    response = road.wire.get(server.url, timeout=10.0)
    assert response.content == b"\0" * ERROR_BODY_LIMIT
