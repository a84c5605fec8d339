"""Ranges between packages of one workspace: is a new version in them, and how is a range moved.

uv does not hold ``clientsmith-core>=1,<2`` against the version that a member of the workspace has, so somebody else
must: a wheel goes out with the range as it is written.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

__all__ = ["Fit", "judge_range", "moved", "raised"]

_NAME: Final = re.compile(r"\s*[A-Za-z0-9._-]+\s*(?:\[[^\]]*\])?\s*")
_LOWER: Final = re.compile(r"(?P<operator>>=|>)\s*(?P<version>[^\s,;()]+)")
_COMPATIBLE: Final = re.compile(r"~=\s*(?P<version>[^\s,;()]+)")
_EXACT: Final = re.compile(r"(?<![=!<>~])==\s*(?P<version>[^\s,;()]+)")
_UPPER: Final = re.compile(r"<=?\s*(?P<version>[^\s,;()]+)")


class Fit(StrEnum):
    """How a range stands to the version that is about to be released."""

    FITS = "fits"
    TOO_LOW = "too low"  # it lets in versions without what the dependant uses
    EXCLUDES = "excludes"


def judge_range(requirement: Requirement, version: Version, *, needs_it: bool) -> Fit:
    """Return how a dependant's range stands to ``version``.

    ``needs_it`` says that the dependant uses something which no earlier version has. Pre-releases count, for the
    packages of one house are released in betas together.
    """
    if not requirement.specifier.contains(version, prereleases=True):
        return Fit.EXCLUDES
    return Fit.TOO_LOW if needs_it and _lets_in_older(requirement.specifier, version) else Fit.FITS


def raised(requirement: str, version: Version) -> str:
    """Return a requirement whose lower bound is ``version``; the rest of it stays as it is written."""
    return _rewritten(requirement, version, upper=False)


def moved(requirement: str, version: Version) -> str:
    """Return a requirement that begins at ``version`` and ends before the next major version.

    Both bounds move: what the dependant was tried with is the new version, and a break lies between it and the old
    ones. An exact version stays exact.
    """
    return _rewritten(requirement, version, upper=True)


def _lets_in_older(specifier: SpecifierSet, version: Version) -> bool:
    """Whether an older version is in the range: there is no lower bound, or a lower one."""
    bounds = [
        Version(one.version) for one in specifier if one.operator in {">=", ">", "~=", "=="} and "*" not in one.version
    ]
    return not bounds or max(bounds) < version


def _rewritten(requirement: str, version: Version, *, upper: bool) -> str:
    head, semicolon, marker = requirement.partition(";")
    began = _NAME.match(head).end()  # type: ignore[union-attr]  # it was read as a requirement before
    specifier = head[began:]
    if _EXACT.search(specifier):
        specifier = _EXACT.sub(f"=={version}", specifier, count=1)
    elif _COMPATIBLE.search(specifier):
        specifier = _COMPATIBLE.sub(lambda found: f"~={_as_long_as(found['version'], version)}", specifier, count=1)
    elif _LOWER.search(specifier):
        specifier = _LOWER.sub(f">={version}", specifier, count=1)
    else:
        specifier = f">={version}" + (f",{specifier.strip()}" if specifier.strip() else "")
    if upper:
        specifier = _UPPER.sub(lambda found: f"<{_next_limit(found['version'], version)}", specifier, count=1)
    space = " " if semicolon and head[began:].rstrip() != head[began:] else ""
    return f"{head[:began]}{specifier.rstrip()}{space}{semicolon}{marker}"


def _as_long_as(old: str, version: Version) -> str:
    """Return a version for ``~=`` with as many parts as before: ``~=1.4`` becomes ``~=2.0``, not ``~=2.0.0``."""
    if version.is_prerelease:
        return str(version)
    parts = [*version.release, 0, 0][: max(2, len(Version(old).release))]
    return ".".join(map(str, parts))


def _next_limit(old: str, version: Version) -> str:
    """Return the upper bound after ``version``, in as many parts as the old one: ``<2`` becomes ``<3``."""
    length = len(Version(old).release)
    if version.major == 0 and length > 1:
        return ".".join(map(str, [0, version.minor + 1, 0][:length]))
    return ".".join(map(str, [version.major + 1, 0, 0][:length]))
