"""The composition root: opens what a running service consists of, in order, and closes it in the reverse order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final, Self

from naas.driver.base import known_platforms
from naas.driver.making import make_driver
from naas.engine.embedded import EmbeddedEngine
from naas.errors import NoWorkers, StartError, Unavailable, VaultError
from naas.keeper import StoreLedger, recover
from naas.observability.driver import traced
from naas.observability.gauges import watch_engine, watch_jobs, watch_worker
from naas.observability.ledger import ObservedLedger
from naas.observability.metrics import Metrics
from naas.observability.readiness import Check, Probes
from naas.observability.tracing import set_up_tracing
from naas.reaper import Reaper, count_missing
from naas.security.key_check import require_same_key
from naas.security.setup import Security
from naas.services.backups import BackupService
from naas.services.batches import BatchService
from naas.services.inventory import InventoryService
from naas.services.jobs import JobService
from naas.services.orders import ServiceLimits
from naas.services.schedule_runner import ScheduleRunner
from naas.services.schedules import ScheduleService
from naas.store.sql import SqlStore
from naas.vault import Vault, load_keys
from naas.worker import Worker, WorkerSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
    from types import TracebackType
    from typing import Any

    from naas.config import Settings
    from naas.driver.base import DeviceDriver
    from naas.engine.base import Engine
    from naas.engine.nats import Connection
    from naas.store.base import Store

__all__ = ["Runtime"]

log = logging.getLogger("naas.runtime")

_PURGE_EVERY: Final = 3600.0


class Runtime:
    """A running service: store, engine, worker, driver and the rules over them.

    With no ``worker_contexts`` in its settings it runs no jobs itself: workers elsewhere do.
    """

    store: Store
    engine: Engine
    jobs: JobService
    batches: BatchService
    inventory: InventoryService
    schedules: ScheduleService
    backups: BackupService
    security: Security
    probes: Probes
    _connection: Connection

    def __init__(self, settings: Settings, driver: Callable[[], DeviceDriver] | None = None) -> None:
        self.settings = settings
        self._make_driver = driver or (lambda: make_driver(settings))
        self._began = time.monotonic()
        self.metrics = Metrics(flask_names=settings.metrics_flask_names) if settings.metrics_enabled else None
        self.tracing = set_up_tracing(settings, process="api")
        self._is_stopping = False
        self._worker: Worker | None = None
        self._driver: DeviceDriver | None = None
        self._stack = AsyncExitStack()

    @property
    def uptime_seconds(self) -> float:
        """Seconds since the service started."""
        return time.monotonic() - self._began

    def platforms(self) -> Collection[str]:
        """Return the platform names that a job may ask for."""
        return known_platforms(allow_telnet=self.settings.allow_telnet)

    async def answer_waiting_polls(self) -> None:
        """Answer every waiting poll now and take up no more work; the service begins to stop."""
        self._is_stopping = True
        await self.engine.close()

    async def __aenter__(self) -> Self:
        """Open everything and take over what an earlier run left.

        Raises:
            StartError: The database, the queue or the key cannot be used.
        """
        try:
            await self._open()
        except (VaultError, Unavailable) as exc:
            await self._stack.aclose()
            raise StartError(str(exc)) from exc
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _open(self) -> None:
        settings, stack = self.settings, self._stack
        stack.callback(self.tracing.shut_down)
        vault = Vault(*load_keys(settings.encryption_key, settings.key_file))
        # Two services with a queue each would take each other's running jobs for lost.
        alone = settings.engine == "embedded"
        self.store = store = SqlStore.open(settings.store_url, audit_key=vault.audit_key(), alone=alone)
        stack.callback(store.close)
        await require_same_key(store.records, vault, str(store))
        if self.metrics is not None:
            store.watch_commits(self.metrics.store_committed)
        self.engine = await self._open_engine()
        stack.push_async_callback(self.engine.close)
        self.security = security = await stack.enter_async_context(Security(settings, store, vault))
        self.jobs = JobService(store, self.engine, vault, _limits(settings), [security.admission], security.audit)
        self.batches = BatchService(store, self.engine, self.jobs)
        stack.push_async_callback(self.batches.aclose)
        self.inventory = InventoryService(store, vault)
        self.schedules = ScheduleService(store, self.inventory)
        self.backups = BackupService(store, vault)
        ledger = StoreLedger(
            store,
            self.engine,
            gate=security.gate,
            recorders=[self.backups],
            observers=[*security.observers, self.batches],
            on_lost=lambda job: security.audit.write("job.orphaned", request_id=job.id, worker_name=job.worker or ""),
        )
        await self._take_over(ledger, vault)
        self._observe(ledger)
        # Netmiko's table takes a moment to load: now, rather than in the first request.
        await asyncio.to_thread(self.platforms)

    async def _open_engine(self) -> Engine:
        settings = self.settings
        if settings.engine == "embedded":
            return EmbeddedEngine(lease_seconds=settings.lease_seconds)
        from naas.engine.nats import Connection, NatsEngine  # an extra, which one process alone need not have

        connection = await Connection.open(settings.engine, name="naas-api", credentials=settings.nats_credentials)
        self._connection = connection
        self._stack.push_async_callback(connection.close)
        return NatsEngine(connection, lease_seconds=settings.lease_seconds)

    async def _take_over(self, ledger: StoreLedger, vault: Vault) -> None:
        """Start the worker, settle what an earlier run left, and begin what is done again and again."""
        settings = self.settings
        if settings.worker_contexts:
            self._worker = await self._start_worker(ledger, vault)
        if settings.engine == "embedded":
            # Nobody else runs jobs: what is started belongs to a run that is over.
            await recover(self.store, self.engine, ledger, alive=())
        else:
            await self._serve_workers(ledger)
        await self.batches.recover()
        if self._worker is not None:
            await self._worker.start()
        self._every(_PURGE_EVERY, self._purge)
        runner = ScheduleRunner(self.store, self.schedules, self.inventory, self.jobs, self.security.keys.is_revoked)
        self._forever(runner.run_forever())

    async def _serve_workers(self, ledger: StoreLedger) -> None:
        """Queue what waits, record what workers elsewhere report, and settle the jobs of those that disappear."""
        from naas.engine.nats.reports import ReportServer

        settings, jobs = self.settings, self.store.jobs
        server = ReportServer(self._connection, ledger, jobs)
        if await count_missing(self.store, self.engine) > 0:
            await self.engine.publish(await jobs.queued())
        await server.start()
        self._stack.push_async_callback(server.stop)
        if settings.job_reaper_enabled:
            every = settings.job_reaper_interval
            reaper = Reaper(self.store, self.engine, ledger, interval=every, take_down=server.take_down)
            reaper.start()
            self._stack.push_async_callback(reaper.stop)

    def _observe(self, ledger: StoreLedger) -> None:
        """Let metrics and probes look at what runs."""
        checks = [
            Check("running", self._require_running),
            Check("store", self.store.jobs.counts),
            Check("engine", self.engine.depth),
        ]
        if self._worker is not None:
            checks.append(Check("worker", self._require_worker))
        self.probes = Probes(checks, self.metrics)
        if self.metrics is None:
            return
        ledger.observers.append(self.metrics)
        self.security.webhooks.on_attempt = self.metrics.webhook_tried
        watch_engine(self.metrics, self.engine, self.settings.contexts)
        watch_jobs(self.metrics, self.store.jobs.counts)
        if self._worker is not None:
            watch_worker(
                self.metrics,
                active=lambda: self._worker.active if self._worker else 0,
                sessions=self._sessions,
                open_breakers=lambda: self.security.gate.breakers.open,
            )

    async def _require_running(self) -> None:
        if self._is_stopping:  # so that load balancers look elsewhere while jobs end
            raise NoWorkers(", ".join(self.settings.contexts))

    async def _require_worker(self) -> None:
        if self._worker is None or not self._worker.is_claiming:
            raise NoWorkers(", ".join(self.settings.worker_contexts))

    def _sessions(self) -> Mapping[str, int]:
        stats = getattr(self._driver, "pool_stats", None)
        return {} if stats is None else {"idle": stats.idle, "busy": stats.leased}

    async def _start_worker(self, ledger: StoreLedger, vault: Vault) -> Worker:
        settings = self.settings
        driver = self._driver = traced(self._make_driver(), self.tracing)
        self._stack.push_async_callback(asyncio.to_thread, driver.close)
        worker_settings = WorkerSettings(settings.worker_threads, settings.lease_seconds, settings.worker_contexts)
        claimer = self.engine.claimer(worker_settings.name, settings.worker_contexts)
        observed = ObservedLedger(ledger, self.metrics, self.tracing)
        worker = Worker(claimer, observed, driver, vault, worker_settings, self._sessions)
        self._stack.push_async_callback(self._stop_worker)
        return worker

    async def _stop_worker(self) -> None:
        if self._worker is not None and not await self._worker.stop(self.settings.drain_seconds):
            log.warning("some jobs still run; whoever starts next decides about them")

    async def _purge(self) -> None:
        forgotten = await self.jobs.purge()
        if forgotten:
            log.info("old jobs forgotten count=%d", forgotten)
        await self.batches.purge()
        await self.store.snapshots.purge(keep=self.settings.backup_keep)

    def _every(self, seconds: float, do: Callable[[], Awaitable[None]]) -> None:
        async def forever() -> None:
            while True:
                try:
                    await do()
                except Unavailable as exc:
                    log.warning("housekeeping has to wait: %s", exc)
                await asyncio.sleep(seconds)

        self._forever(forever())

    def _forever(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)

        async def stop() -> None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

        self._stack.push_async_callback(stop)


def _limits(settings: Settings) -> ServiceLimits:
    return ServiceLimits(
        queue_depth=settings.max_queue_depth,
        contexts=settings.contexts,
        keep_succeeded=settings.job_ttl_success,
        keep_failed=settings.job_ttl_failed,
        keep_idempotency=settings.idempotency_ttl,
        most_failed=settings.failed_job_max_retain,
        deduplicate=settings.job_dedup_enabled,
        job_timeout=settings.job_timeout,
    )
