"""How many jobs a second one naas process carries out on simulated devices, and how fast it accepts them.

Starts `naas-server simulate` and `naas-server serve` as processes of their own on loopback, then speaks HTTP to the
service as a client would: submit, follow Operation-Location until the job has ended. Everything shares this machine's
cores, the client of this script too.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

T = TypeVar("T")

# The simulator's default login.
LOGIN = {"Authorization": "Basic " + base64.b64encode(b"admin:admin").decode()}


@dataclass(frozen=True)
class Figures:
    """What one run measured. Times are from submission to result in hand, in milliseconds.

    ``alone`` is one job at a time; ``busy`` is with ``concurrency`` jobs in flight, which is when ``jobs_per_second``
    was taken. Memory is PSS of the service's processes, in MiB, after all jobs.
    """

    devices: int
    jobs: int
    concurrency: int
    jobs_per_second: float
    alone_p50_ms: float
    alone_p95_ms: float
    busy_p50_ms: float
    busy_p95_ms: float
    posts: int
    posts_per_second: float
    memory_mib: float
    failed: int


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


class Client:
    """Submits jobs and waits for them."""

    def __init__(self, session: aiohttp.ClientSession, devices: list[dict[str, Any]], command: str) -> None:
        self._session, self._devices, self._command = session, devices, command

    def body(self, number: int) -> dict[str, Any]:
        device = self._devices[number % len(self._devices)]
        return {key: device[key] for key in ("host", "port", "platform")} | {"commands": [self._command]}

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


async def measure(options: argparse.Namespace, url: str, pid: int, devices: list[dict[str, Any]]) -> Figures:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(url, headers=LOGIN, connector=connector) as session:
        client = Client(session, devices, "show version")
        await bounded(len(devices) * 2, len(devices), client.run)  # every session is logged in and warm
        alone = await bounded(200, 1, client.run)
        began = time.perf_counter()
        timed = await bounded(options.jobs, options.concurrency, client.run)
        duration = time.perf_counter() - began
        memory = memory_mib(pid)
        posts_per_second = await measure_posts(options, client)
    return Figures(
        devices=len(devices),
        jobs=options.jobs,
        concurrency=options.concurrency,
        jobs_per_second=round(options.jobs / duration, 1),
        alone_p50_ms=percentile_ms(alone, 50),
        alone_p95_ms=percentile_ms(alone, 95),
        busy_p50_ms=percentile_ms(timed, 50),
        busy_p95_ms=percentile_ms(timed, 95),
        posts=options.posts,
        posts_per_second=round(posts_per_second, 1),
        memory_mib=round(memory, 1),
        failed=sum(not succeeded for _, succeeded in [*alone, *timed]),
    )


def percentile_ms(runs: list[tuple[float, bool]], percent: int) -> float:
    """Return a percentile of the durations of runs."""
    hundredths: list[float] = statistics.quantiles([seconds for seconds, _ in runs], n=100)
    return round(hundredths[percent - 1] * 1000, 1)


async def measure_posts(options: argparse.Namespace, client: Client) -> float:
    """Submit to one device that is busy with a slow command, so that accepting is all that the service does."""
    slow = {**client.body(0), "commands": ["show slow 20"], "read_timeout": 60}
    await client.submit(slow)
    await asyncio.sleep(0.3)
    body = client.body(0)
    began = time.perf_counter()
    await bounded(options.posts, options.concurrency, lambda _: client.submit(body))
    posts: int = options.posts
    return posts / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--posts", type=int, default=5000)
    parser.add_argument("--concurrency", type=int, default=100, help="requests in flight")
    parser.add_argument("--format", choices=["table", "json"], default="table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with process("simulate", "--devices", str(options.devices), "--format", "json", folder=folder) as (_, printed):
            devices = json.loads(printed[0])
            serving = ("serve", "--port", "0", "--database", str(folder / "naas.db"), "--log-level", "warning")
            with process(*serving, "--drain-seconds", "0", folder=folder) as (server, ready):
                figures = asyncio.run(measure(options, ready[-1].split()[-1], server.pid, devices))
    if options.format == "json":
        print(json.dumps(asdict(figures)))
        return
    for name, value in asdict(figures).items():
        print(f"{name.replace('_', ' '):<18} {value:>10}")


if __name__ == "__main__":
    main()
