"""A Junos device: how it is configured when it starts, its commits, what its configuration says."""

from __future__ import annotations

from typing import Final

from naas.simulator.device import Commit, SimulatedDevice
from naas.simulator.facts import Facts
from naas.simulator.families import junos_configuration as junos
from naas.simulator.network import Network, copied

GLOBAL: Final = ""
"""The section that holds all statements."""

MOST_COMMITS: Final = 50  # as Junos: rollback 0 to 49


def accept(device: SimulatedDevice, lines: list[str], by: str, comment: str = "") -> None:
    """Make ``lines`` the running configuration, and the first of the commits."""
    device.running = {GLOBAL: junos.as_set(lines)}
    device.commits.insert(0, Commit(copied(device.running), device.clock(), by, comment))
    del device.commits[MOST_COMMITS:]
    device.save()
    device.changed()
    rename(device)


def settle(device: SimulatedDevice) -> None:
    """Take back a commit that nobody confirmed in time. Looked at before every command, so no clock has to ring."""
    if device.rollback_at is not None and device.clock() >= device.rollback_at:
        device.rollback_at = None
        lines = junos.from_set(device.commits[1].configuration[GLOBAL])
        accept(device, lines, "root", "rolled back: not confirmed")


def start(device: SimulatedDevice) -> None:
    """Configure a device that starts: from its specification, else from its profile; its name stays its own."""
    given = device.spec.configuration
    if given is None:
        given = device.profile.configuration.initial.render(Facts(device))
    lines = [line for line in junos.statements(given) if not line.startswith("system host-name ")]
    accept(device, [f"system host-name {device.hostname}", *lines], "root")


def read(device: SimulatedDevice) -> Network:
    """What the running configuration says."""
    return junos.read(device.profile, junos.from_set(device.running[GLOBAL]))


def rename(device: SimulatedDevice) -> None:
    """Give the device the name that its configuration says."""
    for line in device.running.get(GLOBAL, ()):
        if line.startswith("set system host-name "):
            device.hostname = line.split()[-1]
