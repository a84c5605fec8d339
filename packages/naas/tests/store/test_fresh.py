"""Jobs that were written a moment ago are read from memory, and never differ from what the database has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from naas.driver.base import ErrorCode
from naas.errors import StoreUnavailable
from naas.jobs import Failure, Job, JobState, Outcome
from naas.store.base import Deadlines, Lease, Move
from naas.store.sql import SqlStore
from naas.store.sql.fresh import FreshJobs

MakeJob = Callable[..., Job]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """A store on SQLite, where jobs are remembered."""
    opened = SqlStore.open(tmp_path / "naas.db")
    yield opened
    opened.close()


def _move(job: Job, to: JobState, **fields: Any) -> Move:
    return Move(job.id, to, datetime.now(UTC), **fields)


def _started(job: Job) -> Move:
    return _move(job, JobState.STARTED, lease=Lease("w1", datetime.now(UTC) + timedelta(seconds=30)))


async def _same(store: SqlStore, job: Job) -> Job:
    """Return the job as `get` has it, which must be as the rows have it: lists are always read from these."""
    got = await store.jobs.get(job.id)
    assert got is not None
    assert [got] == list(await store.jobs.get_all([job.id]))
    return got


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome({"show version": "IOS é 15"}, "cisco_ios"),
        Outcome(failure=Failure(ErrorCode.UNKNOWN, "cut off\0here"), partial={"show version": "half"}),
        Outcome({"show version": [{"version": "15"}]}),
        Outcome({"show version": "x" * 100_000}),
        Outcome({"config": "done"}, diff="+ ntp server 192.0.2.9"),
    ],
    ids=["text", "failure with NUL", "structured", "long", "diff"],
)
async def test_memory_and_database_agree_in_every_state(store: SqlStore, make_job: MakeJob, outcome: Outcome) -> None:
    job = make_job(tags={"site": "berlin"}, webhook_url="https://hooks.example/1")
    await store.jobs.add(job)
    assert (await _same(store, job)).sealed_login is None
    await store.jobs.move(_started(job))
    assert (await _same(store, job)).worker == "w1"
    await store.jobs.request_cancel(job.id)
    assert (await _same(store, job)).cancel_requested
    await store.jobs.move(_move(job, JobState.FINISHED, outcome=outcome, needs_review=True))
    assert (await _same(store, job)).state is JobState.FINISHED


async def test_jobs_that_are_moved_together_are_seen_moved(store: SqlStore, make_job: MakeJob) -> None:
    jobs = [make_job() for _ in range(3)]
    await asyncio.gather(*(store.jobs.add(job) for job in jobs))
    await store.jobs.move_all([_move(job, JobState.CANCELED) for job in jobs])
    assert [(await _same(store, job)).state for job in jobs] == [JobState.CANCELED] * 3


async def test_a_write_is_seen_even_if_its_caller_has_gone(store: SqlStore, make_job: MakeJob) -> None:
    job = make_job()
    await store.jobs.add(job)
    impatient = asyncio.ensure_future(store.jobs.move(_started(job)))
    impatient.cancel()
    await store.jobs.request_cancel("another")  # written after it
    assert (await _same(store, job)).state is JobState.STARTED


async def test_a_job_that_is_forgotten_is_gone(store: SqlStore, make_job: MakeJob) -> None:
    job = make_job()
    await store.jobs.add(job)
    await store.jobs.move(_move(job, JobState.CANCELED))
    later = datetime.now(UTC) + timedelta(hours=1)
    assert await store.jobs.purge(Deadlines(succeeded_before=later, failed_before=later, now=later)) == 1
    assert await store.jobs.get(job.id) is None


async def test_a_closed_store_says_so_for_remembered_jobs_too(store: SqlStore, make_job: MakeJob) -> None:
    job = make_job()
    await store.jobs.add(job)
    store.close()
    with pytest.raises(StoreUnavailable, match="the store is closed"):
        await store.jobs.get(job.id)


def test_the_memory_is_bounded_and_keeps_the_newest(make_job: MakeJob) -> None:
    fresh, jobs = FreshJobs(most=2), [make_job() for _ in range(3)]
    for job in jobs:
        fresh.remember(job)
    assert [fresh.get(job.id) is not None for job in jobs] == [False, True, True]


def test_a_job_with_a_webhook_secret_is_not_remembered(make_job: MakeJob) -> None:
    fresh, job = FreshJobs(), make_job(sealed_webhook_secret=b"sealed")
    fresh.remember(job)
    assert fresh.get(job.id) is None
