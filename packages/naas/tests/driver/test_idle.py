"""Idle sessions: found by key, ended by age, and never looked at one by one."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naas.driver.idle import Entry, IdleSessions
from naas.driver.pool_key import PoolKey


def key(host: str) -> PoolKey:
    return PoolKey(host, 22, "cisco_ios", False, b"digest")


def entry(host: str, name: str, *, since: float = 0.0, opened: float = 0.0) -> Entry[str]:
    return Entry(key(host), name, opened_at=opened, idle_since=since)


def names(entries: list[Entry[str]]) -> list[str]:
    return [found.session for found in entries]


@pytest.fixture
def idle() -> IdleSessions[str]:
    return IdleSessions(idle_seconds=10.0, max_age_seconds=100.0)


def test_the_newest_of_a_key_is_taken_and_the_oldest_of_all_makes_room(idle: IdleSessions[str]) -> None:
    for host, name in (("sw1", "a"), ("sw2", "b"), ("sw1", "c")):
        idle.add(entry(host, name))
    newest, oldest = idle.take_newest(key("sw1")), idle.take_oldest()
    assert newest is not None
    assert oldest is not None
    assert (newest.session, oldest.session, len(idle)) == ("c", "a", 1)
    assert idle.take_newest(key("sw1")) is None
    assert idle.take_newest(key("sw3")) is None


@pytest.mark.parametrize(
    ("since", "opened", "end"), [(5.0, 0.0, 15.0), (95.0, 0.0, 100.0)], ids=["unused too long", "open too long"]
)
def test_a_session_ends_when_it_is_too_old(idle: IdleSessions[str], since: float, opened: float, end: float) -> None:
    idle.add(entry("sw1", "a", since=since, opened=opened))
    assert idle.first_end == end
    assert idle.take_expired(end - 0.001) == []
    assert names(idle.take_expired(end)) == ["a"]
    assert idle.first_end == math.inf


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 50), st.floats(0, 50)), max_size=30), st.floats(0, 120))
def test_exactly_the_expired_ones_are_taken(sessions: list[tuple[str, float, float]], now: float) -> None:
    idle: IdleSessions[str] = IdleSessions(idle_seconds=10.0, max_age_seconds=40.0)
    for number, (host, since, opened) in enumerate(sessions):
        idle.add(entry(host, str(number), since=since, opened=opened))
    ends = {str(n): min(since + 10.0, opened + 40.0) for n, (_, since, opened) in enumerate(sessions)}
    assert sorted(names(idle.take_expired(now))) == sorted(name for name, end in ends.items() if end <= now)
    left = [end for end in ends.values() if end > now]
    assert len(idle) == len(left)
    assert not left or idle.first_end <= min(left)


def test_ten_thousand_idle_sessions_cost_a_job_nothing(idle: IdleSessions[str]) -> None:
    for number in range(10_000):
        idle.add(entry(f"sw{number}", str(number)))
    started = time.perf_counter()
    for number in range(1000):
        idle.take_expired(1.0)
        taken = idle.take_newest(key(f"sw{number}"))
        assert taken is not None
        idle.add(taken)
    assert time.perf_counter() - started < 0.5, "a scan of all of them each time takes seconds"
