"""The header of an answer, read strictly: `http.client` with a reader of its own for header fields and chunk sizes.

The standard library hands the header to its mail parser. That takes the end of the connection for the end of the
header, and a line that is no field as well, with all the fields below it for body; it also costs as much as the rest
of reading an answer. And a chunk is taken to be of whatever size `int` makes of its first line.

What is refused here, a client must not guess at: two readings of where an answer ends are how one answer becomes two
(RFC 9112, sections 5, 6.3 and 7.1).
"""

from __future__ import annotations

import http.client
import io
import re
import socket
from http.client import HTTPException, IncompleteRead
from typing import Any, Final, cast

from .._deadline import Exchange, Readable
from ..base import HEADER_FIELDS_LIMIT, HEADER_LINE_LIMIT

__all__ = ["Answer", "read_fields"]

_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\0\r\n]*)\r?\n").fullmatch
_FOLDED: Final = re.compile(rb"[ \t]([^\0\r\n]*)\r?\n").fullmatch
_LENGTH: Final = re.compile(r"[0-9]{1,18}").fullmatch
_CHUNK_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\0\r\n]*)?\r?\n").fullmatch

# What says how a body is framed, which is all that urllib3 has to know, and what it is compressed with: our business.
_FRAMING: Final = frozenset({"connection", "content-encoding", "content-length", "transfer-encoding"})

# Memory is taken in pieces of this size, whatever length an answer claims to have.
_PIECE: Final = 16 * 1024 * 1024

# What has no body, whatever its header says (RFC 9112, section 6.3).
_BODILESS: Final = frozenset({101, 204, 304})


def read_fields(stream: io.BufferedReader) -> list[tuple[str, str]]:
    """Return the header fields up to the empty line, decoded as Latin-1, folded lines joined.

    Raises:
        IncompleteRead: The connection ended before the header did.
        HTTPException: A line is no field, or there are more or longer ones than anybody needs.
    """
    fields: list[tuple[str, str]] = []
    while (line := stream.readline(HEADER_LINE_LIMIT)) != b"\r\n" and line != b"\n":
        if not line.endswith(b"\n"):
            if len(line) == HEADER_LINE_LIMIT:
                raise HTTPException(f"a line of the header is longer than {HEADER_LINE_LIMIT} bytes")
            raise IncompleteRead(b"")
        if len(fields) == HEADER_FIELDS_LIMIT:
            raise HTTPException(f"the header has more than {HEADER_FIELDS_LIMIT} fields")
        if (field := _FIELD(line)) is not None:
            name, value = field.groups()
            fields.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))
        elif fields and (folded := _FOLDED(line)) is not None:
            former, text = fields.pop()
            fields.append((former, f"{text} {folded[1].decode('latin-1').strip()}".strip()))
        else:
            raise HTTPException("a line of the header is not a field")
    return fields


