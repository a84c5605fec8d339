"""What type checkers say of generated packages: mypy --strict and pyright, errors by document.

Each document is generated into a folder of its own; both checkers get the package's ``src`` with nothing configured
but strictness, as a user of the package would have it.

    python benchmarks/generator/type_checks.py [DOCUMENT ...] [--only mypy|pyright] [--format json]

Without documents: those of ``../shared/specs``, small ones first. Exit code 1 if a checker finds an error.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

SPECS = Path(__file__).parents[3] / "shared" / "specs"
NOT_OPENAPI = {"index.json", "redocly-museum.arazzo.yaml", "azure-common-types-v2-types.json"}
CHECKERS = ("mypy", "pyright")
PER_CHECK = 1800  # seconds; the largest package takes mypy about five minutes on two busy cores


@dataclass(frozen=True, slots=True)
class Row:
    """One document and checker."""

    document: str
    checker: str
    errors: int
    seconds: float
    first: str = ""  # the first error


def generate(spec: Path, target: Path) -> Path:
    command = [sys.executable, "-m", "clientsmith.cli.main", "generate", str(spec), "-o", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not (target / "src").is_dir():
        raise SystemExit(f"{spec.name} is not generated:\n{done.stderr}")
    return target / "src"


def check(checker: str, source: Path) -> tuple[int, str]:
    """Return how many errors there are, and the first of them."""
    options = ["--strict", "--no-error-summary", "--cache-dir", f"{source.parent}/.mypy_cache"]
    command = (
        [checker, *options, "."]
        if checker == "mypy"
        else [checker, "--pythonpath", sys.executable, "--outputjson", "."]
    )
    done = subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        cwd=source, capture_output=True, text=True, check=False, timeout=PER_CHECK,
    )  # fmt: skip
    if checker == "mypy":
        lines = [line for line in done.stdout.splitlines() if ": error:" in line]
    else:
        said = json.loads(done.stdout)["generalDiagnostics"]
        lines = [
            f"{Path(one['file']).name}:{one.get('range', {}).get('start', {}).get('line', 0) + 1}: {one['message']}"
            for one in said
            if one["severity"] == "error"
        ]
    if done.returncode and not lines:
        lines = [done.stderr.strip()[-300:] or done.stdout.strip()[-300:]]
    return len(lines), lines[0] if lines else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", nargs="*", type=Path)
    parser.add_argument("--only", choices=CHECKERS)
    parser.add_argument("--format", choices=["text", "json"], default="text")
    options = parser.parse_args()
    documents = options.documents or [path for path in SPECS.iterdir() if path.suffix in (".json", ".yaml")]
    documents = sorted(
        (path for path in documents if path.name not in NOT_OPENAPI), key=lambda path: path.stat().st_size
    )
    rows: list[Row] = []
    for document in documents:
        with tempfile.TemporaryDirectory() as folder:
            source = generate(document, Path(folder))
            for checker in [options.only] if options.only else CHECKERS:
                start = time.perf_counter()
                errors, first = check(checker, source)
                rows.append(Row(document.name, checker, errors, round(time.perf_counter() - start, 1), first))
                if options.format == "text":
                    row = rows[-1]
                    print(f"{row.document:<34}{checker:<9}{errors:>5} errors{row.seconds:>8.1f} s  {first}", flush=True)
    if options.format == "json":
        print(json.dumps([asdict(row) for row in rows]))
    return 1 if any(row.errors for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
