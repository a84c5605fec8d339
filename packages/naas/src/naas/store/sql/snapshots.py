"""Configurations of devices in an SQL database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, select, update

from naas.errors import RequestIdUsed
from naas.store.base import Snapshot
from naas.store.sql.statements import Statement, compile_statement, given, given_all
from naas.store.sql.tables import snapshots

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from sqlalchemy.engine import Dialect

    from naas.store.sql.databases import Database
    from naas.store.sql.readers import Readers
    from naas.store.sql.transactions import Rows, Transaction
    from naas.store.sql.writer import GroupCommitWriter

__all__ = ["SqlSnapshotStore"]

_LISTED: Final = (
    *("id", "address", "taken_at", "last_seen_at", "sha256", "owner", "job_id", "context", "is_startup", "size"),
)
_COLUMNS: Final = tuple(snapshots.c[name] for name in _LISTED)

# Texts are long, so a purge takes few at a time.
_STEP: Final = 100


class SqlSnapshotStore:
    """A `naas.store.base.SnapshotStore`."""

    def __init__(self, database: Database, writer: GroupCommitWriter, readers: Readers) -> None:
        self._database, self._writer, self._readers = database, writer, readers
        dialect, table = database.dialect, snapshots.c
        same = [table[name] == given(name) for name in ("owner", "address", "is_startup", "context")]
        self._newest = compile_statement(
            select(*_COLUMNS).where(*same).order_by(table.sequence.desc()).limit(1), dialect
        )
        self._insert = compile_statement(
            database.insert(snapshots).values(given_all((*_LISTED, "text"))).on_conflict_do_nothing(), dialect
        )
        self._see_again = compile_statement(
            update(snapshots).where(table.id == given("id")).values(given_all(("last_seen_at",))), dialect
        )
        self._get = compile_statement(select(*_COLUMNS, table.text).where(table.id == given("id")), dialect)
        self._sequence = compile_statement(select(table.sequence).where(table.id == given("id")), dialect)
        age = func.row_number().over(
            partition_by=[table.owner, table.address, table.is_startup, table.context], order_by=table.sequence.desc()
        )
        ranked = select(table.sequence, age.label("age")).subquery()
        self._surplus = compile_statement(select(ranked.c.sequence).where(ranked.c.age > given("keep")), dialect)
        self._delete = compile_statement(delete(snapshots).where(table.sequence == given("sequence")), dialect)

    def add(self, snapshot: Snapshot) -> Awaitable[Snapshot]:
        values = {name: getattr(snapshot, name) for name in _LISTED}
        values["taken_at"] = snapshot.taken_at.timestamp()
        values["last_seen_at"] = snapshot.last_seen_at.timestamp()
        values["is_startup"] = int(snapshot.is_startup)
        values["text"] = (snapshot.text or "").encode()

        def apply(transaction: Transaction) -> Snapshot:
            row = transaction.one(self._newest, values)
            newest = None if row is None else _snapshot(row)
            if newest is not None and newest.sha256 == snapshot.sha256:
                seen = max(newest.last_seen_at, snapshot.last_seen_at)
                transaction.run(self._see_again, {"id": newest.id, "last_seen_at": seen.timestamp()})
                return replace(newest, last_seen_at=seen)
            if not transaction.run(self._insert, values):
                raise RequestIdUsed(snapshot.id)
            return replace(snapshot, text=None)

        return self._writer.submit(apply)

    def get(self, snapshot_id: str) -> Awaitable[Snapshot | None]:
        def read(rows: Rows) -> Snapshot | None:
            row = rows.one(self._get, {"id": snapshot_id})
            return None if row is None else replace(_snapshot(row), text=bytes(row[-1]).decode())

        return self._readers.run(read)

    def page(
        self, *, owner: str | None, address: str | None = None, before: str | None = None, limit: int = 50
    ) -> Awaitable[Sequence[Snapshot]]:
        asked = (owner is not None, address is not None, before is not None)
        statement = _page_of(*asked, dialect=self._database.dialect)

        def read(rows: Rows) -> Sequence[Snapshot]:
            values = {"owner": owner, "address": address, "limit": limit}
            if before is not None:
                edge = rows.one(self._sequence, {"id": before})
                if edge is None:  # dropped meanwhile, and so is what came before it
                    return []
                values["before"] = edge[0]
            return [_snapshot(row) for row in rows.all(statement, values)]

        return self._readers.run(read)

    async def purge(self, *, keep: int) -> int:
        surplus = await self._readers.run(lambda rows: rows.all(self._surplus, {"keep": keep}))
        for start in range(0, len(surplus), _STEP):
            gone = [{"sequence": sequence} for (sequence,) in surplus[start : start + _STEP]]
            await self._writer.submit(partial(self._forget, gone))
        return len(surplus)

    def _forget(self, gone: list[dict[str, Any]], transaction: Transaction) -> None:
        transaction.run_many(self._delete, gone)


@lru_cache(maxsize=32)
def _page_of(has_owner: bool, has_address: bool, has_edge: bool, *, dialect: Dialect) -> Statement:
    wanted = select(*_COLUMNS).order_by(snapshots.c.sequence.desc()).limit(given("limit"))
    if has_owner:
        wanted = wanted.where(snapshots.c.owner == given("owner"))
    if has_address:
        wanted = wanted.where(snapshots.c.address == given("address"))
    if has_edge:
        wanted = wanted.where(snapshots.c.sequence < given("before"))
    return compile_statement(wanted, dialect)


def _snapshot(row: tuple[Any, ...]) -> Snapshot:
    values: dict[str, Any] = dict(zip(_LISTED, row, strict=False))
    for name in ("taken_at", "last_seen_at"):
        values[name] = datetime.fromtimestamp(values[name], UTC)
    values["is_startup"] = bool(values["is_startup"])
    return Snapshot(**values)
