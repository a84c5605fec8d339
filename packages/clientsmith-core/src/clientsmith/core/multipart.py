"""Multipart bodies (RFC 7578), sent as they are read: a file is never held in memory whole.

A part is anything that has bytes: text, bytes, a number, a model (as JSON), an open file, a path, an iterable of bytes,
or an async one for an async client. `Part` says more about it: a file name, a media type, header fields.

A body knows its length if all its parts know theirs, and can be sent again, by a retry for example, if none of them is
used up by sending it: files are read again from where they were.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, cast

from .rest import Content, Headers
from .serialization import dumps, to_wire
from .serialization._codecs import WireObject

__all__ = ["AsyncMultipart", "Multipart", "Part", "multipart"]

_BLOCK: Final = 64 * 1024
# A body of bytes up to this size is sent in one piece: copying it costs less than sending it in several.
_JOINED: Final = 1024 * 1024
_OCTETS: Final = "application/octet-stream"
# RFC 2046, section 5.1.1, without what has to be quoted in a media type.
_BOUNDARY: Final = re.compile(r"[A-Za-z0-9'+_.-]{1,70}").fullmatch


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body.

    Attributes:
        content: What is sent.
        filename: Only the last step of it is sent; services take a part with a file name for a file. The default is
            the name of an open file or path.
        media_type: The default is guessed from the file name; text is text, a model or dict JSON.
        headers: Further header fields of the part.
    """

    content: Any
    filename: str | None = None
    media_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def multipart(fields: Mapping[str, Any], *, boundary: str | None = None) -> tuple[Content, str]:
    """Return a ``multipart/form-data`` body and its media type.

    Args:
        fields: Name → part: a value, a `Part`, a tuple of file name, content and optionally media type and headers, or
            a list of these, which become parts of one name. None is left out.
        boundary: What stands between the parts; made at random if not given.

    Raises:
        TypeError: Something can be no part.
        ValueError: A name has a backslash, a header field a line break, or a part two of what there is one of; or
            ``boundary`` has other characters than letters, digits and ``'+_.-``, or more than 70 of them.
    """
    mark = _random_boundary() if boundary is None else boundary
    if not _BOUNDARY(mark):
        raise ValueError(f"the boundary {mark[:80]!r} would need quotes or end the line; use letters and digits")
    parts = [_piece(name, item) for name, value in fields.items() for item in _items(value) if item is not None]
    media_type = f"multipart/form-data; boundary={mark}"
    if any(piece.is_async for piece in parts):
        return AsyncMultipart(parts, mark), media_type
    body = Multipart(parts, mark)
    is_small = all(isinstance(piece.source, bytes) for piece in parts) and cast("int", body.length) <= _JOINED
    return b"".join(body) if is_small else body, media_type


def _random_boundary() -> str:
    # 128 random bits, drawn after the content is fixed: no content can hold them but by a chance that is none.
    return os.urandom(16).hex()


def _items(value: Any) -> Iterable[Any]:
    return cast("list[object]", value) if isinstance(value, list) else (value,)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part made ready: its header block, and where its bytes come from."""

    head: bytes
    source: Any  # bytes, or what the next three know
    length: int | None
    is_replayable: bool
    is_async: bool = False
    open: Callable[[], Iterator[bytes]] = lambda: iter(())

    def blocks(self) -> Iterator[bytes]:
        return iter((self.source,)) if isinstance(self.source, bytes) else self.open()


class _Body:
    """What both colours share: the framing, the length, and whether it can be sent again."""

    def __init__(self, parts: list[_Piece], boundary: str) -> None:
        self._parts, self._mark = parts, b"--" + boundary.encode("ascii")

    @property
    def is_replayable(self) -> bool:
        """Whether sending it a second time sends the same."""
        return all(piece.is_replayable for piece in self._parts)

    @property
    def length(self) -> int | None:
        """How many bytes it has, None if a part does not know."""
        total = len(self._mark) + 4
        for piece in self._parts:
            if piece.length is None:
                return None
            total += len(self._mark) + 2 + len(piece.head) + piece.length + 2
        return total

    def _opening(self, piece: _Piece) -> bytes:
        return self._mark + b"\r\n" + piece.head

    def _closing(self) -> bytes:
        return self._mark + b"--\r\n"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self._parts)} parts>"


class Multipart(_Body):
    """A multipart body that is read while it is sent."""

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._parts:
            yield self._opening(piece)
            yield from piece.blocks()
            yield b"\r\n"
        yield self._closing()


class AsyncMultipart(_Body):
    """A multipart body with a part that only an async client can read."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._parts:
            yield self._opening(piece)
            if piece.is_async:
                async for block in piece.source:
                    yield block
            else:
                for block in piece.blocks():
                    yield block
            yield b"\r\n"
        yield self._closing()


# --- from values to parts --------------------------------------------------------------------------------------------


