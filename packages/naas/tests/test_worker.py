"""The worker: what it does when a job takes too long, the store is unwell, or a secret cannot be read."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from naas import worker as worker_module
from naas.engine.base import Delivery
from naas.engine.embedded import EmbeddedEngine
from naas.errors import StoreUnavailable
from naas.jobs import CommandWork, Job, JobState
from naas.store.base import Lease, Move
from naas.store.sqlite import SqliteStore
from naas.testing import ScriptedDriver
from naas.vault import Login, Vault
from naas.worker import Worker, WorkerSettings, recover

MakeJob = Callable[..., Job]

VAULT = Vault(bytes(32))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "naas.db")
    yield opened
    opened.close()


@asynccontextmanager
async def working(store: Any, driver: ScriptedDriver, *, threads: int = 4) -> AsyncGenerator[EmbeddedEngine]:
    engine = EmbeddedEngine()
    worker = Worker(store, engine, driver, VAULT, WorkerSettings(threads))
    worker.start()
    yield engine
    driver.release()
    await worker.stop(2.0)
    engine.close()


async def ended(store: SqliteStore, engine: EmbeddedEngine, job: Job) -> Job:
    with engine.events(job.id) as events:
        found = await store.get(job.id)
        while found is None or not found.state.is_final:
            assert await events.next(5.0) is not None, f"{job.id} did not end"
            found = await store.get(job.id)
    return found


def with_login(job: Job) -> Job:
    return dataclasses.replace(job, sealed_login=VAULT.seal(job.id, Login("ann", "secret")))


async def submit(store: SqliteStore, engine: EmbeddedEngine, job: Job) -> Job:
    job = with_login(job)
    await store.add(job)
    engine.publish(job)
    return job


def short_for_held_jobs(work: CommandWork, **_: float) -> float:
    return 0.1 if "hold" in work.commands else 60.0


async def test_a_job_that_takes_too_long_is_given_up_and_told_to_stop(
    store: SqliteStore, driver: ScriptedDriver, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "time_limit", short_for_held_jobs)
    async with working(store, driver) as engine:
        job = await submit(store, engine, make_job("hold", "reload"))
        found = await ended(store, engine, job)
        assert engine.depth().claimed == 1, "the device stays taken until the conversation is over"
    assert (found.state, found.needs_review) == (JobState.FAILED, True)
    assert found.outcome.failure is not None
    assert "ran longer than its limit of 0.1 s" in found.outcome.failure.message
    assert driver.sent == ["hold"]


async def test_a_login_that_cannot_be_opened_fails_the_job_without_asking_the_device(
    store: SqliteStore, driver: ScriptedDriver, make_job: MakeJob
) -> None:
    async with working(store, driver) as engine:
        job = make_job(sealed_login=b"x" * 64)
        await store.add(job)
        engine.publish(job)
        found = await ended(store, engine, job)
    assert found.state is JobState.FAILED
    assert found.outcome.failure is not None
    assert "cannot be decrypted" in found.outcome.failure.message
    assert driver.conversations == []


class UnwellStore(SqliteStore):
    """Refuses the first writes of an ending."""

    refusals = 2

    def move(self, move: Move) -> Any:
        if move.to.is_final and self.refusals:
            self.refusals -= 1
            refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            refused.set_exception(StoreUnavailable("disk full"))
            return refused
        return super().move(move)


async def test_an_end_that_cannot_be_written_is_written_later_and_never_run_again(
    tmp_path: Path, driver: ScriptedDriver, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_STORE_PAUSE", 0.01)
    store = UnwellStore(tmp_path / "unwell.db")
    async with working(store, driver) as engine:
        job = await submit(store, engine, make_job("hostname r1", config=True))
        found = await ended(store, engine, job)
    store.close()
    assert found.state is JobState.FINISHED
    assert driver.sent == ["hostname r1"]


class BuggyStore(SqliteStore):
    """Fails on every ending that has results, as nobody foresaw."""

    def move(self, move: Move) -> Any:
        if move.outcome is not None and move.outcome.results is not None:
            raise OverflowError
        return super().move(move)


async def test_a_bug_of_ours_ends_the_job_instead_of_leaving_it_running(
    tmp_path: Path, driver: ScriptedDriver, make_job: MakeJob
) -> None:
    store = BuggyStore(tmp_path / "buggy.db")
    async with working(store, driver) as engine:
        job = await submit(store, engine, make_job("hostname r1", config=True))
        found = await ended(store, engine, job)
    store.close()
    assert (found.state, found.needs_review) == (JobState.FAILED, True)
    assert found.outcome.failure is not None
    assert found.outcome.failure.message.startswith("the service failed on this job with OverflowError")


async def test_a_device_is_taken_until_its_conversation_is_over_whatever_the_store_says(
    tmp_path: Path, driver: ScriptedDriver, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job over its limit, in a store that refuses its end: the next job for the device still waits its turn."""
    monkeypatch.setattr(worker_module, "_STORE_PAUSE", 0.01)
    monkeypatch.setattr(worker_module, "time_limit", short_for_held_jobs)
    store = UnwellStore(tmp_path / "unwell.db")
    async with working(store, driver) as engine:
        stuck = await submit(store, engine, make_job("hold"))
        following = await submit(store, engine, make_job("show clock"))
        assert (await ended(store, engine, stuck)).state is JobState.FAILED
        assert driver.sent == ["hold"]
        driver.release()
        assert (await ended(store, engine, following)).state is JobState.FINISHED
    store.close()
    assert driver.overlaps == []


