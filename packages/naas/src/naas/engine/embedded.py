"""The engine of one process: queues in memory, fed by `publish`, filled from the store when the service starts.

Who is next is the business of `naas.engine.queues`. All state belongs to the event loop; worker threads are only ever
told something through the ``stop`` event of their delivery.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from naas.engine.base import CancelEffect, Depth
from naas.engine.listeners import Listeners, Listening
from naas.engine.queues import DeviceQueues

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from naas.engine.base import Delivery, JobEvent, JobProgress, WorkerInfo
    from naas.jobs import Job

__all__ = ["EmbeddedClaimer", "EmbeddedEngine"]

# A claimer takes no more than this at once, so that taking ten thousand jobs does not hold up the event loop.
_AT_ONCE: Final = 1000


class EmbeddedEngine:
    """A `naas.engine.base.Engine` inside the process of the service. Construct it in a running event loop."""

    def __init__(self, *, lease_seconds: float = 30.0) -> None:
        """``lease_seconds`` is how long a delivery may stay out, and a worker be silent, without a heartbeat."""
        self._lease_seconds = lease_seconds
        self._loop = asyncio.get_running_loop()
        self._queues = DeviceQueues(lease_seconds=lease_seconds, on_ready=self._call_claimers)
        self._workers: dict[str, tuple[WorkerInfo, float]] = {}  # name: info, and when it was last heard of
        self._claimers: set[EmbeddedClaimer] = set()
        self._listeners = Listeners()
        self._closed = False

    async def publish(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self._queues.add(job)

    def claimer(self, worker: str, contexts: Collection[str]) -> EmbeddedClaimer:
        claimer = EmbeddedClaimer(self, self._queues, worker, contexts, closed=self._closed)
        self._claimers.add(claimer)
        return claimer

    async def cancel(self, job: Job) -> CancelEffect:
        delivery = self._queues.delivery_of(job.id)
        if delivery is not None:
            delivery.stop.set()
            return CancelEffect.SIGNALLED
        return CancelEffect.WITHDRAWN if self._queues.withdraw(job.id) else CancelEffect.UNKNOWN

    async def announce(self, event: JobEvent | JobProgress) -> None:
        self._listeners.tell(event)

    def events(self, job_id: str | None) -> Listening:
        return Listening(self._listeners, job_id)

    async def depth(self) -> Depth:
        return Depth(self._queues.waiting, self._queues.out, self._queues.waiting_by_context)

    async def workers(self) -> Sequence[WorkerInfo]:
        since = self._loop.time() - self._lease_seconds
        self._workers = {name: (info, heard) for name, (info, heard) in self._workers.items() if heard >= since}
        return [self._workers[name][0] for name in sorted(self._workers)]

    async def close(self) -> None:
        self._closed = True
        self._queues.close()
        for claimer in list(self._claimers):
            await claimer.close()
        self._listeners.close()

    def heard_of(self, worker: WorkerInfo) -> None:
        """Remember that the worker lives."""
        self._workers[worker.name] = (worker, self._loop.time())

    def dismiss(self, claimer: EmbeddedClaimer) -> None:
        """Forget a claimer that has closed. Its worker is heard of again if it still sends heartbeats."""
        self._claimers.discard(claimer)
        self._workers.pop(claimer.worker, None)

    def _call_claimers(self, context: str) -> None:
        for claimer in self._claimers:
            if context in claimer.contexts:
                claimer.call()


class EmbeddedClaimer:
    """A `naas.engine.base.Claimer` of the embedded engine."""

    def __init__(
        self, engine: EmbeddedEngine, queues: DeviceQueues, worker: str, contexts: Collection[str], *, closed: bool
    ) -> None:
        self.worker = worker
        self.contexts = tuple(dict.fromkeys(contexts))
        self._engine, self._queues = engine, queues
        self._closed = closed
        self._called = asyncio.Event()

    def call(self) -> None:
        """Wake whoever waits in `claim`: there may be something."""
        self._called.set()

    async def claim(self, limit: int) -> Sequence[Delivery]:
        while not self._closed:
            self._called.clear()
            if deliveries := self._queues.take(self.contexts, min(limit, _AT_ONCE)):
                return deliveries
            await self._called.wait()
        return ()

    async def heartbeat(self, deliveries: Iterable[Delivery], worker: WorkerInfo) -> None:
        self._queues.keep(deliveries)
        self._engine.heard_of(worker)

    async def ack(self, delivery: Delivery) -> None:
        if self._queues.is_out(delivery):
            self._queues.release(delivery)

    async def nak(self, delivery: Delivery, *, delay: float) -> None:
        if self._queues.is_out(delivery):
            self._queues.put_back(delivery, delay)

    async def close(self) -> None:
        self._closed = True
        self._called.set()
        self._engine.dismiss(self)
