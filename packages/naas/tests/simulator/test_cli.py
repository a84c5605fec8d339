"""``naas-server simulate``."""

from __future__ import annotations

import importlib.util
import json

import pytest
from click.testing import CliRunner, Result
from naas.simulator import Device, running_farm
from naas.simulator.cli import simulate


def run(*arguments: str) -> Result:
    return CliRunner().invoke(simulate, arguments)


def test_a_table_then_ready() -> None:
    """Platforms take turns; the last line tells a script that the devices are up."""
    result = run("--devices", "3", "--platform", "cisco_ios", "--platform", "arista_eos", "--lifetime", "0")
    assert result.exit_code == 0
    heading, *rows, ready = result.stdout.splitlines()
    assert heading.split() == ["NAME", "PLATFORM", "HOST", "PORT"]
    assert [row.split()[:3] for row in rows] == [
        ["sw1", "cisco_ios", "127.0.0.1"],
        ["sw2", "arista_eos", "127.0.0.1"],
        ["sw3", "cisco_ios", "127.0.0.1"],
    ]
    assert ready == "ready"


def test_json_for_machines() -> None:
    result = run("--devices", "2", "--by-address", "--format", "json", "--lifetime", "0")
    devices = json.loads(result.stdout.splitlines()[0])
    assert [device["host"] for device in devices] == ["127.0.1.1", "127.0.1.2"]
    assert all(isinstance(device["port"], int) for device in devices)


def test_a_port_in_use_is_one_clear_message() -> None:
    with running_farm([Device()]) as farm:
        port = str(farm.devices[0].port)
        result = run("--devices", "1", "--port-base", port, "--lifetime", "0")
    assert result.exit_code == 1
    assert port in result.stderr
    assert "choose another --port-base" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--host", "0.0.0.0"], "--allow-remote"),
        (["--port-base", "65535", "--devices", "2"], "choose a lower --port-base"),
        (["--platform", "toaster"], "'toaster' is not one of"),
    ],
    ids=["remote", "ports run out", "platform"],
)
def test_wrong_usage_is_said_and_ends_with_2(arguments: list[str], says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_missing_asyncssh_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", {"asyncssh": None}.__getitem__)
    result = run("--lifetime", "0")
    assert result.exit_code == 1
    assert "pip install 'naas[simulate]'" in result.stderr
