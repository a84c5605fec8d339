"""The metadata inside a wheel that is elsewhere, read by asking for a few parts of it (RFC 9110, section 14).

For indexes that do not give metadata by itself (PEP 658). Rules:

- A wheel is a zip archive: its table of contents is at the end, and the metadata mostly right before it. So the end is
  asked for first, and then whatever `zipfile` misses. Most wheels need one request, some two or three.
- A server that gives no parts is not made to send the whole: the answer is given up with its header.
- All parts have to be of one content: of one entity tag and one length.
- Nothing of it can be verified, for the hash of the index is that of the whole. What it says is taken, like an index's
  own word without a hash: from a host that the index named.
- What a wheel says about its sizes is not believed: neither too many parts, nor too long ones, nor what grows too much
  when it is unpacked.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from clientsmith.core.pipeline import Steps
from clientsmith.core.streaming import ByteRange
from clientsmith.core.streaming.downloads import ByteSteps
from clientsmith.core.streaming.ranges import ContentRange
from clientsmith.core.streaming.source import Source
from packaging.utils import canonicalize_name

from .addresses import check_address
from .download.steps import GetFile
from .errors import MetadataUnavailableError
from .pages import ProjectFile

if TYPE_CHECKING:
    from .index import Index

__all__ = ["read_from_wheel"]

# 16 KiB: table of contents and metadata of nearly all wheels; two packets more cost less than another request.
_PART: Final = 16 * 1024
_AROUND: Final = _PART // 2
# The table of contents of a wheel with 15,000 files has 2 MiB, and no metadata is as long.
_LONGEST: Final = 8 * 1024 * 1024
_MOST_PARTS: Final = 8
_METADATA: Final = re.compile(r"([^/]+)-[^/-]+\.dist-info/METADATA").fullmatch


class _MissingBytesError(Exception):
    """These bytes are not here yet: from ``args[0]`` up to ``args[1]``. No OSError: `zipfile` swallows those."""


class _Sparse(io.RawIOBase):
    """A file of which only some parts are here."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size, self._position = size, 0
        self._parts: list[tuple[int, bytes]] = []

    def add(self, start: int, data: bytes) -> None:
        self._parts.append((start, data))

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        start = self._position
        stop = self._size if size < 0 else min(self._size, start + size)
        if start >= stop:
            return b""
        for first, data in self._parts:
            if first <= start and stop <= first + len(data):
                self._position = stop
                return data[start - first : stop - first]
        raise _MissingBytesError(start, stop)

    def close(self) -> None:
        """Stay open: `zipfile` closes what it could not read, and it is read again when there is more of it."""


def read_from_wheel(index: Index, file: ProjectFile, options: Mapping[str, Any]) -> Steps[bytes]:
    """Return the metadata of a remote wheel.

    Raises:
        MetadataUnavailableError: It is no wheel, has none, or its server gives no parts.
        HttpResponseError, TransportError: As for a download.
    """
    if not file.filename.endswith(".whl"):
        raise _unavailable(file, "only wheels have their metadata in a place where it can be read from afar")
    check_address(file)
    index.check_road(file.url)
    remote = _Remote(index, file, options)
    yield from remote.open()
    for _ in range(_MOST_PARTS):
        try:
            return _metadata_in(remote.sparse, file)
        except _MissingBytesError as missing:
            yield from remote.fetch(*missing.args)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
            raise _unavailable(file, f"it is no wheel that can be read ({error})") from error
    raise _unavailable(file, f"more than {_MOST_PARTS} parts of it would be needed")


class _Remote:
    """A file elsewhere, and what is here of it."""

    def __init__(self, index: Index, file: ProjectFile, options: Mapping[str, Any]) -> None:
        self._index, self._file = index, file
        self._settings = index.core.table.for_call(options)
        self._identity: tuple[str | None, int] | None = None
        self.sparse = _Sparse(0)

    def open(self) -> Steps[None]:
        """Fetch the end of it."""
        size = self._file.size
        wanted = ByteRange(-_PART) if size is None else ByteRange(max(0, size - _PART))
        start, data, identity = yield from self._part(wanted)
        self._identity = identity
        self.sparse = _Sparse(identity[1])
        self.sparse.add(start, data)

    def fetch(self, start: int, stop: int) -> Steps[None]:
        """Fetch a part of it, with what stands around it: before the table of contents that is mostly the metadata."""
        if stop - start > _LONGEST:
            raise _unavailable(self._file, f"{stop - start} bytes of it would be needed")
        start, data, identity = yield from self._part(ByteRange(max(0, start - _AROUND), stop + _AROUND - 1))
        if identity != self._identity:
            raise _unavailable(self._file, "it changed while it was read")
        self.sparse.add(start, data)

    def _part(self, wanted: ByteRange) -> Steps[tuple[int, bytes, tuple[str | None, int]]]:
        """Return where a part begins, its bytes, and what tells the content from others."""
        body = ByteSteps(
            Source(self._index.core, GetFile(self._index, self._file.url), {}, None, self._settings, as_stored=True),
            wanted,
        )
        yield from body.open()
        try:
            answer = body.response
            if answer is None or answer.status_code != 206:
                raise _unavailable(self._file, "its server gives no parts of files")
            size = ContentRange.parse(answer.headers.get("Content-Range", "")).size
            if size is None or body.total is None or body.total > _LONGEST + _PART:
                raise _unavailable(
                    self._file, "its server does not say how long it is, or sends other parts than asked for"
                )
            chunks: list[bytes] = []
            while chunk := (yield from body.read()):
                chunks.append(chunk)
        finally:
            body.abandon()
        return body.first, b"".join(chunks), (body.validator, size)


def _metadata_in(sparse: _Sparse, file: ProjectFile) -> bytes:
    sparse.seek(0)
    with zipfile.ZipFile(sparse) as archive:
        found = [name for name in archive.namelist() if _is_metadata(name, file)]
        if len(found) != 1:
            raise _unavailable(file, f"there are {len(found)} files in it that are called METADATA")
        about = archive.getinfo(found[0])
        if about.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # Others may take gigabytes of memory before their first byte, and no index takes such wheels.
            raise _unavailable(file, f"its metadata is compressed in a way that wheels are not ({about.compress_type})")
        if about.file_size > _LONGEST or about.compress_size > _LONGEST:
            raise _unavailable(file, f"its metadata is said to have {about.file_size} bytes")
        with archive.open(about) as member:
            content = member.read(_LONGEST)
            if member.read(1):
                raise _unavailable(file, f"its metadata has more than {_LONGEST} bytes")
    return content


def _is_metadata(name: str, file: ProjectFile) -> bool:
    found = _METADATA(name)
    return found is not None and (file.project is None or canonicalize_name(found[1]) == file.project)


def _unavailable(file: ProjectFile, why: str) -> MetadataUnavailableError:
    return MetadataUnavailableError(
        f"its metadata cannot be read from afar: {why}; download the file to read it",
        file_name=file.filename,
        url=file.url,
    )
