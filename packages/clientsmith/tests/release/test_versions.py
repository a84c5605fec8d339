"""Which version comes next, by a table."""

from __future__ import annotations

import pytest
from clientsmith.apidiff.bump import Bump
from clientsmith.release.versions import History, Reason, Refusal, Stage, Wish, decide_version
from packaging.version import Version

NONE, PATCH, MINOR, MAJOR = Bump.NONE, Bump.PATCH, Bump.MINOR, Bump.MAJOR


def reasons(*bumps: Bump) -> list[Reason]:
    return [Reason(bump, "changes/x.md", "something") for bump in bumps]


def history(last: str, final: str = "", written: str = "") -> History:
    of = Version(last)
    known = Version(final) if final else (None if of.is_prerelease else of)
    return History(Version(written or last), of, known)


@pytest.mark.parametrize(
    ("last", "final", "fragments", "stage", "expected"),
    [
        ("1.2.3", "", PATCH, Stage.SAME, "1.2.4"),
        ("1.2.3", "", MINOR, Stage.SAME, "1.3.0"),
        ("1.2.3", "", MAJOR, Stage.SAME, "2.0.0"),
        ("0.4.2", "", MAJOR, Stage.SAME, "0.5.0"),
        ("0.4.2", "", MINOR, Stage.SAME, "0.4.3"),
        ("1.2.3", "", MINOR, Stage.PRE, "1.3.0b1"),
        ("1.3.0b1", "1.2.3", MINOR, Stage.SAME, "1.3.0b2"),
        ("1.3.0b2", "1.2.3", PATCH, Stage.FINAL, "1.3.0"),
        ("1.3.0b1", "1.2.3", MAJOR, Stage.SAME, "2.0.0b1"),
        ("1.3.0b1", "1.2.3", MAJOR, Stage.FINAL, "2.0.0"),
        ("2.0.0b1", "1.2.3", MAJOR, Stage.SAME, "2.0.0b2"),
        ("1.0.0b5", "", MAJOR, Stage.SAME, "1.0.0b6"),
        ("1.0.0b5", "", NONE, Stage.FINAL, "1.0.0"),
        ("1.0.0", "", PATCH, Stage.FINAL, "1.0.1"),
    ],
)
def test_fragments_decide_the_version(last: str, final: str, fragments: Bump, stage: Stage, expected: str) -> None:
    decision = decide_version(history(last, final), reasons(fragments), [], Wish(stage))
    assert str(decision.version) == expected


def test_what_changed_since_the_last_final_version_counts_in_a_series_of_betas() -> None:
    """1.3.0b1 broke something, b2 only fixes: the base has to be 2.0.0 all the same."""
    decision = decide_version(history("1.3.0b1", "1.2.3"), reasons(PATCH), [], Wish(), reasons(MAJOR))
    assert str(decision.version) == "2.0.0b1"


@pytest.mark.parametrize(
    ("written", "stage", "expected"),
    [("0.1.0", Stage.SAME, "0.1.0"), ("1.0.0", Stage.PRE, "1.0.0b1"), ("1.0.0b1", Stage.FINAL, "1.0.0")],
)
def test_a_first_release_has_the_version_that_is_written(written: str, stage: Stage, expected: str) -> None:
    decision = decide_version(History(Version(written)), [], [], Wish(stage))
    assert str(decision.version) == expected


def test_a_pyproject_that_is_ahead_of_the_last_release_is_a_version_given() -> None:
    assert str(decide_version(history("1.0.0", written="1.4.0"), reasons(MINOR), [], Wish()).version) == "1.4.0"
    with pytest.raises(Refusal, match=r"1\.0\.1 is not enough: a minor version is demanded since 1\.0\.0"):
        decide_version(history("1.0.0", written="1.0.1"), reasons(MINOR), [], Wish())


@pytest.mark.parametrize(
    ("last", "written", "stage", "expected"),
    [
        ("1.0.0", "1.1.0", Stage.PRE, "1.1.0b1"),
        ("1.0.0", "1.1.0b1", Stage.FINAL, "1.1.0"),
        ("1.1.0b1", "1.1.0", Stage.PRE, "1.1.0b2"),
    ],
)
def test_a_stage_that_is_asked_for_holds_for_it_too(last: str, written: str, stage: Stage, expected: str) -> None:
    decision = decide_version(history(last, written=written), reasons(MINOR), [], Wish(stage))
    assert str(decision.version) == expected


