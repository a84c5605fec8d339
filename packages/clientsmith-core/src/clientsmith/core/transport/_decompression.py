"""Bodies that were compressed on the way, for all transports: undone piece by piece, and never more than asked for.

The libraries below would do it too, but take data that breaks off for whole, as long as the length of the body is
right, and each knows other codings. What is undone here has come to its own end, checksum and all, or is an error.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from sys import maxsize
from typing import Any, Final, NamedTuple, Protocol

__all__ = ["ACCEPT_ENCODING", "DecompressError", "Decompressor", "can_decompress", "decompressed", "decompressor_of"]


class DecompressError(Exception):
    """The body is not in the coding that its header names, or ends before its time."""


class _Member(Protocol):
    """Data that was compressed in one go and says itself where it ends. `compression.zstd` has it in this form.

    Attributes:
        eof: Whether it has come to its end.
        unused_data: What follows that.
    """

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Take more and return up to ``max_length`` bytes; b"" takes nothing and goes on with what was taken before."""
        ...


class _Coding(NamedTuple):
    """A content coding.

    Attributes:
        open: What undoes a member that begins with these bytes, None if that takes more of them to tell.
        magic: What another member behind the first begins with. Anything else there is padding, and ignored.
        may_be_padded: Whether it is; else it is an error.
    """

    open: Callable[[bytes], _Member | None]
    magic: tuple[bytes, ...] = ()
    may_be_padded: bool = True


# --- gzip and deflate ------------------------------------------------------------------------------------------------


class _Deflated:
    """Data in one of the three dresses of deflate."""

    __slots__ = ("_inflate", "_rest")

    def __init__(self, window: int) -> None:
        self._inflate = zlib.decompressobj(window)
        self._rest = b""

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        inflate = self._inflate
        try:
            found = inflate.decompress(self._rest + data if self._rest else data, max_length)
        except zlib.error as error:
            raise DecompressError(str(error)) from error
        self._rest = inflate.unconsumed_tail
        return found


def _gzip(_: bytes) -> _Member:
    return _Deflated(16 + zlib.MAX_WBITS)


def _deflate(beginning: bytes) -> _Member | None:
    """Some servers leave the zlib header out (RFC 9110, section 8.4.1.2): the first two bytes tell."""
    if len(beginning) < 2:
        return None
    has_header = beginning[0] & 0x0F == zlib.DEFLATED and int.from_bytes(beginning[:2]) % 31 == 0  # RFC 1950, 2.2
    return _Deflated(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)


# --- br --------------------------------------------------------------------------------------------------------------


def _brotli_library() -> Any:
    """Return the library for ``br``, None if there is none, or only one too old to unpack by pieces (before 1.2)."""
    for name in ("brotli", "brotlicffi"):
        try:
            library = import_module(name)
        except ImportError:
            continue
        if hasattr(library.Decompressor, "can_accept_more_data"):
            return library
    return None


_BROTLI: Final = _brotli_library()


class _Brotli:
    """Data in brotli (RFC 7932), which has no checksum, but an end."""

    __slots__ = ("_found", "_rest", "_unpack", "unused_data")

    def __init__(self) -> None:
        self._unpack = _BROTLI.Decompressor()
        self._found = b""  # the library returns whole blocks, which may be more than was asked for
        self._rest = b""
        self.unused_data = b""  # it refuses what follows, so there is none

    @property
    def eof(self) -> bool:
        return not self._found and bool(self._unpack.is_finished())

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        self._rest += data
        if not self._found:
            self._found = self._process(max_length)
        found = self._found[:max_length]
        self._found = self._found[max_length:]
        return found

    def _process(self, size: int) -> bytes:
        try:
            if not self._unpack.can_accept_more_data():
                found: bytes = self._unpack.process(b"", output_buffer_limit=size)
                if found:
                    return found
            taken, self._rest = self._rest, b""
            found = self._unpack.process(taken, output_buffer_limit=size)
        except _BROTLI.error as error:
            raise DecompressError(str(error)) from error
        return found


def _brotli(_: bytes) -> _Member:
    return _Brotli()


# --- zstd ------------------------------------------------------------------------------------------------------------

# The package `zstandard` cannot stop at so many bytes, so a bomb would go off in it.
_ZSTD: Final = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"

# RFC 9659: who says zstd of content means windows of up to 8 MiB.
_ZSTD_WINDOW_LOG: Final = 23


@cache
def _zstd_library() -> Any:
    return import_module(_ZSTD)  # when it is first needed: the backport takes as long as all of our transport


