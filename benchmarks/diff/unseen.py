"""`clientsmith diff` on pairs of somebody who had not read the comparison: does it say that they break, or changed?

    python benchmarks/diff/unseen.py [--misses]

They are tables beside the tests (packages/clientsmith/tests/apidiff/{python,openapi}/unseen.py). Figures are against
the labels as they were written at first; the rows that are corrected say why. The figures of the first run, before
anything was mended, are in docs/guide/diff.md.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from clientsmith.apidiff.difference import Difference, Kind
from clientsmith.apidiff.openapi import compare_documents
from clientsmith.apidiff.python import compare_packages
from clientsmith.distributions import opened
from clientsmith.openapi.parse import parse
from corpus import Score
from corpus import corpus as python_corpus

TESTS = Path(__file__).resolve().parents[2] / "packages/clientsmith/tests/apidiff"
WEIGHTS = {Kind.BREAKING: "breaks", Kind.ADDITION: "adds", Kind.FIX: "told"}


def main() -> None:
    """Print the scores of both parts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--misses", action="store_true", help="name the pairs whose weight is not the first label's")
    options = parser.parse_args()
    python, openapi = table("python"), table("openapi")
    write = python_corpus().write
    score("python", python.UNSEEN, lambda pair: of_packages(pair, write), misses=options.misses)
    score("openapi", openapi.UNSEEN, lambda pair: of_documents(openapi.BOOKS, pair), misses=options.misses)


def table(part: str) -> ModuleType:
    """Return the module of pairs."""
    name = f"clientsmith_unseen_{part}"
    spec = importlib.util.spec_from_file_location(name, TESTS / part / "unseen.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def of_packages(pair: Any, write: Callable[[str, Path], Path]) -> list[Difference]:
    """Compare two packages of one pair."""
    with TemporaryDirectory() as folder:
        old, new = write(pair.old, Path(folder, "old")), write(pair.new, Path(folder, "new"))
        with opened(str(old)) as before, opened(str(new)) as after:
            return compare_packages(before, after)


def of_documents(text: str, pair: Any) -> list[Difference]:
    """Compare two descriptions of one pair."""
    return compare_documents(parse(text, "old.yaml")[0], parse(pair.new, "new.yaml")[0])


def score(part: str, pairs: Sequence[Any], compare: Callable[[Any], list[Difference]], *, misses: bool) -> None:
    """Print what is right of one part."""
    breaks, changed = Score(), Score()
    corrected = 0
    for pair in pairs:
        first = pair.first or pair.weight
        found = {one.kind for one in compare(pair)}
        said = next((weight for kind, weight in WEIGHTS.items() if kind in found), "nothing")
        breaks.count(first == "breaks", said == "breaks")
        changed.count(first != "nothing", said != "nothing")
        corrected += pair.first is not None
        if misses and said != first:
            print(f"  {pair.name}: labelled {first}, told {said}; {pair.corrected or 'wrong'}")
    print(f"{part}: {len(pairs)} pairs, {corrected} of them labelled otherwise today")
    print(f"  breaks or not   {breaks}")
    print(f"  changed or not  {changed}")


if __name__ == "__main__":
    main()
