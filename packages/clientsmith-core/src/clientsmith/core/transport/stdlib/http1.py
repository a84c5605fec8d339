"""HTTP/1.1 as a client reads it (RFC 9112), without any I/O: the head of an answer, and how its body is framed.

Who reads an answer in another way than the proxy before it can be made to take one answer for two. So this is strict
wherever a reading decides where an answer ends, and lenient only where servers are known to be sloppy and nothing hangs
on it: a missing reason phrase, lengths said twice alike, folded lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from .._body import field_text
from ..base import HEADER_FIELDS_LIMIT, HEADER_LINE_LIMIT

__all__ = [
    "HEAD_LIMIT",
    "AnswerError",
    "CutError",
    "Fields",
    "Head",
    "asks_to_close",
    "chunk",
    "parse_head",
]

# All lines of a header together; servers send 1 KiB, and seldom 8.
HEAD_LIMIT: Final = 4 * HEADER_LINE_LIMIT

# Longer numbers are no lengths: 10^18 bytes take a gigabit line 250 years.
_LENGTH_DIGITS: Final = 18


class AnswerError(Exception):
    """What came is not HTTP/1.1, or is HTTP/1.1 that can be read in two ways."""


class CutError(Exception):
    """The connection ended inside an answer."""


def chunk(data: bytes) -> bytes:
    """Return a piece of a request's body as a chunk (RFC 9112, section 7.1); one of no bytes is the end of all."""
    return b"%x\r\n%b\r\n" % (len(data), data)


# --- the head of an answer -------------------------------------------------------------------------------------------


class Head(NamedTuple):
    """The head of an answer, and how its body is framed.

    Attributes:
        status: 100 to 999.
        reason: The words behind it, "" if there are none.
        fields: Names and values as they came.
        length: Bytes of the body, None if the header does not say.
        is_chunked: Whether the body comes in chunks.
        coding: What the body is compressed with, in lower case; b"" if it is not.
        is_last: Whether the connection is closed afterwards.
        idle_seconds: How long the server keeps the idle connection open, None if it does not say.
    """

    status: int
    reason: str
    fields: list[tuple[bytes, bytes]]
    length: int | None
    is_chunked: bool
    coding: bytes
    is_last: bool
    idle_seconds: int | None


_STATUS_LINE: Final = re.compile(rb"HTTP/1\.([0-9]) ([1-9][0-9][0-9])(?: ([^\x00-\x08\x0a-\x1f\x7f]*))?").fullmatch

# A line, beginning with the break that ends the one before: all of a header in one pass of C. There must be as many
# matches as there are breaks, and as many CR and LF as breaks: that is the proof that every line is a field.
_FIELDS: Final = re.compile(rb"\r\n([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r]*)").findall

# A field that goes on in the next line (RFC 9112, section 5.2: obsolete, and to be read as spaces).
_FOLD: Final = re.compile(rb"[ \t]*\r\n[ \t]+").sub


@lru_cache(maxsize=64)
def _status_line(line: bytes) -> tuple[bool, int, str]:
    """Return whether it is HTTP/1.0, status and reason."""
    match = _STATUS_LINE(line)
    if match is None:
        raise AnswerError(f"the status line is {_shown(line)}")
    minor, status, reason = match.groups()
    return minor == b"0", int(status), field_text((reason or b"").decode("latin-1").strip(), "latin-1")


def _shown(line: bytes) -> str:
    """Return a line for a message: cut, quoted, and without what could play tricks with a terminal."""
    return ascii(line[:80].decode("latin-1"))


