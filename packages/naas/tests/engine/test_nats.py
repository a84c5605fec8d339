"""What only the engine of several machines has to promise: workers share, take over, and outlive the server."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from naas.engine.base import CancelEffect, Claimer, Delivery, WorkerInfo
from naas.engine.nats import Connection, NatsEngine
from naas.engine.nats import connection as connection_module
from naas.engine.nats.ledger import NatsLedger
from naas.engine.nats.names import REPORTS_STREAM, jobs_stream, partition_of
from naas.engine.nats.state import Partition, StateStore
from naas.engine.nats.testing import NatsServer
from naas.errors import EngineUnavailable
from naas.jobs import Device, Ending, Job, JobState, Priority

MakeJob = Callable[..., Job]
OpenEngine = Callable[[], "asyncio.Future[NatsEngine]"]

PATIENCE = 10.0


@pytest.fixture
async def open_engine(nats_server: NatsServer, lease: float) -> AsyncIterator[Callable[..., object]]:
    """Opens engines, each on a connection of its own as in a process of its own; the server is empty."""
    await nats_server.wipe()
    connections: list[Connection] = []

    async def open_one(partitions: int = 4) -> NatsEngine:
        connections.append(await Connection.open(nats_server.url, name="test"))
        return NatsEngine(connections[-1], lease_seconds=lease, partitions=partitions)

    yield open_one
    for connection in connections:
        await connection.close()


async def take(claimer: Claimer, count: int) -> list[Delivery]:
    taken: list[Delivery] = []
    async with asyncio.timeout(PATIENCE):
        while len(taken) < count:
            taken += await claimer.claim(count - len(taken))
    return taken


async def owners(connection: Connection) -> dict[Partition, str]:
    return {partition: owned.record.worker for partition, owned in (await StateStore(connection).read()).owners.items()}


async def shared(connection: Connection, **shares: int) -> None:
    """Wait until the workers own so many partitions."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(EngineUnavailable):  # before the first worker there is no stream
                names = list((await owners(connection)).values())
                if {name: names.count(name) for name in set(names)} == shares:
                    return
            await asyncio.sleep(0.02)


def info(name: str) -> WorkerInfo:
    return WorkerInfo(name, "host", ("default",), 4, 0)


# Sharing


async def test_workers_share_partitions_as_they_come_and_go(open_engine: Callable[..., object]) -> None:
    engines: Sequence[NatsEngine] = [await open_engine() for _ in range(3)]  # type: ignore[misc]
    claimers = [engine.claimer(name, ["default"]) for engine, name in zip(engines, "abc", strict=True)]
    await claimers[0].heartbeat([], info("a"))
    await shared(engines[0].connection, a=4)
    await claimers[1].heartbeat([], info("b"))
    await shared(engines[0].connection, a=2, b=2)
    await claimers[2].heartbeat([], info("c"))
    await shared(engines[0].connection, a=2, b=1, c=1)
    await claimers[0].close()
    await shared(engines[1].connection, b=2, c=2)


async def test_a_device_stays_with_its_worker(open_engine: Callable[..., object], make_job: MakeJob) -> None:
    """So that the session which is warm is used."""
    engine, other = await open_engine(), await open_engine()  # type: ignore[misc]
    one, two = engine.claimer("a", ["default"]), other.claimer("b", ["default"])
    await one.heartbeat([], info("a"))
    await two.heartbeat([], info("b"))
    await shared(engine.connection, a=2, b=2)
    hosts = [f"192.0.2.{number}" for number in range(8)]
    served: dict[str, set[str]] = {}

    async def serve(name: str, claimer: Claimer) -> None:
        while True:
            for delivery in await claimer.claim(10):
                served.setdefault(delivery.job.device.host, set()).add(name)
                await claimer.ack(delivery)

    serving = [asyncio.create_task(serve(name, each)) for name, each in (("a", one), ("b", two))]
    for _ in range(5):
        await engine.publish([make_job(host=host) for host in hosts])
    async with asyncio.timeout(PATIENCE):
        while (await engine.depth()).waiting or len(served) < len(hosts):
            await asyncio.sleep(0.05)
    for task in serving:
        task.cancel()
    assert {len(names) for names in served.values()} == {1}
    assert {name for names in served.values() for name in names} == {"a", "b"}


