"""What a rule says about a package: met, not met, waived or not applicable."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

__all__ = ["Met", "NotApplicable", "NotMet", "Problem", "Verdict", "Waived", "judged", "problem"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One place where a rule is broken, and what to do about it. Lines count from 1, columns too, as editors show them."""

    file: Path
    line: int
    column: int
    hint: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.hint}"


@dataclass(frozen=True, slots=True)
class Met:
    """The rule holds; ``evidence`` is what was seen."""

    evidence: str


@dataclass(frozen=True, slots=True)
class NotMet:
    """The rule is broken, at these places."""

    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


@dataclass(frozen=True, slots=True)
class Waived:
    """The rule does not hold, and the package says why that is right."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The rule speaks about something that the package does not have."""

    reason: str


Verdict: TypeAlias = Met | NotMet | Waived | NotApplicable


def problem(file: Path, node: ast.AST | None, hint: str) -> Problem:
    """Return the problem at a node of the file, at its first line where there is no node."""
    return Problem(file, getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1, hint)


def judged(problems: list[Problem], evidence: list[str], *, nothing: str) -> Verdict:
    """Return the verdict on things looked at one by one: broken if one is, not applicable if there was none to look at."""
    if problems:
        return NotMet(tuple(problems))
    if not evidence:
        return NotApplicable(nothing)
    shown = ", ".join(evidence[:4])
    return Met(shown if len(evidence) <= 4 else f"{shown} and {len(evidence) - 4} more")