def parse_head(data: bytes, end: int) -> Head:
    """Read the head of an answer, which ends where the empty line begins.

    Raises:
        AnswerError: A line is not what it should be, or the header can be read in two ways.
    """
    start = data.find(b"\r\n", 0, end)
    if start < 0:  # a status line and nothing else
        start = end
    is_old, status, reason = _status_line(data[:start])
    fields = _FIELDS(data, start, end)
    count = len(fields)
    if count != data.count(b"\n", start, end) or count != data.count(b"\r", start, end):
        fields = _folded_fields(data[start:end])
    if len(fields) > HEADER_FIELDS_LIMIT:
        raise AnswerError(f"its header has more than {HEADER_FIELDS_LIMIT} fields")
    if end > HEADER_LINE_LIMIT and max(map(len, data[:end].split(b"\r\n"))) > HEADER_LINE_LIMIT:
        raise AnswerError(f"a line of its header is longer than {HEADER_LINE_LIMIT} bytes")
    if data.find(b"\0", start, end) >= 0:
        raise AnswerError("its header holds a NUL")
    known = {name.lower(): value for name, value in fields}
    if len(known) != len(fields):
        known = _joined(fields)
    length = known.get(b"content-length")
    encoding = known.get(b"transfer-encoding")
    connection = known.get(b"connection")
    coding = known.get(b"content-encoding", b"")
    keep_alive = known.get(b"keep-alive")
    is_chunked = encoding is not None and _is_chunked(encoding)
    is_last = (is_old or connection is not None) and _is_last(is_old, connection or b"", is_chunked)
    if is_chunked and length is not None:
        # Chunks win (RFC 9112, section 6.3), but the sign of somebody who wants to be read in two ways is the end.
        length, is_last = None, True
    return Head(
        status,
        reason,
        fields,
        None if length is None else _length(length),
        is_chunked,
        coding and coding.strip().lower(),
        is_last,
        None if keep_alive is None else _idle_seconds(keep_alive),
    )


def _folded_fields(lines: bytes) -> list[tuple[bytes, bytes]]:
    """Return the fields of a header that has folded lines, or lines that are none.

    Raises:
        AnswerError: It has lines that are none.
    """
    unfolded = _FOLD(b" ", lines)
    fields: list[tuple[bytes, bytes]] = _FIELDS(unfolded)
    if unfolded.count(b"\r\n") != unfolded.count(b"\r") or unfolded.count(b"\r\n") != unfolded.count(b"\n"):
        raise AnswerError("its header holds a CR or LF that ends no line")
    # A fold right behind the status line has been put onto no field at all.
    if unfolded and (not unfolded.startswith(b"\r\n") or len(fields) != unfolded.count(b"\n")):
        raise AnswerError("a line of the header is not a field")
    return fields


def _joined(fields: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return the fields by name, those of one name joined."""
    known: dict[bytes, bytes] = {}
    for name, value in fields:
        key = name.lower()
        known[key] = known[key] + b", " + value if key in known else value
    return known


def _length(value: bytes) -> int:
    """Return what ``Content-Length`` says; the same number several times over is one (RFC 9112, section 6.3)."""
    if value.isdigit() and len(value) <= _LENGTH_DIGITS:  # of bytes: ASCII only, no sign
        return int(value)
    numbers = {part.strip(b" \t") for part in value.split(b",")}
    number = numbers.pop()
    if numbers:
        raise AnswerError("its lengths contradict each other")
    if not number.isdigit() or len(number) > _LENGTH_DIGITS:
        raise AnswerError(f"its Content-Length is {_shown(number)}")
    return int(number)


def _is_chunked(encoding: bytes) -> bool:
    """Whether ``Transfer-Encoding`` is one that we can undo; the request has asked for no other."""
    if encoding.strip(b" \t").lower() != b"chunked":
        raise AnswerError(f"its Transfer-Encoding is {_shown(encoding)}")
    return True


def _is_last(is_old: bool, connection: bytes, is_chunked: bool) -> bool:
    """Whether the connection ends with this answer (RFC 9112, section 9.3)."""
    tokens = [token.strip(b" \t") for token in connection.lower().split(b",")]
    if is_old:  # chunks are not of its time: whoever sent them does not know what he does (section 6.1)
        return b"keep-alive" not in tokens or b"close" in tokens or is_chunked
    return b"close" in tokens


def asks_to_close(connection: str) -> bool:
    """Whether the ``Connection`` field of a request asks for the end of the connection."""
    return "close" in [token.strip() for token in connection.lower().split(",")]


_TIMEOUT: Final = re.compile(rb"(?:^|[,;\s])timeout\s*=\s*\"?([0-9]{1,6})\b", re.IGNORECASE).search


def _idle_seconds(value: bytes) -> int | None:
    match = _TIMEOUT(value)
    return None if match is None else int(match[1])


class Fields:
    """The header fields of an answer, decoded when somebody looks at them; ``raw`` is what came."""

    __slots__ = ("raw",)

    def __init__(self, head: Head) -> None:
        self.raw = head.fields

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return (
            (name.decode("ascii"), field_text(value.rstrip(b" \t").decode("latin-1"), "latin-1"))
            for name, value in self.raw
        )
