"""What every ledger promises to a worker. A new one joins by adding itself to the `keeping` fixture."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from naas.driver.base import ErrorCode
from naas.engine.base import Delivery, JobEvent, JobProgress
from naas.jobs import Ending, Failure, Job, JobState, Outcome
from naas.ledger import Permission, Verdict
from naas.store.base import Move

MakeJob = Callable[..., Job]

WORKER = "worker-1"
LEASE = 30.0
PATIENCE = 5.0


async def submitted(keeping: Any, job: Job) -> Job:
    await keeping.store.jobs.add(job)
    return job


async def started(keeping: Any, job: Job) -> Job:
    await submitted(keeping, job)
    assert await keeping.ledger.start(Delivery(job, 1), WORKER, LEASE) == Permission(Verdict.RUN)
    return job


async def stored(keeping: Any, job: Job, *, final: bool = False) -> Job:
    """The job as the store has it; with ``final``, as soon as it has ended."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found: Job | None = await keeping.store.jobs.get(job.id)
            assert found is not None
            if found.state.is_final or not final:
                return found
            await asyncio.sleep(0.01)


# Starting


async def test_a_start_is_in_the_store_before_the_worker_may_go_on(keeping: Any, make_job: MakeJob) -> None:
    job = await started(keeping, make_job())
    found = await stored(keeping, job)
    assert (found.state, found.worker) == (JobState.STARTED, WORKER)


async def test_a_start_is_announced(keeping: Any, make_job: MakeJob) -> None:
    job = make_job()
    async with keeping.engine.events(job.id) as events:
        await started(keeping, job)
        assert await events.next(PATIENCE) == JobEvent(job.id, JobState.STARTED, "ann")


async def test_a_job_that_was_cancelled_on_its_way_is_dropped(keeping: Any, make_job: MakeJob) -> None:
    job = await submitted(keeping, make_job())
    await keeping.store.jobs.move(Move(job.id, JobState.CANCELED, datetime.now(UTC)))
    permission = await keeping.ledger.start(Delivery(job, 1), WORKER, LEASE)
    assert (permission.verdict, permission.reason) == (
        Verdict.DROP,
        f"job {job.id} is canceled and cannot become started",
    )


async def test_a_job_that_runs_elsewhere_is_dropped(keeping: Any, make_job: MakeJob) -> None:
    job = await started(keeping, make_job())
    assert (await keeping.ledger.start(Delivery(job, 1), "worker-2", LEASE)).verdict is Verdict.DROP


async def test_a_read_job_whose_worker_was_lost_may_run_again(keeping: Any, make_job: MakeJob) -> None:
    job = await started(keeping, make_job("show version"))
    assert await keeping.ledger.start(Delivery(job, 2), "worker-2", LEASE) == Permission(Verdict.RUN)
    assert (await stored(keeping, job)).worker == "worker-2"


async def test_configuration_whose_worker_was_lost_never_runs_again(keeping: Any, make_job: MakeJob) -> None:
    job = await started(keeping, make_job("vlan 10", config=True))
    permission = await keeping.ledger.start(Delivery(job, 2), "worker-2", LEASE)
    assert (permission.verdict, permission.reason) == (Verdict.DROP, "its earlier worker was lost; it becomes failed")
    found = await stored(keeping, job)
    assert (found.state, found.needs_review) == (JobState.FAILED, True)


async def test_configuration_that_never_started_may_run_however_often_it_came(keeping: Any, make_job: MakeJob) -> None:
    job = await submitted(keeping, make_job("vlan 10", config=True))
    assert await keeping.ledger.start(Delivery(job, 3), WORKER, LEASE) == Permission(Verdict.RUN)


async def test_a_job_for_a_device_that_is_left_alone_is_refused(keeping: Any, make_job: MakeJob) -> None:
    failure = Failure(ErrorCode.CIRCUIT_OPEN, "192.0.2.1 failed 5 times in a row and is left alone")
    keeping.refusal.append(failure)
    job = await submitted(keeping, make_job())
    permission = await keeping.ledger.start(Delivery(job, 1), WORKER, LEASE)
    ending = Ending(JobState.FINISHED, Outcome(failure=failure))
    assert permission == Permission(Verdict.REFUSE, failure.message, ending)


