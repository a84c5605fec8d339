"""What goes wrong on purpose: the decisions, and what a client on the network sees of them."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import time
from collections.abc import Callable
from random import Random
from typing import Any

import asyncssh
import pytest
from naas.simulator import Device, DeviceFarm, Faults, SimulatedDevice, running_farm
from naas.simulator.faults import CommandFate, fate_of_command, is_full, login_is_refused
from naas.simulator.shell import Shell

OPTIONS: dict[str, Any] = {"username": "admin", "password": "admin", "known_hosts": None}


def connect(device: SimulatedDevice, **options: Any) -> Any:
    return asyncssh.connect(device.host, device.port, **{**OPTIONS, **options})


async def ask(connection: Any, *commands: str) -> str:
    """What the device prints until it falls silent or hangs up; paging is off."""
    process = await connection.create_process(term_type="vt100")
    printed = await process.stdout.readuntil("#")
    for command in ("terminal length 0", *commands):
        process.stdin.write(command + "\n")
        printed = await process.stdout.readuntil("#")
    return str(printed)


# Decisions


@pytest.mark.parametrize(
    ("faults", "line", "answered", "fate"),
    [
        pytest.param(Faults(), "show version", 9, CommandFate(), id="healthy"),
        pytest.param(Faults(drop_after_commands=3), "show version", 2, CommandFate(), id="not yet"),
        pytest.param(Faults(drop_after_commands=3), "show version", 3, CommandFate(is_dropped=True), id="after three"),
        pytest.param(Faults(drop_after_commands=0), "x", 0, CommandFate(is_dropped=True), id="at once"),
        pytest.param(
            Faults(error_commands=("show ver",)), "show version", 0, CommandFate(is_error=True), id="by its beginning"
        ),
        pytest.param(Faults(error_commands=("show ver",)), "show clock", 0, CommandFate(), id="another command"),
        pytest.param(Faults(error_probability=1), "show clock", 0, CommandFate(is_error=True), id="certain error"),
        pytest.param(Faults(drop_probability=1), "show clock", 0, CommandFate(is_dropped=True), id="certain drop"),
    ],
)
def test_the_fate_of_a_command(faults: Faults, line: str, answered: int, fate: CommandFate) -> None:
    assert fate_of_command(faults, line, answered, Random(1)) == fate


def test_the_same_seed_throws_the_same_dice() -> None:
    faults = Faults(error_probability=0.3)

    def fates(seed: str) -> list[bool]:
        die = Random(seed)
        return [fate_of_command(faults, "show version", count, die).is_error for count in range(200)]

    assert fates("7/sw1") == fates("7/sw1") != fates("8/sw1")
    assert 30 < sum(fates("7/sw1")) < 90


@pytest.mark.parametrize(
    ("faults", "refused_before", "is_refused"),
    [
        (Faults(), 0, False),
        (Faults(failed_logins=2), 1, True),
        (Faults(failed_logins=2), 2, False),
        (Faults(login_failure_probability=1), 9, True),
    ],
)
def test_a_right_password_may_be_refused(faults: Faults, refused_before: int, is_refused: bool) -> None:
    assert login_is_refused(faults, refused_before, Random(1)) is is_refused


@pytest.mark.parametrize(("lines", "taken", "full"), [(None, 10_000, False), (2, 1, False), (2, 2, True), (0, 0, True)])
def test_lines_are_limited(lines: int | None, taken: int, full: bool) -> None:
    assert is_full(Faults(vty_lines=lines), taken) is full


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"error_probability": 1.5}, "error_probability=1.5 is no probability; choose a number from 0 to 1"),
        ({"vty_lines": -1}, "vty_lines=-1 is negative; choose 0 or more"),
        ({"connect": "broken"}, "'broken' is not a valid ConnectFault"),
    ],
)
def test_faults_that_cannot_be_are_refused(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Faults(**fields)


# At the shell


def test_a_command_that_fails_says_so_in_the_platform_s_words(session: Callable[..., Shell]) -> None:
    shell = session("cisco_ios", faults=Faults(error_commands=("write",)))
    assert shell.answer("write memory").text.startswith("%Error: the command could not be carried out")
    assert shell.device.counters.errors == 1


def test_bulk_lines_follow_every_show(session: Callable[..., Shell]) -> None:
    shell = session("cisco_ios", faults=Faults(bulk_lines=500))
    assert len(shell.answer("show clock").text.split("\n")) == 501
    assert "xxx" not in shell.answer("terminal length 0").text


def test_canned_answers_are_printed_as_they_stand(session: Callable[..., Shell]) -> None:
    shell = session("arista_eos", answers={"show version": "Frobnicator {hostname}"})
    assert shell.answer("show version").text == "Frobnicator {hostname}"


# On the network


async def test_a_connection_over_the_lines_is_reset() -> None:
    """As IOS does with all its VTY lines in use; a line that becomes free can be used again."""
    async with DeviceFarm([Device(faults=Faults(vty_lines=1))]) as farm:
        device = farm.devices[0]
        async with connect(device):
            with pytest.raises((ConnectionResetError, asyncssh.ConnectionLost)):
                await connect(device)
        assert (device.counters.connections, device.counters.refused) == (2, 1)
        give_up_at = time.monotonic() + 10
        while not await _gets_in(device):  # until the device has noticed that the first one left
            assert time.monotonic() < give_up_at
            await asyncio.sleep(0.01)


async def _gets_in(device: SimulatedDevice) -> bool:
    try:
        async with connect(device):
            return True
    except (ConnectionResetError, asyncssh.ConnectionLost):
        return False


async def test_a_connection_is_cut_in_the_middle_of_an_answer() -> None:
    async with DeviceFarm([Device(faults=Faults(drop_after_commands=2))]) as farm:
        async with connect(farm.devices[0]) as connection:
            assert "Current privilege" in await ask(connection, "show privilege")
            with pytest.raises((asyncssh.ConnectionLost, asyncio.IncompleteReadError)):
                await ask(connection, "show privilege", "show version", "show clock")
        assert farm.devices[0].counters.dropped == 1


async def test_a_device_that_refuses_does_so_as_the_system_does() -> None:
    async with DeviceFarm([Device(faults=Faults(connect="refused"))]) as farm:
        with pytest.raises(ConnectionRefusedError):
            await connect(farm.devices[0])


async def test_a_device_that_hangs_never_takes_the_connection() -> None:
    async with DeviceFarm([Device(faults=Faults(connect="hanging"))]) as farm:
        device = farm.devices[0]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.open_connection(device.host, device.port), 0.5)


async def test_a_silent_device_takes_the_connection_and_says_nothing() -> None:
    async with DeviceFarm([Device(faults=Faults(connect="silent"))]) as farm:
        device = farm.devices[0]
        reader, writer = await asyncio.open_connection(device.host, device.port)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.2)
        writer.close()
        assert device.counters.connections == 1


async def test_a_device_may_never_judge_a_login() -> None:
    async with DeviceFarm([Device(faults=Faults(connect="no_login"))]) as farm:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connect(farm.devices[0]), 0.5)
        assert farm.devices[0].counters.logins == 0


async def test_the_first_logins_fail_with_the_right_password_too() -> None:
    async with DeviceFarm([Device(faults=Faults(failed_logins=2))]) as farm:
        device = farm.devices[0]
        for _ in range(2):
            with pytest.raises(asyncssh.PermissionDenied):
                await connect(device, preferred_auth="password")
        async with connect(device, preferred_auth="password"):
            assert (device.counters.failed_logins, device.counters.logins) == (2, 1)


async def test_a_slow_line_takes_its_time() -> None:
    """1,000 lines of 61 characters at 122,000 bytes a second: half a second."""
    async with DeviceFarm([Device(bytes_per_second=122_000)]) as farm, connect(farm.devices[0]) as connection:
        began = time.monotonic()
        await ask(connection, "show bulk 1000")
        assert 0.4 < time.monotonic() - began < 5


async def test_who_types_nothing_is_put_out() -> None:
    """And who types in time is not: each key begins the time anew."""
    async with DeviceFarm([Device(faults=Faults(idle_seconds=0.3))]) as farm, connect(farm.devices[0]) as connection:
        process = await connection.create_process(term_type="vt100")
        await process.stdout.readuntil("#")
        began = time.monotonic()
        while time.monotonic() - began < 0.6:
            process.stdin.write("\n")
            await process.stdout.readuntil("#")
            await asyncio.sleep(0.05)
        await asyncio.wait_for(process.wait_closed(), 10)
        assert farm.devices[0].counters.open_sessions == 0


async def test_a_reload_cuts_every_session_and_takes_its_time() -> None:
    async with DeviceFarm([Device(faults=Faults(reload_seconds=0.3))]) as farm:
        device = farm.devices[0]
        async with connect(device) as first, connect(device) as second:
            with pytest.raises((asyncssh.ConnectionLost, asyncio.IncompleteReadError)):
                await ask(first, "reload\n\n")
            await second.wait_closed()
        with pytest.raises(ConnectionRefusedError):
            await connect(device)
        began = time.monotonic()
        while not await _is_back(device):
            assert time.monotonic() - began < 10
            await asyncio.sleep(0.02)
        assert (device.counters.reloads, device.counters.open_sessions) == (1, 0)


async def _is_back(device: SimulatedDevice) -> bool:
    try:
        async with connect(device):
            return True
    except OSError:
        return False


def test_faults_can_change_while_the_farm_runs() -> None:
    """A test lets a device die and come back; its port stays its own, and what was open stays open."""
    with running_farm([Device()]) as farm:
        device = farm.devices[0]
        place = (device.host, device.port)
        with socket.create_connection(place, 5) as before:
            farm.set_faults(device, Faults(connect="refused"))
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(place, 5)
            farm.set_faults(device, Faults())
            with socket.create_connection(place, 5) as after:
                assert after.recv(4) == before.recv(4) == b"SSH-"


def test_a_fault_that_has_nothing_to_do_with_connecting_leaves_the_port_alone() -> None:
    with running_farm([Device()]) as farm:
        device = farm.devices[0]
        farm.set_faults(device, Faults(connect="silent"))
        with socket.create_connection((device.host, device.port), 5) as connection:
            give_up_at = time.monotonic() + 10
            while device.counters.connections == 0 and time.monotonic() < give_up_at:
                time.sleep(0.01)  # until the device itself has taken what the system took for it
            farm.set_faults(device, Faults(error_probability=1.0))
            connection.settimeout(0.1)
            with pytest.raises(TimeoutError):
                connection.recv(1)
        with socket.create_connection((device.host, device.port), 5) as connection:
            assert connection.recv(4) == b"SSH-"


def test_a_device_that_reloads_comes_back_with_its_new_faults() -> None:
    with running_farm([Device(faults=Faults(reload_seconds=0.1))]) as farm:
        device = farm.devices[0]
        farm.reload(device)
        farm.set_faults(device, Faults())
        give_up_at = time.monotonic() + 10
        while device.counters.connections == 0 and time.monotonic() < give_up_at:
            try:
                socket.create_connection((device.host, device.port), 5).close()
            except ConnectionRefusedError:
                time.sleep(0.01)
        assert device.counters.connections > 0


def test_a_running_farm_reloads_a_device_for_a_test() -> None:
    with running_farm([Device(faults=Faults(reload_seconds=30))]) as farm:
        device = farm.devices[0]
        farm.reload(device)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((device.host, device.port), 5)


def test_a_farm_leaves_nothing_listening() -> None:
    with running_farm([Device(), Device(faults=Faults(connect="hanging")), Device(transport="telnet")]) as farm:
        places = [(device.host, device.port) for device in farm.devices]
        farm.reload(farm.devices[2])
    for place in places:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(place, 5)


def test_every_fault_has_a_default_that_is_healthy() -> None:
    assert all(field.default is not dataclasses.MISSING for field in dataclasses.fields(Faults))
