"""Bytes in any split give the same events and lines."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import pytest
from clientsmith.core.streaming import EventDecoder, LineDecoder, ServerSentEvent
from clientsmith.core.streaming.decoders import TooLongError, is_cut_off
from hypothesis import given
from hypothesis import strategies as st

LONG = b"x" * 2000


def events_of(*chunks: bytes) -> list[ServerSentEvent]:
    decoder = EventDecoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


def message(data: str, event: str = "message", id: str = "") -> ServerSentEvent:
    return ServerSentEvent(data, event, id)


# The rows up to "utf-8" follow the web platform tests (eventsource/format-*), the rest the text of the standard.
STREAMS = [
    pytest.param(b"\xef\xbb\xbfdata:1\n\n\xef\xbb\xbfdata:2\n\ndata:3\n\n", ["1", "3"], id="bom"),
    pytest.param(b"\xef\xbb\xbf\xef\xbb\xbfdata:1\n\ndata:2\n\n", ["2"], id="only one bom"),
    pytest.param(
        b"data:1\r:\0\n:\r\ndata:2\n:" + LONG + b"\rdata:3\n:data:fail\r:" + LONG + b"\ndata:4\n\n",
        ["1\n2\n3\n4"],
        id="comments",
    ),
    pytest.param(b"retry:1000\ndata:test1\n\nid:test\ndata:test2", ["test1"], id="data before the final empty line"),
    pytest.param(b"data:\n\ndata\ndata\n\ndata:test\n\n", ["", "\n", "test"], id="field data"),
    pytest.param(b"data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacommentyay\ndata:test\n\n", ["test\n\ntest"], id="unknown fields"),
    pytest.param(b"data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n", ["\0\n 2\n1\n3\n\n4"], id="field parsing"),
    pytest.param(b"data:\ttest\rdata: \ndata:test\n\n", ["\ttest\n\ntest"], id="leading space"),
    pytest.param(b"data:test\r\ndata\ndata:test\r\n\r", ["test\n\ntest"], id="newlines"),
    pytest.param(b"data:\0\n\n\n\n", ["\0"], id="null character"),
    pytest.param("data:ok…\n\n".encode(), ["ok…"], id="utf-8"),
    pytest.param(b"data:\xff\xe2\x80\n\n", ["\ufffd\ufffd"], id="bytes that are no utf-8"),
    pytest.param("data:a\u2028b\x0bc\x85d\x1ce\n\n".encode(), ["a\u2028b\x0bc\x85d\x1ce"], id="other line ends are text"),
    pytest.param(b"\n\r\n\r\n:x\n\n", [], id="nothing"),
    pytest.param(b"", [], id="empty"),
    pytest.param(b"data:1\r\rdata:2\r\n\r\ndata:3\n\n", ["1", "2", "3"], id="each ending"),
]  # fmt: skip


@pytest.mark.parametrize("split", [1, 2, 3, 7, 10_000], ids=lambda n: f"{n} bytes at a time")
@pytest.mark.parametrize(("stream", "expected"), STREAMS)
def test_a_stream_means_what_the_standard_says(stream: bytes, expected: list[str], split: int) -> None:
    """However it was split on its way."""
    chunks = [stream[start : start + split] for start in range(0, len(stream), split)]
    assert [event.data for event in events_of(*chunks)] == expected


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        pytest.param(b"event:test\ndata:x\n\ndata:y\n\n", [message("x", "test"), message("y")], id="a name is for one event"),
        pytest.param(b"event: \ndata:data\n\n", [message("data")], id="an empty name is none"),
        pytest.param(b"event:lost\n\ndata:x\n\n", [message("x")], id="an event without data is none, and its name is gone"),
        pytest.param(b"id:1\ndata:x\n\ndata:y\n\n", [message("x", id="1"), message("y", id="1")], id="an id stays"),
        pytest.param(b"id:1\n\ndata:y\n\n", [message("y", id="1")], id="an id without data counts"),
        pytest.param(b"id:1\ndata:x\n\nid\ndata:y\n\n", [message("x", id="1"), message("y")], id="an empty id resets"),
        pytest.param(b"id:1\ndata:x\n\nid:a\0b\ndata:y\n\n", [message("x", id="1"), message("y", id="1")], id="an id with NUL is none"),
        pytest.param("event:…\nid:…\ndata:…\n\n".encode(), [message("…", "…", "…")], id="all of it is utf-8"),
    ],
)  # fmt: skip
def test_names_and_ids(stream: bytes, expected: list[ServerSentEvent]) -> None:
    assert events_of(stream) == expected


def test_an_id_counts_once_its_event_is_complete() -> None:
    """What broke off has not been seen, and has to come again."""
    decoder = EventDecoder("0")
    assert decoder.last_event_id == "0"
    decoder.feed(b"id:1\ndata:x\n\nid:2\ndata:half")
    assert decoder.last_event_id == "1"
    assert decoder.again().last_event_id == "1"


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        pytest.param(b"retry:3000", 3.0, id="milliseconds"),
        pytest.param(b"retry: 0", 0.0, id="at once"),
        pytest.param(b"retry:1000x", None, id="no number"),
        pytest.param(b"retry:-1", None, id="a sign"),
        pytest.param(b"retry:1.5", None, id="a fraction"),
        pytest.param(b"retry", None, id="empty"),
        pytest.param("retry:٣".encode(), None, id="digits of other scripts"),
        pytest.param(b"retry:" + b"9" * 5000, float("inf"), id="more than a number holds"),
    ],
)
def test_the_service_says_when_to_come_back(line: bytes, seconds: float | None) -> None:
    """Digits and nothing else; the next body's decoder knows it too."""
    decoder = EventDecoder()
    decoder.feed(line + b"\n")
    assert decoder.retry == decoder.again().retry == seconds


