"""Devices on the network: stock Netmiko, scrapli and a plain SSH client must take them for real ones."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import asyncssh
import pytest
from naas.driver.base import DeviceTarget
from naas.driver.detect import platform_in
from naas.simulator import Device, DeviceFarm, Faults, SimulatedDevice, running_farm
from naas.simulator.families import shell_of
from naas.simulator.platforms import platform_names
from naas.simulator.serving import raise_descriptor_limit
from netmiko import ConnectHandler
from netmiko.exceptions import NetmikoAuthenticationException

LOGIN: dict[str, Any] = {"username": "admin", "password": "admin"}

# A line of configuration for each platform, and the line that it becomes.
CHANGES = {
    "arista_eos": (["interface Ethernet1", "description by netmiko"], "description by netmiko"),
    "cisco_ios": (["interface GigabitEthernet0/1", "description by netmiko"], "description by netmiko"),
    "cisco_nxos": (["interface Ethernet1/1", "description by netmiko"], "description by netmiko"),
    "hp_procurve": (["interface 3", 'name "by netmiko"'], 'name "by netmiko"'),
    "juniper_junos": (["set interfaces ge-0/0/0 description bynetmiko"], "description bynetmiko"),
}


def connected(device: SimulatedDevice, **options: Any) -> Any:
    """A Netmiko session."""
    where = {"device_type": device.platform, "host": device.host, "port": device.port}
    return ConnectHandler(**{**where, **LOGIN, **options})


@pytest.mark.parametrize("platform", ["arista_eos", "cisco_ios", "cisco_nxos"])
def test_stock_netmiko_can_do_everything(platform: str) -> None:
    """Log in, become privileged, configure with error checking, save, leave: all as Netmiko does it by itself."""
    lines, line = CHANGES[platform]
    with running_farm([Device(platform=platform, name="edge1", enable="s3cret")]) as farm:
        device = farm.devices[0]
        connection = connected(device, secret="s3cret")
        assert connection.find_prompt() == "edge1>"
        connection.enable()
        connection.send_config_set(lines, error_pattern="% Invalid")
        assert not connection.check_config_mode()
        connection.save_config()
        assert line in connection.send_command("show running-config")
        assert len(str(connection.send_command("show bulk 300")).splitlines()) == 300
        connection.exit_enable_mode()
        assert connection.find_prompt() == "edge1>"
        connection.disconnect()
        assert line in device.startup[f"{lines[0]}"]


def test_stock_netmiko_can_commit_on_junos() -> None:
    with running_farm([Device(platform="juniper_junos", name="r1")]) as farm:
        connection = connected(farm.devices[0])
        connection.send_config_set(["set system host-name r2"], exit_config_mode=False)
        assert "+  host-name r2;" in connection.send_command("show | compare", expect_string=r"#\s*$")
        connection.commit(comment="by netmiko")
        connection.exit_config_mode()
        assert farm.devices[0].hostname == "r2"
        connection.disconnect()


def test_stock_netmiko_can_configure_and_leave_procurve() -> None:
    with running_farm([Device(platform="hp_procurve", name="edge1")]) as farm:
        device = farm.devices[0]
        connection = connected(device)
        connection.send_config_set(CHANGES["hp_procurve"][0])
        connection.save_config()
        assert 'name "by netmiko"' in connection.send_command("show running-config")
        connection.disconnect()
        assert device.startup["interface 3"] == ['name "by netmiko"']


@pytest.mark.parametrize("platform", platform_names())
def test_every_platform_is_recognised_by_its_version_or_its_banner(platform: str) -> None:
    """By our driver's own rules; an Aruba switch may be taken for its predecessor, since both are driven alike."""
    device = SimulatedDevice(spec=Device(platform=platform), host="127.0.0.1", port=22, hostname="sw1")
    text = shell_of(device).run("show version").text
    found = platform_in(f"SSH-2.0-{device.profile.ssh_version}", text)
    assert found in {platform, {"aruba_osswitch": "hp_procurve"}.get(platform)}


@pytest.mark.parametrize(
    ("platform", "command", "expected"),
    [
        ("cisco_iosxe", "show version", "Cisco IOS Software"),
        ("cisco_nxos", "show version", "Nexus"),
        ("arista_eos", "show version", "Arista"),
        ("juniper_junos", "show version", "Junos"),
    ],
)
def test_scrapli_can_open_ask_and_close(platform: str, command: str, expected: str) -> None:
    scrapli = pytest.importorskip("scrapli")
    simulated = "cisco_ios" if platform == "cisco_iosxe" else platform
    with running_farm([Device(platform=simulated, name="edge1")]) as farm:
        device = farm.devices[0]
        options = {"username": "admin", "password": "admin"}
        connection = scrapli.Cli(
            definition_file_or_name=platform,
            host=device.host,
            port=device.port,
            auth_options=scrapli.AuthOptions(**options),
            transport_options=scrapli.TransportSsh2Options(),
        )
        with connection as cli:
            assert expected in cli.send_input(command).result
    assert device.counters.logins == 1


@pytest.mark.parametrize(("username", "password"), [("admin", "wrong"), ("nobody", "admin"), ("", "")])
def test_wrong_credentials_are_refused_and_counted(username: str, password: str) -> None:
    with running_farm([Device()]) as farm:
        device = farm.devices[0]
        with pytest.raises(NetmikoAuthenticationException):
            connected(device, username=username, password=password)
        assert (device.counters.connections, device.counters.logins) == (1, 0)


