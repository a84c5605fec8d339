"""What every driver promises (:class:`naas.driver.base.DeviceDriver`): one suite over all of them.

The real drivers talk SSH to simulated devices; the scripted one, which the service's own tests stand on, has to keep
the same promises, or those tests would prove nothing.
"""

from __future__ import annotations

import dataclasses
import pickle
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest
from driver_calls import ask, change, fetch
from naas.driver.base import (
    Cancelled,
    CommandOutput,
    ConfigOutput,
    DeviceDriver,
    DeviceFailure,
    DeviceTarget,
    ErrorCode,
)
from naas.driver.choice import DRIVERS, DriverSet
from naas.simulator import Device, SimulatedDevice, running_farm
from naas.testing import ScriptedDriver

PASSWORD, ENABLE = "pass-4711", "enable-0815"
LINES = {
    "cisco_ios": "ntp server 192.0.2.9",
    "arista_eos": "ntp server 192.0.2.9",
    "juniper_junos": "set system services netconf",
}
WORD = {"cisco_ios": "192.0.2.9", "arista_eos": "192.0.2.9", "juniper_junos": "netconf"}
REAL = sorted(DRIVERS)


class World:
    """A driver, and devices that it can talk to."""

    def __init__(self, name: str, farms: ExitStack) -> None:
        self.name = name
        self._farms = farms
        self.devices: list[SimulatedDevice] = []
        self._drop: list[Callable[[], None]] = []
        self.driver: DeviceDriver = (
            ScriptedDriver(script={"show slow 9": _TOO_SLOW}) if name == "scripted" else DriverSet()
        )

    def device(self, platform: str = "cisco_ios", **fields: Any) -> DeviceTarget:
        """Start a device and say how to reach it."""
        if self.name == "scripted":
            return DeviceTarget("192.0.2.1", 22, platform, "admin", PASSWORD, ENABLE)
        specification: dict[str, Any] = {"password": PASSWORD, "enable": ENABLE, "platform": platform, **fields}
        farm = self._farms.enter_context(running_farm([Device(**specification)]))
        self._drop.append(farm.drop_connections)
        (device,) = farm.devices
        self.devices.append(device)
        return DeviceTarget(device.host, device.port, platform, "admin", PASSWORD, ENABLE, driver=self.name)

    def drop_connections(self) -> None:
        for drop in self._drop:
            drop()

    def send(self, target: DeviceTarget, commands: Sequence[str], **options: Any) -> CommandOutput:
        return ask(self.driver, target, *commands, **options)

    def configure(self, target: DeviceTarget, lines: Sequence[str], **options: Any) -> ConfigOutput:
        return change(self.driver, target, lines, **options)

    def fetch(self, target: DeviceTarget, **options: Any) -> str:
        return fetch(self.driver, target, **options)


_TOO_SLOW = DeviceFailure(ErrorCode.CONNECTION_TIMEOUT, "no answer in time while running 'show slow 9'; check it")


@pytest.fixture(params=["scripted", *REAL])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with ExitStack() as farms:
        world = World(request.param, farms)
        yield world
        world.driver.close()


@pytest.fixture(params=REAL)
def real(request: pytest.FixtureRequest) -> Iterator[World]:
    with ExitStack() as farms:
        world = World(request.param, farms)
        yield world
        world.driver.close()


def failure_of(action: Callable[[], object]) -> DeviceFailure:
    with pytest.raises(DeviceFailure) as caught:
        action()
    failure = caught.value
    for shown in (str(failure), repr(failure)):
        assert not [secret for secret in (PASSWORD, ENABLE, "wrong-password") if secret in shown]
    assert (failure.code, failure.message) == (pickle.loads(pickle.dumps(failure)).code, str(failure))
    return failure


# Commands


def test_each_output_is_told_as_soon_as_it_is_there(world: World) -> None:
    told: list[tuple[str, str]] = []
    commands = ["show version", "show clock"]
    output = world.send(world.device(), commands, on_output=lambda command, text: told.append((command, text)))
    assert list(output.results) == commands
    assert told == list(output.results.items())


def test_what_came_before_a_failure_is_kept(world: World) -> None:
    told: list[str] = []
    target = world.device()
    failure = failure_of(
        lambda: world.send(
            target,
            ["show version", "show clock", "show slow 9", "show privilege"],
            read_timeout=1.0,
            on_output=lambda command, _: told.append(command),
        )
    )
    assert (failure.code, failure.retryable) == (ErrorCode.CONNECTION_TIMEOUT, True)
    assert list(failure.partial) == told == ["show version", "show clock"]
    assert "no answer in time while running 'show slow 9'" in failure.message


def test_what_came_before_cancelling_is_kept(world: World) -> None:
    told: list[str] = []
    target = world.device()
    with pytest.raises(Cancelled) as caught:
        world.send(
            target,
            ["show version", "show clock"],
            should_stop=lambda: bool(told),
            on_output=lambda command, _: told.append(command),
        )
    assert list(caught.value.partial) == told == ["show version"]


def test_a_cancelled_job_does_nothing(world: World) -> None:
    target = world.device()
    for action in (
        lambda: world.send(target, ["show version"], should_stop=lambda: True),
        lambda: world.configure(target, ["hostname x"], should_stop=lambda: True),
        lambda: world.fetch(target, should_stop=lambda: True),
    ):
        with pytest.raises(Cancelled):
            action()
    assert not [device for device in world.devices if device.counters.logins]


def test_an_error_of_who_listens_ends_the_job(world: World) -> None:
    def fall_over(command: str, text: str) -> None:
        raise RuntimeError("the store is full")

    target = world.device()
    with pytest.raises(RuntimeError, match="the store is full"):
        world.send(target, ["show version"], on_output=fall_over)
    assert world.send(target, ["show clock"]).results


