"""Bodies that were compressed on the way, and those that unpack into more than anybody wants."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from typing import Any

import pytest
from clientsmith.core.errors import ServiceResponseError
from clientsmith.core.transport import AioHttpTransport, RequestsTransport

MEBIBYTE = 1024 * 1024


def answer(body: bytes, encoding: str, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (
        status, encoding.encode(), len(body),
    ) + body  # fmt: skip


def test_brotli_is_understood_where_it_is_installed(wires: Any, serve: Any, clean_environment: Any) -> None:
    """And asked for only there."""
    brotli = pytest.importorskip("brotli")
    wire = wires()
    if wire.make not in (RequestsTransport, AioHttpTransport):
        pytest.skip("the standard library knows no brotli")
    server = serve([answer(brotli.compress(b"plain" * 100), "br")])
    assert wire.get(server.url).content == b"plain" * 100
    assert "br" in server.requests[0].headers["accept-encoding"].split(", ")


@pytest.mark.parametrize("encoding", ["identity", "x-unknown"])
def test_encoding_that_nobody_knows_is_left_alone(wire: Any, serve: Any, encoding: str) -> None:
    """The caller may know more than we do."""
    assert wire.get(serve([answer(b"as it is", encoding)]).url).content == b"as it is"


@pytest.mark.parametrize(("method", "status"), [("HEAD", b"200 OK"), ("GET", b"304 Not Modified")], ids=["HEAD", "304"])
def test_answer_without_a_body_needs_no_unpacking(wire: Any, serve: Any, method: str, status: bytes) -> None:
    """Nothing is not valid gzip, and is not meant to be."""
    header = b"HTTP/1.1 " + status + b"\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n"
    assert wire.send(method, serve([header]).url).content == b""


def test_compressed_body_that_breaks_off_is_an_error(wire: Any, serve: Any) -> None:
    """The length of what was sent is right, and yet a part is missing."""
    packed = gzip.compress(bytes(range(256)) * 4096)
    with pytest.raises(ServiceResponseError):
        wire.get(serve([answer(packed[:-2000], "deflate")]).url)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_streamed_body_is_unpacked_block_by_block(wire: Any, serve: Any, encoding: str) -> None:
    """64 MiB that came as 64 KiB take the memory of a few blocks, and what is not read is never unpacked."""
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    server = serve([answer(pack(bytes(64 * MEBIBYTE)), encoding)])
    wire.transport.monotonic()  # everything imported before the counting begins
    tracemalloc.start()
    try:
        response = wire.get(server.url, stream=True)
        chunks = wire.chunks(response, size=65536, most=20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    wire.run(response.close())
    assert [len(chunk) <= 65536 for chunk in chunks] == [True] * 20
    assert peak < 8 * MEBIBYTE
