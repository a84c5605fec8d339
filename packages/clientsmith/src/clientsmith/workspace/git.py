"""Everything that is asked of git, in one place."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from clientsmith.findings import InputError

__all__ = [
    "changed_paths",
    "commit_time",
    "export",
    "files",
    "git",
    "head",
    "is_dirty",
    "main_branch",
    "merge_base",
    "repository_root",
    "resolve",
    "show",
    "tag",
    "tags",
]

# What the main branch may be called; the remote's is newer than one's own.
_MAIN: Final = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


def repository_root(folder: Path = Path()) -> Path:
    """Return the folder of the working tree that ``folder`` is in.

    Raises:
        InputError: It is in none, or there is no git.
    """
    said = _git(folder, "rev-parse", "--show-toplevel", otherwise=f"{folder.resolve()} is in no git repository")
    return Path(said.strip())


def resolve(root: Path, revision: str) -> str:
    """Return the commit that a revision (a branch, a tag, part of a hash) means, as its 40 digits.

    Raises:
        InputError: There is no such revision.
    """
    if revision.startswith("-"):
        raise InputError(f"{revision!r} is no revision", "name a branch, a tag or a commit")
    said = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}",
        otherwise=f"{root} knows no revision {revision!r}",
        hint="name a branch, a tag or a commit that is here; a shallow clone may need `git fetch --unshallow`",
    )  # fmt: skip
    return said.strip()


def head(root: Path) -> str:
    """Return the commit that is checked out."""
    return resolve(root, "HEAD")


def main_branch(root: Path) -> str:
    """Return the branch that changes are compared with where nothing else is named.

    Raises:
        InputError: There is none of the usual names, or no repository.
    """
    for name in _MAIN:
        try:
            resolve(root, name)
        except InputError:
            continue
        return name
    head(root)  # says so if there is no repository
    raise InputError(f"there is none of the branches {', '.join(_MAIN)} to compare with", "name one with --base REV")


def merge_base(root: Path, revision: str) -> str:
    """Return the commit where the history of HEAD left that of ``revision``.

    Raises:
        InputError: There is no such revision, or the two have nothing in common.
    """
    base = resolve(root, revision)
    said = _git(
        root, "merge-base", base, "HEAD",
        otherwise=f"HEAD and {revision!r} have no commit in common",
        hint="a shallow clone may need `git fetch --unshallow`",
    )  # fmt: skip
    return said.strip()


def changed_paths(root: Path, base: str) -> tuple[str, ...]:
    """Return the paths that differ from where HEAD left ``base``, relative to the repository, sorted.

    That is what was committed since, what is staged, what is not, and new files that are not ignored. Of a file that
    was moved, both paths are there.
    """
    since = merge_base(root, base)
    diff = ("diff", "--name-only", "--no-renames", "--no-ext-diff", "-z")
    asked = ((*diff, since), (*diff, "--cached", since), ("ls-files", "--others", "--exclude-standard", "-z"))
    top = repository_root(root)
    return tuple(sorted({path for one in asked for path in _git(top, *one).split("\0") if path}))


def files(root: Path) -> tuple[str, ...]:
    """Return the files below ``root`` that are tracked or could be: what is ignored is left out, what is gone too."""
    said = _git(root, "ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "-z")
    return tuple(path for path in said.split("\0") if path and (root / path).is_file())


def is_dirty(root: Path, path: str = "") -> bool:
    """Return whether anything (below ``path``) is changed, staged, or new and not ignored."""
    return bool(_git(root, "status", "--porcelain", "--", path or ".").strip())


def commit_time(root: Path, revision: str = "HEAD") -> int:
    """Return when a commit was made, in seconds since 1970: what SOURCE_DATE_EPOCH wants."""
    return int(_git(root, "show", "--no-patch", "--format=%ct", resolve(root, revision)).strip())


def show(root: Path, revision: str, path: str) -> str | None:
    """Return the text of a file as it was, None if it was not there. ``path`` is relative to the repository."""
    try:
        return _git(root, "show", f"{resolve(root, revision)}:{path}")
    except InputError:
        return None


def tags(root: Path) -> tuple[str, ...]:
    """Return the names of all tags."""
    return tuple(_git(root, "tag", "--list").split())


def tag(root: Path, name: str, revision: str = "HEAD", message: str = "") -> None:
    """Make an annotated tag.

    Raises:
        InputError: It is there already, or git refuses it.
    """
    _git(
        root, "tag", "--annotate", "--message", message or name, "--end-of-options", name, resolve(root, revision),
        otherwise=f"cannot make the tag {name!r}",
    )  # fmt: skip


def export(root: Path, revision: str, into: Path, path: str = "") -> Path:
    """Write the tree of a revision, or what is below ``path`` in it, into a folder; return the folder of ``path``.

    Raises:
        InputError: There is no such revision, or no such path in it.
    """
    commit = resolve(root, revision)
    arguments = ["archive", "--format=tar", commit, *(["--", path] if path else [])]
    packed = _git_bytes(repository_root(root), *arguments, otherwise=f"{revision} has no {path or 'files'}")
    into.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(into, members=_plain(archive), filter="data")
    return into / path


def _plain(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Leave out links: one that leads out of the tree would stop everything, and no build needs one."""
    return (member for member in archive if member.isfile() or member.isdir())


def git(
    root: Path,
    *arguments: str,
    input: str | bytes | None = None,
    variables: Mapping[str, str] | None = None,
) -> str:
    """Run git in ``root`` and return what it said on stdout; ``variables`` come on top of our own environment.

    Raises:
        InputError: There is no git, or it failed; the message is what it said.
    """
    return _git(root, *arguments, given=input, variables=variables)


def _git(
    root: Path,
    *arguments: str,
    otherwise: str = "",
    hint: str = "",
    given: str | bytes | None = None,
    variables: Mapping[str, str] | None = None,
) -> str:
    said = _git_bytes(root, *arguments, otherwise=otherwise, hint=hint, given=given, variables=variables)
    return said.decode("utf-8", "surrogateescape")


def _git_bytes(
    root: Path,
    *arguments: str,
    otherwise: str = "",
    hint: str = "",
    given: str | bytes | None = None,
    variables: Mapping[str, str] | None = None,
) -> bytes:
    try:
        finished = subprocess.run(
            ["git", "-C", str(root), *arguments],
            input=given.encode() if isinstance(given, str) else given or b"",
            capture_output=True,
            check=False,
            env={**os.environ, "LC_ALL": "C", **(variables or {})},
        )
    except FileNotFoundError as problem:
        raise InputError("git is not installed, or not on the path", "install git") from problem
    if finished.returncode:
        said = finished.stderr.decode("utf-8", "replace").strip().splitlines()
        what = otherwise or f"`git {' '.join(arguments[:3])}` failed in {root}"
        raise InputError(f"{what}: {said[-1]}" if said else what, hint)
    return finished.stdout
