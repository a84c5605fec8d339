"""What the store does in a second: jobs added, jobs carried through, jobs read; empty, and with many jobs queued.

Writes go through the group commit as in the service: many callers at once, each of which waits until its write is on
disk. `--url` takes a PostgreSQL URL instead of a SQLite file in a temporary folder; its tables are made and emptied.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from naas.jobs import CommandWork, Device, Job, JobState, Outcome
from naas.store.base import JobQuery, Lease, Move, Reuse, Store
from naas.store.sql import SqlStore

CALLERS = 256
RESULTS = {"show version": "Cisco IOS XE Software, Version 17.03.04\n" * 50}  # about 2 kB


@dataclass(frozen=True)
class Figures:
    """Per second, but for the counts, which are milliseconds a call. ``carried`` jobs take three writes each."""

    queued: int
    added: int
    added_with_reuse: int
    carried: int
    read: int
    listed: int
    counts_ms: float


def new_job(number: int) -> Job:
    """A job as the service makes it: a sealed login of 200 bytes, two tags, one of a thousand devices."""
    return Job(
        str(uuid.uuid4()),
        f"owner-{number % 20}",
        Device(f"10.0.{number % 1000 // 250}.{number % 250}", 22, "cisco_ios"),
        CommandWork(("show version",)),
        datetime.now(UTC),
        tags={"site": f"s{number % 50}", "role": "edge"},
        submitter="ann",
        reuse_key=uuid.uuid4().hex,
        sealed_login=bytes(200),
    )


async def rate(calls: Iterable[Callable[[], Awaitable[Any]]]) -> float:
    """Make the calls, `CALLERS` at a time; return how many a second."""
    waiting = iter(list(calls))
    done = 0

    async def caller() -> None:
        nonlocal done
        for call in waiting:
            await call()
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return done / (time.perf_counter() - began)


async def carry(store: Store, job: Job) -> None:
    """Add, start and end a job."""
    now = datetime.now(UTC)
    await store.jobs.add(job)
    await store.jobs.move(Move(job.id, JobState.STARTED, now, lease=Lease("w1", now + timedelta(seconds=30))))
    await store.jobs.move(Move(job.id, JobState.FINISHED, now, outcome=Outcome(RESULTS, "cisco_ios")))


async def measure(store: Store, queued: int, jobs: int) -> Figures:
    """Measure with so many jobs queued."""
    for start in range(0, queued, 1000):
        await store.jobs.add_all([new_job(number) for number in range(start, min(start + 1000, queued))])
    reuse = Reuse(waiting=True, finished_after=datetime.now(UTC) - timedelta(minutes=1))
    batch = [new_job(number) for number in range(jobs)]
    added = await rate([lambda job=job: store.jobs.add(job) for job in batch])
    again = [new_job(number) for number in range(jobs)]
    with_reuse = await rate([lambda job=job: store.jobs.add(job, None, reuse) for job in again])
    through = [new_job(number) for number in range(jobs)]
    carried = await rate([lambda job=job: carry(store, job) for job in through])
    read = await rate([lambda job=job: store.jobs.get(job.id) for job in through])
    queries = [JobQuery(f"owner-{number % 20}", states=(JobState.QUEUED, JobState.STARTED)) for number in range(500)]
    listed = await rate([lambda query=query: store.jobs.page(query) for query in queries])
    counted = await rate([store.jobs.counts for _ in range(500)])
    return Figures(
        queued,
        added=round(added),
        added_with_reuse=round(with_reuse),
        carried=round(carried),
        read=round(read),
        listed=round(listed),
        counts_ms=round(1000 / counted, 3),
    )


async def run(arguments: argparse.Namespace) -> list[Figures]:
    """Measure at each number of queued jobs, each with a database of its own."""
    figures: list[Figures] = []
    for queued in arguments.queued:
        with tempfile.TemporaryDirectory() as folder:
            store = SqlStore.open(arguments.url or Path(folder, "naas.db"), audit_key=b"benchmark")
            try:
                figures.append(await measure(store, queued, arguments.jobs))
            finally:
                store.close()
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="a PostgreSQL database for this alone (postgresql://…)")
    parser.add_argument("--jobs", type=int, default=5000, help="jobs for each figure (default 5000)")
    parser.add_argument("--queued", type=int, nargs="+", default=[0, 100_000], help="jobs that wait meanwhile")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    arguments = parser.parse_args()
    figures = asyncio.run(run(arguments))
    if arguments.format == "json":
        print(json.dumps([asdict(each) for each in figures]))
        return
    for each in figures:
        print(", ".join(f"{name} {value}" for name, value in asdict(each).items()))


if __name__ == "__main__":
    main()
