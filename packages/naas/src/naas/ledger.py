"""How a worker tells the truth-keeper how far a job got, and is told whether it may go on.

The store is the truth. A worker in the service's own process writes to it (`StoreLedger`); a worker elsewhere has no
database, and asks over the engine's connection (`naas.engine.nats.ledger`). One suite, ``tests/ledger/contract``, runs
over both.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from naas.engine.base import Delivery
    from naas.jobs import Ending, Job

__all__ = ["Ledger", "Permission", "Verdict"]


class Verdict(Enum):
    """What the ledger says to a worker that wants to start a job."""

    RUN = "run"
    DROP = "drop"
    """The job was cancelled, or has ended; or it had been running elsewhere and is not safe to repeat. It is settled:
    the worker acknowledges the delivery and forgets it."""
    REFUSE = "refuse"
    """The job ends at once with the failure that the permission carries: its device is left alone for now."""


@dataclass(frozen=True, slots=True)
class Permission:
    """The answer to a worker that wants to start. ``ending`` belongs to REFUSE; ``reason`` is for the log."""

    verdict: Verdict
    reason: str = ""
    ending: Ending | None = None


class Ledger(Protocol):
    """The worker's side of the truth. Every method may raise `naas.errors.Unavailable`: then ask again later."""

    async def start(self, delivery: Delivery, worker: str, lease_seconds: float) -> Permission:
        """Record that the worker starts the job, durably, unless it must not.

        A delivery with an ``attempt`` above 1 is judged by `naas.jobs.after_lost_lease` first.
        """
        ...

    async def renew(self, worker: str, lease_seconds: float) -> None:
        """Say that the worker lives, and so do its jobs."""
        ...

    async def progress(self, job: Job, done: int, total: int) -> None:
        """Tell whoever watches that a command was answered. May be lost."""
        ...

    async def end(self, job: Job, ending: Ending) -> None:
        """Record how the job ended, durably; a second report of the same job changes nothing."""
        ...
