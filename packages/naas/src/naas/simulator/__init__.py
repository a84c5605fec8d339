"""Fake network devices that speak SSH and Telnet, for the demo, the tests and the benchmarks.

::

    async with DeviceFarm([Device(platform="cisco_ios", name="sw1", password="lab")]) as farm:
        connect("127.0.0.1", farm.devices[0].port)

    with running_farm([Device(platform="arista_eos")]) as farm:  # the same from ordinary code: its own thread
        farm.set_faults(farm.devices[0], Faults(vty_lines=0))

Platforms are data (``platforms/*.toml``, :func:`load_profile` for your own), what they do is code (``families/``).

Needs asyncssh, the optional extra ``naas[simulate]``; this package alone imports without it, so that the command
line can say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from naas.simulator.device import Counters, Device, SimulatedDevice
    from naas.simulator.farm import DeviceFarm, RunningFarm, running_farm
    from naas.simulator.faults import ConnectFault, Faults
    from naas.simulator.platformfile import load_profile

__all__ = [
    "ConnectFault",
    "Counters",
    "Device",
    "DeviceFarm",
    "Faults",
    "RunningFarm",
    "SimulatedDevice",
    "load_profile",
    "running_farm",
]

_HOME = {
    "ConnectFault": "naas.simulator.faults",
    "Counters": "naas.simulator.device",
    "Device": "naas.simulator.device",
    "Faults": "naas.simulator.faults",
    "RunningFarm": "naas.simulator.farm",
    "load_profile": "naas.simulator.platformfile",
    "SimulatedDevice": "naas.simulator.device",
    "DeviceFarm": "naas.simulator.farm",
    "running_farm": "naas.simulator.farm",
}


def __getattr__(name: str) -> object:
    """Import a public name on first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)
