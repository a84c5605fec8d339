"""What a farm of simulated devices costs: time to start, memory, sessions at once, commands a second.

    python benchmarks/naas/simulator_scale.py [--devices 1000] [--sessions 1000] [--rounds 5] [--format json]

The devices run in one process of their own; one asyncssh client in this process opens a session on each at once, then
runs `show version` on all of them, round by round. Client and devices share the cores, so the figures are a floor.
Memory is the proportional set size (PSS) of the devices' process.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import asyncssh

PLATFORMS = ("cisco_ios", "arista_eos", "cisco_nxos", "juniper_junos")
COMMAND = "show version"
OPTIONS: dict[str, Any] = {"username": "admin", "password": "admin", "known_hosts": None, "login_timeout": 300}


@dataclass(slots=True)
class Figures:
    """What was measured."""

    devices: int
    sessions: int
    start_seconds: float
    start_pss_mb: float
    open_seconds: float
    open_pss_mb: float
    commands_per_second: float
    command_p50_ms: float
    command_p95_ms: float
    farm_cpu_ms_per_login: float
    farm_cpu_ms_per_command: float


@contextmanager
def farm(devices: int, platforms: Sequence[str]) -> Generator[tuple[int, list[dict[str, Any]], float]]:
    """The process of the devices, where they listen, and how long it took until they did."""
    program = "from naas.simulator.cli import simulate; simulate()"
    arguments = ["--devices", str(devices), "--format", "json", *(a for p in platforms for a in ("--platform", p))]
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        listed = json.loads(process.stdout.readline())
        assert process.stdout.readline() == "ready\n"
        yield process.pid, listed, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()


def pss_mb(pid: int) -> float:
    """The proportional set size of a process, in megabytes."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} shows no Pss")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


class Session:
    """An open session: one command at a time."""

    def __init__(self, process: Any, prompt: str) -> None:
        self._process, self._prompt = process, prompt

    async def run(self, command: str) -> float:
        """Run a command; return the seconds until the next prompt."""
        began = time.perf_counter()
        self._process.stdin.write(command + "\n")
        await self._process.stdout.readuntil("\r\n" + self._prompt)
        return time.perf_counter() - began


async def opened(stack: AsyncExitStack, device: dict[str, Any]) -> Session:
    """A session with paging off, its prompt known."""
    connection = await stack.enter_async_context(asyncssh.connect(device["host"], device["port"], **OPTIONS))
    process = await connection.create_process(term_type="vt100")
    junos = device["platform"] == "juniper_junos"
    printed = await process.stdout.readuntil("> " if junos else "#")
    session = Session(process, printed.rpartition("\n")[2])
    await session.run("set cli screen-length 0" if junos else "terminal length 0")
    return session


async def measure(pid: int, listed: Sequence[dict[str, Any]], sessions: int, rounds: int) -> dict[str, float]:
    """Open the sessions, all at once, and run the rounds."""
    async with AsyncExitStack() as stack:
        used = [listed[index % len(listed)] for index in range(sessions)]
        cpu, began = cpu_seconds(pid), time.perf_counter()
        ready = await asyncio.gather(*(opened(stack, device) for device in used))
        found = {"open_seconds": time.perf_counter() - began, "open_pss_mb": pss_mb(pid)}
        found["farm_cpu_ms_per_login"] = 1000 * (cpu_seconds(pid) - cpu) / sessions
        cpu, began = cpu_seconds(pid), time.perf_counter()
        times: list[float] = []
        for _ in range(rounds):
            times += await asyncio.gather(*(session.run(COMMAND) for session in ready))
        found["commands_per_second"] = len(times) / (time.perf_counter() - began)
        found["farm_cpu_ms_per_command"] = 1000 * (cpu_seconds(pid) - cpu) / len(times)
        times.sort()
        found["command_p50_ms"] = 1000 * times[len(times) // 2]
        found["command_p95_ms"] = 1000 * times[int(len(times) * 0.95)]
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--sessions", type=int, default=1000, help="open at once")
    parser.add_argument("--rounds", type=int, default=5, help="commands on every session")
    parser.add_argument("--format", choices=["table", "json"], default="table")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with farm(options.devices, PLATFORMS) as (pid, listed, start_seconds):
        start_pss = pss_mb(pid)
        found = asyncio.run(measure(pid, listed, options.sessions, options.rounds))
    figures = Figures(
        devices=options.devices,
        sessions=options.sessions,
        start_seconds=start_seconds,
        start_pss_mb=start_pss,
        **found,
    )
    rounded = {name: round(value, 2) for name, value in asdict(figures).items()}
    if options.format == "json":
        print(json.dumps(rounded))
        return
    for name, value in rounded.items():
        print(f"{name.replace('_', ' '):<26} {value:>10}")


if __name__ == "__main__":
    main()
