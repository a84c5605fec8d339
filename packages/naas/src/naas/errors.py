"""Everything that can go wrong inside the service, as one tree.

    NaasError
    ├── RequestError             the caller's mistake
    │   ├── NotAuthenticated     no usable credentials
    │   ├── NotAllowed           known caller, not theirs
    │   │   ├── WrongCredential      another kind of credential is needed
    │   │   ├── RoleTooLow           the caller's role does not reach so far
    │   │   ├── ContextRefused       the caller's key does not reach the context
    │   │   ├── CommandRefused       the command policy forbids it
    │   │   └── LockedOut            too many failures; try again later
    │   ├── RateLimited          too many requests; try again later
    │   │   └── BatchRateLimited     a batch that does not fit as a whole
    │   ├── ApiKeyNotFound       no API key with this id
    │   ├── NotJson              body missing or not JSON
    │   ├── WrongMediaType       body is not declared as JSON
    │   ├── InvalidRequest       fields that break their rules, all of them
    │   ├── RequestIdUsed        X-Request-ID names a job that exists
    │   ├── UnusableRequestId    an id that is not a UUID
    │   ├── UnknownContext       no such context
    │   ├── JobNotFound          nothing to cancel
    │   ├── JobHasEnded          too late to cancel
    │   ├── JobHasNotFailed      nothing to replay
    │   ├── BatchNotFound        no such batch, or forgotten
    │   ├── BatchHasEnded        too late to cancel
    │   ├── NothingToRetry       no job of the batch failed
    │   ├── TooManyStreams       as many event streams are open as the operator allows
    │   ├── RecordNotFound       no device, credential, schedule … of this name
    │   ├── RecordExists         the name is taken
    │   └── RecordInUse          others refer to it
    ├── Unavailable              ours; the same request may work later
    │   ├── StoreUnavailable     the database refused
    │   ├── EngineUnavailable    the queue cannot be reached
    │   ├── NoWorkers            nobody serves the context now
    │   └── QueueFull            the configured depth is reached
    ├── RevisionMismatch         somebody else changed the record first
    ├── IllegalMove              a move that `naas.jobs.MOVES` does not list: a bug in the caller
    ├── VaultError               a secret cannot be read, or the key file is unsafe
    └── StartError               the service cannot start; the message says what to do

Inside, a failure is one of these values; `naas.api.errors` is the only place that knows the shapes of the wire.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ApiKeyNotFound",
    "BatchHasEnded",
    "BatchNotFound",
    "BatchRateLimited",
    "CommandRefused",
    "ContextRefused",
    "EngineUnavailable",
    "FieldProblem",
    "IllegalMove",
    "InvalidRequest",
    "JobHasEnded",
    "JobHasNotFailed",
    "JobNotFound",
    "LockedOut",
    "NaasError",
    "NoWorkers",
    "NotAllowed",
    "NotAuthenticated",
    "NotJson",
    "NothingToRetry",
    "QueueFull",
    "RateLimited",
    "RecordExists",
    "RecordInUse",
    "RecordNotFound",
    "RequestError",
    "RequestIdUsed",
    "RevisionMismatch",
    "RoleTooLow",
    "StartError",
    "StoreUnavailable",
    "TooManyStreams",
    "Unavailable",
    "UnknownContext",
    "UnusableRequestId",
    "VaultError",
    "WrongCredential",
    "WrongMediaType",
]


class NaasError(Exception):
    """Base of every error that the service raises by intent."""


class RequestError(NaasError):
    """The caller's mistake; sending the same again gives the same answer."""


class NotAuthenticated(RequestError):
    """No usable credentials came with the request."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotAllowed(RequestError):
    """The caller does not own the job, or there is none: v2 gives both the same answer, so that ids stay secret."""


class WrongCredential(NotAllowed):
    """The kind of credential does not reach so far, whoever brings it; ``reason`` says what to bring instead."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class RoleTooLow(NotAllowed):
    """The caller is known, but their role does not reach so far."""

    def __init__(self, role: str, needed: str) -> None:
        super().__init__(role, needed)
        self.role, self.needed = role, needed

    def __str__(self) -> str:
        return f"this needs the role {self.needed}, and the caller has the role {self.role}"


