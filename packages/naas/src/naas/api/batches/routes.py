"""The routes of batches."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from litestar import Response, delete, get, post

from naas import __version__
from naas.api.answers import answer, cacheable, next_page_link, no_content
from naas.api.asking import (
    HttpRequest,
    admit,
    body_of,
    idempotency_key,
    is_still,
    optional_body_of,
    principal_of,
    query_of,
    require_contexts,
    resolver_of,
    runtime_of,
    trace_of,
)
from naas.api.batches.answers import accepted_body, accepted_headers, batch_response, batch_summary, ended_since
from naas.api.batches.orders import (
    BatchBounds,
    contexts_named,
    devices_named,
    plan_of,
    read_command_batch,
    read_config_batch,
    read_structured_batch,
    wave_rules,
)
from naas.api.batches.stream import batch_events
from naas.api.batches.wire import (
    BatchStreamParameters,
    GetBatchParameters,
    ListBatchesParameters,
    ListBatchesResponse,
    RetryBatchRequest,
)
from naas.api.jobs.orders import Asked, body_login, login_rules, problems_told
from naas.api.rules import secret_rule
from naas.api.streams import has_seen_all
from naas.api.validation import convert
from naas.errors import BatchRateLimited, RateLimited
from naas.principals import Role

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from naas.api.validation import Raw
    from naas.jobs import Job
    from naas.principals import Principal
    from naas.services.batches import AcceptedBatch, BatchOrder
    from naas.vault import Login

__all__ = ["ROUTES"]


@post("/v2/send-command/batch", status_code=HTTPStatus.ACCEPTED)
async def send_command_batch(request: HttpRequest) -> Response[bytes]:
    """Submit commands for many devices."""
    return await _submit(request, read_command_batch)


@post("/v2/send-command-structured/batch", status_code=HTTPStatus.ACCEPTED)
async def send_command_structured_batch(request: HttpRequest) -> Response[bytes]:
    """Submit commands for many devices whose output is parsed."""
    return await _submit(request, read_structured_batch)


@post("/v2/send-config/batch", status_code=HTTPStatus.ACCEPTED)
async def send_config_batch(request: HttpRequest) -> Response[bytes]:
    """Submit configuration for many devices."""
    return await _submit(request, read_config_batch)


@get("/v2/batches")
async def list_batches(request: HttpRequest) -> Response[bytes]:
    """List batches, newest first."""
    principal = await principal_of(request)
    asked = query_of(request, ListBatchesParameters)
    page = await runtime_of(request).batches.page(principal, before=asked.before, limit=asked.per_page)
    lines = [batch_summary(view) for view in page.batches]
    body = ListBatchesResponse(batches=lines, next=page.next, app="naas", version=__version__)
    return cacheable(request, body, {} if page.next is None else next_page_link(request, {"before": page.next}))


@get("/v2/batches/{batch_id:str}")
async def get_batch(request: HttpRequest) -> Response[bytes]:
    """Read one batch."""
    principal = await principal_of(request)
    asked = query_of(request, GetBatchParameters)
    batches = runtime_of(request).batches
    beyond = None if asked.since is None else int(asked.since.partition("-")[0])
    view = await batches.read(principal, request.path_params["batch_id"], wait=asked.wait, beyond=beyond)
    detailed: dict[str, Job] = {}
    if asked.results:
        detailed = {job.id: job for job in await batches.with_results(ended_since(view, asked.since))}
    headers = {} if view.counts.is_over else {"Retry-After": "0" if asked.wait else "1"}
    return cacheable(request, batch_response(view, detailed), headers)


@delete("/v2/batches/{batch_id:str}", status_code=HTTPStatus.NO_CONTENT)
async def cancel_batch(request: HttpRequest) -> Response[None]:
    """Cancel what has not ended of a batch."""
    principal = await principal_of(request, Role.OPERATOR)
    await runtime_of(request).batches.cancel(principal, request.path_params["batch_id"])
    return no_content()


@post("/v2/batches/{batch_id:str}/retry-failed", status_code=HTTPStatus.ACCEPTED)
async def retry_batch(request: HttpRequest) -> Response[bytes]:
    """Submit the jobs of a batch that failed again."""
    principal = await principal_of(request, Role.OPERATOR)
    batch_id = request.path_params["batch_id"]
    wish = convert(await optional_body_of(request), RetryBatchRequest)
    batches = runtime_of(request).batches
    # Whether there is something to retry comes before what the request lacks for it.
    chosen = await batches.retryable(
        principal,
        batch_id,
        include_canceled=wish.include_canceled,
        include_needs_review=wish.include_needs_review,
    )
    problems_told(wave_rules(wish), _login_rules(wish, principal), secret_rule(wish.enable, ("enable",)))
    limits = _admit(request, principal, [job.device.address for job in chosen.jobs])
    logins = [await _retry_login(request, principal, wish, job) for job in chosen.jobs]
    accepted = await batches.retry(principal, chosen, logins, plan_of(wish, len(logins)), enable=wish.enable)
    return _accepted(accepted, limits)


@get("/v2/batches/{batch_id:str}/stream")
async def stream_batch(request: HttpRequest) -> Response[Any]:
    """Tell what happens to one batch as server-sent events."""
    principal = await principal_of(request)
    batch_id = request.path_params["batch_id"]
    asked = query_of(request, BatchStreamParameters)
    batches, streams = runtime_of(request).batches, request.app.state.streams
    await batches.read(principal, batch_id)
    if has_seen_all(request):
        return no_content()
    streams.require_room()
    events = batch_events(batches, principal, batch_id, with_progress=asked.progress, with_results=asked.results)
    stream: Response[Any] = streams.answer(events, is_still(request, principal))
    return stream


ROUTES: Final = (
    send_command_batch,
    send_command_structured_batch,
    send_config_batch,
    list_batches,
    get_batch,
    cancel_batch,
    retry_batch,
    stream_batch,
)


async def _submit(
    request: HttpRequest, read_batch: Callable[[Raw, Asked, BatchBounds], Awaitable[BatchOrder]]
) -> Response[bytes]:
    runtime = runtime_of(request)
    principal = await principal_of(request, Role.OPERATOR)
    raw = await body_of(request)
    require_contexts(request, principal, contexts_named(raw))
    limits = _admit(request, principal, devices_named(raw))
    bounds = BatchBounds(runtime.settings.batch_max_devices, runtime.settings.batch_max_commands)
    asked = Asked(
        principal,
        runtime.platforms,
        resolver_of(request),
        idempotency_key=idempotency_key(request),
        trace=trace_of(request),
    )
    order = await read_batch(raw, asked, bounds)
    return _accepted(await runtime.batches.submit(principal, order), limits)


def _admit(request: HttpRequest, principal: Principal, devices: Sequence[str]) -> Mapping[str, str]:
    try:
        return admit(request, principal, devices)
    except RateLimited as exc:
        raise BatchRateLimited(*exc.args) from exc


def _login_rules(wish: RetryBatchRequest, principal: Principal) -> Any:
    return () if wish.credential is not None else login_rules(wish, principal)


async def _retry_login(request: HttpRequest, principal: Principal, wish: RetryBatchRequest, job: Job) -> Login | None:
    if wish.credential is None:
        return body_login(wish, principal)
    return await resolver_of(request).login_for_host(principal, wish.credential, job.device.host, job.context)


def _accepted(accepted: AcceptedBatch, limits: Mapping[str, str]) -> Response[bytes]:
    return answer(accepted_body(accepted), HTTPStatus.ACCEPTED, {**accepted_headers(accepted), **limits})
