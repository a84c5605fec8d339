"""The codec of the standard library's transports: what is an answer, where it ends, and what is refused."""

from __future__ import annotations

import gzip
import time

import pytest
from clientsmith.core.errors import UsageError
from clientsmith.core.rest import Headers
from clientsmith.core.transport._body import head_of
from clientsmith.core.transport.base import HEADER_FIELDS_LIMIT, HEADER_LINE_LIMIT
from clientsmith.core.transport.stdlib.bodies import Answer, AnswerBody
from clientsmith.core.transport.stdlib.exchange import is_refusal
from clientsmith.core.transport.stdlib.http1 import HEAD_LIMIT, AnswerError, CutError, Fields, Head, parse_head

OK = b"HTTP/1.1 200 OK"


def head(*lines: bytes, first: bytes = OK) -> Head:
    data = b"\r\n".join([first, *lines, b"", b""])
    return parse_head(data, len(data) - 4)


def fields(found: Head) -> dict[str, str]:
    return Headers.received(Fields(found)).as_dict()


def begin(data: bytes, method: str = "GET") -> AnswerBody:
    """Return the body of an answer whose header is whole."""
    body = Answer(method).feed(data)
    assert body is not None
    return body


def chunked(*chunks: bytes) -> bytes:
    return b"".join([OK, b"\r\nTransfer-Encoding: chunked\r\n\r\n", *chunks])


# --- heads -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        pytest.param(b"HTTP/1.1 200 OK", 200, "OK", id="usual"),
        pytest.param(b"HTTP/1.1 204 ", 204, "", id="no phrase"),
        pytest.param(b"HTTP/1.1 204", 204, "", id="no phrase, no space"),
        pytest.param(b"HTTP/1.0 404 Not Found", 404, "Not Found", id="HTTP/1.0"),
        pytest.param("HTTP/1.1 418 Kännchen".encode(), 418, "Kännchen", id="UTF-8"),
        pytest.param("HTTP/1.1 418 Kännchen".encode("latin-1"), 418, "Kännchen", id="Latin-1"),
        pytest.param(b"HTTP/1.1 599 a  b", 599, "a  b", id="spaces inside"),
    ],
)  # fmt: skip
def test_status_lines_that_servers_send(line: bytes, status: int, reason: str) -> None:
    """The phrase is for people, so nothing hangs on it."""
    found = head(first=line)
    assert (found.status, found.reason) == (status, reason)


@pytest.mark.parametrize(
    "line",
    [
        b"HTTP/2 200 OK", b"HTTP/1.1 20 OK", b"HTTP/1.1 2000 OK", b"HTTP/1.1 0200 OK", b"HTTP/1.1 099 OK", b"HTTP/1.1200 OK",
        b"HTTP/1.1  200 OK", b"http/1.1 200 OK", b"HTTP/1.1 +20 OK", b"ICY 200 OK", b"", b"HTTP/1.1 200 O\0K", b"HTTP/1.1 200\tOK",
        "HTTP/1.1 ２00 OK".encode(), b"HTTP/11 200 OK", b" HTTP/1.1 200 OK",
    ],
    ids=repr,
)  # fmt: skip
def test_other_status_lines_are_refused(line: bytes) -> None:
    """What is no status line is not guessed at."""
    with pytest.raises(AnswerError, match="the status line is"):
        head(first=line)


def test_fields_are_read_as_they_came() -> None:
    """Names keep their case, values lose the space around them, several of one name are joined."""
    found = head(b"Content-Type:text/plain", b"X-Empty:", b'ETag:  \t"a b" \t', b"Vary: A", b"vary: B", b"X: a:b")
    assert fields(found) == {"Content-Type": "text/plain", "X-Empty": "", "ETag": '"a b"', "vary": "A, B", "X": "a:b"}