def new_key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")  # pyright: ignore[reportUnknownMemberType] - untyped **kwargs


async def test_a_key_may_log_in_too() -> None:
    key, other = new_key(), new_key()
    async with DeviceFarm([Device(authorized_key=key.export_public_key().decode())]) as farm:
        options = {"username": "admin", "client_keys": [key], "known_hosts": None}
        async with asyncssh.connect("127.0.0.1", farm.devices[0].port, **options):
            assert farm.devices[0].counters.failed_logins == 0
        stranger = {**options, "client_keys": [other]}
        with pytest.raises(asyncssh.PermissionDenied):
            await asyncssh.connect("127.0.0.1", farm.devices[0].port, **stranger)


async def test_one_command_can_be_run_without_a_terminal() -> None:
    """`ssh sw1 show privilege`: the answer alone, without prompt and echo."""
    async with (
        DeviceFarm([Device()]) as farm,
        asyncssh.connect("127.0.0.1", farm.devices[0].port, known_hosts=None, **LOGIN) as connection,
    ):
        assert (await connection.run("show privilege")).stdout == "Current privilege level is 15\n"
        assert farm.devices[0].counters.commands == 1


async def test_fifty_devices_run_in_one_process() -> None:
    """Each on its own port, each with its own name and counters."""

    async def first_prompt(port: int) -> str:
        async with asyncssh.connect("127.0.0.1", port, known_hosts=None, **LOGIN) as connection:
            process = await connection.create_process(term_type="vt100")
            prompt = await process.stdout.readuntil("#")
            process.stdin.write("exit\n")
            return str(prompt).strip()

    async with DeviceFarm([Device(name=f"sw{number}") for number in range(50)]) as farm:
        prompts = await asyncio.gather(*(first_prompt(device.port) for device in farm.devices))
        assert prompts == [f"sw{number}#" for number in range(50)]
        assert len({device.port for device in farm.devices}) == 50
        assert {device.counters.connections for device in farm.devices} == {1}
        assert farm.counters()["logins"] == 50


@pytest.mark.slow  # two seconds, and a thousand sockets
async def test_a_thousand_devices_run_in_one_process() -> None:
    """The figures are those of benchmarks/naas/simulator_scale.py; here it is shown that all of them are there."""
    raise_descriptor_limit(1000)
    platforms = platform_names()
    specs = [Device(platform=platforms[number % len(platforms)], name=f"sw{number}") for number in range(1000)]

    async def greets(port: int) -> bool:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        greeting = await reader.readexactly(4)
        writer.close()
        return greeting == b"SSH-"

    began = time.monotonic()
    async with DeviceFarm(specs) as farm:
        assert time.monotonic() - began < 30  # measured: 1.5 s with two cores busy
        assert all(await asyncio.gather(*(greets(device.port) for device in farm.devices)))


async def test_devices_of_a_farm_are_neighbours() -> None:
    """Cabled in a ring: the first port of each leads to the second port of the next."""
    platforms = ["cisco_ios", "arista_eos", "cisco_nxos"]
    async with DeviceFarm([Device(platform=p, name=f"sw{n}") for n, p in enumerate(platforms, 1)]) as farm:
        text = shell_of(farm.devices[0]).run("show lldp neighbors").text
    rows = [line.split() for line in text.splitlines() if line.startswith("sw")]
    assert [(row[0], row[1], row[-1]) for row in rows] == [("sw2", "Gi0/1", "Et2"), ("sw3", "Gi0/2", "Eth1/1")]


async def test_a_device_can_be_put_at_its_own_address() -> None:
    async with DeviceFarm([Device(host="127.0.7.1"), Device(host="127.0.7.2")]) as farm:
        assert [device.host for device in farm.devices] == ["127.0.7.1", "127.0.7.2"]


def test_a_farm_stays_on_loopback_unless_told() -> None:
    with pytest.raises(ValueError, match=r"0\.0\.0\.0 is not a loopback address.*--allow-remote"):
        DeviceFarm([Device()], host="0.0.0.0")


def test_an_unknown_platform_is_refused_with_the_choice() -> None:
    with pytest.raises(ValueError, match=r"platform 'toaster'; choose one of arista_eos, .*juniper_junos"):
        DeviceFarm([Device(platform="toaster")])


def test_a_port_in_use_stops_the_farm_before_the_block() -> None:
    with running_farm([Device()]) as farm:
        port = farm.devices[0].port
        taken = Device(port=port)
        with (
            pytest.raises(OSError, match=f"127.0.0.1 port {port}: address already in use"),
            running_farm([Device(), taken]),
        ):
            pytest.fail("the block must not run")


def test_a_device_shows_no_password() -> None:
    assert "hunter2" not in repr(Device(password="hunter2", enable="hunter2", authorized_key="hunter2"))


def test_a_target_of_our_driver_fits_a_device() -> None:
    """What the service needs to know about a device is what the farm says of it."""
    with running_farm([Device(faults=Faults(vty_lines=1))]) as farm:
        device = farm.devices[0]
        target = DeviceTarget(device.host, device.port, device.platform, "admin", "admin")
        assert target.platform == "cisco_ios"
