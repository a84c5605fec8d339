"""The worker: what it does when a job takes too long, the store is unwell, or a secret cannot be read."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from naas import worker as worker_module
from naas.driver.base import ErrorCode
from naas.engine.base import Delivery, Depth
from naas.engine.embedded import EmbeddedEngine
from naas.errors import StoreUnavailable
from naas.jobs import Ending, Failure, Job, JobState
from naas.keeper import StoreLedger, recover
from naas.ledger import Ledger
from naas.store.base import Lease, Move
from naas.store.sql import SqlStore
from naas.testing import ScriptedDriver
from naas.vault import Login, Vault
from naas.worker import Worker, WorkerSettings

MakeJob = Callable[..., Job]
MakeLedger = Callable[[SqlStore, EmbeddedEngine], Ledger]

VAULT = Vault(bytes(32))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = SqlStore.open(tmp_path / "naas.db")
    yield opened
    opened.close()


@asynccontextmanager
async def working(
    store: SqlStore, driver: ScriptedDriver, *, threads: int = 4, make_ledger: MakeLedger = StoreLedger
) -> AsyncGenerator[EmbeddedEngine]:
    engine = EmbeddedEngine()
    settings = WorkerSettings(threads)
    claimer = engine.claimer(settings.name, settings.contexts)
    worker = Worker(claimer, make_ledger(store, engine), driver, VAULT, settings)
    await worker.start()
    yield engine
    driver.release()
    await worker.stop(2.0)
    await engine.close()


async def ended(store: SqlStore, engine: EmbeddedEngine, job: Job) -> Job:
    async with engine.events(job.id) as events:
        found = await store.jobs.get(job.id)
        while found is None or not found.state.is_final:
            assert await events.next(5.0) is not None, f"{job.id} did not end"
            found = await store.jobs.get(job.id)
    return found


def with_login(job: Job) -> Job:
    return dataclasses.replace(job, sealed_login=VAULT.seal(job.id, Login("ann", "secret")))


async def submit(store: SqlStore, engine: EmbeddedEngine, job: Job) -> Job:
    job = with_login(job)
    await store.jobs.add(job)
    await engine.publish([job])
    return job


async def counted(engine: EmbeddedEngine) -> tuple[int, int]:
    depth: Depth = await engine.depth()
    return depth.waiting, depth.claimed


async def test_a_job_that_takes_too_long_is_given_up_and_told_to_stop(
    store: SqlStore, driver: ScriptedDriver, make_job: MakeJob
) -> None:
    async with working(store, driver) as engine:
        job = await submit(store, engine, make_job("hold", "reload", job_timeout=0.1))
        found = await ended(store, engine, job)
        assert await counted(engine) == (0, 1), "the device stays taken until the conversation is over"
    assert (found.state, found.needs_review) == (JobState.FAILED, True)
    assert found.outcome.failure is not None
    assert "ran longer than its limit of 1 s" in found.outcome.failure.message
    assert driver.sent == ["hold"]


async def test_a_login_that_cannot_be_opened_fails_the_job_without_asking_the_device(
    store: SqlStore, driver: ScriptedDriver, make_job: MakeJob
) -> None:
    async with working(store, driver) as engine:
        job = make_job(sealed_login=b"x" * 64)
        await store.jobs.add(job)
        await engine.publish([job])
        found = await ended(store, engine, job)
    assert found.state is JobState.FAILED
    assert found.outcome.failure is not None
    assert "cannot be decrypted" in found.outcome.failure.message
    assert driver.conversations == []


class UnwellLedger(StoreLedger):
    """Cannot record the first two endings."""

    refusals = 2

    async def end(self, job: Job, ending: Ending) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StoreUnavailable("disk full")
        await super().end(job, ending)


async def test_an_end_that_cannot_be_written_is_written_later_and_never_run_again(
    store: SqlStore, driver: ScriptedDriver, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_LEDGER_PAUSE", 0.01)
    async with working(store, driver, make_ledger=UnwellLedger) as engine:
        job = await submit(store, engine, make_job("hostname r1", config=True))
        found = await ended(store, engine, job)
    assert found.state is JobState.FINISHED
    assert driver.sent == ["hostname r1"]


class BuggyLedger(StoreLedger):
    """Fails on every ending that has results, as nobody foresaw."""

    async def end(self, job: Job, ending: Ending) -> None:
        if ending.outcome.results is not None:
            raise OverflowError
        await super().end(job, ending)


async def test_a_bug_of_ours_ends_the_job_instead_of_leaving_it_running(
    store: SqlStore, driver: ScriptedDriver, make_job: MakeJob
) -> None:
    async with working(store, driver, make_ledger=BuggyLedger) as engine:
        job = await submit(store, engine, make_job("hostname r1", config=True))
        found = await ended(store, engine, job)
    assert (found.state, found.needs_review) == (JobState.FAILED, True)
    assert found.outcome.failure is not None
    assert found.outcome.failure.message.startswith("the service failed on this job with OverflowError")


async def test_a_device_is_taken_until_its_conversation_is_over_whatever_the_store_says(
    store: SqlStore, driver: ScriptedDriver, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job over its limit, in a store that refuses its end: the next job for the device still waits its turn."""
    monkeypatch.setattr(worker_module, "_LEDGER_PAUSE", 0.01)
    async with working(store, driver, make_ledger=UnwellLedger) as engine:
        stuck = await submit(store, engine, make_job("hold", job_timeout=0.1))
        following = await submit(store, engine, make_job("show clock"))
        assert (await ended(store, engine, stuck)).state is JobState.FAILED
        assert driver.sent == ["hold"]
        driver.release()
        assert (await ended(store, engine, following)).state is JobState.FINISHED
    assert driver.overlaps == []