def test_folded_lines_are_unfolded() -> None:
    """Obsolete, and sent by servers all the same (RFC 9112, section 5.2)."""
    found = head(b"X-Long: one", b"  two", b"\tthree", b"Content-Length: 5")
    assert fields(found)["X-Long"] == "one two three"
    assert found.length == 5


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([b"Name : value"], id="space before the colon"),
        pytest.param([b"no field at all"], id="no colon"),
        pytest.param([b": value"], id="no name"),
        pytest.param([b"Na me: value"], id="space in a name"),
        pytest.param(["Näme: value".encode()], id="a name beyond ASCII"),
        pytest.param([b" folded: onto the status line"], id="a fold behind the status line"),
        pytest.param([b"X: a\nContent-Length: 3"], id="bare LF"),
        pytest.param([b"X: a\rContent-Length: 3"], id="bare CR"),
        pytest.param([b"X: a\r\rY: b"], id="two CR"),
        pytest.param([b"X: a\r", b"Y: b"], id="CR before the break"),
        pytest.param([b"\nX: a"], id="a line that begins with LF"),
        pytest.param([b"X: \0"], id="NUL"),
        pytest.param([b"X: a", b" \0b"], id="NUL in a fold"),
        pytest.param([b"X: a", b" b\nY: c"], id="bare LF in a fold"),
    ],
)
def test_lines_that_are_no_fields_are_refused(lines: list[bytes]) -> None:
    """Each of them is read in another way by somebody."""
    with pytest.raises(AnswerError, match="header"):
        head(*lines)


def test_headers_beyond_all_measure_are_refused() -> None:
    """As many and as long as the contract says, not more."""
    assert len(head(*[b"X: y"] * HEADER_FIELDS_LIMIT).fields) == HEADER_FIELDS_LIMIT
    with pytest.raises(AnswerError, match="more than 128 fields"):
        head(*[b"X: y"] * (HEADER_FIELDS_LIMIT + 1))
    assert head(b"X: " + b"y" * (HEADER_LINE_LIMIT - 10)).status == 200
    with pytest.raises(AnswerError, match="a line of its header is longer"):
        head(b"X: " + b"y" * HEADER_LINE_LIMIT)
    with pytest.raises(AnswerError, match="its header is longer"):
        Answer("GET").feed(OK + b"\r\n" + b"X: y\r\n" * HEAD_LIMIT)


# --- how a body is framed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "length"),
    [(b"5", 5), (b"0", 0), (b"5, 5", 5), (b"5,5 ,5", 5), (b"007", 7), (b"5 ", 5)],
    ids=repr,
)
def test_lengths_are_read(value: bytes, length: int) -> None:
    """The same number several times over is one (RFC 9112, section 6.3)."""
    assert head(b"Content-Length: " + value).length == length


@pytest.mark.parametrize(
    "value", [b"", b"-1", b"+5", b"5, 6", b"5 6", b"0x5", b"5.0", b"1_0", b"5,", "٥".encode(), b"9" * 19], ids=repr
)
def test_other_lengths_are_refused(value: bytes) -> None:
    """A number that two readers read differently ends an answer in two places."""
    with pytest.raises(AnswerError, match=r"Content-Length|contradict"):
        head(b"Content-Length: " + value)


def test_lengths_of_two_lines_have_to_agree() -> None:
    """Whoever looks at the first line only sees another answer than who looks at the last."""
    assert head(b"Content-Length: 5", b"content-length: 5").length == 5
    with pytest.raises(AnswerError, match="contradict each other"):
        head(b"Content-Length: 5", b"content-length: 6")


@pytest.mark.parametrize(
    "value", [b"gzip", b"gzip, chunked", b"chunked, chunked", b"chunked;x=1", b"xchunked", b"identity", b"", b"\x0bchunked"], ids=repr
)  # fmt: skip
def test_transfer_codings_that_nobody_asked_for_are_refused(value: bytes) -> None:
    """There is one that we understand; a guess at another would end the answer somewhere."""
    with pytest.raises(AnswerError, match="Transfer-Encoding"):
        head(b"Transfer-Encoding: " + value)


def test_chunks_win_over_a_length_and_are_the_end_of_the_connection() -> None:
    """RFC 9112, section 6.3: it may be somebody who wants to be read in two ways."""
    found = head(b"Content-Length: 5", b"Transfer-Encoding: Chunked")
    assert (found.is_chunked, found.length, found.is_last) == (True, None, True)


