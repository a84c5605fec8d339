"""What is special about the SQLite store: one opener, private files, durable before it answers."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from naas.errors import StartError, StoreUnavailable
from naas.jobs import Job
from naas.store.sql import SqlStore

MakeJob = Callable[..., Job]


async def test_jobs_outlive_the_store(tmp_path: Path, make_job: MakeJob) -> None:
    job = make_job()
    store = SqlStore.open(tmp_path / "naas.db")
    await store.jobs.add(job)
    store.close()
    again = SqlStore.open(tmp_path / "naas.db")
    assert [found.id for found in await again.jobs.queued()] == [job.id]
    again.close()


async def test_an_answered_write_can_be_read_by_another_process(tmp_path: Path, make_job: MakeJob) -> None:
    """The receipt comes after the commit, not before."""
    store = SqlStore.open(tmp_path / "naas.db")
    await asyncio.gather(*(store.jobs.add(make_job()) for _ in range(50)))
    with sqlite3.connect(tmp_path / "naas.db") as other:
        assert other.execute("SELECT count(*) FROM jobs").fetchone() == (50,)
    other.close()
    store.close()


async def test_a_database_has_one_opener(tmp_path: Path) -> None:
    """Otherwise the second would take the first one's running jobs for lost."""
    store = SqlStore.open(tmp_path / "naas.db")
    with pytest.raises(StartError, match=r"naas\.db is in use by another naas-server; stop that one"):
        SqlStore.open(tmp_path / "naas.db")
    store.close()
    SqlStore.open(tmp_path / "naas.db").close()


async def test_a_link_to_the_database_leads_to_the_same_lock(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "naas.db")
    store = SqlStore.open(tmp_path / "naas.db")
    with pytest.raises(StartError, match="in use by another naas-server"):
        SqlStore.open(tmp_path / "link.db")
    store.close()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "naas.db").write_text("something else entirely, longer than a header of SQLite would be" * 4)
    with pytest.raises(StartError, match="file is not a database; name another file with --database"):
        SqlStore.open(tmp_path / "naas.db")


async def test_a_folder_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="No such file or directory; name another file"):
        SqlStore.open(tmp_path / "missing" / "naas.db")


async def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "naas.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(StartError, match=r"written by a newer naas \(schema 99"):
        SqlStore.open(tmp_path / "naas.db")


async def test_the_database_is_private(tmp_path: Path) -> None:
    store = SqlStore.open(tmp_path / "naas.db")
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
    store.close()


async def test_a_broken_database_is_a_typed_error_for_every_waiter(tmp_path: Path, make_job: MakeJob) -> None:
    """And the writer goes on, so that the service recovers when the database does."""
    store = SqlStore.open(tmp_path / "naas.db")
    with sqlite3.connect(tmp_path / "naas.db") as other:
        other.execute("ALTER TABLE jobs RENAME TO hidden")
    results = await asyncio.gather(store.jobs.add(make_job()), store.jobs.add(make_job()), return_exceptions=True)
    assert [type(result) for result in results] == [StoreUnavailable, StoreUnavailable]
    with sqlite3.connect(tmp_path / "naas.db") as other:
        other.execute("ALTER TABLE hidden RENAME TO jobs")
    other.close()
    assert (await store.jobs.add(make_job())).reused is False
    store.close()


async def test_a_full_disk_is_told_and_got_over(tmp_path: Path, make_job: MakeJob) -> None:
    """Everybody who waits hears of it, nothing is kept in part, and the next write tries again."""
    store = SqlStore.open(tmp_path / "naas.db")
    await store.jobs.add(make_job())
    connection = cast("sqlite3.Connection", store._writer._connection)
    assert connection is not None
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    results = await asyncio.gather(*(store.jobs.add(make_job("x" * 9000)) for _ in range(20)), return_exceptions=True)
    assert {type(result) for result in results} == {StoreUnavailable}
    assert "database or disk is full" in str(results[0])
    assert store.is_well is False
    connection.execute("PRAGMA max_page_count = 1000000")
    assert (await store.jobs.add(make_job())).reused is False
    assert store.is_well is True
    assert len(await store.jobs.queued()) == 2
    store.close()


async def test_a_locked_database_is_told_after_a_moment(
    tmp_path: Path, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup tool, or a person with a shell; reads go on meanwhile."""
    monkeypatch.setattr("naas.store.sql.sqlite.BUSY_SECONDS", 0.05)
    store = SqlStore.open(tmp_path / "naas.db")
    other = sqlite3.connect(tmp_path / "naas.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="database is locked"):
        await store.jobs.add(make_job())
    assert await store.jobs.get("x") is None
    other.execute("ROLLBACK")
    other.close()
    await store.jobs.add(make_job())
    store.close()


async def test_a_write_that_cannot_be_fails_alone(tmp_path: Path, make_job: MakeJob) -> None:
    """SQLite refuses integers beyond 64 bits, for example; the others of the commit must not suffer."""
    store = SqlStore.open(tmp_path / "naas.db")
    good = [make_job() for _ in range(5)]
    bad = make_job(context=2**70)
    results = await asyncio.gather(*(store.jobs.add(job) for job in (*good, bad)), return_exceptions=True)
    assert isinstance(results[-1], OverflowError)
    assert {job.id for job in await store.jobs.queued()} == {job.id for job in good}
    assert store.is_well
    store.close()


async def test_a_broken_connection_is_replaced(tmp_path: Path, make_job: MakeJob) -> None:
    store = SqlStore.open(tmp_path / "naas.db")
    connection = cast("sqlite3.Connection", store._writer._connection)
    assert connection is not None
    connection.close()
    with pytest.raises(StoreUnavailable):
        await store.jobs.add(make_job())
    assert (await store.jobs.add(make_job())).reused is False
    store.close()


async def test_a_url_names_the_same_file_as_a_path(tmp_path: Path, make_job: MakeJob) -> None:
    job = make_job()
    store = SqlStore.open(f"sqlite:///{tmp_path}/naas.db")
    await store.jobs.add(job)
    store.close()
    again = SqlStore.open(tmp_path / "naas.db")
    assert await again.jobs.get(job.id) is not None
    again.close()


async def test_commits_can_be_watched(tmp_path: Path, make_job: MakeJob) -> None:
    """For metrics: how long each took, and how many writes shared it."""
    seen: list[tuple[float, int]] = []
    store = SqlStore.open(tmp_path / "naas.db")
    store.watch_commits(lambda seconds, writes: seen.append((seconds, writes)))
    await asyncio.gather(*(store.jobs.add(make_job()) for _ in range(20)))
    store.close()
    assert sum(writes for _, writes in seen) == 20
    assert all(seconds > 0 for seconds, _ in seen)


async def test_a_new_database_is_made_without_alembic(tmp_path: Path) -> None:
    """It is for upgrades; a first start should not pay for it."""
    script = (
        "import asyncio, sys\n"
        "from naas.store.sql import SqlStore\n"
        "async def main():\n"
        "    SqlStore.open(sys.argv[1]).close()\n"
        "asyncio.run(main())\n"
        "print(sorted(name for name in sys.modules if name in ('alembic', 'psycopg', 'sqlalchemy.orm')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "naas.db")], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
