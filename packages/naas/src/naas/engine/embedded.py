"""The engine of one process: queues in memory, fed by `publish`, filled from the store when the service starts.

Rules, in prose. Every device address has its own queue. A device is *ready* when its queue holds a job, none of its
jobs is out, and it is not resting after a `nak`. Ready devices take turns: a device that gets a job goes to the end
of the line, so one busy device never starves the others. Time in which the event loop stood still counts towards no
lease, since nobody could have sent a heartbeat. All state belongs to the event loop, so there are no locks; worker
threads are only ever told something through the ``stop`` event of their delivery.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from naas.engine.base import CancelEffect, Delivery, Depth, JobEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from naas.jobs import Job

__all__ = ["EmbeddedEngine"]


@dataclass(slots=True, eq=False)
class _Waiting:
    job: Job
    attempt: int = 1


@dataclass(slots=True, eq=False)
class _Device:
    """The queue of one device address."""

    address: str
    queue: deque[_Waiting] = field(default_factory=deque["_Waiting"])
    claimed: Delivery | None = None
    resting: asyncio.TimerHandle | None = None

    @property
    def is_ready(self) -> bool:
        return bool(self.queue) and self.claimed is None and self.resting is None


class EmbeddedEngine:
    """A `naas.engine.base.Engine` inside the process of the service. Construct it in a running event loop."""

    def __init__(self, *, lease_seconds: float = 30.0) -> None:
        """``lease_seconds`` is how long a delivery may stay out without a heartbeat."""
        self._lease_seconds = lease_seconds
        self._loop = asyncio.get_running_loop()
        self._devices: dict[str, _Device] = {}
        self._ready: deque[_Device] = deque()
        self._out: dict[str, tuple[Delivery, float]] = {}  # job id: delivery, and when its lease ends
        self._waiting: dict[str, _Device] = {}  # job id: in whose queue it is
        self._subscriptions: dict[str, set[_Subscription]] = {}
        self._something_ready = asyncio.Event()
        self._closed = False
        self._sweeper = self._loop.call_later(lease_seconds / 2, self._sweep)
        self._sweep_due = self._sweeper.when()

    def publish(self, job: Job) -> None:
        self._enqueue(_Waiting(job))

    async def claim(self, limit: int) -> Sequence[Delivery]:
        while not self._ready and not self._closed:
            self._something_ready.clear()
            await self._something_ready.wait()
        deliveries: list[Delivery] = []
        while self._ready and len(deliveries) < limit and not self._closed:
            deliveries.append(self._take(self._ready.popleft()))
        return deliveries

    def heartbeat(self, deliveries: Iterable[Delivery]) -> None:
        until = self._loop.time() + self._lease_seconds
        for delivery in deliveries:
            if self._is_out(delivery):
                self._out[delivery.job.id] = (delivery, until)

    def ack(self, delivery: Delivery) -> None:
        if self._is_out(delivery):
            self._release(delivery)

    def nak(self, delivery: Delivery, *, delay: float) -> None:
        if not self._is_out(delivery):
            return
        device = self._devices[delivery.job.device.address]
        if delay > 0:
            device.resting = self._loop.call_later(delay, self._wake, device)
        self._return(delivery)

    def cancel(self, job_id: str) -> CancelEffect:
        if job_id in self._out:
            self._out[job_id][0].stop.set()
            return CancelEffect.SIGNALLED
        device = self._waiting.pop(job_id, None)
        if device is None:
            return CancelEffect.UNKNOWN
        was_ready = device.is_ready
        device.queue = deque(waiting for waiting in device.queue if waiting.job.id != job_id)
        if was_ready and not device.is_ready:
            self._ready.remove(device)
        self._settle(device)
        return CancelEffect.WITHDRAWN

    def announce(self, event: JobEvent) -> None:
        for subscription in self._subscriptions.get(event.job_id, ()):
            subscription.push(event)

    def events(self, job_id: str) -> _Subscription:
        return _Subscription(job_id, self._subscriptions, closed=self._closed)

    def depth(self) -> Depth:
        return Depth(waiting=len(self._waiting), claimed=len(self._out))

    def close(self) -> None:
        self._closed = True
        self._sweeper.cancel()
        self._something_ready.set()
        for device in self._devices.values():
            if device.resting is not None:
                device.resting.cancel()
        for subscriptions in list(self._subscriptions.values()):
            for subscription in subscriptions:
                subscription.push(None)

    def _enqueue(self, waiting: _Waiting) -> None:
        address = waiting.job.device.address
        device = self._devices.get(address)
        if device is None:
            device = self._devices[address] = _Device(address)
        was_ready = device.is_ready
        device.queue.append(waiting)
        self._waiting[waiting.job.id] = device
        if not was_ready and device.is_ready:
            self._make_ready(device)

    def _make_ready(self, device: _Device) -> None:
        self._ready.append(device)
        self._something_ready.set()

    def _take(self, device: _Device) -> Delivery:
        waiting = device.queue.popleft()
        del self._waiting[waiting.job.id]
        delivery = Delivery(waiting.job, waiting.attempt)
        device.claimed = delivery
        self._out[waiting.job.id] = (delivery, self._loop.time() + self._lease_seconds)
        return delivery

    def _is_out(self, delivery: Delivery) -> bool:
        """Whether this very delivery is out: a worker that lost its lease must not disturb its successor."""
        entry = self._out.get(delivery.job.id)
        return entry is not None and entry[0] is delivery

    def _release(self, delivery: Delivery) -> None:
        del self._out[delivery.job.id]
        device = self._devices[delivery.job.device.address]
        device.claimed = None
        if device.is_ready:
            self._make_ready(device)
        self._settle(device)

    def _return(self, delivery: Delivery) -> None:
        """Put a delivered job back in front of its device's queue."""
        del self._out[delivery.job.id]
        device = self._devices[delivery.job.device.address]
        device.claimed = None
        device.queue.appendleft(_Waiting(delivery.job, delivery.attempt + 1))
        self._waiting[delivery.job.id] = device
        if device.is_ready:
            self._make_ready(device)

    def _settle(self, device: _Device) -> None:
        """Forget a device with nothing to do, so that memory follows the work and not the history."""
        if device.queue or device.claimed is not None or device.resting is not None:
            return
        self._devices.pop(device.address, None)

    def _wake(self, device: _Device) -> None:
        device.resting = None
        if device.is_ready:
            self._make_ready(device)
        self._settle(device)

    def _sweep(self) -> None:
        now = self._loop.time()
        late = now - self._sweep_due
        for delivery, until in list(self._out.values()):
            if until + late < now:
                self._return(delivery)
            elif late > self._lease_seconds / 10:
                self._out[delivery.job.id] = (delivery, until + late)
        self._sweeper = self._loop.call_later(self._lease_seconds / 2, self._sweep)
        self._sweep_due = self._sweeper.when()


class _Subscription:
    def __init__(self, job_id: str, registry: dict[str, set[_Subscription]], *, closed: bool) -> None:
        self._job_id = job_id
        self._registry = registry
        self._queue: asyncio.Queue[JobEvent | None] = asyncio.Queue()
        registry.setdefault(job_id, set()).add(self)
        if closed:
            self.push(None)

    def __enter__(self) -> _Subscription:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        subscriptions = self._registry[self._job_id]
        subscriptions.discard(self)
        if not subscriptions:
            del self._registry[self._job_id]

    def push(self, event: JobEvent | None) -> None:
        self._queue.put_nowait(event)

    async def next(self, timeout: float) -> JobEvent | None:
        try:
            return await asyncio.wait_for(self._queue.get(), timeout)
        except TimeoutError:
            return None