@pytest.mark.parametrize("written", ["1.0rc1", "1.0.dev0", "1.0.post1", "1.0+ours"])
def test_a_first_release_is_final_or_a_beta_too(written: str) -> None:
    with pytest.raises(Refusal, match="is no beta and no final version") as caught:
        decide_version(History(Version(written)), [], [], Wish())
    assert caught.value.hint == "1.0, or 1.0b1"


@pytest.mark.parametrize("fragments", [(), (NONE,), (PATCH,), (MINOR,)])
def test_a_diff_that_demands_more_than_the_fragments_say_refuses(fragments: tuple[Bump, ...]) -> None:
    with pytest.raises(Refusal, match="the diff finds something breaking") as caught:
        decide_version(history("1.0.0"), reasons(*fragments), reasons(MAJOR, PATCH), Wish())
    assert caught.value.rule == "release-untold"
    assert [one.bump for one in caught.value.reasons if one.bump is MAJOR] == [MAJOR]
    assert "kind breaking" in caught.value.hint


def test_a_break_in_betas_has_to_be_told_too() -> None:
    with pytest.raises(Refusal, match="something breaking, and its fragments tell of fixes") as caught:
        decide_version(history("1.0.0b5"), reasons(PATCH), reasons(MAJOR), Wish())
    assert "the next version is 1.0.0b6 in any case: among betas only the number grows" in caught.value.hint


@pytest.mark.parametrize(
    ("last", "final", "bump", "given", "message"),
    [
        (
            "1.2.3",
            "",
            MAJOR,
            "1.3.0",
            r"1\.3\.0 is not enough: a major version is demanded since 1\.2\.3, at least 2\.0\.0",
        ),
        ("1.2.3", "", PATCH, "1.2.3", r"1\.2\.3 is not newer than the last release, 1\.2\.3"),
        ("1.2.3", "", PATCH, "1.2", r"1\.2 is not newer"),
        ("1.2.3", "", MINOR, "1.3.0rc1", r"1\.3\.0rc1 is no beta"),
        ("1.2.3", "", MINOR, "1.3.0.dev1", r"1\.3\.0\.dev1 is no beta"),
        ("1.2.3", "", MINOR, "1.3.0.post1", r"1\.3\.0\.post1 is no beta and no final version"),
        ("1.2.3", "", MINOR, "1.3.0+ours", r"1\.3\.0\+ours is no beta and no final version"),
    ],
)
def test_a_version_that_is_given_has_to_be_enough(last: str, final: str, bump: Bump, given: str, message: str) -> None:
    with pytest.raises(Refusal, match=message):
        decide_version(history(last, final), reasons(bump), [], Wish(version=Version(given)))


def test_a_larger_version_than_is_demanded_may_be_given() -> None:
    assert str(decide_version(history("1.2.3"), reasons(PATCH), [], Wish(version=Version("2.0.0"))).version) == "2.0.0"


def test_a_version_given_in_a_series_of_betas_is_held_against_the_last_final_one() -> None:
    with pytest.raises(Refusal, match=r"a major version is demanded since 1\.2\.3, at least 2\.0\.0b1"):
        decide_version(
            history("1.3.0b1", "1.2.3"), reasons(PATCH), [], Wish(version=Version("1.3.0b2")), reasons(MAJOR)
        )


def test_nothing_to_tell_is_no_release() -> None:
    with pytest.raises(Refusal, match=r"nothing that users could see has changed since 1\.0\.0") as caught:
        decide_version(history("1.0.0"), reasons(NONE), [], Wish())
    assert "clientsmith release note" in caught.value.hint


def test_reasons_come_by_weight() -> None:
    decision = decide_version(history("1.0.0"), reasons(PATCH, MAJOR), reasons(MINOR), Wish())
    assert [one.bump for one in decision.reasons] == [MAJOR, MINOR, PATCH]
    assert decision.bump is MAJOR
