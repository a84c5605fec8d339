"""The reaper: finds jobs whose worker has vanished, and jobs that the engine has lost, and sees that they go on.

Every API process may run one; what two of them do at the same time, they do once, since the store checks every move.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from naas.engine.tasks import end_task
from naas.errors import Unavailable
from naas.jobs import JobState
from naas.keeper import settle_lost

if TYPE_CHECKING:
    from naas.engine.base import Engine
    from naas.keeper import StoreLedger
    from naas.store.base import Store

__all__ = ["Reaper", "TakeDown", "count_missing"]

log = logging.getLogger("naas.reaper")

TakeDown: TypeAlias = Callable[[str], Awaitable[bool]]
"""Stores the report of a job that waits somewhere, if there is one (`naas.engine.nats.reports.ReportServer`)."""


async def _no_reports(job_id: str) -> bool:  # noqa: ARG001 - where workers write to the store themselves
    return False


async def count_missing(store: Store, engine: Engine) -> int:
    """Return how many jobs wait by the store's word and not by the engine's, at least; 0 or less: none, it seems.

    A service that starts asks this before it publishes everything: a hundred thousand jobs take NATS half a minute.
    """
    depth = await engine.depth()
    return (await store.jobs.counts()).of(JobState.QUEUED) - depth.waiting - depth.claimed


class Reaper:
    """Looks every ``interval`` seconds."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        ledger: StoreLedger,
        *,
        interval: float,
        take_down: TakeDown = _no_reports,
    ) -> None:
        self._store, self._engine, self._ledger = store, engine, ledger
        self._interval, self._take_down = interval, take_down
        self._missing_before = 0
        self._looking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look; the first time after one interval."""
        self._looking = asyncio.create_task(self._look_forever())

    async def stop(self) -> None:
        """Look no more."""
        await end_task(self._looking)

    async def look(self) -> int:
        """Settle every job whose lease has run out and whose worker is gone; return how many there were.

        Raises:
            Unavailable: The store or the engine cannot be asked. Without the engine nobody knows who lives, and then
                nobody is taken for dead.
        """
        alive = {worker.name for worker in await self._engine.workers()}
        now = datetime.now(UTC)
        for job in await self._store.jobs.lost(alive=alive, now=now):
            # Its worker may have reported the end before it vanished.
            await self._take_down(job.id)
        settled = await settle_lost(self._store, self._engine, self._ledger, alive=alive, now=now)
        await self._publish_missing()
        return settled

    async def _publish_missing(self) -> None:
        """Publish what waits if the engine has fewer jobs than the store, twice in a row.

        A service may have died between the store and the engine, or the engine may have lost its disk. Once is no
        sign: a job is in the store before it is in the engine.
        """
        missing = await count_missing(self._store, self._engine)
        if missing > 0 and self._missing_before > 0:
            log.warning("jobs wait that the engine does not have, publishing them again count=%d", missing)
            await self._engine.publish(await self._store.jobs.queued())
            missing = 0
        self._missing_before = missing

    async def _look_forever(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.look()
            except Unavailable as exc:
                log.warning("cannot look for lost jobs now reason=%s", exc)
            except Exception:  # a bug of ours must not leave jobs that nobody looks for
                log.exception("could not look for lost jobs")
