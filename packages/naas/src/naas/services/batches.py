"""Batches: submit, read, wait, list, cancel, retry.

The jobs of a batch are jobs like others: in the store, in the engine, readable one by one. This service adds three
small records (`naas.services.batch_records`), and what goes on while nobody asks (`naas.services.waves`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from naas.batches import Plan, Tally, tally, wave_of
from naas.engine.base import JobEvent
from naas.errors import (
    BatchHasEnded,
    BatchNotFound,
    FieldProblem,
    InvalidRequest,
    NotAllowed,
    NothingToRetry,
)
from naas.jobs import Job, JobKind, JobState
from naas.services.batch_records import (
    EVERYBODY,
    BatchEntry,
    BatchRecord,
    OpenBatch,
    entries_of,
    newest_first,
    scope_of,
)
from naas.services.orders import Order, order_of
from naas.services.waves import Waves, jobs_in
from naas.store.base import Idempotency, JobQuery, RecordValue

if TYPE_CHECKING:
    from naas.engine.base import Engine, Subscription
    from naas.principals import Principal
    from naas.services.jobs import JobService
    from naas.store.base import Store
    from naas.vault import Login

__all__ = ["AcceptedBatch", "BatchOrder", "BatchPage", "BatchService", "BatchView"]

log = logging.getLogger("naas.services.batches")


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """A request to run a batch, already checked field by field. ``content`` is what a repeated request repeats."""

    orders: Sequence[Order] = field(repr=False)
    plan: Plan
    kind: JobKind
    tags: dict[str, str] = field(default_factory=dict[str, str])
    idempotency_key: str | None = field(default=None, repr=False)
    content: bytes = field(default=b"", repr=False)
    retry_of: str | None = None


@dataclass(frozen=True, slots=True)
class AcceptedBatch:
    """A batch that is on disk. ``reused`` when an earlier request with the same idempotency key made it."""

    batch_id: str
    job_ids: Sequence[str]
    reused: bool = False


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch with those of its jobs that are still known, in the order of the devices."""

    record: BatchRecord
    jobs: Sequence[Job]
    counts: Tally

    @property
    def ended(self) -> int:
        """How many jobs have ended; never falls."""
        return self.counts.total - self.counts.unfinished

    @property
    def last_end(self) -> datetime | None:
        """When the last of those that ended did."""
        return max((job.ended_at for job in self.jobs if job.ended_at is not None), default=None)


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Some batches, newest first, and the cursor that leads to the next ones, None at the end."""

    batches: Sequence[BatchView]
    next: str | None


# While somebody waits for a batch: how long an event that was lost may delay the answer, and how long further ends are
# gathered into one answer.
_RECHECK_SECONDS: Final = 2.0
_GATHER_SECONDS: Final = 0.05
# Jobs that are made before the event loop gets its turn; a job takes about 60 microseconds.
_AT_ONCE: Final = 100
_FORGET_AFTER: Final = timedelta(hours=1)


class BatchService:
    """Decides about batches. Lives in one event loop; an observer of `naas.keeper`."""

    def __init__(self, store: Store, engine: Engine, jobs: JobService) -> None:
        self._store, self._engine, self._jobs = store, engine, jobs
        self.waves = Waves(store, engine)
        jobs.on_canceled = self.waves.ended

    # Submitting

    async def submit(self, principal: Principal, order: BatchOrder) -> AcceptedBatch:
        """Put all jobs of a batch on disk, or none, and those of the first wave into the queue.

        Raises:
            NotAllowed: The caller's key does not reach a context, or a check refuses one of the jobs.
            UnknownContext, NoWorkers, QueueFull: As they say.
            InvalidRequest: The idempotency key was used with another request, or a device has no login.
            StoreUnavailable: Nothing was kept.
        """
        now = datetime.now(UTC)
        idempotency = None
        if order.idempotency_key is not None:
            idempotency = self._jobs.idempotency(principal, order.idempotency_key, order.content, now)
            if earlier := await self._store.jobs.earlier(idempotency, now):
                return await self._earlier(earlier.job_id, earlier.fingerprint, idempotency)
        batch_id = f"batch-{uuid.uuid4().hex[:12]}"
        jobs = await self._jobs_of(principal, order, batch_id)
        for context in {job.context for job in jobs}:
            await self._jobs.require_room(context, sum(job.context == context for job in jobs))
        record = _record_of(principal, order, batch_id, now)
        # Shielded: a caller who hangs up now must not leave jobs on disk that nobody delivers.
        return await asyncio.shield(self._keep_and_publish(record, jobs, idempotency))

    async def _jobs_of(self, principal: Principal, order: BatchOrder, batch_id: str) -> list[Job]:
        jobs: list[Job] = []
        for index, each in enumerate(order.orders):
            wave = wave_of(index, order.plan.waves)
            state = JobState.DEFERRED if wave else JobState.QUEUED
            try:
                job = self._jobs.job_of(principal, each, batch_id=batch_id, wave=wave, state=state)
            except InvalidRequest as exc:
                located = [replace(each, location=("devices", index, *each.location)) for each in exc.problems]
                raise InvalidRequest(located) from exc
            jobs.append(job)
            if len(jobs) % _AT_ONCE == 0:
                await asyncio.sleep(0)
        return jobs

    async def _keep_and_publish(
        self, record: BatchRecord, jobs: list[Job], idempotency: Idempotency | None
    ) -> AcceptedBatch:
        records: list[RecordValue] = [record, *entries_of(record)]
        if record.plan.is_staged:
            records.append(OpenBatch(id=record.id))
        receipt = await self._store.jobs.add_all(jobs, records, idempotency)
        if receipt.reused:
            return await self._earlier(receipt.job_id, receipt.fingerprint, idempotency)
        if not record.plan.is_staged:
            self.waves.remember_plain(record.id)
        await self._engine.publish([job for job in jobs if job.state is JobState.QUEUED])
        log.info("batch accepted batch_id=%s kind=%s jobs=%d", record.id, record.kind, len(jobs))
        return AcceptedBatch(record.id, [job.id for job in jobs])

    async def _earlier(self, batch_id: str, fingerprint: str | None, idempotency: Idempotency | None) -> AcceptedBatch:
        if idempotency is not None and fingerprint != idempotency.fingerprint:
            raise InvalidRequest([_KEY_REUSED])
        record = await self._store.records.get(BatchRecord, batch_id)
        jobs = [] if record is None else await jobs_in(self._store, record.value)
        return AcceptedBatch(batch_id, [job.id for job in jobs], reused=True)

    # Reading

    async def read(
        self, principal: Principal, batch_id: str, *, wait: float = 0.0, beyond: int | None = None
    ) -> BatchView:
        """Return a batch that the caller may see; with ``wait``, not before it is over, or that many seconds passed.

        With ``beyond`` it is enough that more than so many jobs have ended.

        Raises:
            BatchNotFound: There is none, or all of its jobs are forgotten.
            NotAllowed: It is not theirs.
        """
        if wait <= 0:
            return await self._visible(principal, batch_id)
        until = time.monotonic() + wait
        async with self._engine.events(None) as events:
            view = await self._visible(principal, batch_id)
            while not view.counts.is_over and (beyond is None or view.ended <= beyond):
                enough = view.counts.unfinished if beyond is None else 1
                goes_on = await _heard(events, batch_id, enough, until)
                view = await self._visible(principal, batch_id)
                if not goes_on:
                    break
        return view

    async def with_results(self, jobs: Sequence[Job]) -> Sequence[Job]:
        """Return the same jobs with what came of them."""
        return await self._store.jobs.get_all([job.id for job in jobs])

    @contextlib.asynccontextmanager
    async def watch(self, principal: Principal, batch_id: str) -> AsyncGenerator[tuple[BatchView, Subscription]]:
        """Listen to all jobs, for one batch; gives the batch as it is once the listening has begun.

        Raises:
            BatchNotFound, NotAllowed: As for `read`.
        """
        async with self._engine.events(None) as events:
            yield await self._visible(principal, batch_id), events

    async def page(self, principal: Principal, *, before: str | None, limit: int) -> BatchPage:
        """Return up to ``limit`` batches that the caller may see, newest first, from behind the cursor ``before``."""
        scope = EVERYBODY if principal.sees_everything else scope_of(principal.subject)
        after = f"{scope}~{before or ''}"
        found = await self._store.records.page(BatchEntry, after=after, limit=limit + 1)
        entries = [entry.value for entry in found if entry.value.id.startswith(f"{scope}~")]
        views: list[BatchView] = []
        for entry in entries[:limit]:
            record = await self._store.records.get(BatchRecord, entry.batch_id)
            if record is not None:
                views.append(await self._view(record.value))
        more = len(entries) > limit
        return BatchPage(views, entries[limit - 1].id.partition("~")[2] if more else None)

    async def _visible(self, principal: Principal, batch_id: str) -> BatchView:
        record = await self._store.records.get(BatchRecord, batch_id)
        if record is None:
            raise BatchNotFound(batch_id)
        if not principal.may_see(record.value.owner):
            raise NotAllowed(batch_id)
        view = await self._view(record.value)
        if not view.jobs:
            raise BatchNotFound(batch_id)
        return view

    async def _view(self, record: BatchRecord) -> BatchView:
        jobs = await jobs_in(self._store, record)
        return BatchView(record, jobs, tally(jobs, record.plan.total))

    # Cancelling, retrying

    async def cancel(self, principal: Principal, batch_id: str) -> None:
        """Cancel what has not started, and ask what runs to stop before its next command.

        Raises:
            BatchNotFound, NotAllowed: As for `read`.
            BatchHasEnded: Every job has ended, and none of them by being cancelled.
        """
        view = await self._visible(principal, batch_id)
        if view.counts.is_over:
            if view.counts.canceled:
                return
            raise BatchHasEnded(batch_id)
        await self.waves.cancel_waiting(view.jobs)
        for job in await jobs_in(self._store, view.record):
            if job.state is JobState.STARTED:
                await self._store.jobs.request_cancel(job.id)
                await self._engine.cancel(job)
        self.waves.wake(batch_id)
        log.info("batch cancelled batch_id=%s", batch_id)

    async def retryable(
        self, principal: Principal, batch_id: str, *, include_canceled: bool = False, include_needs_review: bool = False
    ) -> BatchView:
        """Return a batch with only those of its jobs that a retry would submit again: what failed.

        Raises:
            BatchNotFound, NotAllowed: As for `read`.
            NothingToRetry: None failed, or those that did need a person first.
        """
        view = await self._visible(principal, batch_id)
        failed = [job for job in view.jobs if _may_be_retried(job, include_canceled=include_canceled)]
        chosen = [job for job in failed if include_needs_review or not job.needs_review]
        if not chosen:
            raise NothingToRetry(batch_id, len(failed))
        return replace(view, jobs=chosen)

    async def retry(
        self,
        principal: Principal,
        chosen: BatchView,
        logins: Sequence[Login | None],
        plan: Plan,
        *,
        enable: str | None = None,
    ) -> AcceptedBatch:
        """Submit the work of `retryable` jobs again, as a new batch. A login of None is the caller's own.

        Raises:
            Everything that `submit` does.
        """
        orders = [replace(order_of(job, login), enable=enable) for job, login in zip(chosen.jobs, logins, strict=True)]
        record = chosen.record
        return await self.submit(principal, BatchOrder(orders, plan, record.kind, record.tags, retry_of=record.id))

    # Housekeeping

    async def ended(self, job: Job) -> None:
        """Think about the batch of a job that has ended (`naas.keeper.EndingObserver`)."""
        await self.waves.ended(job)

    async def recover(self) -> None:
        """Take up what an earlier run left open, and begin to look after it from time to time."""
        await self.waves.recover()

    async def aclose(self) -> None:
        """Decide nothing more."""
        await self.waves.aclose()

    async def purge(self) -> int:
        """Forget the batches whose jobs are all forgotten; return how many."""
        forgotten = 0
        after = f"{EVERYBODY}~{newest_first(datetime.now(UTC) - _FORGET_AFTER)}"
        while entries := await self._store.records.page(BatchEntry, after=after, limit=100):
            for entry in entries:
                after = entry.value.id
                if not after.startswith(f"{EVERYBODY}~"):
                    return forgotten
                forgotten += await self._forget_if_empty(entry.value.batch_id)
        return forgotten

    async def _forget_if_empty(self, batch_id: str) -> bool:
        query = JobQuery(owner=None, batch_id=batch_id, per_page=1, want_total=False)
        if (await self._store.jobs.page(query)).jobs:
            return False
        record = await self._store.records.get(BatchRecord, batch_id)
        if record is not None:
            for entry in entries_of(record.value):
                await self._store.records.delete(BatchEntry, entry.id)
        await self._store.records.delete(OpenBatch, batch_id)
        await self._store.records.delete(BatchRecord, batch_id)
        return True


async def _heard(events: Subscription, batch_id: str, enough: int, until: float) -> bool:
    """Wait until ``enough`` jobs of the batch have ended, or a look is due anyway; False when the time is over."""
    heard: set[str] = set()
    look_at = min(until, time.monotonic() + _RECHECK_SECONDS)
    while (left := look_at - time.monotonic()) > 0:
        event = await events.next(left)
        if event is None:
            # Earlier than asked: the service stops.
            return look_at - time.monotonic() <= 0 and look_at < until
        if isinstance(event, JobEvent) and event.batch_id == batch_id and event.state.is_final:
            heard.add(event.job_id)
            if len(heard) >= enough:
                look_at = min(look_at, time.monotonic() + _GATHER_SECONDS)
    return look_at < until


def _may_be_retried(job: Job, *, include_canceled: bool) -> bool:
    if job.state is JobState.CANCELED:
        return include_canceled
    return job.state is JobState.FAILED or (job.state is JobState.FINISHED and job.outcome.failure is not None)


def _record_of(principal: Principal, order: BatchOrder, batch_id: str, now: datetime) -> BatchRecord:
    return BatchRecord(
        id=batch_id,
        owner=principal.subject,
        submitter=principal.name,
        kind=order.kind,
        created_at=now,
        waves=order.plan.waves,
        pause_seconds=order.plan.pause_seconds,
        most_failures=order.plan.most_failures,
        tags=dict(order.tags),
        retry_of=order.retry_of,
    )


_KEY_REUSED: Final = FieldProblem(
    "idempotency_key_reused",
    ("header", "Idempotency-Key"),
    "this key was used with another request within the last day; use a new key for a new request",
)
