"""What every store promises. A new store joins by adding itself to the `store` fixture."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from naas.driver.base import ErrorCode
from naas.errors import IllegalMove, RequestIdUsed, StoreUnavailable
from naas.jobs import MOVES, Failure, Job, JobState, Outcome
from naas.store.base import Deadlines, Idempotency, JobQuery, Lease, Move, Store
from naas.store.sqlite import SqliteStore

MakeJob = Callable[..., Job]

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture(params=[SqliteStore], ids=["sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opened: Store = request.param(tmp_path / "naas.db")
    yield opened
    opened.close()


def start(job: Job, worker: str = "w1") -> Move:
    return Move(job.id, JobState.STARTED, NOW, lease=Lease(worker, LATER))


def finish(job: Job, results: dict[str, str] | None = None) -> Move:
    return Move(job.id, JobState.FINISHED, LATER, outcome=Outcome(results or {"show version": "v1"}))


async def test_a_job_is_read_as_it_was_added_but_for_its_login(store: Store, make_job: MakeJob) -> None:
    """Logins leave the store only towards a worker."""
    job = make_job("show version", "show clock", tags={"site": "lab"}, read_timeout=5.0, conn_timeout=2.5)
    receipt = await store.add(job)
    read = await store.get(job.id)
    assert receipt.job_id == job.id
    assert read is not None
    assert read.sealed_login is None
    assert (read.device, read.work, read.tags, read.created_at) == (job.device, job.work, job.tags, job.created_at)
    assert (read.read_timeout, read.conn_timeout, read.state) == (5.0, 2.5, JobState.QUEUED)


async def test_configuration_work_keeps_its_kind(store: Store, make_job: MakeJob) -> None:
    job = make_job("hostname r1", config=True)
    await store.add(job)
    read = await store.get(job.id)
    assert read is not None
    assert (read.kind, read.work) == ("send-config", job.work)


async def test_an_unknown_job_is_none(store: Store) -> None:
    assert await store.get("nothing") is None


async def test_an_id_is_used_once(store: Store, make_job: MakeJob) -> None:
    job = make_job()
    await store.add(job)
    with pytest.raises(RequestIdUsed) as caught:
        await store.add(job)
    assert caught.value.job_id == job.id


async def test_a_refused_write_spoils_nothing_beside_it(store: Store, make_job: MakeJob) -> None:
    """Writes share a commit, but not their fate."""
    twice, other = make_job(), make_job()
    outcomes = await asyncio.gather(
        store.add(twice), store.add(twice), store.add(other), store.move(finish(other)), return_exceptions=True
    )
    assert [type(outcome).__name__ for outcome in outcomes] == ["Receipt", "RequestIdUsed", "Receipt", "IllegalMove"]
    assert await store.get(other.id) is not None


async def test_a_job_runs_and_finishes(store: Store, make_job: MakeJob) -> None:
    job = make_job()
    await store.add(job)
    await store.move(start(job))
    started = await store.get(job.id)
    await store.move(finish(job))
    ended = await store.get(job.id)
    assert started is not None
    assert (started.state, started.started_at) == (JobState.STARTED, NOW)
    assert ended is not None
    assert (ended.state, ended.ended_at, ended.outcome.results) == (JobState.FINISHED, LATER, {"show version": "v1"})


async def test_a_failure_comes_back_whole(store: Store, make_job: MakeJob) -> None:
    job = make_job()
    failure = Failure(ErrorCode.SSH_ERROR, "the device hung up")
    await store.add(job)
    await store.move(start(job))
    await store.move(Move(job.id, JobState.FAILED, LATER, outcome=Outcome(failure=failure), needs_review=True))
    read = await store.get(job.id)
    assert read is not None
    assert (read.outcome.failure, read.outcome.results, read.needs_review) == (failure, None, True)
    assert failure.retryable


async def test_of_two_movers_one_wins(store: Store, make_job: MakeJob) -> None:
    """The other hears what was the case, and nothing was changed for it."""
    job = make_job()
    await store.add(job)
    await store.move(start(job))
    await store.move(Move(job.id, JobState.CANCELED, LATER))
    with pytest.raises(IllegalMove, match="is canceled and cannot become finished"):
        await store.move(finish(job))
    read = await store.get(job.id)
    assert read is not None
    assert (read.state, read.outcome.results) == (JobState.CANCELED, None)


TO_REACH = {
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
        job = make_job()
        await store.add(job)
        for step in TO_REACH[before]:
            await store.move(Move(job.id, step, NOW, lease=Lease("w1", LATER)))
        if after in MOVES[before]:
            await store.move(Move(job.id, after, NOW))
            continue
        with pytest.raises(IllegalMove, match=f"job {job.id} is {before} and cannot become {after}"):
            await store.move(Move(job.id, after, NOW))
        unchanged = await store.get(job.id)
        assert unchanged is not None
        assert unchanged.state is before


async def test_a_move_may_be_narrowed_to_one_state_before(store: Store, make_job: MakeJob) -> None:
    """A cancel that means a waiting job must not hit one that has just started."""
    job = make_job()
    await store.add(job)
    await store.move(start(job))
    with pytest.raises(IllegalMove, match="is started and cannot become canceled"):
        await store.move(Move(job.id, JobState.CANCELED, NOW, only_from=JobState.QUEUED))


async def test_moving_an_unknown_job_is_illegal(store: Store, make_job: MakeJob) -> None:
    with pytest.raises(IllegalMove, match="is unknown and cannot become started"):
        await store.move(start(make_job()))


async def test_moves_happen_in_the_order_of_the_calls(store: Store, make_job: MakeJob) -> None:
    """Awaiting is only for knowing; a worker may queue the start and wait for the end alone."""
    job = make_job()
    pending = [store.add(job), store.move(start(job)), store.move(finish(job))]
    await asyncio.gather(*pending)
    read = await store.get(job.id)
    assert read is not None
    assert read.state is JobState.FINISHED


async def test_queued_jobs_come_back_with_their_logins_oldest_first(store: Store, make_job: MakeJob) -> None:
    jobs = [make_job(host=f"192.0.2.{number}", sealed_login=b"s%d" % number) for number in range(3)]
    for job in jobs:
        await store.add(job)
    await store.move(start(jobs[1]))
    waiting = await store.queued()
    assert [(job.id, job.sealed_login) for job in waiting] == [(jobs[0].id, b"s0"), (jobs[2].id, b"s2")]


async def test_started_jobs_of_dead_workers_are_lost(store: Store, make_job: MakeJob) -> None:
    mine, theirs, waiting = make_job(), make_job(), make_job()
    for job in (mine, theirs, waiting):
        await store.add(job)
    await store.move(start(mine, "alive"))
    await store.move(start(theirs, "dead"))
    await store.renew(Lease("alive", LATER))
    assert [job.id for job in await store.lost(alive={"alive"})] == [theirs.id]
    assert {job.id for job in await store.lost(alive=())} == {mine.id, theirs.id}


async def test_a_requeued_job_can_start_again_with_its_login(store: Store, make_job: MakeJob) -> None:
    job = make_job()
    await store.add(job)
    await store.move(start(job))
    await store.move(Move(job.id, JobState.QUEUED, LATER))
    (waiting,) = await store.queued()
    await store.move(start(job))
    assert (waiting.sealed_login, waiting.started_at) == (b"sealed", None)


async def test_an_ended_job_has_no_login_any_more(store: Store, make_job: MakeJob, tmp_path: Path) -> None:
    """What is not kept cannot leak; and the file holds no trace of it once it is rewritten."""
    job = make_job(sealed_login=b"a-recognisable-login")
    await store.add(job)
    await store.move(Move(job.id, JobState.CANCELED, NOW))
    assert list(await store.queued()) == []
    assert list(await store.lost(alive=())) == []


async def test_a_cancel_wish_is_kept_for_running_jobs_only(store: Store, make_job: MakeJob) -> None:
    running, ended = make_job(), make_job()
    for job in (running, ended):
        await store.add(job)
        await store.move(start(job))
    await store.move(finish(ended))
    for job in (running, ended):
        await store.request_cancel(job.id)
    wishes = [(await store.get(job.id)) for job in (running, ended)]
    assert [job.cancel_requested for job in wishes if job is not None] == [True, False]


def key(text: str = "k", fingerprint: str = "f", expires_at: datetime = LATER) -> Idempotency:
    return Idempotency(text, fingerprint, expires_at)


async def test_the_same_key_gives_the_same_job(store: Store, make_job: MakeJob) -> None:
    first, second = make_job(created_at=NOW), make_job(created_at=NOW)
    await store.add(first, key())
    receipt = await store.add(second, key(fingerprint="another"))
    assert (receipt.job_id, receipt.reused, receipt.fingerprint) == (first.id, True, "f")
    assert await store.get(second.id) is None


async def test_two_requests_racing_with_one_key_make_one_job(store: Store, make_job: MakeJob) -> None:
    jobs = [make_job(created_at=NOW) for _ in range(20)]
    receipts = await asyncio.gather(*(store.add(job, key()) for job in jobs))
    assert len({receipt.job_id for receipt in receipts}) == 1
    assert len(await store.queued()) == 1


async def test_the_earlier_request_of_a_key_can_be_asked_for(store: Store, make_job: MakeJob) -> None:
    job = make_job(created_at=NOW)
    await store.add(job, key(expires_at=LATER))
    found = await store.earlier(key(), NOW)
    assert found is not None
    assert (found.job_id, found.reused, found.fingerprint) == (job.id, True, "f")
    assert await store.earlier(key(), LATER + timedelta(seconds=1)) is None
    assert await store.earlier(key("another"), NOW) is None


async def test_an_expired_key_is_free_again(store: Store, make_job: MakeJob) -> None:
    await store.add(make_job(created_at=NOW), key(expires_at=NOW + timedelta(seconds=1)))
    second = make_job(created_at=LATER)
    receipt = await store.add(second, key())
    assert (receipt.job_id, receipt.reused) == (second.id, False)


async def test_pages_hold_the_owners_jobs_newest_first(store: Store, make_job: MakeJob) -> None:
    mine = [make_job() for _ in range(5)]
    for job in (*mine, make_job(owner="bob")):
        await store.add(job)
    first = await store.page(JobQuery("ann", page=1, per_page=2))
    last = await store.page(JobQuery("ann", page=3, per_page=2))
    beyond = await store.page(JobQuery("ann", page=4, per_page=2))
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
        await store.add(job)
    await store.move(start(jobs[0]))
    await store.move(start(jobs[1]))
    page = await store.page(JobQuery("ann", state=state, tag=tag))
    assert [job.id for job in page.jobs] == [jobs[index].id for index in found]
    assert page.total == len(found)


async def test_jobs_of_a_page_come_without_what_came_of_them(store: Store, make_job: MakeJob) -> None:
    """A hundred answers of some megabytes each would fill memory for a list that shows none of them."""
    job = make_job()
    await store.add(job)
    await store.move(start(job))
    await store.move(finish(job))
    (listed,) = (await store.page(JobQuery("ann"))).jobs
    assert (listed.state, listed.ended_at, listed.outcome) == (JobState.FINISHED, LATER, Outcome())


async def test_counts_are_over_all_owners(store: Store, make_job: MakeJob) -> None:
    jobs = [make_job(owner=owner) for owner in ("ann", "bob", "eve")]
    for job in jobs:
        await store.add(job)
    await store.move(start(jobs[0]))
    await store.move(Move(jobs[1].id, JobState.FAILED, NOW))
    counts = await store.counts()
    assert (counts.queued, counts.started, counts.failed) == (1, 1, 1)


async def test_purging_forgets_old_endings_and_keeps_the_rest(store: Store, make_job: MakeJob) -> None:
    finished, failed, running = make_job(tags={"site": "lab"}), make_job(), make_job()
    for job in (finished, failed, running):
        await store.add(job)
        await store.move(start(job))
    await store.move(finish(finished))
    await store.move(Move(failed.id, JobState.FAILED, LATER))
    forgotten = await store.purge(
        Deadlines(succeeded_before=LATER + timedelta(seconds=1), failed_before=LATER, now=LATER)
    )
    page = await store.page(JobQuery("ann"))
    assert forgotten == 1
    assert {job.id for job in page.jobs} == {failed.id, running.id}
    assert (await store.page(JobQuery("ann", tag=("site", "lab")))).total == 0


async def test_a_large_purge_goes_in_steps_and_forgets_all(store: Store, make_job: MakeJob) -> None:
    jobs = [make_job() for _ in range(1200)]
    await asyncio.gather(*(store.add(job) for job in jobs))
    await asyncio.gather(*(store.move(Move(job.id, JobState.CANCELED, NOW)) for job in jobs))
    assert await store.purge(Deadlines(succeeded_before=LATER, failed_before=LATER, now=NOW)) == 1200
    assert (await store.page(JobQuery("ann"))).total == 0


async def test_a_closed_store_answers_at_once(store: Store, make_job: MakeJob) -> None:
    """A request that comes too late must not wait for an answer that never comes."""
    store.close()
    with pytest.raises(StoreUnavailable, match="going down"):
        await store.add(make_job())
    with pytest.raises(StoreUnavailable, match="going down"):
        await store.get("x")
