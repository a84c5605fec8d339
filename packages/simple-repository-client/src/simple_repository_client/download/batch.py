"""Many files at a time: what both colours share.

All files are tried, whatever happens to one of them; then those that failed are one error, which has the others' places
too. What would be wrong before anything is sent, a file name for example, is wrong for all of them at once.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from clientsmith.core.errors import ArgumentError
from clientsmith.core.streaming.downloads import Progress

from ..errors import DownloadsFailedError, FileError
from ..pages import ProjectFile
from .steps import FileProgress, Plan, plan_for

__all__ = ["Batch"]


class _StoppedError(Exception):
    """The batch is given up: said to the downloads that are on their way."""


class Batch:
    """Files to download, and what became of them. Shared by the threads or tasks that do it.

    Args:
        files: Which; one that is there twice is downloaded once.
        folder: Where to.
        concurrency: How many at a time.
        progress: Called by one thread at a time.
        allow_unverified: See `expected_of`.

    Raises:
        ArgumentError: ``concurrency`` is no number above 0, or two of the files have one name and are not the same.
        FileError: A file must not be written under its name, or nobody could tell whether it is the right one.
    """

    def __init__(
        self,
        files: Iterable[ProjectFile],
        folder: str | os.PathLike[str],
        *,
        concurrency: int,
        progress: FileProgress | None,
        allow_unverified: bool,
    ) -> None:
        if concurrency < 1:
            raise ArgumentError("concurrency", f"concurrency is {concurrency}; it has to be 1 or more")
        self._order: list[str] = []
        self._plans: dict[str, Plan] = {}
        for file in files:
            plan = plan_for(file, folder, allow_unverified=allow_unverified)
            key = file.filename.lower()  # names that differ in their case are one file on some systems
            other = self._plans.setdefault(key, plan)
            if not _is_same(other, plan):
                raise ArgumentError(
                    "files",
                    f"{other.file.filename} and {plan.file.filename} have one name and are not the same file; download "
                    "them to two folders",
                )
            self._order.append(key)
        self.workers = min(concurrency, max(1, len(self._plans)))
        self._left: Iterator[tuple[str, Plan]] = iter(self._plans.items())
        self._progress = progress
        self._done: dict[str, Path] = {}
        self._failed: dict[str, Exception] = {}
        self._is_stopped = False
        self._mutex = threading.Lock()
        self._telling = threading.Lock()

    def next(self) -> tuple[str, Plan, Progress | None] | None:
        """Return what to do next, None if nothing is left."""
        with self._mutex:
            found = None if self._is_stopped else next(self._left, None)
        if found is None:
            return None
        name, plan = found
        return name, plan, partial(self._report, plan.file)

    def stop(self) -> None:
        """Begin nothing more, and end what has begun at its next byte."""
        self._is_stopped = True

    def succeeded(self, name: str, path: Path) -> None:
        """Remember where a file is."""
        self._done[name] = path

    def failed(self, name: str, error: Exception) -> None:
        """Remember why a file is not there."""
        if not isinstance(error, FileError):
            error.add_note(f"while {self._plans[name].file.filename} was downloaded")
        self._failed[name] = error

    def paths(self) -> list[Path]:
        """Return where the files are, in their order.

        Raises:
            DownloadsFailedError: Some are not there.
        """
        if not self._failed:
            return [self._done[name] for name in self._order]
        failed = {self._plans[name].file.filename: self._failed[name] for name in self._plans if name in self._failed}
        done = {self._plans[name].file.filename: self._done[name] for name in self._plans if name in self._done}
        raise DownloadsFailedError.of(failed, done)

    def _report(self, file: ProjectFile, done: int, total: int | None) -> None:
        if self._is_stopped:
            raise _StoppedError
        if self._progress is not None:
            with self._telling:
                self._progress(file, done, total if total is not None else file.size)


def _is_same(one: Plan, other: Plan) -> bool:
    """Whether two files are the same one: by name and hash, or by name and address where there is no hash."""
    if one.file.filename != other.file.filename:
        return False
    if not one.expected.algorithm or not other.expected.algorithm:
        return one.file.url == other.file.url
    return (one.expected.algorithm, one.expected.digest) == (other.expected.algorithm, other.expected.digest)
