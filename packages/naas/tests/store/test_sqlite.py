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