# Ending


async def test_an_end_is_stored_with_what_came_of_it(keeping: Any, make_job: MakeJob) -> None:
    job = await started(keeping, make_job())
    outcome = Outcome({"show version": "IOS", "parsed": [{"ports": 24}]}, "cisco_ios", diff="+ vlan 10")
    await keeping.ledger.end(job, Ending(JobState.FINISHED, outcome))
    found = await stored(keeping, job, final=True)
    assert (found.state, found.outcome, found.needs_review) == (JobState.FINISHED, outcome, False)


async def test_a_failure_is_stored_with_what_came_before_it(keeping: Any, make_job: MakeJob) -> None:
    job = await started(keeping, make_job("vlan 10", config=True))
    failure = Failure(ErrorCode.CONFIG_REJECTED, "192.0.2.1 refused the line: vlan 10")
    outcome = Outcome(failure=failure, partial={"vlan 9": ""})
    await keeping.ledger.end(job, Ending(JobState.FAILED, outcome, needs_review=True))
    found = await stored(keeping, job, final=True)
    assert (found.state, found.outcome, found.needs_review) == (JobState.FAILED, outcome, True)


async def test_a_second_report_changes_nothing(keeping: Any, make_job: MakeJob) -> None:
    job, other = await started(keeping, make_job()), await started(keeping, make_job(host="192.0.2.2"))
    await keeping.ledger.end(job, Ending(JobState.FINISHED, Outcome({"show version": "first"})))
    await stored(keeping, job, final=True)
    await keeping.ledger.end(job, Ending(JobState.FAILED, Outcome({"show version": "second"})))
    await keeping.ledger.end(other, Ending(JobState.FINISHED))
    await stored(keeping, other, final=True)
    found = await stored(keeping, job)
    assert (found.state, found.outcome.results) == (JobState.FINISHED, {"show version": "first"})
    assert [each.id for each in keeping.ended] == [job.id, other.id]


async def test_whoever_acts_on_ends_is_told_when_the_store_has_it(keeping: Any, make_job: MakeJob) -> None:
    job = await started(keeping, make_job(batch_id="batch-1"))
    async with keeping.engine.events(job.id) as events:
        await keeping.ledger.end(job, Ending(JobState.FINISHED))
        assert await events.next(PATIENCE) == JobEvent(job.id, JobState.FINISHED, "ann", "batch-1")
    assert (await stored(keeping, job)).state is JobState.FINISHED
    assert [(each.id, each.state) for each in keeping.ended] == [(job.id, JobState.FINISHED)]


async def test_a_result_may_be_longer_than_a_message(keeping: Any, make_job: MakeJob) -> None:
    """A `show tech-support` of several megabytes, which compress badly here."""
    job = await started(keeping, make_job())
    noise = "".join(chr(33 + number * number % 89) + f"{number * 7919 % 1000003:x}" for number in range(600_000))
    await keeping.ledger.end(job, Ending(JobState.FINISHED, Outcome({"show tech-support": noise})))
    found = await stored(keeping, job, final=True)
    assert found.outcome.results == {"show tech-support": noise}


# Meanwhile


async def test_a_renewed_job_is_not_lost(keeping: Any, make_job: MakeJob) -> None:
    job = await submitted(keeping, make_job())
    await keeping.ledger.start(Delivery(job, 1), WORKER, 0.01)
    later = datetime.now(UTC) + timedelta(seconds=10)
    assert [each.id for each in await keeping.store.jobs.lost(alive=(), now=later)] == [job.id]
    await keeping.ledger.renew(WORKER, 30.0)
    async with asyncio.timeout(PATIENCE):
        while await keeping.store.jobs.lost(alive=(), now=later):
            await asyncio.sleep(0.01)


async def test_progress_is_told_to_whoever_watches(keeping: Any, make_job: MakeJob) -> None:
    job = await started(keeping, make_job("show version", "show clock", batch_id="batch-1"))
    async with keeping.engine.events(None) as events:
        await keeping.ledger.progress(job, 1, 2)
        assert await events.next(PATIENCE) == JobProgress(job.id, 1, 2, "ann", "batch-1")
