"""What the ledger tests share: every ledger, over a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from naas.engine.base import Engine
from naas.engine.embedded import EmbeddedEngine
from naas.engine.nats import Connection, NatsEngine
from naas.engine.nats.ledger import NatsLedger
from naas.engine.nats.reports import ReportServer
from naas.engine.nats.testing import NatsServer
from naas.jobs import Failure, Job
from naas.keeper import StoreLedger
from naas.ledger import Ledger
from naas.store.sql.store import SqlStore


@dataclass
class Keeping:
    """A ledger as a worker sees it, and what is behind it."""

    ledger: Ledger
    store: SqlStore
    engine: Engine
    truth: StoreLedger
    refusal: list[Failure] = field(default_factory=list)
    ended: list[Job] = field(default_factory=list)
    server: ReportServer | None = None
    connection: Connection | None = None

    async def close(self) -> None:
        if self.server is not None:
            await self.server.stop()
        await self.engine.close()
        if self.connection is not None:
            await self.connection.close()


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """One server for the whole session; who kills it starts it again."""
    with NatsServer(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = SqlStore.open(tmp_path / "naas.db")
    yield opened
    opened.close()


def keep(store: SqlStore, engine: Engine) -> Keeping:
    """A ledger on the store, with an observer that remembers, and a gate that is closed while there is a refusal."""
    truth = StoreLedger(store, engine, gate=lambda job: keeping.refusal[0] if keeping.refusal else None)
    keeping = Keeping(truth, store, engine, truth)

    class Observer:
        async def ended(self, job: Job) -> None:
            keeping.ended.append(job)

    truth.observers.append(Observer())
    return keeping


async def keep_here(request: pytest.FixtureRequest, store: SqlStore) -> Keeping:
    return keep(store, EmbeddedEngine())


async def keep_over_nats(request: pytest.FixtureRequest, store: SqlStore) -> Keeping:
    nats: NatsServer = request.getfixturevalue("nats_server")
    await nats.wipe()
    connection = await Connection.open(nats.url, name="api")
    keeping = keep(store, NatsEngine(connection, lease_seconds=2.0, partitions=4))
    keeping.server = ReportServer(connection, keeping.truth, store.jobs)
    await keeping.server.start()
    keeping.ledger, keeping.connection = NatsLedger(connection), connection
    return keeping


@pytest.fixture(params=[keep_here, keep_over_nats], ids=["store", "nats"])
async def keeping(request: pytest.FixtureRequest, store: SqlStore) -> AsyncIterator[Keeping]:
    make: Callable[[pytest.FixtureRequest, SqlStore], Awaitable[Keeping]] = request.param
    made = await make(request, store)
    yield made
    await made.close()


@pytest.fixture
async def over_nats(request: pytest.FixtureRequest, store: SqlStore) -> AsyncIterator[Keeping]:
    """The ledger over NATS, for what only it has to promise."""
    made = await keep_over_nats(request, store)
    yield made
    await made.close()
