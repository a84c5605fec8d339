"""Jobs: what the service does when a caller hangs up, the store fails at the wrong moment, or an earlier job would do."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from naas.api.jobs.wire import SendConfigRequest
from naas.engine.base import Delivery
from naas.errors import (
    ContextRefused,
    InvalidRequest,
    JobHasEnded,
    JobHasNotFailed,
    JobNotFound,
    NotAllowed,
    NoWorkers,
    QueueFull,
    StoreUnavailable,
    UnknownContext,
)
from naas.jobs import CommandWork, ConfigWork, Device, Ending, Job, JobState
from naas.principals import AuthMethod, Principal, Role
from naas.services.job_reading import JobReader
from naas.services.jobs import JobService
from naas.services.orders import Accepted, CacheWish, Order, ServiceLimits
from naas.store.base import JobQuery, Move
from naas.vault import Login

from .conftest import ADMIN, OPERATOR, Parts

ANN = Principal("ann", "ann", Role.OPERATOR, AuthMethod.BASIC, login=Login("ann", "secret"))


def order(command: str = "show version", **fields: Any) -> Order:
    return Order(Device("192.0.2.1", 22, "cisco_ios"), CommandWork((command,)), **fields)


async def finished(parts: Parts, accepted: Accepted, principal: Principal = ANN) -> Job:
    job = await parts.jobs.read(principal, accepted.job_id, wait=5)
    assert job.state is JobState.FINISHED
    return job


async def test_whoever_only_reads_needs_no_vault_and_no_rules(parts: Parts) -> None:
    """Reading stands alone: what submits and changes is built on it, not beside it."""
    reader = JobReader(parts.store, parts.engine)
    order = Order(Device("192.0.2.1", 22, "cisco_ios"), CommandWork(("show version",)), Login("ann", "pw"))
    accepted = await parts.jobs.submit(OPERATOR, order)
    job = await reader.read(OPERATOR, accepted.job_id, wait=5)
    assert job.state is JobState.FINISHED
    assert (await reader.find(ADMIN, accepted.job_id)).id == job.id
    assert [each.id for each in (await reader.page(OPERATOR, JobQuery(None))).jobs] == [job.id]
    assert isinstance(parts.jobs, JobReader)
    assert not hasattr(reader, "submit")


async def test_a_caller_who_hangs_up_leaves_no_undelivered_job(parts: Parts) -> None:
    """Without the shield the job would be on disk and wait there until the next start of the service."""
    job_id = str(uuid.uuid4())
    submitting = asyncio.create_task(parts.jobs.submit(ANN, order(request_id=job_id)))
    await asyncio.sleep(0)
    submitting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await submitting
    async with asyncio.timeout(5):
        while not parts.driver.conversations:
            await asyncio.sleep(0.01)
    job = await parts.jobs.read(ANN, job_id, wait=5)
    assert job.state is JobState.FINISHED


async def test_a_cancel_that_the_store_refuses_leaves_the_job_where_it_is(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out of the queue but not off the disk, it would wait until the next start of the service."""

    def refuse(_: Move) -> asyncio.Future[Job]:
        refused: asyncio.Future[Job] = asyncio.get_running_loop().create_future()
        refused.set_exception(StoreUnavailable("disk full"))
        return refused

    held = await parts.jobs.submit(ANN, order("hold"))
    waiting = await parts.jobs.submit(ANN, order("show clock"))
    await asyncio.to_thread(parts.driver.held.wait, 5)
    with monkeypatch.context() as patch:
        patch.setattr(parts.store.jobs, "move", refuse)
        with pytest.raises(StoreUnavailable):
            await parts.jobs.cancel(ANN, waiting.job_id)
    parts.driver.release()
    await finished(parts, held)
    await finished(parts, waiting)