class Answer(http.client.HTTPResponse):
    """One answer on a connection.

    Attributes:
        framing: The fields that say how the body is framed, names in lower case.
    """

    framing: dict[str, str]
    length: int | None
    chunk_left: int | None

    def __init__(self, sock: socket.socket, exchange: Exchange, *arguments: Any, **keywords: Any) -> None:
        super().__init__(cast(socket.socket, Readable(sock, exchange)), *arguments, **keywords)
        self._exchange = exchange

    def begin(self) -> None:
        """Read the header of the final answer; 1xx may come before it (RFC 9110, section 15.2)."""
        version, status, reason = self._next_status()
        self._exchange.has_answer = True
        while 100 <= status < 200 and status != 101:
            read_fields(self.fp)
            version, status, reason = self._next_status()
        if not version.startswith("HTTP/1."):
            raise http.client.UnknownProtocol(version)
        self.version = 10 if version == "HTTP/1.0" else 11
        self.code = self.status = status
        self.reason = reason.strip()
        self._exchange.fields = read_fields(self.fp)
        self.framing = _framing_of(self._exchange.fields)
        self._exchange.coding = self.framing.pop("content-encoding", "").lower().encode("latin-1")
        self._frame()

    def _next_status(self) -> tuple[str, int, str]:
        return cast(Any, super())._read_status()  # type: ignore[no-any-return]  # private, and the same for decades

    def _frame(self) -> None:
        """Decide where the body ends, and whether the connection can be used after it (RFC 9112, section 6.3)."""
        framing = self.framing
        coding = framing.get("transfer-encoding", "").lower()
        if coding not in ("", "chunked"):
            raise HTTPException(f"the transfer coding {coding!r} is not one that was asked for")
        self.chunked = coding == "chunked"
        self.chunk_left = None
        self.length = _length(framing.get("content-length"))
        connection = framing.get("connection", "").lower()
        self.will_close = "close" in connection or (self.version == 10 and "keep-alive" not in connection)
        if self.chunked and self.length is not None:  # the sign of somebody who wants to be read in two ways
            self.will_close = True
            self.length = None
            del framing["content-length"]
        if self.status == 101:  # nobody asked for another protocol, so nothing that follows can be read
            self.will_close = True
        if self.status in _BODILESS or cast(Any, self)._method == "HEAD":
            self.length = 0
        elif not self.chunked and self.length is None:
            self.will_close = True

    def wait(self) -> None:
        """Return when the next byte of the body is there, or its end. Nothing is lost if that takes too long.

        Raises:
            TimeoutError: It took too long. One that came while urllib3 reads would leave nothing to go on with.
        """
        if self.isclosed() or self.length == 0:
            return
        if self.chunk_left == 0 and len(self.fp.peek(2)) >= 2:  # a chunk's own end is not the next byte
            self._end_chunk()
            self.chunk_left = None
        self.fp.peek(1)

    # `http.client` calls the next before each read of a chunked body, and the one after it to read what has a length.

    def _get_chunk_left(self) -> int | None:
        if not self.chunk_left:
            # None: there was no chunk yet; 0: one has been read to its end, which has to be where it said.
            if self.chunk_left == 0:
                self._end_chunk()
            self.chunk_left = self._next_chunk_size() or None
            if self.chunk_left is None:
                read_fields(self.fp)  # the trailer: nobody here has a use for it
                cast(Any, self)._close_conn()
        return self.chunk_left

    def _end_chunk(self) -> None:
        end = self.fp.read(2)
        if len(end) < 2:
            raise IncompleteRead(b"")
        if end != b"\r\n":
            raise HTTPException("a chunk does not end where its size says")

    def _next_chunk_size(self) -> int:
        line = self.fp.readline(HEADER_LINE_LIMIT)
        if not line.endswith(b"\n"):
            raise IncompleteRead(b"")
        size = _CHUNK_SIZE(line)
        if size is None:
            raise HTTPException("the size of a chunk is no hexadecimal number")
        return int(size[1], 16)

    def _safe_read(self, amount: int) -> bytes:
        pieces: list[bytes] = []
        while amount > 0:
            wanted = min(amount, _PIECE)
            piece = self.fp.read(wanted)
            pieces.append(piece)
            amount -= len(piece)
            if len(piece) < wanted:
                raise IncompleteRead(b"".join(pieces), amount)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _framing_of(fields: list[tuple[str, str]]) -> dict[str, str]:
    framing: dict[str, str] = {}
    for name, value in fields:
        key = name.lower()
        if key in _FRAMING:
            framing[key] = f"{framing[key]}, {value}" if key in framing else value
    return framing


def _length(text: str | None) -> int | None:
    """Return what ``Content-Length`` says; several equal values count as one (RFC 9110, section 8.6)."""
    if text is None:
        return None
    values = {value.strip() for value in text.split(",")} if "," in text else {text}
    if len(values) > 1 or not _LENGTH(only := values.pop()):
        raise HTTPException(f"the Content-Length {text!r} is not a length")
    return int(only)
