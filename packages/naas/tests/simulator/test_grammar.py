"""Which command a typed line means."""

from __future__ import annotations

import pytest
from naas.simulator.grammar import (
    Ambiguous,
    Command,
    CommandTable,
    Incomplete,
    Invalid,
    Match,
    find_command,
    next_words,
)

COMMANDS = [
    Command(line, "does not matter")
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
        "show interfaces <interface>",
        "show interfaces status",
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
        ("sh int st", "show interfaces status", ()),
        ("sh int gi0/1", "show interfaces <interface>", ("gi0/1",)),
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


@pytest.mark.parametrize("line", ["show version", "sh ver", "set 42"])
def test_a_table_finds_what_a_search_finds(line: str) -> None:
    """Lines typed in full take a short way; it must lead to the same place."""
    found, searched = CommandTable(COMMANDS).find(line), find_command(COMMANDS, line)
    assert isinstance(found, Match)
    assert isinstance(searched, Match)
    assert (found.command, found.arguments) == (searched.command, searched.arguments)


def test_a_match_writes_the_line_out() -> None:
    found = find_command(COMMANDS, "n ip address 10.0.0.1")
    assert isinstance(found, Match)
    assert (found.text, found.column) == ("no ip address 10.0.0.1", 2)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", ["no", "set", "show", "write"]),
        ("s", ["set", "show"]),
        ("show ", ["interfaces", "ip", "version", "vlan"]),
        ("show v", ["version", "vlan"]),
        ("write ", ["<cr>", "erase", "memory"]),
        ("show interfaces ", ["<interface>", "status"]),
    ],
)
def test_the_words_that_may_follow_are_known(line: str, words: list[str]) -> None:
    assert next_words(COMMANDS, line) == words
