"""The packages under judgement, generated once for all tests."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from .rules import Package
from .subjects import packages


@pytest.fixture(scope="session")
def subjects(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Package]:
    """Every package by name."""
    return packages(tmp_path_factory.mktemp("generated"))
