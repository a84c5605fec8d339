"""Rules about two releases: what changed between them, and whether the version says so."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from clientsmith.apidiff.bump import Bump, bump_between, is_enough
from clientsmith.apidiff.difference import Difference, Kind
from clientsmith.distributions import Distribution
from packaging.version import InvalidVersion, Version

from .package import Package, package_of
from .rules.versioning import at_version
from .verdicts import Met, NotApplicable, NotMet, Verdict

__all__ = ["RELEASE_RULES", "observe_releases"]

RELEASE_RULES: Final = (
    "versioning-changes",
    "versioning-patch",
    "verioning-minor",
    "versioning-apiversion",
    "versioning-api-major",
    "versioning-major",
)
_SHOWN: Final = 3  # differences are named, the others counted
_ARGUMENT: Final = "api_version"


def observe_releases(package: Package, new: Distribution, old: Distribution) -> Mapping[str, Verdict]:
    """Judge a release by the one before it, for the rules of `RELEASE_RULES`.

    Args:
        package: The release as the rules see it.
        new: The same, as a distribution.
        old: The release before.
    """
    try:
        versions = Version(old.version), Version(new.version)
    except InvalidVersion:
        unknown = NotApplicable(f"{(old if not old.version else new).reference} has no version that can be compared")
        return dict.fromkeys(RELEASE_RULES, unknown)
    # It reads both packages whole, which only this needs.
    from clientsmith.apidiff.python import compare_packages

    before = package_of(old, package.configuration)
    return _Releases(package, before, *versions, compare_packages(old, new)).verdicts()


class _Releases:
    """Two releases, the versions they have, and what is different in their API."""

    def __init__(
        self, new: Package, old: Package, before: Version, after: Version, differences: Sequence[Difference]
    ) -> None:
        self.new, self.old, self.before, self.after = new, old, before, after
        self.api_versions = _api_versions(old), _api_versions(new)
        # That the default is another one is a rule's own matter.
        self.differences = [each for each in differences if not _is_api_version(each)]
        self.is_same = _content(old) == _content(new)

    def verdicts(self) -> Mapping[str, Verdict]:
        return {
            "versioning-changes": self._changes(),
            "versioning-patch": self._patch(),
            "verioning-minor": self._of_kind(Kind.ADDITION, Bump.MINOR, "something new"),
            "versioning-major": self._of_kind(Kind.BREAKING, Bump.MAJOR, "a break"),
            "versioning-apiversion": self._api_version(),
            "versioning-api-major": self._api_major(),
        }

    def _changes(self) -> Verdict:
        if self.is_same:
            return Met(f"nothing in it changed since {self.before}")
        if self.before == self.after:
            return self._broken(f"its content is not that of the {self.before} before it: make it a new version")
        return Met(f"{self.before} became {self.after}")

    def _patch(self) -> Verdict:
        if self.before == self.after:
            return NotApplicable("the version is the same: versioning-changes says whether it may be")
        return self._demand(Bump.PATCH, [], "a change of anything")

    def _of_kind(self, kind: Kind, bump: Bump, what: str) -> Verdict:
        found = [each for each in self.differences if each.kind is kind]
        if not found:
            return NotApplicable(f"the API has no difference to {self.before} that is {what}")
        return self._demand(bump, found, what)

    def _demand(self, bump: Bump, found: Sequence[Difference], what: str) -> Verdict:
        if self.is_same:
            return NotApplicable(f"nothing in it changed since {self.before}")
        if not is_enough(self.before, self.after, bump):
            return self._broken(f"{self.before} to {self.after} is not enough for {what}{_named(found)}")
        return Met(f"{self.before} to {self.after} is enough for {what}")

    def _api_version(self) -> Verdict:
        old, new = self.api_versions
        if not old or not new:
            return NotApplicable("no client has a default version of the service's API that can be read")
        if old == new:
            return NotApplicable(f"the default version of the service's API is {', '.join(sorted(new))} as before")
        return self._demand(Bump.MINOR, [], f"another default version of the service's API ({', '.join(sorted(new))})")

    def _api_major(self) -> Verdict:
        old, new = self.api_versions
        if old == new or not new:
            return NotApplicable("the default version of the service's API is as before")
        family = self.new.configuration.release.api_family
        if family:
            return NotApplicable(f"the package ties its major version to the family {family} of the service's API")
        breaks = any(each.kind is Kind.BREAKING for each in self.differences)
        if bump_between(self.before, self.after) is Bump.MAJOR and not breaks:
            return self._broken(
                f"{self.before} to {self.after} for another version of the service's API: a minor version does"
            )
        return Met(f"{self.before} to {self.after} for another version of the service's API")

    def _broken(self, hint: str) -> Verdict:
        return NotMet((at_version(self.new, hint),))


def _named(found: Sequence[Difference]) -> str:
    if not found:
        return ""
    shown = ", ".join(each.subject for each in found[:_SHOWN])
    return f": {shown}" + (f" and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else "")


def _is_api_version(difference: Difference) -> bool:
    return _ARGUMENT in difference.subject or _ARGUMENT in difference.message


def _content(package: Package) -> str:
    """Return a digest of the package's files, generated versions and caches left out: what is installed and run."""
    top: Path = package.source_folder.joinpath(*package.import_name.split("."))
    files = sorted(top.rglob("*")) if top.is_dir() else [top.with_suffix(".py")]
    digest = hashlib.sha256()
    for file in files:
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(package.source_folder)}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _api_versions(package: Package) -> frozenset[str]:
    """Return the default versions of the service's API that its clients begin with."""
    found: set[str] = set()
    for side in package.sides.values():
        for client in side.clients:
            for parameter in client.constructor_parameters:
                if parameter.name == _ARGUMENT and isinstance(parameter.default, ast.expr):
                    texts = (node.value for node in ast.walk(parameter.default) if isinstance(node, ast.Constant))
                    found |= {text for text in texts if isinstance(text, str)}
    return frozenset(found)
