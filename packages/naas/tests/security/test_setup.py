"""Security made from the settings: what fits together, and what stops the start."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from naas.config import Settings
from naas.errors import LockedOut, NotAuthenticated, RateLimited, StartError
from naas.jobs import CommandWork, Device
from naas.principals import Principal, Role
from naas.security import Security
from naas.services.orders import Order
from naas.store.base import AuditEvent, AuditQuery
from naas.store.sql import SqlStore
from naas.vault import Login, Vault

from .conftest import basic, bearer, ended


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database=tmp_path / "naas.db", admin_secret="correct horse battery staple")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"jwt_secret": "short"}, "NAAS_JWT_SECRET has 5 bytes", id="secret"),
        pytest.param({"jwt_public_keys": Path("/nowhere/keys.json")}, "cannot read the JSON Web Key Set", id="keys"),
        pytest.param(
            {"oidc_issuer": "https://i.example"}, "NAAS_OIDC_ISSUER is set without NAAS_OIDC_AUDIENCE", id="audience"
        ),
        pytest.param({"oidc_issuer": "http://i.example", "oidc_audience": "n"}, "must be https://", id="issuer"),
        pytest.param({"command_policy": Path("/nowhere/policy.toml")}, "cannot read the command policy", id="policy"),
    ],
)
async def test_what_cannot_be_used_stops_the_start(
    change: dict[str, Any], message: str, settings: Settings, store: SqlStore, vault: Vault
) -> None:
    with pytest.raises(StartError, match=message):
        Security(replace(settings, **change), store, vault)


async def test_the_parts_work_together(
    settings: Settings, store: SqlStore, vault: Vault, make_job: Any, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.json"
    from joserfc.jwk import RSAKey

    keys.write_text(json.dumps({"keys": [RSAKey.generate_key(2048).as_dict(private=False)]}))
    full = replace(
        settings, jwt_secret="a" * 32, jwt_public_keys=keys, lockout_threshold=1, rate_limit_per_caller=2,
        oidc_issuer="https://i.example", oidc_audience="naas",
    )  # fmt: skip
    async with Security.open(full, store, vault) as security:
        manager = await security.authenticator.authenticate_manager(basic("x", "correct horse battery staple"))
        issued = await security.keys.create(role=Role.OPERATOR, by=manager)
        holder = await security.authenticator.authenticate(bearer(issued.token))
        assert security.admission.admit(holder, ["a"]) is not None
        with pytest.raises(RateLimited):
            security.admission.admit(holder, ["b", "c"])
        from naas.driver.base import ErrorCode

        job = make_job(owner=holder.subject)
        assert security.gate(job) is None
        for observer in security.observers:
            await observer.ended(ended(job, ErrorCode.AUTH_FAILURE))
        (check,) = security.submission_checks
        order = Order(Device("192.0.2.9", 22, "cisco_ios"), CommandWork(("show clock",)))
        with pytest.raises(LockedOut, match="the device login 'ann'"):
            check(holder, order, Login("ann", "x"))
        check(holder, order, Login("bob", "x"))
        dead = make_job(host="192.0.2.9")
        for observer in security.observers:
            await observer.ended(ended(dead, ErrorCode.CONNECTION_TIMEOUT))
        with pytest.raises(LockedOut, match=r"the device 192\.0\.2\.9:22"):
            check(holder, order, Login("bob", "x"))
        with pytest.raises(NotAuthenticated):
            await security.authenticator.authenticate(bearer("a.b.c"))
        assert not await security.is_key_revoked(issued.key.id)
    assert await store.audit.verify() is None


@pytest.mark.parametrize(("days", "left"), [(30, 1), (0, 2)], ids=["a month", "for ever"])
async def test_old_audit_lines_go(days: int, left: int, settings: Settings, store: SqlStore, vault: Vault) -> None:
    for age in (31, 29):
        await store.audit.append(AuditEvent("job.cancelled", datetime.now(UTC) - timedelta(days=age)))
    async with Security.open(replace(settings, audit_keep_days=days), store, vault):
        async with asyncio.timeout(5):
            while len(await store.audit.page(AuditQuery())) > left:
                await asyncio.sleep(0.005)
    assert len(await store.audit.page(AuditQuery())) == left


async def test_limits_and_breakers_can_be_switched_off(
    settings: Settings, store: SqlStore, vault: Vault, operator: Principal
) -> None:
    off = replace(settings, rate_limit_enabled=False, lockout_threshold=0, circuit_breaker_enabled=False)
    async with Security.open(off, store, vault) as security:
        for _ in range(100):
            assert security.admission.admit(operator, ["a"]) is None
