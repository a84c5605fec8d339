"""What is special about the PostgreSQL store: several services share it, and its server may go away and come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from naas.errors import IllegalMove, StartError, StoreUnavailable
from naas.jobs import Job, JobState
from naas.store import migrations
from naas.store.base import AuditEvent, AuditQuery, Deadlines, Idempotency, JobQuery, Lease, Move, Reuse
from naas.store.sql import SqlStore

MakeJob = Callable[..., Job]

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def stores(postgres_url: str) -> AsyncIterator[list[SqlStore]]:
    """Three services on one database."""
    opened = [SqlStore.open(postgres_url, audit_key=b"key") for _ in range(3)]
    yield opened
    for store in opened:
        store.close()


async def test_what_one_service_writes_the_others_read(stores: list[SqlStore], make_job: MakeJob) -> None:
    first, second, _ = stores
    job = make_job()
    await first.jobs.add(job)
    await second.jobs.move(Move(job.id, JobState.CANCELED, NOW))
    read = await first.jobs.get(job.id)
    assert read is not None
    assert read.state is JobState.CANCELED


async def test_of_movers_in_several_services_one_wins(stores: list[SqlStore], make_job: MakeJob) -> None:
    jobs = [make_job() for _ in range(30)]
    await stores[0].jobs.add_all(jobs)
    starts = [
        store.jobs.move(Move(job.id, JobState.STARTED, NOW, lease=Lease(f"w{number}", LATER)))
        for job in jobs
        for number, store in enumerate(stores)
    ]
    outcomes = await asyncio.gather(*starts, return_exceptions=True)
    assert sum(isinstance(outcome, Job) for outcome in outcomes) == len(jobs)
    assert sum(isinstance(outcome, IllegalMove) for outcome in outcomes) == 2 * len(jobs)
    counts = await stores[1].jobs.counts()
    assert (counts.of(JobState.QUEUED), counts.of(JobState.STARTED)) == (0, 30)


async def test_moves_in_opposite_orders_all_happen(stores: list[SqlStore], make_job: MakeJob) -> None:
    """Each transaction may hold what the other wants; the loser of a deadlock is run again."""
    jobs = [make_job() for _ in range(40)]
    await stores[0].jobs.add_all(jobs)
    starts = [Move(job.id, JobState.STARTED, NOW, lease=Lease("w1", LATER)) for job in jobs]
    there, back = await asyncio.gather(stores[0].jobs.move_all(starts), stores[1].jobs.move_all(starts[::-1]))
    assert {job.id for job in (*there, *back)} == {job.id for job in jobs}
    assert len(there) + len(back) == len(jobs)


async def test_one_key_over_several_services_makes_one_job(stores: list[SqlStore], make_job: MakeJob) -> None:
    key = Idempotency("k", "f", LATER)
    adds = [store.jobs.add(make_job(created_at=NOW), key) for _ in range(10) for store in stores]
    receipts = await asyncio.gather(*adds)
    assert len({receipt.job_id for receipt in receipts}) == 1
    assert (await stores[0].jobs.counts()).of(JobState.QUEUED) == 1


async def test_equal_jobs_over_several_services_are_joined(stores: list[SqlStore], make_job: MakeJob) -> None:
    adds = [
        store.jobs.add(make_job(reuse_key="same"), None, Reuse(waiting=True)) for _ in range(10) for store in stores
    ]
    receipts = await asyncio.gather(*adds)
    assert len({receipt.job_id for receipt in receipts}) == 1
    assert sum(receipt.is_new for receipt in receipts) == 1


async def test_the_audit_trail_of_several_services_is_one(stores: list[SqlStore]) -> None:
    events = [AuditEvent("x", NOW, fields={"n": number}) for number in range(20)]
    await asyncio.gather(*(store.audit.append(event) for event in events for store in stores))
    lines = await stores[0].audit.page(AuditQuery(oldest_first=True))
    assert [line.sequence for line in lines] == list(range(1, 61))
    assert await stores[1].audit.verify() is None


async def test_counts_of_services_that_are_gone_are_taken_over(
    postgres_url: str, stores: list[SqlStore], make_job: MakeJob
) -> None:
    for store in stores:
        await store.jobs.add(make_job())
    await stores[0].jobs.purge(Deadlines(succeeded_before=NOW, failed_before=NOW, now=NOW))
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT owner, state, jobs FROM job_counts").fetchall() == [("ann", "queued", 3)]
    assert (await stores[1].jobs.page(JobQuery("ann"))).total == 3


async def test_a_lock_of_somebody_else_is_told_after_a_moment(
    postgres_url: str, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naas.store.sql.postgresql._WAIT_FOR_LOCKS", b"SET lock_timeout = '50ms'")
    store = SqlStore.open(postgres_url)
    with psycopg.connect(postgres_url) as other:
        other.execute("LOCK TABLE jobs IN EXCLUSIVE MODE")
        with pytest.raises(StoreUnavailable, match="nothing was written: canceling statement due to lock timeout"):
            await store.jobs.add(make_job())
        assert await store.jobs.get("x") is None
    await store.jobs.add(make_job())
    assert store.is_well
    store.close()


async def test_a_restart_of_the_server_is_not_noticed(postgres: Any, stores: list[SqlStore], make_job: MakeJob) -> None:
    """Connections that died while nobody used them are replaced, for reading and for writing."""
    job = make_job()
    await stores[0].jobs.add(job)
    assert await stores[0].jobs.get(job.id) is not None
    postgres.stop()
    postgres.start()
    assert await stores[0].jobs.get(job.id) is not None
    await stores[0].jobs.add(make_job())
    assert (await stores[0].jobs.counts()).of(JobState.QUEUED) == 2


async def test_a_server_that_is_gone_is_told_and_got_over(
    postgres: Any, stores: list[SqlStore], make_job: MakeJob
) -> None:
    """What was answered before is there afterwards, even if the server stopped as in a power cut."""
    store = stores[0]
    jobs = [make_job() for _ in range(50)]
    await asyncio.gather(*(store.jobs.add(job) for job in jobs))
    postgres.stop("immediate")
    try:
        with pytest.raises(StoreUnavailable, match="nothing was written: connection is bad") as caught:
            await store.jobs.add(make_job())
        with pytest.raises(StoreUnavailable, match="cannot read"):
            await store.jobs.get("x")
        assert caught.value.retry_after > 0
        assert not store.is_well
    finally:
        postgres.start()
    assert len(await store.jobs.queued()) == 50
    await store.jobs.add(make_job())
    assert store.is_well


async def test_a_device_that_sends_a_null_byte_spoils_nothing(stores: list[SqlStore], make_job: MakeJob) -> None:
    """PostgreSQL keeps no NUL in a text; a write that it refuses fails alone."""
    good, bad = make_job(), make_job(owner="a\0b")
    outcomes = await asyncio.gather(*(stores[0].jobs.add(job) for job in (good, bad)), return_exceptions=True)
    assert isinstance(outcomes[1], psycopg.DataError)
    assert [job.id for job in await stores[0].jobs.queued()] == [good.id]


def test_services_that_start_at_once_make_the_tables_once(postgres: Any) -> None:
    postgres.run("CREATE DATABASE together")
    url = postgres.url("together")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(migrations.upgrade, [url] * 4))
    assert migrations.current(url) == migrations.head()


async def test_a_server_that_is_not_there_is_a_start_error_without_the_password() -> None:
    with pytest.raises(StartError, match=r"cannot use the database postgresql://ann@127\.0\.0\.1:1/naas: ") as caught:
        SqlStore.open("postgresql://ann:geheim@127.0.0.1:1/naas")
    assert "start the server, or correct the URL" in str(caught.value)
    assert "geheim" not in str(caught.value)


async def test_a_url_that_cannot_be_read_is_not_repeated() -> None:
    with pytest.raises(StartError, match="the database URL cannot be read; write it as postgresql://USER") as caught:
        SqlStore.open("postgresql://ann:geheim@%zz/naas?nonsense")
    assert "geheim" not in str(caught.value)


async def test_a_url_of_another_database_is_refused() -> None:
    with pytest.raises(StartError, match=r"no store can be opened on mysql://…; write sqlite:///PATH or postgresql://"):
        SqlStore.open("mysql://ann:geheim@host/naas")


async def test_of_services_that_run_their_jobs_themselves_one_has_the_database(postgres_url: str) -> None:
    """A second one would take the first one's running jobs for lost, and run them again at the same moment."""
    first = SqlStore.open(postgres_url, alone=True)
    with pytest.raises(StartError, match="in use by another naas-server that runs its jobs itself"):
        SqlStore.open(postgres_url, alone=True)
    SqlStore.open(postgres_url).close()
    first.close()
    SqlStore.open(postgres_url, alone=True).close()
