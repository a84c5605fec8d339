"""The waves of batches: what goes on while nobody asks.

*A wave is released once*, by whoever comes first, and by nobody else: the store moves its jobs from DEFERRED to QUEUED
in one transaction, and who moved a job publishes it. So two processes that decide the same at the same moment do no
harm, and neither does a crash: before the transaction nothing has happened and `Waves.recover` decides again; after it
the jobs are queued jobs, which the start of the service publishes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from naas.batches import Nothing, Plan, Release, Stop, Tally, WaitUntil, next_step, tally
from naas.engine.base import JobEvent
from naas.engine.tasks import end_task
from naas.errors import Unavailable
from naas.jobs import Job, JobState
from naas.services.batch_records import BatchRecord, OpenBatch
from naas.store.base import JobQuery, Move

if TYPE_CHECKING:
    from naas.engine.base import Engine
    from naas.store.base import Store

__all__ = ["Waves", "jobs_in"]

log = logging.getLogger("naas.services.waves")

# Between two looks at a batch while its jobs end one after the other, as a multiple of what a look costs: about five
# percent of a core for a batch of any size.
_PATIENCE: Final = 20
_LONGEST_PATIENCE: Final = 2.0
# How often open batches are looked at without an event: what another process left behind when it died.
_SWEEP_SECONDS: Final = 10.0
_MOST_KNOWN: Final = 10_000


async def jobs_in(store: Store, record: BatchRecord) -> list[Job]:
    """Return the jobs of a batch that are still known, in the order of the devices, without results."""
    query = JobQuery(owner=None, batch_id=record.id, per_page=record.plan.total, want_total=False)
    page = await store.jobs.page(query)
    return list(reversed(page.jobs))


class Waves:
    """Releases waves, and stops batches in which too much fails. Lives in one event loop."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store, self._engine = store, engine
        self._tending: dict[str, _Attention] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        # Batches that need no decisions: so that the end of a job costs no look into the store.
        self._plain: OrderedDict[str, None] = OrderedDict()
        self._sweeping: asyncio.Task[None] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether some batch is being thought about."""
        return bool(self._tending)

    async def ended(self, job: Job) -> None:
        """Think about the batch of a job that has ended, soon. Called twice, it thinks twice."""
        if job.batch_id is not None and job.batch_id not in self._plain:
            self.wake(job.batch_id).hear(job)

    async def recover(self) -> None:
        """Think about every batch that an earlier run left open, now and from time to time."""
        for batch_id in await self._open():
            self.wake(batch_id)
        if self._sweeping is None:
            self._sweeping = asyncio.create_task(self._sweep())

    async def aclose(self) -> None:
        """Decide nothing more."""
        for timer in self._timers.values():
            timer.cancel()
        tending = [attention.task for attention in self._tending.values()]
        for task in (*tending, self._sweeping):
            if task is not None:
                await end_task(task)

    async def cancel_waiting(self, jobs: Sequence[Job]) -> None:
        """Cancel those of the jobs that have not started. DEFERRED ones first: what is released meanwhile is QUEUED
        then, and is cancelled as such."""
        waiting = [job.id for job in jobs if job.state in (JobState.DEFERRED, JobState.QUEUED)]
        now = datetime.now(UTC)
        canceled: list[Job] = []
        for state in (JobState.DEFERRED, JobState.QUEUED):
            moves = [Move(job_id, JobState.CANCELED, now, only_from=state) for job_id in waiting]
            moved = await self._store.jobs.move_all(moves)
            canceled += moved
            if state is JobState.QUEUED:
                for job in moved:
                    await self._engine.cancel(job)
        for job in canceled:
            await self._engine.announce(JobEvent(job.id, job.state, job.owner, job.batch_id))

    async def _open(self) -> list[str]:
        return [record.value.id for record in await self._store.records.all(OpenBatch)]

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            try:
                for batch_id in await self._open():
                    self.wake(batch_id)
            except Unavailable as exc:
                log.warning("open batches have to wait: %s", exc)

    def wake(self, batch_id: str) -> _Attention:
        """Think about a batch, soon."""
        attention = self._tending.get(batch_id)
        if attention is None:
            attention = self._tending[batch_id] = _Attention()
            attention.task = asyncio.create_task(self._tend(batch_id, attention))
        attention.is_wanted = True
        return attention

    async def _tend(self, batch_id: str, attention: _Attention) -> None:
        """Do what the batch needs, and look again as long as jobs ended meanwhile."""
        try:
            while attention.is_wanted:
                attention.reset()
                began = time.monotonic()
                if await self._take_step(batch_id, attention):
                    attention.is_wanted = True
                    continue
                cost = time.monotonic() - began
                await attention.rest(min(_LONGEST_PATIENCE, cost * _PATIENCE))
        except Unavailable as exc:
            log.warning("batch has to wait batch_id=%s reason=%s", batch_id, exc)
        except Exception:
            log.exception("batch was not looked at batch_id=%s", batch_id)
        finally:
            del self._tending[batch_id]

    async def _take_step(self, batch_id: str, attention: _Attention) -> bool:
        """Decide and do; return whether anything was done, so that there may be more to do."""
        found = await self._store.records.get(BatchRecord, batch_id)
        if found is None or not found.value.plan.is_staged:
            self.remember_plain(batch_id)
            return False
        jobs = await jobs_in(self._store, found.value)
        attention.expect(tally(jobs, found.value.plan.total), found.value.plan)
        match next_step(found.value.plan, jobs, datetime.now(UTC)):
            case Release(wave):
                return await self._release(batch_id, wave, jobs)
            case Stop(failures):
                log.warning("batch stopped batch_id=%s failures=%d", batch_id, failures)
                await self.cancel_waiting(jobs)
                return True
            case WaitUntil(at):
                self._look_again_at(batch_id, at)
            case Nothing(is_over=True):
                await self._store.records.delete(OpenBatch, batch_id)
                self.remember_plain(batch_id)
            case Nothing():
                pass
        return False

    async def _release(self, batch_id: str, wave: int, jobs: Sequence[Job]) -> bool:
        now = datetime.now(UTC)
        moves = [
            Move(job.id, JobState.QUEUED, now, only_from=JobState.DEFERRED)
            for job in jobs
            if job.wave == wave and job.state is JobState.DEFERRED
        ]
        released = await asyncio.shield(self._move_and_publish(moves))
        log.info("wave released batch_id=%s wave=%d jobs=%d", batch_id, wave, released)
        return True

    async def _move_and_publish(self, moves: Sequence[Move]) -> int:
        moved = await self._store.jobs.move_all(moves)
        await self._engine.publish(moved)
        for job in moved:
            await self._engine.announce(JobEvent(job.id, job.state, job.owner, job.batch_id))
        return len(moved)

    def _look_again_at(self, batch_id: str, at: datetime) -> None:
        if (earlier := self._timers.pop(batch_id, None)) is not None:
            earlier.cancel()
        delay = max(0.0, (at - datetime.now(UTC)).total_seconds())
        self._timers[batch_id] = asyncio.get_running_loop().call_later(delay, self._timer_rang, batch_id)

    def _timer_rang(self, batch_id: str) -> None:
        self._timers.pop(batch_id, None)
        self.wake(batch_id)

    def remember_plain(self, batch_id: str) -> None:
        """Take note of a batch about which nothing is to be decided any more."""
        self._plain[batch_id] = None
        while len(self._plain) > _MOST_KNOWN:
            self._plain.popitem(last=False)


class _Attention:
    """What was heard of a batch since the last look at it, and how much of it makes the next look urgent.

    A look reads every job of the batch, so in the midst of a wave a few looks a second have to do; the end of the wave
    and the failure that is one too many are answered at once. Ends that another process reports are not heard here:
    for those there is the patience of the one, and the sweep of the other.
    """

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.is_wanted = False
        self._urgent = asyncio.Event()
        self.reset()

    def reset(self) -> None:
        """Forget what was heard: a look begins."""
        self.is_wanted = False
        self._ends = self._failures = 0
        self._enough_ends = self._enough_failures = sys.maxsize
        self._urgent.clear()

    def expect(self, counts: Tally, plan: Plan) -> None:
        """Remember what the look has seen."""
        self._enough_ends = counts.queued + counts.running
        if plan.most_failures is not None:
            self._enough_failures = plan.most_failures - counts.failures + 1
        self._judge()

    def hear(self, job: Job) -> None:
        """Take note of a job that ended."""
        self._ends += 1
        self._failures += job.state is JobState.FAILED or job.outcome.failure is not None
        self._judge()

    def _judge(self) -> None:
        if self._ends and (self._ends >= self._enough_ends or self._failures >= self._enough_failures):
            self._urgent.set()

    async def rest(self, seconds: float) -> None:
        """Wait until something is urgent, or this time has passed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._urgent.wait()
