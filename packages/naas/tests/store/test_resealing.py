"""Changing the key of what is sealed: every value once, wherever it is, and none that was forgotten meanwhile."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from naas.errors import StartError
from naas.jobs import Job, JobState
from naas.store.base import Move, RecordValue, Snapshot, WebhookDelivery
from naas.store.resealing import reseal
from naas.store.sql import SqlStore

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Credential(RecordValue, frozen=True):
    collection = "credentials"

    username: str
    sealed: bytes


async def test_every_sealed_value_is_changed_once(where: str | Path, make_job: Callable[..., Job]) -> None:
    store = SqlStore.open(where)
    waiting = make_job(sealed_login=b"old login", sealed_webhook_secret=b"old secret")
    ended = make_job()
    for job in (waiting, ended):
        await store.jobs.add(job)
    await store.jobs.move(Move(ended.id, JobState.CANCELED, NOW))
    await store.records.put(Credential(id="lab", username="admin", sealed=b"old credential"))
    await store.deliveries.add(WebhookDelivery("d1", "j1", "ann", "https://x", b"{}", b"old delivery", next_at=NOW))
    sealed_text = base64.b64encode(b"old configuration").decode()
    await store.snapshots.add(Snapshot("s1", "192.0.2.1:22", NOW, NOW, "00", "ann", "j1", text=sealed_text))
    store.close()
    asked: set[tuple[str, str, bytes]] = set()

    def change(kind: str, bound_to: str, sealed: bytes) -> bytes | None:
        asked.add((kind, bound_to, sealed))
        return None if sealed == b"old delivery" else sealed.replace(b"old", b"new")

    assert reseal(where, change) == 4
    assert asked == {
        ("login", waiting.id, b"old login"),
        ("webhook", waiting.id, b"old secret"),
        ("webhook", "j1", b"old delivery"),
        ("credential", "lab", b"old credential"),
        ("snapshot", "192.0.2.1:22", b"old configuration"),
    }
    assert reseal(where, change) == 0
    store = SqlStore.open(where)
    (job,) = await store.jobs.queued()
    credential = await store.records.get(Credential, "lab")
    (delivery,) = await store.deliveries.of_job("j1")
    snapshot = await store.snapshots.get("s1")
    store.close()
    assert (job.sealed_login, job.sealed_webhook_secret) == (b"new login", b"new secret")
    assert credential is not None
    assert credential.value == Credential(id="lab", username="admin", sealed=b"new credential")
    assert delivery.sealed_secret == b"old delivery"
    assert snapshot is not None
    assert base64.b64decode(snapshot.text or "") == b"new configuration"


async def test_a_database_in_use_is_left_alone(tmp_path: Path) -> None:
    store = SqlStore.open(tmp_path / "naas.db")
    with pytest.raises(StartError, match="in use by another naas-server"):
        reseal(tmp_path / "naas.db", lambda _kind, _bound_to, sealed: sealed)
    store.close()
