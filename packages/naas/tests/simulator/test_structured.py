"""What devices print is what parsers expect: every answer that ntc-templates has a template for is parsed with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest
from naas.simulator.device import SimulatedDevice
from naas.simulator.families import shell_of
from naas.simulator.families.rules import FAMILIES
from naas.simulator.platforms import platform_names, profile_of
from naas.simulator.shell import Shell
from naas.simulator.templates import Template
from netmiko.exceptions import NetmikoParsingException
from netmiko.utilities import get_structured_data_textfsm
from textfsm.parser import TextFSMError  # pyright: ignore[reportMissingTypeStubs]

Devices = Callable[..., SimulatedDevice]

# The index of ntc-templates takes these for another command, or its template knows another form than the real one.
NOT_PARSED = {
    ("juniper_junos", "show interfaces terse"): "taken for `show interfaces`",
    ("juniper_junos", "show interfaces descriptions"): "taken for `show interfaces`",
    ("juniper_junos", "show ethernet-switching table"): "the template wants VLANs called Vlan10",
    ("hp_procurve", "show version"): "the template is that of an Aruba access point",
    ("aruba_osswitch", "show version"): "taken for a mobility controller, aruba_os",
    ("aruba_osswitch", "show arp"): "taken for a mobility controller, aruba_os",
}

# What somebody who automates networks asks first; each of these must have a template and give rows.
EXPECTED = {
    "cisco_ios": """show version, show interfaces, show interfaces status, show ip interface brief, show inventory,
        show lldp neighbors, show lldp neighbors detail, show cdp neighbors, show cdp neighbors detail, show vlan,
        show ip arp, show arp, show mac address-table, show interfaces description, show ip route, show clock""",
    "cisco_nxos": """show version, show interface, show interface brief, show interface status, show ip interface brief,
        show inventory, show lldp neighbors, show cdp neighbors, show vlan, show ip arp, show mac address-table,
        show interface description, show ip route, show clock""",
    "arista_eos": """show version, show interfaces, show interfaces status, show ip interface brief, show inventory,
        show lldp neighbors, show vlan, show ip arp, show mac address-table, show interfaces description, show ip route, show clock""",
    "juniper_junos": """show version, show interfaces, show chassis hardware, show lldp neighbors, show vlans,
        show arp no-resolve, show system uptime""",
    "hp_procurve": """show system, show interfaces, show interfaces brief, show interfaces status, show vlans, show arp,
        show lldp info remote-device, show cdp neighbors detail, show mac-address, show ip, show ip route""",
}


def show_commands() -> Iterator[tuple[str, str]]:
    """Every command with an answer of every platform."""
    for platform in platform_names():
        profile = profile_of(platform)
        mode = FAMILIES[profile.family].modes[0]
        for command in profile.commands[mode].commands:
            if isinstance(command.does, Template) and command.words[0] == "show":
                yield platform, command.line


def rows_of(device: SimulatedDevice, command: str) -> Sequence[Mapping[str, object]] | None:
    """The rows that Netmiko's parser makes of the answer; None if there is no template."""
    line = command.replace("<interface>", device.network().interfaces[0].name)
    shell = shell_of(device)
    shell.question = None
    text = shell.run(line).text
    try:
        rows = get_structured_data_textfsm(text, platform=device.platform, command=line, raise_parsing_error=True)
    except NetmikoParsingException as error:
        if "No template found" not in str(error):
            raise
        return None
    assert isinstance(rows, list)
    return rows


@pytest.mark.parametrize(("platform", "command"), list(show_commands()))
def test_every_answer_with_a_template_is_parsed(device_of: Devices, platform: str, command: str) -> None:
    device = device_of(platform)
    if (platform, command) in NOT_PARSED:
        with pytest.raises(TextFSMError):
            rows_of(device, command)
        return
    rows = rows_of(device, command)
    expected = {" ".join(each.split()) for each in EXPECTED.get(platform, "").split(",")}
    assert rows or command not in expected, "no template, or no rows"


@pytest.mark.parametrize("platform", EXPECTED)
def test_the_usual_commands_are_there(platform: str) -> None:
    known = {command for each, command in show_commands() if each == platform}
    assert {" ".join(each.split()) for each in EXPECTED[platform].split(",")} <= known


