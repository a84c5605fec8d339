"""When schedules run: the pure rules of `naas.schedules`."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naas.jobs import CommandWork
from naas.principals import Role
from naas.schedules import (
    ScheduleRecord,
    cron_problem,
    due_run,
    jitter_of,
    next_run,
    run_id,
    run_to_resume,
    timezone_problem,
    wait_for_turn,
)

NOON = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)


def schedule(**fields: Any) -> ScheduleRecord:
    defaults: dict[str, Any] = {"owner": "key:k-1", "submitter": "ann", "role": Role.OPERATOR}
    return ScheduleRecord(id="nightly", work=CommandWork(("show version",)), **{**defaults, **fields})


def at(day: int, hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"cron": "0 2 * * *"}, at(29, 2)),
        ({"cron": "0 2 * * *", "timezone": "America/New_York"}, at(29, 6)),
        ({"cron": "30 3 * * *", "timezone": "Europe/Berlin"}, at(29, 1, 30)),
        ({"cron": "*/15 * * * *"}, at(28, 12, 15)),
        ({"cron": "0 2 * * *", "starts_at": at(1, 2, month=4)}, at(1, 2, month=4)),
        ({"cron": "0 2 * * *", "ends_at": at(29, 1)}, None),
        ({"every_seconds": 3600.0}, at(28, 13)),
        ({"every_seconds": 3600.0, "starts_at": at(28, 9, 30)}, at(28, 12, 30)),
        ({"every_seconds": 3600.0, "starts_at": at(30, 9)}, at(30, 9)),
        ({"cron": "0 2 * * *", "enabled": False}, None),
    ],
    ids=[
        "next night",
        "in the zone's summer time",
        "on the day on which the clock jumps",
        "within the hour",
        "the start itself is a run",
        "nothing behind the end",
        "an interval counts from now",
        "an interval counts from its start",
        "an interval that begins later",
        "switched off",
    ],
)
def test_next_run(fields: dict[str, Any], expected: datetime | None) -> None:
    """The first time behind noon of the 28th of March."""
    assert next_run(schedule(**fields), NOON) == expected


@pytest.mark.parametrize(
    ("next_at", "now", "expected"),
    [
        (at(28, 12), at(28, 11, 59), None),
        (at(28, 12), at(28, 12), at(28, 12)),
        (at(28, 12), at(28, 12, 4), at(28, 12)),
        (at(28, 12), at(28, 12, 6), None),
        (at(28, 2), at(28, 12, 4), at(28, 12)),
        (None, at(28, 12), None),
    ],
    ids=["not yet", "now", "a little late", "too late", "many missed: only the latest", "never again"],
)
def test_a_missed_run_is_made_up_for_once_and_only_while_it_is_fresh(
    next_at: datetime | None, now: datetime, expected: datetime | None
) -> None:
    hourly = schedule(cron="0 * * * *", next_run_at=next_at, catch_up_seconds=300.0)
    assert due_run(hourly, now) == expected


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), st.integers(10, 10**6))
def test_an_interval_never_drifts(after: datetime, every: int) -> None:
    """Every run is a whole number of intervals from the start, and the next one is within an interval."""
    start = datetime(2021, 6, 1, tzinfo=UTC)
    run = next_run(schedule(every_seconds=float(every), starts_at=start), after)
    assert run is not None
    assert run > after or run == start
    assert (run - start).total_seconds() % every == 0
    assert run - max(after, start) <= timedelta(seconds=every)


def test_the_ids_of_a_run_are_the_same_everywhere_and_differ_by_device_and_time() -> None:
    nightly = schedule(seed="6fa1")
    ids = {run_id(nightly, when, device) for when in (NOON, NOON + timedelta(days=1)) for device in ("sw1", "sw2")}
    assert len(ids) == 4
    assert run_id(nightly, NOON, "sw1") in ids
    assert run_id(schedule(), NOON, "sw1") not in ids


def test_jitter_stays_the_same_for_a_device_and_spreads_devices() -> None:
    spread = schedule(every_seconds=3600.0, jitter_seconds=60.0)
    waits = [jitter_of(spread, f"sw{number}") for number in range(200)]
    assert waits == [jitter_of(spread, f"sw{number}") for number in range(200)]
    assert min(waits) < 10
    assert max(waits) > 50


@pytest.mark.parametrize(
    ("passed", "expected"),
    [(-30.0, 30.0), (0.0, 0.0), (299.0, -299.0), (301.0, None)],
    ids=["to come", "now", "missed, made up for", "missed for too long"],
)
def test_a_device_waits_for_its_turn_and_is_made_up_for_like_a_run(passed: float, expected: float | None) -> None:
    spread = schedule(every_seconds=3600.0, jitter_seconds=60.0)
    turn = NOON + timedelta(seconds=jitter_of(spread, "sw1"))
    wait = wait_for_turn(spread, NOON, "sw1", turn + timedelta(seconds=passed))
    assert wait == (None if expected is None else pytest.approx(expected, abs=0.001))


@pytest.mark.parametrize(
    ("fields", "after", "is_looked_at"),
    [
        ({}, 359.0, True),
        ({}, 361.0, False),
        ({"jitter_seconds": 0.0}, 1.0, False),
        ({"enabled": False}, 1.0, False),
        ({"last_run_at": None}, 1.0, False),
    ],
    ids=["some turn may be missing", "all too long ago", "nothing is put off", "switched off", "never ran"],
)
def test_only_a_run_with_turns_left_is_resumed(fields: dict[str, Any], after: float, is_looked_at: bool) -> None:
    spread = schedule(**{"every_seconds": 3600.0, "jitter_seconds": 60.0, "last_run_at": NOON, **fields})
    assert run_to_resume(spread, NOON + timedelta(seconds=after)) == (NOON if is_looked_at else None)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("0 2 * * *", None),
        ("0 2 * *", "write five fields"),
        ("61 * * * *", "is not a cron expression"),
        ("", "write five"),
        ("* * * * * *", "write five fields"),
        ("0 0 30 2 *", "day-of-month"),
    ],
)
def test_a_wrong_cron_expression_is_told(expression: str, problem: str | None) -> None:
    found = cron_problem(expression)
    assert found is problem if problem is None else problem in str(found)


@pytest.mark.parametrize("name", ["Europe/Nowhere", "", "../etc/passwd"])
def test_a_wrong_time_zone_is_told(name: str) -> None:
    assert "is not a time zone" in str(timezone_problem(name))
    assert timezone_problem("Europe/Berlin") is None


@pytest.mark.parametrize("fields", [{"cron": "* * * * *"}, {"every_seconds": 10.0}], ids=["cron", "interval"])
def test_a_night_of_years_costs_no_more_than_one_of_hours(fields: dict[str, Any]) -> None:
    """Every run between would take seconds to count, in which the service answered nobody."""
    asleep = schedule(next_run_at=NOON, catch_up_seconds=31_622_400.0, **fields)
    began = time.monotonic()
    assert due_run(asleep, NOON + timedelta(days=3650, seconds=5)) == NOON + timedelta(days=3650)
    assert time.monotonic() - began < 0.2


@given(st.integers(0, 10_000), st.sampled_from(["*/7 * * * *", "30 2 * * *", "0 * * * 1", "15 2,3 * * 0"]))
def test_the_run_that_is_due_is_the_last_of_all_that_were_missed(minutes: int, cron: str) -> None:
    """Over the day on which the clock jumps, too."""
    missed = schedule(cron=cron, timezone="Europe/Berlin", catch_up_seconds=31_622_400.0)
    first = next_run(missed, NOON - timedelta(days=1))
    now = NOON + timedelta(minutes=minutes)
    assert first is not None
    expected = first
    while (later := next_run(missed, expected)) is not None and later <= now:
        expected = later
    missed = msgspec.structs.replace(missed, next_run_at=first)
    assert due_run(missed, now) == (expected if first <= now else None)