def test_a_device_is_in_the_same_partition_for_ever(make_job: MakeJob) -> None:
    """Also in the next version: these numbers are in the streams of installations."""
    jobs = [make_job(host=host) for host in ("192.0.2.1", "2001:DB8::1", "2001:db8:0::1", "core-1.example.net")]
    assert [partition_of(job, 32) for job in jobs] == [5, 13, 13, 20]
    assert Device("CORE-1.example.net", 22, "cisco_ios").address == jobs[3].device.address


# Taking over


async def test_what_a_dead_worker_had_comes_again_first_and_in_order(
    open_engine: Callable[..., object], make_job: MakeJob
) -> None:
    """Those that it had read, and those that it had not."""
    engine, other = await open_engine(1), await open_engine(1)  # type: ignore[misc]
    dead, heir = engine.claimer("dead", ["default"]), other.claimer("heir", ["default"])
    jobs = [make_job() for _ in range(5)]
    await engine.publish(jobs)
    await take(dead, 1)
    await engine.connection.close()  # as good as dead: no sign of life, no handover
    came: list[tuple[str, int]] = []
    for _ in jobs:
        (delivery,) = await take(heir, 1)
        came.append((delivery.job.id, delivery.attempt))
        await heir.ack(delivery)
    assert came == [(job.id, 2) for job in jobs]
    later = make_job()
    await other.publish([later])
    (delivery,) = await take(heir, 1)
    assert (delivery.job.id, delivery.attempt) == (later.id, 1)


async def test_a_job_that_comes_back_over_a_handover_is_known_to_have_been_out(
    open_engine: Callable[..., object], make_job: MakeJob
) -> None:
    engine, other = await open_engine(1), await open_engine(1)  # type: ignore[misc]
    leaving, heir = engine.claimer("leaving", ["default"]), other.claimer("heir", ["default"])
    job = make_job()
    await engine.publish([job])
    (delivery,) = await take(leaving, 1)
    await leaving.nak(delivery, delay=30.0)
    await leaving.close()
    (again,) = await take(heir, 1)
    assert (again.job.id, again.attempt) == (job.id, 2)


async def test_a_job_that_only_waited_is_handed_over_as_new(
    open_engine: Callable[..., object], make_job: MakeJob
) -> None:
    engine, other = await open_engine(1), await open_engine(1)  # type: ignore[misc]
    leaving, heir = engine.claimer("leaving", ["default"]), other.claimer("heir", ["default"])
    running, waiting = make_job(), make_job()
    await engine.publish([running, waiting])
    (delivery,) = await take(leaving, 1)
    await leaving.close()
    await leaving.ack(delivery)
    (handed_over,) = await take(heir, 1)
    assert (handed_over.job.id, handed_over.attempt) == (waiting.id, 1)


async def test_who_closes_after_the_last_job_leaves_nothing_behind(
    open_engine: Callable[..., object], make_job: MakeJob
) -> None:
    """As a worker does that stops: the process ends when this is done."""
    engine, watching = await open_engine(2), await open_engine(2)  # type: ignore[misc]
    claimer = engine.claimer("a", ["default"])
    await engine.publish([make_job()])
    (delivery,) = await take(claimer, 1)
    await claimer.close()
    assert sorted((await owners(watching.connection)).values()) == ["", "a"]
    await claimer.ack(delivery)
    await engine.close()
    assert sorted((await owners(watching.connection)).values()) == ["", ""]
    assert not (await StateStore(watching.connection).read()).workers


