"""The outside of the parsing processes: a few of them, started when needed, killed when one takes too long."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, cast

from naas.parsing.base import ParsingFailed
from naas.parsing.sandbox import read_message, write_message

__all__ = ["DEFAULT_PROCESSES", "MEMORY_BYTES", "ParsingProcesses"]

DEFAULT_PROCESSES: Final = 2
"""Chosen: reading an output takes about a millisecond, so two keep up with any service of one process, and one caller's
bad template leaves the other."""

MEMORY_BYTES: Final = 1 << 30
"""Address space of one process; reading 64 MB of output takes some hundreds of megabytes."""

# What a parsing process may know: where to find its templates, and nothing that is secret.
_ENVIRONMENT: Final = ("NTC_TEMPLATES_DIR", "PATH", "LANG", "LC_ALL")


class ParsingProcesses:
    """A pool of parsing processes. Thread-safe; a request waits its turn."""

    def __init__(self, count: int = DEFAULT_PROCESSES, memory_bytes: int = MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes
        self._idle: list[_Process] = []
        self._turns = threading.BoundedSemaphore(count)
        self._lock = threading.Lock()
        self._is_closed = False

    def ask(self, request: dict[str, Any], *, seconds: float) -> dict[str, Any]:
        """Return the answer to one request.

        Raises:
            ParsingFailed: it took longer than ``seconds``, or the process died of it.
        """
        with self._turn() as process:
            answer, is_late = process.ask(request, seconds)
        if answer is not None:
            return answer
        if is_late:
            message = f"reading the output took longer than {seconds:g} s and was given up"
            raise ParsingFailed(f"{message}; write the template without repeats inside repeats, or ask for less")
        raise ParsingFailed("the process that read the output died of it; ask for less with the command")

    def close(self) -> None:
        """End the processes that wait; the ones at work end with their request."""
        with self._lock:
            self._is_closed = True
            gone, self._idle = self._idle, []
        for process in gone:
            process.end()

    @contextmanager
    def _turn(self) -> Generator[_Process]:
        with self._turns:
            with self._lock:
                process = self._idle.pop() if self._idle else None
            process = process or _Process(self._memory_bytes)
            try:
                yield process
            except BaseException:
                process.end()
                raise
            with self._lock:
                keep = process.is_alive and not self._is_closed
                if keep:
                    self._idle.append(process)
            if not keep:
                process.end()


class _Process:
    """One process, with a watchdog: a read of its answer cannot be interrupted, but its end interrupts the read."""

    def __init__(self, memory_bytes: int) -> None:
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        # -I would also keep out a `naas` that runs from its sources, so they are named.
        environment["PYTHONPATH"] = os.pathsep.join(_import_folders())
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-m", "naas.parsing.sandbox", str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
            close_fds=True,
            start_new_session=True,  # so that a fork of it is killed with it
        )
        self.is_alive = True

    def ask(self, request: dict[str, Any], seconds: float) -> tuple[dict[str, Any] | None, bool]:
        """Return the answer, or None and whether it was late."""
        is_late = threading.Event()

        def give_up() -> None:
            is_late.set()
            self._kill()

        watchdog = threading.Timer(seconds, give_up)
        watchdog.daemon = True
        watchdog.start()
        answer = None
        try:
            write_message(cast("Any", self._process.stdin), request)
            answer = read_message(cast("Any", self._process.stdout))
        except (OSError, ValueError):
            answer = None
        finally:
            watchdog.cancel()
        self.is_alive = answer is not None and not is_late.is_set()
        return answer, is_late.is_set()

    def end(self) -> None:
        """Kill it and let go of its pipes. It has nothing to lose."""
        self.is_alive = False
        self._kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        self._process.wait()

    def _kill(self) -> None:
        # The process group is its own; it is there until `wait` has seen the end.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, 9)


def _import_folders() -> list[str]:
    """Where this interpreter finds its packages; a service can run from an environment that was not activated."""
    here = Path(__file__).resolve().parents[2]
    return [str(here), *(folder for folder in sys.path if folder)]
