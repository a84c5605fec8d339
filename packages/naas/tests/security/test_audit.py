"""The audit trail: nothing that is not on the list gets in, nothing that was written gets lost or changed unseen."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from naas.driver.base import ErrorCode
from naas.errors import ContextRefused, RoleTooLow, StoreUnavailable
from naas.principals import AuthMethod, Principal, Role
from naas.security.audit import AuditWriter, NoAudit
from naas.security.authorization import Authorizer
from naas.store.base import AuditEvent, AuditQuery
from naas.store.sql import SqlStore
from naas.vault import Vault

from .conftest import Clock, Heard, ended


async def test_what_is_written_is_in_the_store_in_order(store: SqlStore, operator: Principal) -> None:
    async with AuditWriter(store.audit) as audit:
        for number in range(200):
            audit.write("job.submitted", operator, host=f"h{number}", port=22, context="default")
        await audit.settle()
        events = await store.audit.page(AuditQuery(limit=500, oldest_first=True))
    assert [event.fields["host"] for event in events] == [f"h{number}" for number in range(200)]
    assert (events[0].principal, events[0].subject) == ("ann", "key:k-operator")
    assert await store.audit.verify() is None


async def test_closing_waits_for_what_is_in_the_queue(store: SqlStore) -> None:
    async with AuditWriter(store.audit) as audit:
        audit.write("job.cancelled", request_id="r")
    assert len(await store.audit.page(AuditQuery())) == 1


async def test_a_change_in_the_database_shows(store: SqlStore, tmp_path: Path, vault: Vault) -> None:
    async with AuditWriter(store.audit) as audit:
        for number in range(5):
            audit.write("job.cancelled", request_id=f"r{number}")
    database = sqlite3.connect(tmp_path / "naas.db")
    database.execute('UPDATE audit SET fields = \'{"request_id":"other"}\' WHERE sequence = 3')
    database.commit()
    database.close()
    assert await store.audit.verify() == 3


def test_only_listed_events_and_fields_are_taken() -> None:
    """A field that nobody thought about is a mistake in our code, and tests find it."""
    with pytest.raises(ValueError, match=r"the audit event job\.submitted carries no \['password'\]"):
        NoAudit().write("job.submitted", password="hunter2")
    with pytest.raises(ValueError, match=r"no audit event is called 'job\.sent'"):
        NoAudit().write("job.sent")


async def test_values_are_short_and_of_one_line(store: SqlStore) -> None:
    async with AuditWriter(store.audit) as audit:
        audit.write("auth.failure", method="bearer", reason="a\nb\x1b[2J" + "x" * 1000, client="c")
    (event,) = await store.audit.page(AuditQuery())
    assert event.fields["reason"].startswith("a b [2J")
    assert len(event.fields["reason"]) == 500


async def test_the_same_success_is_written_once_an_hour(store: SqlStore, operator: Principal, admin: Principal) -> None:
    async with AuditWriter(store.audit) as audit:
        for _ in range(100):
            audit.write("auth.success", operator, method="api_key", identity="ann", client="192.0.2.7")
        audit.write("auth.success", operator, method="api_key", identity="ann", client="192.0.2.8")
        audit.write("auth.success", admin, method="api_key", identity="root", client="192.0.2.7")
    assert len(await store.audit.page(AuditQuery())) == 3


async def test_the_end_of_a_job_is_written_without_what_it_printed(
    store: SqlStore, make_job: Any, clock: Clock
) -> None:
    async with AuditWriter(store.audit, now=clock.now) as audit:
        await audit.ended(ended(make_job("show run", submitter="ann"), results={"show run": "hunter2"}))
        await audit.ended(ended(make_job(), ErrorCode.AUTH_FAILURE))
    failed, done = await store.audit.page(AuditQuery())
    assert set(done.fields) == {"request_id", "status", "duration_ms", "host"}
    assert failed.fields["error_code"] == "AUTH_FAILURE"
    assert done.principal == "ann"
    assert "hunter2" not in str(done)


async def test_events_wait_for_a_store_that_does_not_take_them(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("naas.security.audit._AGAIN_AFTER", 0.01)
    taken, refusals = store.audit.append, iter([True, True, False, False, False])

    async def refuse(event: AuditEvent) -> None:
        if next(refusals):
            raise StoreUnavailable("the disk is full")
        await taken(event)

    monkeypatch.setattr(store.audit, "append", refuse)
    async with AuditWriter(store.audit) as audit:
        audit.write("job.cancelled", request_id="r1")
        await audit.settle()
        assert [event.fields["request_id"] for event in await store.audit.page(AuditQuery())] == ["r1"]
    assert "audit events wait for the store count=1 reason=the disk is full" in caplog.text


def test_refusals_by_role_and_context_are_written(audit: Heard, operator: Principal) -> None:
    lab = Principal("key:k-2", "lab", Role.VIEWER, AuthMethod.API_KEY, frozenset({"lab"}))
    authorizer = Authorizer(audit)
    authorizer.require(operator, Role.VIEWER)
    authorizer.require_context(lab, "lab")
    with pytest.raises(RoleTooLow, match="this needs the role operator, and the caller has the role viewer"):
        authorizer.require(lab, Role.OPERATOR, "POST /v2/send-command")
    with pytest.raises(ContextRefused, match="the caller may use the contexts lab, not default"):
        authorizer.require_context(lab, "default")
    assert audit.events == [
        ("auth.rbac_denied", {"identity": "lab", "role": "viewer", "required_role": "operator", "endpoint": "POST /v2/send-command"}),
        ("auth.context_denied", {"identity": "lab", "context": "default", "allowed_contexts": ("lab",)}),
    ]  # fmt: skip


def test_the_admin_secret_is_no_role() -> None:
    """Who knows it makes a key first; then it is known who does what."""
    manager = Principal("manager", "root", Role.ADMIN, AuthMethod.MANAGER)
    with pytest.raises(RoleTooLow, match="the caller has the role manager"):
        Authorizer(NoAudit()).require(manager, Role.VIEWER)
