"""API keys over a real store: shown once, kept as a hash, replaced without losing anything, revoked for good."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from naas.errors import ApiKeyNotFound, ContextRefused, InvalidRequest
from naas.principals import AuthMethod, Principal, Role
from naas.security.api_keys import ApiKey, ApiKeys, KeyForm, KeyRules
from naas.security.key_tokens import new_token
from naas.store.sql import SqlStore
from naas.vault import Vault

from .conftest import Clock


@pytest.fixture
def keys(store: SqlStore, vault: Vault, clock: Clock) -> ApiKeys:
    return ApiKeys(store.records, vault, now=clock.now)


async def test_a_new_key_is_found_by_its_token(keys: ApiKeys, admin: Principal) -> None:
    issued = await keys.create(role=Role.OPERATOR, by=admin, contexts=["lab"], name="ci")
    found = await keys.find_by_token(issued.token)
    assert found is not None
    principal = found.principal()
    assert (principal.role, principal.contexts, principal.name) == (Role.OPERATOR, frozenset({"lab"}), "ci")
    assert (principal.method, principal.key_id) == (AuthMethod.API_KEY, issued.key.id)
    assert found.created_by == "root"


async def test_a_token_is_kept_nowhere(keys: ApiKeys, admin: Principal, store: SqlStore, tmp_path: Path) -> None:
    """Neither it nor an unkeyed hash of it: a copy of the database opens nothing."""
    issued = await keys.create(role=Role.ADMIN, by=admin)
    store.close()
    database = sqlite3.connect(tmp_path / "naas.db")
    dump = "\n".join(database.iterdump())
    database.close()
    assert issued.key.id in dump
    assert issued.token[18:] not in dump
    assert issued.token not in repr(issued)


async def test_a_wrong_token_of_a_known_key_is_nobody(keys: ApiKeys, admin: Principal) -> None:
    """Its checksum is right, so only the hash can tell."""
    issued = await keys.create(role=Role.ADMIN, by=admin)
    assert await keys.find_by_token(new_token(issued.key.id)) is None
    assert await keys.find_by_token(new_token("k-000000000000")) is None


async def test_a_key_expires(keys: ApiKeys, admin: Principal, clock: Clock) -> None:
    issued = await keys.create(role=Role.VIEWER, by=admin, ttl=60)
    clock.forward(59)
    assert await keys.find_by_token(issued.token) is not None
    clock.forward(1)
    assert await keys.find_by_token(issued.token) is None
    assert await keys.all() == []
    with pytest.raises(ApiKeyNotFound, match=f"Key '{issued.key.id}' not found"):
        await keys.revoke(issued.key.id, admin)


@pytest.mark.parametrize(
    ("wanted", "rules", "made"),
    [
        pytest.param(None, KeyRules(100, 0), 100, id="nobody says: the default"),
        pytest.param(50, KeyRules(100, 0), 50, id="as asked"),
        pytest.param(0, KeyRules(100, 0), None, id="zero is for ever"),
        pytest.param(None, KeyRules(0, 0), None, id="a default of zero is for ever"),
        pytest.param(900, KeyRules(100, 300), 300, id="the longest there is"),
        pytest.param(0, KeyRules(100, 300), 300, id="for ever is not possible under a bound"),
    ],
)
def test_how_long_a_key_is_made_for(wanted: int | None, rules: KeyRules, made: int | None) -> None:
    """The existing service let 0 go around the bound."""
    assert rules.ttl(wanted) == made


async def test_rotation_keeps_subject_role_and_length_of_life(keys: ApiKeys, admin: Principal, clock: Clock) -> None:
    old = await keys.create(role=Role.OPERATOR, by=admin, contexts=["lab"], ttl=1000, name="ci")
    clock.forward(400)
    new = await keys.rotate(old.key.id, admin)
    assert (new.key.subject, new.key.role, new.key.contexts, new.key.name) == (
        old.key.subject,
        Role.OPERATOR,
        ("lab",),
        "ci",
    )
    assert new.key.id != old.key.id
    assert new.key.expires_at is not None
    assert new.key.expires_at.timestamp() == clock.seconds + 1000
    assert await keys.find_by_token(old.token) is None
    assert await keys.find_by_token(new.token) is not None
    assert [key.id for key in await keys.all()] == [new.key.id]


async def test_rotation_with_overlap_lets_the_old_key_run_out(keys: ApiKeys, admin: Principal, clock: Clock) -> None:
    old = await keys.create(role=Role.OPERATOR, by=admin)
    new = await keys.rotate(old.key.id, admin, overlap_seconds=300)
    clock.forward(299)
    assert await keys.find_by_token(old.token) is not None
    clock.forward(1)
    assert await keys.find_by_token(old.token) is None
    assert await keys.find_by_token(new.token) is not None


async def test_overlap_never_prolongs_the_old_key(keys: ApiKeys, admin: Principal, clock: Clock) -> None:
    old = await keys.create(role=Role.OPERATOR, by=admin, ttl=100)
    await keys.rotate(old.key.id, admin, overlap_seconds=10_000)
    clock.forward(100)
    assert await keys.find_by_token(old.token) is None


async def test_what_was_made_with_a_key_goes_on_after_its_rotation(keys: ApiKeys, admin: Principal) -> None:
    """A schedule remembers the key that made it."""
    first = await keys.create(role=Role.OPERATOR, by=admin)
    second = await keys.rotate(first.key.id, admin)
    third = await keys.rotate(second.key.id, admin)
    assert not await keys.is_revoked(first.key.id)
    await keys.revoke(third.key.id, admin)
    assert await keys.is_revoked(first.key.id)
    assert await keys.is_revoked("k-unknown00000")


async def test_use_is_noted_at_most_once_a_minute(
    keys: ApiKeys, admin: Principal, clock: Clock, store: SqlStore
) -> None:
    issued = await keys.create(role=Role.VIEWER, by=admin)

    async def use() -> tuple[float, int]:
        await keys.find_by_token(issued.token)
        await keys.settle()
        record = await store.records.get(ApiKey, issued.key.id)
        assert record is not None
        assert record.value.last_used_at is not None
        return record.value.last_used_at.timestamp(), record.revision

    first, revision = await use()
    clock.forward(59)
    assert await use() == (first, revision)
    clock.forward(1)
    assert await use() == (clock.seconds, revision + 1)


async def test_a_key_that_is_revoked_while_it_is_used_does_not_come_back(
    keys: ApiKeys, admin: Principal, store: SqlStore, vault: Vault, clock: Clock
) -> None:
    """The note of its use comes after the revocation, and must not write the key anew."""
    issued = await keys.create(role=Role.VIEWER, by=admin)
    slow = ApiKeys(SlowToWrite(store.records), vault, now=clock.now)  # type: ignore[arg-type]
    assert await slow.find_by_token(issued.token) is not None
    await keys.revoke(issued.key.id, admin)
    await slow.settle()
    assert await keys.find_by_token(issued.token) is None
    assert await keys.all() == []


@dataclass
class SlowToWrite:
    """Records of a process whose writes come late."""

    records: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.records, name)

    async def put(self, value: Any, *, expected: int | None = None) -> int:
        while await self.records.get(type(value), value.id) is not None:
            await asyncio.sleep(0)
        return await self.records.put(value, expected=expected)


async def test_a_key_outlives_the_master_key_that_hashed_it(store: SqlStore, admin: Principal) -> None:
    """Used once while the old master key is in the list, its hash is made anew; then the old one may go."""
    old, new = bytes(32), bytes(range(32))
    issued = await ApiKeys(store.records, Vault(old)).create(role=Role.ADMIN, by=admin)
    between = ApiKeys(store.records, Vault(new, old))
    assert await between.find_by_token(issued.token) is not None
    await between.settle()
    assert await ApiKeys(store.records, Vault(new)).find_by_token(issued.token) is not None
    assert await ApiKeys(store.records, Vault(old)).find_by_token(issued.token) is None


async def test_a_key_reaches_no_further_than_its_maker(keys: ApiKeys) -> None:
    lab_admin = Principal("key:k-1", "lab", Role.ADMIN, AuthMethod.API_KEY, frozenset({"lab"}))
    with pytest.raises(InvalidRequest, match=r"contexts\.1: a key reaches no further than its maker"):
        await keys.create(role=Role.VIEWER, by=lab_admin, contexts=["lab", "*"])
    issued = await keys.create(role=Role.ADMIN, by=lab_admin, contexts=["lab", "lab"])
    assert issued.key.contexts == ("lab",)


async def test_nobody_takes_over_a_key_that_reaches_further(keys: ApiKeys, admin: Principal) -> None:
    """Rotation gives its token away: the admin of a lab would become the admin of everything."""
    wide = await keys.create(role=Role.ADMIN, by=admin)
    narrow = await keys.create(role=Role.OPERATOR, by=admin, contexts=["lab"])
    lab_admin = Principal("key:k-1", "lab", Role.ADMIN, AuthMethod.API_KEY, frozenset({"lab"}))
    for change in (keys.rotate, keys.revoke):
        with pytest.raises(ContextRefused, match=r"the caller may use the contexts lab, not \*"):
            await change(wide.key.id, lab_admin)
    assert await keys.find_by_token(wide.token) is not None
    assert (await keys.rotate(narrow.key.id, lab_admin)).key.contexts == ("lab",)


async def test_jwts_are_issued_only_with_a_secret(keys: ApiKeys, admin: Principal) -> None:
    with pytest.raises(
        InvalidRequest, match="format: this service issues no JSON Web Tokens: NAAS_JWT_SECRET is not set"
    ):
        await keys.create(role=Role.VIEWER, by=admin, form=KeyForm.JWT)
