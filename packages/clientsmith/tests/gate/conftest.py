"""A tiny workspace of its own for each test that wants one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "workspace"))  # three folders of tests share it

from tiny_workspace import TinyWorkspace


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinyWorkspace:
    """A core, a service, its client; the current folder is theirs."""
    root = tmp_path / "tiny"
    root.mkdir()
    monkeypatch.chdir(root)
    return TinyWorkspace(root)
