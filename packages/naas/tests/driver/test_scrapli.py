"""What is particular about the driver on scrapli; what all drivers promise is in contract/."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from driver_calls import ask, change, fetch
from naas.driver.base import DeviceFailure, DeviceTarget, ErrorCode, JumpHost
from naas.driver.options import DriverOptions, HostKeyPolicy
from naas.driver.scrapli import ScrapliDriver
from naas.driver.scrapli_dialects import DIALECTS
from naas.simulator import Device, SimulatedDevice, running_farm
from ssh_servers import SshServer, running_server

Start = Callable[..., SimulatedDevice]
Target = Callable[..., DeviceTarget]


@pytest.fixture
def driver() -> Iterator[ScrapliDriver]:
    driver = ScrapliDriver()
    yield driver
    driver.close()


def send(driver: ScrapliDriver, target: DeviceTarget, command: str, **options: Any) -> str:
    return ask(driver, target, command, **options).results[command]


def failure_of(driver: ScrapliDriver, target: DeviceTarget, **options: Any) -> DeviceFailure:
    with pytest.raises(DeviceFailure) as caught:
        send(driver, target, "show version", **options)
    assert "pass-4711" not in caught.value.message
    return caught.value


@pytest.mark.parametrize("platform", ["cisco_ios", "cisco_nxos", "arista_eos", "juniper_junos"])
@pytest.mark.parametrize("enable", ["enable-0815", None], ids=["with an enable secret", "without"])
def test_output_comes_without_echo_and_prompt(
    driver: ScrapliDriver, start: Start, target: Target, platform: str, enable: str | None
) -> None:
    text = send(driver, target(start(platform=platform), enable=enable), "show version")
    assert "show version" not in text
    assert not text.rstrip().endswith(("#", ">"))
    assert len(text) > 50


@pytest.mark.parametrize(
    ("enable", "level"), [("enable-0815", "15"), (None, "1")], ids=["with an enable secret", "without"]
)
def test_privileged_mode_is_entered_only_with_an_enable_secret(
    driver: ScrapliDriver, start: Start, target: Target, enable: str | None, level: str
) -> None:
    """scrapli's own definition would always enter it."""
    assert send(driver, target(start(), enable=enable), "show privilege").endswith(f" {level}")


def test_a_privileged_account_keeps_its_privilege(driver: ScrapliDriver, start: Start, target: Target) -> None:
    assert "hostname sw1" in send(driver, target(start(enable=None), enable=None), "show running-config")


@pytest.mark.parametrize("platform", ["cisco_ios", "cisco_nxos", "arista_eos"])
def test_configuration_takes_effect_and_is_saved(
    driver: ScrapliDriver, start: Start, target: Target, platform: str
) -> None:
    where = target(start(platform=platform))
    change(driver, where, ["ntp server 192.0.2.9"], save_config=True)
    assert "192.0.2.9" in fetch(driver, where)
    assert "192.0.2.9" in fetch(driver, where, startup=True)


def test_an_uncommitted_candidate_is_left_behind(driver: ScrapliDriver, start: Start, target: Target) -> None:
    where = target(start(platform="juniper_junos"))
    output = change(driver, where, ["set system services netconf"], want_diff=True)
    assert (output.applied, "netconf" in str(output.diff)) == (False, True)
    assert "netconf" not in fetch(driver, where)


def test_a_device_is_detected_first(driver: ScrapliDriver, start: Start, target: Target) -> None:
    where = target(start(platform="arista_eos"), platform="autodetect")
    output = ask(driver, where, "show version")
    assert output.detected_platform == "arista_eos"


def test_a_key_opens_the_device(driver: ScrapliDriver, start: Start, target: Target) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    device = start(authorized_key=key.export_public_key().decode().strip())
    where = target(device, password="", private_key=key.export_private_key("openssh").decode())
    assert "Cisco IOS" in send(driver, where, "show version")


