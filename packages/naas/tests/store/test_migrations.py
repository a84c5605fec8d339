"""Databases of older versions are brought to the present form, and nothing of what they hold is lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import upgrade as alembic_upgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from naas.driver.base import ErrorCode
from naas.errors import StartError
from naas.jobs import CommandWork, ConfigWork, Device, Failure, JobState, Outcome
from naas.store import migrations
from naas.store.base import Idempotency, JobQuery
from naas.store.sql import SqlStore
from naas.store.sql.opening import opened
from naas.store.sql.schema import _alone, prepare
from naas.store.sql.tables import METADATA
from sqlalchemy import text

VERSIONS = Path(migrations.__file__).parent

# The store of NAAS 2.3.0, word for word.
FIRST_STORE = """
CREATE TABLE IF NOT EXISTS jobs (
    sequence          INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of arrival
    id                TEXT NOT NULL UNIQUE,
    owner             TEXT NOT NULL,
    state             TEXT NOT NULL,
    context           TEXT NOT NULL,
    work              BLOB NOT NULL,    -- JSON: device, work, timeouts
    tags              TEXT,             -- JSON object
    sealed_login      BLOB,             -- encrypted; NULL once the job has ended
    created_at        REAL NOT NULL,    -- seconds since 1970, UTC, as all times here
    started_at        REAL,
    ended_at          REAL,
    worker            TEXT,             -- the lease: who runs the job, and until when
    lease_until       REAL,
    cancel_requested  INTEGER NOT NULL DEFAULT 0,
    needs_review      INTEGER NOT NULL DEFAULT 0,
    results           BLOB,             -- JSON object
    error             TEXT,
    error_code        TEXT,
    detected_platform TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_owner ON jobs (owner, sequence);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, ended_at);
