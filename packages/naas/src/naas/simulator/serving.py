"""Running a farm until interrupted: what is printed and written when it is up, and at the end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from naas.simulator import inventory
from naas.simulator.device import SimulatedDevice

if TYPE_CHECKING:
    from naas.simulator.farm import DeviceFarm


DESCRIPTORS_TO_SPARE: Final = 200  # open files besides a listener and a few sessions for each device
DESCRIPTORS_A_DEVICE: Final = 4


@dataclass(frozen=True, slots=True)
class Printing:
    """What is printed and written about the devices."""

    style: str
    inventories: tuple[Path, ...]
    ansible_inventory: Path | None
    with_passwords: bool
    labels: Mapping[str, tuple[str, ...]]
    stats: bool

    def started(self, devices: tuple[SimulatedDevice, ...]) -> None:
        """Write the inventories, then print the list and "ready"."""
        for file in self.inventories:
            inventory.write_inventory(file, devices, self.labels, with_passwords=self.with_passwords)
        if self.ansible_inventory is not None:
            inventory.write_ansible_inventory(
                self.ansible_inventory, devices, self.labels, with_passwords=self.with_passwords
            )
        click.echo(inventory.as_json_line(devices) if self.style == "json" else inventory.as_table(devices))
        click.echo("ready")


def stats_line(farm: DeviceFarm, seconds: float) -> str:
    """The counters of the farm and of each device as a line of JSON."""
    devices = {device.name: device.counters.as_data() for device in farm.devices}
    return json.dumps({"seconds": round(seconds, 3), "total": farm.counters(), "devices": devices})


async def serve(farm: DeviceFarm, printing: Printing, lifetime: float | None) -> None:
    """Keep the devices up for ``lifetime`` seconds, or until interrupted."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with farm:
        began = time.monotonic()
        if printing.stats:
            loop.add_signal_handler(signal.SIGUSR1, lambda: click.echo(stats_line(farm, time.monotonic() - began)))
        printing.started(farm.devices)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), lifetime)
        if printing.stats:
            click.echo(stats_line(farm, time.monotonic() - began))


def raise_descriptor_limit(devices: int) -> None:
    """Every device listens, so a thousand need more open files than a shell allows by default.

    Raises:
        ValueError: The system allows too few.
    """
    import resource  # only here: there is none on Windows, where the rest of the command line still answers

    wanted = DESCRIPTORS_A_DEVICE * devices + DESCRIPTORS_TO_SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < devices + DESCRIPTORS_TO_SPARE:
        raise ValueError(f"{devices} devices need {wanted} open files and the system allows {hard}; see `ulimit -Hn`")
    new = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (new, hard))
