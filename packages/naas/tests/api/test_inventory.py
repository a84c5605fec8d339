"""Inventory, schedules and backups over the wire. Who may use what is tested at the services; here is what it looks like."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from naas.api.events import routes
from naas.principals import AuthMethod, Principal, Role
from naas.testing import ScriptedDriver

CREDENTIAL = {"name": "lab", "username": "netops", "password": "hunter2", "enable": "hunter3"}
DEVICE = {"name": "r1", "host": "192.0.2.1", "platform": "cisco_ios", "credential": "lab", "groups": ["core"]}


@pytest.fixture
def admin_secret(settings: Any) -> str:
    return "an admin secret of some length"


@pytest.fixture
async def admin(open_service: Any, settings: Any, admin_secret: str) -> AsyncIterator[httpx.AsyncClient]:
    """An admin with a key."""
    async with open_service(dataclasses.replace(settings, admin_secret=admin_secret)) as client:
        made = await client.post("/v2/api-keys", json={"role": "admin", "name": "ada"}, auth=("x", admin_secret))
        client.auth = None
        client.headers["authorization"] = f"Bearer {made.json()['token']}"
        yield client


@pytest.fixture
async def lab(admin: httpx.AsyncClient) -> httpx.AsyncClient:
    """An inventory of one credential and one device."""
    assert (await admin.post("/v2/credentials", json=CREDENTIAL)).status_code == 201
    assert (await admin.post("/v2/devices", json=DEVICE)).status_code == 201
    return admin


async def ended(client: httpx.AsyncClient, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = (await client.get(f"/v2/jobs/{answer.json()['job_id']}", params={"wait": 10})).json()
    return job


async def test_an_entry_is_made_read_changed_and_forgotten(lab: httpx.AsyncClient) -> None:
    made = await lab.get("/v2/devices/r1")
    assert (made.headers["etag"], made.json()["port"], made.json()["groups"]) == ('"1"', 22, ["core"])
    changed = await lab.patch("/v2/devices/r1", json={"port": 2022, "groups": None}, headers={"If-Match": '"1"'})
    assert (changed.json()["port"], changed.json()["groups"], changed.headers["etag"]) == (2022, [], '"2"')
    late = await lab.patch("/v2/devices/r1", json={"port": 23}, headers={"If-Match": '"1"'})
    assert (late.status_code, "revision 2" in late.json()["message"]) == (412, True)
    replaced = await lab.put("/v2/devices/r1", json={**DEVICE, "name": "ignored"})
    assert (replaced.status_code, replaced.json()["name"], replaced.json()["port"]) == (200, "r1", 22)
    assert (await lab.delete("/v2/devices/r1")).status_code == 204
    assert (await lab.get("/v2/devices/r1")).status_code == 404


async def test_a_name_is_taken_once(lab: httpx.AsyncClient) -> None:
    again = await lab.post("/v2/devices", json=DEVICE)
    assert (again.status_code, "take another name" in again.json()["message"]) == (409, True)
    only_new = await lab.put("/v2/devices/r1", json=DEVICE, headers={"If-None-Match": "*"})
    assert only_new.status_code == 409


async def test_a_secret_goes_in_and_never_comes_out(lab: httpx.AsyncClient) -> None:
    answers = [
        await lab.get("/v2/credentials"),
        await lab.get("/v2/credentials/lab"),
        await lab.put("/v2/credentials/lab", json={"name": "lab", "username": "netops", "password": 2}),
        await lab.get("/v2/audit"),
    ]
    assert not [answer.text for answer in answers if "hunter" in answer.text]
    shown = answers[1].json()
    assert (shown["username"], shown["has_enable"], shown["has_private_key"]) == ("netops", True, False)


async def test_a_change_that_leaves_a_secret_out_keeps_it(lab: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    changed = await lab.put("/v2/credentials/lab", json={"name": "lab", "username": "other"})
    assert changed.status_code == 200
    await ended(lab, await lab.post("/v2/send-command", json={"device": "r1", "commands": ["show version"]}))
    target = driver.conversations[-1].target
    assert target is not None
    assert (target.username, target.password, target.enable) == ("other", "hunter2", "hunter3")


async def test_a_job_names_a_device_instead_of_host_and_login(lab: httpx.AsyncClient) -> None:
    job = await ended(lab, await lab.post("/v2/send-command", json={"device": "r1", "commands": ["show version"]}))
    assert (job["host"], job["platform"], job["status"]) == ("192.0.2.1", "cisco_ios", "finished")
    shown = (await lab.get("/v2/devices/r1")).json()["last_job"]
    assert (shown["job_id"], shown["status"]) == (job["job_id"], "finished")


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/v2/devices", {**DEVICE, "name": "r2", "host": "not a host"}, "host"),
        ("/v2/devices", {**DEVICE, "name": "r2", "platform": "cisco_oss"}, "platform"),
        ("/v2/devices", {**DEVICE, "name": "r2", "credential": "lba"}, "credential"),
        ("/v2/devices", {**DEVICE, "name": "../r2"}, "name"),
        ("/v2/credentials", {"name": "c", "username": "x"}, "password"),
        ("/v2/credentials", {"name": "c", "username": "x\ny", "password": "p"}, "username"),
        ("/v2/devices/import", {"devices": [DEVICE, {**DEVICE, "host": "not a host"}]}, "devices.1.host"),
        ("/v2/schedules", {"name": "s", "kind": "backup", "cron": "61 * * * *", "devices": ["r1"]}, "cron"),
        ("/v2/schedules", {"name": "s", "kind": "backup", "devices": ["r1"]}, "cron"),
        ("/v2/schedules", {"name": "s", "kind": "send-command", "cron": "0 2 * * *", "devices": ["r1"]}, "commands"),
        ("/v2/schedules", {"name": "s", "kind": "backup", "cron": "0 2 * * *", "timezone": "Mars"}, "timezone"),
        ("/v2/schedules", {"name": "s", "kind": "backup", "cron": "0 2 * * *", "devices": ["r9"]}, "device"),
        ("/v2/schedules", {"name": "s", "kind": "backup", "cron": "0 2 * * *", "starts_at": "soon"}, "starts_at"),
        ("/v2/backups", {"device": "r9"}, "device"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_wrong_is_told_with_its_field(
    lab: httpx.AsyncClient, path: str, body: dict[str, Any], told: str
) -> None:
    refused = await lab.post(path, json=body)
    assert refused.status_code == 422, refused.text
    assert told in {".".join(map(str, item["loc"])) for item in refused.json()}


OWN = {"username": "eve", "password": "own"}


@pytest.mark.parametrize("path", ["send-command", "send-command-structured", "send-config", "backups"])
async def test_a_login_that_is_sent_beside_a_device_is_used(
    lab: httpx.AsyncClient, driver: ScriptedDriver, path: str
) -> None:
    """Who says who logs in is not read over; the address and the rest are those of the inventory."""
    work = {} if path == "backups" else {"commands": ["show version"]}
    await ended(lab, await lab.post(f"/v2/{path}", json={"device": "r1", **work}))
    await ended(lab, await lab.post(f"/v2/{path}", json={"device": "r1", **work, **OWN}))
    by_inventory, by_request = driver.conversations
    assert (by_inventory.username, by_request.username) == (CREDENTIAL["username"], "eve")
    assert by_request.target is not None
    assert by_inventory.target is not None
    assert by_request.target.password == "own"
    assert (by_request.target.address, by_request.target.platform) == (
        by_inventory.target.address,
        by_inventory.target.platform,
    )


async def test_a_login_that_is_sent_goes_by_the_bastion_of_the_inventory(
    lab: httpx.AsyncClient, driver: ScriptedDriver
) -> None:
    jump = {"host": "198.51.100.7", "username": "hop", "password": "hop-4711"}
    behind = {"name": "behind", "username": "ann", "password": "pw", "jump": jump}
    assert (await lab.post("/v2/credentials", json=behind)).status_code == 201
    assert (await lab.post("/v2/devices", json={**DEVICE, "name": "r2", "credential": "behind"})).status_code == 201
    await ended(lab, await lab.post("/v2/send-command", json={"device": "r2", "commands": ["show version"], **OWN}))
    (talk,) = driver.conversations
    assert talk.target is not None
    assert talk.target.jump is not None
    assert (talk.username, talk.target.jump.username) == ("eve", "hop")


async def test_a_device_without_a_credential_needs_a_login_that_is_sent(
    lab: httpx.AsyncClient, driver: ScriptedDriver
) -> None:
    bare = {"name": "r3", "host": "192.0.2.3", "platform": "cisco_ios"}
    assert (await lab.post("/v2/devices", json=bare)).status_code == 201
    asked = {"device": "r3", "commands": ["show version"]}
    refused = await lab.post("/v2/send-command", json=asked)
    assert refused.status_code == 422
    assert "has no credential; give it or one of its groups one, or send username and password" in refused.text
    await ended(lab, await lab.post("/v2/send-command", json={**asked, **OWN}))
    assert [talk.username for talk in driver.conversations] == ["eve"]


@pytest.mark.parametrize(("half", "missing"), [({"username": "eve"}, "password"), ({"password": "own"}, "username")])
async def test_half_a_login_beside_a_device_is_refused(
    lab: httpx.AsyncClient, driver: ScriptedDriver, half: dict[str, str], missing: str
) -> None:
    refused = await lab.post("/v2/send-command", json={"device": "r1", "commands": ["show version"], **half})
    (problem,) = refused.json()
    assert (refused.status_code, problem["loc"]) == (422, [missing])
    assert f"give '{missing}', or a stored 'credential'" in problem["msg"]
    assert driver.conversations == []


async def test_in_a_batch_the_most_particular_login_wins(lab: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    """What a device is given in the batch, its own in the inventory, what the batch shares: in this order."""
    assert (await lab.post("/v2/devices", json={**DEVICE, "name": "r2", "host": "192.0.2.2"})).status_code == 201
    devices = [{"device": "r1"}, {"device": "r2", "username": "kim", "password": "k"}, {"host": "192.0.2.77"}]
    shared = {**OWN, "platform": "cisco_ios", "commands": ["show version"]}
    accepted = await lab.post("/v2/send-command/batch", json={"devices": devices, **shared})
    for job_id in accepted.json()["job_ids"]:
        await lab.get(f"/v2/jobs/{job_id}?wait=5")
    users = {talk.host: talk.username for talk in driver.conversations}
    assert users == {DEVICE["host"]: CREDENTIAL["username"], "192.0.2.2": "kim", "192.0.2.77": "eve"}


async def test_many_devices_are_entered_at_once_and_listed_page_by_page(lab: httpx.AsyncClient) -> None:
    many = [{**DEVICE, "name": f"sw{number:03}", "groups": ["access"]} for number in range(120)]
    imported = (await lab.post("/v2/devices/import", json={"devices": [*many, DEVICE]})).json()
    assert (imported["total"], imported["created"]) == (121, 120)
    names: list[str] = []
    page = await lab.get("/v2/devices", params={"limit": 50, "group": "access"})
    while True:
        names += [device["name"] for device in page.json()["devices"]]
        if page.json()["next"] is None:
            break
        page = await lab.get(page.links["next"]["url"])
    assert names == [device["name"] for device in many]


async def test_a_pass_through_login_has_no_inventory(lab: httpx.AsyncClient) -> None:
    for path in ("/v2/devices", "/v2/groups", "/v2/credentials", "/v2/schedules"):
        answer = await lab.get(path, headers={"authorization": ""}, auth=("ann", "secret"))
        assert answer.status_code == 403, path


async def test_a_schedule_is_made_changed_and_forgotten(lab: httpx.AsyncClient) -> None:
    wish = {"name": "nightly", "kind": "backup", "cron": "0 2 * * *", "timezone": "Europe/Berlin", "devices": ["r1"]}
    made = await lab.post("/v2/schedules", json=wish)
    assert (made.status_code, made.headers["location"], made.json()["submitter"]) == (
        201,
        "/v2/schedules/nightly",
        "ada",
    )
    assert made.json()["next_run_at"] is not None
    off = await lab.put("/v2/schedules/nightly", json={**wish, "enabled": False})
    assert (off.json()["enabled"], off.json()["next_run_at"]) == (False, None)
    assert [each["name"] for each in (await lab.get("/v2/schedules")).json()["schedules"]] == ["nightly"]
    assert (await lab.delete("/v2/schedules/nightly")).status_code == 204
    assert (await lab.get("/v2/schedules/nightly")).status_code == 404


async def test_a_schedule_runs_by_the_clock(lab: httpx.AsyncClient, driver: ScriptedDriver) -> None:
    """The whole way: the runner of the service, at the second."""
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    wish = {"name": "now", "kind": "send-command", "commands": ["show clock"], "every_seconds": 3600, "devices": ["r1"]}
    assert (await lab.post("/v2/schedules", json={**wish, "starts_at": soon})).status_code == 201
    async with asyncio.timeout(10):
        while not driver.conversations:
            await asyncio.sleep(0.05)
    ran = (await lab.get("/v2/schedules/now")).json()
    job = (await lab.get(f"/v2/jobs/{ran['last_job_ids'][0]}", params={"wait": 5})).json()
    assert (job["status"], job["tags"], ran["runs"]) == ("finished", {"schedule": "now"}, 1)


async def test_configurations_are_kept_listed_shown_and_compared(lab: httpx.AsyncClient) -> None:
    await ended(lab, await lab.post("/v2/backups", json={"device": "r1"}))
    change = {"device": "r1", "config": ["ntp server 192.0.2.9"]}
    await ended(lab, await lab.post("/v2/send-config", json=change))
    await ended(lab, await lab.post("/v2/backups", json={"device": "r1"}))
    listed = (await lab.get("/v2/backups", params={"device": "r1", "limit": 1})).json()
    newest = listed["backups"][0]
    older = (await lab.get("/v2/backups", params={"before": listed["next"]})).json()["backups"][0]
    whole = await lab.get(f"/v2/backups/{newest['backup_id']}")
    assert "ntp server 192.0.2.9" in whole.json()["text"]
    known = {"If-None-Match": whole.headers["etag"]}
    assert (await lab.get(f"/v2/backups/{newest['backup_id']}", headers=known)).status_code == 304
    diff = (await lab.get(f"/v2/backups/{newest['backup_id']}/diff")).json()
    assert (diff["against"], diff["added"], diff["removed"]) == (older["backup_id"], 1, 0)
    back = await lab.get(f"/v2/backups/{older['backup_id']}/diff", params={"against": newest["backup_id"]})
    assert (back.json()["added"], back.json()["removed"]) == (0, 1)
    assert (await lab.get("/v2/backups/5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11")).status_code == 404


async def test_all_jobs_of_a_caller_are_streamed(lab: httpx.AsyncClient) -> None:
    """Over the service itself: in this transport a stream arrives when it ends, so it is read from the source."""
    app: Any = lab._transport.app  # type: ignore[attr-defined]
    runtime = _runtime_in(app)
    admin = Principal("x", "x", Role.ADMIN, AuthMethod.API_KEY)
    stream = routes._events(runtime.jobs, admin)
    assert (await anext(stream)).name == "hello"  # type: ignore[union-attr]
    accepted = await lab.post("/v2/send-command", json={"device": "r1", "commands": ["show version"]})
    states = [(await anext(stream)).data["status"] for _ in range(3)]  # type: ignore[union-attr]
    await stream.aclose()  # type: ignore[attr-defined]
    assert (accepted.status_code, states) == (202, ["queued", "started", "finished"])


def _runtime_in(app: Any) -> Any:
    """The running service below the middleware."""
    while not hasattr(app, "state"):
        app = getattr(app, "_app", None) or getattr(app, "app", None) or app.args[0]
    return app.state.runtime
