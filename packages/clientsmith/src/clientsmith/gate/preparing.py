"""Trees and wheels of all versions that take part: the working tree as it is, and each release from git or an index."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from clientsmith.configuration.shipping import ServiceSettings
from clientsmith.findings import InputError
from clientsmith.workspace import Member, Release, Workspace, find_workspace, git, read_member
from clientsmith.workspace.building import build
from clientsmith.workspace.processes import Processes

from .released import Fetched, fetch
from .stages import LAST, OLDEST, TIP, Candidate, Stock

__all__ = ["copied", "described", "prepared"]


def copied(workspace: Workspace, folder: Path) -> Workspace:
    """Return a copy of the workspace below ``folder``: of the working tree without what git ignores.

    A change that is made meanwhile changes nothing in it. It is a git repository of one commit.
    """
    return find_workspace(_copied(workspace, folder / TIP))


def described(workspace: Workspace, tip: Workspace, folder: Path, index: str = "") -> Stock:
    """Return the tip and all releases of a workspace, unbuilt, with the trees of the releases below ``folder``.

    ``tip`` is the workspace itself, or its copy.

    Raises:
        InputError: A release cannot be had, because its commit is not here or the index does not hold it.
    """
    trees = _Trees(workspace, folder)
    found: dict[str, tuple[Candidate, ...]] = {}
    for name, member in tip.members.items():
        released = _fetched(workspace, name, folder, index) if index else _exported(workspace, name, trees)
        found[name] = (_candidate(tip, TIP, member, tip.root), *_staged(tip, released))
    return Stock(found)


def prepared(stock: Stock, folder: Path, threads: int, processes: Processes) -> Stock:
    """Return the stock with a wheel of each candidate, and the sdists of the tips, all below ``folder``.

    Raises:
        InputError: One cannot be built; the message says which, and what its backend said.
    """

    def built(candidate: Candidate) -> tuple[Candidate, Path | None]:
        if candidate.wheel is not None:
            return candidate, None
        is_tip = candidate.stage == TIP
        into = folder / "built" / (TIP if is_tip else candidate.member.version)
        into.mkdir(parents=True, exist_ok=True)
        files = build(candidate.member.folder, into, ("wheel", "sdist") if is_tip else ("wheel",), processes=processes)
        return replace(candidate, wheel=files[0]), files[1] if is_tip else None

    every = [one for candidates in stock.candidates.values() for one in candidates]
    with ThreadPoolExecutor(threads) as pool:
        done = dict(zip(map(id, every), pool.map(built, every), strict=True))
    candidates = {name: tuple(done[id(one)][0] for one in ones) for name, ones in stock.candidates.items()}
    sdists = {one.member.name: sdist for one, sdist in done.values() if sdist is not None}
    return Stock(candidates, sdists)


# --- the tip ---------------------------------------------------------------------------------------------------------


def _copied(workspace: Workspace, into: Path) -> Path:
    """Copy the workspace without what git ignores, and commit the copy in a repository of its own."""
    for path in git.files(workspace.root):
        target = into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(workspace.root / path, target, follow_symlinks=False)
    time = f"{git.commit_time(workspace.root)} +0000"
    who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in _WHO.items()}
    variables = {**who, "GIT_AUTHOR_DATE": time, "GIT_COMMITTER_DATE": time, "GIT_CONFIG_GLOBAL": os.devnull}
    git.git(into, "init", "--quiet", "--initial-branch", "tip", variables=variables)
    # `--force`: what was tracked in spite of being ignored is tracked here too.
    git.git(into, "add", "--all", "--force", variables=variables)
    git.git(into, "commit", "--quiet", "--no-verify", "--message", "The working tree", variables=variables)
    return into


_WHO = {"NAME": "clientsmith gate", "EMAIL": "gate@localhost"}


# --- releases --------------------------------------------------------------------------------------------------------


@dataclass
class _Trees:
    """The trees of releases, each written once."""

    workspace: Workspace
    folder: Path

    def of(self, release: Release) -> Path:
        """Return the workspace's root as it was.

        Raises:
            InputError: Its commit is not here.
        """
        into = self.folder / "releases" / release.commit
        top = git.repository_root(self.workspace.root)
        if not into.exists():
            try:
                git.export(top, release.commit, into)
            except InputError as problem:
                raise InputError(
                    f"{release.package} {release.version} was released from the commit {release.commit[:12]}, which is "
                    f"not in this repository: {problem.message}",
                    f"fetch it (a shallow clone: `git fetch --unshallow`), or mend {self.workspace.settings.releases}",
                ) from problem
        return into / self.workspace.root.relative_to(top)


def _exported(workspace: Workspace, package: str, trees: _Trees) -> Iterator[tuple[Member, Path, Path | None]]:
    """Yield each supported release of a package, oldest first: its member, the root of its tree, and no wheel."""
    for release in workspace.releases_of(package):
        if not release.supported:
            continue
        root = trees.of(release)
        member = _member_of(root, package)
        if member.version and member.version != release.version:
            raise InputError(
                f"{workspace.settings.releases} says that {package} {release.version} was released from "
                f"{release.commit[:12]}, but there it is {member.version}",
                "mend the entry",
            )
        yield replace(member, version=release.version), root, None


def _member_of(root: Path, package: str) -> Member:
    """Return a package of a tree, wherever it was in it then."""
    member = find_workspace(root).members.get(package)
    if member is None:
        raise InputError(f"the workspace of {root.name[:12]} has no package {package}", "mend the releases")
    return member


def _fetched(
    workspace: Workspace, package: str, folder: Path, index: str
) -> Iterator[tuple[Member, Path, Path | None]]:
    """Yield the oldest supported and the last release that an index holds of a package."""
    oldest = workspace.oldest(package)
    for fetched in fetch(package, oldest.version if oldest else "", index, folder / "fetched" / package):
        yield _as_member(fetched), fetched.root, fetched.wheel


def _as_member(fetched: Fetched) -> Member:
    return replace(read_member(fetched.root), version=fetched.version)


def _staged(tip: Workspace, released: Iterator[tuple[Member, Path, Path | None]]) -> Sequence[Candidate]:
    """Return releases as candidates, the last first: it is `LAST`, the first of several is `OLDEST`."""
    newest_first = list(released)[::-1]
    stages = [LAST, *[""] * (len(newest_first) - 2), OLDEST][: len(newest_first)]
    return [
        replace(_candidate(tip, stage, member, root), wheel=wheel)
        for stage, (member, root, wheel) in zip(stages, newest_first, strict=True)
    ]


def _candidate(tip: Workspace, stage: str, member: Member, root: Path) -> Candidate:
    return Candidate(stage, member, root, _supported(tip, member.name, root))


def _supported(tip: Workspace, client: str, root: Path) -> Mapping[str, str]:
    """Return what a client declares of services: in its own tree, else, from before there was such a thing, the tip."""
    services = {**tip.settings.services, **_services(root)}
    return {name: one.supported for name, one in services.items() if client in one.clients and one.supported}


def _services(root: Path) -> Mapping[str, ServiceSettings]:
    """Return the services that a tree declares; none if it is a single package's, like an unpacked sdist."""
    try:
        return find_workspace(root).settings.services
    except InputError:
        return {}
