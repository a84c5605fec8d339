"""Devices on the network: stock Netmiko and a plain SSH client must take them for real ones."""

from __future__ import annotations

import asyncio

import asyncssh
import pytest
from naas.simulator import Device, DeviceFarm, running_farm
from netmiko import ConnectHandler
from netmiko.exceptions import NetmikoAuthenticationException


@pytest.mark.parametrize("platform", ["cisco_ios", "arista_eos"])
def test_stock_netmiko_can_do_everything(platform: str) -> None:
    """Log in, become privileged, configure with error checking, save, leave: all as Netmiko does it by itself."""
    interface = "GigabitEthernet0/1" if platform == "cisco_ios" else "Ethernet1"
    with running_farm([Device(platform=platform, name="edge1", enable="s3cret")]) as farm:
        device = farm.devices[0]
        connection = ConnectHandler(
            device_type=platform,
            host=device.host,
            port=device.port,
            username="admin",
            password="admin",
            secret="s3cret",
        )
        assert connection.find_prompt() == "edge1>"
        connection.enable()
        connection.send_config_set([f"interface {interface}", "description by netmiko"], error_pattern="% Invalid")
        assert not connection.check_config_mode()
        connection.save_config()
        assert "by netmiko" in connection.send_command("show running-config")
        assert len(str(connection.send_command("show bulk 300")).splitlines()) == 300
        connection.exit_enable_mode()
        assert connection.find_prompt() == "edge1>"
        connection.disconnect()
        assert device.startup[f"interface {interface}"] == ["description by netmiko"]


def test_stock_netmiko_can_commit_on_junos() -> None:
    with running_farm([Device(platform="juniper_junos", name="r1")]) as farm:
        device = farm.devices[0]
        connection = ConnectHandler(
            device_type="juniper_junos", host=device.host, port=device.port, username="admin", password="admin"
        )
        connection.send_config_set(["set system host-name r2"], exit_config_mode=False)
        connection.commit()
        connection.exit_config_mode()
        assert device.hostname == "r2"
        connection.disconnect()


@pytest.mark.parametrize(("username", "password"), [("admin", "wrong"), ("nobody", "admin"), ("", "")])
def test_wrong_credentials_are_refused_and_counted(username: str, password: str) -> None:
    with running_farm([Device()]) as farm:
        device = farm.devices[0]
        with pytest.raises(NetmikoAuthenticationException):
            ConnectHandler(
                device_type="cisco_ios", host=device.host, port=device.port, username=username, password=password
            )
        assert (device.counters.connections, device.counters.logins) == (1, 0)


async def test_fifty_devices_run_in_one_process() -> None:
    """Each on its own port, each with its own name and counters."""

    async def first_prompt(port: int) -> str:
        options = {"username": "admin", "password": "admin", "known_hosts": None}
        async with asyncssh.connect("127.0.0.1", port, **options) as connection:
            process = await connection.create_process(term_type="vt100")
            prompt = await process.stdout.readuntil("#")
            process.stdin.write("exit\n")
            return str(prompt).strip()

    async with DeviceFarm([Device(name=f"sw{number}") for number in range(50)]) as farm:
        prompts = await asyncio.gather(*(first_prompt(device.port) for device in farm.devices))
        assert prompts == [f"sw{number}#" for number in range(50)]
        assert len({device.port for device in farm.devices}) == 50
        assert {device.counters.connections for device in farm.devices} == {1}


async def test_a_device_can_be_put_at_its_own_address() -> None:
    async with DeviceFarm([Device(host="127.0.7.1"), Device(host="127.0.7.2")]) as farm:
        assert [device.host for device in farm.devices] == ["127.0.7.1", "127.0.7.2"]


def test_a_farm_stays_on_loopback_unless_told() -> None:
    with pytest.raises(ValueError, match=r"0\.0\.0\.0 is not a loopback address.*--allow-remote"):
        DeviceFarm([Device()], host="0.0.0.0")


def test_an_unknown_platform_is_refused_with_the_choice() -> None:
    with pytest.raises(ValueError, match=r"platform 'toaster'; choose one of arista_eos, cisco_ios, juniper_junos"):
        DeviceFarm([Device(platform="toaster")])


def test_a_port_in_use_stops_the_farm_before_the_block() -> None:
    with running_farm([Device()]) as farm:
        taken = Device(port=farm.devices[0].port)
        with pytest.raises(OSError, match="address already in use"), running_farm([Device(), taken]):
            pytest.fail("the block must not run")


def test_a_device_shows_no_password() -> None:
    assert "hunter2" not in repr(Device(password="hunter2", enable="hunter2"))
