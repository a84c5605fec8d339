"""Every operation of a document can be called by the client that is generated from it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[4]
SPECS = Path(__file__).parents[1] / "specs"


def driver() -> ModuleType:
    """Return ``benchmarks/generator/callable.py``."""
    path = ROOT / "benchmarks" / "generator" / "callable.py"
    spec = importlib.util.spec_from_file_location("benchmarks_callable", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("document", ["oai-petstore.json", "redocly-museum.yaml", "gallery.yaml"])
def test_every_operation_is_answered_and_every_error_raised(document: str, tmp_path: Path) -> None:
    """Sync and async, against a mock that refuses whatever the document does not allow."""
    rows = driver().measure(SPECS / document, tmp_path, with_errors=True)
    assert [problem for row in rows for problem in row.problems] == []
    assert all(row.is_right for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize("document", ["naas-v2.json", "oai-petstore-expanded-v2.json", "oai-tictactoe.json"])
def test_the_other_documents_too(document: str, tmp_path: Path) -> None:
    rows = driver().measure(SPECS / document, tmp_path, with_errors=True)
    assert [problem for row in rows for problem in row.problems] == []
