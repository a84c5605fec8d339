"""Multipart bodies: sent as they are read, and understood by parsers that are not ours."""

from __future__ import annotations

import datetime
import io
from collections.abc import AsyncIterator, Iterator
from email import message_from_bytes
from email.policy import HTTP
from pathlib import Path
from typing import Any

import multipart as peer
import pytest
from clientsmith.core.models import UNSET, Model, field
from clientsmith.core.multipart import AsyncMultipart, Multipart, Part, multipart
from clientsmith.core.operations import Encoding, Operation, multipart_body
from clientsmith.core.rest import HttpRequest
from hypothesis import given
from hypothesis import strategies as st


class Note(Model):
    text: str = field("noteText")
    id: int | None = field("id", default=UNSET, read_only=True)


Received = tuple[str, str | None, str | None, bytes]  # name, file name, media type, content


def received(body: bytes, media_type: str) -> list[Received]:
    """What the `multipart` package, which web frameworks use, finds in a body."""
    boundary = peer.parse_options_header(media_type)[1]["boundary"]
    parts = peer.MultipartParser(io.BytesIO(body), boundary, strict=True)
    return [(part.name, part.filename, part.headers.get("Content-Type"), part.raw) for part in parts]


def sent(fields: dict[str, Any]) -> list[Received]:
    content, media_type = multipart(fields)
    return received(whole(content), media_type)


def whole(content: Any) -> bytes:
    return content if isinstance(content, bytes) else b"".join(content)


def a_file(content: bytes, name: object = None) -> io.BytesIO:
    file = io.BytesIO(content)
    if name is not None:
        file.name = name  # type: ignore[attr-defined]
    return file


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        pytest.param("hi", [("f", None, None, b"hi")], id="text"),
        pytest.param("grüß", [("f", None, None, "grüß".encode())], id="text in UTF-8"),
        pytest.param("", [("f", None, None, b"")], id="empty text"),
        pytest.param(5, [("f", None, None, b"5")], id="number"),
        pytest.param(True, [("f", None, None, b"true")], id="boolean, as in JSON"),
        pytest.param(datetime.date(2026, 1, 2), [("f", None, None, b"2026-01-02")], id="date"),
        pytest.param(None, [], id="None is left out"),
        pytest.param(b"\x00", [("f", "f", "application/octet-stream", b"\x00")], id="bytes are a file"),
        pytest.param(memoryview(b"ab"), [("f", "f", "application/octet-stream", b"ab")], id="memoryview"),
        pytest.param({"a": [1]}, [("f", None, "application/json", b'{"a":[1]}')], id="dict is JSON"),
        pytest.param(Note(text="n"), [("f", None, "application/json", b'{"noteText":"n"}')], id="model is JSON"),
        pytest.param(["a", None, 1], [("f", None, None, b"a"), ("f", None, None, b"1")], id="list: several parts"),
        pytest.param([b"1", b"2"], [("f", "f", "application/octet-stream", n) for n in (b"1", b"2")], id="files"),
        pytest.param(a_file(b"x"), [("f", None, "application/octet-stream", b"x")], id="file without a name"),
        pytest.param(a_file(b"x", 3), [("f", None, "application/octet-stream", b"x")], id="file descriptor"),
        pytest.param(a_file(b"x", "/home/me/cat.png"), [("f", "cat.png", "image/png", b"x")], id="basename, guessed"),
        pytest.param(a_file(b"x", r"C:\me\a.pdf"), [("f", "a.pdf", "application/pdf", b"x")], id="Windows path"),
        pytest.param(a_file(b"x", "a.tar.gz"), [("f", "a.tar.gz", "application/octet-stream", b"x")], id="compressed"),
        pytest.param(("a.txt", "hi"), [("f", "a.txt", "text/plain", b"hi")], id="tuple"),
        pytest.param(("a", "hi", "text/csv"), [("f", "a", "text/csv", b"hi")], id="tuple with media type"),
        pytest.param(("grüß.txt", b"1"), [("f", "grüß.txt", "text/plain", b"1")], id="file name in UTF-8"),
        pytest.param(iter([b"a", b"b"]), [("f", None, None, b"ab")], id="iterator"),
        pytest.param(Part(a_file(b"x"), "x.json"), [("f", "x.json", "application/json", b"x")], id="named file"),
    ],
)
def test_a_value_becomes_the_part_that_one_expects(value: Any, parts: list[Received]) -> None:
    """RFC 7578; names and media types as a browser would send them."""
    assert sent({"f": value}) == parts


