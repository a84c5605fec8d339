"""What every store promises about jobs, on every database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from naas.driver.base import ErrorCode
from naas.errors import IllegalMove, RequestIdUsed, StoreUnavailable
from naas.jobs import (
    MOVES,
    BackupWork,
    Check,
    ConfigWork,
    Failure,
    Job,
    JobKind,
    JobState,
    Outcome,
    Priority,
    StructuredWork,
    Work,
)
from naas.store.base import Deadlines, Idempotency, JobQuery, Lease, Move, RecordValue, Reuse, Store

MakeJob = Callable[..., Job]

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def start(job: Job, worker: str = "w1") -> Move:
    return Move(job.id, JobState.STARTED, NOW, lease=Lease(worker, LATER))


def finish(job: Job, results: dict[str, str] | None = None) -> Move:
    return Move(job.id, JobState.FINISHED, LATER, outcome=Outcome(results or {"show version": "v1"}))


async def test_a_job_is_read_as_it_was_added_but_for_its_login(store: Store, make_job: MakeJob) -> None:
    """Logins leave the store only towards a worker."""
    job = make_job("show version", "show clock", tags={"site": "lab"}, read_timeout=5.0, conn_timeout=2.5)
    receipt = await store.jobs.add(job)
    read = await store.jobs.get(job.id)
    assert receipt.job_id == job.id
    assert read is not None
    assert read.sealed_login is None
    assert (read.device, read.work, read.tags, read.created_at) == (job.device, job.work, job.tags, job.created_at)
    assert (read.read_timeout, read.conn_timeout, read.state) == (5.0, 2.5, JobState.QUEUED)


async def test_configuration_work_keeps_its_kind(store: Store, make_job: MakeJob) -> None:
    job = make_job("hostname r1", config=True)
    await store.jobs.add(job)
    read = await store.jobs.get(job.id)
    assert read is not None
    assert (read.kind, read.work) == ("send-config", job.work)


async def test_an_unknown_job_is_none(store: Store) -> None:
    assert await store.jobs.get("nothing") is None


async def test_an_id_is_used_once(store: Store, make_job: MakeJob) -> None:
    job = make_job()
    await store.jobs.add(job)
    with pytest.raises(RequestIdUsed) as caught:
        await store.jobs.add(job)
    assert caught.value.job_id == job.id


async def test_a_refused_write_spoils_nothing_beside_it(store: Store, make_job: MakeJob) -> None:
    """Writes share a commit, but not their fate."""
    twice, other = make_job(), make_job()
    outcomes = await asyncio.gather(
        store.jobs.add(twice),
        store.jobs.add(twice),
        store.jobs.add(other),
        store.jobs.move(finish(other)),
        return_exceptions=True,
    )
    assert [type(outcome).__name__ for outcome in outcomes] == ["Receipt", "RequestIdUsed", "Receipt", "IllegalMove"]
    assert await store.jobs.get(other.id) is not None


async def test_a_job_runs_and_finishes(store: Store, make_job: MakeJob) -> None:
    job = make_job()
    await store.jobs.add(job)
    await store.jobs.move(start(job))
    started = await store.jobs.get(job.id)
    await store.jobs.move(finish(job))
    ended = await store.jobs.get(job.id)
    assert started is not None
    assert (started.state, started.started_at) == (JobState.STARTED, NOW)
    assert ended is not None
    assert (ended.state, ended.ended_at, ended.outcome.results) == (JobState.FINISHED, LATER, {"show version": "v1"})


async def test_a_failure_comes_back_whole(store: Store, make_job: MakeJob) -> None:
    job = make_job()
    failure = Failure(ErrorCode.SSH_ERROR, "the device hung up")
    await store.jobs.add(job)
    await store.jobs.move(start(job))
    await store.jobs.move(Move(job.id, JobState.FAILED, LATER, outcome=Outcome(failure=failure), needs_review=True))
    read = await store.jobs.get(job.id)
    assert read is not None
    assert (read.outcome.failure, read.outcome.results, read.needs_review) == (failure, None, True)
    assert failure.retryable


async def test_of_two_movers_one_wins(store: Store, make_job: MakeJob) -> None:
    """The other hears what was the case, and nothing was changed for it."""
    job = make_job()
    await store.jobs.add(job)
    await store.jobs.move(start(job))
    await store.jobs.move(Move(job.id, JobState.CANCELED, LATER))
    with pytest.raises(IllegalMove, match="is canceled and cannot become finished"):
        await store.jobs.move(finish(job))
    read = await store.jobs.get(job.id)
    assert read is not None
    assert (read.state, read.outcome.results) == (JobState.CANCELED, None)


TO_REACH = {
    JobState.DEFERRED: (),
    JobState.QUEUED: (),
    JobState.STARTED: (JobState.STARTED,),
    JobState.FINISHED: (JobState.STARTED, JobState.FINISHED),
    JobState.FAILED: (JobState.FAILED,),
    JobState.CANCELED: (JobState.CANCELED,),
}


@pytest.mark.parametrize("before", JobState)
async def test_moves_not_in_the_table_are_illegal_and_change_nothing(
    store: Store, make_job: MakeJob, before: JobState
) -> None:
    """`MOVES` is the whole truth."""
    for after in JobState:
        job = make_job(state=before if before is JobState.DEFERRED else JobState.QUEUED)
        await store.jobs.add(job)
        for step in TO_REACH[before]:
            await store.jobs.move(Move(job.id, step, NOW, lease=Lease("w1", LATER)))
        if after in MOVES[before]:
            await store.jobs.move(Move(job.id, after, NOW))
            continue
        with pytest.raises(IllegalMove, match=f"job {job.id} is {before} and cannot become {after}"):
            await store.jobs.move(Move(job.id, after, NOW))
        unchanged = await store.jobs.get(job.id)
        assert unchanged is not None
        assert unchanged.state is before


async def test_a_move_may_be_narrowed_to_one_state_before(store: Store, make_job: MakeJob) -> None:
    """A cancel that means a waiting job must not hit one that has just started."""
    job = make_job()
    await store.jobs.add(job)
    await store.jobs.move(start(job))
    with pytest.raises(IllegalMove, match="is started and cannot become canceled"):
        await store.jobs.move(Move(job.id, JobState.CANCELED, NOW, only_from=JobState.QUEUED))


async def test_moving_an_unknown_job_is_illegal(store: Store, make_job: MakeJob) -> None:
    with pytest.raises(IllegalMove, match="is unknown and cannot become started"):
        await store.jobs.move(start(make_job()))


async def test_moves_happen_in_the_order_of_the_calls(store: Store, make_job: MakeJob) -> None:
    """Awaiting is only for knowing; a worker may queue the start and wait for the end alone."""
    job = make_job()
    pending = [store.jobs.add(job), store.jobs.move(start(job)), store.jobs.move(finish(job))]
    await asyncio.gather(*pending)
    read = await store.jobs.get(job.id)
    assert read is not None
    assert read.state is JobState.FINISHED


async def test_queued_jobs_come_back_with_their_logins_oldest_first(store: Store, make_job: MakeJob) -> None:
    jobs = [make_job(host=f"192.0.2.{number}", sealed_login=b"s%d" % number) for number in range(3)]
    for job in jobs:
        await store.jobs.add(job)
    await store.jobs.move(start(jobs[1]))
    waiting = await store.jobs.queued()
    assert [(job.id, job.sealed_login) for job in waiting] == [(jobs[0].id, b"s0"), (jobs[2].id, b"s2")]


async def test_started_jobs_of_dead_workers_are_lost(store: Store, make_job: MakeJob) -> None:
    mine, theirs, waiting = make_job(), make_job(), make_job()
    for job in (mine, theirs, waiting):
        await store.jobs.add(job)
    await store.jobs.move(start(mine, "alive"))
    await store.jobs.move(start(theirs, "dead"))
    await store.jobs.renew(Lease("alive", LATER))
    assert [job.id for job in await store.jobs.lost(alive={"alive"})] == [theirs.id]
    assert {job.id for job in await store.jobs.lost(alive=())} == {mine.id, theirs.id}


async def test_a_requeued_job_can_start_again_with_its_login(store: Store, make_job: MakeJob) -> None:
    job = make_job()
    await store.jobs.add(job)
    await store.jobs.move(start(job))
    await store.jobs.move(Move(job.id, JobState.QUEUED, LATER))
    (waiting,) = await store.jobs.queued()
    await store.jobs.move(start(job))
    assert (waiting.sealed_login, waiting.started_at) == (b"sealed", None)


async def test_an_ended_job_has_no_login_any_more(store: Store, make_job: MakeJob, tmp_path: Path) -> None:
    """What is not kept cannot leak; and the file holds no trace of it once it is rewritten."""
    job = make_job(sealed_login=b"a-recognisable-login")
    await store.jobs.add(job)
    await store.jobs.move(Move(job.id, JobState.CANCELED, NOW))
    assert list(await store.jobs.queued()) == []
    assert list(await store.jobs.lost(alive=())) == []


async def test_a_cancel_wish_is_kept_for_running_jobs_only(store: Store, make_job: MakeJob) -> None:
    running, ended = make_job(), make_job()
    for job in (running, ended):
        await store.jobs.add(job)
        await store.jobs.move(start(job))
    await store.jobs.move(finish(ended))
    for job in (running, ended):
        await store.jobs.request_cancel(job.id)
    wishes = [(await store.jobs.get(job.id)) for job in (running, ended)]
    assert [job.cancel_requested for job in wishes if job is not None] == [True, False]


def key(text: str = "k", fingerprint: str = "f", expires_at: datetime = LATER) -> Idempotency:
    return Idempotency(text, fingerprint, expires_at)


async def test_the_same_key_gives_the_same_job(store: Store, make_job: MakeJob) -> None:
    first, second = make_job(created_at=NOW), make_job(created_at=NOW)
    await store.jobs.add(first, key())
    receipt = await store.jobs.add(second, key(fingerprint="another"))
    assert (receipt.job_id, receipt.reused, receipt.fingerprint) == (first.id, True, "f")
    assert await store.jobs.get(second.id) is None


async def test_two_requests_racing_with_one_key_make_one_job(store: Store, make_job: MakeJob) -> None:
    jobs = [make_job(created_at=NOW) for _ in range(20)]
    receipts = await asyncio.gather(*(store.jobs.add(job, key()) for job in jobs))
    assert len({receipt.job_id for receipt in receipts}) == 1
    assert len(await store.jobs.queued()) == 1


async def test_the_earlier_request_of_a_key_can_be_asked_for(store: Store, make_job: MakeJob) -> None:
    job = make_job(created_at=NOW)
    await store.jobs.add(job, key(expires_at=LATER))
    found = await store.jobs.earlier(key(), NOW)
    assert found is not None
    assert (found.job_id, found.reused, found.fingerprint) == (job.id, True, "f")
    assert await store.jobs.earlier(key(), LATER + timedelta(seconds=1)) is None
    assert await store.jobs.earlier(key("another"), NOW) is None


async def test_an_expired_key_is_free_again(store: Store, make_job: MakeJob) -> None:
    await store.jobs.add(make_job(created_at=NOW), key(expires_at=NOW + timedelta(seconds=1)))
    second = make_job(created_at=LATER)
    receipt = await store.jobs.add(second, key())
    assert (receipt.job_id, receipt.reused) == (second.id, False)


async def test_pages_hold_the_owners_jobs_newest_first(store: Store, make_job: MakeJob) -> None:
    mine = [make_job() for _ in range(5)]
    for job in (*mine, make_job(owner="bob")):
        await store.jobs.add(job)
    first = await store.jobs.page(JobQuery("ann", page=1, per_page=2))
    last = await store.jobs.page(JobQuery("ann", page=3, per_page=2))
    beyond = await store.jobs.page(JobQuery("ann", page=4, per_page=2))
    assert [job.id for job in first.jobs] == [mine[4].id, mine[3].id]
    assert [job.id for job in last.jobs] == [mine[0].id]
    assert list(beyond.jobs) == []
    assert first.total == last.total == beyond.total == 5


@pytest.mark.parametrize(
    ("state", "tag", "found"),
    [
        pytest.param(None, ("site", "lab"), [2, 0], id="by tag"),
        pytest.param(JobState.STARTED, None, [1, 0], id="by state"),
        pytest.param(JobState.STARTED, ("site", "lab"), [0], id="by both"),
        pytest.param(None, ("site", "la"), [], id="no part of a tag"),
        pytest.param(None, ("a:b", "c"), [1], id="a colon in the key"),
        pytest.param(JobState.FAILED, None, [], id="nothing there"),
    ],
)
async def test_filters_come_before_paging(
    store: Store, make_job: MakeJob, state: JobState | None, tag: tuple[str, str] | None, found: list[int]
) -> None:
    """So that totals are right with every filter, which they are not in the existing service."""
    jobs = [make_job(tags={"site": "lab"}), make_job(tags={"a:b": "c"}), make_job(tags={"site": "lab", "x": "y"})]
    for job in (*jobs, make_job(owner="bob", tags={"site": "lab"})):
        await store.jobs.add(job)
    await store.jobs.move(start(jobs[0]))
    await store.jobs.move(start(jobs[1]))
    page = await store.jobs.page(JobQuery("ann", states=() if state is None else (state,), tag=tag))
    assert [job.id for job in page.jobs] == [jobs[index].id for index in found]
    assert page.total == len(found)


async def test_jobs_of_a_page_come_without_what_came_of_them(store: Store, make_job: MakeJob) -> None:
    """A hundred answers of some megabytes each would fill memory for a list that shows none of them."""
    job = make_job()
    await store.jobs.add(job)
    await store.jobs.move(start(job))
    await store.jobs.move(finish(job))
    (listed,) = (await store.jobs.page(JobQuery("ann"))).jobs
    assert (listed.state, listed.ended_at, listed.outcome) == (JobState.FINISHED, LATER, Outcome())


async def test_counts_are_over_all_owners(store: Store, make_job: MakeJob) -> None:
    jobs = [make_job(owner=owner) for owner in ("ann", "bob", "eve")]
    for job in jobs:
        await store.jobs.add(job)
    await store.jobs.move(start(jobs[0]))
    await store.jobs.move(Move(jobs[1].id, JobState.FAILED, NOW))
    counts = await store.jobs.counts()
    assert [counts.of(state) for state in (JobState.QUEUED, JobState.STARTED, JobState.FAILED)] == [1, 1, 1]


async def test_purging_forgets_old_endings_and_keeps_the_rest(store: Store, make_job: MakeJob) -> None:
    finished, failed, running = make_job(tags={"site": "lab"}), make_job(), make_job()
    for job in (finished, failed, running):
        await store.jobs.add(job)
        await store.jobs.move(start(job))
    await store.jobs.move(finish(finished))
    await store.jobs.move(Move(failed.id, JobState.FAILED, LATER))
    forgotten = await store.jobs.purge(
        Deadlines(succeeded_before=LATER + timedelta(seconds=1), failed_before=LATER, now=LATER)
    )
    page = await store.jobs.page(JobQuery("ann"))
    assert forgotten == 1
    assert {job.id for job in page.jobs} == {failed.id, running.id}
    assert (await store.jobs.page(JobQuery("ann", tag=("site", "lab")))).total == 0


async def test_a_large_purge_goes_in_steps_and_forgets_all(store: Store, make_job: MakeJob) -> None:
    jobs = [make_job() for _ in range(1200)]
    await asyncio.gather(*(store.jobs.add(job) for job in jobs))
    await asyncio.gather(*(store.jobs.move(Move(job.id, JobState.CANCELED, NOW)) for job in jobs))
    assert await store.jobs.purge(Deadlines(succeeded_before=LATER, failed_before=LATER, now=NOW)) == 1200
    assert (await store.jobs.page(JobQuery("ann"))).total == 0


async def test_a_closed_store_answers_at_once(store: Store, make_job: MakeJob) -> None:
    """A request that comes too late must not wait for an answer that never comes."""
    store.close()
    with pytest.raises(StoreUnavailable, match="going down"):
        await store.jobs.add(make_job())
    with pytest.raises(StoreUnavailable, match="going down"):
        await store.jobs.get("x")


async def test_everything_that_a_job_carries_is_kept(store: Store, make_job: MakeJob) -> None:
    """But for the login, which only workers are given."""
    work = ConfigWork(
        ("hostname r1",), want_diff=True, checks_before=(Check("show clock", includes=("UTC",)),), save_config=True
    )
    job = make_job(
        work=work,
        created_at=NOW,
        job_timeout=200.5,
        priority=Priority.HIGH,
        context="lab",
        submitter="Ann",
        batch_id="b1",
        wave=2,
        replay_of="earlier",
        webhook_url="https://hooks.example/x",
        sealed_webhook_secret=b"sealed",
        reuse_key="same",
        trace="00-trace-01",
        state=JobState.DEFERRED,
    )
    await store.jobs.add(job)
    assert await store.jobs.get(job.id) == replace(job, sealed_login=None)


@pytest.mark.parametrize("work", [StructuredWork(("show ip route",), ttp_template="{{ x }}"), BackupWork(startup=True)])
async def test_every_kind_of_work_comes_back(store: Store, make_job: MakeJob, work: Work) -> None:
    job = make_job(work=work)
    await store.jobs.add(job)
    read = await store.jobs.get(job.id)
    assert read is not None
    assert read.work == work


@pytest.mark.parametrize("length", [10, 100_000], ids=["short", "long enough to be compressed"])
async def test_what_came_of_a_job_is_kept_whole(store: Store, make_job: MakeJob, length: int) -> None:
    outcome = Outcome(
        results={"show version": "x" * length, "show vlan": [{"id": 1, "ports": ["Gi1"]}]},
        detected_platform="cisco_ios",
        partial={"show clock": "12:00"},
        diff="+ hostname r1\n" * length,
    )
    job = make_job()
    await store.jobs.add(job)
    await store.jobs.move(start(job))
    moved = await store.jobs.move(Move(job.id, JobState.FINISHED, LATER, outcome=outcome))
    read = await store.jobs.get(job.id)
    assert read is not None
    assert moved.outcome == read.outcome == outcome


async def test_a_move_returns_the_job_as_it_is_then(store: Store, make_job: MakeJob) -> None:
    job = make_job(created_at=NOW)
    await store.jobs.add(job)
    started = await store.jobs.move(start(job, "w7"))
    ended = await store.jobs.move(finish(job))
    assert started == replace(job, state=JobState.STARTED, started_at=NOW, worker="w7")
    assert (ended.state, ended.worker, ended.sealed_login, ended.ended_at) == (JobState.FINISHED, "w7", None, LATER)
    assert await store.jobs.get(job.id) == ended


async def test_a_move_may_be_narrowed_to_one_worker(store: Store, make_job: MakeJob) -> None:
    """Whoever lost the job to another worker has nothing to report any more."""
    job = make_job()
    await store.jobs.add(job)
    await store.jobs.move(start(job, "second"))
    late = Move(job.id, JobState.FINISHED, LATER, only_worker="first")
    with pytest.raises(IllegalMove, match="is started and cannot become finished"):
        await store.jobs.move(late)
    await store.jobs.move(replace(late, only_worker="second"))


async def test_of_many_moves_the_legal_ones_are_made(store: Store, make_job: MakeJob) -> None:
    """The next wave of a batch: some of its jobs may have been cancelled meanwhile."""
    jobs = [make_job(state=JobState.DEFERRED) for _ in range(3)]
    for job in jobs:
        await store.jobs.add(job)
    await store.jobs.move(Move(jobs[1].id, JobState.CANCELED, NOW))
    moved = await store.jobs.move_all([Move(job.id, JobState.QUEUED, NOW) for job in (*jobs, make_job())])
    assert [(job.id, job.state, job.sealed_login) for job in moved] == [
        (jobs[0].id, JobState.QUEUED, b"sealed"),
        (jobs[2].id, JobState.QUEUED, b"sealed"),
    ]
    assert [job.id for job in await store.jobs.queued()] == [jobs[0].id, jobs[2].id]


async def test_many_jobs_are_read_at_once_in_the_order_asked(store: Store, make_job: MakeJob) -> None:
    jobs = [make_job() for _ in range(4)]
    for job in jobs:
        await store.jobs.add(job)
    read = await store.jobs.get_all([jobs[2].id, "nothing", jobs[0].id])
    assert [(job.id, job.sealed_login) for job in read] == [(jobs[2].id, None), (jobs[0].id, None)]


async def test_a_lost_job_of_a_remote_worker_is_one_whose_lease_ran_out(store: Store, make_job: MakeJob) -> None:
    job = make_job()
    await store.jobs.add(job)
    await store.jobs.move(start(job, "remote"))
    assert list(await store.jobs.lost(alive=(), now=NOW)) == []
    assert [lost.id for lost in await store.jobs.lost(alive=(), now=LATER)] == [job.id]
    await store.jobs.renew(Lease("remote", LATER + timedelta(hours=1)))
    assert list(await store.jobs.lost(alive=(), now=LATER)) == []


# Batches


class Basket(RecordValue, frozen=True):
    collection = "baskets"

    content: str = ""


async def test_a_batch_and_its_jobs_are_kept_together(store: Store, make_job: MakeJob) -> None:
    jobs = [make_job(batch_id="b1", tags={"site": "lab"}, created_at=NOW) for _ in range(3)]
    receipt = await store.jobs.add_all(jobs, [Basket(id="b1", content="three")], key())
    again = await store.jobs.add_all([make_job(created_at=NOW)], [Basket(id="b2")], key(fingerprint="g"))
    page = await store.jobs.page(JobQuery("ann", batch_id="b1", tag=("site", "lab")))
    found = await store.records.get(Basket, "b1")
    assert (receipt.job_id, receipt.is_new, receipt.fingerprint) == ("b1", True, "f")
    assert (again.job_id, again.reused, again.fingerprint) == ("b1", True, "f")
    assert [job.id for job in page.jobs] == [job.id for job in reversed(jobs)]
    assert found is not None
    assert (found.value.content, found.revision) == ("three", 1)
    assert await store.records.get(Basket, "b2") is None


async def test_a_batch_with_one_id_twice_is_refused_alone(store: Store, make_job: MakeJob) -> None:
    twice, other = make_job(created_at=NOW), make_job()
    outcomes = await asyncio.gather(store.jobs.add_all([twice, twice]), store.jobs.add(other), return_exceptions=True)
    assert isinstance(outcomes[0], RequestIdUsed)
    assert [job.id for job in await store.jobs.queued()] == [other.id]


async def test_a_batch_is_kept_whole_or_not_at_all(store: Store, make_job: MakeJob) -> None:
    known, new = make_job(created_at=NOW), make_job(created_at=NOW)
    await store.jobs.add(known)
    with pytest.raises(RequestIdUsed) as caught:
        await store.jobs.add_all([new, known], [Basket(id="b1")], key())
    assert caught.value.job_id == known.id
    await store.records.put(Basket(id="b2"))
    with pytest.raises(RequestIdUsed) as caught:
        await store.jobs.add_all([new], [Basket(id="b2")], key())
    assert caught.value.job_id == "b2"
    assert await store.jobs.get(new.id) is None
    assert await store.records.get(Basket, "b1") is None
    assert await store.jobs.earlier(key(), NOW) is None
    assert (await store.jobs.counts()).of(JobState.QUEUED) == 1


# Jobs that are used again


WAITING = Reuse(waiting=True)
RECENT = Reuse(finished_after=NOW)


async def test_an_equal_job_that_waits_or_runs_is_joined(store: Store, make_job: MakeJob) -> None:
    first = make_job(reuse_key="same")
    await store.jobs.add(first, reuse=WAITING)
    joined = await store.jobs.add(make_job(reuse_key="same"), key(), WAITING)
    await store.jobs.move(start(first))
    joined_later = await store.jobs.add(make_job(reuse_key="same"), reuse=WAITING)
    other = await store.jobs.add(make_job(reuse_key="another"), reuse=WAITING)
    assert (joined.job_id, joined.deduplicated, joined.is_new) == (first.id, True, False)
    assert (joined_later.job_id, joined_later.deduplicated) == (first.id, True)
    assert other.is_new
    kept = await store.jobs.earlier(key(), NOW)
    assert kept is not None
    assert kept.job_id == first.id


async def test_equal_jobs_are_told_apart_unless_somebody_asks(store: Store, make_job: MakeJob) -> None:
    await store.jobs.add(make_job(reuse_key="same"), reuse=WAITING)
    assert (await store.jobs.add(make_job(reuse_key="same"))).is_new
    assert (await store.jobs.add(make_job(reuse_key="same"), reuse=RECENT)).is_new
    assert (await store.jobs.add(make_job(), reuse=WAITING)).is_new


async def test_a_job_that_will_not_come_to_an_end_is_not_joined(store: Store, make_job: MakeJob) -> None:
    deferred = make_job(reuse_key="deferred", state=JobState.DEFERRED)
    stopping = make_job(reuse_key="stopping")
    for job in (deferred, stopping):
        await store.jobs.add(job)
    await store.jobs.request_cancel(stopping.id)
    assert (await store.jobs.add(make_job(reuse_key="deferred"), reuse=WAITING)).is_new
    assert (await store.jobs.add(make_job(reuse_key="stopping"), reuse=WAITING)).is_new


async def test_a_job_ahead_of_a_change_is_not_joined(store: Store, make_job: MakeJob) -> None:
    """Whoever asks after the change was submitted wants to see it."""
    before, change = make_job(reuse_key="same"), make_job("hostname r2", config=True)
    await store.jobs.add(before)
    await store.jobs.add(change)
    after = await store.jobs.add(make_job(reuse_key="same"), reuse=WAITING)
    assert after.is_new
    assert (await store.jobs.add(make_job(reuse_key="same"), reuse=WAITING)).job_id == after.job_id


async def finished(store: Store, job: Job, *, at: datetime, failure: Failure | None = None) -> Job:
    await store.jobs.add(job)
    await store.jobs.move(replace(start(job), at=at))
    results = None if failure else {"show version": "v1"}
    return await store.jobs.move(Move(job.id, JobState.FINISHED, at, outcome=Outcome(results, None, failure)))


async def test_a_recent_result_is_used_again(store: Store, make_job: MakeJob) -> None:
    await finished(store, make_job(reuse_key="same"), at=NOW)
    newest = await finished(store, make_job(reuse_key="same"), at=LATER)
    found = await store.jobs.add(make_job(reuse_key="same"), reuse=RECENT)
    too_old = Reuse(finished_after=LATER + timedelta(seconds=1))
    assert (found.job_id, found.cached, found.is_new) == (newest.id, True, False)
    assert (await store.jobs.add(make_job(reuse_key="same"), reuse=too_old)).is_new


async def test_a_failure_is_not_used_again(store: Store, make_job: MakeJob) -> None:
    await finished(store, make_job(reuse_key="same"), at=NOW, failure=Failure(ErrorCode.SSH_ERROR, "hung up"))
    assert (await store.jobs.add(make_job(reuse_key="same"), reuse=RECENT)).is_new


@pytest.mark.parametrize(
    ("host", "steps", "is_used"),
    [
        pytest.param("192.0.2.1", [], False, id="a change that waits"),
        pytest.param("192.0.2.1", [JobState.STARTED], False, id="a change that runs"),
        pytest.param("192.0.2.1", [JobState.STARTED, JobState.FINISHED], False, id="a change that was made"),
        pytest.param("192.0.2.1", [JobState.STARTED, JobState.FAILED], False, id="a change that failed half-way"),
        pytest.param("192.0.2.1", [JobState.CANCELED], True, id="a change that never began"),
        pytest.param("192.0.2.2", [JobState.STARTED, JobState.FINISHED], True, id="a change elsewhere"),
    ],
)
async def test_a_change_makes_earlier_results_of_the_device_useless(
    store: Store, make_job: MakeJob, host: str, steps: list[JobState], is_used: bool
) -> None:
    await finished(store, make_job(reuse_key="same"), at=NOW)
    change = make_job("hostname r2", config=True, host=host)
    await store.jobs.add(change)
    for step in steps:
        await store.jobs.move(Move(change.id, step, NOW + timedelta(seconds=1)))
    assert (await store.jobs.add(make_job(reuse_key="same"), reuse=RECENT)).cached is is_used


async def test_a_change_that_is_forgotten_early_is_remembered_for_results(store: Store, make_job: MakeJob) -> None:
    """A failed change may be purged, as one of too many failures, before the results that it made useless."""
    await finished(store, make_job(reuse_key="same"), at=NOW)
    change = make_job("hostname r2", config=True)
    await store.jobs.add(change)
    await store.jobs.move(start(change))
    await store.jobs.move(Move(change.id, JobState.FAILED, LATER))
    gone = await store.jobs.purge(Deadlines(succeeded_before=NOW, failed_before=NOW, now=LATER, keep_failed=0))
    assert gone == 1
    assert (await store.jobs.add(make_job(reuse_key="same"), reuse=RECENT)).is_new


# Lists


async def test_a_cursor_leads_through_the_whole_list(store: Store, make_job: MakeJob) -> None:
    """Jobs that come meanwhile do not push others from one page to the next."""
    jobs = [make_job(created_at=NOW) for _ in range(5)]
    for job in jobs:
        await store.jobs.add(job)
    seen: list[str] = []
    cursor: str | None = None
    for expected_more in (True, True, False):
        page = await store.jobs.page(JobQuery("ann", per_page=2, before=cursor, want_total=False))
        seen += [job.id for job in page.jobs]
        cursor = page.next
        await store.jobs.add(make_job(created_at=LATER))
        assert (cursor is not None) is expected_more
        assert page.total is None
    assert seen == [job.id for job in reversed(jobs)]


async def test_a_cursor_that_is_gone_leads_nowhere(store: Store, make_job: MakeJob) -> None:
    await store.jobs.add(make_job())
    page = await store.jobs.page(JobQuery("ann", before="gone"))
    assert (list(page.jobs), page.total, page.next) == ([], 1, None)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param(JobQuery(None), [4, 3, 2, 1, 0], id="everybody's"),
        pytest.param(JobQuery("bob"), [4], id="theirs"),
        pytest.param(JobQuery("ann", states=(JobState.QUEUED, JobState.STARTED)), [2, 1, 0], id="two states"),
        pytest.param(JobQuery(None, states=(JobState.QUEUED, JobState.FAILED)), [4, 3, 2, 1], id="everybody's states"),
        pytest.param(JobQuery(None, states=(JobState.QUEUED,), per_page=1, page=2), [2], id="a page of a state"),
        pytest.param(JobQuery(None, kind=JobKind.SEND_CONFIG), [1], id="kind"),
        pytest.param(JobQuery(None, host="192.0.2.9"), [2], id="host"),
        pytest.param(JobQuery(None, context="lab"), [3], id="context"),
        pytest.param(JobQuery(None, batch_id="b1"), [2, 1], id="batch"),
        pytest.param(
            JobQuery(None, batch_id="b1", states=(JobState.QUEUED, JobState.FAILED)), [2, 1], id="batch, states"
        ),
        pytest.param(JobQuery(None, needs_review=True), [3], id="to review"),
        pytest.param(JobQuery("ann", needs_review=False), [2, 1, 0], id="not to review"),
        pytest.param(JobQuery(None, tag=("site", "lab")), [4, 0], id="everybody's tag"),
        pytest.param(JobQuery(None, tag=("site", "lab"), states=(JobState.STARTED,)), [0], id="everybody's tag, state"),
        pytest.param(JobQuery(None, since=NOW + timedelta(seconds=3)), [4, 3], id="since"),
        pytest.param(JobQuery(None, until=NOW + timedelta(seconds=1)), [1, 0], id="until"),
        pytest.param(
            JobQuery(
                "ann", since=NOW + timedelta(seconds=1), until=NOW + timedelta(seconds=2), kind=JobKind.SEND_COMMAND
            ),
            [2],
            id="since, until and kind",
        ),
    ],
)
async def test_every_filter_narrows_list_and_total(
    store: Store, make_job: MakeJob, query: JobQuery, found: list[int]
) -> None:
    fields: list[dict[str, Any]] = [
        {"tags": {"site": "lab"}},
        {"config": True, "batch_id": "b1"},
        {"host": "192.0.2.9", "batch_id": "b1"},
        {"context": "lab"},
        {"owner": "bob", "tags": {"site": "lab"}},
    ]
    jobs = [make_job(created_at=NOW + timedelta(seconds=number), **each) for number, each in enumerate(fields)]
    for job in jobs:
        await store.jobs.add(job)
    await store.jobs.move(start(jobs[0]))
    await store.jobs.move(Move(jobs[3].id, JobState.FAILED, NOW, needs_review=True))
    page = await store.jobs.page(query)
    assert [job.id for job in page.jobs] == [jobs[number].id for number in found]
    if query.page == 1:
        assert page.total == len(found)
        assert page.next is None


async def test_the_failure_is_shown_in_lists(store: Store, make_job: MakeJob) -> None:
    job = make_job()
    failure = Failure(ErrorCode.SSH_ERROR, "the device hung up")
    await store.jobs.add(job)
    await store.jobs.move(start(job))
    await store.jobs.move(Move(job.id, JobState.FINISHED, LATER, outcome=Outcome(partial={"x": "y"}, failure=failure)))
    (listed,) = (await store.jobs.page(JobQuery("ann"))).jobs
    assert listed.outcome == Outcome(failure=failure)


async def test_counts_follow_every_change(store: Store, make_job: MakeJob) -> None:
    """They are kept, not counted: so every way that changes a state is tried."""
    jobs = [make_job() for _ in range(6)]
    await store.jobs.add_all(jobs[:3])
    for job in jobs[3:]:
        await store.jobs.add(job)
    with pytest.raises(RequestIdUsed):
        await store.jobs.add(jobs[3])
    await store.jobs.move_all([start(job) for job in jobs[:4]])
    await store.jobs.move(Move(jobs[0].id, JobState.QUEUED, NOW))
    await store.jobs.move(finish(jobs[1]))
    await store.jobs.move(Move(jobs[2].id, JobState.FAILED, NOW, needs_review=True))
    with pytest.raises(IllegalMove):
        await store.jobs.move(finish(jobs[2]))
    counts = await store.jobs.counts()
    states = (JobState.QUEUED, JobState.STARTED, JobState.FINISHED, JobState.FAILED, JobState.CANCELED)
    assert [counts.of(state) for state in states] == [3, 1, 1, 1, 0]
    assert counts.needs_review == 1
    await store.jobs.purge(Deadlines(succeeded_before=LATER + timedelta(1), failed_before=LATER, now=LATER))
    counts = await store.jobs.counts()
    assert [counts.of(state) for state in states] == [3, 1, 0, 0, 0]


async def test_of_failed_jobs_the_newest_are_kept(store: Store, make_job: MakeJob) -> None:
    jobs = [make_job() for _ in range(5)]
    for age, job in enumerate(jobs):
        await store.jobs.add(job)
        await store.jobs.move(Move(job.id, JobState.FAILED, NOW - timedelta(seconds=age)))
    long_ago = NOW - timedelta(days=1)
    limits = Deadlines(succeeded_before=long_ago, failed_before=long_ago, now=NOW, keep_failed=2)
    assert await store.jobs.purge(limits) == 3
    assert {job.id for job in (await store.jobs.page(JobQuery("ann"))).jobs} == {jobs[0].id, jobs[1].id}
