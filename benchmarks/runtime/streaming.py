"""How fast a download is: 64 MiB in pieces of 64 KiB, over loopback, client and server on one core.

Throughput is what counts here: bytes a second by the clock, in ratio to urllib3 (sync) and aiohttp (async) inside the
same round; CPU time is told as well. The contenders and the way of measuring are those of `call_cost.py`.

    python benchmarks/runtime/streaming.py [--rounds 9] [--only sync,async] [--tls] [--format json]

Exit code 1 if a floor is not reached: sync 0.95 x urllib3, async 0.9 x aiohttp.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

import contenders
import harness
from harness import DOWNLOAD, MEBIBYTE, Group, Row, Target

OURS, OURS_STDLIB = "clientsmith", "clientsmith, stdlib"

GROUPS = {
    "sync": Group(
        {
            "urllib3": contenders.urllib3_download,
            OURS: contenders.ours_download,
            OURS_STDLIB: contenders.ours_stdlib_download,
            "requests": contenders.requests_download,
            "httpx": contenders.httpx_download,
            "azure-core": contenders.azure_core_download,
        },
        floors={OURS: 0.95, OURS_STDLIB: 0.95},
    ),
    "async": Group(
        {
            "aiohttp": contenders.aiohttp_download,
            OURS: contenders.ours_download_async,
            OURS_STDLIB: contenders.ours_stdlib_download_async,
        },
        style="async",
        floors={OURS: 0.9, OURS_STDLIB: 0.9},
    ),
}


def table(groups: Mapping[str, Group], rows: Sequence[Row]) -> str:
    """Return throughput and CPU time, group by group."""
    lines = []
    for key, group in groups.items():
        own = [row for row in rows if row.group == key]
        if own:
            lines += ["", f"{key:22}{'MiB/s':>9}{'CPU ms':>9}{'speed x ' + group.base:>18}"]
        for row in own:
            speed = 0.0 if row.note else DOWNLOAD / MEBIBYTE / (row.wall / 1e6)
            figures = f"{speed:9.0f}{row.cpu / 1e3:9.1f}{1 / row.wall_ratio:18.2f}" if not row.note else f"  {row.note}"
            lines.append(f"{row.name:22}{figures}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare how fast HTTP clients download.")
    parser.add_argument("--rounds", type=int, default=9, help="interleaved rounds of one download (default 9)")
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
    with harness.server("big", tls=arguments.tls) as target:
        for key in arguments.only.split(","):
            rows += harness.measure(__file__, key, GROUPS[key], target, arguments.rounds, 1)
    text = (
        f"download of {DOWNLOAD // MEBIBYTE} MiB{' over TLS' if arguments.tls else ''}; {arguments.rounds} rounds, "
        f"Python {sys.version.split()[0]}\n{table(GROUPS, rows)}"
    )
    return harness.report(rows, harness.exceeded(GROUPS, rows), text, arguments.format)


if __name__ == "__main__":
    sys.exit(main())
