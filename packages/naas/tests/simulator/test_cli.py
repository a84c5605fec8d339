"""``naas-server simulate``."""

from __future__ import annotations

import csv
import importlib.util
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from naas.simulator import Device, running_farm
from naas.simulator.cli import simulate
from naas.simulator.platforms import platform_names


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


def test_names_can_be_chosen() -> None:
    result = run("--devices", "2", "--name", "edge-{number:2}", "--lifetime", "0")
    assert [row.split()[0] for row in result.stdout.splitlines()[1:3]] == ["edge-01", "edge-02"]


def test_platforms_are_listed() -> None:
    heading, *rows = run("--list-platforms").stdout.splitlines()
    assert heading.split() == ["NAME", "FAMILY", "DESCRIPTION"]
    assert [row.split()[0] for row in rows] == list(platform_names())


def test_a_platform_is_shown_to_start_from(tmp_path: Path) -> None:
    """What is printed is a whole platform file; under another name it is a platform of one's own."""
    mine = tmp_path / "mine.toml"
    mine.write_text(run("--show-platform", "arista_eos").stdout.replace('name = "arista_eos"', 'name = "mine"'))
    result = run("--platform-file", str(mine), "--devices", "1", "--lifetime", "0")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[1].split()[1] == "mine"


def test_a_farm_file_and_its_inventories(tmp_path: Path) -> None:
    farm = tmp_path / "farm.yaml"
    group = {"platform": "cisco_ios", "count": 2, "name": "a{number}", "groups": ["access"], "enable": "s3cret"}
    farm.write_text(yaml.safe_dump({"groups": [group, {"platform": "arista_eos", "name": "core"}]}))
    files = [tmp_path / f"devices.{kind}" for kind in ("csv", "json", "yaml")]
    outs = [argument for file in files for argument in ("--inventory-out", str(file))]
    ansible = tmp_path / "hosts.yaml"
    result = run("--farm", str(farm), *outs, "--ansible-inventory-out", str(ansible), "--lifetime", "0")
    assert result.exit_code == 0, result.stderr
    rows = list(csv.DictReader(files[0].open()))
    assert [(row["name"], row["platform"], row["username"], row["groups"]) for row in rows] == [
        ("a1", "cisco_ios", "admin", "access"),
        ("a2", "cisco_ios", "admin", "access"),
        ("core", "arista_eos", "admin", ""),
    ]
    from_json = json.loads(files[1].read_text())["devices"]
    assert from_json == yaml.safe_load(files[2].read_text())["devices"]
    assert [str(row["port"]) for row in from_json] == [row["port"] for row in rows]
    children = yaml.safe_load(ansible.read_text())["all"]["children"]
    assert set(children) == {"cisco_ios", "access", "arista_eos"}
    assert children["cisco_ios"]["vars"]["ansible_network_os"] == "cisco.ios.ios"
    assert children["cisco_ios"]["hosts"]["a1"]["ansible_port"] == int(rows[0]["port"])
    assert not [file for file in (*files, ansible) if "s3cret" in file.read_text()]


def test_inventories_hold_passwords_only_when_asked(tmp_path: Path) -> None:
    plain, ansible = tmp_path / "devices.json", tmp_path / "hosts.yaml"
    outs = ("--inventory-out", str(plain), "--ansible-inventory-out", str(ansible), "--inventory-passwords")
    run("--devices", "1", "--password", "lab", "--enable", "s3cret", *outs, "--lifetime", "0")
    assert json.loads(plain.read_text())["devices"][0]["enable"] == "s3cret"
    assert yaml.safe_load(ansible.read_text())["all"]["children"]["cisco_ios"]["hosts"]["sw1"] == {
        "ansible_host": "127.0.0.1",
        "ansible_port": json.loads(plain.read_text())["devices"][0]["port"],
        "ansible_user": "admin",
        "ansible_password": "lab",
        "ansible_become_password": "s3cret",
    }


