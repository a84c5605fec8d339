"""What the service needs from an engine: deliver each job to one worker at a time, and tell who is waiting.

The engine owns no truth: what a job is and how far it got is in the store. The rules, which the suite
``tests/engine/contract`` checks on every implementation:

1. A published job is delivered to one claimer. Two jobs for the same device address are never out at once, and
   they go out in the order in which they were published.
2. A delivery that is neither acknowledged nor kept alive by `heartbeat` within the lease comes back, with a higher
   ``attempt``. So a worker must ask the store before it trusts a delivery.
3. `cancel` takes a waiting job out of the queue, or sets ``stop`` on the delivery that is out.
4. Whoever holds a `Subscription` for a job hears every event that is announced while it is open.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from naas.jobs import Job, JobState

__all__ = ["CancelEffect", "Delivery", "Depth", "Engine", "JobEvent", "Subscription"]


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """One job handed to one worker. ``attempt`` counts from 1. ``stop`` is set when somebody cancels the job."""

    job: Job
    attempt: int
    stop: threading.Event = field(default_factory=threading.Event, repr=False)


@dataclass(frozen=True, slots=True)
class JobEvent:
    """A job has reached a state, and the store has it on disk."""

    job_id: str
    state: JobState


@dataclass(frozen=True, slots=True)
class Depth:
    """How many jobs wait, and how many are out with workers."""

    waiting: int
    claimed: int


class CancelEffect(Enum):
    """What `Engine.cancel` could do."""

    WITHDRAWN = "withdrawn"
    """The job was waiting and is out of the queue."""
    SIGNALLED = "signalled"
    """A worker has it and was told to stop."""
    UNKNOWN = "unknown"
    """The engine does not have it: it ended, or was never published."""


class Subscription(Protocol):
    """The events of one job, from the moment of `Engine.events` until the block ends."""

    def __enter__(self) -> Subscription: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    async def next(self, timeout: float) -> JobEvent | None:
        """Return the next event, or None when ``timeout`` seconds have passed or the engine closes."""
        ...


class Engine(Protocol):
    """Delivers jobs. All methods belong to one event loop."""

    def publish(self, job: Job) -> None:
        """Queue a job that the store already has. The job carries its sealed login."""
        ...

    async def claim(self, limit: int) -> Sequence[Delivery]:
        """Wait until something can be delivered, then take up to ``limit`` jobs, each for another device."""
        ...

    def heartbeat(self, deliveries: Iterable[Delivery]) -> None:
        """Keep deliveries from coming back: their worker lives."""
        ...

    def ack(self, delivery: Delivery) -> None:
        """The job needs no more delivery. Its device is free for the next job."""
        ...

    def nak(self, delivery: Delivery, *, delay: float) -> None:
        """Deliver the job again in ``delay`` seconds, before anything else for its device."""
        ...

    def cancel(self, job_id: str) -> CancelEffect:
        """Take a job out of the queue, or tell its worker to stop."""
        ...

    def announce(self, event: JobEvent) -> None:
        """Tell every subscriber of the job."""
        ...

    def events(self, job_id: str) -> Subscription:
        """Listen to one job."""
        ...

    def depth(self) -> Depth:
        """Count jobs, for queue positions and health."""
        ...

    def close(self) -> None:
        """Wake every waiter and deliver nothing more."""
        ...
