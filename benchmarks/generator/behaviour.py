"""What generated clients do: the rows of `packages/clientsmith/tests/behaviour/rows.py` for ours, beside nine peers.

Ours are run now, against the loopback service of the tests, sync and async. The peers' columns are what was measured
on 2026-11-21 with the same questions and hand-written calls of each peer's client (`+` right, `~` partly, `-` wrong,
lost or raises, a blank where the client could not be asked).

    python benchmarks/generator/behaviour.py
    python benchmarks/generator/behaviour.py --format json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clientsmith.core.credentials import KeyCredential

TESTS: Final = Path(__file__).parents[2] / "packages" / "clientsmith" / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "behaviour")]

# ruff: noqa: E402 - the tests' modules are found by their folder
import driving
import rows
import server

PEERS: Final = (
    "openapi-python-client 0.29.1",
    "OpenAPI Generator 7.26.0",
    "crozier 0.0.117 (Fern)",
    "stainful 0.6.0 (Stainless)",
    "clientele 2.3.1",
    "apiwright 0.1.0rc6",
    "pyopenapi-gen 5.1.19",
    "TypeSpec python",
    "autorest.python 6.50.3",
)
SHORT: Final = ("opc", "OAG", "Fern", "Stain", "cltle", "apiwr", "pyoa", "TypeS", "autor")
RESULTS: Final = {  # one sign a peer, in the order above
    "create and get decode": "++++++-+-",
    "bearer token from `security`": "++++~++--",
    "array in the query, `explode: false`": "-++--- +-",
    "path value `a/b?c`": "++--++ ++",
    "unknown enum value in a response": "------ ++",
    "unknown field kept": "+-++-- ++",
    "null and absent differ on read": "+----- --",
    "send null": "++++-- --",
    "do not send absent": "+++++- ++",
    "date-time with 9 digits": "++++-+ ++",
    "`class` property": "++++++ ++",
    "discriminated union": "+~++-++--",
    "unknown union member": "-------++",
    "404 with a documented body": "-++~-~~--",
    "503, 503, 200 (`Retry-After: 0`)": "-+++---++",
    "multipart: file and field": "+~++-- ~-",
    "server-sent events": "--+~--~--",
    "automatic paging (`next_cursor`)": "---------",
    "sync and async in one package": "+-++---++",
}


@dataclass(frozen=True, slots=True)
class Result:
    """One row: "" for each colour in which it holds, else what went wrong."""

    row: str
    sync: str
    asynchronous: str
    peers: str


async def measure() -> list[Result]:
    """Generate a client of the probe document and ask it every question, in both colours."""
    with tempfile.TemporaryDirectory() as folder:
        generated = driving.Generated(TESTS / "behaviour" / "probe.yaml", Path(folder), "behaviour_probe")
        try:
            return [
                Result(row.name, *[await ask(generated, row, colour) for colour in driving.COLOURS], RESULTS[row.name])
                for row in rows.ROWS
            ]
        finally:
            generated.forget()


async def ask(generated: Any, row: Any, colour: str) -> str:
    with server.ProbeServer() as service:
        async with generated.client(colour, service.url, credential=KeyCredential("secret")) as probe:
            probe.server = service
            try:
                async with asyncio.timeout(30):
                    await row.claim(probe)
            except Exception as error:  # whatever a client raises is the answer
                return f"{type(error).__name__}: {error}"
    return ""


def as_table(results: list[Result]) -> str:
    head = f"{'':<40}{'sync':>6}{'async':>6}" + "".join(f"{peer:>7}" for peer in SHORT)
    lines = [head]
    for result in results:
        ours = "".join(f"{'-' if wrong else '+':>6}" for wrong in (result.sync, result.asynchronous))
        lines.append(f"{result.row:<40}{ours}" + "".join(f"{sign:>7}" for sign in result.peers))
    ours = "".join(f"{sum(not getattr(one, colour) for one in results):>6}" for colour in ("sync", "asynchronous"))
    totals = "".join(f"{sum(one.peers[number] == '+' for one in results):>7}" for number in range(len(PEERS)))
    lines.append(f"{f'of {len(results)}':<40}{ours}{totals}")
    failed = [f"  {one.row}: {wrong}" for one in results for wrong in (one.sync, one.asynchronous) if wrong]
    return "\n".join([*lines, *(["", "failed:", *failed] if failed else []), "", "peers: " + ", ".join(PEERS)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--format", choices=["text", "json"], default="text")
    results = asyncio.run(measure())
    if parser.parse_args().format == "json":
        told = [
            {
                "row": one.row,
                "sync": not one.sync,
                "async": not one.asynchronous,
                "peers": dict(zip(PEERS, one.peers, strict=True)),
            }
            for one in results
        ]
        print(json.dumps(told, indent=2))
    else:
        print(as_table(results))
    return 1 if any(one.sync or one.asynchronous for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())
