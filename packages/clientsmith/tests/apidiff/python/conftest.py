"""The corpus, and two texts compared."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from clientsmith.apidiff.difference import Difference
from clientsmith.apidiff.python import compare_packages
from clientsmith.distributions import opened

_FILE = Path(__file__).with_name("corpus.py")


def load_corpus() -> ModuleType:
    """Return the module of labelled pairs, which lies beside the tests and is imported by nobody else."""
    name = "clientsmith_python_corpus"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, _FILE)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


CORPUS = load_corpus()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each pair to the tests that ask for one."""
    if "pair" in metafunc.fixturenames:
        metafunc.parametrize("pair", CORPUS.PAIRS, ids=[pair.name for pair in CORPUS.PAIRS])


@pytest.fixture
def compared(tmp_path: Path) -> Callable[[str, str], list[Difference]]:
    """Compare two texts of the corpus's form."""

    def compare(old: str, new: str) -> list[Difference]:
        before, after = CORPUS.write(old, tmp_path / "old"), CORPUS.write(new, tmp_path / "new")
        with opened(str(before)) as one, opened(str(after)) as other:
            return compare_packages(one, other)

    return compare