CREATE TABLE IF NOT EXISTS tags (
    owner    TEXT NOT NULL,
    tag      TEXT NOT NULL,             -- key:value, neither holds a second meaning for the colon
    sequence INTEGER NOT NULL REFERENCES jobs (sequence),
    PRIMARY KEY (owner, tag, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tags_by_job ON tags (sequence);
CREATE TABLE IF NOT EXISTS idempotency (
    key         TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    job_id      TEXT NOT NULL,
    expires_at  REAL NOT NULL
) STRICT, WITHOUT ROWID;
"""

# What it wrote: a job that waits, with tags, one that finished, and one that failed while it changed something.
ITS_ROWS = """
INSERT INTO jobs (id, owner, state, context, work, tags, sealed_login, created_at) VALUES
    ('waiting', 'ann', 'queued', 'default', CAST('{"device":{"host":"R1.lab","port":22,"platform":"cisco_ios"},
     "work":{"kind":"send-command","commands":["show version"],"expect_string":null},
     "read_timeout":30.0,"conn_timeout":10.0}' AS BLOB), '{"site": "lab"}', x'5ea1ed', 1790000000.25);
INSERT INTO tags VALUES ('ann', 'site:lab', 1);
INSERT INTO idempotency VALUES ('ann k1', 'f1', 'waiting', 1890000000.0);
INSERT INTO jobs (id, owner, state, context, work, created_at, started_at, ended_at, results, detected_platform) VALUES
    ('finished', 'ann', 'finished', 'default', CAST('{"device":{"host":"192.0.2.1","port":22,"platform":"autodetect"},
     "work":{"kind":"send-command","commands":["show version"],"expect_string":null},
     "read_timeout":5.0,"conn_timeout":2.0}' AS BLOB), 1790000001.0, 1790000002.0, 1790000003.0,
     CAST('{"show version":"v1"}' AS BLOB), 'cisco_ios');
INSERT INTO jobs (id, owner, state, context, work, created_at, ended_at, needs_review, error, error_code) VALUES
    ('failed', 'bob', 'failed', 'default', CAST('{"device":{"host":"2001:DB8::1","port":22,"platform":"cisco_ios"},
     "work":{"kind":"send-config","lines":["hostname r1"],"save_config":true,"commit":false},
     "read_timeout":30.0,"conn_timeout":10.0}' AS BLOB), 1790000004.0, 1790000005.0, 1, 'the worker stopped', 'UNKNOWN');
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    """The path or URL of a database that a test may spoil."""
    if request.param == "sqlite":
        yield tmp_path / "naas.db"
        return
    postgres = request.getfixturevalue("postgres")
    postgres.run("CREATE DATABASE spoilt TEMPLATE blank")
    yield postgres.url("spoilt")
    postgres.run("DROP DATABASE spoilt WITH (FORCE)")


@pytest.fixture
def old_database(tmp_path: Path) -> Path:
    """A database that NAAS 2.3.0 wrote."""
    path = tmp_path / "naas.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST_STORE + ITS_ROWS + "PRAGMA user_version = 1;")
    return path


async def test_an_old_database_opens_with_everything_in_it(
    old_database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "naas.store"):
        store = SqlStore.open(old_database)
    (waiting,) = await store.jobs.queued()
    finished, failed = await store.jobs.get("finished"), await store.jobs.get("failed")
    counts = await store.jobs.counts()
    tagged = await store.jobs.page(JobQuery("ann", tag=("site", "lab"), host="R1.lab"))
    known = await store.jobs.earlier(Idempotency("ann k1", "f1", datetime.now(UTC)), datetime.now(UTC))
    store.close()
    assert (waiting.id, waiting.owner, waiting.sealed_login) == ("waiting", "ann", b"\x5e\xa1\xed")
    assert (waiting.device, waiting.work) == (Device("R1.lab", 22, "cisco_ios"), CommandWork(("show version",)))
    assert (waiting.tags, waiting.created_at) == ({"site": "lab"}, datetime.fromtimestamp(1790000000.25, UTC))
    assert finished is not None
    assert (finished.outcome, finished.read_timeout) == (Outcome({"show version": "v1"}, "cisco_ios"), 5.0)
    assert failed is not None
    assert (failed.work, failed.needs_review) == (ConfigWork(("hostname r1",), save_config=True), True)
    assert failed.outcome.failure == Failure(ErrorCode.UNKNOWN, "the worker stopped")
    assert [counts.of(state) for state in (JobState.QUEUED, JobState.FINISHED, JobState.FAILED)] == [1, 1, 1]
    assert [job.id for job in tagged.jobs] == ["waiting"]
    assert known is not None
    assert known.job_id == "waiting"
    assert f"upgrading the database {old_database} from schema 0001 to {migrations.head()}; a copy" in caplog.text


def test_a_copy_of_the_old_database_is_kept(old_database: Path) -> None:
    """Private like the original, and good for the old version."""
    migrations.upgrade(old_database)
    copy = old_database.with_name("naas.db.schema-0001")
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        rows = connection.execute("SELECT id FROM jobs ORDER BY sequence").fetchall()
        version = connection.execute("PRAGMA user_version").fetchone()
    assert (rows, version) == ([("waiting",), ("finished",), ("failed",)], (1,))
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


async def test_jobs_can_be_added_to_an_upgraded_database(old_database: Path, make_job: Any) -> None:
    store = SqlStore.open(old_database)
    await asyncio.gather(*(store.jobs.add(make_job()) for _ in range(3)))
    assert (await store.jobs.page(JobQuery("ann"))).total == 5
    store.close()


def test_an_upgrade_that_fails_changes_nothing(old_database: Path) -> None:
    """Tables included: the whole upgrade is one transaction."""
    with contextlib.closing(sqlite3.connect(old_database)) as connection, connection:
        connection.execute("UPDATE jobs SET work = CAST('no JSON' AS BLOB) WHERE id = 'failed'")
    with pytest.raises(ValueError, match="Expecting value"):
        migrations.upgrade(old_database)
    with contextlib.closing(sqlite3.connect(old_database)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert connection.execute("SELECT count(*) FROM jobs WHERE work IS NOT NULL").fetchone() == (3,)
    assert tables == {"jobs", "tags", "idempotency", "sqlite_sequence"}


def assert_same_as_the_code(database: Any) -> None:
    """What alembic would still change is nothing."""
    with _alone(database) as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == migrations.head()


@pytest.mark.parametrize("steps", ["at once", "one by one"])
def test_a_new_database_has_the_tables_that_the_code_uses(where: str | Path, steps: str) -> None:
    """Made at once, or by every migration there ever was."""
    with opened(where) as database:
        if steps == "one by one":
            _migrate_from_nothing(database)
        else:
            prepare(database)
        assert_same_as_the_code(database)


def test_an_upgraded_database_has_the_tables_that_the_code_uses(old_database: Path) -> None:
    with opened(old_database) as database:
        prepare(database)
        assert_same_as_the_code(database)


def test_new_and_migrated_databases_have_the_same_indexes(tmp_path: Path, old_database: Path) -> None:
    """With their conditions, which alembic does not compare; and the same kinds of tables."""
    new = tmp_path / "new.db"
    for path in (new, old_database):
        migrations.upgrade(path)
    assert _indexes_and_kinds(new) == _indexes_and_kinds(old_database)


def _indexes_and_kinds(path: Path) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        kinds = connection.execute("SELECT name, wr, strict FROM pragma_table_list WHERE name NOT LIKE 'sqlite_%'")
        return sorted([*indexes.fetchall(), *kinds.fetchall()])


def _migrate_from_nothing(database: Any) -> None:
    with _alone(database) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(VERSIONS))
        alembic_upgrade(config, "head")


def test_the_newest_migration_is_the_one_that_the_code_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(VERSIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.head()]


def test_the_form_of_a_database_can_be_asked_for(where: str | Path, old_database: Path, tmp_path: Path) -> None:
    migrations.upgrade(where)
    assert migrations.current(where) == migrations.head()
    assert migrations.current(tmp_path / "none.db") is None
    assert not (tmp_path / "none.db").exists()


def test_the_form_of_an_old_database_is_the_first(old_database: Path) -> None:
    assert migrations.current(f"sqlite:///{old_database}") == "0001"


async def test_a_newer_database_is_left_alone(where: str | Path) -> None:
    migrations.upgrade(where)
    statement = "UPDATE alembic_version SET version_num = '9999'"
    if isinstance(where, Path):
        with contextlib.closing(sqlite3.connect(where)) as file, file:
            file.execute(statement)
    else:
        with psycopg.connect(where) as connection:
            connection.execute(statement)
    with pytest.raises(StartError, match=r"written by a newer naas \(schema 9999, this version knows \d{4}\); upgrade"):
        SqlStore.open(where)


async def test_tables_of_another_program_are_left_alone(where: str | Path) -> None:
    if isinstance(where, Path):
        with contextlib.closing(sqlite3.connect(where)) as file, file:
            file.execute("CREATE TABLE songs (title TEXT)")
    else:
        with psycopg.connect(where) as connection:
            connection.execute("DROP TABLE alembic_version")
    with pytest.raises(StartError, match="has tables of another program; name another database"):
        SqlStore.open(where)
