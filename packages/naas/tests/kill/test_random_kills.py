"""Kills at random moments under load, as in benchmarks/naas/kills.py, which can do many more of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[4] / "benchmarks" / "naas" / "kills.py"


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "options",
    [["--engine", "embedded"], ["--engine", "nats", "--kill-nats"]],
    ids=["embedded", "nats"],
)
def test_nothing_is_lost_and_no_configuration_is_sent_twice(options: list[str]) -> None:
    command = [sys.executable, str(BENCHMARK), "--kills", "12", "--jobs-per-second", "15", *options]
    result = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert result.returncode == 0, result.stdout + result.stderr[-5000:]
