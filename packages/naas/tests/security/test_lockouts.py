"""Lockouts: who guesses passwords has to wait, who knows theirs does not, and a restart forgives nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from naas.driver.base import ErrorCode
from naas.errors import LockedOut
from naas.principals import AuthMethod, Principal, Role
from naas.security.admission import Gate
from naas.security.breaker import BreakerRules, Breakers
from naas.security.lockouts import FailureRecord, LockoutRules, Lockouts
from naas.store.sql import SqlStore
from naas.vault import Login, Vault

from .conftest import Clock, Heard, ended

RULES = LockoutRules(threshold=3, seconds=600)


@pytest.fixture
def lockouts(store: SqlStore, vault: Vault, audit: Heard, clock: Clock) -> Lockouts:
    return Lockouts(store.records, vault, RULES, audit, now=clock)


async def fail(lockouts: Lockouts, job: Any, code: ErrorCode = ErrorCode.AUTH_FAILURE) -> None:
    lockouts.started(job)
    await lockouts.ended(ended(job, code))


async def test_a_guesser_is_locked_out_although_each_guess_is_another_caller(
    lockouts: Lockouts, make_job: Any, vault: Vault, audit: Heard, clock: Clock
) -> None:
    """Pass-through callers are told apart by user and password, so the user name alone is counted."""
    for guess in ("a", "b", "c"):
        await fail(lockouts, make_job(owner=vault.owner_of("ann", guess)))
    fourth = Principal(vault.owner_of("ann", "d"), "ann", Role.OPERATOR, AuthMethod.BASIC, login=Login("ann", "d"))
    with pytest.raises(
        LockedOut, match="the device login 'ann' had too many failures and is locked out; try again in 600 s"
    ):
        lockouts.refuse_caller(fourth)
    assert audit.events == [("user.locked_out", {"username": "ann", "failure_count": 3})]
    clock.forward(600)
    lockouts.refuse_caller(fourth)


async def test_who_knows_the_password_is_not_locked_out_by_a_guesser(
    lockouts: Lockouts, make_job: Any, vault: Vault, passing_through: Principal, clock: Clock
) -> None:
    job = make_job()
    lockouts.started(job)
    await lockouts.ended(ended(job))
    for guess in ("a", "b", "c"):
        await fail(lockouts, make_job(owner=vault.owner_of("ann", guess)))
    lockouts.refuse_caller(passing_through)
    guesser = replace(passing_through, subject=vault.owner_of("ann", "a"))
    with pytest.raises(LockedOut):
        lockouts.refuse_caller(guesser)
    clock.forward(300)
    await fail(lockouts, make_job())  # the password was changed
    with pytest.raises(LockedOut):
        lockouts.refuse_caller(passing_through)


async def test_holders_of_keys_are_counted_too_each_with_each_name(
    lockouts: Lockouts, make_job: Any, operator: Principal, passing_through: Principal
) -> None:
    """In the existing service a key was a way to guess for ever."""
    for _ in range(3):
        await fail(lockouts, make_job(owner=operator.subject))
    with pytest.raises(LockedOut, match="the device login 'ann'"):
        lockouts.refuse_caller(operator, "ann")
    lockouts.refuse_caller(operator, "bob")
    lockouts.refuse_caller(operator)
    lockouts.refuse_caller(replace(operator, subject="key:k-other"), "ann")
    lockouts.refuse_caller(passing_through)


async def test_a_key_is_not_excused_by_a_success(lockouts: Lockouts, make_job: Any, operator: Principal) -> None:
    """A success with one password proves nothing about the next one."""
    job = make_job(owner=operator.subject)
    lockouts.started(job)
    await lockouts.ended(ended(job))
    for _ in range(3):
        await fail(lockouts, make_job(owner=operator.subject))
    still_running = make_job(owner=operator.subject)
    lockouts.started(still_running)
    await lockouts.ended(ended(still_running))
    with pytest.raises(LockedOut):
        lockouts.refuse_caller(operator, "ann")


async def test_a_device_that_does_not_answer_is_locked_for_everybody(
    lockouts: Lockouts, make_job: Any, audit: Heard, clock: Clock
) -> None:
    for code in (ErrorCode.CONNECTION_TIMEOUT, ErrorCode.SSH_ERROR, ErrorCode.CONNECTION_TIMEOUT):
        clock.forward(100)
        await fail(lockouts, make_job(), code)
    with pytest.raises(LockedOut, match=r"the device 192\.0\.2\.1:22 had too many failures .* try again in 400 s"):
        lockouts.refuse_device("default", "192.0.2.1:22")
    lockouts.refuse_device("branch", "192.0.2.1:22")
    lockouts.refuse_device("default", "192.0.2.2:22")
    assert audit.events == [
        ("device.locked_out", {"host": "192.0.2.1", "port": 22, "context": "default", "failure_count": 3}),
    ]


@pytest.mark.parametrize("code", [ErrorCode.CIRCUIT_OPEN, ErrorCode.CONFIG_REJECTED, ErrorCode.UNKNOWN, None])
async def test_other_ends_do_not_count(
    code: ErrorCode | None, lockouts: Lockouts, make_job: Any, store: SqlStore
) -> None:
    job = make_job()
    lockouts.started(job)
    await lockouts.ended(ended(job, code))
    assert await store.records.all(FailureRecord) == []


async def test_a_lockout_survives_a_restart_and_is_shared_between_processes(
    lockouts: Lockouts, store: SqlStore, vault: Vault, audit: Heard, clock: Clock, make_job: Any, operator: Principal
) -> None:
    other = Lockouts(store.records, vault, RULES, audit, now=clock)
    for _ in range(2):
        await fail(lockouts, make_job(owner=operator.subject))
    await other.refresh()
    clock.forward(1)
    await fail(other, make_job(owner=operator.subject))
    with pytest.raises(LockedOut):
        other.refuse_caller(operator, "ann")
    lockouts.refuse_caller(operator, "ann")
    await lockouts.refresh()
    with pytest.raises(LockedOut):
        lockouts.refuse_caller(operator, "ann")
    clock.forward(601)
    await lockouts.refresh()
    lockouts.refuse_caller(operator, "ann")
    assert await store.records.all(FailureRecord) == []


async def test_failures_count_though_another_process_has_handed_the_job_out(
    lockouts: Lockouts, make_job: Any, operator: Principal, vault: Vault
) -> None:
    """Then nobody here knows which login a key has used, so its unknown names count together."""
    for guess in ("a", "b", "c"):
        await lockouts.ended(
            ended(make_job(owner=vault.owner_of("ann", guess), submitter="ann"), ErrorCode.AUTH_FAILURE)
        )
        await lockouts.ended(ended(make_job(owner=operator.subject, submitter="ci"), ErrorCode.AUTH_FAILURE))
    login = Login("ann", "d")
    with pytest.raises(LockedOut):
        lockouts.refuse_caller(
            Principal(vault.owner_of("ann", "d"), "ann", Role.OPERATOR, AuthMethod.BASIC, login=login)
        )
    with pytest.raises(LockedOut, match="the device login 'bob'"):
        lockouts.refuse_caller(operator, "bob")
    lockouts.refuse_caller(replace(operator, subject="key:k-other"), "bob")


async def test_zero_switches_lockouts_off(
    store: SqlStore, vault: Vault, audit: Heard, make_job: Any, operator: Principal
) -> None:
    off = Lockouts(store.records, vault, LockoutRules(threshold=0), audit)
    for _ in range(20):
        await fail(off, make_job(owner=operator.subject))
        await fail(off, make_job(), ErrorCode.CONNECTION_TIMEOUT)
    off.refuse_caller(operator, "ann")
    off.refuse_device("default", "192.0.2.1:22")


async def test_what_the_gate_refuses_teaches_nothing(
    lockouts: Lockouts, make_job: Any, audit: Heard, clock: Clock
) -> None:
    """The existing service counted its own refusals as failures of the device."""
    gate = Gate(lockouts, Breakers(BreakerRules(threshold=2, seconds=300), audit, now=clock))
    for _ in range(2):
        job = make_job()
        assert gate(job) is None
        await gate.ended(ended(job, ErrorCode.CONNECTION_TIMEOUT))
    for _ in range(5):
        refused = make_job()
        failure = gate(refused)
        assert failure is not None
        await gate.ended(ended(refused, failure.code))
    lockouts.refuse_device("default", "192.0.2.1:22")
    assert audit.types == ["circuit.opened"]
