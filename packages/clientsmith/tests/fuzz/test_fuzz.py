"""The fuzzer of documents, for a moment; `documents.py --seconds 600` is for a night."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str) -> None:
    script = Path(__file__).with_name("documents.py")
    done = subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_mutated_documents_are_read_or_refused() -> None:
    run("--seconds", "3", "--seed", "1")


@pytest.mark.slow
def test_more_mutated_documents_are_read_or_refused() -> None:
    """For a minute, from another beginning."""
    run("--seconds", "60", "--seed", "2")
