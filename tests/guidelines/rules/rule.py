"""A rule: its id, what it means, and the function that judges a package by it.

Kinds of evidence: S the source, read without importing it; R a run over a scripted transport; P package metadata;
D the service description; H a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from .guidelines import GUIDELINES, Level
from .package import Colour, Package, Side
from .verdicts import Met, NotApplicable, NotMet, Verdict, Waived

__all__ = ["NotJudged", "Rule", "package_rule", "side_rule"]

SideJudge: TypeAlias = Callable[[Side], Verdict]
PackageJudge: TypeAlias = Callable[[Package], Verdict]


@dataclass(frozen=True, slots=True)
class Rule:
    """A guideline that a program can judge.

    Attributes:
        id: The guideline's id, without ``python-``.
        kinds: What it is judged by, some of ``SRPD``.
        meaning: One sentence, in our words.
        by_colour: Whether the sync and the async half of a package are judged apart.
    """

    id: str
    kinds: str
    meaning: str
    judge_side: SideJudge | None = None
    judge_package: PackageJudge | None = None

    @property
    def level(self) -> Level:
        """How binding the guideline is."""
        return GUIDELINES[self.id]

    @property
    def theme(self) -> str:
        """The module that the rule stands in."""
        judge = self.judge_side or self.judge_package
        return str(judge.__module__).rpartition(".")[2]

    @property
    def by_colour(self) -> bool:
        """Whether each half of a package is judged by itself."""
        return self.judge_side is not None

    def check(self, package: Package, colour: Colour | None = None) -> Verdict:
        """Judge a package, or one half of it.

        A waiver of the package turns "not met" into "waived" and nothing else: a rule that holds needs no excuse.
        """
        colours = [colour] if colour else list(Colour)
        if self.judge_side is not None:
            verdict = _together([self.judge_side(package.side(each)) for each in colours])
        else:
            assert self.judge_package is not None
            verdict = self.judge_package(package)
        reason = package.waiver_for(self.id)
        return Waived(reason) if reason and isinstance(verdict, NotMet) else verdict


@dataclass(frozen=True, slots=True)
class NotJudged:
    """A guideline that neither reading nor running one package can judge, and why."""

    id: str
    kinds: str
    meaning: str
    reason: str

    @property
    def level(self) -> Level:
        """How binding the guideline is."""
        return GUIDELINES[self.id]


def _together(verdicts: list[Verdict]) -> Verdict:
    """Return the verdict on both halves: a broken half breaks the whole, an applicable one makes it applicable."""
    broken = [problem for verdict in verdicts if isinstance(verdict, NotMet) for problem in verdict.problems]
    if broken:
        return NotMet(tuple(dict.fromkeys(broken)))
    for kind in (Waived, Met, NotApplicable):
        for verdict in verdicts:
            if isinstance(verdict, kind):
                return verdict
    raise AssertionError("a package has at least one half")


def side_rule(id: str, kinds: str, meaning: str) -> Callable[[SideJudge], Rule]:
    """Make a rule of a function that judges one half, the sync or the async one."""
    return lambda judge: Rule(id, kinds, meaning, judge_side=judge)


def package_rule(id: str, kinds: str, meaning: str) -> Callable[[PackageJudge], Rule]:
    """Make a rule of a function that judges a package as a whole."""
    return lambda judge: Rule(id, kinds, meaning, judge_package=judge)
