"""The route of contexts."""

from __future__ import annotations

from typing import Final

from litestar import Response, get

from naas import __version__
from naas.api.answers import cacheable
from naas.api.asking import HttpRequest, principal_of, runtime_of
from naas.api.contexts.wire import ContextInfo, ContextsResponse

__all__ = ["ROUTES"]


@get("/v2/contexts")
async def list_contexts(request: HttpRequest) -> Response[bytes]:
    """List the contexts."""
    await principal_of(request)
    runtime = runtime_of(request)
    workers = await runtime.jobs.workers()
    _, depth = await runtime.jobs.counts()
    found = [
        ContextInfo(
            name=name,
            workers=sum(name in worker.contexts for worker in workers),
            queue_depth=depth.by_context.get(name, 0),
        )
        for name in sorted(runtime.settings.contexts)
    ]
    return cacheable(request, ContextsResponse(contexts=found, app="naas", version=__version__))


ROUTES: Final = (list_contexts,)
