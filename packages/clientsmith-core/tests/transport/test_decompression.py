"""Bodies that were compressed on the way, and those that unpack into more than anybody wants."""

from __future__ import annotations

import gzip
import sys
import tracemalloc
import zlib
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from clientsmith.core.errors import ServiceResponseError
from clientsmith.core.transport._decompression import (
    ACCEPT_ENCODING,
    DecompressError,
    Decompressor,
    can_decompress,
    decompressed,
)
from hypothesis import given, settings
from hypothesis import strategies as st

MEBIBYTE = 1024 * 1024

brotli: Any = pytest.importorskip("brotli")
zstd: Any = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")

PLAIN = bytes(range(256)) * 20
RAW = zlib.compress(PLAIN, wbits=-15)
PACK = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd.compress}


@cache
def zeros(coding: str, size: int) -> bytes:
    """So many zeros, packed; large ones take half a second, and every transport is given the same."""
    return PACK[coding](bytes(size))


CODINGS = pytest.mark.parametrize("coding", PACK)

WIDE = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 24})
SKIPPED = bytes.fromhex("502a4d18 04000000 61626364")


def unpacked(coding: str, pieces: list[bytes], size: int = 100) -> bytes:
    found, decompressor = b"", Decompressor(coding.encode())
    for piece in pieces:
        decompressor.feed(piece)
        while data := decompressor.read(size):
            assert len(data) <= size
            found += data
    decompressor.finish()
    return found


def cut(packed: bytes, step: int) -> list[bytes]:
    return [packed[i : i + step] for i in range(0, len(packed), step)]


# --- the decompressor itself -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("coding", "packed", "plain"),
    [
        pytest.param("gzip", gzip.compress(PLAIN), PLAIN, id="gzip"),
        pytest.param("x-gzip", gzip.compress(b""), b"", id="x-gzip of nothing"),
        pytest.param("deflate", zlib.compress(PLAIN), PLAIN, id="deflate"),
        pytest.param("deflate", RAW, PLAIN, id="deflate without its header"),
        pytest.param("deflate", zlib.compress(b"x", wbits=-15), b"x", id="deflate without its header, tiny"),
        pytest.param("deflate", zlib.compress(PLAIN) + b"\0\0", PLAIN, id="deflate, padding"),
        pytest.param("gzip", gzip.compress(PLAIN) + gzip.compress(b"more"), PLAIN + b"more", id="two members"),
        pytest.param("gzip", gzip.compress(b"") * 3 + gzip.compress(b"x"), b"x", id="empty members"),
        pytest.param("gzip", gzip.compress(PLAIN) + b"\0" * 700, PLAIN, id="padding"),
        pytest.param("gzip", gzip.compress(PLAIN) + b"\x1f", PLAIN, id="half a magic number behind it"),
        pytest.param("br", brotli.compress(PLAIN), PLAIN, id="br"),
        pytest.param("br", brotli.compress(b""), b"", id="br of nothing"),
        pytest.param("br", brotli.compress(bytes(MEBIBYTE)), bytes(MEBIBYTE), id="br, more than a block"),
        pytest.param("zstd", zstd.compress(PLAIN), PLAIN, id="zstd"),
        pytest.param("zstd", zstd.compress(b""), b"", id="zstd of nothing"),
        pytest.param("zstd", zstd.compress(PLAIN) + zstd.compress(b"more"), PLAIN + b"more", id="two frames"),
        pytest.param("zstd", SKIPPED + zstd.compress(PLAIN) + SKIPPED, PLAIN, id="frames to skip"),
    ],
)
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_codings_are_undone(coding: str, packed: bytes, plain: bytes, step: int) -> None:
    """However the network cuts them, and never more than asked for."""
    assert unpacked(coding, cut(packed, step), size=100 if step < 100_000 else 65536) == plain
    assert decompressed(coding.encode(), packed) == plain


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        pytest.param("gzip", gzip.compress(PLAIN)[:-1], id="gzip, cut in its checksum"),
        pytest.param("gzip", gzip.compress(PLAIN)[:20], id="gzip, cut in the middle"),
        pytest.param("gzip", b"\x1f", id="gzip, cut in its header"),
        pytest.param("gzip", gzip.compress(PLAIN) + gzip.compress(b"more")[:12], id="second member cut"),
        pytest.param("gzip", gzip.compress(PLAIN)[:-8] + b"\0" * 8, id="gzip, wrong checksum"),
        pytest.param("gzip", zlib.compress(PLAIN), id="not gzip"),
        pytest.param("deflate", zlib.compress(PLAIN)[:-1], id="deflate, cut"),
        pytest.param("deflate", RAW[:-1], id="deflate without its header, cut"),
        pytest.param("deflate", b"x", id="one byte"),
        pytest.param("deflate", b"plain text", id="not deflate"),
        pytest.param("br", brotli.compress(PLAIN)[:-1], id="br, cut"),
        pytest.param("br", brotli.compress(bytes(MEBIBYTE))[:-1], id="br, cut where much comes of little"),
        pytest.param("br", brotli.compress(PLAIN) + b"x", id="br, something behind it"),
        pytest.param("br", b"\xffplain text", id="not br"),
        pytest.param("zstd", zstd.compress(PLAIN)[:-1], id="zstd, cut"),
        pytest.param("zstd", zstd.compress(PLAIN) + zstd.compress(PLAIN)[:9], id="zstd, second frame cut"),
        pytest.param("zstd", zstd.compress(PLAIN) + b"x", id="zstd, half a frame behind it"),
        pytest.param("zstd", zstd.compress(PLAIN) + b"plain text", id="zstd, no frame behind it"),
        pytest.param("zstd", WIDE.compress(PLAIN) + WIDE.flush(), id="zstd, a window of 16 MiB"),
        pytest.param("zstd", b"plain text", id="not zstd"),
    ],
)
@pytest.mark.parametrize("step", [1, 100_000])
def test_cut_or_wrong_codings_are_errors(coding: str, packed: bytes, step: int) -> None:
    """Half of what was meant is not what was meant."""
    with pytest.raises(DecompressError):
        unpacked(coding, cut(packed, step))
    with pytest.raises(DecompressError):
        decompressed(coding.encode(), packed)


