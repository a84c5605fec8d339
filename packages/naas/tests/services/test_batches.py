"""Waves of batches: released once, whoever decides, and however often the service dies in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from naas.batches import Plan
from naas.engine.embedded import EmbeddedEngine
from naas.errors import BatchNotFound
from naas.jobs import CommandWork, Device, Ending, Job, JobKind, JobState, Outcome
from naas.principals import AuthMethod, Principal, Role
from naas.services.batch_records import OpenBatch
from naas.services.batches import BatchOrder, BatchService
from naas.services.orders import Order
from naas.store.base import Deadlines, Move
from naas.vault import Login

from .conftest import Parts

ANN = Principal("ann", "ann", Role.OPERATOR, AuthMethod.BASIC, login=Login("ann", "secret"))


class RecordingEngine(EmbeddedEngine):
    """An engine that remembers what was published, delivers none of it, and can be cut off before."""

    def __init__(self) -> None:
        super().__init__()
        self.published: list[str] = []
        self.dies_before_publishing = False

    async def publish(self, jobs: Sequence[Job]) -> None:
        if self.dies_before_publishing:
            raise asyncio.CancelledError
        self.published += [job.id for job in jobs]


def order(*waves: int, **fields: Any) -> BatchOrder:
    orders = [Order(Device(f"r{n}", 22, "cisco_ios"), CommandWork(("show version",))) for n in range(sum(waves))]
    return BatchOrder(orders, Plan(waves, **fields), JobKind.SEND_COMMAND)


async def end(parts: Parts, job_id: str) -> Job:
    """Bring a job to its end, as a worker would."""
    await parts.store.jobs.move(Move(job_id, JobState.STARTED, now()))
    ended = Ending(JobState.FINISHED, Outcome({"show version": "x"}))
    return await parts.store.jobs.move(Move(job_id, ended.state, now(), outcome=ended.outcome))


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def engine() -> AsyncIterator[RecordingEngine]:
    """Nothing reaches the worker of `parts`, so that the tests end the jobs themselves."""
    recording = RecordingEngine()
    yield recording
    await recording.close()


async def settled(*services: BatchService) -> None:
    """Wait until nobody thinks about a batch any more."""
    async with asyncio.timeout(5):
        while any(service.waves.is_busy for service in services):
            await asyncio.sleep(0.005)


async def test_two_services_that_decide_the_same_release_a_wave_once(parts: Parts, engine: RecordingEngine) -> None:
    one, two = (BatchService(parts.store, engine, parts.jobs) for _ in range(2))
    batch = await one.submit(ANN, order(2, 3))
    assert engine.published == list(batch.job_ids[:2])
    for job_id in batch.job_ids[:2]:
        job = await end(parts, job_id)
        await asyncio.gather(one.ended(job), two.ended(job), one.ended(job))
    await settled(one, two)
    assert sorted(engine.published) == sorted(batch.job_ids)


async def test_a_service_that_dies_before_it_decides_decides_when_it_is_back(
    parts: Parts, engine: RecordingEngine
) -> None:
    before = BatchService(parts.store, engine, parts.jobs)
    batch = await before.submit(ANN, order(1, 1))
    await end(parts, batch.job_ids[0])
    after = BatchService(parts.store, engine, parts.jobs)
    await after.recover()
    await settled(after)
    await after.aclose()
    assert engine.published == list(batch.job_ids)


async def test_a_service_that_dies_within_a_release_releases_nothing_twice(
    parts: Parts, engine: RecordingEngine
) -> None:
    """Between the store and the queue: the jobs are queued jobs then, which the start of the service publishes."""
    before = BatchService(parts.store, engine, parts.jobs)
    batch = await before.submit(ANN, order(1, 2))
    engine.dies_before_publishing = True
    await before.ended(await end(parts, batch.job_ids[0]))
    await settled(before)
    waiting = await parts.store.jobs.queued()
    assert [job.id for job in waiting] == list(batch.job_ids[1:])
    engine.dies_before_publishing = False
    engine.published.clear()
    await engine.publish(waiting)  # what the start of the service does
    after = BatchService(parts.store, engine, parts.jobs)
    await after.recover()
    await settled(after)
    await after.aclose()
    assert engine.published == list(batch.job_ids[1:])


async def test_a_batch_is_open_as_long_as_there_is_something_to_decide(parts: Parts, engine: RecordingEngine) -> None:
    service = BatchService(parts.store, engine, parts.jobs)
    batch = await service.submit(ANN, order(1, 1))
    assert await parts.store.records.get(OpenBatch, batch.batch_id) is not None
    for job_id in batch.job_ids:
        await service.ended(await end(parts, job_id))
        await settled(service)
    assert await parts.store.records.get(OpenBatch, batch.batch_id) is None
    plain = await service.submit(ANN, order(2))
    assert await parts.store.records.get(OpenBatch, plain.batch_id) is None


async def test_a_batch_without_waves_or_limits_costs_nothing_when_its_jobs_end(
    parts: Parts, engine: RecordingEngine
) -> None:
    service = BatchService(parts.store, engine, parts.jobs)
    batch = await service.submit(ANN, order(2))
    job = await end(parts, batch.job_ids[0])
    await service.ended(job)
    assert not service.waves.is_busy


async def test_a_batch_is_forgotten_with_the_last_of_its_jobs(
    parts: Parts, engine: RecordingEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naas.services.batches._FORGET_AFTER", timedelta(seconds=-1))
    service = BatchService(parts.store, engine, parts.jobs)
    batch = await service.submit(ANN, order(1))
    kept = await service.submit(ANN, order(1))
    await end(parts, batch.job_ids[0])
    moment = now()
    await parts.store.jobs.purge(Deadlines(succeeded_before=moment, failed_before=moment, now=moment))
    with pytest.raises(BatchNotFound, match="not found or has expired"):
        await service.read(ANN, batch.batch_id)
    assert await service.purge() == 1
    listed = await service.page(ANN, before=None, limit=10)
    assert [view.record.id for view in listed.batches] == [kept.batch_id]


async def test_a_wave_is_followed_by_the_next_while_jobs_run(parts: Parts) -> None:
    """With the worker of `parts`: every device is asked once, one wave after the other."""
    service = BatchService(parts.store, parts.engine, parts.jobs)

    async def observe() -> None:
        async with parts.engine.events(None) as events:
            while True:
                event = await events.next(5)
                if event is not None and (job := await parts.store.jobs.get(event.job_id)) and job.state.is_final:
                    await service.ended(job)

    observing = asyncio.create_task(observe())
    await asyncio.sleep(0)
    batch = await service.submit(ANN, order(1, 2, 2))
    view = await service.read(ANN, batch.batch_id, wait=10)
    observing.cancel()
    assert view.counts.succeeded == 5
    hosts = [talk.host for talk in parts.driver.conversations]
    assert (hosts[0], set(hosts[1:3]), set(hosts[3:])) == ("r0", {"r1", "r2"}, {"r3", "r4"})


async def test_a_wave_whose_last_job_is_cancelled_is_followed_at_once(parts: Parts, engine: RecordingEngine) -> None:
    """No worker reports the end of a job that waited; without word of it the next wave waits for the next sweep."""
    service = BatchService(parts.store, engine, parts.jobs)
    batch = await service.submit(ANN, order(1, 1))
    await parts.jobs.cancel(ANN, batch.job_ids[0])
    async with asyncio.timeout(2):
        while engine.published != list(batch.job_ids):
            await asyncio.sleep(0.01)
    await service.aclose()
