"""Run every benchmark, or those of some folders, and print what each prints.

make bench
make bench-generator
python benchmarks/run.py runtime naas
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SPECS = FOLDER.parents[1] / "shared" / "specs"
# What some are to look at; the others know it themselves.
ARGUMENTS = {
    "generator/documents.py": (str(SPECS),),
    "generator/callable.py": (str(SPECS), "--errors"),
    "generator/evidence.py": (str(SPECS),),
    "generator/github.py": ("--spec", str(SPECS / "github-api.json")),
}
ALL = (
    "runtime/call_cost.py",
    "runtime/concurrency.py",
    "runtime/streaming.py",
    "runtime/start.py",
    "runtime/versioning.py",
    "runtime/models.py",
    "runtime/probes.py",
    "generator/documents.py",
    "generator/callable.py",
    "generator/type_checks.py",
    "generator/behaviour.py",
    "generator/evidence.py",
    "generator/github.py",
    "generator/decoding.py",
    "generator/determinism.py",
    "generator/generation.py",
    "diff/corpus.py",
    "diff/documents.py",
    "diff/releases.py",
    "check/packages.py",
    "simple/pages.py",
    "simple/installers.py",
    "server/middleware.py",
    "naas/driver_latency.py",
    "naas/service.py jobs",
    "naas/service.py posts",
    "naas/simulator_scale.py",
    "naas/store_writes.py",
)


def main() -> int:
    """Run them one after the other, so that none disturbs another; the exit code is 1 if one fails."""
    folders = sys.argv[1:]
    if unknown := set(folders) - {name.partition("/")[0] for name in ALL}:
        print(f"there are no benchmarks in {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    failed: list[str] = []
    for name in (name for name in ALL if not folders or name.partition("/")[0] in folders):
        print(f"\n== benchmarks/{name}", flush=True)
        script, *words = name.split()
        if subprocess.run(
            [sys.executable, str(FOLDER / script), *words, *ARGUMENTS.get(name, ())], check=False
        ).returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
