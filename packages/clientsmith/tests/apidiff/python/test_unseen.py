"""The pairs of somebody who had not read the comparison: weight and subject are those of the labels."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from clientsmith.apidiff.difference import Difference, Kind

WEIGHTS = {Kind.BREAKING: "breaks", Kind.ADDITION: "adds", Kind.FIX: "told"}


def _table() -> ModuleType:
    spec = importlib.util.spec_from_file_location("clientsmith_unseen_python", Path(__file__).with_name("unseen.py"))
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("row", _table().UNSEEN, ids=lambda row: row.name)
def test_what_libraries_did_has_the_weight_that_it_had_for_users(
    row: Any, compared: Callable[[str, str], list[Difference]]
) -> None:
    found = compared(row.old, row.new)
    kinds = {one.kind for one in found}
    assert next((weight for kind, weight in WEIGHTS.items() if kind in kinds), "nothing") == row.weight
    assert not row.subject or any(row.subject in one.subject for one in found)
