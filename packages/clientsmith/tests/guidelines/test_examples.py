"""Every rule is shown a package that keeps it and one that breaks it, and tells them apart: at the marked lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.rule import HumanRule, Rule, RunRule
from clientsmith.guidelines.rules import RULES
from clientsmith.guidelines.verdicts import Met, NotApplicable, NotMet, Waived

# They are about Python 2, or allow something and ask for nothing.
NEVER_BROKEN = {
    "namespaces-grouping",
    "native-charset-support",
    "packaging-group-nspkg",
    "packaging-init",
    "packaging-nspkg",
}
READ = [rule for rule in RULES if not isinstance(rule, HumanRule | RunRule)]


@pytest.mark.parametrize("rule", READ, ids=lambda rule: rule.id)
def test_the_good_example_breaks_nothing(rule: Rule, package_from: Callable[[Example], Package]) -> None:
    """A rule that finds something here cries wolf; what it is about is there to be looked at."""
    verdict = rule.judge(package_from(rule.good))
    assert isinstance(verdict, Met | Waived) or not rule.bad.marked(), verdict
    assert not isinstance(verdict, NotMet), verdict


@pytest.mark.parametrize("rule", READ, ids=lambda rule: rule.id)
def test_the_bad_example_is_found_where_it_is_marked(rule: Rule, package_from: Callable[[Example], Package]) -> None:
    """The rule says which line, and what to do; and nothing about the other lines."""
    package = package_from(rule.bad)
    verdict = rule.judge(package)
    if not rule.bad.marked():
        assert isinstance(verdict, NotApplicable | Waived), "an example that breaks the rule marks the line"
        return
    assert isinstance(verdict, NotMet), verdict
    found = {(each.file.relative_to(package.root).as_posix(), each.line) for each in verdict.problems}
    assert found == rule.bad.marked(), str(verdict)
    assert all(each.hint and each.column >= 1 for each in verdict.problems)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_explains_itself(rule: Rule) -> None:
    """`--explain` shows all of this; a sentence ends with a full stop."""
    assert rule.kinds
    assert set(rule.kinds) <= set("SRPDH")
    assert rule.meaning.endswith(".")
    assert rule.why.endswith(".")
    assert len(rule.why) > 60
    assert list(rule.good.shown())
    assert list(rule.bad.shown()) or rule.id in NEVER_BROKEN
