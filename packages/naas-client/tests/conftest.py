"""The unreleased client against the unreleased service: real servers on loopback, no mocks of our own."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from clientsmith.core import BasicCredential
from naas.simulator import Device, SimulatedDevice, running_farm
from naas_client import NaasClient

sys.path.insert(0, str(Path(__file__).parent))  # what the tests share stands beside them: `existing_server`

START_SECONDS = 30.0
ADMIN_SECRET = "admin-secret-of-the-tests"


@pytest.fixture(scope="session")
def login() -> BasicCredential:
    """What every simulated device accepts, and the owner of the jobs."""
    return BasicCredential("netops", "test-password")


@pytest.fixture(scope="session")
def devices(login: BasicCredential) -> Iterator[tuple[SimulatedDevice, ...]]:
    """Three devices of two platforms."""
    platforms = ("cisco_ios", "arista_eos", "cisco_ios")
    secrets = {"username": login.username, "password": login.password, "enable": login.password}
    with running_farm([Device(platform=p, name=f"sw{n}", **secrets) for n, p in enumerate(platforms, 1)]) as farm:
        yield farm.devices


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service as its users start it, on a free port."""
    folder = tmp_path_factory.mktemp("naas")
    command = [str(Path(sys.executable).with_name("naas-server")), "serve", "--port", "0"]
    with (folder / "stderr").open("w") as complaints:
        process = subprocess.Popen(
            [*command, "--database", str(folder / "naas.db")],
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            # The tests are one caller at three devices, and in more of a hurry than people are.
            env={**os.environ, "NAAS_ADMIN_SECRET": ADMIN_SECRET, "NAAS_RATE_LIMIT_ENABLED": "false"},
        )
        try:
            assert process.stdout is not None
            yield _ready_line(process.stdout, folder / "stderr").rpartition(" ")[2]
        finally:
            process.terminate()
            process.wait(20)


def _ready_line(stdout: IO[str], complaints: Path) -> str:
    said: queue.Queue[str] = queue.Queue()
    threading.Thread(target=lambda: said.put(stdout.readline()), daemon=True).start()
    try:
        line = said.get(timeout=START_SECONDS)
    except queue.Empty:
        line = ""
    if "listening on" not in line:
        pytest.fail(f"naas-server did not start: {line!r} {complaints.read_text()}")
    return line.strip()


@pytest.fixture
def client(endpoint: str, login: BasicCredential) -> Iterator[NaasClient]:
    with NaasClient(endpoint, login) as client:
        yield client


@pytest.fixture(scope="session")
def api_key(endpoint: str) -> str:
    """A key of an admin."""
    with NaasClient(endpoint, BasicCredential("anybody", ADMIN_SECRET)) as manager:
        return manager.create_api_key(api_key={"role": "admin", "name": "tests"}).token
