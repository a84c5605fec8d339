"""What a rule says about a package: met, not met, waived or not applicable. Never nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

__all__ = ["Met", "NotApplicable", "NotMet", "Problem", "Verdict", "Waived", "judged", "problem", "together"]

_SHOWN: Final = 4  # so many pieces of evidence are named, the others counted: a line of a table holds no more


@dataclass(frozen=True, slots=True)
class Problem:
    """One place where a rule is broken, and what to do about it. Lines and columns count from 1, as in editors."""

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
    """The rule speaks about something that the package does not have, or that no program can see."""

    reason: str


Verdict: TypeAlias = Met | NotMet | Waived | NotApplicable


def problem(file: Path, node: ast.AST | None, hint: str) -> Problem:
    """Return the problem at a node of the file, at its first line where there is no node."""
    return Problem(file, getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1, hint)


def judged(problems: Iterable[Problem], evidence: Sequence[str], *, nothing: str) -> Verdict:
    """Return the verdict on things looked at one by one: broken if one is, not applicable if there was none."""
    found = tuple(dict.fromkeys(problems))
    if found:
        return NotMet(found)
    if not evidence:
        return NotApplicable(nothing)
    shown = ", ".join(evidence[:_SHOWN])
    return Met(shown if len(evidence) <= _SHOWN else f"{shown} and {len(evidence) - _SHOWN:,} more")


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """Return one verdict on several looks at a thing: broken if one of them is, applicable if one of them is.

    Two halves of a package are such looks, and so are reading it and running it.
    """
    broken = [problem for verdict in verdicts if isinstance(verdict, NotMet) for problem in verdict.problems]
    if broken:
        return NotMet(tuple(dict.fromkeys(broken)))
    met = list(dict.fromkeys(verdict.evidence for verdict in verdicts if isinstance(verdict, Met)))
    if met:
        return Met("; ".join(met))
    for kind in (Waived, NotApplicable):
        for verdict in verdicts:
            if isinstance(verdict, kind):
                return verdict
    raise ValueError("there is no verdict to put together")
