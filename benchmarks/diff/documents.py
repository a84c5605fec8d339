"""`clientsmith diff` of two API descriptions beside npm's openapi-diff: what each finds of what is known to be there.

python benchmarks/diff/documents.py [--specs FOLDER] [--runs 3]

1. The corpus of labelled pairs (packages/clientsmith/tests/apidiff/openapi/corpus.py). For ours, rule and pointer have
   to be the label's. openapi-diff has no such rules, so it is asked less: does it say "breaking" where a pair breaks,
   and anything at all where something changed?
2. Random changes of known effect in real documents (mutations.py beside it), one at a time.
3. Seconds for large documents, each against a copy with some sixty changes.
4. The document that naas served at the first release of its client (releases.toml), and the one that it serves today.

openapi-diff is installed into a temporary folder by npm; without npm its columns stay empty.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

# ruff: noqa: E402 - the tests' modules are found by their folder

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "packages" / "clientsmith" / "tests"
sys.path.insert(0, str(TESTS / "apidiff" / "openapi"))

import mutations as changes
from clientsmith.apidiff.difference import Difference, Kind
from clientsmith.apidiff.openapi import RULES, compare_documents, compare_specs
from clientsmith.openapi.parse import parse
from corpus import CORPUS, label

PINNED = "openapi-diff@0.24.1"
TODAY = date(2030, 1, 1)  # the day that the labels of sunsets were written for
SMALL = ("oai-petstore.json", "oai-petstore-expanded-v2.json", "gallery.yaml", "redocly-museum.yaml", "naas-v2.json")
LARGE = (
    "github-api.json", "stripe-api.yaml", "kubernetes-api.json", "openai-api.yaml", "box-api.json", "discord-api.json",
)  # fmt: skip
# What the research note found it to miss, each with the pairs of the corpus that have it.
NOTED = {
    "parameter removed": "a parameter is removed",
    "parameter made required": "a parameter becomes required",
    "parameter retyped": "a parameter is retyped",
}
Pairs = Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--specs", type=Path, default=ROOT.parent / "shared" / "specs", help="folder of large ones")
    arguments.add_argument("--runs", type=int, default=3, help="how often each large pair is timed (the best counts)")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        peer = Peer.installed(Path(folder))
        compare_corpus(peer)
        compare_mutations(peer)
        time_large(given.specs, given.runs)
        compare_naas(Path(folder))
    return 0


class Peer:
    """openapi-diff in a folder of its own; None where it cannot be installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def installed(cls, folder: Path) -> Peer | None:
        if shutil.which("npm") is None:
            print("npm is not here: openapi-diff is left out\n")
            return None
        words = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), PINNED]
        if subprocess.run(words, capture_output=True, check=False).returncode:
            print("openapi-diff cannot be installed: it is left out\n")
            return None
        return cls(folder)

    def verdicts(self, pairs: Pairs) -> list[dict[str, Any]]:
        words = ["node", str(Path(__file__).with_name("openapi_diff.mjs"))]
        finished = subprocess.run(
            words, input=json.dumps(pairs), capture_output=True, text=True, check=False, cwd=self.folder
        )
        if finished.returncode:  # out of memory, at a large document
            return [{"error": f"it ended with {finished.returncode}", "seconds": float("nan")} for _ in pairs]
        return json.loads(finished.stdout)


# --- the corpus ------------------------------------------------------------------------------------------------------


def compare_corpus(peer: Peer | None) -> None:
    """Print precision and recall over the labelled pairs."""
    began = time.perf_counter()
    found = [compare_documents(one.old, one.new, old_file="old", new_file="new", today=TODAY) for one in CORPUS]
    seconds = time.perf_counter() - began
    right = wrong = missed = 0
    for pair, differences in zip(CORPUS, found, strict=True):
        labels = {label(one) for one in differences}
        right += len(labels & pair.found)
        wrong += len(labels - pair.found)
        missed += len(pair.found - labels)
    breaking = [any(RULES[rule].kind is Kind.BREAKING for rule, _ in pair.found) for pair in CORPUS]
    changed = [bool(pair.found) for pair in CORPUS]
    print(f"corpus: {len(CORPUS)} pairs, {right + missed} labels, {sum(breaking)} pairs break, in {seconds:.1f} s")
    print(f"  clientsmith, rule and pointer   {_figures(right, wrong, missed)}")
    ours = [any(one.kind is Kind.BREAKING for one in differences) for differences in found]
    print(f"  clientsmith, breaks or not      {_verdict(ours, breaking)}")
    print(f"  clientsmith, changed or not     {_verdict([bool(one) for one in found], changed)}")
    if peer is None:
        return
    theirs = peer.verdicts([(_without_recursion(pair.old), _without_recursion(pair.new)) for pair in CORPUS])
    print(f"  openapi-diff, breaks or not     {_verdict([bool(one.get('breaking')) for one in theirs], breaking)}")
    some = [bool(one.get("breaking") or one.get("other")) for one in theirs]
    print(f"  openapi-diff, changed or not    {_verdict(some, changed)}")
    print(f"  openapi-diff refuses            {sum('error' in one for one in theirs)} of {len(CORPUS)} pairs")
    by_name = {pair.name: verdict for pair, verdict in zip(CORPUS, theirs, strict=True)}
    for said, name in NOTED.items():
        codes = [*by_name[name].get("breaking", ()), *by_name[name].get("other", ())]
        print(f"  openapi-diff, {said:24}  {', '.join(codes) or 'nothing'}")


