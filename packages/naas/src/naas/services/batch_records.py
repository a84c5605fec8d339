"""What is remembered of batches: what each is, where lists find it, and that something is still to be decided."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import ClassVar, Final

import msgspec

from naas.batches import Plan
from naas.jobs import JobKind
from naas.store.base import RecordValue

__all__ = ["EVERYBODY", "BatchEntry", "BatchRecord", "OpenBatch", "entries_of", "newest_first", "scope_of"]

EVERYBODY: Final = "all"
"""Whose list holds every batch."""


class BatchRecord(RecordValue, frozen=True, kw_only=True):
    """What a batch is; never changed. Its jobs are found by its id."""

    collection: ClassVar[str] = "batches"

    owner: str
    submitter: str
    kind: JobKind
    created_at: datetime
    waves: tuple[int, ...]
    pause_seconds: float = 0.0
    most_failures: int | None = None
    tags: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    retry_of: str | None = None

    @property
    def plan(self) -> Plan:
        """How it goes."""
        return Plan(self.waves, self.pause_seconds, self.most_failures)


class BatchEntry(RecordValue, frozen=True, kw_only=True):
    """Where a list finds a batch: the id begins with whose list it is, and sorts the newest first."""

    collection: ClassVar[str] = "batch-entries"

    batch_id: str


class OpenBatch(RecordValue, frozen=True, kw_only=True):
    """A batch about which something is still to be decided. The id is that of the batch."""

    collection: ClassVar[str] = "open-batches"


def entries_of(record: BatchRecord) -> list[RecordValue]:
    """Return the entries of the list of everybody and of the owner's own."""
    suffix = f"{newest_first(record.created_at)}~{record.id}"
    return [BatchEntry(id=f"{scope}~{suffix}", batch_id=record.id) for scope in (EVERYBODY, scope_of(record.owner))]


def scope_of(owner: str) -> str:
    """Return whose list an owner's is, as the first part of the ids of its entries."""
    return hashlib.sha256(owner.encode()).hexdigest()[:32]


# Milliseconds until the year 2286, in which this sorts the wrong way round.
_END_OF_TIME: Final = 10_000_000_000_000


def newest_first(moment: datetime) -> str:
    """Return a text for a time that sorts before those of earlier times."""
    return f"{_END_OF_TIME - int(moment.timestamp() * 1000):013d}"
