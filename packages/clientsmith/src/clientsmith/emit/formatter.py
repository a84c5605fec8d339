"""``ruff format``, once over a whole tree."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

from clientsmith.emit.errors import FormatterError
from clientsmith.emit.text import WIDTH

__all__ = ["format_tree", "formatter_version"]

# Formatting a million lines takes seconds; a run that takes longer hangs.
_TIMEOUT_SECONDS = 300.0


def format_tree(folder: Path) -> None:
    """Lay out every Python file below ``folder``, whatever configuration stands around it.

    Raises:
        FormatterError: ruff is missing or refused a file.
    """
    _run("format", "--isolated", "--no-cache", "--quiet", "--line-length", str(WIDTH), str(folder))


@cache
def formatter_version() -> str:
    """The version of ruff that `format_tree` uses; it belongs to the manifest since the layout depends on it.

    Raises:
        FormatterError: ruff is missing.
    """
    return _run("--version").split()[-1]


def _run(*arguments: str) -> str:
    try:
        # As a module: the ruff that is installed beside us, whatever the PATH says.
        command = [sys.executable, "-m", "ruff", *arguments]
        result = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FormatterError(str(error)) from error
    if result.returncode != 0:
        raise FormatterError(result.stderr.strip() or f"exit code {result.returncode}")
    return result.stdout
