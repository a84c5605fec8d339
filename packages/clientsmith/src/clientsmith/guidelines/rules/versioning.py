"""Rules about version numbers: one by itself, and what a change does to it, which takes two releases."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.rule import Rule
from clientsmith.guidelines.verdicts import Met, NotApplicable, NotMet, Problem, Verdict

__all__ = [
    "ReleaseRule",
    "VersioningApiMajor",
    "VersioningApiversion",
    "VersioningBeta",
    "VersioningChanges",
    "VersioningMajor",
    "VersioningMinor",
    "VersioningPatch",
    "VersioningSemver",
    "at_version",
]

_RELEASE: Final = r"\d+\.\d+\.\d+"
_NO_VERSION: Final = "nothing says the version of the package"


def _project(version: str) -> Example:
    return Example(
        project=f"""
            [project]
            name = "depot-client"
            {version}
            """
    )


class VersioningSemver(Rule):
    """Three numbers."""

    id = "versioning-semver"
    kinds = "P"
    meaning = "The version is a semantic one: three numbers, and a pre-release after them."
    why = (
        "Everybody who depends on the package reads from the number whether an update can break them, and so do the "
        "tools that update by themselves."
    )
    good = _project('version = "1.2.0"')
    bad = _project('version = "1.2"  # <--')

    def judge(self, package: Package) -> Verdict:
        if not package.version:
            return NotApplicable(_NO_VERSION)
        if not re.match(_RELEASE, package.version):
            return NotMet((at_version(package, f"{package.version!r}: write major.minor.patch"),))
        return Met(package.version)


class VersioningBeta(Rule):
    """Pre-releases are betas."""

    id = "versioning-beta"
    kinds = "P"
    meaning = "Pre-releases are spelt `bN`, as PEP 440 has it."
    why = (
        "One kind of pre-release is enough to say that things may still change; that it is spelt in one way keeps the "
        "order of versions, which tools and people rely on."
    )
    good = _project('version = "1.2.0b1"')
    bad = _project('version = "1.2.0a1"  # <--')

    def judge(self, package: Package) -> Verdict:
        if not package.version:
            return NotApplicable(_NO_VERSION)
        if not re.fullmatch(r"\d+(\.\d+)*(b\d+)?", package.version):
            return NotMet((at_version(package, f"{package.version!r}: a pre-release is spelt 1.2.0b1"),))
        return Met(package.version)


def at_version(package: Package, hint: str) -> Problem:
    """Return the problem at the line that says the version, at the first line of the file where none does."""
    file = package.project_file
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    found = next((n for n, line in enumerate(text.splitlines(), 1) if re.match(r"\s*version\s*[=:]", line, re.I)), 1)
    return Problem(file, found, 1, hint)


def _release(version: str, source: str = "", api_version: str = "2026-01-01") -> Example:
    """Return a release of a small package: its version, the default version of its API, and more source."""
    client = f"""
from clientsmith.core import ServiceClient


class DepotClient(ServiceClient):
    def __init__(self, endpoint: str, *, api_version: str = "{api_version}") -> None:
        super().__init__(endpoint)
"""
    project = f"""
[project]
name = "depot-client"
version = "{version}"
"""
    return Example(client + source, project=project)


_NEW: Final = """
    def get_weight(self) -> float:
        return 1.0
"""


class ReleaseRule(Rule):
    """A rule about two releases; `clientsmith.guidelines.releases` judges it where the earlier one is known.

    Attributes:
        earlier: The release before: the good and the bad example are what may, and may not, follow it.
    """

    kinds: ClassVar[str] = "P"
    earlier: ClassVar[Example]

    def judge(self, package: Package) -> Verdict:
        return NotApplicable("takes two releases: name the earlier one with --against")


class VersioningChanges(ReleaseRule):
    """A change is a version."""

    id = "versioning-changes"
    meaning = "Whatever changes in a library, its version changes."
    why = (
        "A version is the name of one content. Where the same name stands for two, nobody can say what is installed, "
        "and a lock file locks nothing."
    )
    earlier = _release("1.2.0")
    good = _release("1.2.1", "\n# A comment.\n")
    bad = _release("1.2.0", "\n# A comment.\n")


class VersioningPatch(ReleaseRule):
    """Fixes are patches."""

    id = "versioning-patch"
    meaning = "A release with nothing but fixes raises the patch number."
    why = "Who waits for a fix takes every patch release without reading: it has nothing else in it."
    earlier = _release("1.2.0")
    good = _release("1.2.1", "\n# A comment.\n")
    bad = _release("1.1.9", "\n# A comment.\n")


class VersioningMinor(ReleaseRule):
    """Something new is a minor version."""

    id = "verioning-minor"
    meaning = "A release with something new raises the minor number."
    why = (
        "Who uses something new says so in the range of versions that they need, and the number has to tell the two "
        "apart."
    )
    earlier = _release("1.2.0")
    good = _release("1.3.0", _NEW)
    bad = _release("1.2.1", _NEW)


class VersioningApiversion(ReleaseRule):
    """Another default version of the API is a minor version."""

    id = "versioning-apiversion"
    meaning = "Another default version of the service's API raises the minor number."
    why = "The service may answer otherwise from then on, even where no line of the library changed: that is no fix."
    earlier = _release("1.2.0")
    good = _release("1.3.0", api_version="2026-07-01")
    bad = _release("1.2.1", api_version="2026-07-01")


class VersioningApiMajor(ReleaseRule):
    """A new API version alone breaks nobody."""

    id = "versioning-api-major"
    meaning = "A new version of the service's API alone does not raise the major number."
    why = (
        "A major number says that code has to be changed. A package may bind itself to a family of API versions, "
        "`api-family`; then leaving the family breaks its contract, and that is a major version."
    )
    earlier = _release("1.2.0")
    good = _release("1.3.0", api_version="2026-07-01")
    bad = _release("2.0.0", api_version="2026-07-01")


class VersioningMajor(ReleaseRule):
    """A break is a major version."""

    id = "versioning-major"
    meaning = "A break raises the major number, above every package that the library ever had before."
    why = (
        "Whoever pinned the major number is spared the break until they are ready for it; that is what the number is "
        "for."
    )
    earlier = _release("1.2.0", _NEW)
    good = _release("2.0.0")
    bad = _release("1.3.0")
