"""The routes of the v2 wire. Each reads a request into values, asks the service, and writes the answer.

The order of checks on a submission is part of the contract: who, then media type and JSON, then fields by their old
names, then X-Request-ID, then the fields, then what the service says.
"""

from __future__ import annotations

import math
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec
from litestar import MediaType, Request, Response, delete, get, post

from naas import __version__
from naas.api.auth import basic_credentials
from naas.api.document import LONGEST_KEY, openapi_document
from naas.api.validation import parse_body, parse_query, read_command_order, read_config_order, refuse_renamed
from naas.api.wire import (
    Base,
    ComponentHealth,
    GetJobParameters,
    HealthComponents,
    HealthReport,
    HealthStatus,
    JobResponse,
    JobResult,
    JobSummary,
    ListJobsParameters,
    ListJobsResponse,
    Pagination,
    QueueHealth,
    WorkersHealth,
)
from naas.errors import FieldProblem, InvalidRequest, NotAuthenticated, StoreUnavailable, UnusableRequestId

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from naas.jobs import Job
    from naas.runtime import Runtime
    from naas.service import Accepted, Caller, Order

__all__ = ["ROUTES"]

HttpRequest = Request[Any, Any, Any]

_encode = msgspec.json.Encoder().encode

# How long the poll that `Operation-Location` names waits, in seconds: a caller that follows the header hears of the
# end at once, and none has to keep a read open for long.
POLL_WAIT: Final = 2

_IDEMPOTENCY_HEADERS: Final = ("idempotency-key", "x-idempotency-key")


@post("/v2/send-command", status_code=HTTPStatus.ACCEPTED)
async def send_command(request: HttpRequest) -> Response[bytes]:
    """Submit commands."""
    return await _submit(request, read_command_order)


@post("/v2/send-config", status_code=HTTPStatus.ACCEPTED)
async def send_config(request: HttpRequest) -> Response[bytes]:
    """Submit configuration."""
    return await _submit(request, read_config_order)


@get(["/v2/send-command", "/v2/send-config"])
async def submission_is_there(request: HttpRequest) -> Response[bytes]:  # noqa: ARG001 - handlers of this module look alike
    """Answer who we are; what is left of a liveness check of old. Not in the document: ask for the health instead."""
    return _answer(Base(app="naas", version=__version__))


@get(["/v2/send-command/{job_id:str}", "/v2/send-config/{job_id:str}"])
async def get_job(request: HttpRequest) -> Response[bytes]:
    """Read one job. The two paths are interchangeable, as clients of v2 expect."""
    runtime = _runtime(request)
    caller = _caller(request, runtime)
    wait = parse_query(_query(request), GetJobParameters).wait
    job = await runtime.service.read(caller, _job_id(request.path_params["job_id"]), wait=wait)
    headers: dict[str, str] = {}
    if not job.state.is_final:
        # Who waited here may come back at once; who did not should leave a moment between two questions.
        headers["Retry-After"] = "0" if wait else "1"
    return _answer(_job_result(job), headers=headers)


@get("/v2/jobs")
async def list_jobs(request: HttpRequest) -> Response[bytes]:
    """List the caller's jobs."""
    runtime = _runtime(request)
    caller = _caller(request, runtime)
    asked = parse_query(_query(request), ListJobsParameters)
    tag = _split_tag(asked.tag)
    found = await runtime.service.page(caller, page=asked.page, per_page=asked.per_page, state=asked.status, tag=tag)
    pages = math.ceil(found.total / asked.per_page)
    return _answer(
        ListJobsResponse(
            jobs=[_job_summary(job) for job in found.jobs],
            pagination=Pagination(page=asked.page, per_page=asked.per_page, total=found.total, pages=pages),
            app="naas",
            version=__version__,
        )
    )


@delete("/v2/jobs/{job_id:str}", status_code=HTTPStatus.NO_CONTENT)
async def cancel_job(request: HttpRequest) -> Response[None]:
    """Cancel one job."""
    runtime = _runtime(request)
    caller = _caller(request, runtime)
    await runtime.service.cancel(caller, _job_id(request.path_params["job_id"]))
    return Response(None, status_code=HTTPStatus.NO_CONTENT)


@get("/v2/healthcheck")
async def health(request: HttpRequest) -> Response[bytes]:
    """Tell how the service is."""
    return _answer(await _health_report(_runtime(request)))


@get(["/", "/healthcheck"])
async def health_alias(request: HttpRequest) -> Response[bytes]:
    """Tell how the service is, under the paths that load balancers know from earlier versions."""
    return _answer(await _health_report(_runtime(request)))


@get("/apidoc/openapi.json")
async def api_document(request: HttpRequest) -> Response[bytes]:  # noqa: ARG001 - handlers of this module look alike
    """Return the OpenAPI document."""
    return Response(_encode(openapi_document()), media_type=MediaType.JSON)


