"""Bodies of answers, without any I/O: where they end (RFC 9112, section 6.3), and what is in them.

`Answer` takes what comes from a connection and says what it is; `AnswerBody` is its body. Both raise `AnswerError` for
what is no HTTP, `CutError` where the connection ended too soon and `DecompressError` for a wrong coding.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from sys import maxsize
from typing import Final, Protocol

from .._decompression import Decompressor, can_decompress
from ..base import ERROR_BODY_LIMIT, HEADER_LINE_LIMIT
from .http1 import HEAD_LIMIT, AnswerError, CutError, Head, parse_head

__all__ = ["Answer", "AnswerBody"]

# Nobody sends more than a handful; a server that sends them for ever must not keep a call without a deadline for ever.
_INTERIM_LIMIT: Final = 100

# Size and extensions of one chunk. Extensions exist on paper.
_CHUNK_LINE_LIMIT: Final = 4096


class Answer:
    """The answer to one request, until its header is there."""

    __slots__ = ("_interim", "_method", "_received")

    def __init__(self, method: str) -> None:
        self._method = method
        self._received = b""
        self._interim = 0

    def feed(self, data: bytes) -> AnswerBody | None:
        """Take what came, b"" for the end of the connection; return the body once the final head is there.

        Raises:
            AnswerError: It is no HTTP.
            CutError: The connection ended before that.
        """
        if not data:
            raise CutError("inside its header" if self._received or self._interim else "before its first byte")
        known = len(self._received)  # has been looked at: a header that drips in is not read from its start each time
        if known:
            data = self._received + data
        while True:
            end = data.find(b"\r\n\r\n", max(0, known - 3))
            if end < 0:
                _check_beginning(data, max(0, known - 1))
                self._received = data
                return None
            if end > HEAD_LIMIT:
                raise AnswerError(f"its header is longer than {HEAD_LIMIT} bytes")
            head = parse_head(data, end)
            if head.status >= 200 or head.status == 101:
                return AnswerBody(head, self._method, data, end + 4)
            self._interim += 1
            if self._interim > _INTERIM_LIMIT:
                raise AnswerError(f"it sent more than {_INTERIM_LIMIT} interim answers")
            data, known = data[end + 4 :], 0
            if not data:
                self._received = b""
                return None


_BARE_BREAK: Final = re.compile(rb"(?<!\r)\n|\r[^\n]").search
_BEGINNING: Final = b"HTTP/1."


def _check_beginning(data: bytes, start: int) -> None:
    """Look at a head that is not whole, from ``start`` on: what can never become one is told now, not waited for."""
    if not data.startswith(_BEGINNING) and not _BEGINNING.startswith(data):
        raise AnswerError(f"it begins with {data[:40].decode('latin-1')!a}")
    if len(data) > HEAD_LIMIT:
        raise AnswerError(f"its header is longer than {HEAD_LIMIT} bytes")
    # A CR at the very end may still get its LF.
    if _BARE_BREAK(data, start):
        raise AnswerError("its header holds a CR or LF that ends no line")


# --- framing ---------------------------------------------------------------------------------------------------------


class _Frame(Protocol):
    """Tells the body from what stands around it.

    Attributes:
        is_complete: Whether the body has come to its end.
        has_surplus: Whether something followed that nobody asked for.
    """

    is_complete: bool
    has_surplus: bool

    def feed(self, data: bytes) -> bytes:
        """Take what came, at least a byte, and return what of it is body."""
        ...

    def end(self) -> None:
        """Note that the connection has ended."""
        ...


class _Length:
    """A body of a known length; of none at all, for HEAD, 204 and 304."""

    __slots__ = ("_left", "_total", "has_surplus", "is_complete")

    def __init__(self, length: int) -> None:
        self._left = self._total = length
        self.is_complete = length == 0
        self.has_surplus = False

    def feed(self, data: bytes) -> bytes:
        size = len(data)
        if size > self._left:
            self.has_surplus = True
            data = data[: self._left]
            size = self._left
        self._left -= size
        self.is_complete = self._left == 0
        return data

    def end(self) -> None:
        if not self.is_complete:
            raise CutError(f"{self._total - self._left} bytes of {self._total}")


class _ToTheEnd:
    """A body that ends where the connection ends. Whether it was cut is not to be told; a length is there for that."""

    __slots__ = ("has_surplus", "is_complete")

    def __init__(self) -> None:
        self.is_complete = self.has_surplus = False

    def feed(self, data: bytes) -> bytes:
        return data

    def end(self) -> None:
        self.is_complete = True


class _Part(Enum):
    """What a chunked body goes on with."""

    SIZE = auto()
    DATA = auto()
    TRAILER = auto()


# Spaces behind the size are not in the grammar, and sent by servers that pad it to a fixed width.
_CHUNK_LINE: Final = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?").fullmatch
_TRAILER_LINE: Final = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:|[ \t])[^\x00-\x08\x0a-\x1f\x7f]*").fullmatch


class _Chunks:
    """A body in chunks (RFC 9112, section 7.1). Extensions and trailers are read over, and have to be well-formed."""

    __slots__ = ("_left", "_part", "_pending", "_trailers", "has_surplus", "is_complete")

    def __init__(self) -> None:
        self._part = _Part.SIZE
        self._left = 0  # bytes of the chunk under way, with the break that ends it
        self._pending = b""  # a line that is not whole
        self._trailers = 0
        self.is_complete = self.has_surplus = False

    def feed(self, data: bytes) -> bytes:
        if self.is_complete:
            self.has_surplus = True
            return b""
        if self._pending:
            data, self._pending = self._pending + data, b""
        found: list[bytes] = []
        at, size = 0, len(data)
        while at < size:
            if self._part is _Part.DATA:
                at = self._take(data, at, found)
                continue
            end = data.find(b"\n", at)
            if end < 0:
                self._pending = data[at:]
                self._check_line(len(self._pending))
                break
            line = data[at:end]
            self._check_line(len(line))
            at = end + 1
            if not line.endswith(b"\r"):
                raise AnswerError("a line between its chunks ends with a bare LF")
            if self._part is _Part.SIZE:
                self._begin(line[:-1])
            elif len(line) > 1:
                self._trailer(line[:-1])
            else:
                self.is_complete = True
                self.has_surplus = at < size
                break
        return b"".join(found) if len(found) != 1 else found[0]

    def _check_line(self, size: int) -> None:
        if size > _CHUNK_LINE_LIMIT and self._part is _Part.SIZE:
            raise AnswerError(f"the line before a chunk is longer than {_CHUNK_LINE_LIMIT} bytes")
        if self._trailers + size > HEADER_LINE_LIMIT:
            raise AnswerError(f"its trailer is longer than {HEADER_LINE_LIMIT} bytes")

    def _begin(self, line: bytes) -> None:
        match = _CHUNK_LINE(line)
        if match is None:
            raise AnswerError(f"the size of a chunk is {line[:40].decode('latin-1')!a}")
        size = int(match[1], 16)
        self._left = size + 2
        self._part = _Part.DATA if size else _Part.TRAILER

    def _take(self, data: bytes, at: int, found: list[bytes]) -> int:
        """Take data of the chunk under way and the break behind it; return where the rest begins."""
        stop = min(at + self._left, len(data))
        end = min(stop, at + max(self._left - 2, 0))
        if end > at:
            found.append(data[at:end])
        # The break may come in two pieces; each is looked at when it comes.
        begin = 2 - min(self._left, 2)
        if data[end:stop] != b"\r\n"[begin : begin + stop - end]:
            raise AnswerError("a chunk is longer than its size says")
        self._left -= stop - at
        if not self._left:
            self._part = _Part.SIZE
        return stop

    def _trailer(self, line: bytes) -> None:
        self._trailers += len(line)
        if _TRAILER_LINE(line) is None:
            raise AnswerError("a line of its trailer is not a field")

    def end(self) -> None:
        if not self.is_complete:
            raise CutError("its last chunk is missing")


# --- the body of one answer ------------------------------------------------------------------------------------------


def _frame_of(head: Head, method: str) -> _Frame:
    """Return how the body is framed: the rules of RFC 9112, section 6.3, in their order."""
    if method == "HEAD" or head.status in (204, 304, 101) or (method == "CONNECT" and head.status < 300):
        return _Length(0)
    if head.is_chunked:
        return _Chunks()
    return _ToTheEnd() if head.length is None else _Length(head.length)


class AnswerBody:
    """The body of an answer: what came from the connection goes in, what the server meant comes out.

    Attributes:
        head: The answer's head.
    """

    __slots__ = ("_at", "_decompressor", "_frame", "_payload", "_pieces", "_size", "head")

    def __init__(self, head: Head, method: str, data: bytes, at: int) -> None:
        """``data`` is what came with the head, the body from ``at`` on."""
        self.head = head
        self._frame = frame = _frame_of(head, method)
        self._payload = frame.feed(data[at:]) if at < len(data) else b""
        self._at = 0  # how much of the payload has been read
        self._decompressor = Decompressor(head.coding) if can_decompress(head.coding) else None
        self._pieces: list[bytes] | None = None
        self._size = 0

    def leave_packed(self) -> None:
        """Give the bytes as they come, whatever the header says that they are compressed with."""
        self._decompressor = None

    @property
    def has_surplus(self) -> bool:
        """Whether something followed the body that nobody had asked for."""
        return self._frame.has_surplus

    @property
    def is_complete(self) -> bool:
        """Whether all of the body has come."""
        return self._frame.is_complete

    @property
    def buffered(self) -> int:
        """How many bytes of the body have come and were not read, as they travelled."""
        return len(self._payload) - self._at

    @property
    def is_reusable(self) -> bool:
        """Whether the connection can serve another request: all is read, nothing follows, and nobody closes."""
        frame = self._frame
        return frame.is_complete and not frame.has_surplus and not self.head.is_last and self.head.status != 101

    def check(self, data: bytes) -> bytes:
        """Follow what came, b"" for the end of the connection, and return what of it is body: it is not kept.

        For transports whose library reads the body: where it ends is decided here.

        Raises:
            AnswerError: A chunk is not what it should be.
            CutError: The connection ended inside the body.
        """
        if data:
            return self._frame.feed(data)
        self._frame.end()
        return b""

    def feed(self, data: bytes) -> None:
        """Take what came, b"" for the end of the connection. Raises what `check` raises."""
        payload = self.check(data)
        self._payload = self._payload[self._at :] + payload if self._at < len(self._payload) else payload
        self._at = 0

    def read(self, size: int) -> bytes | None:
        """Return up to ``size`` bytes of the body, decompressed; b"" at its end, None if more has to come in first.

        Raises:
            DecompressError: It is not in the coding that its header names.
        """
        if self._decompressor is None:
            at, payload = self._at, self._payload
            if at < len(payload):
                self._at = at + size
                return payload if not at and size >= len(payload) else payload[at : at + size]
            return b"" if self._frame.is_complete else None
        if self._payload:
            self._decompressor.feed(self._payload)
            self._payload = b""
        data = self._decompressor.read(size)
        if data:
            return data
        if not self._frame.is_complete:
            return None
        self._decompressor.finish()
        return b""

    def gather(self) -> bytes | None:
        """Return the whole body, of an error what may be read of it; None if more has to come in first.

        Raises:
            DecompressError: It is not in the coding that its header names.
        """
        limit = maxsize if self.head.status < 400 else ERROR_BODY_LIMIT
        if self._pieces is None:
            if self._frame.is_complete and self._decompressor is None and len(self._payload) <= limit:
                return self._payload  # all at once, as nearly always
            self._pieces = []
        while piece := self.read(limit - self._size):
            self._pieces.append(piece)
            self._size += len(piece)
            if self._size == limit:
                break
        return None if piece is None else b"".join(self._pieces)
