"""How each platform shows, compares and tries out its configuration. Tables and pure functions, no connection.

A configuration that is kept and compared must not change by being looked at, so lines that only tell the time are
left out: "Last configuration change at", "Current configuration : 4711 bytes" and their kin.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from naas.driver.base import DeviceFailure, DeviceTarget, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Candidate",
    "candidate_of",
    "command_to_show",
    "family_of",
    "refuse_dry_run",
    "unified_diff",
    "without_volatile_lines",
]


@dataclass(frozen=True, slots=True)
class Shown:
    """The commands that show the running configuration and the one the device starts with; None: there is none."""

    running: str
    startup: str | None = None


_CISCO: Final = Shown("show running-config", "show startup-config")
_VYATTA: Final = Shown("show configuration commands", "show configuration commands")
_HUAWEI: Final = Shown("display current-configuration", "display saved-configuration")

# From the vendors' command references. A platform that is not here has to be asked by `send-command`: a wrong guess
# would be kept as a backup that restores nothing.
_SHOWN: Final[Mapping[str, Shown]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "cisco_ios",
                "cisco_xe",
                "cisco_nxos",
                "cisco_asa",
                "cisco_ftd",
                "cisco_s300",
                "cisco_s500",
                "cisco_ioswlc",
                "arista_eos",
                "allied_telesis_awplus",
                "aruba_aoscx",
                "dell_dnos9",
                "dell_force10",
                "dell_os6",
                "dell_os9",
                "dell_powerconnect",
                "ruijie_os",
                "zte_zxros",
                "ubiquiti_edgeswitch",
                "ubiquiti_edge",
                "extreme_slx",
                "extreme_vdx",
                "extreme_nos",
                "brocade_nos",
                "brocade_vdx",
                "ipinfusion_ocnos",
            ),
            _CISCO,
        ),
        **dict.fromkeys(("vyos", "vyatta_vyos", "brocade_vyos", "ubiquiti_edgerouter"), _VYATTA),
        **dict.fromkeys(("huawei", "huawei_vrp", "huawei_vrpv8", "hp_comware", "h3c_comware"), _HUAWEI),
        **dict.fromkeys(
            ("hp_procurve", "aruba_procurve", "aruba_osswitch"), Shown("show running-config", "show config")
        ),
        **dict.fromkeys(("juniper", "juniper_junos"), Shown("show configuration")),
        **dict.fromkeys(("nokia_sros", "alcatel_sros"), Shown("admin display-config")),
        **dict.fromkeys(("brocade_fastiron", "ruckus_fastiron"), Shown("show running-config", "show configuration")),
        "cisco_xr": Shown("show running-config"),
        "dell_os10": Shown("show running-configuration", "show startup-configuration"),
        "extreme_exos": Shown("show configuration"),
        "fortinet": Shown("show full-configuration"),
        "mikrotik_routeros": Shown("/export"),
        "paloalto_panos": Shown("show config running"),
        "checkpoint_gaia": Shown("show configuration"),
        "cisco_wlc": Shown("show run-config commands"),
    }
)

# Each pattern is a whole line. One list for all: a line such as these carries no configuration on any platform.
_VOLATILE: Final = re.compile(
    "|".join(
        (
            r"Building configuration\.\.\.",
            r"Current configuration ?:.*",
            r"(?:Running|Startup) configuration:.*",
            r"Using \d+ (?:out of \d+ )?bytes.*",
            r"!+ ?(?:Last configuration change|NVRAM config last updated) at .*",
            r"!+ ?No configuration change since last restart",
            r"!Last configuration was (?:saved|updated) at .*",
            r"! Startup-config last modified at .*",
            r"! ?Command: show .*",
            r"!(?:Time|Running configuration last done at|Startup config saved at): .*",
            r"ntp clock-period \d+",
            r": Saved",
            r": Written by .* at .*",
            r"Cryptochecksum:[0-9a-f ]+",
            r"## Last (?:commit|changed): .*",
            r"# \S+ \S+ by RouterOS .*",
            r"# (?:Generated|Finished) \w{3} \w{3} +\d+ .*",
            # Cisco IOS XR tells the time before every answer: "Tue Nov 21 10:00:00.123 UTC".
            r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} +\d{1,2} [\d:.]+ \S+",
        )
    )
)


def family_of(platform: str) -> str:
    """Return the platform without how it is reached: ``cisco_ios`` for ``cisco_ios_telnet``."""
    return platform.removesuffix("_ssh").removesuffix("_telnet")


def command_to_show(target: DeviceTarget, platform: str, *, startup: bool) -> str:
    """Return the command by which ``platform`` shows its running configuration, or the one it starts with.

    Raises:
        DeviceFailure: ``UNKNOWN``: the platform has none that we know.
    """
    shown = _SHOWN.get(family_of(platform))
    command = None if shown is None else (shown.startup if startup else shown.running)
    if command is not None:
        return command
    which = "startup" if startup else "running"
    advice = "fetch the running configuration" if shown is not None else "send the platform's own command instead"
    message = f"{target.address}: platform {platform!r} has no known command for its {which} configuration; {advice}"
    raise DeviceFailure(ErrorCode.UNKNOWN, message)


def without_volatile_lines(text: str) -> str:
    """Return a configuration without the lines that change though it does not, and without blank lines around it.

    Line ends are one newline each, and the last line has one, so that equal configurations are equal texts.
    """
    kept = [line.rstrip() for line in text.splitlines() if not _VOLATILE.fullmatch(line.strip())]
    body = "\n".join(kept).strip("\n")
    return f"{body}\n" if body else ""


def unified_diff(before: str, after: str) -> str:
    """Return what changed between two configurations, as a unified diff; empty if nothing did."""
    changed = difflib.unified_diff(
        before.splitlines(), after.splitlines(), fromfile="before", tofile="after", lineterm=""
    )
    return "\n".join(changed)


@dataclass(frozen=True, slots=True)
class Candidate:
    """How a platform tries a configuration out before it takes effect: the commands, in the order they are used."""

    compare: str
    """Shows what the candidate would change."""
    discard: str
    """Drops the candidate; afterwards the session is in configuration mode, or has left it."""
    to_try: str | None = None
    """Opens it for a dry run; None: the platform's usual way. ``{name}`` names the session."""
    to_change: str | None = None
    """Opens it for a real change, where the usual way would put every line in force at once."""
    commit: str | None = None
    """Puts it in force, where Netmiko's class for the platform does not know how."""


