"""Changing configuration on Cisco IOS XR: a candidate, a commit, and ways to fail.

The server's script has what a router prints (Cisco IOS XR command reference, "show commit changes diff"), and shows
what exactly was typed; the simulated router has a candidate of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from driver_calls import change, fetch
from naas.driver.base import ConfigOutput, DeviceFailure, DeviceTarget, ErrorCode
from naas.driver.netmiko import NetmikoDriver
from naas.simulator import SimulatedDevice
from ssh_servers import SshServer, running_server

EXEC, CONFIG = "RP/0/RP0/CPU0:r1#", "RP/0/RP0/CPU0:r1(config)#"
DIFF = """\
Tue Nov 21 10:00:00.123 UTC
Building configuration...
!! IOS XR Configuration 7.3.2
+  ntp
+   server 192.0.2.9
    !
end"""
SCRIPT = {
    "configure terminal": ("", CONFIG),
    "ntp server 192.0.2.9": ("", CONFIG),
    "frobnicate": ("                ^\n% Invalid input detected at '^' marker.", CONFIG),
    "show commit changes diff": (DIFF, CONFIG),
    "commit": ("", CONFIG),
    "abort": ("", EXEC),
    "end": ("", EXEC),
    "no": ("", EXEC),
}

Configure = Callable[..., ConfigOutput]


@pytest.fixture
def router() -> Iterator[SshServer]:
    with running_server(SshServer(username="admin", password="pass-4711", script=dict(SCRIPT), prompt=EXEC)) as server:
        yield server


@pytest.fixture
def configure(router: SshServer) -> Iterator[Configure]:
    with ExitStack() as stack:
        driver = NetmikoDriver()
        stack.callback(driver.close)
        target = DeviceTarget("127.0.0.1", router.port, "cisco_xr", "admin", "pass-4711")

        def run(*lines: str, **options: Any) -> ConfigOutput:
            return change(driver, target, lines, **{"read_timeout": 5.0, "conn_timeout": 5.0, **options})

        yield run


def sent(router: SshServer) -> list[str]:
    return [line for line in router.lines if not line.startswith("terminal ")]


def test_a_dry_run_asks_for_the_difference_and_aborts(router: SshServer, configure: Configure) -> None:
    output = configure("ntp server 192.0.2.9", dry_run=True, commit=True)
    assert output.diff == "!! IOS XR Configuration 7.3.2\n+  ntp\n+   server 192.0.2.9\n    !\nend"
    assert not output.applied
    assert sent(router) == ["configure terminal", "ntp server 192.0.2.9", "show commit changes diff", "abort"]


def test_a_change_shows_its_difference_before_it_commits(router: SshServer, configure: Configure) -> None:
    output = configure("ntp server 192.0.2.9", want_diff=True, commit=True)
    assert "server 192.0.2.9" in str(output.diff)
    assert output.applied
    assert sent(router)[2:] == ["show commit changes diff", "commit", "end"]


def test_a_refused_line_discards_the_candidate(router: SshServer, configure: Configure) -> None:
    with pytest.raises(DeviceFailure, match="the device refused the configuration line 'frobnicate'") as caught:
        configure("ntp server 192.0.2.9", "frobnicate", want_diff=True, commit=True)
    assert caught.value.code is ErrorCode.CONFIG_REJECTED
    assert "(nothing was committed)" in caught.value.message
    assert sent(router)[-1] == "abort"


def test_a_refused_commit_discards_the_candidate(router: SshServer, configure: Configure) -> None:
    failed = "% Failed to commit one or more configuration items during a pseudo-atomic operation."
    router.script = {**SCRIPT, "commit": (failed, CONFIG)}
    with pytest.raises(DeviceFailure, match="Failed to commit one or more") as caught:
        configure("ntp server 192.0.2.9", commit=True)
    assert caught.value.code is ErrorCode.CONFIG_REJECTED
    assert sent(router)[-1] == "abort"


def test_saving_is_refused_where_there_is_nothing_to_save_to(router: SshServer, configure: Configure) -> None:
    with pytest.raises(DeviceFailure, match="'cisco_xr' has no configuration to save to, and nothing was sent"):
        configure("ntp server 192.0.2.9", save_config=True)
    assert router.connections == 0


def test_a_simulated_router_tries_out_and_commits(
    driver: NetmikoDriver, start: Callable[..., SimulatedDevice], target: Callable[..., DeviceTarget]
) -> None:
    where = target(start(platform="cisco_xr", enable=None))
    lines = ["ntp server 192.0.2.9"]
    before = fetch(driver, where)
    tried = change(driver, where, lines, commit=True, dry_run=True)
    assert (tried.applied, "192.0.2.9" in str(tried.diff)) == (False, True)
    assert fetch(driver, where) == before
    done = change(driver, where, lines, commit=True, want_diff=True)
    assert (done.applied, done.diff) == (True, tried.diff)
    assert "192.0.2.9" in fetch(driver, where)
