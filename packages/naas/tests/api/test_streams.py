"""Server-sent events of one job."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from naas.api.streams import Event, Listening, OpenStreams
from naas.config import Settings
from naas.engine.base import JobEvent
from naas.engine.embedded import EmbeddedEngine
from naas.jobs import JobState
from naas.testing import ScriptedDriver

OpenService = Callable[[Settings], AbstractAsyncContextManager[httpx.AsyncClient]]


async def submit(client: httpx.AsyncClient, *commands: str) -> str:
    response = await client.post("/v2/send-command", json={"host": "192.0.2.1", "commands": list(commands)})
    job_id: str = response.json()["job_id"]
    return job_id


def events_of(text: str) -> list[tuple[str, dict[str, Any]]]:
    frames = [frame for frame in text.split("\n\n") if "event: " in frame]
    fields = [dict(line.split(": ", 1) for line in frame.splitlines()) for frame in frames]
    numbers = [str(number) for number in range(1, len(fields) + 1)]
    ids = [each["id"] for each in fields]
    assert ids in (numbers, [*numbers[:-1], "end"])
    return [(each["event"], json.loads(each["data"])) for each in fields]


async def test_each_state_is_told_and_the_result_at_the_end(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    await submit(client, "hold")
    await asyncio.to_thread(driver.held.wait, 5.0)
    waiting = await submit(client, "show version")
    watching = asyncio.create_task(client.get(f"/v2/jobs/{waiting}/stream", headers={"Last-Event-ID": "7"}))
    await asyncio.sleep(0.1)
    driver.release()
    response = await asyncio.wait_for(watching, 5.0)
    events = events_of(response.text)
    assert response.text.startswith("retry: 2000\n\n")
    assert response.headers["content-type"].startswith("text/event-stream")
    assert (response.headers["cache-control"], response.headers["x-accel-buffering"]) == ("no-cache", "no")
    assert events[0] == ("status", {"job_id": waiting, "status": "queued"})
    assert ("status", {"job_id": waiting, "status": "started"}) in events
    name, result = events[-1]
    assert (name, result["status"], result["results"]) == (
        "result",
        "finished",
        {"show version": "192.0.2.1> show version"},
    )


async def test_progress_comes_only_where_it_is_asked_for(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    job_id = await submit(client, "show version", "hold", "show clock")
    streams = [asyncio.create_task(client.get(f"/v2/jobs/{job_id}/stream{query}")) for query in ("", "?progress=true")]
    await asyncio.to_thread(driver.held.wait, 5.0)
    await asyncio.sleep(0.1)
    driver.release()
    without, with_it = [events_of((await asyncio.wait_for(each, 5.0)).text) for each in streams]
    assert "progress" not in {name for name, _ in without}
    told = [data for name, data in with_it if name == "progress"]
    assert told
    assert told[-1] == {"job_id": job_id, "done": told[-1]["done"], "total": 3}


async def test_a_cancel_is_a_status_and_the_end(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    await submit(client, "hold")
    waiting = await submit(client, "show version")
    watching = asyncio.create_task(client.get(f"/v2/jobs/{waiting}/stream"))
    await asyncio.sleep(0.1)
    await client.delete(f"/v2/jobs/{waiting}")
    events = events_of((await asyncio.wait_for(watching, 5.0)).text)
    assert events[-1] == ("status", {"job_id": waiting, "status": "canceled"})


async def test_who_has_seen_the_end_is_told_that_there_is_no_more(client: httpx.AsyncClient) -> None:
    """Browsers connect again when a stream ends, until they hear 204."""
    job_id = await submit(client, "show version")
    first = await client.get(f"/v2/jobs/{job_id}/stream")
    assert "id: end\nevent: result\n" in first.text
    again = await client.get(f"/v2/jobs/{job_id}/stream", headers={"Last-Event-ID": "end"})
    assert (again.status_code, again.content) == (204, b"")
    missed = await client.get(f"/v2/jobs/{job_id}/stream", headers={"Last-Event-ID": "1"})
    assert "event: result\n" in missed.text


async def test_an_unknown_job_is_404_before_a_foreign_one_is_403(client: httpx.AsyncClient) -> None:
    job_id = await submit(client, "show version")
    unknown = await client.get("/v2/jobs/00000000-0000-4000-8000-000000000000/stream")
    foreign = await client.get(f"/v2/jobs/{job_id}/stream", auth=("bob", "x"))
    assert (unknown.status_code, foreign.status_code) == (404, 403)


async def test_a_quiet_stream_gives_signs_of_life(
    client: httpx.AsyncClient, driver: ScriptedDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naas.api.streams.KEEP_ALIVE", 0.05)
    job_id = await submit(client, "hold")
    watching = asyncio.create_task(client.get(f"/v2/jobs/{job_id}/stream"))
    await asyncio.sleep(0.4)
    driver.release()
    response = await asyncio.wait_for(watching, 5.0)
    assert response.text.count(": still here\n\n") >= 2


@pytest.fixture
async def service(open_service: OpenService, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A service whose keys are managed."""
    async with open_service(dataclasses.replace(settings, admin_secret=MANAGER[1])) as client:
        client.auth = None
        yield client


