"""Packages that depend on one that gets a new version: do their ranges let it in, and not too much?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clientsmith.findings import Finding, Severity
from clientsmith.workspace import Member, Workspace, git
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from .choosing import Released
from .comparing import uses_of
from .files import Files, requirements_in
from .fragments import ChangeKind, Fragment
from .plan import RangeMove
from .ranges import Fit, judge_range, moved, raised

__all__ = ["Ranges", "broken_releases"]


class Ranges:
    """Judges the ranges of dependants, and moves those that have to move.

    A range whose lower end is too low is raised: the dependant imports what only the new version has. A range that
    excludes the new version is refused, unless ``widen`` says that the dependant was made ready for it. Either way the
    dependant gets a change fragment of its own, since its users have to know.

    Attributes:
        moves: What was moved so far.
    """

    def __init__(self, workspace: Workspace, released: frozenset[str], files: Files, *, widen: bool) -> None:
        self._workspace, self._released, self._files, self._widen = workspace, released, files, widen
        self._fragments: list[Fragment] = []
        self.moves: list[RangeMove] = []

    def fragments_for(self, name: str) -> list[Fragment]:
        """Return the fragments that moves so far made for a package."""
        return [one for one in self._fragments if one.package == name]

    def judge(self, name: str, version: Version, new: frozenset[str]) -> list[Finding]:
        """Hold a new version against all dependants, move what has to move; return what refuses the release.

        Args:
            name: The package that gets the version.
            version: The new one.
            new: What it has and its last release had not, by dotted name.
        """
        findings: list[Finding] = []
        for member in self._workspace.members.values():
            if member.name != name and name in member.runtime_names:
                findings += self._member(member, name, version, uses_of(member, new))
        return findings

    def _member(self, member: Member, name: str, version: Version, uses: list[str]) -> Iterable[Finding]:
        for text in self._files.requirements(member):
            requirement = Requirement(text)
            if canonicalize_name(requirement.name) != name:
                continue
            match judge_range(requirement, version, needs_it=bool(uses)):
                case Fit.FITS:
                    pass
                case Fit.TOO_LOW:
                    self._move(member, text, raised(text, version), name, version, f"it uses {', '.join(uses[:3])}")
                case Fit.EXCLUDES if self._widen and _lets_in(widened := moved(text, version), version):
                    why = f"it excluded {version}, and --widen was given"
                    self._move(member, text, widened, name, version, why)
                case Fit.EXCLUDES:
                    yield self._excluded(member, text, name, version)

    def _move(self, member: Member, old: str, new: str, name: str, version: Version, why: str) -> None:
        self._files.require(member, old, new)
        self.moves.append(RangeMove(member.name, old, new, why))
        file = f"needs-{name}-{str(version).replace('.', '-')}.{ChangeKind.CHANGED.value}.md"
        path = member.folder / member.configuration.release.fragments / file
        if any(one.file == path for one in self._fragments):
            return
        fragment = Fragment(
            member.name, file.split(".")[0], ChangeKind.CHANGED, f"Needs {name} {version} or newer.", path
        )
        self._fragments.append(fragment)
        if member.name not in self._released:
            # It has its turn when the dependant is released; until then the file waits for it.
            self._files.replace(path, f"{fragment.text}\n")

    def _excluded(self, member: Member, text: str, name: str, version: Version) -> Finding:
        return Finding(
            "release-range",
            Severity.ERROR,
            f"{member.name} requires `{text}`, which excludes {name} {version}",
            f"try {member.name} with it and release with --widen, which makes it `{moved(text, version)}`; "
            f"or keep {name} within the range",
            file=(member.folder / "pyproject.toml").relative_to(self._workspace.root).as_posix(),
        )


def broken_releases(workspace: Workspace, released: Released, name: str, version: Version) -> Iterator[Finding]:
    """Yield the dependants whose last release is open to a version with a break in it.

    Nobody can close their ranges any more: whoever installs such a release gets the new version with it. That happens
    between betas, which an upper bound at the next major version does not hold apart, and where there is none.
    """
    top = git.repository_root(workspace.root).resolve()
    for member in workspace.members.values():
        last = released.last(member.name)
        if name not in member.runtime_names or last is None or not last.commit:
            continue
        path = (member.folder / "pyproject.toml").relative_to(top).as_posix()
        for text in requirements_in(git.show(top, last.commit, path) or ""):
            if canonicalize_name(Requirement(text).name) == name and _lets_in(text, version):
                yield Finding(
                    "release-breaks",
                    Severity.WARNING,
                    f"{member.name} {last.version} is out and requires `{text}`, which lets in {name} {version}, "
                    "a version with a break",
                    f"see with `clientsmith gate` whether it works still; if not, release {member.name}, too, "
                    f"and mark {last.version} `supported = false` in releases.toml",
                    file=path,
                )


def _lets_in(requirement: str, version: Version) -> bool:
    return Requirement(requirement).specifier.contains(version, prereleases=True)
