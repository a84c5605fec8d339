"""The Netmiko driver against simulated devices: real SSH on loopback, both ways to use it, and all ways to fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from driver_calls import ask, fetch
from naas.driver.base import Cancelled, CommandOutput, ConfigOutput, DeviceFailure, DeviceTarget, ErrorCode
from naas.driver.netmiko import NetmikoDriver
from naas.driver.options import DriverOptions
from naas.simulator import Device, SimulatedDevice, running_farm
from naas.simulator.platforms import platform_names

Start = Callable[..., SimulatedDevice]
Target = Callable[..., DeviceTarget]
Send = Callable[..., CommandOutput]
Configure = Callable[..., ConfigOutput]

PASSWORD, ENABLE = "pass-4711", "enable-0815"
PATIENT: dict[str, Any] = {"read_timeout": 15.0, "conn_timeout": 15.0, "should_stop": lambda: False}
SECRETS = (PASSWORD, ENABLE, "wrong-password", "wrong-enable")


def failure_of(action: Callable[[], object]) -> DeviceFailure:
    """The failure of ``action``, which shows no secret, neither itself nor in what caused it."""
    with pytest.raises(DeviceFailure) as caught:
        action()
    failure = caught.value
    for shown in (str(failure), repr(failure), failure.message):
        assert not [secret for secret in SECRETS if secret in shown]
    return failure


# Commands


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("cisco_ios", "Cisco IOS Software"),
        ("arista_eos", "Arista DCS-7050TX-64-R"),
        ("juniper_junos", "JUNOS Software Release"),
    ],
)
def test_output_comes_without_echo_and_prompt(
    start: Start, target: Target, send: Send, platform: str, expected: str
) -> None:
    text = send(target(start(platform=platform)), ["show version"]).results["show version"]
    assert expected in text
    assert "show version" not in text
    assert not text.rstrip().endswith(("#", ">"))


@pytest.mark.parametrize("platform", platform_names())
def test_every_simulated_platform_is_asked_configured_and_backed_up(
    start: Start, target: Target, send: Send, configure: Configure, driver: NetmikoDriver, platform: str
) -> None:
    enable = None if platform in {"cisco_xr", "juniper_junos"} else ENABLE  # these two know no enable mode
    where = target(start(platform=platform, enable=enable), enable=enable)
    assert send(where, ["show version"]).results["show version"]
    line = "set system services netconf" if platform == "juniper_junos" else "snmp-server contact ann"
    change = configure(where, [line], commit=platform in {"cisco_xr", "juniper_junos"}, want_diff=True)
    assert line.split()[-1] in str(change.diff)
    assert line.split()[-1] in fetch(driver, where)


def test_commands_run_in_order_and_are_answered_by_name(start: Start, target: Target, send: Send) -> None:
    commands = ["show version", "show clock", "show ip interface brief"]
    output = send(target(start()), commands)
    assert list(output.results) == commands
    assert "Vlan1" in output.results["show ip interface brief"]
    assert output.detected_platform is None


def test_a_complaint_of_the_device_is_output_too(start: Start, target: Target, send: Send) -> None:
    """A show command that the device does not know is its answer, not our failure (naas v2)."""
    output = send(target(start()), ["show nonsense"])
    assert "% Invalid input detected" in output.results["show nonsense"]


@pytest.mark.parametrize(
    ("enable", "level"), [("enable-0815", "15"), (None, "1")], ids=["with an enable secret", "without"]
)
def test_privileged_mode_is_entered_only_with_an_enable_secret(
    start: Start, target: Target, send: Send, enable: str | None, level: str
) -> None:
    output = send(target(start(), enable=enable), ["show privilege"])
    assert output.results["show privilege"] == f"Current privilege level is {level}"


def test_a_privileged_account_needs_no_enable_secret(start: Start, target: Target, send: Send) -> None:
    output = send(target(start(enable=None), enable=None), ["show running-config"])
    assert "hostname sw1" in output.results["show running-config"]


def test_configuring_does_not_lend_privilege_to_later_commands(
    start: Start, target: Target, send: Send, configure: Configure
) -> None:
    """send_config enters privileged mode by itself; a job without enable must not find itself there."""
    where = target(start(enable=PASSWORD), enable=None)
    configure(where, ["ntp server 192.0.2.9"])
    assert send(where, ["show privilege"]).results["show privilege"].endswith(" 1")


def test_expect_string_ends_the_output_instead_of_the_prompt(start: Start, target: Target, send: Send) -> None:
    output = send(target(start()), ["reload"], expect_string=r"\[confirm\]")
    assert output.results["reload"] == "Proceed with reload? [confirm]"


def test_a_session_left_at_a_question_is_not_used_again(start: Start, target: Target, send: Send) -> None:
    """And is cut without a word: logging out would press Return, and Return confirms."""
    device = start()
    send(target(device), ["reload"], expect_string=r"\[confirm\]")
    assert device.counters.reloads == 0
    assert "Cisco IOS" in send(target(device), ["show version"]).results["show version"]
    assert device.counters.connections == 2


def test_a_changed_terminal_is_not_handed_on(start: Start, target: Target, send: Send) -> None:
    """After ``terminal length 10`` the next job's answer would stop at --More--."""
    where = target(start())
    send(where, ["terminal length 10"])
    assert "Configuration register" in send(where, ["show version"]).results["show version"]


