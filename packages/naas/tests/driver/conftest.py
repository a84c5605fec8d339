"""Real SSH to simulated devices on loopback; nothing of the driver is mocked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from naas.driver.base import CommandOutput, DeviceTarget
from naas.driver.netmiko import NetmikoDriver
from naas.simulator import Device, SimulatedDevice, running_farm

PASSWORD = "pass-4711"
ENABLE = "enable-0815"

Run = Callable[..., CommandOutput]


@pytest.fixture
def driver() -> Iterator[NetmikoDriver]:
    driver = NetmikoDriver()
    yield driver
    driver.close()


@pytest.fixture
def start() -> Iterator[Callable[..., SimulatedDevice]]:
    """Start one device, by the fields of its specification."""
    farms: list[object] = []

    def start_device(**fields: object) -> SimulatedDevice:
        fields = {"password": PASSWORD, "enable": ENABLE, **fields}
        context = running_farm([Device(**fields)])  # type: ignore[arg-type] - the fields are the caller's
        farm = context.__enter__()
        farms.append(context)
        return farm.devices[0]

    yield start_device
    for context in farms:
        context.__exit__(None, None, None)  # type: ignore[attr-defined] - entered above


@pytest.fixture
def target() -> Callable[..., DeviceTarget]:
    """How to reach a device, with the right credentials unless told otherwise."""

    def make(device: SimulatedDevice, **changes: object) -> DeviceTarget:
        fields: dict[str, object] = {
            "host": device.host,
            "port": device.port,
            "platform": device.platform,
            "username": "admin",
            "password": PASSWORD,
            "enable": ENABLE,
        }
        return DeviceTarget(**{**fields, **changes})  # type: ignore[arg-type] - the fields are the caller's

    return make


@pytest.fixture
def send(driver: NetmikoDriver) -> Run:
    """``send_commands`` with the timeouts of a test."""

    def run(target: DeviceTarget, commands: Sequence[str], **options: object) -> CommandOutput:
        defaults: dict[str, object] = {
            "read_timeout": 5.0,
            "conn_timeout": 5.0,
            "expect_string": None,
            "should_stop": lambda: False,
        }
        return driver.send_commands(target, commands, **{**defaults, **options})  # type: ignore[arg-type]

    return run


@pytest.fixture
def configure(driver: NetmikoDriver) -> Callable[..., str]:
    """``send_config`` with the timeouts of a test, neither saving nor committing unless told."""

    def run(target: DeviceTarget, lines: Sequence[str], **options: object) -> str:
        defaults: dict[str, object] = {
            "save_config": False,
            "commit": False,
            "read_timeout": 5.0,
            "conn_timeout": 5.0,
            "should_stop": lambda: False,
        }
        return driver.send_config(target, lines, **{**defaults, **options})  # type: ignore[arg-type]

    return run
