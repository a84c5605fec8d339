"""A run of the whole service with marked secrets: none of them comes out where it does not belong."""

from __future__ import annotations

import json
import logging
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest
from naas.api.app import create_app
from naas.config import Settings
from naas.driver.base import DeviceFailure, ErrorCode
from naas.runtime import Runtime
from naas.testing import ScriptedDriver

# A text that occurs nowhere else, so that finding it means that a secret got out.
MARK = "hunter2marked"
ADMIN_SECRET = f"admin {MARK} secret"
JWT_SECRET = f"jwt {MARK} secret of the service"
PASSWORD, ENABLE, WEBHOOK, OTHER = (f"{name} {MARK}" for name in ("password", "enable", "webhook", "other"))
KEY = f"-----BEGIN {MARK}-----"


@pytest.fixture
def driver() -> ScriptedDriver:
    return ScriptedDriver(
        {
            "show fault": RuntimeError(f"a library that prints {PASSWORD}"),
            "show login": DeviceFailure(ErrorCode.AUTH_FAILURE, "the device refused user 'ann'"),
        }
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    secrets = {"admin_secret": ADMIN_SECRET, "jwt_secret": JWT_SECRET}
    return Settings(database=tmp_path / "naas.db", worker_threads=4, drain_seconds=2.0, **secrets)


def good_bodies() -> list[tuple[str, Any]]:
    login = {"username": "ann", "password": PASSWORD, "enable": ENABLE}
    hook = {"webhook_url": f"https://h.example.com/x?token={MARK}", "webhook_secret": WEBHOOK}
    return [
        ("/v2/send-command", {"host": "192.0.2.1", "commands": ["show clock"], **login, **hook}),
        ("/v2/send-command", {"host": "192.0.2.2", "commands": ["show fault"], **login}),
        ("/v2/send-command", {"host": "192.0.2.3", "commands": ["show login"], **login}),
    ]


def bad_bodies() -> list[tuple[str, Any]]:
    """Everything that a 422 could be tempted to repeat."""
    host, commands = {"host": "192.0.2.1"}, {"commands": ["show clock"]}
    return [
        ("/v2/send-command", {**host, "password": PASSWORD, "enable": ENABLE}),
        ("/v2/send-command", {**host, **commands, "password": [PASSWORD]}),
        ("/v2/send-command", {**host, **commands, "username": "ann", "password": {"x": PASSWORD}}),
        ("/v2/send-command", {**host, **commands, "enable": f"{ENABLE}\n"}),
        ("/v2/send-command", {**host, "commands": [f"show {MARK}\x00"]}),
        ("/v2/send-command", {**host, "commands": f"show {MARK}"}),
        ("/v2/send-command", {**host, **commands, "ip": MARK}),
        ("/v2/send-command", {**host, **commands, "webhook_url": f"http://u:{MARK}@h.example.com/{MARK}"}),
        ("/v2/send-command", {**host, **commands, "webhook_secret": [WEBHOOK]}),
        ("/v2/send-command", {**host, **commands, "expect_string": f"({MARK}"}),
        ("/v2/send-command", {**host, **commands, "tags": {MARK + "!": MARK + "!"}}),
        ("/v2/send-config", {**host, "config": [f"username x secret {MARK}\x07"]}),
        ("/v2/send-config", {**host, "config": [{"x": MARK}]}),
        ("/v2/send-command/batch", {"devices": [{"host": "a", "password": [PASSWORD]}], "commands": ["x"]}),
        ("/v2/credentials", {"name": "core", "username": "ann", "password": [PASSWORD], "private_key": 7}),
        ("/v2/api-keys", {"role": MARK, "name": 7}),
    ]


async def test_no_secret_comes_out(
    settings: Settings, driver: ScriptedDriver, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    heard: list[str] = []

    async def listen(response: httpx.Response) -> None:
        await response.aread()
        heard.append(
            f"{response.request.method} {response.request.url.path} {response.status_code} {response.headers} {response.text}"
        )

    async with Runtime(settings, lambda: driver) as runtime:
        transport = httpx.ASGITransport(app=create_app(runtime))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://naas") as client:
            made = (await client.post("/v2/api-keys", json={"role": "admin"}, auth=("root", ADMIN_SECRET))).json()
            client.event_hooks = {"response": [listen]}
            token = made["token"]
            callers: list[dict[str, Any]] = [
                {"headers": {"X-API-Key": token}},
                {"auth": ("ann", PASSWORD)},
                {"auth": ("root", ADMIN_SECRET)},
                {"headers": {"X-API-Key": f"{token}{MARK}"}},
                {"headers": {"Authorization": f"Bearer {MARK}.{MARK}.{MARK}"}},
                {"headers": {"Authorization": f"Token {MARK}"}},
            ]
            for caller in callers:
                for path, body in [*good_bodies(), *bad_bodies()]:
                    await client.post(path, json=body, **caller)
                    await client.post(
                        path,
                        content=json.dumps(body)[:-2],
                        headers={"Content-Type": "application/json", **caller.get("headers", {})},
                        auth=caller.get("auth"),
                    )
                for path in (
                    "/v2/jobs",
                    "/v2/jobs/failed",
                    "/v2/api-keys",
                    "/v2/audit",
                    "/v2/contexts",
                    "/v2/credentials",
                    "/healthcheck",
                ):
                    await client.get(path, **caller)
            admin = {"X-API-Key": token}
            stored = {"name": "core", "username": "ann", "password": PASSWORD, "enable": ENABLE, "private_key": KEY}
            await client.post("/v2/credentials", json=stored, headers=admin)
            await client.get("/v2/credentials/core", headers=admin)
            for summary in (await client.get("/v2/jobs", headers=admin)).json()["jobs"]:
                job = summary["job_id"]
                await client.get(f"/v2/send-command/{job}", params={"wait": 5}, headers=admin)
                await client.get(f"/v2/jobs/{job}/webhooks", headers=admin)
            await client.get("/v2/audit/export.ndjson", headers=admin)
        await runtime.security.audit.settle()
        in_use = repr((runtime.settings, runtime.security.__dict__))

    answers = "\n".join(heard)
    assert " 202 " in answers
    assert " 422 " in answers
    assert " 401 " in answers
    printed = "".join(capfd.readouterr())
    # Not those of the client that asks.
    logged = "\n".join(
        record.getMessage() + (record.exc_text or "")
        for record in caplog.records
        if record.name.split(".")[0] not in {"httpx", "httpcore"}
    )
    assert logged
    for where, text in {"answers": answers, "log": logged, "output": printed, "repr": in_use}.items():
        lines = [line[:300] for line in text.splitlines() if MARK in line or token in line]
        assert not lines, f"secrets in the {where}: {lines[:3]}"
    _nothing_in_the_database(settings.database, token)


def _nothing_in_the_database(file: Path, token: str) -> None:
    """Logins, webhook secrets, credentials and tokens are sealed or hashed there.

    Commands and configuration are in it as they were sent; the marks in those of this run were refused.
    """
    database = sqlite3.connect(file)
    lines = [line for line in database.iterdump() if MARK in line or token in line]
    database.close()
    # The address of a webhook has to be known until it is delivered.
    lines = [line for line in lines if "https://h.example.com/x?token=" not in line]
    assert lines == []
    raw = file.read_bytes()
    for secret in (PASSWORD, ENABLE, WEBHOOK, KEY, ADMIN_SECRET, JWT_SECRET, token):
        assert secret.encode() not in raw


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_no_secret_reaches_the_log_of_a_server(log_format: str, start_server: Any, tmp_path: Path) -> None:
    """Nor its command line, which every user of the machine can read; all lines that there are, access log included."""
    environment = {"NAAS_ADMIN_SECRET": ADMIN_SECRET, "NAAS_JWT_SECRET": JWT_SECRET}
    options = ("--log-level", "debug", "--log-format", log_format)
    with start_server(tmp_path, *options, **environment) as server:
        with httpx.Client(base_url=server.url) as client:
            made = client.post("/v2/api-keys", json={"role": "admin"}, auth=("root", ADMIN_SECRET)).json()
            for caller in (
                {"headers": {"X-API-Key": made["token"]}},
                {"auth": ("ann", PASSWORD)},
                {"auth": ("x", ADMIN_SECRET)},
            ):
                for path, body in [*good_bodies(), *bad_bodies()]:
                    client.post(path, json=body, **caller)
                client.get(f"/v2/jobs?token={MARK}&tag={MARK}", **caller)
        command_line = Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
        assert server.terminate() == 0
    log = (tmp_path / "stderr.log").read_text()
    assert "job.submitted" in log
    assert "auth.success" in log
    found = [line[:300] for line in log.splitlines() if MARK in line or made["token"] in line]
    assert found == []
    assert MARK.encode() not in command_line
