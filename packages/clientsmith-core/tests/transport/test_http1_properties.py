"""Properties of the codec: how an answer is cut does not matter, and nobody else reads it in another way."""

from __future__ import annotations

import gzip
import zlib

from clientsmith.core.transport.stdlib.http1 import chunk
from hypothesis import example, given, settings
from hypothesis import strategies as st

from .http1_reading import cut, read_by_h11, read_by_us

TOKEN = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FRAMING = {"content-length", "transfer-encoding", "connection", "content-encoding", "keep-alive"}

names = st.text(TOKEN, min_size=1, max_size=12).filter(lambda name: name.lower() not in FRAMING).map(str.encode)
values = (
    st.binary(max_size=30)
    .map(lambda raw: bytes(byte for byte in raw if byte == 9 or (byte >= 32 and byte != 127)).strip(b" \t"))
)  # fmt: skip
plain_fields = st.lists(st.tuples(names, values), max_size=6)
reasons = st.sampled_from([b"OK", b"", b"Not Found", b"I'm a teapot"])
bodies = st.one_of(st.binary(max_size=200), st.binary(min_size=1, max_size=8).map(lambda unit: unit * 3000))
places = st.lists(st.integers(0, 100_000), max_size=12)
sizes = st.lists(st.integers(1, 5000), max_size=5)


@st.composite
def answers(draw: st.DrawFn) -> tuple[bytes, int, bytes]:
    """Return an answer as a server may send it, its status, and its body as it was meant."""
    status = draw(st.integers(200, 599).filter(lambda number: number not in (204, 304)))
    fields = list(draw(plain_fields))
    content = draw(bodies)
    coding = draw(st.sampled_from([None, b"gzip", b"deflate", b"raw"]))
    sent = {
        None: lambda: content,
        b"gzip": lambda: gzip.compress(content, mtime=0),
        b"deflate": lambda: zlib.compress(content),
        b"raw": lambda: zlib.compress(content, wbits=-15),
    }[coding]()
    if coding is not None:
        fields.append((b"Content-Encoding", b"deflate" if coding == b"raw" else coding))
    framing = draw(st.sampled_from(["length", "chunks", "end"]))
    if framing == "length":
        fields.append((b"content-length", b"%d" % len(sent)))
    elif framing == "chunks":
        fields.append((b"Transfer-Encoding", b"chunked"))
        sent = b"".join(chunk(piece) for piece in cut(sent, draw(places)) if piece) + chunk(b"")
    lines = [
        b"%s:%s" % (name, draw(st.sampled_from([b" ", b"", b"\t "])) + value)
        for name, value in draw(st.permutations(fields))
    ]
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * draw(st.integers(0, 2))
    first = b"HTTP/1.1 %d %s" % (status, draw(reasons))
    return interim + b"\r\n".join([first, *lines, b"", b""]) + sent, status, content


@given(answer=answers(), places=places, sizes=sizes)
@settings(max_examples=200, deadline=None)
def test_an_answer_is_read_the_same_however_it_is_cut(
    answer: tuple[bytes, int, bytes], places: list[int], sizes: list[int]
) -> None:
    """By the network, or by who reads the stream."""
    data, status, content = answer
    whole = read_by_us([data])
    assert (whole.problem, whole.status, whole.content) == ("", status, content)
    assert read_by_us(cut(data, places)) == whole
    assert read_by_us(cut(data, places), sizes=sizes) == whole


@given(answer=answers(), cut_at=st.integers(0, 100_000))
@settings(max_examples=150, deadline=None)
def test_half_an_answer_is_none(answer: tuple[bytes, int, bytes], cut_at: int) -> None:
    """Unless it goes to the end of the connection, wherever that is."""
    data, _, _ = answer
    part = read_by_us([data[: cut_at % len(data)]] if cut_at % len(data) else [])
    is_framed = b"content-length" in data or b"chunked" in data
    assert part.problem or not is_framed


@given(answer=answers())
@settings(max_examples=150, deadline=None)
def test_h11_reads_an_answer_as_we_do(answer: tuple[bytes, int, bytes]) -> None:
    """What is well-formed means one thing."""
    data, _, _ = answer
    ours, theirs = read_by_us([data]), read_by_h11(data)
    assert not theirs.problem
    assert (theirs.status, theirs.fields) == (ours.status, ours.fields)


# What makes an answer, and what makes it ambiguous.
crumbs = st.sampled_from(
    [
        b"HTTP/1.1 200 OK", b"HTTP/1.0 200 OK", b"HTTP/1.1 204 No Content", b"HTTP/1.1 100 Continue", b"\r\n", b"\r\n\r\n", b"\n",
        b"\r", b"\0", b" ", b"\t", b":", b",", b";", b"Content-Length: 3", b"Content-Length: 0", b"Content-Length: 3, 3",
        b"Content-Length: +3", b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Connection: close",
        b"X: y", b" folded", b"3\r\nabc\r\n", b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"abc", b"3;x=y\r\nabc\r\n", b"-3", b"g",
    ]
)  # fmt: skip
soups = st.one_of(
    st.lists(crumbs, max_size=14).map(b"".join),
    st.lists(crumbs, max_size=12).map(lambda found: b"HTTP/1.1 200 OK\r\n" + b"\r\n".join(found)),
    st.lists(crumbs, max_size=8).map(lambda found: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(found)),
    st.binary(max_size=80),
)  # fmt: skip


@given(data=soups, places=places, method=st.sampled_from(["GET", "HEAD"]))
@settings(max_examples=600, deadline=None)
@example(
    data=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nsurplus", places=[], method="GET"
)
@example(data=b"HTTP/1.1 200 OK\r\n folded\r\n\r\n", places=[], method="GET")
def test_rubbish_is_an_answer_or_one_of_our_errors(data: bytes, places: list[int], method: str) -> None:
    """And where h11 makes an answer of it as well, it is the same one: two readings are how requests are smuggled."""
    whole = read_by_us([data] if data else [], method)
    assert read_by_us(cut(data, places) if data else [], method).content == whole.content
    if not whole.problem:
        theirs = read_by_h11(data, method)
        if not theirs.problem:
            assert theirs.without_framing() == whole.without_framing()
