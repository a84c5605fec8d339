"""The reaper over the embedded engine: jobs that nobody has any more go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from naas.engine.base import WorkerInfo
from naas.engine.embedded import EmbeddedEngine
from naas.errors import EngineUnavailable
from naas.jobs import Job, JobState
from naas.keeper import StoreLedger
from naas.reaper import Reaper
from naas.store.base import Lease, Move
from naas.store.sql.store import SqlStore

MakeJob = Callable[..., Job]


@pytest.fixture
async def engine() -> AsyncIterator[EmbeddedEngine]:
    opened = EmbeddedEngine()
    yield opened
    await opened.close()


@pytest.fixture
def reaper(store: SqlStore, engine: EmbeddedEngine) -> Reaper:
    return Reaper(store, engine, StoreLedger(store, engine), interval=0.02)


async def start(store: SqlStore, job: Job, worker: str, *, lease_seconds: float) -> Job:
    now = datetime.now(UTC)
    await store.jobs.add(job)
    lease = Lease(worker, now + timedelta(seconds=lease_seconds))
    return await store.jobs.move(Move(job.id, JobState.STARTED, now, lease=lease))


async def state(store: SqlStore, job: Job) -> JobState:
    found = await store.jobs.get(job.id)
    assert found is not None
    return found.state


async def test_jobs_of_a_vanished_worker_are_settled(
    store: SqlStore, engine: EmbeddedEngine, reaper: Reaper, make_job: MakeJob
) -> None:
    """A read goes back to the queue, configuration waits for a person."""
    reading, changing = make_job("show version"), make_job("vlan 10", host="192.0.2.2", config=True)
    for job in (reading, changing):
        await start(store, job, "gone", lease_seconds=-1)
    assert await reaper.look() == 2
    assert [await state(store, job) for job in (reading, changing)] == [JobState.QUEUED, JobState.FAILED]
    (delivery,) = await engine.claimer("next", ["default"]).claim(10)
    assert delivery.job.id == reading.id
    assert delivery.job.sealed_login == reading.sealed_login


async def test_a_worker_that_lives_keeps_its_jobs_though_it_could_not_renew_them(
    store: SqlStore, engine: EmbeddedEngine, reaper: Reaper, make_job: MakeJob
) -> None:
    job = await start(store, make_job(), "alive", lease_seconds=-1)
    await engine.claimer("alive", ["default"]).heartbeat([], WorkerInfo("alive", "host", ("default",), 4, 1))
    assert await reaper.look() == 0
    assert await state(store, job) is JobState.STARTED


async def test_a_lease_that_holds_keeps_its_job(store: SqlStore, reaper: Reaper, make_job: MakeJob) -> None:
    """The worker may just not be heard."""
    job = await start(store, make_job(), "quiet", lease_seconds=30)
    assert await reaper.look() == 0
    assert await state(store, job) is JobState.STARTED


async def test_nobody_is_judged_while_the_engine_cannot_say_who_lives(
    store: SqlStore, engine: EmbeddedEngine, reaper: Reaper, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await start(store, make_job(), "unknown", lease_seconds=-1)

    async def unavailable() -> None:
        raise EngineUnavailable("NATS is away")

    monkeypatch.setattr(engine, "workers", unavailable)
    with pytest.raises(EngineUnavailable):
        await reaper.look()
    assert await state(store, job) is JobState.STARTED


async def test_a_job_that_never_reached_the_engine_is_published(
    store: SqlStore, engine: EmbeddedEngine, reaper: Reaper, make_job: MakeJob
) -> None:
    """At the second look: at the first it may have been on its way."""
    known, missing = make_job(), make_job(host="192.0.2.2")
    for job in (known, missing):
        await store.jobs.add(job)
    await engine.publish([known])
    await reaper.look()
    assert (await engine.depth()).waiting == 1
    await reaper.look()
    taken = await engine.claimer("worker", ["default"]).claim(10)
    assert sorted(each.job.id for each in taken) == sorted([known.id, missing.id])


async def test_it_goes_on_when_something_failed(
    store: SqlStore, engine: EmbeddedEngine, reaper: Reaper, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [EngineUnavailable("NATS is away"), ValueError("a bug")]
    workers = engine.workers

    async def fail_twice() -> object:
        if failures:
            raise failures.pop(0)
        return await workers()

    monkeypatch.setattr(engine, "workers", fail_twice)
    job = await start(store, make_job("vlan 10", config=True), "gone", lease_seconds=-1)
    reaper.start()
    async with asyncio.timeout(5):
        while await state(store, job) is not JobState.FAILED:
            await asyncio.sleep(0.02)
    await reaper.stop()
