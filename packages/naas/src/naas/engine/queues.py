"""The jobs that one process may hand out: who is next, and what is out. Both engines keep them like this.

Rules, in prose. Every device, an address within a context, has a queue for each priority. A device is *ready* when it
has a job, none of its jobs is out, and it is not resting after a `nak`. Ready devices stand in the line of their
context and of the priority of their next job; they take turns: a device that gets a job goes to the end of its line,
so one busy device never starves the others. High priority goes before normal, normal before low.

Time in which the event loop stood still counts towards no lease, since nobody could have sent a heartbeat. All state
belongs to the event loop, so there are no locks.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from naas.engine.base import Delivery
from naas.jobs import Priority

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from naas.jobs import Job

__all__ = ["DeviceQueues"]

_PRIORITIES: Final = tuple(Priority)  # declared from high to low

_Line: TypeAlias = "OrderedDict[_Device, None]"


@dataclass(slots=True, eq=False)
class _Waiting:
    """A job in a queue. Withdrawn, it stays where it is without its job, and is skipped when its turn comes."""

    job: Job | None
    device: _Device
    attempt: int


@dataclass(slots=True, eq=False)
class _Device:
    """The queues of one device. ``returned`` is a job that came back, which goes before all others."""

    context: str
    address: str
    queues: dict[Priority, deque[_Waiting]] = field(default_factory=dict["Priority", "deque[_Waiting]"])
    returned: _Waiting | None = None
    claimed: Delivery | None = None
    resting: asyncio.TimerHandle | None = None
    line: _Line | None = None

    def next_priority(self) -> Priority | None:
        """Return the priority of the next job, or None if no job may go out now."""
        if self.claimed is not None or self.resting is not None:
            return None
        if self.returned is not None and self.returned.job is not None:
            return self.returned.job.priority
        for priority in _PRIORITIES:
            queue = self.queues.get(priority)
            while queue and queue[0].job is None:
                queue.popleft()
            if queue:
                return priority
        return None

    def take(self, priority: Priority) -> _Waiting:
        """Remove and return the next job, whose priority `next_priority` has told."""
        returned, self.returned = self.returned, None
        if returned is not None and returned.job is not None:
            return returned
        return self.queues[priority].popleft()


class DeviceQueues:
    """Jobs that wait, and deliveries that are out, each under a lease."""

    def __init__(self, *, lease_seconds: float, on_ready: Callable[[str], None]) -> None:
        """``on_ready`` is called with the context of a device that became ready. Needs a running event loop."""
        self._lease_seconds = lease_seconds
        self._on_ready = on_ready
        self._loop = asyncio.get_running_loop()
        self._devices: dict[tuple[str, str], _Device] = {}
        self._lines: dict[str, dict[Priority, _Line]] = {}
        self._waiting: dict[str, _Waiting] = {}  # by job id
        self._waiting_in: Counter[str] = Counter()  # by context
        self._out: dict[str, tuple[Delivery, float]] = {}  # by job id: the delivery, and when its lease ends
        self._sweeper = self._loop.call_later(lease_seconds / 2, self._sweep)
        self._sweep_due = self._sweeper.when()

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return len(self._waiting)

    @property
    def waiting_by_context(self) -> Mapping[str, int]:
        """How many jobs wait, in each context that has some."""
        return {context: count for context, count in self._waiting_in.items() if count}

    @property
    def out(self) -> int:
        """How many deliveries are out."""
        return len(self._out)

    def add(self, job: Job, attempt: int = 1) -> None:
        """Let a job wait for its turn; one that waits or is out already is not added again."""
        if job.id in self._waiting or job.id in self._out:
            return
        device = self._device(job.context, job.device.address)
        waiting = _Waiting(job, device, attempt)
        device.queues.setdefault(job.priority, deque()).append(waiting)
        self._remember(waiting, job)
        self._settle(device)

    def take(self, contexts: Collection[str], limit: int) -> list[Delivery]:
        """Hand out up to ``limit`` jobs of the contexts, high priority first, each for another device."""
        deliveries: list[Delivery] = []
        for priority in _PRIORITIES:
            lines: list[_Line] = [line for context in contexts if (line := self._line(context, priority))]
            while lines and len(deliveries) < limit:
                # Contexts take turns, as devices do.
                deliveries += [self._deliver(next(iter(line)), priority) for line in lines[: limit - len(deliveries)]]
                lines = [line for line in lines if line]
        return deliveries

    def is_out(self, delivery: Delivery) -> bool:
        """Whether this very delivery is out: a worker that lost its lease must not disturb its successor."""
        entry = self._out.get(delivery.job.id)
        return entry is not None and entry[0] is delivery

    def delivery_of(self, job_id: str) -> Delivery | None:
        """Return the delivery that is out for the job, if one is."""
        entry = self._out.get(job_id)
        return None if entry is None else entry[0]

    def keep(self, deliveries: Iterable[Delivery]) -> None:
        """Begin the leases of these deliveries anew."""
        until = self._loop.time() + self._lease_seconds
        for delivery in deliveries:
            entry = self._out.get(delivery.job.id)
            if entry is not None and entry[0] is delivery:
                self._out[delivery.job.id] = (delivery, max(until, entry[1]))

    def hold(self, job_id: str) -> None:
        """Let a delivery that is out stay out until it is released, without a lease."""
        self._out[job_id] = (self._out[job_id][0], float("inf"))

    def release(self, delivery: Delivery) -> None:
        """Forget a delivery that is out; its device is free."""
        del self._out[delivery.job.id]
        device = self._devices[delivery.job.context, delivery.job.device.address]
        device.claimed = None
        self._settle(device)

    def put_back(self, delivery: Delivery, delay: float = 0.0) -> None:
        """Let a delivery that is out wait again, in front of its device's queues, for at least ``delay`` seconds."""
        del self._out[delivery.job.id]
        device = self._devices[delivery.job.context, delivery.job.device.address]
        device.claimed = None
        device.returned = _Waiting(delivery.job, device, delivery.attempt + 1)
        self._remember(device.returned, delivery.job)
        if delay > 0:
            device.resting = self._loop.call_later(delay, self._wake, device)
        self._settle(device)

    def withdraw(self, job_id: str) -> bool:
        """Take a waiting job out of its queue; return whether it waited."""
        waiting = self._waiting.pop(job_id, None)
        if waiting is None:
            return False
        self._waiting_in[waiting.device.context] -= 1
        waiting.job = None
        self._settle(waiting.device)
        return True

    def close(self) -> None:
        """Stop every clock."""
        self._sweeper.cancel()
        for device in self._devices.values():
            if device.resting is not None:
                device.resting.cancel()

    def _device(self, context: str, address: str) -> _Device:
        device = self._devices.get((context, address))
        if device is None:
            device = self._devices[context, address] = _Device(context, address)
        return device

    def _remember(self, waiting: _Waiting, job: Job) -> None:
        self._waiting[job.id] = waiting
        self._waiting_in[job.context] += 1

    def _deliver(self, device: _Device, priority: Priority) -> Delivery:
        waiting = device.take(priority)
        assert waiting.job is not None, "a device stands in a line only with a job that was not withdrawn"
        del self._waiting[waiting.job.id]
        self._waiting_in[device.context] -= 1
        delivery = Delivery(waiting.job, waiting.attempt)
        device.claimed = delivery
        self._out[waiting.job.id] = (delivery, self._loop.time() + self._lease_seconds)
        self._settle(device)
        return delivery

    def _settle(self, device: _Device) -> None:
        """Let the device stand in the line where it belongs now, or forget it if it has nothing to do.

        So memory follows the work and not the history.
        """
        priority = device.next_priority()
        line = None if priority is None else self._line(device.context, priority)
        if line is not device.line:
            if device.line is not None:
                del device.line[device]
            device.line = line
            if line is not None:
                line[device] = None
                self._on_ready(device.context)
        if line is None and device.claimed is None and device.resting is None:
            self._devices.pop((device.context, device.address), None)

    def _line(self, context: str, priority: Priority) -> _Line:
        if context not in self._lines:
            self._lines[context] = {each: OrderedDict[_Device, None]() for each in _PRIORITIES}
        return self._lines[context][priority]

    def _wake(self, device: _Device) -> None:
        device.resting = None
        self._settle(device)

    def _sweep(self) -> None:
        """Put back what nobody kept alive."""
        now = self._loop.time()
        late = now - self._sweep_due
        for delivery, until in list(self._out.values()):
            if until + late < now:
                self.put_back(delivery)
            elif late > self._lease_seconds / 10:
                self._out[delivery.job.id] = (delivery, until + late)
        self._sweeper = self._loop.call_later(self._lease_seconds / 2, self._sweep)
        self._sweep_due = self._sweeper.when()
