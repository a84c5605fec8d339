"""What the tests of naas share: jobs to store, a scripted driver, the service behind HTTP."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from naas.api.app import create_app, make_routes
from naas.config import Settings
from naas.jobs import CommandWork, ConfigWork, Device, Job
from naas.runtime import Runtime
from naas.store.sql import SqlStore
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


@pytest.fixture(scope="session")
def blank_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with its tables, to copy: that is ten times as fast as to make one, which has tests of its
    own (`store/test_fresh.py`)."""
    path = tmp_path_factory.mktemp("blank") / "naas.db"
    SqlStore.open(path).close()
    return path


@pytest.fixture
def settings(tmp_path: Path, blank_database: Path) -> Settings:
    shutil.copyfile(blank_database, tmp_path / "naas.db")
    return Settings(database=tmp_path / "naas.db", worker_threads=8, drain_seconds=2.0)


AppOver = Callable[..., AbstractContextManager[Any]]


@pytest.fixture(scope="session")
def app_over() -> AppOver:
    """Gives the application over a running service. The routes of services that are over are used again: making them
    takes longer than most tests."""
    idle: list[Litestar] = []

    @contextmanager
    def app_over(runtime: Runtime) -> Generator[Any]:
        routes = idle.pop() if idle else make_routes()
        yield create_app(runtime, routes=routes)
        idle.append(routes)

    return app_over


OpenService = Callable[[Settings], AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def open_service(driver: ScriptedDriver, app_over: AppOver) -> OpenService:
    """Runs the whole service in this process, its devices scripted, and speaks to it as user ann."""

    @asynccontextmanager
    async def open_service(settings: Settings) -> AsyncGenerator[httpx.AsyncClient]:
        async with Runtime(settings, lambda: driver) as runtime:
            with app_over(runtime) as app:
                transport = httpx.ASGITransport(app=app)
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
