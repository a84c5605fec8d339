"""The same bytes for the same input: over runs, over Pythons, and with the document shuffled.

Each document is generated into an empty folder, four times: twice by this Python with different hash seeds, once by
each other Python that is given, and once from a copy whose ``paths``, ``schemas`` and other named parts are in another
order, beside the first run's ``clientsmith.lock``. All files must be equal, byte for byte.

    python benchmarks/generator/determinism.py [DOCUMENT ...] [--python PYTHON ...] [--format json]

Without documents: those of ``../shared/specs``. Another Python needs clientsmith installed, see ``tools/pythons.py``.
Exit code 1 if anything differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from clientsmith.openapi.parse import parse

SPECS = Path(__file__).parents[3] / "shared" / "specs"
NOT_OPENAPI = {"index.json", "redocly-museum.arazzo.yaml", "azure-common-types-v2-types.json"}
NAMED_PARTS = ("paths", "webhooks", "definitions", "parameters", "responses")
LOCK = "clientsmith.lock"


@dataclass(frozen=True, slots=True)
class Row:
    """What one document gave: the number of files, and those that differ, by what was changed."""

    document: str
    files: int
    differing: dict[str, list[str]]


def generate(python: str, spec: Path, target: Path, *, hash_seed: int = 0) -> None:
    """Run the command as a user does; findings are no failure here."""
    command = [python, "-m", "clientsmith.cli.main", "generate", str(spec), "-o", str(target)]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONHASHSEED": str(hash_seed)}, capture_output=True, text=True, check=False
    )
    if not target.is_dir():
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")


def digests(target: Path) -> dict[str, str]:
    files = (path for path in target.rglob("*") if path.is_file())
    return {str(path.relative_to(target)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def shuffled(spec: Path, folder: Path) -> Path:
    """A copy of the document with the members of its maps of named things in another order."""
    document, _ = parse(spec.read_text("utf-8-sig"), spec.name)
    order = random.Random(7)
    components = document.get("components", {})
    maps = [*(document.get(name) for name in NAMED_PARTS), *components.values()]
    for named in maps:
        if isinstance(named, dict):
            items = list(named.items())
            order.shuffle(items)
            named.clear()
            named.update(items)
    beside = folder / "shuffled"
    beside.mkdir()
    for other in (path for path in spec.parent.glob("*.json") if path.stat().st_size < 100_000):
        shutil.copy(other, beside / other.name)  # it may refer to them
    copy = beside / f"{spec.stem}.json"
    copy.write_text(json.dumps(document))
    return copy


def compare(spec: Path, pythons: list[str], folder: Path) -> Row:
    first = folder / "first"
    generate(sys.executable, spec, first)
    expected = digests(first)
    others = {"hash seed": (sys.executable, spec, 1), **{python: (python, spec, 0) for python in pythons}}
    others["shuffled"] = (sys.executable, shuffled(spec, folder), 0)
    differing: dict[str, list[str]] = {}
    for number, (what, (python, document, seed)) in enumerate(others.items()):
        target = folder / f"other-{number}"
        if what == "shuffled" and (first / LOCK).exists():
            target.mkdir()
            shutil.copy(first / LOCK, target / LOCK)
        generate(python, document, target, hash_seed=seed)
        found = digests(target)
        differing[what] = sorted(name for name in expected | found if expected.get(name) != found.get(name))
    return Row(spec.name, len(expected), differing)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", nargs="*", type=Path)
    parser.add_argument("--python", action="append", default=[])
    parser.add_argument("--format", choices=["text", "json"], default="text")
    options = parser.parse_args()
    documents = options.documents or sorted(path for path in SPECS.iterdir() if path.suffix in (".json", ".yaml"))
    rows: list[Row] = []
    for document in documents:
        if document.name in NOT_OPENAPI:
            continue
        with tempfile.TemporaryDirectory() as folder:
            rows.append(compare(document, options.python, Path(folder)))
        if options.format == "text":
            differing = {what: names for what, names in rows[-1].differing.items() if names}
            print(f"{rows[-1].document:<34}{rows[-1].files:>4} files  {differing or 'the same bytes'}", flush=True)
    if options.format == "json":
        print(json.dumps([asdict(row) for row in rows]))
    return 1 if any(names for row in rows for names in row.differing.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
