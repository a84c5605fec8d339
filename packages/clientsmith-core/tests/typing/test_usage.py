"""Type checkers read what users write as they mean it: right uses pass, wrong ones are reported.

The code of the guide that shows how to write a client is one of the uses.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

USAGES = sorted(each for each in Path(__file__).parent.glob("*_usage.py") if not each.name.startswith("test_"))
SOURCE = Path(__file__).parents[2] / "src"
GUIDES = [Path(__file__).parents[4] / "docs" / "guide" / "write-a-client.md"]

MYPY = [
    "mypy",
    "--strict",
    "--warn-unused-ignores",
    "--namespace-packages",
    "--explicit-package-bases",
    "--no-error-summary",
]


def guide_usage(guide: Path, folder: Path) -> Path:
    """Write the code of a guide as a module. It may await, so it is the body of a function."""
    blocks = re.findall(r"```python\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)
    usage = folder / f"{guide.stem.replace('-', '_')}_usage.py"
    code = textwrap.indent("\n".join(blocks), "    ")
    usage.write_text(f"from __future__ import annotations\n\n\nasync def guide() -> None:\n{code}")
    return usage


def test_mypy_agrees(tmp_path: Path) -> None:
    """Strict, without this repository's configuration: what a user sees."""
    configuration = tmp_path / "mypy.ini"
    configuration.write_text(f"[mypy]\nmypy_path = {SOURCE}\ncache_dir = {tmp_path}\n")
    usages = [*USAGES, *(guide_usage(guide, tmp_path) for guide in GUIDES)]
    command = [sys.executable, "-m", *MYPY, "--config-file", str(configuration), *map(str, usages)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=USAGES[0].parent)
    assert (run.stdout, run.returncode) == ("", 0)


def test_pyright_agrees(tmp_path: Path) -> None:
    """Strict, and an ignore that ignores nothing is an error."""
    pytest.importorskip("pyright")
    usages = [*USAGES, *(guide_usage(guide, tmp_path) for guide in GUIDES)]
    configuration = {
        "include": [usage.name for usage in usages],
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
    assert report["summary"]["filesAnalyzed"] == len(usages)
