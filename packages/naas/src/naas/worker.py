"""The worker: claims jobs, carries them out in threads through a driver, and reports how they ended.

One coroutine a running job, one thread a device conversation. The order of events matters and is this: the start is
on disk before the device hears anything; the end is on disk before anybody is told; only then may the next job for the
same device go out. What is on disk, and whether a delivery may be trusted, the ledger says.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import logging
import socket
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from naas.conversation import Conversation
from naas.driver.base import ErrorCode
from naas.engine.base import WorkerInfo
from naas.errors import Unavailable, VaultError
from naas.jobs import Ending, Failure, JobState, Outcome, is_repeatable
from naas.ledger import Verdict
from naas.observability.fields import bound

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from naas.driver.base import DeviceDriver
    from naas.engine.base import Claimer, Delivery
    from naas.jobs import Job
    from naas.ledger import Ledger
    from naas.vault import Login, Vault

__all__ = ["Worker", "WorkerSettings"]

log = logging.getLogger("naas.worker")

# How long to wait before a delivery is tried again whose start or end could not be recorded, in seconds.
_LEDGER_PAUSE: Final = 2.0


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """``threads`` device conversations at once; a lease is renewed three times before it runs out (seconds).

    The ``name`` belongs to this run of the worker: what an earlier run left started is known to be lost.
    """

    threads: int = 64
    lease_seconds: float = 30.0
    contexts: tuple[str, ...] = ("default",)
    name: str = field(default_factory=lambda: f"{socket.gethostname()}-{uuid.uuid4().hex[:12]}")


class Worker:
    """Runs jobs until it is stopped."""

    def __init__(
        self,
        claimer: Claimer,
        ledger: Ledger,
        driver: DeviceDriver,
        vault: Vault,
        settings: WorkerSettings,
        facts: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        """``facts`` are told to whoever asks for the workers: the sessions of the driver, for example."""
        self.name = settings.name
        self._claimer, self._ledger, self._driver, self._vault = claimer, ledger, driver, vault
        self._settings, self._facts = settings, facts
        self._threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="naas-device")
        self._slots = asyncio.Semaphore(settings.threads)
        self._running: dict[Delivery, asyncio.Task[None]] = {}
        self._loops: list[asyncio.Task[None]] = []
        self._told: set[asyncio.Task[None]] = set()

    @property
    def active(self) -> int:
        """How many jobs this worker is carrying out."""
        return len(self._running)

    @property
    def is_claiming(self) -> bool:
        """Whether jobs are being taken from the queue."""
        return bool(self._loops) and not self._loops[0].done()

    async def start(self) -> None:
        """Begin to claim jobs."""
        await self._claimer.heartbeat((), self._info())
        self._loops = [asyncio.create_task(self._claim_forever()), asyncio.create_task(self._renew_forever())]

    async def stop(self, grace_seconds: float) -> bool:
        """Claim nothing more and give running jobs ``grace_seconds`` to end. Returns whether all of them did.

        A job that did not end keeps its STARTED record; whoever finds its lease run out decides about it.
        """
        claiming, renewing = self._loops
        await self._claimer.close()
        await _cancel(claiming)
        if self._running:
            log.info("waiting for running jobs count=%d grace_seconds=%g", len(self._running), grace_seconds)
            await asyncio.wait(self._running.values(), timeout=grace_seconds)
        all_ended = not self._running
        await _cancel(renewing)
        for task in list(self._running.values()):
            task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)
        return all_ended

    async def _claim_forever(self) -> None:
        while True:
            await self._slots.acquire()
            extra = 0
            while not self._slots.locked():
                await self._slots.acquire()
                extra += 1
            deliveries = await self._claim(1 + extra)
            if not deliveries:  # the engine has closed
                return
            for delivery in deliveries:
                task = asyncio.create_task(self._process(delivery))
                self._running[delivery] = task
                task.add_done_callback(functools.partial(self._forget, delivery))
            for _ in range(1 + extra - len(deliveries)):
                self._slots.release()

    async def _claim(self, slots: int) -> list[Delivery]:
        while True:
            try:
                return list(await self._claimer.claim(slots))
            except asyncio.CancelledError:
                for _ in range(slots):
                    self._slots.release()
                raise
            except Unavailable as exc:
                log.error("cannot claim jobs, trying again reason=%s", exc)
                await asyncio.sleep(_LEDGER_PAUSE)

    def _forget(self, delivery: Delivery, _: asyncio.Task[None]) -> None:
        del self._running[delivery]
        self._slots.release()

    async def _renew_forever(self) -> None:
        while True:
            await asyncio.sleep(self._settings.lease_seconds / 3)
            try:
                await self._claimer.heartbeat(tuple(self._running), self._info())
                if self._running:
                    await self._ledger.renew(self.name, self._settings.lease_seconds)
            except Exception as exc:  # noqa: BLE001 - whatever it was: without heartbeats every job would run twice
                log.warning("could not renew leases: %s", exc)

    def _info(self) -> WorkerInfo:
        settings = self._settings
        return WorkerInfo(
            self.name, socket.gethostname(), settings.contexts, settings.threads, len(self._running), self._facts()
        )

    async def _process(self, delivery: Delivery) -> None:
        """Carry out one delivery, whatever happens; the delivery is acknowledged or comes back."""
        job = delivery.job
        try:
            with bound(job_id=job.id):
                await self._carry_out(delivery)
        except Unavailable as exc:
            log.error("job delayed job_id=%s reason=%s", job.id, exc)
            await self._persist(lambda: self._claimer.nak(delivery, delay=_LEDGER_PAUSE), job)
        except Exception as exc:
            log.exception("job abandoned job_id=%s", job.id)
            await self._give_up(delivery, type(exc).__name__)

    async def _carry_out(self, delivery: Delivery) -> None:
        job = delivery.job
        permission = await self._ledger.start(delivery, self.name, self._settings.lease_seconds)
        if permission.verdict is Verdict.DROP:
            log.info("job dropped job_id=%s reason=%s", job.id, permission.reason)
        elif permission.ending is not None:
            await self._end(job, permission.ending)
        else:
            await self._run(delivery)
        await self._persist(lambda: self._claimer.ack(delivery), job)

    async def _run(self, delivery: Delivery) -> None:
        job = delivery.job
        try:
            login = self._login(job)
        except VaultError as exc:
            await self._end(job, Ending(JobState.FAILED, Outcome(failure=Failure(ErrorCode.UNKNOWN, str(exc)))))
            return
        conversation = Conversation(delivery, self._driver, login, self._teller(job))
        # With the context of this task, so that log lines and spans of the thread belong to the job.
        hold = functools.partial(contextvars.copy_context().run, conversation.hold)
        holding = asyncio.get_running_loop().run_in_executor(self._threads, hold)
        try:
            await asyncio.wait({holding}, timeout=job.time_limit)
            ending = holding.result() if holding.done() else conversation.ran_too_long()
            if not holding.done():
                delivery.stop.set()
            await self._end(job, ending)
        finally:
            # However this goes on, the device stays taken until the conversation is over: a thread cannot be killed.
            delivery.stop.set()
            await holding

    def _teller(self, job: Job) -> Callable[[int, int], None]:
        """Return what the conversation's thread calls when the device has answered a command."""
        loop = asyncio.get_running_loop()

        def tell(done: int, total: int) -> None:
            if total > 1:  # the end says as much where there is one command
                loop.call_soon_threadsafe(self._tell, job, done, total)

        return tell

    def _tell(self, job: Job, done: int, total: int) -> None:
        task = asyncio.create_task(self._tell_progress(job, done, total))
        self._told.add(task)
        task.add_done_callback(self._told.discard)

    async def _tell_progress(self, job: Job, done: int, total: int) -> None:
        try:
            await self._ledger.progress(job, done, total)
        except Unavailable as exc:
            log.debug("progress was not told job_id=%s reason=%s", job.id, exc)

    def _login(self, job: Job) -> Login:
        if job.sealed_login is None:
            raise VaultError(f"job {job.id} came without its device login; submit it again")
        return self._vault.open(job.id, job.sealed_login)

    async def _end(self, job: Job, ending: Ending) -> None:
        """Report the end, as often as it takes: the device has done the work, and must not do it again."""
        await self._persist(lambda: self._ledger.end(job, ending), job)

    async def _persist(self, report: Callable[[], Coroutine[Any, Any, None]], job: Job) -> None:
        while True:
            try:
                return await report()
            except Unavailable as exc:
                log.error("could not report, trying again job_id=%s reason=%s", job.id, exc)
                await asyncio.sleep(_LEDGER_PAUSE)

    async def _give_up(self, delivery: Delivery, reason: str) -> None:
        """End a job that met a bug of ours, so that nobody waits for it for ever."""
        job = delivery.job
        message = f"the service failed on this job with {reason}; the service log has job {job.id}"
        failure = Failure(ErrorCode.UNKNOWN, message)
        ending = Ending(JobState.FAILED, Outcome(failure=failure), needs_review=not is_repeatable(job.work))
        await self._end(job, ending)
        await self._persist(lambda: self._claimer.ack(delivery), job)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
