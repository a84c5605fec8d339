"""One file for each device, below a folder that the caller chose and nowhere else."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Final

from ..endings import UsageStop
from .outcome import Outcome, shown_output

__all__ = ["ResultFolder", "file_name"]

_LONGEST_NAME: Final = 120  # far below the 255 bytes that file systems allow, with room for a number and a suffix
# Names that Windows keeps for devices, whatever stands behind the dot.
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def file_name(device: str) -> str:
    """Return a name for a device's file: what could lead elsewhere, or means something to a shell, becomes ``_``."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", device)[:_LONGEST_NAME].strip(".") or "_"
    return f"_{name}" if _RESERVED.match(name) or name.startswith("-") else name


class ResultFolder:
    """Writes what devices answered, each file whole or not at all, readable by its owner only.

    A configuration is full of secrets. A link that lies in the folder under a file's name is replaced, not followed.

    Raises:
        UsageStop: The folder cannot be made or written to.
    """

    def __init__(self, folder: Path, *, as_json: bool) -> None:
        self.folder, self._as_json = folder, as_json
        self._taken: dict[str, str] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageStop(f"{folder} cannot be made: {error.strerror}", "choose another --output-dir") from None

    def write(self, outcome: Outcome) -> Path:
        """Write what came of one device's job, and return where.

        Raises:
            UsageStop: It cannot be written.
        """
        path = self.folder / f"{self._name(outcome.device)}{'.json' if self._as_json else '.txt'}"
        text = json.dumps(outcome.as_data(), indent=2, ensure_ascii=False) + "\n" if self._as_json else _text(outcome)
        try:
            handle, hidden = tempfile.mkstemp(dir=self.folder, prefix=".naas-")  # made with mode 0600
            try:
                with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                    file.write(text)
                Path(hidden).replace(path)
            except BaseException:
                Path(hidden).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise UsageStop(f"{path} cannot be written: {error.strerror}", "choose another --output-dir") from None
        return path

    def _name(self, device: str) -> str:
        """Return a name that no other device has, also where case makes no difference."""
        base = file_name(device)
        number, name = 1, base
        while self._taken.setdefault(name.lower(), device) != device:
            number += 1
            name = f"{base}-{number}"
        return name


def _text(outcome: Outcome) -> str:
    results = outcome.results if outcome.results is not None else outcome.partial or {}
    parts = [f"{outcome.device}# {command}\n{shown_output(output)}\n" for command, output in results.items()]
    if outcome.diff:
        parts.append(f"{outcome.device}# difference\n{outcome.diff}\n")
    if outcome.error:
        parts.append(f"! {outcome.error_code or outcome.state}: {outcome.error}\n")
    return "\n".join(parts)
