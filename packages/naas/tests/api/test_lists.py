"""Lists of jobs: filters, cursors, ETags; and the list of what failed, with its replay."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from naas import __version__
from naas.testing import ScriptedDriver


async def submit(client: httpx.AsyncClient, *commands: str, path: str = "send-command", **fields: Any) -> str:
    body = {"host": "192.0.2.1", "commands": list(commands), **fields}
    response = await client.post(f"/v2/{path}", json=body)
    assert response.status_code == 202, response.text
    job_id: str = response.json()["job_id"]
    return job_id


async def ended(client: httpx.AsyncClient, job_id: str) -> dict[str, Any]:
    body: dict[str, Any] = (await client.get(f"/v2/jobs/{job_id}?wait=10")).json()
    return body


async def listed(client: httpx.AsyncClient, query: str) -> list[str]:
    response = await client.get(f"/v2/jobs?{query}")
    assert response.status_code == 200, response.text
    return [job["job_id"] for job in response.json()["jobs"]]


async def test_every_filter_narrows_the_list(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    driver.script = {"reload": RuntimeError("half-way")}
    command = await submit(client, "show version", host="r1", tags={"site": "lab"})
    config = await submit(client, "hostname x", path="send-config", host="r2")
    broken = await submit(client, "reload", host="r3")
    for job_id in (command, config, broken):
        await ended(client, job_id)
    everything = [broken, config, command]
    assert await listed(client, "") == everything
    assert await listed(client, "kind=send-config") == [config]
    assert await listed(client, "host=r1") == [command]
    assert await listed(client, "tag=site:lab") == [command]
    assert await listed(client, "status=failed") == [broken]
    assert await listed(client, "needs_review=true") == [broken]
    assert await listed(client, "needs_review=false&status=finished") == [config, command]
    assert await listed(client, "context=default") == everything
    assert await listed(client, "context=lab") == []


async def test_a_time_filter_takes_both_ends(client: httpx.AsyncClient) -> None:
    jobs = [await submit(client, f"show {number}") for number in range(3)]
    times = [datetime.fromisoformat((await ended(client, job_id))["created_at"]) for job_id in jobs]
    after, until = times[1].isoformat(), times[1].isoformat().replace("+00:00", "Z")
    assert await listed(client, f"since={after.replace('+', '%2B')}") == [jobs[2], jobs[1]]
    assert await listed(client, f"until={until}") == [jobs[1], jobs[0]]
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat().replace("+", "%2B")
    assert await listed(client, f"since={tomorrow}") == []


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("since=yesterday", "since"),
        ("since=2026-01-01T00:00:00", "since"),
        ("kind=ping", "kind"),
        ("batch_id=x", "batch_id"),
        ("needs_review=maybe", "needs_review"),
        ("host=", "host"),
        ("context=" + "x" * 65, "context"),
    ],
    ids=["no time", "no time zone", "no kind", "no batch", "no truth", "nothing", "too long"],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_filter_that_cannot_be_read_is_422(shared: httpx.AsyncClient, query: str, location: str) -> None:
    response = await shared.get(f"/v2/jobs?{query}")
    assert response.status_code == 422
    assert [item["loc"] for item in response.json()] == [[location]]


async def test_cursors_lead_through_a_list_that_grows(client: httpx.AsyncClient) -> None:
    jobs = [await submit(client, f"show {number}") for number in range(5)]
    seen: list[str] = []
    url: str | None = "/v2/jobs?per_page=2&kind=send-command"
    while url is not None:
        page = await client.get(url)
        seen += [job["job_id"] for job in page.json()["jobs"]]
        assert page.json()["pagination"]["per_page"] == 2
        link = page.headers.get("link", "")
        assert not link or link.endswith('>; rel="next"')
        url = link.partition(">")[0].removeprefix("<") or None
        assert url is None or "kind=send-command" in url
        await submit(client, f"show later {len(seen)}")
    assert seen == jobs[::-1]


async def test_what_has_not_changed_is_not_sent_again(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    job_id = await submit(client, "hold")
    await asyncio.to_thread(driver.held.wait, 5.0)
    for url in (f"/v2/jobs/{job_id}", "/v2/jobs", "/v2/contexts", "/v2/healthcheck", "/v2/jobs/failed", "/v2/batches"):
        first = await client.get(url)
        etag = first.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"
        same = await client.get(url, headers={"If-None-Match": f'"other", {etag}'})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag), url
    before = (await client.get(f"/v2/jobs/{job_id}")).headers["etag"]
    driver.release()
    after = await client.get(f"/v2/jobs/{job_id}?wait=5", headers={"If-None-Match": before})
    assert (after.status_code, after.json()["status"]) == (200, "finished")
    assert after.headers["etag"] != before


async def test_what_failed_is_listed_and_replayed_with_the_login_of_the_caller(
    client: httpx.AsyncClient, driver: ScriptedDriver
) -> None:
    driver.script = {"show version": RuntimeError("bug")}
    failed = await submit(client, "show version", host="r1", tags={"site": "lab"})
    assert (await ended(client, failed))["status"] == "failed"
    body = (await client.get("/v2/jobs/failed")).json()
    (line,) = body["jobs"]
    assert body["total"] == 1
    assert {
        key: line[key] for key in ("job_id", "host", "platform", "port", "error_code", "error_retryable", "func")
    } == {
        "job_id": failed,
        "host": "r1",
        "platform": "cisco_ios",
        "port": 22,
        "error_code": "UNKNOWN",
        "error_retryable": False,
        "func": "naas.library.netmiko_lib.netmiko_send_command",
    }
    driver.script = {}
    replayed = await client.post(f"/v2/jobs/{failed}/replay", json={"enable": "more"})
    again = await ended(client, replayed.json()["job_id"])
    assert (replayed.status_code, replayed.json()["message"]) == (202, "Job replayed")
    assert (again["status"], again["replay_of"], again["tags"]) == ("finished", failed, {"site": "lab"})
    target = driver.conversations[-1].target
    assert target is not None
    assert (target.username, target.enable) == ("ann", "more")


async def test_only_what_failed_is_replayed(client: httpx.AsyncClient) -> None:
    job_id = await submit(client, "show version")
    await ended(client, job_id)
    response = await client.post(f"/v2/jobs/{job_id}/replay")
    assert response.status_code == 409
    assert response.json() == {"job_id": job_id, "status": "not_failed", "app": "naas", "version": __version__}
    foreign = await client.post(f"/v2/jobs/{job_id}/replay", auth=("bob", "x"))
    assert foreign.status_code == 403
