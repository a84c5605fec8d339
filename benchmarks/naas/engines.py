"""What the engines cost: jobs published, delivered and acknowledged a second, and from publish to delivery.

    python benchmarks/naas/engines.py --engine embedded
    python benchmarks/naas/engines.py --engine nats --workers 2

Jobs do nothing, so this is the engine alone: no store, no device. NATS writes every message to the disk
(`sync_interval: always`), in a folder that is made for the run and removed. Everything on loopback, in one process, so
with NATS the rates are those of one core that plays all parts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
import uuid
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from naas.engine.base import Claimer, Engine, WorkerInfo
from naas.engine.embedded import EmbeddedEngine
from naas.engine.nats import Connection, NatsEngine
from naas.engine.nats.testing import NatsServer
from naas.jobs import CommandWork, Device, Job

THREADS = 64


def make_job(number: int, devices: int) -> Job:
    device = Device(f"10.0.{number % devices // 250}.{number % devices % 250 + 1}", 22, "cisco_ios")
    return Job(
        str(uuid.uuid4()), "ann", device, CommandWork(("show version",)), datetime.now(UTC), sealed_login=b"x" * 90
    )


async def work(claimer: Claimer, left: list[int], done: asyncio.Event) -> None:
    """Claim and acknowledge until nothing is left."""
    while left[0]:
        for delivery in await claimer.claim(THREADS):
            await claimer.ack(delivery)
            left[0] -= 1
    done.set()


async def throughput(engine: Engine, claimers: list[Claimer], jobs: list[Job]) -> dict[str, float]:
    """Publish everything while the workers are at it."""
    left, done = [len(jobs)], asyncio.Event()
    tasks = [asyncio.create_task(work(claimer, left, done)) for claimer in claimers]
    began = time.perf_counter()
    await engine.publish(jobs)
    published = time.perf_counter()
    await done.wait()
    delivered = time.perf_counter()
    for task in tasks:
        task.cancel()
    return {
        "published_per_second": round(len(jobs) / (published - began)),
        "through_per_second": round(len(jobs) / (delivered - began)),
    }


async def latency(engine: Engine, claimer: Claimer, jobs: list[Job]) -> dict[str, float]:
    """One job at a time: from the call of publish to the delivery, in milliseconds."""
    times: list[float] = []
    for job in jobs:
        began = time.perf_counter()
        waiting = asyncio.create_task(claimer.claim(1))
        await engine.publish([job])
        (delivery,) = await waiting
        times.append((time.perf_counter() - began) * 1000)
        await claimer.ack(delivery)
    cuts = statistics.quantiles(times, n=20)
    return {"latency_p50_ms": round(cuts[9], 2), "latency_p95_ms": round(cuts[18], 2)}


async def measure(given: argparse.Namespace) -> dict[str, float]:
    async with AsyncExitStack() as stack:
        engines: list[Engine] = [EmbeddedEngine()]
        if given.engine == "nats":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=given.folder)))
            server = stack.enter_context(NatsServer(folder))
            connections = [await Connection.open(server.url, name="bench") for _ in range(given.workers + 1)]
            for connection in connections:
                stack.push_async_callback(connection.close)
            engines = [NatsEngine(connection) for connection in connections]
        workers = engines[1:] or engines
        claimers = [engine.claimer(f"worker-{number}", ["default"]) for number, engine in enumerate(workers)]
        for number, claimer in enumerate(claimers):
            await claimer.heartbeat((), WorkerInfo(f"worker-{number}", "bench", ("default",), THREADS, 0))
        await asyncio.sleep(2.0 if given.engine == "nats" else 0.0)  # until the partitions are shared out
        found = {"engine": given.engine, "workers": len(claimers), "jobs": given.jobs, "devices": given.devices}
        if len(claimers) == 1:
            found |= await latency(engines[0], claimers[0], [make_job(n, given.devices) for n in range(300)])
        found |= await throughput(engines[0], claimers, [make_job(n, given.devices) for n in range(given.jobs)])
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=["embedded", "nats"], default="embedded")
    parser.add_argument("--workers", type=int, default=1, help="with NATS: workers, each on a connection of its own")
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--devices", type=int, default=50)
    parser.add_argument("--folder", help="where NATS keeps its streams, to measure a certain disk")
    print(json.dumps(asyncio.run(measure(parser.parse_args())), indent=2))


if __name__ == "__main__":
    sys.exit(main())
