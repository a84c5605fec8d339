"""SQLite: one file, one service at a time.

WAL mode, so that readers and the writer do not wait for each other; ``synchronous=FULL``, so that a commit is on disk.
A lock beside the database is held as long as it is open, so that a started job of any other worker is known to be lost.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from naas.errors import StartError
from naas.store.sql.statements import given

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.engine import Dialect

    from naas.store.sql.databases import Connection
    from naas.store.sql.statements import Statement

__all__ = ["SqliteDatabase", "make_private"]

# How long to wait for somebody else's lock: a backup tool, or a person with a shell. Callers wait as long.
BUSY_SECONDS: Final = 5.0

# More than the store has statements, so that none is parsed twice.
_CACHED_STATEMENTS: Final = 512


# New ids fall everywhere into the indexes. With 100,000 jobs, the pages that are touched again and again are kept, and
# carried from the log to the file once in 4,000 instead of once in 1,000: measured, half the time in the kernel.
_WRITER_CACHE_KIB: Final = 16_384
_CHECKPOINT_PAGES: Final = 4000


class SqliteDatabase:
    """A `naas.store.sql.databases.Database` in one file."""

    dialect: Dialect = SQLiteDialect_pysqlite()
    shard = 0
    is_ours_alone = True
    begin = "BEGIN IMMEDIATE"
    begin_reading = "BEGIN"
    error: type[Exception] = sqlite3.Error

    def __init__(self, path: Path) -> None:
        """Take the database at ``path``, made if absent, with its lock at ``path`` + ``.lock``.

        Raises:
            StartError: Another service has it, or it cannot be written.
        """
        # Resolved, so that a link to the file leads to the same lock.
        self.path = path.resolve()
        self._lock: int | None = _take_lock(self.path)
        try:
            make_private(self.path)
        except OSError as exc:
            self.close()
            raise StartError(f"cannot use the database {self}: {exc}; name another file with --database") from exc

    def __str__(self) -> str:
        return str(self.path)

    def connect(self, *, to_write: bool = False) -> Connection:
        connection = sqlite3.connect(
            self.path,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_SECONDS,
            cached_statements=_CACHED_STATEMENTS,
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if to_write:
            connection.execute(f"PRAGMA cache_size = -{_WRITER_CACHE_KIB}")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        return cast("Connection", connection)

    def connect_for_changes(self) -> Any:
        return self.connect()

    def take_alone(self) -> None:
        return  # the lock of the file has done it

    def is_in_transaction(self, connection: Connection) -> bool:
        return cast("sqlite3.Connection", connection).in_transaction

    def is_lost(self, connection: Connection) -> bool:
        return False  # a file does not restart

    def insert(self, table: Table) -> sqlite.Insert:
        return sqlite.insert(table)

    def is_one_of(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        values = func.json_each(given(name)).table_valued("value")
        return column.in_(select(values.c.value))

    def many(self, values: Sequence[str]) -> Any:
        return json.dumps(list(values))

    def is_its_own_fault(self, error: Exception) -> bool:
        return isinstance(error, sqlite3.DataError | sqlite3.IntegrityError) or not isinstance(error, sqlite3.Error)

    def should_repeat(self, error: Exception) -> bool:
        return False  # one writer has no races

    def serialize(self, key: str) -> tuple[Statement, dict[str, Any]] | None:
        return None

    def close(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def make_private(path: Path) -> None:
    """Make the file if it is absent. Results and commands are nobody else's business, so it is private from its first
    byte."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _take_lock(path: Path) -> int:
    lock = path.with_name(path.name + ".lock")
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        raise StartError(f"cannot create {lock}: {exc.strerror}; name another file with --database") from exc
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        os.close(handle)
        raise StartError(
            f"the database {path} is in use by another naas-server; stop that one, or name another file with --database"
        ) from exc
    except OSError as exc:  # some network file systems know no locks
        os.close(handle)
        raise StartError(
            f"cannot lock {lock}: {exc.strerror}; put the database on a local disk with --database"
        ) from exc
    return handle