@pytest.mark.parametrize(
    ("first", "lines", "is_last"),
    [
        pytest.param(OK, [], False, id="HTTP/1.1"),
        pytest.param(OK, [b"Connection: Close"], True, id="close"),
        pytest.param(OK, [b"Connection: x, close"], True, id="close among others"),
        pytest.param(OK, [b"Connection: x", b"Connection: close"], True, id="close in a second line"),
        pytest.param(OK, [b"Connection: closed"], False, id="a longer word"),
        pytest.param(b"HTTP/1.0 200 OK", [], True, id="HTTP/1.0"),
        pytest.param(b"HTTP/1.0 200 OK", [b"Connection: keep-alive"], False, id="HTTP/1.0, kept alive"),
        pytest.param(b"HTTP/1.0 200 OK", [b"Connection: keep-alive, close"], True, id="both"),
        pytest.param(
            b"HTTP/1.0 200 OK",
            [b"Connection: keep-alive", b"Transfer-Encoding: chunked"],
            True,
            id="chunks in HTTP/1.0",
        ),
    ],
)
def test_who_closes_the_connection(first: bytes, lines: list[bytes], is_last: bool) -> None:
    """RFC 9112, section 9.3."""
    assert head(*lines, first=first).is_last == is_last


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(b"timeout=5", 5), (b"timeout=5, max=100", 5), (b"max=100,Timeout = \"7\"", 7), (b"max=5", None), (b"xtimeout=5", None), (b"timeout=soon", None)],
    ids=repr,
)  # fmt: skip
def test_how_long_the_server_keeps_an_idle_connection(value: bytes, seconds: int | None) -> None:
    """A hint: what cannot be read is none."""
    assert head(b"Keep-Alive: " + value).idle_seconds == seconds


@pytest.mark.parametrize(
    ("method", "first", "lines"),
    [
        pytest.param("HEAD", OK, [b"Content-Length: 5"], id="HEAD"),
        pytest.param("HEAD", OK, [b"Transfer-Encoding: chunked"], id="HEAD, chunked"),
        pytest.param("GET", b"HTTP/1.1 204 No Content", [b"Content-Length: 5"], id="204"),
        pytest.param("GET", b"HTTP/1.1 304 Not Modified", [b"Content-Length: 5"], id="304"),
        pytest.param("CONNECT", OK, [b"Content-Length: 5"], id="CONNECT"),
    ],
)
def test_answers_without_a_body(method: str, first: bytes, lines: list[bytes]) -> None:
    """Whatever their header says (RFC 9112, section 6.3)."""
    body = begin(b"\r\n".join([first, *lines, b"", b""]), method)
    assert body.gather() == b""
    assert body.is_reusable


def test_what_nobody_asked_for_makes_a_connection_useless() -> None:
    """A second answer in one packet is how a poisoned connection begins."""
    body = begin(OK + b"\r\nContent-Length: 2\r\n\r\nok" + OK + b"\r\nContent-Length: 4\r\n\r\nevil")
    assert body.gather() == b"ok"
    assert not body.is_reusable
    late = begin(OK + b"\r\nContent-Length: 2\r\n\r\nok")
    late.feed(b"x")
    assert not late.is_reusable
    assert not begin(b"HTTP/1.1 204 No Content\r\n\r\nx").is_reusable
    assert not begin(chunked(b"0\r\n\r\nx")).is_reusable


def test_body_to_the_end_of_the_connection() -> None:
    """Without a length it ends there, and with it the connection."""
    body = begin(OK + b"\r\n\r\nfirst ")
    assert body.gather() is None
    body.feed(b"last")
    body.feed(b"")
    assert body.gather() == b"first last"


