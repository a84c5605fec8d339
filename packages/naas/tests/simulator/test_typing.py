"""Whatever is typed, a device answers: nobody can type an exception into it."""

from __future__ import annotations

from itertools import chain
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naas.simulator.device import Device, SimulatedDevice
from naas.simulator.families import shell_of
from naas.simulator.grammar import PLACEHOLDERS
from naas.simulator.platforms import platform_names, profile_of
from naas.simulator.terminal import Terminal

ARGUMENTS: Final = (
    *("1", "0", "99999999999", "gi0/1", "Ethernet1", "ge-0/0/0", "x", "10.0.0.1", "999.1.1.1/99", '"', "[", "{", "|"),
    *(
        "set system",
        "interfaces ge-0/0/0 unit",
        "shutdown",
        "vlan 5",
        "10.0.0.0 255.0.0.0 10.0.0.1",
        "^C",
        "rollback 9",
    ),
)


def words_of(platform: str) -> list[str]:
    """All words that commands of the platform have."""
    commands = chain.from_iterable(table.commands for table in profile_of(platform).commands.values())
    return sorted({word for command in commands for word in command.words} - PLACEHOLDERS)


def typed_at(platform: str, text: str) -> str:
    """What a new device prints when ``text`` is typed, waiting for nothing."""
    device = SimulatedDevice(spec=Device(platform=platform), host="127.0.0.1", port=22, hostname="sw1")
    printed: list[str] = []
    terminal = Terminal(
        shell_of(device),
        write=printed.append,
        call_later=lambda _, done: done(),
        hang_up=lambda: None,
        cut=lambda: None,
    )
    terminal.start()
    terminal.receive(text)
    return "".join(printed)


@pytest.mark.parametrize("platform", platform_names())
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_commands_of_the_platform_in_any_order_with_any_arguments(platform: str, data: st.DataObject) -> None:
    word = st.sampled_from(words_of(platform))
    line = st.lists(st.one_of(word, word, st.sampled_from(ARGUMENTS)), max_size=5).map(" ".join)
    lines = data.draw(st.lists(line, max_size=12))
    opening = ["", "configure"] if data.draw(st.booleans()) else []
    assert typed_at(platform, "\n".join([*opening, *lines, ""]))


@pytest.mark.parametrize("platform", ["cisco_ios", "juniper_junos", "hp_procurve"])
@given(text=st.text(max_size=200))
@settings(max_examples=50, deadline=None)
def test_any_text(platform: str, text: str) -> None:
    assert typed_at(platform, text)
