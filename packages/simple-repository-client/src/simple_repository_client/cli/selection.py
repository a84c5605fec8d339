"""Which files of a page are meant: a requirement, kinds, and what they are to run on. Pure values, nothing is sent."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from clientsmith.core.terminal import Stop, count
from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, sys_tags
from packaging.version import InvalidVersion, Version

from ..names import FileKind
from ..pages import ProjectFile, ProjectPage
from .output import WrongUsage
from .platforms import expanded

if TYPE_CHECKING:
    from packaging.utils import BuildTag

__all__ = ["Choice", "Wanted", "nothing_fits", "wanted"]


@dataclass(frozen=True)
class Wanted:
    """A project, and which of its versions.

    Attributes:
        requirement: As it was typed, read.
        allows_pre: Whether pre-releases are taken where others are there too.
    """

    requirement: Requirement
    allows_pre: bool = False

    @property
    def name(self) -> str:
        return self.requirement.name

    @property
    def is_exact(self) -> bool:
        """Whether it names one version, which then may be a yanked one (PEP 592)."""
        return any(
            each.operator in ("==", "===") and not each.version.endswith(".*") for each in self.requirement.specifier
        )

    def versions(self, available: Iterable[Version]) -> list[Version]:
        """Return the versions that fit, newest first; pre-releases only where nothing else fits, or if allowed."""
        prereleases = True if self.allows_pre else None
        return sorted(self.requirement.specifier.filter(available, prereleases=prereleases), reverse=True)

    def files(self, files: Iterable[ProjectFile]) -> list[ProjectFile]:
        """Return the files whose versions fit, in their order."""
        files = list(files)
        # By their texts: `===1.0.0` means no 1.0, and for all else these two are one version.
        versions = {str(file.version): file.version for file in files if file.version is not None}
        fitting = set(map(str, self.versions(versions.values())))
        return [file for file in files if str(file.version) in fitting]


def wanted(text: str, *, allows_pre: bool = False) -> Wanted:
    """Read what was typed: ``NAME``, ``NAME==1.0``, ``NAME>=1,<2``.

    Raises:
        WrongUsage: It is something else.
    """
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        raise WrongUsage(f"{text!r} names no project", "write NAME, NAME==1.0 or 'NAME>=1,<2'") from None
    if requirement.url or requirement.marker or requirement.extras:
        hint = "an index knows names and versions: leave URL, marker and extras out"
        raise WrongUsage(f"{text!r} says more than a name and versions", hint)
    return Wanted(requirement, allows_pre)


@dataclass(frozen=True)
class Choice:
    """Which files of a version are taken.

    Attributes:
        only: Wheels, source distributions, or both (None).
        python: The version of Python that they are for; "" for the one that runs this.
        platforms: Tags of platforms, ``manylinux_2_28_x86_64``; empty for this machine.
        takes_all: All files of the version, whatever they run on; else the one that fits best.
        ignores_requires_python: Whether files for other versions of Python are taken too.
        takes_yanked: Whether yanked files are taken where no exact version is asked for.
    """

    only: FileKind | None = None
    python: str = ""
    platforms: tuple[str, ...] = ()
    takes_all: bool = False
    ignores_requires_python: bool = False
    takes_yanked: bool = False

    def __post_init__(self) -> None:
        try:
            is_known = len(Version(self._python).release) > 1
        except InvalidVersion:
            is_known = False
        if not is_known:
            raise WrongUsage(f"{self.python!r} is no version of Python", "write it like 3.12, or 3.12.1")

    @property
    def _python(self) -> str:
        # Not what it calls itself: 3.14.0rc1 is held for 3.14 by installers, and "3.11.2+" is no version at all.
        return self.python or ".".join(map(str, sys.version_info[:3]))

    @cached_property
    def ranks(self) -> dict[Tag, int]:
        """What a wheel may run on, the best first."""
        if not self.python and not self.platforms:
            tags = list(sys_tags())
        else:
            python = Version(self._python).release[:2]
            platforms = expanded(self.platforms) or None
            interpreter = f"cp{python[0]}{python[1]}"
            tags = [
                *cpython_tags(python, platforms=platforms),
                *compatible_tags(python, interpreter, platforms=platforms),
            ]
        return {tag: rank for rank, tag in reversed(list(enumerate(tags)))}

    def files_of(self, page: ProjectPage, project: Wanted) -> list[ProjectFile]:
        """Return the files of the newest version that has any which fit: in the order of choices that pip makes.

        What cannot run here is no choice, so that a pre-release is one where all else is for other machines; and yanked
        files are looked at last, and only where an exact version has nothing else (PEP 592).

        Raises:
            Stop: None fits; it says which there were, and why they do not.
        """
        fitting = project.files(file for file in page.files if not self._objection(file))
        if not self.takes_yanked and not (self.takes_all and project.is_exact):
            current = [file for file in fitting if not file.yanked]
            fitting = current if current or not project.is_exact else fitting
        if not fitting:
            raise Stop(*self._nothing(page, project))
        newest = max(file.version for file in fitting if file.version is not None)
        found = [file for file in fitting if file.version == newest]
        return found if self.takes_all else [self._best(found)]

    def _objection(self, file: ProjectFile) -> str:
        """Why a file is not taken, "" if it is."""
        if file.kind is FileKind.OTHER:
            return "neither wheel nor source distribution"
        if self.only is not None and file.kind is not self.only:
            return f"no {self.only}"
        names_target = self.python or self.platforms or not self.takes_all
        if names_target and not self.ignores_requires_python and not file.supports_python(self._python):
            return f"not for Python {self._python}"
        if names_target and file.kind is FileKind.WHEEL and file.tags.isdisjoint(self.ranks):
            return "for another platform or Python"
        return ""

    def _best(self, files: Sequence[ProjectFile]) -> ProjectFile:
        """Wheels before source distributions, the most special first, then the highest build; the name decides ties."""
        return max(sorted(files, key=lambda file: file.filename), key=self._rank)

    def _rank(self, file: ProjectFile) -> tuple[bool, int, BuildTag]:
        if file.kind is not FileKind.WHEEL:
            return not file.yanked, -len(self.ranks), ()
        return not file.yanked, -min(self.ranks[tag] for tag in file.tags if tag in self.ranks), file.name_parts.build

    def _nothing(self, page: ProjectPage, project: Wanted) -> tuple[str, str]:
        """Say why nothing is left, and what to do next."""
        released = [file for file in page.files if file.version is not None]
        if not released:
            if page.files:
                what = (
                    f"{page.name} has {count(len(page.files), 'file')} on this index, and no name tells a version of it"
                )
                return what, "see `simple-repository files`"
            return f"{page.name} has no files on this index", "another index may have them"
        left = project.files(released)
        if not left:
            stop = nothing_fits(page.name, project, {file.version for file in released if file.version is not None})
            return stop.message, stop.hint
        reasons = dict.fromkeys(self._objection(file) or "yanked" for file in left)
        what = f"none of {count(len(left), 'file')} of {project.requirement} fits: {', '.join(reasons)}"
        return what, "see `simple-repository files`; --all, --python, --platform or --allow-yanked choose others"


def nothing_fits(name: str, project: Wanted, available: Iterable[Version]) -> Stop:
    """Return what to raise where no version fits; it says which there are."""
    newest = sorted(available, reverse=True)
    shown = ", ".join(map(str, newest[:_SHOWN])) + (", …" if len(newest) > _SHOWN else "")
    return Stop(f"no version of {name} fits {project.requirement}", f"there are {shown}" if shown else "there are none")


_SHOWN: Final = 5  # versions in a message
