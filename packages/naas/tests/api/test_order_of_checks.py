"""The order in which a submission is judged, which is part of the contract (naas-v2, 1.2): each row breaks a rule, and
everything that is judged later, and is told of its own rule only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from naas.api.app import create_app
from naas.config import Settings
from naas.runtime import Runtime
from naas.testing import ScriptedDriver

MANAGER = ("anybody", "the secret of the operator")

GOOD = {"host": "r1", "commands": ["show version"], "context": "lab", "username": "ann", "password": "secret"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[httpx.AsyncClient, dict[str, str]]]:
    """A service of two contexts, of which only one has workers; keys that reach one of them; one job an hour."""
    folder: Path = tmp_path_factory.mktemp("order")
    settings = Settings(
        database=folder / "naas.db", worker_threads=1, admin_secret=MANAGER[1], contexts=("default", "lab", "empty"),
        worker_contexts=("default", "lab"), rate_limit_per_caller_device=2, rate_limit_window=3600,
    )  # fmt: skip
    async with Runtime(settings, ScriptedDriver) as runtime:
        transport = httpx.ASGITransport(app=create_app(runtime))  # type: ignore[arg-type]  # each has types of its own
        async with httpx.AsyncClient(transport=transport, base_url="http://naas") as client:
            keys: dict[str, str] = {}
            for name, role, contexts in (
                ("viewer", "viewer", ["lab"]),
                ("operator", "operator", ["lab", "empty", "nowhere"]),
                ("busy", "operator", ["lab"]),
            ):
                made = await client.post("/v2/api-keys", json={"role": role, "contexts": contexts}, auth=MANAGER)
                keys[name] = made.json()["token"]
            for number in range(2):
                body = {**GOOD, "commands": [f"show {number}"]}
                await client.post("/v2/send-command", json=body, headers={"X-API-Key": keys["busy"]})
            yield client, keys


@pytest.mark.parametrize(
    ("key", "headers", "body", "status", "told"),
    [
        pytest.param(None, {"content-type": "text/plain"}, "{", 401, "authenticate", id="who"),
        pytest.param("viewer", {"content-type": "text/plain"}, "{", 403, "needs the role operator", id="role"),
        pytest.param("busy", {"content-type": "text/plain"}, "{", 415, "application/json", id="media type"),
        pytest.param("busy", {"x-request-id": "x"}, "{", 400, "must be JSON", id="JSON"),
        pytest.param("busy", {"x-request-id": "x"}, {"ip": "r1", "context": "default"}, 422, "use 'host'", id="old names"),
        pytest.param("busy", {"x-request-id": "x"}, {"context": "default"}, 400, "UUID", id="request id"),
        pytest.param("busy", {}, {"host": "r1", "context": "default"}, 403, "may use the contexts lab", id="context claim"),
        pytest.param("busy", {}, {"host": "r1", "context": "lab", "port": 22}, 429, "Rate limit", id="rate limit"),
        pytest.param("operator", {}, {"context": "nowhere", "commands": []}, 422, "required", id="fields"),
        pytest.param("operator", {}, {**GOOD, "context": "nowhere"}, 400, "Unknown context", id="unknown context"),
        pytest.param("operator", {}, {**GOOD, "context": "empty"}, 503, "No workers", id="no worker"),
        pytest.param("operator", {}, {**GOOD, "host": "r3"}, 202, "Job enqueued", id="nothing left to say"),
    ],
)  # fmt: skip
@pytest.mark.asyncio(loop_scope="module")
async def test_rules_are_judged_in_their_order(
    service: Any, key: str | None, headers: dict[str, str], body: Any, status: int, told: str
) -> None:
    client, keys = service
    content = body if isinstance(body, str) else json.dumps(body)
    sent = {"content-type": "application/json", **headers, **({} if key is None else {"x-api-key": keys[key]})}
    response = await client.post("/v2/send-command", content=content, headers=sent)
    assert response.status_code == status, response.text
    assert told in response.text


@pytest.mark.asyncio(loop_scope="module")
async def test_a_batch_is_refused_for_the_context_of_one_device(service: Any) -> None:
    client, keys = service
    devices = [{"host": "r1", "platform": "cisco_ios"}, {"host": "r2", "platform": "cisco_ios", "context": "default"}]
    body = {"devices": devices, "context": "lab", "commands": ["x"], "username": "ann", "password": "y"}
    refused = await client.post("/v2/send-command/batch", json=body, headers={"x-api-key": keys["operator"]})
    assert refused.status_code == 403
    assert "not default" in refused.json()["message"]
