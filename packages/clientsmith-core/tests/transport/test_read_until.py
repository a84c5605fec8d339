"""Reads of a streamed body that give up at a time: `Call.read_until`."""

from __future__ import annotations

import time
from typing import Any

import pytest
from clientsmith.core.errors import DeadlineExceededError
from clientsmith.core.streaming.responses import NothingYetError

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"
TO_THE_END = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

FRAMINGS = [
    pytest.param([CHUNKED, 0.05, b"3\r\none\r\n", 0.3, b"3\r\ntwo\r\n", b"0\r\n\r\n"], id="chunked"),
    pytest.param([CHUNKED, 0.05, b"3\r\none", 0.3, b"\r\n3\r\ntwo\r\n0\r\n\r\n"], id="chunk without its end"),
    pytest.param([SIZED, 0.05, b"one", 0.3, b"two"], id="sized"),
    pytest.param([TO_THE_END + b"one", 0.3, b"two"], id="to the end"),
]


def read(wire: Any, response: Any, until: float | None) -> bytes:
    response.request.call.read_until = until
    return wire.run(response.read_some(100))


@pytest.mark.by_turns
@pytest.mark.parametrize("script", FRAMINGS)
def test_a_read_ends_in_time_and_the_next_one_goes_on(wire: Any, serve: Any, script: list[Any]) -> None:
    """Nothing of the body is lost, wherever in its framing the time ends."""
    check(wire, wire.get(serve([script]).url, stream=True))


@pytest.mark.by_turns
def test_a_read_over_tls_as_well(road: Any) -> None:
    """A record of TLS that is not whole is no loss either."""
    check(
        road.wire, road.wire.get(road.to([[CHUNKED + b"3\r\none\r\n", 0.3, b"3\r\ntwo\r\n0\r\n\r\n"]]).url, stream=True)
    )


def check(wire: Any, response: Any) -> None:
    """Read "one" and later "two", and run out of time between them."""
    begin = time.monotonic()
    assert read(wire, response, begin + 5.0) == b"one"
    with pytest.raises((DeadlineExceededError, NothingYetError)) as caught:
        read(wire, response, begin + 0.2)
    assert 0.15 < time.monotonic() - begin < 0.29
    assert isinstance(caught.value, NothingYetError)
    with pytest.raises(NothingYetError):
        read(wire, response, begin)  # is over already
    assert read(wire, response, None) == b"two"
    assert read(wire, response, begin + 5.0) == b""


def test_silence_is_still_too_long(wire: Any, serve: Any) -> None:
    """`read_timeout` counts as before where it comes first, and closes the body."""
    response = wire.get(serve([[SIZED + b"one", 0.3]]).url, stream=True, read_timeout=0.1)
    read(wire, response, None)
    with pytest.raises(TimeoutError) as caught:
        read(wire, response, time.monotonic() + 5.0)
    assert "read_timeout" in str(caught.value)
