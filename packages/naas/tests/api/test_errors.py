"""The shapes of refusals, for every route; and who may come in."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from naas import __version__
from naas.api.errors import refusal_of
from naas.config import Settings
from naas.errors import QueueFull, StoreUnavailable

OpenService = Callable[[Settings], AbstractAsyncContextManager[httpx.AsyncClient]]

COMMAND = {"host": "192.0.2.1", "commands": ["show version"]}
GUARDED = [
    ("POST", "/v2/send-command"),
    ("POST", "/v2/send-config"),
    ("GET", "/v2/send-command/5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11"),
    ("GET", "/v2/send-config/5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11"),
    ("POST", "/v2/send-command-structured"),
    ("POST", "/v2/send-command/batch"),
    ("POST", "/v2/jobs/5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11/replay"),
    ("GET", "/v2/jobs/5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11/stream"),
    ("GET", "/v2/batches/batch-000000000000"),
    ("GET", "/v2/contexts"),
    ("GET", "/v2/jobs/failed"),
    ("GET", "/v2/jobs"),
    ("DELETE", "/v2/jobs/5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11"),
]


def basic(text: bytes) -> bytes:
    return b"Basic " + base64.b64encode(text)


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(None, id="none"),
        pytest.param(b"Bearer x.y.z", id="bearer"),
        pytest.param(b"Basic !!!", id="not base64"),
        pytest.param(b"Basic \xe9\xe9", id="not ASCII"),
        pytest.param(basic(b"ann:\xe9"), id="not UTF-8"),
        pytest.param(basic(b"nobody"), id="no colon"),
        pytest.param(basic(b":password"), id="no user"),
        pytest.param(basic(b"ann:x\nreload"), id="line end in the password"),
        pytest.param(b"secret-without-scheme", id="no scheme"),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_every_guarded_route_asks_for_credentials(
    shared: httpx.AsyncClient, method: str, path: str, authorization: bytes | None
) -> None:
    headers = {} if authorization is None else {b"authorization": authorization}
    response = await shared.request(method, path, headers=headers, auth=httpx.Auth())
    body = response.json()
    assert response.status_code == body["status"] == 401
    assert body["error"] == "You must authenticate with HTTP Basic authentication to use this resource"
    assert response.headers["www-authenticate"].startswith('Basic realm="naas"')
    assert response.headers["x-api-version"] == "v2"
    assert "secret" not in response.text


async def test_passthrough_can_be_switched_off(settings: Settings, open_service: OpenService) -> None:
    async with open_service(dataclasses.replace(settings, basic_passthrough=False)) as client:
        response = await client.get("/v2/jobs")
    assert response.status_code == 401
    assert response.json()["message"] == "this service does not accept pass-through Basic credentials; use an API key"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v2/nothing", 404), ("PUT", "/v2/jobs", 405), ("GET", "/elsewhere", 404)],
)
async def test_unknown_routes_are_told_with_a_message_only(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    response = await client.request(method, path)
    assert response.status_code == status
    assert set(response.json()) == {"message"}
    assert ("x-api-version" in response.headers) == path.startswith("/v2/")


async def test_a_refusal_does_not_depend_on_the_host_header(client: httpx.AsyncClient) -> None:
    """It can be anything; the URL that the framework makes of it may not exist."""
    response = await client.get("/v2/nothing", headers={"host": "a:b:c"})
    assert (response.status_code, response.json()) == (404, {"message": "Not Found"})


@pytest.mark.parametrize("path", ["/v2/healthcheck", "/healthcheck", "/v2/send-command", "/v2/jobs", "/v2/nothing"])
async def test_head_is_answered_as_get_without_the_body(client: httpx.AsyncClient, path: str) -> None:
    """Load balancers like to ask that way."""
    head, get = await client.head(path), await client.get(path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize("path", ["/v2/send-command", "/v2/send-config"])
async def test_a_get_of_a_submission_path_only_says_who_is_there(client: httpx.AsyncClient, path: str) -> None:
    """What is left of a liveness check."""
    response = await client.get(path)
    assert (response.status_code, response.json()) == (200, {"app": "naas", "version": __version__})


async def test_a_body_that_is_too_large_is_413(client: httpx.AsyncClient) -> None:
    response = await client.post("/v2/send-command", json={**COMMAND, "commands": ["x" * 5_000_000]})
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "json", "status"),
    [
        pytest.param("GET", "/v2/nothing", None, 404, id="framework"),
        pytest.param("GET", "/v2/send-command/x", None, 400, id="id"),
        pytest.param("DELETE", "/v2/jobs/5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11", None, 404, id="lookup"),
        pytest.param("POST", "/v2/send-command", {"host": "a b", "commands": [""]}, 422, id="fields"),
    ],
)
async def test_problem_details_come_where_accept_asks(
    client: httpx.AsyncClient, method: str, path: str, json: Any, status: int
) -> None:
    """RFC 9457, in one shape for all refusals."""
    response = await client.request(method, path, json=json, headers={"accept": "application/problem+json"})
    body = response.json()
    assert response.status_code == body["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= set(body)
    assert body["type"] == "about:blank"
    assert ("errors" in body) == (status == 422)


@pytest.mark.parametrize(
    ("error", "text", "retry_after"),
    [
        pytest.param(QueueFull(9, 9), "Queue depth limit reached, please retry later", "5", id="queue full"),
        pytest.param(StoreUnavailable("disk /dev/x"), "Queue backend unavailable", "10", id="store"),
    ],
)
def test_unavailable_says_when_to_come_back_and_nothing_of_the_inside(
    error: Exception, text: str, retry_after: str
) -> None:
    refusal = refusal_of(error)
    assert (refusal.status, refusal.headers) == (503, {"Retry-After": retry_after})
    assert refusal.detail == text


async def test_a_full_queue_refuses_new_jobs(settings: Settings, open_service: OpenService) -> None:
    async with open_service(dataclasses.replace(settings, max_queue_depth=1)) as client:
        bodies = [{**COMMAND, "commands": ["hold", f"show {number}"]} for number in range(4)]
        statuses = [(await client.post("/v2/send-command", json=body)).status_code for body in bodies]
    assert statuses[0] == 202
    assert statuses[-1] == 503


async def test_a_full_queue_still_answers_a_repeated_request(settings: Settings, open_service: OpenService) -> None:
    """The job was accepted; its caller only did not hear of it."""
    key = {"Idempotency-Key": "k"}
    async with open_service(dataclasses.replace(settings, max_queue_depth=1)) as client:
        await client.post("/v2/send-command", json={**COMMAND, "commands": ["hold"]})
        first = await client.post("/v2/send-command", json=COMMAND, headers=key)
        again = await client.post("/v2/send-command", json=COMMAND, headers=key)
        another = {**COMMAND, "commands": ["show clock"]}
        other = await client.post("/v2/send-command", json=another, headers={"Idempotency-Key": "another"})
    assert (again.status_code, again.json()["job_id"]) == (202, first.json()["job_id"])
    assert again.json()["idempotent"] is True
    assert other.status_code == 503


def test_an_unforeseen_error_says_nothing() -> None:
    refusal = refusal_of(RuntimeError("hunter2"))
    assert (refusal.status, refusal.detail) == (500, "Internal Server Error")


@pytest.mark.parametrize("path", ["/", "/healthcheck", "/v1/healthcheck", "/v2/healthcheck"])
async def test_health_needs_no_credentials(client: httpx.AsyncClient, path: str) -> None:
    client.auth = httpx.Auth()  # adds nothing
    response = await client.get(path)
    body = response.json()
    assert response.status_code == 200
    assert body["status"] == "healthy"
    assert set(body) == {"status", "version", "uptime_seconds", "components"}
    assert body["components"] == {
        "redis": {"status": "healthy"},
        "queue": {"status": "healthy", "depth": 0},
        "workers": {"status": "healthy", "count": 1, "active_jobs": 0},
        "failed_jobs": 0,
        "needs_review": 0,
    }
