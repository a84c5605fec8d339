"""Which files of a page are meant: a requirement, kinds, and what they are to run on. Pure values, nothing is sent."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, sys_tags
from packaging.version import InvalidVersion, Version

from ..names import FileKind
from ..pages import ProjectFile, ProjectPage
from .output import Stop, WrongUsage, count
from .platforms import expanded

__all__ = ["Choice", "Wanted", "wanted"]


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
            Version(self._python)
        except InvalidVersion:
            hint = "write it like 3.12, or 3.12.1"
            raise WrongUsage(f"{self.python!r} is no version of Python", hint) from None

    @property
    def _python(self) -> str:
        return self.python or platform.python_version()

    @cached_property
    def ranks(self) -> dict[Tag, int]:
        """What a wheel may run on, the best first."""
        if not self.python and not self.platforms:
            tags = list(sys_tags())
        else:
            release = Version(self._python).release
            python = release[:2] if len(release) > 1 else None
            platforms = expanded(self.platforms) or None
            tags = [*cpython_tags(python, platforms=platforms), *compatible_tags(python, platforms=platforms)]
            # A wheel of pure Python runs everywhere, also where a platform is named.
            tags += compatible_tags(python, platforms=("any",)) if platforms else ()
        return {tag: rank for rank, tag in reversed(list(enumerate(tags)))}

    def files_of(self, page: ProjectPage, project: Wanted) -> list[ProjectFile]:
        """Return the files of the newest version that has any which fit.

        Raises:
            Stop: None fits; it says which there were, and why they do not.
        """
        by_version: dict[Version, list[ProjectFile]] = {}
        for file in page.files:
            if file.version is not None:
                by_version.setdefault(file.version, []).append(file)
        fitting = project.versions(by_version)
        for version in fitting:
            if found := self._of_version(by_version[version], project):
                return found
        left = [file for version in fitting for file in by_version[version]]
        raise Stop(*self._nothing(page, project, by_version, left))

    def _of_version(self, files: Sequence[ProjectFile], project: Wanted) -> list[ProjectFile]:
        files = [file for file in files if not self._objection(file, project)]
        if self.takes_all or not files:
            return list(files)
        return [min(files, key=self._rank)]

    def _objection(self, file: ProjectFile, project: Wanted) -> str:
        """Why a file is not taken, "" if it is."""
        if file.kind is FileKind.OTHER:
            return "neither wheel nor source distribution"
        if self.only is not None and file.kind is not self.only:
            return f"no {self.only}"
        if file.yanked and not project.is_exact and not self.takes_yanked:
            return "yanked"
        names_target = self.python or self.platforms or not self.takes_all
        if names_target and not self.ignores_requires_python and not file.supports_python(self._python):
            return f"not for Python {self._python}"
        if names_target and file.kind is FileKind.WHEEL and file.tags.isdisjoint(self.ranks):
            return "for another platform or Python"
        return ""

    def _rank(self, file: ProjectFile) -> tuple[int, int, str]:
        """Wheels before source distributions, the most special first, then the highest build; the name decides ties."""
        if file.kind is not FileKind.WHEEL:
            return len(self.ranks) + 1, 0, file.filename
        build = file.name_parts.build
        return (
            min(self.ranks[tag] for tag in file.tags if tag in self.ranks),
            -(build[0] if build else 0),
            file.filename,
        )

    def _nothing(
        self,
        page: ProjectPage,
        project: Wanted,
        available: Iterable[Version],
        left: Sequence[ProjectFile],
    ) -> tuple[str, str]:
        """Say why nothing is left, and what to do next."""
        newest = sorted(available, reverse=True)
        if not newest:
            return f"{page.name} has no files on this index", "another index may have them"
        if not left:
            shown = ", ".join(map(str, newest[:_SHOWN])) + (", …" if len(newest) > _SHOWN else "")
            return f"no version of {page.name} fits {project.requirement}", f"there are {shown}"
        reasons = dict.fromkeys(self._objection(file, project) for file in left)
        what = f"none of {count(len(left), 'file')} of {project.requirement} fits: {', '.join(reasons)}"
        return what, "see `simple-repository files`; --all, --python, --platform or --allow-yanked choose others"


_SHOWN: Final = 5  # versions in a message
