"""Reading jobs: one, one when it has ended, many, and what happens to them while somebody listens.

A caller sees their own jobs, an admin all. What is not theirs looks to them as if it were not there, wherever an id
could be probed.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from naas.engine.base import JobEvent
from naas.errors import JobNotFound, NotAllowed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from naas.engine.base import Engine, JobProgress, Subscription
    from naas.jobs import Job
    from naas.principals import Principal
    from naas.store.base import JobPage, JobQuery, Store

__all__ = ["QUIET_SECONDS", "JobReader"]

QUIET_SECONDS: Final = 15.0
"""After so long without an event whoever listens to all jobs gets a sign of life."""


class JobReader:
    """Reads jobs and listens to them, for callers who may see them. Lives in one event loop."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store, self._engine = store, engine

    async def read(self, principal: Principal, job_id: str, *, wait: float = 0.0) -> Job:
        """Return a job that the caller may see; with ``wait``, not before it has ended or that many seconds passed.

        Raises:
            NotAllowed: Not theirs, or there is none: both look the same, so that ids cannot be probed.
        """
        if wait <= 0:
            return await self._visible(principal, job_id)
        # Listen first, read second: an end between the two is heard, an end before is read.
        async with self._engine.events(job_id) as events:
            job = await self._visible(principal, job_id)
            until = asyncio.get_running_loop().time() + wait
            while not job.state.is_final:
                event = await events.next(until - asyncio.get_running_loop().time())
                if event is None:
                    break
                if isinstance(event, JobEvent):
                    job = await self._visible(principal, job_id)
        return job

    @asynccontextmanager
    async def watch(self, principal: Principal, job_id: str) -> AsyncGenerator[tuple[Job, Subscription]]:
        """Listen to one job that the caller may see; gives the job as it is once the listening has begun.

        Raises:
            JobNotFound, NotAllowed: No such job; not theirs.
        """
        async with self._engine.events(job_id) as events:
            yield await self.find(principal, job_id), events

    @asynccontextmanager
    async def watch_all(self, principal: Principal) -> AsyncGenerator[AsyncIterator[JobEvent | JobProgress | None]]:
        """Listen to all jobs that the caller may see; None comes every few seconds in which nothing happens.

        The iteration ends when the service stops.
        """
        loop = asyncio.get_running_loop()

        async def heard(events: Subscription) -> AsyncGenerator[JobEvent | JobProgress | None]:
            quiet_since = loop.time()
            while True:
                # What happens to the jobs of others is silence too, however busy they are.
                asked, patience = loop.time(), quiet_since + QUIET_SECONDS - loop.time()
                event = await events.next(patience) if patience > 0 else None
                if event is None and loop.time() - asked < patience / 2:
                    return
                if event is None or principal.may_see(event.owner):
                    yield event
                    quiet_since = loop.time()

        async with self._engine.events(None) as events:
            yield heard(events)

    async def page(self, principal: Principal, query: JobQuery) -> JobPage:
        """Return one page of the jobs that the caller may see."""
        owner = query.owner if principal.sees_everything else principal.subject
        return await self._store.jobs.page(replace(query, owner=owner))

    async def find(self, principal: Principal, job_id: str) -> Job:
        """Return the job for an operation on it.

        Raises:
            JobNotFound: There is no such job.
            NotAllowed: It is not theirs.
        """
        job = await self._store.jobs.get(job_id)
        if job is None:
            raise JobNotFound(job_id)
        if not principal.may_see(job.owner):
            raise NotAllowed(job_id)
        return job

    async def _visible(self, principal: Principal, job_id: str) -> Job:
        job = await self._store.jobs.get(job_id)
        if job is None or not principal.may_see(job.owner):
            raise NotAllowed(job_id)
        return job
