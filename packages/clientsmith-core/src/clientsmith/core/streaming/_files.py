"""Where a download is written to: never half, never over something good before it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, Protocol

__all__ = ["OpenFile", "PartFile", "Target", "version_of"]


class Target(Protocol):
    """What a download is written to; all of it may block."""

    def write(self, chunks: Iterable[bytes]) -> None:
        """Write at the end of what there is."""
        ...

    def restart(self) -> None:
        """Forget what was written."""
        ...

    def finish(self) -> None:
        """Everything is written."""
        ...

    def give_up(self) -> None:
        """Nothing more will be written. Raises nothing."""
        ...


class PartFile:
    """A file of another name beside the wanted one, which takes its place when it is whole.

    With a ``version`` the name is the same each time, and what is there is kept for the next time: it is of the same
    content, as the version is in the name. Without one the name is new, and nothing is left behind.

    Attributes:
        size: Bytes written, by an earlier attempt too.
    """

    def __init__(self, path: Path, version: str = "") -> None:
        self._path = path.resolve()  # a link goes on leading to the file
        self._is_kept = version != ""
        self._part, self._file = self._open(version)
        self.size = self._file.seek(0, os.SEEK_END)

    def _open(self, version: str = "") -> tuple[Path, BinaryIO]:
        part = self._path.with_name(f".{self._path.name}.{version or os.urandom(6).hex()}.part")
        # Not for appending: should two processes load the same content, they write the same bytes to the same places.
        return part, os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666), "r+b")

    def write(self, chunks: Iterable[bytes]) -> None:
        self._file.writelines(chunks)

    def restart(self) -> None:
        self.give_up()
        self._is_kept = False
        self._part.unlink(missing_ok=True)
        self._part, self._file = self._open()
        self.size = 0

    def finish(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())  # or a crash of the machine could leave the name without the bytes
        self._file.close()
        self._part.replace(self._path)

    def give_up(self) -> None:
        with suppress(OSError):  # the disk is full, say: there is an error on its way already
            self._file.close()
        if not self._is_kept:
            with suppress(OSError):
                self._part.unlink(missing_ok=True)


class OpenFile:
    """A file that the caller opened and will close."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._start = file.tell() if file.seekable() else None

    def write(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            self._file.write(chunk)

    def restart(self) -> None:
        if self._start is None:
            raise OSError("the content changed while it was downloaded, and the file cannot go back to its beginning")
        self._file.seek(self._start)
        self._file.truncate()

    def finish(self) -> None:
        """The caller flushes and closes."""

    def give_up(self) -> None:
        """What was written stays: the caller may want it."""


_DIGEST: Final = 12


def version_of(validator: str, size: int | None) -> str:
    """Return the name of a content, for the name of a file."""
    from hashlib import sha256  # only for downloads that can be gone on with later

    return sha256(f"{validator} {size}".encode()).hexdigest()[:_DIGEST]
