"""Jobs: submit, cancel, replay, and forget what is old; reading them is `naas.services.job_reading`.

The service knows nothing of HTTP. It is given values that are already right (`naas.services.orders`), decides, and
raises `naas.errors`. What security has to say about a submission (lockouts, the command policy) comes as
`SubmissionCheck`, so that the rules are in one place each and the order of asking is in this one.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from naas.engine.base import JobEvent
from naas.errors import (
    ContextRefused,
    FieldProblem,
    IllegalMove,
    InvalidRequest,
    JobHasEnded,
    JobHasNotFailed,
    NoWorkers,
    QueueFull,
    StoreUnavailable,
    UnknownContext,
)
from naas.jobs import Job, JobState, command_count, new_job_id, time_limit
from naas.security.audit import Audit, NoAudit
from naas.services.job_reading import JobReader
from naas.services.orders import Accepted, content_of, login_for, order_of
from naas.store.base import Deadlines, Idempotency, Move, Reuse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from naas.engine.base import Depth, Engine, WorkerInfo
    from naas.principals import Principal
    from naas.services.orders import Order, ServiceLimits, SubmissionCheck
    from naas.store.base import Counts, Receipt, Store
    from naas.vault import Login, Vault

__all__ = ["JobService"]

log = logging.getLogger("naas.services.jobs")


class JobService(JobReader):
    """Decides about jobs, and reads them. Lives in one event loop."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        vault: Vault,
        limits: ServiceLimits,
        checks: Sequence[SubmissionCheck] = (),
        audit: Audit | None = None,
    ) -> None:
        super().__init__(store, engine)
        self._vault, self._limits = vault, limits
        self._checks = tuple(checks)
        self._audit = audit or NoAudit()
        self.on_canceled: Callable[[Job], Awaitable[None]] | None = None
        """Is told of a job that was cancelled while it waited, which no worker will report: its batch may go on."""

    @property
    def keeps_for(self) -> float:
        """How many seconds a job is kept at least after its end, and so its id refused to another."""
        return min(self._limits.keep_succeeded, self._limits.keep_failed)

    # Submitting

    async def submit(self, principal: Principal, order: Order) -> Accepted:
        """Put a job on disk and into the queue; or return an earlier job that does as well.

        Earlier ones are, in this order: the job of the same idempotency key; an equal job of the caller that waits or
        runs; and, if the order would take one, an equal one that has finished lately.

        Raises:
            NotAllowed: The caller's key does not reach the context (`ContextRefused`), or a check refuses.
            UnknownContext, NoWorkers, QueueFull, RequestIdUsed: As they say.
            InvalidRequest: The idempotency key was used with another request, or there is no device login.
            StoreUnavailable: Nothing was kept.
        """
        job = self.job_of(principal, order)
        idempotency = self._idempotency(principal, order, job.created_at)
        if idempotency is not None and (earlier := await self._store.jobs.earlier(idempotency, job.created_at)):
            return await self._answer(job, earlier, 0, idempotency)
        await self.require_room(order.context)
        # Shielded: a caller who hangs up now must not leave a job on disk that nobody delivers.
        receipt, position = await asyncio.shield(self._keep_and_publish(job, idempotency, self._reuse(order)))
        if receipt.is_new:
            self.note_submission(principal, job)
        return await self._answer(job, receipt, position, idempotency)

    def job_of(self, principal: Principal, order: Order, **fields: Any) -> Job:
        """Return the job that an order means, after every check that needs no queue; ``fields`` are set on it.

        Raises:
            NotAllowed: The caller's key does not reach the context (`ContextRefused`), or a check refuses.
            InvalidRequest: There is no device login.
        """
        if not principal.may_use(order.context):
            raise ContextRefused(order.context, sorted(principal.contexts))
        login = login_for(principal, order)
        for check in self._checks:
            check(principal, order, login)
        job_id = order.request_id or new_job_id()
        secret = order.webhook_secret
        defaults: dict[str, Any] = {
            "read_timeout": order.read_timeout,
            "conn_timeout": order.conn_timeout,
            "job_timeout": self._time_limit(order),
            "priority": order.priority,
            "context": order.context,
            "tags": order.tags,
            "submitter": principal.name,
            "webhook_url": order.webhook_url,
            "sealed_webhook_secret": None if secret is None else self._vault.seal_text(job_id, secret),
            "reuse_key": self._reuse_key(principal, order, login),
            "trace": order.trace,
            "sealed_login": self._vault.seal(job_id, login),
        }
        return Job(job_id, principal.subject, order.device, order.work, datetime.now(UTC), **{**defaults, **fields})

    def _time_limit(self, order: Order) -> float:
        if order.job_timeout is not None:
            return order.job_timeout
        return time_limit(
            order.work,
            read_timeout=order.read_timeout,
            conn_timeout=order.conn_timeout,
            at_least=self._limits.job_timeout,
        )

    async def require_room(self, context: str, jobs: int = 1) -> None:
        """Return if ``jobs`` more jobs may wait in the context.

        Raises:
            UnknownContext: There is no such context.
            NoWorkers: Nobody serves it now.
            QueueFull: As many jobs wait as the operator allows.
        """
        if context not in self._limits.contexts:
            raise UnknownContext(context, self._limits.contexts)
        if not any(context in worker.contexts for worker in await self._engine.workers()):
            raise NoWorkers(context)
        waiting = (await self._engine.depth()).waiting
        if 0 < self._limits.queue_depth < waiting + jobs:
            raise QueueFull(waiting, self._limits.queue_depth)

    async def _keep_and_publish(
        self, job: Job, idempotency: Idempotency | None, reuse: Reuse | None
    ) -> tuple[Receipt, int]:
        """Return what became of the job, and how long the queue is with it; 0 if it was not queued."""
        receipt = await self._store.jobs.add(job, idempotency, reuse)
        if not receipt.is_new:
            return receipt, 0
        await self._engine.publish([job])
        await self._engine.announce(JobEvent(job.id, job.state, job.owner, job.batch_id))
        log.info("job accepted job_id=%s kind=%s device=%s", job.id, job.kind, job.device.address)
        return receipt, (await self._engine.depth()).waiting

    async def _answer(self, job: Job, receipt: Receipt, position: int, idempotency: Idempotency | None) -> Accepted:
        if receipt.is_new:
            return Accepted(job.id, job.kind, position, job.created_at, job.time_limit, receipt)
        if receipt.reused and idempotency is not None and receipt.fingerprint != idempotency.fingerprint:
            raise InvalidRequest([_KEY_REUSED])
        earlier = await self._store.jobs.get(receipt.job_id) or job
        return Accepted(receipt.job_id, earlier.kind, 0, earlier.created_at, earlier.time_limit, receipt)

    def note_submission(self, principal: Principal, job: Job) -> None:
        """Write into the audit trail that a job was submitted."""
        device = job.device
        self._audit.write(
            "job.submitted",
            principal,
            request_id=job.id,
            kind=job.kind.value,
            host=device.host,
            platform=device.platform,
            port=device.port,
            command_count=command_count(job.work),
            context=job.context,
            **{name: value for name, value in (("batch_id", job.batch_id), ("replay_of", job.replay_of)) if value},
        )

    def _reuse(self, order: Order) -> Reuse | None:
        if order.request_id is not None:  # the caller wants a job of this very id
            return None
        after = None
        if order.cache is not None:
            after = datetime.now(UTC) - timedelta(seconds=order.cache.max_age_seconds)
        waiting = self._limits.deduplicate
        return Reuse(waiting, after) if waiting or after is not None else None

    def _reuse_key(self, principal: Principal, order: Order, login: Login) -> str:
        """Equal for orders that would do the same, at the same device, with the same login, for the same caller."""
        return self._vault.fingerprint(_encode(["reuse", principal.subject, *content_of(order), login]))

    def _idempotency(self, principal: Principal, order: Order, now: datetime) -> Idempotency | None:
        if order.idempotency_key is None:
            return None
        return self.idempotency(principal, order.idempotency_key, _encode([*content_of(order), order.enable]), now)

    def idempotency(self, principal: Principal, key: str, content: bytes, now: datetime) -> Idempotency:
        """Return the promise that requests with this key and content are one request."""
        # Scoped to the caller: a stranger with the same key gets a job of their own, not ours.
        scoped = hashlib.sha256(f"{principal.subject}:{key}".encode()).hexdigest()
        expires_at = now + timedelta(seconds=self._limits.keep_idempotency)
        return Idempotency(scoped, self._vault.fingerprint(content), expires_at)

    # Cancelling, replaying

    async def cancel(self, principal: Principal, job_id: str) -> None:
        """Cancel a job: at once if it waits, before its next command if it runs.

        The store decides which of the two it is, and only then the engine hears of it: so a store that fails leaves
        everything as it was. Cancelling a job that is cancelled already changes nothing and is no error.

        Raises:
            JobNotFound, NotAllowed: No such job; not theirs.
            JobHasEnded: It finished or failed before.
        """
        job = await self.find(principal, job_id)
        while True:
            if job.state is JobState.CANCELED:
                return
            if job.state.is_final:
                raise JobHasEnded(job_id, job.state)
            if job.state is JobState.STARTED:
                await self._stop_running(job)
                self._audit.write("job.cancelled", principal, request_id=job_id)
                return
            try:
                canceled = Move(job_id, JobState.CANCELED, datetime.now(UTC), only_from=job.state)
                job = await self._store.jobs.move(canceled)
            except IllegalMove:  # it moved on while we looked
                job = await self.find(principal, job_id)
                continue
            await self._engine.cancel(job)
            await self._engine.announce(JobEvent(job_id, job.state, job.owner, job.batch_id))
            if self.on_canceled is not None:
                await self.on_canceled(job)
            self._audit.write("job.cancelled", principal, request_id=job_id)
            log.info("job cancelled job_id=%s", job_id)
            return

    async def _stop_running(self, job: Job) -> None:
        await self._store.jobs.request_cancel(job.id)
        await self._engine.cancel(job)
        log.info("job asked to stop job_id=%s", job.id)

    async def replay(self, principal: Principal, job_id: str, login: Login | None = None) -> Accepted:
        """Submit the work of a failed job again, as a new job, with the caller's device login.

        Raises:
            JobNotFound, NotAllowed: No such job; not theirs.
            JobHasNotFailed: It has not failed.
            InvalidRequest: There is no device login.
        """
        job = await self.find(principal, job_id)
        if job.state is not JobState.FAILED:
            raise JobHasNotFailed(job_id, job.state)
        order = order_of(job, login)
        await self.require_room(order.context)
        again = self.job_of(principal, order, replay_of=job_id, reuse_key=None)
        receipt, position = await asyncio.shield(self._keep_and_publish(again, None, None))
        self.note_submission(principal, again)
        return await self._answer(again, receipt, position, None)

    # Housekeeping

    async def counts(self) -> tuple[Counts, Depth]:
        """Count jobs in the store and in the engine, for health.

        Raises:
            StoreUnavailable: It cannot be read, or refused the last write: a full disk still reads well.
        """
        counts = await self._store.jobs.counts()
        if not self._store.is_well:
            raise StoreUnavailable("the last write failed")
        return counts, await self._engine.depth()

    async def workers(self) -> Sequence[WorkerInfo]:
        """Return the workers that live, by name."""
        return await self._engine.workers()

    async def purge(self) -> int:
        """Forget what was kept long enough; return how many jobs that were."""
        now = datetime.now(UTC)
        return await self._store.jobs.purge(
            Deadlines(
                succeeded_before=now - timedelta(seconds=self._limits.keep_succeeded),
                failed_before=now - timedelta(seconds=self._limits.keep_failed),
                now=now,
                keep_failed=self._limits.most_failed,
            )
        )


_encode: Final = msgspec.json.Encoder().encode

_KEY_REUSED: Final = FieldProblem(
    "idempotency_key_reused",
    ("header", "Idempotency-Key"),
    "this key was used with another request within the last day; use a new key for a new request",
)
