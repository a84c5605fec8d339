"""What one naas process does on simulated devices: the numbers of its budget, each with one command.

    service.py jobs      jobs a second with many devices, warm; submission to result; memory after all jobs
    service.py posts     durable submissions a second, with an empty queue and with many jobs waiting
    service.py cold      many devices that were never logged in to, one command each
    service.py sessions  SSH connections that many jobs on few devices need
    service.py memory    memory after some thousand jobs, and after as many again

Starts `naas-server simulate` and `naas-server serve` as processes of their own on loopback, then speaks HTTP to the
service as a client would: submit, follow Operation-Location until the job has ended. Everything shares this machine's
cores, the client of this script too, so the figures are a floor.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import concurrent.futures
import contextlib
import itertools
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

T = TypeVar("T")

# The simulator's default login.
LOGIN = {"Authorization": "Basic " + base64.b64encode(b"admin:admin").decode()}


@contextlib.contextmanager
def process(*arguments: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run `naas-server ARGUMENTS`; yield it with its first lines, up to the one that says it is ready."""
    command = [sys.executable, "-m", "naas", *arguments]
    with (folder / f"{arguments[0]}.log").open("w") as log:
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    assert running.stdout is not None
    lines: list[str] = []
    try:
        while not lines or ("listening" not in lines[-1] and lines[-1] != "ready"):
            line = running.stdout.readline()
            if not line:
                raise SystemExit(f"{' '.join(command)} ended early: {(folder / f'{arguments[0]}.log').read_text()}")
            lines.append(line.strip())
        yield running, lines
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
        running.stdout.close()


def tree(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(descendant for child in children for descendant in tree(int(child)))]


def memory_mib(pid: int) -> float:
    """Return the proportional set size of a process tree."""
    kib = 0
    for member in tree(pid):
        for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kib += int(line.split()[1])
    return kib / 1024


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used: what a busy machine does not change."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Client:
    """Submits jobs and waits for them. Every job differs from every other, so that none is joined or cached."""

    def __init__(self, session: aiohttp.ClientSession, devices: list[dict[str, Any]]) -> None:
        self._session, self._devices, self._numbers = session, devices, itertools.count()

    def body(self, number: int, command: str = "show version") -> dict[str, Any]:
        device = self._devices[number % len(self._devices)]
        place = {key: device[key] for key in ("host", "port", "platform")}
        return {**place, "commands": [command], "tags": {"n": str(next(self._numbers))}}

    async def submit(self, body: dict[str, Any]) -> str:
        async with self._session.post("/v2/send-command", json=body) as response:
            assert response.status == 202, await response.text()
            await response.read()
            return response.headers["Operation-Location"]

    async def run(self, number: int) -> tuple[float, bool]:
        """Return how long one job took from submission to result, in seconds, and whether it has results."""
        began = time.perf_counter()
        location = await self.submit(self.body(number))
        while True:
            async with self._session.get(location) as response:
                job = await response.json()
            if job["status"] not in ("queued", "started"):
                return time.perf_counter() - began, job["results"] is not None


async def bounded(count: int, concurrency: int, work: Callable[[int], Awaitable[T]]) -> list[T]:
    """Run `work(0)` to `work(count - 1)`, so many at a time."""
    numbers = iter(range(count))
    results: list[T] = []

    async def lane() -> None:
        for number in numbers:
            results.append(await work(number))

    await asyncio.gather(*(lane() for _ in range(concurrency)))
    return results


def percentile_ms(runs: list[tuple[float, bool]], percent: int) -> float:
    """Return a percentile of the durations of runs."""
    hundredths: list[float] = statistics.quantiles([seconds for seconds, _ in runs], n=100)
    return round(hundredths[percent - 1] * 1000, 1)


@dataclass(frozen=True)
class Bench:
    """A farm and a service that are up."""

    url: str
    pid: int
    devices: list[dict[str, Any]]
    farm: subprocess.Popen[str]
    folder: Path

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncGenerator[Client]:
        connector = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(self.url, headers=LOGIN, connector=connector, timeout=timeout) as session:
            yield Client(session, self.devices)


@contextlib.contextmanager
def bench(devices: int, *serving: str, simulating: tuple[str, ...] = ()) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        farm = ("simulate", "--devices", str(devices), "--format", "json", *simulating)
        with process(*farm, folder=folder) as (farm_process, printed):
            found = json.loads(printed[0])
            options = ("serve", "--port", "0", "--database", str(folder / "naas.db"), "--log-level", "warning")
            quiet = (
                "--drain-seconds",
                "0",
                "--no-rate-limit-enabled",
                "--no-access-log",
                "--host-key-policy",
                "ignore",
            )
            with process(*options, *quiet, *serving, folder=folder) as (server, ready):
                yield Bench(ready[-1].split()[-1], server.pid, found, farm_process, folder)


