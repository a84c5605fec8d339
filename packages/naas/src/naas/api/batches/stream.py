"""The events of one batch, from where it is until it is over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from naas.api.batches.answers import batch_job, batch_summary
from naas.api.streams import Event, Listening, progress_of
from naas.engine.base import JobProgress
from naas.errors import BatchNotFound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from naas.engine.base import Subscription
    from naas.principals import Principal
    from naas.services.batches import BatchService, BatchView

__all__ = ["batch_events"]

# Ends that come within this time are told together, after one look into the store.
_GATHER: Final = 0.1


async def batch_events(
    service: BatchService, principal: Principal, batch_id: str, *, with_progress: bool, with_results: bool
) -> AsyncIterator[Event | None]:
    """Yield a ``status`` with the counts whenever they change, a ``job`` for each job that ended, also before, and
    ``result`` with the counts as the last event."""
    told: set[str] = set()
    async with service.watch(principal, batch_id) as (view, events):
        async for event in _news(service, view, told, with_results=with_results):
            yield event
        if view.counts.is_over:
            return
        listening = Listening(events, batch_id)
        async for heard in listening:
            if heard is None:
                yield None
            elif isinstance(heard, JobProgress):
                if with_progress:
                    yield progress_of(heard)
                continue
            else:
                async for progress in _gather(events, batch_id, with_progress=with_progress):
                    yield progress
            before = view.counts
            try:
                view = await service.read(principal, batch_id)
            except BatchNotFound:
                yield Event("result", {"batch_id": batch_id, "status": "not_found"}, is_last=True)
                return
            if view.counts != before:
                async for event in _news(service, view, told, with_results=with_results):
                    yield event
            if view.counts.is_over:
                return
        if listening.ran_out:
            yield Event("timeout", {"batch_id": batch_id, "message": "Stream timeout"})


async def _news(service: BatchService, view: BatchView, told: set[str], *, with_results: bool) -> AsyncIterator[Event]:
    """Yield the jobs that ended and have not been told of, then the counts."""
    ended = [job for job in view.jobs if job.state.is_final and job.id not in told]
    told.update(job.id for job in ended)
    for job in await service.with_results(ended) if with_results and ended else ended:
        yield Event("job", batch_job(job, with_results=with_results))
    is_over = view.counts.is_over
    yield Event("result" if is_over else "status", batch_summary(view), is_last=is_over)


async def _gather(events: Subscription, batch_id: str, *, with_progress: bool) -> AsyncIterator[Event]:
    """Wait a moment for more jobs to end."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _GATHER
    while (left := until - loop.time()) > 0:
        heard = await events.next(left)
        if heard is None:
            return
        if with_progress and isinstance(heard, JobProgress) and heard.batch_id == batch_id:
            yield progress_of(heard)
