"""Reading, waiting for, listing and cancelling jobs."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Any

import httpx
import pytest
from naas import __version__
from naas.driver.base import DeviceFailure, ErrorCode
from naas.testing import ScriptedDriver

TEN_KEYS = {
    "job_id", "status", "results", "error", "error_code", "error_retryable", "detected_platform", "tags", "app", "version",
}  # fmt: skip


async def submit(client: httpx.AsyncClient, *commands: str, host: str = "192.0.2.1", **fields: Any) -> str:
    response = await client.post("/v2/send-command", json={"host": host, "commands": list(commands), **fields})
    assert response.status_code == 202, response.text
    job_id: str = response.json()["job_id"]
    return job_id


async def read(client: httpx.AsyncClient, job_id: str, wait: float = 5) -> dict[str, Any]:
    response = await client.get(f"/v2/send-command/{job_id}", params={"wait": wait})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_a_finished_job_has_the_ten_keys_of_v2_and_ours(client: httpx.AsyncClient) -> None:
    job_id = await submit(client, "show version", "show clock", tags={"site": "lab"})
    body = await read(client, job_id)
    assert set(body) == TEN_KEYS | {
        "needs_review", "partial_results", "diff", "kind", "host", "port", "platform", "context", "batch_id",
        "replay_of", "worker", "created_at", "started_at", "ended_at", "timings",
    }  # fmt: skip
    assert {key: body[key] for key in TEN_KEYS} == {
        "job_id": job_id,
        "status": "finished",
        "results": {"show version": "192.0.2.1> show version", "show clock": "192.0.2.1> show clock"},
        "error": None,
        "error_code": None,
        "error_retryable": None,
        "detected_platform": None,
        "tags": {"site": "lab"},
        "app": "naas",
        "version": __version__,
    }
    assert body["created_at"] <= body["started_at"] <= body["ended_at"]


async def test_configuration_output_stands_under_its_one_key(client: httpx.AsyncClient) -> None:
    response = await client.post("/v2/send-config", json={"host": "r1", "config": ["a", "b"]})
    body = (await client.get(f"/v2/send-config/{response.json()['job_id']}?wait=5")).json()
    assert body["results"] == {"config_set_output": "r1> a\nr1> b"}


@pytest.mark.parametrize("code", ErrorCode)
async def test_a_device_failure_is_finished_with_an_error(
    client: httpx.AsyncClient, driver: ScriptedDriver, code: ErrorCode
) -> None:
    """The wire's oldest surprise: `failed` is not what it is called."""
    driver.script = {"show version": DeviceFailure(code, "the device said no")}
    body = await read(client, await submit(client, "show version"))
    assert (body["status"], body["results"], body["error"]) == ("finished", None, "the device said no")
    assert (body["error_code"], body["error_retryable"]) == (code, code.retryable)


async def test_a_driver_bug_is_failed_and_shows_no_text_of_its_own(
    client: httpx.AsyncClient, driver: ScriptedDriver
) -> None:
    """The text of an unforeseen exception could hold anything, a password too."""
    driver.script = {"show version": RuntimeError("hunter2")}
    body = await read(client, await submit(client, "show version"))
    assert (body["status"], body["error_code"], body["needs_review"]) == ("failed", "UNKNOWN", False)
    assert "RuntimeError" in body["error"]
    assert "hunter2" not in str(body)