def test_a_lone_carriage_return_ends_an_event_at_once() -> None:
    """Nobody waits for a line feed that may never come; if it comes, it belongs to the line before."""
    decoder = EventDecoder()
    assert [event.data for event in decoder.feed(b"data:1\r\r")] == ["1"]
    assert decoder.feed(b"") == []
    assert [event.data for event in decoder.feed(b"\ndata:2\r\n\r")] == ["2"]


def test_an_event_without_end_does_not_fill_the_memory() -> None:
    """The limit counts what has to be kept; complete events may be as many as they like."""
    decoder = EventDecoder(limit=100)
    assert len(decoder.feed(b"data:x\n\n" * 1000)) == 1000
    decoder.feed(b"data:" + b"x" * 60 + b"\n")
    with pytest.raises(TooLongError, match=r"longer than 100 bytes, and has not ended yet"):
        decoder.feed(b"data:" + b"x" * 60)


def test_data_is_parsed_on_demand() -> None:
    event = ServerSentEvent('{"a": 1}')
    assert event.json() == {"a": 1}
    with pytest.raises(ValueError, match=r"."):
        ServerSentEvent("{").json()


# --- any stream in any split -----------------------------------------------------------------------------------------

pieces = st.sampled_from(
    [b"data", b":", b" ", b"\n", b"\r", b"\r\n", b"event", b"id", b"retry", b"\0", b"1", b"x", "é€😀".encode(), b"\xff",
     b"\xef\xbb\xbf", b"data:", b"\n\n", b"id:7\n", "\u2028".encode()]
)  # fmt: skip
streams = st.lists(pieces, max_size=60).map(b"".join)


