"""Which version may follow: SemVer, the guideline, and what both leave to custom before 1.0.0 and for betas."""

from __future__ import annotations

import pytest
from clientsmith.apidiff.bump import Bump, bump_between, bump_of, demanded, is_enough
from clientsmith.apidiff.difference import Difference, Kind, Place, chosen, in_order
from clientsmith.apidiff.verdict import judge
from packaging.version import Version


def _one(kind: Kind, rule: str = "parameter-removed", subject: str = "p.f(a)") -> Difference:
    return Difference(rule, kind, subject, "is gone")


@pytest.mark.parametrize(
    ("kinds", "bump"),
    [
        ([], Bump.NONE),
        ([Kind.FIX], Bump.PATCH),
        ([Kind.FIX, Kind.ADDITION], Bump.MINOR),
        ([Kind.ADDITION, Kind.BREAKING, Kind.FIX], Bump.MAJOR),
    ],
    ids=["nothing", "fix", "addition", "breaking"],
)
def test_the_weightiest_difference_decides(kinds: list[Kind], bump: Bump) -> None:
    """One that breaks is enough for a major version."""
    assert bump_of(_one(kind) for kind in kinds) is bump


@pytest.mark.parametrize(
    ("current", "bump", "is_beta", "version"),
    [
        ("1.4.2", Bump.NONE, False, "1.4.2"),
        ("1.4.2", Bump.PATCH, False, "1.4.3"),
        ("1.4.2", Bump.MINOR, False, "1.5.0"),
        ("1.4.2", Bump.MAJOR, False, "2.0.0"),
        ("1.4.2", Bump.MAJOR, True, "2.0.0b1"),
        ("1.4.2", Bump.MINOR, True, "1.5.0b1"),
        ("1.4", Bump.PATCH, False, "1.4.1"),
        ("0.3.1", Bump.MAJOR, False, "0.4.0"),
        ("0.3.1", Bump.MINOR, False, "0.3.2"),
        ("0.3.1", Bump.PATCH, False, "0.3.2"),
        ("2.0.0b1", Bump.MAJOR, True, "2.0.0b2"),
        ("2.0.0b1", Bump.MAJOR, False, "2.0.0"),
        ("2.0.0b1", Bump.PATCH, True, "2.0.0b2"),
        ("2.0.0a3", Bump.MINOR, True, "2.0.0b1"),
        ("2.0.0rc1", Bump.MINOR, True, "2.0.0rc2"),
        ("2.0.0.dev3", Bump.MINOR, True, "2.0.0b1"),
        ("1!1.0.0", Bump.MAJOR, False, "1!2.0.0"),
        ("1.0.0.post2", Bump.PATCH, False, "1.0.1"),
    ],
)
def test_the_smallest_version_that_may_follow(current: str, bump: Bump, is_beta: bool, version: str) -> None:
    """A version as the current one and the bump demand it."""
    assert demanded(Version(current), bump, prerelease=is_beta) == Version(version)


@pytest.mark.parametrize(
    ("old", "new", "bump", "enough"),
    [
        ("1.4.2", "2.0.0", Bump.MAJOR, True),
        ("1.4.2", "1.5.0", Bump.MAJOR, False),
        ("1.4.2", "2.0.0b1", Bump.MAJOR, True),
        ("1.4.2", "1.5.0b1", Bump.MAJOR, False),
        ("1.4.2", "1.4.3", Bump.MINOR, False),
        ("1.4.2", "1.4.2", Bump.NONE, True),
        ("1.4.2", "1.4.2", Bump.PATCH, False),
        ("1.4.2", "1.4.1", Bump.NONE, False),
        ("0.3.1", "0.4.0", Bump.MAJOR, True),
        ("0.3.1", "0.3.2", Bump.MAJOR, False),
        ("0.3.1", "0.3.2", Bump.MINOR, True),
        ("2.0.0b1", "2.0.0b2", Bump.MAJOR, True),
        ("2.0.0b2", "2.0.0b1", Bump.PATCH, False),
    ],
)
def test_enough_is_what_is_demanded_or_more(old: str, new: str, bump: Bump, enough: bool) -> None:
    """A pre-release promises nothing to the next, and is held against the last final version."""
    assert is_enough(Version(old), Version(new), bump) is enough


@pytest.mark.parametrize("current", ["0.0.1", "0.9.9", "1.0.0", "1.4.2", "3.0", "2.0.0b1", "2.0.0a1", "2.0.0rc1"])
@pytest.mark.parametrize("bump", list(Bump))
@pytest.mark.parametrize("is_beta", [True, False])
def test_what_is_demanded_is_enough(current: str, bump: Bump, is_beta: bool) -> None:
    """The two functions agree."""
    assert is_enough(Version(current), demanded(Version(current), bump, prerelease=is_beta), bump)


