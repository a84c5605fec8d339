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
- Every release is a final version or a beta: no alpha, ``rc``, ``.post``, ``.dev`` or local version.
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
    """Why a version has to grow: a fragment or a difference; ``place`` is where to look, ``rule`` the diff's."""

    bump: Bump
    place: str
    text: str
    rule: str = ""

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
    reasons = tuple(_weighed([*written, *proven]))
    if history.last is None:
        first = wish.version or _staged(history.written, wish.stage)
        _check_form(first)
        return Decision(first, Bump.NONE, reasons)
    bump = _most(written)
    if _most(proven) > bump:
        follows = _next(history, history.last, _most(proven), _most(longer), wish.stage)
        raise _untold(history.last, follows, bump, reasons)
    given = wish.version or _ahead(history, history.last, wish.stage)
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


def _ahead(history: History, last: Version, stage: Stage) -> Version | None:
    """Return the version of a pyproject.toml that is ahead of the last release, in the stage that was asked for."""
    version = _staged(history.written, stage)
    return version if min(version, history.written) > last else None


def _check_form(version: Version) -> None:
    """See that a version is one that can be released."""
    is_other = version.is_devrelease or version.is_postrelease or version.local is not None
    if is_other or (version.pre is not None and version.pre[0] != "b"):
        base = version.base_version
        raise Refusal(
            "release-version",
            f"{version} is no beta and no final version: pre-releases are bN and nothing else "
            "(guideline python-versioning-beta), and there are no .post, .dev and local versions",
            f"{base}, or {base}b1",
        )


def _check_given(history: History, given: Version, bump: Bump, since_final: Bump, reasons: tuple[Reason, ...]) -> None:
    last = history.last
    assert last is not None
    _check_form(given)
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


def _untold(last: Version, follows: Version, written: Bump, reasons: Sequence[Reason]) -> Refusal:
    proven = _most(reasons)
    heaviest = [one for one in reasons if one.bump is proven]
    said = f"its fragments tell of {_CHANGES[written]}" if written else "no fragment tells users of anything"
    more = f", and {len(heaviest) - 1} more, see --explain" if len(heaviest) > 1 else ""
    hint = f"write a fragment of kind {_KINDS[proven]}, or take the change back"
    if last.is_prerelease and follows.release == last.release:
        hint += f"; the next version is {follows} in any case: among betas only the number grows"
    return Refusal(
        "release-untold", f"the diff finds {_CHANGES[proven]}, and {said}: {heaviest[0].text}{more}", hint, reasons
    )


def _weighed(reasons: Iterable[Reason]) -> list[Reason]:
    """Return reasons by their weight, and those of the same weight by the rule that found them, fragments first."""
    return sorted(reasons, key=lambda one: (-one.bump, one.rule))


def _most(reasons: Sequence[Reason]) -> Bump:
    return max((one.bump for one in reasons), default=Bump.NONE)
