"""What the hand-finished clients decide, without I/O: shared by the sync and the async one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from clientsmith.core.errors import HttpResponseError, UsageError
from clientsmith.core.models import Model
from clientsmith.core.operations import ListOperation, LongRunningOperation, Operation
from clientsmith.core.paging import NextLinkHeader
from clientsmith.core.polling import Polling, StatusEvents
from clientsmith.core.rest import HttpResponse
from clientsmith.core.serialization import merge_fields

from . import _operations
from ._orders import fields_and_rest
from .errors import DeviceError, ServerVersionError
from .models import (
    BackupRequest,
    HealthReport,
    JobResult,
    SendCommandRequest,
    SendCommandStructuredRequest,
    SendConfigRequest,
)

if TYPE_CHECKING:
    from clientsmith.core.paging.schemes import Arrived

    from .models import JobSummary

__all__ = [
    "BACK_UP",
    "GET_HEALTH_OF_BEFORE",
    "LIST_JOBS",
    "OLDEST_SERVER",
    "REPLAY_JOB",
    "SEND_COMMAND",
    "SEND_COMMAND_STRUCTURED",
    "SEND_CONFIG",
    "body_and_options",
    "checked_result",
    "checked_version",
    "last_line",
    "safeguards_in",
    "told",
    "unknown_safeguards",
]

OLDEST_SERVER: Final = "2.0"


class EventsOfBefore(StatusEvents):
    """The events of a job, for servers before 2.3.

    Those of 2.3 say in their 202 where they hold the answer until the job has ended, so nobody listens there.
    """

    def address(self, response: HttpResponse, body: object, place: str) -> str:
        """Return where the events are, "" where the answer is held."""
        document = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
        if document.get("app") != "naas" or "Operation-Location" in response.headers:
            return ""
        return super().address(response, document, place)


_EVENTS: Final = EventsOfBefore(path="/v2/jobs/{job_id}/stream", names=("status", "result"), ending=("result",))


class JobPolling(Polling[JobResult]):
    """How a job is watched; a job that failed says why."""

    def reason(self, response: HttpResponse) -> str:
        """Return why a job failed, in one line."""
        return last_line(told(JobResult.from_dict(response.json()), "error"))


def _watched(
    operation: LongRunningOperation[JobResult], events: StatusEvents | None = _EVENTS
) -> LongRunningOperation[JobResult]:
    """Return an operation whose job is followed by events where the server does not hold its answers."""
    followed = copy(operation)
    declared: dict[str, Any] = {**vars(operation.polling), "events": events}
    followed.polling = JobPolling(**declared)
    return followed


SEND_COMMAND: Final = _watched(_operations.BEGIN_SEND_COMMAND)
SEND_COMMAND_STRUCTURED: Final = _watched(_operations.BEGIN_SEND_COMMAND_STRUCTURED)
SEND_CONFIG: Final = _watched(_operations.BEGIN_SEND_CONFIG)
REPLAY_JOB: Final = _watched(_operations.BEGIN_REPLAY_JOB)
BACK_UP: Final = _watched(_operations.BEGIN_BACK_UP, None)

# Servers before 2.3 have no health below /v2/; this address stays for good.
GET_HEALTH_OF_BEFORE: Final[Operation[HealthReport]] = Operation(
    "GET", "/healthcheck", responses={200: lambda: HealthReport}, anonymous=True
)


class LinkOrNumber(NextLinkHeader[Any], kw_only=False):
    """Pages that link to the next one, or say which of how many they are: servers before 2.3 have no links."""

    def next_token(self, came: Arrived) -> str | None:
        """Return the address of the next page."""
        link = super().next_token(came)
        body: object = came.body
        if link is not None or not isinstance(body, dict):
            return link
        pagination: Mapping[str, Any] = cast("dict[str, Any]", body).get("pagination") or {}
        url = urlsplit(came.response.request.url)
        fields = dict(parse_qsl(url.query))
        page, pages = pagination.get("page"), pagination.get("pages")
        # With a cursor the list is one of links, whatever its pages are called.
        if not isinstance(page, int) or not isinstance(pages, int) or page >= pages or "before" in fields:
            return None
        return urlunsplit(url._replace(query=urlencode({**fields, "page": page + 1})))


def _in_pages(operation: ListOperation[JobSummary]) -> ListOperation[JobSummary]:
    listed = copy(operation)
    listed.paging = LinkOrNumber(**vars(operation.paging))
    return listed


LIST_JOBS: Final = _in_pages(_operations.LIST_JOBS)


def body_and_options(
    kind: type[SendCommandRequest | SendCommandStructuredRequest | SendConfigRequest | BackupRequest],
    request: Model | Mapping[str, Any] | None,
    options: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take the body's fields out of the options and merge them into the request; what is given explicitly wins."""
    fields, rest = fields_and_rest(options)
    return merge_fields(kind, request, fields), rest


# What servers before 2.3 would read over: the change itself would be made instead of its dry run.
_SAFEGUARDS: Final = ("dry_run", "pre_checks", "post_checks")


def safeguards_in(body: Mapping[str, Any]) -> list[str]:
    """Return the names of the safeguards that a change asks for."""
    return [name for name in _SAFEGUARDS if body.get(name)]


def unknown_safeguards(names: Sequence[str], error: HttpResponseError) -> Exception:
    """Return what to raise where a server that was asked for its batches, which came with the safeguards, refused."""
    if error.status_code not in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        return error
    return UsageError(
        f"this server does not know {' and '.join(names)}, and would change the device at once; nothing was submitted. "
        "It needs NAAS 2.3 or newer"
    )


def checked_version(version: str | None) -> None:
    """Raise if a server that names its version is too old; one that does not is given the benefit of the doubt.

    Raises:
        ServerVersionError: The server is older than `OLDEST_SERVER`.
    """
    if version and _numbers(version) < _numbers(OLDEST_SERVER):
        raise ServerVersionError(version, OLDEST_SERVER)


def checked_result(result: JobResult) -> JobResult:
    """Return the result of a job that did what it should.

    The wire says ``finished`` also when the device failed; whoever only looks at the status would miss it.

    Raises:
        DeviceError: The device failed; the subclass says how.
        ServerVersionError: The server is too old.
    """
    checked_version(told(result, "version"))
    if told(result, "error") is not None or told(result, "error_code") is not None:
        raise DeviceError.from_result(result)
    return result


def told(model: Model, name: str) -> Any:
    """Return what the wire has under a name, None if it has not: servers of other versions leave keys out."""
    return model[name] if name in model else None  # noqa: SIM401 - a model has no `get`, which may be a field's name


def last_line(text: object) -> str:
    """Return a reason in one line: of a traceback, which earlier servers give, the line that says what went wrong."""
    if not isinstance(text, str):
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines and lines[0].startswith("Traceback ("):
        return lines[-1]
    return " ".join(lines)


def _numbers(version: str) -> tuple[int, ...]:
    """Return the leading release numbers: (2, 3) of "2.3.0a1"."""
    numbers: list[int] = []
    for part in version.split(".")[:2]:
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        numbers.append(int(digits or 0))
    return tuple(numbers)
