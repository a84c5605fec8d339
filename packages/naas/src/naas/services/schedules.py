"""Schedules: who may make, read, change and forget them. `naas.services.schedule_runner` makes their jobs."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec

from naas.errors import (
    FieldProblem,
    InvalidRequest,
    RecordExists,
    RecordNotFound,
    RevisionMismatch,
    RoleTooLow,
    WrongCredential,
)
from naas.principals import Role
from naas.schedules import ScheduleRecord, next_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naas.principals import Principal
    from naas.services.inventory import InventoryService, Resolved
    from naas.store.base import Record, RecordStore, Store

__all__ = ["ScheduleService", "targets_of"]


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


def _require(principal: Principal, role: Role) -> None:
    if not principal.is_verified:
        raise WrongCredential("a device login (pass-through Basic) has no schedules; come with an API key or a token")
    if not principal.role.includes(role):
        raise RoleTooLow(principal.role, role)
