"""The store as a whole: opened by path or URL, closed in the reverse order."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Self

from naas.errors import StartError
from naas.store.sql.audit import SqlAuditStore
from naas.store.sql.deliveries import SqlDeliveryStore
from naas.store.sql.jobs import SqlJobStore
from naas.store.sql.opening import cannot_use, take
from naas.store.sql.readers import Readers
from naas.store.sql.records import SqlRecordStore
from naas.store.sql.schema import prepare
from naas.store.sql.snapshots import SqlSnapshotStore
from naas.store.sql.writer import GroupCommitWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from naas.store.sql.databases import Database
    from naas.store.sql.transactions import Transaction

__all__ = ["SqlStore"]


class SqlStore:
    """A `naas.store.base.Store` on SQLite or PostgreSQL. Open it inside a running event loop, with `open`."""

    def __init__(self, database: Database, *, audit_key: bytes | None = None) -> None:
        """Use `open`."""
        self._database = database
        self._is_closed = False
        self._readers = Readers(database)
        self._writer = GroupCommitWriter(database, self._before_commit)
        self.records = SqlRecordStore(database, self._writer, self._readers)
        self.jobs = SqlJobStore(database, self._writer, self._readers, self.records)
        self.audit = SqlAuditStore(database, self._writer, self._readers, audit_key or secrets.token_bytes(32))
        self.snapshots = SqlSnapshotStore(database, self._writer, self._readers)
        self.deliveries = SqlDeliveryStore(database, self._writer, self._readers)

    @classmethod
    def open(cls, where: str | Path, *, audit_key: bytes | None = None, alone: bool = False) -> Self:
        """Open the database at a path or URL; a SQLite file is made if absent, with its lock at path + ``.lock``.

        ``audit_key`` is what the audit trail is chained with; None takes a random one, with which a trail can be
        verified by this opener only. ``alone`` is for a service that runs its jobs itself, and so takes every started
        one for its own: a second such service on the same database would run them again.

        Raises:
            StartError: It cannot be used: another service has it open, it cannot be written, or it is of a newer
                version.
        """
        database = take(where)
        try:
            if alone:
                database.take_alone()
            prepare(database)
            return cls(database, audit_key=audit_key)
        except StartError:
            database.close()
            raise
        except (OSError, database.error) as exc:
            database.close()
            raise StartError(cannot_use(database, exc)) from exc

    def __str__(self) -> str:
        """Where the database is, for messages; never with a password."""
        return str(self._database)

    @property
    def is_well(self) -> bool:
        return self._writer.is_well

    def watch_commits(self, on_commit: Callable[[float, int], None]) -> None:
        """Have every commit told: its seconds, and how many writes shared it. Called in the writer's thread."""
        self._writer.on_commit = on_commit

    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        self._readers.close()
        self._writer.close()
        self._database.close()

    def _before_commit(self, transaction: Transaction) -> None:
        self.jobs.write_counts(transaction)
        self.audit.write_lines(transaction)  # last: services wait for each other here, and hold nothing else up
