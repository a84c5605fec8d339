"""Who gets in, over HTTP: every scheme through the whole round trip of a job, and what stops the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from naas.config import Settings
from naas.driver.base import DeviceFailure, ErrorCode
from naas.testing import ScriptedDriver

ADMIN_SECRET = "correct horse battery staple"
MANAGER = httpx.BasicAuth("anybody", ADMIN_SECRET)
OPEN = Any


@pytest.fixture
async def service(open_service: OPEN, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with open_service(replace(settings, admin_secret=ADMIN_SECRET)) as client:
        client.auth = None
        yield client


async def key(service: httpx.AsyncClient, **fields: Any) -> dict[str, str]:
    made = (await service.post("/v2/api-keys", json=fields, auth=MANAGER)).json()
    return {"X-API-Key": made["token"]}


def order(*commands: str, **fields: Any) -> dict[str, Any]:
    return {"host": "192.0.2.1", "commands": list(commands) or ["show clock"], **fields}


LOGIN = {"username": "ann", "password": "secret"}


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
async def test_an_api_key_goes_the_whole_way(header: str, service: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    """In the existing service a key could submit a job and never read it."""
    token = (await key(service, role="operator"))["X-API-Key"]
    headers = {header: f"Bearer {token}" if header == "Authorization" else token}
    submitted = await service.post("/v2/send-command", json=order(**LOGIN), headers=headers)
    assert submitted.status_code == 202, submitted.text
    job = submitted.json()["job_id"]
    result = await service.get(f"/v2/send-command/{job}", params={"wait": 5}, headers=headers)
    assert result.json()["results"] == {"show clock": "192.0.2.1> show clock"}
    assert [each["job_id"] for each in (await service.get("/v2/jobs", headers=headers)).json()["jobs"]] == [job]
    assert (await service.delete(f"/v2/jobs/{job}", headers=headers)).status_code == 409
    assert driver.conversations[0].username == "ann"


async def test_a_rotated_key_still_owns_the_jobs(service: httpx.AsyncClient) -> None:
    made = (await service.post("/v2/api-keys", json={"role": "operator"}, auth=MANAGER)).json()
    submitted = await service.post("/v2/send-command", json=order(**LOGIN), headers={"X-API-Key": made["token"]})
    rotated = (await service.post(f"/v2/api-keys/{made['key_id']}/rotate", auth=MANAGER)).json()
    path = f"/v2/send-command/{submitted.json()['job_id']}"
    assert (await service.get(path, headers={"X-API-Key": rotated["token"]})).status_code == 200
    assert (await service.get(path, headers=await key(service, role="operator"))).status_code == 403
    assert (await service.get(path, headers=await key(service, role="admin"))).status_code == 200


async def test_a_key_needs_a_device_login_in_the_body(service: httpx.AsyncClient) -> None:
    response = await service.post("/v2/send-command", json=order(), headers=await key(service, role="operator"))
    assert response.status_code == 422
    assert response.json()[0]["loc"] == ["username"]


async def test_roles_and_contexts_hold(service: httpx.AsyncClient) -> None:
    viewer = await key(service, role="viewer")
    assert (await service.get("/v2/jobs", headers=viewer)).status_code == 200
    refused = await service.post("/v2/send-command", json=order(**LOGIN), headers=viewer)
    assert refused.status_code == 403
    assert refused.json()["message"] == "this needs the role operator, and the caller has the role viewer"
    elsewhere = await key(service, role="operator", contexts=["lab"])
    assert (await service.post("/v2/send-command", json=order(**LOGIN), headers=elsewhere)).status_code == 403


async def test_nobody_gets_in_without_credentials(service: httpx.AsyncClient) -> None:
    for headers in ({}, {"X-API-Key": "naas_k-000000000000_x"}, {"Authorization": "Bearer x.y.z"}):
        response = await service.get("/v2/jobs", headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == 'Basic realm="naas", charset="UTF-8", Bearer realm="naas"'
        assert response.json()["error"] == "You must authenticate with HTTP Basic authentication to use this resource"


async def test_the_admin_secret_is_sent_to_no_device(service: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    response = await service.post("/v2/send-command", json=order(), auth=MANAGER)
    assert response.status_code == 403
    assert driver.conversations == []


async def test_guessing_device_passwords_ends_in_a_lockout(
    open_service: OPEN, settings: Settings, driver: ScriptedDriver
) -> None:
    """For pass-through callers and for keys; in the existing service only for the former."""
    driver.script = {"show clock": DeviceFailure(ErrorCode.AUTH_FAILURE, "refused")}
    async with open_service(replace(settings, admin_secret=ADMIN_SECRET, lockout_threshold=3)) as service:
        service.auth = None
        headers = await key(service, role="operator")
        for guess in range(3):
            basic = await service.post("/v2/send-command", json=order(), auth=("eve", f"guess {guess}"))
            held = await service.post(
                "/v2/send-command", json=order(username="eve", password=f"guess {guess}"), headers=headers
            )
            assert (basic.status_code, held.status_code) == (202, 202)
            for response, who in ((basic, {"auth": ("eve", f"guess {guess}")}), (held, {"headers": headers})):
                path = f"/v2/send-command/{response.json()['job_id']}"
                ended = await service.get(path, params={"wait": 5}, **who)  # type: ignore[arg-type]
                assert ended.json()["error_code"] == "AUTH_FAILURE"
        basic = await service.post("/v2/send-command", json=order(), auth=("eve", "guess 4"))
        held = await service.post("/v2/send-command", json=order(username="eve", password="x"), headers=headers)
        for response in (basic, held):
            assert response.status_code == 403
            assert response.json()["error"].startswith("You are currently locked out for excessive login failures")
        assert (await service.post("/v2/send-command", json=order(), auth=("ann", "secret"))).status_code == 202


async def test_a_device_that_does_not_answer_is_left_alone(
    open_service: OPEN, settings: Settings, driver: ScriptedDriver
) -> None:
    driver.script = {"show clock": DeviceFailure(ErrorCode.CONNECTION_TIMEOUT, "no answer")}
    quick = replace(settings, circuit_breaker_threshold=2, lockout_threshold=0)
    async with open_service(quick) as service:
        codes: list[str] = []
        for number in range(3):
            submitted = await service.post("/v2/send-command", json=order(tags={"n": str(number)}))
            path = f"/v2/send-command/{submitted.json()['job_id']}"
            codes.append((await service.get(path, params={"wait": 5})).json()["error_code"])
    assert codes == ["CONNECTION_TIMEOUT", "CONNECTION_TIMEOUT", "CIRCUIT_OPEN"]
    assert len(driver.conversations) == 2


async def test_too_many_jobs_are_refused_with_what_a_client_needs_to_wait(
    open_service: OPEN, settings: Settings
) -> None:
    async with open_service(replace(settings, rate_limit_per_caller_device=2)) as service:
        first = await service.post("/v2/send-command", json=order("show clock"))
        assert (first.headers["x-ratelimit-limit"], first.headers["x-ratelimit-remaining"]) == ("2", "1")
        await service.post("/v2/send-command", json=order("show version"))
        refused = await service.post("/v2/send-command", json=order("show users"))
        assert refused.status_code == 429
        assert refused.json()["error"] == "Rate limit exceeded"
        assert 0 < refused.json()["retry_after"] == int(refused.headers["retry-after"]) <= 62
        elsewhere = await service.post("/v2/send-command", json={**order(), "host": "192.0.2.2"})
        assert elsewhere.status_code == 202


async def test_the_command_policy_refuses_and_names_its_rule(
    open_service: OPEN, settings: Settings, tmp_path: Path, driver: ScriptedDriver
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[[deny]]\nname = "no restarts"\ncommands = ["reload"]\nroles = ["operator"]\n')
    async with open_service(replace(settings, command_policy=policy, admin_secret=ADMIN_SECRET)) as service:
        refused = await service.post("/v2/send-command", json=order("show clock", "rel in 5"))
        assert refused.status_code == 403
        assert refused.json()["message"] == "line 2 is refused by the command policy of this service: no restarts"
        body = {"host": "192.0.2.1", "config": ["do reload"]}
        assert (await service.post("/v2/send-config", json=body)).status_code == 403
        service.auth = None
        allowed = await service.post(
            "/v2/send-command", json=order("reload", **LOGIN), headers=await key(service, role="admin")
        )
        assert allowed.status_code == 202
        audit = (await service.get("/v2/audit", params={"event_type": "command.refused"}, auth=MANAGER)).json()
        assert {event["fields"]["rule"] for event in audit["events"]} == {"no restarts"}
        assert "rel in 5" not in str(audit)


async def test_one_forbidden_command_refuses_the_whole_batch(
    open_service: OPEN, settings: Settings, tmp_path: Path, driver: ScriptedDriver
) -> None:
    """Also if it is forbidden at one of the devices only."""
    policy = tmp_path / "policy.toml"
    policy.write_text('[[deny]]\nname = "not the core"\ncommands = ["clear"]\nhosts = ["192.0.2.9"]\n')
    async with open_service(replace(settings, command_policy=policy)) as service:
        devices = [{"host": host, "platform": "cisco_ios"} for host in ("192.0.2.1", "192.0.2.9")]
        refused = await service.post("/v2/send-command/batch", json={"devices": devices, "commands": ["clear line 1"]})
        assert refused.status_code == 403
        assert "not the core" in refused.json()["message"]
        assert (await service.get("/v2/jobs")).json()["jobs"] == []
        allowed = await service.post(
            "/v2/send-command/batch", json={"devices": devices[:1], "commands": ["clear line 1"]}
        )
        assert allowed.status_code == 202
    assert {each.host for each in driver.conversations} <= {"192.0.2.1"}


async def test_an_old_database_keeps_its_owners(open_service: OPEN, settings: Settings) -> None:
    """What a pass-through caller submitted stays theirs over a restart."""
    async with open_service(settings) as service:
        job = (await service.post("/v2/send-command", json=order())).json()["job_id"]
        await service.get(f"/v2/send-command/{job}", params={"wait": 5})
    async with open_service(settings) as service:
        assert (await service.get(f"/v2/send-command/{job}")).status_code == 200
        assert (await service.get(f"/v2/send-command/{job}", auth=("ann", "other"))).status_code == 403


async def test_lockouts_survive_a_restart(open_service: OPEN, settings: Settings, driver: ScriptedDriver) -> None:
    driver.script = {"show clock": DeviceFailure(ErrorCode.AUTH_FAILURE, "refused")}
    strict = replace(settings, lockout_threshold=1)
    async with open_service(strict) as service:
        job = (await service.post("/v2/send-command", json=order())).json()["job_id"]
        await service.get(f"/v2/send-command/{job}", params={"wait": 5})
    async with open_service(strict) as service:
        assert (await service.post("/v2/send-command", json=order())).status_code == 403


async def test_every_answer_carries_the_security_headers(service: httpx.AsyncClient) -> None:
    """Whoever made it: a route, an error of ours, the framework, the part that knows versions."""
    answers = [
        await service.get("/healthcheck"),
        await service.get("/v2/jobs"),
        await service.get("/v2/jobs", auth=("ann", "secret")),
        await service.get("/v2/nothing"),
        await service.put("/v2/jobs"),
        await service.get("/v9/jobs"),
        await service.post("/v2/send-command", content=b"{"),
    ]
    for response in answers:
        assert response.headers["x-content-type-options"] == "nosniff", response
        assert "default-src 'none'" in response.headers["content-security-policy"], response
        assert response.headers["cache-control"] in {"no-store", "private, no-cache"}, response
