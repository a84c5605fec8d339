"""Answers that are no HTTP, or HTTP that two readers could read in two ways.

Where RFC 9112 wants an error, or where there is no one right reading, the answer is refused at once, whatever the
deadline leaves, and its connection is closed: what else is on it cannot be trusted. Where the RFC lets a recipient be
lenient, a row allows the answer as well.
"""

from __future__ import annotations

import gzip
import inspect
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from clientsmith.core.errors import DeadlineExceededError, ServiceResponseError

READ, CLOSE, DROP = "read", "close", "drop"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
EVIL = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Evil: 1\r\n\r\nevil"

pytestmark = pytest.mark.usefixtures("no_leaks")


def with_field(field: bytes) -> bytes:
    """An answer with one more line in its header."""
    return b"HTTP/1.1 200 OK\r\n" + field + b"\r\nContent-Length: 2\r\n\r\nok"


def with_lengths(*values: bytes, body: bytes = b"ok") -> bytes:
    """An answer that states its length in these ways."""
    return b"HTTP/1.1 200 OK\r\n" + b"".join(b"Content-Length: %s\r\n" % value for value in values) + b"\r\n" + body


def chunked(data: bytes, *fields: bytes) -> bytes:
    """An answer in chunks."""
    lines = b"".join(field + b"\r\n" for field in (b"Transfer-Encoding: chunked", *fields))
    return b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n" + data


