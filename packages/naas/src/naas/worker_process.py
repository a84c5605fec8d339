"""A worker in a process of its own: `naas-server worker`. It connects outwards, to NATS, and has no database.

It needs the master key, to open the logins of devices, and nothing else of the service: an API process records what
it reports (`naas.engine.nats.reports`).
"""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from naas import __version__
from naas.driver.making import make_driver
from naas.engine.nats import Connection, NatsEngine
from naas.engine.nats.ledger import NatsLedger
from naas.errors import EngineUnavailable, StartError, VaultError
from naas.observability.gauges import watch_worker
from naas.observability.heartbeat import heartbeat
from naas.observability.ledger import ObservedLedger
from naas.observability.metrics import Metrics
from naas.observability.probe_server import probe_server
from naas.observability.readiness import Check, Probes
from naas.observability.tracing import set_up_tracing
from naas.vault import Vault, load_keys
from naas.worker import Worker, WorkerSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from naas.config import Settings
    from naas.driver.base import DeviceDriver

__all__ = ["run"]

log = logging.getLogger("naas.worker_process")


async def run(
    settings: Settings, ready: Callable[[str], None], driver: Callable[[], DeviceDriver] | None = None
) -> int:
    """Work until SIGINT or SIGTERM; then let running jobs end, and return 0, or 1 if some did not.

    ``ready`` is called with the place of the NATS server once jobs are taken. ``driver`` is for tests.

    Raises:
        StartError: NATS cannot be reached, or the key cannot be used.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as stack:
        try:
            worker, connection = await _open(settings, driver or (lambda: make_driver(settings)), stack)
        except (VaultError, EngineUnavailable) as exc:
            raise StartError(str(exc)) from exc
        ready(f"nats://{connection.place}")
        await stopped.wait()
        if await worker.stop(settings.drain_seconds):
            return 0
        log.warning("some jobs still run; whoever finds their lease run out decides about them")
        return 1


async def _open(
    settings: Settings, make: Callable[[], DeviceDriver], stack: AsyncExitStack
) -> tuple[Worker, Connection]:
    """Open everything in order; ``stack`` closes it in the reverse order."""
    tracing = set_up_tracing(settings, process="worker")
    stack.callback(tracing.shut_down)
    vault = Vault(*load_keys(settings.encryption_key, settings.key_file))
    connection = await Connection.open(settings.engine, name="naas-worker", credentials=settings.nats_credentials)
    stack.push_async_callback(connection.close)
    engine = NatsEngine(connection, lease_seconds=settings.lease_seconds)
    stack.push_async_callback(engine.close)
    driver = make()
    stack.push_async_callback(asyncio.to_thread, driver.close)
    worker_settings = WorkerSettings(settings.worker_threads, settings.lease_seconds, settings.worker_contexts)
    claimer = engine.claimer(worker_settings.name, settings.worker_contexts)

    def facts() -> Mapping[str, Any]:
        return {"version": __version__, "sessions": _sessions(driver)}

    metrics = Metrics() if settings.metrics_enabled else None
    ledger = ObservedLedger(NatsLedger(connection), metrics, tracing)
    worker = Worker(claimer, ledger, driver, vault, worker_settings, facts)
    await worker.start()
    if metrics is not None:
        watch_worker(metrics, active=lambda: worker.active, sessions=lambda: _sessions(driver))
    await _observe(settings, worker, connection, metrics, stack)
    return worker, connection


async def _observe(
    settings: Settings,
    worker: Worker,
    connection: Connection,
    metrics: Metrics | None,
    stack: AsyncExitStack,
) -> None:
    """Let probes and metrics look at the worker."""

    async def require_worker() -> None:
        if not worker.is_claiming:
            raise EngineUnavailable("the worker takes no jobs")

    async def require_engine() -> None:
        if not connection.is_up:
            raise EngineUnavailable(f"NATS at {connection.place} is not connected")

    probes = Probes([Check("worker", require_worker), Check("engine", require_engine)], metrics)
    if settings.worker_metrics_port:
        await stack.enter_async_context(
            probe_server(probes, settings.worker_metrics_host, settings.worker_metrics_port)
        )
    await stack.enter_async_context(heartbeat(settings.worker_heartbeat_file, lambda: worker.is_claiming))


def _sessions(driver: DeviceDriver) -> Mapping[str, int]:
    stats = getattr(driver, "pool_stats", None)
    return {} if stats is None else {"idle": stats.idle, "busy": stats.leased}
