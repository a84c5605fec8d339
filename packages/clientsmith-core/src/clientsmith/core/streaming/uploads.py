"""Bodies of requests that tell how far they are, and that can be sent a second time."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

from .downloads import Progress
from .responses import CHUNK_SIZE

__all__ = ["Upload"]

Source: TypeAlias = "str | os.PathLike[str] | BinaryIO | bytes"


class Upload:
    """The content of a request, out of a file: read while it is sent, in either colour.

        client.put_backup("7", Upload("backup.bin", progress=show))

    Args:
        source: A path, an open binary file, which is read from where it stands, or bytes.
        progress: Called with the bytes handed to the transport so far and with how many there are, None if not known.
            An attempt that is made again begins at 0 again.

    Attributes:
        length: How many bytes there are, None if the file does not tell; sent as ``Content-Length``.
        is_replayable: Whether a retry or a redirect can send it once more. A file that cannot go back cannot.

    Raises:
        OSError: The file cannot be read.
    """

    def __init__(self, source: Source, *, progress: Progress | None = None) -> None:
        self._progress = progress
        self._open: Callable[[], Iterator[bytes]]
        self.length: int | None
        self.is_replayable = True
        if isinstance(source, bytes):
            self.length, self._open = len(source), lambda: _blocks(io.BytesIO(source))
        elif isinstance(source, str | os.PathLike):
            path = Path(source)
            self.length, self._open = path.stat().st_size, lambda: _read_path(path)
        else:
            self.length, self.is_replayable, self._open = _of_file(source)

    def __iter__(self) -> Iterator[bytes]:
        progress, done = self._progress, 0
        for block in self._open():
            yield block
            done += len(block)
            if progress is not None:
                progress(done, self.length)

    def __repr__(self) -> str:
        return f"<Upload of {'unknown length' if self.length is None else f'{self.length} bytes'}>"


def _of_file(file: BinaryIO) -> tuple[int | None, bool, Callable[[], Iterator[bytes]]]:
    if not file.seekable():
        return None, False, lambda: _blocks(file)
    start = file.tell()
    length = max(0, file.seek(0, io.SEEK_END) - start)
    file.seek(start)

    def again() -> Iterator[bytes]:
        file.seek(start)
        return _blocks(file)

    return length, True, again


def _read_path(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from _blocks(cast(BinaryIO, file))


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(CHUNK_SIZE):
        yield block
