"""Packages made from the examples of the rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from clientsmith.configuration import Configuration, find_configuration, read_configuration
from clientsmith.distributions import opened
from clientsmith.guidelines.described import Document
from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.package import Package, package_of


@pytest.fixture
def package_from(tmp_path: Path) -> Callable[[Example], Package]:
    """Write an example down and open it as `check` opens a folder, with its configuration and its document."""

    def made(example: Example) -> Package:
        folder = tmp_path / "example"
        example.write(folder)
        found = find_configuration(folder)
        configuration, mistakes = read_configuration(found) if found is not None else (Configuration(), [])
        assert not mistakes, mistakes
        document = Document(str(folder / "openapi.yaml")) if example.spec else None
        with opened(str(folder)) as distribution:
            return package_of(distribution, configuration, document=document)

    return made
