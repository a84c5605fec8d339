"""The store of one machine: SQLite in WAL mode, one writer with group commit, readers apart.

``synchronous=FULL``: a write is answered when it is on disk. One service at a time: a lock beside the database is
held as long as the store is open, so that a started job of any other worker is known to be lost.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from naas.errors import IllegalMove, RequestIdUsed, StartError, StoreUnavailable
from naas.jobs import MOVES, Job, JobState
from naas.store.base import Counts, Deadlines, Idempotency, JobPage, JobQuery, Lease, Move, Receipt
from naas.store.schema import COLUMNS, SCHEMA, SCHEMA_VERSION, job_from_row, job_values, outcome_values, seconds
from naas.store.writer import GroupCommitWriter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["SqliteStore"]

_T = TypeVar("_T")

# How long to wait for somebody else's lock: a backup tool, or a person with a shell. Callers wait as long.
BUSY_SECONDS: Final = 5.0

# Reads are short; two threads keep a long list from delaying a poll.
_READERS: Final = 2

_BEFORE: Final[Mapping[JobState, tuple[str, ...]]] = {
    after: tuple(before.value for before in JobState if after in MOVES[before]) for after in JobState
}


class SqliteStore:
    """A `naas.store.base.Store` in one file. Open it inside a running event loop."""

    def __init__(self, path: Path) -> None:
        """Open the database at ``path``, made if absent, with its lock at ``path`` + ``.lock``.

        Raises:
            StartError: Another service has it open, it cannot be written, or it is of a newer version.
        """
        # Resolved, so that a link to the file leads to the same lock.
        path = self._path = path.resolve()
        self._lock = _take_lock(path)
        try:
            _prepare(path)
            self._writer = GroupCommitWriter(lambda: _connect(path))
        except (sqlite3.Error, OSError) as exc:
            os.close(self._lock)
            raise StartError(f"cannot use the database {path}: {exc}; name another file with --database") from exc
        except StartError:
            os.close(self._lock)
            raise
        self._is_closed = False
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="naas-store-reader")

    @property
    def is_well(self) -> bool:
        return self._writer.is_well

    def add(self, job: Job, idempotency: Idempotency | None = None) -> Awaitable[Receipt]:
        values = job_values(job)

        def apply(connection: sqlite3.Connection) -> Receipt:
            if idempotency is not None and (earlier := _earlier(connection, idempotency, job.created_at)) is not None:
                return earlier
            inserted = connection.execute(_INSERT, values)
            if not inserted.rowcount:
                raise RequestIdUsed(job.id)
            if job.tags:
                rows = [(job.owner, f"{key}:{value}", inserted.lastrowid) for key, value in job.tags.items()]
                connection.executemany("INSERT INTO tags (owner, tag, sequence) VALUES (?, ?, ?)", rows)
            if idempotency is None:
                return Receipt(job.id)
            kept = (idempotency.key, idempotency.fingerprint, job.id, seconds(idempotency.expires_at))
            connection.execute("INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?)", kept)
            return Receipt(job.id, fingerprint=idempotency.fingerprint)

        return self._writer.submit(apply)

    def earlier(self, idempotency: Idempotency, now: datetime) -> Awaitable[Receipt | None]:
        return self._read(lambda connection: _earlier(connection, idempotency, now))

    def move(self, move: Move) -> Awaitable[None]:
        statement, values = _move_statement(move)

        def apply(connection: sqlite3.Connection) -> None:
            if not connection.execute(statement, values).rowcount:
                row = connection.execute("SELECT state FROM jobs WHERE id = ?", (move.job_id,)).fetchone()
                raise IllegalMove(move.job_id, "unknown" if row is None else row["state"], move.to)

        return self._writer.submit(apply)

    def request_cancel(self, job_id: str) -> Awaitable[None]:
        def apply(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE jobs SET cancel_requested = 1 WHERE id = ? AND state IN ('queued', 'started')", (job_id,)
            )

        return self._writer.submit(apply)

    def renew(self, lease: Lease) -> Awaitable[None]:
        def apply(connection: sqlite3.Connection) -> None:
            values = (seconds(lease.until), lease.worker)
            connection.execute("UPDATE jobs SET lease_until = ? WHERE state = 'started' AND worker = ?", values)

        return self._writer.submit(apply)

    def get(self, job_id: str) -> Awaitable[Job | None]:
        def read(connection: sqlite3.Connection) -> Job | None:
            row = connection.execute(f"SELECT {_WITHOUT_LOGIN} FROM jobs WHERE id = ?", (job_id,)).fetchone()
            return None if row is None else job_from_row(row)

        return self._read(read)

    def page(self, query: JobQuery) -> Awaitable[JobPage]:
        where, values = _filters(query)

        def read(connection: sqlite3.Connection) -> JobPage:
            total: int = connection.execute(f"SELECT count(*) FROM jobs WHERE {where}", values).fetchone()[0]
            rows = connection.execute(
                f"SELECT {_WITHOUT_OUTCOME} FROM jobs WHERE {where} ORDER BY sequence DESC LIMIT ? OFFSET ?",
                (*values, query.per_page, (query.page - 1) * query.per_page),
            )
            return JobPage([job_from_row(row) for row in rows], total)

        return self._read(read)

    def counts(self) -> Awaitable[Counts]:
        def read(connection: sqlite3.Connection) -> Counts:
            rows = connection.execute(
                "SELECT state, count(*) FROM jobs WHERE state IN ('queued', 'started', 'failed') GROUP BY state"
            )
            by_state: dict[str, int] = dict(rows)
            return Counts(by_state.get("queued", 0), by_state.get("started", 0), by_state.get("failed", 0))

        return self._read(read)

    def queued(self) -> Awaitable[Sequence[Job]]:
        return self._jobs_where("state = 'queued'", ())

    def lost(self, *, alive: Collection[str]) -> Awaitable[Sequence[Job]]:
        marks = ", ".join("?" * len(alive))
        return self._jobs_where(f"state = 'started' AND (worker IS NULL OR worker NOT IN ({marks}))", tuple(alive))

    async def purge(self, deadlines: Deadlines) -> int:
        now = seconds(deadlines.now)
        await self._writer.submit(
            lambda connection: connection.execute("DELETE FROM idempotency WHERE expires_at < ?", (now,)).rowcount
        )
        limits = (seconds(deadlines.succeeded_before), seconds(deadlines.failed_before))
        forgotten = 0
        while deleted := await self._writer.submit(lambda connection: _forget_some(connection, limits)):
            forgotten += deleted
        return forgotten

    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        self._readers.shutdown(wait=True)
        for connection in self._opened:
            connection.close()
        self._writer.close()
        os.close(self._lock)

    def _jobs_where(self, where: str, values: tuple[Any, ...]) -> Awaitable[Sequence[Job]]:
        def read(connection: sqlite3.Connection) -> Sequence[Job]:
            rows = connection.execute(f"SELECT {COLUMNS} FROM jobs WHERE {where} ORDER BY sequence", values)
            return [job_from_row(row) for row in rows]

        return self._read(read)

    async def _read(self, read: Callable[[sqlite3.Connection], _T]) -> _T:
        if self._is_closed:
            raise StoreUnavailable("the store is closed: the service is going down")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._with_reader, read)

    def _with_reader(self, read: Callable[[sqlite3.Connection], _T]) -> _T:
        try:
            connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._local.connection = _connect(self._path)
                self._opened.append(connection)
            return read(connection)
        except sqlite3.Error as exc:
            raise StoreUnavailable(f"cannot read: {exc}") from exc


_WITHOUT_LOGIN: Final = COLUMNS.replace("sealed_login", "NULL AS sealed_login")
_WITHOUT_OUTCOME: Final = _WITHOUT_LOGIN.replace("results, error,", "NULL AS results, NULL AS error,")

_INSERT: Final = (
    "INSERT OR IGNORE INTO jobs (id, owner, state, context, work, tags, sealed_login, created_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def _earlier(connection: sqlite3.Connection, idempotency: Idempotency, now: datetime) -> Receipt | None:
    row = connection.execute(
        "SELECT job_id, fingerprint FROM idempotency WHERE key = ? AND expires_at >= ?",
        (idempotency.key, seconds(now)),
    ).fetchone()
    return None if row is None else Receipt(row["job_id"], reused=True, fingerprint=row["fingerprint"])


def _move_statement(move: Move) -> tuple[str, tuple[Any, ...]]:
    """Return the UPDATE that makes the move only from a state that `MOVES` allows."""
    columns: dict[str, Any] = {"state": move.to.value}
    if move.to is JobState.STARTED and move.lease is not None:
        columns |= {
            "started_at": seconds(move.at),
            "worker": move.lease.worker,
            "lease_until": seconds(move.lease.until),
        }
    if move.to is JobState.QUEUED:
        columns |= {"started_at": None, "worker": None, "lease_until": None}
    if move.to.is_final:
        names = ("results", "error", "error_code", "detected_platform")
        columns |= dict(zip(names, outcome_values(move.outcome), strict=True))
        columns |= {"ended_at": seconds(move.at), "needs_review": int(move.needs_review)}
        # The login has served its purpose: what is not kept cannot leak.
        columns |= {"sealed_login": None, "worker": None, "lease_until": None}
    before = _BEFORE[move.to] if move.only_from is None else (move.only_from.value,)
    assignments = ", ".join(f"{name} = ?" for name in columns)
    marks = ", ".join("?" * len(before))
    statement = f"UPDATE jobs SET {assignments} WHERE id = ? AND state IN ({marks})"
    return statement, (*columns.values(), move.job_id, *before)


# A purge holds up every other write, so it goes in steps: this many jobs take some milliseconds.
_FORGET_AT_ONCE: Final = 500

_OLD_ENOUGH: Final = (
    "SELECT sequence FROM jobs WHERE (state IN ('finished', 'canceled') AND ended_at < ?) "
    f"OR (state = 'failed' AND ended_at < ?) LIMIT {_FORGET_AT_ONCE}"
)


def _forget_some(connection: sqlite3.Connection, limits: tuple[float | None, float | None]) -> int:
    gone = connection.execute(_OLD_ENOUGH, limits).fetchall()
    connection.executemany("DELETE FROM tags WHERE sequence = ?", gone)
    connection.executemany("DELETE FROM jobs WHERE sequence = ?", gone)
    return len(gone)


def _filters(query: JobQuery) -> tuple[str, tuple[Any, ...]]:
    where, values = ["owner = ?"], [query.owner]
    if query.state is not None:
        where.append("state = ?")
        values.append(query.state.value)
    if query.tag is not None:
        where.append("sequence IN (SELECT sequence FROM tags WHERE owner = ? AND tag = ?)")
        values += [query.owner, ":".join(query.tag)]
    return " AND ".join(where), tuple(values)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _prepare(path: Path) -> None:
    """Make the tables, or check that they are ones that this version understands."""
    # Results and commands are nobody else's business, so the file is private from its first byte.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = _connect(path)
    try:
        found: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if found > SCHEMA_VERSION:
            raise StartError(
                f"the database {path} was written by a newer naas (schema {found}, this version knows "
                f"{SCHEMA_VERSION}); upgrade naas, or name another file with --database"
            )
        connection.executescript(SCHEMA)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    finally:
        connection.close()


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