def test_a_path_is_read_when_it_is_sent(tmp_path: Path) -> None:
    """And closed again, however often it is sent."""
    path = tmp_path / "cat.png"
    path.write_bytes(b"meow")
    content, media_type = multipart({"f": path})
    assert isinstance(content, Multipart)
    for _ in range(2):
        assert received(whole(content), media_type) == [("f", "cat.png", "image/png", b"meow")]


def test_a_file_is_not_read_before_it_is_sent_nor_held_whole() -> None:
    """Blocks of 64 KiB."""
    sizes: list[int] = []

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            sizes.append(size or 0)
            return super().read(size)

    content, _ = multipart({"f": Watched(bytes(200_000))})
    assert sizes == []
    assert sum(map(len, content)) == content.length  # type: ignore[union-attr, arg-type, misc]
    assert set(sizes) == {64 * 1024}


def chunks() -> Iterator[bytes]:
    yield b"a"


async def chunks_of_async() -> AsyncIterator[bytes]:
    yield b"a"
    yield b"b"


class Pipe(io.RawIOBase):
    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        return 0


@pytest.mark.parametrize(
    ("value", "knows", "again"),
    [
        pytest.param("text", True, True, id="text"),
        pytest.param(b"bytes", True, True, id="bytes"),
        pytest.param(a_file(b"file"), True, True, id="file that can be rewound"),
        pytest.param(Pipe(), False, False, id="pipe"),
        pytest.param(chunks(), False, False, id="iterator"),
        pytest.param(chunks_of_async(), False, False, id="async iterator"),
    ],
)
def test_a_body_knows_its_length_and_whether_it_can_be_sent_again(value: Any, knows: bool, again: bool) -> None:
    """So that it travels with Content-Length and survives a retry."""
    # A file beside it, as a body of plain values is bytes.
    content, media_type = multipart({"v": value, "beside": a_file(b"x")})
    request = HttpRequest("POST", "/x", content=content, headers={"Content-Type": media_type})
    assert request.is_replayable is again
    assert ("Content-Length" in request.headers) is knows
    if knows:
        first = whole(content)
        assert len(first) == int(request.headers["Content-Length"])
        assert whole(content) == first, "the same again"


def test_a_file_is_sent_from_where_it_was() -> None:
    """What the caller has read already is not part of it."""
    file = a_file(b"header,body")
    file.seek(7)
    content, media_type = multipart({"f": file})
    assert [received(whole(content), media_type)[0][3] for _ in range(2)] == [b"body", b"body"]


def test_small_bodies_are_bytes_and_large_ones_are_not_copied() -> None:
    assert isinstance(multipart({"f": b"x"})[0], bytes)
    assert isinstance(multipart({"f": bytes(2_000_000)})[0], Multipart)


