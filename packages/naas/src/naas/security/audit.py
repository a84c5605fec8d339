"""The audit trail: who did what, append-only, each line chained to the one before (`naas.store.base.AuditStore`).

`Audit.write` is called on hot paths, so it only puts the event in a queue; a task of its own brings it to the store in
order. What is in the queue when the process is killed, some milliseconds' worth, is lost; every job and key is in the
store anyway. Each type of event has a list of the fields that it may carry: what is not on it cannot leak.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict, deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from naas.errors import StoreUnavailable
from naas.store.base import AuditEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from naas.jobs import Job
    from naas.principals import Principal
    from naas.store.base import AuditStore

__all__ = ["EVENT_FIELDS", "Audit", "AuditWriter", "NoAudit"]

log = logging.getLogger("naas.audit")

_KEY: Final = frozenset({"key_id", "role", "contexts", "name", "expires_at"})

# The events of the existing service keep their names and fields; `batch.cancelled` and what follows are ours.
EVENT_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "auth.success": frozenset({"method", "identity", "client"}),
    "auth.failure": frozenset({"method", "reason", "client"}),
    "auth.context_denied": frozenset({"identity", "context", "allowed_contexts"}),
    "auth.rbac_denied": frozenset({"identity", "role", "required_role", "endpoint"}),
    "apikey.created": _KEY | {"created_by"},
    "apikey.revoked": frozenset({"key_id", "revoked_by"}),
    "apikey.rotated": frozenset({"old_key_id", "new_key_id", "rotated_by", "overlap_seconds"}),
    "webhook.failed": frozenset({"job_id", "webhook_url", "attempts", "last_error"}),
    "job.submitted": frozenset(
        {"host", "platform", "port", "command_count", "request_id", "context", "kind", "batch_id", "replay_of"}
    ),
    "job.completed": frozenset({"request_id", "status", "duration_ms", "error_code", "host", "needs_review"}),
    "job.cancelled": frozenset({"request_id"}),
    "job.orphaned": frozenset({"request_id", "worker_name"}),
    "device.locked_out": frozenset({"host", "port", "context", "failure_count"}),
    "circuit.opened": frozenset({"host", "port", "context"}),
    "circuit.closed": frozenset({"host", "port", "context"}),
    "batch.submitted": frozenset({"batch_id", "device_count", "operation"}),
    "batch.cancelled": frozenset({"batch_id"}),
    "user.locked_out": frozenset({"username", "failure_count"}),
    "client.locked_out": frozenset({"client", "failure_count", "what"}),
    "command.refused": frozenset({"rule", "host", "context", "kind", "line"}),
    "rate.limited": frozenset({"limit", "window", "wanted"}),
    "keys.rotated": frozenset({"resealed", "unreadable"}),
    "audit.exported": frozenset({"format", "events"}),
    "record.created": frozenset({"kind", "id"}),
    "record.changed": frozenset({"kind", "id"}),
    "record.deleted": frozenset({"kind", "id"}),
}

# The same refusals and successes again and again would bury everything else; one line an hour says that it goes on.
_REPEATED: Final = frozenset({"auth.success", "auth.failure", "rate.limited"})
_REPEATED_EVERY: Final = 3600.0
_MOST_REPEATED: Final = 10_000

# What waits for the store; at 2,000 jobs a second this is 25 s of a store that does not answer.
_LONGEST_QUEUE: Final = 100_000
_AT_ONCE: Final = 500
_AGAIN_AFTER: Final = 1.0
_LONGEST_TEXT: Final = 500


class Audit(Protocol):
    """Somewhere to write what happened."""

    def write(self, event_type: str, principal: Principal | None = None, **fields: Any) -> None:
        """Remember an event. Never waits, and never fails because of the store."""
        ...


class NoAudit:
    """Remembers nothing; for tests of something else."""

    def write(self, event_type: str, principal: Principal | None = None, **fields: Any) -> None:
        """Forget it, but for its shape."""
        _checked(event_type, fields)


class AuditWriter:
    """Brings events to the store. Open it (``async with``) before the first one."""

    def __init__(self, store: AuditStore, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store, self._now = store, now
        self._queue: deque[AuditEvent] = deque()
        self._written: OrderedDict[tuple[str, ...], float] = OrderedDict()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.lost = 0
        """Events that were given up because the store did not take them for too long."""

    async def __aenter__(self) -> AuditWriter:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.settle()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    def write(self, event_type: str, principal: Principal | None = None, **fields: Any) -> None:
        """Remember an event.

        Raises:
            ValueError: The type is unknown, or must not carry one of the fields: a mistake in our own code.
        """
        checked = _checked(event_type, fields)
        subject = "" if principal is None else principal.subject
        if event_type in _REPEATED and self._was_written(event_type, subject, checked):
            return
        name = "" if principal is None else principal.name
        self._add(AuditEvent(event_type, self._now(), name, subject, checked))

    def _add(self, event: AuditEvent) -> None:
        log.info("Audit event event_type=%s principal=%s %s", event.event_type, event.principal, _Line(event.fields))
        if len(self._queue) >= _LONGEST_QUEUE:
            self.lost += 1
            return
        self._queue.append(event)
        self._idle.clear()
        self._wake.set()

    def _was_written(self, event_type: str, subject: str, fields: Mapping[str, Any]) -> bool:
        same = (event_type, subject, *(str(fields.get(name, "")) for name in ("method", "client", "reason")))
        now = time.monotonic()
        last = self._written.get(same)
        if last is not None and now - last < _REPEATED_EVERY:
            return True
        self._written[same] = now
        self._written.move_to_end(same)
        if len(self._written) > _MOST_REPEATED:
            self._written.popitem(last=False)
        return False

    async def settle(self, within: float = 5.0) -> None:
        """Wait until everything that was written is in the store, or so many seconds have passed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._idle.wait()

    async def ended(self, job: Job) -> None:
        """Write that a job has ended."""
        began = job.started_at or job.created_at
        duration = 0.0 if job.ended_at is None else (job.ended_at - began).total_seconds()
        failure = job.outcome.failure
        fields = {
            "request_id": job.id,
            "status": job.state.value,
            "duration_ms": round(duration * 1000),
            "error_code": None if failure is None else failure.code.value,
            "host": job.device.host,
            "needs_review": job.needs_review or None,
        }
        checked = _checked("job.completed", fields)
        self._add(AuditEvent("job.completed", self._now(), job.submitter, job.owner, checked))

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                await self._store_some()
            self._idle.set()

    async def _store_some(self) -> None:
        some = [self._queue.popleft() for _ in range(min(_AT_ONCE, len(self._queue)))]
        try:
            # Appended in order at once, awaited together: the store writes them in one transaction.
            await asyncio.gather(*(self._store.append(event) for event in some))
        except StoreUnavailable as exc:
            # Which of them are in the store is not known; a line twice is better than a line too few.
            log.warning("audit events wait for the store count=%d reason=%s", len(self._queue) + len(some), exc)
            self._queue.extendleft(reversed(some))
            await asyncio.sleep(_AGAIN_AFTER)


def _checked(event_type: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    allowed = EVENT_FIELDS.get(event_type)
    if allowed is None:
        raise ValueError(f"no audit event is called {event_type!r}; add it to EVENT_FIELDS with its fields")
    if not fields.keys() <= allowed:
        raise ValueError(f"the audit event {event_type} carries no {sorted(fields.keys() - allowed)}")
    return {name: _plain(value) for name, value in fields.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, str):  # nearly all of them
        return _text(value)
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return sorted(_text(str(item)) for item in cast("Iterable[object]", value))
    return _text(str(value))


def _text(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        text = text[:_LONGEST_TEXT]
    if text.isprintable():
        return text
    # Line ends in a name must not make a line of their own in a log.
    return "".join(character if character.isprintable() else " " for character in text)


class _Line:
    """Fields as text, put together when a handler of the log asks for it; logs in JSON take ``log_fields``."""

    __slots__ = ("log_fields",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.log_fields = fields

    def __str__(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.log_fields.items())
