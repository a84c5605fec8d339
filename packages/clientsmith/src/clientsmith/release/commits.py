"""Commits that are made beside the working tree: nothing there moves before everything is known to be right.

A commit is put together from the tree of its parent and a few texts, with git's plumbing and an index of its own. Until
a branch points at it, it is an object that nothing refers to, and git throws it away one day: there is nothing to undo.
The dates are given, so the same parent and the same edits always make the same commit (unless it is signed).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from clientsmith.findings import InputError

from .plan import Edit

__all__ = [
    "branch_of",
    "commit_of",
    "commits_behind",
    "is_ancestor",
    "land",
    "make_tag",
    "remote_of",
    "remove_tag",
    "step_back",
    "tag_commit",
    "who_commits",
]


def who_commits(top: Path) -> str:
    """Return the name and address that commits are made with.

    Raises:
        InputError: git does not know who that is.
    """
    said = _git(top, "var", "GIT_COMMITTER_IDENT", otherwise="git does not know who makes commits")
    return said.rpartition(">")[0] + ">"


def branch_of(top: Path) -> str:
    """Return the branch that is checked out, "" for a commit without one."""
    finished = _run(top, ["symbolic-ref", "--quiet", "--short", "HEAD"])
    return finished.stdout.decode("utf-8", "surrogateescape").strip() if finished.returncode == 0 else ""


def commits_behind(top: Path) -> tuple[str, int]:
    """Return the upstream of the current branch, and how many commits it has that HEAD has not; "" for no upstream.

    Nothing is fetched: it is as of the last fetch.
    """
    upstream = _run(top, ["rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}"])
    if upstream.returncode:
        return "", 0
    return upstream.stdout.decode("utf-8", "replace").strip(), int(
        _git(top, "rev-list", "--count", "HEAD..@{upstream}")
    )


def commit_of(top: Path, parent: str, edits: Iterable[Edit], message: str, moment: int) -> str:
    """Make a commit on top of ``parent`` and return its hash; no branch, no file of the working tree changes.

    Raises:
        InputError: git refuses it; without a name and an address it does.
    """
    with TemporaryDirectory(prefix="clientsmith-index-") as folder:
        own_index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        _git(top, "read-tree", parent, variables=own_index)
        for edit in edits:
            _apply(top, edit, own_index)
        tree = _git(top, "write-tree", variables=own_index)
        dates = {"GIT_AUTHOR_DATE": f"{moment} +0000", "GIT_COMMITTER_DATE": f"{moment} +0000"}
        sign = ["-S"] if _is_set(top, "commit.gpgSign") else []
        return _git(top, "commit-tree", *sign, tree, "-p", parent, "-F", "-", given=message, variables=dates)


def _is_set(top: Path, setting: str) -> bool:
    return _run(top, ["config", "--type=bool", "--get", setting]).stdout.strip() == b"true"


def _apply(top: Path, edit: Edit, own_index: Mapping[str, str]) -> None:
    if edit.text is None:
        _git(top, "update-index", "--force-remove", "--", edit.path, variables=own_index)
        return
    blob = _git(top, "hash-object", "-w", "--stdin", "--no-filters", given=edit.text)
    known = _git(top, "ls-files", "--stage", "--", edit.path, variables=own_index)
    mode = known.split()[0] if known else "100644"
    _git(top, "update-index", "--add", "--cacheinfo", f"{mode},{blob},{edit.path}", variables=own_index)


def is_ancestor(top: Path, commit: str, of: str = "HEAD") -> bool:
    """Return whether the history of ``of`` has ``commit``."""
    finished = _run(top, ["merge-base", "--is-ancestor", commit, of])
    return finished.returncode == 0


def land(top: Path, commit: str, branch: str) -> None:
    """Move a branch, and the working tree, forward to a commit; nothing happens if it is there already.

    Raises:
        InputError: Another branch is checked out, the branch went another way meanwhile, or a changed file is in the
            way.
    """
    if (now := branch_of(top)) != branch:
        raise InputError(
            f"the release is of the branch {branch}, and {now or 'no branch'} is checked out",
            f"`git switch {branch}`, then --resume",
        )
    if is_ancestor(top, commit):
        return
    _git(
        top, "merge", "--ff-only", "--quiet", commit,
        otherwise=f"the branch cannot be moved to {commit[:12]}",
        hint="it has moved since the release was planned, or a changed file is in the way; "
        "put that right, or take the release back with --abort",
    )  # fmt: skip


def step_back(top: Path, commit: str, parent: str) -> None:
    """Move the branch from a commit back to its parent, if the commit is what is checked out; else nothing happens.

    Raises:
        InputError: Something was committed after it, or a changed file would be lost.
    """
    head = _git(top, "rev-parse", "HEAD")
    if head == commit:
        _git(
            top, "reset", "--keep", "--quiet", parent,
            otherwise="the release commit cannot be taken back",
            hint="commit or put away what is changed in the files that it touches",
        )  # fmt: skip
    elif is_ancestor(top, commit):
        raise InputError(
            f"commits were made after the release commit {commit[:12]}, so it cannot be taken back by itself",
            f"`git revert {commit[:12]}`, or go on with --resume",
        )


def tag_commit(top: Path, name: str) -> str:
    """Return the commit that a tag is on, "" if there is no such tag."""
    finished = _run(top, ["rev-parse", "--verify", "--quiet", f"refs/tags/{name}^{{commit}}"])
    return finished.stdout.decode().strip() if finished.returncode == 0 else ""


def make_tag(top: Path, name: str, commit: str, message: str, moment: int) -> None:
    """Make an annotated tag; nothing happens if it is there, on the same commit.

    Raises:
        InputError: It is on another commit.
    """
    there = tag_commit(top, name)
    if there == commit:
        return
    if there:
        raise InputError(
            f"the tag {name} is on {there[:12]} already, not on the release commit {commit[:12]}",
            "a version is released once; see who made that tag",
        )
    # By stdin, for a long message does not fit into an argument; `verbatim`, for git takes lines with # for comments.
    _git(
        top, "tag", "-a", "--cleanup=verbatim", "-F", "-", name, commit,
        given=message, variables={"GIT_COMMITTER_DATE": f"{moment} +0000"},
    )  # fmt: skip


def remove_tag(top: Path, name: str, commit: str) -> None:
    """Take a tag away if it is on ``commit``; another one of its name stays."""
    if tag_commit(top, name) == commit:
        _git(top, "tag", "-d", name)


def _git(
    top: Path,
    *arguments: str,
    given: str | None = None,
    variables: Mapping[str, str] | None = None,
    otherwise: str = "",
    hint: str = "",
) -> str:
    finished = _run(top, list(arguments), given, variables)
    if finished.returncode:
        said = finished.stderr.decode("utf-8", "replace").strip().splitlines()
        what = otherwise or f"`git {' '.join(arguments[:2])}` failed in {top}"
        raise InputError(f"{what}: {said[-1]}" if said else what, hint)
    return finished.stdout.decode("utf-8", "surrogateescape").strip()


def _run(
    top: Path, arguments: list[str], given: str | None = None, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", "-C", str(top), *arguments],
            input=None if given is None else given.encode("utf-8"),
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            check=False,
            env={**os.environ, **(variables or {})},
        )
    except FileNotFoundError as problem:
        raise InputError("git is not installed, or not on the path", "install git") from problem


def remote_of(top: Path) -> str:
    """Return the URL of the remote ``origin``, "" if there is none."""
    finished = _run(top, ["remote", "get-url", "origin"])
    return finished.stdout.decode("utf-8", "replace").strip() if finished.returncode == 0 else ""
