"""What every engine promises. A new engine joins by adding itself to the `engine` fixture."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from naas.engine.base import CancelEffect, Claimer, Delivery, Engine, JobEvent, JobProgress, WorkerInfo
from naas.jobs import Job, JobState, Priority

MakeJob = Callable[..., Job]

WORKER = WorkerInfo("worker-1", "host-1", ("default",), threads=4, active_jobs=1, facts={"version": "2.3.0"})


# Long enough for every engine to hand out what it has; a test that waits this long has failed.
PATIENCE = 5.0


async def take(claimer: Claimer, count: int, within: float = PATIENCE) -> list[Delivery]:
    """Claim until ``count`` deliveries are there."""
    taken: list[Delivery] = []
    async with asyncio.timeout(within):
        while len(taken) < count:
            taken += await claimer.claim(count - len(taken))
    return taken


async def nothing_comes(claimer: Claimer, within: float = 0.15) -> bool:
    """Whether there is nothing to claim for a while."""
    try:
        return not await asyncio.wait_for(claimer.claim(10), within)
    except TimeoutError:
        return True


async def claim_and_ack(claimer: Claimer, count: int) -> list[str]:
    """Claim one job after the other, acknowledge each, and return the ids in the order in which they came."""
    order: list[str] = []
    for _ in range(count):
        (delivery,) = await take(claimer, 1)
        order.append(delivery.job.id)
        await claimer.ack(delivery)
    return order


def ids(deliveries: Sequence[Delivery]) -> list[str]:
    return [delivery.job.id for delivery in deliveries]


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what an engine may tell a second late."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():
            await asyncio.sleep(0.02)


# Delivery


async def test_a_job_goes_to_one_claimer(engine: Engine, claimer: Claimer, make_job: MakeJob) -> None:
    other = engine.claimer("worker-2", ["default"])
    job = make_job()
    await engine.publish([job])
    claiming = [asyncio.create_task(each.claim(10)) for each in (claimer, other)]
    done, waiting = await asyncio.wait(claiming, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    assert [ids(list(task.result())) for task in done] == [[job.id]]
    done, _ = await asyncio.wait(waiting, timeout=0.1)
    assert not done
    for task in waiting:
        task.cancel()


async def test_a_claimer_that_waits_is_woken(engine: Engine, claimer: Claimer, make_job: MakeJob) -> None:
    waiting = asyncio.create_task(take(claimer, 1))
    await asyncio.sleep(0.01)
    await engine.publish([make_job()])
    assert len(await waiting) == 1


async def test_a_job_comes_as_it_was_published(engine: Engine, claimer: Claimer, make_job: MakeJob) -> None:
    """Whatever road it took, nothing of it is lost, and its login stays sealed."""
    job = make_job(
        "show version", tags={"site": "lab"}, sealed_login=b"\x01sealed", job_timeout=12.5, trace="00-1-2-01"
    )
    change = make_job("vlan 10", "name guests", config=True, host="2001:db8::1", priority=Priority.HIGH)
    await engine.publish([job, change])
    came = {delivery.job.id: delivery.job for delivery in await take(claimer, 2)}
    assert came == {job.id: job, change.id: change}


async def test_a_claim_takes_no_more_than_asked(engine: Engine, claimer: Claimer, make_job: MakeJob) -> None:
    await engine.publish([make_job(host=f"192.0.2.{number}") for number in range(5)])
    sizes = [len(await claimer.claim(2)) for _ in range(3)]
    assert max(sizes) <= 2


async def test_publishing_again_delivers_once(engine: Engine, claimer: Claimer, make_job: MakeJob) -> None:
    """Whether the job waits or is out: a service that starts again publishes what it finds in the store."""
    job = make_job()
    await engine.publish([job])
    await engine.publish([job, job])
    (delivery,) = await take(claimer, 1)
    await engine.publish([job])
    await claimer.ack(delivery)
    assert await nothing_comes(claimer)


async def test_an_acknowledged_job_never_comes_back(
    engine: Engine, lease: float, claimer: Claimer, make_job: MakeJob
) -> None:
    await engine.publish([make_job()])
    (delivery,) = await take(claimer, 1)
    await claimer.ack(delivery)
    assert await nothing_comes(claimer, lease * 2)


# Order


async def test_jobs_for_one_device_go_out_one_by_one_in_order(
    engine: Engine, claimer: Claimer, make_job: MakeJob
) -> None:
    jobs = [make_job() for _ in range(3)]
    await engine.publish(jobs)
    order: list[str] = []
    for _ in jobs:
        (delivery,) = await take(claimer, 1)
        assert await nothing_comes(claimer, 0.05)
        order.append(delivery.job.id)
        await claimer.ack(delivery)
    assert order == [job.id for job in jobs]


async def test_a_busy_device_does_not_starve_the_others(engine: Engine, claimer: Claimer, make_job: MakeJob) -> None:
    await engine.publish([make_job(host="192.0.2.1") for _ in range(10)])
    await engine.publish([make_job(host="192.0.2.2")])
    assert {delivery.job.device.host for delivery in await take(claimer, 2)} == {"192.0.2.1", "192.0.2.2"}


async def test_high_priority_goes_first_at_one_device(engine: Engine, claimer: Claimer, make_job: MakeJob) -> None:
    running = make_job()
    await engine.publish([running])
    (delivery,) = await take(claimer, 1)
    low, normal, high, later = (make_job(priority=Priority(each)) for each in ("low", "normal", "high", "high"))
    await engine.publish([low, normal, high, later])
    assert await nothing_comes(claimer)  # so that every engine has seen them all
    await claimer.ack(delivery)
    assert await claim_and_ack(claimer, 4) == [high.id, later.id, normal.id, low.id]


async def test_the_same_address_in_two_contexts_is_two_devices(engine: Engine, make_job: MakeJob) -> None:
    """Sites use the same private addresses for different devices."""
    both = engine.claimer("worker-1", ["default", "lab"])
    await engine.publish([make_job(context="default"), make_job(context="lab")])
    assert sorted(delivery.job.context for delivery in await take(both, 2)) == ["default", "lab"]


# Contexts


async def test_a_job_goes_only_to_a_worker_that_serves_its_context(engine: Engine, make_job: MakeJob) -> None:
    default, lab = (engine.claimer(f"worker-{context}", [context]) for context in ("default", "lab"))
    job = make_job(context="lab")
    await engine.publish([job])
    assert await nothing_comes(default)
    assert ids(await take(lab, 1)) == [job.id]


async def test_jobs_of_a_context_without_a_worker_wait_for_one(engine: Engine, make_job: MakeJob) -> None:
    job = make_job(context="lab")
    await engine.publish([job])
    assert (await engine.depth()).by_context == {"lab": 1}
    assert ids(await take(engine.claimer("worker-lab", ["lab"]), 1)) == [job.id]


# Leases


async def test_a_delivery_without_a_sign_of_life_comes_back(
    engine: Engine, claimer: Claimer, make_job: MakeJob
) -> None:
    await engine.publish([make_job()])
    (first,) = await take(claimer, 1)
    (second,) = await take(claimer, 1)
    assert (second.job.id, first.attempt, second.attempt) == (first.job.id, 1, 2)


async def test_a_worker_that_lost_its_lease_cannot_disturb_the_next(
    engine: Engine, claimer: Claimer, make_job: MakeJob
) -> None:
    await engine.publish([make_job()])
    (first,) = await take(claimer, 1)
    (second,) = await take(claimer, 1)
    await claimer.ack(first)
    await claimer.nak(first, delay=0)
    assert await nothing_comes(claimer, 0.05)
    await claimer.nak(second, delay=0)
    (third,) = await take(claimer, 1)
    assert third.attempt == 3


async def test_a_heartbeat_keeps_a_delivery(engine: Engine, lease: float, claimer: Claimer, make_job: MakeJob) -> None:
    await engine.publish([make_job()])
    (delivery,) = await take(claimer, 1)
    for _ in range(15):
        await asyncio.sleep(lease / 10)
        await claimer.heartbeat([delivery], WORKER)
    assert await nothing_comes(claimer, 0.01)


async def test_time_in_which_nobody_could_send_a_heartbeat_does_not_count(
    engine: Engine, lease: float, claimer: Claimer, make_job: MakeJob
) -> None:
    """A loop that stood still must not make every running job look lost."""
    await engine.publish([make_job()])
    (delivery,) = await take(claimer, 1)
    time.sleep(lease * 3)  # the whole loop stands still
    for _ in range(5):
        await asyncio.sleep(lease / 20)
        await claimer.heartbeat([delivery], WORKER)
    assert await nothing_comes(claimer, 0.01)


async def test_a_returned_job_waits_and_keeps_its_place(engine: Engine, claimer: Claimer, make_job: MakeJob) -> None:
    """Later jobs for the same device do not overtake it, whatever their priority."""
    first, second = make_job(), make_job(priority=Priority.HIGH)
    await engine.publish([first])
    (delivery,) = await take(claimer, 1)
    await engine.publish([second])
    await claimer.nak(delivery, delay=0.3)
    assert await nothing_comes(claimer, 0.15)
    (again,) = await take(claimer, 1)
    assert (again.job.id, again.attempt) == (first.id, 2)


# Cancelling


async def test_a_waiting_job_is_withdrawn_by_cancel(engine: Engine, claimer: Claimer, make_job: MakeJob) -> None:
    gone, stays = make_job(), make_job()
    await engine.publish([gone, stays])
    assert await engine.cancel(gone) is CancelEffect.WITHDRAWN
    assert await claim_and_ack(claimer, 1) == [stays.id]
    assert await nothing_comes(claimer)


async def test_cancelling_the_first_of_several_leaves_the_device_its_turn(
    engine: Engine, claimer: Claimer, make_job: MakeJob
) -> None:
    first, second, other = make_job(), make_job(), make_job(host="192.0.2.9")
    await engine.publish([first, second, other])
    effects = [await engine.cancel(first), await engine.cancel(first)]
    assert effects == [CancelEffect.WITHDRAWN, CancelEffect.UNKNOWN]
    assert sorted(ids(await take(claimer, 2))) == sorted([second.id, other.id])


async def test_cancelling_behind_a_busy_device_takes_nothing_else(
    engine: Engine, claimer: Claimer, make_job: MakeJob
) -> None:
    first, gone, last = make_job(), make_job(), make_job()
    await engine.publish([first, gone, last])
    (delivery,) = await take(claimer, 1)
    assert await engine.cancel(gone) is CancelEffect.WITHDRAWN
    await claimer.ack(delivery)
    assert await claim_and_ack(claimer, 1) == [last.id]


async def test_a_job_that_came_back_can_be_withdrawn(engine: Engine, claimer: Claimer, make_job: MakeJob) -> None:
    gone, stays = make_job(), make_job()
    await engine.publish([gone, stays])
    (delivery,) = await take(claimer, 1)
    await claimer.nak(delivery, delay=0.1)
    assert await engine.cancel(gone) is CancelEffect.WITHDRAWN
    assert await claim_and_ack(claimer, 1) == [stays.id]


async def test_cancelling_the_only_job_of_a_device_leaves_nothing(
    engine: Engine, claimer: Claimer, make_job: MakeJob
) -> None:
    job = make_job()
    await engine.publish([job])
    assert await engine.cancel(job) is CancelEffect.WITHDRAWN
    assert await nothing_comes(claimer)
    await eventually(lambda: _waits(engine, 0))


async def test_a_running_job_is_told_to_stop_by_cancel(engine: Engine, claimer: Claimer, make_job: MakeJob) -> None:
    job = make_job()
    await engine.publish([job])
    (delivery,) = await take(claimer, 1)
    assert not delivery.stop.is_set()
    assert await engine.cancel(job) is CancelEffect.SIGNALLED
    assert delivery.stop.is_set()


async def test_a_job_that_is_not_there_cannot_be_cancelled(engine: Engine, claimer: Claimer, make_job: MakeJob) -> None:
    job = make_job()
    await engine.publish([job])
    (delivery,) = await take(claimer, 1)
    await claimer.ack(delivery)
    await eventually(lambda: _waits(engine, 0))
    assert await engine.cancel(job) is CancelEffect.UNKNOWN


# Events


async def test_subscribers_hear_their_own_job_only(engine: Engine) -> None:
    async with engine.events("a") as events:
        await engine.announce(JobEvent("b", JobState.FINISHED))
        await engine.announce(JobEvent("a", JobState.FINISHED, owner="ann", batch_id="batch-1"))
        assert await events.next(PATIENCE) == JobEvent("a", JobState.FINISHED, owner="ann", batch_id="batch-1")
        assert await events.next(0.05) is None


async def test_every_subscriber_hears_every_event(engine: Engine) -> None:
    async with engine.events("a") as one, engine.events("a") as two:
        await engine.announce(JobEvent("a", JobState.STARTED))
        await engine.announce(JobEvent("a", JobState.FINISHED))
        heard = [[await events.next(PATIENCE) for _ in range(2)] for events in (one, two)]
    assert heard == [[JobEvent("a", JobState.STARTED), JobEvent("a", JobState.FINISHED)]] * 2


async def test_whoever_listens_to_all_jobs_hears_progress_too(engine: Engine) -> None:
    async with engine.events(None) as events:
        await engine.announce(JobProgress("a", 1, 3, owner="ann"))
        await engine.announce(JobEvent("b", JobState.FINISHED))
        heard = [await events.next(PATIENCE) for _ in range(2)]
    assert heard == [JobProgress("a", 1, 3, owner="ann"), JobEvent("b", JobState.FINISHED)]


async def test_nothing_is_heard_before_or_after_listening(engine: Engine) -> None:
    await engine.announce(JobEvent("a", JobState.STARTED))
    async with engine.events("a") as events:
        assert await events.next(0.05) is None
    await engine.announce(JobEvent("a", JobState.FINISHED))
    assert await events.next(0.05) is None


# Counting


async def test_depth_counts_waiting_and_claimed(engine: Engine, make_job: MakeJob) -> None:
    claimer = engine.claimer("worker-1", ["default"])
    await engine.publish([make_job(host=f"192.0.2.{number}") for number in range(3)])
    await engine.publish([make_job(context="lab")])
    taken = await take(claimer, 2)

    async def counted() -> bool:
        await claimer.heartbeat(taken, WORKER)
        depth = await engine.depth()
        return (depth.waiting, depth.claimed, dict(depth.by_context)) == (2, 2, {"default": 1, "lab": 1})

    await eventually(counted)


async def test_workers_that_live_are_known(engine: Engine, claimer: Claimer) -> None:
    await claimer.heartbeat([], WORKER)

    async def known() -> bool:
        return list(await engine.workers()) == [WORKER]

    await eventually(known)


async def test_a_worker_that_left_is_forgotten(engine: Engine, claimer: Claimer) -> None:
    await claimer.heartbeat([], WORKER)
    await claimer.close()

    async def forgotten() -> bool:
        return not await engine.workers()

    await eventually(forgotten)


# Closing


async def test_closing_a_claimer_wakes_it_and_leaves_its_jobs_to_others(
    engine: Engine, claimer: Claimer, make_job: MakeJob
) -> None:
    claiming = asyncio.create_task(claimer.claim(10))
    await asyncio.sleep(0.05)
    await claimer.close()
    assert list(await asyncio.wait_for(claiming, PATIENCE)) == []
    job = make_job()
    await engine.publish([job])
    assert ids(await take(engine.claimer("worker-2", ["default"]), 1)) == [job.id]


async def test_a_closed_claimer_still_ends_what_is_out(
    engine: Engine, lease: float, claimer: Claimer, make_job: MakeJob
) -> None:
    """So that a worker that stops lets its running jobs end, while their devices stay taken."""
    running, following = make_job(), make_job()
    await engine.publish([running, following])
    (delivery,) = await take(claimer, 1)
    await claimer.close()
    next_worker = engine.claimer("worker-2", ["default"])
    for _ in range(4):
        assert await nothing_comes(next_worker, lease / 3)
        await claimer.heartbeat([delivery], WORKER)
    await claimer.ack(delivery)
    assert ids(await take(next_worker, 1)) == [following.id]


async def test_closing_wakes_claimers_and_subscribers(engine: Engine, claimer: Claimer) -> None:
    """So that a service that stops does not wait for its pollers."""
    async with engine.events("a") as events:
        claiming = asyncio.create_task(claimer.claim(10))
        listening = asyncio.create_task(events.next(20.0))
        await asyncio.sleep(0.05)
        await engine.close()
        await engine.close()
        claimed, heard = await asyncio.wait_for(asyncio.gather(claiming, listening), PATIENCE)
    assert list(claimed) == []
    assert heard is None


async def _waits(engine: Engine, count: int) -> bool:
    return (await engine.depth()).waiting == count