async def test_no_more_conversations_than_threads(store: SqlStore, driver: ScriptedDriver, make_job: MakeJob) -> None:
    async with working(store, driver, threads=2) as engine:
        jobs = [await submit(store, engine, make_job("hold", host=f"192.0.2.{n}")) for n in range(5)]
        await asyncio.to_thread(driver.held.wait, 2.0)
        await asyncio.sleep(0.05)
        assert len(driver.conversations) == 2
        driver.release()
        states = {(await ended(store, engine, job)).state for job in jobs}
    assert states == {JobState.FINISHED}


async def test_a_job_cancelled_in_the_store_is_dropped(
    store: SqlStore, driver: ScriptedDriver, make_job: MakeJob
) -> None:
    """A cancel that overtook the delivery."""
    job = with_login(make_job("reload"))
    await store.jobs.add(job)
    await store.jobs.move(Move(job.id, JobState.CANCELED, job.created_at))
    async with working(store, driver) as engine:
        await engine.publish([job])
        await asyncio.sleep(0.1)
        assert await counted(engine) == (0, 0)
    assert driver.conversations == []


@pytest.mark.parametrize(
    ("line", "state", "sent"),
    [("show version", JobState.FINISHED, ["show version"]), ("reload", JobState.FAILED, [])],
    ids=["reading", "changing"],
)
async def test_a_redelivered_job_is_judged_before_it_runs_again(
    store: SqlStore, driver: ScriptedDriver, make_job: MakeJob, line: str, state: JobState, sent: list[str]
) -> None:
    """The engine delivers at least once; it is the store that knows whether the first delivery had begun."""
    job = with_login(make_job(line))
    await store.jobs.add(job)
    await store.jobs.move(Move(job.id, JobState.STARTED, job.created_at, lease=Lease("gone", job.created_at)))
    engine = EmbeddedEngine()
    worker = Worker(engine.claimer("me", ["default"]), StoreLedger(store, engine), driver, VAULT, WorkerSettings(1))
    await worker._process(Delivery(job, attempt=2))
    found = await store.jobs.get(job.id)
    await engine.close()
    assert found is not None
    assert (found.state, driver.sent) == (state, sent)


async def test_recovery_settles_lost_jobs_and_queues_waiting_ones(store: SqlStore, make_job: MakeJob) -> None:
    reading, changing, waiting = make_job("show version"), make_job("reload"), make_job("reload")
    for job in (reading, changing, waiting):
        await store.jobs.add(job)
    for job in (reading, changing):
        await store.jobs.move(Move(job.id, JobState.STARTED, job.created_at, lease=Lease("gone", job.created_at)))
    engine = EmbeddedEngine()
    await recover(store, engine, StoreLedger(store, engine), alive=["me"])
    states = [found.state for job in (reading, changing, waiting) if (found := await store.jobs.get(job.id))]
    assert states == [JobState.QUEUED, JobState.FAILED, JobState.QUEUED]
    assert await counted(engine) == (2, 0)
    await engine.close()


class Listener:
    """Notes who was told to have ended, and fails on the way."""

    def __init__(self) -> None:
        self.heard: list[JobState] = []

    async def ended(self, job: Job) -> None:
        self.heard.append(job.state)
        raise OverflowError


async def test_observers_hear_of_every_end_and_cannot_undo_it(
    store: SqlStore, driver: ScriptedDriver, make_job: MakeJob
) -> None:
    listeners = (Listener(), Listener())
    async with working(
        store, driver, make_ledger=lambda store, engine: StoreLedger(store, engine, observers=listeners)
    ) as engine:
        job = await submit(store, engine, make_job())
        assert (await ended(store, engine, job)).state is JobState.FINISHED
    assert [listener.heard for listener in listeners] == [[JobState.FINISHED]] * 2


async def test_a_device_that_is_left_alone_ends_the_job_without_being_asked(
    store: SqlStore, driver: ScriptedDriver, make_job: MakeJob
) -> None:
    """What the circuit breaker does."""
    failure = Failure(ErrorCode.CIRCUIT_OPEN, "192.0.2.1:22 failed five times")
    async with working(
        store, driver, make_ledger=lambda store, engine: StoreLedger(store, engine, gate=lambda _: failure)
    ) as engine:
        job = await submit(store, engine, make_job())
        found = await ended(store, engine, job)
    assert (found.state, found.outcome.failure) == (JobState.FINISHED, failure)
    assert driver.conversations == []


async def test_a_second_report_of_an_end_changes_nothing(store: SqlStore, make_job: MakeJob) -> None:
    job, engine, listener = make_job(), EmbeddedEngine(), Listener()
    ledger = StoreLedger(store, engine, observers=[listener])
    await store.jobs.add(job)
    await ledger.start(Delivery(job, attempt=1), "me", 30.0)
    await ledger.end(job, Ending(JobState.FINISHED))
    await ledger.end(job, Ending(JobState.FAILED))
    found = await store.jobs.get(job.id)
    await engine.close()
    assert found is not None
    assert (found.state, listener.heard) == (JobState.FINISHED, [JobState.FINISHED])
