"""What the service needs from a store: small, asynchronous, and the truth about every job.

A store answers a write only when it would survive a power cut. Moves are checked against `naas.jobs.MOVES` by the
store itself, in the same transaction, so that two movers can never both win. One suite, ``tests/store/contract``, runs
over every implementation, on every database.

Five kinds of things are kept, each behind its own small protocol:

- `JobStore`: jobs, by the hundred thousand, read and written one row at a time.
- `RecordStore`: what is few and read whole (keys, devices, groups, credentials, schedules, batches), as values with a
  revision, so that two editors never overwrite each other.
- `AuditStore`: what happened, append-only, each line chained to the one before.
- `SnapshotStore`: configurations of devices over time.
- `DeliveryStore`: webhooks that still have to be delivered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Awaitable, Collection, Sequence
    from datetime import datetime

    from naas.jobs import Job, JobKind, JobState, Outcome

__all__ = [
    "AuditEvent",
    "AuditQuery",
    "AuditStore",
    "Counts",
    "Deadlines",
    "DeliveryStore",
    "Idempotency",
    "JobPage",
    "JobQuery",
    "JobStore",
    "Lease",
    "Move",
    "Receipt",
    "Record",
    "RecordStore",
    "RecordValue",
    "Reuse",
    "Snapshot",
    "SnapshotStore",
    "Store",
    "WebhookDelivery",
]


# Jobs


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A caller's promise that requests with this key are one request. ``key`` is already scoped to the caller."""

    key: str
    fingerprint: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Reuse:
    """Which earlier job would do instead of a new one with the same ``reuse_key``.

    With ``waiting``, one that waits or runs, unless it is to be cancelled, or a configuration job for the same device
    address was submitted after it. With ``finished_after``, one that finished without a failure since then, unless a
    configuration job for the same device address started or ended after it did, or waits.
    """

    waiting: bool = False
    finished_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a submission.

    ``job_id`` is the new job, or the earlier one that is used instead: because it holds the same idempotency key
    (``reused``), waits or runs (``deduplicated``), or has finished lately (``cached``). ``fingerprint`` is that of the
    request that made the job; None if the submission carried no key.
    """

    job_id: str
    reused: bool = False
    deduplicated: bool = False
    cached: bool = False
    fingerprint: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether the job was made by this submission."""
        return not (self.reused or self.deduplicated or self.cached)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who runs a job, and until when nobody else may think it lost."""

    worker: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """A wish to bring a job to another state, with what is recorded at that moment.

    ``only_from`` narrows what `MOVES` allows to one state before, ``only_worker`` to a job that this worker holds.
    """

    job_id: str
    to: JobState
    at: datetime
    only_from: JobState | None = None
    only_worker: str | None = None
    lease: Lease | None = None
    outcome: Outcome | None = None
    needs_review: bool = False


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs to list, newest first. What is None or empty does not narrow.

    Attributes:
        owner: Only theirs; None lists everybody's.
        page, per_page: Which page, from 1, unless ``before`` is given.
        before: A cursor: only jobs that were submitted before this job (its id).
        states: Only jobs in one of them.
        tag: Only jobs with this label, a (key, value) pair.
        since, until: Only jobs created in this time, ends included.
        want_total: Whether the page must know how many jobs the whole list has, which costs a count.
    """

    owner: str | None
    page: int = 1
    per_page: int = 20
    before: str | None = None
    states: Collection[JobState] = ()
    kind: JobKind | None = None
    tag: tuple[str, str] | None = None
    host: str | None = None
    context: str | None = None
    batch_id: str | None = None
    needs_review: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    want_total: bool = True


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page, its jobs without results; how many jobs the whole list has (None if nobody asked); and the cursor
    (`JobQuery.before`) that leads to the next page, None on the last one."""

    jobs: Sequence[Job]
    total: int | None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs there are in each state, over all owners; ``needs_review`` of those that ended."""

    by_state: Mapping[JobState, int]
    needs_review: int = 0

    def of(self, state: JobState) -> int:
        """Return how many jobs are in the state."""
        return self.by_state.get(state, 0)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """What to forget: jobs that ended before these times, failed ones beyond the newest ``keep_failed``, idempotency
    keys that expired."""

    succeeded_before: datetime
    failed_before: datetime
    now: datetime
    keep_failed: int | None = None