async def jobs(options: argparse.Namespace) -> dict[str, Any]:
    with bench(options.devices) as running:
        async with running.client() as client:
            await bounded(options.devices * 2, options.devices, client.run)  # every session is logged in and warm
            alone = await bounded(200, 1, client.run)
            used, began = cpu_seconds(running.pid), time.perf_counter()
            timed = await bounded(options.jobs, options.concurrency, client.run)
            duration = time.perf_counter() - began
            used = cpu_seconds(running.pid) - used
            return {
                "devices": options.devices,
                "jobs": options.jobs,
                "in flight": options.concurrency,
                "jobs/s": round(options.jobs / duration, 1),
                "CPU ms a job": round(used / options.jobs * 1000, 2),
                "one at a time, p50 ms": percentile_ms(alone, 50),
                "one at a time, p95 ms": percentile_ms(alone, 95),
                "busy, p50 ms": percentile_ms(timed, 50),
                "busy, p95 ms": percentile_ms(timed, 95),
                "memory MiB": round(memory_mib(running.pid), 1),
                "failed": sum(not succeeded for _, succeeded in [*alone, *timed]),
            }


async def posts(options: argparse.Namespace) -> dict[str, Any]:
    """Submit to one device that is busy with a slow command, so that accepting is all that the service does."""
    figures: dict[str, Any] = {"posts": options.posts, "in flight": options.concurrency}
    with bench(1, "--max-queue-depth", "0") as running:
        async with running.client() as client:
            slow = {**client.body(0, "show slow 600"), "read_timeout": 900}
            await client.submit(slow)
            await asyncio.sleep(0.5)
        for waiting in (0, options.waiting):
            missing = waiting - running_depth(running.url)
            if missing > 0:
                flood(running.url, running.devices[0], missing, options.concurrency)
            used = cpu_seconds(running.pid)
            rate = flood(running.url, running.devices[0], options.posts, options.concurrency)
            figures[f"posts/s, {waiting} waiting"] = round(rate, 1)
            used = cpu_seconds(running.pid) - used
            figures[f"CPU µs a post, {waiting} waiting"] = round(used / options.posts * 1e6)
        figures["memory MiB"] = round(memory_mib(running.pid), 1)
    return figures


def running_depth(url: str) -> int:
    with urllib.request.urlopen(f"{url}/v2/healthcheck") as answer:
        depth: int = json.load(answer)["components"]["queue"]["depth"]
        return depth


def flood(url: str, device: dict[str, Any], count: int, concurrency: int) -> float:
    """Send so many submissions and return how many a second were accepted.

    On bare sockets: a client library would use more of the machine than the service that is measured.
    """
    host, _, port = url.removeprefix("http://").partition(":")
    place = {key: device[key] for key in ("host", "port", "platform")}

    def request(number: int) -> bytes:
        body = json.dumps({**place, "commands": ["show version"], "tags": {"n": f"{time.time_ns()}-{number}"}}).encode()
        head = f"POST /v2/send-command HTTP/1.1\r\nHost: naas\r\nAuthorization: {LOGIN['Authorization']}\r\n"
        return head.encode() + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    numbers = iter(range(count))
    refused: list[str] = []

    async def lane() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        for number in numbers:
            writer.write(request(number))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]
            body = await reader.readexactly(length)
            if not head.startswith(b"HTTP/1.1 202"):
                refused.append(body.decode())
        writer.close()

    async def run() -> float:
        began = time.perf_counter()
        await asyncio.gather(*(lane() for _ in range(concurrency)))
        return count / (time.perf_counter() - began)

    # A thread of its own: the caller's event loop is busy with us.
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        rate = thread.submit(lambda: asyncio.run(run())).result()
    if refused:
        raise SystemExit(f"{len(refused)} of {count} were refused: {refused[0]}")
    return rate


async def cold(options: argparse.Namespace) -> dict[str, Any]:
    with bench(options.cold_devices) as running:
        async with running.client() as client:
            began = time.perf_counter()
            timed = await bounded(options.cold_devices, options.cold_devices, client.run)
            return {
                "devices": options.cold_devices,
                "seconds": round(time.perf_counter() - began, 1),
                "failed": sum(not succeeded for _, succeeded in timed),
                "memory MiB": round(memory_mib(running.pid), 1),
            }


async def sessions(options: argparse.Namespace) -> dict[str, Any]:
    with bench(10, simulating=("--stats",)) as running:
        async with running.client() as client:
            timed = await bounded(1000, 50, client.run)
        running.farm.send_signal(signal.SIGTERM)
        stats = json.loads(running.farm.communicate(timeout=15)[0].strip().splitlines()[-1])
        return {"jobs": 1000, "failed": sum(not succeeded for _, succeeded in timed), "stats": stats}


async def memory(options: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    with bench(options.devices) as running:
        async with running.client() as client:
            for _ in range(options.rounds + 1):
                figures[f"MiB after {len(figures) * options.jobs} jobs"] = round(memory_mib(running.pid), 1)
                await bounded(options.jobs, options.concurrency, client.run)
    return figures


MEASURES = {"jobs": jobs, "posts": posts, "cold": cold, "sessions": sessions, "memory": memory}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measure", choices=MEASURES)
    parser.add_argument("--devices", type=int, default=50)
    parser.add_argument("--cold-devices", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=4, help="how often `memory` runs so many jobs")
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--concurrency", type=int, default=100, help="requests in flight")
    parser.add_argument("--format", choices=["table", "json"], default="table")
    options = parser.parse_args()
    figures = asyncio.run(MEASURES[options.measure](options))
    if options.format == "json":
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<34} {value!s:>12}")


if __name__ == "__main__":
    main()
