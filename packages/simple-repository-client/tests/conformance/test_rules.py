"""Every rule against its own examples, and the list of rules as a whole."""

from __future__ import annotations

import re
from typing import Any

import pytest
from simple_repository_client.conformance import RULES, Level, Rule


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_tells_its_good_examples_from_its_bad_ones(rule: Rule[Any]) -> None:
    assert rule.good
    assert rule.bad
    assert all(isinstance(example, rule.subject) for example in (*rule.good, *rule.bad))
    assert all(rule.applies(example) for example in rule.bad)
    for example in rule.good:
        assert not rule.applies(example) or list(rule.breaches(example)) == []
    for example in rule.bad:
        breaches = list(rule.breaches(example))
        assert breaches, example
        # What is said about it stands in a line of its own, after the place and a colon.
        assert all(breach and "\n" not in breach and not breach.endswith(".") for breach in breaches)


def test_rules_are_sentences_with_a_source() -> None:
    for rule in RULES:
        assert re.fullmatch(r"[A-Z`].*[.]", rule.text), rule.id
        assert re.fullmatch(r"(PEP \d+|RFC \d+, [\d.]+)(, PEP \d+)*", rule.source), rule.id
        assert rule.level in Level


def test_rules_have_names_of_their_own() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
