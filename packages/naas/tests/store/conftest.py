"""Stores to test: every test of the contract runs on each database that this machine has."""

from __future__ import annotations

import sqlite3
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from naas.jobs import CommandWork, ConfigWork, Device, Job
from naas.store import migrations
from naas.store.base import Store
from naas.store.sql import SqlStore
from naas.store.sql.tables import METADATA

sys.path.insert(0, str(Path(__file__).parent))
from postgres_server import NoServer, Server, running_server

MakeJob = Callable[..., Job]
AUDIT_KEY = b"k" * 32


@pytest.fixture
def make_job() -> MakeJob:
    """A maker of queued jobs: `show version` on 192.0.2.1 for the owner "ann", unless told otherwise."""

    def make(*lines: str, host: str = "192.0.2.1", owner: str = "ann", config: bool = False, **fields: Any) -> Job:
        work = ConfigWork(lines) if config else CommandWork(lines or ("show version",))
        device = Device(host, 22, "cisco_ios")
        defaults: dict[str, Any] = {"created_at": datetime.now(UTC), "sealed_login": b"sealed"}
        return Job(str(uuid.uuid4()), owner, device, **{"work": work, **defaults, **fields})

    return make


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server with two databases that have the tables: `blank`, to copy, and `shared`, to empty."""
    try:
        with running_server() as server:
            server.run("CREATE DATABASE blank")
            migrations.upgrade(server.url("blank"))
            server.run("CREATE DATABASE shared TEMPLATE blank")
            yield server
    except NoServer as exc:
        pytest.skip(str(exc))


@pytest.fixture
def postgres_url(postgres: Server) -> str:
    """The URL of an empty store on PostgreSQL. It is emptied, not made: that is thirty times as fast."""
    url = postgres.url("shared")
    with psycopg.connect(url) as connection:
        for table in METADATA.tables:
            connection.execute(f"DELETE FROM {table}".encode())
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """The path or URL of an empty database."""
    if request.param == "sqlite":
        return tmp_path / "naas.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def store(where: str | Path) -> AsyncIterator[Store]:
    opened = SqlStore.open(where, audit_key=AUDIT_KEY)
    yield opened
    opened.close()


@pytest.fixture
def tamper(where: str | Path) -> Callable[[str], None]:
    """Runs a statement behind the back of the service."""

    def tamper(statement: str) -> None:
        if isinstance(where, Path):
            with closing(sqlite3.connect(where)) as file, file:
                file.execute(statement)
            return
        with psycopg.connect(where) as connection:
            connection.execute(statement.encode())

    return tamper


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """PostgreSQL is a server that nobody here wrote: `make test-real`."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            fixtures: Sequence[str] = getattr(item, "fixturenames", ())
            chosen = item.callspec.params.get("where") if hasattr(item, "callspec") else None
            if chosen == "postgresql" or (chosen is None and {"postgres", "postgres_url"} & set(fixtures)):
                item.add_marker(pytest.mark.real)
