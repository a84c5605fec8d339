"""What every engine promises. A new engine joins by adding itself to the `engine` fixture."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest
from naas.engine.base import CancelEffect, Delivery, Engine, JobEvent
from naas.engine.embedded import EmbeddedEngine
from naas.jobs import Job, JobState

MakeJob = Callable[..., Job]

LEASE = 0.4


@pytest.fixture(params=[EmbeddedEngine], ids=["embedded"])
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    opened: Engine = request.param(lease_seconds=LEASE)
    yield opened
    opened.close()


async def claim(engine: Engine, limit: int = 10, within: float = 0.05) -> list[Delivery]:
    """Claim, or return nothing if nothing can be delivered soon."""
    try:
        return list(await asyncio.wait_for(engine.claim(limit), within))
    except TimeoutError:
        return []


def ids(deliveries: list[Delivery]) -> list[str]:
    return [delivery.job.id for delivery in deliveries]


async def test_a_job_goes_to_one_claimer(engine: Engine, make_job: MakeJob) -> None:
    job = make_job()
    engine.publish(job)
    first, second = await asyncio.gather(claim(engine), claim(engine))
    assert sorted([*ids(first), *ids(second)]) == [job.id]


async def test_a_claimer_that_waits_is_woken(engine: Engine, make_job: MakeJob) -> None:
    waiting = asyncio.create_task(claim(engine, within=1.0))
    await asyncio.sleep(0.01)
    engine.publish(make_job())
    assert len(await waiting) == 1


async def test_a_claim_takes_no_more_than_asked(engine: Engine, make_job: MakeJob) -> None:
    for number in range(5):
        engine.publish(make_job(host=f"192.0.2.{number}"))
    assert [len(await claim(engine, 2)) for _ in range(3)] == [2, 2, 1]


async def test_jobs_for_one_device_go_out_one_by_one_in_order(engine: Engine, make_job: MakeJob) -> None:
    jobs = [make_job() for _ in range(3)]
    for job in jobs:
        engine.publish(job)
    order: list[str] = []
    for _ in jobs:
        (delivery,) = await claim(engine)
        assert await claim(engine) == []
        order.append(delivery.job.id)
        engine.ack(delivery)
    assert order == [job.id for job in jobs]


async def test_a_busy_device_does_not_starve_the_others(engine: Engine, make_job: MakeJob) -> None:
    for _ in range(10):
        engine.publish(make_job(host="192.0.2.1"))
    engine.publish(make_job(host="192.0.2.2"))
    assert {delivery.job.device.host for delivery in await claim(engine, 2)} == {"192.0.2.1", "192.0.2.2"}


async def test_a_delivery_without_a_sign_of_life_comes_back(engine: Engine, make_job: MakeJob) -> None:
    engine.publish(make_job())
    (first,) = await claim(engine)
    (second,) = await claim(engine, within=LEASE * 4)
    assert (second.job.id, second.attempt) == (first.job.id, 2)


async def test_a_worker_that_lost_its_lease_cannot_disturb_the_next(engine: Engine, make_job: MakeJob) -> None:
    engine.publish(make_job())
    (first,) = await claim(engine)
    (second,) = await claim(engine, within=LEASE * 4)
    engine.ack(first)
    engine.nak(first, delay=0)
    assert engine.depth().claimed == 1
    engine.ack(second)
    assert engine.depth().claimed == 0


async def test_a_heartbeat_keeps_a_delivery(engine: Engine, make_job: MakeJob) -> None:
    engine.publish(make_job())
    (delivery,) = await claim(engine)
    for _ in range(15):
        await asyncio.sleep(LEASE / 10)
        engine.heartbeat([delivery])
    assert await claim(engine, within=0.01) == []


async def test_time_in_which_nobody_could_send_a_heartbeat_does_not_count(engine: Engine, make_job: MakeJob) -> None:
    """A loop that stood still must not make every running job look lost."""
    engine.publish(make_job())
    (delivery,) = await claim(engine)
    time.sleep(LEASE * 3)  # the whole loop stands still
    for _ in range(5):
        await asyncio.sleep(LEASE / 20)
        engine.heartbeat([delivery])
    assert (engine.depth().waiting, engine.depth().claimed) == (0, 1)


async def test_an_acknowledged_job_never_comes_back(engine: Engine, make_job: MakeJob) -> None:
    engine.publish(make_job())
    (delivery,) = await claim(engine)
    engine.ack(delivery)
    assert await claim(engine, within=LEASE * 3) == []


async def test_a_returned_job_waits_and_keeps_its_place(engine: Engine, make_job: MakeJob) -> None:
    """Later jobs for the same device do not overtake it."""
    first, second = make_job(), make_job()
    engine.publish(first)
    engine.publish(second)
    (delivery,) = await claim(engine)
    engine.nak(delivery, delay=0.1)
    assert await claim(engine, within=0.03) == []
    (again,) = await claim(engine, within=1.0)
    assert (again.job.id, again.attempt) == (first.id, 2)


async def test_a_waiting_job_is_withdrawn_by_cancel(engine: Engine, make_job: MakeJob) -> None:
    gone, stays = make_job(), make_job()
    engine.publish(gone)
    engine.publish(stays)
    assert engine.cancel(gone.id) is CancelEffect.WITHDRAWN
    assert ids(await claim(engine)) == [stays.id]


async def test_cancelling_the_first_of_several_leaves_the_device_its_turn(engine: Engine, make_job: MakeJob) -> None:
    first, second, other = make_job(), make_job(), make_job(host="192.0.2.9")
    for job in (first, second, other):
        engine.publish(job)
    assert [engine.cancel(first.id), engine.cancel(first.id)] == [CancelEffect.WITHDRAWN, CancelEffect.UNKNOWN]
    assert sorted(ids(await claim(engine))) == sorted([second.id, other.id])


async def test_cancelling_the_only_job_of_a_device_leaves_nothing(engine: Engine, make_job: MakeJob) -> None:
    job = make_job()
    engine.publish(job)
    assert engine.cancel(job.id) is CancelEffect.WITHDRAWN
    assert await claim(engine) == []
    assert engine.depth().waiting == 0


async def test_a_running_job_is_told_to_stop_by_cancel(engine: Engine, make_job: MakeJob) -> None:
    job = make_job()
    engine.publish(job)
    (delivery,) = await claim(engine)
    assert not delivery.stop.is_set()
    assert engine.cancel(job.id) is CancelEffect.SIGNALLED
    assert delivery.stop.is_set()


async def test_a_job_that_is_not_there_cannot_be_cancelled(engine: Engine, make_job: MakeJob) -> None:
    job = make_job()
    engine.publish(job)
    (delivery,) = await claim(engine)
    engine.ack(delivery)
    assert engine.cancel(job.id) is CancelEffect.UNKNOWN


async def test_subscribers_hear_their_own_job_only(engine: Engine) -> None:
    with engine.events("a") as events:
        engine.announce(JobEvent("b", JobState.FINISHED))
        engine.announce(JobEvent("a", JobState.FINISHED))
        assert await events.next(1.0) == JobEvent("a", JobState.FINISHED)
        assert await events.next(0.01) is None


async def test_every_subscriber_hears_every_event(engine: Engine) -> None:
    with engine.events("a") as one, engine.events("a") as two:
        engine.announce(JobEvent("a", JobState.STARTED))
        engine.announce(JobEvent("a", JobState.FINISHED))
        heard = [[(await events.next(1.0)) for _ in range(2)] for events in (one, two)]
    assert [[event.state for event in events if event] for events in heard] == [["started", "finished"]] * 2


async def test_closing_wakes_claimers_and_subscribers(engine: Engine) -> None:
    """So that a service that stops does not wait for its pollers."""
    with engine.events("a") as events:
        claiming = asyncio.create_task(claim(engine, within=20.0))
        listening = asyncio.create_task(events.next(20.0))
        await asyncio.sleep(0.01)
        engine.close()
        claimed, heard = await asyncio.wait_for(asyncio.gather(claiming, listening), 5.0)
    assert claimed == []
    assert heard is None


async def test_depth_counts_waiting_and_claimed(engine: Engine, make_job: MakeJob) -> None:
    for number in range(3):
        engine.publish(make_job(host=f"192.0.2.{number}"))
    await claim(engine, 2)
    assert (engine.depth().waiting, engine.depth().claimed) == (1, 2)