async def test_no_more_conversations_than_threads(
    store: SqliteStore, driver: ScriptedDriver, make_job: MakeJob
) -> None:
    async with working(store, driver, threads=2) as engine:
        jobs = [await submit(store, engine, make_job("hold", host=f"192.0.2.{n}")) for n in range(5)]
        await asyncio.to_thread(driver.held.wait, 2.0)
        await asyncio.sleep(0.05)
        assert len(driver.conversations) == 2
        driver.release()
        states = {(await ended(store, engine, job)).state for job in jobs}
    assert states == {JobState.FINISHED}


async def test_a_job_cancelled_in_the_store_is_dropped(
    store: SqliteStore, driver: ScriptedDriver, make_job: MakeJob
) -> None:
    """A cancel that overtook the delivery."""
    job = with_login(make_job("reload"))
    await store.add(job)
    await store.move(Move(job.id, JobState.CANCELED, job.created_at))
    async with working(store, driver) as engine:
        engine.publish(job)
        await asyncio.sleep(0.1)
        assert (engine.depth().waiting, engine.depth().claimed) == (0, 0)
    assert driver.conversations == []


@pytest.mark.parametrize(
    ("line", "state", "sent"),
    [("show version", JobState.FINISHED, ["show version"]), ("reload", JobState.FAILED, [])],
    ids=["reading", "changing"],
)
async def test_a_redelivered_job_is_judged_before_it_runs_again(
    store: SqliteStore, driver: ScriptedDriver, make_job: MakeJob, line: str, state: JobState, sent: list[str]
) -> None:
    """The engine delivers at least once; it is the store that knows whether the first delivery had begun."""
    job = with_login(make_job(line))
    await store.add(job)
    await store.move(Move(job.id, JobState.STARTED, job.created_at, lease=Lease("gone", job.created_at)))
    engine = EmbeddedEngine()
    worker = Worker(store, engine, driver, VAULT, WorkerSettings(1))
    await worker._process(Delivery(job, attempt=2))
    found = await store.get(job.id)
    engine.close()
    assert found is not None
    assert (found.state, driver.sent) == (state, sent)


async def test_recovery_settles_lost_jobs_and_queues_waiting_ones(store: SqliteStore, make_job: MakeJob) -> None:
    reading, changing, waiting = make_job("show version"), make_job("reload"), make_job("reload")
    for job in (reading, changing, waiting):
        await store.add(job)
    for job in (reading, changing):
        await store.move(Move(job.id, JobState.STARTED, job.created_at, lease=Lease("gone", job.created_at)))
    engine = EmbeddedEngine()
    await recover(store, engine, alive=frozenset({"me"}))
    states = [found.state for job in (reading, changing, waiting) if (found := await store.get(job.id))]
    assert states == [JobState.QUEUED, JobState.FAILED, JobState.QUEUED]
    assert engine.depth().waiting == 2
    engine.close()
