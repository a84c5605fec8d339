"""Answers of indexes on disk: for the next run of a program, and for all that run at the same time.

What may be kept, for how long, and what the service is asked is decided by `clientsmith.core`'s `CachingPolicy`
(RFC 9111); here is only the shelf on which it puts things. Rules:

- An entry is a file that nobody changes: it is written under another name and renamed, so that everybody sees the
  former one or the whole new one. Two who write at the same time write the same, or the later one wins.
- Nothing that is wrong with a file or a disk is an error: what cannot be read is not there (and is removed), what
  cannot be written is not kept.
- One answer is kept for each URL, each ``Accept`` and each group of callers. The groups are *nobody* and, for each
  credential, its kind and user name: the secret itself is never on the disk, not even as a hash, for whoever gets hold
  of one could try passwords on it. What was answered to a credential is used only after the index has said that it
  still holds (304), and it says so only to whoever may see it. It has to be an entity tag that is asked by: two
  tokens of one kind are in one group, and a date may be the same for what either of them may see.
- Requests that bring their own ``Authorization`` or ``Cookie`` pass by. Cookies in answers are left out. An entry does
  not say its URL: there are indexes with tokens in theirs.
- The folder is of its owner alone (0700). One that others may write into is refused: whoever could put pages there
  could choose what is installed.
- ``max_bytes`` is looked after by whoever writes: after every sixteenth of it, what was not used for the longest time
  goes. So several processes may be over it by a sixteenth each, for a while.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from clientsmith.core.errors import UsageError
from clientsmith.core.policies.shelves import Kept
from clientsmith.core.rest import HttpRequest

from .entries import pack, unpack

__all__ = ["DiskCache", "DiskShelf"]

# Where the files of this form are; another form gets another name, and neither reads the other's.
_LAYOUT: Final = "simple-repository-1"
# An hour: no download of a page takes as long, so what is older was left by a process that died.
_ABANDONED_AFTER: Final = 3600.0
# A file takes whole blocks, and its name and dates take room as well.
_OVERHEAD: Final = 4096
_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_OTHERS_MAY_READ: Final = stat.S_IRWXG | stat.S_IRWXO


class _Entry(NamedTuple):
    used_at: float
    size: int
    path: str


class DiskCache:
    """A folder of answers. Any number of clients, threads and processes may share it.

    Args:
        folder: Where; it is made if it is not there, with its parents.
        max_bytes: How much room it may take, by default 256 MiB: a few thousand pages, or the list of all projects of a
            big index in both forms and a few hundred pages.

    Raises:
        UsageError: Others may write into the folder, or it is somebody else's.
        OSError: The folder cannot be made.
    """

    def __init__(self, folder: str | os.PathLike[str], max_bytes: int = 256 * 1024 * 1024) -> None:
        if max_bytes <= 0:
            raise UsageError(f"max_bytes={max_bytes} leaves no room for anything; leave the cache out to have none")
        self.folder = Path(folder).expanduser().absolute()
        self.max_bytes = max_bytes
        self._root = self.folder / _LAYOUT
        self._make_folders()
        _check_owner(self._root)
        self._written = max_bytes  # what others left is looked through before the first entry
        self._mutex = threading.Lock()

    def shelf(self, group_of: Callable[[str], str], clock: Callable[[], float] = time.time) -> DiskShelf:
        """Return a view for one client.

        Args:
            group_of: Tells for a URL who asks: "" for nobody, else a name that is no secret.
            clock: Seconds since the epoch.
        """
        return DiskShelf(self, group_of, clock)

    def clear(self) -> None:
        """Remove everything."""
        for entry in self._entries():
            _remove(entry.path)

    # --- for shelves ---

    def read(self, name: str) -> bytes | None:
        """Return the bytes of an entry, None if there is none, and remember that it was used."""
        path = self._path(name)
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return data

    def write(self, name: str, parts: tuple[bytes, ...]) -> None:
        """Make an entry, or replace one; do nothing if that fails."""
        path = self._path(name)
        part = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
        if not self._make_room(sum(map(len, parts)) + _OVERHEAD):
            return
        try:
            if not path.parent.is_dir():
                self._make_folders(path.parent)
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123  a mode
                file.writelines(parts)
            part.replace(path)
        except OSError:  # the disk is full, or the folder went away: then it is not kept
            _remove(part)

    def remove(self, name: str) -> None:
        """Forget an entry."""
        _remove(self._path(name))

    def remove_all(self, beginning: str) -> None:
        """Forget the entries whose names begin so."""
        folder = self._path(beginning).parent
        with suppress(OSError):
            for path in list(folder.glob(f"{beginning}*")):
                _remove(path)

    def _make_folders(self, *more: Path) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self._root, *more):
            folder.mkdir(exist_ok=True, mode=0o700)

    def _path(self, name: str) -> Path:
        return self._root / name[:2] / name

    def _make_room(self, size: int) -> bool:
        """Note that so much will be written, and look after the limit now and then; False if it is too much."""
        if size > self.max_bytes:
            return False
        with self._mutex:
            self._written += size
            if self._written < self.max_bytes // 16:
                return True
            self._written = 0
        self._evict(size)
        return True

    def _evict(self, room: int) -> None:
        """Remove what was not used for the longest time, until there is room, and what dead processes left."""
        now, taken, entries = time.time(), 0, list[_Entry]()
        for entry in self._entries():
            if os.path.basename(entry.path).startswith("."):  # noqa: PTH119  a string, and thousands of them
                if now - entry.used_at > _ABANDONED_AFTER:
                    _remove(entry.path)
                continue
            taken += entry.size
            entries.append(entry)
        entries.sort()
        for entry in entries:
            if taken + room <= self.max_bytes:
                break
            _remove(entry.path)
            taken -= entry.size

    def _entries(self) -> Iterator[_Entry]:
        """Iterate over all files. Others may come and go meanwhile."""
        with suppress(OSError), os.scandir(self._root) as folders:
            for folder in folders:
                with suppress(OSError), os.scandir(folder) as files:
                    for file in files:
                        with suppress(OSError):
                            about = file.stat(follow_symlinks=False)
                            yield _Entry(about.st_mtime, about.st_size + _OVERHEAD, file.path)

    def __repr__(self) -> str:
        return f"DiskCache({str(self.folder)!r}, max_bytes={self.max_bytes})"


class DiskShelf:
    """A `DiskCache` as one client sees it; a `clientsmith.core.policies.shelves.Shelf`."""

    def __init__(self, cache: DiskCache, group_of: Callable[[str], str], clock: Callable[[], float]) -> None:
        self.clock = clock
        self.is_blocking = True
        self._cache, self._group_of = cache, group_of

    def find(self, request: HttpRequest, /) -> Kept | None:
        """Return what is kept for a request; what belongs to a credential is to be asked about."""
        if _brings_its_own(request):
            return None
        group = self._group_of(request.url)
        name = _name(group, request)
        data = self._cache.read(name)
        if data is None:
            return None
        kept = unpack(data, self.clock())
        if kept is None:
            self._cache.remove(name)
            return None
        if not kept.fits(request):
            return None
        return kept._replace(fresh_until=0.0) if group else kept

    def put(self, request: HttpRequest, kept: Kept, is_current: Callable[[], bool], /) -> None:
        """Keep an answer."""
        if _brings_its_own(request) or not is_current():
            return
        group = self._group_of(request.url)
        if group and "ETag" not in kept.headers:
            return
        name = _name(group, request)
        self._cache.write(name, pack(kept, self.clock()))
        if not is_current():  # a change came in between, and its `drop` maybe before the file was there
            self._cache.remove(name)

    def drop(self, url: str, /) -> None:
        """Forget the answers of a URL."""
        self._cache.remove_all(_digest(url))

    def clear(self) -> None:
        """Forget everything, of all clients."""
        self._cache.clear()


def _name(group: str, request: HttpRequest) -> str:
    """Return the name of the file for a request, from which nobody can tell what was asked, nor by whom."""
    return f"{_digest(request.url)}-{_digest(group, request.headers.get('Accept', ''))}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]


def _brings_its_own(request: HttpRequest) -> bool:
    return "Authorization" in request.headers or "Cookie" in request.headers


def _remove(path: str | Path) -> None:
    with suppress(OSError):  # somebody else was quicker, or the disk does not let us: neither matters to a cache
        os.unlink(path)  # noqa: PTH108  also for strings


def _check_owner(folder: Path) -> None:
    if os.name == "nt":  # there a profile's folders are its owner's
        return
    about = folder.stat()
    if about.st_uid != os.geteuid() or about.st_mode & _OTHERS_MAY_WRITE or _may_be_exchanged(folder.parent.stat()):
        raise UsageError(
            f"others may write into the cache folder {folder}, so they could choose what is read from it; take another "
            "folder, or empty this one and make it yours alone (chmod 700)"
        )
    if about.st_mode & _OTHERS_MAY_READ:
        folder.chmod(0o700)


def _may_be_exchanged(around: os.stat_result) -> bool:
    """Whether others could put a folder of theirs in the place of one that is in this folder.

    Not where the sticky bit is set, as in /tmp; and many systems give every user a group of his own.
    """
    if around.st_uid not in (os.geteuid(), 0):
        return True
    by_group = around.st_mode & stat.S_IWGRP and around.st_gid != os.getegid()
    return bool(by_group or around.st_mode & stat.S_IWOTH) and not around.st_mode & stat.S_ISVTX
