"""The contract of transports (see `clientsmith.core.transport.base`), over every transport, plain and over TLS."""

from __future__ import annotations

import gzip
import time
import zlib
from typing import Any

import pytest
from clientsmith.core.errors import (
    DeadlineExceededError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
    TransportError,
)

CLOSE, RESET = "close", "reset"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def answer(body: bytes = b"", *fields: bytes, status: bytes = b"200 OK") -> bytes:
    length = b"Content-Length: %d" % len(body)
    return b"HTTP/1.1 " + status + b"\r\n" + b"\r\n".join([length, *fields]) + b"\r\n\r\n" + body


def dripped(data: bytes, pause: float = 0.05) -> list[bytes | float]:
    return [step for byte in data for step in (bytes([byte]), pause)]


# --- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "status", "body"),
    [
        pytest.param([OK], 200, b"ok", id="with a length"),
        pytest.param(
            [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end", CLOSE], 200, b"to the end", id="to the end"
        ),
        pytest.param([b"HTTP/1.0 200 OK\r\n\r\nold", CLOSE], 200, b"old", id="HTTP/1.0"),
        pytest.param(
            [
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n"
            ],
            200,
            b"abcde",
            id="chunked, with an extension and a trailer",
        ),
        pytest.param([b"HTTP/1.1 204 No Content\r\n\r\n"], 204, b"", id="204 without a length"),
        pytest.param([b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n"], 304, b"", id="304 with a length"),
        pytest.param([b"HTTP/1.1 100 Continue\r\n\r\n" + OK], 200, b"ok", id="after 100"),
        pytest.param([b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", OK], 200, b"ok", id="after 103"),
        pytest.param([b"HTTP/1.1 102 Processing\r\n\r\n" * 3 + OK], 200, b"ok", id="after several interim answers"),
        pytest.param([answer(b"x" * 3_000_000)], 200, b"x" * 3_000_000, id="a big body"),
        pytest.param([answer(b"gone", status=b"500 Oops")], 500, b"gone", id="an error"),
        pytest.param(
            [answer(b"", b"Location: /elsewhere", status=b"302 Found")], 302, b"", id="a redirect, not followed"
        ),
        pytest.param([OK[:30], 0.05, OK[30:]], 200, b"ok", id="in two pieces"),
    ],
)
def test_answers_come_back_whole_and_the_connection_stays_in_order(
    road: Any, steps: list[Any], status: int, body: bytes
) -> None:
    """Whatever way a body is framed, it is read to its end, and the next request gets its own answer."""
    server = road.to([steps, OK], [OK])
    response = road.wire.get(server.url)
    assert (response.status_code, response.content) == (status, body)
    assert road.wire.get(server.url).content == b"ok"


def test_head_has_no_body_whatever_the_length_says(road: Any) -> None:
    """The length that HEAD announces is of the body that GET would have."""
    server = road.to([b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Encoding: gzip\r\n\r\n", OK])
    response = road.wire.send("HEAD", server.url)
    assert (response.content, response.headers["content-length"]) == (b"", "1000")
    assert road.wire.get(server.url).content == b"ok"
    assert len(server.connections) == 1


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        pytest.param(b"gzip", gzip.compress(b"plain" * 100), id="gzip"),
        pytest.param(b"deflate", zlib.compress(b"plain" * 100), id="deflate"),
        pytest.param(b"deflate", zlib.compress(b"plain" * 100, wbits=-15), id="deflate without its header"),
    ],
)
def test_bodies_are_decompressed(road: Any, encoding: bytes, packed: bytes) -> None:
    """`content` is what the server meant, and the request said which encodings are understood."""
    server = road.to([answer(packed, b"Content-Encoding: " + encoding)])
    assert road.wire.get(server.url).content == b"plain" * 100
    assert encoding.decode() in server.requests[0].headers["accept-encoding"]


def test_header_fields_are_joined_and_keep_their_names(road: Any) -> None:
    """Several fields of one name read as one, and names compare without case."""
    server = road.to([answer(b"", b"X-Many: a", b"x-many: b", b"X-One: 1")])
    headers = road.wire.get(server.url).headers
    assert headers["X-MANY"] == "a, b"
    assert "X-One" in list(headers)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        pytest.param("Zoë".encode(), "Zoë", id="UTF-8"),
        pytest.param("Zoë".encode("latin-1"), "Zoë", id="Latin-1"),
        pytest.param("Zoë, 😀".encode(), "Zoë, 😀", id="beyond Latin-1"),
    ],
)
def test_header_bytes_beyond_ascii_read_the_same_everywhere(road: Any, raw: bytes, text: str) -> None:
    """UTF-8 if it is, else Latin-1: the libraries below do not agree on this."""
    server = road.to([answer(b"", b"X-Name: " + raw)])
    assert road.wire.get(server.url).headers["X-Name"] == text


def test_reason_phrase_is_kept(road: Any) -> None:
    """The words behind the status, empty if the server sent none."""
    server = road.to([answer(status=b"418 Short and stout"), b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"])
    assert road.wire.get(server.url).reason == "Short and stout"
    assert road.wire.get(server.url).reason == ""


# --- connections -----------------------------------------------------------------------------------------------------


def test_connection_is_used_again(road: Any) -> None:
    """Ten requests in a row take one connection."""
    server = road.to([OK] * 10)
    for _ in range(10):
        road.wire.get(server.url)
    assert len(server.connections) == 1


def test_connection_closed_by_the_server_is_replaced(road: Any) -> None:
    """A server may say `Connection: close`, or just close; the next request opens another."""
    server = road.to([[answer(b"", b"Connection: close"), CLOSE]], [[OK, CLOSE]], [OK])
    for _ in range(3):
        road.wire.get(server.url)
        road.wire.pause()  # the close arrives
    assert len(server.connections) == 3


def test_error_answer_leaves_the_connection_usable(road: Any) -> None:
    """A 500 is read to its end."""
    server = road.to([answer(b"oops" * 1000, status=b"500 Oops"), OK])
    road.wire.get(server.url)
    assert road.wire.get(server.url).content == b"ok"
    assert len(server.connections) == 1


def test_close_may_be_called_twice_and_the_next_send_opens_again(road: Any) -> None:
    """A closed transport is not dead."""
    server = road.to([OK, OK], [OK])
    road.wire.close()
    road.wire.get(server.url)
    road.wire.close()
    road.wire.close()
    assert road.wire.get(server.url).content == b"ok"
    assert len(server.connections) == 2


# --- what can go wrong -----------------------------------------------------------------------------------------------

CUT = [
    pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!", CLOSE], id="shorter than announced"),
    pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", CLOSE], id="announced, nothing came"),
    pytest.param([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", CLOSE], id="inside a chunk"),
    pytest.param(
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", CLOSE], id="without a last chunk"
    ),
    pytest.param([b"HTTP/1.1 200 OK\r\nContent-Le", CLOSE], id="inside the header"),
    pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!", 0.02, RESET], id="reset inside the body"),
]


@pytest.mark.parametrize("steps", CUT)
def test_cut_answer_is_an_error(road: Any, steps: list[Any]) -> None:
    """Half an answer is never taken for one, and the message says that it broke off."""
    server = road.to([steps], [OK])
    with pytest.raises(ServiceResponseError, match=r"broke off|closed the connection") as caught:
        road.wire.get(server.url)
    assert not caught.value.is_unsent
    assert road.wire.get(server.url).content == b"ok"


@pytest.mark.parametrize("last", [CLOSE, RESET])
def test_fresh_connection_without_an_answer_may_have_been_heard(road: Any, last: str) -> None:
    """The service may have acted on it, so nobody may claim that it has not."""
    server = road.to([[last]])
    with pytest.raises(ServiceResponseError, match="closed the connection without an answer") as caught:
        road.wire.get(server.url)
    assert not caught.value.is_unsent
    assert f"localhost:{server.port}" in str(caught.value)


@pytest.mark.parametrize("last", [CLOSE, RESET])
def test_reused_connection_without_an_answer_counts_as_unsent(road: Any, last: str) -> None:
    """That is how an idle connection ends: the server closed it while the request was on its way."""
    server = road.to([OK, [last]], [OK])
    road.wire.get(server.url)
    with pytest.raises(ServiceResponseError, match="idle connection") as caught:
        road.wire.send("POST", server.url, content=b"x")
    assert caught.value.is_unsent
    assert server.requests[-1].connection == 1, "sent once: trying again is for the retry policy"
    assert len(server.requests) == 2


def test_reused_connection_with_a_long_body_is_not_called_unsent(road: Any) -> None:
    """A server may answer and close before it has read all of it, and that answer can get lost."""
    server = road.to([OK, [CLOSE]])
    road.wire.get(server.url)
    with pytest.raises(TransportError) as caught:
        road.wire.send("POST", server.url, content=b"x" * 100_000)
    assert not caught.value.is_unsent


@pytest.mark.parametrize("garbage", [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"\x00\xff\r\n\r\n"])
def test_what_is_no_http_is_said_to_be_none(road: Any, garbage: bytes) -> None:
    """The port may belong to something else."""
    server = road.to([[garbage, CLOSE]])
    with pytest.raises(ServiceResponseError, match="not valid HTTP"):
        road.wire.get(server.url)


def test_body_in_another_encoding_than_its_header_says(road: Any) -> None:
    """The message says how to get at the body all the same."""
    server = road.to([answer(b"not gzip at all", b"Content-Encoding: gzip")])
    with pytest.raises(ServiceResponseError, match=r"could not be decompressed.*Accept-Encoding: identity"):
        road.wire.get(server.url)


# --- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.by_turns
@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([5.0], id="silence"),
        pytest.param(dripped(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 100), id="a dripped header"),
        pytest.param([answer(b"x" * 100)[:-100], *dripped(b"x" * 100)], id="a dripped body"),
        pytest.param(
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *dripped(b"1\r\nx\r\n" * 20)],
            id="dripped chunks",
        ),
        pytest.param([answer(b"x" * 100, status=b"500 Oops")[:-100], *dripped(b"x" * 100)], id="a dripped error"),
        pytest.param([b"HTTP/1.1 102 Processing\r\n\r\n", 0.05] * 100, id="interim answers without end"),
    ],
)
def test_deadline_holds_for_header_and_body(road: Any, steps: list[Any]) -> None:
    """A byte now and then does not keep a call alive."""
    server = road.to([steps])
    begin = time.monotonic()
    with pytest.raises(DeadlineExceededError, match=r"timeout of 0\.2 s ran out.*raise `timeout`") as caught:
        road.wire.get(server.url, timeout=0.2, read_timeout=2.0)
    assert 0.15 <= time.monotonic() - begin < 1.0
    assert isinstance(caught.value, TimeoutError)
    assert not caught.value.is_unsent


def test_deadline_in_the_past_sends_nothing(road: Any) -> None:
    """A call that is over does not begin."""
    server = road.to([OK] * 3)
    with pytest.raises(DeadlineExceededError):
        road.wire.get(server.url, timeout=-1.0)
    road.wire.get(server.url + "/warm")
    with pytest.raises(DeadlineExceededError):
        road.wire.get(server.url, timeout=-1.0)
    road.wire.pause()
    assert [received.target for received in server.requests] == ["/warm"]


@pytest.mark.by_turns
def test_connection_with_a_deadline_is_used_again_without_one(road: Any) -> None:
    """Limits belong to a call, not to a connection."""
    server = road.to([OK, [0.4, OK], OK])
    road.wire.get(server.url, timeout=0.3, read_timeout=0.3)
    assert road.wire.get(server.url).content == b"ok"
    assert road.wire.get(server.url, timeout=5.0).content == b"ok"
    assert len(server.connections) == 1


@pytest.mark.by_turns
@pytest.mark.parametrize(
    "steps",
    [pytest.param([5.0], id="before the header"), pytest.param([answer(b"abc")[:-2], 5.0], id="inside the body")],
)
def test_read_timeout_is_about_silence(road: Any, steps: list[Any]) -> None:
    """Nothing for `read_timeout` seconds ends the call, and the message names the setting."""
    server = road.to([steps])
    begin = time.monotonic()
    with pytest.raises(ServiceResponseTimeoutError, match=r"sent nothing for 0\.2 s.*`read_timeout`") as caught:
        road.wire.get(server.url, timeout=10.0, read_timeout=0.2)
    assert time.monotonic() - begin < 1.5
    assert isinstance(caught.value, TimeoutError)


@pytest.mark.by_turns
def test_slow_answer_within_the_read_timeout_is_waited_for(road: Any) -> None:
    """Bytes that come one by one are no silence."""
    server = road.to([[OK[:-2], 0.15, b"o", 0.15, b"k"]])
    assert road.wire.get(server.url, timeout=10.0, read_timeout=0.25).content == b"ok"
