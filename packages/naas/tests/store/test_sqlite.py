"""What is special about the SQLite store: one opener, private files, durable before it answers."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from naas.errors import StartError, StoreUnavailable
from naas.jobs import Job
from naas.store.sqlite import SqliteStore

MakeJob = Callable[..., Job]


async def test_jobs_outlive_the_store(tmp_path: Path, make_job: MakeJob) -> None:
    job = make_job()
    store = SqliteStore(tmp_path / "naas.db")
    await store.add(job)
    store.close()
    again = SqliteStore(tmp_path / "naas.db")
    assert [found.id for found in await again.queued()] == [job.id]
    again.close()


async def test_an_answered_write_can_be_read_by_another_process(tmp_path: Path, make_job: MakeJob) -> None:
    """The receipt comes after the commit, not before."""
    store = SqliteStore(tmp_path / "naas.db")
    await asyncio.gather(*(store.add(make_job()) for _ in range(50)))
    with sqlite3.connect(tmp_path / "naas.db") as other:
        assert other.execute("SELECT count(*) FROM jobs").fetchone() == (50,)
    other.close()
    store.close()


async def test_a_database_has_one_opener(tmp_path: Path) -> None:
    """Otherwise the second would take the first one's running jobs for lost."""
    store = SqliteStore(tmp_path / "naas.db")
    with pytest.raises(StartError, match=r"naas\.db is in use by another naas-server; stop that one"):
        SqliteStore(tmp_path / "naas.db")
    store.close()
    SqliteStore(tmp_path / "naas.db").close()


async def test_a_link_to_the_database_leads_to_the_same_lock(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "naas.db")
    store = SqliteStore(tmp_path / "naas.db")
    with pytest.raises(StartError, match="in use by another naas-server"):
        SqliteStore(tmp_path / "link.db")
    store.close()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "naas.db").write_text("something else entirely, longer than a header of SQLite would be" * 4)
    with pytest.raises(StartError, match="file is not a database; name another file with --database"):
        SqliteStore(tmp_path / "naas.db")


async def test_a_folder_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="No such file or directory; name another file"):
        SqliteStore(tmp_path / "missing" / "naas.db")


async def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "naas.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(StartError, match=r"written by a newer naas \(schema 99"):
        SqliteStore(tmp_path / "naas.db")


async def test_the_database_is_private(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "naas.db")
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
    store.close()


async def test_a_broken_database_is_a_typed_error_for_every_waiter(tmp_path: Path, make_job: MakeJob) -> None:
    """And the writer goes on, so that the service recovers when the database does."""
    store = SqliteStore(tmp_path / "naas.db")
    with sqlite3.connect(tmp_path / "naas.db") as other:
        other.execute("ALTER TABLE jobs RENAME TO hidden")
    results = await asyncio.gather(store.add(make_job()), store.add(make_job()), return_exceptions=True)
    assert [type(result) for result in results] == [StoreUnavailable, StoreUnavailable]
    with sqlite3.connect(tmp_path / "naas.db") as other:
        other.execute("ALTER TABLE hidden RENAME TO jobs")
    other.close()
    assert (await store.add(make_job())).reused is False
    store.close()


async def test_a_full_disk_is_told_and_got_over(tmp_path: Path, make_job: MakeJob) -> None:
    """Everybody who waits hears of it, nothing is kept in part, and the next write tries again."""
    store = SqliteStore(tmp_path / "naas.db")
    await store.add(make_job())
    connection = store._writer._connection
    assert connection is not None
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    results = await asyncio.gather(*(store.add(make_job("x" * 9000)) for _ in range(20)), return_exceptions=True)
    assert {type(result) for result in results} == {StoreUnavailable}
    assert "database or disk is full" in str(results[0])
    assert store.is_well is False
    connection.execute("PRAGMA max_page_count = 1000000")
    assert (await store.add(make_job())).reused is False
    assert store.is_well is True
    assert len(await store.queued()) == 2
    store.close()


async def test_a_locked_database_is_told_after_a_moment(
    tmp_path: Path, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup tool, or a person with a shell; reads go on meanwhile."""
    monkeypatch.setattr("naas.store.sqlite.BUSY_SECONDS", 0.05)
    store = SqliteStore(tmp_path / "naas.db")
    other = sqlite3.connect(tmp_path / "naas.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="database is locked"):
        await store.add(make_job())
    assert await store.get("x") is None
    other.execute("ROLLBACK")
    other.close()
    await store.add(make_job())
    store.close()


async def test_a_write_that_cannot_be_fails_alone(tmp_path: Path, make_job: MakeJob) -> None:
    """SQLite refuses integers beyond 64 bits, for example; the others of the commit must not suffer."""
    store = SqliteStore(tmp_path / "naas.db")
    good = [make_job() for _ in range(5)]
    bad = make_job(context=2**70)
    results = await asyncio.gather(*(store.add(job) for job in (*good, bad)), return_exceptions=True)
    assert isinstance(results[-1], OverflowError)
    assert {job.id for job in await store.queued()} == {job.id for job in good}
    assert store.is_well
    store.close()


async def test_a_broken_connection_is_replaced(tmp_path: Path, make_job: MakeJob) -> None:
    store = SqliteStore(tmp_path / "naas.db")
    connection = store._writer._connection
    assert connection is not None
    connection.close()
    with pytest.raises(StoreUnavailable):
        await store.add(make_job())
    assert (await store.add(make_job())).reused is False
    store.close()
