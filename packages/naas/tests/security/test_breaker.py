"""Circuit breakers: the rules as a table, and the holder that the keeper asks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naas.driver.base import ErrorCode
from naas.jobs import JobState
from naas.security.breaker import BreakerRules, Breakers, Circuit, Evidence, ask, evidence_of, hear

from .conftest import Clock, Heard, ended

RULES = BreakerRules(threshold=3, seconds=300)


def after(*evidence: Evidence, start: Circuit | None = None, now: float = 0.0) -> Circuit:
    circuit = start or Circuit()
    for each in evidence:
        circuit = hear(circuit, "job", each, now, RULES)
    return circuit


def test_failures_in_a_row_open_the_circuit() -> None:
    assert after(Evidence.FAILED, Evidence.FAILED).open_since is None
    assert after(Evidence.FAILED, Evidence.FAILED, Evidence.FAILED).open_since == 0.0


def test_one_success_starts_the_count_anew() -> None:
    assert after(Evidence.FAILED, Evidence.FAILED, Evidence.REACHED) == Circuit()


def test_what_says_nothing_changes_nothing() -> None:
    assert after(Evidence.FAILED, Evidence.NOTHING, Evidence.NOTHING).failures == 1


OPEN = Circuit(failures=3, open_since=1000.0)


@pytest.mark.parametrize(
    ("now", "waits"),
    [
        pytest.param(1000.0, 300.0, id="just opened"),
        pytest.param(1299.0, 1.0, id="nearly over"),
        pytest.param(1300.0, 0.0, id="over: the trial runs"),
    ],
)
def test_an_open_circuit_lets_nobody_in_for_its_time(now: float, waits: float) -> None:
    assert ask(OPEN, "trial", now, RULES)[1] == waits


def test_half_open_lets_one_trial_in() -> None:
    circuit, waits = ask(OPEN, "trial", 1300.0, RULES)
    assert waits == 0
    assert ask(circuit, "another", 1301.0, RULES)[1] == 299.0
    # The same job asks again when its worker was lost.
    assert ask(circuit, "trial", 1301.0, RULES)[1] == 0


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        pytest.param(Evidence.REACHED, Circuit(), id="reached: closed"),
        pytest.param(Evidence.FAILED, Circuit(4, 1400.0), id="failed: open again"),
        pytest.param(Evidence.NOTHING, OPEN, id="nothing learnt: the next one is the trial"),
    ],
)
def test_how_a_trial_ends(evidence: Evidence, expected: Circuit) -> None:
    trying, _ = ask(OPEN, "trial", 1300.0, RULES)
    heard = hear(trying, "trial", evidence, 1400.0, RULES)
    assert (heard.failures, heard.open_since, heard.trial) == (expected.failures, expected.open_since, None)


def test_a_job_from_before_neither_prolongs_nor_ends_the_trial() -> None:
    trying, _ = ask(OPEN, "trial", 1300.0, RULES)
    assert hear(trying, "old", Evidence.FAILED, 1301.0, RULES) == trying
    assert hear(trying, "old", Evidence.NOTHING, 1301.0, RULES) == trying


def test_a_trial_of_which_nothing_is_heard_is_given_up() -> None:
    trying, _ = ask(OPEN, "trial", 1300.0, RULES)
    assert ask(trying, "next", 1600.0, RULES)[1] == 0


@given(st.lists(st.tuples(st.sampled_from(list(Evidence)), st.sampled_from("abc"), st.floats(0, 400)), max_size=40))
def test_a_circuit_is_never_open_for_ever(steps: list[tuple[Evidence, str, float]]) -> None:
    """Whatever happened, two waits later a job gets in."""
    circuit, now = Circuit(), 0.0
    for evidence, job, wait in steps:
        now += wait
        circuit, left = ask(circuit, job, now, RULES)
        if left == 0:
            circuit = hear(circuit, job, evidence, now, RULES)
    circuit, left = ask(circuit, "x", now + 300, RULES)
    assert ask(circuit, "x", now + 600, RULES)[1] == 0


@pytest.mark.parametrize(
    ("code", "evidence"),
    [
        (None, Evidence.REACHED),
        (ErrorCode.AUTH_FAILURE, Evidence.REACHED),
        (ErrorCode.CONFIG_REJECTED, Evidence.REACHED),
        (ErrorCode.AUTODETECT_FAILED, Evidence.REACHED),
        (ErrorCode.CONNECTION_TIMEOUT, Evidence.FAILED),
        (ErrorCode.SSH_ERROR, Evidence.FAILED),
        (ErrorCode.CIRCUIT_OPEN, Evidence.NOTHING),
        (ErrorCode.UNKNOWN, Evidence.NOTHING),
    ],
)
def test_what_the_end_of_a_job_says(code: ErrorCode | None, evidence: Evidence, make_job: Any) -> None:
    assert evidence_of(ended(make_job(), code)) is evidence


def test_a_job_that_the_service_could_not_carry_out_says_nothing(make_job: Any) -> None:
    assert evidence_of(ended(make_job(), ErrorCode.CONNECTION_TIMEOUT, JobState.FAILED)) is Evidence.NOTHING
    assert evidence_of(ended(make_job(), state=JobState.CANCELED)) is Evidence.NOTHING
    fell_silent = ended(make_job(), ErrorCode.CONNECTION_TIMEOUT, partial={"show version": "IOS"})
    assert evidence_of(fell_silent) is Evidence.NOTHING


async def test_a_device_that_fails_is_left_alone_and_tried_again(make_job: Any, audit: Heard, clock: Clock) -> None:
    breakers = Breakers(RULES, audit, now=clock)
    for _ in range(3):
        job = make_job()
        assert breakers.check(job) is None
        await breakers.ended(ended(job, ErrorCode.CONNECTION_TIMEOUT))
    failure = breakers.check(make_job())
    assert failure is not None
    assert failure.code is ErrorCode.CIRCUIT_OPEN
    assert failure.message == "192.0.2.1:22 failed 3 times in a row and is left alone for now; try again in 300 s"
    assert breakers.open == 1
    assert breakers.check(make_job(host="192.0.2.2")) is None
    assert breakers.check(make_job(context="branch")) is None, "the same address at another site is another device"
    clock.forward(300)
    trial = make_job()
    assert breakers.check(trial) is None
    assert breakers.check(make_job()) is not None
    await breakers.ended(ended(trial))
    assert breakers.check(make_job()) is None
    assert [event for event, _ in audit.events] == ["circuit.opened", "circuit.closed"]


async def test_breakers_can_be_switched_off(make_job: Any, audit: Heard, clock: Clock) -> None:
    breakers = Breakers(BreakerRules(threshold=0), audit, now=clock)
    for _ in range(20):
        await breakers.ended(ended(make_job(), ErrorCode.CONNECTION_TIMEOUT))
    assert breakers.check(make_job()) is None
