"""What a client of GitHub's 1,223 operations costs: to make, to make again, to install, to import, to call first.

    python benchmarks/generator/github.py --spec github-api.json
    python benchmarks/generator/github.py --spec github-api.json --runs 5 --format json

Every figure is taken in a process of its own. Times are processor time, children included, and the best of the runs:
this is about the code, and not about what else the machine does. Lines are those of the package, sync and async, with
docstrings and without tests; those of webhooks, which are no operations, are also given apart.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

SPEC: Final = Path(os.environ.get("CLIENTSMITH_SPECS", "specs")) / "github-api.json"
MIB: Final = 1024 * 1024

# The goals of issue 4.
GOALS: Final = {
    "generate_seconds": 8.0,
    "generate_peak_mib": 350.0,
    "again_seconds": 2.0,
    "one_changed_seconds": 2.0,
    "lines_per_operation": 110.0,
    "wheel_mib": 1.2,
    "import_and_client_ms": 60.0,
    "first_call_ms": 100.0,
    "everything_seconds": 2.0,
    "everything_mib": 60.0,
}

MEASURE: Final = """
import json, resource, sys
from time import process_time
def rss(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
sys.path.insert(0, {source!r})
{before}
start, memory = process_time(), rss()
{timed}
print(json.dumps([process_time() - start, rss() - memory]))
"""
CLIENT: Final = "import {package}\nclient = {package}.{client}(transport=service)"
FIRST_CALL: Final = "from clientsmith.core.testing import Answer, ScriptedTransport"
EVERYTHING: Final = "import importlib\nfor name in {modules!r}: importlib.import_module(name)"


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is measured."""

    operations: int
    webhooks: int
    generate_seconds: float
    generate_peak_mib: float
    again_seconds: float
    one_changed_seconds: float
    lines: int
    webhook_lines: int
    lines_per_operation: float
    lines_per_operation_and_webhook: float
    wheel_mib: float
    import_and_client_ms: float
    first_call_ms: float
    everything_seconds: float
    everything_mib: float


def measure(spec: Path, runs: int) -> Figures:
    """Generate the client of ``spec`` and measure it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        target = folder / "client"
        made = min(generated(spec, folder / f"run{number}") for number in range(runs))
        generated(spec, target)
        again = min(generated(spec, target)[0] for _ in range(runs))
        changed = min(generated(changed_copy(spec, folder, number), target)[0] for number in range(runs))
        operations, webhooks, package, client = described(spec)
        source = target / "src"
        lines, of_webhooks = lines_of(source)
        facts = {"package": package, "client": client}
        started = timed(source, f"{FIRST_CALL}\nservice = ScriptedTransport()", CLIENT.format(**facts), runs)
        call = timed(source, f"{FIRST_CALL}\n", FIRST_USE.format(**facts), runs)
        modules = modules_of(source)
        everything = timed(
            source, "import clientsmith.core, clientsmith.core.aio", EVERYTHING.format(modules=modules), runs
        )
        return Figures(
            operations=operations,
            webhooks=webhooks,
            generate_seconds=made[0],
            generate_peak_mib=made[1],
            again_seconds=again,
            one_changed_seconds=changed,
            lines=lines,
            webhook_lines=of_webhooks,
            lines_per_operation=(lines - of_webhooks) / operations,
            lines_per_operation_and_webhook=lines / (operations + webhooks),
            wheel_mib=wheel_size(target) / MIB,
            import_and_client_ms=started[0] * 1000,
            first_call_ms=call[0] * 1000,
            everything_seconds=everything[0],
            everything_mib=everything[1],
        )


# A user's first call, from nothing but the transport: import, client, request, answer, one field of a model.
FIRST_USE: Final = """
from {package} import {client}
service = ScriptedTransport(Answer(json={{"login": "octocat", "id": 1, "user_view_type": "public"}}))
client = {client}(transport=service)
assert client.get_user_client("octocat").get_user().login == "octocat"
"""


def generated(spec: Path, target: Path) -> tuple[float, float]:
    """Return the seconds and the peak of memory in MiB of one run of the command line."""
    command = [sys.executable, "-m", "clientsmith.cli.main", "generate", str(spec), "-o", str(target)]
    program = (
        "import json, resource, subprocess, sys\n"
        f"done = subprocess.run({command!r}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([done.returncode, done.stderr[-500:], used.ru_utime + used.ru_stime, used.ru_maxrss]))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    code, error, seconds, peak = json.loads(run.stdout)
    if code:
        raise SystemExit(f"clientsmith generate ended with {code}: {error}")
    return seconds, peak / 1024


def changed_copy(spec: Path, folder: Path, number: int) -> Path:
    """Return a copy of the document in which one operation has another summary; made by another process, see below."""
    copy = folder / "changed.json"
    program = (
        "import json, sys\n"
        "document = json.load(open(sys.argv[1], encoding='utf-8'))\n"
        "item = document['paths'][sorted(document['paths'])[100]]\n"
        "one = next(value for key, value in item.items() if key in ('get', 'post', 'put', 'delete'))\n"
        "one['summary'] = f'{one.get(\"summary\", \"\")} ({sys.argv[3]})'\n"
        "json.dump(document, open(sys.argv[2], 'w', encoding='utf-8'))\n"
    )
    subprocess.run([sys.executable, "-c", program, str(spec), str(copy), str(number)], check=True)
    return copy


def described(spec: Path) -> tuple[int, int, str, str]:
    """Return the numbers of operations and webhooks, and the names of package and class.

    In another process: whoever was large once begets children that look large.
    """
    program = (
        "import json, sys\n"
        "from clientsmith.model.pipeline import build_api\n"
        "api, _ = build_api(sys.argv[1], notes=False)\n"
        "print(json.dumps([len(api.operations), len(api.webhooks), api.package, api.root.name]))\n"
    )
    run = subprocess.run([sys.executable, "-c", program, str(spec)], capture_output=True, text=True, check=True)
    operations, webhooks, package, client = json.loads(run.stdout)
    return operations, webhooks, package, client


def lines_of(source: Path) -> tuple[int, int]:
    """Return the lines of the package, and those of them that are about webhooks."""
    counts = {path: path.read_text("utf-8").count("\n") for path in source.rglob("*.py")}
    return sum(counts.values()), sum(
        n for path, n in counts.items() if re.fullmatch(r"_?webhooks\.py", path.name) and "_groups" not in path.parts
    )


def wheel_size(target: Path) -> int:
    """Return the bytes of the package's wheel."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"]
    subprocess.run(command, cwd=target, check=True, capture_output=True)
    return next((target / "dist").glob("*.whl")).stat().st_size


def modules_of(source: Path) -> list[str]:
    names = [".".join(path.relative_to(source).with_suffix("").parts) for path in source.rglob("*.py")]
    return sorted(name.removesuffix(".__init__") for name in names)


def timed(source: Path, before: str, program: str, runs: int) -> tuple[float, float]:
    """Return seconds and MiB of a program in a fresh interpreter, after one run that compiles the modules."""
    text = MEASURE.format(source=str(source), before=before, timed=program)
    # The first run compiles the modules, as an installation does.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    results: list[list[float]] = []
    for _ in range(runs + 1):
        run = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True, check=False)
        if run.returncode:
            raise SystemExit(run.stderr)
        results.append(json.loads(run.stdout))
    seconds, memory = min(results[1:])
    return seconds, memory


def as_table(figures: Figures) -> str:
    rows: dict[str, Any] = asdict(figures)
    lines = [f"{'figure':<34}{'here':>12}{'goal':>10}"]
    for name, value in rows.items():
        shown = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
        goal = f"{GOALS[name]:g}" if name in GOALS else ""
        mark = "  over" if name in GOALS and value > GOALS[name] else ""
        lines.append(f"{name.replace('_', ' '):<34}{shown:>12}{goal:>10}{mark}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--spec", type=Path, default=SPEC, help="GitHub's document (default: $CLIENTSMITH_SPECS/github-api.json)"
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of each measurement; the best counts (default: 3)")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    options = parser.parse_args()
    if not options.spec.exists():
        raise SystemExit(
            f"{options.spec} is not there: give --spec, or set CLIENTSMITH_SPECS to the folder that has it"
        )
    figures = measure(options.spec, options.runs)
    print(json.dumps(asdict(figures), indent=2) if options.format == "json" else as_table(figures))


if __name__ == "__main__":
    main()
