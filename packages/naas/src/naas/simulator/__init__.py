"""Fake network devices that speak SSH, for the demo, the tests and the benchmarks.

::

    async with DeviceFarm([Device(platform="cisco_ios", name="sw1", password="lab")]) as farm:
        connect("127.0.0.1", farm.devices[0].port)

    with running_farm([Device(platform="arista_eos")]) as farm:  # the same from ordinary code: its own thread
        ...

Needs asyncssh, the optional extra ``naas[simulate]``; this package alone imports without it, so that the command
line can say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from naas.simulator.device import Device, SimulatedDevice
    from naas.simulator.farm import DeviceFarm, running_farm

__all__ = ["Device", "DeviceFarm", "SimulatedDevice", "running_farm"]

_HOME = {
    "Device": "naas.simulator.device",
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
