"""The decisions about batches: waves, limits, states, and what comes next. Values in, values out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naas.batches import (
    MOST_WAVES,
    BatchState,
    Nothing,
    Plan,
    Release,
    Share,
    Stop,
    Tally,
    WaitUntil,
    failure_limit,
    next_step,
    state_of,
    tally,
    wave_of,
    wave_sizes,
)
from naas.driver.base import ErrorCode
from naas.jobs import CommandWork, Device, Failure, Job, JobState, Outcome

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("total", "waves", "each", "sizes"),
    [
        pytest.param(5, (), None, (5,), id="one wave unless somebody asks"),
        pytest.param(5, (), 2, (2, 2, 1), id="waves of one size, the last with the rest"),
        pytest.param(20, (1, 10, Share(25)), None, (1, 10, 5, 4), id="the last size is repeated"),
        pytest.param(3, (5, 1), None, (3,), id="never more than there are"),
        pytest.param(3, (Share(1),), None, (1, 1, 1), id="a share is one device at least"),
        pytest.param(1000, (1, Share(100)), None, (1, 999), id="all the rest"),
    ],
)
def test_devices_are_cut_into_waves(
    total: int, waves: tuple[int | Share, ...], each: int | None, sizes: tuple[int, ...]
) -> None:
    assert wave_sizes(total, waves, each=each) == sizes


@given(
    st.integers(1, 5000),
    st.lists(st.integers(1, 100) | st.builds(Share, st.floats(0, 100)), max_size=5),
    st.none() | st.integers(1, 50),
)
def test_every_device_is_in_one_wave_and_no_wave_is_empty(
    total: int, waves: list[int | Share], each: int | None
) -> None:
    sizes = wave_sizes(total, waves, each=each)
    assert sum(sizes) == total
    assert all(size > 0 for size in sizes)
    assert len(sizes) <= MOST_WAVES
    places = [wave_of(index, sizes) for index in (0, total // 2, total - 1)]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (0, len(sizes) - 1)


@pytest.mark.parametrize(
    ("most", "stop", "limit"),
    [(None, False, None), (None, True, 0), (3, False, 3), (Share(10), False, 1), (Share(0), False, 0)],
    ids=["any", "none", "a number", "a share is rounded down", "nothing of a hundred"],
)
def test_how_many_jobs_may_fail(most: int | Share | None, stop: bool, limit: int | None) -> None:
    assert failure_limit(19, most, stop_on_failure=stop) == limit


def job(state: JobState, *, wave: int = 0, failed: bool = False, ended: float | None = None) -> Job:
    fields: dict[str, Any] = {"state": state, "wave": wave}
    if failed:
        fields["outcome"] = Outcome(failure=Failure(ErrorCode.SSH_ERROR, "gone"))
    if state.is_final:
        fields["ended_at"] = NOW - timedelta(seconds=ended or 0)
    return Job("id", "ann", Device("r1", 22, "cisco_ios"), CommandWork(("x",)), NOW - timedelta(hours=1), **fields)


FINISHED, FAILED, CANCELED = JobState.FINISHED, JobState.FAILED, JobState.CANCELED
QUEUED, STARTED, DEFERRED = JobState.QUEUED, JobState.STARTED, JobState.DEFERRED


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        pytest.param({"queued": 1, "deferred": 1}, "pending", id="nobody has begun"),
        pytest.param({"running": 1, "deferred": 1}, "running", id="one runs"),
        pytest.param({"succeeded": 1, "queued": 1}, "running", id="one has ended, one waits"),
        pytest.param({"succeeded": 2}, "complete", id="all is well"),
        pytest.param({"succeeded": 1, "errors": 1}, "partial_failure", id="a device reported a failure"),
        pytest.param({"succeeded": 1, "failed": 1}, "partial_failure", id="the service could not"),
        pytest.param({"errors": 1, "failed": 1}, "failed", id="none succeeded"),
        pytest.param({"errors": 1, "canceled": 1}, "failed", id="stopped after the first failure"),
        pytest.param({"succeeded": 1, "canceled": 1}, "canceled", id="somebody cancelled the rest"),
        pytest.param({"canceled": 2}, "canceled", id="somebody cancelled all"),
        pytest.param({"succeeded": 1, "forgotten": 1}, "complete", id="the others are too long ago"),
    ],
)
def test_a_batch_is_one_word(counts: dict[str, int], state: str) -> None:
    tallied = Tally(sum(counts.values()), **counts)
    assert state_of(tallied) == state
    assert state_of(tallied).is_final is tallied.is_over


def test_jobs_are_counted_where_they_are() -> None:
    jobs = [
        job(DEFERRED), job(QUEUED), job(STARTED), job(FINISHED), job(FINISHED, failed=True), job(FAILED, failed=True),
        job(CANCELED),
    ]  # fmt: skip
    counts = tally(jobs, 9)
    assert counts == Tally(9, 1, 1, 1, 1, 1, 1, 1, 2)
    assert (counts.finished, counts.failures, counts.unfinished) == (2, 2, 3)


TWO_WAVES = Plan((1, 1))


@pytest.mark.parametrize(
    ("plan", "jobs", "step"),
    [
        pytest.param(TWO_WAVES, [job(STARTED), job(DEFERRED, wave=1)], Nothing(), id="the first wave runs"),
        pytest.param(TWO_WAVES, [job(FINISHED), job(DEFERRED, wave=1)], Release(1), id="the first wave is over"),
        pytest.param(TWO_WAVES, [job(CANCELED), job(DEFERRED, wave=1)], Release(1), id="cancelled is over too"),
        pytest.param(TWO_WAVES, [job(FINISHED, failed=True), job(DEFERRED, wave=1)], Release(1), id="any number may fail"),
        pytest.param(TWO_WAVES, [job(DEFERRED, wave=1)], Release(1), id="the first wave is forgotten"),
        pytest.param(TWO_WAVES, [job(FINISHED), job(QUEUED, wave=1)], Nothing(), id="the last wave is released"),
        pytest.param(TWO_WAVES, [job(FINISHED), job(FINISHED, wave=1)], Nothing(is_over=True), id="all is over"),
        pytest.param(
            Plan((1, 1, 1)),
            [job(FINISHED), job(STARTED, wave=1), job(DEFERRED, wave=2)],
            Nothing(),
            id="one wave at a time",
        ),
        pytest.param(
            Plan((1, 1), pause_seconds=60),
            [job(FINISHED, ended=20), job(DEFERRED, wave=1)],
            WaitUntil(NOW + timedelta(seconds=40)),
            id="the pause counts from the last end",
        ),
        pytest.param(
            Plan((1, 1), pause_seconds=60),
            [job(FINISHED, ended=60), job(DEFERRED, wave=1)],
            Release(1),
            id="the pause is over",
        ),
        pytest.param(
            Plan((1, 1), most_failures=0),
            [job(FINISHED, failed=True), job(DEFERRED, wave=1)],
            Stop(1),
            id="one failure is too many",
        ),
        pytest.param(
            Plan((3,), most_failures=1),
            [job(FAILED), job(FINISHED, failed=True), job(QUEUED)],
            Stop(2),
            id="without waves, what waits is stopped",
        ),
        pytest.param(
            Plan((3,), most_failures=1),
            [job(FAILED), job(STARTED), job(QUEUED)],
            Nothing(),
            id="as many as allowed",
        ),
        pytest.param(
            Plan((2,), most_failures=0),
            [job(FAILED), job(STARTED)],
            Nothing(),
            id="nothing left to stop",
        ),
        pytest.param(
            Plan((1, 1), most_failures=0),
            [job(FAILED), job(CANCELED, wave=1)],
            Nothing(is_over=True),
            id="stopped and over",
        ),
    ],
)  # fmt: skip
def test_what_a_batch_needs_now(plan: Plan, jobs: list[Job], step: object) -> None:
    assert next_step(plan, jobs, NOW) == step


STATES = st.sampled_from(list(JobState))


@given(st.lists(st.tuples(STATES, st.booleans()), min_size=1, max_size=8), st.none() | st.integers(0, 3))
def test_a_batch_always_comes_to_its_end(marks: list[tuple[JobState, bool]], most: int | None) -> None:
    """Whatever the jobs are at, doing what is decided and letting what is queued end leads to the end, and no job is
    released once more than allowed have failed."""
    jobs = [
        job(state, wave=index, failed=failed and state in (FINISHED, FAILED))
        for index, (state, failed) in enumerate(marks)
    ]
    plan = Plan((1,) * len(jobs), most_failures=most)
    for _ in range(3 * len(jobs) + 3):
        step = next_step(plan, jobs, NOW)
        if step == Nothing(is_over=True):
            break
        counts = tally(jobs, plan.total)
        if isinstance(step, Release):
            assert most is None or counts.failures <= most
            jobs = [
                job(QUEUED, wave=each.wave) if each.wave == step.wave and each.state is DEFERRED else each
                for each in jobs
            ]
        elif isinstance(step, Stop):
            jobs = [job(CANCELED, wave=each.wave) if each.state in (QUEUED, DEFERRED) else each for each in jobs]
        else:
            jobs = [job(FINISHED, wave=each.wave) if each.state in (QUEUED, STARTED) else each for each in jobs]
    assert state_of(tally(jobs, plan.total)).is_final
    assert state_of(tally(jobs, plan.total)) in BatchState
