"""Real SSH to simulated devices on loopback; nothing of the driver is mocked."""

from __future__ import annotations

import dataclasses
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from naas.driver.base import CommandOutput, ConfigOutput, DeviceTarget
from naas.driver.netmiko import NetmikoDriver
from naas.simulator import Device, SimulatedDevice, running_farm

# The tests are no package (pytest's import mode is importlib), so what they share is loaded by its path.
for _name in ("ssh_servers", "driver_calls"):
    _shared = importlib.util.spec_from_file_location(_name, Path(__file__).with_name(f"{_name}.py"))
    assert _shared is not None
    assert _shared.loader is not None
    sys.modules[_name] = importlib.util.module_from_spec(_shared)
    _shared.loader.exec_module(sys.modules[_name])

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
    with ExitStack() as farms:

        def start_device(**fields: Any) -> SimulatedDevice:
            specification: dict[str, Any] = {"password": PASSWORD, "enable": ENABLE, **fields}
            return farms.enter_context(running_farm([Device(**specification)])).devices[0]

        yield start_device


@pytest.fixture
def target() -> Callable[..., DeviceTarget]:
    """How to reach a device, with the right credentials unless told otherwise."""

    def make(device: SimulatedDevice, **changes: Any) -> DeviceTarget:
        where = DeviceTarget(device.host, device.port, device.platform, "admin", PASSWORD, ENABLE)
        return dataclasses.replace(where, **changes)

    return make


@pytest.fixture
def send(driver: NetmikoDriver) -> Run:
    """``send_commands`` with the timeouts of a test."""

    def run(target: DeviceTarget, commands: Sequence[str], **options: Any) -> CommandOutput:
        return sys.modules["driver_calls"].ask(driver, target, *commands, **options)

    return run


@pytest.fixture
def configure(driver: NetmikoDriver) -> Callable[..., ConfigOutput]:
    """``send_config`` with the timeouts of a test, neither saving nor committing unless told."""

    def run(target: DeviceTarget, lines: Sequence[str], **options: Any) -> ConfigOutput:
        return sys.modules["driver_calls"].change(driver, target, lines, **options)

    return run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Paramiko's own thread raises EOFError when a server leaves in the middle of a handshake, which the servers of these
    tests do; what becomes of the connection is told by the driver, and checked there."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"))