# Configuration


@pytest.mark.parametrize(
    ("platform", "lines", "shown"),
    [
        ("cisco_ios", ["interface Gi0/1", "description to-core"], " description to-core"),
        ("arista_eos", ["interface Ethernet1", "description to-core"], "   description to-core"),
    ],
)
def test_configuration_takes_effect_and_is_saved(
    start: Start, target: Target, send: Send, configure: Configure, platform: str, lines: list[str], shown: str
) -> None:
    device = start(platform=platform)
    printed = configure(target(device), lines, save_config=True).text
    assert all(line in printed for line in lines)
    assert shown in send(target(device), ["show running-config"]).results["show running-config"]
    assert device.startup == device.running
    assert device.counters.connections == 1


def test_configuration_is_not_saved_unless_asked(start: Start, target: Target, configure: Configure) -> None:
    device = start()
    configure(target(device), ["ntp server 192.0.2.9"])
    assert "ntp server 192.0.2.9" in device.running[""]
    assert "ntp server 192.0.2.9" not in device.startup[""]


@pytest.mark.parametrize("commit", [True, False], ids=["committed", "left alone"])
def test_a_candidate_takes_effect_on_commit(start: Start, target: Target, configure: Configure, commit: bool) -> None:
    device = start(platform="juniper_junos")
    line = "set system services netconf"
    configure(target(device), [line], commit=commit)
    assert (line in device.running[""]) is commit


@pytest.mark.parametrize(
    ("platform", "options", "says"),
    [
        ("cisco_ios", {"commit": True}, "'cisco_ios' knows no commit, and nothing was sent; leave out `commit`"),
        ("juniper_junos", {"save_config": True}, "has no configuration to save to, and nothing was sent"),
    ],
    ids=["commit", "save"],
)
def test_what_a_platform_cannot_do_is_refused_before_anything_is_sent(
    start: Start, target: Target, configure: Configure, platform: str, options: dict[str, bool], says: str
) -> None:
    """The existing service ignores these in silence (naas v2, section 3)."""
    device = start(platform=platform)
    failure = failure_of(lambda: configure(target(device), ["x"], **options))
    assert failure.code is ErrorCode.CONFIG_REJECTED
    assert says in failure.message
    assert device.counters.connections == 0


@pytest.mark.parametrize(
    ("platform", "lines", "line", "words"),
    [
        ("cisco_ios", ["interface Gi0/1", "frobnicate"], "frobnicate", "% Invalid input detected at '^' marker."),
        ("cisco_ios", ["interface Gi0/1", "ip address 999.0.0.1 255.0.0.0"], "ip address 999.0.0.1", "% Invalid input"),
        ("arista_eos", ["frobnicate"], "frobnicate", "% Invalid input"),
        ("juniper_junos", ["frobnicate"], "frobnicate", "unknown command"),
    ],
)
def test_a_refused_line_is_named_with_the_device_s_words(
    start: Start, target: Target, configure: Configure, platform: str, lines: list[str], line: str, words: str
) -> None:
    device = start(platform=platform)
    failure = failure_of(lambda: configure(target(device), lines, save_config=platform != "juniper_junos"))
    assert failure.code is ErrorCode.CONFIG_REJECTED
    assert not failure.retryable
    assert line in failure.message
    assert words in failure.message


def test_a_refused_commit_changes_nothing(start: Start, target: Target, configure: Configure) -> None:
    device = start(platform="juniper_junos")
    line = "set interfaces ge-0/0/1 unit 0 family inet address 999.0.0.1/24"
    failure = failure_of(lambda: configure(target(device), [line], commit=True))
    assert failure.code is ErrorCode.CONFIG_REJECTED
    assert "error: invalid ip address in: set interfaces ge-0/0/1" in failure.message
    assert "(while committing)" in failure.message
    assert line not in device.running[""]


def test_a_refused_configuration_leaves_the_pool_clean(
    start: Start, target: Target, send: Send, configure: Configure, driver: NetmikoDriver
) -> None:
    """Netmiko leaves the session in configuration mode; the next job must not find it there."""
    device = start()
    failure_of(lambda: configure(target(device), ["frobnicate"]))
    assert (driver.pool_stats.idle, driver.pool_stats.leased) == (0, 0)
    assert send(target(device), ["show privilege"]).results["show privilege"].endswith(" 15")


