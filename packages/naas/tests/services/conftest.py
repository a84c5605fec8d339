"""What the tests of services share: a store on disk, an engine with a worker, callers."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from naas.engine.embedded import EmbeddedEngine
from naas.keeper import StoreLedger
from naas.principals import AuthMethod, Principal, Role
from naas.services.backups import BackupService
from naas.services.inventory import InventoryService
from naas.services.jobs import JobService
from naas.services.orders import ServiceLimits
from naas.store.sql import SqlStore
from naas.testing import ScriptedDriver
from naas.vault import Login, Vault
from naas.worker import Worker, WorkerSettings

ADMIN = Principal("key:k-admin", "ada", Role.ADMIN, AuthMethod.API_KEY, key_id="k-admin")
OPERATOR = dataclasses.replace(ADMIN, subject="key:k-op", name="otto", role=Role.OPERATOR, key_id="k-op")
VIEWER = dataclasses.replace(ADMIN, subject="key:k-view", name="vera", role=Role.VIEWER, key_id="k-view")
PASS_THROUGH = Principal("hash", "netops", Role.OPERATOR, AuthMethod.BASIC, login=Login("netops", "secret"))


@dataclasses.dataclass
class Parts:
    """A service without HTTP and without security, over a scripted driver."""

    store: SqlStore
    engine: EmbeddedEngine
    vault: Vault
    jobs: JobService
    inventory: InventoryService
    backups: BackupService
    driver: ScriptedDriver


@pytest.fixture
async def parts(tmp_path: Path, driver: ScriptedDriver) -> AsyncIterator[Parts]:
    store, vault, engine = SqlStore.open(tmp_path / "naas.db"), Vault(bytes(32)), EmbeddedEngine()
    jobs = JobService(store, engine, vault, ServiceLimits(contexts=("default", "lab")))
    backups = BackupService(store, vault)
    settings = WorkerSettings(4, contexts=("default", "lab"))
    ledger = StoreLedger(store, engine, recorders=[backups])
    worker = Worker(engine.claimer(settings.name, settings.contexts), ledger, driver, vault, settings)
    await worker.start()
    yield Parts(store, engine, vault, jobs, InventoryService(store, vault), backups, driver)
    driver.release()
    await worker.stop(2.0)
    await engine.close()
    store.close()
