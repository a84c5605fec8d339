"""How platforms show and compare their configuration: the tables, without a device."""

from __future__ import annotations

import pytest
from naas.driver.base import DeviceFailure, DeviceTarget, ErrorCode
from naas.driver.configs import (
    candidate_of,
    command_to_show,
    family_of,
    refuse_dry_run,
    unified_diff,
    without_volatile_lines,
)

TARGET = DeviceTarget("sw1", 22, "cisco_ios", "admin", "pass-4711")

IOS = """
Building configuration...

Current configuration : 4711 bytes
!
! Last configuration change at 10:00:00 UTC Tue Nov 21 2026 by admin
! NVRAM config last updated at 10:00:01 UTC Tue Nov 21 2026 by admin
!
hostname sw1
ntp clock-period 36028797
end
"""


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            IOS,
            "!\n!\nhostname sw1\nend\n",
        ),
        ("!Command: show running-config\n!Time: Tue Nov 21 10:00:00 2026\n\nversion 9.3(5)\n", "version 9.3(5)\n"),
        ("## Last commit: 2026-11-21 10:00:00 UTC by admin\nversion 22.1;\n", "version 22.1;\n"),
        ("Tue Nov 21 10:00:00.123 UTC\nBuilding configuration...\nhostname r1\n", "hostname r1\n"),
        ("# nov/21/2026 10:00:00 by RouterOS 6.49\n/ip address\n", "/ip address\n"),
        (": Saved\n: Written by admin at 10:00:00\nhostname fw\nCryptochecksum:0f0f 1e\n", "hostname fw\n"),
        ("\r\nhostname sw1\r\n\r\n", "hostname sw1\n"),
        ("", ""),
    ],
    ids=["ios", "nxos", "junos", "xr", "routeros", "asa", "line ends", "nothing"],
)
def test_lines_that_tell_only_the_time_are_left_out(text: str, kept: str) -> None:
    assert without_volatile_lines(text) == kept


def test_cleaning_twice_changes_nothing_more() -> None:
    once = without_volatile_lines(IOS)
    assert without_volatile_lines(once) == once


@pytest.mark.parametrize(
    ("platform", "running", "startup"),
    [
        ("cisco_ios", "show running-config", "show startup-config"),
        ("cisco_ios_telnet", "show running-config", "show startup-config"),
        ("arista_eos_ssh", "show running-config", "show startup-config"),
        ("hp_procurve", "show running-config", "show config"),
        ("huawei", "display current-configuration", "display saved-configuration"),
        ("vyos", "show configuration commands", "show configuration commands"),
    ],
)
def test_each_platform_shows_its_configuration_in_its_own_words(platform: str, running: str, startup: str) -> None:
    assert command_to_show(TARGET, platform, startup=False) == running
    assert command_to_show(TARGET, platform, startup=True) == startup


@pytest.mark.parametrize(
    ("platform", "startup", "says"),
    [
        (
            "linux",
            False,
            "platform 'linux' has no known command for its running configuration; send the platform's own",
        ),
        ("juniper_junos", True, "no known command for its startup configuration; fetch the running configuration"),
    ],
)
def test_what_cannot_be_shown_says_what_to_do(platform: str, startup: bool, says: str) -> None:
    with pytest.raises(DeviceFailure, match="sw1:22: ") as caught:
        command_to_show(TARGET, platform, startup=startup)
    assert caught.value.code is ErrorCode.UNKNOWN
    assert says in caught.value.message


def test_a_diff_is_unified_and_empty_if_nothing_changed() -> None:
    assert unified_diff("a\nb\n", "a\nb\n") == ""
    assert unified_diff("a\nb\n", "a\nc\n") == "--- before\n+++ after\n@@ -1,2 +1,2 @@\n a\n-b\n+c"


def test_platforms_without_a_candidate_are_told_what_to_do_instead() -> None:
    assert candidate_of("cisco_ios") is None
    failure = refuse_dry_run(TARGET, "cisco_ios")
    assert failure.code is ErrorCode.CONFIG_REJECTED
    assert "nothing was sent; take `diff` with the real change instead" in failure.message
    assert "arista_eos, cisco_xr, juniper" in failure.message


def test_how_a_platform_is_reached_is_no_part_of_its_family() -> None:
    assert [family_of(name) for name in ("cisco_ios", "cisco_ios_ssh", "cisco_ios_telnet")] == ["cisco_ios"] * 3
