"""How a resource describes its operations, and what all of them share: headers, parameters, refusals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from naas.api import wire
from naas.api.asking import LONGEST_KEY
from naas.principals import Role

if TYPE_CHECKING:
    import msgspec

__all__ = [
    "HEADERS",
    "PARAMETERS",
    "Json",
    "OperationDoc",
    "ResponseDoc",
    "TagDoc",
    "not_modified",
    "refused",
]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ResponseDoc:
    """One answer. ``body`` None means that there is none; ``media_type`` is that of the body."""

    description: str
    body: Any = None
    headers: tuple[str, ...] = ()
    links: Mapping[str, Json] = field(default_factory=dict[str, Json])
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class OperationDoc:
    """One operation of the wire.

    Attributes:
        query: A structure whose fields are the query parameters.
        header_parameters: Names of `PARAMETERS`.
        body: The structure of the JSON body; ``body_required`` says whether there must be one.
        role: Which role it takes; None for an operation that needs no credentials.
        security: The schemes that it takes, if not those of the whole document.
    """

    method: str
    path: str
    operation_id: str
    tag: str
    summary: str
    description: str
    responses: Mapping[int, ResponseDoc]
    query: type[msgspec.Struct] | None = None
    header_parameters: tuple[str, ...] = ()
    body: type[msgspec.Struct] | None = None
    body_required: bool = True
    role: Role | None = Role.VIEWER
    security: tuple[str, ...] | None = None

    @property
    def path_parameters(self) -> Sequence[str]:
        """Names of the parts of the path that vary, in order."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]


@dataclass(frozen=True, slots=True)
class TagDoc:
    """A group of operations, as readers of the document see it."""

    name: str
    description: str


HEADERS: Final[Mapping[str, Json]] = {
    "X-API-Version": {
        "description": "The version of the API that answered: `v2`.",
        "schema": {"type": "string", "const": "v2"},
    },
    "X-Request-ID": {
        "description": "The id of the job.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "Operation-Location": {
        "description": (
            "Where to ask for the job, relative to this service (RFC 3986). The query in it makes the answer come as "
            "soon as the job has ended."
        ),
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Location": {
        "description": "Where the new entry is, relative to this service (RFC 9110, section 10.2.2).",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Retry-After": {
        "description": "How long to wait before the next request, in whole seconds (RFC 9110, section 10.2.3).",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {
        "description": "How to authenticate (RFC 7617).",
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "What `If-None-Match` takes to hear only of changes (RFC 9110, section 8.8.3).",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": 'The next page as `<…>; rel="next"` (RFC 8288); absent on the last one.',
        "schema": {"type": "string"},
    },
    "X-RateLimit-Limit": {
        "description": "How many jobs the caller may submit in the window; absent where nothing is limited.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "X-RateLimit-Remaining": {
        "description": "How many of them are left.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "X-RateLimit-Reset": {
        "description": "When there is room again, in seconds since 1970.",
        "schema": {"type": "integer", "minimum": 0},
    },
}  # fmt: skip

PARAMETERS: Final[Mapping[str, Json]] = {
    "job_id": {
        "name": "job_id",
        "in": "path",
        "required": True,
        "description": "The id of the job, as the submission answered it.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "batch_id": {
        "name": "batch_id",
        "in": "path",
        "required": True,
        "description": "The id of the batch, as the submission answered it.",
        "schema": {"type": "string", "pattern": "^batch-[0-9a-f]{12}$"},
    },
    "backup_id": {
        "name": "backup_id",
        "in": "path",
        "required": True,
        "description": "The id of the backup, as the list told it.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "key_id": {
        "name": "key_id",
        "in": "path",
        "required": True,
        "description": "The id of the API key.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 64},
    },
    "name": {
        "name": "name",
        "in": "path",
        "required": True,
        "description": "The name of the entry.",
        "schema": {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,127}$"},
    },
    "X-Request-ID": {
        "name": "X-Request-ID",
        "in": "header",
        "required": False,
        "description": "An id of the caller's choice for the job: a UUID that was never used before.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": (
            "A key of the caller's choice. A second request with the same key within a day makes no second job: it is "
            "answered with the first one, or refused if it asks for something else. `X-Idempotency-Key` is the same."
        ),
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` of an earlier answer: 304 without a body comes back if nothing has changed.",
        "schema": {"type": "string"},
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` of the entry as the caller knows it: the change is refused if it is another one.",
        "schema": {"type": "string"},
    },
    "Last-Event-ID": {
        "name": "Last-Event-ID",
        "in": "header",
        "required": False,
        "description": (
            "What browsers send when they connect again. The stream begins with the present state anyway; after the "
            "last event, whose id is `end`, there is none."
        ),
        "schema": {"type": "string"},
    },
}  # fmt: skip

_LIMITS: Final = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")

_REFUSED: Final[Mapping[int, ResponseDoc]] = {
    400: ResponseDoc("The body, an id or the context cannot be used.", wire.ErrorResponse),
    401: ResponseDoc("No usable credentials came with the request.", wire.ErrorResponse, ("WWW-Authenticate",)),
    403: ResponseDoc("The caller may not do this, or it is not theirs.", wire.ErrorResponse),
    404: ResponseDoc("There is no such job.", wire.JobLookupError),
    409: ResponseDoc("It has come too far for this, or not far enough.", wire.MessageError),
    413: ResponseDoc("The body is too large.", wire.MessageError),
    415: ResponseDoc("The body is not declared as JSON.", wire.MessageError),
    422: ResponseDoc("Fields break their rules; all of them are listed.", list[wire.ValidationErrorItem]),
    429: ResponseDoc("The caller asks too often.", wire.RateLimitError, ("Retry-After", *_LIMITS)),
    503: ResponseDoc("No worker, no room, or no store; try again later.", wire.ErrorResponse, ("Retry-After",)),
}  # fmt: skip


def refused(*statuses: int) -> Mapping[int, ResponseDoc]:
    """Return the refusals that many operations share, by status."""
    return {status: _REFUSED[status] for status in statuses}


def not_modified() -> Mapping[int, ResponseDoc]:
    """Return what answers `If-None-Match` while nothing has changed."""
    return {304: ResponseDoc("Nothing has changed since the answer with that `ETag`.", None, ("ETag",))}
