"""Which version comes next: a decision over values, without a file and without git.

Two witnesses are heard. The *fragments* say what people meant to change; the *diff* of the last release against the
tip says what they did change. The next version has to be enough for both, and where the diff weighs more than the
fragments the release is refused: somebody has not told the users.

Rules, beside those of `clientsmith.apidiff.bump`:

- A package in betas stays there until somebody says ``FINAL``; one that is not goes there when somebody says ``PRE``.
- ``1.3.0b1`` followed by a breaking change is ``2.0.0b1``, not ``1.3.0b2``: a beta is held against the last final
  version, and ``1.3.0`` could not follow ``1.2.3``. Before the first final version the base stays as it is.
- The first release of a package has the version that its pyproject.toml says.
- A version that is given, by hand or by a pyproject.toml that is ahead of the last release, is taken if it is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clientsmith.apidiff.bump import Bump, demanded, is_enough
from packaging.version import Version

__all__ = ["Decision", "History", "Reason", "Refusal", "Stage", "Wish", "decide_version"]

_WORDS: Final = {Bump.PATCH: "a patch", Bump.MINOR: "a minor", Bump.MAJOR: "a major"}
_CHANGES: Final = {Bump.PATCH: "fixes", Bump.MINOR: "something new", Bump.MAJOR: "something breaking"}
_KINDS: Final = {Bump.PATCH: "fixed", Bump.MINOR: "added or changed", Bump.MAJOR: "breaking"}


class Stage(StrEnum):
    """Whether the next version is a beta."""

    SAME = "same"  # as the last one
    PRE = "pre"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class History:
    """What was released so far, and what pyproject.toml says. ``last_final`` is the newest that is no pre-release."""

    written: Version
    last: Version | None = None
    last_final: Version | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a version has to grow: a fragment or a difference; ``place`` is where to look."""

    bump: Bump
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.bump.name.lower():5}  {self.place}: {self.text}"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    stage: Stage = Stage.SAME
    version: Version | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The next version, and the reasons in the order of their weight."""

    version: Version
    bump: Bump
    reasons: tuple[Reason, ...]


class Refusal(Exception):
    """There is no right next version, or not the one that was asked for.

    Attributes:
        rule: Its name, for findings.
        message: What was asked and why it cannot be; one line.
        hint: What to do.
        reasons: What demands more.
    """

    def __init__(self, rule: str, message: str, hint: str, reasons: Sequence[Reason] = ()) -> None:
        super().__init__(rule, message, hint, tuple(reasons))
        self.rule, self.message, self.hint, self.reasons = rule, message, hint, tuple(reasons)

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}"


def decide_version(
    history: History,
    fragments: Iterable[Reason],
    differences: Iterable[Reason],
    wish: Wish,
    since_final: Iterable[Reason] = (),
) -> Decision:
    """Return the version that comes next.

    Args:
        history: Of the package.
        fragments: What its fragments ask for.
        differences: What the diff of the last release against the tip asks for.
        wish: What the caller asks for.
        since_final: What the diff of the last final release asks for, where the last one is a pre-release.

    Raises:
        Refusal: The diff demands more than the fragments say; nothing changed; the version given is not enough.
    """
    written, proven, longer = _weighed(fragments), _weighed(differences), _weighed(since_final)
    reasons = tuple(sorted([*written, *proven], key=lambda one: -one.bump))
    if history.last is None:
        return Decision(wish.version or _staged(history.written, wish.stage), Bump.NONE, reasons)
    if _most(proven) > _most(written):
        raise _untold(_most(proven), _most(written), proven)
    given = wish.version or (history.written if history.written > history.last else None)
    bump = _most(written)
    if given is not None:
        _check_given(history, given, bump, _most(longer), reasons)
        return Decision(given, bump, reasons)
    leaves_betas = wish.stage is Stage.FINAL and history.last.is_prerelease
    if bump is Bump.NONE and not leaves_betas:
        raise Refusal(
            "release-empty",
            f"nothing that users could see has changed since {history.last}",
            "write a fragment: `clientsmith release note PACKAGE KIND TEXT`",
        )
    return Decision(_next(history, history.last, bump, _most(longer), wish.stage), bump, reasons)


def _next(history: History, last: Version, bump: Bump, since_final: Bump, stage: Stage) -> Version:
    prerelease = stage is Stage.PRE or (stage is Stage.SAME and last.is_prerelease)
    if not last.is_prerelease:
        return demanded(last, bump, prerelease=prerelease)
    # Leaving the betas changes nothing and is a version all the same: at least a patch.
    stays = demanded(last, max(bump, Bump.PATCH), prerelease=prerelease)
    if history.last_final is None or history.last_final > last:
        return stays
    away = demanded(history.last_final, max(since_final, bump), prerelease=prerelease)
    return stays if stays.release >= away.release else away


def _staged(version: Version, stage: Stage) -> Version:
    """Return the first version, as a beta or a final one if that was asked for."""
    if stage is Stage.FINAL and version.is_prerelease:
        return Version(version.base_version)
    if stage is Stage.PRE and not version.is_prerelease:
        return Version(f"{version.base_version}b1")
    return version


def _check_given(history: History, given: Version, bump: Bump, since_final: Bump, reasons: tuple[Reason, ...]) -> None:
    last = history.last
    assert last is not None
    if given <= last:
        raise Refusal(
            "release-version",
            f"{given} is not newer than the last release, {last}",
            "leave --version out, and the fragments decide",
        )
    final = history.last_final
    enough = is_enough(last, given, bump) and (final is None or final >= given or is_enough(final, given, since_final))
    if not enough:
        old, weight = (last, bump) if not is_enough(last, given, bump) else (final, since_final)
        assert old is not None
        least = demanded(old, weight, prerelease=given.is_prerelease)
        raise Refusal(
            "release-version",
            f"{given} is not enough: {_WORDS[weight]} version is demanded since {old}, at least {least}",
            "see --explain for what demands it",
            reasons,
        )
    if given.is_prerelease and (given.pre is None or given.pre[0] != "b" or given.is_devrelease):
        raise Refusal(
            "release-version",
            f"{given} is no beta: pre-releases are bN and nothing else (guideline python-versioning-beta)",
            f"{given.base_version}b1",
        )


def _untold(proven: Bump, written: Bump, differences: Sequence[Reason]) -> Refusal:
    weighty = [one for one in differences if one.bump > written]
    said = f"its fragments tell of {_CHANGES[written]}" if written else "no fragment tells users of anything"
    return Refusal(
        "release-untold",
        f"the diff finds {_CHANGES[proven]}, and {said}",
        f"write a fragment of kind {_KINDS[proven]}, or take the change back",
        weighty,
    )


def _weighed(reasons: Iterable[Reason]) -> list[Reason]:
    return sorted(reasons, key=lambda one: -one.bump)


def _most(reasons: Sequence[Reason]) -> Bump:
    return max((one.bump for one in reasons), default=Bump.NONE)