async def test_a_store_that_refused_the_last_write_makes_the_service_degraded(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk still reads well, so reading alone would say that all is fine."""
    await parts.jobs.counts()
    monkeypatch.setattr(type(parts.store), "is_well", False)
    with pytest.raises(StoreUnavailable):
        await parts.jobs.counts()


# Earlier jobs that would do


async def test_an_equal_job_that_waits_is_joined_and_another_one_is_not(parts: Parts) -> None:
    await parts.jobs.submit(ANN, order("hold"))
    first = await parts.jobs.submit(ANN, order())
    again = await parts.jobs.submit(ANN, order())
    assert (again.job_id, again.receipt.deduplicated) == (first.job_id, True)
    bob = dataclasses.replace(ANN, subject="bob")
    others = [
        await parts.jobs.submit(ANN, order("show clock")),
        await parts.jobs.submit(bob, order()),
        await parts.jobs.submit(ANN, order(login=Login("ann", "other"))),
        await parts.jobs.submit(ANN, order(context="lab")),
        await parts.jobs.submit(ANN, order(request_id=str(uuid.uuid4()))),
        await parts.jobs.submit(ANN, dataclasses.replace(order(), work=ConfigWork(("show version",)))),
    ]
    assert len({first.job_id, *(other.job_id for other in others)}) == 7
    parts.driver.release()


async def test_an_answer_is_taken_from_the_cache_until_the_device_is_configured(parts: Parts) -> None:
    wish = CacheWish(60.0)
    first = await parts.jobs.submit(ANN, order(cache=wish))
    await finished(parts, first)
    again = await parts.jobs.submit(ANN, order(cache=wish))
    assert (again.job_id, again.receipt.cached) == (first.job_id, True)
    fresh = await parts.jobs.submit(ANN, order())
    assert fresh.receipt.is_new, "who asks for no cached answer gets a new one"
    await finished(parts, fresh)
    change = dataclasses.replace(order(), work=ConfigWork(("hostname r1",)))
    await finished(parts, await parts.jobs.submit(ANN, change))
    assert (await parts.jobs.submit(ANN, order(cache=wish))).receipt.is_new


async def test_a_key_means_one_job_and_another_request_with_it_is_refused(parts: Parts) -> None:
    first = await parts.jobs.submit(ANN, order(idempotency_key="k"))
    again = await parts.jobs.submit(ANN, order(idempotency_key="k"))
    assert (again.job_id, again.receipt.reused) == (first.job_id, True)
    with pytest.raises(InvalidRequest, match="this key was used with another request within the last day"):
        await parts.jobs.submit(ANN, order("show clock", idempotency_key="k"))
    stranger = dataclasses.replace(ANN, subject="bob")
    assert (await parts.jobs.submit(stranger, order("show clock", idempotency_key="k"))).receipt.is_new


# Who may what


async def test_a_key_bound_to_contexts_reaches_no_other(parts: Parts) -> None:
    bound = dataclasses.replace(ANN, contexts=frozenset({"default"}))
    with pytest.raises(ContextRefused, match="may use the contexts default, not lab"):
        await parts.jobs.submit(bound, order(context="lab"))


@pytest.mark.parametrize(
    ("contexts", "context", "error"),
    [(("default",), "nowhere", UnknownContext), (("default", "quiet"), "quiet", NoWorkers)],
    ids=["unknown", "nobody serves it"],
)
async def test_contexts_that_cannot_be_served(
    parts: Parts, contexts: tuple[str, ...], context: str, error: type[Exception]
) -> None:
    jobs = JobService(parts.store, parts.engine, parts.vault, ServiceLimits(contexts=contexts))
    with pytest.raises(error):
        await jobs.submit(ANN, order(context=context))


async def test_a_full_queue_refuses_new_jobs_and_answers_repeated_ones(parts: Parts) -> None:
    jobs = JobService(parts.store, parts.engine, parts.vault, ServiceLimits(queue_depth=1))
    await jobs.submit(ANN, order("hold"))
    await asyncio.to_thread(parts.driver.held.wait, 5)
    waiting = await jobs.submit(ANN, order("show clock", idempotency_key="k"))
    with pytest.raises(QueueFull):
        await jobs.submit(ANN, order("show users"))
    assert (await jobs.submit(ANN, order("show clock", idempotency_key="k"))).job_id == waiting.job_id


async def test_a_caller_with_a_key_names_a_device_login(parts: Parts) -> None:
    with pytest.raises(InvalidRequest, match="give username and password, or a stored credential"):
        await parts.jobs.submit(OPERATOR, order())
    accepted = await parts.jobs.submit(OPERATOR, order(login=Login("netops", "pw"), enable="en"))
    await finished(parts, accepted, OPERATOR)
    assert parts.driver.conversations[0].username == "netops"


async def test_strangers_see_and_cancel_nothing_and_admins_everything(parts: Parts) -> None:
    accepted = await parts.jobs.submit(ANN, order("hold"))
    for principal in (OPERATOR, dataclasses.replace(ANN, subject="bob")):
        with pytest.raises(NotAllowed):
            await parts.jobs.read(principal, accepted.job_id)
        with pytest.raises(NotAllowed):
            await parts.jobs.cancel(principal, accepted.job_id)
        assert (await parts.jobs.page(principal, JobQuery(None))).total == 0
        assert (await parts.jobs.page(principal, JobQuery("ann"))).total == 0
    assert (await parts.jobs.page(ADMIN, JobQuery(None))).total == 1
    await parts.jobs.cancel(ADMIN, accepted.job_id)


# Cancelling and replaying


async def test_cancelling_what_waits_what_runs_and_what_is_over(parts: Parts) -> None:
    running = await parts.jobs.submit(ANN, order("hold"))
    waiting = await parts.jobs.submit(ANN, order("show clock"))
    await asyncio.to_thread(parts.driver.held.wait, 5)
    await parts.jobs.cancel(ANN, waiting.job_id)
    await parts.jobs.cancel(ANN, waiting.job_id)
    assert (await parts.jobs.read(ANN, waiting.job_id)).state is JobState.CANCELED
    await parts.jobs.cancel(ANN, running.job_id)
    parts.driver.release()
    job = await parts.jobs.read(ANN, running.job_id, wait=5)
    assert job.state in (JobState.CANCELED, JobState.FINISHED)
    done = await parts.jobs.submit(ANN, order("show users"))
    await finished(parts, done)
    with pytest.raises(JobHasEnded, match="already finished and cannot be cancelled any more"):
        await parts.jobs.cancel(ANN, done.job_id)
    with pytest.raises(JobNotFound):
        await parts.jobs.cancel(ANN, str(uuid.uuid4()))
    assert "show clock" not in parts.driver.sent


async def test_a_failed_job_is_replayed_with_the_callers_login(parts: Parts) -> None:
    accepted = await parts.jobs.submit(ANN, order("hold"))
    await asyncio.to_thread(parts.driver.held.wait, 5)
    await parts.store.jobs.move(Move(accepted.job_id, JobState.FAILED, accepted.enqueued_at))
    parts.driver.release()
    again = await parts.jobs.replay(ANN, accepted.job_id)
    job = await parts.jobs.read(ANN, again.job_id, wait=5)
    assert (job.replay_of, job.state, job.work) == (accepted.job_id, JobState.FINISHED, CommandWork(("hold",)))
    with pytest.raises(JobHasNotFailed, match="is finished; only a failed job can be replayed"):
        await parts.jobs.replay(ANN, again.job_id)


# Values


def test_a_host_is_one_device_however_it_is_written() -> None:
    hosts = ["core-1", "CORE-1", "2001:db8::1", "2001:DB8:0::1"]
    addresses = [Device(host, 22, "cisco_ios").address for host in hosts]
    assert addresses == ["core-1:22", "core-1:22", "[2001:db8::1]:22", "[2001:db8::1]:22"]


def test_secrets_stay_out_of_the_repr_of_orders_and_callers() -> None:
    caller = dataclasses.replace(ANN, login=Login("ann", "hunter2"))
    wanted = order(enable="hunter2", webhook_secret="hunter2", login=Login("ann", "hunter2"), idempotency_key="hunter2")
    assert "hunter2" not in repr(caller) + repr(wanted)


def test_secrets_stay_out_of_the_repr_of_jobs_and_requests(make_job: Callable[..., Job]) -> None:
    """A job that ends in a log must not take its configuration there."""
    job = make_job("username bob secret hunter2", config=True)
    request = SendConfigRequest(host="r1", config=["username bob secret hunter2"], enable="hunter2")
    assert "hunter2" not in repr(job) + repr(Delivery(job, attempt=1)) + repr(request) + repr(Ending(JobState.FAILED))
