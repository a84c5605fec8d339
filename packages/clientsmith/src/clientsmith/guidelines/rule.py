"""A rule: a guideline as a small class that judges a package, explains itself, and shows itself at work.

Kinds of evidence: S the source, read without importing it; R a run over a scripted transport; P package metadata and
built artefacts; D the service description; H a person.

`judge` reads and never runs. What running shows is found by `clientsmith.guidelines.running`, for all rules with an R
in one go, and put together with what reading showed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from .examples import Example
from .ids import GUIDELINES, Level
from .package import Package
from .sides import Side
from .verdicts import NotApplicable, Verdict, together

__all__ = ["HumanRule", "Rule", "RunRule", "SideRule"]


class Rule(ABC):
    """A guideline.

    Attributes:
        id: The guideline's id, without ``python-``.
        kinds: What it is judged by, some of ``SRPDH``.
        meaning: One sentence, in our words.
        why: What it is good for: a short paragraph.
        good: A package that keeps it.
        bad: A package that breaks it, at the lines that are marked.
    """

    id: ClassVar[str]
    kinds: ClassVar[str]
    meaning: ClassVar[str]
    why: ClassVar[str]
    good: ClassVar[Example]
    bad: ClassVar[Example]

    @property
    def level(self) -> Level:
        """How binding the guideline is."""
        return GUIDELINES[self.id]

    @property
    def theme(self) -> str:
        """The module that the rule stands in: what it is about."""
        return type(self).__module__.rpartition(".")[2]

    @property
    def runs(self) -> bool:
        """Whether running the package shows more than reading it."""
        return "R" in self.kinds

    @abstractmethod
    def judge(self, package: Package) -> Verdict:
        """Judge a package by reading it."""


class SideRule(Rule):
    """A rule that looks at the sync and the async half of a package by themselves."""

    def judge(self, package: Package) -> Verdict:
        sides = [side for side in package.sides.values() if not side.is_async or package.has_async]
        return together([self.judge_side(side) for side in sides])

    @abstractmethod
    def judge_side(self, side: Side) -> Verdict:
        """Judge one half by reading it."""


class RunRule(Rule):
    """A rule that only running a package can judge."""

    def judge(self, package: Package) -> Verdict:
        return NotApplicable("only running the package shows it, and it was not run")


class HumanRule(Rule):
    """A guideline for people to judge: it says what to look at.

    Attributes:
        look: What a person has to look at, as the reason why no verdict is given.
    """

    look: ClassVar[str]

    def judge(self, package: Package) -> Verdict:
        return NotApplicable(f"for a person to judge: {self.look}")
