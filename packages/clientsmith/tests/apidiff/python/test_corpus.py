"""Two packages whose difference is known: exactly that is told, no more and no less."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from clientsmith.apidiff.difference import Difference, Kind
from clientsmith.apidiff.python import RULES

Compare = Callable[[str, str], list[Difference]]


def test_a_change_is_told_as_what_it_is(pair: Any, compared: Compare) -> None:
    """Rule and subject of each difference are those that were written down by hand."""
    found = compared(pair.old, pair.new)
    assert {(one.rule, one.subject) for one in found} == pair.expected
    assert any(one.kind is Kind.BREAKING for one in found) is pair.breaks


_PROJECT = '# file: pyproject.toml\n[project]\nname = "p"\nversion = "1.0"\n'


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_the_example_of_a_rule_breaks_it(rule: Any, compared: Compare) -> None:
    """What the documentation shows is found by the rule that it documents, and by nobody for something worse."""
    is_project = rule.id.startswith(("requires-", "dependency-", "extra-", "command-", "entry-point-"))
    old, new = (_PROJECT + text if is_project else text for text in rule.example)
    found = compared(old, new)
    assert (rule.id, rule.kind) in {(one.rule, one.kind) for one in found}
    if rule.kind is not Kind.BREAKING:
        assert all(one.kind is not Kind.BREAKING for one in found)


def test_rules_are_sentences() -> None:
    """Each rule says what it means, in one sentence that begins and ends as such."""
    for rule in RULES.values():
        assert rule.meaning.endswith("."), rule.id
        assert rule.meaning[0].isupper() or rule.meaning[0] == "`", rule.id
        assert not rule.advice.endswith("."), rule.id


def test_a_difference_says_where_it_was_and_is(compared: Compare) -> None:
    """Both places, by file and line; and both values."""
    (one,) = compared("X = 1\n\n\ndef get(name: int): ...", "def get(name: bytes): ...\nX = 1")
    assert str(one.old).endswith("p/__init__.py:4")
    assert str(one.new).endswith("p/__init__.py:1")
    assert one.message == "its type was int, is bytes"
    assert one.advice == "go on accepting what was accepted"


def test_a_removal_after_a_deprecation_says_since_when(compared: Compare) -> None:
    """Breaking all the same, but nobody is surprised."""
    (one,) = compared('def f():\n    """F.\n\n    .. deprecated:: 1.4 use g\n    """\nX = 1', "X = 1")
    assert one.kind is Kind.BREAKING
    assert one.message == "is gone; it was deprecated (1.4 use g)"


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("def f(a=1): ...", "def f(a=2): ...", Kind.ADDITION),
        ("def f(a=None): ...", "_U = object()\ndef f(a=_U): ...", Kind.FIX),
        ('KIND = "a"', 'KIND = "b"', Kind.BREAKING),
        ("MAX_SIZE = 1", "MAX_SIZE = 2", Kind.ADDITION),
        ('KINDS = ("a",)', 'KINDS = ("a", "b")', Kind.ADDITION),
        ('KINDS = ("a", "b")', 'KINDS = ("a",)', Kind.BREAKING),
        ("class C:\n    def a(self): ...", "class C:\n    @classmethod\n    def a(cls): ...", Kind.FIX),
    ],
    ids=["default", "marker", "constant", "setting", "more values", "fewer values", "still callable"],
)
def test_weight_hangs_on_what_callers_notice(old: str, new: str, kind: Kind, compared: Compare) -> None:
    """One rule has several weights where its exceptions say so."""
    assert max(compared(old, new), key=lambda one: list(Kind).index(one.kind) * -1).kind is kind
