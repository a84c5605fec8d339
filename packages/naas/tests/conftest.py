"""What the tests of naas share: jobs to store, a scripted driver, the service behind HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from naas.api.app import create_app
from naas.config import Settings
from naas.jobs import CommandWork, ConfigWork, Device, Job
from naas.runtime import Runtime
from naas.testing import ScriptedDriver

MakeJob = Callable[..., Job]


@pytest.fixture
def make_job() -> MakeJob:
    """A maker of queued jobs: `show version` on 192.0.2.1 for the owner "ann", unless told otherwise."""

    def make(*lines: str, host: str = "192.0.2.1", owner: str = "ann", config: bool = False, **fields: Any) -> Job:
        work = ConfigWork(lines) if config else CommandWork(lines or ("show version",))
        device = Device(host, 22, "cisco_ios")
        defaults: dict[str, Any] = {"created_at": datetime.now(UTC), "sealed_login": b"sealed"}
        return Job(str(uuid.uuid4()), owner, device, work, **{**defaults, **fields})

    return make


@pytest.fixture
def driver() -> Iterator[ScriptedDriver]:
    scripted = ScriptedDriver()
    yield scripted
    scripted.release()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database=tmp_path / "naas.db", worker_threads=8, drain_seconds=2.0)


OpenService = Callable[[Settings], AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def open_service(driver: ScriptedDriver) -> OpenService:
    """Runs the whole service in this process, its devices scripted, and speaks to it as user ann."""

    @asynccontextmanager
    async def open_service(settings: Settings) -> AsyncGenerator[httpx.AsyncClient]:
        async with Runtime(settings, lambda: driver) as runtime:
            transport = httpx.ASGITransport(app=cast("Any", create_app(runtime)))
            async with httpx.AsyncClient(transport=transport, base_url="http://naas") as client:
                client.auth = ("ann", "secret")
                yield client
                driver.release()

    return open_service


@pytest.fixture
async def client(open_service: OpenService, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The service with its usual settings."""
    async with open_service(settings) as client:
        yield client


@dataclass
class RunningServer:
    """A `naas-server serve` of its own process, with scripted devices."""

    url: str
    process: subprocess.Popen[str]
    database: Path
    gate: Path

    def open_gate(self) -> None:
        """Let the commands that wait for the gate go on."""
        self.gate.touch()

    def kill(self) -> None:
        """What a power cut does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def terminate(self) -> int:
        """What an operator does; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


StartServer = Callable[..., Any]


@pytest.fixture(scope="session")
def start_server() -> StartServer:
    """A context manager that starts a server over a folder and waits for its ready line."""

    @contextmanager
    def start(folder: Path, *options: str, **environment: str) -> Generator[RunningServer]:
        script = Path(__file__).with_name("scripted_server.py")
        gate = folder / "gate"
        arguments = ["serve", "--port", "0", "--database", str(folder / "naas.db"), *options]
        process = subprocess.Popen(
            [sys.executable, str(script), *arguments],
            env={**os.environ, "GATE": str(gate), **environment},
            stdout=subprocess.PIPE,
            stderr=(folder / "stderr.log").open("a"),
            text=True,
        )
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert " listening on " in ready, (ready, (folder / "stderr.log").read_text())
            yield RunningServer(ready.split()[-1], process, folder / "naas.db", gate)
        finally:
            process.kill()
            process.wait(10)
            assert process.stdout is not None
            process.stdout.close()

    return start


@pytest.fixture(scope="session")
def server(start_server: StartServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One real server for the whole session."""
    with start_server(tmp_path_factory.mktemp("server")) as running:
        yield running
