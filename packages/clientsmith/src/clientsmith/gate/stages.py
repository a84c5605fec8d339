"""The versions of each package that take part: the tip, and what was released of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from clientsmith.workspace import Member

__all__ = ["LAST", "OLDEST", "TIP", "Candidate", "Stock"]

TIP: Final = "tip"  # the working tree
LAST: Final = "last"  # what was released last
OLDEST: Final = "oldest"  # the oldest release that is still supported


@dataclass(frozen=True)
class Candidate:
    """One version of a package, at hand.

    Attributes:
        stage: `TIP`, `LAST`, `OLDEST`, or "" for a release in between.
        member: The package as its own tree describes it.
        root: The root of the tree that its tests are run from.
        supported: The versions of each service that it needs as a client, by the service's name.
        wheel: Its wheel, None where only a plan is made.
    """

    stage: str
    member: Member
    root: Path
    supported: Mapping[str, str] = field(default_factory=dict[str, str])
    wheel: Path | None = None

    @property
    def title(self) -> str:
        """As a table's head has it: ``1.0.0b4 (last)``."""
        return f"{self.member.version} ({self.stage})" if self.stage else self.member.version


@dataclass(frozen=True)
class Stock:
    """All candidates of all packages: the tip first, then releases from the last to the oldest."""

    candidates: Mapping[str, tuple[Candidate, ...]]
    sdists: Mapping[str, Path] = field(default_factory=dict[str, Path])

    def at(self, package: str, stage: str) -> Candidate | None:
        """Return the candidate of a stage, None if nothing of the package is in it."""
        return next((one for one in self.candidates[package] if one.stage == stage), None)

    def tip(self, package: str) -> Candidate:
        return self.candidates[package][0]

    def stages(self, package: str) -> tuple[Candidate, ...]:
        """Return the candidates that have a stage, the tip first."""
        return tuple(one for one in self.candidates[package] if one.stage)