def test_a_refused_line_does_not_show_the_secret_it_sets(start: Start, target: Target, configure: Configure) -> None:
    failure = failure_of(lambda: configure(target(start()), ["frobnicate password 7 enable-0815"]))
    assert "'frobnicate password 7 ***'" in failure.message


def test_a_new_hostname_does_not_confuse_later_jobs(
    start: Start, target: Target, send: Send, configure: Configure
) -> None:
    """Sessions wait for the prompt they know, and the prompt has changed."""
    device = start()
    where = target(device)
    send(where, ["show version"])
    with ThreadPoolExecutor(2) as threads:  # two sessions, so that one stays idle while the other renames the device
        for running in [threads.submit(send, where, ["show slow 0.2"]) for _ in range(2)]:
            running.result()
    configure(where, ["hostname new-name"], save_config=True)
    for _ in range(2):
        assert "new-name uptime" in send(where, ["show version"]).results["show version"]


# Failures


def test_a_wrong_password_is_an_authentication_failure(start: Start, target: Target, send: Send) -> None:
    device = start()
    failure = failure_of(lambda: send(target(device, password="wrong-password"), ["show version"]))
    assert failure.code is ErrorCode.AUTH_FAILURE
    assert not failure.retryable
    assert f"127.0.0.1:{device.port}: the device refused user 'admin'" in failure.message
    assert device.counters.failed_logins == 1


def test_a_wrong_enable_secret_is_noticed_at_once(start: Start, target: Target, send: Send) -> None:
    """Netmiko alone takes ten seconds to see that the device asks again."""
    device = start()
    started = time.perf_counter()
    failure = failure_of(lambda: send(target(device, enable="wrong-enable"), ["show version"]))
    assert failure.code is ErrorCode.AUTH_FAILURE
    assert "check the `enable` secret" in failure.message
    assert time.perf_counter() - started < 9


def test_a_session_that_timed_out_is_not_used_again(start: Start, target: Target, send: Send) -> None:
    """Its answer would arrive in the middle of the next job."""
    device = start()
    failure_of(lambda: send(target(device), ["show slow 1.2"], read_timeout=1.0))
    time.sleep(0.3)
    assert send(target(device), ["show slow 0"]).results == {"show slow 0": "slow done"}
    assert device.counters.connections == 2


def test_an_expect_string_that_is_no_pattern_is_refused_without_connecting(
    start: Start, target: Target, send: Send
) -> None:
    device = start()
    failure = failure_of(lambda: send(target(device), ["reload"], expect_string="[confirm"))
    assert "`expect_string` '[confirm' is not a regular expression" in failure.message
    assert device.counters.connections == 0