@CODINGS
@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=40) | st.just(bytes(5000))), st.integers(1, 400), st.integers(1, 5000))
def test_every_cut_is_an_error_and_the_whole_is_not(coding: str, parts: list[bytes], at: int, size: int) -> None:
    """Wherever data breaks off, and however much is read at a time."""
    plain = b"".join(parts)
    packed = PACK[coding](plain)
    assert unpacked(coding, cut(packed, at), size) == plain
    with pytest.raises(DecompressError):
        unpacked(coding, [packed[: min(at, len(packed) - 1)]], size)


@CODINGS
def test_nothing_is_fine_in_any_coding(coding: str) -> None:
    """Servers name a coding above empty bodies as well."""
    assert unpacked(coding, []) == b""
    assert decompressed(coding.encode(), b"") == b""


def test_only_what_can_be_undone_is_asked_for() -> None:
    """And the old name of gzip is understood, but not used."""
    assert ACCEPT_ENCODING == "gzip, deflate, br, zstd"
    assert all(can_decompress(coding.encode()) for coding in ACCEPT_ENCODING.split(", "))


@CODINGS
def test_a_bomb_goes_off_in_pieces(coding: str) -> None:
    """Ten megabytes that came as a few hundred bytes take the memory of what is read of them."""
    packed = PACK[coding](bytes(10 * MEBIBYTE))
    Decompressor(coding.encode()).feed(packed)  # everything imported before the counting begins
    tracemalloc.start()
    try:
        decompressor = Decompressor(coding.encode())
        decompressor.feed(packed)
        assert len(decompressor.read(1000)) == 1000
        assert len(decompressor.read(65536)) <= 65536
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEBIBYTE


# --- over every transport --------------------------------------------------------------------------------------------


def answer(body: bytes, encoding: str, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (
        status, encoding.encode(), len(body),
    ) + body  # fmt: skip


@CODINGS
def test_codings_are_asked_for_and_undone(wire: Any, serve: Any, coding: str) -> None:
    """By every transport the same ones, whatever its library can do."""
    server = serve([answer(PACK[coding](PLAIN), coding)])
    assert wire.get(server.url).content == PLAIN
    assert server.requests[0].headers["accept-encoding"] == ACCEPT_ENCODING


@pytest.mark.parametrize("encoding", ["identity", "x-unknown", "gzip, gzip"])
def test_encoding_that_nobody_knows_is_left_alone(wire: Any, serve: Any, encoding: str) -> None:
    """The caller may know more than we do."""
    assert wire.get(serve([answer(b"as it is", encoding)]).url).content == b"as it is"


@pytest.mark.parametrize(("method", "status"), [("HEAD", b"200 OK"), ("GET", b"304 Not Modified")], ids=["HEAD", "304"])
def test_answer_without_a_body_needs_no_unpacking(wire: Any, serve: Any, method: str, status: bytes) -> None:
    """Nothing is not valid gzip, and is not meant to be."""
    header = b"HTTP/1.1 " + status + b"\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n"
    assert wire.send(method, serve([header]).url).content == b""


@CODINGS
@pytest.mark.parametrize("stream", [False, True], ids=["read", "streamed"])
def test_compressed_body_that_breaks_off_is_an_error(wire: Any, serve: Any, coding: str, *, stream: bool) -> None:
    """The length of what was sent is right, and yet a part is missing."""
    server = serve([answer(PACK[coding](PLAIN)[:-2], coding)])

    def read() -> None:
        response = wire.get(server.url, stream=stream)
        if stream:
            wire.chunks(response)

    with pytest.raises(ServiceResponseError, match="could not be decompressed"):
        read()


@CODINGS
@pytest.mark.parametrize(
    ("plain", "read"), [(b"no", b"no"), (bytes(4 * MEBIBYTE), bytes(MEBIBYTE))], ids=["short", "a bomb"]
)
def test_body_of_an_error_is_unpacked_up_to_a_mebibyte(
    wire: Any, serve: Any, coding: str, plain: bytes, read: bytes
) -> None:
    """What says what went wrong is short; a bomb is not what anybody wants to read."""
    assert wire.get(serve([answer(PACK[coding](plain), coding, b"500 No")]).url).content == read


@CODINGS
def test_streamed_body_is_unpacked_block_by_block(wire: Any, serve: Any, coding: str) -> None:
    """64 MiB that came as 64 KiB take the memory of a few blocks, and what is not read is never unpacked."""
    server = serve([answer(zeros(coding, 64 * MEBIBYTE), coding)])
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
