"""A device with sections: how it is configured when it starts, what that says, and what it is called."""

from __future__ import annotations

from naas.simulator.device import SimulatedDevice
from naas.simulator.facts import Facts
from naas.simulator.families import sections
from naas.simulator.families.sections import GLOBAL
from naas.simulator.network import Network


def start(device: SimulatedDevice) -> None:
    """Configure a device that starts: from its specification, else from its profile; its name stays its own."""
    configure_anew(device, f"hostname {device.hostname}")


def configure_anew(device: SimulatedDevice, name_line: str) -> None:
    """Give a device the configuration that it starts with, with ``name_line`` first."""
    given = device.spec.configuration
    if given is None:
        given = device.profile.configuration.initial.render(Facts(device))
    device.running = sections.parse(given, device.profile.configuration.sections)
    lines = [line for line in device.running[GLOBAL] if not line.startswith("hostname ")]
    device.running[GLOBAL] = [name_line, *lines]
    device.save()


def read(device: SimulatedDevice) -> Network:
    """What the running configuration says."""
    return sections.read(device.profile, device.running)


def rename(device: SimulatedDevice) -> None:
    """Give the device the name that its configuration says."""
    for line in device.running.get(GLOBAL, ()):
        if line.startswith("hostname "):
            device.hostname = line.split(maxsplit=1)[1].strip('"')