def _piece(name: str, value: Any) -> _Piece:
    part = _part(value)
    content, filename = part.content, part.filename
    if filename is None:
        filename = _name_of(content)
    if filename is None and isinstance(content, bytes | bytearray | memoryview):
        filename = name  # without one, many services take it for text
    headers = Headers(part.headers)  # which refuses line breaks
    if "Content-Disposition" in headers:
        raise ValueError(f"part {name!r} has a Content-Disposition already: its name and file name; leave yours out")
    media_type = part.media_type or headers.get("Content-Type") or _media_type(content, filename)
    head = _head(name, filename and _basename(filename), media_type, headers)
    try:
        return _source(head, content)
    except TypeError as error:
        raise TypeError(f"part {name!r}: {error}") from error


def _part(value: Any) -> Part:
    if isinstance(value, Part):
        return value
    if isinstance(value, tuple):
        filename, content, *rest = cast("tuple[Any, ...]", value)  # type: ignore[redundant-cast]  # not to pyright
        return Part(content, filename, *rest)
    return Part(value)


def _source(head: bytes, content: Any) -> _Piece:
    if isinstance(content, bytes):
        return _Piece(head, content, len(content), is_replayable=True)
    if isinstance(content, bytearray | memoryview):
        copied = bytes(cast("bytearray", content))
        return _Piece(head, copied, len(copied), is_replayable=True)
    if isinstance(content, os.PathLike):
        path = Path(cast("os.PathLike[str]", content))
        return _Piece(head, path, path.stat().st_size, is_replayable=True, open=lambda: _read_path(path))
    if hasattr(content, "read"):
        return _file(head, content)
    if isinstance(content, AsyncIterable):
        return _Piece(head, content, None, is_replayable=False, is_async=True)
    if isinstance(content, Iterable) and not isinstance(content, str | Mapping | list | WireObject):
        blocks = cast("Iterable[bytes]", content)
        return _Piece(head, blocks, None, is_replayable=False, open=lambda: iter(blocks))
    text = _text(content).encode()
    return _Piece(head, text, len(text), is_replayable=True)


def _text(content: Any) -> str:
    wire = to_wire(content)
    return wire if isinstance(wire, str) else dumps(wire).decode()


def _read_path(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from _blocks(file)


def _file(head: bytes, file: IO[bytes]) -> _Piece:
    if isinstance(file, io.TextIOBase):
        raise TypeError("the file is open as text, whose line ends and encoding are a guess; open it with mode 'rb'")
    if not _is_seekable(file):
        return _Piece(head, file, None, is_replayable=False, open=lambda: _blocks(file))
    start = file.tell()
    length = file.seek(0, io.SEEK_END) - start
    file.seek(start)

    def read_again() -> Iterator[bytes]:
        file.seek(start)
        return _blocks(file)

    return _Piece(head, file, length, is_replayable=True, open=read_again)


def _is_seekable(file: IO[bytes]) -> bool:
    try:
        return file.seekable()
    except AttributeError:
        return False


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _name_of(content: Any) -> str | None:
    if isinstance(content, os.PathLike):
        return os.fspath(cast("os.PathLike[str]", content))
    name = getattr(content, "name", None) if hasattr(content, "read") else None
    return name if isinstance(name, str) else None  # a number for a pipe


def _basename(filename: str) -> str:
    """Return the last step of a path of either kind: where a file lay is nobody's business (RFC 7578, section 4.2)."""
    return filename.replace("\\", "/").rpartition("/")[2]


def _media_type(content: Any, filename: str | None) -> str | None:
    if filename is not None:
        from mimetypes import MimeTypes

        # An object of our own knows what Python knows, and does not read the files of the machine.
        guessed, encoding = MimeTypes().guess_type(filename)
        return _OCTETS if guessed is None or encoding is not None else guessed
    if isinstance(content, Mapping | WireObject | list):
        return "application/json"
    return _OCTETS if hasattr(content, "read") or isinstance(content, AsyncIterable) else None


def _head(name: str, filename: str | None, media_type: str | None, fields: Headers) -> bytes:
    if "\\" in name:
        # Half of all parsers take it for an escape, and then the name ends elsewhere; a file name has none by now.
        raise ValueError(
            f"the name {name[:80]!r} of a part has a backslash, which receivers read in two ways; rename it"
        )
    disposition = f'form-data; name="{_quoted(name)}"'
    if filename:
        disposition += f'; filename="{_quoted(filename)}"'
    if media_type is not None:
        fields["Content-Type"] = media_type
    lines = [f"Content-Disposition: {disposition}", *(f"{name}: {value}" for name, value in fields.items())]
    # A file name may have bytes that are no text in any encoding: they travel as they are.
    return "\r\n".join([*lines, "\r\n"]).encode(errors="surrogateescape")


def _quoted(text: str) -> str:
    # RFC 7578, section 4.2: in UTF-8, and percent-encoded what would end the quoted string or the line.
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
