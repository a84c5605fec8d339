"""Backup and restore of a real store: whole, private, never destroying anything."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from naas.config import Settings
from naas.errors import StartError
from naas.jobs import CommandWork, Device, Job, JobState
from naas.maintenance import Form, Rotation, back_up, form_of, restore, rotate_keys, upgrade
from naas.store import migrations
from naas.store.sql import SqlStore
from naas.store.sql.sqlite import SqliteDatabase
from naas.vault import Login, Vault

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A database with one job in it, and its key file."""
    settings = Settings(database=tmp_path / "naas.db")
    write_jobs(settings.database, "one")
    settings.key_file.write_text("OLD\n")
    return settings


def write_jobs(database: Path, *ids: str) -> None:
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS jobs (id TEXT)")
        connection.execute("CREATE TABLE IF NOT EXISTS idempotency (key TEXT)")  # by which it is known as a store
        connection.executemany("INSERT INTO jobs VALUES (?)", [(name,) for name in ids])


def jobs_in(database: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM jobs ORDER BY id")]


def test_a_backup_is_one_private_file_and_comes_back(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    made = back_up(settings, target, now=NOW)
    assert (made.jobs, made.made_at, made.has_key) == (1, "2026-11-21T12:00:00+00:00", False)
    assert target.stat().st_mode & 0o777 == 0o600
    settings.database.unlink()
    settings.database.with_name("naas.db-wal").write_bytes(b"a log that its database left behind")
    restored = restore(settings, target)
    assert (restored.backup, restored.kept, restored.key_was_added) == (made, None, False)
    assert jobs_in(settings.database) == ["one"]
    assert settings.database.stat().st_mode & 0o777 == 0o600
    left = {file.name for file in tmp_path.iterdir()}
    assert left == {"naas.db", "naas.db.key", "naas.db.lock", "backup.db"}


def test_a_backup_is_made_while_others_write(settings: Settings, tmp_path: Path) -> None:
    """What is committed is in it, also what only the log of the database holds; what is not committed is not."""
    writer = sqlite3.connect(settings.database, isolation_level=None)
    writer.execute("INSERT INTO jobs VALUES ('in the log')")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO jobs VALUES ('not yet')")
    assert back_up(settings, tmp_path / "backup.db").jobs == 2
    writer.execute("COMMIT")
    writer.close()
    assert jobs_in(tmp_path / "backup.db") == ["in the log", "one"]


def test_a_restore_keeps_what_was_there(settings: Settings, tmp_path: Path) -> None:
    back_up(settings, tmp_path / "backup.db")
    write_jobs(settings.database, "two")
    with pytest.raises(StartError, match="exists; give --force to move it away"):
        restore(settings, tmp_path / "backup.db")
    restored = restore(settings, tmp_path / "backup.db", force=True, now=NOW)
    assert restored.kept == tmp_path / "naas.db.before-restore-20261121T120000Z"
    assert jobs_in(restored.kept) == ["one", "two"]
    assert jobs_in(settings.database) == ["one"]


def test_a_damaged_database_can_be_replaced(settings: Settings, tmp_path: Path) -> None:
    back_up(settings, tmp_path / "backup.db")
    settings.database.write_bytes(b"damaged beyond repair" * 1000)
    restored = restore(settings, tmp_path / "backup.db", force=True)
    assert jobs_in(settings.database) == ["one"]
    assert restored.kept is not None
    assert restored.kept.read_bytes().startswith(b"damaged")


def test_what_the_log_of_the_old_database_holds_does_not_reach_the_restored_one(
    settings: Settings, tmp_path: Path
) -> None:
    back_up(settings, tmp_path / "backup.db")
    crashed = sqlite3.connect(settings.database, isolation_level=None)
    crashed.execute("INSERT INTO jobs VALUES ('later')")
    kept = restore(settings, tmp_path / "backup.db", force=True).kept
    crashed.close()
    assert jobs_in(settings.database) == ["one"]
    assert kept is not None
    assert jobs_in(kept) == ["later", "one"]


def test_a_database_in_use_is_not_replaced(settings: Settings, tmp_path: Path) -> None:
    back_up(settings, tmp_path / "backup.db")
    service = SqliteDatabase(settings.database)
    try:
        with pytest.raises(StartError, match="is in use by another naas-server"):
            restore(settings, tmp_path / "backup.db", force=True)
        assert back_up(settings, tmp_path / "second.db").jobs == 1
    finally:
        service.close()


def test_the_key_travels_only_if_asked_and_is_put_behind_a_newer_one(settings: Settings, tmp_path: Path) -> None:
    assert b"OLD" not in (back_up(settings, tmp_path / "bare.db") and (tmp_path / "bare.db").read_bytes())
    back_up(settings, tmp_path / "backup.db", with_key=True)
    settings.key_file.write_text("NEW\n")
    assert restore(settings, tmp_path / "backup.db", force=True).key_was_added
    assert settings.key_file.read_text() == "NEW\nOLD\n"
    assert settings.key_file.stat().st_mode & 0o777 == 0o600
    assert not restore(settings, tmp_path / "backup.db", force=True, now=NOW).key_was_added
    assert b"OLD" not in settings.database.read_bytes()


def test_a_damaged_backup_is_refused_before_anything_changes(settings: Settings, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    write_jobs(settings.database, *(f"job {number:05}" for number in range(5000)))
    back_up(settings, backup)
    content = bytearray(backup.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    backup.write_bytes(content)
    before = settings.database.read_bytes()
    with pytest.raises(StartError, match=r"is damaged|is not a backup"):
        restore(settings, backup, force=True)
    assert settings.database.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no database", None], ids=["empty", "text", "absent"])
def test_what_is_no_backup_is_told(content: bytes | None, settings: Settings, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "x.db").write_bytes(content)
    with pytest.raises(StartError, match=r"is not a backup made by naas-server|there is no file"):
        restore(settings, tmp_path / "x.db", force=True)
    with pytest.raises(StartError, match="is not a backup made by naas-server"):
        restore(settings, settings.database, force=True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"database_url": "postgresql://db/naas"}, "pg_dump"),
        ({"database": Path("/nowhere/naas.db")}, "there is no database /nowhere/naas.db"),
    ],
)
def test_what_cannot_be_backed_up_is_told(given: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(StartError, match=message):
        back_up(Settings(**given), tmp_path / "backup.db")  # type: ignore[arg-type]


def test_a_backup_overwrites_nothing_and_leaves_nothing_behind(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(StartError, match="exists, and a backup overwrites nothing"):
        back_up(settings, settings.key_file)
    with pytest.raises(StartError, match=r"cannot write /nowhere/backup.db: No such file or directory"):
        back_up(settings, Path("/nowhere/backup.db"))
    broken = Settings(database=tmp_path / "broken.db")
    broken.database.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    with pytest.raises(StartError, match=r"cannot back up .*broken.db: file is not a database"):
        back_up(broken, tmp_path / "backup.db")
    assert not list(tmp_path.glob("backup.db*"))


# The form of the store, and its keys: with a real store in it.

OLD, NEW = b"o" * 32, b"n" * 32


def key_text(*keys: bytes) -> str:
    return ",".join(base64.urlsafe_b64encode(key).decode() for key in keys)


async def store_a_job(settings: Settings, vault: Vault) -> Job:
    """Put a waiting job with a sealed login into the store."""
    job_id = "5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11"
    sealed = vault.seal(job_id, Login("ann", "hunter2"))
    device, work = Device("192.0.2.1", 22, "cisco_ios"), CommandWork(("show version",))
    job = Job(job_id, "ann", device, work, NOW, sealed_login=sealed)
    store = SqlStore.open(settings.store_url, audit_key=vault.audit_key())
    await store.jobs.add(job)
    store.close()
    return job


async def waiting_job(settings: Settings, vault: Vault) -> Job:
    store = SqlStore.open(settings.store_url, audit_key=vault.audit_key())
    (found,) = await store.jobs.queued()
    store.close()
    return found


def test_after_a_change_of_keys_the_new_one_opens_everything(tmp_path: Path) -> None:
    settings = Settings(database=tmp_path / "naas.db", encryption_key=key_text(NEW, OLD))
    job = asyncio.run(store_a_job(settings, Vault(OLD)))
    assert rotate_keys(settings) == Rotation(changed=1, unreadable=0)
    assert rotate_keys(settings) == Rotation(changed=0, unreadable=0)
    resealed = asyncio.run(waiting_job(settings, Vault(OLD))).sealed_login
    assert resealed is not None
    assert Vault(NEW).open(job.id, resealed) == Login("ann", "hunter2")


def test_what_no_key_opens_is_left_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(database=tmp_path / "naas.db", encryption_key=key_text(NEW))
    job = asyncio.run(store_a_job(settings, Vault(OLD)))
    assert rotate_keys(settings) == Rotation(changed=0, unreadable=1)
    assert asyncio.run(waiting_job(settings, Vault(OLD))).sealed_login == job.sealed_login
    assert f"no key opens the login {job.id}" in caplog.text


def test_a_store_in_use_or_absent_keeps_its_keys(tmp_path: Path) -> None:
    settings = Settings(database=tmp_path / "naas.db", encryption_key=key_text(NEW))
    with pytest.raises(StartError, match="there is no database"):
        rotate_keys(settings)
    service = SqliteDatabase(settings.database)
    try:
        with pytest.raises(StartError, match="is in use by another naas-server"):
            rotate_keys(settings)
    finally:
        service.close()
    with pytest.raises(StartError, match=r"is not URL-safe base64|holds 3 bytes"):
        rotate_keys(replace(settings, encryption_key="YWJj"))


def test_a_store_is_brought_to_the_form_of_this_version(tmp_path: Path) -> None:
    settings = Settings(database=tmp_path / "naas.db")
    assert form_of(settings) == Form(None, migrations.head())
    assert not form_of(settings).is_current
    upgrade(settings)
    assert form_of(settings).is_current


async def test_a_real_store_survives_backup_and_restore(tmp_path: Path) -> None:
    settings = Settings(database=tmp_path / "naas.db", encryption_key=key_text(OLD))
    job = await store_a_job(settings, Vault(OLD))
    assert back_up(settings, tmp_path / "backup.db").jobs == 1
    elsewhere = replace(settings, database=tmp_path / "other" / "naas.db")
    elsewhere.database.parent.mkdir()
    restore(elsewhere, tmp_path / "backup.db")
    assert await waiting_job(elsewhere, Vault(OLD)) == job
    assert form_of(elsewhere).is_current


async def test_a_change_that_waited_in_the_backup_is_not_sent_again(
    tmp_path: Path, make_job: Callable[..., Job]
) -> None:
    """It has most likely run since the backup was made."""
    settings = Settings(database=tmp_path / "naas.db")
    change, look = make_job("hostname r1", config=True), make_job()
    later = replace(make_job("reload"), state=JobState.DEFERRED, batch_id="batch-1")
    store = SqlStore.open(settings.database)
    await store.jobs.add_all([change, look, later])
    store.close()
    back_up(settings, tmp_path / "backup.db")
    assert restore(settings, tmp_path / "backup.db", force=True).given_up == 2
    store = SqlStore.open(settings.database)
    assert [job.id for job in await store.jobs.queued()] == [look.id]
    for job in (change, later):
        found = await store.jobs.get(job.id)
        assert found is not None
        assert (found.state, found.needs_review, found.sealed_login) == (JobState.FAILED, True, None)
        assert found.outcome.failure is not None
        assert "it may have run since: look at the device" in found.outcome.failure.message
    counts = await store.jobs.counts()
    assert [counts.of(state) for state in (JobState.QUEUED, JobState.DEFERRED, JobState.FAILED)] == [1, 0, 2]
    store.close()


async def test_a_backup_of_a_newer_version_is_refused_before_anything_changes(tmp_path: Path) -> None:
    settings = Settings(database=tmp_path / "naas.db", encryption_key=key_text(OLD))
    await store_a_job(settings, Vault(OLD))
    back_up(settings, tmp_path / "backup.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "backup.db")) as backup, backup:
        backup.execute("UPDATE alembic_version SET version_num = '9999'")
    before = settings.database.read_bytes()
    with pytest.raises(StartError, match=r"newer form 9999 \(this version knows \d+\); restore it with that version"):
        restore(settings, tmp_path / "backup.db", force=True)
    assert settings.database.read_bytes() == before
