"""The audit trail in an SQL database: append-only, and chained so that a change shows.

Line *n* carries HMAC-SHA256, with the key of the service, over its own content and the chain of line *n* - 1. Whoever
can write to the database, but has no key, can neither change a line nor take one out: `verify` names the first line
that does not follow. The two ends are sealed in the same way, so that lines cut off at the end show too. What cannot
show is that the whole database was put back to an earlier state.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import delete, func, literal_column, select

from naas.store.base import AuditEvent, AuditQuery
from naas.store.sql.statements import Statement, compile_statement, given, given_all
from naas.store.sql.tables import audit, audit_ends

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from sqlalchemy.engine import Dialect

    from naas.store.sql.databases import Database
    from naas.store.sql.readers import Readers
    from naas.store.sql.transactions import Rows, Transaction
    from naas.store.sql.writer import GroupCommitWriter

__all__ = ["SqlAuditStore"]

_COLUMNS: Final = (
    *(audit.c.sequence, audit.c.event_type, audit.c.at, audit.c.principal, audit.c.subject),
    *(audit.c.fields, audit.c.chain),
)

# How many lines are dropped, or checked, at a time.
_STEP: Final = 1000


@dataclass(frozen=True, slots=True)
class _End:
    """A line at an end of the trail: its number and its chain. Before the first line: 0 and nothing."""

    sequence: int = 0
    chain: str = ""


class SqlAuditStore:
    """A `naas.store.base.AuditStore`."""

    def __init__(self, database: Database, writer: GroupCommitWriter, readers: Readers, key: bytes) -> None:
        self._database, self._writer, self._readers, self._key = database, writer, readers, key
        dialect = database.dialect
        self._insert = compile_statement(
            database.insert(audit).values(given_all([column.name for column in _COLUMNS])), dialect
        )
        end = select(audit_ends.c.sequence, audit_ends.c.chain, audit_ends.c.seal)
        end = end.where(audit_ends.c.name == given("name"))
        self._end = compile_statement(end, dialect)
        self._end_alone = compile_statement(end.with_for_update(), dialect)
        new = database.insert(audit_ends).values(given_all(("name", "sequence", "chain", "seal")))
        changed = {name: new.excluded[name] for name in ("sequence", "chain", "seal")}
        self._set_end = compile_statement(
            new.on_conflict_do_update(index_elements=[audit_ends.c.name], set_=changed), dialect
        )
        self._make_end = compile_statement(new.on_conflict_do_nothing(), dialect)
        lines = select(*_COLUMNS).order_by(audit.c.sequence).limit(literal_column(str(_STEP)))
        self._lines_after = compile_statement(lines.where(audit.c.sequence > given("sequence")), dialect)
        self._last_line = compile_statement(
            select(audit.c.sequence, audit.c.chain).order_by(audit.c.sequence.desc()).limit(1), dialect
        )
        self._first_to_keep = compile_statement(
            select(func.min(audit.c.sequence)).where(audit.c.at >= given("before")), dialect
        )
        self._oldest = compile_statement(
            lines.with_only_columns(audit.c.sequence, audit.c.chain).where(audit.c.sequence < given("first_to_keep")),
            dialect,
        )
        self._drop = compile_statement(delete(audit).where(audit.c.sequence <= given("sequence")), dialect)

    def append(self, event: AuditEvent) -> Awaitable[None]:
        return self._writer.submit(lambda transaction: transaction.audited.append(event))

    def page(self, query: AuditQuery) -> Awaitable[Sequence[AuditEvent]]:
        values = {
            "event_type": query.event_type,
            "principal": query.principal,
            "since": query.since and query.since.timestamp(),
            "until": query.until and query.until.timestamp(),
            "before": query.before,
            "after": query.after,
            "limit": query.limit,
        }
        asked = frozenset(name for name, value in values.items() if value is not None)
        statement = _page_of(asked, query.oldest_first, self._database.dialect)
        return self._readers.run(lambda rows: [_event(row) for row in rows.all(statement, values)])

    def verify(self) -> Awaitable[int | None]:
        def read(rows: Rows) -> int | None:
            rows.cursor.execute(self._database.begin_reading)
            try:
                return self._first_that_does_not_follow(rows)
            finally:
                rows.cursor.execute("ROLLBACK")

        return self._readers.run(read)

    async def purge(self, before: datetime) -> int:
        found = await self._readers.run(lambda rows: rows.one(self._first_to_keep, {"before": before.timestamp()}))
        last = await self._readers.run(lambda rows: rows.one(self._last_line, {}))
        if last is None:
            return 0
        # Only what is before every line to keep, so that no gap comes to be.
        values = {"first_to_keep": last[0] + 1 if found is None or found[0] is None else found[0]}

        def apply(transaction: Transaction) -> int:
            self._lock_end(transaction, "first")
            oldest = transaction.all(self._oldest, values)
            if oldest:
                self._write_end(transaction, "first", _End(*oldest[-1]))
                transaction.run(self._drop, {"sequence": oldest[-1][0]})
            return len(oldest)

        dropped = 0
        while step := await self._writer.submit(apply):
            dropped += step
        return dropped

    def write_lines(self, transaction: Transaction) -> None:
        """Number and chain the lines that the transaction collected, and write them."""
        if not transaction.audited:
            return
        last = self._lock_end(transaction, "last")
        rows: list[dict[str, Any]] = []
        for event in transaction.audited:
            row: dict[str, Any] = {
                "sequence": last.sequence + 1,
                "event_type": event.event_type,
                "at": event.at.timestamp(),
                "principal": event.principal,
                "subject": event.subject,
                "fields": _text_of(event),
            }
            row["chain"] = self._chain(tuple(row.values()), last.chain)
            last = _End(row["sequence"], row["chain"])
            rows.append(row)
        transaction.run_many(self._insert, rows)
        self._write_end(transaction, "last", last)

    def _first_that_does_not_follow(self, rows: Rows) -> int | None:
        before, last = self._sealed_end(rows, "first"), self._sealed_end(rows, "last")
        if before is None or last is None:
            return 1
        while lines := rows.all(self._lines_after, {"sequence": before.sequence}):
            for line in lines:
                if line[0] != before.sequence + 1 or not self._follows(line, before.chain):
                    return before.sequence + 1
                before = _End(line[0], line[-1])
        return None if before == last else before.sequence + 1

    def _follows(self, line: tuple[Any, ...], before: str) -> bool:
        return hmac.compare_digest(self._chain(line[:-1], before), line[-1])

    def _chain(self, content: tuple[Any, ...], before: str) -> str:
        return self._mac(msgspec.json.encode(("line", *content, before)))

    def _seal(self, name: str, end: _End) -> str:
        return self._mac(msgspec.json.encode(("end", name, end.sequence, end.chain)))

    def _mac(self, content: bytes) -> str:
        return hmac.new(self._key, content, hashlib.sha256).hexdigest()

    def _lock_end(self, transaction: Transaction, name: str) -> _End:
        """Return an end, and let no other service move it until the commit."""
        row = transaction.one(self._end_alone, {"name": name})
        if row is None:
            # The first line of all; or somebody took the end away, which `verify` has told or will tell.
            known = transaction.one(self._last_line, {}) if name == "last" else None
            start = _End() if known is None else _End(*known)
            values = {"name": name, "sequence": start.sequence, "chain": start.chain, "seal": self._seal(name, start)}
            transaction.run(self._make_end, values)
            row = transaction.one(self._end_alone, {"name": name})
        return _End() if row is None else _End(row[0], row[1])

    def _write_end(self, transaction: Transaction, name: str, end: _End) -> None:
        seal = self._seal(name, end)
        transaction.run(self._set_end, {"name": name, "sequence": end.sequence, "chain": end.chain, "seal": seal})

    def _sealed_end(self, rows: Rows, name: str) -> _End | None:
        """Return an end, or None if it is not one that this service wrote."""
        row = rows.one(self._end, {"name": name})
        if row is None:
            return _End()
        end = _End(row[0], row[1])
        return end if hmac.compare_digest(self._seal(name, end), row[2]) else None


def _text_of(event: AuditEvent) -> str:
    return msgspec.json.encode(dict(event.fields), order="deterministic").decode()


def _event(row: tuple[Any, ...]) -> AuditEvent:
    sequence, event_type, at, principal, subject, fields, chain = row
    known: dict[str, Any] = msgspec.json.decode(fields)
    return AuditEvent(event_type, datetime.fromtimestamp(at, UTC), principal, subject, known, sequence, chain)


@lru_cache(maxsize=256)
def _page_of(asked: frozenset[str], oldest_first: bool, dialect: Dialect) -> Statement:
    filters = {
        "event_type": audit.c.event_type == given("event_type"),
        "principal": audit.c.principal == given("principal"),
        "since": audit.c.at >= given("since"),
        "until": audit.c.at <= given("until"),
        "before": audit.c.sequence < given("before"),
        "after": audit.c.sequence > given("after"),
    }
    order = audit.c.sequence if oldest_first else audit.c.sequence.desc()
    wanted = [condition for name, condition in filters.items() if name in asked]
    return compile_statement(select(*_COLUMNS).where(*wanted).order_by(order).limit(given("limit")), dialect)
