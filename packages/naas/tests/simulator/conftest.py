"""Sessions on devices that have no network: what is typed, what is printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from naas.simulator.device import Device, SimulatedDevice
from naas.simulator.families import shell_of
from naas.simulator.shell import Shell


class Clock:
    """A time that moves when told."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def device_of(clock: Clock) -> Callable[..., SimulatedDevice]:
    """A device by its platform and the other fields of its specification."""

    def make(platform: str = "cisco_ios", **fields: Any) -> SimulatedDevice:
        spec = Device(platform=platform, **fields)
        return SimulatedDevice(spec=spec, host="127.0.0.1", port=22, hostname=spec.name, clock=clock)

    return make


@pytest.fixture
def session(device_of: Callable[..., SimulatedDevice]) -> Callable[..., Shell]:
    """A session after some lines were typed: ``session("cisco_ios", "conf t", name="sw1")``."""

    def make(platform: str, *lines: str, **fields: Any) -> Shell:
        shell = shell_of(device_of(platform, **fields))
        for line in lines:
            shell.answer(line)
        return shell

    return make
