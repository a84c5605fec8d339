"""What the whole service tells about itself, over its own API, with scripted devices."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families


async def metrics_of(client: httpx.AsyncClient) -> dict[str, dict[tuple[str, ...], float]]:
    """Return all samples by name and the values of their labels."""
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


async def run_a_job(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    sent = await client.post(
        "/v2/send-command", json={"host": "192.0.2.1", "commands": ["show version"]}, headers=headers
    )
    assert sent.status_code == 202, sent.text
    done = await client.get(f"/v2/send-command/{sent.json()['job_id']}?wait=10")
    assert done.json()["status"] == "finished"
    return sent


async def test_a_job_leaves_its_traces_in_the_metrics(client: httpx.AsyncClient) -> None:
    await run_a_job(client)
    metrics = await metrics_of(client)
    assert metrics["naas_jobs_total"] == {("default", "", "send-command", "finished"): 1}
    assert metrics["naas_worker_jobs_total"] == {("default", "finished"): 1}
    assert metrics["naas_job_wait_seconds_count"] == {("default", "send-command"): 1}
    assert metrics["naas_http_requests_total"]["POST", "/v2/send-command", "202"] == 1
    assert metrics["naas_http_requests_total"]["GET", "/v2/send-command/{job_id}", "200"] == 1
    assert metrics["naas_store_commit_seconds_count"][()] >= 1
    assert metrics["naas_queue_depth"] == {("default",): 0}
    assert metrics["naas_workers_active"] == {(): 1}
    assert metrics["naas_stored_jobs"]["finished",] == 1
    assert "naas_unreadable_gauges_total" not in metrics


async def test_whoever_asks_for_nonsense_makes_no_labels(client: httpx.AsyncClient) -> None:
    for path in ("/wp-login.php", "/v2/../etc/passwd", "/v3/jobs", "/v2/jobs/x/y/z"):
        await client.get(path)
    routes = {route for _, route, _ in (await metrics_of(client))["naas_http_requests_total"]}
    assert routes == {"unmatched"}


@pytest.mark.parametrize("path", ["/readyz", "/v2/jobs", "/nowhere", "/v9/jobs", "/v2/jobs/not-a-uuid"])
async def test_every_answer_carries_a_request_id(path: str, client: httpx.AsyncClient) -> None:
    assert (await client.get(path)).headers["x-request-id"]
    answer = await client.get(path, headers={"X-Request-ID": "from-the-caller"})
    assert answer.headers.get_list("x-request-id") == ["from-the-caller"]


async def test_a_submission_answers_with_the_id_of_its_job(client: httpx.AsyncClient) -> None:
    sent = await run_a_job(client, **{"X-Request-ID": "5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11"})
    assert sent.headers.get_list("x-request-id") == [sent.json()["job_id"]]


async def test_no_secret_of_a_request_reaches_the_log(client: httpx.AsyncClient, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    client.auth = httpx.BasicAuth("ann", "hunter2-login")
    await client.post(
        "/v2/send-command?token=hunter2-query",
        json={"host": "192.0.2.1", "commands": ["show hunter2-command"], "enable": "hunter2-enable"},
        headers={"X-API-Key": "hunter2-key"},
    )
    assert "hunter2" not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("naas"))


async def test_a_running_service_is_alive_and_ready(client: httpx.AsyncClient) -> None:
    client.auth = None
    assert (await client.get("/livez")).json() == {"status": "alive"}
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert set(ready.json()["checks"]) >= {"store", "engine", "worker"}
