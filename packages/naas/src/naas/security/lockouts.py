"""Lockouts: too many failures in a moving window, and the caller or the device has to wait.

- *A login that guesses passwords*: ``threshold`` device logins refused in ``seconds`` lock it at submission. With
  pass-through Basic the failures of a user name count together, whatever the password was; who holds an API key is
  counted with each user name that they try. A caller whose login has worked lately is not locked out by others who
  guess passwords for the same name: they know the password.
- *A device that does not answer*: ``threshold`` failures to reach it lock it for everybody.

A lockout ends by itself when so few of the failures are in the window that the threshold is not reached. Failures are
kept in the store, and read when the service starts and now and then, so that neither a restart nor a second process
gives anybody new attempts. What is refused here counts nowhere.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from naas.driver.base import ErrorCode
from naas.errors import LockedOut, StoreUnavailable, VaultError
from naas.principals import AuthMethod
from naas.security.breaker import Evidence, device_key, evidence_of
from naas.security.windows import FailureWindows
from naas.store.base import RecordValue

if TYPE_CHECKING:
    from collections.abc import Callable

    from naas.jobs import Job
    from naas.principals import Principal
    from naas.security.audit import Audit
    from naas.store.base import RecordStore
    from naas.vault import Vault

__all__ = ["FailureRecord", "LockoutRules", "Lockouts"]

log = logging.getLogger("naas.security.lockouts")

MOST_KEYS: Final = 20_000

# No device login is called so.
_ANY_NAME: Final = ""


@dataclass(frozen=True, slots=True)
class LockoutRules:
    """``threshold`` failures in ``seconds`` lock; 0 never does."""

    threshold: int = 10
    seconds: float = 600.0


class FailureRecord(RecordValue, frozen=True, kw_only=True):
    """The failures of one login or device; the times are seconds since 1970. ``key`` says whose they are."""

    collection: ClassVar[str] = "failures"

    key: str
    times: tuple[float, ...]


class Lockouts:
    """Counts failures of logins and devices. Lives in one event loop."""

    def __init__(
        self,
        records: RecordStore,
        vault: Vault,
        rules: LockoutRules,
        audit: Audit,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._records, self._vault, self._rules, self._audit, self._now = records, vault, rules, audit, now
        self._failures = FailureWindows(rules.threshold, rules.seconds, MOST_KEYS)
        # Which login a running job uses: the store forgets it when the job ends, which is when it must be known.
        self._running: OrderedDict[str, str] = OrderedDict()
        self._proven: OrderedDict[str, float] = OrderedDict()

    # Asking

    def refuse_caller(self, principal: Principal, username: str | None = None) -> None:
        """Return if the caller may submit jobs that log in as ``username`` (their own, if not given).

        Raises:
            LockedOut: They may not, for a while.
        """
        name = username or (principal.login.username if principal.login is not None else None)
        if name is None:
            return
        now, passes_through = self._now(), principal.method is AuthMethod.BASIC
        keys = [login_key(principal.subject, name, passes_through=passes_through)]
        if not passes_through:
            keys.append(login_key(principal.subject, _ANY_NAME, passes_through=False))
        left = max(self._failures.locked_for(key, now) for key in keys)
        if left > 0 and not self._is_proven(principal.subject, name):
            raise LockedOut(f"the device login {name!r}", math.ceil(left))

    def refuse_device(self, context: str, address: str) -> None:
        """Return if jobs for the device may be submitted.

        Raises:
            LockedOut: They may not, for a while.
        """
        left = self._failures.locked_for(f"device {device_key(context, address)}", self._now())
        if left > 0:
            raise LockedOut(f"the device {address}", math.ceil(left))

    # Learning

    def started(self, job: Job) -> None:
        """Remember which login the job uses, while the job still carries it."""
        if self._rules.threshold == 0 or job.sealed_login is None:
            return
        try:
            username = self._vault.open(job.id, job.sealed_login).username
        except VaultError:
            return  # the worker will find out and end the job
        self._running[job.id] = username
        if len(self._running) > MOST_KEYS:
            self._running.popitem(last=False)

    async def ended(self, job: Job) -> None:
        """Count what the end of a job says about its login and its device."""
        username = self._running.pop(job.id, None)
        if self._rules.threshold == 0:
            return
        if username is None:
            # Another process has handed it out, or this one has started since then. The name of a pass-through caller
            # is that of the login; of a key we only know whose it is, and count its unknown names together.
            username = job.submitter if _is_pass_through(job.owner) else _ANY_NAME
        failure = job.outcome.failure
        if failure is not None and failure.code is ErrorCode.AUTH_FAILURE:
            await self._login_failed(job, username)
        elif evidence_of(job) is Evidence.REACHED:
            self._prove(job.owner, username)
        if evidence_of(job) is Evidence.FAILED:
            await self._device_failed(job)

    async def _login_failed(self, job: Job, username: str) -> None:
        self._proven.pop(_proof(job.owner, username), None)
        key = login_key(job.owner, username, passes_through=_is_pass_through(job.owner))
        if (count := await self._fail(key)) == self._rules.threshold:
            self._audit.write("user.locked_out", username=username, failure_count=count)

    async def _device_failed(self, job: Job) -> None:
        key = f"device {device_key(job.context, job.device.address)}"
        if (count := await self._fail(key)) == self._rules.threshold:
            host, port = job.device.host, job.device.port
            self._audit.write("device.locked_out", host=host, port=port, context=job.context, failure_count=count)

    async def _fail(self, key: str) -> int:
        was_locked = self._failures.locked_for(key, self._now()) > 0
        self._failures.fail(key, self._now())
        times = self._failures.recent(key, self._now())
        try:
            await self._records.put(FailureRecord(id=_record_id(key), key=key, times=times))
        except StoreUnavailable as exc:
            log.warning("a failure is counted in this process only reason=%s", exc)
        return 0 if was_locked else len(times)

    def _prove(self, subject: str, username: str) -> None:
        proof = _proof(subject, username)
        self._proven[proof] = self._now()
        self._proven.move_to_end(proof)
        if len(self._proven) > MOST_KEYS:
            self._proven.popitem(last=False)

    def _is_proven(self, subject: str, username: str) -> bool:
        # A key alone proves no password: only of pass-through callers the subject stands for the password too.
        if not _is_pass_through(subject):
            return False
        since = self._proven.get(_proof(subject, username))
        return since is not None and since + self._rules.seconds > self._now()

    # Keeping

    async def refresh(self) -> None:
        """Read the failures that any process has counted, and drop the records of those that count no more."""
        now = self._now()
        for record in await self._records.all(FailureRecord):
            failures = record.value
            recent = tuple(time for time in failures.times if time + self._rules.seconds > now)
            known = self._failures.recent(failures.key, now)
            if not recent:
                await self._records.delete(FailureRecord, failures.id)
                self._failures.forget(failures.key)
                continue
            # A union that keeps two failures of the same moment apart.
            both = Counter(recent) | Counter(known)
            if both.total() > len(known):
                self._failures.load(failures.key, tuple(both.elements()))


def login_key(subject: str, username: str, *, passes_through: bool) -> str:
    """Return under which name the failures of a login are counted."""
    # A pass-through caller with another password is another subject, so the name alone must do.
    return f"user {username}" if passes_through else f"user {subject} {username}"


def _is_pass_through(subject: str) -> bool:
    # `Vault.owner_of` gives bare hexadecimal digits; every other subject has a colon in it.
    return ":" not in subject


def _proof(subject: str, username: str) -> str:
    return f"{subject} {username}"


def _record_id(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]
