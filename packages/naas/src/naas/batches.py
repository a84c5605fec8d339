"""Batches as values and pure decisions: which wave goes when, when to stop, and how far a batch got.

A batch is the same work on many devices. Its jobs are ordinary jobs; what makes them a batch is this:

- *Waves.* The devices are cut, in their order, into waves. The jobs of the first are queued at once, those of the
  others are DEFERRED. A wave is released when every job of the waves before it has ended, and then
  ``pause_seconds`` have passed.
- *A limit of failures.* A job fails if its device reports a failure, or if the service could not carry it out. When
  more than ``most_failures`` jobs have failed, the batch stops: everything that has not started is cancelled; what
  runs goes on to its end, for a configuration that is cut off is worse than one too many.

Nothing here remembers anything: every decision is made from what the store says of the jobs, so it is the same
after a crash and in every process.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from naas.jobs import JobState

if TYPE_CHECKING:
    from naas.jobs import Job

__all__ = [
    "MOST_WAVES",
    "BatchState",
    "Nothing",
    "Plan",
    "Release",
    "Share",
    "Step",
    "Stop",
    "Tally",
    "WaitUntil",
    "failure_limit",
    "next_step",
    "state_of",
    "tally",
    "wave_of",
    "wave_sizes",
]

MOST_WAVES: Final = 1000


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the devices of a batch, in percent."""

    percent: float

    def of(self, total: int) -> float:
        """Return how many devices of ``total`` that is."""
        return total * self.percent / 100


def wave_sizes(total: int, waves: Sequence[int | Share] = (), *, each: int | None = None) -> tuple[int, ...]:
    """Return how many devices each wave has; they add up to ``total``, and none is empty.

    ``waves`` are sizes one after the other, of which the last is repeated until no device is left; a share is of the
    whole and at least one device. ``each`` is short for waves of one size. Without either there is one wave.
    """
    wanted = list(waves) or [each if each is not None else total]
    sizes: list[int] = []
    left = total
    while left:
        size = wanted[min(len(sizes), len(wanted) - 1)]
        devices = max(1, round(size.of(total)) if isinstance(size, Share) else size)
        # A batch of many tiny waves ends with a large one rather than never.
        devices = left if len(sizes) == MOST_WAVES - 1 else min(devices, left)
        sizes.append(devices)
        left -= devices
    return tuple(sizes)


def wave_of(index: int, sizes: Sequence[int]) -> int:
    """Return the wave, from 0, of the device at ``index``, from 0."""
    return next(wave for wave, end in enumerate(accumulate(sizes)) if index < end)


def failure_limit(total: int, most: int | Share | None, *, stop_on_failure: bool = False) -> int | None:
    """Return how many jobs may fail before the batch stops; None for any number. A share is rounded down."""
    if stop_on_failure:
        return 0
    return int(most.of(total)) if isinstance(most, Share) else most


@dataclass(frozen=True, slots=True)
class Plan:
    """How a batch goes: the sizes of its waves, the pause between them in seconds, and how many jobs may fail."""

    waves: tuple[int, ...]
    pause_seconds: float = 0.0
    most_failures: int | None = None

    @property
    def total(self) -> int:
        """How many devices there are."""
        return sum(self.waves)

    @property
    def is_staged(self) -> bool:
        """Whether there is anything to decide after the submission."""
        return len(self.waves) > 1 or self.most_failures is not None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many jobs of a batch are where.

    ``succeeded`` and ``errors`` are finished, with and without results; ``failed`` could not be carried out.
    ``forgotten`` are over so long that nobody knows any more how they ended.
    """

    total: int
    deferred: int = 0
    queued: int = 0
    running: int = 0
    succeeded: int = 0
    errors: int = 0
    failed: int = 0
    canceled: int = 0
    forgotten: int = 0

    @property
    def finished(self) -> int:
        """Jobs whose status is ``finished``."""
        return self.succeeded + self.errors

    @property
    def failures(self) -> int:
        """Jobs that count against the limit."""
        return self.errors + self.failed

    @property
    def unfinished(self) -> int:
        """Jobs that have not ended."""
        return self.deferred + self.queued + self.running

    @property
    def is_over(self) -> bool:
        """Whether every job has ended."""
        return not self.unfinished


def tally(jobs: Iterable[Job], total: int) -> Tally:
    """Count the jobs of a batch of ``total`` devices; the more that the store has forgotten, the fewer they are."""
    counts: dict[str, int] = {}
    known = 0
    for job in jobs:
        known += 1
        name = _place_of(job)
        counts[name] = counts.get(name, 0) + 1
    return Tally(total, forgotten=max(0, total - known), **counts)


def _place_of(job: Job) -> str:
    match job.state:
        case JobState.DEFERRED:
            return "deferred"
        case JobState.QUEUED:
            return "queued"
        case JobState.STARTED:
            return "running"
        case JobState.FINISHED:
            return "succeeded" if job.outcome.failure is None else "errors"
        case JobState.FAILED:
            return "failed"
        case JobState.CANCELED:
            return "canceled"


class BatchState(StrEnum):
    """How a batch is, in one word; the last four are final."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETE = "complete"
    PARTIAL_FAILURE = "partial_failure"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        """Whether every job has ended."""
        return self not in (BatchState.PENDING, BatchState.RUNNING)


def state_of(counts: Tally) -> BatchState:
    """Return how a batch is.

    When it is over: ``complete`` if every job succeeded, ``failed`` if some failed and none succeeded,
    ``partial_failure`` if some did and some did not, ``canceled`` if none failed and some were cancelled.
    """
    if not counts.is_over:
        untouched = counts.deferred + counts.queued == counts.total
        return BatchState.PENDING if untouched else BatchState.RUNNING
    if counts.failures:
        return BatchState.PARTIAL_FAILURE if counts.succeeded else BatchState.FAILED
    return BatchState.CANCELED if counts.canceled else BatchState.COMPLETE


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing is to be done until another job ends; nothing ever, if ``is_over``."""

    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """The jobs of a wave are to be queued."""

    wave: int


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """A wave is to be released at a time that has not come."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """Too many failed: what has not started is to be cancelled."""

    failures: int


Step = Nothing | Release | WaitUntil | Stop


def next_step(plan: Plan, jobs: Sequence[Job], now: datetime) -> Step:
    """Decide what a batch needs now."""
    counts = tally(jobs, plan.total)
    if counts.is_over:
        return Nothing(is_over=True)
    if plan.most_failures is not None and counts.failures > plan.most_failures:
        return Stop(counts.failures) if counts.deferred + counts.queued else Nothing()
    deferred = [job.wave for job in jobs if job.state is JobState.DEFERRED]
    if not deferred:
        return Nothing()
    wave = min(deferred)
    before = [job for job in jobs if job.wave < wave]
    if not all(job.state.is_final for job in before):
        return Nothing()
    at = _ended(before) + timedelta(seconds=plan.pause_seconds) if before else now
    return Release(wave) if at <= now else WaitUntil(at)


def _ended(jobs: Sequence[Job]) -> datetime:
    return max(job.ended_at or job.created_at for job in jobs)
