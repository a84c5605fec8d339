"""Finding out which platform a device is: the SSH banner and one ``show version``.

Netmiko's own detection tries one command after the other and took 108 s on a Cisco IOS device (measured); nearly every
platform that it tells apart says its name in ``show version``.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from typing import Final

from naas.driver.base import AUTODETECT, DeviceFailure, DeviceTarget, ErrorCode
from naas.driver.failures import failure_from, redact
from naas.driver.road import Road
from naas.driver.session import connect

PROMPT: Final = r"(?m:[>#$%][ \t]*$)"
PAGER: Final = r"(?i:-+\s?\(?more\)?\s?-+)"

# From special to general: IOS XE calls itself "Cisco IOS Software" as well.
VERSION_PATTERNS: Final = tuple(
    (platform, re.compile(pattern, re.IGNORECASE | re.MULTILINE))
    for platform, pattern in (
        ("cisco_nxos", r"Cisco Nexus Operating System|NX-OS"),
        ("cisco_xr", r"Cisco IOS XR"),
        ("cisco_asa", r"Cisco Adaptive Security Appliance"),
        ("cisco_xe", r"Cisco IOS[ -]XE"),
        ("cisco_ios", r"Cisco IOS Software|Cisco Internetwork Operating System Software"),
        ("arista_eos", r"\bArista\b|\bvEOS\b"),
        ("juniper_junos", r"JUNOS (?:Software|OS)|^Junos:"),
        ("aruba_aoscx", r"ArubaOS-CX|AOS-CX"),
        ("dell_os10", r"Dell EMC Networking OS10|SmartFabric OS10"),
        ("extreme_exos", r"ExtremeXOS"),
        ("allied_telesis_awplus", r"AlliedWare Plus"),
        ("nokia_sros", r"TiMOS-"),
        ("vyos", r"\bVyOS\b"),
        # From release 16 on the same switches call their system ArubaOS-Switch.
        ("aruba_osswitch", r"^Image stamp:[\s\S]{0,400}?^\s+[A-Z]{2}\.1[6-9]\."),
        ("hp_procurve", r"^Image stamp:"),
    )
)

# Only names that belong to one platform: "SSH-2.0-Cisco-1.25" stands on four of them.
BANNER_PATTERNS: Final = tuple(
    (platform, re.compile(pattern))
    for platform, pattern in (
        ("mikrotik_routeros", r"ROSSSH"),
        ("huawei", r"HUAWEI"),
        ("hp_comware", r"Comware"),
        ("hp_procurve", r"Mocana SSH"),
    )
)

CACHE_SIZE: Final = 10_000  # devices; a name and a port each, so about a megabyte


class PlatformCache:
    """Remembers what was detected, by address and jump host. Thread-safe."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, target: DeviceTarget) -> str | None:
        """The platform found at this place before."""
        with self._lock:
            return self._found.get(_place_of(target))

    def put(self, target: DeviceTarget, platform: str) -> None:
        """Remember; the oldest find is forgotten when there are too many."""
        with self._lock:
            self._found[_place_of(target)] = platform
            if len(self._found) > CACHE_SIZE:
                self._found.popitem(last=False)

    def forget(self, target: DeviceTarget) -> None:
        """Look again next time: something failed there, and it may be another device by now."""
        with self._lock:
            self._found.pop(_place_of(target), None)


def _place_of(target: DeviceTarget) -> tuple[str, str]:
    """Private addresses are used behind more than one jump host."""
    return (target.address, target.jump.address if target.jump is not None else "")


def platform_in(banner: str, version_text: str) -> str | None:
    """Return the platform that an SSH banner or an answer to ``show version`` names."""
    for patterns, text in ((VERSION_PATTERNS, version_text), (BANNER_PATTERNS, banner)):
        for platform, pattern in patterns:
            if pattern.search(text):
                return platform
    return None


def detect_platform(target: DeviceTarget, *, conn_timeout: float, read_timeout: float, road: Road) -> str:
    """Log in, ask once, log out; return the platform's name.

    Raises:
        DeviceFailure: ``AUTODETECT_FAILED`` if the answer names no platform that we know; else as for any connection.
    """
    doing = f"detecting the platform as user {target.username!r} (waiting up to {read_timeout:g} s)"
    try:
        banner, answer = _ask(target, conn_timeout, read_timeout, road)
    except DeviceFailure:
        raise
    except Exception as error:
        raise failure_from(error, doing=doing, target=target) from error
    platform = platform_in(banner, answer)
    if platform is None:
        lines = [line.strip() for line in answer.splitlines()[1:] if line.strip()]
        heard = redact(lines[0][:80], target) if lines else "nothing"
        message = (
            f"{target.address}: the platform could not be detected: `show version` answered {heard!r}; "
            "name the `platform` in the request"
        )
        raise DeviceFailure(ErrorCode.AUTODETECT_FAILED, message)
    return platform


def _ask(target: DeviceTarget, conn_timeout: float, read_timeout: float, road: Road) -> tuple[str, str]:
    """The SSH banner, and the first page of the answer to ``show version``."""
    connection = connect(target, platform=AUTODETECT, conn_timeout=conn_timeout, road=road)
    try:
        connection.write_channel(connection.RETURN)
        connection.read_until_pattern(PROMPT, read_timeout=conn_timeout)
        connection.clear_buffer()
        connection.write_channel(connection.normalize_cmd("show version"))
        connection.read_until_pattern("show version", read_timeout=read_timeout)
        answer = connection.read_until_pattern(f"{PROMPT}|{PAGER}", read_timeout=read_timeout)
        return connection.socket_channel.banner(), answer
    finally:
        connection.abort()
