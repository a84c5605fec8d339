"""What the service needs from an engine: deliver each job to one worker at a time, and tell who is waiting.

The engine owns no truth: what a job is and how far it got is in the store. The rules, which the suite
``tests/engine/contract`` checks on every implementation:

1. A published job is delivered to one claimer. Two jobs for the same device, which is an address within a context, are
   never out at once. Of the jobs that wait for a device, those of a higher priority go out first, and within a
   priority in the order in which they were published.
2. A delivery that is neither acknowledged nor kept alive by `heartbeat` within the lease comes back, with a higher
   ``attempt``. So a worker must ask the ledger before it trusts a delivery.
3. `cancel` takes a waiting job out of the queue, or sets ``stop`` on the delivery that is out.
4. Whoever holds a `Subscription` hears every event of its job, or of all jobs, that is announced while it is open.
5. A job of one context is delivered only to claimers that serve this context.

An `Engine` is the side that publishes and listens; a `Claimer` is the side of one worker.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from naas.jobs import JobState  # at run time too: events are decoded from messages

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from contextlib import AbstractAsyncContextManager

    from naas.jobs import Job

__all__ = [
    "CancelEffect",
    "Claimer",
    "Delivery",
    "Depth",
    "Engine",
    "JobEvent",
    "JobProgress",
    "Subscription",
    "WorkerInfo",
]


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """One job handed to one worker. ``attempt`` counts from 1. ``stop`` is set when somebody cancels the job."""

    job: Job
    attempt: int
    stop: threading.Event = field(default_factory=threading.Event, repr=False)


@dataclass(frozen=True, slots=True)
class JobEvent:
    """A job has reached a state, and the store has it on disk. ``owner`` and ``batch_id`` say whom it concerns."""

    job_id: str
    state: JobState
    owner: str = ""
    batch_id: str | None = None


@dataclass(frozen=True, slots=True)
class JobProgress:
    """A running job has the answer to one of its commands: ``done`` of ``total``. The text is not in it."""

    job_id: str
    done: int
    total: int
    owner: str = ""
    batch_id: str | None = None


@dataclass(frozen=True, slots=True)
class Depth:
    """How many jobs wait, and how many are out with workers; ``by_context`` is how many wait in each context."""

    waiting: int
    claimed: int
    by_context: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """A worker that gave a sign of life within the lease. ``facts`` are for people: version, drivers, start time."""

    name: str
    host: str
    contexts: tuple[str, ...]
    threads: int
    active_jobs: int
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


class CancelEffect(Enum):
    """What `Engine.cancel` could do."""

    WITHDRAWN = "withdrawn"
    """The job was waiting and is out of the queue."""
    SIGNALLED = "signalled"
    """A worker has it, or may have it, and was told to stop."""
    UNKNOWN = "unknown"
    """The engine does not have it: it ended, or was never published."""


class Subscription(Protocol):
    """The events of one job, or of all, from the moment `Engine.events` was entered until the block ends.

    Whoever falls behind by more than `naas.engine.listeners.BACKLOG` events loses the oldest of them.
    """

    async def next(self, timeout: float) -> JobEvent | JobProgress | None:
        """Return the next event, or None when ``timeout`` seconds have passed or the engine closes."""
        ...


class Claimer(Protocol):
    """One worker's end of an engine: hands it jobs of the contexts that it serves.

    All methods belong to the engine's event loop, and may raise `naas.errors.EngineUnavailable`.
    """

    async def claim(self, limit: int) -> Sequence[Delivery]:
        """Wait until something can be delivered, then take up to ``limit`` jobs, each for another device.

        An empty answer means that the claimer or its engine has closed.
        """
        ...

    async def heartbeat(self, deliveries: Iterable[Delivery], worker: WorkerInfo) -> None:
        """Keep deliveries from coming back, and say that the worker lives. Due several times within the lease."""
        ...

    async def ack(self, delivery: Delivery) -> None:
        """The job needs no more delivery. Its device is free for the next job.

        A delivery that has come back meanwhile is not disturbed by its earlier holder.
        """
        ...

    async def nak(self, delivery: Delivery, *, delay: float) -> None:
        """Deliver the job again in ``delay`` seconds, before anything else for its device."""
        ...

    async def close(self) -> None:
        """Claim nothing more: whoever waits in `claim` gets an empty answer, and other workers get what waits.

        Deliveries that are out stay out, and are acknowledged or kept alive as before.
        """
        ...


class Engine(Protocol):
    """Delivers jobs. All methods belong to one event loop, and may raise `naas.errors.EngineUnavailable`."""

    async def publish(self, jobs: Sequence[Job]) -> None:
        """Queue jobs that the store already has. Each carries its sealed login.

        Publishing a job a second time, after a crash or an error, delivers it once.
        """
        ...

    def claimer(self, worker: str, contexts: Collection[str]) -> Claimer:
        """Return the claiming side for a worker, named uniquely, that serves these contexts."""
        ...

    async def cancel(self, job: Job) -> CancelEffect:
        """Take a job out of the queue, or tell its worker to stop."""
        ...

    async def announce(self, event: JobEvent | JobProgress) -> None:
        """Tell every subscriber of the job, and of all jobs. Lost, without an error, while nobody can be reached."""
        ...

    def events(self, job_id: str | None) -> AbstractAsyncContextManager[Subscription]:
        """Listen to one job; None listens to all."""
        ...

    async def depth(self) -> Depth:
        """Count jobs, for queue positions and health. May be up to a second old."""
        ...

    async def workers(self) -> Sequence[WorkerInfo]:
        """Return the workers that live, by name. May be up to a second old."""
        ...

    async def close(self) -> None:
        """Wake every waiter and deliver nothing more. May be called twice."""
        ...
