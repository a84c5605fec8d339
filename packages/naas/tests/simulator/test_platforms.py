"""What each platform does, typed at its shell."""

from __future__ import annotations

import pytest
from naas.simulator.cli import PLATFORM_NAMES
from naas.simulator.device import Device, SimulatedDevice
from naas.simulator.platforms import PLATFORMS
from naas.simulator.shell import Shell


def shell_of(platform: str, *lines: str, name: str = "sw1") -> Shell:
    """A session after ``lines`` were typed."""
    device = SimulatedDevice(spec=Device(platform=platform, name=name), host="127.0.0.1", port=22, hostname=name)
    shell = PLATFORMS[platform](device)
    for line in lines:
        shell.answer(line)
    return shell


def test_the_command_line_offers_every_platform() -> None:
    assert set(PLATFORM_NAMES) == set(PLATFORMS)


@pytest.mark.parametrize(
    ("platform", "lines", "prompt"),
    [
        ("cisco_ios", [], "sw1#"),
        ("cisco_ios", ["disable"], "sw1>"),
        ("cisco_ios", ["disable", "en"], "sw1#"),
        ("cisco_ios", ["en", "conf t"], "sw1(config)#"),
        ("cisco_ios", ["en", "conf t", "int gi0/1"], "sw1(config-if)#"),
        ("cisco_ios", ["en", "conf t", "int gi0/1", "router bgp 65000"], "sw1(config-router)#"),
        ("cisco_ios", ["en", "conf t", "ip access-list extended A"], "sw1(config-ext-nacl)#"),
        ("cisco_ios", ["en", "conf t", "int gi0/1", "exit"], "sw1(config)#"),
        ("cisco_ios", ["en", "conf t", "int gi0/1", "end"], "sw1#"),
        ("cisco_ios", ["en", "conf t", "line vty 0 4", "hostname r2"], "r2(config)#"),
        ("arista_eos", ["en", "conf t", "interface et1"], "sw1(config-if-Et1)#"),
        ("arista_eos", ["en", "conf t", "vlan 10"], "sw1(config-vlan)#"),
        ("juniper_junos", [], "admin@sw1> "),
        ("juniper_junos", ["configure"], "[edit]\r\nadmin@sw1# "),
        ("juniper_junos", ["configure", "exit"], "admin@sw1> "),
        ("juniper_junos", ["configure", "set system host-name r2", "commit", "exit"], "admin@r2> "),
    ],
)
def test_prompts_follow_the_mode(platform: str, lines: list[str], prompt: str) -> None:
    assert shell_of(platform, *lines).prompt() == prompt


def test_ios_cuts_a_long_name_in_configuration_mode() -> None:
    shell = shell_of("cisco_ios", "en", name="a-name-of-more-than-20-characters")
    assert shell.prompt() == "a-name-of-more-than-20-characters#"
    shell.answer("conf t")
    assert shell.prompt() == "a-name-of-more-than-(config)#"


@pytest.mark.parametrize(
    ("platform", "line", "complaint"),
    [
        ("cisco_ios", "show nonsense", "         ^\n% Invalid input detected at '^' marker.\n"),
        ("cisco_ios", "show", "% Incomplete command.\n"),
        ("cisco_ios", "e", '% Ambiguous command:  "e"'),
        ("arista_eos", "show nonsense", "% Invalid input"),
        ("juniper_junos", "frobnicate", "           ^\nunknown command."),
    ],
)
def test_complaints_are_worded_as_the_platform_does(platform: str, line: str, complaint: str) -> None:
    assert shell_of(platform).answer(line).text == complaint


@pytest.mark.parametrize("line", ["show running-config", "configure terminal", "write memory"])
def test_user_mode_knows_no_privileged_command(line: str) -> None:
    assert "% Invalid input" in shell_of("cisco_ios", "disable").answer(line).text


@pytest.mark.parametrize(("enable", "prompt"), [(None, "sw1#"), ("s3cret", "sw1>")], ids=["none", "a secret"])
def test_an_account_without_an_enable_secret_is_privileged_from_its_login_on(enable: str | None, prompt: str) -> None:
    """As with `privilege 15`, so that a device to play with answers `show running-config`."""
    device = SimulatedDevice(spec=Device(enable=enable), host="127.0.0.1", port=22, hostname="sw1")
    assert PLATFORMS["cisco_ios"](device).prompt() == prompt


def test_the_running_configuration_reflects_what_was_configured() -> None:
    """A second description replaces the first; ``no`` takes away; a short interface name is written out."""
    shell = shell_of(
        "cisco_ios",
        *("en", "conf t", "hostname core", "interface gi0/2", "description one", "description two", "no shutdown"),
        *("interface lo0", "ip address 10.0.0.1 255.255.255.255", "no interface Vlan1", "ntp server 192.0.2.9", "end"),
    )
    text = shell.answer("show running-config").text
    assert "hostname core\n" in text
    assert "interface GigabitEthernet0/2\n description two\n!" in text
    assert "interface Loopback0\n ip address 10.0.0.1 255.255.255.255\n!" in text
    assert "ntp server 192.0.2.9\n" in text
    assert "Vlan1" not in text


@pytest.mark.parametrize(
    "line", ["interface Warp0/1", "ip address 999.0.0.1 255.0.0.0", "frobnicate", "interface", "hostname"]
)
def test_senseless_configuration_is_refused(line: str) -> None:
    shell = shell_of("cisco_ios", "en", "conf t", "interface gi0/1")
    assert shell.answer(line).text.lstrip(" ^\n").startswith("% In")


def test_saving_copies_the_configuration() -> None:
    shell = shell_of("arista_eos", "en", "conf t", "hostname new", "end")
    assert "hostname new" not in shell.answer("show startup-config").text
    assert shell.answer("copy run start").text == "Copy completed successfully."
    assert "hostname new" in shell.answer("show startup-config").text


def test_do_runs_a_command_from_configuration_mode() -> None:
    shell = shell_of("cisco_ios", "en", "conf t")
    assert "Vlan1" in shell.answer("do show ip interface brief").text
    assert shell.prompt() == "sw1(config)#"


@pytest.mark.parametrize(
    ("platform", "line", "text"),
    [
        ("cisco_ios", "show running-config | include hostname", "hostname sw1"),
        ("arista_eos", "show running-config | begin end", "end"),
        ("juniper_junos", "show configuration | display set | match host-name", "set system host-name sw1"),
    ],
)
def test_answers_can_be_filtered(platform: str, line: str, text: str) -> None:
    assert shell_of(platform, *(["en"] if platform != "juniper_junos" else [])).answer(line).text == text


def test_a_junos_candidate_counts_only_after_commit() -> None:
    shell = shell_of("juniper_junos", "configure", "set system services netconf", "delete interfaces ge-0/0/0")
    assert "set system services netconf" not in shell.device.running[""]
    assert "+  set system services netconf" in shell.answer("show | compare").text
    assert shell.answer("commit").text == "commit complete\n"
    assert "set system services netconf" in shell.device.running[""]
    assert not [line for line in shell.device.running[""] if "ge-0/0/0" in line]


def test_junos_asks_before_it_leaves_uncommitted_changes() -> None:
    shell = shell_of("juniper_junos", "configure", "set system services netconf")
    assert "not committed" in shell.answer("exit configuration-mode").text
    assert shell.prompt() == "Exit with uncommitted changes? [yes,no] (yes) "
    shell.answer("yes")
    assert shell.prompt() == "admin@sw1> "
