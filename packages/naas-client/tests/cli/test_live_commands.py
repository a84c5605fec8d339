"""The commands through the running service: what only NAAS 2.3 has."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from clientsmith.core import BasicCredential
from naas.simulator import SimulatedDevice
from naas_client.cli.commands import naas

Devices = tuple[SimulatedDevice, ...]
Run = Callable[..., Result]


@pytest.fixture
def run(endpoint: str, login: BasicCredential, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    for name in [name for name in os.environ if name.startswith("NAAS_")]:
        monkeypatch.delenv(name)
    settings = {
        "CONFIG": str(tmp_path / "none"),
        "URL": endpoint,
        "USERNAME": login.username,
        "PASSWORD": login.password,
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"NAAS_{name}", value)
    monkeypatch.chdir(tmp_path)

    def call(*words: str, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(naas, list(words), input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert login.password not in result.output
        return result

    return call


@pytest.fixture
def inventory(devices: Devices, tmp_path: Path) -> str:
    """An Ansible inventory of the simulated devices."""
    lines = [
        f"{device.hostname} ansible_host={device.host} ansible_port={device.port} naas_platform={device.platform}"
        for device in devices
    ]
    (tmp_path / "hosts.ini").write_text("[lab]\n" + "\n".join(lines) + "\n")
    return "hosts.ini"


def test_devices_of_an_inventory_answer(run: Run, inventory: str) -> None:
    result = run("send", "-i", inventory, "@lab", "show version", "-f", "json")
    assert result.exit_code == 0, result.output
    assert [each["state"] for each in json.loads(result.stdout)] == ["ok"] * 3


def test_a_change_goes_in_waves_and_stops(run: Run, inventory: str) -> None:
    """The server's work: the first wave fails, and nothing else is touched."""
    words = ("batch", inventory, "frobnicate now", "-k", "--yes", "--waves", "1", "--stop-on-failure", "-f", "json")
    result = run(*words)
    assert result.exit_code == 1
    assert [each["state"] for each in json.loads(result.stdout)] == ["failed", "canceled", "canceled"]
    listed = json.loads(run("batch", "list", "-n", "1", "-f", "json").stdout)
    assert listed[0]["stopped"] is True
    retried = run("batch", "retry-failed", listed[0]["batch_id"], "-f", "json")
    assert [each["error_code"] for each in json.loads(retried.stdout)] == ["CONFIG_REJECTED"]


def test_structured_output_is_records(run: Run, inventory: str) -> None:
    result = run("send", "-i", inventory, "-l", "lab", "show version", "-s", "-f", "ndjson")
    records = [json.loads(line)["results"]["show version"] for line in result.stdout.splitlines()]
    assert all(isinstance(each, list) for each in records)


def test_changes_are_shown(run: Run, inventory: str) -> None:
    """With colours on a terminal only."""
    result = run("config", "-i", inventory, "-l", "lab", "--yes", "banner-not-a-line", "-f", "json")
    assert result.exit_code == 1
    one = json.loads(run("send", "-i", inventory, "-l", "lab", "show clock", "-f", "json").stdout)[0]["device"]
    shown = run("config", "-i", inventory, one, "interface Loopback77", "description by naas", "--diff")
    assert "+interface Loopback77" in shown.stdout


def test_keys_devices_and_backups_by_name(
    run: Run, inventory: str, api_key: str, login: BasicCredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an API key: the server's inventory, a login by reference, configurations kept and compared."""
    monkeypatch.setenv("NAAS_API_KEY", api_key)
    added = run(
        "credentials",
        "add",
        "lab",
        "--device-username",
        login.username,
        "--password-stdin",
        stdin=f"{login.password}\n",
    )
    assert added.exit_code == 0, added.output
    assert "3 devices, 3 of them new" in run("devices", "import", inventory, "--credential", "lab").stderr
    names = run("devices", "list", "-f", "text").stdout.split()
    assert run("send", "--stored", *names, "show clock").exit_code == 0
    assert run("backups", "take", "--stored", names[0]).exit_code == 0
    (backup,) = run("backups", "list", "--device", names[0], "-f", "text").stdout.split()
    assert "hostname" in run("backups", "get", backup).stdout
    Path("s.yml").write_text("name: nightly\nkind: backup\ngroup: lab\ncron: '30 2 * * *'\n")
    assert run("schedules", "apply", "s.yml").exit_code == 0
    assert run("schedules", "remove", "nightly").exit_code == 0
    assert run("devices", "remove", *names).exit_code == 0
    assert run("credentials", "remove", "lab").exit_code == 0
    missing = run("devices", "show", names[0])
    assert (missing.exit_code, "`naas devices list` shows what there is" in missing.stderr) == (2, True)


def test_checks_guard_a_change(run: Run, inventory: str) -> None:
    """One that does not hold prevents it; in the words of a person."""
    change = ("config", "-i", inventory, "-l", "lab", "-y", "interface Loopback9", "description x")
    refused = run(*change, "--pre-check", "show version ~ FROB", "-f", "json")
    assert refused.exit_code == 1
    assert all("FROB" in each["error"] for each in json.loads(refused.stdout))
    assert run(*change, "--pre-check", "show version !~ FROB", "--post-check", "show clock ~ UTC").exit_code == 0
    mistyped = run(*change, "--pre-check", "show version")
    assert (mistyped.exit_code, "'show version' is no check; for example:" in mistyped.stderr) == (2, True)


def test_devices_behind_one_address_are_told_apart(run: Run, inventory: str, devices: Devices) -> None:
    """In a batch that was submitted elsewhere only addresses are known; and what failed alike is told once."""
    run("batch", inventory, "show slow 9", "--read-timeout", "1", "--no-wait")
    batch = json.loads(run("batch", "list", "-n", "1", "-f", "json").stdout)[0]["batch_id"]
    watched = run("batch", "watch", batch)
    assert watched.exit_code == 1
    assert "3 devices: " in watched.stderr
    assert all(f"{device.host}:{device.port}" in watched.stderr for device in devices)
    assert watched.stderr.count("show slow 9") == 1
    assert f"{devices[0].host}:{devices[0].port}" in run("batch", "get", batch).stdout
