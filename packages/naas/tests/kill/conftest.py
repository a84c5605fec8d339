"""What the kill tests share: every kind of deployment."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from naas.engine.nats.testing import NatsServer

from .deployment import LEASE, Deployment


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """One server for the whole session; who kills it starts it again."""
    with NatsServer(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture(params=["embedded", "nats"])
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    """Nothing runs yet."""
    if request.param == "nats":
        yield from apart_in(tmp_path, request.getfixturevalue("nats_server"))
    else:
        made = Deployment(tmp_path)
        yield made
        made.close()


@pytest.fixture
def apart(tmp_path: Path, nats_server: NatsServer) -> Iterator[Deployment]:
    """NATS, an API and workers; only NATS runs yet."""
    yield from apart_in(tmp_path, nats_server)


def apart_in(folder: Path, nats_server: NatsServer, *, lease_seconds: float = LEASE) -> Iterator[Deployment]:
    asyncio.run(nats_server.wipe())
    made = Deployment(folder, nats_server, lease_seconds=lease_seconds)
    yield made
    made.close()


# A kill costs seconds: leases have to run out. These few say in every run that the rules hold, one for each thing that
# can be killed; all of them together belong to the long suites.
_IN_EVERY_RUN = (
    "test_while_devices_talk_the_configuration_is_never_sent_again",
    "test_a_job_that_was_stored_and_never_queued_runs_once[embedded]",
    "test_running_and_waiting_jobs_go_on[for a moment]",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent and not item.name.startswith(_IN_EVERY_RUN):
            item.add_marker(pytest.mark.slow)
