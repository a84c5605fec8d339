"""Scenarios of AutoRest's test server that clients pass which were generated from the Swagger files it ships, by area.

A scenario is passed if the client gives what it should, sync and async, and the server's own report counts it. Where
the npm package is, AZURE_TESTSERVER says: see packages/clientsmith/tests/real/README.md.

    python benchmarks/generator/azure.py
    python benchmarks/generator/azure.py --format json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

TESTS: Final = Path(__file__).parents[2] / "packages" / "clientsmith" / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "real")]

# ruff: noqa: E402 - the tests' modules are found by their folder
import driving
from azure_testserver.driver import CASES, LEFT_OUT, Bench
from azure_testserver.server import Missing, TestServer


@dataclass(slots=True)
class Row:
    """What became of the scenarios of one Swagger file."""

    area: str
    driven: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> int:
        return len(self.driven - self.failed.keys())


async def drive_all(server: TestServer, folder: Path) -> list[Row]:
    """Drive every scenario in both colours."""
    rows: dict[str, Row] = {}
    bench = Bench(server, folder)
    try:
        for case in CASES:
            row = rows.setdefault(case.area.document, Row(case.area.document))
            row.driven.update(case.scenarios)
            for colour in driving.COLOURS:
                try:
                    await bench.drive(case, colour)
                except Exception as error:
                    why = case.differs or f"{colour}: {type(error).__name__}: {error}".replace("\n", " ")[:200]
                    row.failed.update(dict.fromkeys(case.scenarios, why))
    finally:
        bench.end()
    return list(rows.values())


def as_table(rows: list[Row], total: int) -> str:
    lines = [f"{'area':<36}{'driven':>8}{'passed':>8}"]
    lines += [f"{row.area:<36}{len(row.driven):>8}{row.passed:>8}" for row in rows]
    driven = len(set[str]().union(*(row.driven for row in rows)))
    failed: dict[str, str] = {}
    for row in rows:
        failed |= row.failed
    lines.append(f"{f'all ({total} in the report)':<36}{driven:>8}{driven - len(failed):>8}")
    lines += ["", "not passed:", *(f"  {name}: {why}" for name, why in failed.items())]
    lines += ["", "not driven:", *(f"  {name}: {why}" for name, why in LEFT_OUT.items())]
    return "\n".join(lines)


def as_data(rows: list[Row], total: int) -> Any:
    areas = [{"area": row.area, "driven": len(row.driven), "passed": row.passed, "failed": row.failed} for row in rows]
    sums = Counter(driven=sum(len(row.driven) for row in rows), passed=sum(row.passed for row in rows))
    return {"in_report": total, **sums, "areas": areas, "not_driven": LEFT_OUT}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--format", choices=["text", "json"], default="text")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            server = TestServer(Path(folder))
        except Missing as missing:
            print(f"AutoRest's test server cannot be run here: {missing}")
            return 0
        with server:
            rows = asyncio.run(drive_all(server, Path(folder)))
            total = len(server.scenarios)
    print(as_table(rows, total) if options.format == "text" else json.dumps(as_data(rows, total), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
