"""Run every benchmark and print what each prints.

make bench
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ALL = (
    "runtime/call_cost.py",
    "runtime/concurrency.py",
    "runtime/streaming.py",
    "runtime/start.py",
    "runtime/models.py",
    "runtime/probes.py",
    "generator/generation.py",
    "naas/driver_latency.py",
    "naas/jobs_per_second.py",
)


def main() -> int:
    """Run them one after the other, so that none disturbs another; the exit code is 1 if one fails."""
    failed: list[str] = []
    for name in ALL:
        print(f"\n== benchmarks/{name}", flush=True)
        if subprocess.run([sys.executable, str(FOLDER / name)], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
