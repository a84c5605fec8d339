"""``naas-server simulate``: fake devices on loopback, until interrupted.

Exit codes: 0 stopped as asked, 1 the devices could not be started, 2 wrong usage.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from naas.simulator.device import Device, SimulatedDevice

if TYPE_CHECKING:
    from naas.simulator.farm import DeviceFarm

# Known without importing asyncssh, so that help and mistakes cost nothing; a test compares them.
PLATFORM_NAMES = ("arista_eos", "cisco_ios", "juniper_junos")

PER_NETWORK = 250  # addresses used of each 127.0.x.0/24 with --by-address


@click.command()
@click.option("--devices", "count", type=click.IntRange(1, 10_000), default=3, show_default=True, help="How many.")
@click.option(
    "--platform",
    "platforms",
    type=click.Choice(PLATFORM_NAMES),
    multiple=True,
    default=("cisco_ios",),
    show_default=True,
    help="Their platform; given several times, the devices take turns.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port-base",
    type=click.IntRange(0, 65_535),
    default=0,
    help="Port of the first device, the others follow; 0 (the default) lets the system choose.",
)
@click.option("--by-address", is_flag=True, help="Give each device its own address 127.0.x.y instead of its own port.")
@click.option("--username", default="admin", show_default=True, help="User name of every device.")
@click.option("--password", default="admin", show_default=True, help="Password of every device.")
@click.option("--enable", default=None, help="Secret of privileged mode; without it logins are privileged already.")
@click.option("--latency", type=click.FloatRange(0), default=0.0, help="Milliseconds before every answer.")
@click.option("--lifetime", type=click.FloatRange(0), default=None, help="Stop after so many seconds.")
@click.option("--allow-remote", is_flag=True, help="Allow a --host that other machines can reach.")
@click.option("--format", "style", type=click.Choice(("table", "json")), default="table", show_default=True)
def simulate(
    *,
    count: int,
    platforms: tuple[str, ...],
    host: str,
    port_base: int,
    by_address: bool,
    username: str,
    password: str,
    enable: str | None,
    latency: float,
    lifetime: float | None,
    allow_remote: bool,
    style: str,
) -> None:
    """Run simulated network devices, print where they listen, then "ready"; Ctrl-C stops them.

    Example: naas-server simulate --devices 3 --platform cisco_ios --platform arista_eos
    """
    if importlib.util.find_spec("asyncssh") is None:
        raise click.ClickException("simulated devices need asyncssh; install it with: pip install 'naas[simulate]'")
    if not by_address and port_base + count - 1 > 65_535:
        raise click.UsageError(f"{count} devices from port {port_base} on pass port 65535; choose a lower --port-base")
    specs = [
        Device(
            platform=platforms[index % len(platforms)],
            name=f"sw{index + 1}",
            username=username,
            password=password,
            enable=enable,
            latency_seconds=latency / 1000,
            host=_own_address(index) if by_address else host,
            port=_port(port_base, index, by_address=by_address),
        )
        for index in range(count)
    ]

    from naas.simulator.farm import DeviceFarm

    try:
        farm = DeviceFarm(specs, allow_remote=allow_remote)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    try:
        asyncio.run(_serve(farm, style, lifetime))
    except OSError as error:
        raise click.ClickException(
            f"the devices could not be started: {error}; choose another --port-base, or 0 for free ports"
        ) from error


def _own_address(index: int) -> str:
    """Devices 0, 1, ... on 127.0.1.1, 127.0.1.2, ...: all of 127.0.0.0/8 is loopback on Linux."""
    return f"127.0.{1 + index // PER_NETWORK}.{1 + index % PER_NETWORK}"


def _port(port_base: int, index: int, *, by_address: bool) -> int | None:
    if port_base == 0:
        return None
    return port_base if by_address else port_base + index


async def _serve(farm: DeviceFarm, style: str, lifetime: float | None) -> None:
    """Keep the devices up for ``lifetime`` seconds, or until interrupted."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with farm:
        click.echo(describe(farm.devices, style))
        click.echo("ready")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), lifetime)


def describe(devices: Sequence[SimulatedDevice], style: str) -> str:
    """Name, platform, host and port of each device, as a table or as one line of JSON."""
    if style == "json":
        return json.dumps([{"name": d.name, "platform": d.platform, "host": d.host, "port": d.port} for d in devices])
    rows = [(device.name, device.platform, device.host, str(device.port)) for device in devices]
    heading = ("NAME", "PLATFORM", "HOST", "PORT")
    widths = [max(len(row[column]) for row in (heading, *rows)) for column in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (heading, *rows)]
    return "\n".join(line.rstrip() for line in lines)
