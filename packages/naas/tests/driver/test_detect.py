"""Finding out what a device is."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from naas.driver.base import CommandOutput, DeviceFailure, DeviceTarget, ErrorCode
from naas.driver.detect import detect_platform, platform_in
from naas.driver.options import DriverOptions
from naas.driver.road import Road
from naas.simulator import SimulatedDevice
from naas.simulator.platforms import platform_names

SIMULATED = platform_names()


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E4", "cisco_ios"),
        ("Cisco Internetwork Operating System Software\nIOS (tm) C2600 Software", "cisco_ios"),
        ("Cisco IOS XE Software, Version 16.12.04\nCisco IOS Software [Gibraltar]", "cisco_xe"),
        ("Cisco Nexus Operating System (NX-OS) Software", "cisco_nxos"),
        ("Cisco IOS XR Software, Version 7.3.2", "cisco_xr"),
        ("Cisco Adaptive Security Appliance Software Version 9.12(4)", "cisco_asa"),
        ("Arista DCS-7050TX-64-R", "arista_eos"),
        ("Hostname: r1\nModel: mx204\nJunos: 21.4R3.15", "juniper_junos"),
        ("Version:      VyOS 1.4", "vyos"),
        ("Image stamp:\n /ws/swbuildm/rel_ukiah_qaoff/code/build/info(swbuildm_rel_ukiah_qaoff)", "hp_procurve"),
        (
            "Image stamp:\n /ws/swbuildm/code/build/lvm(swbuildm)\n    Mar 10 2023\n    WC.16.11.0012\n",
            "aruba_osswitch",
        ),
        ("% Unknown command", None),
        ("", None),
    ],
)
def test_show_version_names_the_platform(text: str, platform: str | None) -> None:
    assert platform_in("SSH-2.0-OpenSSH_9.6", text) == platform


def test_the_ssh_banner_is_enough_where_it_is_unambiguous() -> None:
    assert platform_in("SSH-2.0-ROSSSH", "bad command name show") == "mikrotik_routeros"
    assert platform_in("SSH-2.0-Cisco-1.25", "") is None


@pytest.mark.parametrize("platform", SIMULATED)
def test_a_device_is_detected_once(
    start: Callable[..., SimulatedDevice],
    target: Callable[..., DeviceTarget],
    send: Callable[..., CommandOutput],
    platform: str,
) -> None:
    """One connection to detect, one to work; the second job needs neither."""
    device = start(platform=platform)
    where = target(device, platform="autodetect")
    for _ in range(2):
        output = send(where, ["show version"])
        assert output.detected_platform == platform
    assert device.counters.connections == 2


@pytest.mark.parametrize("latency", [0.0, 0.3], ids=["near", "far"])
def test_detecting_takes_seconds_at_most(
    start: Callable[..., SimulatedDevice],
    target: Callable[..., DeviceTarget],
    send: Callable[..., CommandOutput],
    latency: float,
) -> None:
    """Netmiko's own detection took 108 s on such a device."""
    device = start(platform="cisco_ios", latency_seconds=latency)
    started = time.perf_counter()
    detect_platform(target(device), conn_timeout=15.0, read_timeout=15.0, road=Road(DriverOptions()))
    assert time.perf_counter() - started < 5


def test_a_device_that_says_nothing_known_is_a_failure_of_its_own(
    start: Callable[..., SimulatedDevice],
    target: Callable[..., DeviceTarget],
    send: Callable[..., CommandOutput],
) -> None:
    device = start(platform="arista_eos", answers={"show version": "Frobnicator 3000\nfirmware 1"})
    with pytest.raises(DeviceFailure, match="answered 'Frobnicator 3000'; name the `platform`") as caught:
        send(target(device, platform="autodetect"), ["show version"])
    assert caught.value.code is ErrorCode.AUTODETECT_FAILED
    assert not caught.value.retryable
