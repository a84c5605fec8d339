"""What devices with a candidate configuration and braces do, typed at their shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from naas.simulator.device import SimulatedDevice
from naas.simulator.families import junos_configuration as junos
from naas.simulator.families import shell_of
from naas.simulator.shell import Shell

Sessions = Callable[..., Shell]
Devices = Callable[..., SimulatedDevice]

NETCONF = "set system services netconf"


def typed(shell: Shell, *lines: str) -> str:
    """What the last of ``lines`` printed."""
    text = ""
    for line in lines:
        text = shell.answer(line).text
    return text


@pytest.mark.parametrize(
    ("lines", "prompt"),
    [
        ([], "admin@sw1> "),
        (["configure"], "\n[edit]\nadmin@sw1# "),
        (["configure", "edit interfaces ge-0/0/0"], "\n[edit interfaces ge-0/0/0]\nadmin@sw1# "),
        (["configure", "edit interfaces ge-0/0/0", "up"], "\n[edit interfaces]\nadmin@sw1# "),
        (["configure", "edit interfaces ge-0/0/0", "top"], "\n[edit]\nadmin@sw1# "),
        (["configure", "edit interfaces ge-0/0/0", "exit", "exit", "exit"], "admin@sw1> "),
        (["configure", "set system host-name r2", "commit", "exit"], "admin@r2> "),
        (["configure", "set system host-name r2", "commit and-quit"], "admin@r2> "),
    ],
)
def test_prompts_follow_the_mode(session: Sessions, lines: list[str], prompt: str) -> None:
    assert session("juniper_junos", *lines).prompt() == prompt


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["frobnicate"], "           ^\nunknown command."),
        (["show nonsense"], "                ^\nsyntax error."),
        (["configure", "set frobnicate 5"], "               ^\nsyntax error."),
    ],
)
def test_complaints_are_worded_as_junos_does(session: Sessions, lines: list[str], complaint: str) -> None:
    assert typed(session("juniper_junos"), *lines) == complaint


def test_a_candidate_counts_only_after_commit(session: Sessions) -> None:
    shell = session("juniper_junos", "configure", NETCONF, "delete interfaces ge-0/0/0")
    assert NETCONF not in shell.device.running[""]
    assert shell.answer("commit").text == "commit complete"
    assert NETCONF in shell.device.running[""]
    assert not [line for line in shell.device.running[""] if "ge-0/0/0" in line]


def test_what_changes_is_compared_below_its_path(session: Sessions) -> None:
    """Added, removed and replaced statements, and a whole new container, as `show | compare` prints them."""
    shell = session(
        "juniper_junos",
        *("configure", "set system host-name r2", "delete interfaces ge-0/0/1 description"),
        *("set interfaces ge-0/0/9 unit 0 family inet address 192.0.2.99/32", "set vlans users description people"),
    )
    assert shell.answer("show | compare").text.split("\n") == [
        "[edit system]",
        "-  host-name sw1;",
        "+  host-name r2;",
        "[edit interfaces]",
        "+  ge-0/0/9 {",
        "+      unit 0 {",
        "+          family inet {",
        "+              address 192.0.2.99/32;",
        "+          }",
        "+      }",
        "+  }",
        "[edit interfaces ge-0/0/1]",
        "-  description downlink;",
        "[edit vlans users]",
        "+  description people;",
    ]


def test_the_configuration_is_printed_in_braces_and_in_lines(session: Sessions) -> None:
    shell = session("juniper_junos")
    assert "system {\n    host-name sw1;\n    services {\n        ssh;" in shell.answer("show configuration").text
    assert "set system host-name sw1" in shell.answer("show configuration | display set").text.split("\n")
    assert shell.answer("show configuration vlans").text == "users {\n    vlan-id 10;\n}\nvoice {\n    vlan-id 20;\n}"
    assert shell.answer("show configuration | display set | match host-name").text == "set system host-name sw1"


@pytest.mark.parametrize("number", [0, 1, 2])
def test_older_commits_come_back(session: Sessions, number: int) -> None:
    """Number 0 is what is running, 1 the one before."""
    shell = session(
        "juniper_junos", *("configure", "set snmp location one", "commit", "set snmp location two", "commit")
    )
    assert shell.answer(f"rollback {number}").text == "load complete"
    shell.answer("commit")
    lines = [line for line in shell.device.running[""] if "location" in line]
    assert lines == [["set snmp location two"], ["set snmp location one"], []][number]


def test_an_older_commit_can_be_compared(session: Sessions) -> None:
    shell = session("juniper_junos", "configure", "set snmp location one", "commit", "set snmp location two")
    assert shell.answer("show | compare rollback 1").text == "[edit]\n+  snmp {\n+      location two;\n+  }"
    assert "syntax error" in shell.answer("show | compare rollback 7").text


def test_commits_are_listed_with_their_comments(session: Sessions, clock: Any) -> None:
    shell = session("juniper_junos", "configure")
    clock.now += 60
    typed(shell, NETCONF, 'commit comment "ticket 4711"')
    assert shell.answer("run show system commit").text.split("\n") == [
        "0   2027-01-15 08:01:00 UTC by admin via cli",
        "    ticket 4711",
        "1   2027-01-15 08:00:00 UTC by root via cli",
    ]


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_a_commit_that_nobody_confirms_is_taken_back(session: Sessions, clock: Any, is_confirmed: bool) -> None:
    shell = session("juniper_junos", "configure", NETCONF)
    assert "automatically rolled back in 5 minutes" in shell.answer("commit confirmed 5").text
    if is_confirmed:
        shell.answer("commit")
    clock.now += 301
    shell.answer("run show version")
    assert (NETCONF in shell.device.running[""]) is is_confirmed


def test_a_commit_that_nobody_confirms_is_taken_back_without_a_session(device_of: Devices, clock: Any) -> None:
    """The one who locked himself out sees the old configuration at his next login."""
    device = device_of("juniper_junos")
    typed(shell_of(device), "configure", "set system host-name gone", "commit confirmed 1")
    clock.now += 61
    assert "host-name sw1;" in shell_of(device).answer("show configuration").text


def test_a_bad_address_is_found_on_commit(session: Sessions) -> None:
    line = "set interfaces ge-0/0/1 unit 0 family inet address 999.0.0.1/24"
    shell = session("juniper_junos", "configure", line)
    for command in ("commit check", "commit", "commit and-quit"):
        assert shell.answer(command).text.startswith(f"error: invalid ip address in: {line}")
    assert line not in shell.device.running[""]


def test_an_exclusive_configuration_keeps_others_out(device_of: Devices) -> None:
    device = device_of("juniper_junos")
    first, second = shell_of(device), shell_of(device)
    first.answer("configure exclusive")
    assert "locked by another session" in second.answer("configure").text
    assert second.prompt() == "admin@sw1> "
    first.answer("exit")
    assert second.answer("configure").text.startswith("Entering")


def test_a_session_that_is_cut_gives_the_exclusive_configuration_back(device_of: Devices) -> None:
    device = device_of("juniper_junos")
    first = shell_of(device)
    first.answer("configure exclusive")
    first.closed()
    assert shell_of(device).answer("configure").text.startswith("Entering")


def test_two_sessions_that_commit_lose_nothing(device_of: Devices) -> None:
    """Each began from the same configuration; as with `configure private`, both changes are there in the end."""
    device = device_of("juniper_junos")
    first, second = shell_of(device), shell_of(device)
    typed(first, "configure", NETCONF)
    typed(second, "configure", "set snmp location lab", "delete interfaces ge-0/0/1 description")
    typed(first, "commit", "exit")
    typed(second, "commit", "exit")
    lines = device.running[""]
    assert {NETCONF, "set snmp location lab"} <= set(lines)
    assert "set interfaces ge-0/0/1 description downlink" not in lines
    assert [shell.prompt() for shell in (first, second)] == ["admin@sw1> "] * 2


def test_statements_can_sleep(session: Sessions) -> None:
    shell = session("juniper_junos", "configure", "deactivate interfaces ge-0/0/0", "commit")
    assert "inactive: description uplink;" in shell.answer("show interfaces").text
    assert "ge-0/0/0" not in [each.name for each in shell.device.network().interfaces]
    typed(shell, "activate interfaces ge-0/0/0", "commit")
    assert "ge-0/0/0" in [each.name for each in shell.device.network().interfaces]


def test_junos_asks_before_it_leaves_uncommitted_changes(session: Sessions) -> None:
    shell = session("juniper_junos", "configure", NETCONF)
    assert "not committed" in shell.answer("exit configuration-mode").text
    assert shell.prompt() == "Exit with uncommitted changes? [yes,no] (yes) "
    shell.answer("yes")
    assert shell.prompt() == "admin@sw1> "


def test_deleting_what_is_not_there_is_said(session: Sessions) -> None:
    assert typed(session("juniper_junos", "configure"), "delete protocols bgp") == "warning: statement not found"


# The two forms of a configuration

BRACES = """\
## Last commit: 2026-01-01
version 21.4R3.15;
system {
    host-name r1;
    login {
        user ann {
            class super-user;
            authentication {
                encrypted-password "$6$a b;{}"; ## SECRET-DATA
            }
        }
    }
}
/* the uplink */
interfaces {
    ge-0/0/0 {
        description "to the core";
        unit 0 {
            family inet {
                address 192.0.2.1/24;
            }
        }
    }
}
"""
LINES = [
    "version 21.4R3.15",
    "system host-name r1",
    "system login user ann class super-user",
    'system login user ann authentication encrypted-password "$6$a b;{}"',
    'interfaces ge-0/0/0 description "to the core"',
    "interfaces ge-0/0/0 unit 0 family inet address 192.0.2.1/24",
]


def test_a_configuration_in_braces_is_read_as_lines() -> None:
    assert junos.statements(BRACES) == LINES


def test_a_configuration_in_lines_is_read_as_it_stands() -> None:
    assert junos.statements("\n".join(f"set {line}" for line in LINES)) == LINES


def test_what_is_printed_can_be_read_again(device_of: Devices) -> None:
    device = device_of("juniper_junos", configuration=BRACES)
    text = shell_of(device).answer("show configuration").text
    again = device_of("juniper_junos", configuration=text)
    assert sorted(again.running[""]) == sorted(device.running[""])
