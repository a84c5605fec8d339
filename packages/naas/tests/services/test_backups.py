"""Configurations over time: kept when they change, sealed, compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from naas.errors import RecordNotFound
from naas.jobs import BackupWork, ConfigWork, Device, Ending, JobState
from naas.services.orders import Order
from naas.vault import Login

from .conftest import ADMIN, OPERATOR, VIEWER, Parts

DEVICE = Device("192.0.2.1", 22, "cisco_ios")
LOGIN = Login("ann", "pw")


async def run(parts: Parts, work: BackupWork | ConfigWork) -> None:
    accepted = await parts.jobs.submit(OPERATOR, Order(DEVICE, work, LOGIN))
    job = await parts.jobs.read(OPERATOR, accepted.job_id, wait=5)
    assert job.state is JobState.FINISHED, job.outcome.failure


async def test_a_configuration_is_kept_once_until_it_changes(parts: Parts) -> None:
    for _ in range(3):
        await run(parts, BackupWork())
    (only,) = await parts.backups.page(OPERATOR, address=None, before=None, limit=10)
    assert only.last_seen_at > only.taken_at
    await run(parts, ConfigWork(("ntp server 192.0.2.9",)))
    await run(parts, BackupWork())
    newest, oldest = await parts.backups.page(OPERATOR, address="192.0.2.1:22", before=None, limit=10)
    assert oldest.id == only.id
    diff = await parts.backups.diff(OPERATOR, newest.id)
    assert (diff.added, diff.removed) == (1, 0)
    assert "+ntp server 192.0.2.9" in diff.text.splitlines()
    assert (await parts.backups.diff(OPERATOR, newest.id, oldest.id)).text == diff.text


async def test_the_first_configuration_is_compared_with_nothing(parts: Parts) -> None:
    await run(parts, BackupWork())
    (only,) = await parts.backups.page(OPERATOR, address=None, before=None, limit=10)
    diff = await parts.backups.diff(OPERATOR, only.id)
    assert (diff.before, diff.removed) == (None, 0)
    assert diff.added == len((await parts.backups.get(OPERATOR, only.id)).text.splitlines())  # type: ignore[union-attr]


async def test_startup_and_running_are_two_histories(parts: Parts) -> None:
    await run(parts, BackupWork())
    await run(parts, BackupWork(startup=True))
    found = await parts.backups.page(OPERATOR, address=None, before=None, limit=10)
    assert sorted(each.is_startup for each in found) == [False, True]


async def test_a_configuration_is_sealed_on_disk(parts: Parts, tmp_path: Path) -> None:
    await run(parts, ConfigWork(("snmp-server community hunter2",)))
    await run(parts, BackupWork())
    (only,) = await parts.backups.page(OPERATOR, address=None, before=None, limit=10)
    kept = await parts.store.snapshots.get(only.id)
    assert kept is not None
    assert "hunter2" not in str(kept.text)
    assert "hunter2" in str((await parts.backups.get(OPERATOR, only.id)).text)


async def test_others_do_not_see_it_and_admins_do(parts: Parts) -> None:
    await run(parts, BackupWork())
    (only,) = await parts.backups.page(ADMIN, address=None, before=None, limit=10)
    assert await parts.backups.page(VIEWER, address=None, before=None, limit=10) == []
    with pytest.raises(RecordNotFound):
        await parts.backups.get(VIEWER, only.id)


async def test_the_end_of_a_job_told_twice_keeps_one(parts: Parts) -> None:
    accepted = await parts.jobs.submit(OPERATOR, Order(DEVICE, BackupWork(), LOGIN))
    job = await parts.jobs.read(OPERATOR, accepted.job_id, wait=5)
    ending = Ending(job.state, job.outcome)
    await parts.backups.record(job, ending)
    await parts.backups.record(job, ending)
    assert len(await parts.backups.page(OPERATOR, address=None, before=None, limit=10)) == 1


async def test_two_sites_with_the_same_addresses_have_two_histories(parts: Parts) -> None:
    for context in ("default", "lab"):
        device = Device("192.0.2.1", 22, "cisco_ios")
        accepted = await parts.jobs.submit(OPERATOR, Order(device, BackupWork(), LOGIN, context=context))
        await parts.jobs.read(OPERATOR, accepted.job_id, wait=5)
    kept = await parts.backups.page(OPERATOR, address="192.0.2.1:22", before=None, limit=10)
    assert [each.context for each in kept] == ["lab", "default"]
    assert (await parts.backups.diff(OPERATOR, kept[0].id)).before is None