def test_an_expect_string_that_searches_for_years_fails_its_own_job_only(
    start: Start, target: Target, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naas.driver.patterns.SEARCH_SECONDS", 0.2)
    failure = failure_of(lambda: send(target(start()), ["show bulk 5"], expect_string="(x|xx)+y"))
    assert (failure.code, failure.retryable) == (ErrorCode.UNKNOWN, False)
    assert "write `expect_string` without repeats inside repeats" in failure.message


@pytest.mark.parametrize("commands", [["show bulk 2000"], ["show bulk 300"] * 4], ids=["one answer", "together"])
def test_a_device_that_does_not_stop_talking_is_cut_off(
    start: Start,
    target: Target,
    send: Send,
    driver: NetmikoDriver,
    monkeypatch: pytest.MonkeyPatch,
    commands: list[str],
) -> None:
    """Its answer must not fill the memory that all jobs share."""
    for module in ("reading", "pooled"):
        monkeypatch.setattr(f"naas.driver.{module}.LONGEST_OUTPUT", 50_000)
    numbered = [f"{command}{index}" for index, command in enumerate(commands)]
    failure = failure_of(lambda: send(target(start()), numbered))
    assert failure.code is ErrorCode.UNKNOWN
    assert "ask for less with each job" in failure.message
    assert driver.pool_stats.idle == 0


def test_an_unknown_platform_is_refused_without_connecting(start: Start, target: Target, send: Send) -> None:
    device = start()
    failure = failure_of(lambda: send(target(device, platform="cisco_toaster"), ["show version"]))
    assert failure.code is ErrorCode.UNKNOWN
    assert "no platform is called 'cisco_toaster'" in failure.message
    assert device.counters.connections == 0


# Warm sessions


def test_twenty_jobs_need_one_connection(start: Start, target: Target, send: Send) -> None:
    device = start()
    for _ in range(20):
        send(target(device), ["show version"])
    assert device.counters.connections == 1


def test_another_user_never_gets_a_warm_session(start: Start, target: Target, send: Send) -> None:
    device = start()
    send(target(device), ["show version"])
    failure_of(lambda: send(target(device, password="wrong-password"), ["show version"]))
    assert device.counters.failed_logins == 1


def test_a_dropped_connection_is_noticed_and_replaced(driver: NetmikoDriver, target: Target, send: Send) -> None:
    with running_farm([Device(password="pass-4711", enable="enable-0815")]) as farm:
        where = target(farm.devices[0])
        send(where, ["show version"])
        farm.drop_connections()
        idle = next(iter(driver._pool._idle._all)).session
        give_up_at = time.monotonic() + 10
        while idle.is_alive(0) and time.monotonic() < give_up_at:  # until the news has crossed the loopback
            time.sleep(0.01)
        assert "Cisco IOS" in send(where, ["show version"]).results["show version"]
        assert farm.devices[0].counters.connections == 2
        assert driver.pool_stats.dropped == 1


def test_a_long_idle_session_shows_its_prompt_before_it_is_used(
    start: Start, target: Target, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naas.driver.session.VERIFY_AFTER_SECONDS", 0.0)
    monkeypatch.setattr("naas.driver.session.VERIFY_SECONDS", 0.5)
    device = start()
    for _ in range(3):
        send(target(device), ["show version"])
    assert device.counters.connections == 1
    device.hostname = "renamed-behind-our-back"
    send(target(device), ["show version"])
    assert device.counters.connections == 2


def test_twenty_devices_are_served_at_once(driver: NetmikoDriver, target: Target, send: Send) -> None:
    """Each device takes half a second to answer: one after the other would be ten seconds."""
    devices = [Device(name=f"sw{number}", password="pass-4711", enable="enable-0815") for number in range(20)]
    with running_farm(devices) as farm, ThreadPoolExecutor(20) as threads:
        targets = [target(device) for device in farm.devices]
        list(threads.map(send, targets, [["show version"]] * 20))
        started = time.perf_counter()
        outputs = list(threads.map(send, targets, [["show slow 0.5", "show version"]] * 20))
        assert time.perf_counter() - started < 8
        for number, output in enumerate(outputs):
            assert f"sw{number} uptime" in output.results["show version"]
        assert {device.counters.connections for device in farm.devices} == {1}
        driver.close()


def test_nothing_is_left_of_sessions_that_ended(target: Target) -> None:
    """Neither threads nor sockets: evicted, failed, refused and closed ones alike."""
    before = threading.active_count(), open_sockets()
    driver = NetmikoDriver(DriverOptions(connection_pool_max_size=2))
    devices = [Device(name=f"sw{number}", password=PASSWORD, enable=ENABLE) for number in range(6)]
    with running_farm(devices) as farm:
        for device in farm.devices:
            send_to(driver, target(device), "show version")
        failure_of(lambda: send_to(driver, target(farm.devices[0], password="wrong-password"), "show version"))
        failure_of(lambda: send_to(driver, target(farm.devices[0], enable="wrong-enable"), "show version"))
        driver.close()
    give_up_at = time.monotonic() + 10
    while (threading.active_count(), open_sockets()) > before and time.monotonic() < give_up_at:
        time.sleep(0.02)
    assert (threading.active_count(), open_sockets()) <= before


def open_sockets() -> int:
    return sum(entry.readlink().name.startswith("socket:") for entry in _descriptors())


def _descriptors() -> list[Path]:
    # A descriptor of the listing itself is gone by the time we look.
    return [entry for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]


def send_to(driver: NetmikoDriver, where: DeviceTarget, command: str) -> None:
    ask(driver, where, command, read_timeout=5.0, conn_timeout=5.0)


def test_closing_logs_out_of_every_device(start: Start, target: Target, send: Send, driver: NetmikoDriver) -> None:
    device = start()
    send(target(device), ["show version"])
    driver.close()
    give_up_at = time.monotonic() + 5
    while device.counters.open_sessions and time.monotonic() < give_up_at:
        time.sleep(0.01)
    assert device.counters.open_sessions == 0
    assert "going down" in failure_of(lambda: send(target(device), ["show version"])).message


# Cancelling


def test_a_cancelled_job_sends_nothing(start: Start, target: Target, send: Send, configure: Configure) -> None:
    device = start()
    with pytest.raises(Cancelled):
        send(target(device), ["show version"], should_stop=lambda: True)
    with pytest.raises(Cancelled):
        configure(target(device), ["hostname x"], should_stop=lambda: True)
    assert device.counters.connections == 0


def test_cancelling_stops_before_the_next_command(
    start: Start, target: Target, send: Send, driver: NetmikoDriver
) -> None:
    device = start()
    answers = iter([False, False, True, True])
    with pytest.raises(Cancelled):
        send(target(device), ["show clock", "show version"], should_stop=lambda: next(answers))
    assert driver.pool_stats.idle == 0