def test_the_client_s_batch_reads_what_is_written(tmp_path: Path) -> None:
    """CSV, JSON, YAML and Ansible: the same devices at the same places."""
    files = pytest.importorskip("naas_client.cli.inventory.files", reason="the client's CLI is not there yet")
    outs: list[str] = []
    for kind in ("csv", "json", "yaml"):
        outs += ["--inventory-out", str(tmp_path / f"devices.{kind}")]
    ansible = tmp_path / "hosts.yaml"
    platforms = ("--platform", "cisco_ios", "--platform", "juniper_junos")
    run("--devices", "2", *platforms, *outs, "--ansible-inventory-out", str(ansible), "--lifetime", "0")
    read: list[Any] = []
    for file in (*sorted(tmp_path.glob("devices.*")), ansible):
        found = files.read_inventory(str(file)).targets
        read.append([(target.name, target.host, target.port, target.platform) for target in found])
    assert read[0] == read[1] == read[2] == read[3]
    assert [target[3] for target in read[0]] == ["cisco_ios", "juniper_junos"]


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
        (["--platform", "toaster"], "nobody simulates the platform 'toaster'; choose one of arista_eos"),
        (["--show-platform", "../../etc/passwd"], "nobody simulates the platform '../../etc/passwd'"),
        (["--name", "same"], "--name same names 3 devices alike; put {number} into it"),
        (["--inventory-out", "devices.txt"], "--inventory-out devices.txt: name it *.csv, *.json"),
        (["--connect-fault", "broken"], "'broken' is not one of 'none', 'refused'"),
        (["--error-probability", "2"], "0<=x<=1"),
    ],
    ids=["remote", "ports run out", "platform", "path", "names", "inventory", "fault", "probability"],
)
def test_wrong_usage_is_said_and_ends_with_2(arguments: list[str], says: str) -> None:
    result = run(*arguments, "--lifetime", "0")
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_mistake_in_a_file_is_said_and_ends_with_2(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('name = "mine"\nextends = "cisco_ios"\n[prompts]\nuser = "{nonsense}"\n')
    result = run("--platform-file", str(file), "--lifetime", "0")
    assert result.exit_code == 2
    assert "mine.toml: prompts.user: no field is called {nonsense} here" in result.stderr


@pytest.mark.parametrize("place", [{"host": "0.0.0.0"}, {"address_base": "192.0.2.1"}], ids=["host", "addresses"])
def test_a_farm_file_opens_no_device_to_others_unasked(tmp_path: Path, place: dict[str, str]) -> None:
    file = tmp_path / "farm.json"
    file.write_text(json.dumps({"groups": [{"platform": "cisco_ios", **place}]}))
    result = run("--farm", str(file), "--lifetime", "0")
    assert result.exit_code == 2
    assert "is not a loopback address" in result.stderr
    assert "--allow-remote" in result.stderr


def test_options_that_a_farm_file_would_win_over_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "farm.json"
    file.write_text(json.dumps({"groups": [{"platform": "cisco_ios"}]}))
    result = run("--farm", str(file), "--latency", "50", "--lifetime", "0")
    assert result.exit_code == 2
    assert "--latency does nothing beside --farm, whose file describes the devices; write it there" in result.stderr


def test_an_inventory_that_cannot_be_written_is_one_clear_message(tmp_path: Path) -> None:
    result = run("--inventory-out", str(tmp_path / "missing" / "devices.csv"), "--lifetime", "0")
    assert result.exit_code == 1
    assert "an inventory could not be written: No such file or directory; name another file" in result.stderr


def test_a_missing_asyncssh_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", {"asyncssh": None}.__getitem__)
    result = run("--lifetime", "0")
    assert result.exit_code == 1
    assert "pip install 'naas[simulate]'" in result.stderr


def test_the_flags_of_the_faults_reach_the_devices() -> None:
    """Wrong passwords for everybody, and the counters say so."""
    program = "from naas.simulator.cli import simulate; simulate()"
    arguments = ["--devices", "1", "--failed-logins", "1", "--stats", "--format", "json"]
    with subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())[0]["port"]
        assert process.stdout.readline() == "ready\n"
        _fail_to_log_in(port)
        process.send_signal(signal.SIGUSR1)
        on_signal = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        at_end = json.loads(process.stdout.readline())
    assert process.returncode == 0
    assert (on_signal["total"]["failed_logins"], on_signal["devices"]["sw1"]["connections"]) == (1, 1)
    assert at_end["total"] == on_signal["total"]


def _fail_to_log_in(port: int) -> None:
    import paramiko

    with paramiko.Transport(("127.0.0.1", port)) as transport:
        transport.connect()
        with pytest.raises(paramiko.AuthenticationException):
            transport.auth_password("admin", "admin")


def test_help_lists_every_option_by_what_it_is_for() -> None:
    text = run("--help").stdout
    sections = ["Which devices:", "Where:", "How slow:", "What goes wrong:", "What is printed and written:"]
    places = [text.index(section) for section in sections]
    assert places == sorted(places)
    options = {option for parameter in simulate.params for option in parameter.opts}
    assert all(option in text for option in options)
