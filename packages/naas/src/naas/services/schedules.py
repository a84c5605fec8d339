"""Schedules: who may make them, and the runner that makes their jobs.

A run's jobs have ids that follow from the schedule, the time and the device. So a run that is made twice, by two
processes or after a crash, is made once: the second attempt finds the ids used.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from naas.errors import (
    FieldProblem,
    InvalidRequest,
    NaasError,
    RecordExists,
    RecordNotFound,
    RequestError,
    RequestIdUsed,
    RevisionMismatch,
    RoleTooLow,
    Unavailable,
    VaultError,
    WrongCredential,
)
from naas.principals import AuthMethod, Principal, Role
from naas.schedules import ScheduleRecord, due_run, jitter_of, next_run, run_id
from naas.services.jobs import Order

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from naas.services.inventory import InventoryService, Resolved
    from naas.services.jobs import JobService
    from naas.store.base import Record, RecordStore, Store

__all__ = ["ScheduleRunner", "ScheduleService"]

log = logging.getLogger("naas.services.schedules")

# How often the runner looks for schedules that another process made or changed, in seconds.
_LOOK_EVERY: Final = 5.0


class ScheduleService:
    """Reads and changes schedules. Lives in one event loop."""

    def __init__(self, store: Store, inventory: InventoryService) -> None:
        self._records: RecordStore = store.records
        self._inventory = inventory
        self.changed = asyncio.Event()

    async def get(self, principal: Principal, name: str) -> Record[ScheduleRecord]:
        """Return a schedule that the caller may see.

        Raises:
            NotAllowed: The caller is not known to the service.
            RecordNotFound: There is none of this name, or it is not theirs.
        """
        _require(principal, Role.VIEWER)
        record = await self._records.get(ScheduleRecord, name)
        if record is None or not principal.may_see(record.value.owner):
            raise RecordNotFound(ScheduleRecord.collection, name)
        return record

    async def all(self, principal: Principal) -> Sequence[Record[ScheduleRecord]]:
        """Return the schedules that the caller may see, by name."""
        _require(principal, Role.VIEWER)
        return [each for each in await self._records.all(ScheduleRecord) if principal.may_see(each.value.owner)]

    async def create(self, principal: Principal, wish: ScheduleRecord) -> Record[ScheduleRecord]:
        """Keep a new schedule, in the caller's name.

        Raises:
            NotAllowed: The caller is no operator, or not known to the service.
            RecordExists: The name is taken.
            InvalidRequest: It names devices or a group that do not exist, or never runs.
        """
        _require(principal, Role.OPERATOR)
        now = datetime.now(UTC)
        mine = msgspec.structs.replace(
            wish,
            owner=principal.subject,
            submitter=principal.name,
            role=principal.role,
            contexts=tuple(sorted(principal.contexts)),
            key_id=principal.key_id,
            seed=secrets.token_hex(16),
        )
        await self._targets(principal, mine)
        await self._put(_planned(mine, now), expected=0)
        return await self.get(principal, wish.id)

    async def update(
        self, principal: Principal, wish: ScheduleRecord, *, expected: int | None
    ) -> Record[ScheduleRecord]:
        """Change a schedule; whose it is, and what became of it, stays.

        It runs with what its owner may do at their last change: an owner of whom less is thought now takes nothing
        along. What an admin changes for somebody else runs with what that one may do.

        Raises:
            NotAllowed, RecordNotFound, InvalidRequest: As for `create` and `get`.
            RevisionMismatch: It was changed since it was read.
        """
        _require(principal, Role.OPERATOR)
        present = await self.get(principal, wish.id)
        old = present.value
        is_mine = principal.subject == old.owner
        kept = msgspec.structs.replace(
            wish,
            owner=old.owner,
            submitter=old.submitter,
            role=principal.role if is_mine else old.role,
            contexts=tuple(sorted(principal.contexts)) if is_mine else old.contexts,
            key_id=principal.key_id if is_mine else old.key_id,
            seed=old.seed or secrets.token_hex(16),
            last_run_at=old.last_run_at,
            last_job_ids=old.last_job_ids,
            last_problem=old.last_problem,
            runs=old.runs,
        )
        await self._targets(principal, kept)
        await self._put(_planned(kept, datetime.now(UTC)), expected=present.revision if expected is None else expected)
        return await self.get(principal, wish.id)

    async def delete(self, principal: Principal, name: str, *, expected: int | None = None) -> None:
        """Forget a schedule; jobs that it made stay.

        Raises:
            NotAllowed, RecordNotFound, RevisionMismatch: As for `update`.
        """
        _require(principal, Role.OPERATOR)
        await self.get(principal, name)
        await self._records.delete(ScheduleRecord, name, expected=expected)
        self.changed.set()

    async def _put(self, schedule: ScheduleRecord, *, expected: int) -> None:
        try:
            await self._records.put(schedule, expected=expected)
        except RevisionMismatch as exc:
            if expected == 0:
                raise RecordExists(ScheduleRecord.collection, schedule.id) from exc
            raise
        self.changed.set()

    async def _targets(self, principal: Principal, schedule: ScheduleRecord) -> Sequence[Resolved]:
        return await targets_of(self._inventory, principal, schedule)


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
        self._records: RecordStore = store.records
        self._service, self._inventory, self._jobs, self._is_revoked = service, inventory, jobs, is_revoked
        self._later: set[asyncio.Task[None]] = set()

    async def run_forever(self) -> None:
        """Make jobs until cancelled."""
        while True:
            try:
                wait = await self.run_due(datetime.now(UTC))
            except Unavailable as exc:
                log.warning("could not look for schedules: %s", exc)
                wait = _LOOK_EVERY
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._service.changed.wait(), wait)
            self._service.changed.clear()

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
        if schedule.key_id is not None and await self._is_revoked(schedule.key_id):
            return [], f"the key {schedule.key_id} that made this schedule is revoked; make it again with another key"
        principal = _principal_of(schedule)
        targets, problem = await self._reachable(principal, schedule)
        job_ids: list[str] = []
        for target in targets:
            job_id = run_id(schedule, run, target.name or target.device.address)
            order = _order(schedule, target, job_id)
            refusal: str | None = None
            if (delay := jitter_of(schedule, order.device.address)) > 0:
                self._submit_later(principal, order, delay)
            else:
                refusal = await self._submit(principal, order)
            if refusal is None:
                job_ids.append(job_id)
            problem = problem or refusal
        log.info("schedule ran schedule=%s jobs=%d problem=%s", schedule.id, len(job_ids), problem)
        return job_ids, problem

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

    def _submit_later(self, principal: Principal, order: Order, delay: float) -> None:
        async def submit() -> None:
            await asyncio.sleep(delay)
            try:
                await self._submit(principal, order)
            except Unavailable as exc:
                log.warning("scheduled job could not be submitted job_id=%s reason=%s", order.request_id, exc)

        task = asyncio.create_task(submit())
        self._later.add(task)
        task.add_done_callback(self._later.discard)


async def targets_of(inventory: InventoryService, principal: Principal, schedule: ScheduleRecord) -> Sequence[Resolved]:
    """Return where a schedule works, with logins.

    Raises:
        InvalidRequest, NotAllowed: As `InventoryService.resolve` says; also if it names no device at all.
    """
    found = {name: await inventory.resolve(principal, name) for name in schedule.devices}
    if schedule.group is not None:
        found |= {
            each.name or each.device.address: each for each in await inventory.resolve_group(principal, schedule.group)
        }
    if not found:
        raise InvalidRequest([FieldProblem("missing", ("devices",), "name devices of the inventory, or a group")])
    return list(found.values())


_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 9000


def _planned(schedule: ScheduleRecord, now: datetime) -> ScheduleRecord:
    for name, moment in (("starts_at", schedule.starts_at), ("ends_at", schedule.ends_at)):
        # Beyond, a time in another zone or a moment earlier is none that a computer can count with.
        if moment is not None and not _FIRST_YEAR < moment.year < _LAST_YEAR:
            rule = f"must be a time after {_FIRST_YEAR} and before {_LAST_YEAR}"
            raise InvalidRequest([FieldProblem("out_of_range", (name,), rule)])
    planned = msgspec.structs.replace(schedule, next_run_at=None)
    following = next_run(planned, now)
    if following is None and schedule.enabled:
        raise InvalidRequest(
            [FieldProblem("never_runs", ("ends_at",), "the schedule would never run; look at its times")]
        )
    return msgspec.structs.replace(planned, next_run_at=following)


def _principal_of(schedule: ScheduleRecord) -> Principal:
    return Principal(
        subject=schedule.owner,
        name=f"{schedule.submitter} (schedule {schedule.id})",
        role=schedule.role,
        method=AuthMethod.API_KEY,
        contexts=frozenset(schedule.contexts),
        key_id=schedule.key_id,
    )


def _order(schedule: ScheduleRecord, target: Resolved, job_id: str) -> Order:
    return Order(
        target.device,
        schedule.work,
        target.login,
        read_timeout=schedule.read_timeout,
        conn_timeout=schedule.conn_timeout,
        priority=schedule.priority,
        context=target.context,
        tags={**schedule.tags, "schedule": schedule.id[:64]},
        request_id=job_id,
    )


def _require(principal: Principal, role: Role) -> None:
    if not principal.is_verified:
        raise WrongCredential("a device login (pass-through Basic) has no schedules; come with an API key or a token")
    if not principal.role.includes(role):
        raise RoleTooLow(principal.role, role)