async def test_a_worker_that_was_out_of_touch_leaves_its_jobs_to_whoever_took_them(
    open_engine: Callable[..., object], make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had read waits elsewhere now; what it had out ends, and never waits here again."""
    engine, other = await open_engine(1), await open_engine(1)  # type: ignore[misc]
    silent, heir = engine.claimer("silent", ["default"]), other.claimer("heir", ["default"])
    first, second, elsewhere = make_job(), make_job(), make_job(host="192.0.2.2")
    await engine.publish([first, second, elsewhere])
    taken = {delivery.job.id: delivery for delivery in await take(silent, 2)}

    async def fail(*_: object) -> None:
        raise EngineUnavailable("the cable is out")

    with monkeypatch.context() as patch:
        patch.setattr(silent._ownership._state, "put_worker", fail)
        again = await take(heir, 2)
        assert {(each.job.id, each.attempt) for each in again} == {(first.id, 2), (elsewhere.id, 2)}
        claiming = asyncio.create_task(silent.claim(10))
    async with asyncio.timeout(PATIENCE):
        while silent._ownership._feeds or not silent._ownership.is_in_touch:
            await asyncio.sleep(0.02)
    await silent.nak(taken[first.id], delay=0)
    await silent.ack(taken[elsewhere.id])
    done, _ = await asyncio.wait({claiming}, timeout=0.3)
    assert not done
    claiming.cancel()
    for delivery in again:
        await heir.ack(delivery)
    assert [each.job.id for each in await take(heir, 1)] == [second.id]


async def test_a_partition_that_was_taken_without_hearing_so_is_read_all_the_same(
    open_engine: Callable[..., object], make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await open_engine(1)  # type: ignore[misc]
    claimer = engine.claimer("a", ["default"])
    put_owner, lost = StateStore.put_owner, list[Partition]()

    async def lose_the_first_answer(self: StateStore, partition: Partition, *given: Any, **options: Any) -> int | None:
        revision = await put_owner(self, partition, *given, **options)
        if not lost:
            lost.append(partition)
            raise EngineUnavailable("NATS did not answer")
        return revision

    monkeypatch.setattr(StateStore, "put_owner", lose_the_first_answer)
    job = make_job()
    await engine.publish([job])
    assert [each.job.id for each in await take(claimer, 1)] == [job.id]
    assert lost == [Partition("default", 0)]


# Reading


async def test_a_busy_device_does_not_hide_the_others_of_its_partition(
    open_engine: Callable[..., object], make_job: MakeJob
) -> None:
    """Its jobs may be more than are read at once."""
    engine = await open_engine(1)  # type: ignore[misc]
    await engine.publish([make_job(host="192.0.2.1") for _ in range(150)])
    await engine.publish([make_job(host="192.0.2.2")])
    claimer = engine.claimer("a", ["default"])
    assert {each.job.device.host for each in await take(claimer, 2)} == {"192.0.2.1", "192.0.2.2"}


async def test_high_priority_overtakes_a_long_queue(open_engine: Callable[..., object], make_job: MakeJob) -> None:
    engine = await open_engine(1)  # type: ignore[misc]
    await engine.publish([make_job(priority=Priority.LOW) for _ in range(150)])
    urgent = make_job(priority=Priority.HIGH)
    await engine.publish([urgent])
    claimer = engine.claimer("a", ["default"])
    await claimer.heartbeat([], info("a"))
    await shared(engine.connection, a=1)
    await asyncio.sleep(0.1)  # until it has read some of each
    assert [each.job.id for each in await take(claimer, 1)] == [urgent.id]


async def test_thousands_of_jobs_go_through(open_engine: Callable[..., object], make_job: MakeJob) -> None:
    engine = await open_engine(4)  # type: ignore[misc]
    jobs = [make_job(host=f"192.0.2.{number % 50}") for number in range(2000)]
    await engine.publish(jobs)
    claimer, order = engine.claimer("a", ["default"]), dict[str, list[str]]()
    done = 0
    async with asyncio.timeout(30):
        while done < len(jobs):
            for delivery in await claimer.claim(64):
                order.setdefault(delivery.job.device.host, []).append(delivery.job.id)
                await claimer.ack(delivery)
                done += 1
    expected: dict[str, list[str]] = {}
    for job in jobs:
        expected.setdefault(job.device.host, []).append(job.id)
    assert order == expected


# The server


async def test_waiting_jobs_survive_the_server_and_nobody_has_to_be_restarted(
    open_engine: Callable[..., object], nats_server: NatsServer, make_job: MakeJob
) -> None:
    engine = await open_engine()  # type: ignore[misc]
    claimer = engine.claimer("a", ["default"])
    first, second, third = (make_job(host=f"192.0.2.{number}") for number in range(3))
    await engine.publish([first, second])
    running = await take(claimer, 2)

    async def keep_alive() -> None:
        while True:
            await claimer.heartbeat(running, info("a"))
            await asyncio.sleep(0.05)

    keeping = asyncio.create_task(keep_alive())
    nats_server.kill()
    with pytest.raises(EngineUnavailable, match=rf"NATS at 127\.0\.0\.1:{nats_server.port}"):
        await engine.publish([third])
    with pytest.raises(EngineUnavailable):
        await engine.depth()
    nats_server.start()
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(EngineUnavailable):
                await engine.publish([third])
                break
            await asyncio.sleep(0.05)
    (delivery,) = await take(claimer, 1)
    assert delivery.job.id == third.id
    keeping.cancel()
    for each in (*running, delivery):
        await claimer.ack(each)
    async with asyncio.timeout(PATIENCE):
        while (await engine.connection.api(f"STREAM.INFO.{jobs_stream('default')}"))["state"]["messages"]:
            await asyncio.sleep(0.05)


async def test_streams_that_somebody_removed_are_made_again(
    open_engine: Callable[..., object], nats_server: NatsServer, make_job: MakeJob
) -> None:
    """What waits is still in the store; the reaper publishes it again."""
    engine = await open_engine()  # type: ignore[misc]
    claimer = engine.claimer("a", ["default"])
    await engine.publish([make_job()])
    await take(claimer, 1)
    await nats_server.wipe()
    job = make_job(host="192.0.2.9")
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(EngineUnavailable):
                await engine.publish([job])
                break
    (delivery,) = await take(claimer, 1)
    assert delivery.job.id == job.id


async def test_a_server_that_is_not_there_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "_CONNECT_SECONDS", 0.5)
    with pytest.raises(EngineUnavailable) as caught:
        await Connection.open("nats://ann:SECRET@127.0.0.1:1", name="test")
    assert "cannot connect to NATS at 127.0.0.1:1: " in str(caught.value)
    assert "is nats-server running there, with JetStream (-js), and does it know this login?" in str(caught.value)
    assert "SECRET" not in str(caught.value)


async def test_a_login_that_the_server_refuses_is_told_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "_CONNECT_SECONDS", 0.5)
    with NatsServer(tmp_path, options="authorization { user: ann, password: right }") as server:
        url = f"nats://ann:SECRET@127.0.0.1:{server.port}"
        with pytest.raises(EngineUnavailable, match=r"Authorization Violation|does it know this login") as caught:
            await Connection.open(url, name="test")
        assert "SECRET" not in str(caught.value)
        connection = await Connection.open(url.replace("SECRET", "right"), name="test")
        assert connection.is_up
        await connection.close()


@pytest.mark.parametrize(
    ("known", "login"),
    [("user: ann, password: 'p@ss:/word'", "ann:p%40ss%3A%2Fword"), ("token: 't@ken'", "t%40ken")],
    ids=["user and password", "token"],
)
async def test_a_login_may_have_any_letters(tmp_path: Path, known: str, login: str) -> None:
    with NatsServer(tmp_path, options=f"authorization {{ {known} }}") as server:
        connection = await Connection.open(f"nats://{login}@127.0.0.1:{server.port}", name="test")
        assert connection.is_up
        await connection.close()


async def test_a_stream_that_is_not_ours_is_left_alone(open_engine: Callable[..., object], make_job: MakeJob) -> None:
    engine = await open_engine()  # type: ignore[misc]
    name = jobs_stream("default")
    await engine.connection.api(f"STREAM.CREATE.{name}", {"name": name, "subjects": ["naas.jobs.default.>"]})
    with pytest.raises(EngineUnavailable, match="was not made by naas: its metadata has no naas-partitions"):
        await engine.publish([make_job()])


async def test_a_full_stream_is_not_taken_for_a_job_that_is_there_already(
    open_engine: Callable[..., object], make_job: MakeJob
) -> None:
    """JetStream answers both with the same code."""
    engine = await open_engine()  # type: ignore[misc]
    await engine.publish([make_job()])
    stream = jobs_stream("default")
    config = (await engine.connection.api(f"STREAM.INFO.{stream}"))["config"]
    await engine.connection.api(f"STREAM.UPDATE.{stream}", {**config, "max_msgs": 1})
    with pytest.raises(EngineUnavailable, match="maximum messages exceeded"):
        await engine.publish([make_job()])


async def test_the_stream_decides_how_many_partitions_there_are(
    open_engine: Callable[..., object], make_job: MakeJob
) -> None:
    """A process that is told something else does not read past the others."""
    engine, other = await open_engine(4), await open_engine(32)  # type: ignore[misc]
    jobs = [make_job(host=f"192.0.2.{number}") for number in range(20)]
    await engine.publish(jobs)
    taken = await take(other.claimer("a", ["default"]), 20)
    assert {each.job.id for each in taken} == {job.id for job in jobs}


async def test_nothing_but_sealed_logins_goes_to_the_server(
    open_engine: Callable[..., object], make_job: MakeJob
) -> None:
    engine = await open_engine()  # type: ignore[misc]
    job = make_job(sealed_login=b"SEALED")
    await engine.publish([job])
    found = await engine.connection.request(
        f"$JS.API.DIRECT.GET.{jobs_stream('default')}.naas.jobs.default.normal.{partition_of(job, 4)}.{job.id}"
    )
    assert found is not None
    assert b"SEALED" in found.data


async def test_a_worker_needs_no_more_permissions_than_the_guide_says(
    tmp_path: Path, make_job: MakeJob, lease: float
) -> None:
    guide = (Path(__file__).parents[4] / "docs" / "guide" / "naas-scale-out.md").read_text()
    (permissions,) = re.findall(r"```text\n(permissions .*?)```", guide, flags=re.S)
    users = f"{{ user: api, password: a }}, {{ user: worker, password: w, {permissions} }}"
    with NatsServer(tmp_path, options=f"authorization {{ users: [{users}] }}") as server:
        place = f"127.0.0.1:{server.port}"
        api = await Connection.open(f"nats://api:a@{place}", name="api")
        restricted = await Connection.open(f"nats://worker:w@{place}", name="worker")
        engine, other = NatsEngine(api, lease_seconds=lease), NatsEngine(restricted, lease_seconds=lease)
        ledger, claimer = NatsLedger(restricted), other.claimer("a", ["default"])
        running, waiting = make_job(), make_job()
        await engine.publish([running, waiting])
        (delivery,) = await take(claimer, 1)
        await ledger.progress(running, 1, 2)
        await ledger.renew("a", lease)
        await ledger.end(running, Ending(JobState.FINISHED))
        assert await engine.cancel(waiting) is CancelEffect.WITHDRAWN
        assert await engine.cancel(running) is CancelEffect.SIGNALLED
        await claimer.ack(delivery)
        await other.close()
        assert not await engine.workers()
        assert (await api.api(f"STREAM.INFO.{REPORTS_STREAM}"))["state"]["messages"] == 1
        await restricted.close()
        await api.close()