class ContextRefused(NotAllowed):
    """The caller's key does not reach the context."""

    def __init__(self, context: str, allowed: Sequence[str]) -> None:
        super().__init__(context, allowed)
        self.context, self.allowed = context, tuple(allowed)

    def __str__(self) -> str:
        return f"the caller may use the contexts {', '.join(self.allowed) or 'none'}, not {self.context}"


class CommandRefused(NotAllowed):
    """The command policy forbids a line. ``rule`` names what forbids it; ``index`` is the line's place, from 0."""

    def __init__(self, rule: str, index: int) -> None:
        super().__init__(rule, index)
        self.rule, self.index = rule, index

    def __str__(self) -> str:
        # The line is not repeated: configuration is full of secrets.
        return f"line {self.index + 1} is refused by the command policy of this service: {self.rule}"


class LockedOut(NotAllowed):
    """Too many failures lately, of a caller or at a device; ``retry_after`` is in whole seconds."""

    def __init__(self, what: str, retry_after: int) -> None:
        super().__init__(what, retry_after)
        self.what, self.retry_after = what, retry_after

    def __str__(self) -> str:
        return f"{self.what} had too many failures and is locked out; try again in {self.retry_after} s"


class RateLimited(RequestError):
    """More than the caller may ask for in a time. ``limit`` in ``window`` seconds, ``wanted`` at once, ``remaining``;
    ``reset_at`` is when there is room again, in seconds since 1970."""

    def __init__(self, limit: int, window: int, wanted: int, remaining: int, retry_after: int, reset_at: int) -> None:
        super().__init__(limit, window, wanted, remaining, retry_after, reset_at)
        self.limit, self.window, self.wanted, self.remaining = limit, window, wanted, remaining
        self.retry_after, self.reset_at = retry_after, reset_at

    def __str__(self) -> str:
        return (
            f"{self.wanted} jobs were asked for and {self.remaining} of {self.limit} in {self.window} s remain; "
            f"try again in {self.retry_after} s"
        )


class BatchRateLimited(RateLimited):
    """A batch asks for more than the caller has left. No job of it was kept, and nothing was counted."""


class ApiKeyNotFound(RequestError):
    """There is no API key with this id."""

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.key_id = key_id

    def __str__(self) -> str:
        return f"Key '{self.key_id}' not found"


class NotJson(RequestError):
    """The body is missing, empty or not JSON."""


class WrongMediaType(RequestError):
    """The body is not declared as JSON."""

    def __init__(self, content_type: str) -> None:
        super().__init__(content_type)
        self.content_type = content_type

    def __str__(self) -> str:
        declared = f"'{self.content_type}'" if self.content_type else "not declared"
        return f"the body must be sent as application/json; its Content-Type is {declared}"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that breaks a rule. ``location`` leads to it, for example ``("commands", 0)``.

    ``shown`` is the submitted value where repeating it is harmless, else None; secrets and commands never are.
    """

    kind: str
    location: tuple[str | int, ...]
    message: str
    shown: str | int | float | None = None
    suggestions: tuple[str, ...] = ()


class InvalidRequest(RequestError):
    """Fields that break their rules: all that were found, not only the first."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "; ".join(f"{'.'.join(map(str, p.location))}: {p.message}" for p in self.problems)


class RequestIdUsed(RequestError):
    """X-Request-ID would become the job id, but a job with that id exists."""

    def __init__(self, job_id: str) -> None:
        super().__init__(job_id)
        self.job_id = job_id


