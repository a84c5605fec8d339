"""The worker: claims jobs, carries them out in threads through a driver, and records how they ended.

One coroutine a running job, one thread a device conversation. The order of events matters and is this: the start is
on disk before the device hears anything (for a repeatable job it is enough that the write is on its way, since
running it twice does no harm); the end is on disk before anybody is told; only then may the next job for the same
device go out.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from naas.driver.base import Cancelled, DeviceFailure, DeviceTarget, ErrorCode
from naas.engine.base import JobEvent
from naas.errors import IllegalMove, StoreUnavailable, VaultError
from naas.jobs import (
    CommandWork,
    Ending,
    Failure,
    Job,
    JobState,
    Outcome,
    after_lost_lease,
    is_repeatable,
    time_limit,
)
from naas.store.base import Lease, Move

if TYPE_CHECKING:
    from naas.driver.base import DeviceDriver
    from naas.engine.base import Delivery, Engine
    from naas.store.base import Store
    from naas.vault import Login, Vault

__all__ = ["Worker", "WorkerSettings", "recover"]

log = logging.getLogger("naas.worker")

# How long to wait before a delivery is tried again whose start or end the store could not write, in seconds.
_STORE_PAUSE: Final = 2.0


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """``threads`` device conversations at once; a lease is renewed three times before it runs out (seconds)."""

    threads: int = 64
    lease_seconds: float = 30.0


class Worker:
    """Runs jobs until it is stopped."""

    def __init__(
        self, store: Store, engine: Engine, driver: DeviceDriver, vault: Vault, settings: WorkerSettings
    ) -> None:
        self.name = f"embedded-{uuid.uuid4().hex[:12]}"
        self._store, self._engine, self._driver, self._vault = store, engine, driver, vault
        self._settings = settings
        self._threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="naas-device")
        self._slots = asyncio.Semaphore(settings.threads)
        self._running: dict[Delivery, asyncio.Task[None]] = {}
        self._loops: list[asyncio.Task[None]] = []

    @property
    def active(self) -> int:
        """How many jobs this worker is carrying out."""
        return len(self._running)

    @property
    def is_claiming(self) -> bool:
        """Whether jobs are being taken from the queue."""
        return bool(self._loops) and not self._loops[0].done()

    def start(self) -> None:
        """Begin to claim jobs."""
        self._loops = [asyncio.create_task(self._claim_forever()), asyncio.create_task(self._renew_forever())]

    async def stop(self, grace_seconds: float) -> bool:
        """Claim nothing more and give running jobs ``grace_seconds`` to end. Returns whether all of them did.

        A job that did not end keeps its STARTED record; the next start of the service decides about it.
        """
        claiming, renewing = self._loops
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
        try:
            return list(await self._engine.claim(slots))
        except asyncio.CancelledError:
            for _ in range(slots):
                self._slots.release()
            raise

    def _forget(self, delivery: Delivery, _: asyncio.Task[None]) -> None:
        del self._running[delivery]
        self._slots.release()

    async def _renew_forever(self) -> None:
        while True:
            await asyncio.sleep(self._settings.lease_seconds / 3)
            self._engine.heartbeat(self._running)
            if not self._running:
                continue
            try:
                await self._store.renew(self._lease())
            except Exception as exc:  # noqa: BLE001 - whatever it was: without heartbeats every job would run twice
                log.warning("could not renew leases: %s", exc)

    def _lease(self) -> Lease:
        return Lease(self.name, _now() + timedelta(seconds=self._settings.lease_seconds))

    async def _process(self, delivery: Delivery) -> None:
        """Carry out one delivery, whatever happens; the delivery is acknowledged or comes back."""
        job = delivery.job
        try:
            await self._carry_out(delivery)
        except IllegalMove as exc:
            # Cancelled while it was on its way to us, or ended by somebody else: the store's word counts.
            log.info("job dropped job_id=%s reason=%s", job.id, exc)
            self._engine.ack(delivery)
        except StoreUnavailable as exc:
            log.error("job delayed job_id=%s reason=%s", job.id, exc)
            self._engine.nak(delivery, delay=_STORE_PAUSE)
        except Exception as exc:
            log.exception("job abandoned job_id=%s", job.id)
            await self._give_up(delivery, type(exc).__name__)

    async def _carry_out(self, delivery: Delivery) -> None:
        job = delivery.job
        if delivery.attempt > 1 and await self._settle_earlier_attempt(delivery):
            return
        try:
            login = self._login(job)
        except VaultError as exc:
            await self._record(job, Ending(JobState.FAILED, Outcome(failure=Failure(ErrorCode.UNKNOWN, str(exc)))))
            self._engine.ack(delivery)
            return
        started = asyncio.ensure_future(self._store.move(Move(job.id, JobState.STARTED, _now(), lease=self._lease())))
        if not is_repeatable(job.work):
            await started
        conversation = asyncio.get_running_loop().run_in_executor(self._threads, self._talk, delivery, login)
        limit = time_limit(job.work, read_timeout=job.read_timeout, conn_timeout=job.conn_timeout)
        try:
            await asyncio.wait({conversation}, timeout=limit)
            await started
            ending = conversation.result() if conversation.done() else _ran_too_long(job, limit)
            if not conversation.done():
                delivery.stop.set()
            await self._record(job, ending)
        finally:
            # However this goes on, the device stays taken until the conversation is over: a thread cannot be killed.
            delivery.stop.set()
            await conversation
        self._engine.ack(delivery)

    async def _settle_earlier_attempt(self, delivery: Delivery) -> bool:
        """Judge a delivery that came back. Returns whether nothing is left to do."""
        job = await self._store.get(delivery.job.id)
        if job is None or job.state.is_final:
            self._engine.ack(delivery)
            return True
        if job.state is JobState.QUEUED:
            return False
        ending = after_lost_lease(job)
        if ending.state is not JobState.QUEUED:
            await self._record(job, ending)
            self._engine.ack(delivery)
            return True
        await self._store.move(Move(job.id, JobState.QUEUED, _now()))
        return False

    def _login(self, job: Job) -> Login:
        if job.sealed_login is None:
            raise VaultError(f"job {job.id} came without its device login; submit it again")
        return self._vault.open(job.id, job.sealed_login)

    def _talk(self, delivery: Delivery, login: Login) -> Ending:
        """Hold the conversation with the device. Runs in a thread; never raises."""
        job, began = delivery.job, time.monotonic()
        try:
            ending = Ending(JobState.FINISHED, self._drive(delivery, login))
        except Cancelled:
            # Configuration lines that went out before the stop may be in force.
            ending = Ending(JobState.CANCELED, needs_review=not is_repeatable(job.work))
        except DeviceFailure as exc:
            ending = Ending(JobState.FINISHED, Outcome(failure=Failure(exc.code, exc.message)))
        except Exception as exc:  # noqa: BLE001 - the job must end, whatever the driver raised
            # A driver's bug. Its text could quote anything, a password too, so only its type leaves this process.
            log.error("driver raised %s job_id=%s platform=%s", type(exc).__name__, job.id, job.device.platform)
            message = (
                f"the {job.device.platform} driver failed with {type(exc).__name__}; the service log has job {job.id}"
            )
            failure = Failure(ErrorCode.UNKNOWN, message)
            ending = Ending(JobState.FAILED, Outcome(failure=failure), needs_review=not is_repeatable(job.work))
        log.info(
            "conversation ended job_id=%s kind=%s device=%s state=%s error_code=%s duration_ms=%.1f",
            job.id,
            job.kind,
            job.device.address,
            ending.state,
            ending.outcome.failure.code if ending.outcome.failure else "-",
            (time.monotonic() - began) * 1000,
        )
        return ending

    def _drive(self, delivery: Delivery, login: Login) -> Outcome:
        job, device, should_stop = delivery.job, delivery.job.device, delivery.stop.is_set
        target = DeviceTarget(device.host, device.port, device.platform, login.username, login.password, login.enable)
        if isinstance(job.work, CommandWork):
            output = self._driver.send_commands(
                target,
                job.work.commands,
                read_timeout=job.read_timeout,
                conn_timeout=job.conn_timeout,
                expect_string=job.work.expect_string,
                should_stop=should_stop,
            )
            return Outcome(output.results, output.detected_platform)
        text = self._driver.send_config(
            target,
            job.work.lines,
            save_config=job.work.save_config,
            commit=job.work.commit,
            read_timeout=job.read_timeout,
            conn_timeout=job.conn_timeout,
            should_stop=should_stop,
        )
        return Outcome({"config_set_output": text})

    async def _record(self, job: Job, ending: Ending) -> None:
        """Record the ending, as often as it takes, and tell who waits.

        The device has done the work, so a store that is unwell must not make the job run again.
        """
        while True:
            try:
                await self._store.move(_move_of(job, ending))
            except StoreUnavailable as exc:
                log.error("could not record the end, trying again job_id=%s reason=%s", job.id, exc)
                await asyncio.sleep(_STORE_PAUSE)
            else:
                self._engine.announce(JobEvent(job.id, ending.state))
                return

    async def _give_up(self, delivery: Delivery, reason: str) -> None:
        """End a job that met a bug of ours, so that nobody waits for it for ever."""
        job = delivery.job
        message = f"the service failed on this job with {reason}; the service log has job {job.id}"
        failure = Failure(ErrorCode.UNKNOWN, message)
        try:
            await self._record(
                job, Ending(JobState.FAILED, Outcome(failure=failure), needs_review=not is_repeatable(job.work))
            )
        except IllegalMove as exc:
            log.info("job had ended already job_id=%s reason=%s", job.id, exc)
        self._engine.ack(delivery)


async def recover(store: Store, engine: Engine, *, alive: frozenset[str]) -> None:
    """Settle what an earlier run of the service left behind, then queue everything that waits.

    ``alive`` names the workers that still run; jobs started by any other are lost and judged by `after_lost_lease`.
    """
    for job in await store.lost(alive=alive):
        ending = after_lost_lease(job)
        log.warning("job lost its worker job_id=%s device=%s becomes=%s", job.id, job.device.address, ending.state)
        await store.move(_move_of(job, ending))
    waiting = await store.queued()
    for job in waiting:
        engine.publish(job)
    if waiting:
        log.info("queued jobs taken over count=%d", len(waiting))


def _move_of(job: Job, ending: Ending) -> Move:
    return Move(job.id, ending.state, _now(), outcome=ending.outcome, needs_review=ending.needs_review)


def _ran_too_long(job: Job, limit: int) -> Ending:
    message = f"the job ran longer than its limit of {limit} s on {job.device.address} and was given up"
    needs_review = not is_repeatable(job.work)
    if needs_review:
        message += "; it may have reached the device in part: look at the device before repeating it"
    return Ending(JobState.FAILED, Outcome(failure=Failure(ErrorCode.UNKNOWN, message)), needs_review=needs_review)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _now() -> datetime:
    return datetime.now(UTC)
