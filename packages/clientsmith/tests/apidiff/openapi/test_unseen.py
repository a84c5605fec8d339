"""The pairs of somebody who had not read the comparison: weight and subject are those of the labels."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from clientsmith.apidiff.difference import Kind
from clientsmith.apidiff.openapi import compare_documents
from clientsmith.openapi.parse import parse

WEIGHTS = {Kind.BREAKING: "breaks", Kind.ADDITION: "adds", Kind.FIX: "told"}


def _table() -> ModuleType:
    spec = importlib.util.spec_from_file_location("clientsmith_unseen_openapi", Path(__file__).with_name("unseen.py"))
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TABLE = _table()


@pytest.mark.parametrize("row", TABLE.UNSEEN, ids=lambda row: row.name)
def test_what_services_did_has_the_weight_that_it_had_for_clients(row: Any) -> None:
    found = compare_documents(parse(TABLE.BOOKS, "old.yaml")[0], parse(row.new, "new.yaml")[0])
    kinds = {one.kind for one in found}
    assert next((weight for kind, weight in WEIGHTS.items() if kind in kinds), "nothing") == row.weight
    assert not row.subject or any(row.subject in one.subject for one in found)
