"""What follows from a device's name and from the time: serial numbers, MAC addresses, uptime."""

from __future__ import annotations

import ipaddress
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from naas.simulator.device import SimulatedDevice

DAY: Final = 86_400
LONGEST_UPTIME: Final = 400 * DAY  # what a device that was never reloaded claims at most


def number_of(*words: object) -> int:
    """A number that looks like chance and is the same for the same words on every machine: 0 to 2**32 - 1."""
    return zlib.crc32("\0".join(str(word) for word in words).encode())


def mac_address(*words: object) -> str:
    """Twelve hex digits, locally administered (the first octet is 02), so that none belongs to a real device."""
    return f"02{number_of('mac', *words) % 256:02x}{number_of(*words):08x}"


def dotted(mac: str) -> str:
    """``0200.1234.5678``, as Cisco writes it."""
    return f"{mac[:4]}.{mac[4:8]}.{mac[8:]}"


def grouped(mac: str, mark: str) -> str:
    """``02:00:12:34:56:78``, with the given mark."""
    return mark.join(mac[index : index + 2] for index in range(0, 12, 2))


def mac_forms(mac: str, prefix: str = "") -> dict[str, str]:
    """A MAC address in the forms that platforms write, as fields of a row."""
    return {
        f"{prefix}mac": dotted(mac),
        f"{prefix}mac_colon": grouped(mac, ":"),
        f"{prefix}mac_dash": f"{mac[:6]}-{mac[6:]}",
    }


def serial_number(device: SimulatedDevice, *words: object) -> str:
    """``FOC1A2B3C4D``: a prefix of the platform and eight hex digits."""
    return f"{device.profile.serial_prefix}{number_of('serial', device.name, *words):08X}"


def uptime_seconds(device: SimulatedDevice) -> int:
    """How long the device says it is up; a year at most more than the process, until it is reloaded."""
    before = 0 if device.counters.reloads else number_of("uptime", device.name) % LONGEST_UPTIME
    return before + int(device.clock() - device.started)


def time_of(device: SimulatedDevice, style: str, seconds_ago: float = 0) -> str:
    """The device's time, now or some seconds ago, in UTC."""
    return datetime.fromtimestamp(device.clock() - seconds_ago, UTC).strftime(style)


def management_address(index: int) -> str:
    """An address of its own for every device, from the range for benchmarks (RFC 2544): 198.18.0.1, 198.18.0.2, …"""
    return str(ipaddress.IPv4Address("198.18.0.1") + index)