# Configuration


@pytest.mark.parametrize("platform", LINES)
def test_a_change_is_shown_as_a_difference(world: World, platform: str) -> None:
    target = world.device(platform)
    output = world.configure(target, [LINES[platform]], commit=platform == "juniper_junos", want_diff=True)
    assert output.applied
    assert output.diff is not None
    added = [line for line in output.diff.splitlines() if line.startswith("+") and WORD[platform] in line]
    assert added
    assert WORD[platform] in world.fetch(target)


def test_a_change_has_no_difference_unless_asked(world: World) -> None:
    output = world.configure(world.device(), [LINES["cisco_ios"]])
    assert (output.diff, output.applied) == (None, True)
    assert LINES["cisco_ios"] in output.text


@pytest.mark.parametrize("platform", ["arista_eos", "juniper_junos"])
def test_a_dry_run_changes_nothing(world: World, platform: str) -> None:
    target = world.device(platform)
    before = world.fetch(target)
    output = world.configure(target, [LINES[platform]], dry_run=True, commit=platform == "juniper_junos")
    assert not output.applied
    assert output.diff is not None
    assert WORD[platform] in output.diff
    assert world.fetch(target) == before
    if platform == "juniper_junos":
        again = world.configure(target, ["set system services ftp"], commit=True, want_diff=True)
        assert WORD[platform] not in str(again.diff), "nothing was left in the candidate"


def test_a_dry_run_is_refused_where_there_is_none_before_anything_is_sent(world: World) -> None:
    target = world.device("cisco_ios")
    failure = failure_of(lambda: world.configure(target, ["hostname x"], dry_run=True))
    assert failure.code is ErrorCode.CONFIG_REJECTED
    assert "nothing was sent; take `diff` with the real change instead" in failure.message
    assert not [device for device in world.devices if device.counters.connections]


@pytest.mark.parametrize("platform", LINES)
def test_the_configuration_is_the_same_as_long_as_nobody_changes_it(world: World, platform: str) -> None:
    target = world.device(platform)
    first = world.fetch(target)
    assert first == world.fetch(target)
    assert first.endswith("\n")
    assert "configuration :" not in first
    assert not first.startswith("\n")


def test_a_platform_that_shows_no_configuration_says_what_to_do(world: World) -> None:
    target = world.device("juniper_junos")
    failure = failure_of(lambda: world.fetch(target, startup=True))
    assert "no known command for its startup configuration; fetch the running configuration" in failure.message


def test_closing_twice_is_closing_once(world: World) -> None:
    world.send(world.device(), ["show version"])
    world.driver.close()
    world.driver.close()


# Real devices: the ways to fail


def test_a_wrong_password_is_an_authentication_failure(real: World) -> None:
    target = dataclasses.replace(real.device(), password="wrong-password")
    failure = failure_of(lambda: real.send(target, ["show version"]))
    assert (failure.code, failure.retryable) == (ErrorCode.AUTH_FAILURE, False)
    assert "the device refused user 'admin'" in failure.message


def test_a_refused_port_is_a_retryable_failure(real: World) -> None:
    target = real.device()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = dataclasses.replace(target, port=unused.getsockname()[1])
        failure = failure_of(lambda: real.send(nowhere, ["show version"]))
    assert (failure.code, failure.retryable) == (ErrorCode.CONNECTION_TIMEOUT, True)
    assert "the connection was refused" in failure.message


def test_a_silent_server_is_given_up_in_time(real: World) -> None:
    target = real.device()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nowhere = dataclasses.replace(target, port=silent.getsockname()[1])
        started = time.perf_counter()
        failure = failure_of(lambda: real.send(nowhere, ["show version"], conn_timeout=1.0))
    assert failure.retryable
    assert 0.9 < time.perf_counter() - started < 10


@pytest.mark.parametrize(
    ("platform", "words"),
    [("cisco_ios", "% Invalid input"), ("arista_eos", "% Invalid input"), ("juniper_junos", "unknown command")],
)
def test_a_refused_line_is_named_with_the_device_s_words(real: World, platform: str, words: str) -> None:
    target = real.device(platform)
    for options in ({}, {"want_diff": True} if platform == "cisco_ios" else {"dry_run": True}):
        failure = failure_of(lambda options=options: real.configure(target, ["frobnicate"], **options))
        assert failure.code is ErrorCode.CONFIG_REJECTED
        assert "frobnicate" in failure.message
        assert words in failure.message
    assert real.send(target, ["show version"]).results, "the pool is clean"


def test_a_lost_connection_is_an_ssh_error_at_once(real: World) -> None:
    target = real.device()
    threading.Timer(0.5, real.drop_connections).start()
    started = time.perf_counter()
    failure = failure_of(lambda: real.send(target, ["show version", "show slow 30"], read_timeout=30.0))
    assert (failure.code, failure.retryable) == (ErrorCode.SSH_ERROR, True)
    assert list(failure.partial) == ["show version"]
    assert time.perf_counter() - started < 15


def test_cancelling_abandons_a_running_command(real: World) -> None:
    target, stop = real.device(), threading.Event()
    threading.Timer(0.5, stop.set).start()
    started = time.perf_counter()
    with pytest.raises(Cancelled):
        real.send(target, ["show slow 30"], read_timeout=30.0, should_stop=stop.is_set)
    assert time.perf_counter() - started < 10


def test_twenty_jobs_need_one_login(real: World) -> None:
    target = real.device()
    for _ in range(20):
        assert "Cisco IOS" in real.send(target, ["show version"]).results["show version"]
    assert real.devices[0].counters.logins == 1
