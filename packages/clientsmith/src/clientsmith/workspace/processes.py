"""Programs that are run and waited for, all of which end when the one who started them stops.

Each runs in a group of its own, so that what it starts can be ended with it. A server that a test starts may leave that
group, and then nobody waits for it: where the system tells what environment a process has (Linux), those are found by
a variable that all of ours inherit.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from clientsmith.findings import InputError

__all__ = ["Finished", "Processes", "StoppedError"]

# Asked to end as by Ctrl-C, tests end the servers that they started; that takes a moment.
_GRACE_SECONDS: Final = ((signal.SIGINT, 5.0), (signal.SIGTERM, 2.0))
_KILL_SECONDS: Final = 5.0
_VARIABLE: Final = "CLIENTSMITH_STARTED_BY"
_PROC: Final = Path("/proc")


class StoppedError(Exception):
    """Nothing more is run: somebody stopped it all."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended.

    Attributes:
        code: Its exit code; negative is the signal that ended it.
        output: What it said on stdout, with stderr in its midst unless that was asked for apart.
        seconds: How long it took.
    """

    arguments: tuple[str, ...]
    code: int
    output: str
    errors: str
    seconds: float

    @property
    def is_good(self) -> bool:
        return self.code == 0

    @property
    def command(self) -> str:
        """The command as a person would write it, without the folder of the program."""
        program, *others = self.arguments
        return " ".join([Path(program).name, *others])

    def last_lines(self, number: int = 15) -> str:
        """Return the end of what it said."""
        said = (self.output.rstrip() + "\n" + self.errors.rstrip()).strip()
        return "\n".join(said.splitlines()[-number:])


class Processes:
    """Runs programs, each in a group of its own, from any thread. Leaving its block ends those that still run."""

    def __init__(self) -> None:
        self._token = secrets.token_hex(8)
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def run(
        self,
        arguments: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        variables: Mapping[str, str] | None = None,
        apart: bool = False,
        seconds: float | None = None,
    ) -> Finished:
        """Run a program to its end.

        ``variables`` come on top of our own environment. With ``apart``, stderr is not mixed into the output. After
        ``seconds`` it is ended, with what it started.

        Raises:
            InputError: There is no such program.
            StoppedError: `stop` was called before or meanwhile.
        """
        command = [str(argument) for argument in arguments]
        began = time.perf_counter()
        # Files, not pipes: a server that outlives a test would hold a pipe open, and reading it would never end.
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            process = self._start(command, cwd, variables or {}, output, errors if apart else subprocess.STDOUT)
            late = ""
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                late = f"\nended: it was not done within {seconds:g} s"
            finally:
                # With what it started and left behind.
                _end_group(process)
                with self._lock:
                    self._running.discard(process)
            if self._stopped:
                raise StoppedError
            took = time.perf_counter() - began
            return Finished(tuple(command), process.returncode, _text(output) + late, _text(errors), took)

    def _start(
        self,
        command: Sequence[str],
        cwd: Path | None,
        variables: Mapping[str, str],
        output: IO[bytes],
        errors: IO[bytes] | int,
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._stopped:
                raise StoppedError
            try:
                process = subprocess.Popen(
                    command,
                    cwd=cwd,
                    env={**os.environ, **variables, _VARIABLE: self._token},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=errors,
                    start_new_session=True,
                )
            except FileNotFoundError as problem:
                missing = cwd if cwd is not None and not cwd.is_dir() else command[0]
                raise InputError(f"cannot run `{command[0]}`: {missing} is not there", "install it") from problem
            self._running.add(process)
            return process

    def stop(self) -> None:
        """End everything that runs; nothing is started after that."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            _signal_group(process, signal.SIGINT)  # all of them first, then one after the other
        for process in running:
            _end_group(process)
        inherited = f"{_VARIABLE}={self._token}".encode()
        until = time.monotonic() + _KILL_SECONDS
        # Again until nobody is found: what was killed takes a moment to be gone, and may have started another.
        while (found := _processes_with(inherited)) and time.monotonic() < until:
            for number in found:
                _signal(number)
            time.sleep(0.01)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End a program and whatever it started: politely, then not."""
    for number, seconds in _GRACE_SECONDS:
        if process.poll() is None:
            _signal_group(process, number)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return  # nobody of the group is left


def _processes_with(variable: bytes) -> list[int]:
    """Return the processes that inherited a variable; none where the system does not tell."""
    found: list[int] = []
    for folder in _PROC.glob("[0-9]*"):
        try:
            if variable in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue  # it ended meanwhile, or is somebody else's
    return [number for number in found if number != os.getpid()]


def _signal(number: int) -> None:
    try:
        os.kill(number, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # it ended meanwhile


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")
