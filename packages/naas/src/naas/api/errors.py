"""The one renderer of failures: from `naas.errors` to the shapes that v2 clients know.

Five shapes exist on the wire for historical reasons. A caller whose ``Accept`` names ``application/problem+json``
gets problem details (RFC 9457) instead, always in one shape.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import msgspec

from naas import __version__, errors
from naas.api.auth import CHALLENGE
from naas.api.wire import ErrorResponse, JobLookupError, MessageError, ProblemDetails, ValidationErrorItem

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["JSON", "PROBLEM_JSON", "Refusal", "refusal_of", "render"]

JSON: Final = "application/json"
PROBLEM_JSON: Final = "application/problem+json"

Body = ErrorResponse | MessageError | JobLookupError | list[ValidationErrorItem]


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
            return _fixed(HTTPStatus.FORBIDDEN, "You are not currently allowed to access this resource")
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
            body = JobLookupError(job_id=error.job_id, status="not_found", app="naas", version=__version__)
            detail = f"there is no job {error.job_id}"
            return Refusal(HTTPStatus.NOT_FOUND, detail, body, job_id=error.job_id)
        case errors.JobHasEnded():
            return _message(HTTPStatus.CONFLICT, str(error))
        case errors.QueueFull():
            text = "Queue depth limit reached, please retry later"
            return _fixed(HTTPStatus.SERVICE_UNAVAILABLE, text, headers={"Retry-After": str(error.retry_after)})
        case errors.Unavailable():
            text = "Queue backend unavailable"
            return _fixed(HTTPStatus.SERVICE_UNAVAILABLE, text, headers={"Retry-After": str(error.retry_after)})
        case _:
            return _message(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")


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