class JobStore(Protocol):
    """Remembers jobs."""

    def add(self, job: Job, idempotency: Idempotency | None = None, reuse: Reuse | None = None) -> Awaitable[Receipt]:
        """Keep a new job, or find the earlier one that is used instead; the idempotency key is looked at first.

        Raises:
            RequestIdUsed: Another job has this id.
        """
        ...

    def add_all(
        self, jobs: Sequence[Job], records: Sequence[RecordValue] = (), idempotency: Idempotency | None = None
    ) -> Awaitable[Receipt]:
        """Keep all jobs of a batch and the new records that describe it, or nothing.

        The receipt's ``job_id``, and what the idempotency key then stands for, is the id of the first record.

        Raises:
            RequestIdUsed: One of the ids exists.
        """
        ...

    def earlier(self, idempotency: Idempotency, now: datetime) -> Awaitable[Receipt | None]:
        """Return the receipt of the request that used the key before, unless the key has expired."""
        ...

    def move(self, move: Move) -> Awaitable[Job]:
        """Bring a job to another state and return it as it is then. A final state forgets the device login and how
        long the lease ran; who ran the job stays.

        The write is queued when this is called, in call order; awaiting it waits until it is on disk.

        Raises:
            IllegalMove: The job is in a state from which the move does not lead there, or does not exist.
        """
        ...

    def move_all(self, moves: Sequence[Move]) -> Awaitable[Sequence[Job]]:
        """Make those of the moves that are legal, in one transaction; return the jobs that were moved, with logins."""
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

    def get_all(self, job_ids: Sequence[str]) -> Awaitable[Sequence[Job]]:
        """Return those of the jobs that exist, in the order asked, without their sealed logins."""
        ...

    def page(self, query: JobQuery) -> Awaitable[JobPage]:
        """Return one page of jobs, without what came of them but for the failure."""
        ...

    def counts(self) -> Awaitable[Counts]:
        """Count jobs, for health and metrics."""
        ...

    def queued(self) -> Awaitable[Sequence[Job]]:
        """Return every waiting job with its sealed login, oldest first; read once, when the service starts."""
        ...

    def lost(self, *, alive: Collection[str], now: datetime | None = None) -> Awaitable[Sequence[Job]]:
        """Return the STARTED jobs, with their sealed logins, whose worker is not among ``alive``; with ``now``, only
        those whose lease has run out by then."""
        ...

    def purge(self, deadlines: Deadlines) -> Awaitable[int]:
        """Forget what is older than its deadline; return how many jobs were forgotten."""
        ...


# Records


class RecordValue(Struct, frozen=True, kw_only=True):
    """What a `RecordStore` keeps: a structure with an ``id``. A subclass names its ``collection``."""

    collection: ClassVar[str]

    id: str


RecordT = TypeVar("RecordT", bound=RecordValue)


@dataclass(frozen=True, slots=True)
class Record(Generic[RecordT]):
    """A value with its revision, which counts up from 1 with every change."""

    value: RecordT
    revision: int
    created_at: datetime
    updated_at: datetime


class RecordStore(Protocol):
    """Keeps values of many kinds by id."""

    def put(self, value: RecordValue, *, expected: int | None = None) -> Awaitable[int]:
        """Keep a value and return its new revision. ``expected`` 0 means that there must be none yet, a number that
        this must be the present revision, None that it does not matter.

        Raises:
            RevisionMismatch: It is not as expected; the error says the present revision, 0 for none.
        """
        ...

    def get(self, kind: type[RecordT], record_id: str) -> Awaitable[Record[RecordT] | None]:
        """Return the record, or None."""
        ...

    def all(self, kind: type[RecordT]) -> Awaitable[Sequence[Record[RecordT]]]:
        """Return every record of the kind by id."""
        ...

    def page(
        self, kind: type[RecordT], *, after: str | None = None, limit: int = 100
    ) -> Awaitable[Sequence[Record[RecordT]]]:
        """Return up to ``limit`` records of the kind by id, from behind the id ``after``."""
        ...

    def delete(self, kind: type[RecordT], record_id: str, *, expected: int | None = None) -> Awaitable[bool]:
        """Forget the record; return whether there was one.

        Raises:
            RevisionMismatch: As for `put`.
        """
        ...


# Audit


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Something that somebody did. ``fields`` holds no secret and no configuration. ``sequence`` and ``chain`` are set
    by the store: ``chain`` is a keyed hash of this line and the one before, so that a missing line shows."""

    event_type: str
    at: datetime
    principal: str = ""
    subject: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    sequence: int = 0
    chain: str = ""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which events to list, newest first unless ``oldest_first``."""

    event_type: str | None = None
    principal: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    after: int | None = None
    limit: int = 100
    oldest_first: bool = False