def test_switched_protocols_are_no_http_any_more() -> None:
    """101 is an answer, and the last thing on its connection that we understand."""
    body = begin(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")
    assert body.gather() == b""
    assert not body.is_reusable


# --- chunks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        pytest.param([b"3\r\nabc\r\n", b"2\r\nde\r\n", b"0\r\n\r\n"], b"abcde", id="two"),
        pytest.param([b"0\r\n\r\n"], b"", id="none"),
        pytest.param([b'A;x=y;z="1"\r\n0123456789\r\n', b"000\r\n\r\n"], b"0123456789", id="extensions"),
        pytest.param([b"3 \t \r\nabc\r\n", b"0  \r\n\r\n"], b"abc", id="padded sizes"),
        pytest.param([b"3\r\n\r\n\r\r\n", b"0\r\n\r\n"], b"\r\n\r", id="breaks inside"),
        pytest.param([b"1\r\na\r\n", b"0\r\nX: y\r\nZ: 1\r\n folded\r\n\r\n"], b"a", id="a trailer"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_chunks_are_joined(chunks: list[bytes], expected: bytes, size: int) -> None:
    """However the network cuts them."""
    data = b"".join(chunks)
    body = begin(chunked())
    for start in range(0, len(data), size):
        assert body.gather() is None
        body.feed(data[start : start + size])
    assert body.gather() == expected
    assert body.is_reusable


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param(b"g\r\n", id="no number"),
        pytest.param(b"-1\r\n", id="a sign"),
        pytest.param(b"0x5\r\n", id="a prefix"),
        pytest.param(b"1_0\r\n", id="an underscore"),
        pytest.param(b" 5\r\n", id="a space before"),
        pytest.param(b"\r\n", id="no size"),
        pytest.param(b";x\r\n", id="an extension alone"),
        pytest.param(b"1" * 17 + b"\r\n", id="a size of 17 digits"),
        pytest.param(b"3\nabc\r\n", id="bare LF behind the size"),
        pytest.param(b"3;x\ry\r\nabc\r\n", id="bare CR in an extension"),
        pytest.param(b"3\r\nabcd\r\n", id="longer than it says"),
        pytest.param(b"3\r\nab\r\n0\r\n\r\n", id="shorter than it says"),
        pytest.param(b"3\r\nabc\n", id="bare LF behind the data"),
        pytest.param(b"0\r\nno field\r\n\r\n", id="a trailer that is no field"),
        pytest.param(b"0\r\nX: a\n\r\n", id="bare LF in the trailer"),
        pytest.param(b"5;" + b"x" * 5000, id="an endless extension"),
        pytest.param(b"0\r\n" + b"X: y\r\n" * 50_000, id="an endless trailer"),
    ],
)
@pytest.mark.parametrize("size", [1, 100_000])
def test_chunks_that_can_be_read_in_two_ways_are_refused(chunks: bytes, size: int) -> None:
    """RFC 9112, section 7.1, to the letter."""
    body = begin(chunked())
    with pytest.raises(AnswerError):  # noqa: PT012  # the piece in which it is noticed depends on the size
        for start in range(0, len(chunks), size):
            body.feed(chunks[start : start + size])


@pytest.mark.parametrize("cut", range(len(b"3\r\nabc\r\n0\r\n\r\n")))
def test_chunks_that_end_too_soon_are_cut(cut: int) -> None:
    """Every byte up to the last one counts."""
    body = begin(chunked(b"3\r\nabc\r\n0\r\n\r\n"[:cut]))
    with pytest.raises(CutError):
        body.feed(b"")


# --- pieces ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "beginning",
    [b"SSH-2.0-OpenSSH", b"\x15\x03\x01", b"X", b"HTTP/2 ", b"HTTP/1.1 200 OK\nX: y", b"HTTP/1.1 200 OK\rX"],
    ids=repr,
)
def test_what_can_never_become_an_answer_is_told_at_once(beginning: bytes) -> None:
    """A server that speaks something else, and waits, would keep us waiting for the end of its header."""
    with pytest.raises(AnswerError):
        Answer("GET").feed(beginning)


@pytest.mark.parametrize(
    "beginning", [b"H", b"HTTP/1.", b"HTTP/1.1 200 OK\r", b"HTTP/1.1 200 OK\r\nX: y\r\n\r"], ids=repr
)
def test_what_may_become_an_answer_is_waited_for(beginning: bytes) -> None:
    """And is cut if nothing follows."""
    answer = Answer("GET")
    assert answer.feed(beginning) is None
    with pytest.raises(CutError, match="inside its header"):
        answer.feed(b"")