async def test_one_device_is_never_talked_to_twice_at_once(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    jobs = [await submit(client, f"show {number}", host=f"192.0.2.{number % 3}") for number in range(30)]
    await asyncio.gather(*(read(client, job_id) for job_id in jobs))
    assert driver.overlaps == []
    for host in range(3):
        asked = [talk.lines[0] for talk in driver.conversations if talk.host == f"192.0.2.{host}"]
        assert asked == [f"show {number}" for number in range(30) if number % 3 == host]


async def test_a_poll_that_waits_answers_when_the_job_ends(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    job_id = await submit(client, "hold")
    polling = asyncio.create_task(client.get(f"/v2/send-command/{job_id}?wait=10"))
    await asyncio.sleep(0.1)
    assert not polling.done()
    driver.release()
    response = await asyncio.wait_for(polling, 5.0)
    assert response.json()["status"] == "finished"
    assert "retry-after" not in response.headers


@pytest.mark.parametrize(("wait", "retry_after"), [(0, "1"), (0.2, "0")], ids=["no wait", "waited"])
async def test_a_poll_of_a_running_job_says_when_to_come_back(
    client: httpx.AsyncClient, driver: ScriptedDriver, wait: float, retry_after: str
) -> None:
    job_id = await submit(client, "hold")
    await asyncio.to_thread(driver.held.wait, 2.0)
    began = time.monotonic()
    response = await client.get(f"/v2/send-command/{job_id}?wait={wait}")
    assert time.monotonic() - began >= wait
    assert (response.json()["status"], response.headers["retry-after"]) == ("started", retry_after)


@pytest.mark.parametrize("wait", ["-1", "31", "soon"])
async def test_waits_have_bounds(client: httpx.AsyncClient, wait: str) -> None:
    response = await client.get(f"/v2/send-command/{uuid.uuid4()}?wait={wait}")
    assert response.status_code == 422
    assert response.json()[0]["loc"] == ["wait"]


async def test_unknown_and_foreign_jobs_look_the_same(client: httpx.AsyncClient) -> None:
    """Otherwise ids could be probed."""
    job_id = await submit(client, "show version")
    foreign = await client.get(f"/v2/send-command/{job_id}", auth=("bob", "secret"))
    unknown = await client.get(f"/v2/send-command/{uuid.uuid4()}")
    assert foreign.status_code == unknown.status_code == 403
    assert foreign.json() == unknown.json()
    assert foreign.json()["error"] == "You are not currently allowed to access this resource"


async def test_an_id_that_is_no_uuid_is_400(client: httpx.AsyncClient) -> None:
    for response in (await client.get("/v2/send-command/x"), await client.delete("/v2/jobs/x")):
        assert (response.status_code, response.json()["error"]) == (400, "Invalid syntax in request")


async def test_the_list_holds_own_jobs_only_newest_first(client: httpx.AsyncClient) -> None:
    jobs = [await submit(client, f"show {number}") for number in range(3)]
    await client.post("/v2/send-command", json={"host": "r1", "commands": ["x"]}, auth=("bob", "x"))
    body = (await client.get("/v2/jobs")).json()
    assert [job["job_id"] for job in body["jobs"]] == jobs[::-1]
    assert set(body["jobs"][0]) >= {"job_id", "status", "created_at", "ended_at", "tags"}
    assert body["pagination"] == {"page": 1, "per_page": 20, "total": 3, "pages": 1}
    assert (body["app"], body["version"]) == ("naas", __version__)


async def test_pagination_is_right_with_a_filter(client: httpx.AsyncClient) -> None:
    """The existing service filters after paging and gets totals wrong."""
    for number in range(7):
        await submit(client, f"show {number}", tags={"site": "lab" if number % 2 else "hq"})
    first = (await client.get("/v2/jobs?tag=site:hq&per_page=3")).json()
    second = (await client.get("/v2/jobs?tag=site:hq&per_page=3&page=2")).json()
    assert first["pagination"] == {"page": 1, "per_page": 3, "total": 4, "pages": 2}
    assert (len(first["jobs"]), len(second["jobs"])) == (3, 1)


async def test_an_empty_list_has_no_pages(client: httpx.AsyncClient) -> None:
    body = (await client.get("/v2/jobs?status=failed")).json()
    assert (body["jobs"], body["pagination"]["total"], body["pagination"]["pages"]) == ([], 0, 0)


@pytest.mark.parametrize(
    ("query", "location"),
    [("page=0", "page"), ("page=x", "page"), ("per_page=101", "per_page"), ("status=done", "status"), ("tag=x", "tag")],
)
async def test_unusable_list_queries_are_422(client: httpx.AsyncClient, query: str, location: str) -> None:
    response = await client.get(f"/v2/jobs?{query}")
    assert response.status_code == 422
    assert [item["loc"] for item in response.json()] == [[location]]


async def test_a_waiting_job_is_cancelled_at_once(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    await submit(client, "hold")
    waiting = await submit(client, "show version")
    response = await client.delete(f"/v2/jobs/{waiting}")
    body = await read(client, waiting, wait=0)
    driver.release()
    assert (response.status_code, response.content, response.headers["x-api-version"]) == (204, b"", "v2")
    assert (body["status"], body["results"], body["error"]) == ("canceled", None, None)
    assert "show version" not in driver.sent


async def test_a_running_job_stops_before_its_next_command(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    """The existing service marks it as cancelled and goes on."""
    job_id = await submit(client, "hold", "reload")
    await asyncio.to_thread(driver.held.wait, 2.0)
    response = await client.delete(f"/v2/jobs/{job_id}")
    driver.release()
    body = await read(client, job_id)
    assert response.status_code == 204
    assert (body["status"], body["needs_review"]) == ("canceled", True)
    assert driver.sent == ["hold"]


async def test_cancelling_twice_is_fine(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    await submit(client, "hold")
    waiting = await submit(client, "show version")
    statuses = [(await client.delete(f"/v2/jobs/{waiting}")).status_code for _ in range(2)]
    racing = await asyncio.gather(*(client.delete(f"/v2/jobs/{waiting}") for _ in range(5)))
    assert statuses == [204, 204]
    assert {response.status_code for response in racing} == {204}


async def test_a_waiting_poll_hears_of_a_cancel(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    await submit(client, "hold")
    waiting = await submit(client, "show version")
    polling = asyncio.create_task(read(client, waiting, wait=10))
    await asyncio.sleep(0.05)
    await client.delete(f"/v2/jobs/{waiting}")
    assert (await asyncio.wait_for(polling, 5.0))["status"] == "canceled"


async def test_an_ended_job_cannot_be_cancelled(client: httpx.AsyncClient) -> None:
    job_id = await submit(client, "show version")
    await read(client, job_id)
    response = await client.delete(f"/v2/jobs/{job_id}")
    assert response.status_code == 409
    assert response.json() == {"message": f"job {job_id} is already finished and cannot be cancelled any more"}


async def test_cancelling_an_unknown_job_is_404_in_its_own_shape(client: httpx.AsyncClient) -> None:
    job_id = str(uuid.uuid4())
    response = await client.delete(f"/v2/jobs/{job_id}")
    assert response.status_code == 404
    assert response.json() == {"job_id": job_id, "status": "not_found", "app": "naas", "version": __version__}


async def test_cancelling_a_foreign_job_is_403(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    job_id = await submit(client, "hold")
    assert (await client.delete(f"/v2/jobs/{job_id}", auth=("bob", "x"))).status_code == 403