class AuditStore(Protocol):
    """Keeps what happened. Nothing here changes a line; `purge` drops the oldest ones."""

    def append(self, event: AuditEvent) -> Awaitable[None]:
        """Add a line. Queued in call order, like every write."""
        ...

    def page(self, query: AuditQuery) -> Awaitable[Sequence[AuditEvent]]:
        """Return the lines that were asked for."""
        ...

    def verify(self) -> Awaitable[int | None]:
        """Return the number of the first line that does not follow from the one before, or None."""
        ...

    def purge(self, before: datetime) -> Awaitable[int]:
        """Drop lines that are older; return how many."""
        ...


# Configurations


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The configuration of a device at one time. ``text`` is None in lists. ``last_seen_at`` moves while it stays."""

    id: str
    address: str
    taken_at: datetime
    last_seen_at: datetime
    sha256: str
    owner: str
    job_id: str
    context: str = "default"
    is_startup: bool = False
    size: int = 0
    text: str | None = field(default=None, repr=False)


class SnapshotStore(Protocol):
    """Keeps the configurations of devices. Texts are sealed at rest by whoever puts them in."""

    def add(self, snapshot: Snapshot) -> Awaitable[Snapshot]:
        """Keep a configuration; one that equals the newest of the same device (an address within its context), owner
        and kind only moves ``last_seen_at`` of that one, which is returned."""
        ...

    def get(self, snapshot_id: str) -> Awaitable[Snapshot | None]:
        """Return a snapshot with its text."""
        ...

    def page(
        self, *, owner: str | None, address: str | None = None, before: str | None = None, limit: int = 50
    ) -> Awaitable[Sequence[Snapshot]]:
        """Return snapshots without texts, newest first; ``before`` is the id of the last one seen."""
        ...

    def purge(self, *, keep: int) -> Awaitable[int]:
        """Drop all but the newest ``keep`` of each device, owner and kind; return how many went."""
        ...


# Webhooks


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """A webhook that has to be, or was, delivered. ``sealed_secret`` is encrypted; None means unsigned."""

    id: str
    job_id: str
    owner: str
    url: str = field(repr=False)
    body: bytes = field(repr=False)
    sealed_secret: bytes | None = field(default=None, repr=False)
    attempts: int = 0
    next_at: datetime | None = None
    delivered_at: datetime | None = None
    last_error: str | None = None
    created_at: datetime | None = None


class DeliveryStore(Protocol):
    """The outbox of webhooks."""

    def add(self, delivery: WebhookDelivery) -> Awaitable[None]:
        """Keep a delivery; one whose id exists changes nothing."""
        ...

    def due(
        self, now: datetime, limit: int = 100, *, hold_until: datetime | None = None
    ) -> Awaitable[Sequence[WebhookDelivery]]:
        """Return deliveries whose ``next_at`` has come, oldest first.

        With ``hold_until`` they are this caller's until then: ``next_at`` moves there, so that of several services on
        one database only one delivers. `record` ends that too.
        """
        ...

    def record(self, delivery: WebhookDelivery) -> Awaitable[None]:
        """Keep what became of an attempt. ``next_at`` None ends it, and forgets the secret, here and in the job."""
        ...

    def of_job(self, job_id: str) -> Awaitable[Sequence[WebhookDelivery]]:
        """Return the deliveries of a job, oldest first."""
        ...

    def purge(self, before: datetime) -> Awaitable[int]:
        """Forget deliveries that ended before."""
        ...


class Store(Protocol):
    """Everything that is remembered. Every method of every part may raise `naas.errors.StoreUnavailable`."""

    @property
    def jobs(self) -> JobStore:
        """Jobs."""
        ...

    @property
    def records(self) -> RecordStore:
        """What is few and read whole."""
        ...

    @property
    def audit(self) -> AuditStore:
        """What happened."""
        ...

    @property
    def snapshots(self) -> SnapshotStore:
        """Configurations of devices."""
        ...

    @property
    def deliveries(self) -> DeliveryStore:
        """Webhooks that still have to be delivered."""
        ...

    @property
    def is_well(self) -> bool:
        """Whether the last write succeeded."""
        ...

    def close(self) -> None:
        """Write what is queued, then let go of the database. May be called twice; other calls fail from then on."""
        ...
