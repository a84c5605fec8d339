"""The one renderer of failures: from `naas.errors` to the shapes that v2 clients know.

Several shapes exist on the wire for historical reasons. A caller whose ``Accept`` names ``application/problem+json``
gets problem details (RFC 9457) instead, always in one shape.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import msgspec

from naas import __version__, errors
from naas.api.auth import CHALLENGE
from naas.api.wire import (
    ErrorResponse,
    JobLookupError,
    MessageError,
    ProblemDetails,
    RateLimitError,
    RecordLookupError,
    ValidationErrorItem,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["JSON", "PROBLEM_JSON", "Refusal", "plain_refusal", "refusal_of", "render"]

JSON: Final = "application/json"
PROBLEM_JSON: Final = "application/problem+json"

Body = ErrorResponse | MessageError | JobLookupError | RecordLookupError | RateLimitError | list[ValidationErrorItem]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer before it becomes bytes. ``detail`` is what went wrong, for people."""

    status: HTTPStatus
    detail: str
    body: Body
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    job_id: str | None = None


def refusal_of(error: Exception) -> Refusal:
    """Return how the wire tells of this error; one that nobody foresaw becomes a bare 500."""
    match error:
        case errors.InvalidRequest():
            return _invalid(error)
        case errors.NotAuthenticated():
            text = "You must authenticate with HTTP Basic authentication to use this resource"
            return _fixed(HTTPStatus.UNAUTHORIZED, text, error.reason, {"WWW-Authenticate": CHALLENGE})
        case errors.NotAllowed():
            return _not_allowed(error)
        case errors.RateLimited():
            return _rate_limited(error)
        case errors.WrongMediaType():
            return _message(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error))
        case errors.NotJson():
            return _fixed(HTTPStatus.BAD_REQUEST, "Payload must be JSON")
        case errors.RequestIdUsed():
            detail = f"a job with the id {error.job_id} exists already"
            return _fixed(HTTPStatus.BAD_REQUEST, "Please provide a unique X-Request-ID", detail)
        case errors.UnusableRequestId():
            detail = "the id of a job, and an X-Request-ID that becomes one, must be a UUID"
            return _fixed(HTTPStatus.BAD_REQUEST, "Invalid syntax in request", detail)
        case errors.UnknownContext():
            detail = f"this service knows the contexts {', '.join(error.known)}"
            text = "Unknown context. See GET /v1/contexts for valid contexts."
            return _fixed(HTTPStatus.BAD_REQUEST, text, detail)
        case errors.JobNotFound():
            return _job_lookup(HTTPStatus.NOT_FOUND, error.job_id, "not_found", f"there is no job {error.job_id}")
        case errors.JobHasNotFailed():
            return _job_lookup(HTTPStatus.CONFLICT, error.job_id, "not_failed", str(error))
        case errors.JobHasEnded() | errors.BatchHasEnded() | errors.NothingToRetry():
            return _message(HTTPStatus.CONFLICT, str(error))
        case errors.BatchNotFound():
            return _message(HTTPStatus.NOT_FOUND, str(error))
        case errors.TooManyStreams():
            return _message(HTTPStatus.TOO_MANY_REQUESTS, str(error))
        case errors.ApiKeyNotFound():
            return _record_lookup(str(error))
        case errors.RecordNotFound():
            return _record_lookup(str(error))
        case errors.RecordExists() | errors.RecordInUse():
            return _message(HTTPStatus.CONFLICT, str(error))
        case errors.RevisionMismatch():
            return _message(HTTPStatus.PRECONDITION_FAILED, str(error))
        case errors.Unavailable():
            return _unavailable(error)
        case _:
            return _message(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")


def _not_allowed(error: errors.NotAllowed) -> Refusal:
    if isinstance(error, errors.LockedOut):
        text = "You are currently locked out for excessive login failures, please try again later"
        return _fixed(HTTPStatus.FORBIDDEN, text, str(error), {"Retry-After": str(error.retry_after)})
    text = "You are not currently allowed to access this resource"
    # Only the subclasses say why: the bare error is raised where even that would tell a stranger that a job exists.
    return _fixed(HTTPStatus.FORBIDDEN, text, None if type(error) is errors.NotAllowed else str(error))


def _rate_limited(error: errors.RateLimited) -> Refusal:
    body: Body = RateLimitError(
        error="Rate limit exceeded", retry_after=error.retry_after, app="naas", version=__version__
    )
    if isinstance(error, errors.BatchRateLimited):
        body = MessageError(message=f"Rate limit insufficient: {error}")
    headers = {
        "Retry-After": str(error.retry_after),
        "X-RateLimit-Limit": str(error.limit),
        "X-RateLimit-Remaining": str(error.remaining),
        "X-RateLimit-Reset": str(error.reset_at),
    }
    return Refusal(HTTPStatus.TOO_MANY_REQUESTS, str(error), body, headers)


def _unavailable(error: errors.Unavailable) -> Refusal:
    match error:
        case errors.QueueFull():
            text, detail = "Queue depth limit reached, please retry later", None
        case errors.NoWorkers():
            text, detail = "No workers available for the requested context", str(error)
        case _:
            text, detail = "Queue backend unavailable", None
    return _fixed(HTTPStatus.SERVICE_UNAVAILABLE, text, detail, {"Retry-After": str(error.retry_after)})


def plain_refusal(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Refusal:
    """Return a refusal that the framework made: an unknown path, a wrong method, a body too large."""
    return _message(HTTPStatus(status), detail, headers)


def render(refusal: Refusal, *, accept: str) -> tuple[str, bytes]:
    """Return media type and body: problem details if ``accept`` names them, else the shape of the wire."""
    if PROBLEM_JSON not in accept.lower():
        return JSON, msgspec.json.encode(refusal.body)
    problem = ProblemDetails(
        kind="about:blank",
        title=refusal.status.phrase,
        status=refusal.status.value,
        detail=refusal.detail,
        errors=refusal.body if isinstance(refusal.body, list) else None,
        job_id=refusal.job_id,
    )
    return PROBLEM_JSON, msgspec.json.encode(problem)


def _fixed(
    status: HTTPStatus, text: str, message: str | None = None, headers: Mapping[str, str] | None = None
) -> Refusal:
    """The shape of the known errors: a fixed text under ``error``, an explanation under ``message``."""
    explanation = message or text
    body = ErrorResponse(message=explanation, status=status.value, error=text, app="naas", version=__version__)
    return Refusal(status, explanation, body, dict(headers or {}))


def _message(status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None) -> Refusal:
    return Refusal(status, text, MessageError(message=text), dict(headers or {}))


def _job_lookup(status: HTTPStatus, job_id: str, what: str, detail: str) -> Refusal:
    body = JobLookupError(job_id=job_id, status=what, app="naas", version=__version__)
    return Refusal(status, detail, body, job_id=job_id)


def _record_lookup(detail: str) -> Refusal:
    body = RecordLookupError(error=detail, app="naas", version=__version__)
    return Refusal(HTTPStatus.NOT_FOUND, detail, body)


def _invalid(error: errors.InvalidRequest) -> Refusal:
    items = [
        ValidationErrorItem(
            kind=problem.kind,
            loc=list(problem.location),
            msg=problem.message,
            input=problem.shown,
            suggestions=list(problem.suggestions) or None,
        )
        for problem in error.problems
    ]
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), items)
