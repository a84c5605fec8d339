"""Where a download is written to: never half, never over something good before it is whole."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from errno import EEXIST
from pathlib import Path
from typing import BinaryIO, Final, Protocol

__all__ = ["NO_CHECK", "Check", "OpenFile", "PartFile", "Target", "version_of"]


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


class Check(Protocol):
    """Looks at all bytes of a content in their order, and says in the end whether they are the right ones.

    What it raises ends the download; nothing is left of what was written.
    """

    def begin(self) -> None:
        """Forget what was seen: the first byte comes next."""
        ...

    def update(self, data: bytes, /) -> None:
        """See the next bytes. It may raise at once if there are too many."""
        ...

    def finish(self) -> None:
        """Raise if what was seen is not what it should be."""
        ...


class _NoCheck:
    """For whoever takes what comes."""

    def begin(self) -> None: ...

    def update(self, data: bytes, /) -> None: ...

    def finish(self) -> None: ...


NO_CHECK: Final = _NoCheck()


class PartFile:
    """A file of another name beside the wanted one, which takes its place when it is whole, and right.

    With a ``version`` the name is the same each time, and what is there is kept for the next time: it is of the same
    content, as the version is in the name. It belongs to one download at a time, of any thread or process: another one
    finds it locked and takes a new name. Without a version the name is new, and nothing is left behind.

    Attributes:
        size: Bytes written, by an earlier attempt too.
    """

    def __init__(self, path: Path, version: str = "", check: Check = NO_CHECK, *, overwrite: bool = True) -> None:
        self._path = path.resolve()  # a link goes on leading to the file
        self._check, self._overwrite = check, overwrite
        self._part, self._file, self._is_kept = self._open(version)
        check.begin()
        try:
            self.size = self._read_again()
        except BaseException:
            self.give_up()
            raise

    def _open(self, version: str = "") -> tuple[Path, BinaryIO, bool]:
        """Return the place of the hidden file, the file, and whether it is kept for the next time."""
        if version:
            part = self._named(version)
            file = _open_own(part)
            # The one that had it until now may have given it its final name meanwhile: then it is no longer ours.
            if file is not None and try_lock(file) and _is_at(file, part):
                return part, file, True
            if file is not None:
                file.close()
        part = self._named(os.urandom(6).hex())
        return part, part.open("x+b"), False

    def _named(self, version: str) -> Path:
        return self._path.with_name(f".{self._path.name}.{version}.part")

    def _read_again(self) -> int:
        """Show the check what an earlier attempt has written; return how much that is."""
        if self._check is NO_CHECK:
            return self._file.seek(0, os.SEEK_END)
        while data := self._file.read(_PIECE):
            with self._nothing_left_if_wrong():
                self._check.update(data)
        return self._file.tell()

    @contextmanager
    def _nothing_left_if_wrong(self) -> Generator[None, None, None]:
        try:
            yield
        except BaseException:
            self._is_kept = False
            raise

    def write(self, chunks: Iterable[bytes]) -> None:
        if self._check is NO_CHECK:
            self._file.writelines(chunks)
            return
        for chunk in chunks:
            with self._nothing_left_if_wrong():
                self._check.update(chunk)
            self._file.write(chunk)

    def restart(self) -> None:
        self._is_kept = False
        self.give_up()
        self._part, self._file, self._is_kept = self._open()
        self._check.begin()
        self.size = 0

    def finish(self) -> None:
        with self._nothing_left_if_wrong():
            self._check.finish()
        self._file.flush()
        os.fsync(self._file.fileno())  # or a crash of the machine could leave the name without the bytes
        if os.name == "nt":  # there an open file cannot be renamed; elsewhere it has to be open, for that is the lock
            self._file.close()
        if self._overwrite:
            self._part.replace(self._path)
        else:
            with self._nothing_left_if_wrong():
                place_new(self._part, self._path)
        self._file.close()

    def give_up(self) -> None:
        with suppress(OSError):  # the disk is full, say: there is an error on its way already
            self._file.close()
        if not self._is_kept:
            with suppress(OSError):
                self._part.unlink(missing_ok=True)


class OpenFile:
    """A file that the caller opened and will close."""

    def __init__(self, file: BinaryIO, check: Check = NO_CHECK) -> None:
        self._file, self._check = file, check
        self._start = file.tell() if file.seekable() else None
        check.begin()

    def write(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            self._check.update(chunk)
            self._file.write(chunk)

    def restart(self) -> None:
        if self._start is None:
            raise OSError("the content changed while it was downloaded, and the file cannot go back to its beginning")
        self._file.seek(self._start)
        self._file.truncate()
        self._check.begin()

    def finish(self) -> None:
        """The caller flushes and closes."""
        self._check.finish()

    def give_up(self) -> None:
        """What was written stays: the caller may want it."""


def _open_own(part: Path) -> BinaryIO | None:
    """Open what an earlier attempt left, or make it; None if others may have their hands in it.

    Its name can be foretold. In a folder that others may write into it could be a link to a file that is not to be
    written to, a pipe, or somebody's own file, who could change it after the check.
    """
    # Not appended to: what an earlier attempt wrote is read, too, and could not be begun anew.
    flags = os.O_RDWR | os.O_CREAT | sum(getattr(os, name, 0) for name in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK"))
    try:
        descriptor = os.open(part, flags, 0o666)
    except OSError:  # a folder that cannot be written to says so again for the next name
        return None
    about = os.fstat(descriptor)
    is_ours = os.name == "nt" or about.st_uid == os.geteuid()
    if not (stat.S_ISREG(about.st_mode) and about.st_nlink == 1 and is_ours):
        os.close(descriptor)
        return None
    return os.fdopen(descriptor, "r+b")


def try_lock(file: BinaryIO) -> bool:
    """Lock a file for as long as it is open; False if somebody else has it. Where there are no locks nobody has it."""
    try:
        import fcntl  # not on Windows, where an open file can neither be renamed nor removed by others
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _is_at(file: BinaryIO, path: Path) -> bool:
    """Whether an open file still has this name."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    here = os.fstat(file.fileno())
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


def place_new(part: Path, path: Path) -> None:
    """Give a file its final name, which nobody else must have.

    Raises:
        FileExistsError: Somebody else has it.
    """
    try:
        path.hardlink_to(part)  # the one way to do both at once
    except FileExistsError:
        raise FileExistsError(EEXIST, "there is a file of this name already", str(path)) from None
    except OSError:  # a file system without links; between these two steps somebody could come
        if path.exists():
            raise FileExistsError(EEXIST, "there is a file of this name already", str(path)) from None
        part.replace(path)
    else:
        part.unlink()


_PIECE: Final = 1024 * 1024
_DIGEST: Final = 12


def version_of(validator: str, size: int | None) -> str:
    """Return the name of a content, for the name of a file."""
    from hashlib import sha256  # only for downloads that can be gone on with later

    return sha256(f"{validator} {size}".encode()).hexdigest()[:_DIGEST]
