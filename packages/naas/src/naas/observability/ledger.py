"""Counts what a worker does, and times it as spans, on its way to the ledger: the worker knows nothing of it.

A worker counts where it runs, under the names that workers of the existing service use; the API counts every job that
ends, whoever ran it (`naas.observability.metrics.Metrics.ended`). So the sums over all processes are right.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from naas.ledger import Verdict
from naas.observability.tracing import NO_TRACING

if TYPE_CHECKING:
    from naas.engine.base import Delivery
    from naas.jobs import Ending, Job
    from naas.ledger import Ledger, Permission
    from naas.observability.metrics import Metrics
    from naas.observability.tracing import Span, Tracing

__all__ = ["ObservedLedger"]


@dataclass(frozen=True, slots=True)
class _Running:
    """A job that this worker carries out, since when by a clock that never goes back."""

    began: float
    span: Span


class ObservedLedger:
    """A `naas.ledger.Ledger` in front of another one."""

    def __init__(self, ledger: Ledger, metrics: Metrics | None, tracing: Tracing = NO_TRACING) -> None:
        self._ledger, self._metrics, self._tracing = ledger, metrics, tracing
        # As many as the worker has threads.
        self._running: dict[str, _Running] = {}

    async def start(self, delivery: Delivery, worker: str, lease_seconds: float) -> Permission:
        """Ask whether the job may start; if so, take the time and begin its span, in the trace that submitted it."""
        permission = await self._ledger.start(delivery, worker, lease_seconds)
        if permission.verdict is not Verdict.DROP:
            job = delivery.job
            span = self._tracing.begin(
                "naas.worker.execute",
                parent=job.trace,
                job_id=job.id,
                job_func=job.kind.value,
                context=job.context,
                net_peer_name=job.device.host,
                net_peer_port=job.device.port,
            )
            self._running[job.id] = _Running(time.monotonic(), span)
        return permission

    async def renew(self, worker: str, lease_seconds: float) -> None:
        """Pass it on."""
        await self._ledger.renew(worker, lease_seconds)

    async def progress(self, job: Job, done: int, total: int) -> None:
        """Pass it on."""
        await self._ledger.progress(job, done, total)

    async def end(self, job: Job, ending: Ending) -> None:
        """Report the end; once it is reported, count it and end its span."""
        ended = time.monotonic()
        await self._ledger.end(job, ending)
        running = self._running.pop(job.id, None)
        if running is None:
            return
        if self._metrics is not None:
            self._metrics.worker_ended(job, ending, ended - running.began)
        running.span.set("job.status", ending.state.value)
        if ending.outcome.failure is not None:
            running.span.fail(ending.outcome.failure.code.value)
        running.span.end()
