"""The events of one job, from where it is until it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naas.api.jobs.answers import job_result
from naas.api.streams import Event, Listening, progress_of
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
    async with service.watch(principal, job_id) as (job, events):
        yield _told(job)
        told = job.state
        if told.is_final:
            return
        listening = Listening(events)
        async for heard in listening:
            if isinstance(heard, JobProgress):
                if with_progress:
                    yield progress_of(heard)
                continue
            if heard is None:
                yield None
            try:
                job = await service.find(principal, job_id)
            except (JobNotFound, NotAllowed):
                yield Event("result", {"job_id": job_id, "status": "not_found"}, is_last=True)
                return
            if job.state is not told:
                told = job.state
                yield _told(job)
            if told.is_final:
                return
        if listening.ran_out:
            yield Event("timeout", {"job_id": job_id, "message": "Stream timeout"})


def _told(job: Job) -> Event:
    if job.state in (JobState.FINISHED, JobState.FAILED):
        return Event("result", job_result(job), is_last=True)
    return Event("status", {"job_id": job.id, "status": job.state}, is_last=job.state.is_final)
