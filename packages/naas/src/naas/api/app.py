"""The web application: routes and errors, put together over a running service."""

from __future__ import annotations

import logging
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from clientsmith.server import ApiVersions, Lifecycle, path_versions
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.enums import HttpMethod, ScopeType
from litestar.exceptions import HTTPException

from naas.api.document import openapi_document
from naas.api.errors import Refusal, plain_refusal, refusal_of, render
from naas.api.health.routes import ALIASES
from naas.api.legacy import LIFECYCLE as LEGACY
from naas.api.legacy import LegacyPaths
from naas.api.resources import ROUTES
from naas.api.streams import OpenStreams
from naas.errors import NaasError
from naas.observability.http import Observed
from naas.security.headers import SecurityHeaders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clientsmith.server import Refusal as VersionRefusal
    from clientsmith.server import RequestFacts
    from litestar.types import ASGIApp, Message, Receive, Scope, Send

    from naas.runtime import Runtime

__all__ = ["app_description", "create_app", "make_routes"]

log = logging.getLogger("naas.api")

# A submission is a few kilobytes; a configuration of a large device may reach a megabyte.
LARGEST_BODY: Final = 4 * 1024 * 1024

# What of v2 is deprecated, and until when it works. Nothing is.
LIFECYCLE: Final[tuple[Lifecycle, ...]] = ()


def make_routes() -> Litestar:
    """Return the routes, which answer nothing before `create_app` has put them over a service."""
    return Litestar(
        route_handlers=ROUTES,
        exception_handlers={Exception: _refuse},
        # The document is ours (`naas.api.document`).
        openapi_config=None,
        request_max_body_size=LARGEST_BODY,
        # The framework would log bodies with their secrets and answer with tracebacks.
        logging_config=None,
        debug=False,
    )


def create_app(
    runtime: Runtime, *, lifecycle: Iterable[Lifecycle] = LIFECYCLE, routes: Litestar | None = None
) -> Observed:
    """Return the ASGI application that speaks for a running service. It opens and closes nothing itself.

    Below ``/v2/`` every answer says its version, whoever made it; the paths that load balancers know have none.
    ``routes`` are those of a service that is over, for a process that runs many after each other: making them takes
    longer than all else here.
    """
    settings = runtime.settings
    routes = make_routes() if routes is None else routes
    routes.state = State({"runtime": runtime, "streams": OpenStreams(settings.max_events_streams)})
    app: ASGIApp = partial(_head_as_get, routes)
    known, ends = ["v2"], tuple(lifecycle)
    if settings.v1_enabled:
        app, known, ends = LegacyPaths(app), ["v1", "v2"], (*ends, *LEGACY)
    versions = path_versions(known, echo="X-API-Version", render=_render_unknown_version)
    unversioned = [path for path in ALIASES if path != "/"]
    versioned = ApiVersions(app, versions, lifecycle=ends, unversioned=unversioned)
    return Observed(
        SecurityHeaders(versioned, under_tls=settings.has_tls),
        metrics=runtime.metrics,
        tracing=runtime.tracing,
        access_log=settings.access_log,
    )


async def _head_as_get(app: Litestar, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer HEAD as GET without the body (RFC 9110, section 9.3.2): load balancers like to ask that way."""
    if scope["type"] != ScopeType.HTTP or scope["method"] != HttpMethod.HEAD:
        await app(scope, receive, send)
        return

    is_over = False

    async def send_head(message: Message) -> None:
        nonlocal is_over
        if message["type"] != "http.response.body":
            await send(message)
        elif not is_over:
            # Over with the first piece: nobody waits for the end of a stream of which nothing is sent.
            is_over = True
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    scope["method"] = HttpMethod.GET
    await app(scope, receive, send_head)


def app_description() -> dict[str, Any]:
    """Return the OpenAPI document, for ``clientsmith generate naas.api.app:app_description``."""
    return openapi_document()


def _refuse(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer an error, whoever raised it."""
    refusal = _refusal(request, error)
    media_type, body = render(refusal, accept=request.headers.get("accept", ""))
    return Response(body, status_code=refusal.status, headers=dict(refusal.headers), media_type=media_type)


def _render_unknown_version(refusal: VersionRefusal, request: RequestFacts) -> tuple[str, bytes]:
    """Word a refusal of the version, or of what is past its sunset, in the shapes of the wire."""
    return render(plain_refusal(HTTPStatus(refusal.status), refusal.detail), accept=request.field("accept"))


def _refusal(request: Request[Any, Any, Any], error: Exception) -> Refusal:
    if isinstance(error, NaasError):
        return refusal_of(error)
    if isinstance(error, HTTPException):
        return plain_refusal(error.status_code, error.detail, error.headers)
    log.error("request failed method=%s path=%r", request.method, request.scope["path"], exc_info=error)
    return refusal_of(error)