@pytest.mark.parametrize(
    ("platform", "command", "lines", "expected"),
    [
        (
            "cisco_ios",
            "show interfaces",
            ["conf t", "interface gi0/6", "description lab", "mtu 9000", "no switchport", "ip address 192.0.2.9/30"],
            {"interface": "GigabitEthernet0/6", "description": "lab", "ip_address": "192.0.2.9", "prefix_length": "30"},
        ),
        (
            "cisco_ios",
            "show ip interface brief",
            ["conf t", "interface gi0/1", "shutdown"],
            {"interface": "GigabitEthernet0/1", "status": "administratively down", "proto": "down"},
        ),
        (
            "cisco_nxos",
            "show interface status",
            ["conf t", "interface e1/6", "switchport access vlan 20", "description lab"],
            {"port": "Eth1/6", "name": "lab", "status": "connected", "vlan_id": "20"},
        ),
        (
            "arista_eos",
            "show vlan",
            ["conf t", "vlan 33", "name lab", "interface et6", "switchport access vlan 33"],
            {"vlan_id": "33", "vlan_name": "lab", "interfaces": ["Et6"]},
        ),
        (
            "juniper_junos",
            "show vlans",
            ["configure", "set vlans lab vlan-id 33", "commit and-quit"],
            {"vlan_name": "lab", "tag": "33"},
        ),
        (
            "cisco_ios",
            "show ip route",
            ["conf t", "ip route 10.0.0.0 255.0.0.0 198.18.0.99", "ip route 172.16.0.0 255.240.0.0 203.0.113.1"],
            {"protocol": "S", "network": "10.0.0.0", "prefix_length": "8", "nexthop_ip": "198.18.0.99"},
        ),
        (
            "arista_eos",
            "show ip route",
            ["conf t", "ip route 10.0.0.0/8 198.18.0.99"],
            {"protocol": "S", "network": "10.0.0.0", "next_hop": ["198.18.0.99"], "interface": ["Management1"]},
        ),
        ("hp_procurve", "show vlans", ["", "conf", "vlan 33", 'name "lab"'], {"vlan_id": "33", "vlan_name": "lab"}),
    ],
)
def test_what_is_configured_shows_in_what_is_parsed(
    device_of: Devices, platform: str, command: str, lines: list[str], expected: dict[str, object]
) -> None:
    device = device_of(platform)
    shell = shell_of(device)
    for line in lines:
        shell.answer(line)
    rows = rows_of(device, command)
    assert rows is not None
    assert [row for row in rows if expected.items() <= row.items()]


def test_counters_move_with_the_time(device_of: Devices, clock: Callable[[], float]) -> None:
    """As SNMP's do; a port that is down stands still."""
    device = device_of("cisco_ios")

    def packets() -> dict[object, int]:
        rows = rows_of(device, "show interfaces") or []
        return {row["interface"]: int(str(row["input_packets"])) for row in rows}

    before = packets()
    clock.now += 60  # type: ignore[attr-defined]
    after = packets()
    rates = {row["interface"]: int(str(row["input_pps"])) for row in rows_of(device, "show interfaces") or []}
    assert after["GigabitEthernet0/1"] - before["GigabitEthernet0/1"] == 60 * rates["GigabitEthernet0/1"] > 0
    assert after["GigabitEthernet0/8"] == before["GigabitEthernet0/8"]


def test_two_devices_of_one_name_are_the_same_device(device_of: Devices) -> None:
    """Serial numbers and addresses follow from the name, so that a snapshot of a farm can be compared with another."""
    one, same, other = device_of("cisco_ios"), device_of("cisco_ios"), device_of("cisco_ios", name="sw2")
    serials = [(rows_of(device, "show version") or [{}])[0]["serial"] for device in (one, same, other)]
    assert serials[0] == serials[1] != serials[2]


def test_a_static_route_counts_only_if_its_next_hop_is_reached(session: Callable[..., Shell]) -> None:
    shell = session("cisco_ios", "conf t", "ip route 172.16.0.0 255.240.0.0 203.0.113.1", "end")
    assert "172.16.0.0" not in shell.answer("show ip route").text
    junos = session("juniper_junos", "configure", "set routing-options static route 10.0.0.0/8 next-hop 192.0.2.9")
    assert "to 192.0.2.9 via ge-0/0/0.0" not in junos.answer("run show route").text
    junos.answer("commit")
    assert "10.0.0.0/8         *[Static/5]" in junos.answer("run show route").text
    assert "to 192.0.2.9 via ge-0/0/0.0" in junos.answer("run show route").text
