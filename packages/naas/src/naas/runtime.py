"""The composition root: opens what a running service consists of, in order, and closes it in the reverse order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, Final, Self

from naas.driver.base import known_platforms
from naas.engine.embedded import EmbeddedEngine
from naas.errors import StartError, StoreUnavailable, VaultError
from naas.service import JobService, ServiceLimits
from naas.store.sqlite import SqliteStore
from naas.vault import Vault, load_keys
from naas.worker import Worker, WorkerSettings, recover

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from types import TracebackType

    from naas.config import Settings
    from naas.driver.base import DeviceDriver

__all__ = ["Runtime"]

log = logging.getLogger("naas.runtime")

_PURGE_EVERY: Final = 3600.0


class Runtime:
    """A running service: store, engine, worker, driver and the rules over them."""

    service: JobService

    def __init__(self, settings: Settings, driver: Callable[[], DeviceDriver] | None = None) -> None:
        self.settings = settings
        self._make_driver = driver or (lambda: _netmiko_driver(settings))
        self._began = time.monotonic()

    @property
    def uptime_seconds(self) -> float:
        """Seconds since the service started."""
        return time.monotonic() - self._began

    @property
    def worker_is_alive(self) -> bool:
        """Whether jobs are being taken from the queue."""
        return self._worker.is_claiming

    @property
    def active_jobs(self) -> int:
        """Jobs that run now."""
        return self._worker.active

    def platforms(self) -> Collection[str]:
        """Return the platform names that a job may ask for."""
        return known_platforms()

    def answer_waiting_polls(self) -> None:
        """Answer every waiting poll now and take up no more work; the service begins to stop."""
        self._engine.close()

    async def __aenter__(self) -> Self:
        """Open everything and take over what an earlier run left.

        Raises:
            StartError: The database or the key cannot be used.
        """
        self._store = SqliteStore(self.settings.database)
        try:
            await self._open()
        except (VaultError, StoreUnavailable) as exc:
            self._store.close()
            raise StartError(str(exc)) from exc
        return self

    async def _open(self) -> None:
        settings = self.settings
        vault = Vault(*load_keys(settings.encryption_key, settings.key_file))
        self._engine = EmbeddedEngine(lease_seconds=settings.lease_seconds)
        self._driver = self._make_driver()
        limits = ServiceLimits(queue_depth=settings.max_queue_depth)
        self.service = JobService(self._store, self._engine, vault, limits)
        worker_settings = WorkerSettings(settings.worker_threads, settings.lease_seconds)
        self._worker = Worker(self._store, self._engine, self._driver, vault, worker_settings)
        await recover(self._store, self._engine, alive=frozenset({self._worker.name}))
        self._worker.start()
        self._purging = asyncio.create_task(self._purge_forever())
        # Netmiko's table takes a moment to load: now, rather than in the first request.
        await asyncio.to_thread(known_platforms)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._purging.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._purging
        ended = await self._worker.stop(self.settings.drain_seconds)
        if not ended:
            log.warning("some jobs still run; the next start of the service decides about them")
        self._engine.close()
        await asyncio.to_thread(self._driver.close)
        self._store.close()

    async def _purge_forever(self) -> None:
        while True:
            try:
                forgotten = await self.service.purge()
            except StoreUnavailable as exc:
                log.warning("could not purge old jobs: %s", exc)
            else:
                if forgotten:
                    log.info("old jobs forgotten count=%d", forgotten)
            await asyncio.sleep(_PURGE_EVERY)


def _netmiko_driver(settings: Settings) -> DeviceDriver:
    from naas.driver.netmiko import NetmikoDriver  # a quarter of a second, which tests with another driver save

    return NetmikoDriver(max_connections=settings.worker_threads)
