"""What a call costs when many are under way on one client: 50 tasks on one event loop, and 8 threads.

CPU time of a GET of 1 KB JSON, parsed; the contenders and the way of measuring are those of `call_cost.py`. A client
that looks through all its connections for each request, or holds one lock over it, shows here.

    python benchmarks/runtime/concurrency.py [--rounds 11] [--calls 1000] [--only tasks,threads] [--format json]

Exit code 1 if a budget is exceeded: 50 tasks 1.4 x aiohttp, 8 threads 1.25 x urllib3.
"""

from __future__ import annotations

import argparse
import sys

import contenders
import harness
from harness import Group, Row, Target

OURS, OURS_STDLIB = "clientsmith", "clientsmith, stdlib"

GROUPS = {
    "50 tasks": Group(
        {
            "aiohttp": contenders.aiohttp_session,
            OURS: contenders.ours_async,
            OURS_STDLIB: contenders.ours_stdlib_async,
            "httpx": contenders.httpx_client_async,
            "azure-core": contenders.azure_core_async,
        },
        style="tasks",
        together=50,
        budgets={OURS: 1.4},
    ),
    "8 threads": Group(
        {
            "urllib3": contenders.urllib3_pool,
            OURS: contenders.ours,
            OURS_STDLIB: contenders.ours_stdlib,
            "httpx": contenders.httpx_client,
            "requests": contenders.requests_session,
            "azure-core": contenders.azure_core,
        },
        style="threads",
        together=8,
        budgets={OURS: 1.25},
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare what calls cost that are under way at the same time.")
    parser.add_argument("--rounds", type=int, default=11, help="interleaved rounds (default 11)")
    parser.add_argument("--calls", type=int, default=1000, help="calls in a round, of all together (default 1000)")
    parser.add_argument("--only", choices=("tasks", "threads"), help="one of the two (default both)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--worker", nargs=4, metavar=("GROUP", "NAME", "URL", "CA"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        group, name, *target = arguments.worker
        harness.work(GROUPS[group], name, Target(*target))
        return 0
    harness.stay_on_one_core()
    chosen = {key: group for key, group in GROUPS.items() if arguments.only in (None, group.style)}
    rows: list[Row] = []
    with harness.server("small") as target:
        for key, group in chosen.items():
            rows += harness.measure(__file__, key, group, target, arguments.rounds, arguments.calls)
    text = (
        f"GET of {len(harness.BODY)} bytes of JSON, parsed, by many on one client; {arguments.rounds} rounds of "
        f"{arguments.calls} calls, Python {sys.version.split()[0]}\n{harness.cpu_table(chosen, rows)}"
    )
    return harness.report(rows, harness.exceeded(chosen, rows), text, arguments.format)


if __name__ == "__main__":
    sys.exit(main())
