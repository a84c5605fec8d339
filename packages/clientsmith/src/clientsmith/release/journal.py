"""The journal of a release: the plan, which steps were done, and what they gave; by it a release can be resumed.

It lies in `.clientsmith/release/` at the top of the repository, a folder that hides itself from git, beside the files
that were built. Every line of it is on the disk before the step that follows it begins.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self, TextIO

from clientsmith.findings import InputError

from .plan import ReleasePlan

__all__ = ["Journal"]

_FORMAT: Final = 2


class Journal:
    """The release that is under way in a repository.

    Attributes:
        plan: What it does.
        folder: Where the journal lies, and below ``dist`` what was built.
    """

    def __init__(self, folder: Path, plan: ReleasePlan, done: dict[str, Any], begun: list[str]) -> None:
        self.folder, self.plan = folder, plan
        self._done, self._begun = done, begun

    @classmethod
    def begin(cls, top: Path, plan: ReleasePlan) -> Self:
        """Begin a release.

        Raises:
            InputError: One is under way already, or no branch is checked out.
        """
        cls.refuse_another(top)
        if not plan.branch:
            raise InputError(
                "no branch is checked out, so the release commit would be on none",
                "`git switch BRANCH`, and release again",
            )
        folder = _current(top)
        journal = cls(folder, plan, {}, [])
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _hide(_home(top))
            journal._write()
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return journal

    @classmethod
    def refuse_another(cls, top: Path) -> None:
        """See that no release is under way, for what it has not written down yet would be decided again.

        Raises:
            InputError: One is.
        """
        if (_current(top) / "journal.json").exists():
            raise InputError(
                f"a release is under way already: {cls.open(top).plan.title}", "--resume goes on, --abort takes it back"
            )

    @classmethod
    def open(cls, top: Path) -> Self:
        """Return the release that is under way.

        Raises:
            InputError: There is none, or its journal cannot be read.
        """
        folder = _current(top)
        try:
            data = json.loads((folder / "journal.json").read_text(encoding="utf-8"))
            if data["format"] != _FORMAT:
                raise ValueError(f"it is of format {data['format']}, and this reads {_FORMAT}")
            return cls(folder, ReleasePlan.from_data(data["plan"]), data["done"], data["begun"])
        except FileNotFoundError as problem:
            raise InputError("no release is under way here", "`clientsmith release PACKAGE` begins one") from problem
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise InputError(
                f"cannot read the journal {folder / 'journal.json'}: {problem}",
                "see what git and the index have, and take the folder away",
            ) from problem

    @contextmanager
    def held(self) -> Generator[None]:
        """Keep others from this release while a block runs; the system gives it free however the block ends.

        Raises:
            InputError: Another process has it.
        """
        with (self.folder / "lock").open("w") as file:
            if not _lock(file):
                raise InputError(
                    f"another process is at work on the release of {self.plan.title}", "wait for it to end"
                )
            yield

    # --- steps ---

    def is_done(self, step: str) -> bool:
        return step in self._done

    def is_begun(self, step: str) -> bool:
        """Whether a step was tried, whatever came of it."""
        return step in self._begun

    def result(self, step: str) -> Any:
        """Return what a step gave that was done."""
        return self._done[step]

    def begin_step(self, step: str) -> None:
        """Write down that a step is about to be tried."""
        if step not in self._begun:
            self._begun.append(step)
            self._write()

    def finish_step(self, step: str, result: Any) -> None:
        """Write down that a step was done, and what it gave."""
        self._done[step] = result
        self._write()

    # --- its end ---

    def dist(self, package: str) -> Path:
        """Return the folder of what was built of a package."""
        return self.folder / "dist" / package

    def close(self) -> Path:
        """End the release: the folder gets the name of its first tag; return it."""
        final = self.folder.with_name(self.plan.packages[0].tag)
        shutil.rmtree(final, ignore_errors=True)
        (self.folder / "lock").unlink(missing_ok=True)
        self.folder.rename(final)
        return final

    def forget(self) -> None:
        """Take the journal away, and all that was built."""
        shutil.rmtree(self.folder)

    def _write(self) -> None:
        data: Mapping[str, Any] = {
            "format": _FORMAT,
            "plan": self.plan.as_data(),
            "begun": self._begun,
            "done": self._done,
        }
        path = self.folder / "journal.json"
        draft = path.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(data, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


def _lock(file: TextIO) -> bool:
    """Lock a file for as long as it is open; False if somebody else has it. Where there are no locks nobody has it."""
    try:
        import fcntl  # not on Windows
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _hide(home: Path) -> None:
    """Have a folder hide itself: nobody has to write it into a .gitignore, and no release makes the tree dirty."""
    ignored = home / ".gitignore"
    if ignored.is_file() and ignored.read_bytes() == b"*\n":
        return
    try:
        ignored.write_bytes(b"*\n")
    except OSError:
        # Half of it would hide nothing, and the next release would find the tree dirty.
        ignored.unlink(missing_ok=True)
        raise


def _home(top: Path) -> Path:
    return top / ".clientsmith"


def _current(top: Path) -> Path:
    return _home(top) / "release" / "under-way"
