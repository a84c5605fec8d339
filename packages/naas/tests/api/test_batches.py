"""Batches over HTTP: submit, read, wait, list, cancel, retry, watch; waves and limits of failures."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from naas.config import Settings
from naas.driver.base import DeviceFailure, ErrorCode
from naas.testing import ScriptedDriver

OpenService = Callable[[Settings], AbstractAsyncContextManager[httpx.AsyncClient]]

GONE = DeviceFailure(ErrorCode.CONNECTION_TIMEOUT, "nobody answers")


def devices(count: int) -> list[dict[str, Any]]:
    return [{"host": f"r{number}", "platform": "cisco_ios"} for number in range(count)]


async def submit(client: httpx.AsyncClient, count: int, *commands: str, **fields: Any) -> str:
    body = {"devices": devices(count), "commands": list(commands) or ["show version"], **fields}
    response = await client.post("/v2/send-command/batch", json=body)
    assert response.status_code == 202, response.text
    batch_id: str = response.json()["batch_id"]
    return batch_id


async def read(client: httpx.AsyncClient, batch_id: str, **query: Any) -> dict[str, Any]:
    response = await client.get(f"/v2/batches/{batch_id}", params={"wait": 10, **query})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_a_batch_is_one_job_for_each_device_in_their_order(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v2/send-command/batch", json={"devices": devices(3), "commands": ["show clock"]})
    accepted = answer.json()
    assert (answer.status_code, accepted["total"], len(accepted["job_ids"])) == (202, 3, 3)
    assert answer.headers["operation-location"] == f"/v2/batches/{accepted['batch_id']}?wait=2"
    body = await read(client, accepted["batch_id"], results=True)
    assert [job["job_id"] for job in body["jobs"]] == accepted["job_ids"]
    assert [job["results"] for job in body["jobs"]] == [{"show clock": f"r{n}> show clock"} for n in range(3)]
    contract = {key: body[key] for key in ("batch_id", "total", "completed", "pending", "failed", "status")}
    assert contract == {
        "batch_id": accepted["batch_id"], "total": 3, "completed": 3, "pending": 0, "failed": 0, "status": "complete",
    }  # fmt: skip
    job = (await client.get(f"/v2/jobs/{accepted['job_ids'][1]}")).json()
    assert (job["host"], job["batch_id"]) == ("r1", accepted["batch_id"])
    listed = (await client.get(f"/v2/jobs?batch_id={accepted['batch_id']}")).json()
    assert listed["pagination"]["total"] == 3


async def test_results_come_only_where_they_are_asked_for(client: httpx.AsyncClient) -> None:
    body = await read(client, await submit(client, 2))
    assert {job["results"] for job in body["jobs"]} == {None}


async def test_logins_are_those_of_the_device_then_of_the_batch_then_of_the_caller(
    client: httpx.AsyncClient, driver: ScriptedDriver
) -> None:
    own = {**devices(1)[0], "username": "eve", "password": "x"}
    body = {"devices": [own, *devices(2)[1:]], "commands": ["show version"], "username": "bob", "password": "y"}
    for each in (body, {"devices": devices(3)[2:], "commands": ["show version"]}):
        accepted = (await client.post("/v2/send-command/batch", json=each)).json()
        await read(client, accepted["batch_id"])
    assert {talk.host: talk.username for talk in driver.conversations} == {"r0": "eve", "r1": "bob", "r2": "ann"}


@pytest.mark.parametrize(
    ("path", "fields", "lines"),
    [
        ("send-config", {"commands": ["hostname x"], "save_config": True}, ("hostname x",)),
        ("send-config", {"config": ["hostname y"], "commands": ["no"]}, ("hostname y",)),
        ("send-command-structured", {"commands": ["show version"]}, ("show version",)),
    ],
    ids=["configuration", "configuration by its other name", "structured"],
)
async def test_every_kind_of_job_comes_as_a_batch(
    client: httpx.AsyncClient, driver: ScriptedDriver, path: str, fields: dict[str, Any], lines: tuple[str, ...]
) -> None:
    answer = await client.post(f"/v2/{path}/batch", json={"devices": devices(2), **fields})
    body = await read(client, answer.json()["batch_id"])
    assert (body["kind"], body["completed"]) == (path, 2)
    assert {talk.lines for talk in driver.conversations} == {lines}


DEVICE = {"host": "r1", "platform": "cisco_ios"}
REFUSED = [
    pytest.param({"devices": None}, ["devices"], "required", id="no device"),
    pytest.param({"devices": []}, ["devices"], "length >= 1", id="an empty list"),
    pytest.param({"devices": [DEVICE] * 101}, ["devices"], "at most 100 devices", id="too many devices"),
    pytest.param({"devices": [DEVICE, {"host": "r2"}]}, ["devices", 1, "platform"], "for the batch", id="no platform"),
    pytest.param({"devices": [{"platform": "cisco_ios"}]}, ["devices", 0, "host"], "required", id="no host"),
    pytest.param({"devices": [{**DEVICE, "host": "a b"}]}, ["devices", 0, "host"], "host name", id="bad host"),
    pytest.param({"devices": [{**DEVICE, "platform": "x"}]}, ["devices", 0, "platform"], "unknown", id="bad platform"),
    pytest.param({"devices": [{**DEVICE, "port": 0}]}, ["devices", 0, "port"], ">= 1", id="bad port"),
    pytest.param({"devices": [{**DEVICE, "device": "r1"}]}, ["devices", 0, "device"], "not both", id="two names"),
    pytest.param({"group": "core"}, ["group"], "not both", id="devices and a group"),
    pytest.param({"commands": ["show"] * 51}, ["commands"], "at most 50 commands", id="too many commands"),
    pytest.param({"commands": ["show", " "]}, ["commands", 1], "blank", id="a blank command"),
    pytest.param({"waves": [1], "wave_size": 2}, ["wave_size"], "not both", id="two ways to cut"),
    pytest.param({"waves": ["200%"]}, ["waves", 0], "matching", id="more than all"),
    pytest.param({"waves": [0]}, ["waves", 0], ">= 1", id="an empty wave"),
    pytest.param({"max_failures": -1}, ["max_failures"], ">= 0", id="less than none"),
    pytest.param({"max_failures": 1, "stop_on_failure": True}, ["max_failures"], "not both", id="two limits"),
    pytest.param({"wave_pause_seconds": 90_000}, ["wave_pause_seconds"], "<= 86400", id="a pause of ages"),
]


@pytest.mark.parametrize(("fields", "location", "message"), REFUSED)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_batch_with_a_mistake_is_refused_as_a_whole(
    shared: httpx.AsyncClient, fields: dict[str, Any], location: list[str | int], message: str
) -> None:
    body = {"devices": [DEVICE], "commands": ["show version"], **fields}
    response = await shared.post("/v2/send-command/batch", json=body)
    assert response.status_code == 422
    (item,) = response.json()
    assert item["loc"] == location
    assert message in item["msg"]


async def test_one_device_that_is_refused_refuses_all(client: httpx.AsyncClient) -> None:
    """All or nothing: no half of a batch is ever kept."""
    body = {"devices": [DEVICE, {**DEVICE, "host": "r2", "context": "elsewhere"}], "commands": ["show version"]}
    response = await client.post("/v2/send-command/batch", json=body)
    assert (response.status_code, response.json()["error"][:15]) == (400, "Unknown context")
    assert (await client.get("/v2/jobs")).json()["pagination"]["total"] == 0


async def test_a_batch_that_the_rate_limit_does_not_hold_is_429(settings: Settings, open_service: OpenService) -> None:
    async with open_service(dataclasses.replace(settings, rate_limit_per_caller=3)) as client:
        refused = await client.post("/v2/send-command/batch", json={"devices": devices(4), "commands": ["show x"]})
        fits = await client.post("/v2/send-command/batch", json={"devices": devices(3), "commands": ["show x"]})
    assert (refused.status_code, set(refused.json())) == (429, {"message"})
    assert refused.json()["message"].startswith("Rate limit insufficient: 4 jobs were asked for and 3 of 3")
    assert int(refused.headers["retry-after"]) >= 1
    assert (fits.status_code, fits.headers["x-ratelimit-remaining"]) == (202, "0")


async def test_a_repeated_batch_is_the_same_batch(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    body = {"devices": devices(3), "commands": ["show version"]}
    key = {"Idempotency-Key": "once"}
    answers = await asyncio.gather(*(client.post("/v2/send-command/batch", json=body, headers=key) for _ in range(4)))
    ids = {answer.json()["batch_id"] for answer in answers}
    assert [answer.status_code for answer in answers] == [202] * 4
    assert len(ids) == 1
    assert sorted(answer.json()["idempotent"] for answer in answers) == [False, True, True, True]
    assert len({tuple(answer.json()["job_ids"]) for answer in answers}) == 1
    other = await client.post("/v2/send-command/batch", json={**body, "commands": ["x"]}, headers=key)
    assert (other.status_code, other.json()[0]["type"]) == (422, "idempotency_key_reused")
    await read(client, ids.pop())
    assert len(driver.conversations) == 3


async def test_unknown_is_404_and_foreign_is_403(client: httpx.AsyncClient) -> None:
    batch_id = await submit(client, 1)
    unknown = await client.get("/v2/batches/batch-000000000000")
    assert (unknown.status_code, unknown.json()) == (
        404,
        {"message": "Batch 'batch-000000000000' not found or has expired"},
    )
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/retry-failed"), ("GET", "/stream")):
        foreign = await client.request(method, f"/v2/batches/{batch_id}{path}", auth=("bob", "x"))
        assert foreign.status_code == 403
    assert (await client.get("/v2/batches", auth=("bob", "x"))).json()["batches"] == []


async def test_own_batches_are_listed_newest_first_page_by_page(client: httpx.AsyncClient) -> None:
    made = []
    for number in range(5):
        made.append(await submit(client, 1, f"show {number}", tags={"n": str(number)}))
        await asyncio.sleep(0.002)  # the list goes by milliseconds
    url: str | None = "/v2/batches?per_page=2"
    seen: list[dict[str, Any]] = []
    while url is not None:
        page = await client.get(url)
        seen += page.json()["batches"]
        link = page.headers.get("link")
        assert (link is None) is (page.json()["next"] is None)
        url = None if link is None else link.partition(">")[0].removeprefix("<")
    assert [batch["batch_id"] for batch in seen] == made[::-1]
    assert seen[0]["tags"] == {"n": "4"}


# Waves and limits


async def test_waves_go_one_after_the_other(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    batch_id = await submit(client, 6, waves=[1, 2])
    body = await read(client, batch_id)
    assert (body["waves"], body["status"]) == ([1, 2, 2, 1], "complete")
    assert [job["wave"] for job in body["jobs"]] == [0, 1, 1, 2, 2, 3]
    hosts = [talk.host for talk in driver.conversations]
    assert hosts[0] == "r0"
    assert set(hosts[1:3]) == {"r1", "r2"}
    assert set(hosts[3:5]) == {"r3", "r4"}
    assert driver.overlaps == []


async def test_the_next_wave_waits_for_every_job_of_the_one_before(
    client: httpx.AsyncClient, driver: ScriptedDriver
) -> None:
    batch_id = await submit(client, 2, "hold", wave_size=1)
    await asyncio.to_thread(driver.held.wait, 5.0)
    body = await read(client, batch_id, wait=0)
    assert [job["status"] for job in body["jobs"]] == ["started", "deferred"]
    assert (body["status"], body["deferred"], body["pending"]) == ("running", 1, 2)
    driver.release()
    assert (await read(client, batch_id))["status"] == "complete"


async def test_a_pause_between_waves_is_kept(client: httpx.AsyncClient) -> None:
    began = time.monotonic()
    body = await read(client, await submit(client, 2, wave_size=1, wave_pause_seconds=0.3))
    assert body["status"] == "complete"
    assert 0.3 <= time.monotonic() - began < 5


async def test_a_failure_stops_what_has_not_started(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    driver.script = {"show version": GONE}
    body = await read(client, await submit(client, 5, wave_size=1, stop_on_failure=True), results=True)
    assert (body["status"], body["stopped"], body["errors"], body["canceled"]) == ("failed", True, 1, 4)
    assert len(driver.conversations) == 1
    assert [job["error_code"] for job in body["jobs"]] == ["CONNECTION_TIMEOUT", None, None, None, None]
    assert body["jobs"][0]["error_retryable"] is True


async def test_without_waves_what_waits_is_stopped_too(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    """Two jobs of the batch wait behind a job that holds their device."""
    for host in ("r1", "r2"):
        await client.post("/v2/send-command", json={"host": host, "commands": ["hold"]})
    driver.script = {"show version": GONE}
    body = await read(client, await submit(client, 3, stop_on_failure=True))
    assert (body["errors"], body["canceled"], body["status"]) == (1, 2, "failed")


async def test_as_many_may_fail_as_were_allowed(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    driver.script = {"show version": GONE}
    body = await read(client, await submit(client, 4, wave_size=1, max_failures="50%"))
    assert (body["errors"], body["canceled"], body["stopped"]) == (3, 1, True)


# Cancelling, retrying


async def test_cancelling_a_batch_stops_what_has_not_ended(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    batch_id = await submit(client, 3, "hold", "reload", waves=[1])
    await asyncio.to_thread(driver.held.wait, 5.0)
    answers = [await client.delete(f"/v2/batches/{batch_id}") for _ in range(2)]
    driver.release()
    body = await read(client, batch_id)
    again = await client.delete(f"/v2/batches/{batch_id}")
    assert [answer.status_code for answer in answers] == [204, 204]
    assert (body["status"], body["canceled"]) == ("canceled", 3)
    assert driver.sent == ["hold"]
    assert again.status_code == 204


async def test_a_batch_that_is_over_cannot_be_cancelled(client: httpx.AsyncClient) -> None:
    batch_id = await submit(client, 1)
    await read(client, batch_id)
    response = await client.delete(f"/v2/batches/{batch_id}")
    assert response.status_code == 409
    assert response.json() == {"message": f"every job of {batch_id} has ended; there is nothing left to cancel"}


async def test_what_failed_is_retried_as_a_new_batch(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    driver.script = {"show version": GONE}
    first = await submit(client, 3, wave_size=2, stop_on_failure=True)
    assert (await read(client, first))["canceled"] == 1
    driver.script = {}
    retried = await client.post(f"/v2/batches/{first}/retry-failed")
    second = await read(client, retried.json()["batch_id"])
    assert (retried.status_code, second["retry_of"], second["status"]) == (202, first, "complete")
    assert [job["host"] for job in second["jobs"]] == ["r0", "r1"]
    with_canceled = await client.post(f"/v2/batches/{first}/retry-failed", json={"include_canceled": True})
    assert with_canceled.json()["total"] == 3


async def test_without_failures_there_is_nothing_to_retry(client: httpx.AsyncClient) -> None:
    batch_id = await submit(client, 1)
    await read(client, batch_id)
    response = await client.post(f"/v2/batches/{batch_id}/retry-failed")
    assert response.json() == {"message": f"no job of {batch_id} has failed; there is nothing to retry"}


async def test_what_needs_a_person_is_retried_only_when_somebody_says_so(
    client: httpx.AsyncClient, driver: ScriptedDriver
) -> None:
    driver.script = {"reload": RuntimeError("half-way")}
    batch_id = await submit(client, 2, "reload")
    assert (await read(client, batch_id))["failed"] == 2
    refused = await client.post(f"/v2/batches/{batch_id}/retry-failed")
    assert refused.status_code == 409
    assert "look at the devices, then say include_needs_review" in refused.json()["message"]
    wished = await client.post(f"/v2/batches/{batch_id}/retry-failed", json={"include_needs_review": True})
    assert (wished.status_code, wished.json()["total"]) == (202, 2)


# Waiting and watching


async def test_a_caller_follows_a_batch_in_few_requests(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    """`since` makes an answer come with the next end, and brings the results of what is new."""
    batch_id = await submit(client, 2, "hold", waves=[1])
    await asyncio.to_thread(driver.held.wait, 5.0)
    first = await read(client, batch_id, wait=0, results=True)
    assert first["revision"] == "0-0"
    polling = asyncio.create_task(read(client, batch_id, since=first["revision"], results=True))
    await asyncio.sleep(0.1)
    assert not polling.done()
    driver.release()
    second = await asyncio.wait_for(polling, 5.0)
    assert second["jobs"][0]["results"] == {"hold": "r0> hold"}
    last = await read(client, batch_id)
    assert last["status"] == "complete"
    unchanged = await client.get(f"/v2/batches/{batch_id}")
    again = await client.get(f"/v2/batches/{batch_id}", headers={"If-None-Match": unchanged.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_poll_of_a_running_batch_ends_with_its_time(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    batch_id = await submit(client, 1, "hold")
    response = await client.get(f"/v2/batches/{batch_id}?wait=0.2")
    assert (response.json()["status"] in ("pending", "running"), response.headers["retry-after"]) == (True, "0")


def events_of(text: str) -> list[tuple[str, dict[str, Any]]]:
    frames = [frame for frame in text.split("\n\n") if frame.startswith("id: ")]
    fields = [dict(line.split(": ", 1) for line in frame.splitlines()) for frame in frames]
    return [(each["event"], json.loads(each["data"])) for each in fields]


async def test_a_stream_tells_of_every_job_and_ends_with_the_batch(
    client: httpx.AsyncClient, driver: ScriptedDriver
) -> None:
    batch_id = await submit(client, 3, "show version", "hold", waves=[1])
    watching = asyncio.create_task(client.get(f"/v2/batches/{batch_id}/stream?progress=1&results=1"))
    await asyncio.to_thread(driver.held.wait, 5.0)
    await asyncio.sleep(0.05)
    driver.release()
    events = events_of((await asyncio.wait_for(watching, 10.0)).text)
    assert {data["host"] for name, data in events if name == "job"} == {"r0", "r1", "r2"}
    assert all(data["results"] for name, data in events if name == "job")
    assert any(name == "progress" and data["total"] == 2 for name, data in events)
    assert (events[-1][0], events[-1][1]["status"]) == ("result", "complete")
