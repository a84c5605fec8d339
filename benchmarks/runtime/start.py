"""What a start costs: importing the runtime, the first call of a fresh process, making a client.

Each figure is of processes that do one thing and end, beside bare Python in the same round; medians. The CPU time of
the whole process counts, what the interpreter itself needs is taken off. Modules are those that bare Python has not.

    python benchmarks/runtime/start.py [--rounds 15] [--format json]

Exit code 1 if a budget is exceeded: `import clientsmith.core` 15 ms; the first call over a scripted transport 60 ms of
CPU and 110 modules, no HTTP library, event loop or mail parser among them; making a client 0.1 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass

CLIENT = """
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import KeyCredential, KeyInHeader
from clientsmith.core.versioning.schemes import fixed_header
def client(transport=None):
    return ServiceClient(
        "https://example.test", KeyCredential("secret"), authentication=(KeyInHeader("api-key"),),
        api_version=fixed_header("API-Version", "1.0.0"), package="bench-client/1.0.0", transport=transport,
    )
"""

FIRST_CALL = (
    CLIENT
    + """
from clientsmith.core.operations import Operation, path
from clientsmith.core.testing import Answer, ScriptedTransport
get = Operation("GET", "/pets/{pet_id}", parameters={"pet_id": path("pet_id")}, responses={200: lambda: None})
client(ScriptedTransport(Answer(json={"id": 1})))._call(get, {"pet_id": "7"}, options={})
"""
)

PROGRAMS = {
    "bare Python": "",
    "import clientsmith.core": "import clientsmith.core",
    "first call, scripted": FIRST_CALL,
    "import RequestsTransport": "from clientsmith.core.transport import RequestsTransport",
    "import AioHttpTransport": "from clientsmith.core.transport import AioHttpTransport",
    "import StdlibTransport": "from clientsmith.core.transport import StdlibTransport",
    "import azure.core": "import azure.core",
    "import azure.core, RequestsTransport": (
        "import azure.core; from azure.core.pipeline.transport import RequestsTransport; RequestsTransport"
    ),
    "import httpx": "import httpx",
    "import requests": "import requests",
    "import aiohttp": "import aiohttp",
}

FORBIDDEN = ("requests", "urllib3", "aiohttp", "asyncio", "email", "http.client", "ssl", "socket")

COUNTING = """
import sys
bare = set(sys.modules)
{program}
modules = set(sys.modules) - bare
import json
print(json.dumps(sorted(modules)))
"""

# One client with a transport of its own, as users make it; nothing is opened before the first call.
CONSTRUCTION = (
    CLIENT
    + """
import statistics, time
client(); client()
def once():
    begin = time.process_time_ns()
    for _ in range(200):
        client()
    return (time.process_time_ns() - begin) / 200 / 1e6
print(statistics.median(once() for _ in range(7)))
"""
)

MILLISECONDS = {"import clientsmith.core": 15.0, "first call, scripted": 60.0}
MODULES = {"first call, scripted": 110}
CONSTRUCTION_MILLISECONDS = 0.1


@dataclass(frozen=True)
class Row:
    """What one program costs over bare Python."""

    name: str
    milliseconds: float
    modules: int
    forbidden: tuple[str, ...] = ()


def cpu_of(program: str, environment: Mapping[str, str]) -> float:
    """Return the CPU time of a process that runs a program, in milliseconds."""

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = spent()
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True)
    return (spent() - before) * 1e3


def output_of(program: str, environment: Mapping[str, str]) -> str | None:
    """Return what a program prints, None if something that it imports is not installed."""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if done.returncode and "ModuleNotFoundError" in done.stderr and "clientsmith" not in done.stderr.splitlines()[-1]:
        return None
    done.check_returncode()
    return done.stdout


@contextmanager
def compiled() -> Iterator[Mapping[str, str]]:
    """Return an environment in which every module is compiled once, as those of an installed package are."""
    with tempfile.TemporaryDirectory() as folder:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        yield {**kept, "PYTHONPYCACHEPREFIX": folder}


def measure(rounds: int, environment: Mapping[str, str]) -> tuple[list[Row], float]:
    """Return a row for each program whose imports are installed, and the milliseconds that making a client takes."""
    modules = {
        name: set(json.loads(found))
        for name, program in PROGRAMS.items()
        if (found := output_of(COUNTING.format(program=program), environment)) is not None
    }
    times: dict[str, list[float]] = {name: [] for name in modules}
    for _ in range(rounds):
        for name, spent in times.items():
            spent.append(cpu_of(PROGRAMS[name], environment))
    bare = times["bare Python"]
    rows = []
    for name, found in modules.items():
        own = statistics.median(one - zero for one, zero in zip(times[name], bare, strict=True))
        rows.append(Row(name, own, len(found), tuple(sorted(found & set(FORBIDDEN)))))
    return rows, float(output_of(CONSTRUCTION, environment) or "nan")


def exceeded(rows: list[Row], construction: float) -> list[str]:
    """Return what is over its budget, in words."""
    over = []
    for row in rows:
        if row.milliseconds > MILLISECONDS.get(row.name, float("inf")):
            over.append(f"{row.name}: {row.milliseconds:.0f} ms of CPU, budget {MILLISECONDS[row.name]:g} ms")
        if row.modules > MODULES.get(row.name, sys.maxsize):
            over.append(f"{row.name}: {row.modules} modules, budget {MODULES[row.name]}")
        if row.forbidden and row.name in MILLISECONDS:
            over.append(f"{row.name} imports {', '.join(row.forbidden)}")
    if construction > CONSTRUCTION_MILLISECONDS:
        over.append(f"making a client: {construction:.3f} ms, budget {CONSTRUCTION_MILLISECONDS:g} ms")
    return over


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure what a start costs.")
    parser.add_argument("--rounds", type=int, default=15, help="interleaved rounds (default 15)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    arguments = parser.parse_args()
    with compiled() as environment:
        rows, construction = measure(arguments.rounds, environment)
    over = exceeded(rows, construction)
    if arguments.format == "json":
        print(json.dumps({"rows": [asdict(row) for row in rows], "construction": construction, "exceeded": over}))
    else:
        print(f"fresh processes, {arguments.rounds} rounds, Python {sys.version.split()[0]}; over bare Python\n")
        print(f"{'program':38}{'CPU ms':>8}{'modules':>9}")
        for row in rows[1:]:
            print(f"{row.name:38}{row.milliseconds:8.1f}{row.modules:9}")
        print(f"\nmaking a client: {construction:.3f} ms")
    for line in over:
        print(f"over budget: {line}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
