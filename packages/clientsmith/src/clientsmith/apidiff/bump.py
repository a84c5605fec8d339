"""Which version a set of differences demands: Semantic Versioning 2.0.0, with what it leaves open decided.

- Breaking demands a new major version, an addition a new minor one, anything else a patch (SemVer, 6 to 8; guideline
  ``python-versioning-major``, ``-minor``, ``-patch``).
- Before 1.0.0 "anything may change" (SemVer, 4), which helps nobody who depends on it. The custom that installers and
  their users follow is taken as the rule: in ``0.Y.Z`` breaking demands a new ``Y``; additions and fixes a new ``Z``.
- A pre-release promises nothing to the next of the same version: ``2.0.0b1`` to ``2.0.0b2`` may break. It is held
  against the last final version instead: ``1.4.2`` to ``2.0.0b1`` is enough for breaking, to ``1.5.0b1`` is not.
- Pre-releases are betas, ``bN`` and nothing else (guideline ``python-versioning-beta``).
- Any change of what is distributed demands another version (guideline ``python-versioning-changes``).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from packaging.version import Version

from .difference import Difference, Kind

__all__ = ["Bump", "bump_between", "bump_of", "demanded", "is_enough"]


class Bump(IntEnum):
    """The part of a version that has to grow; a larger one is enough for a smaller demand."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


_BUMPS = {Kind.BREAKING: Bump.MAJOR, Kind.ADDITION: Bump.MINOR, Kind.FIX: Bump.PATCH}


def bump_of(differences: Iterable[Difference]) -> Bump:
    """Return what the weightiest of the differences demands; NONE if there are none."""
    return max((_BUMPS[one.kind] for one in differences), default=Bump.NONE)


def demanded(current: Version, bump: Bump, *, prerelease: bool = False) -> Version:
    """Return the smallest version that may follow ``current``.

    Args:
        current: The last released one.
        bump: Of the differences to it.
        prerelease: Whether the next one is a beta.
    """
    if bump is Bump.NONE:
        return current
    if current.is_prerelease:
        return _after_prerelease(current, prerelease=prerelease)
    base = ".".join(map(str, _bumped(current, bump)))
    return _version(f"{base}b1" if prerelease else base, current)


def is_enough(old: Version, new: Version, bump: Bump) -> bool:
    """Whether ``new`` may follow ``old`` when the differences between them demand ``bump``.

    From a pre-release to any later version of the same or a larger base it always is.
    """
    if bump is Bump.NONE:
        return new >= old
    if new <= old:
        return False
    if old.is_prerelease:
        # A beta promises nothing, but a patch after it is still a patch: 1.0.1b1 does not stand for 1.0.0.
        return True
    return (new.epoch, *_triple(new)) >= (old.epoch, *_bumped(old, bump))


def bump_between(old: Version, new: Version) -> Bump:
    """Return what the maintainers did: the part in which ``new`` is larger; NONE if it is not larger at all."""
    if new <= old:
        return Bump.NONE
    if new.epoch != old.epoch:
        return Bump.MAJOR
    for part, bump in zip(range(3), (Bump.MAJOR, Bump.MINOR, Bump.PATCH), strict=True):
        if _triple(new)[part] != _triple(old)[part]:
            return bump
    return Bump.PATCH


def _bumped(current: Version, bump: Bump) -> tuple[int, int, int]:
    major, minor, patch = _triple(current)
    if major == 0:
        return (0, minor + 1, 0) if bump is Bump.MAJOR else (0, minor, patch + 1)
    match bump:
        case Bump.MAJOR:
            return (major + 1, 0, 0)
        case Bump.MINOR:
            return (major, minor + 1, 0)
        case _:
            return (major, minor, patch + 1)


def _after_prerelease(current: Version, *, prerelease: bool) -> Version:
    base = ".".join(map(str, _triple(current)))
    if not prerelease:
        return _version(base, current)
    if current.pre is not None and current.pre[0] == "rc":
        # A beta would be older than what it follows.
        return _version(f"{base}rc{current.pre[1] + 1}", current)
    number = current.pre[1] + 1 if current.pre is not None and current.pre[0] == "b" else 1
    return _version(f"{base}b{number}", current)


def _triple(version: Version) -> tuple[int, int, int]:
    return version.major, version.minor, version.micro


def _version(text: str, current: Version) -> Version:
    return Version(f"{current.epoch}!{text}" if current.epoch else text)