def _without_recursion(document: dict[str, Any]) -> dict[str, Any]:
    """openapi-diff refuses schemas that contain themselves: the one of the base document, which no pair changes."""
    document["components"]["schemas"]["Pet"]["properties"].pop("parent", None)
    return document


def _figures(right: int, wrong: int, missed: int) -> str:
    precision = right / (right + wrong) if right + wrong else 1.0
    recall = right / (right + missed) if right + missed else 1.0
    return f"precision {precision:6.1%}  recall {recall:6.1%}  ({wrong} wrong, {missed} missed)"


def _verdict(said: Iterable[bool], labelled: Iterable[bool]) -> str:
    pairs = list(zip(said, labelled, strict=True))
    right, wrong, missed = pairs.count((True, True)), pairs.count((True, False)), pairs.count((False, True))
    return _figures(right, wrong, missed)


# --- random changes --------------------------------------------------------------------------------------------------


def compare_mutations(peer: Peer | None) -> None:
    """Print for each operator how many of its changes are found, in real documents."""
    cases = [
        (operator, document, *made)
        for name in SMALL
        for document in [parse((TESTS / "specs" / name).read_text(encoding="utf-8"), name)[0]]
        for operator in changes.OPERATORS
        for seed in range(5)
        if (made := changes.mutated(document, operator, random.Random(seed))) is not None
    ]
    theirs = peer.verdicts([(old, new) for _, old, new, _ in cases]) if peer else [{} for _ in cases]
    rows: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for (operator, old, new, made), verdict in zip(cases, theirs, strict=True):
        row = rows[operator]
        row[0] += 1
        row[1] += _is_found(made, compare_documents(old, new, today=TODAY))
        row[2] += "error" not in verdict
        row[3] += bool(verdict.get("breaking") or verdict.get("other"))
    rows["all"] = [sum(column) for column in zip(*rows.values(), strict=True)]
    print(f"\nrandom changes of {len(SMALL)} real documents: found, of how many")
    print("  (openapi-diff: anything at all, of those in documents that it reads; it knows neither 3.1 nor recursion)")
    for operator, (count, ours, read, other) in rows.items():
        print(f"  {operator:40} clientsmith {ours:3}/{count:<3}  openapi-diff {other:3}/{read}")


def _is_found(made: changes.Mutation, found: Iterable[Difference]) -> bool:
    return any(
        one.rule in made.rules and any(place and place.pointer.startswith(made.pointer) for place in (one.old, one.new))
        for one in found
    )


# --- time ------------------------------------------------------------------------------------------------------------


def time_large(folder: Path, runs: int) -> None:
    """Print seconds for large documents: reading both, comparing, finding the lines. Ours uses one core."""
    print(f"\nlarge documents, each with a copy of some sixty changes (best of {runs}: CPU time, and by the clock)")
    for name in LARGE:
        path = folder / name
        if not path.exists():
            print(f"  {name:22} is not in {folder}")
            continue
        changed, chance = parse(path.read_text(encoding="utf-8"), name)[0], random.Random(1)
        done = [one for operator in changes.OPERATORS for one in changes.mutations(changed, operator, chance, 5)]
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump(changed, file)
            file.flush()
            busy, seconds, found = _best(runs, str(path), file.name)
        size = f"{path.stat().st_size / 1e6:4.1f} MB"
        print(f"  {name:22} {size}  {len(done)} changes, {found} found, {busy:.1f} s, {seconds:.1f} s", flush=True)


def _best(runs: int, old: str, new: str) -> tuple[float, float, int]:
    best, found = (float("inf"), float("inf")), 0
    for _ in range(runs):
        began, busy = time.perf_counter(), time.process_time()
        found = len(compare_specs(old, new))
        best = min(best, (time.process_time() - busy, time.perf_counter() - began))
    return *best, found


# --- naas ------------------------------------------------------------------------------------------------------------


def compare_naas(folder: Path) -> None:
    """Print what changed in the document of naas since the first release of its client."""
    releases = tomllib.loads((ROOT / "releases.toml").read_text(encoding="utf-8"))["release"]
    first = next(one for one in releases if one["package"] == "naas-client")
    archive, tree = folder / "naas.tar", folder / "naas"
    words = ["git", "-C", str(ROOT), "archive", "-o", str(archive), first["commit"], "packages"]
    subprocess.run(words, check=True, capture_output=True)
    with tarfile.open(archive) as packed:
        packed.extractall(tree, filter="data")
    documents = [_served(tree), _served(ROOT)]
    found = compare_documents(*documents, old_file="first", new_file="today", today=TODAY)
    kinds = Counter(one.kind.value for one in found)
    print(f"\nnaas at {first['commit'][:7]} and today: {len(found)} differences, {dict(kinds)}")
    for rule, count in Counter(one.rule for one in found).most_common(8):
        print(f"  {count:4}  {rule}")
    print("  what breaks:")
    for one in found:
        if one.kind is Kind.BREAKING:
            print(f"    {one.rule:36} {one.subject}: {one.message}")


def _served(root: Path) -> dict[str, Any]:
    """Return the document that the service of this tree serves."""
    sources = os.pathsep.join(str(path) for path in sorted((root / "packages").glob("*/src")))
    words = [sys.executable, "-m", "naas", "openapi"]
    served = subprocess.run(words, env=os.environ | {"PYTHONPATH": sources}, capture_output=True, text=True, check=True)
    return json.loads(served.stdout)


if __name__ == "__main__":
    raise SystemExit(main())