@st.composite
def split_streams(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    stream = draw(streams)
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    return stream, [stream[start:end] for start, end in pairwise([0, *cuts, len(stream)])]


def by_the_letter(stream: bytes) -> list[ServerSentEvent]:
    """The standard's steps, one after the other, on the whole text."""
    text = stream.decode("utf-8", "replace").removeprefix("\ufeff")
    events: list[ServerSentEvent] = []
    data, name, id_buffer = "", "", ""
    for line in re.findall(r"([^\r\n]*)(?:\r\n|\r|\n)", text):
        if line == "":
            if data:
                events.append(ServerSentEvent(data.removesuffix("\n"), name or "message", id_buffer))
            data, name = "", ""
            continue
        if line.startswith(":"):
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data += value + "\n"
        elif field == "event":
            name = value
        elif field == "id" and "\0" not in value:
            id_buffer = value
    return events


@given(split_streams())
def test_any_split_of_any_stream_gives_what_the_letter_says(case: tuple[bytes, list[bytes]]) -> None:
    """The decoder works on lines of bytes in pieces, the letter on one text."""
    stream, chunks = case
    assert events_of(*chunks) == by_the_letter(stream)


@pytest.fixture(scope="module")
def httpx_sse() -> Any:
    """An implementation by somebody else, where it is installed."""
    return pytest.importorskip("httpx_sse._decoders")


@given(case=split_streams())
def test_any_stream_reads_as_in_an_implementation_by_somebody_else(
    case: tuple[bytes, list[bytes]], httpx_sse: Any
) -> None:
    """httpx-sse, where it follows the standard: it knows no byte order mark, and has events without data."""
    stream, chunks = case
    stream = stream.replace(b"\xef\xbb\xbf", b"")
    lines, decoder = httpx_sse.SSELineDecoder(), httpx_sse.SSEDecoder()
    text = stream.decode("utf-8", "replace")
    found = [decoder.decode(line) for line in [*(lines.decode(text) if text else []), *lines.flush()]]
    theirs = [message(event.data, event.event or "message", event.id) for event in found if event and event.data]
    chunks = [chunk for chunk in (stream[:7], stream[7:]) if chunk]
    assert [event for event in events_of(*chunks) if event.data] == theirs


@given(
    st.lists(
        st.tuples(
            st.text().filter(lambda t: not set(t) & set("\r\n\0")),
            st.text(alphabet=st.characters(exclude_characters="\r", exclude_categories=["Cs"])),
        )
    ),
    st.integers(1, 9),
)
def test_what_a_service_writes_is_what_is_read(written: list[tuple[str, str]], split: int) -> None:
    """Round trip: any id without line ends, any data without CR."""
    written = [(id.encode("utf-8", "replace").decode(), data) for id, data in written]
    wire = "".join(
        f"id: {id}\n" + "".join(f"data: {line}\n" for line in data.split("\n")) + "\n" for id, data in written
    ).encode()
    found = events_of(*[wire[n : n + split] for n in range(0, len(wire), split)])
    assert [(event.id, event.data) for event in found] == written


# --- lines -----------------------------------------------------------------------------------------------------------


def lines_of(*chunks: bytes, sequence: bool = False) -> list[tuple[int, bytes]]:
    decoder = LineDecoder(sequence=sequence)
    return [*(item for chunk in chunks for item in decoder.feed(chunk)), *decoder.finish()]


@pytest.mark.parametrize("split", [1, 2, 5, 1000], ids=lambda n: f"{n} bytes at a time")
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b'{"a":1}\n[2]\n', [(1, {"a": 1}), (2, [2])], id="lines"),
        pytest.param(b"1\r\n2\r\n", [(1, 1), (2, 2)], id="CR LF"),
        pytest.param(b"1\n2", [(1, 1), (2, 2)], id="the last one has no end"),
        pytest.param(b"\n1\n\n \t\r\n2\n\n", [(2, 1), (5, 2)], id="empty lines count, and say nothing"),
        pytest.param(b"\xef\xbb\xbf1\n2\n", [(1, 1), (2, 2)], id="a byte order mark"),
        pytest.param(b"\xef\xbb\xbf1", [(1, 1)], id="a byte order mark and no end"),
        pytest.param('"a\u2028b"\n"\u0085"\n'.encode(), [(1, "a\u2028b"), (2, "\u0085")], id="other line ends are text"),
        pytest.param(b"", [], id="empty"),
    ],
)  # fmt: skip
def test_lines_of_json(body: bytes, expected: list[tuple[int, object]], split: int) -> None:
    """Each with its number, as an editor counts."""
    chunks = [body[start : start + split] for start in range(0, len(body), split)]
    assert [(position, json.loads(text)) for position, text in lines_of(*chunks)] == expected


@pytest.mark.parametrize("split", [1, 3, 1000], ids=lambda n: f"{n} bytes at a time")
def test_a_text_sequence_may_have_line_ends_inside(split: int) -> None:
    """RFC 7464: a text lasts from one record separator to the next; several in a row are one."""
    body = b'\x1e{"a":\n1}\n\x1e\x1e[\n2\n]\n\x1e3\n'
    chunks = [body[start : start + split] for start in range(0, len(body), split)]
    assert [(n, json.loads(text)) for n, text in lines_of(*chunks, sequence=True)] == [(1, {"a": 1}), (2, [2]), (3, 3)]


@pytest.mark.parametrize(
    ("text", "answer"),
    [(b"12", True), (b"12\n", False), (b"tru", True), (b" 1", True), (b'{"a":1}', False), (b"[1]", False), (b'"x"', False)],
    ids=str,
)  # fmt: skip
def test_a_number_at_the_end_of_a_sequence_may_be_half_of_one(text: bytes, answer: bool) -> None:
    """RFC 7464, section 2.4; brackets and quotes tell by themselves whether something is missing."""
    assert is_cut_off(text) is answer


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    decoder = LineDecoder(limit=100)
    assert len(decoder.feed(b"1\n" * 1000)) == 1000
    with pytest.raises(TooLongError, match="longer than 100 bytes"):
        decoder.feed(b"1" * 101)


@given(
    st.lists(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)),
    st.integers(1, 20),
    st.booleans(),
)
def test_any_values_in_any_split_come_back(values: list[object], split: int, sequence: bool) -> None:
    """Written as JSON lines, or as a text sequence."""
    body = b"".join((b"\x1e" if sequence else b"") + json.dumps(value).encode() + b"\n" for value in values)
    chunks = [body[start : start + split] for start in range(0, len(body), split)]
    assert [json.loads(text) for _, text in lines_of(*chunks, sequence=sequence)] == values
