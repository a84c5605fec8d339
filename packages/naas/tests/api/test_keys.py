"""API keys, the audit trail and webhook deliveries over HTTP, against the whole service."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from naas.config import Settings

ADMIN_SECRET = "correct horse battery staple"
MANAGER = httpx.BasicAuth("anybody", ADMIN_SECRET)
OPEN = Any


@pytest.fixture
async def service(open_service: OPEN, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The service with an admin secret; the client sends no credentials by itself."""
    opened: AbstractAsyncContextManager[httpx.AsyncClient] = open_service(replace(settings, admin_secret=ADMIN_SECRET))
    async with opened as client:
        client.auth = None
        yield client


async def make_key(service: httpx.AsyncClient, **fields: Any) -> Any:
    response = await service.post("/v2/api-keys", json=fields or {"role": "operator"}, auth=MANAGER)
    assert response.status_code == 201, response.text
    return response.json()


def bearer(key: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {key['token']}"}


async def test_a_key_is_made_listed_rotated_and_revoked(service: httpx.AsyncClient) -> None:
    made = await make_key(service, role="operator", contexts=["default"], ttl=3600, name="ci")
    assert re.fullmatch(r"k-[0-9a-f]{12}", made["key_id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["expires_at"])
    assert (made["role"], made["contexts"], made["name"]) == ("operator", ["default"], "ci")
    assert (made["app"], "version" in made) == ("naas", True)

    (listed,) = (await service.get("/v2/api-keys", auth=MANAGER)).json()["keys"]
    assert "token" not in listed
    assert (listed["key_id"], listed["created_by"], listed["last_used_at"]) == (made["key_id"], "anybody", None)

    response = await service.post(f"/v2/api-keys/{made['key_id']}/rotate", auth=MANAGER)
    assert response.status_code == 201
    rotated = response.json()
    assert rotated["key_id"] != made["key_id"]
    assert (await service.get("/v2/jobs", headers=bearer(made))).status_code == 401
    assert (await service.get("/v2/jobs", headers=bearer(rotated))).status_code == 200

    response = await service.delete(f"/v2/api-keys/{rotated['key_id']}", auth=MANAGER)
    assert (response.status_code, response.content) == (204, b"")
    assert (await service.get("/v2/jobs", headers=bearer(rotated))).status_code == 401
    assert (await service.get("/v2/api-keys", auth=MANAGER)).json()["keys"] == []


async def test_a_key_without_wishes_is_an_admin_everywhere(service: httpx.AsyncClient) -> None:
    """As in the existing service, also without a body."""
    response = await service.post("/v2/api-keys", auth=MANAGER)
    assert response.status_code == 201
    assert (response.json()["role"], response.json()["contexts"]) == ("admin", ["*"])
    endless = await make_key(service, ttl=0)
    assert endless["expires_at"] == ""


async def test_answers_with_tokens_are_kept_by_no_cache(service: httpx.AsyncClient) -> None:
    response = await service.post("/v2/api-keys", json={"role": "viewer"}, auth=MANAGER)
    assert response.headers["cache-control"] == "no-store"


async def test_an_old_key_may_stay_valid_for_a_while(service: httpx.AsyncClient) -> None:
    made = await make_key(service)
    await service.post(f"/v2/api-keys/{made['key_id']}/rotate", json={"overlap_seconds": 600}, auth=MANAGER)
    assert (await service.get("/v2/jobs", headers=bearer(made))).status_code == 200
    keys = (await service.get("/v2/api-keys", auth=MANAGER)).json()["keys"]
    assert [key["replaced_by"] for key in keys if key["key_id"] == made["key_id"]] == [keys[-1]["key_id"]]


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/v2/api-keys/k-000000000000"), ("POST", "/v2/api-keys/k-000000000000/rotate")]
)
async def test_an_unknown_key_is_not_found(method: str, path: str, service: httpx.AsyncClient) -> None:
    response = await service.request(method, path, auth=MANAGER)
    assert response.status_code == 404
    assert response.json()["error"] == "Key 'k-000000000000' not found"
    assert response.json()["app"] == "naas"


@pytest.mark.parametrize(
    ("body", "location"),
    [
        ({"role": "root"}, ["role"]),
        ({"contexts": []}, ["contexts"]),
        ({"contexts": ["a b"]}, ["contexts", 0]),
        ({"ttl": -1}, ["ttl"]),
        ({"ttl": "90"}, ["ttl"]),
        ({"name": "a\nb"}, ["name"]),
        ({"format": "jwt"}, ["format"]),
        ({"format": "x"}, ["format"]),
    ],
)
async def test_wishes_are_checked(body: Any, location: list[Any], service: httpx.AsyncClient) -> None:
    """The existing service made a key of any role."""
    response = await service.post("/v2/api-keys", json=body, auth=MANAGER)
    assert response.status_code == 422
    assert [item["loc"] for item in response.json()] == [location]


async def test_jwts_are_made_where_there_is_a_secret(open_service: OPEN, settings: Settings) -> None:
    """In the form of the existing service, whose tokens work too."""
    with_secret = replace(settings, admin_secret=ADMIN_SECRET, jwt_secret="a secret of the existing service")
    async with open_service(with_secret) as service:
        service.auth = None
        made = await make_key(service, role="viewer", format="jwt")
        assert made["token"].count(".") == 2
        assert (await service.get("/v2/jobs", headers=bearer(made))).status_code == 200


async def test_who_may_manage_keys(service: httpx.AsyncClient) -> None:
    admin, operator = await make_key(service, role="admin"), await make_key(service, role="operator")
    for path in ("/v2/api-keys", "/v2/audit", "/v2/audit/verify"):
        assert (await service.get(path)).status_code == 401
        wrong = await service.get(path, auth=("ann", "secret"))
        assert (wrong.status_code, "Basic" in wrong.headers["www-authenticate"]) == (401, True)
        refused = await service.get(path, headers=bearer(operator))
        assert refused.status_code == 403
        assert refused.json()["message"] == "this needs the role admin, and the caller has the role operator"
        assert (await service.get(path, headers=bearer(admin))).status_code == 200


async def test_without_an_admin_secret_basic_never_manages(client: httpx.AsyncClient) -> None:
    for password in ("", "None", "secret"):
        assert (await client.get("/v2/api-keys", auth=("root", password))).status_code == 401


async def test_guessing_the_admin_secret_locks_the_address_out(service: httpx.AsyncClient) -> None:
    for attempt in range(10):
        assert (await service.get("/v2/api-keys", auth=("root", f"guess {attempt}"))).status_code == 401
    response = await service.get("/v2/api-keys", auth=MANAGER)
    assert response.status_code == 403
    assert (
        response.json()["error"] == "You are currently locked out for excessive login failures, please try again later"
    )
    assert int(response.headers["retry-after"]) > 500


# Audit


async def test_the_trail_tells_who_did_what(service: httpx.AsyncClient) -> None:
    made = await make_key(service, role="operator", name="ci")
    await service.delete(f"/v2/api-keys/{made['key_id']}", auth=MANAGER)
    await service.get("/v2/jobs", headers=bearer(made))
    page = await events(service)
    by_type = {event["event_type"]: event for event in page}
    assert by_type["apikey.created"]["fields"]["key_id"] == made["key_id"]
    assert by_type["apikey.revoked"]["principal"] == "anybody"
    assert by_type["auth.failure"]["fields"]["method"] == "bearer"
    assert made["token"] not in json.dumps(page)
    assert ADMIN_SECRET not in json.dumps(page)


async def events(service: httpx.AsyncClient, **query: Any) -> Any:
    return (await service.get("/v2/audit", params=query, auth=MANAGER)).json()["events"]


async def test_the_trail_is_read_page_by_page_and_filtered(service: httpx.AsyncClient) -> None:
    for _ in range(5):
        await make_key(service)
    first = await service.get("/v2/audit", params={"limit": 2, "event_type": "apikey.created"}, auth=MANAGER)
    assert [event["event_type"] for event in first.json()["events"]] == ["apikey.created"] * 2
    assert f"before={first.json()['next']}" in first.headers["link"]
    second = await service.get(first.headers["link"][1:].split(">")[0], auth=MANAGER)
    third = await service.get(second.headers["link"][1:].split(">")[0], auth=MANAGER)
    numbers = [event["sequence"] for page in (first, second, third) for event in page.json()["events"]]
    assert numbers == sorted(numbers, reverse=True)
    assert (len(set(numbers)), third.json()["next"]) == (5, None)
    assert await events(service, principal="nobody") == []
    assert await events(service, since="2999-01-01T00:00:00Z") == []
    assert len(await events(service, until="2999-01-01T00:00:00+02:00")) > 5


@pytest.mark.parametrize("query", [{"since": "yesterday"}, {"limit": 0}, {"before": "x"}])
async def test_a_bad_query_is_refused(query: dict[str, Any], service: httpx.AsyncClient) -> None:
    response = await service.get("/v2/audit", params=query, auth=MANAGER)
    assert (response.status_code, response.json()[0]["loc"]) == (422, list(query))


async def test_the_trail_is_exported_and_verified(service: httpx.AsyncClient) -> None:
    """As a spreadsheet it carries out nothing."""
    service.event_hooks = {}  # which take every answer for one JSON document
    await make_key(service, name="=cmd()")
    await events(service)
    lines = await service.get("/v2/audit/export.ndjson", auth=MANAGER)
    assert lines.headers["content-type"].startswith("application/x-ndjson")
    objects = [json.loads(line) for line in lines.text.splitlines()]
    assert [entry["sequence"] for entry in objects] == list(range(1, len(objects) + 1))
    table = await service.get("/v2/audit/export.csv", params={"event_type": "apikey.created"}, auth=MANAGER)
    assert 'filename="naas-audit.csv"' in table.headers["content-disposition"]
    heading, row = list(csv.reader(io.StringIO(table.text)))
    entry = dict(zip(heading, row, strict=True))
    assert (entry["event_type"], json.loads(entry["fields"])["name"]) == ("apikey.created", "=cmd()")
    verdict = (await service.get("/v2/audit/verify", auth=MANAGER)).json()
    assert (verdict["intact"], verdict["first_broken"]) == (True, None)


# Webhooks


async def test_the_deliveries_of_a_job_are_told_to_its_owner_only(open_service: OPEN, settings: Settings) -> None:
    async with open_service(replace(settings, webhook_allow_private=True)) as service:
        body = {
            "host": "192.0.2.1",
            "commands": ["show clock"],
            # Nobody listens on the discard port of TCP multiplexers.
            "webhook_url": "https://127.0.0.1:44444/hook?token=hunter2",
            "webhook_secret": "hunter3",
        }
        submitted = (await service.post("/v2/send-command", json=body)).json()
        job = f"/v2/send-command/{submitted['job_id']}"
        assert (await service.get(job, params={"wait": 5})).json()["status"] == "finished"
        path = f"/v2/jobs/{submitted['job_id']}/webhooks"
        response = await service.get(path)
        while not response.json()["deliveries"]:  # the end of a job is told before its outbox is filled
            response = await service.get(path)
        (delivery,) = response.json()["deliveries"]
        assert delivery["delivery_id"] == submitted["job_id"]
        assert delivery["url"] == "https://127.0.0.1:44444/hook"
        assert "hunter" not in response.text
        assert (await service.get(path, auth=("bob", "secret"))).status_code == 403
        assert (await service.get("/v2/jobs/00000000-0000-4000-8000-000000000000/webhooks")).status_code == 403


@pytest.mark.parametrize(
    ("url", "message"),
    [("http://hooks.example.com/", "must begin with https://"), ("https://10.0.0.1/", "leads to a private address")],
)
async def test_a_webhook_into_our_own_network_is_refused_at_submission(
    url: str, message: str, client: httpx.AsyncClient
) -> None:
    body = {"host": "192.0.2.1", "commands": ["show clock"], "webhook_url": url}
    response = await client.post("/v2/send-command", json=body)
    assert response.status_code == 422
    (item,) = response.json()
    assert item["loc"] == ["webhook_url"]
    assert message in item["msg"]
