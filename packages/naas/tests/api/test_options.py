"""What a submission may ask for beside its commands: diffs, checks, dry runs, templates, limits, the cache, names."""

from __future__ import annotations

import dataclasses
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


async def done(client: httpx.AsyncClient, path: str, **fields: Any) -> dict[str, Any]:
    """Submit and wait."""
    response = await client.post(f"/v2/{path}", json={"host": "r1", **fields})
    assert response.status_code == 202, response.text
    body: dict[str, Any] = (await client.get(f"/v2/jobs/{response.json()['job_id']}?wait=10")).json()
    return body


async def test_a_diff_shows_what_configuration_changed(client: httpx.AsyncClient) -> None:
    body = await done(client, "send-config", config=["hostname core-1"], diff=True)
    assert body["status"] == "finished"
    assert "+hostname core-1" in body["diff"]
    assert (await done(client, "send-config", config=["hostname x"]))["diff"] is None


async def test_a_dry_run_changes_nothing(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    body = await done(client, "send-config", platform="juniper_junos", config=["set system host-name x"], dry_run=True)
    assert "+set system host-name x" in body["diff"]
    assert driver.conversations[0].dry_run is True
    shown = await done(client, "send-config", platform="juniper_junos", config=["set y"], diff=True)
    assert "host-name" not in shown["diff"]


async def test_a_dry_run_on_a_platform_without_candidates_is_an_error(
    client: httpx.AsyncClient, driver: ScriptedDriver
) -> None:
    body = await done(client, "send-config", platform="cisco_ios", config=["hostname x"], dry_run=True)
    assert (body["status"], body["error_code"], body["results"]) == ("finished", "CONFIG_REJECTED", None)
    assert driver.sent == []


@pytest.mark.parametrize(
    ("check", "sent"),
    [
        ({"command": "show ip", "includes": ["r1> show ip"]}, True),
        ({"command": "show ip", "includes": ["192.0.2.77"]}, False),
        ({"command": "show ip", "excludes": ["r1>"]}, False),
    ],
    ids=["holds", "a text is missing", "a text must not be there"],
)
async def test_a_check_before_the_change_may_prevent_it(
    client: httpx.AsyncClient, driver: ScriptedDriver, check: dict[str, Any], sent: bool
) -> None:
    body = await done(client, "send-config", config=["hostname x"], pre_checks=[check])
    assert ("hostname x" in driver.sent) is sent
    assert (body["error"] is None) is sent


async def test_a_check_after_the_change_asks_a_person_to_look(client: httpx.AsyncClient) -> None:
    check = {"command": "show ip", "includes": ["192.0.2.77"]}
    body = await done(client, "send-config", config=["hostname x"], post_checks=[check])
    assert body["needs_review"] is True
    assert body["error"] is not None


@pytest.mark.parametrize(
    ("fields", "location"),
    [
        ({"pre_checks": [{"command": "show"}]}, ["pre_checks", 0, "includes"]),
        ({"pre_checks": [{"command": "a\nb", "includes": ["x"]}]}, ["pre_checks", 0, "command"]),
        ({"dry_run": True, "post_checks": [{"command": "a", "includes": ["x"]}]}, ["post_checks"]),
        ({"pre_checks": [{"command": "a", "includes": ["x"]}] * 101}, ["pre_checks"]),
        ({"save_config": "yes"}, ["save_config"]),
    ],
    ids=["a check of nothing", "two lines", "after a dry run", "too many", "not a boolean"],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_options_of_configuration_have_rules(
    shared: httpx.AsyncClient, fields: dict[str, Any], location: list[str | int]
) -> None:
    response = await shared.post("/v2/send-config", json={"host": "r1", "config": ["x"], **fields})
    assert response.status_code == 422
    assert [item["loc"] for item in response.json()] == [location]


TEMPLATE = "Value NAME (\\S+)\n\nStart\n  ^Name: ${NAME} -> Record\n"


async def test_output_becomes_records_by_a_template(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    driver.script = {"show names": "Name: one\nName: two\n"}
    body = await done(client, "send-command-structured", commands=["show names"], textfsm_template=TEMPLATE)
    assert body["results"] == {"show names": [{"name": "one"}, {"name": "two"}]}
    assert body["kind"] == "send-command-structured"


async def test_output_that_no_template_knows_stays_text(client: httpx.AsyncClient) -> None:
    body = await done(client, "send-command-structured", commands=["show frobnication"])
    assert body["results"] == {"show frobnication": "r1> show frobnication"}


@pytest.mark.parametrize(
    ("fields", "location", "message"),
    [
        ({"textfsm_template": "Value ("}, "textfsm_template", "not a TextFSM template"),
        ({"textfsm_template": TEMPLATE, "ttp_template": "x"}, "ttp_template", "not both"),
        ({"ttp_template": "<macro>\nimport os\n</macro>"}, "ttp_template", "cannot be used"),
    ],
    ids=["no template", "two templates", "a program"],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_templates_are_looked_at_before_a_job_is_made(
    shared: httpx.AsyncClient, fields: dict[str, Any], location: str, message: str
) -> None:
    body = {"host": "r1", "commands": ["show version"], **fields}
    response = await shared.post("/v2/send-command-structured", json=body)
    assert response.status_code == 422
    (item,) = response.json()
    assert item["loc"] == [location]
    assert message in item["msg"]


async def test_a_job_may_be_given_less_time(client: httpx.AsyncClient) -> None:
    began = time.monotonic()
    response = await client.post("/v2/send-command", json={"host": "r1", "commands": ["hold"], "job_timeout": 1})
    assert response.json()["timeout"] == 1
    body = (await client.get(f"/v2/jobs/{response.json()['job_id']}?wait=10")).json()
    assert time.monotonic() - began < 5
    assert (body["status"], body["needs_review"]) == ("failed", True)
    assert "longer than its limit of 1 s" in body["error"]


async def test_urgent_jobs_go_first(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    await client.post("/v2/send-command", json={"host": "r1", "commands": ["hold"]})
    for priority in ("low", "normal", "high"):
        await client.post(
            "/v2/send-command", json={"host": "r1", "commands": [f"show {priority}"], "priority": priority}
        )
    driver.release()
    last = await done(client, "send-command", commands=["show last"], priority="low")
    assert last["status"] == "finished"
    assert driver.sent == ["hold", "show high", "show normal", "show low", "show last"]


async def test_an_equal_job_that_waits_is_joined(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    await client.post("/v2/send-command", json={"host": "r1", "commands": ["hold"]})
    body = {"host": "r1", "commands": ["show version"]}
    first, second, other = [
        (await client.post("/v2/send-command", json=each)).json() for each in (body, body, {**body, "port": 2222})
    ]
    assert (first["deduplicated"], second["deduplicated"], other["deduplicated"]) == (False, True, False)
    assert first["job_id"] == second["job_id"] != other["job_id"]
    assert second["queue_position"] == 0
    stranger = (await client.post("/v2/send-command", json=body, auth=("bob", "x"))).json()
    assert stranger["job_id"] != first["job_id"]


async def test_a_result_that_is_young_enough_is_used_again_until_the_device_is_configured(
    client: httpx.AsyncClient, driver: ScriptedDriver
) -> None:
    body = {"host": "r1", "commands": ["show version"], "cache": {"ttl": 60}}
    fresh = await done(client, "send-command", commands=["show version"])
    cached = (await client.post("/v2/send-command", json=body)).json()
    assert (cached["cached"], cached["job_id"]) == (True, fresh["job_id"])
    asked = (await client.post("/v2/send-command", json={**body, "cache": {"ttl": 60, "refresh": True}})).json()
    assert asked["cached"] is False
    await client.get(f"/v2/jobs/{asked['job_id']}?wait=5")
    await done(client, "send-config", config=["hostname x"])
    again = (await client.post("/v2/send-command", json=body)).json()
    assert again["cached"] is False


async def test_a_service_may_keep_no_results_for_others(settings: Settings, open_service: OpenService) -> None:
    async with open_service(dataclasses.replace(settings, result_cache_ttl_max=0)) as client:
        body = {"host": "r1", "commands": ["show version"], "cache": {}}
        response = await client.post("/v2/send-command", json=body)
    assert (response.status_code, response.json()[0]["type"]) == (422, "not_offered")


async def test_partial_results_come_with_a_failure(client: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    driver.script = {"show clock": DeviceFailure(ErrorCode.SSH_ERROR, "the connection went away")}
    body = await done(client, "send-command", commands=["show version", "show clock"])
    assert (body["results"], body["error_code"]) == (None, "SSH_ERROR")
    assert body["partial_results"] == {"show version": "r1> show version"}


@pytest.mark.parametrize("fields", [{"device": "core-1"}, {"host": "r1", "credential": "lab"}], ids=["device", "login"])
@pytest.mark.asyncio(loop_scope="module")
async def test_a_pass_through_login_has_no_inventory(shared: httpx.AsyncClient, fields: dict[str, Any]) -> None:
    response = await shared.post("/v2/send-command", json={"commands": ["show version"], **fields})
    assert response.status_code == 403
    assert "has no inventory; come with an API key or a token" in response.json()["message"]
