"""The gauges of a service: what is asked of its parts when somebody reads the metrics."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from naas.jobs import JobState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from naas.engine.base import Engine
    from naas.observability.metrics import Metrics
    from naas.store.base import Counts

__all__ = ["watch_engine", "watch_jobs", "watch_worker"]


def watch_engine(metrics: Metrics, engine: Engine, contexts: Collection[str] = ()) -> None:
    """Show what waits and who works, as the engine knows it, for every context; ``contexts`` are shown even at zero."""

    async def waiting() -> Mapping[tuple[str, ...], float]:
        found = (await engine.depth()).by_context
        return {(context,): found.get(context, 0) for context in {*contexts, *found}}

    async def claimed() -> Mapping[tuple[str, ...], float]:
        return {(): (await engine.depth()).claimed}

    async def workers() -> Mapping[tuple[str, ...], float]:
        return {(): len(await engine.workers())}

    async def workers_by_context() -> Mapping[tuple[str, ...], float]:
        return Counter((context,) for worker in await engine.workers() for context in worker.contexts)

    metrics.watch("naas_queue_depth", "Jobs that wait for a worker.", ["context"], waiting)
    metrics.watch("naas_jobs_claimed", "Jobs that are out with workers.", [], claimed)
    metrics.watch("naas_workers_active", "Workers that gave a sign of life lately.", [], workers)
    metrics.watch("naas_workers", "Workers that serve a context.", ["context"], workers_by_context)


def watch_jobs(metrics: Metrics, counts: Callable[[], Awaitable[Counts]]) -> None:
    """Show how many jobs the store holds in each state."""

    async def by_state() -> Mapping[tuple[str, ...], float]:
        found = await counts()
        return {(state.value,): found.of(state) for state in JobState}

    async def failed() -> Mapping[tuple[str, ...], float]:
        return {(): (await counts()).of(JobState.FAILED)}

    async def to_review() -> Mapping[tuple[str, ...], float]:
        return {(): (await counts()).needs_review}

    metrics.watch("naas_stored_jobs", "Jobs in the store.", ["state"], by_state)
    # A gauge in spite of its name, as in the existing service: failed jobs are forgotten after a while.
    metrics.watch("naas_failed_jobs_total", "Failed jobs that are kept for replay.", [], failed)
    metrics.watch("naas_jobs_to_review", "Failed jobs that may have changed a device.", [], to_review)


def watch_worker(
    metrics: Metrics,
    *,
    active: Callable[[], int],
    sessions: Callable[[], Mapping[str, int]] | None = None,
    open_breakers: Callable[[], int] | None = None,
) -> None:
    """Show what a worker of this process does: jobs that run, sessions by state, devices that are left alone."""
    metrics.watch("naas_worker_active_jobs", "Jobs that run in this process.", [], lambda: {(): active()})
    if sessions is not None:
        metrics.watch(
            "naas_sessions",
            "Sessions with devices: busy, or idle and kept for the next job.",
            ["state"],
            lambda: {(state,): count for state, count in sessions().items()},
        )
    if open_breakers is not None:
        metrics.watch(
            "naas_breaker_open",
            "Devices that are left alone after failures in a row.",
            [],
            lambda: {(): open_breakers()},
        )
