"""Small packages that are written, opened and driven."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from clientsmith.distributions import opened
from clientsmith.guidelines.package import Package, package_of
from clientsmith.guidelines.rules import BY_ID
from clientsmith.guidelines.running import Bounds, observe
from clientsmith.guidelines.verdicts import Verdict

PROJECT = '[project]\nname = "sample-client"\nversion = "1.0.0"\nrequires-python = ">=3.11"\n'


@pytest.fixture
def package_of_source(tmp_path: Path) -> Callable[[str], Package]:
    """Write a package that is one module, and open it."""

    def made(source: str) -> Package:
        folder = tmp_path / "project"
        (folder / "src" / "sample_client").mkdir(parents=True)
        (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
        text = textwrap.dedent(source).lstrip("\n")
        (folder / "src" / "sample_client" / "__init__.py").write_text(text, encoding="utf-8")
        with opened(str(folder)) as distribution:
            return package_of(distribution)

    return made


@pytest.fixture
def observed() -> Callable[[Package, str], Verdict]:
    """Drive a package for one rule."""

    def look(package: Package, id: str) -> Verdict:
        return observe(package, [BY_ID[id]], bounds=Bounds(call=5.0, whole=60.0))[id]

    return look
