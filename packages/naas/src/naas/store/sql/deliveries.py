"""The outbox of webhooks in an SQL database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, literal_column, select, update

from naas.store.base import WebhookDelivery
from naas.store.sql.job_rows import moment, seconds
from naas.store.sql.statements import compile_statement, given, given_all
from naas.store.sql.tables import deliveries, jobs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from naas.store.sql.databases import Database
    from naas.store.sql.readers import Readers
    from naas.store.sql.transactions import Rows, Transaction
    from naas.store.sql.writer import GroupCommitWriter

__all__ = ["SqlDeliveryStore"]

_NAMES: Final = (
    *("id", "job_id", "owner", "url", "body", "sealed_secret", "attempts"),
    *("next_at", "delivered_at", "last_error", "created_at"),
)
_TIMES: Final = ("next_at", "delivered_at", "created_at")
_COLUMNS: Final = tuple(deliveries.c[name] for name in _NAMES)

_STEP: Final = 500


class SqlDeliveryStore:
    """A `naas.store.base.DeliveryStore`."""

    def __init__(self, database: Database, writer: GroupCommitWriter, readers: Readers) -> None:
        self._writer, self._readers = writer, readers
        dialect, table = database.dialect, deliveries.c
        self._insert = compile_statement(
            database.insert(deliveries).values(given_all(_NAMES)).on_conflict_do_nothing(), dialect
        )
        due = select(*_COLUMNS).where(table.next_at <= given("now")).order_by(table.next_at).limit(given("limit"))
        self._due = compile_statement(due, dialect)
        # On PostgreSQL, a delivery that another service is just taking is passed over.
        self._due_alone = compile_statement(due.with_for_update(skip_locked=True), dialect)
        this = table.id == given("id")
        self._hold = compile_statement(update(deliveries).where(this).values(given_all(("next_at",))), dialect)
        progress = given_all(("attempts", "next_at", "delivered_at", "last_error"))
        self._record = compile_statement(update(deliveries).where(this).values(progress), dialect)
        ended = progress | given_all(("ended_at",)) | {"sealed_secret": None}
        self._end = compile_statement(update(deliveries).where(this).values(ended), dialect)
        of_ended_job = (jobs.c.id == given("job_id"), jobs.c.ended_at.is_not(None))
        self._forget_secret = compile_statement(
            update(jobs).where(*of_ended_job).values(sealed_webhook_secret=None), dialect
        )
        self._of_job = compile_statement(
            select(*_COLUMNS).where(table.job_id == given("job_id")).order_by(table.created_at, table.id), dialect
        )
        old = select(table.id).where(table.ended_at < given("before")).limit(literal_column(str(_STEP)))
        self._forget = compile_statement(delete(deliveries).where(table.id.in_(old)), dialect)

    def add(self, delivery: WebhookDelivery) -> Awaitable[None]:
        values = _values(delivery)
        values["created_at"] = values["created_at"] or datetime.now(UTC).timestamp()

        def apply(transaction: Transaction) -> None:
            transaction.run(self._insert, values)

        return self._writer.submit(apply)

    def due(
        self, now: datetime, limit: int = 100, *, hold_until: datetime | None = None
    ) -> Awaitable[Sequence[WebhookDelivery]]:
        values = {"now": now.timestamp(), "limit": limit}

        def read(rows: Rows) -> Sequence[WebhookDelivery]:
            return [_delivery(row) for row in rows.all(self._due, values)]

        def take(transaction: Transaction) -> Sequence[WebhookDelivery]:
            found = [_delivery(row) for row in transaction.all(self._due_alone, values)]
            until = seconds(hold_until)
            transaction.run_many(self._hold, [{"id": delivery.id, "next_at": until} for delivery in found])
            return found

        return self._readers.run(read) if hold_until is None else self._writer.submit(take)

    def record(self, delivery: WebhookDelivery) -> Awaitable[None]:
        values = _values(delivery)
        values["ended_at"] = values["delivered_at"] or datetime.now(UTC).timestamp()

        def apply(transaction: Transaction) -> None:
            if delivery.next_at is not None:
                transaction.run(self._record, values)
                return
            transaction.run(self._end, values)
            transaction.run(self._forget_secret, values)

        return self._writer.submit(apply)

    def of_job(self, job_id: str) -> Awaitable[Sequence[WebhookDelivery]]:
        def read(rows: Rows) -> Sequence[WebhookDelivery]:
            return [_delivery(row) for row in rows.all(self._of_job, {"job_id": job_id})]

        return self._readers.run(read)

    async def purge(self, before: datetime) -> int:
        values, forgotten = {"before": before.timestamp()}, 0
        while step := await self._writer.submit(lambda transaction: transaction.run(self._forget, values)):
            forgotten += step
        return forgotten


def _values(delivery: WebhookDelivery) -> dict[str, Any]:
    values = {name: getattr(delivery, name) for name in _NAMES}
    return values | {name: seconds(values[name]) for name in _TIMES}


def _delivery(row: tuple[Any, ...]) -> WebhookDelivery:
    values: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    for name in _TIMES:
        values[name] = moment(values[name])
    return WebhookDelivery(**values)
