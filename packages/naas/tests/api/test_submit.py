"""Submitting jobs: what is accepted, what is refused, in which shape, and in which order it is checked."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import httpx
import pytest
from naas import __version__
from naas.testing import ScriptedDriver

COMMAND = {"host": "192.0.2.1", "commands": ["show version"]}
CONFIG = {"host": "192.0.2.1", "config": ["hostname r1"]}


async def test_an_accepted_job_is_answered_with_everything_v2_promises(client: httpx.AsyncClient) -> None:
    response = await client.post("/v2/send-command", json=COMMAND)
    body = response.json()
    assert response.status_code == 202
    assert body == {
        "job_id": body["job_id"],
        "message": "Job enqueued",
        "queue_position": 1,
        "enqueued_at": body["enqueued_at"],
        "timeout": 120,
        "idempotent": False,
        "deduplicated": False,
        "cached": False,
        "app": "naas",
        "version": __version__,
    }
    assert body["enqueued_at"].endswith("+00:00")
    assert response.headers["x-request-id"] == body["job_id"] == str(uuid.UUID(body["job_id"]))
    assert response.headers["x-api-version"] == "v2"
    assert response.headers["operation-location"] == f"/v2/send-command/{body['job_id']}?wait=2"
    assert response.headers["retry-after"] == "0"


@pytest.mark.parametrize(
    ("path", "body", "lines"),
    [
        pytest.param("/v2/send-command", COMMAND, ("show version",), id="commands"),
        pytest.param("/v2/send-config", CONFIG, ("hostname r1",), id="configuration"),
        pytest.param(
            "/v2/send-config", {**CONFIG, "commands": ["x"]}, ("hostname r1",), id="config wins over commands"
        ),
        pytest.param("/v2/send-config", {"host": "r1", "commands": ["x"]}, ("x",), id="commands as another name"),
        pytest.param("/v2/send-command", {**COMMAND, "host": "::1"}, ("show version",), id="IPv6"),
        pytest.param("/v2/send-command", {**COMMAND, "commands": ["x\r\n"]}, ("x\r\n",), id="line end at the end"),
        pytest.param("/v2/send-config", {"host": "r1", "config": ["\tx"]}, ("\tx",), id="indented with a tab"),
        pytest.param(
            "/v2/send-command", {**COMMAND, "conn_timeout": 5}, ("show version",), id="whole number for a float"
        ),
        pytest.param("/v2/send-command", {**COMMAND, "tags": None, "enable": None}, ("show version",), id="nulls"),
        pytest.param("/v2/send-command", {**COMMAND, "unheard_of": 1}, ("show version",), id="unknown field"),
        pytest.param(
            "/v2/send-command", {**COMMAND, "webhook_url": None}, ("show version",), id="webhook switched off"
        ),
    ],
)
async def test_the_device_is_asked_what_was_submitted(
    client: httpx.AsyncClient, driver: ScriptedDriver, path: str, body: dict[str, Any], lines: tuple[str, ...]
) -> None:
    response = await client.post(path, json=body)
    assert response.status_code == 202, response.text
    await client.get(response.headers["operation-location"])
    (conversation,) = driver.conversations
    assert (conversation.lines, conversation.username, conversation.host) == (lines, "ann", body["host"])


REFUSED = [
    pytest.param({"commands": ["x"]}, "missing", ["host"], "this field is required", id="no host"),
    pytest.param({"host": "r1"}, "missing", ["commands"], "this field is required", id="no commands"),
    pytest.param({**COMMAND, "port": "22"}, "int_type", ["port"], "expected `int`, got `str`", id="text for a number"),
    pytest.param({**COMMAND, "port": True}, "int_type", ["port"], "expected `int`, got `bool`", id="bool for a number"),
    pytest.param({**COMMAND, "port": 0}, "out_of_range", ["port"], "expected `int` >= 1", id="port 0"),
    pytest.param({**COMMAND, "port": 65536}, "out_of_range", ["port"], "expected `int` <= 65535", id="port 65536"),
    pytest.param({**COMMAND, "read_timeout": 0.5}, "out_of_range", ["read_timeout"], ">= 1.0", id="short timeout"),
    pytest.param({**COMMAND, "commands": []}, "wrong_length", ["commands"], "of length >= 1", id="no command"),
    pytest.param({**COMMAND, "commands": ["a", " "]}, "blank", ["commands", 1], "must not be blank", id="blank command"),
    pytest.param({**COMMAND, "commands": ["a", 1]}, "str_type", ["commands", 1], "got `int`", id="number as command"),
    pytest.param({**COMMAND, "commands": "a"}, "array_type", ["commands"], "got `str`", id="text for a list"),
    pytest.param({**COMMAND, "commands": ["show clock\nreload"]}, "control_character", ["commands", 0], "one line", id="second line"),
    pytest.param({**COMMAND, "commands": ["a", "show\x00x"]}, "control_character", ["commands", 1], "one line", id="NUL"),
    pytest.param({**COMMAND, "commands": ["show\x1a"]}, "control_character", ["commands", 0], "one line", id="Ctrl-Z"),
    pytest.param({**COMMAND, "commands": ["show\x85reload"]}, "control_character", ["commands", 0], "one line", id="C1 line end"),
    pytest.param({**COMMAND, "enable": "x\nreload"}, "control_character", ["enable"], "control", id="line end in a secret"),
    pytest.param({**COMMAND, "read_timeout": 1.7e308}, "out_of_range", ["read_timeout"], "<= 3600", id="timeout of ages"),
    pytest.param({**COMMAND, "conn_timeout": 601}, "out_of_range", ["conn_timeout"], "<= 600", id="patient login"),
    pytest.param({**COMMAND, "platform": "x" * 65}, "wrong_length", ["platform"], "length <= 64", id="long platform"),
    pytest.param({**COMMAND, "host": "fe80::1%eth0"}, "host", ["host"], "IPv6 address", id="zone id"),
    pytest.param({**COMMAND, "host": "r1\n"}, "host", ["host"], "host name", id="line end in the host"),
    pytest.param({**COMMAND, "host": "a b"}, "host", ["host"], "host name", id="blank in the host"),
    pytest.param({**COMMAND, "host": "-a.example"}, "host", ["host"], "host name", id="leading hyphen"),
    pytest.param({**COMMAND, "host": "999.1.1.1"}, "host", ["host"], "IPv4 address", id="mistyped address"),
    pytest.param({**COMMAND, "host": "a" * 254}, "wrong_length", ["host"], "length <= 253", id="long host"),
    pytest.param({**COMMAND, "ip": "192.0.2.1"}, "extra_forbidden", ["ip"], "use 'host'", id="v1 name of host"),
    pytest.param({**COMMAND, "device_type": "x"}, "extra_forbidden", ["device_type"], "use 'platform'", id="v1 platform"),
    pytest.param({**COMMAND, "tags": {"a b": "c"}}, "pattern_mismatch", ["tags", 0], "letters, digits", id="blank in a tag"),
    pytest.param({**COMMAND, "tags": {str(n): "x" for n in range(11)}}, "wrong_length", ["tags"], "at most 10", id="tags"),
    pytest.param({**COMMAND, "expect_string": "("}, "pattern", ["expect_string"], "regular expression", id="bad pattern"),
    pytest.param({**COMMAND, "expect_string": "a{9999999999999}"}, "pattern", ["expect_string"], "too big", id="huge repeat"),
    pytest.param({**COMMAND, "webhook_secret": "x"}, "missing", ["webhook_url"], "signs messages", id="secret for nobody"),
    pytest.param({**COMMAND, "job_timeout": 0}, "out_of_range", ["job_timeout"], ">= 1.0", id="no time at all"),
    pytest.param({**COMMAND, "priority": "urgent"}, "enum", ["priority"], "not one of the values", id="priority"),
    pytest.param({**COMMAND, "device": "r1"}, "conflict", ["device"], "not both", id="host and device"),
    pytest.param({**COMMAND, "cache": {"ttl": 0}}, "out_of_range", ["cache", "ttl"], ">= 1", id="cache of no age"),
    pytest.param({**COMMAND, "cache": {"ttl": 9999}}, "out_of_range", ["cache", "ttl"], "at most 3600", id="old cache"),
    pytest.param({**COMMAND, "commands": ["reload"], "cache": {}}, "not_cacheable", ["cache"], "known to read", id="cached reload"),
    pytest.param({**COMMAND, "commands": ["x" * 20_000]}, "wrong_length", ["commands", 0], "length <= 16384", id="long line"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "kind", "location", "message"), REFUSED)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_broken_rule_is_one_item_of_a_bare_array(
    shared: httpx.AsyncClient, body: dict[str, Any], kind: str, location: list[str | int], message: str
) -> None:
    response = await shared.post("/v2/send-command", json=body)
    assert response.status_code == 422
    (item,) = response.json()
    assert (item["type"], item["loc"]) == (kind, location)
    assert message in item["msg"]


async def test_all_broken_rules_are_told_at_once(client: httpx.AsyncClient) -> None:
    response = await client.post("/v2/send-command", json={"port": "x", "read_timeout": 0, "ip": "y"})
    assert [item["loc"] for item in response.json()] == [["ip"], ["host"], ["read_timeout"], ["port"], ["commands"]]


@pytest.mark.parametrize(
    "fields",
    [{"commands": [" "] * 50_000}, {"tags": {f"{number} ": "x" for number in range(10_000)}}],
    ids=["blank commands", "tags"],
)
async def test_a_body_full_of_mistakes_gets_a_short_answer(client: httpx.AsyncClient, fields: dict[str, Any]) -> None:
    """Otherwise four megabytes in would be forty megabytes out."""
    response = await client.post("/v2/send-command", json={**COMMAND, **fields})
    assert (response.status_code, len(response.json())) == (422, 100)


async def test_configuration_needs_lines_under_one_of_two_names(client: httpx.AsyncClient) -> None:
    response = await client.post("/v2/send-config", json={"host": "r1"})
    assert response.json() == [
        {"type": "missing", "loc": ["config"], "msg": "one of 'config' and 'commands' is required"}
    ]


@pytest.mark.parametrize(
    ("platform", "nearest"),
    [("cisco_oss", "cisco_ios"), ("Cisco-IOS", "cisco_ios"), ("ios", "cisco_ios"), ("junos", "juniper_junos")],
)
async def test_an_unknown_platform_is_refused_with_near_names(
    client: httpx.AsyncClient, platform: str, nearest: str
) -> None:
    response = await client.post("/v2/send-command", json={**COMMAND, "platform": platform})
    (item,) = response.json()
    assert (response.status_code, item["type"], item["input"]) == (422, "unknown_platform", platform)
    assert nearest in item["suggestions"]
    assert f"unknown platform '{platform}'; did you mean " in item["msg"]


SECRET = "hunter2-not-to-be-repeated"


@pytest.mark.parametrize(
    "body",
    [
        {**COMMAND, "enable": [SECRET]},
        {**COMMAND, "commands": [f"username x password {SECRET}", ""]},
        {**COMMAND, "commands": SECRET},
        {**COMMAND, "host": f"ssh://admin:{SECRET}@r1"},
        {**COMMAND, "webhook_secret": SECRET},
        {**COMMAND, "tags": {SECRET: "a b"}},
        {**COMMAND, "expect_string": f"({SECRET}"},
        {"password": SECRET},
        [SECRET],
        SECRET,
    ],
    ids=["enable", "commands", "text", "host", "webhook", "tags", "pattern", "extra", "list", "string"],
)
async def test_secrets_are_never_repeated(client: httpx.AsyncClient, body: Any) -> None:
    for accept in ("application/json", "application/problem+json"):
        response = await client.post("/v2/send-command", json=body, headers={"accept": accept})
        assert response.status_code == 422
        assert SECRET not in response.text


@pytest.mark.parametrize(
    ("content", "headers", "status", "error"),
    [
        pytest.param(b"{", {}, 400, "Payload must be JSON", id="cut JSON"),
        pytest.param(b"", {}, 400, "Payload must be JSON", id="nothing"),
        pytest.param(b"{}", {}, 400, "Payload must be JSON", id="empty object"),
        pytest.param(b"\xff", {}, 400, "Payload must be JSON", id="not text"),
        pytest.param(b"{}", {"x-request-id": "no uuid"}, 400, "Payload must be JSON", id="JSON before the id"),
        pytest.param(json.dumps(COMMAND), {"x-request-id": "no uuid"}, 400, "Invalid syntax in request", id="id"),
        pytest.param(json.dumps({**COMMAND, "context": "dmz"}), {}, 400, "Unknown context. See", id="context"),
    ],
)
async def test_unusable_requests_have_the_shape_of_known_errors(
    client: httpx.AsyncClient, content: bytes, headers: dict[str, str], status: int, error: str
) -> None:
    response = await client.post(
        "/v2/send-command", content=content, headers={"content-type": "application/json", **headers}
    )
    body = response.json()
    assert response.status_code == body["status"] == status
    assert set(body) == {"message", "status", "error", "app", "version"}
    assert body["error"].startswith(error)


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/x-www-form-urlencoded"])
async def test_a_body_that_is_not_declared_as_json_is_415(client: httpx.AsyncClient, content_type: str) -> None:
    response = await client.post("/v2/send-command", content=b"{}", headers={"content-type": content_type})
    assert response.status_code == 415
    assert set(response.json()) == {"message"}


async def test_credentials_are_checked_before_anything_else(client: httpx.AsyncClient) -> None:
    client.auth = httpx.Auth()  # adds nothing
    response = await client.post("/v2/send-command", content=b"{", headers={"content-type": "text/plain"})
    assert response.status_code == 401


@pytest.mark.parametrize(
    "content",
    [b'{"a":' * 50_000 + b"1" + b"}" * 50_000, b'{"host": "\xff"}', b'{"host": "\\ud800"}', b'{"port": 1e999}'],
    ids=["deep", "not UTF-8", "half a surrogate pair", "a number beyond all bounds"],
)
async def test_a_body_that_cannot_be_read_is_400(client: httpx.AsyncClient, content: bytes) -> None:
    response = await client.post("/v2/send-command", content=content, headers={"content-type": "application/json"})
    assert (response.status_code, response.json()["error"]) == (400, "Payload must be JSON")


@pytest.mark.parametrize(("fields", "status"), [({"ip": "x"}, 422), ({"port": "x"}, 400)], ids=["v1 name", "bad field"])
async def test_old_names_are_told_before_the_request_id_and_bad_fields_after_it(
    client: httpx.AsyncClient, fields: dict[str, Any], status: int
) -> None:
    response = await client.post("/v2/send-command", json={**COMMAND, **fields}, headers={"X-Request-ID": "x"})
    assert response.status_code == status


async def test_the_caller_may_choose_the_job_id_once(client: httpx.AsyncClient) -> None:
    chosen = str(uuid.uuid4())
    first = await client.post("/v2/send-command", json=COMMAND, headers={"X-Request-ID": chosen.upper()})
    second = await client.post("/v2/send-command", json=COMMAND, headers={"X-Request-ID": chosen})
    assert first.json()["job_id"] == chosen
    assert (second.status_code, second.json()["error"]) == (400, "Please provide a unique X-Request-ID")


@pytest.mark.parametrize("header", ["Idempotency-Key", "X-Idempotency-Key"])
async def test_a_repeated_request_makes_one_job(client: httpx.AsyncClient, driver: ScriptedDriver, header: str) -> None:
    answers = await asyncio.gather(
        *(client.post("/v2/send-command", json=COMMAND, headers={header: "k"}) for _ in range(5))
    )
    bodies = [answer.json() for answer in answers]
    assert {answer.status_code for answer in answers} == {202}
    assert len({body["job_id"] for body in bodies}) == 1
    assert sorted(body["idempotent"] for body in bodies) == [False, True, True, True, True]
    await client.get(answers[0].headers["operation-location"])
    assert len(driver.conversations) == 1


async def test_a_repeated_request_may_repeat_its_request_id_too(client: httpx.AsyncClient) -> None:
    """A retry sends the same headers; the key must win over the used id."""
    headers = {"Idempotency-Key": "k", "X-Request-ID": str(uuid.uuid4())}
    answers = [await client.post("/v2/send-command", json=COMMAND, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[1].json()["queue_position"] == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v2/send-command", {**COMMAND, "host": "192.0.2.2"}),
        ("/v2/send-command", {**COMMAND, "enable": "x"}),
        ("/v2/send-config", {"host": "192.0.2.1", "config": ["show version"]}),
    ],
    ids=["another device", "another secret", "another kind"],
)
async def test_a_key_cannot_be_used_for_another_request(
    client: httpx.AsyncClient, path: str, body: dict[str, Any]
) -> None:
    await client.post("/v2/send-command", json=COMMAND, headers={"Idempotency-Key": "k"})
    response = await client.post(path, json=body, headers={"Idempotency-Key": "k"})
    assert response.status_code == 422
    assert response.json()[0]["type"] == "idempotency_key_reused"


async def test_keys_of_two_callers_do_not_meet(client: httpx.AsyncClient) -> None:
    """A guessed key must not give away a stranger's job id."""
    headers = {"Idempotency-Key": "k"}
    mine = await client.post("/v2/send-command", json=COMMAND, headers=headers)
    theirs = await client.post("/v2/send-command", json=COMMAND, headers=headers, auth=("bob", "x"))
    assert theirs.status_code == 202
    assert theirs.json()["job_id"] != mine.json()["job_id"]


async def test_an_idempotency_key_has_a_limit(client: httpx.AsyncClient) -> None:
    response = await client.post("/v2/send-command", json=COMMAND, headers={"Idempotency-Key": "k" * 256})
    assert response.json() == [
        {"type": "wrong_length", "loc": ["header", "idempotency-key"], "msg": "at most 255 characters"}
    ]
