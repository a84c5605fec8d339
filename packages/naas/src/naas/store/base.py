"""What the service needs from a store: small, asynchronous, and the truth about every job.

A store answers a write only when it would survive a power cut. Moves are checked against `naas.jobs.MOVES` by the
store itself, in the same transaction, so that two movers can never both win. One suite,
``tests/store/contract``, runs over every implementation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Collection, Sequence
    from datetime import datetime

    from naas.jobs import Job, JobState, Outcome

__all__ = ["Counts", "Deadlines", "Idempotency", "JobPage", "JobQuery", "Lease", "Move", "Receipt", "Store"]


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A caller's promise that requests with this key are one request. ``key`` is already scoped to the caller."""

    key: str
    fingerprint: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a submission.

    ``job_id`` is the new job, or the earlier one that holds the same idempotency key (``reused``). ``fingerprint``
    is that of the request that made the job; None if the submission carried no key.
    """

    job_id: str
    reused: bool = False
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """Who runs a job, and until when nobody else may think it lost."""

    worker: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """A wish to bring a job to another state, with what is recorded at that moment.

    ``only_from`` narrows what `MOVES` allows to one state before.
    """

    job_id: str
    to: JobState
    at: datetime
    only_from: JobState | None = None
    lease: Lease | None = None
    outcome: Outcome | None = None
    needs_review: bool = False


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs to list: those of one owner, newest first. ``tag`` is a (key, value) pair."""

    owner: str
    page: int = 1
    per_page: int = 20
    state: JobState | None = None
    tag: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page, its jobs without their outcome, and how many jobs the whole list has."""

    jobs: Sequence[Job]
    total: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs wait, run, and failed, over all owners."""

    queued: int
    started: int
    failed: int


@dataclass(frozen=True, slots=True)
class Deadlines:
    """What to forget: jobs that ended before these times, and idempotency keys that expired."""

    succeeded_before: datetime
    failed_before: datetime
    now: datetime


class Store(Protocol):
    """Remembers jobs. Every method may raise `naas.errors.StoreUnavailable`."""

    @property
    def is_well(self) -> bool:
        """Whether the last write succeeded."""
        ...

    def add(self, job: Job, idempotency: Idempotency | None = None) -> Awaitable[Receipt]:
        """Keep a new job, or find the earlier one with the same idempotency key.

        Raises:
            RequestIdUsed: Another job has this id.
        """
        ...

    def earlier(self, idempotency: Idempotency, now: datetime) -> Awaitable[Receipt | None]:
        """Return the receipt of the request that used the key before, unless the key has expired."""
        ...

    def move(self, move: Move) -> Awaitable[None]:
        """Bring a job to another state. A final state forgets the device login and the lease.

        The write is queued when this is called, in call order; awaiting it waits until it is on disk.

        Raises:
            IllegalMove: The job is in a state from which the move does not lead there, or does not exist.
        """
        ...

    def request_cancel(self, job_id: str) -> Awaitable[None]:
        """Remember that a running job should stop; no effect on a job that is not STARTED or QUEUED."""
        ...

    def renew(self, lease: Lease) -> Awaitable[None]:
        """Prolong every running job of this worker."""
        ...

    def get(self, job_id: str) -> Awaitable[Job | None]:
        """Return the job, without its sealed login, or None."""
        ...

    def page(self, query: JobQuery) -> Awaitable[JobPage]:
        """Return one page of an owner's jobs, without what came of them: a page of large results would fill memory."""
        ...

    def counts(self) -> Awaitable[Counts]:
        """Count jobs, for health."""
        ...

    def queued(self) -> Awaitable[Sequence[Job]]:
        """Return every waiting job with its sealed login, oldest first; read once, when the service starts."""
        ...

    def lost(self, *, alive: Collection[str]) -> Awaitable[Sequence[Job]]:
        """Return the STARTED jobs whose worker is not among ``alive``, with their sealed logins."""
        ...

    def purge(self, deadlines: Deadlines) -> Awaitable[int]:
        """Forget what is older than its deadline; return how many jobs were forgotten."""
        ...

    def close(self) -> None:
        """Write what is queued, then let go of the database. May be called twice; other calls fail from then on."""
        ...
