"""What a call costs: CPU time of a GET of 1 KB JSON, parsed, over a kept-alive connection on loopback.

Ours is what a generated client does, through the whole default pipeline with a key, a deadline and retries; the peers
send the bare request. How it is measured: `harness.py`.

    python benchmarks/runtime/call_cost.py [--rounds 15] [--calls 300] [--only sync,async,pipeline] [--tls]
        [--format json]

Peers are pinned in `requirements.txt` here; one that is not installed is reported as such. Exit code 1 if a budget is
exceeded (they are for plain http; TLS adds the same to everybody): sync 1.25 x urllib3, with the standard library's
transport 0.45 x; async 1.35 x aiohttp; the pipeline alone 15 µs over `json.loads`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import contenders
import harness
from harness import Group, Row, Target

OURS, OURS_STDLIB, OURS_HTTPX = "clientsmith", "clientsmith, stdlib", "clientsmith, httpx"

GROUPS = {
    "sync": Group(
        {
            "urllib3": contenders.urllib3_pool,
            OURS: contenders.ours,
            OURS_STDLIB: contenders.ours_stdlib,
            OURS_HTTPX: contenders.ours_httpx,
            "httpx": contenders.httpx_client,
            "requests": contenders.requests_session,
            "azure-core": contenders.azure_core,
        },
        budgets={OURS: 1.25, OURS_STDLIB: 0.45},
    ),
    "async": Group(
        {
            "aiohttp": contenders.aiohttp_session,
            OURS: contenders.ours_async,
            OURS_STDLIB: contenders.ours_stdlib_async,
            OURS_HTTPX: contenders.ours_httpx_async,
            "httpx": contenders.httpx_client_async,
            "azure-core": contenders.azure_core_async,
        },
        style="async",
        budgets={OURS: 1.35},
    ),
    "pipeline": Group({"json.loads": contenders.parsing_alone, OURS: contenders.ours_scripted}),
}
PIPELINE_BUDGET_MICROSECONDS = 15.0


def pipeline_over(rows: Sequence[Row]) -> list[str]:
    """Return in words by how much the pipeline alone is over its budget, which is no ratio."""
    pipeline = {row.name: row.cpu for row in rows if row.group == "pipeline"}
    own = pipeline[OURS] - pipeline["json.loads"] if pipeline else 0.0
    if own <= PIPELINE_BUDGET_MICROSECONDS:
        return []
    return [f"pipeline: {own:.1f} µs over json.loads, budget {PIPELINE_BUDGET_MICROSECONDS:g} µs"]


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare what a call costs in HTTP clients.")
    parser.add_argument("--rounds", type=int, default=15, help="interleaved rounds (default 15)")
    parser.add_argument("--calls", type=int, default=300, help="calls in a round (default 300)")
    parser.add_argument("--only", default=",".join(GROUPS), help=f"groups to measure (default {','.join(GROUPS)})")
    parser.add_argument("--tls", action="store_true", help="over TLS 1.3")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--worker", nargs=4, metavar=("GROUP", "NAME", "URL", "CA"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        group, name, *target = arguments.worker
        harness.work(GROUPS[group], name, Target(*target))
        return 0
    harness.stay_on_one_core()
    rows: list[Row] = []
    with harness.server("small", tls=arguments.tls) as target:
        for key in arguments.only.split(","):
            rows += harness.measure(__file__, key, GROUPS[key], target, arguments.rounds, arguments.calls)
    over = [] if arguments.tls else [*harness.exceeded(GROUPS, rows), *pipeline_over(rows)]
    text = (
        f"GET of {len(harness.BODY)} bytes of JSON{' over TLS' if arguments.tls else ''}, parsed; {arguments.rounds} "
        f"rounds of {arguments.calls} calls, Python {sys.version.split()[0]}\n{harness.cpu_table(GROUPS, rows)}"
    )
    return harness.report(rows, over, text, arguments.format)


if __name__ == "__main__":
    sys.exit(main())
