"""The routes of jobs. Each reads a request into values, asks the service, and writes the answer.

The order of checks on a submission is part of the contract: who, then media type and JSON, then fields by their old
names, then X-Request-ID, then the context, then how much the caller may, then the fields, then what the service says.
"""

from __future__ import annotations

import math
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from litestar import Response, delete, get, post

from naas import __version__
from naas.api.answers import answer, cacheable, next_page_link, no_content
from naas.api.asking import (
    HttpRequest,
    admit,
    body_of,
    context_named,
    device_named,
    idempotency_key,
    is_still,
    job_id_of,
    optional_body_of,
    principal_of,
    query_of,
    request_id,
    require_contexts,
    resolver_of,
    runtime_of,
    trace_of,
)
from naas.api.jobs.answers import accepted_body, accepted_headers, failed_summary, job_result, job_summary
from naas.api.jobs.orders import (
    Asked,
    body_login,
    login_rules,
    problems_told,
    read_command,
    read_config,
    read_structured,
)
from naas.api.jobs.reports import (
    FailedJobsResponse,
    GetJobParameters,
    ListJobsParameters,
    ListJobsResponse,
    Pagination,
    StreamParameters,
)
from naas.api.jobs.stream import job_events
from naas.api.jobs.wire import ReplayRequest
from naas.api.rules import secret_rule
from naas.api.streams import has_seen_all
from naas.api.validation import convert, refuse_renamed
from naas.api.wire import Base
from naas.jobs import JobState
from naas.principals import Role
from naas.store.base import JobQuery

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from naas.api.validation import Raw
    from naas.principals import Principal
    from naas.services.orders import Accepted, Order
    from naas.vault import Login

__all__ = ["PREFIXES", "ROUTES", "submit"]

PREFIXES: Final = ("/v2/send-command", "/v2/send-command-structured", "/v2/send-config")
"""Where jobs are submitted. Clients of v2 read a job of any kind under any of them."""


@post("/v2/send-command", status_code=HTTPStatus.ACCEPTED)
async def send_command(request: HttpRequest) -> Response[bytes]:
    """Submit commands."""
    return await submit(request, read_command)


@post("/v2/send-command-structured", status_code=HTTPStatus.ACCEPTED)
async def send_command_structured(request: HttpRequest) -> Response[bytes]:
    """Submit commands whose output is parsed."""
    return await submit(request, read_structured)


@post("/v2/send-config", status_code=HTTPStatus.ACCEPTED)
async def send_config(request: HttpRequest) -> Response[bytes]:
    """Submit configuration."""
    return await submit(request, read_config)


@get(list(PREFIXES))
async def submission_is_there(request: HttpRequest) -> Response[bytes]:  # noqa: ARG001 - the shape of a handler
    """Answer who we are; what is left of a liveness check of old. Not in the document: ask for the health instead."""
    return answer(Base(app="naas", version=__version__))


@get([*(f"{prefix}/{{job_id:str}}" for prefix in PREFIXES), "/v2/jobs/{job_id:str}"])
async def get_job(request: HttpRequest) -> Response[bytes]:
    """Read one job. The paths are interchangeable, as clients of v2 expect."""
    principal = await principal_of(request)
    job_id = job_id_of(request.path_params["job_id"])
    wait = query_of(request, GetJobParameters).wait
    job = await runtime_of(request).jobs.read(principal, job_id, wait=wait)
    headers: dict[str, str] = {}
    if not job.state.is_final:
        # Who waited here may come back at once; who did not should leave a moment between two questions.
        headers["Retry-After"] = "0" if wait else "1"
    return cacheable(request, job_result(job), headers)


@get("/v2/jobs")
async def list_jobs(request: HttpRequest) -> Response[bytes]:
    """List jobs, newest first."""
    principal = await principal_of(request)
    asked = query_of(request, ListJobsParameters)
    found = await runtime_of(request).jobs.page(principal, _job_query(asked))
    total = found.total or 0
    pagination = Pagination(
        page=asked.page, per_page=asked.per_page, total=total, pages=math.ceil(total / asked.per_page)
    )
    body = ListJobsResponse(
        jobs=[job_summary(job) for job in found.jobs], pagination=pagination, app="naas", version=__version__
    )
    links = {} if found.next is None else next_page_link(request, {"before": found.next, "page": None})
    return cacheable(request, body, links)


def _job_query(asked: ListJobsParameters) -> JobQuery:
    key, _, value = (asked.tag or "").partition(":")
    return JobQuery(
        owner=None,
        page=asked.page,
        per_page=asked.per_page,
        before=asked.before,
        states=() if asked.status is None else (asked.status,),
        kind=asked.kind,
        tag=None if asked.tag is None else (key, value),
        host=asked.host,
        context=asked.context,
        batch_id=asked.batch_id,
        needs_review=asked.needs_review,
        since=asked.since,
        until=asked.until,
    )


