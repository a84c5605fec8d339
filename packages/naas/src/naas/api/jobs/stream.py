"""The events of one job, from where it is until it has ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from naas.api.jobs.answers import job_result
from naas.api.streams import KEEP_ALIVE, LONGEST, Event
from naas.engine.base import JobProgress
from naas.errors import JobNotFound, NotAllowed
from naas.jobs import JobState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from naas.jobs import Job
    from naas.principals import Principal
    from naas.services.jobs import JobService

__all__ = ["job_events"]


async def job_events(
    service: JobService, principal: Principal, job_id: str, *, with_progress: bool
) -> AsyncIterator[Event | None]:
    """Yield each state that the job reaches, and its result as the last event.

    The state is read again with every sign of life, so that an event that was lost on its way delays the end by
    seconds and no more.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + LONGEST
    async with service.watch(principal, job_id) as (job, events):
        told: JobState | None = None
        while True:
            if job.state is not told:
                told = job.state
                yield _told(job)
            if job.state.is_final:
                return
            if (left := until - loop.time()) <= 0:
                yield Event("timeout", {"job_id": job_id, "message": "Stream timeout"})
                return
            patience = min(KEEP_ALIVE, left)
            asked = loop.time()
            event = await events.next(patience)
            if isinstance(event, JobProgress):
                if with_progress:
                    yield Event("progress", {"job_id": job_id, "done": event.done, "total": event.total})
                continue
            if event is None and loop.time() - asked < patience / 2:
                return  # the service stops
            if event is None:
                yield None
            try:
                job = await service.find(principal, job_id)
            except (JobNotFound, NotAllowed):
                yield Event("result", {"job_id": job_id, "status": "not_found"}, is_last=True)
                return


def _told(job: Job) -> Event:
    if job.state in (JobState.FINISHED, JobState.FAILED):
        return Event("result", job_result(job), is_last=True)
    return Event("status", {"job_id": job.id, "status": job.state}, is_last=job.state.is_final)
