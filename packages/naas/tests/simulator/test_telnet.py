"""Devices that speak Telnet."""

from __future__ import annotations

import asyncio

import pytest
from naas.simulator import Device, DeviceFarm, Faults, running_farm
from naas.simulator.telnet import DO, DONT, ECHO, IAC, SUB, SUB_END, SUPPRESS_GO_AHEAD, WILL, WONT
from netmiko import ConnectHandler


@pytest.mark.parametrize("platform", ["cisco_ios"])
def test_stock_netmiko_works_over_telnet(platform: str) -> None:
    with running_farm([Device(platform=platform, name="edge1", transport="telnet", enable="s3cret")]) as farm:
        device = farm.devices[0]
        where = {"host": device.host, "port": device.port, "username": "admin", "password": "admin"}
        connection = ConnectHandler(device_type=device.platform, secret="s3cret", **where)
        connection.enable()
        assert connection.find_prompt() == "edge1#"
        assert "Cisco IOS" in str(connection.send_command("show version"))
        connection.send_config_set(["interface gi0/3", "description over telnet"])
        connection.disconnect()
        assert "description over telnet" in device.running["interface GigabitEthernet0/3"]


class Line:
    """The client's end of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def until(self, end: str) -> str:
        return (await asyncio.wait_for(self._reader.readuntil(end.encode()), 5)).decode("latin-1")

    def type(self, text: str | bytes) -> None:
        self._writer.write(text if isinstance(text, bytes) else text.encode())

    async def is_closed(self) -> bool:
        await asyncio.wait_for(self._reader.read(), 5)
        return self._reader.at_eof()


async def line_to(farm: DeviceFarm) -> Line:
    return Line(*await asyncio.open_connection("127.0.0.1", farm.devices[0].port))


async def test_a_user_logs_in_and_leaves() -> None:
    async with DeviceFarm([Device(transport="telnet")]) as farm:
        line = await line_to(farm)
        await line.until("Username: ")
        line.type("admin\r\n")
        assert await line.until("Password: ") == "admin\r\nPassword: "
        line.type("admin\r\0")
        assert (await line.until("sw1#")).endswith("\r\nsw1#")
        line.type("show privilege\r\n")
        assert "level is 15" in await line.until("sw1#")
        line.type("exit\r\n")
        assert await line.is_closed()
        counters = farm.devices[0].counters
        assert (counters.logins, counters.open_sessions, counters.most_open_sessions) == (1, 0, 1)


async def test_three_wrong_passwords_end_the_connection() -> None:
    async with DeviceFarm([Device(transport="telnet")]) as farm:
        line = await line_to(farm)
        for _ in range(3):
            await line.until("Username: ")
            line.type("admin\r\nwrong\r\n")
        assert await line.is_closed()
        assert farm.devices[0].counters.failed_logins == 3


async def test_options_of_the_peer_are_answered_and_are_no_keys() -> None:
    """Offers and wishes that the device does not know are declined; subnegotiations are skipped (RFC 854, 855)."""
    async with DeviceFarm([Device(transport="telnet")]) as farm:
        line = await line_to(farm)
        greeting = await line.until("Username: ")
        assert greeting.encode("latin-1").startswith(bytes([IAC, WILL, ECHO, IAC, WILL, SUPPRESS_GO_AHEAD]))
        line.type(bytes([IAC, DO, 31, IAC, WILL, 24, IAC, SUB, 24, 0, 65, IAC, SUB_END]) + b"ad")
        line.type(bytes([IAC, DO, ECHO]) + b"min\r\n")
        answers = (await line.until("Password: ")).encode("latin-1")
        assert answers.startswith(bytes([IAC, WONT, 31, IAC, DONT, 24]))
        assert b"admin" in answers


async def test_a_login_may_never_be_judged() -> None:
    async with DeviceFarm([Device(transport="telnet", faults=Faults(connect="no_login"))]) as farm:
        line = await line_to(farm)
        await line.until("Username: ")
        line.type("admin\r\nadmin\r\n")
        await line.until("Password: ")
        line.type("hello?\r\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.until("\n"), 0.3)


async def test_lines_are_limited_over_telnet_too() -> None:
    async with DeviceFarm([Device(transport="telnet", faults=Faults(vty_lines=1))]) as farm:
        first = await line_to(farm)
        await first.until("Username: ")
        second = await line_to(farm)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await second.until("Username: ")
        assert farm.devices[0].counters.refused == 1


def test_the_platform_of_a_telnet_device_is_netmiko_s() -> None:
    with running_farm([Device(transport="telnet"), Device(platform="arista_eos", transport="telnet")]) as farm:
        assert [device.platform for device in farm.devices] == ["cisco_ios_telnet", "arista_eos_telnet"]
