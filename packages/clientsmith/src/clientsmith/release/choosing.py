"""Which packages a release is of, and what was released of them before."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from graphlib import CycleError, TopologicalSorter

from clientsmith.findings import Finding, InputError
from clientsmith.workspace import Member, Release, Workspace
from packaging.version import InvalidVersion, Version

from .fragments import Fragment, read_fragments
from .plan import Request
from .published import Index
from .versions import History

__all__ = ["Released", "chosen_packages", "fragments_of", "in_order", "read_version"]


class Released:
    """What was released of the members of a workspace: as its releases.toml says, else as an index does.

    The index is asked only for a package that releases.toml knows nothing of: one that was released before there was
    such a file.
    """

    def __init__(self, workspace: Workspace, index: str) -> None:
        self._workspace, self._index = workspace, index
        self._on_index = cache(self._asked)

    def of(self, name: str) -> tuple[Release, ...]:
        """Return the releases of a package, oldest first; those of an index have no commit."""
        return self._workspace.releases_of(name) or self._on_index(name)

    def last(self, name: str) -> Release | None:
        """Return the last release of a package, None if there is none."""
        return next(reversed(self.of(name)), None)

    def last_final(self, name: str) -> Release | None:
        """Return the newest release that is no pre-release, None if there is none."""
        final = [one for one in self.of(name) if not read_version(one.version, "releases.toml").is_prerelease]
        return max(final, key=lambda one: Version(one.version), default=None)

    def history(self, member: Member) -> History:
        """Return what is known of the versions of a package.

        Raises:
            InputError: A version is none (PEP 440), or stands in no file.
        """
        if not member.version:
            raise InputError(
                f"{member.folder / 'pyproject.toml'} has no `version` in [project]",
                "a release needs a version that stands there, or in the file that [tool.hatch.version] `path` names; "
                "it can write no other",
            )
        last, final = self.last(member.name), self.last_final(member.name)
        return History(
            read_version(member.version, f"{member.name}'s pyproject.toml"),
            read_version(last.version, "releases.toml") if last else None,
            Version(final.version) if final else None,
        )

    def _asked(self, name: str) -> tuple[Release, ...]:
        versions = Index(self._index).versions(name) if self._index else ()
        return tuple(Release(name, str(version), "") for version in versions)


def chosen_packages(workspace: Workspace, request: Request) -> list[str]:
    """Return the packages that a request means, those that others stand on first.

    Raises:
        InputError: A package or a train is not there, a version is given for several packages, or there is nothing.
    """
    names = list(dict.fromkeys(_named(workspace, request))) or _telling(workspace)
    if request.version and len(names) != 1:
        raise InputError(f"--version is for one package, and these are {len(names)}", "name the package")
    if not names:
        raise InputError(
            "no package has a change fragment that says anything to its users, so there is nothing to release",
            "`clientsmith release note PACKAGE KIND TEXT` writes one",
        )
    return in_order(workspace, names)


def in_order(workspace: Workspace, names: Iterable[str]) -> list[str]:
    """Return packages in an order in which they can be released: what is installed with another comes before it.

    Raises:
        InputError: They depend on each other in a circle.
    """
    wanted = set(names)
    needs = {name: set(workspace.members[name].runtime_names) & wanted for name in sorted(wanted)}
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as problem:
        circle = " -> ".join(problem.args[1])
        hint = "take one of these dependencies away: no order of release is right"
        raise InputError(f"packages depend on each other in a circle: {circle}", hint) from problem


def fragments_of(member: Member) -> tuple[list[Fragment], list[Finding]]:
    """Return the change fragments of a package, and what is wrong with them."""
    return read_fragments(member.folder / member.configuration.release.fragments, member.name)


def read_version(text: str, place: str) -> Version:
    """Return a version as a value.

    Raises:
        InputError: It is none (PEP 440); the message names ``place``.
    """
    try:
        return Version(text)
    except InvalidVersion as problem:
        raise InputError(f"{place}: {text!r} is no version (PEP 440)", "1.2.3, or 1.2.3b1 for a beta") from problem


def _named(workspace: Workspace, request: Request) -> tuple[str, ...]:
    wanted = request.packages
    if request.train:
        train = workspace.settings.trains.get(request.train)
        if train is None:
            known = ", ".join(workspace.settings.trains) or "none"
            raise InputError(f"there is no release train {request.train!r}", f"trains of this workspace: {known}")
        wanted = train.packages
    for name in wanted:
        if name not in workspace.members:
            known = ", ".join(sorted(workspace.members))
            raise InputError(f"{name!r} is no package of this workspace", f"its packages: {known}")
    return wanted


def _telling(workspace: Workspace) -> list[str]:
    """Return the packages with a fragment that says something to users."""
    return [name for name, member in workspace.members.items() if any(one.bump for one in fragments_of(member)[0])]
