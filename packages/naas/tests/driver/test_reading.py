"""Reading from the socket: nothing is taken for whole that is only a piece, and nobody sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from naas.driver.base import CommandOutput, DeviceTarget
from naas.driver.platforms import connection_class
from naas.driver.reading import SocketReads
from naas.simulator import SimulatedDevice
from netmiko.base_connection import BaseConnection
from netmiko.cisco.cisco_ios import CiscoIosSSH

Start = Callable[..., SimulatedDevice]
Target = Callable[..., DeviceTarget]
Send = Callable[..., CommandOutput]


def test_our_reads_stand_between_the_platform_and_netmiko_s_base() -> None:
    """A platform's own methods win over ours, ours over the base's only."""
    order = connection_class("cisco_ios").__mro__
    assert order.index(CiscoIosSSH) < order.index(SocketReads) < order.index(BaseConnection)
    assert order.index(SocketReads) + 1 == order.index(BaseConnection)


@pytest.mark.parametrize(("platform", "has_own"), [("cisco_ios", False), ("extreme_exos", True), ("cisco_asa", True)])
def test_platforms_with_their_own_way_to_run_a_command_are_known(platform: str, has_own: bool) -> None:
    cls = connection_class(platform)
    assert cls.has_own_send_command(cls.__new__(cls)) is has_own


@pytest.mark.parametrize("platform", ["cisco_ios", "arista_eos", "juniper_junos"])
@pytest.mark.parametrize("size", [1, 8], ids="pieces of {}".format)
def test_answers_in_pieces_are_read_whole(
    start: Start, target: Target, send: Send, configure: Callable[..., str], platform: str, size: int
) -> None:
    """A slow console prints a few characters at a time; prompts, echoes and line ends get cut anywhere."""
    device = start(platform=platform, name="core-sw1", piece_characters=size)
    where = target(device)
    command = "show system uptime" if platform == "juniper_junos" else "show ip interface brief"
    output = send(where, [command, "show slow 0"]).results
    assert output["show slow 0"] == "slow done"
    assert "\n\n" not in output[command]
    line = "set system services netconf" if platform == "juniper_junos" else "ntp server 192.0.2.9"
    printed = configure(where, [line]).text
    assert line in printed
    assert send(where, ["show slow 0"]).results == {"show slow 0": "slow done"}


def test_a_large_answer_arrives_whole_and_in_time(start: Start, target: Target, send: Send) -> None:
    """Six megabytes: each packet is searched once; searching all that came before it would take many minutes."""
    device = start()
    text = send(target(device), ["show bulk 100000"], read_timeout=60.0).results["show bulk 100000"]
    assert text.splitlines()[0].startswith("000000 ")
    assert text.splitlines()[-1].startswith("099999 ")


def test_warm_commands_take_no_naps(start: Start, target: Target, send: Send) -> None:
    """Netmiko's own loop sleeps 81 ms a command. The fastest of ours counts: a busy machine cannot make that faster."""
    where = target(start())
    send(where, ["show version"])
    times: list[float] = []
    for _ in range(20):
        started = time.perf_counter()
        send(where, ["show version"])
        times.append(time.perf_counter() - started)
    assert min(times) < 0.04
