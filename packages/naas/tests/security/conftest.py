"""What the tests of security share: a real store, a vault, a clock that is moved by hand, an audit trail to read."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from naas.driver.base import ErrorCode
from naas.jobs import CommandWork, ConfigWork, Device, Failure, Job, JobState, Outcome
from naas.principals import AuthMethod, Principal, Role
from naas.security.audit import NoAudit
from naas.store.sql import SqlStore
from naas.vault import Login, Vault


@dataclass
class Clock:
    """Time as a value."""

    seconds: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def forward(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Heard(NoAudit):
    """An audit trail that keeps everything in a list."""

    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])

    def write(self, event_type: str, principal: Principal | None = None, **fields: Any) -> None:
        super().write(event_type, principal, **fields)
        self.events.append((event_type, fields))

    @property
    def types(self) -> list[str]:
        return [event_type for event_type, _ in self.events]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def audit() -> Heard:
    return Heard()


@pytest.fixture
def vault() -> Vault:
    return Vault(bytes(range(32)))


@pytest.fixture
async def store(tmp_path: Path, vault: Vault) -> Any:
    store = SqlStore.open(tmp_path / "naas.db", audit_key=vault.audit_key())
    yield store
    store.close()


@pytest.fixture
def admin() -> Principal:
    return Principal("key:k-admin", "root", Role.ADMIN, AuthMethod.API_KEY)


@pytest.fixture
def operator() -> Principal:
    return Principal("key:k-operator", "ann", Role.OPERATOR, AuthMethod.API_KEY)


@pytest.fixture
def passing_through(vault: Vault) -> Principal:
    """Ann, who comes with her device login."""
    login = Login("ann", "secret")
    return Principal(vault.owner_of("ann", "secret"), "ann", Role.OPERATOR, AuthMethod.BASIC, login=login)


def basic(username: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


MakeJob = Any


@pytest.fixture
def make_job(vault: Vault, clock: Clock) -> MakeJob:
    """A maker of jobs that log in as ann, for the owner ann, and of their ends."""

    def make(*lines: str, host: str = "192.0.2.1", username: str = "ann", config: bool = False, **fields: Any) -> Job:
        job_id = str(uuid.uuid4())
        work = ConfigWork(lines) if config else CommandWork(lines or ("show version",))
        defaults: dict[str, Any] = {
            "owner": vault.owner_of(username, "secret"),
            "created_at": clock.now(),
            "sealed_login": vault.seal(job_id, Login(username, "secret")),
        }
        return Job(id=job_id, device=Device(host, 22, "cisco_ios"), work=work, **{**defaults, **fields})

    return make


def ended(job: Job, code: ErrorCode | None = None, state: JobState = JobState.FINISHED, **outcome: Any) -> Job:
    """The job as the store has it when it has ended: without its login."""
    failure = None if code is None else Failure(code, "as scripted")
    return replace(job, state=state, sealed_login=None, outcome=Outcome(failure=failure, **outcome))
