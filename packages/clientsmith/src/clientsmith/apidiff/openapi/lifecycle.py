"""Deprecation, sunset and stability: what was promised to clients, and whether it is kept.

A sunset is the day from which something may be gone: ``x-sunset`` beside ``deprecated: true``, as an RFC 3339 date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from clientsmith.openapi.resolve import Node

from .comparison import Comparison
from .sides import Both

__all__ = [
    "OPERATIONS",
    "PARAMETERS",
    "LifecycleRules",
    "compare_lifecycles",
    "compare_stability",
    "removal_rule",
    "sunset",
]

_LEVELS: Final = ("draft", "alpha", "beta", "stable")


@dataclass(frozen=True, slots=True)
class LifecycleRules:
    """The rules of one sort of thing."""

    deprecated: str
    reactivated: str
    with_sunset: str
    too_near: str
    moved_up: str
    deleted: str
    no_date: str
    removed: str
    removed_deprecated: str
    removed_early: str


OPERATIONS: Final = LifecycleRules(
    deprecated="endpoint-deprecated",
    reactivated="endpoint-reactivated",
    with_sunset="endpoint-deprecated-with-sunset",
    too_near="api-sunset-date-too-small",
    moved_up="api-sunset-date-changed-too-small",
    deleted="sunset-deleted",
    no_date="api-deprecated-sunset-parse",
    removed="api-removed-without-deprecation",
    removed_deprecated="api-removed-with-deprecation",
    removed_early="api-removed-before-sunset",
)
PARAMETERS: Final = LifecycleRules(
    deprecated="request-parameter-deprecated",
    reactivated="request-parameter-reactivated",
    with_sunset="request-parameter-deprecated",
    too_near="request-parameter-sunset-date-too-small",
    moved_up="request-parameter-sunset-date-changed-too-small",
    deleted="request-parameter-sunset-deleted",
    no_date="request-parameter-sunset-parse",
    removed="request-parameter-removed",
    removed_deprecated="request-parameter-removed-with-deprecation",
    removed_early="request-parameter-removed-before-sunset",
)


def sunset(said: Any) -> date | None:
    """Return the day of a sunset; None for what is no date (RFC 3339, section 5.6)."""
    try:
        return datetime.fromisoformat(str(said).strip()).date()
    except ValueError:
        return None


def removal_rule(node: Node, rules: LifecycleRules, today: date) -> str:
    """Return the rule for something that was at ``node`` and is no more."""
    if node.mapping.get("deprecated") is not True:
        return rules.removed
    day = sunset(node.mapping.get("x-sunset"))
    return rules.removed_early if day is not None and day > today else rules.removed_deprecated


def compare_lifecycles(comparison: Comparison, both: Both, subject: str, rules: LifecycleRules, what: str = "") -> None:
    """Note what happened to the deprecation and the sunset; ``what`` is put before messages."""
    was, is_ = both.flags("deprecated")
    before, after = both.values("x-sunset")
    day = sunset(after)
    place = both.child("x-sunset")
    if was and not is_:
        comparison.add(rules.reactivated, subject, f"{what}it is deprecated no more", both.child("deprecated"))
    elif is_ and not was:
        rule = rules.with_sunset if day else rules.deprecated
        until = f", and stays until {day}" if day else ""
        comparison.add(rule, subject, f"{what}it is deprecated{until}", both.child("deprecated"))
    if before == after or not is_:
        return
    if after is None:
        comparison.add(rules.deleted, subject, f"{what}its sunset {str(before)[:40]!r} is no more", place)
    elif day is None:
        comparison.add(rules.no_date, subject, f"{what}its sunset {str(after)[:40]!r} is no date", place)
    elif (promised := sunset(before)) is not None and day < promised:
        comparison.add(rules.moved_up, subject, f"{what}its sunset {promised} was moved up to {day}", place)
    elif promised is None and day < comparison.today + timedelta(days=comparison.notice_days):
        comparison.add(rules.too_near, subject, f"{what}its sunset {day} leaves too little time", place)


def compare_stability(comparison: Comparison, both: Both, subject: str) -> None:
    """Note what happened to `x-stability-level`; what has none is stable."""
    levels = [str(value or "stable").lower() for value in both.values("x-stability-level")]
    if not all(level in _LEVELS for level in levels) or levels[0] == levels[1]:
        return
    is_less = _LEVELS.index(levels[1]) < _LEVELS.index(levels[0])
    rule = "api-stability-decreased" if is_less else "api-stability-increased"
    comparison.add(rule, subject, f"{levels[0]} → {levels[1]}", both.child("x-stability-level"))
