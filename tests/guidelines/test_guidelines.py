"""Every rule that can be judged, over every package and both of its halves; and that no guideline was forgotten."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from .rules import ALIASES, GUIDELINES, NOT_JUDGED, RULES, Colour, Met, NotApplicable, NotMet, Package, Rule, Waived
from .subjects import NAMES, NOT_YET
from .table import BEGIN, END, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guidelines.md"


CASES: Final = [
    (rule, name, colour)
    for rule in RULES
    for name in NAMES
    for colour in (tuple(Colour) if rule.by_colour else (None,))
]


def _id(case: tuple[Rule, str, Colour | None]) -> str:
    rule, name, colour = case
    return "-".join((rule.id, name, *([colour.value] if colour else [])))


@pytest.mark.parametrize(("rule", "name", "colour"), CASES, ids=map(_id, CASES))
def test_the_rule_is_kept(rule: Rule, name: str, colour: Colour | None, subjects: Mapping[str, Package]) -> None:
    """Met, waived or not applicable; what is listed as not yet met is not met, so that the list shrinks."""
    verdict = rule.check(subjects[name], colour)
    if f"{rule.id}-{name}" in NOT_YET:
        assert isinstance(verdict, NotMet), f"take it from the list, it is {verdict}"
    else:
        assert isinstance(verdict, Met | Waived | NotApplicable), f"{rule.meaning}\n{verdict}"


def test_every_guideline_is_accounted_for() -> None:
    """80 ids: each has a rule, or a reason why a program cannot judge it; none is invented."""
    ids = [rule.id for rule in RULES] + [each.id for each in NOT_JUDGED]
    assert len(ids) == len(set(ids)) == 80
    assert set(ids) == set(GUIDELINES)
    assert set(ALIASES.values()) <= set(GUIDELINES)


def test_what_reading_or_running_can_judge_is_judged() -> None:
    """What has no rule needs a person, the description of the service, or two releases."""
    assert all(not set(each.kinds) & set("SR") for each in NOT_JUDGED)
    assert all(each.reason for each in NOT_JUDGED)


def test_what_is_not_yet_met_names_a_case() -> None:
    """A misspelt entry would excuse nothing and never be missed."""
    cases = {f"{rule.id}-{name}" for rule in RULES for name in NAMES}
    assert set(NOT_YET) <= cases


def test_every_rule_is_met_by_some_package_or_says_why_not(subjects: Mapping[str, Package]) -> None:
    """A rule that applies nowhere proves nothing about us; these do not apply, for a reason that is not ours."""
    met = {rule.id for rule in RULES for package in subjects.values() if isinstance(rule.check(package), Met)}
    beyond = {"client-hierarchy"} | {
        rule.id for rule in RULES if rule.id.startswith(("client-hier-", "native-", "namespaces-", "packaging-"))
    }
    assert {rule.id for rule in RULES} - met <= beyond | {
        "client-separate-async-pkg",
        "client-same-pkg-name-sync-async",
    }


def test_the_page_lists_every_guideline_once() -> None:
    """The ids in the table are the ids of the source, in its order."""
    rows = re.findall(r"^\| ([a-z-]+) \| (?:MUST|SHOULD|MAY)", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == list(GUIDELINES)


def test_the_page_says_how_things_stand(subjects: Mapping[str, Package]) -> None:
    """`python -m tests.guidelines` writes the table anew."""
    text = PAGE.read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0].strip() == table(subjects), "run: python -m tests.guidelines"
