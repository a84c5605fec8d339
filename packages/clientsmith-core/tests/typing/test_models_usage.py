"""Type checkers read what users write as they mean it: right uses pass, wrong ones are reported."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

USAGES = sorted(each for each in Path(__file__).parent.glob("*_usage.py") if not each.name.startswith("test_"))
SOURCE = Path(__file__).parents[2] / "src"

MYPY = [
    "mypy",
    "--strict",
    "--warn-unused-ignores",
    "--namespace-packages",
    "--explicit-package-bases",
    "--no-error-summary",
]


def test_mypy_agrees(tmp_path: Path) -> None:
    """Strict, without this repository's configuration: what a user sees."""
    configuration = tmp_path / "mypy.ini"
    configuration.write_text(f"[mypy]\nmypy_path = {SOURCE}\ncache_dir = {tmp_path}\n")
    command = [sys.executable, "-m", *MYPY, "--config-file", str(configuration), *map(str, USAGES)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=USAGES[0].parent)
    assert (run.stdout, run.returncode) == ("", 0)


def test_pyright_agrees(tmp_path: Path) -> None:
    """Strict, and an ignore that ignores nothing is an error."""
    pytest.importorskip("pyright")
    configuration = {
        "include": [usage.name for usage in USAGES],
        "extraPaths": [str(SOURCE)],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "enableTypeIgnoreComments": False,
        "reportUnnecessaryTypeIgnoreComment": "error",
        # What is only there to be looked at.
        "reportUnusedClass": False,
        "reportUnusedVariable": False,
        "reportUnusedCallResult": False,
    }
    for usage in USAGES:
        shutil.copy(usage, tmp_path)  # pyright looks only below the folder of its configuration
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(configuration))
    command = [
        sys.executable,
        "-m",
        "pyright",
        "--outputjson",
        "--pythonpath",
        sys.executable,
        "--project",
        str(tmp_path),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    report = json.loads(run.stdout)
    assert [f"{each['range']['start']['line'] + 1}: {each['message']}" for each in report["generalDiagnostics"]] == []
    assert report["summary"]["filesAnalyzed"] == len(USAGES)
