"""Precision and recall of `clientsmith diff` on the labelled pairs, and of griffe's `find_breaking_changes`.

    python benchmarks/diff/corpus.py [--misses]

The pairs are those of the tests (packages/clientsmith/tests/apidiff/python/corpus.py), with labels that were written by
hand. Ours are counted by rule and subject, over all kinds. griffe knows breaking changes only and has other rules, so
for it (and, in a line of its own, for ours) only this is asked: does it say that the pair breaks, and is that right?
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Final

import griffe
from clientsmith.apidiff.difference import Kind
from clientsmith.apidiff.python import compare_packages
from clientsmith.distributions import opened

_CORPUS: Final = Path(__file__).parents[2] / "packages/clientsmith/tests/apidiff/python/corpus.py"


@dataclass
class Score:
    """Right ones, wrong ones, and those that were missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __str__(self) -> str:
        precision = self.right / (self.right + self.wrong or 1)
        recall = self.right / (self.right + self.missed or 1)
        counts = f"{self.right} right, {self.wrong} wrong, {self.missed} missed"
        return f"precision {precision:6.1%}  recall {recall:6.1%}  ({counts})"

    def count(self, expected: bool, found: bool) -> None:
        """Count one answer to one question."""
        self.right += expected and found
        self.wrong += found and not expected
        self.missed += expected and not found


def corpus() -> ModuleType:
    """Return the module of pairs."""
    spec = importlib.util.spec_from_file_location("clientsmith_python_corpus", _CORPUS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def griffe_says(old: Path, new: Path) -> bool:
    """Whether griffe finds a breaking change; what it cannot load breaks nothing."""
    try:
        packages = [
            griffe.load("p", search_paths=[str(path)], allow_inspection=False, resolve_aliases=True)
            for path in (old, new)
        ]
        return any(True for _ in griffe.find_breaking_changes(*packages))
    except Exception:
        return False


def main() -> None:
    """Print the scores."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--misses", action="store_true", help="name the pairs that were answered wrongly")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    module = corpus()
    rules, ours, theirs = Score(), Score(), Score()
    for pair in module.PAIRS:
        with TemporaryDirectory() as folder:
            old, new = module.write(pair.old, Path(folder, "old")), module.write(pair.new, Path(folder, "new"))
            with opened(str(old)) as before, opened(str(new)) as after:
                differences = compare_packages(before, after)
            found = {(one.rule, one.subject) for one in differences}
            rules.right += len(found & pair.expected)
            rules.wrong += len(found - pair.expected)
            rules.missed += len(pair.expected - found)
            we_say, they_say = any(one.kind is Kind.BREAKING for one in differences), griffe_says(old, new)
        ours.count(pair.breaks, we_say)
        theirs.count(pair.breaks, they_say)
        if options.misses:
            for name, said in (("clientsmith", we_say), ("griffe", they_say)):
                if said != pair.breaks:
                    print(f"{name:<12} {'missed' if pair.breaks else 'wrong '}  {pair.name}")
    print(f"{len(module.PAIRS)} pairs, {sum(pair.breaks for pair in module.PAIRS)} of them break")
    print(f"clientsmith, every difference by rule and subject  {rules}")
    print(f"clientsmith, does the pair break?                  {ours}")
    print(f"griffe {version('griffe')}, does the pair break?                 {theirs}")


if __name__ == "__main__":
    main()
