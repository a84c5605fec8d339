"""The demo is a promise of the README's first screen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STEPS = 8


def test_the_demo_walks_the_whole_road() -> None:
    """Every step prints its number and time; the exit code says that each did what it promises."""
    walked = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo.py")], capture_output=True, text=True, timeout=100, check=False
    )
    assert walked.returncode == 0, walked.stderr
    assert [line.split(".")[0].strip() for line in walked.stdout.splitlines() if " s  " in line] == [
        str(number) for number in range(1, STEPS + 1)
    ]
    for promised in ("the same bytes", "sw3-new", "page 3", "DeviceAuthenticationError"):
        assert promised in walked.stdout


def test_a_step_that_fails_is_named() -> None:
    """With the reason, and with what the command that failed said."""
    program = """
import sys
import demo

demo.PLATFORMS = ("no_such_platform",)
try:
    demo.main()
except demo.StepFailed as failure:
    sys.exit(f"the demo failed at {failure}")
"""
    walked = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT / "examples",  # `-c` puts the folder on the path
    )
    assert walked.returncode == 1
    assert "the demo failed at step 1, start three simulated devices of two platforms" in walked.stderr
    assert "no_such_platform" in walked.stderr
