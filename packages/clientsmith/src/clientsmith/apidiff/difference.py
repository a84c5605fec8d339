"""What changed, as values: a difference, its kind and its places; and what is known of the rule that found it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["Difference", "Kind", "Place", "RuleInfo", "chosen", "in_order"]


class Kind(StrEnum):
    """What a difference is to those who use the API, and so which part of the version it moves."""

    BREAKING = "breaking"  # code that was right is right no more: major
    ADDITION = "addition"  # there is more than before: minor
    FIX = "fix"  # told, but nobody has to do anything: patch


_ORDER: Final = {Kind.BREAKING: 0, Kind.ADDITION: 1, Kind.FIX: 2}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands. ``line`` and ``column`` count from 1; ``pointer`` is a JSON pointer into a document."""

    file: str
    line: int | None = None
    column: int | None = None
    pointer: str = ""

    def __str__(self) -> str:
        if self.line is None:
            return f"{self.file}#{self.pointer}" if self.pointer else self.file
        return f"{self.file}:{self.line}" + (f":{self.column}" if self.column is not None else "")


@dataclass(frozen=True, slots=True)
class Difference:
    """One change of an API.

    Attributes:
        rule: The id of the rule that found it.
        kind: What it is to those who use the API.
        subject: What changed, by the name that users have for it: ``package.Client.get(timeout)``, ``GET /pets``.
        message: What is other than before, with both values; one line.
        advice: What the maintainer can do so that nothing breaks, or what users have to do; "" if there is nothing.
        old, new: Where it stood and stands, None where it was not or is no more.
    """

    rule: str
    kind: Kind
    subject: str
    message: str
    advice: str = ""
    old: Place | None = None
    new: Place | None = None


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What a rule is about. One example, before and after, is its documentation and its first test."""

    id: str
    kind: Kind
    meaning: str
    advice: str = ""
    example: tuple[str, str] = ("", "")


def in_order(differences: Iterable[Difference]) -> list[Difference]:
    """Return differences as people read them: what breaks first, then by what it is about; each once."""
    return sorted(dict.fromkeys(differences), key=lambda one: (_ORDER[one.kind], one.subject, one.rule))


def chosen(
    differences: Iterable[Difference], *, select: Iterable[str] = (), ignore: Iterable[str] = ()
) -> list[Difference]:
    """Return the differences of some rules: all, or those of ``select``; without those of ``ignore``.

    A rule is named by its id, or many by a beginning and a star: ``parameter-*``.
    """
    selected = tuple(select) or ("*",)
    selects, ignores = _matcher(selected), _matcher(tuple(ignore))
    return [one for one in differences if selects(one.rule) and not ignores(one.rule)]


def _matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    exact = {pattern for pattern in patterns if not pattern.endswith("*")}
    beginnings = tuple(pattern[:-1] for pattern in patterns if pattern.endswith("*"))
    return lambda rule: rule in exact or rule.startswith(beginnings)
