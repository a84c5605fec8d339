"""Run servers that nobody here wrote, for tests and for scripts that compare with them.

Everything listens on loopback, on ports that the system chose, and is stopped when its block ends.
"""

from __future__ import annotations

import os
import queue
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tools.servers import FOLDER

__all__ = ["NotInstalledError", "ServerError", "environment_of", "free_port", "prepared", "running", "wsgi"]

SERVE_WSGI: Final = Path(__file__).with_name("serve_wsgi.py")
START_SECONDS: Final = 60.0  # keystone imports for five on a quiet machine


class NotInstalledError(Exception):
    """A server has no environment of its own yet."""


class ServerError(Exception):
    """A server ended, or was not ready in time; the text has the last lines of its log."""


def environment_of(name: str) -> Path:
    """Return the folder of a server's environment.

    Raises:
        NotInstalledError: There is none.
    """
    folder = FOLDER / name
    if not (folder / "server.stamp").exists():
        raise NotInstalledError(f"{name} is not installed; `python -m tools.servers install {name}` does it")
    return folder


def prepared(name: str, folder: Path, values: Mapping[str, str] | None = None) -> Path:
    """Copy what was made ready when a server was installed, and return the copy: databases, keys, configuration.

    Args:
        name: The server's.
        folder: Where the copy is made, as its subfolder ``state``.
        values: What to fill into the configuration, by the words in it: ``{"@KEYSTONE@": "http://…"}``.
    """
    original, copy = environment_of(name) / "state", folder / "state"
    shutil.copytree(original, copy)
    for file in copy.glob("*.conf"):
        text = file.read_text(encoding="utf-8").replace(str(original), str(copy))
        for word, value in (values or {}).items():
            text = text.replace(word, value)
        file.write_text(text, encoding="utf-8")
    return copy


@contextmanager
def running(
    command: Sequence[str], log: Path, variables: Mapping[str, str] | None = None, *, ready: str = "listening on"
) -> Generator[list[str]]:
    """Run a server until the block ends; gives the lines that it said, up to the one that says that it is ready.

    It runs in the folder of the log, which gets its standard error. Its own children end with it.

    Raises:
        ServerError: It ended, or it was not ready within a minute.
    """
    with log.open("w") as complaints:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            env={**os.environ, **(variables or {})},
            cwd=log.parent,
            start_new_session=True,
        )
        try:
            yield _said_until(ready, process, log)
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """End a server and what it started: politely, then not."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it left nobody behind


def _said_until(ready: str, process: subprocess.Popen[str], log: Path) -> list[str]:
    said: queue.Queue[str | None] = queue.Queue()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.put(line.rstrip("\n"))
        said.put(None)

    threading.Thread(target=listen, daemon=True).start()
    lines: list[str] = []
    while not lines or ready not in lines[-1]:
        try:
            line = said.get(timeout=START_SECONDS)
        except queue.Empty:
            raise ServerError(f"it was not ready within {START_SECONDS:g} s:\n{_end_of(log)}") from None
        if line is None:
            raise ServerError(f"it ended with code {process.wait()}:\n{_end_of(log)}")
        lines.append(line)
    return lines


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


@contextmanager
def wsgi(name: str, target: str, folder: Path, variables: Mapping[str, str] | None = None) -> Generator[str]:
    """Serve an application of a server's environment; gives its URL. For targets see `tools/serve_wsgi.py`."""
    python = environment_of(name) / "bin" / "python"
    with running([str(python), str(SERVE_WSGI), target], folder / f"{name}.log", variables) as said:
        yield f"http://127.0.0.1:{said[-1].split()[-1]}"


def free_port() -> int:
    """Return a port of loopback that is free now, for a server that has to be told one.

    Somebody else may be quicker to take it: a start on it that fails is worth another try, on another one.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
