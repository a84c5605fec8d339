"""Rate limits: how much fits, what an answer says of it, and that inventing names does not fill the memory."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naas.errors import RateLimited
from naas.principals import Principal, Role
from naas.security.rate_limits import RateLimitRules, RateLimits, headers_of
from naas.security.windows import MovingWindow, MovingWindows

from .conftest import Clock


def limits(clock: Clock, per_caller: int = 5, per_device: int = 3) -> RateLimits:
    return RateLimits(RateLimitRules(per_caller, per_device, 60), now=clock)


def test_a_caller_has_so_many_jobs_in_a_minute(clock: Clock, operator: Principal) -> None:
    five = limits(clock)
    for device in "abcde":
        five.take(operator, [device])
    with pytest.raises(RateLimited, match="1 jobs were asked for and 0 of 5 in 60 s remain; try again in"):
        five.take(operator, ["f"])
    clock.forward(62)
    assert five.take(operator, ["f"]) is not None


def test_one_device_has_fewer(clock: Clock, operator: Principal) -> None:
    five = limits(clock)
    for _ in range(3):
        five.take(operator, ["a"])
    with pytest.raises(RateLimited, match="0 of 3 in 60 s remain"):
        five.take(operator, ["a"])
    assert five.take(operator, ["b"]) is not None


def test_callers_do_not_share(clock: Clock, operator: Principal, passing_through: Principal) -> None:
    """Pass-through callers are limited too; in the existing service they were not."""
    five = limits(clock)
    five.take(operator, ["a", "b", "c", "d", "e"])
    five.take(passing_through, ["a", "b", "c", "d", "e"])
    with pytest.raises(RateLimited):
        five.take(passing_through, ["f"])


def test_a_batch_counts_every_device_or_none(clock: Clock, operator: Principal) -> None:
    five = limits(clock)
    five.take(operator, ["a"])
    with pytest.raises(RateLimited, match="5 jobs were asked for and 4 of 5"):
        five.take(operator, ["a", "b", "c", "d", "e"])
    assert five.take(operator, ["a", "b", "c", "d"]) is not None
    with pytest.raises(RateLimited, match="4 jobs were asked for and 3 of 3"):
        limits(clock).take(operator, ["a", "a", "a", "a"])


def test_what_is_refused_costs_nothing(clock: Clock, operator: Principal) -> None:
    """In the existing service a client that tried again too early was kept out for ever."""
    five = limits(clock)
    five.take(operator, ["a", "b", "c", "d", "e"])
    for _ in range(61):
        clock.forward(1)
        try:
            five.take(operator, ["f"])
        except RateLimited:
            continue
        break
    else:
        pytest.fail("the window never moved on")


def test_admins_and_a_switched_off_limit_are_free(clock: Clock, admin: Principal, operator: Principal) -> None:
    assert limits(clock).take(admin, ["a"] * 100) is None
    assert RateLimits(RateLimitRules(1, 1, enabled=False)).take(operator, ["a"] * 100) is None
    nobody = RateLimits(RateLimitRules(1, 1, exempt=frozenset()), now=clock)
    with pytest.raises(RateLimited):
        nobody.take(replace(operator, role=Role.ADMIN), ["a", "b"])


def test_the_headers_tell_of_the_tighter_limit(clock: Clock, operator: Principal) -> None:
    five = limits(clock)
    assert headers_of(five.take(operator, ["a"])) == {
        "X-RateLimit-Limit": "3",
        "X-RateLimit-Remaining": "2",
        "X-RateLimit-Reset": str(int(clock()) + 61),
        "RateLimit-Policy": '"caller-device";q=3;w=60',
        "RateLimit": '"caller-device";r=2;t=61',
    }
    five.take(operator, ["b", "c", "d"])
    assert headers_of(five.take(operator, []))["X-RateLimit-Remaining"] == "1"
    assert headers_of(None) == {}


def test_the_headers_of_a_refusal_say_when_to_come_back(clock: Clock, operator: Principal) -> None:
    one = limits(clock, 1)
    one.take(operator, ["a"])
    clock.forward(20)
    with pytest.raises(RateLimited) as caught:
        one.take(operator, ["a"])
    assert headers_of(caught.value)["Retry-After"] == "41"
    assert headers_of(caught.value)["X-RateLimit-Remaining"] == "0"
    clock.forward(41)
    assert one.take(operator, ["a"]) is not None


def test_memory_is_bounded() -> None:
    windows = MovingWindows(60, most_keys=100)
    for number in range(10_000):
        windows.of(f"key {number}").add(float(number), 1)
    assert len(windows) == 100
    busy = MovingWindow(60)
    for number in range(100_000):
        busy.add(number / 1000, 1)
        busy.count(number / 1000)
    assert len(busy.parts) <= 62


@given(st.lists(st.tuples(st.floats(0, 20), st.integers(1, 5)), max_size=40))
def test_a_window_never_counts_too_little_and_forgets_a_part_late_at_most(steps: list[tuple[float, int]]) -> None:
    window, now, happened = MovingWindow(60), 0.0, list[tuple[float, int]]()
    for wait, amount in steps:
        now += wait
        window.add(now, amount)
        happened.append((now, amount))
        exact = sum(count for at, count in happened if at + 60 > now)
        late = sum(count for at, count in happened if at + 61 >= now)
        assert exact <= window.count(now) <= late


@given(st.lists(st.tuples(st.floats(0, 20), st.integers(1, 5)), max_size=40), st.integers(1, 20))
def test_there_is_room_when_the_window_says_so(steps: list[tuple[float, int]], wanted: int) -> None:
    window, now = MovingWindow(60), 0.0
    for wait, amount in steps:
        now += wait
        window.add(now, amount)
    room_at = window.room_at(now, 20, wanted)
    assert room_at >= now
    assert window.count(room_at) + wanted <= 20