ROUTES: Final = (
    send_command,
    send_config,
    submission_is_there,
    get_job,
    list_jobs,
    cancel_job,
    health,
    health_alias,
    api_document,
)


async def _submit(request: HttpRequest, read_order: Callable[..., Order]) -> Response[bytes]:
    runtime = _runtime(request)
    caller = _caller(request, runtime)
    raw = parse_body(request.headers.get("content-type", ""), await request.body())
    order = read_order(
        raw, runtime.platforms, request_id=_request_id(request, raw), idempotency_key=_idempotency_key(request)
    )
    return _accepted(await runtime.service.submit(caller, order))


def _runtime(request: HttpRequest) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


def _caller(request: HttpRequest, runtime: Runtime) -> Caller:
    username, password = basic_credentials(request.headers.get("authorization"))
    if not runtime.settings.basic_passthrough:
        raise NotAuthenticated("this service does not accept pass-through Basic credentials")
    return runtime.service.caller(username, password)


def _query(request: HttpRequest) -> dict[str, str]:
    return {name: str(request.query_params[name]) for name in request.query_params}


def _job_id(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as exc:
        raise UnusableRequestId(text) from exc


def _request_id(request: HttpRequest, raw: dict[str, Any]) -> str | None:
    text = request.headers.get("x-request-id")
    if text is None:
        return None
    refuse_renamed(raw)
    return _job_id(text)


def _idempotency_key(request: HttpRequest) -> str | None:
    for header in _IDEMPOTENCY_HEADERS:
        if key := request.headers.get(header):
            if len(key) > LONGEST_KEY:
                problem = FieldProblem("wrong_length", ("header", header), f"at most {LONGEST_KEY} characters")
                raise InvalidRequest([problem])
            return key
    return None


def _split_tag(tag: str | None) -> tuple[str, str] | None:
    if tag is None:
        return None
    key, _, value = tag.partition(":")
    return key, value


def _answer(
    body: msgspec.Struct,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    return Response(_encode(body), status_code=status, headers=dict(headers or {}), media_type=MediaType.JSON)


def _accepted(accepted: Accepted) -> Response[bytes]:
    body = JobResponse(
        job_id=accepted.job_id,
        message="Job enqueued",
        queue_position=accepted.queue_position,
        enqueued_at=_time(accepted.enqueued_at),
        timeout=accepted.time_limit,
        idempotent=accepted.reused,
        deduplicated=False,
        app="naas",
        version=__version__,
    )
    headers = {
        "X-Request-ID": accepted.job_id,
        "Operation-Location": f"/v2/{accepted.kind}/{accepted.job_id}?wait={POLL_WAIT}",
        "Retry-After": "0",
    }
    return _answer(body, HTTPStatus.ACCEPTED, headers)


def _job_result(job: Job) -> JobResult:
    failure = job.outcome.failure
    return JobResult(
        job_id=job.id,
        status=job.state,
        results=None if job.outcome.results is None else dict(job.outcome.results),
        error=failure.message if failure else None,
        error_code=failure.code if failure else None,
        error_retryable=failure.retryable if failure else None,
        detected_platform=job.outcome.detected_platform,
        tags=dict(job.tags) or None,
        needs_review=job.needs_review,
        created_at=_time(job.created_at),
        started_at=_time_or_none(job.started_at),
        ended_at=_time_or_none(job.ended_at),
        app="naas",
        version=__version__,
    )


def _job_summary(job: Job) -> JobSummary:
    return JobSummary(
        job_id=job.id,
        status=job.state,
        created_at=_time(job.created_at),
        ended_at=_time_or_none(job.ended_at),
        tags=dict(job.tags) or None,
    )


async def _health_report(runtime: Runtime) -> HealthReport:
    try:
        counts, depth = await runtime.service.counts()
        store, failed, waiting = HealthStatus.HEALTHY, counts.failed, depth.waiting
    except StoreUnavailable:
        store, failed, waiting = HealthStatus.UNHEALTHY, 0, 0
    workers = HealthStatus.HEALTHY if runtime.worker_is_alive else HealthStatus.NO_WORKERS
    overall = HealthStatus.DEGRADED if store is HealthStatus.UNHEALTHY else workers
    components = HealthComponents(
        redis=ComponentHealth(status=store),
        queue=QueueHealth(status=store, depth=waiting),
        workers=WorkersHealth(status=workers, count=int(runtime.worker_is_alive), active_jobs=runtime.active_jobs),
        failed_jobs=failed,
    )
    uptime = round(runtime.uptime_seconds, 3)
    return HealthReport(status=overall, version=__version__, uptime_seconds=uptime, components=components)


def _time(moment: datetime) -> str:
    return moment.isoformat()


def _time_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
