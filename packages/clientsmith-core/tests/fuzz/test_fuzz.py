"""The fuzzer itself runs, for a moment; `make fuzz` gives it more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_fuzzing_http1_for_a_second_finds_nothing() -> None:
    """With a seed of its own each time: a failure prints the one to repeat it with."""
    script = Path(__file__).parent / "http1.py"
    done = subprocess.run(
        [sys.executable, str(script), "--seconds", "1"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing found" in done.stdout
