"""Every labelled pair: exactly what the label says is found, and nothing else."""

from __future__ import annotations

import importlib.util
import sys
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
from clientsmith.apidiff.openapi import RULES, compare_documents


def _corpus() -> ModuleType:
    """The table lies beside this file; tests are imported one by one here, and have no package."""
    name = "clientsmith_openapi_corpus"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("corpus.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


corpus = _corpus()
TODAY = date(2030, 1, 1)


@pytest.mark.parametrize("pair", corpus.CORPUS, ids=lambda pair: pair.name)
def test_what_the_label_says_is_found_and_nothing_else(pair) -> None:  # type: ignore[no-untyped-def]
    found = compare_documents(pair.old, pair.new, old_file="old.yaml", new_file="new.yaml", today=TODAY)
    assert {corpus.label(one) for one in found} == pair.found
    assert len(found) == len(pair.found), "one change is told once"


def test_the_corpus_is_large_and_its_names_are_unique() -> None:
    names = [pair.name for pair in corpus.CORPUS]
    assert len(names) == len(set(names))
    assert len(names) >= 160


def test_labels_are_rules() -> None:
    assert {rule for pair in corpus.CORPUS for rule, _ in pair.found} <= RULES.keys()
