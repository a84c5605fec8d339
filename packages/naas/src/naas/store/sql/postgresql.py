"""PostgreSQL: several services on one database.

Nothing here depends on being alone: a move is one conditional UPDATE, and whatever two services could do at the same
moment is held back, or lost and repeated, by the database itself. A commit is on disk as PostgreSQL promises it
(``synchronous_commit``, on by default).
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final, cast

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Format, TransactionStatus
from sqlalchemy import ARRAY, Text, any_, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from naas.errors import StartError
from naas.store.sql.statements import compile_statement, given

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.engine import Dialect

    from naas.store.sql.databases import Connection
    from naas.store.sql.statements import Statement

__all__ = ["PostgresDatabase"]

# How long a write waits for another service's lock, and a connection for a server that does not answer (seconds).
_PATIENCE: Final = 5

_WAIT_FOR_LOCKS: Final = f"SET lock_timeout = '{_PATIENCE}s'".encode()

# Services that take the same shard by chance wait for each other's commits, which costs time and nothing else.
_SHARDS: Final = 64

_TAKE_ALONE: Final = b"SELECT pg_try_advisory_lock(hashtextextended('naas embedded engine', 0))"


class _Cursor(psycopg.Cursor[Any]):
    """Fetches values in binary form: no hexadecimal of every stored text."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.format = Format.BINARY


class PostgresDatabase:
    """A `naas.store.sql.databases.Database` on a server."""

    # Positional values, as for SQLite.
    dialect: Dialect = PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]
    is_ours_alone = False
    begin = "BEGIN"
    begin_reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    error: type[Exception] = psycopg.Error

    def __init__(self, url: str) -> None:
        """Take the database at ``url`` (``postgresql://…``, as libpq reads it). Nothing is opened yet.

        Raises:
            StartError: It is not a URL that libpq can read.
        """
        try:
            self._parts: dict[str, Any] = conninfo_to_dict(url)
        except psycopg.Error as exc:
            # Its text may quote the URL, and so the password.
            raise StartError(
                "the database URL cannot be read; write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE, "
                "with special characters percent-encoded"
            ) from exc
        self.shard = secrets.randbelow(_SHARDS)
        self._held: psycopg.Connection[Any] | None = None
        lock = select(func.pg_advisory_xact_lock(func.hashtextextended(given("key", Text()), 0)))
        self._lock = compile_statement(lock, self.dialect)

    def __str__(self) -> str:
        known = {name: str(self._parts[name]) for name in ("user", "host", "port", "dbname") if name in self._parts}
        user = f"{known['user']}@" if "user" in known else ""
        port = f":{known['port']}" if "port" in known else ""
        return f"postgresql://{user}{known.get('host', '')}{port}/{known.get('dbname', '')}"

    def connect(self, *, to_write: bool = False) -> Connection:
        connection = self._connect(autocommit=True, cursor_factory=_Cursor)
        connection.execute(_WAIT_FOR_LOCKS)
        return cast("Connection", connection)

    def connect_for_changes(self) -> Any:
        return self._connect()

    def take_alone(self) -> None:
        # The lock lives as long as its connection: PostgreSQL lets go of it when we die, however that happens.
        held = self._held = self._connect(autocommit=True)
        taken = held.execute(_TAKE_ALONE).fetchone()
        if taken is None or not taken[0]:
            raise StartError(
                f"the database {self} is in use by another naas-server that runs its jobs itself; stop that one, or "
                "give both an engine that they share: --engine nats://HOST:4222"
            )

    def _connect(self, **options: Any) -> psycopg.Connection[Any]:
        defaults = {"connect_timeout": _PATIENCE, "application_name": "naas", "keepalives_idle": 10}
        # A server that is gone without a word is noticed as fast as one that refuses.
        defaults |= {"tcp_user_timeout": _PATIENCE * 1000}
        return psycopg.connect(**{**defaults, **self._parts}, **options)

    def is_in_transaction(self, connection: Connection) -> bool:
        status = cast("psycopg.Connection[Any]", connection).info.transaction_status
        return status != TransactionStatus.IDLE

    def is_lost(self, connection: Connection) -> bool:
        return cast("psycopg.Connection[Any]", connection).closed

    def insert(self, table: Table) -> postgresql.Insert:
        return postgresql.insert(table)

    def is_one_of(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        return column == any_(given(name, ARRAY(Text())))

    def many(self, values: Sequence[str]) -> Any:
        return list(values)

    def is_its_own_fault(self, error: Exception) -> bool:
        return isinstance(error, psycopg.DataError | psycopg.IntegrityError) or not isinstance(error, psycopg.Error)

    def should_repeat(self, error: Exception) -> bool:
        return isinstance(error, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure)

    def serialize(self, key: str) -> tuple[Statement, dict[str, Any]] | None:
        return self._lock, {"key": key}

    def close(self) -> None:
        """Let go of `take_alone`; other connections are closed by their users."""
        if self._held is not None:
            self._held.close()
            self._held = None
