"""Why a package was not written. In every case nothing below the target was touched.

EmitError
├── EditedFileError      a generated file was changed by hand
├── ForeignFilesError    the target holds files that are not ours
├── OutsideTargetError   a path would leave the target
├── ManifestError        the manifest of the target cannot be read
├── GeneratedCodeError   a file that we were about to write is wrong: a bug of ours
└── FormatterError       ruff is missing, or refused a file
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

__all__ = [
    "EditedFileError",
    "EmitError",
    "ForeignFilesError",
    "FormatterError",
    "GeneratedCodeError",
    "ManifestError",
    "OutsideTargetError",
]

_SHOWN = 5  # paths named in a message; more would hide the advice at its end


class EmitError(Exception):
    """The package could not be written."""


class _FilesInTheWay(EmitError):
    """Some files of the target must not be replaced.

    Attributes:
        target: The folder that was to be written.
        paths: The files, relative to ``target``.
    """

    def __init__(self, target: Path, paths: Iterable[str]) -> None:
        paths = tuple(sorted(paths))
        super().__init__(target, paths)
        self.target, self.paths = target, paths


class EditedFileError(_FilesInTheWay):
    """Generated files were changed by hand since they were written, and regenerating would lose the changes."""

    def __str__(self) -> str:
        return (
            f"nothing was written to {self.target}: {_listed(self.paths)} changed by hand since the last generation; "
            "move the change to _patch.py (it is never overwritten), then restore or delete the generated file "
            "and generate again"
        )


class ForeignFilesError(_FilesInTheWay):
    """The target holds files that the generator did not write, where it would have to write."""

    def __str__(self) -> str:
        return (
            f"nothing was written to {self.target}: it holds files that clientsmith did not write "
            f"({_listed(self.paths)}); choose an empty folder, or move them away"
        )


class OutsideTargetError(EmitError):
    """A path leads out of the target folder, by ``..``, by an absolute path or through a symbolic link."""

    def __init__(self, target: Path, path: str) -> None:
        super().__init__(target, path)
        self.target, self.path = target, path

    def __str__(self) -> str:
        return f"nothing was written: {self.path!r} leads out of {self.target}; remove the link or correct the manifest"


class ManifestError(EmitError):
    """The manifest of the target is not one that we wrote."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return (
            f"nothing was written: {self.path} is no manifest of clientsmith ({self.reason}); "
            "restore it from version control"
        )


class GeneratedCodeError(EmitError):
    """A generated file does not parse, or uses a name that it does not bind. Nothing was written; please report it."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        super().__init__(path, line, reason)
        self.path, self.line, self.reason = path, line, reason

    def __str__(self) -> str:
        return (
            f"{self.path}:{self.line}: {self.reason}; nothing was written. "
            "This is a bug of clientsmith: please report it with the document"
        )


class FormatterError(EmitError):
    """``ruff format`` could not be run over the generated files."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"nothing was written: ruff could not format the package ({self.reason}); install ruff beside clientsmith"
        )


def _listed(paths: tuple[str, ...]) -> str:
    more = len(paths) - _SHOWN
    return ", ".join(paths[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
