"""A new workspace, whole or not at all: it is made beside its place, and moved there when it is done."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clientsmith.findings import InputError
from clientsmith.workspace.git import git

from .choices import Choices
from .client import write_client
from .templates import files_of

__all__ = ["Created", "create"]

_RUFF_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Created:
    """What was made.

    Attributes:
        root: Where it is.
        files: Its files, relative to ``root``, sorted.
        client: The client's class.
        methods: How many methods that has.
        has_repository: Whether it was made a git repository of its own.
    """

    root: Path
    files: tuple[str, ...]
    client: str
    methods: int
    has_repository: bool


def create(choices: Choices, root: Path, *, repository: bool = True, dry: bool = False) -> Created:
    """Make the workspace in the folder ``root``, which is not there yet or is empty.

    The same choices give the same bytes. With ``repository`` it becomes a git repository, unless it lies in one. With
    ``dry`` nothing stays; what would be made is returned.

    Raises:
        InputError: ``root`` is taken or cannot be written, or the service's requirements cannot be had.
    """
    _refuse_taken(root)
    try:
        with tempfile.TemporaryDirectory(prefix=".clientsmith-", dir=None if dry else _nearest(root)) as temporary:
            staged = Path(temporary) / "workspace"
            made = _made(choices, staged, root)
            is_own = repository and not _is_in_repository(root)
            if not dry:
                if is_own:
                    _make_repository(staged)
                _move(staged, root)
            return Created(root, *made, has_repository=is_own)
    except OSError as problem:
        raise InputError(f"cannot make {root}: {problem.strerror or problem}") from problem


def _made(choices: Choices, staged: Path, root: Path) -> tuple[tuple[str, ...], str, int]:
    """Write the workspace to ``staged`` and return its files, its client, and that client's number of methods."""
    for path, text in files_of(choices, root).items():
        place = staged / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())
    api = write_client(staged, staged.parent, choices)
    # Other names have other lengths and another order: lines break elsewhere, names are sorted otherwise.
    _ruff(staged, "check", "--fix", "--select", "I,RUF022")
    _ruff(staged, "format")
    files = (path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file())
    return tuple(sorted(files)), api.root.name, len(api.operations)


# --- the place -------------------------------------------------------------------------------------------------------


def _refuse_taken(root: Path) -> None:
    if root.is_dir() and any(root.iterdir()):
        raise InputError(f"{root} is not empty", "give another folder: --output DIR")
    if root.exists() and not root.is_dir():
        raise InputError(f"{root} is a file", "give another folder: --output DIR")


def _nearest(root: Path) -> Path:
    """Return the nearest folder above ``root`` that is there: on its file system, so that one rename is enough."""
    return next(folder for folder in root.resolve().parents if folder.is_dir())


def _move(staged: Path, root: Path) -> None:
    """Put the workspace into its place. Somebody may stand in an empty folder, so that one stays what it is."""
    if not root.exists():
        root.parent.mkdir(parents=True, exist_ok=True)
        staged.rename(root)
        return
    moved: list[Path] = []
    try:
        moved.extend(entry.rename(root / entry.name) for entry in sorted(staged.iterdir()))
    except OSError:
        for entry in moved:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        raise


# --- other programs --------------------------------------------------------------------------------------------------


def _ruff(folder: Path, *arguments: str) -> None:
    """Run the ruff that is installed beside us, with the configuration of the new workspace."""
    command = [sys.executable, "-m", "ruff", *arguments, "--quiet", "--no-cache", "--no-respect-gitignore", "."]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_RUFF_SECONDS, check=False)
    if finished.returncode:
        said = (finished.stderr or finished.stdout).strip()
        raise InputError(f"ruff refused the new workspace: {said}", "please report this, with the command that you ran")


def _is_in_repository(root: Path) -> bool:
    return any((folder / ".git").exists() for folder in (root.resolve(), *root.resolve().parents))


def _make_repository(folder: Path) -> None:
    try:
        git(folder, "init", "--quiet", "--initial-branch", "main")
    except InputError as problem:
        raise InputError(problem.message, "give --no-git to go without a repository") from problem