def test_twenty_devices_are_served_at_once(driver: ScrapliDriver, target: Target) -> None:
    devices = [Device(name=f"sw{number}", password="pass-4711", enable="enable-0815") for number in range(20)]
    with running_farm(devices) as farm, ThreadPoolExecutor(20) as threads:
        targets = [target(device) for device in farm.devices]
        for _ in range(3):
            texts = list(threads.map(lambda where: send(driver, where, "show version"), targets))
            assert [f"sw{number} uptime" in text for number, text in enumerate(texts)] == [True] * 20
        assert {device.counters.connections for device in farm.devices} == {1}
        driver.close()


@pytest.mark.parametrize(
    ("changes", "options", "says"),
    [
        ({"platform": "huawei"}, {}, "does not know the platform 'huawei' (it knows arista_eos, cisco_ios, "),
        ({"platform": "cisco_ios_telnet"}, {}, "speaks SSH only"),
        ({"jump": JumpHost("bastion", 22, "hop")}, {}, "goes through no jump host"),
        ({"use_agent": True}, {}, "asks no SSH agent"),
        ({}, {"expect_string": "x"}, "ends an output at the prompt only, so leave out `expect_string`"),
    ],
    ids=["platform", "telnet", "jump host", "agent", "expect_string"],
)
def test_what_it_cannot_do_is_refused_before_anything_is_sent(
    driver: ScrapliDriver,
    start: Start,
    target: Target,
    changes: dict[str, Any],
    options: dict[str, Any],
    says: str,
) -> None:
    device = start()
    failure = failure_of(driver, target(device, **changes), **options)
    assert failure.code is ErrorCode.UNKNOWN
    assert says in failure.message
    assert failure.message.endswith("and nothing was sent; use the driver 'netmiko'")
    assert device.counters.connections == 0


def test_a_new_host_is_remembered_and_a_changed_one_refused(tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    options = DriverOptions(host_key_policy=HostKeyPolicy.ACCEPT_NEW, known_hosts=known, connection_pool_enabled=False)
    driver = ScrapliDriver(options)
    with running_server(SshServer(username="admin", password="pass-4711")) as first:
        where = DeviceTarget("127.0.0.1", first.port, "cisco_ios", "admin", "pass-4711")
        for _ in range(2):
            assert "Cisco IOS" in send(driver, where, "show version")
        assert (first.connections, first.logins) == (3, 2), "asked for its key once"
    assert known.read_text().startswith(f"[127.0.0.1]:{first.port} ssh-ed25519 ")
    with running_server(SshServer(username="admin", password="pass-4711", port=first.port)) as second:
        assert "its host key has changed" in failure_of(driver, where).message
        assert second.logins == 0
    driver.close()


def test_pinned_host_keys_are_checked(tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.touch()
    driver = ScrapliDriver(DriverOptions(host_key_policy=HostKeyPolicy.STRICT, known_hosts=known))
    with running_server(SshServer(username="admin", password="pass-4711")) as server:
        where = DeviceTarget("127.0.0.1", server.port, "cisco_ios", "admin", "pass-4711")
        unknown = failure_of(driver, where)
        assert (unknown.code, "its host key is not known" in unknown.message) == (ErrorCode.SSH_ERROR, True)
        other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
        known.write_text(f"[127.0.0.1]:{server.port} {other}\n")
        assert "its host key has changed" in failure_of(driver, where).message
        assert server.logins == 0
        known.write_text(f"[127.0.0.1]:{server.port} {server.host_key.export_public_key().decode().strip()}\n")
        assert "Cisco IOS" in send(driver, where, "show version")
    driver.close()


def test_a_wrong_enable_secret_ends_in_a_timeout_that_names_it(
    driver: ScrapliDriver, start: Start, target: Target
) -> None:
    """libscrapli waits for the privileged prompt and does not read the refusal."""
    failure = failure_of(driver, target(start(), enable="wrong-enable"), conn_timeout=2.0)
    assert failure.code is ErrorCode.CONNECTION_TIMEOUT
    assert "no privileged prompt in time while connecting as 'admin'" in failure.message
    assert "check the `enable` secret" in failure.message
    assert "wrong-enable" not in failure.message


def test_its_platforms_are_names_that_a_request_may_carry() -> None:
    assert dataclasses.is_dataclass(DIALECTS["cisco_ios"])
    assert set(DIALECTS) == {"cisco_ios", "cisco_xe", "cisco_nxos", "arista_eos", "juniper_junos"}