async def test_async_parts_are_for_async_clients() -> None:
    """Beside others, which are read as they always are."""
    content, media_type = multipart({"a": chunks_of_async(), "b": a_file(b"x"), "c": chunks(), "d": 1})
    assert isinstance(content, AsyncMultipart)
    body = b"".join([block async for block in content])
    assert [part[3] for part in received(body, media_type)] == [b"ab", b"x", b"a", b"1"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param(io.StringIO("x"), "part 'f': the file is open as text, .* mode 'rb'", id="text file"),
        pytest.param(object(), "part 'f': object has no form in JSON", id="object"),
    ],
)
def test_what_can_be_no_part_is_refused_by_name(value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        multipart({"f": value})


@pytest.mark.parametrize("header", [{"X": "a\r\nY: b"}, {"X\r\nY": "b"}, {"": "b"}], ids=["value", "name", "empty"])
def test_headers_of_a_part_cannot_be_broken_out_of(header: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        multipart({"f": Part("x", headers=header)})


def test_a_name_that_receivers_read_in_two_ways_is_refused() -> None:
    with pytest.raises(ValueError, match="has a backslash, which receivers read in two ways"):
        multipart({"a\\": "x"})


def test_a_part_may_have_headers_of_its_own() -> None:
    content, media_type = multipart({"f": Part("x", headers={"Content-Language": "de"})})
    parts = peer.MultipartParser(io.BytesIO(whole(content)), media_type.partition("boundary=")[2])
    assert next(iter(parts)).headers["Content-Language"] == "de"


FILES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1) | st.sampled_from(
    ['a"b', "a\r\nX: 1", "a;b=c", "\\", "a\\", "a/", "--", "ü"]
)
NAMES = FILES.map(lambda name: name.replace("\\", "_"))
CONTENTS = st.binary(max_size=50) | st.sampled_from([b"\r\n--", b"--boundary--\r\n", b"\r\n\r\n", b""])


@given(st.lists(st.tuples(NAMES, FILES, CONTENTS), max_size=4), st.booleans())
def test_any_names_and_contents_arrive_as_they_were(rows: list[tuple[str, str, bytes]], is_streamed: bool) -> None:
    """By the parser of the `multipart` package and by that of `email`; nothing breaks out of its place."""
    fields: dict[str, list[Part]] = {}
    for name, filename, content in rows:
        fields.setdefault(name, []).append(Part(io.BytesIO(content) if is_streamed else content, filename))
    content, media_type = multipart(fields)
    body = whole(content)
    expected = [(name, part) for name, parts in fields.items() for part in parts]
    found = received(body, media_type) if expected else []
    assert len(found) == len(expected)
    for (name, part), (found_name, found_file, _, found_content) in zip(expected, found, strict=True):
        data = part.content.getvalue() if is_streamed else part.content
        last = (part.filename or "").replace("\\", "/").rpartition("/")[2]
        assert (escaped(found_name), escaped(found_file or ""), found_content) == (escaped(name), escaped(last), data)
    message = message_from_bytes(f"Content-Type: {media_type}\r\n\r\n".encode() + body, policy=HTTP)
    if expected:
        assert [part.get_payload(decode=True) for part in message.iter_parts()] == [row[3] for row in found]  # type: ignore[attr-defined]


def escaped(text: str) -> str:
    """The three characters that RFC 7578 has escaped; some parsers undo it."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def body_of(kind: Any, value: Any) -> HttpRequest:
    return Operation("POST", "/x", body=kind, responses={200: None}).request({}, value)


def test_the_encoding_of_a_document_decides_unless_the_caller_does() -> None:
    """OpenAPI's encoding object: media type and headers of a part."""
    kind = multipart_body(
        {
            "meta": Encoding(media_type="application/json"),
            "file": Encoding(media_type="image/png", headers={"X-Kind": "photo"}),
            "files": Encoding(media_type="text/csv"),
        }
    )
    request = body_of(kind, {"meta": ["a", 1], "file": b"1", "files": [b"2", ("x", b"3", "text/plain")], "none": None})
    assert isinstance(request.content, bytes)
    assert b"X-Kind: photo" in request.content
    assert [
        (name, kind, data) for name, _, kind, data in received(request.content, request.headers["Content-Type"])
    ] == [
        ("meta", "application/json", b'["a",1]'),
        ("file", "image/png", b"1"),
        ("files", "text/csv", b"2"),
        ("files", "text/plain", b"3"),
    ]


def test_a_model_may_be_the_whole_body() -> None:
    """Its fields are the parts, without those that are read-only."""
    request = body_of(multipart_body(), Note.from_dict({"noteText": "hi", "id": 1, "file": b"x"}))
    assert isinstance(request.content, bytes)
    parts = received(request.content, request.headers["Content-Type"])
    assert [(part[0], part[3]) for part in parts] == [("noteText", b"hi"), ("file", b"x")]


def test_boundaries_are_never_the_same() -> None:
    """128 random bits, which no content can have foreseen."""
    marks = {multipart({"f": "x"})[1] for _ in range(50)}
    assert len(marks) == 50
    assert all(len(mark.partition("boundary=")[2]) == 32 for mark in marks)


def test_the_media_type_among_the_header_fields_of_a_part_is_not_guessed_over() -> None:
    assert sent({"f": Part(b"abc", headers={"content-type": "image/png"})}) == [("f", "f", "image/png", b"abc")]


def test_a_part_has_one_disposition() -> None:
    """Two would be read differently by whoever looks at the first and whoever looks at the last."""
    with pytest.raises(ValueError, match="part 'f' has a Content-Disposition already"):
        multipart({"f": Part("x", headers={"content-disposition": 'form-data; name="g"'})})


def test_a_file_name_that_is_no_text_travels_as_its_bytes() -> None:
    """As Linux has them: what `os.listdir` gives is what can be sent."""
    content, _ = multipart({"f": ("a\udcff.txt", b"abc")})
    assert b'filename="a\xff.txt"' in whole(content)


@pytest.mark.parametrize("boundary", ["", "a b", "a;b", "a\r\nX: y", "x" * 71], ids=repr)
def test_a_boundary_that_would_need_quotes_is_refused(boundary: str) -> None:
    with pytest.raises(ValueError, match=r"the boundary .* use letters and digits"):
        multipart({"f": "x"}, boundary=boundary)
