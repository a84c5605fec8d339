"""Changing the master key over a real database: everything opens with the new one alone."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from naas.errors import VaultError
from naas.inventory import CredentialRecord
from naas.jobs import CommandWork, Device, Job
from naas.principals import Principal, Role
from naas.security.api_keys import ApiKeys
from naas.security.rotation import Rotation, rotate_keys
from naas.store.base import Snapshot, WebhookDelivery
from naas.store.sql import SqlStore
from naas.vault import Login, Use, Vault

OLD, NEW = bytes(32), bytes(range(32))
NOW = datetime(2026, 11, 21, tzinfo=UTC)
LOGIN = Login("ann", "secret", private_key="-----BEGIN")
ADDRESS = "192.0.2.1:22"


async def fill(file: Path, vault: Vault, admin: Principal) -> str:
    """One of everything that is sealed; return the token of an API key."""
    store = SqlStore.open(file, audit_key=vault.audit_key())
    job = Job("j1", "o", Device("192.0.2.1", 22, "cisco_ios"), CommandWork(("show clock",)), NOW)
    await store.jobs.add(
        replace(job, sealed_login=vault.seal("j1", LOGIN), sealed_webhook_secret=vault.seal_text("j1", "s"))
    )
    await store.deliveries.add(
        WebhookDelivery("j1", "j1", "o", "https://h.example/", b"{}", vault.seal_text("j1", "s"), next_at=NOW)
    )
    await store.records.put(
        CredentialRecord(id="core", username="ann", sealed=vault.seal("core", LOGIN, Use.CREDENTIAL))
    )
    text = base64.b64encode(vault.seal_text(ADDRESS, "hostname x", Use.SNAPSHOT)).decode()
    await store.snapshots.add(Snapshot("s1", ADDRESS, NOW, NOW, "hash", "o", "j1", text=text))
    issued = await ApiKeys(store.records, vault).create(role=Role.ADMIN, by=admin)
    store.close()
    return issued.token


async def open_everything(file: Path, vault: Vault) -> list[Any]:
    store = SqlStore.open(file, audit_key=vault.audit_key())
    try:
        (job,) = await store.jobs.queued()
        (delivery,) = await store.deliveries.of_job("j1")
        credential = await store.records.get(CredentialRecord, "core")
        snapshot = await store.snapshots.get("s1")
    finally:
        store.close()
    assert job.sealed_login is not None
    assert job.sealed_webhook_secret is not None
    assert delivery.sealed_secret is not None
    assert credential is not None
    assert snapshot is not None
    return [
        vault.open("j1", job.sealed_login),
        vault.open_text("j1", job.sealed_webhook_secret),
        vault.open_text("j1", delivery.sealed_secret),
        vault.open("core", credential.value.sealed, Use.CREDENTIAL),
        vault.open_text(ADDRESS, base64.b64decode(snapshot.text or ""), Use.SNAPSHOT),
    ]


def test_everything_is_sealed_with_the_new_key(tmp_path: Path, admin: Principal) -> None:
    file = tmp_path / "naas.db"
    asyncio.run(fill(file, Vault(OLD), admin))
    with pytest.raises(VaultError):
        asyncio.run(open_everything(file, Vault(NEW)))
    both = Vault(NEW, OLD)
    assert rotate_keys(file, both) == Rotation(resealed=5, unreadable=(), api_keys_to_use=1)
    assert asyncio.run(open_everything(file, Vault(NEW))) == [LOGIN, "s", "s", LOGIN, "hostname x"]
    assert rotate_keys(file, both) == Rotation(resealed=0, unreadable=(), api_keys_to_use=1)


def test_an_api_key_that_is_used_is_not_counted_any_more(tmp_path: Path, admin: Principal) -> None:
    file = tmp_path / "naas.db"
    token = asyncio.run(fill(file, Vault(OLD), admin))
    both = Vault(NEW, OLD)

    async def use() -> None:
        store = SqlStore.open(file, audit_key=both.audit_key())
        keys = ApiKeys(store.records, both, now=lambda: datetime.now(UTC))
        assert await keys.find_by_token(token) is not None
        await keys.settle()
        store.close()

    asyncio.run(use())
    assert rotate_keys(file, both).api_keys_to_use == 0


def test_what_no_key_opens_is_named_and_left_as_it_is(tmp_path: Path, admin: Principal) -> None:
    """Its key may be found one day."""
    file = tmp_path / "naas.db"
    asyncio.run(fill(file, Vault(OLD), admin))
    lost = rotate_keys(file, Vault(NEW))
    assert (lost.resealed, sorted(set(lost.unreadable))) == (
        0,
        ["credential core", "login j1", "snapshot 192.0.2.1:22", "webhook j1"],
    )
    assert len(asyncio.run(open_everything(file, Vault(OLD)))) == 5