MANAGER = ("anybody", "the secret of the operator")


async def new_key(service: httpx.AsyncClient) -> tuple[str, dict[str, str]]:
    made = (await service.post("/v2/api-keys", json={"role": "operator"}, auth=MANAGER)).json()
    return made["key_id"], {"X-API-Key": made["token"]}


@pytest.mark.parametrize("path", ["/v2/jobs/{job}/stream", "/v2/batches/{batch}/stream", "/v2/events"])
async def test_a_stream_ends_when_the_key_is_revoked(
    service: httpx.AsyncClient, driver: ScriptedDriver, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """With its next sign of life; whoever connects again is told why, and nothing counts as a guess."""
    monkeypatch.setattr("naas.api.streams.KEEP_ALIVE", 0.05)
    monkeypatch.setattr("naas.services.job_reading.QUIET_SECONDS", 0.05)
    key_id, headers = await new_key(service)
    login = {"username": "ann", "password": "secret", "platform": "cisco_ios", "commands": ["hold"]}
    body = {"devices": [{"host": "192.0.2.1"}], **login}
    batch = (await service.post("/v2/send-command/batch", json=body, headers=headers)).json()
    watched = path.format(job=batch["job_ids"][0], batch=batch["batch_id"])
    streams = [asyncio.create_task(service.get(watched, headers=headers)) for _ in range(3)]
    await asyncio.sleep(0.2)
    assert not any(stream.done() for stream in streams), "as long as the key is good"
    assert (await service.delete(f"/v2/api-keys/{key_id}", auth=MANAGER)).status_code == 204
    for stream in await asyncio.wait_for(asyncio.gather(*streams), 5.0):
        assert ": still here" in stream.text
        assert stream.text.endswith(": your credential is not good any more\n\n")
    assert (await service.get(watched, headers=headers)).status_code == 401
    told = (await service.get("/v2/audit", auth=MANAGER)).json()["events"]
    assert [each["event_type"] for each in told].count("auth.failure") == 1, "of the last request alone"
    driver.release()


async def test_a_busy_stream_ends_as_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that always has something to tell gives no sign of life, and is looked at all the same."""
    monkeypatch.setattr("naas.api.streams.KEEP_ALIVE", 0.05)
    asked: list[float] = []

    async def events() -> AsyncIterator[Event]:
        while True:
            yield Event("progress", {})
            await asyncio.sleep(0.005)

    async def is_welcome() -> bool:
        asked.append(time.monotonic())
        return len(asked) < 3

    open_streams = OpenStreams(1)
    stream = open_streams.answer(events(), is_welcome)
    frames = [frame async for frame in cast("Any", stream.iterator)()]
    assert frames[-1] == b": your credential is not good any more\n\n"
    assert len(asked) == 3
    assert all(later - sooner >= 0.05 for sooner, later in pairwise(asked))
    assert len(open_streams) == 0, "there is room for the next"


async def test_head_does_not_wait_for_the_end(client: httpx.AsyncClient) -> None:
    job_id = await submit(client, "hold")
    response = await asyncio.wait_for(client.head(f"/v2/jobs/{job_id}/stream"), 5.0)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"].startswith("text/event-stream")


async def test_a_stream_ends_after_its_time(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("naas.api.streams.LONGEST", 0.1)
    job_id = await submit(client, "hold")
    response = await asyncio.wait_for(client.get(f"/v2/jobs/{job_id}/stream"), 5.0)
    assert events_of(response.text)[-1] == ("timeout", {"job_id": job_id, "message": "Stream timeout"})


async def test_more_streams_than_allowed_are_429(settings: Settings, open_service: OpenService) -> None:
    async with open_service(dataclasses.replace(settings, max_events_streams=1)) as client:
        job_id = await submit(client, "hold")
        watching = asyncio.create_task(client.get(f"/v2/jobs/{job_id}/stream"))
        await asyncio.sleep(0.2)
        refused = await client.get(f"/v2/jobs/{job_id}/stream")
        assert (refused.status_code, set(refused.json())) == (429, {"message"})
        assert "1 event streams are open" in refused.json()["message"]
        await client.delete(f"/v2/jobs/{job_id}")
        watching.cancel()
        await asyncio.wait({watching})


def test_over_a_socket_events_come_when_they_happen(start_server: Callable[..., Any], tmp_path: Path) -> None:
    """And a service that stops ends its streams, so that nothing keeps it from stopping."""
    with start_server(tmp_path, NAAS_DRAIN_SECONDS="1") as running:
        with httpx.Client(base_url=running.url, auth=("ann", "secret"), timeout=10) as client:
            body = {"host": "r1", "commands": ["show gated"]}
            job_id = client.post("/v2/send-command", json=body).json()["job_id"]
            with client.stream("GET", f"/v2/jobs/{job_id}/stream") as stream:
                lines = stream.iter_lines()
                assert any("started" in line for line in lines), "no event before the end"
                assert not running.gate.exists()
                running.open_gate()
                assert any(line == "event: result" for line in lines)
            running.gate.unlink()
            other = client.post("/v2/send-command", json={**body, "host": "r2"}).json()["job_id"]
            with client.stream("GET", f"/v2/jobs/{other}/stream") as stream:
                lines = stream.iter_lines()
                assert any("started" in line for line in lines)
                running.process.terminate()
                assert "event: result" not in list(lines)
        assert running.process.wait(20) == 0


def test_a_client_that_leaves_makes_room_for_the_next(start_server: Callable[..., Any], tmp_path: Path) -> None:
    with start_server(tmp_path, NAAS_MAX_EVENTS_STREAMS="1", NAAS_DRAIN_SECONDS="1") as running:
        login = ("ann", "secret")
        body = {"host": "r1", "commands": ["show gated"]}
        job_id = httpx.post(f"{running.url}/v2/send-command", json=body, auth=login).json()["job_id"]
        url = f"{running.url}/v2/jobs/{job_id}/stream"
        for _ in range(3):
            deadline = time.monotonic() + 5
            while True:
                with httpx.stream("GET", url, auth=login, timeout=10) as stream:
                    if stream.status_code == 200:
                        assert httpx.get(url, auth=login).status_code == 429
                        break
                assert time.monotonic() < deadline, "the place of the client that left was not given back"
                time.sleep(0.05)
        running.open_gate()


async def test_a_quiet_batch_gives_signs_of_life_beside_busy_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a proxy takes its stream for dead, and an event that was lost on its way is never made good."""
    monkeypatch.setattr("naas.api.streams.KEEP_ALIVE", 0.05)
    engine = EmbeddedEngine()

    async def busy() -> None:
        while True:
            await engine.announce(JobEvent("another", JobState.STARTED, "ann", "batch-2"))
            await asyncio.sleep(0.005)

    others = asyncio.create_task(busy())
    async with asyncio.timeout(2), engine.events(None) as events:
        heard = [each async for each in _first(Listening(events, "batch-1"), 2)]
    others.cancel()
    assert heard == [None, None]


async def _first(listening: Listening, count: int) -> AsyncIterator[object]:
    async for heard in listening:
        yield heard
        count -= 1
        if not count:
            return
