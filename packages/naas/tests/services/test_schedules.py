"""Schedules at work: who may make them, and that a run is made once."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from naas.errors import InvalidRequest, LockedOut, NotAllowed, RecordExists, RecordNotFound, RoleTooLow
from naas.inventory import CredentialRecord, DeviceRecord
from naas.jobs import CommandWork, ConfigWork, Device, Job, JobState
from naas.principals import Principal, Role
from naas.schedules import ScheduleRecord, jitter_of, run_id
from naas.services.jobs import JobService
from naas.services.orders import Order, ServiceLimits
from naas.services.schedule_runner import ScheduleRunner
from naas.services.schedules import ScheduleService
from naas.store.base import JobQuery
from naas.vault import Login

from .conftest import ADMIN, OPERATOR, PASS_THROUGH, VIEWER, Parts


def wish(**fields: Any) -> ScheduleRecord:
    defaults: dict[str, Any] = {"work": CommandWork(("show version",)), "devices": ("r1",), "every_seconds": 3600.0}
    return ScheduleRecord(id="hourly", owner="", submitter="", role=Role.VIEWER, **{**defaults, **fields})


@pytest.fixture
async def service(parts: Parts) -> ScheduleService:
    """A service whose inventory has the device r1."""
    await parts.inventory.put_credential(ADMIN, CredentialRecord(id="c", username="", sealed=b""), Login("ann", "pw"))
    await parts.inventory.put(ADMIN, DeviceRecord(id="r1", host="192.0.2.1", platform="cisco_ios", credential="c"))
    return ScheduleService(parts.store, parts.inventory)


def runner_of(parts: Parts, service: ScheduleService, revoked: str = "") -> ScheduleRunner:
    async def is_revoked(key_id: str) -> bool:
        return key_id == revoked

    return ScheduleRunner(parts.store, service, parts.inventory, parts.jobs, is_revoked)


async def due(parts: Parts, service: ScheduleService, **fields: Any) -> datetime:
    """A schedule of the operator that is due now; returns the time of its run."""
    made = await service.create(OPERATOR, wish(**fields))
    run = datetime.now(UTC) - timedelta(seconds=1)
    await parts.store.records.put(msgspec.structs.replace(made.value, next_run_at=run), expected=made.revision)
    return run


async def test_a_run_makes_a_job_in_the_name_of_whoever_made_the_schedule(
    parts: Parts, service: ScheduleService
) -> None:
    run = await due(parts, service, tags={"site": "lab"})
    await runner_of(parts, service).run_due(datetime.now(UTC))
    made = (await service.get(OPERATOR, "hourly")).value
    job = await parts.jobs.read(OPERATOR, run_id(made, run, "r1"), wait=5)
    assert (job.state, job.owner, job.submitter) == (JobState.FINISHED, "key:k-op", "otto (schedule hourly)")
    assert dict(job.tags) == {"site": "lab", "schedule": "hourly"}
    after = (await service.get(OPERATOR, "hourly")).value
    assert (after.runs, after.last_run_at, after.last_job_ids) == (1, run, (job.id,))
    assert after.next_run_at is not None
    assert after.next_run_at > datetime.now(UTC)


async def test_two_processes_make_a_run_once(parts: Parts, service: ScheduleService) -> None:
    """As after a crash between the jobs and the note that they were made."""
    await due(parts, service, work=ConfigWork(("hostname r1",)))
    now = datetime.now(UTC)
    await asyncio.gather(*(runner_of(parts, service).run_due(now) for _ in range(4)))
    page = await parts.jobs.page(ADMIN, JobQuery(None))
    assert page.total == 1
    await parts.jobs.read(ADMIN, page.jobs[0].id, wait=5)
    assert parts.driver.sent.count("hostname r1") == 1
    assert (await service.get(OPERATOR, "hourly")).value.runs == 1


async def test_a_revoked_key_ends_its_schedules(parts: Parts, service: ScheduleService) -> None:
    await due(parts, service)
    await runner_of(parts, service, revoked="k-op").run_due(datetime.now(UTC))
    after = (await service.get(OPERATOR, "hourly")).value
    assert "the key k-op that made this schedule is revoked" in str(after.last_problem)
    assert parts.driver.conversations == []


async def test_a_device_that_is_gone_is_told_and_the_schedule_goes_on(parts: Parts, service: ScheduleService) -> None:
    await due(parts, service)
    await parts.inventory.delete(ADMIN, DeviceRecord, "r1")
    await runner_of(parts, service).run_due(datetime.now(UTC))
    after = (await service.get(OPERATOR, "hourly")).value
    assert "there is no device called 'r1'" in str(after.last_problem)
    assert after.next_run_at is not None


async def test_a_run_that_was_missed_long_ago_is_skipped_and_told(parts: Parts, service: ScheduleService) -> None:
    made = await service.create(OPERATOR, wish(cron="0 0 1 1 *", every_seconds=None, catch_up_seconds=60.0))
    missed = datetime.now(UTC) - timedelta(days=2)
    await parts.store.records.put(msgspec.structs.replace(made.value, next_run_at=missed))
    await runner_of(parts, service).run_due(datetime.now(UTC))
    after = (await service.get(OPERATOR, "hourly")).value
    assert (after.runs, str(after.last_problem)[:13]) == (0, "missed its ru")
    assert parts.driver.conversations == []


async def test_the_runner_sleeps_until_the_next_run(parts: Parts, service: ScheduleService) -> None:
    assert await runner_of(parts, service).run_due(datetime.now(UTC)) == pytest.approx(5.0)
    soon = datetime.now(UTC) + timedelta(seconds=2)
    await service.create(OPERATOR, wish(starts_at=soon))
    assert await runner_of(parts, service).run_due(datetime.now(UTC)) == pytest.approx(2.0, abs=0.5)


async def test_who_may_make_schedules(parts: Parts, service: ScheduleService) -> None:
    with pytest.raises(NotAllowed, match="has no schedules; come with an API key"):
        await service.create(PASS_THROUGH, wish())
    with pytest.raises(RoleTooLow):
        await service.create(VIEWER, wish())
    await service.create(OPERATOR, wish())
    with pytest.raises(RecordExists):
        await service.create(OPERATOR, wish())


async def test_a_schedule_is_seen_by_its_owner_and_admins_only(parts: Parts, service: ScheduleService) -> None:
    await service.create(OPERATOR, wish())
    assert [each.value.id for each in await service.all(ADMIN)] == ["hourly"]
    assert await service.all(VIEWER) == []
    with pytest.raises(RecordNotFound):
        await service.get(VIEWER, "hourly")


async def test_a_change_keeps_whose_it_is(parts: Parts, service: ScheduleService) -> None:
    await service.create(OPERATOR, wish())
    changed = await service.update(ADMIN, wish(every_seconds=60.0), expected=None)
    assert (changed.value.owner, changed.value.role, changed.revision) == ("key:k-op", Role.OPERATOR, 2)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"devices": ("r2",)}, "there is no device called 'r2'"),
        ({"devices": ()}, "name devices of the inventory, or a group"),
        ({"ends_at": datetime(2020, 1, 1, tzinfo=UTC)}, "would never run"),
    ],
    ids=["unknown device", "no device", "over before it begins"],
)
async def test_a_schedule_that_cannot_work_is_refused(
    parts: Parts, service: ScheduleService, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidRequest, match=message):
        await service.create(OPERATOR, wish(**fields))


async def test_an_owner_of_whom_less_is_thought_now_takes_nothing_along(parts: Parts, service: ScheduleService) -> None:
    """Else an admin of yesterday could have today's commands judged by yesterday's role."""
    await service.create(ADMIN, wish())
    demoted = dataclasses.replace(ADMIN, role=Role.OPERATOR, contexts=frozenset({"default"}))
    changed = await service.update(demoted, wish(every_seconds=60.0), expected=None)
    assert (changed.value.role, changed.value.contexts) == (Role.OPERATOR, ("default",))


async def test_one_schedule_that_cannot_run_does_not_stop_the_others(parts: Parts, service: ScheduleService) -> None:
    """A credential that was sealed with a key that is gone."""
    run = await due(parts, service)
    record = await parts.store.records.get(CredentialRecord, "c")
    assert record is not None
    await parts.store.records.put(msgspec.structs.replace(record.value, sealed=b"\x00" * 40))
    await runner_of(parts, service).run_due(datetime.now(UTC))
    after = (await service.get(OPERATOR, "hourly")).value
    assert after.last_problem is not None
    assert after.next_run_at is not None
    assert after.next_run_at > run


async def test_a_run_waits_for_a_queue_that_is_full(parts: Parts, service: ScheduleService) -> None:
    await due(parts, service)
    full = JobService(parts.store, parts.engine, parts.vault, ServiceLimits(queue_depth=1))
    blockers = [
        Order(Device("192.0.2.9", 22, "cisco_ios"), CommandWork((line,)), Login("a", "b")) for line in ("hold", "x")
    ]
    for order in blockers:
        await full.submit(OPERATOR, order)
    await asyncio.to_thread(parts.driver.held.wait, 5)
    runner = runner_of(dataclasses.replace(parts, jobs=full), service)
    await runner.run_due(datetime.now(UTC))
    assert (await service.get(OPERATOR, "hourly")).value.runs == 0
    parts.driver.release()
    while (await parts.engine.depth()).waiting:
        await asyncio.sleep(0.01)
    await runner.run_due(datetime.now(UTC))
    after = (await service.get(OPERATOR, "hourly")).value
    assert (after.runs, after.last_problem) == (1, None)


@pytest.mark.parametrize("name", ["starts_at", "ends_at"])
@pytest.mark.parametrize("year", [1, 9999])
async def test_a_time_that_cannot_be_counted_with_is_refused(
    parts: Parts, service: ScheduleService, name: str, year: int
) -> None:
    with pytest.raises(InvalidRequest, match="must be a time after 1970"):
        await service.create(OPERATOR, wish(**{name: datetime(year, 1, 1, tzinfo=UTC)}))


async def test_a_schedule_that_must_not_be_there_is_not_changed(parts: Parts, service: ScheduleService) -> None:
    """If-None-Match: * is the revision 0."""
    await service.create(OPERATOR, wish())
    with pytest.raises(RecordExists):
        await service.update(OPERATOR, wish(every_seconds=60.0), expected=0)


async def test_one_device_without_a_login_does_not_keep_its_group_from_running(
    parts: Parts, service: ScheduleService
) -> None:
    await parts.inventory.put(
        ADMIN, DeviceRecord(id="r0", host="192.0.2.9", platform="cisco_ios", credential="c", groups=("core",))
    )
    await due(parts, service, group="core")
    await parts.inventory.put(ADMIN, DeviceRecord(id="bare", host="192.0.2.8", groups=("core",)))
    await runner_of(parts, service).run_due(datetime.now(UTC))
    after = (await service.get(OPERATOR, "hourly")).value
    assert len(after.last_job_ids) == 2
    assert "the device 'bare' has no credential" in str(after.last_problem)


async def test_a_job_that_is_refused_does_not_keep_the_others_from_being_made(
    parts: Parts, service: ScheduleService
) -> None:
    def refuse_first(principal: Principal, order: Order, login: Login) -> None:
        if order.device.host == "192.0.2.1":
            raise LockedOut("the device 192.0.2.1:22", 60)

    await parts.inventory.put(ADMIN, DeviceRecord(id="r2", host="192.0.2.2", platform="cisco_ios", credential="c"))
    run = await due(parts, service, devices=("r1", "r2"))
    strict = JobService(parts.store, parts.engine, parts.vault, ServiceLimits(), [refuse_first])
    await runner_of(dataclasses.replace(parts, jobs=strict), service).run_due(datetime.now(UTC))
    after = (await service.get(OPERATOR, "hourly")).value
    assert "the device 192.0.2.1:22" in str(after.last_problem)
    assert after.last_job_ids == (run_id(after, run, "r2"),)
    assert (await parts.jobs.read(OPERATOR, run_id(after, run, "r2"), wait=5)).state is JobState.FINISHED


# Jitter


async def run_put_off(parts: Parts, service: ScheduleService, **fields: Any) -> tuple[datetime, str]:
    """A process makes a run whose one job it puts off for minutes, and ends; returns the run and the id of the job."""
    run = await due(parts, service, jitter_seconds=600.0, **fields)
    first = asyncio.create_task(runner_of(parts, service).run_forever())
    async with asyncio.timeout(5.0):
        while (made := (await service.get(OPERATOR, "hourly")).value).last_run_at is None:
            await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert (await parts.jobs.page(ADMIN, JobQuery(None))).total == 0
    return run, made.last_job_ids[0]


def turn_of(run: datetime) -> datetime:
    return run + timedelta(seconds=jitter_of(wish(jitter_seconds=600.0), "192.0.2.1:22"))


async def test_what_jitter_has_put_off_survives_a_restart_and_is_made_once(
    parts: Parts, service: ScheduleService
) -> None:
    run, job_id = await run_put_off(parts, service)
    second = runner_of(parts, service)
    assert await second.resume(turn_of(run)) == 1
    job = await soon(parts, job_id)
    assert job.submitter == "otto (schedule hourly)"
    assert await runner_of(parts, service).resume(turn_of(run)) == 0, "it is there"
    assert (await parts.jobs.page(ADMIN, JobQuery(None))).total == 1


async def test_before_its_turn_it_is_put_off_again(parts: Parts, service: ScheduleService) -> None:
    run, _ = await run_put_off(parts, service)
    second = runner_of(parts, service)
    assert await second.resume(run) == 1
    await asyncio.sleep(0.05)
    assert (await parts.jobs.page(ADMIN, JobQuery(None))).total == 0


@pytest.mark.parametrize("reason", ["too late", "switched off", "key revoked"])
async def test_what_nobody_wants_any_more_is_not_taken_up(parts: Parts, service: ScheduleService, reason: str) -> None:
    run, _ = await run_put_off(parts, service)
    now = turn_of(run)
    if reason == "too late":
        now += timedelta(seconds=301)
    if reason == "switched off":
        present = await service.get(OPERATOR, "hourly")
        await parts.store.records.put(msgspec.structs.replace(present.value, enabled=False), expected=present.revision)
    assert await runner_of(parts, service, "k-op" if reason == "key revoked" else "").resume(now) == 0


async def test_a_job_that_may_have_been_forgotten_is_not_made_again(parts: Parts, service: ScheduleService) -> None:
    """Where jobs are kept for a minute, a device whose turn was two minutes ago may have had it."""
    run, _ = await run_put_off(parts, service)
    short = JobService(parts.store, parts.engine, parts.vault, ServiceLimits(keep_succeeded=60.0))
    late = turn_of(run) + timedelta(seconds=120)
    assert await runner_of(dataclasses.replace(parts, jobs=short), service).resume(late) == 0
    assert await runner_of(parts, service).resume(late) == 1


async def test_a_job_put_off_waits_for_workers(
    parts: Parts, service: ScheduleService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a run that is not put off does."""
    monkeypatch.setattr("naas.services.schedule_runner._LOOK_EVERY", 0.05)
    run, job_id = await run_put_off(parts, service)
    waits = await parts.jobs.submit(OPERATOR, Order(Device("192.0.2.9", 22, "cisco_ios"), HOLD, Login("ann", "pw")))
    full = JobService(parts.store, parts.engine, parts.vault, ServiceLimits(queue_depth=1))
    following = await parts.jobs.submit(OPERATOR, Order(Device("192.0.2.9", 22, "cisco_ios"), HOLD, Login("bob", "pw")))
    assert await runner_of(dataclasses.replace(parts, jobs=full), service).resume(turn_of(run)) == 1
    await asyncio.sleep(0.1)
    assert await parts.store.jobs.get(job_id) is None
    parts.driver.release()
    for accepted in (waits, following):
        await parts.jobs.read(OPERATOR, accepted.job_id, wait=5)
    await soon(parts, job_id)


HOLD = CommandWork(("hold",))


async def soon(parts: Parts, job_id: str) -> Job:
    """The job, as soon as it is there."""
    async with asyncio.timeout(5.0):
        while (job := await parts.store.jobs.get(job_id)) is None:
            await asyncio.sleep(0.01)
    return job
