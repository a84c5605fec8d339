"""Which command a typed line means."""

from __future__ import annotations

import pytest
from naas.simulator.grammar import SILENT, Ambiguous, Command, Incomplete, Invalid, Match, find_command

COMMANDS = [
    Command(line, lambda _: SILENT)
    for line in (
        "show version",
        "show vlan",
        "show ip interface brief",
        "set <any>",
        "no shutdown",
        "no <rest>",
        "write",
        "write memory",
        "write erase",
    )
]


@pytest.mark.parametrize(
    ("line", "command", "arguments"),
    [
        ("show version", "show version", ()),
        ("sh ver", "show version", ()),
        ("SHOW IP INT BR", "show ip interface brief", ()),
        ("  show   vlan ", "show vlan", ()),
        ("set 42", "set <any>", ("42",)),
        ("no shut", "no shutdown", ()),
        ("no ip address  10.0.0.1", "no <rest>", ("ip address  10.0.0.1",)),
        ("write", "write", ()),
        ("wr mem", "write memory", ()),
    ],
)
def test_lines_are_understood(line: str, command: str, arguments: tuple[str, ...]) -> None:
    """Words may be cut; where a command takes any word, the handler gets it as typed."""
    found = find_command(COMMANDS, line)
    assert isinstance(found, Match)
    assert " ".join(found.command.words) == command
    assert found.arguments == arguments


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        pytest.param("frobnicate", Invalid(0), id="unknown"),
        pytest.param("show  flash", Invalid(6), id="unknown second word, with its column"),
        pytest.param("show version now", Invalid(13), id="too many words"),
        pytest.param("s", Ambiguous(), id="two commands"),
        pytest.param("show v", Ambiguous(), id="two second words"),
        pytest.param("show ip", Incomplete(), id="words missing"),
        pytest.param("set", Incomplete(), id="argument missing"),
    ],
)
def test_problems_are_told_apart(line: str, problem: object) -> None:
    assert find_command(COMMANDS, line) == problem
