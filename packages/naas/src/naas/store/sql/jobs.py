"""Jobs in an SQL database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from naas.errors import IllegalMove, RequestIdUsed
from naas.jobs import Job, JobKind, JobState, Outcome
from naas.store.base import Counts, Deadlines, Idempotency, JobPage, JobQuery, Lease, Move, Receipt, Reuse
from naas.store.sql.fresh import FreshJobs
from naas.store.sql.job_listing import read_page
from naas.store.sql.job_rows import WITHOUT_OUTCOME, job_from_row, job_values, outcome_values, seconds
from naas.store.sql.job_statements import FORGET_AT_ONCE, JobStatements
from naas.store.sql.transactions import LostRace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Collection, Sequence

    from naas.store.base import RecordValue
    from naas.store.sql.databases import Database
    from naas.store.sql.readers import Readers
    from naas.store.sql.records import SqlRecordStore
    from naas.store.sql.transactions import Rows, Transaction
    from naas.store.sql.writer import GroupCommitWriter

__all__ = ["SqlJobStore"]

# Where the extra columns of a moved row begin.
_MOVED: Final = len(WITHOUT_OUTCOME)


class SqlJobStore:
    """A `naas.store.base.JobStore`."""

    def __init__(
        self, database: Database, writer: GroupCommitWriter, readers: Readers, records: SqlRecordStore
    ) -> None:
        self._database, self._writer, self._readers, self._records = database, writer, readers, records
        self._statements = JobStatements.of(database)
        self._fresh = FreshJobs() if database.is_ours_alone else FreshJobs(most=0)

    def add(self, job: Job, idempotency: Idempotency | None = None, reuse: Reuse | None = None) -> Awaitable[Receipt]:
        values = job_values(job)

        def apply(transaction: Transaction) -> Receipt:
            if idempotency is not None and (earlier := self._earlier(transaction, idempotency, job.created_at)):
                return earlier
            twin = None if reuse is None else self._twin(transaction, reuse, values)
            if twin is None:
                self._insert(transaction, job, values)
            fingerprint = None if idempotency is None else idempotency.fingerprint
            receipt = twin or Receipt(job.id)
            if idempotency is not None:
                self._claim(transaction, idempotency, receipt.job_id, job.created_at)
            return Receipt(receipt.job_id, False, receipt.deduplicated, receipt.cached, fingerprint)

        def note(receipt: Receipt) -> None:
            if receipt.is_new:
                self._fresh.remember(job)

        return self._writer.submit(apply, note)

    def add_all(
        self, jobs: Sequence[Job], records: Sequence[RecordValue] = (), idempotency: Idempotency | None = None
    ) -> Awaitable[Receipt]:
        rows = [job_values(job) for job in jobs]
        ids = [job.id for job in jobs]
        first_id = records[0].id if records else jobs[0].id
        now = jobs[0].created_at if jobs else datetime.now(UTC)

        def apply(transaction: Transaction) -> Receipt:
            if idempotency is not None and (earlier := self._earlier(transaction, idempotency, now)):
                return earlier
            self._refuse_known(transaction, ids)
            self._records.refuse_known(transaction, records)
            if transaction.run_many(self._statements.insert, rows) != len(rows):
                raise LostRace
            transaction.run_many(self._statements.insert_tag, [tag for job in jobs for tag in _tag_values(job)])
            for job in jobs:
                transaction.counted[job.owner, job.state.value] += 1
            self._records.insert_all(transaction, records, now.timestamp())
            if idempotency is None:
                return Receipt(first_id)
            self._claim(transaction, idempotency, first_id, now)
            return Receipt(first_id, fingerprint=idempotency.fingerprint)

        return self._writer.submit(apply)

    def earlier(self, idempotency: Idempotency, now: datetime) -> Awaitable[Receipt | None]:
        return self._readers.run(lambda rows: self._earlier(rows, idempotency, now))

    def move(self, move: Move) -> Awaitable[Job]:
        def apply(transaction: Transaction) -> Job:
            job = self._move(transaction, move)
            if job is None:
                row = transaction.one(self._statements.state_of, {"id": move.job_id})
                raise IllegalMove(move.job_id, "unknown" if row is None else row[0], move.to)
            return job

        return self._writer.submit(apply, self._fresh.remember)

    def move_all(self, moves: Sequence[Move]) -> Awaitable[Sequence[Job]]:
        def apply(transaction: Transaction) -> Sequence[Job]:
            return [job for move in moves if (job := self._move(transaction, move)) is not None]

        def note(moved: Sequence[Job]) -> None:
            for job in moved:
                self._fresh.remember(job)

        return self._writer.submit(apply, note)

    def request_cancel(self, job_id: str) -> Awaitable[None]:
        def apply(transaction: Transaction) -> None:
            transaction.run(self._statements.request_cancel, {"id": job_id})

        return self._writer.submit(apply, lambda _: self._fresh.forget([job_id]))

    def renew(self, lease: Lease) -> Awaitable[None]:
        def apply(transaction: Transaction) -> None:
            values = {"worker": lease.worker, "lease_until": lease.until.timestamp()}
            transaction.run(self._statements.renew, values)

        return self._writer.submit(apply)

    async def get(self, job_id: str) -> Job | None:
        if (job := self._fresh.get(job_id)) is not None and not self._readers.is_closed:
            return job

        def read(rows: Rows) -> Job | None:
            row = rows.one(self._statements.get, {"id": job_id})
            return None if row is None else job_from_row(row)

        return await self._readers.run(read)

    def get_all(self, job_ids: Sequence[str]) -> Awaitable[Sequence[Job]]:
        def read(rows: Rows) -> Sequence[Job]:
            found = rows.all(self._statements.get_all, {"ids": self._database.many(job_ids)})
            jobs = {job.id: job for job in map(job_from_row, found)}
            return [jobs[job_id] for job_id in job_ids if job_id in jobs]

        return self._readers.run(read)

    def page(self, query: JobQuery) -> Awaitable[JobPage]:
        return self._readers.run(lambda rows: read_page(rows, self._database.dialect, query))

    def counts(self) -> Awaitable[Counts]:
        def read(rows: Rows) -> Counts:
            by_state = {JobState(state): int(jobs) for state, jobs in rows.all(self._statements.counts, {})}
            to_review = rows.one(self._statements.to_review, {})
            return Counts(by_state, to_review[0] if to_review else 0)

        return self._readers.run(read)

    def queued(self) -> Awaitable[Sequence[Job]]:
        def read(rows: Rows) -> Sequence[Job]:
            return [job_from_row(row, with_login=True) for row in rows.each(self._statements.queued, {})]

        return self._readers.run(read)

    def lost(self, *, alive: Collection[str], now: datetime | None = None) -> Awaitable[Sequence[Job]]:
        statement = self._statements.started if now is None else self._statements.started_without_lease

        def read(rows: Rows) -> Sequence[Job]:
            # Few jobs run at a time, so that the workers are compared here.
            started = (job_from_row(row, with_login=True) for row in rows.all(statement, {"now": seconds(now)}))
            return [job for job in started if job.worker not in alive]

        return self._readers.run(read)

    async def purge(self, deadlines: Deadlines) -> int:
        statements, now = self._statements, {"now": deadlines.now.timestamp()}
        while await self._writer.submit(lambda transaction: transaction.run(statements.forget_keys, now)):
            pass
        forgotten = 0
        for state in (JobState.FINISHED, JobState.CANCELED, JobState.FAILED):
            before = deadlines.failed_before if state is JobState.FAILED else deadlines.succeeded_before
            forgotten += await self._forget(statements.forget_old, {"state": state.value, "before": before.timestamp()})
        if deadlines.keep_failed is not None:
            forgotten += await self._forget(statements.forget_beyond, {"kept": deadlines.keep_failed})

        def tidy(transaction: Transaction) -> None:
            # Results from before this time are gone, so nobody asks whether they are still good.
            transaction.run(statements.forget_changes, {"before": deadlines.succeeded_before.timestamp()})
            # The shards of services that are gone, and counts of nothing, become one row each, or none.
            for owner, state, jobs in transaction.all(statements.take_counts, {}):
                transaction.counted[owner, state] += jobs

        await self._writer.submit(tidy)
        return forgotten

    def write_counts(self, transaction: Transaction) -> None:
        """Bring ``job_counts`` up to date; the last thing in every transaction."""
        shard = self._database.shard
        changed = [
            {"owner": owner, "state": state, "shard": shard, "jobs": jobs}
            for (owner, state), jobs in sorted(transaction.counted.items())
            if jobs
        ]
        transaction.run_many(self._statements.count, changed)

    def _insert(self, transaction: Transaction, job: Job, values: dict[str, Any]) -> None:
        if not transaction.run(self._statements.insert, values):
            raise RequestIdUsed(job.id)
        if job.tags:
            transaction.run_many(self._statements.insert_tag, _tag_values(job))
        transaction.counted[job.owner, job.state.value] += 1

    def _earlier(self, rows: Rows, idempotency: Idempotency, now: datetime) -> Receipt | None:
        row = rows.one(self._statements.earlier, {"key": idempotency.key, "now": now.timestamp()})
        return None if row is None else Receipt(row[0], reused=True, fingerprint=row[1])

    def _claim(self, transaction: Transaction, idempotency: Idempotency, job_id: str, now: datetime) -> None:
        values = {
            "key": idempotency.key,
            "fingerprint": idempotency.fingerprint,
            "job_id": job_id,
            "expires_at": idempotency.expires_at.timestamp(),
            "now": now.timestamp(),
        }
        if transaction.one(self._statements.claim, values) is None:
            raise LostRace

    def _twin(self, transaction: Transaction, reuse: Reuse, job: dict[str, Any]) -> Receipt | None:
        if job["reuse_key"] is None:
            return None
        if reuse.waiting:
            # Of two services that are sent the same at the same moment, the second must find the first one's job.
            if (turn := self._database.serialize(job["reuse_key"])) is not None:
                transaction.one(*turn)
            if (row := transaction.one(self._statements.waiting_twin, job)) is not None:
                return Receipt(row[0], deduplicated=True)
        if reuse.finished_after is not None:
            values = {**job, "finished_after": reuse.finished_after.timestamp()}
            if (row := transaction.one(self._statements.finished_twin, values)) is not None:
                return Receipt(row[0], cached=True)
        return None

    def _refuse_known(self, transaction: Transaction, ids: list[str]) -> None:
        if len(set(ids)) < len(ids):
            raise RequestIdUsed(next(job_id for job_id in ids if ids.count(job_id) > 1))
        if known := transaction.one(self._statements.known_ids, {"ids": self._database.many(ids)}):
            raise RequestIdUsed(known[0])

    def _move(self, transaction: Transaction, move: Move) -> Job | None:
        row = transaction.one(self._statements.move(move), _move_values(move))
        if row is None:
            return None
        before, kind, address = row[_MOVED:]
        job = job_from_row(row[:_MOVED], with_login=True, outcome=move.outcome if move.to.is_final else None)
        transaction.counted[job.owner, before] -= 1
        transaction.counted[job.owner, job.state.value] += 1
        if kind == JobKind.SEND_CONFIG and JobState.STARTED in (before, job.state):
            transaction.run(self._statements.note_change, {"address": address, "changed_at": move.at.timestamp()})
        return job

    async def _forget(self, statement: Any, values: dict[str, Any]) -> int:
        def apply(transaction: Transaction) -> int:
            gone = [(job_from_row(row[:-1]), row[-1]) for row in transaction.all(statement, values)]
            tags = [{**tag, "sequence": sequence} for job, sequence in gone for tag in _tag_values(job)]
            transaction.run_many(self._statements.forget_tag, tags)
            for job, _ in gone:
                transaction.counted[job.owner, job.state.value] -= 1
            return len(gone)

        forgotten = 0
        while step := await self._writer.submit(apply, lambda _: self._fresh.forget_all()):
            forgotten += step
            if step < FORGET_AT_ONCE:
                break
        return forgotten


def _tag_values(job: Job) -> list[dict[str, Any]]:
    same = {"owner": job.owner, "created_at": job.created_at.timestamp(), "id": job.id}
    return [{**same, "tag": f"{key}:{value}"} for key, value in job.tags.items()]


def _move_values(move: Move) -> dict[str, Any]:
    values: dict[str, Any] = {"id": move.job_id, "only_worker": move.only_worker}
    if move.to is JobState.STARTED:
        worker, until = (None, None) if move.lease is None else (move.lease.worker, move.lease.until)
        values |= {"started_at": move.at.timestamp(), "worker": worker, "lease_until": seconds(until)}
    if move.to.is_final:
        values |= outcome_values(move.outcome or Outcome())
        values |= {"ended_at": move.at.timestamp(), "needs_review": int(move.needs_review)}
    return values