_EOS_SESSION: Final = "configure session {name}"

_CANDIDATES: Final[Mapping[str, Candidate]] = MappingProxyType(
    {
        # Private, since a rollback in the shared candidate would drop what a colleague is about to commit; Junos
        # refuses it while there is such work.
        **dict.fromkeys(
            ("juniper", "juniper_junos"), Candidate("show | compare", "rollback 0", to_try="configure private")
        ),
        "arista_eos": Candidate(
            "show session-config diffs", "abort", to_try=_EOS_SESSION, to_change=_EOS_SESSION, commit="commit"
        ),
        "cisco_xr": Candidate("show commit changes diff", "abort"),
    }
)


def candidate_of(platform: str) -> Candidate | None:
    """Return how the platform tries a configuration out; None if it takes every line at once."""
    return _CANDIDATES.get(family_of(platform))


def refuse_dry_run(target: DeviceTarget, platform: str) -> DeviceFailure:
    """Return the failure that says why nothing was sent."""
    able = ", ".join(sorted(_CANDIDATES))
    message = (
        f"{target.address}: platform {platform!r} puts every line in force at once, so it has no dry run, and nothing "
        f"was sent; take `diff` with the real change instead (dry runs work on {able})"
    )
    return DeviceFailure(ErrorCode.CONFIG_REJECTED, message)
