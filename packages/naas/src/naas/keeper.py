"""The keeper of the truth: records what workers report, and lets everybody know who acts on it.

An *observer* is told of every job that ended, after the store has it: it releases the next wave of a batch, delivers
webhooks, counts failures, keeps configurations. An observer that fails is logged and never undoes the end of a job;
one whose work must not be lost makes it good in its own recovery, when the service starts. A *recorder* comes before:
it keeps what the job has brought, so that whoever hears of the end finds it.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from naas.engine.base import JobEvent, JobProgress
from naas.errors import IllegalMove
from naas.jobs import Ending, Failure, Job, JobState, Outcome, after_lost_lease
from naas.ledger import Permission, Verdict
from naas.store.base import Lease, Move

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from naas.engine.base import Delivery, Engine
    from naas.store.base import Store

__all__ = ["DeviceGate", "EndingObserver", "EndingRecorder", "StoreLedger", "no_gate", "recover", "settle_lost"]

log = logging.getLogger("naas.keeper")


class EndingObserver(Protocol):
    """Somebody who acts when a job has ended."""

    async def ended(self, job: Job) -> None:
        """Act on the job, which is in its final state. May be called twice for a job after a crash."""
        ...


class EndingRecorder(Protocol):
    """Somebody who keeps what a job has brought, before anybody sees that it has ended."""

    async def record(self, job: Job, ending: Ending) -> None:
        """Keep it. May be called twice for a job. `naas.errors.Unavailable` delays the end, which is tried again."""
        ...


class DeviceGate(Protocol):
    """Whether a device may be talked to now."""

    def __call__(self, job: Job) -> Failure | None:
        """Return why not, or None."""
        ...


def no_gate(job: Job) -> Failure | None:  # noqa: ARG001 - the shape of a gate
    """A gate that is always open."""
    return None


class StoreLedger:
    """A `naas.ledger.Ledger` on the store."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        *,
        gate: DeviceGate = no_gate,
        recorders: Sequence[EndingRecorder] = (),
        observers: Sequence[EndingObserver] = (),
        on_lost: Callable[[Job], None] | None = None,
    ) -> None:
        """``on_lost`` is told of every job whose worker disappeared, before it is judged."""
        self.on_lost = on_lost
        self._store, self._engine, self._gate, self._recorders = store, engine, gate, tuple(recorders)
        self.observers: list[EndingObserver] = list(observers)

    async def start(self, delivery: Delivery, worker: str, lease_seconds: float) -> Permission:
        job = delivery.job
        if delivery.attempt > 1 and (settled := await self._settle_earlier_attempt(job)) is not None:
            return settled
        now = _now()
        lease = Lease(worker, now + timedelta(seconds=lease_seconds))
        try:
            started = await self._store.jobs.move(Move(job.id, JobState.STARTED, now, lease=lease))
        except IllegalMove as exc:
            # Cancelled while it was on its way to the worker, or ended by somebody else: the store's word counts.
            return Permission(Verdict.DROP, str(exc))
        await self._announce(started)
        if failure := self._gate(job):
            ending = Ending(JobState.FINISHED, Outcome(failure=failure))
            return Permission(Verdict.REFUSE, failure.message, ending)
        return Permission(Verdict.RUN)

    async def _settle_earlier_attempt(self, delivered: Job) -> Permission | None:
        """Judge a delivery that came back; None if the job may run."""
        job = await self._store.jobs.get(delivered.id)
        if job is None or job.state.is_final:
            return Permission(Verdict.DROP, "it has ended")
        if job.state is JobState.QUEUED:
            return None
        ending = after_lost_lease(job)
        if ending.state is not JobState.QUEUED:
            await self.end(job, ending)
            return Permission(Verdict.DROP, f"its earlier worker was lost; it becomes {ending.state}")
        await self._store.jobs.move(Move(job.id, JobState.QUEUED, _now()))
        return None

    async def renew(self, worker: str, lease_seconds: float) -> None:
        await self._store.jobs.renew(Lease(worker, _now() + timedelta(seconds=lease_seconds)))

    async def progress(self, job: Job, done: int, total: int) -> None:
        await self._engine.announce(JobProgress(job.id, done, total, job.owner, job.batch_id))

    async def end(self, job: Job, ending: Ending) -> None:
        for recorder in self._recorders:
            await recorder.record(job, ending)
        try:
            ended = await self._store.jobs.move(_move_of(job, ending))
        except IllegalMove as exc:
            log.info("job had ended already job_id=%s reason=%s", job.id, exc)
            return
        await self.tell(ended)

    async def tell(self, job: Job) -> None:
        """Announce a job that has ended, and let the observers act on it."""
        await self._announce(job)
        for observer in self.observers:
            try:
                await observer.ended(job)
            except Exception:
                # The job has ended whatever one of them makes of it, and the others must hear of it too.
                log.exception("could not act on the end job_id=%s observer=%s", job.id, type(observer).__name__)

    async def _announce(self, job: Job) -> None:
        await self._engine.announce(JobEvent(job.id, job.state, job.owner, job.batch_id))


async def settle_lost(
    store: Store, engine: Engine, ledger: StoreLedger, *, alive: Collection[str], now: datetime | None = None
) -> int:
    """Judge the jobs whose worker is gone (`after_lost_lease`), queue the repeatable ones; return how many there were.

    ``alive`` names the workers that still run. With ``now`` only jobs whose lease has run out by then are judged.
    """
    lost = await store.jobs.lost(alive=alive, now=now)
    for job in lost:
        ending = after_lost_lease(job)
        if ledger.on_lost is not None:
            ledger.on_lost(job)
        log.warning("job lost its worker job_id=%s device=%s becomes=%s", job.id, job.device.address, ending.state)
        if ending.state is not JobState.QUEUED:
            await ledger.end(job, ending)
            continue
        try:
            await store.jobs.move(Move(job.id, JobState.QUEUED, _now(), only_worker=job.worker))
        except IllegalMove as exc:  # it ended, or another service was first
            log.info("lost job settled elsewhere job_id=%s reason=%s", job.id, exc)
            continue
        await engine.publish([job])
    return len(lost)


async def recover(store: Store, engine: Engine, ledger: StoreLedger, *, alive: Collection[str]) -> None:
    """Settle what an earlier run of the service left behind, then queue everything that waits.

    In this order: a job that was running goes out again before those that waited for its device.
    """
    await settle_lost(store, engine, ledger, alive=alive)
    waiting = await store.jobs.queued()
    if waiting:
        await engine.publish(waiting)
        log.info("queued jobs taken over count=%d", len(waiting))


def _move_of(job: Job, ending: Ending) -> Move:
    return Move(job.id, ending.state, _now(), outcome=ending.outcome, needs_review=ending.needs_review)


def _now() -> datetime:
    return datetime.now(UTC)
