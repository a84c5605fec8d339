"""Records in an SQL database: few, read whole, each with a revision."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from sqlalchemy import delete, select, update

from naas.errors import RequestIdUsed, RevisionMismatch
from naas.store.base import Record, RecordValue
from naas.store.sql.statements import compile_statement, given, given_all
from naas.store.sql.tables import records
from naas.store.sql.transactions import LostRace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from naas.store.sql.databases import Database
    from naas.store.sql.readers import Readers
    from naas.store.sql.transactions import Rows, Transaction
    from naas.store.sql.writer import GroupCommitWriter

__all__ = ["SqlRecordStore"]

RecordT = TypeVar("RecordT", bound=RecordValue)

_NEW = ("collection", "id", "revision", "created_at", "updated_at", "value")
_READ = (records.c.value, records.c.revision, records.c.created_at, records.c.updated_at)
_encoder = msgspec.json.Encoder()


class SqlRecordStore:
    """A `naas.store.base.RecordStore`."""

    def __init__(self, database: Database, writer: GroupCommitWriter, readers: Readers) -> None:
        self._writer, self._readers = writer, readers
        dialect = database.dialect
        in_collection = records.c.collection == given("collection")
        this = (in_collection, records.c.id == given("id"))
        at_revision = records.c.revision == given("expected")
        changed = given_all(("revision", "updated_at", "value"))
        by_id = select(*_READ).where(in_collection).order_by(records.c.id)
        self._insert = compile_statement(
            database.insert(records).values(given_all(_NEW)).on_conflict_do_nothing(), dialect
        )
        self._update = compile_statement(update(records).where(*this, at_revision).values(changed), dialect)
        self._delete = compile_statement(delete(records).where(*this, at_revision), dialect)
        self._revision = compile_statement(select(records.c.revision).where(*this), dialect)
        self._get = compile_statement(select(*_READ).where(*this), dialect)
        self._all = compile_statement(by_id, dialect)
        self._page = compile_statement(by_id.where(records.c.id > given("after")).limit(given("limit")), dialect)

    def put(self, value: RecordValue, *, expected: int | None = None) -> Awaitable[int]:
        content, now = _encoder.encode(value), datetime.now(UTC).timestamp()

        def apply(transaction: Transaction) -> int:
            key = {"collection": value.collection, "id": value.id}
            present = self._present(transaction, key, expected)
            values = {**key, "revision": present + 1, "updated_at": now, "created_at": now, "value": content}
            if present:
                written = transaction.run(self._update, {**values, "expected": present})
            else:
                written = transaction.run(self._insert, values)
            if not written:
                raise LostRace
            return present + 1

        return self._writer.submit(apply)

    def get(self, kind: type[RecordT], record_id: str) -> Awaitable[Record[RecordT] | None]:
        def read(rows: Rows) -> Record[RecordT] | None:
            row = rows.one(self._get, {"collection": kind.collection, "id": record_id})
            return None if row is None else _record(kind, row)

        return self._readers.run(read)

    def all(self, kind: type[RecordT]) -> Awaitable[Sequence[Record[RecordT]]]:
        def read(rows: Rows) -> Sequence[Record[RecordT]]:
            return [_record(kind, row) for row in rows.all(self._all, {"collection": kind.collection})]

        return self._readers.run(read)

    def page(
        self, kind: type[RecordT], *, after: str | None = None, limit: int = 100
    ) -> Awaitable[Sequence[Record[RecordT]]]:
        values = {"collection": kind.collection, "after": after or "", "limit": limit}

        def read(rows: Rows) -> Sequence[Record[RecordT]]:
            return [_record(kind, row) for row in rows.all(self._page, values)]

        return self._readers.run(read)

    def delete(self, kind: type[RecordT], record_id: str, *, expected: int | None = None) -> Awaitable[bool]:
        def apply(transaction: Transaction) -> bool:
            key = {"collection": kind.collection, "id": record_id}
            present = self._present(transaction, key, expected)
            if present and not transaction.run(self._delete, {**key, "expected": present}):
                raise LostRace
            return present > 0

        return self._writer.submit(apply)

    def refuse_known(self, transaction: Transaction, values: Sequence[RecordValue]) -> None:
        """Raise `RequestIdUsed` for the first record that exists."""
        for value in values:
            if transaction.one(self._revision, {"collection": value.collection, "id": value.id}) is not None:
                raise RequestIdUsed(value.id)

    def insert_all(self, transaction: Transaction, values: Sequence[RecordValue], now: float) -> None:
        """Write records that must be new, within somebody else's transaction."""
        rows = [(value.collection, value.id, 1, now, now, _encoder.encode(value)) for value in values]
        if transaction.run_many(self._insert, [dict(zip(_NEW, row, strict=True)) for row in rows]) != len(rows):
            raise LostRace

    def _present(self, transaction: Transaction, key: dict[str, Any], expected: int | None) -> int:
        """Return the present revision, 0 for none, if it is as expected."""
        row = transaction.one(self._revision, key)
        present: int = 0 if row is None else row[0]
        if expected is not None and expected != present:
            raise RevisionMismatch(key["id"], expected, present)
        return present


@cache
def _decoder(kind: type[RecordT]) -> msgspec.json.Decoder[RecordT]:
    return msgspec.json.Decoder(kind)


def _record(kind: type[RecordT], row: tuple[Any, ...]) -> Record[RecordT]:
    value: RecordT = _decoder(kind).decode(row[0])
    return Record(value, row[1], datetime.fromtimestamp(row[2], UTC), datetime.fromtimestamp(row[3], UTC))