class UnusableRequestId(RequestError):
    """An id, from X-Request-ID or from the path, that is not a UUID."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


class UnknownContext(RequestError):
    """The request names a context that this service does not serve."""

    def __init__(self, context: str, known: Sequence[str]) -> None:
        super().__init__(context, known)
        self.context, self.known = context, tuple(known)


class JobNotFound(RequestError):
    """There is no job with this id."""

    def __init__(self, job_id: str) -> None:
        super().__init__(job_id)
        self.job_id = job_id


class JobHasEnded(RequestError):
    """The job ended before it could be cancelled."""

    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(job_id, state)
        self.job_id, self.state = job_id, state

    def __str__(self) -> str:
        return f"job {self.job_id} is already {self.state} and cannot be cancelled any more"


class JobHasNotFailed(RequestError):
    """Only a failed job can be replayed."""

    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(job_id, state)
        self.job_id, self.state = job_id, state

    def __str__(self) -> str:
        return f"job {self.job_id} is {self.state}; only a failed job can be replayed"


class BatchNotFound(RequestError):
    """There is no such batch, or all of its jobs are forgotten."""

    def __init__(self, batch_id: str) -> None:
        super().__init__(batch_id)
        self.batch_id = batch_id

    def __str__(self) -> str:
        return f"Batch '{self.batch_id}' not found or has expired"


class BatchHasEnded(RequestError):
    """Every job of the batch ended before it could be cancelled."""

    def __init__(self, batch_id: str) -> None:
        super().__init__(batch_id)
        self.batch_id = batch_id

    def __str__(self) -> str:
        return f"every job of {self.batch_id} has ended; there is nothing left to cancel"


class NothingToRetry(RequestError):
    """No job of the batch may be submitted again. ``reviewable`` of them failed, but a person has to look first."""

    def __init__(self, batch_id: str, reviewable: int) -> None:
        super().__init__(batch_id, reviewable)
        self.batch_id, self.reviewable = batch_id, reviewable

    def __str__(self) -> str:
        if not self.reviewable:
            return f"no job of {self.batch_id} has failed; there is nothing to retry"
        return (
            f"{self.reviewable} jobs of {self.batch_id} may have reached their devices in part: look at the devices, "
            "then say include_needs_review"
        )


class TooManyStreams(RequestError):
    """As many event streams are open as the operator allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return f"{self.limit} event streams are open, as many as this service allows; poll with ?wait= instead"


class RecordNotFound(RequestError):
    """There is no entry of this name. ``collection`` is the plural of what it would be."""

    def __init__(self, collection: str, name: str) -> None:
        super().__init__(collection, name)
        self.collection, self.name = collection, name

    def __str__(self) -> str:
        return f"there is no {self.name!r} among the {self.collection}"


class RecordExists(RequestError):
    """An entry of this name exists."""

    def __init__(self, collection: str, name: str) -> None:
        super().__init__(collection, name)
        self.collection, self.name = collection, name

    def __str__(self) -> str:
        return f"there is a {self.name!r} among the {self.collection} already; change that one, or take another name"


class RecordInUse(RequestError):
    """An entry cannot be deleted because others refer to it."""

    def __init__(self, collection: str, name: str, users: Sequence[str]) -> None:
        super().__init__(collection, name, users)
        self.collection, self.name, self.users = collection, name, tuple(users)

    def __str__(self) -> str:
        shown = ", ".join(self.users[:5]) + (", …" if len(self.users) > 5 else "")
        return f"{self.name!r} of the {self.collection} is used by {shown}; change these first"


class Unavailable(NaasError):
    """Ours, and not for good: the same request may work after ``retry_after`` seconds."""

    retry_after: int = 10


class StoreUnavailable(Unavailable):
    """The database refused to read or write; nothing of the request was kept."""


class EngineUnavailable(Unavailable):
    """The queue cannot be reached."""


class NoWorkers(Unavailable):
    """No worker that lives serves the context."""

    def __init__(self, context: str) -> None:
        super().__init__(context)
        self.context = context

    def __str__(self) -> str:
        return f"no worker serves the context {self.context} now; try again when one is back"


class QueueFull(Unavailable):
    """As many jobs wait as the operator allows."""

    retry_after = 5

    def __init__(self, depth: int, limit: int) -> None:
        super().__init__(depth, limit)
        self.depth, self.limit = depth, limit


class RevisionMismatch(NaasError):
    """A record is not at the revision that its editor had read. Nothing was changed. ``present`` 0 means none."""

    def __init__(self, record_id: str, expected: int, present: int) -> None:
        super().__init__(record_id, expected, present)
        self.record_id, self.expected, self.present = record_id, expected, present

    def __str__(self) -> str:
        found = f"is at revision {self.present}" if self.present else "does not exist"
        wanted = f"revision {self.expected} was expected" if self.expected else "none was expected"
        return f"{self.record_id} {found}, and {wanted}; read it again and repeat the change"


class IllegalMove(NaasError):
    """A job was asked to move to a state that cannot follow the one it is in. Nothing was changed."""

    def __init__(self, job_id: str, before: str, after: str) -> None:
        super().__init__(job_id, before, after)
        self.job_id, self.before, self.after = job_id, before, after

    def __str__(self) -> str:
        return f"job {self.job_id} is {self.before} and cannot become {self.after}"


class VaultError(NaasError):
    """A secret cannot be read back, or the key cannot be used."""


class StartError(NaasError):
    """The service cannot start; the message says what was tried and what to do next."""
