"""What the store must know about the database it is on; everything above speaks SQLAlchemy's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
    from sqlalchemy.engine import Dialect

    from naas.store.sql.statements import Statement

__all__ = ["Connection", "Cursor", "Database"]


class Cursor(Protocol):
    """The part of PEP 249 that is used: of `sqlite3.Cursor` and of `psycopg.Cursor`."""

    @property
    def rowcount(self) -> int: ...
    def execute(self, sql: Any, parameters: Any = ..., /) -> Any: ...
    def executemany(self, sql: Any, parameters: Any, /) -> Any: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Connection(Protocol):
    """A connection in autocommit mode: a transaction begins and ends where the store says."""

    def cursor(self) -> Cursor: ...
    def close(self) -> None: ...


class Database(Protocol):
    """One database and its ways."""

    dialect: Dialect
    shard: int
    """Which rows of ``job_counts`` are this opener's own."""
    is_ours_alone: bool
    """Whether no other service writes to it as long as we have it."""
    begin: str
    """What opens a transaction that will write."""
    begin_reading: str
    """What opens a transaction whose reads all see the same moment."""
    error: type[Exception]
    """The base of the driver's errors."""

    def __str__(self) -> str:
        """Where it is, for messages; never with a password."""
        ...

    def connect(self, *, to_write: bool = False) -> Connection:
        """Open a connection; ``to_write`` is for the one that writes all the time. May raise ``error``."""
        ...

    def connect_for_changes(self) -> Any:
        """Open a connection of the driver as SQLAlchemy wants it, to change tables with."""
        ...

    def take_alone(self) -> None:
        """Keep away, until `close`, whoever else would take what we have started for lost.

        Raises:
            StartError: Somebody is there already.
        """
        ...

    def is_in_transaction(self, connection: Connection) -> bool:
        """Whether there is something to roll back."""
        ...

    def is_lost(self, connection: Connection) -> bool:
        """Whether the server at the other end is gone, so that a new connection may do better."""
        ...

    def insert(self, table: Table) -> SqliteInsert | PostgresInsert:
        """Return an INSERT that knows ``on_conflict_do_…``."""
        ...

    def is_one_of(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        """Return the condition that a column equals one of many texts, which are given as one value, `many`."""
        ...

    def many(self, values: Sequence[str]) -> Any:
        """Return that value."""
        ...

    def is_its_own_fault(self, error: Exception) -> bool:
        """Whether a write was refused for what it is, not for the state of the database."""
        ...

    def should_repeat(self, error: Exception) -> bool:
        """Whether the whole transaction may succeed if it is tried again now: it lost a race against another."""
        ...

    def serialize(self, key: str) -> tuple[Statement, dict[str, Any]] | None:
        """Return a query that holds back other transactions with the same key, and its values; None where there are
        no others."""
        ...

    def close(self) -> None:
        """Let go of what the database as a whole holds."""
        ...
