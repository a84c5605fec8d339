"""A type checker reads what users write as they mean it: right uses pass, wrong ones are reported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SOURCES = [HERE.parents[2] / name / "src" for name in ("clientsmith-core", "simple-repository-client")]


@pytest.mark.slow
def test_mypy_reads_the_clients_as_their_users_do(tmp_path: Path) -> None:
    """Strict, without this repository's configuration: what a user sees."""
    configuration = tmp_path / "mypy.ini"
    path = ":".join(map(str, SOURCES))
    configuration.write_text(f"[mypy]\nmypy_path = {path}\ncache_dir = {tmp_path}\n")
    options = ["--strict", "--namespace-packages", "--explicit-package-bases", "--no-error-summary"]
    command = [sys.executable, "-m", "mypy", *options, "--config-file", str(configuration), "index_usage.py"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE)
    assert (run.stdout, run.returncode) == ("", 0)
