"""What may be done, and by whom: submit, read, wait, list, cancel.

The service knows nothing of HTTP. It is given values that are already right, decides, and raises `naas.errors`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from naas.engine.base import JobEvent
from naas.errors import (
    FieldProblem,
    IllegalMove,
    InvalidRequest,
    JobHasEnded,
    JobNotFound,
    NotAllowed,
    QueueFull,
    StoreUnavailable,
    UnknownContext,
)
from naas.jobs import CommandWork, ConfigWork, Device, Job, JobState, time_limit
from naas.store.base import Deadlines, Idempotency, JobQuery, Move
from naas.vault import Login

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naas.engine.base import Depth, Engine
    from naas.store.base import Counts, JobPage, Receipt, Store
    from naas.vault import Vault

__all__ = ["Accepted", "Caller", "JobService", "Order", "ServiceLimits"]

log = logging.getLogger("naas.service")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. ``owner`` marks the jobs that are theirs; ``login`` is what devices are given."""

    owner: str
    login: Login

    def owns(self, job: Job) -> bool:
        """Whether the job is theirs."""
        return hmac.compare_digest(self.owner, job.owner)


@dataclass(frozen=True, slots=True)
class Order:
    """A request to run a job, already checked field by field. Timeouts are seconds.

    ``enable`` replaces the enable password of the caller's login; ``request_id`` becomes the job id.
    """

    device: Device
    work: CommandWork | ConfigWork
    read_timeout: float
    conn_timeout: float
    context: str
    tags: Mapping[str, str]
    enable: str | None = None
    request_id: str | None = None
    idempotency_key: str | None = None

    def __repr__(self) -> str:
        return f"Order(device={self.device!r}, work={type(self.work).__name__})"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A job that is on disk. ``reused`` when an earlier request with the same idempotency key made it."""

    job_id: str
    kind: str
    queue_position: int
    enqueued_at: datetime
    time_limit: int
    reused: bool


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """``queue_depth`` 0 means no limit. The last three are how long things are remembered, in seconds.

    The defaults are those of the existing service: a day for results and idempotency keys, a week for failures.
    """

    queue_depth: int = 0
    contexts: tuple[str, ...] = ("default",)
    keep_succeeded: float = 86_400.0
    keep_failed: float = 604_800.0
    keep_idempotency: float = 86_400.0


class JobService:
    """Decides. Lives in one event loop."""

    def __init__(self, store: Store, engine: Engine, vault: Vault, limits: ServiceLimits) -> None:
        self._store, self._engine, self._vault, self._limits = store, engine, vault, limits

    def caller(self, username: str, password: str) -> Caller:
        """Return the caller who presents these pass-through credentials."""
        return Caller(self._vault.owner_of(username, password), Login(username, password))

    async def submit(self, caller: Caller, order: Order) -> Accepted:
        """Put a job on disk and into the queue; or return the earlier job of the same idempotency key.

        Raises:
            UnknownContext, QueueFull, RequestIdUsed: As they say.
            InvalidRequest: The idempotency key was used with another request.
            StoreUnavailable: Nothing was kept.
        """
        if order.context not in self._limits.contexts:
            raise UnknownContext(order.context, self._limits.contexts)
        job = self._job_for(caller, order)
        idempotency = self._idempotency(caller, order, job.created_at)
        receipt, position = await self._earlier_or_new(job, idempotency)
        limit = time_limit(order.work, read_timeout=order.read_timeout, conn_timeout=order.conn_timeout)
        if not receipt.reused:
            return Accepted(job.id, job.kind, position, job.created_at, limit, reused=False)
        if idempotency is not None and receipt.fingerprint != idempotency.fingerprint:
            raise InvalidRequest([_KEY_REUSED])
        earlier = await self._store.get(receipt.job_id)
        enqueued_at = earlier.created_at if earlier is not None else job.created_at
        return Accepted(receipt.job_id, job.kind, position, enqueued_at, limit, reused=True)

    async def _earlier_or_new(self, job: Job, idempotency: Idempotency | None) -> tuple[Receipt, int]:
        waiting = self._engine.depth().waiting
        if 0 < self._limits.queue_depth <= waiting:
            # Who only repeats a request that was accepted wants its answer, not a place in the queue.
            earlier = None if idempotency is None else await self._store.earlier(idempotency, job.created_at)
            if earlier is None:
                raise QueueFull(waiting, self._limits.queue_depth)
            return earlier, 0
        # Shielded: a caller who hangs up now must not leave a job on disk that nobody delivers.
        return await asyncio.shield(self._keep_and_publish(job, idempotency))

    async def _keep_and_publish(self, job: Job, idempotency: Idempotency | None) -> tuple[Receipt, int]:
        """Return what became of the job, and how long the queue is with it; 0 if it was not queued."""
        receipt = await self._store.add(job, idempotency)
        if receipt.reused:
            return receipt, 0
        self._engine.publish(job)
        log.info("job accepted job_id=%s kind=%s device=%s", job.id, job.kind, job.device.address)
        return receipt, self._engine.depth().waiting

    def _job_for(self, caller: Caller, order: Order) -> Job:
        job_id = order.request_id or str(uuid.uuid4())
        login = caller.login if order.enable is None else replace(caller.login, enable=order.enable)
        return Job(
            id=job_id,
            owner=caller.owner,
            device=order.device,
            work=order.work,
            created_at=datetime.now(UTC),
            read_timeout=order.read_timeout,
            conn_timeout=order.conn_timeout,
            context=order.context,
            tags=order.tags,
            sealed_login=self._vault.seal(job_id, login),
        )

    def _idempotency(self, caller: Caller, order: Order, now: datetime) -> Idempotency | None:
        if order.idempotency_key is None:
            return None
        # Scoped to the caller: a stranger with the same key gets a job of their own, not ours.
        key = hashlib.sha256(f"{caller.owner}:{order.idempotency_key}".encode()).hexdigest()
        content = msgspec.json.encode(
            [
                order.device,
                order.work,
                order.read_timeout,
                order.conn_timeout,
                order.context,
                sorted(order.tags.items()),
                order.enable,
            ]
        )
        expires_at = now + timedelta(seconds=self._limits.keep_idempotency)
        return Idempotency(key, self._vault.fingerprint(content), expires_at)

    async def read(self, caller: Caller, job_id: str, *, wait: float = 0.0) -> Job:
        """Return the caller's job; with ``wait``, not before it has ended or that many seconds have passed.

        Raises:
            NotAllowed: Not theirs, or there is none: both look the same, so that ids cannot be probed.
        """
        if wait <= 0:
            return await self._owned(caller, job_id)
        # Listen first, read second: an end between the two is heard, an end before is read.
        with self._engine.events(job_id) as events:
            job = await self._owned(caller, job_id)
            until = asyncio.get_running_loop().time() + wait
            while not job.state.is_final:
                event = await events.next(until - asyncio.get_running_loop().time())
                job = await self._owned(caller, job_id)
                if event is None:
                    break
        return job

    async def _owned(self, caller: Caller, job_id: str) -> Job:
        job = await self._store.get(job_id)
        if job is None or not caller.owns(job):
            raise NotAllowed(job_id)
        return job

    async def page(
        self, caller: Caller, *, page: int, per_page: int, state: JobState | None, tag: tuple[str, str] | None
    ) -> JobPage:
        """Return one page of the caller's own jobs, newest first."""
        return await self._store.page(JobQuery(caller.owner, page, per_page, state, tag))

    async def cancel(self, caller: Caller, job_id: str) -> None:
        """Cancel the caller's job: at once if it waits, before its next command if it runs.

        The store decides which of the two it is, and only then the engine hears of it: so a store that fails leaves
        everything as it was. Cancelling a job that is cancelled already changes nothing and is no error.

        Raises:
            JobNotFound, NotAllowed: No such job; not theirs.
            JobHasEnded: It finished or failed before.
        """
        job = await self._store.get(job_id)
        if job is None:
            raise JobNotFound(job_id)
        if not caller.owns(job):
            raise NotAllowed(job_id)
        try:
            await self._store.move(Move(job_id, JobState.CANCELED, datetime.now(UTC), only_from=JobState.QUEUED))
        except IllegalMove:
            await self._stop_running(caller, job_id)
            return
        self._engine.cancel(job_id)
        self._engine.announce(JobEvent(job_id, JobState.CANCELED))
        log.info("job cancelled job_id=%s", job_id)

    async def _stop_running(self, caller: Caller, job_id: str) -> None:
        """Ask a job that has left the queue to stop, or say that it has ended."""
        job = await self._owned(caller, job_id)
        if job.state is JobState.CANCELED:
            return
        if job.state.is_final:
            raise JobHasEnded(job_id, job.state)
        if job.state is JobState.QUEUED:  # its worker was lost, and it waits again
            await self.cancel(caller, job_id)
            return
        await self._store.request_cancel(job_id)
        self._engine.cancel(job_id)
        log.info("job asked to stop job_id=%s", job_id)

    async def counts(self) -> tuple[Counts, Depth]:
        """Count jobs in the store and in the engine, for health.

        Raises:
            StoreUnavailable: It cannot be read, or refused the last write: a full disk still reads well.
        """
        counts = await self._store.counts()
        if not self._store.is_well:
            raise StoreUnavailable("the last write failed")
        return counts, self._engine.depth()

    async def purge(self) -> int:
        """Forget what was kept long enough; return how many jobs that were."""
        now = datetime.now(UTC)
        return await self._store.purge(
            Deadlines(
                succeeded_before=now - timedelta(seconds=self._limits.keep_succeeded),
                failed_before=now - timedelta(seconds=self._limits.keep_failed),
                now=now,
            )
        )


_KEY_REUSED: Final = FieldProblem(
    "idempotency_key_reused",
    ("header", "Idempotency-Key"),
    "this key was used with another request within the last day; use a new key for a new request",
)
