"""Farm files: groups of devices, and what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from naas.simulator.checking import DescriptionError
from naas.simulator.farmfile import load_farm, numbered, own_addresses
from naas.simulator.faults import ConnectFault

FARM = """\
[defaults]
password = "lab"
latency_seconds = 0.02
faults = { vty_lines = 5 }

[[groups]]
platform = "cisco_ios"
count = 3
name = "access{number:3}"
port_base = 2201
groups = ["access", "berlin"]

[[groups]]
platform = "juniper_junos"
name = "core"
address_base = "127.0.9.1"
port_base = 2022
latency_seconds = 0.5
configuration = "core.conf"
[groups.faults]
connect = "silent"
drop_probability = 0.1
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "core.conf").write_text("set system services ssh")
    return tmp_path / "farm.toml"


def mistakes(file: Path, text: str) -> list[str]:
    file.write_text(text)
    with pytest.raises(DescriptionError) as caught:
        load_farm(file)
    return str(caught.value).split("\n")


def test_groups_become_devices(file: Path) -> None:
    """What a group does not say comes from the defaults."""
    file.write_text(FARM)
    farm = load_farm(file)
    devices = farm.devices()
    assert [(device.name, device.host, device.port) for device in devices] == [
        ("access001", None, 2201),
        ("access002", None, 2202),
        ("access003", None, 2203),
        ("core", "127.0.9.1", 2022),
    ]
    access, core = devices[0], devices[3]
    assert (access.platform, access.password, access.latency_seconds) == ("cisco_ios", "lab", 0.02)
    assert (core.password, core.latency_seconds, core.configuration) == ("lab", 0.5, "set system services ssh")
    assert (access.faults.vty_lines, access.faults.connect) == (5, ConnectFault.NONE)
    assert (core.faults.vty_lines, core.faults.connect, core.faults.drop_probability) == (5, ConnectFault.SILENT, 0.1)
    assert farm.labels()["access002"] == ("access", "berlin")


@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_the_same_farm_can_be_yaml_or_json(tmp_path: Path, kind: str) -> None:
    data = {"groups": [{"platform": "cisco_ios", "count": 2, "faults": {"vty_lines": 1}}]}
    file = tmp_path / f"farm.{kind}"
    file.write_text(yaml.safe_dump(data) if kind == "yaml" else json.dumps(data))
    assert [device.name for device in load_farm(file).devices()] == ["sw1", "sw2"]


def test_a_farm_brings_its_platforms(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('name = "mine"\nextends = "arista_eos"\n')
    file = tmp_path / "farm.toml"
    file.write_text('platform_files = ["mine.toml"]\n[[groups]]\nplatform = "mine"\n')
    platform = load_farm(file).devices()[0].platform
    assert not isinstance(platform, str)
    assert platform.name == "mine"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"cisco_ios"', '"cisco_iso"', 'farm.toml: groups[1].platform: "cisco_iso" is not known; write "cisco_ios"'),
        ('platform = "cisco_ios"\n', "", "groups[1].platform: this key is missing"),
        ("count = 3", "count = 0", "groups[1].count: 0 is out of bounds; write a number from 1 to 10000"),
        ("count = 3", 'count = "3"', "groups[1].count: expected a whole number, found a text; write count = 1"),
        ("count = 3", "cuont = 3", "groups[1].cuont: this key is not known; did you mean count?"),
        ('"access{number:3}"', '"access"', '"access" would be the name of 3 devices; write name = "access{number}"'),
        ("port_base = 2201", "port_base = 65534", "3 devices from port 65534 on pass 65535; lower it"),
        ('"127.0.9.1"', '"127.0.9"', '"127.0.9" is no address; write address_base = "127.0.1.1"'),
        (
            '"core.conf"',
            '"missing.conf"',
            "missing.conf cannot be read (No such file or directory); name a file beside",
        ),
        ('"silent"', '"broken"', 'groups[2].faults.connect: "broken" is not known; choose one of none, refused'),
        (
            "drop_probability = 0.1",
            "drop_probability = 2",
            "drop_probability: 2.0 is out of bounds; write a number from 0",
        ),
        (
            "drop_probability = 0.1",
            "drop_prob = 2",
            "groups[2].faults.drop_prob: this key is not known; did you mean drop_",
        ),
        ("[defaults]", "colour = 1\n[defaults]", "colour: this key is not known"),
        ('name = "core"', 'name = "access002"', "access002 is the name of several devices"),
    ],
)
def test_mistakes_are_named_with_what_to_write(file: Path, old: str, new: str, says: str) -> None:
    assert old in FARM
    assert [line for line in mistakes(file, FARM.replace(old, new, 1)) if says in line]


def test_ports_of_groups_must_not_overlap(file: Path) -> None:
    two = '[[groups]]\nplatform = "cisco_ios"\ncount = 3\nname = "{0}{{number}}"\nport_base = {1}\n'
    said = mistakes(file, two.format("a", 2201) + two.format("b", 2203))
    assert said == [
        "farm.toml: groups: port 2203 belongs to several devices; choose port_base so that groups do not overlap"
    ]


def test_an_empty_farm_is_told_what_to_write(file: Path) -> None:
    assert "write [[groups]] and below it platform and count" in mistakes(file, "")[0]


def test_too_many_devices_are_refused(file: Path) -> None:
    one = '[[groups]]\nplatform = "cisco_ios"\ncount = 6000\nname = "{0}{{number}}"\n'
    assert "there are 12000 devices; describe 10000 at most" in mistakes(file, one.format("a") + one.format("b"))[0]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("farm.toml", "[", "this is not TOML ("),
        ("farm.yaml", "a: [", "this is not YAML ("),
        ("farm.json", "{", "this is not JSON ("),
        ("farm.yaml", "- 1", "there is no table"),
        ("farm.ini", "", '".ini" is no known kind of file; name it *.toml'),
        ("farm.yaml", "groups: !!python/object/apply:os.system [id]", "this is not YAML ("),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str, text: str, says: str) -> None:
    assert says in mistakes(tmp_path / name, text)[0]


@pytest.mark.parametrize(
    ("pattern", "number", "name"),
    [("sw{number}", 7, "sw7"), ("sw{number:3}", 7, "sw007"), ("sw{number:03}", 1234, "sw1234"), ("{x}", 1, "{x}")],
)
def test_names_are_numbered(pattern: str, number: int, name: str) -> None:
    assert numbered(pattern, number) == name


def test_addresses_go_on_in_the_next_network() -> None:
    addresses = own_addresses(251)
    assert (addresses[0], addresses[249], addresses[250]) == ("127.0.1.1", "127.0.1.250", "127.0.2.1")
