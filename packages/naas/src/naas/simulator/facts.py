"""What a device knows when asked: the fields and rows that templates print.

Nothing here is stored. Everything follows from the configuration, from the device's place in the farm, from its name
(serial numbers, MAC addresses, how much traffic a port has: the same at every start) and from the time that it is up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from naas.simulator import rows
from naas.simulator.fields import (
    DAY,
    dotted,
    grouped,
    mac_address,
    management_address,
    serial_number,
    time_of,
    uptime_seconds,
)
from naas.simulator.network import Interface
from naas.simulator.rows import COLLECTIONS, INTERFACE_FIELDS, ROWS
from naas.simulator.templates import Scope

if TYPE_CHECKING:
    from naas.simulator.device import SimulatedDevice


@dataclass(frozen=True, slots=True)
class Facts:
    """The scope of a device's templates. ``session`` has the fields that belong to one session or one command."""

    device: SimulatedDevice
    session: Mapping[str, str] = field(default_factory=dict[str, str])
    only: Interface | None = None
    """Set by a command for one interface, such as ``show interfaces Gi0/1``."""

    def value(self, name: str) -> str:
        """The field of this name; empty if there is none."""
        return lookup(self, name, self.session)

    def rows(self, name: str) -> Sequence[Scope]:
        """The rows of a collection."""
        rows = ROWS[name](self.device)
        if self.only is not None and COLLECTIONS[name] is INTERFACE_FIELDS:
            rows = [row for row in rows if row["name"] == self.only.name]
        return [Row(row, self) for row in rows]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a collection, before the fields of its device."""

    values: Mapping[str, str]
    facts: Facts

    def value(self, name: str) -> str:
        """The field of the row, or of the device."""
        found = self.values.get(name)
        return found if found is not None else lookup(self, name, self.facts.session, self.facts.device)

    def rows(self, name: str) -> Sequence[Scope]:
        """The rows of a collection of the device."""
        return self.facts.rows(name)


def lookup(scope: Scope, name: str, session: Mapping[str, str], device: SimulatedDevice | None = None) -> str:
    """A field that is no row's own: derived, of the session, fixed by the profile, or of the device."""
    device = device or (scope.device if isinstance(scope, Facts) else None)
    if device is None or name in session:
        return session.get(name, "")
    derived = device.profile.derived.get(name)
    if derived is not None:
        return derived.text(scope)
    if name in device.profile.values:
        return device.profile.values[name].render(scope)
    compute = DEVICE_FIELDS.get(name)
    return compute(device) if compute else ""


def _booted(style: str) -> Callable[[SimulatedDevice], str]:
    return lambda device: time_of(device, style, uptime_seconds(device))


def _now(style: str) -> Callable[[SimulatedDevice], str]:
    return lambda device: time_of(device, style)


def _uptime(unit: int, of: int | None = None) -> Callable[[SimulatedDevice], str]:
    """So many whole units of the uptime, within the next bigger one."""
    return lambda device: str((uptime_seconds(device) if of is None else uptime_seconds(device) % of) // unit)


DEVICE_FIELDS: Final[Mapping[str, Callable[[SimulatedDevice], str]]] = {
    "hostname": lambda device: device.hostname,
    "platform": lambda device: device.profile.name,
    "serial": serial_number,
    "mac": lambda device: dotted(mac_address(device.name)),
    "mac_colon": lambda device: grouped(mac_address(device.name), ":"),
    "mac_dash": lambda device: f"{mac_address(device.name)[:6]}-{mac_address(device.name)[6:]}",
    "management_address": lambda device: management_address(device.index),
    "port_count": lambda device: str(len(device.network().ports())),
    "interface_count": lambda device: str(len(device.network().interfaces)),
    "vlan_count": lambda device: str(len(device.network().vlans)),
    "neighbor_count": lambda device: str(len(rows.neighbors(device))),
    "mac_count": lambda device: str(len(rows.stations(device))),
    "arp_count": lambda device: str(len(rows.arp_learnt(device))),
    "route_count": lambda device: str(len(device.network().routes())),
    "module_count": lambda device: str(len(device.profile.modules)),
    "time": _now("%H:%M:%S"),
    "weekday": _now("%a"),
    "month": _now("%b"),
    "month_number": _now("%m"),
    "day": lambda device: str(int(time_of(device, "%d"))),
    "day_number": _now("%d"),
    "year": _now("%Y"),
    "boot_time": _booted("%H:%M:%S"),
    "boot_weekday": _booted("%a"),
    "boot_month": _booted("%b"),
    "boot_month_number": _booted("%m"),
    "boot_day": lambda device: str(int(time_of(device, "%d", uptime_seconds(device)))),
    "boot_day_number": _booted("%d"),
    "boot_year": _booted("%Y"),
    "uptime_weeks": _uptime(7 * DAY),
    "uptime_days": _uptime(DAY),
    "uptime_days_of_week": _uptime(DAY, 7 * DAY),
    "uptime_hours": _uptime(3600, DAY),
    "uptime_minutes": _uptime(60, 3600),
    "uptime_seconds": _uptime(1, 60),
    "reload_reason": lambda device: "reload" if device.counters.reloads else "power-on",
    "sessions": lambda device: str(device.counters.open_sessions),
}
"""The fields of a device, by name."""

SESSION_FIELDS: Final = frozenset(
    {
        *(
            "username",
            "privilege",
            "section_mode",
            "edit_path",
            "line",
            "word",
            "caret",
            "column",
            "argument",
            "columns",
        ),
        *("page_lines", "size", "minutes", "changed_by", "changed_time", "session_name"),
    }
)
"""The fields of a session, of the line typed, or of what is being answered; empty where they say nothing."""
