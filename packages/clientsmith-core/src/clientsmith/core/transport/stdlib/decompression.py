"""Bodies that were compressed on the way: gzip and deflate, piece by piece, and never more at a time than asked for."""

from __future__ import annotations

import zlib
from typing import Final

__all__ = ["ACCEPT_ENCODING", "DecompressError", "Decompressor", "can_decompress"]

# What the standard library can undo wherever it runs.
ACCEPT_ENCODING: Final = "gzip, deflate"

_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS
_GZIP_MAGIC: Final = b"\x1f\x8b"


class DecompressError(Exception):
    """The body is not in the coding that its header names, or ends before its time."""


def can_decompress(coding: bytes) -> bool:
    """Whether ``Content-Encoding``, in lower case, is one that we undo. Others are left to the caller, header and all.

    Several codings on top of each other are among the others: we never ask for them.
    """
    return coding in (b"gzip", b"x-gzip", b"deflate")


class Decompressor:
    """Undoes one coding.

    Some servers call ``deflate`` what has no zlib header (RFC 9110, section 8.4.1.2, "some non-conformant
    implementations"): the first two bytes tell. Several gzip members in a row are one body (RFC 1952, section 2.2);
    what follows the last one and is no member is padding, and ignored.
    """

    __slots__ = ("_has_begun", "_inflate", "_is_gzip", "_pending")

    def __init__(self, coding: bytes) -> None:
        self._is_gzip = coding != b"deflate"
        self._inflate = zlib.decompressobj(_GZIP_WINDOW) if self._is_gzip else None
        self._pending = b""
        self._has_begun = False

    def feed(self, data: bytes) -> None:
        """Take what came in, at least a byte."""
        self._has_begun = True
        self._pending += data

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes of what has come in; b"" if that gives none.

        Raises:
            DecompressError: It cannot be decompressed.
        """
        while (inflate := self._current()) is not None:
            try:
                data = inflate.decompress(self._pending, size)
            except zlib.error as error:
                raise DecompressError(str(error)) from error
            self._pending = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
            if data or not inflate.eof:
                return data
        return b""

    def _current(self) -> zlib._Decompress | None:
        """Return what takes the pending bytes, None if nothing can be done with them."""
        if self._inflate is None:
            if len(self._pending) >= 2:
                method, check = self._pending[0], int.from_bytes(self._pending[:2])
                has_header = method & 0x0F == zlib.DEFLATED and check % 31 == 0  # RFC 1950, section 2.2
                self._inflate = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
        elif self._inflate.eof:
            if self._is_gzip and self._pending.startswith(_GZIP_MAGIC):
                self._inflate = zlib.decompressobj(_GZIP_WINDOW)
            else:
                if not self._is_gzip or self._pending != _GZIP_MAGIC[:1]:  # which may be half of one
                    self._pending = b""
                return None
        return self._inflate

    def finish(self) -> None:
        """Note that nothing more comes in. A body of no bytes at all is fine: servers name a coding above those too.

        Raises:
            DecompressError: Something is missing.
        """
        if self._has_begun and (self._inflate is None or not self._inflate.eof):
            raise DecompressError("it ends before its time")