@pytest.mark.parametrize(
    ("old", "new", "bump"),
    [
        ("1.0.0", "2.0.0", Bump.MAJOR),
        ("1.0.0", "1.1", Bump.MINOR),
        ("1.0.0", "1.0.1", Bump.PATCH),
        ("1.0.0", "1.0.0.post1", Bump.PATCH),
        ("1.0.0", "1.0.0", Bump.NONE),
        ("1.0.0", "1!0.1", Bump.MAJOR),
    ],
)
def test_what_the_maintainers_did(old: str, new: str, bump: Bump) -> None:
    """The part that has grown."""
    assert bump_between(Version(old), Version(new)) is bump


# --- the verdict -----------------------------------------------------------------------------------------------------

_BREAKS = [
    _one(Kind.BREAKING),
    _one(Kind.BREAKING, "object-removed", "p.g"),
    _one(Kind.ADDITION, "object-added", "p.h"),
]


@pytest.mark.parametrize(
    ("old", "new", "differences", "text"),
    [
        ("1.4.2", None, _BREAKS, "1.4.2 -> at least 2.0.0: 2 breaking changes, 1 addition"),
        ("1.4.2", "1.4.2", _BREAKS, "1.4.2 -> at least 2.0.0: 2 breaking changes, 1 addition"),
        ("1.4.2", "2.0.0", _BREAKS, "1.4.2 -> 2.0.0 is enough: 2 breaking changes, 1 addition"),
        (
            "1.4.2",
            "1.5.0",
            _BREAKS,
            "1.4.2 -> 1.5.0 is too small, at least 2.0.0 is demanded: 2 breaking changes, 1 addition",
        ),
        ("1.4.2", "2.0.0", _BREAKS[2:], "1.4.2 -> 2.0.0 is enough, 1.5.0 would be, too: 1 addition"),
        ("1.4.2", "1.4.3", [], "1.4.2 -> 1.4.3 is enough: no change of the API"),
        ("1.4.2", None, [], "1.4.2 can stay: no change of the API"),
        ("1.4.2", "1.4.1", [], "1.4.2 -> 1.4.1 goes back: no change of the API"),
        (None, None, _BREAKS, "a major version: 2 breaking changes, 1 addition"),
        (
            "0.3.0",
            None,
            _BREAKS[:1],
            "0.3.0 -> at least 0.4.0: 1 breaking change (before 1.0.0 the minor version says that something breaks)",
        ),
        (
            "2.0.0b1",
            "2.0.0b2",
            _BREAKS[:1],
            "2.0.0b1 -> 2.0.0b2 is enough: 1 breaking change (a pre-release promises nothing to the next)",
        ),
    ],
)
def test_the_verdict_says_what_is_demanded_and_why(
    old: str | None, new: str | None, differences: list[Difference], text: str
) -> None:
    """One sentence, with versions and counts."""
    verdict = judge(differences, Version(old) if old else None, Version(new) if new else None)
    assert str(verdict) == text
    assert verdict.is_too_small is ("too small" in text)
    assert verdict.as_data()["text"] == text


# --- differences -----------------------------------------------------------------------------------------------------


def test_differences_are_chosen_by_rule_and_pattern() -> None:
    """All, some, or all but some."""
    ones = [_one(Kind.BREAKING), _one(Kind.BREAKING, "parameter-moved"), _one(Kind.ADDITION, "object-added")]
    assert chosen(ones) == ones
    assert chosen(ones, select=["parameter-*"]) == ones[:2]
    assert chosen(ones, select=["parameter-*"], ignore=["parameter-moved"]) == ones[:1]
    assert chosen(ones, ignore=["*"]) == []


def test_what_breaks_comes_first_and_nothing_twice() -> None:
    """By weight, then by name."""
    fix, breaks = _one(Kind.FIX), _one(Kind.BREAKING)
    assert in_order([fix, breaks, fix]) == [breaks, fix]


def test_a_place_is_written_as_editors_read_it() -> None:
    """File, line and column; a pointer where there are no lines."""
    assert str(Place("a.py", 3, 5)) == "a.py:3:5"
    assert str(Place("a.py", 3)) == "a.py:3"
    assert str(Place("a.json", pointer="/paths")) == "a.json#/paths"
    assert str(Place("a.py")) == "a.py"
