"""The command, run as a user runs it, in a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result
from clientsmith.cli.main import cli

SPECS: Final = Path(__file__).parents[1] / "specs"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments), prog_name="clientsmith")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
