"""What a platform does: one family of shells for each way to enter modes and to configure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from naas.simulator.profile import Profile

if TYPE_CHECKING:
    from naas.simulator.device import SimulatedDevice
    from naas.simulator.network import Network
    from naas.simulator.shell import Shell


@dataclass(frozen=True, slots=True)
class Family:
    """How the devices of a family behave."""

    shell: Callable[[SimulatedDevice], Shell]
    """A new session."""
    start: Callable[[SimulatedDevice], None]
    """Configures a device that starts."""
    read: Callable[[SimulatedDevice], Network]
    """What the running configuration says."""
    rename: Callable[[SimulatedDevice], None]
    """Gives the device the name that its configuration says."""


def family_of(profile: Profile) -> Family:
    """The family of a platform."""
    # Imported only now: the shells know devices, and devices know their family.
    from naas.simulator.families.cisco_like import FAMILY as CISCO_LIKE
    from naas.simulator.families.junos_like import FAMILY as JUNOS_LIKE
    from naas.simulator.families.procurve_like import FAMILY as PROCURVE_LIKE

    families = {"cisco_like": CISCO_LIKE, "junos_like": JUNOS_LIKE, "procurve_like": PROCURVE_LIKE}
    return families[profile.family]


def shell_of(device: SimulatedDevice) -> Shell:
    """A new session on a device."""
    return family_of(device.profile).shell(device)