# Beyond these the list of jobs, with ?status=failed, goes on page by page.
_MOST_FAILED: Final = 500


@get("/v2/jobs/failed")
async def list_failed_jobs(request: HttpRequest) -> Response[bytes]:
    """List the jobs that can be replayed."""
    principal = await principal_of(request, Role.OPERATOR)
    query = JobQuery(owner=None, per_page=_MOST_FAILED, states=(JobState.FAILED,))
    found = await runtime_of(request).jobs.page(principal, query)
    lines = [failed_summary(job) for job in found.jobs]
    body = FailedJobsResponse(jobs=lines, total=found.total or 0, app="naas", version=__version__)
    return cacheable(request, body)


@delete("/v2/jobs/{job_id:str}", status_code=HTTPStatus.NO_CONTENT)
async def cancel_job(request: HttpRequest) -> Response[None]:
    """Cancel one job."""
    principal = await principal_of(request, Role.OPERATOR)
    await runtime_of(request).jobs.cancel(principal, job_id_of(request.path_params["job_id"]))
    return no_content()


@post("/v2/jobs/{job_id:str}/replay", status_code=HTTPStatus.ACCEPTED)
async def replay_job(request: HttpRequest) -> Response[bytes]:
    """Submit the work of a failed job again."""
    principal = await principal_of(request, Role.OPERATOR)
    job_id = job_id_of(request.path_params["job_id"])
    wish = convert(await optional_body_of(request), ReplayRequest)
    jobs = runtime_of(request).jobs
    # Which job it is comes before what it lacks: a login is asked for only where there is something to replay.
    job = await jobs.find(principal, job_id)
    login = await _replay_login(request, principal, wish, job.device.host, job.context)
    limits = admit(request, principal, [job.device.address])
    return _accepted(await jobs.replay(principal, job_id, login), limits, "Job replayed")


async def _replay_login(
    request: HttpRequest, principal: Principal, wish: ReplayRequest, host: str, context: str
) -> Login | None:
    """Return the login for a replay; None means the caller's own."""
    login: Login | None
    if wish.credential is not None:
        login = await resolver_of(request).login_for_host(principal, wish.credential, host, context)
    else:
        problems_told(login_rules(wish, principal), secret_rule(wish.enable, ("enable",)))
        login = body_login(wish, principal) or principal.login
    return login if login is None or wish.enable is None else replace(login, enable=wish.enable)


@get("/v2/jobs/{job_id:str}/stream")
async def stream_job(request: HttpRequest) -> Response[Any]:
    """Tell what happens to one job as server-sent events."""
    principal = await principal_of(request)
    job_id = job_id_of(request.path_params["job_id"])
    with_progress = query_of(request, StreamParameters).progress
    jobs, streams = runtime_of(request).jobs, request.app.state.streams
    await jobs.find(principal, job_id)
    if has_seen_all(request):
        return no_content()
    streams.require_room()
    events = job_events(jobs, principal, job_id, with_progress=with_progress)
    stream: Response[Any] = streams.answer(events, is_still(request, principal))
    return stream


ROUTES: Final = (
    send_command,
    send_command_structured,
    send_config,
    submission_is_there,
    get_job,
    list_jobs,
    list_failed_jobs,
    cancel_job,
    replay_job,
    stream_job,
)


async def submit(request: HttpRequest, read_order: Callable[[Raw, Asked], Awaitable[Order]]) -> Response[bytes]:
    """Answer a submission of one job, whatever kind of work ``read_order`` makes of its body."""
    runtime = runtime_of(request)
    principal = await principal_of(request, Role.OPERATOR)
    raw = await body_of(request)
    if "x-request-id" in request.headers:
        refuse_renamed(raw)
    chosen_id = request_id(request)
    require_contexts(request, principal, context_named(raw))
    limits = admit(request, principal, [device_named(raw)])
    asked = Asked(
        principal,
        runtime.platforms,
        resolver_of(request),
        request_id=chosen_id,
        idempotency_key=idempotency_key(request),
        trace=trace_of(request),
        oldest_cached=runtime.settings.result_cache_ttl_max,
    )
    return _accepted(await runtime.jobs.submit(principal, await read_order(raw, asked)), limits)


def _accepted(accepted: Accepted, limits: Mapping[str, str], message: str = "Job enqueued") -> Response[bytes]:
    headers = {**accepted_headers(accepted), **limits}
    return answer(accepted_body(accepted, message), HTTPStatus.ACCEPTED, headers)
