"""Several drivers behind one: routing by name, and what is said when there is none."""

from __future__ import annotations

import pytest
from driver_calls import ask, change, fetch
from naas.driver.base import DeviceFailure, DeviceTarget, ErrorCode
from naas.driver.choice import DRIVERS, DriverSet
from naas.driver.options import DriverOptions
from naas.driver.platforms import supports_commit, supports_save
from naas.driver.pool import PoolStats
from naas.testing import ScriptedDriver


def target(driver: str) -> DeviceTarget:
    return DeviceTarget("sw1", 22, "cisco_ios", "admin", "pass-4711", driver=driver)


def send(drivers: DriverSet, driver: str) -> dict[str, str]:
    return ask(drivers, target(driver), "show version").results


def test_each_job_goes_to_the_driver_that_it_names() -> None:
    first, second = ScriptedDriver(script={"show version": "one"}), ScriptedDriver(script={"show version": "two"})
    drivers = DriverSet(makers={"netmiko": lambda _: first, "other": lambda _: second})
    assert send(drivers, "netmiko") == {"show version": "one"}
    assert send(drivers, "other") == {"show version": "two"}
    change(drivers, target("other"), ["hostname x"])
    assert "hostname x" in fetch(drivers, target("other"))
    assert "hostname x" not in fetch(drivers, target("netmiko"))
    drivers.close()
    assert first.closed
    assert second.closed


def test_a_driver_is_made_once_and_only_when_it_is_needed() -> None:
    made: list[DriverOptions] = []

    def make(options: DriverOptions) -> ScriptedDriver:
        made.append(options)
        return ScriptedDriver()

    options = DriverOptions(connection_pool_max_size=7)
    drivers = DriverSet(options, {"netmiko": make})
    assert made == []
    send(drivers, "netmiko")
    send(drivers, "netmiko")
    assert made == [options]


def test_an_unknown_driver_is_told_with_the_ones_there_are() -> None:
    with pytest.raises(DeviceFailure, match="no driver is called 'paramiko'; use one of netmiko") as caught:
        send(DriverSet(), "paramiko")
    assert caught.value.code is ErrorCode.UNKNOWN


def test_a_driver_that_is_not_installed_says_how_to_install_it() -> None:
    def make(_: DriverOptions) -> ScriptedDriver:
        raise ModuleNotFoundError("No module named 'scrapli'")

    with pytest.raises(DeviceFailure, match=r"install it with `pip install 'naas\[scrapli\]'`, or use the driver"):
        send(DriverSet(makers={"scrapli": make}), "scrapli")


def test_a_closed_set_takes_no_more_work() -> None:
    drivers = DriverSet(makers={"netmiko": lambda _: ScriptedDriver()})
    drivers.close()
    with pytest.raises(DeviceFailure, match="the service is going down; try again when it is back"):
        send(drivers, "netmiko")


def test_the_pool_counts_of_all_drivers_are_added() -> None:
    drivers = DriverSet(makers={name: lambda _: _WithPool() for name in ("a", "b")})
    assert drivers.pool_stats == PoolStats(0, 0, 0, 0, 0)
    send(drivers, "a")
    send(drivers, "b")
    assert drivers.pool_stats == PoolStats(2, 4, 6, 8, 10)


class _WithPool(ScriptedDriver):
    pool_stats = PoolStats(1, 2, 3, 4, 5)


def test_the_default_driver_is_there() -> None:
    assert DeviceTarget("sw1", 22, "cisco_ios", "admin", "x").driver in DRIVERS


@pytest.mark.parametrize(
    ("platform", "saves", "commits"),
    [
        ("cisco_ios", True, False),
        ("juniper_junos", False, True),
        ("cisco_xr", False, True),
        ("linux", False, False),
        ("vyos", True, True),
    ],
)
def test_what_a_platform_can_do_is_read_from_netmiko(platform: str, saves: bool, commits: bool) -> None:
    """Netmiko has a `save_config` on every platform; on some it only says that there is none."""
    assert (supports_save(platform), supports_commit(platform)) == (saves, commits)
