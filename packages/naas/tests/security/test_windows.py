"""Counting failures: how long a lockout lasts, and that it never forgets too early."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from naas.security.windows import FailureWindows


def test_a_lockout_ends_when_the_oldest_of_its_failures_leaves_the_window() -> None:
    failures = FailureWindows(threshold=3, seconds=100, most_keys=10)
    for now in (0.0, 50.0):
        failures.fail("a", now)
    assert failures.locked_for("a", 50.0) == 0
    failures.fail("a", 60.0)
    assert failures.locked_for("a", 60.0) == 40
    assert failures.locked_for("a", 99.0) == 1
    assert failures.locked_for("a", 100.0) == 0
    assert failures.locked_for("b", 60.0) == 0
    failures.fail("a", 101.0)
    assert failures.locked_for("a", 101.0) == 49, "50, 60 and 101 count now"


def test_zero_never_locks() -> None:
    failures = FailureWindows(threshold=0, seconds=100, most_keys=10)
    for _ in range(10):
        failures.fail("a", 0.0)
    assert failures.locked_for("a", 0.0) == 0


def test_the_keys_are_bounded_and_the_oldest_goes() -> None:
    failures = FailureWindows(threshold=1, seconds=100, most_keys=2)
    for key in ("a", "b", "a", "c"):
        failures.fail(key, 0.0)
    assert sorted(failures.keys()) == ["a", "c"]


@given(st.lists(st.floats(0, 60), max_size=30), st.integers(1, 5))
def test_a_key_is_locked_while_as_many_failures_count_as_lock(waits: list[float], threshold: int) -> None:
    failures, now, times = FailureWindows(threshold, 100, 10), 0.0, list[float]()
    for wait in waits:
        now += wait
        failures.fail("a", now)
        times.append(now)
        count = sum(time + 100 > now for time in times)
        assert (failures.locked_for("a", now) > 0) == (count >= threshold)
        assert len(failures.recent("a", now)) == min(count, threshold)
