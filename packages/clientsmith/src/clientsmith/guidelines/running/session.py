"""A subprocess in which a package is imported and called, with bounds; nothing of the package comes into our own."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

__all__ = ["Bounds", "Session", "SessionLost"]

_HERE: Final = Path(__file__).resolve().parent
# The folder of `inside` is on the path for as long as it takes to import it: the package sees its own modules only.
_BEGIN: Final = """
import sys, json
sys.path.insert(0, {here!r})
from inside.main import main
del sys.path[0]
main(json.loads({settings!r}))
"""
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a package may use while it is driven.

    Attributes:
        call: Seconds that one call may take; virtual waiting does not count.
        whole: Seconds that all of it may take.
        megabytes: Memory, address space included.
    """

    call: float = 10.0
    whole: float = 300.0
    megabytes: int = 4096


class SessionLost(Exception):
    """The subprocess ended, or had to be ended: the text says why."""


class Session:
    """A subprocess that carries out commands, one after the other; it is started again after it was lost.

    Args:
        python: The interpreter, which knows the dependencies of the package.
        paths: Folders to import from, before those of the interpreter.
        modules: What is imported first, each time it starts.
    """

    def __init__(
        self, python: Path | None, paths: Sequence[Path], modules: Sequence[str], bounds: Bounds | None = None
    ) -> None:
        self.python = python or Path(sys.executable)
        self._paths, self._modules = list(paths), list(modules)
        self._bounds = bounds or Bounds()
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._left = self._bounds.whole
        self._pending = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def another(self) -> Session:
        """Return a session like this one, with a subprocess and bounds of its own."""
        return Session(self.python, self._paths, self._modules, self._bounds)

    def ask(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out a command and return what came of it.

        Raises:
            SessionLost: The package cannot be imported, or the subprocess ended, or took longer than it may.
        """
        if self._process is None:
            self._start()
        return self._exchange(command)

    def close(self) -> None:
        """End the subprocess, and remove its folder."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # with whatever got past the fence and began there
            self._process.communicate()
            self._process = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        self._pending = b""

    def _start(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="clientsmith-check-")
        folder = self._folder.name
        settings = {
            "folder": folder,
            "paths": [str(each.resolve()) for each in self._paths],
            "seconds": self._bounds.call,
            "megabytes": self._bounds.megabytes,
        }
        begin = _BEGIN.format(here=str(_HERE), settings=json.dumps(settings))
        try:
            self._process = subprocess.Popen(
                [str(self.python), "-X", "utf8", "-B", "-c", begin],
                cwd=folder,
                env=_environment(folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise SessionLost(f"cannot run {self.python}: {error.strerror}") from error
        try:
            answer = self._exchange({"do": "import", "modules": self._modules})
        except SessionLost as lost:
            raise SessionLost(f"importing it with {self.python} does not come to an end: {lost}") from lost
        if "failed" in answer:
            self.close()
            raise SessionLost(f"`import {answer['failed']}` fails: {answer['why']}")
        if "python" not in answer:
            raise self._lost(f"{self.python} is no Python")

    def _exchange(self, command: Mapping[str, Any]) -> dict[str, Any]:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        began = time.monotonic()
        try:
            process.stdin.write(json.dumps(command).encode() + b"\n")
            process.stdin.flush()
        except OSError as error:
            raise self._lost("it ended by itself") from error
        line = self._line(process, began + min(self._bounds.call * 2 + 5, self._left))
        self._left -= time.monotonic() - began
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError as error:
            raise self._lost(f"it answered what is no JSON: {line[:80]!r}") from error
        return answer

    def _line(self, process: subprocess.Popen[bytes], until: float) -> bytes:
        assert process.stdout is not None
        number = process.stdout.fileno()
        while b"\n" not in self._pending:
            ready, _, _ = select.select([number], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                self._left = max(0.0, self._left)
                raise self._lost("it did not answer in time")
            piece = os.read(number, 1 << 20)
            if not piece:
                raise self._lost("it ended by itself")
            self._pending += piece
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def _lost(self, why: str) -> SessionLost:
        process = self._process
        code = process.poll() if process is not None else None
        self.close()
        return SessionLost(f"the subprocess was lost: {why}" + (f" (exit code {code})" if code else ""))


def _environment(folder: str) -> dict[str, str]:
    """Return an environment without secrets, proxies and homes: what of ours is harmless, and a folder to write in."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    own = {"HOME": folder, "TMPDIR": folder, "XDG_CACHE_HOME": folder, "XDG_CONFIG_HOME": folder}
    return {**kept, **own, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
