"""The stream of all jobs that a caller may see."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from litestar import Response, get

from naas.api.asking import HttpRequest, is_still, principal_of, runtime_of
from naas.api.streams import LONGEST, Event
from naas.engine.base import JobProgress

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from naas.engine.base import JobEvent
    from naas.principals import Principal
    from naas.services.jobs import JobService

__all__ = ["ROUTES"]


@get("/v2/events")
async def stream_events(request: HttpRequest) -> Response[Any]:
    """Tell what happens to the caller's jobs as server-sent events."""
    principal = await principal_of(request)
    jobs, streams = runtime_of(request).jobs, request.app.state.streams
    streams.require_room()
    stream: Response[Any] = streams.answer(_events(jobs, principal), is_still(request, principal))
    return stream


ROUTES: Final = (stream_events,)


async def _events(jobs: JobService, principal: Principal) -> AsyncIterator[Event | None]:
    loop = asyncio.get_running_loop()
    until = loop.time() + LONGEST
    async with jobs.watch_all(principal) as heard:
        yield Event("hello", {"message": "events of your jobs follow"})
        async for event in heard:
            yield None if event is None else _told(event)
            if loop.time() > until:
                yield Event("timeout", {"message": "Stream timeout"})
                return


def _told(event: JobEvent | JobProgress) -> Event:
    if isinstance(event, JobProgress):
        facts = {"done": event.done, "total": event.total, "batch_id": event.batch_id}
        return Event("progress", {"job_id": event.job_id, **facts})
    return Event("job", {"job_id": event.job_id, "status": event.state, "batch_id": event.batch_id})
