"""The whole road: HTTP, queue, worker, Netmiko, SSH, simulated devices. Nothing is scripted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest


@pytest.fixture(scope="module")
def devices() -> Iterator[list[dict[str, Any]]]:
    """Two devices of two platforms, in a process of their own."""
    options = ["--devices", "2", "--platform", "cisco_ios", "--platform", "arista_eos", "--format", "json"]
    process = subprocess.Popen([sys.executable, "-m", "naas", "simulate", *options], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """`naas-server serve` as an operator starts it."""
    database: Path = tmp_path_factory.mktemp("service") / "naas.db"
    command = [sys.executable, "-m", "naas", "serve", "--port", "0", "--database", str(database)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().split()[-1]
    with httpx.Client(base_url=url, auth=("admin", "admin"), timeout=30) as client:
        yield client
    process.terminate()
    assert process.wait(15) == 0
    process.stdout.close()


def run(service: httpx.Client, path: str, device: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Submit, follow the job to its end, return its result."""
    target = {key: device[key] for key in ("host", "port", "platform")}
    accepted = service.post(f"/v2/{path}", json={**target, **fields})
    assert accepted.status_code == 202, accepted.text
    while True:
        job: dict[str, Any] = service.get(accepted.headers["operation-location"]).json()
        if job["status"] not in ("queued", "started"):
            return job


@pytest.mark.parametrize("index", [0, 1], ids=["cisco_ios", "arista_eos"])
def test_commands_and_configuration_reach_devices(
    service: httpx.Client, devices: list[dict[str, Any]], index: int
) -> None:
    version = run(service, "send-command", devices[index], commands=["show version"])
    change = run(service, "send-config", devices[index], config=["interface Loopback7", "description by naas"])
    assert version["error"] is None
    assert "ersion" in version["results"]["show version"]
    assert (change["status"], change["error"]) == ("finished", None)
    assert "description by naas" in change["results"]["config_set_output"]


def test_a_wrong_password_is_a_typed_failure(service: httpx.Client, devices: list[dict[str, Any]]) -> None:
    stranger = httpx.Client(base_url=service.base_url, auth=("admin", "hunter2"), timeout=30)
    with stranger:
        job = run(stranger, "send-command", devices[0], commands=["show version"])
    assert (job["status"], job["results"], job["error_code"]) == ("finished", None, "AUTH_FAILURE")
    assert job["error_retryable"] is False
    assert "hunter2" not in job["error"]


def test_a_device_that_is_not_there_is_a_typed_failure(service: httpx.Client, devices: list[dict[str, Any]]) -> None:
    job = run(service, "send-command", {**devices[0], "port": 1}, commands=["show version"], conn_timeout=2)
    assert (job["status"], job["error_code"], job["error_retryable"]) == ("finished", "CONNECTION_TIMEOUT", True)


def test_a_rejected_line_is_a_typed_failure(service: httpx.Client, devices: list[dict[str, Any]]) -> None:
    job = run(service, "send-config", devices[0], config=["flux capacitor 88"])
    assert (job["status"], job["error_code"]) == ("finished", "CONFIG_REJECTED")