def test_header_that_drips_in_is_not_read_over_and_over() -> None:
    """A quarter of a megabyte in single bytes: a second of work at most, where a reader from the start takes a minute."""
    answer, begin = Answer("GET"), time.process_time()
    for byte in OK + b"\r\n" + (b"X: " + b"y" * 60_000 + b"\r\n") * 4:
        assert answer.feed(bytes([byte])) is None
    body = answer.feed(b"\r\n")
    assert body is not None
    assert len(body.head.fields) == 4
    assert time.process_time() - begin < 10.0


def test_interim_answers_have_an_end() -> None:
    """Without a deadline they would keep a call for ever."""
    with pytest.raises(AnswerError, match="more than 100 interim"):
        Answer("GET").feed(b"HTTP/1.1 102 Processing\r\n\r\n" * 101)


@pytest.mark.parametrize(
    ("received", "refused"),
    [
        (b"", False), (b"HTTP/1.1 ", False), (b"HTTP/1.1 413", True), (b"HTTP/1.1 503 Busy\r\n", True), (b"HTTP/1.1 200 OK", False),
        (b"HTTP/1.1 100 Continue\r\n\r\n", False), (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 No", True), (b"HTTP/1.1 307 Go", False),
    ],
    ids=repr,
)  # fmt: skip
def test_refusals_end_an_upload(received: bytes, refused: bool) -> None:
    """An error that comes while a body is being sent says that nobody wants the rest."""
    assert is_refusal(received) == refused


# --- compressed bodies -----------------------------------------------------------------------------------------------


def test_nothing_is_fine_in_any_coding() -> None:
    """Servers name a coding above empty bodies as well."""
    body = begin(OK + b"\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n")
    assert body.gather() == b""


@pytest.mark.parametrize("coding", [b"compress", b"gzip, gzip", b"identity", b"none"])
def test_codings_that_we_cannot_undo_are_left_to_the_caller(coding: bytes) -> None:
    """We asked for others; the header still tells what it is."""
    body = begin(OK + b"\r\nContent-Encoding: " + coding + b"\r\nContent-Length: 3\r\n\r\nabc")
    assert body.gather() == b"abc"


def test_compressed_bodies_give_no_more_than_asked_for() -> None:
    """A hundred megabytes of zeros are a hundred kilobytes on the wire."""
    packed = gzip.compress(b"\0" * 10_000_000)
    body = begin(OK + b"\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)
    sizes = []
    while piece := body.read(65536):
        sizes.append(len(piece))
    assert (sum(sizes), max(sizes)) == (10_000_000, 65536)


# --- heads of requests -----------------------------------------------------------------------------------------------


def test_a_head_is_written_as_it_is_meant() -> None:
    """In the order and the case that was given, percent signs included, as UTF-8."""
    written = head_of("GET", "/a%20b", {"Host": "x", "X-%s": "100%", "Name": "Zoë", "Tab": "a\tb"})
    assert written == "GET /a%20b HTTP/1.1\r\nHost: x\r\nX-%s: 100%\r\nName: Zoë\r\nTab: a\tb\r\n\r\n".encode()


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "a\x0bb", "\x7f", "\udc80"], ids=repr)
def test_a_value_cannot_begin_a_line_of_its_own(value: str) -> None:
    """Not even one that came in with an answer and was handed on: `Headers.received` refuses nothing."""
    headers = Headers.received([("X-Good", "1"), ("X-Bad", value)])
    if "\n" in value:  # it unfolds these
        assert "\n" not in headers["X-Bad"]
        return
    with pytest.raises(UsageError, match="control character") as caught:
        head_of("GET", "/", headers.as_dict())
    assert value not in str(caught.value)


@pytest.mark.parametrize("name", ["X: 1\r\nY", "X Y", "", "X:", "Ä", "X\n", "(x)"], ids=repr)
def test_a_name_cannot_either(name: str) -> None:
    """It is a token, or the request is not sent."""
    with pytest.raises(UsageError, match="no name of a header field"):
        head_of("GET", "/", {name: "1"})
