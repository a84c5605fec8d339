"""The verdict: which version the differences demand, and whether the new one is it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from packaging.version import Version

from .bump import Bump, bump_between, bump_of, demanded, is_enough
from .difference import Difference, Kind

__all__ = ["Verdict", "judge"]

_WORDS: Final = {
    Kind.BREAKING: ("breaking change", "breaking changes"),
    Kind.ADDITION: ("addition", "additions"),
    Kind.FIX: ("other change", "other changes"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What SemVer and the guideline say of two versions.

    Attributes:
        old, new: Their versions, None where they are not known.
        bump: What the differences demand.
        demanded: The smallest version that may follow the old one, None where that is not known.
        counts: How many differences there are of each kind.
    """

    old: Version | None
    new: Version | None
    bump: Bump
    demanded: Version | None
    counts: dict[Kind, int]

    @property
    def is_too_small(self) -> bool:
        """Whether the new version is another one, and not enough. One that is not changed yet is not judged."""
        if self.old is None or self.new is None or self.new <= self.old:
            return False
        return not is_enough(self.old, self.new, self.bump)

    @property
    def counted(self) -> str:
        """``3 breaking changes, 1 addition``; the weightiest first."""
        parts = [f"{count:,} {_WORDS[kind][count != 1]}" for kind, count in self.counts.items() if count]
        return ", ".join(parts) or "no change of the API"

    def __str__(self) -> str:
        return f"{self._versions()}: {self.counted}{self._why()}"

    def _versions(self) -> str:
        if self.old is None or self.demanded is None:
            return {
                Bump.MAJOR: "a major version",
                Bump.MINOR: "a minor version",
                Bump.PATCH: "a patch",
                Bump.NONE: "no new version is demanded",
            }[self.bump]
        if self.new is not None and self.new < self.old:
            return f"{self.old} -> {self.new} goes back"
        if self.is_too_small:
            return f"{self.old} -> {self.new} is too small, at least {self.demanded} is demanded"
        if self.new is not None and self.new > self.old:
            is_more = self.bump and self.new.release > self.demanded.release
            return f"{self.old} -> {self.new} is enough" + (f", {self.demanded} would be, too" if is_more else "")
        return f"{self.old} -> at least {self.demanded}" if self.bump else f"{self.old} can stay"

    def _why(self) -> str:
        """Say which exception of the rules is at work."""
        if self.old is None or not self.bump:
            return ""
        if self.old.is_prerelease:
            return " (a pre-release promises nothing to the next)"
        if self.old.major == 0 and self.bump is Bump.MAJOR:
            return " (before 1.0.0 the minor version says that something breaks)"
        return ""

    def as_data(self) -> dict[str, object]:
        """Return the verdict as JSON-ready data."""
        return {
            "old": str(self.old) if self.old else None,
            "new": str(self.new) if self.new else None,
            "bump": self.bump.name.lower(),
            "demanded": str(self.demanded) if self.demanded else None,
            "done": bump_between(self.old, self.new).name.lower() if self.old and self.new else None,
            "too_small": self.is_too_small,
            "counts": {kind.value: count for kind, count in self.counts.items()},
            "text": str(self),
        }


def judge(differences: Sequence[Difference], old: Version | None, new: Version | None) -> Verdict:
    """Return the verdict on what changed from one version to another."""
    counts = {kind: sum(one.kind is kind for one in differences) for kind in Kind}
    bump = bump_of(differences)
    is_beta = new is not None and new.is_prerelease
    wanted = demanded(old, bump, prerelease=is_beta) if old is not None else None
    return Verdict(old, new, bump, wanted, counts)
