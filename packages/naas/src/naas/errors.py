"""Everything that can go wrong inside the service, as one tree.

    NaasError
    ├── RequestError             the caller's mistake
    │   ├── NotAuthenticated     no usable credentials
    │   ├── NotAllowed           known caller, not theirs
    │   ├── NotJson              body missing or not JSON
    │   ├── WrongMediaType       body is not declared as JSON
    │   ├── InvalidRequest       fields that break their rules, all of them
    │   ├── RequestIdUsed        X-Request-ID names a job that exists
    │   ├── UnusableRequestId    an id that is not a UUID
    │   ├── UnknownContext       no such context
    │   ├── JobNotFound          nothing to cancel
    │   └── JobHasEnded          too late to cancel
    ├── Unavailable              ours; the same request may work later
    │   ├── StoreUnavailable     the database refused
    │   └── QueueFull            the configured depth is reached
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
    "FieldProblem",
    "IllegalMove",
    "InvalidRequest",
    "JobHasEnded",
    "JobNotFound",
    "NaasError",
    "NotAllowed",
    "NotAuthenticated",
    "NotJson",
    "QueueFull",
    "RequestError",
    "RequestIdUsed",
    "StartError",
    "StoreUnavailable",
    "Unavailable",
    "UnknownContext",
    "UnusableRequestId",
    "VaultError",
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


class Unavailable(NaasError):
    """Ours, and not for good: the same request may work after ``retry_after`` seconds."""

    retry_after: int = 10


class StoreUnavailable(Unavailable):
    """The database refused to read or write; nothing of the request was kept."""


class QueueFull(Unavailable):
    """As many jobs wait as the operator allows."""

    retry_after = 5

    def __init__(self, depth: int, limit: int) -> None:
        super().__init__(depth, limit)
        self.depth, self.limit = depth, limit


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
