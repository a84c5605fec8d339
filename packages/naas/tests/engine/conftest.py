"""What the engine tests share: every engine, opened over something empty."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from naas.engine.base import Claimer, Engine
from naas.engine.embedded import EmbeddedEngine
from naas.engine.nats import Connection, NatsEngine
from naas.engine.nats.testing import NatsServer

LEASE = 0.6


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """One server for the whole session; who kills it starts it again."""
    with NatsServer(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture
def lease() -> float:
    """How long a delivery may stay out, in seconds."""
    return LEASE


@asynccontextmanager
async def embedded(request: pytest.FixtureRequest) -> AsyncGenerator[Engine]:
    engine = EmbeddedEngine(lease_seconds=LEASE)
    yield engine
    await engine.close()


@asynccontextmanager
async def nats(request: pytest.FixtureRequest) -> AsyncGenerator[Engine]:
    server: NatsServer = request.getfixturevalue("nats_server")
    await server.wipe()
    connection = await Connection.open(server.url, name="test")
    engine = NatsEngine(connection, lease_seconds=LEASE, partitions=4)
    yield engine
    await engine.close()
    await connection.close()


@pytest.fixture(params=[embedded, nats], ids=["embedded", "nats"])
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    open_engine: Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[Engine]] = request.param
    async with open_engine(request) as opened:
        yield opened


@pytest.fixture
async def claimer(engine: Engine) -> Claimer:
    """The claiming side of a worker of the default context."""
    return engine.claimer("worker-1", ["default"])
