"""How long clientsmith takes for each of the five documents: reading and naming, then the whole package.

Runs are interleaved (one of each document, then again), so that a busy moment of the machine hits all alike; the median
is printed. One warm-up run a document is not counted.

    python benchmarks/generator/generation.py --runs 7
    python benchmarks/generator/generation.py --format json --spec github-api.json
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from clientsmith.emit.package import write_package
from clientsmith.model.pipeline import build_api

SPECS = Path(__file__).parents[2] / "packages" / "clientsmith" / "tests" / "specs"
FIVE = (
    "naas-v2.json",
    "oai-petstore.json",
    "oai-petstore-expanded-v2.json",
    "oai-tictactoe.json",
    "redocly-museum.yaml",
)


@dataclass(frozen=True, slots=True)
class Row:
    """Medians of one document; milliseconds."""

    document: str
    operations: int
    lines: int
    read_ms: float
    write_ms: float
    again_ms: float


def measure(documents: list[Path], runs: int) -> list[Row]:
    """Time reading (SPEC to named API), writing (a new package), and writing the same package again."""
    times: dict[Path, list[tuple[float, float, float]]] = {path: [] for path in documents}
    sizes: dict[Path, tuple[int, int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for run in range(runs + 1):
            for path in documents:
                target = Path(folder) / path.stem
                shutil.rmtree(target, ignore_errors=True)
                (api, _findings), reading = timed(partial(build_api, str(path), notes=False))
                write = partial(write_package, api, target, source="benchmark")
                report, writing = timed(write)
                _, again = timed(write)
                sizes[path] = (len(api.operations), report.lines)
                if run:
                    times[path].append((reading, writing, again))
    return [
        Row(path.name, *sizes[path], *(statistics.median(column) for column in zip(*times[path], strict=True)))
        for path in documents
    ]


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    value = call()
    return value, (time.perf_counter() - started) * 1000


def as_table(rows: list[Row]) -> str:
    lines = [f"{'document':<32}{'operations':>11}{'lines':>9}{'read ms':>10}{'write ms':>10}{'again ms':>10}"]
    lines += [
        f"{row.document:<32}{row.operations:>11,}{row.lines:>9,}{row.read_ms:>10,.1f}{row.write_ms:>10,.1f}{row.again_ms:>10,.1f}"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each document (default: 5)")
    parser.add_argument("--spec", type=Path, action="append", help="time this document instead of the five")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    options = parser.parse_args()
    rows = measure(options.spec or [SPECS / name for name in FIVE], options.runs)
    machine = {"python": platform.python_version(), "machine": platform.machine(), "runs": options.runs}
    if options.format == "json":
        print(json.dumps({**machine, "documents": [asdict(row) for row in rows]}, indent=2))
    else:
        print(as_table(rows))
        print(", ".join(f"{key} {value}" for key, value in machine.items()))


if __name__ == "__main__":
    main()
