"""What only the ledger over NATS has to promise: nothing is lost while an API process, or NATS, is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from naas.engine.base import Delivery
from naas.engine.nats import Connection
from naas.engine.nats.names import PIECES_STREAM, REPORTS_STREAM, START
from naas.engine.nats.reports import ReportServer
from naas.engine.nats.testing import NatsServer
from naas.engine.nats.wire import StartQuestion
from naas.errors import EngineUnavailable, StoreUnavailable
from naas.jobs import Ending, Job, JobState, Outcome
from naas.ledger import Permission, Verdict
from naas.reaper import Reaper

MakeJob = Callable[..., Job]

WORKER = "worker-1"
PATIENCE = 5.0


async def started(keeping: Any, job: Job) -> Job:
    await keeping.store.jobs.add(job)
    assert await keeping.ledger.start(Delivery(job, 1), WORKER, 30.0) == Permission(Verdict.RUN)
    return job


async def ended(keeping: Any, job: Job) -> Job:
    async with asyncio.timeout(PATIENCE):
        while not (found := await keeping.store.jobs.get(job.id)).state.is_final:
            await asyncio.sleep(0.01)
    result: Job = found
    return result


async def messages_in(connection: Connection, stream: str) -> int:
    count: int = (await connection.api(f"STREAM.INFO.{stream}"))["state"]["messages"]
    return count


async def emptied(connection: Connection, stream: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while await messages_in(connection, stream):
            await asyncio.sleep(0.01)


async def test_a_start_without_an_api_process_says_so(over_nats: Any, make_job: MakeJob) -> None:
    await over_nats.server.stop()
    with pytest.raises(EngineUnavailable, match=r"no API process answers over NATS; is `naas-server api` running\?"):
        await over_nats.ledger.start(Delivery(make_job(), 1), WORKER, 30.0)


async def test_a_store_that_is_unwell_delays_a_start(
    over_nats: Any, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unwell(*_: Any) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(over_nats.truth, "start", unwell)
    with pytest.raises(EngineUnavailable, match="the API process cannot start jobs now: the disk is full"):
        await over_nats.ledger.start(Delivery(make_job(), 1), WORKER, 30.0)


async def test_a_start_whose_answer_got_lost_is_not_taken_for_a_lost_worker(
    over_nats: Any, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Configuration too: it was recorded as started, and the device has heard nothing."""
    job = make_job("vlan 10", config=True)
    await over_nats.store.jobs.add(job)
    connection, request = over_nats.connection, over_nats.connection.request

    async def lose_the_answer(subject: str, *given: Any, **options: Any) -> Any:
        answer = await request(subject, *given, **options)
        if subject == START:
            raise EngineUnavailable("NATS did not answer")
        return answer

    monkeypatch.setattr(connection, "request", lose_the_answer)
    with pytest.raises(EngineUnavailable):
        await over_nats.ledger.start(Delivery(job, 1), WORKER, 30.0)
    monkeypatch.undo()
    assert (await over_nats.store.jobs.get(job.id)).state is JobState.STARTED
    assert await over_nats.ledger.start(Delivery(job, 2), WORKER, 30.0) == Permission(Verdict.RUN)


async def test_an_end_waits_for_an_api_process(over_nats: Any, make_job: MakeJob) -> None:
    job = await started(over_nats, make_job())
    await over_nats.server.stop()
    await over_nats.ledger.end(job, Ending(JobState.FINISHED, Outcome({"show version": "IOS"})))
    over_nats.server = ReportServer(over_nats.connection, over_nats.truth, over_nats.store.jobs)
    await over_nats.server.start()
    assert (await ended(over_nats, job)).outcome.results == {"show version": "IOS"}


async def test_an_end_survives_the_nats_server(over_nats: Any, nats_server: NatsServer, make_job: MakeJob) -> None:
    job = await started(over_nats, make_job())
    await over_nats.server.stop()
    await over_nats.ledger.end(job, Ending(JobState.FINISHED))
    nats_server.kill()
    with pytest.raises(EngineUnavailable, match=r"NATS at 127\.0\.0\.1:\d+ "):
        await over_nats.ledger.end(job, Ending(JobState.FINISHED))
    nats_server.start()
    connection = await Connection.open(nats_server.url, name="second api")
    second = ReportServer(connection, over_nats.truth, over_nats.store.jobs)
    await second.start()
    assert (await ended(over_nats, job)).state is JobState.FINISHED
    await second.stop()
    await connection.close()


