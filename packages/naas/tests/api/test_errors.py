"""The shapes of refusals, for every route; and who may come in."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
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
    ("GET", "/v2/jobs"),
    ("DELETE", "/v2/jobs/5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11"),
]


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer x.y.z", "Basic !!!", basic("nobody"), basic(":password"), "secret-without-scheme"],
    ids=["none", "bearer", "not base64", "no colon", "no user", "no scheme"],
)
async def test_every_guarded_route_asks_for_credentials(
    client: httpx.AsyncClient, method: str, path: str, authorization: str | None
) -> None:
    client.auth = None
    headers = {} if authorization is None else {"authorization": authorization}
    response = await client.request(method, path, headers=headers)
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
    assert response.json()["message"] == "this service does not accept pass-through Basic credentials"


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
        holding = {**COMMAND, "commands": ["hold"]}
        statuses = [(await client.post("/v2/send-command", json=holding)).status_code for _ in range(4)]
    assert statuses[0] == 202
    assert statuses[-1] == 503


def test_an_unforeseen_error_says_nothing() -> None:
    refusal = refusal_of(RuntimeError("hunter2"))
    assert (refusal.status, refusal.detail) == (500, "Internal Server Error")


@pytest.mark.parametrize("path", ["/", "/healthcheck", "/v2/healthcheck"])
async def test_health_needs_no_credentials(client: httpx.AsyncClient, path: str) -> None:
    client.auth = None
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
    }
