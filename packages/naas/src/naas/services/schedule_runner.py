"""Makes the jobs of schedules when their time has come.

A run's jobs have ids that follow from the schedule, the time and the device. So a run that is made twice, by two
processes or after a crash, is made once: the second attempt finds the ids used. What jitter has put off is in no
queue until its turn: a process that starts looks at the last run of each schedule, and puts off again what is not
there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from naas.errors import NaasError, RequestError, RequestIdUsed, RevisionMismatch, Unavailable, VaultError
from naas.principals import AuthMethod, Principal
from naas.schedules import ScheduleRecord, due_run, jitter_of, next_run, run_id, run_to_resume, wait_for_turn
from naas.services.orders import Order

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from naas.services.inventory import InventoryService, Resolved
    from naas.services.jobs import JobService
    from naas.services.schedules import ScheduleService
    from naas.store.base import Record, RecordStore, Store

__all__ = ["ScheduleRunner"]

log = logging.getLogger("naas.services.schedules")

# How often the runner looks for schedules that another process made or changed, in seconds.
_LOOK_EVERY: Final = 5.0


class ScheduleRunner:
    """Makes the jobs of schedules when their time has come. One in each process of the service; they agree."""

    def __init__(
        self,
        store: Store,
        service: ScheduleService,
        inventory: InventoryService,
        jobs: JobService,
        is_revoked: Callable[[str], Awaitable[bool]],
    ) -> None:
        """``is_revoked`` says of a key id whether the key is gone: its schedules stop with it."""
        self._store = store
        self._records: RecordStore = store.records
        self._service, self._inventory, self._jobs, self._is_revoked = service, inventory, jobs, is_revoked
        self._later: set[asyncio.Task[None]] = set()

    async def run_forever(self) -> None:
        """Take up what an earlier process left, then make jobs until cancelled."""
        has_resumed = False
        try:
            while True:
                try:
                    if not has_resumed:
                        await self.resume(datetime.now(UTC))
                        has_resumed = True
                    wait = await self.run_due(datetime.now(UTC))
                except Unavailable as exc:
                    log.warning("could not look for schedules: %s", exc)
                    wait = _LOOK_EVERY
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._service.changed.wait(), wait)
                self._service.changed.clear()
        finally:
            for task in self._later:  # whoever starts next takes them up
                task.cancel()

    async def resume(self, now: datetime) -> int:
        """Make or put off again the jobs of the last runs that jitter had put off when their process ended; return
        how many that were.

        A device whose turn has passed meanwhile is made up for as a missed run is. What was made already is left
        alone: its id is there, as long as jobs are kept.
        """
        resumed = 0
        for record in await self._records.all(ScheduleRecord):
            schedule = record.value
            run = run_to_resume(schedule, now)
            if run is None or await self._has_lost_its_key(schedule):
                continue
            principal = _principal_of(schedule)
            targets, _ = await self._reachable(principal, schedule)
            for target in targets:
                order = _order_of_run(schedule, run, target)
                wait = wait_for_turn(schedule, run, order.device.address, now)
                is_made = await self._store.jobs.get(str(order.request_id)) is not None
                if wait is None or -wait > self._jobs.keeps_for or is_made:
                    continue
                self._submit_later(principal, schedule, order, max(0.0, wait))
                resumed += 1
        if resumed:
            log.info("scheduled jobs taken up again count=%d", resumed)
        return resumed

    async def run_due(self, now: datetime) -> float:
        """Make the jobs of every schedule whose time has come; return how many seconds there are to the next look."""
        upcoming = now + timedelta(seconds=_LOOK_EVERY)
        for record in await self._records.all(ScheduleRecord):
            schedule = record.value
            if schedule.next_run_at is not None and schedule.enabled and schedule.next_run_at <= now:
                try:
                    schedule = await self._advance(record, now)
                except Unavailable as exc:
                    # No workers, a full queue, a full disk: the run is due still, and what it made has its ids.
                    log.warning("scheduled run has to wait schedule=%s reason=%s", schedule.id, exc)
                    continue
                except Exception:
                    # One schedule that meets a mistake of ours must not keep the others from running.
                    log.exception("schedule could not run schedule=%s", schedule.id)
                    continue
            if schedule.next_run_at is not None and schedule.enabled:
                upcoming = min(upcoming, schedule.next_run_at)
        return max(0.05, (upcoming - now).total_seconds())

    async def _advance(self, record: Record[ScheduleRecord], now: datetime) -> ScheduleRecord:
        """Make the run that is due, if there is one, and set the next."""
        schedule = record.value
        run = due_run(schedule, now)
        following = msgspec.structs.replace(schedule, next_run_at=next_run(schedule, now))
        if run is None:
            log.warning("schedule missed a run schedule=%s due=%s", schedule.id, schedule.next_run_at)
            following = msgspec.structs.replace(following, last_problem=f"missed its run at {schedule.next_run_at}")
        else:
            job_ids, problem = await self._make(schedule, run)
            following = msgspec.structs.replace(
                following, last_run_at=run, last_job_ids=tuple(job_ids), last_problem=problem, runs=schedule.runs + 1
            )
        try:
            await self._records.put(following, expected=record.revision)
        except RevisionMismatch as exc:  # another process made the same run, or somebody edits it
            log.info("schedule changed meanwhile schedule=%s reason=%s", schedule.id, exc)
        return following

    async def _make(self, schedule: ScheduleRecord, run: datetime) -> tuple[list[str], str | None]:
        """Submit the jobs of a run; return their ids, and what went wrong first.

        Raises:
            Unavailable: Jobs cannot be submitted now; the run may be made again.
        """
        if await self._has_lost_its_key(schedule):
            return [], f"the key {schedule.key_id} that made this schedule is revoked; make it again with another key"
        principal = _principal_of(schedule)
        targets, problem = await self._reachable(principal, schedule)
        job_ids: list[str] = []
        for target in targets:
            order = _order_of_run(schedule, run, target)
            refusal: str | None = None
            if (delay := jitter_of(schedule, order.device.address)) > 0:
                self._submit_later(principal, schedule, order, delay)
            else:
                refusal = await self._submit(principal, order)
            if refusal is None:
                job_ids.append(str(order.request_id))
            problem = problem or refusal
        log.info("schedule ran schedule=%s jobs=%d problem=%s", schedule.id, len(job_ids), problem)
        return job_ids, problem

    async def _has_lost_its_key(self, schedule: ScheduleRecord) -> bool:
        return schedule.key_id is not None and await self._is_revoked(schedule.key_id)

    async def _reachable(self, principal: Principal, schedule: ScheduleRecord) -> tuple[list[Resolved], str | None]:
        """Return where the run can be made, and why not everywhere: one device without a login must not keep a
        thousand others from their backup."""
        targets: list[Resolved] = []
        problem: str | None = None
        names = dict.fromkeys(schedule.devices)
        if schedule.group is not None:
            try:
                names |= dict.fromkeys(await self._inventory.names_in_group(principal, schedule.group))
            except RequestError as exc:
                problem = str(exc)
        for name in names:
            try:
                targets.append(await self._inventory.resolve(principal, name))
            except (RequestError, VaultError) as exc:
                log.warning("scheduled run leaves a device out schedule=%s device=%s reason=%s", schedule.id, name, exc)
                problem = problem or str(exc)
        return targets, problem

    async def _submit(self, principal: Principal, order: Order) -> str | None:
        try:
            await self._jobs.submit(principal, order)
        except RequestIdUsed:  # another process was first
            return None
        except Unavailable:
            raise
        except NaasError as exc:
            log.warning("scheduled job refused job_id=%s reason=%s", order.request_id, exc)
            return str(exc)
        return None

    def _submit_later(self, principal: Principal, schedule: ScheduleRecord, order: Order, delay: float) -> None:
        now = asyncio.get_running_loop().time
        until = now() + delay + schedule.catch_up_seconds

        async def submit() -> None:
            await asyncio.sleep(delay)
            while True:
                try:
                    await self._submit(principal, order)
                except Unavailable as exc:
                    # No workers, a full queue, a full disk: as for a run that is not put off, it is due still.
                    log.warning("scheduled job has to wait job_id=%s reason=%s", order.request_id, exc)
                    if now() + _LOOK_EVERY > until:
                        log.warning("scheduled job missed job_id=%s schedule=%s", order.request_id, schedule.id)
                        return
                    await asyncio.sleep(_LOOK_EVERY)
                else:
                    return

        task = asyncio.create_task(submit())
        self._later.add(task)
        task.add_done_callback(self._later.discard)


def _principal_of(schedule: ScheduleRecord) -> Principal:
    return Principal(
        subject=schedule.owner,
        name=f"{schedule.submitter} (schedule {schedule.id})",
        role=schedule.role,
        method=AuthMethod.API_KEY,
        contexts=frozenset(schedule.contexts),
        key_id=schedule.key_id,
    )


def _order_of_run(schedule: ScheduleRecord, run: datetime, target: Resolved) -> Order:
    return Order(
        target.device,
        schedule.work,
        target.login,
        read_timeout=schedule.read_timeout,
        conn_timeout=schedule.conn_timeout,
        priority=schedule.priority,
        context=target.context,
        tags={**schedule.tags, "schedule": schedule.id[:64]},
        request_id=run_id(schedule, run, target.name or target.device.address),
    )