REFUSED = [
    # --- the status line
    pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", id="another protocol"),
    pytest.param(b"<html>who are you?</html>\r\n\r\n", id="HTTP/0.9"),
    pytest.param(b"\x00\x01\x02\xff\xfe\r\n\r\n", id="binary"),
    pytest.param(b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n", id="a TLS alert"),
    pytest.param(b"HTTP/1.1\r\nContent-Length: 2\r\n\r\nok", id="no status"),
    pytest.param(b"HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\nok", id="letters for a status"),
    pytest.param(b"HTTP/1.1 -20 OK\r\nContent-Length: 2\r\n\r\nok", id="a negative status"),
    pytest.param(b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok", id="a status of two digits"),
    pytest.param(b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok", id="a status of four digits"),
    pytest.param(b"HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nok", id="a status below 100"),
    pytest.param(b"HTTP/1.1 \xb2\xb0\xb0 OK\r\nContent-Length: 2\r\n\r\nok", id="digits that are not ASCII"),
    pytest.param(b"HTTP/9.1 200 OK\r\nContent-Length: 2\r\n\r\nok", id="a version that there is not"),
    pytest.param(b"HTTP/1.1 200 " + b"x" * 100_000 + b"\r\nContent-Length: 2\r\n\r\nok", id="a reason of 100 KB"),
    # --- header fields
    pytest.param(with_field(b"no colon in it"), id="a line without a colon"),
    pytest.param(with_field(b": value"), id="a field without a name"),
    pytest.param(with_field(b"X-Big: " + b"x" * 200_000), id="a field of 200 KB"),
    pytest.param(with_field(b"\r\n".join(b"X-%d: 1" % n for n in range(5000))), id="5,000 fields"),
    pytest.param(with_field(b"X-Nul: a\0b"), id="NUL in a value"),
    # --- two readings of where the body ends
    pytest.param(with_lengths(b"2", b"5"), id="two lengths"),
    pytest.param(with_lengths(b"2, 5"), id="two lengths in one field"),
    pytest.param(with_lengths(b"-2"), id="a negative length"),
    pytest.param(with_lengths(b"two"), id="letters for a length"),
    pytest.param(with_lengths(b"+2"), id="a length with a plus"),
    pytest.param(with_lengths(b"0x2"), id="a hexadecimal length"),
    pytest.param(with_lengths(b"1_0", body=b"0123456789"), id="a length with an underscore"),
    pytest.param(with_lengths(b""), id="an empty length"),
    pytest.param(chunked(b"zz\r\nok\r\n0\r\n\r\n"), id="letters for a chunk's size"),
    pytest.param(chunked(b"-2\r\nok\r\n0\r\n\r\n"), id="a negative size"),
    pytest.param(chunked(b"+2\r\nok\r\n0\r\n\r\n"), id="a size with a plus"),
    pytest.param(chunked(b"0x2\r\nok\r\n0\r\n\r\n"), id="a size with 0x"),
    pytest.param(chunked(b"0_2\r\nok\r\n0\r\n\r\n"), id="a size with an underscore"),
    pytest.param(chunked(b"\r\nok\r\n0\r\n\r\n"), id="an empty size"),
    pytest.param(chunked(b";x=y\r\nok\r\n0\r\n\r\n"), id="an extension without a size"),
    pytest.param(chunked(b"2\r\nokXX0\r\n\r\n"), id="no line break behind a chunk"),
    pytest.param(chunked(b"2\r\nokay\r\n0\r\n\r\n"), id="a chunk longer than its size"),
]


@pytest.mark.parametrize("sent", REFUSED)
def test_what_cannot_be_read_in_one_way_is_refused(connect: Any, serve: Any, sent: bytes) -> None:
    """At once, and nothing that came with it is taken for the next answer."""
    server = serve([READ, sent], [READ, OK])
    client = connect(server.url)
    begin = time.monotonic()
    with pytest.raises(ServiceResponseError, match=r"not valid HTTP|broke off") as caught:
        client.get(timeout=2.0, read_timeout=2.0)
    assert time.monotonic() - begin < 1.0
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)
    assert server.connections[0].ended.wait(1.0), "a connection that cannot be trusted is closed"
    assert client.get().content == b"ok"


LENIENT = [
    pytest.param(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", id="line feeds alone (RFC 9112, 2.2: may)"),
    pytest.param(with_lengths(b"2", b"2"), id="the same length twice (RFC 9112, 6.3: may)"),
    pytest.param(with_lengths(b"2, 2"), id="the same length twice in a field"),
    pytest.param(with_field(b"X Y: 1"), id="a space in a name"),
    pytest.param(with_field(b"X-Space : 1"), id="a space before the colon"),
    pytest.param(with_field(b"X-Fold: a\r\n b"), id="a folded field (RFC 9112, 5.2)"),
    pytest.param(b"HTTP/1.1 200 OK\r\n X-Fold: 1\r\nContent-Length: 2\r\n\r\nok", id="folded first line"),
    pytest.param(b"\r\n\r\n" + OK, id="empty lines first"),
    pytest.param(b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", id="no reason and no space"),
    pytest.param(b"HTTP/1.1  200  OK\r\nContent-Length: 2\r\n\r\nok", id="spaces too many"),
    pytest.param(b"http/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", id="a protocol in lower case"),
    pytest.param(chunked(b"2 \r\nok\r\n0\r\n\r\n"), id="a space behind a size"),
    pytest.param(chunked(b"2\nok\n0\n\n"), id="chunks with line feeds alone"),
    pytest.param(chunked(b"2\r\nok\r\n0\r\n\r\n", b"Content-Length: 7"), id="chunks and a length (RFC 9112, 6.3)"),
    pytest.param(chunked(b"2\r\nok\r\n0\r\n\r\n", b"Transfer-Encoding: chunked"), id="chunked twice"),
    pytest.param(b"HTTP/1.0" + chunked(b"2\r\nok\r\n0\r\n\r\n")[8:], id="chunks in HTTP/1.0"),
    pytest.param(chunked(b"00000000000000000000002\r\nok\r\n0\r\n\r\n"), id="a size with zeros in front"),
    pytest.param(chunked(b"2\r\nok\r\n0\r\nno trailer\r\n\r\n"), id="a trailer that is none"),
    pytest.param(with_field(b"\r\n".join(b"X-%d: 1" % n for n in range(60))), id="60 fields"),
    pytest.param(chunked(b"2;" + b"x" * 200_000 + b"\r\nok\r\n0\r\n\r\n"), id="an extension of 200 KB"),
]


@pytest.mark.parametrize("sent", LENIENT)
def test_what_is_unusual_is_read_or_refused(connect: Any, serve: Any, sent: bytes) -> None:
    """Some recipients are lenient where the RFC allows it; a wrong body is never an answer."""
    server = serve([READ, sent, READ, EVIL], [READ, OK])
    client = connect(server.url)
    begin = time.monotonic()
    try:
        assert client.get(timeout=2.0, read_timeout=2.0).content == b"ok"
    except ServiceResponseError:
        assert server.connections[0].ended.wait(1.0)
    assert time.monotonic() - begin < 1.0


SPLITTING = [
    pytest.param(b"HTTP/1.1 200 OK\rX-Evil: 1\r\nContent-Length: 2\r\n\r\nok", id="CR in the reason"),
    pytest.param(with_field(b"X-A: a\rX-Evil: 1"), id="CR in a value"),
    pytest.param(with_field(b"X-A: a\r\r\nX-B: 1"), id="CR at the end of a value"),
    pytest.param(with_field(b"X-A: a\x0bX-Evil: 1"), id="vertical tab in a value"),
    pytest.param(with_field(b"X-A: a\x0cX-Evil: 1"), id="form feed in a value"),
    pytest.param(with_field(b"X-A: a\x1eX-Evil: 1"), id="record separator in a value"),
    pytest.param(with_field(b"X-A: a\xc2\x85X-Evil: 1"), id="next line in a value"),
    pytest.param(with_field(b"X-A: a\xe2\x80\xa8X-Evil: 1"), id="line separator in a value"),
    pytest.param(with_field(b"X-A: a\xe5\x98\x8a\xe5\x98\x8dX-Evil: 1"), id="what Latin-1 makes a line break of"),
    pytest.param(with_field(b"X-A: a\r\n\tX-Evil: 1"), id="folded"),
]


@pytest.mark.parametrize("sent", SPLITTING)
def test_value_does_not_become_a_field_of_its_own(connect: Any, serve: Any, sent: bytes) -> None:
    """Whoever writes into one value of a service must not write a `Location` or an `ETag` for its clients."""
    server = serve([READ, sent], [READ, OK])
    client = connect(server.url)
    try:
        response = client.get(timeout=2.0, read_timeout=2.0)
    except ServiceResponseError:
        assert server.connections[0].ended.wait(1.0)
        return
    assert response.content == b"ok"
    assert "X-Evil" not in response.headers
    assert not any(c in value for value in response.headers.values() for c in "\r\n\0")


# --- compression -----------------------------------------------------------------------------------------------------

PLAIN = b"plain text, some of it\n" * 50
GZIP = gzip.compress(PLAIN)
DEFLATE = zlib.compress(PLAIN)
WRONG_SUM = GZIP[:-8] + bytes(4) + GZIP[-4:]


def encoded(coding: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n%b" % (coding, len(body), body)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(encoded(b"gzip", GZIP[:-20]), id="gzip that breaks off"),
        pytest.param(encoded(b"gzip", GZIP[:-4]), id="gzip without its length"),
        pytest.param(encoded(b"gzip", GZIP[:5]), id="half a gzip header"),
        pytest.param(encoded(b"gzip", WRONG_SUM), id="gzip with a wrong checksum"),
        pytest.param(encoded(b"deflate", DEFLATE[:-20]), id="deflate that breaks off"),
        pytest.param(encoded(b"gzip", b"not gzip at all"), id="no gzip"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"%x\r\n%b\r\n0\r\n\r\n" % (len(GZIP) - 20, GZIP[:-20]),
            id="gzip in chunks that breaks off",
        ),
    ],
)
@pytest.mark.parametrize("is_streamed", [False, True], ids=["read", "streamed"])
def test_compressed_body_that_is_not_whole_is_an_error(
    connect: Any, serve: Any, sent: bytes, is_streamed: bool
) -> None:
    """Its length is right, and yet half of the text is missing: the end of the compressed data says so."""
    server = serve([READ, sent, READ, OK], [READ, OK])
    client = connect(server.url)

    def read() -> None:
        response = client.get(timeout=2.0, stream=is_streamed)
        if is_streamed:
            client.run(response.read())

    with pytest.raises(ServiceResponseError, match=r"could not be decompressed|broke off"):
        read()
    assert client.get().content == b"ok"


@pytest.mark.parametrize(
    ("sent", "content"),
    [
        pytest.param(encoded(b"gzip", gzip.compress(b"one ") + gzip.compress(b"two")), b"one two", id="two members"),
        pytest.param(encoded(b"GZip", GZIP), PLAIN, id="a coding in mixed case"),
        pytest.param(encoded(b"x-gzip", GZIP), PLAIN, id="the old name of gzip"),
        pytest.param(encoded(b"identity", b"ok"), b"ok", id="no coding at all"),
        pytest.param(encoded(b"gzip", b""), b"", id="nothing, compressed"),
    ],
)
def test_compressed_body_that_is_whole(connect: Any, serve: Any, sent: bytes, content: bytes) -> None:
    """Unusual, and right."""
    assert connect(serve([READ, sent]).url).get(timeout=2.0).content == content


def test_error_body_that_is_a_bomb_is_cut(connect: Any, serve: Any) -> None:
    """A hundred kilobytes become a hundred megabytes: of an error nobody reads more than one."""
    bomb = encoded(b"gzip", gzip.compress(bytes(100 * 1024 * 1024), 1)).replace(b"200 OK", b"500 No")
    server = serve([READ, bomb, READ, OK], [READ, OK])
    client = connect(server.url)
    begin = time.monotonic()
    assert len(client.get().content) <= 1024 * 1024
    assert time.monotonic() - begin < 1.0
    assert client.get().content == b"ok"


# --- answers that nobody asked for -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "content"),
    [
        pytest.param([OK + EVIL], b"ok", id="two answers at once"),
        pytest.param([OK, 0.02, EVIL], b"ok", id="a second answer later"),
        pytest.param([b"HTTP/1.1 204 No Content\r\n\r\n" + EVIL], b"", id="behind 204"),
        pytest.param([b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nevil"], b"", id="204 with a body"),
        pytest.param([b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil"], b"", id="304 with a body"),
        pytest.param([OK + b"\r\n"], b"ok", id="an empty line too many"),
        pytest.param([OK + b"x"], b"ok", id="a byte too many"),
        pytest.param([chunked(b"2\r\nok\r\n0\r\n\r\n") + EVIL], b"ok", id="behind the last chunk"),
    ],
)
def test_bytes_behind_an_answer_are_nobodys_answer(connect: Any, serve: Any, first: list[Any], content: bytes) -> None:
    """Else one request would get what was meant for another, or what somebody slipped in."""
    server = serve([READ, *first, READ, OK, READ, OK], [READ, OK, READ, OK])
    client = connect(server.url)
    try:
        assert client.get(timeout=1.0).content == content
    except ServiceResponseError:  # its own answer is whole, but what came with it is a reason to mistrust it
        assert server.connections[0].ended.wait(1.0)
    client.pause(0.06)
    for _ in range(2):
        response = client.get(timeout=1.0)
        assert response.content == b"ok"
        assert "X-Evil" not in response.headers
        client.pause(0.02)


def test_head_that_is_answered_with_a_body(connect: Any, serve: Any) -> None:
    """What came with it is not the next answer."""
    server = serve([READ, EVIL, READ, OK], [READ, OK])
    client = connect(server.url)
    try:
        assert client.send("HEAD", timeout=1.0).content == b""
    except ServiceResponseError:
        assert server.connections[0].ended.wait(1.0)
    client.pause()
    assert client.get(timeout=1.0).content == b"ok"


def test_switching_protocols_that_nobody_asked_for(connect: Any, serve: Any) -> None:
    """101 ends HTTP on the connection: it is the answer, or an error, and nothing else is sent there."""
    server = serve(
        [READ, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n" + EVIL], [READ, OK]
    )
    client = connect(server.url)
    with suppress(ServiceResponseError):
        assert client.get(timeout=1.0).status_code == 101
    assert client.get(timeout=1.0).content == b"ok"
    assert len(server.requests) == 2


# --- without end -----------------------------------------------------------------------------------------------------


class Endless:
    """Steps that never end: as fast as they are taken."""

    def __init__(self, first: bytes, again: bytes) -> None:
        self._first, self._again = first, again

    def __iter__(self) -> Iterator[Any]:
        yield from (READ, self._first)
        while True:
            yield self._again


@pytest.mark.parametrize(
    ("first", "again"),
    [
        pytest.param(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 500, id="interim answers"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n" * 2000, id="header fields"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 10_000, id="one header field"),
        pytest.param(b"HTTP/1.1 200 ", b"x" * 10_000, id="a reason"),
        pytest.param(b"", b"\r\n" * 5000, id="empty lines"),
        pytest.param(chunked(b""), b"1\r\nx\r\n" * 2000, id="chunks"),
        pytest.param(chunked(b"1;"), b"x" * 10_000, id="an extension of a chunk"),
        pytest.param(chunked(b""), b"0" * 10_000, id="zeros of a chunk's size"),
        pytest.param(chunked(b"0\r\n"), b"X: 1\r\n" * 2000, id="trailers"),
    ],
)
def test_what_never_ends_is_ended(connect: Any, serve: Any, first: bytes, again: bytes) -> None:
    """By a limit, or by the deadline, however fast it comes."""
    server = serve(Endless(first, again), [READ, OK])
    client = connect(server.url)
    begin = time.monotonic()
    with pytest.raises((ServiceResponseError, DeadlineExceededError)) as caught:
        client.get(timeout=0.2)
    assert time.monotonic() - begin < 1.0
    assert len(str(caught.value)) < 500
    assert server.connections[0].ended.wait(1.0)
    assert client.get().content == b"ok"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(with_lengths(b"9" * 17), id="a length of 10^17"),
        pytest.param(with_lengths(b"9" * 30), id="a length of 10^30"),
        pytest.param(with_lengths(b"9" * 5000), id="a length of 5,000 digits"),
        pytest.param(chunked(b"FFFFFFFFFFFFFFFF\r\nok"), id="a chunk of 2^64"),
        pytest.param(chunked(b"F" * 5000 + b"\r\nok"), id="a chunk of 2^20000"),
        pytest.param(chunked(b"7FFFFFFFFFFFFFF0\r\nok"), id="a chunk of 2^63"),
        pytest.param(chunked(b"7FFFFFFFFFF\r\nok"), id="a chunk of 2^43"),
    ],
)
def test_announcement_takes_no_memory(connect: Any, serve: Any, sent: bytes) -> None:
    """Memory is for what has come, not for what is said to come."""
    server = serve([READ, sent, CLOSE], [READ, OK])
    client = connect(server.url)
    with pytest.raises(ServiceResponseError):
        client.get(timeout=2.0)
    assert server.connections[0].ended.wait(1.0)
    assert client.get().content == b"ok"


# --- bodies that end with the connection, over TLS --------------------------------------------------------------------

TO_THE_END = b"HTTP/1.1 200 OK\r\n\r\nok"


@pytest.mark.parametrize("is_streamed", [False, True], ids=["read", "streamed"])
@pytest.mark.parametrize("sent", [TO_THE_END, OK[:-1]], ids=["to the end", "shorter than its length"])
def test_tls_that_ends_without_a_goodbye_has_been_cut(
    connect: Any, serve: Any, authority: Any, transport: type[Any], sent: bytes, is_streamed: bool
) -> None:
    """Anybody on the way can end a connection, but only the service can say goodbye (RFC 9112, section 9.8)."""
    if sent is TO_THE_END and inspect.iscoroutinefunction(transport.send):
        pytest.skip("asyncio's TLS does not tell one end from the other")
    server = serve([READ, sent, 0.02, DROP], tls=authority.context())
    client = connect(server.url)

    def read() -> None:
        response = client.get(stream=is_streamed)
        if is_streamed:
            client.run(response.read())

    with pytest.raises(ServiceResponseError, match="broke off"):
        read()


@pytest.mark.parametrize(
    ("sent", "end"),
    [
        pytest.param(TO_THE_END, CLOSE, id="a goodbye"),
        pytest.param(OK, DROP, id="of a known length"),
        pytest.param(chunked(b"2\r\nok\r\n0\r\n\r\n"), DROP, id="in chunks"),
    ],
)
def test_tls_answer_that_is_whole(connect: Any, serve: Any, authority: Any, sent: bytes, end: str) -> None:
    """Most servers leave the goodbye out; where the body says itself where it ends, nobody misses it."""
    server = serve([READ, sent, end], [READ, OK], tls=authority.context())
    client = connect(server.url)
    assert client.get().content == b"ok"
    client.pause()
    assert client.get().content == b"ok"