def _has_zstd() -> bool:
    try:
        return find_spec(_ZSTD) is not None
    except ModuleNotFoundError:  # not even its parent
        return False


class _Zstd:
    """Data in Zstandard (RFC 8878), one frame of it."""

    __slots__ = ("_unpack",)

    def __init__(self) -> None:
        library = _zstd_library()
        self._unpack = library.ZstdDecompressor(
            options={library.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        )

    @property
    def eof(self) -> bool:
        return bool(self._unpack.eof)

    @property
    def unused_data(self) -> bytes:
        data: bytes = self._unpack.unused_data
        return data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        try:
            found: bytes = self._unpack.decompress(data, max_length)
        except _zstd_library().ZstdError as error:
            raise DecompressError(str(error)) from error
        return found


def _zstd(_: bytes) -> _Member:
    return _Zstd()


# --- all of them -----------------------------------------------------------------------------------------------------

# Several gzip members in a row are one body (RFC 1952, section 2.2), and several zstd frames (RFC 8878, section 3).
_CODINGS: Final = {
    b"gzip": _Coding(_gzip, (b"\x1f\x8b",)),
    b"x-gzip": _Coding(_gzip, (b"\x1f\x8b",)),  # RFC 9110, section 8.4.1.3: the same
    b"deflate": _Coding(_deflate),
}
if _BROTLI is not None:
    _CODINGS[b"br"] = _Coding(_brotli, may_be_padded=False)
if _has_zstd():
    _CODINGS[b"zstd"] = _Coding(_zstd, (b"",))

# What is asked for: what can be undone here and now.
ACCEPT_ENCODING: Final = ", ".join(coding.decode() for coding in _CODINGS if coding != b"x-gzip")


def can_decompress(coding: bytes) -> bool:
    """Whether ``Content-Encoding``, in lower case, is one that we undo. Others are left to the caller, header and all.

    Several codings on top of each other are among the others: we never ask for them.
    """
    return coding in _CODINGS


class Decompressor:
    """Undoes one coding, member by member."""

    __slots__ = ("_coding", "_has_begun", "_member", "_pending")

    def __init__(self, coding: bytes) -> None:
        """``coding`` is one that `can_decompress` knows."""
        self._coding = _CODINGS[coding]
        self._member: _Member | None = None
        self._pending = b""
        self._has_begun = False

    def feed(self, data: bytes) -> None:
        """Take what came in, at least a byte."""
        self._has_begun = True
        self._pending = self._pending + data if self._pending else data

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes of what has come in; b"" if that gives none.

        Raises:
            DecompressError: It cannot be decompressed.
        """
        while (member := self._current()) is not None:
            data = member.decompress(self._pending, size)
            self._pending = member.unused_data if member.eof else b""
            if data or not member.eof:
                return data
        return b""

    def _current(self) -> _Member | None:
        """Return what takes the pending bytes, None if nothing can be done with them."""
        member, pending = self._member, self._pending
        if member is None:
            self._member = self._coding.open(pending)
        elif member.eof:
            if not pending or not self._begins_another(pending):
                return None
            self._member = self._coding.open(pending)
        return self._member

    def _begins_another(self, pending: bytes) -> bool:
        """Whether another member follows the last; what is none is dropped."""
        coding = self._coding
        if pending.startswith(coding.magic):
            return True
        if not coding.may_be_padded:
            raise DecompressError("something follows its end")
        if not any(magic.startswith(pending) for magic in coding.magic):  # it may be half of one
            self._pending = b""
        return False

    def finish(self) -> None:
        """Note that nothing more comes in. A body of no bytes at all is fine: servers name a coding above those too.

        Raises:
            DecompressError: Something is missing.
        """
        if self._has_begun and (self._member is None or not self._member.eof):
            raise DecompressError("it ends before its time")


def decompressor_of(coding: bytes) -> Decompressor | None:
    """Return what undoes a coding, None if it is not one that we undo."""
    return Decompressor(coding) if coding in _CODINGS else None


def decompressed(coding: bytes, data: bytes) -> bytes:
    """Return what a whole body means; as it is, if its coding is not one that we undo.

    Raises:
        DecompressError: It is not in the coding that its header names, or not whole.
    """
    decompressor = decompressor_of(coding) if data else None
    if decompressor is None:
        return data
    decompressor.feed(data)
    first = decompressor.read(maxsize)
    pieces = [first]
    while piece := decompressor.read(maxsize):
        pieces.append(piece)
    decompressor.finish()
    return first if len(pieces) == 1 else b"".join(pieces)