async def test_a_reported_end_is_heard_before_a_job_is_judged_lost(over_nats: Any, make_job: MakeJob) -> None:
    """The worker died after its report and before it acknowledged; the report has not been taken down yet."""
    job = await started(over_nats, make_job("vlan 10", config=True))
    await over_nats.server.stop()
    await over_nats.ledger.end(job, Ending(JobState.FINISHED, Outcome({"config_set_output": "done"})))
    late = ReportServer(over_nats.connection, over_nats.truth, over_nats.store.jobs)
    permission = await late._may_start(StartQuestion(job, 2, "worker-2", 30.0))
    assert permission == Permission(Verdict.DROP, "it has ended")
    found = await over_nats.store.jobs.get(job.id)
    assert (found.state, found.needs_review) == (JobState.FINISHED, False)


async def test_the_reaper_hears_reports_first(over_nats: Any, make_job: MakeJob) -> None:
    job, lost = make_job("vlan 10", config=True), make_job("vlan 11", config=True, host="192.0.2.2")
    for each in (job, lost):
        await over_nats.store.jobs.add(each)
        await over_nats.ledger.start(Delivery(each, 1), WORKER, 0.0)
    await over_nats.server.stop()
    await over_nats.ledger.end(job, Ending(JobState.FINISHED))
    reaper = Reaper(
        over_nats.store, over_nats.engine, over_nats.truth, interval=60.0, take_down=over_nats.server.take_down
    )
    assert await reaper.look() == 1
    states = [(await over_nats.store.jobs.get(each.id)).state for each in (job, lost)]
    assert states == [JobState.FINISHED, JobState.FAILED]


async def test_a_report_that_the_store_refuses_comes_again(
    over_nats: Any, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naas.engine.nats.reports._PAUSE", 0.05)
    job = await started(over_nats, make_job())
    end, refusals = over_nats.truth.end, [StoreUnavailable("the disk is full")]

    async def end_later(*given: Any) -> None:
        if refusals:
            raise refusals.pop()
        await end(*given)

    monkeypatch.setattr(over_nats.truth, "end", end_later)
    await over_nats.ledger.end(job, Ending(JobState.FINISHED))
    assert (await ended(over_nats, job)).state is JobState.FINISHED
    await emptied(over_nats.connection, REPORTS_STREAM)


async def test_what_was_stored_leaves_nothing_behind(over_nats: Any, make_job: MakeJob) -> None:
    job = await started(over_nats, make_job())
    noise = "".join(f"{number * 7919 % 1000003:x}" for number in range(600_000))
    await over_nats.ledger.end(job, Ending(JobState.FINISHED, Outcome({"show tech-support": noise})))
    assert await messages_in(over_nats.connection, PIECES_STREAM) > 1
    await ended(over_nats, job)
    for stream in (REPORTS_STREAM, PIECES_STREAM):
        await emptied(over_nats.connection, stream)


async def test_a_report_of_an_unknown_form_holds_up_nobody(over_nats: Any, make_job: MakeJob) -> None:
    connection = over_nats.connection
    await connection.ask("naas.reports.somebody", b"not ours")
    job = await started(over_nats, make_job())
    await over_nats.ledger.end(job, Ending(JobState.FINISHED))
    assert (await ended(over_nats, job)).state is JobState.FINISHED


async def test_no_secret_goes_with_a_report(over_nats: Any, make_job: MakeJob) -> None:
    job = await started(over_nats, make_job(sealed_login=b"SECRET-1", sealed_webhook_secret=b"SECRET-2"))
    await over_nats.server.stop()
    await over_nats.ledger.end(job, Ending(JobState.FINISHED))
    found = await over_nats.connection.request(f"$JS.API.DIRECT.GET.{REPORTS_STREAM}.naas.reports.{job.id}")
    assert b"SECRET" not in found.data
    assert job.id.encode() in found.data


async def test_two_api_processes_share_the_work(over_nats: Any, nats_server: NatsServer, make_job: MakeJob) -> None:
    connection = await Connection.open(nats_server.url, name="second api")
    second = ReportServer(connection, over_nats.truth, over_nats.store.jobs)
    await second.start()
    jobs = [await started(over_nats, make_job(host=f"192.0.2.{number}")) for number in range(40)]
    await asyncio.gather(*(over_nats.ledger.end(job, Ending(JobState.FINISHED)) for job in jobs))
    for job in jobs:
        await ended(over_nats, job)
    assert len(over_nats.ended) == 40
    await second.stop()
    await connection.close()
