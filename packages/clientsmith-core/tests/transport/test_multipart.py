"""Multipart bodies over every transport: streamed with their length, in chunks without, and sent again by a retry."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import multipart as peer
import pytest
from clientsmith.core.errors import UsageError
from clientsmith.core.multipart import Part
from clientsmith.core.multipart import multipart as body_of

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def parts_of(received: Any) -> list[tuple[str, bytes]]:
    boundary = received.headers["content-type"].partition("boundary=")[2]
    return [(part.name, part.raw) for part in peer.MultipartParser(io.BytesIO(received.body), boundary, strict=True)]


def chunks() -> Iterator[bytes]:
    yield b"a" * 70_000
    yield b""
    yield b"b"


async def chunks_of_async() -> AsyncIterator[bytes]:
    for chunk in chunks():
        yield chunk


@pytest.mark.parametrize("has_iterator", [False, True], ids=["known length", "unknown length"])
def test_a_streamed_body_arrives_whole(wire: Any, serve: Any, tmp_path: Path, has_iterator: bool) -> None:
    """With Content-Length where it can be, in chunks where not."""
    path = tmp_path / "big.bin"
    path.write_bytes(bytes(range(256)) * 1000)
    fields = {"note": "hi", "file": path, "open": io.BytesIO(b"x" * 100_000)}
    expected = [("note", b"hi"), ("file", path.read_bytes()), ("open", b"x" * 100_000)]
    if has_iterator:
        fields["more"] = chunks()
        expected.append(("more", b"".join(chunks())))
    content, media_type = body_of(fields)
    server = serve([OK])
    wire.send("POST", server.url, content=content, headers={"Content-Type": media_type})
    received = server.requests[0]
    assert parts_of(received) == expected
    assert ("content-length" in received.headers) is not has_iterator
    assert received.headers.get("transfer-encoding") == ("chunked" if has_iterator else None)


def test_a_body_that_can_be_sent_again_is_the_same_again(wire: Any, serve: Any) -> None:
    """What a retry or a redirect does: the same content a second time."""
    content, media_type = body_of({"file": Part(io.BytesIO(b"x" * 100_000), "a.bin")})
    server = serve([OK, OK])
    for _ in range(2):
        wire.send("POST", server.url, content=content, headers={"Content-Type": media_type})
    first, second = server.requests
    assert first.body == second.body
    assert parts_of(second) == [("file", b"x" * 100_000)]


def test_an_async_part_is_for_async_clients(wire: Any, serve: Any) -> None:
    """A sync client says so before anything is sent."""
    content, media_type = body_of({"file": chunks_of_async()})
    server = serve([OK])
    if wire.is_async:
        wire.send("POST", server.url, content=content, headers={"Content-Type": media_type})
        assert parts_of(server.requests[0]) == [("file", b"".join(chunks()))]
    else:
        with pytest.raises(UsageError, match="only an async client can send"):
            wire.send("POST", server.url, content=content, headers={"Content-Type": media_type})
        assert server.requests == []
