"""What a write sees of the database: statements in, rows out, inside one transaction."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from naas.store.base import AuditEvent
    from naas.store.sql.databases import Cursor
    from naas.store.sql.statements import Statement

__all__ = ["LostRace", "Rows", "Transaction"]


class LostRace(Exception):
    """Another service wrote between two statements of this transaction: it is run again as a whole."""


class Rows:
    """Runs statements on one cursor. For reading, and the base of `Transaction`."""

    __slots__ = ("cursor",)

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor

    def one(self, statement: Statement, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Return the first row, or None."""
        self.cursor.execute(statement.text, statement.bind(values))
        row: tuple[Any, ...] | None = self.cursor.fetchone()
        return row

    def all(self, statement: Statement, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return every row."""
        self.cursor.execute(statement.text, statement.bind(values))
        return self.cursor.fetchall()

    def each(self, statement: Statement, values: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
        """Give row by row what would be too much at once. Nothing else may run until the last one."""
        self.cursor.execute(statement.text, statement.bind(values))
        yield from iter(self.cursor.fetchone, None)


class Transaction(Rows):
    """A transaction of the writer.

    Two things are collected and written just before the commit, once for all writes: ``counted`` holds by how much the
    number of an owner's jobs in a state changes, ``audited`` the new lines of the audit trail.
    """

    __slots__ = ("audited", "counted")

    def __init__(self, cursor: Cursor) -> None:
        super().__init__(cursor)
        self.counted: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.audited: list[AuditEvent] = []

    def run(self, statement: Statement, values: Mapping[str, Any]) -> int:
        """Return how many rows the statement changed."""
        self.cursor.execute(statement.text, statement.bind(values))
        return self.cursor.rowcount

    def run_many(self, statement: Statement, values: Sequence[Mapping[str, Any]]) -> int:
        """Run the statement for each set of values; return how many rows were changed altogether."""
        if not values:
            return 0
        self.cursor.executemany(statement.text, [statement.bind(each) for each in values])
        return self.cursor.rowcount
