"""Who lives and who owns which partition: a few small messages on the server, read all at once.

Times are the server's, from the messages themselves, so that clocks of machines that differ do no harm.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from naas.engine.nats import names
from naas.engine.nats.connection import WRONG_LAST_SEQUENCE, JetStreamError
from naas.engine.nats.wire import OwnerRecord, WorkerRecord, pack, unpack

if TYPE_CHECKING:
    from naas.engine.nats.connection import Connection

__all__ = ["Owned", "Partition", "Seen", "Snapshot", "StateStore"]


class Partition(NamedTuple):
    """A part of the devices of a context; the unit of ownership."""

    context: str
    number: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A worker's last sign of life, and when it came: seconds since 1970 by the server's clock."""

    record: WorkerRecord
    at: float


@dataclass(frozen=True, slots=True)
class Owned:
    """Who owns a partition, and the revision that a change must name."""

    record: OwnerRecord = field(default_factory=OwnerRecord)
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything, at one moment. ``now`` is the time of the newest message, or later."""

    workers: Mapping[str, Seen]
    owners: Mapping[Partition, Owned]
    now: float

    def owned(self, partition: Partition) -> Owned:
        """Return who owns the partition."""
        return self.owners.get(partition) or Owned()


class StateStore:
    """Reads and writes the state."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put_worker(self, record: WorkerRecord) -> None:
        """Give a sign of life."""
        await self._connection.ask(f"{names.WORKERS}.{_token(record.name)}", pack(record))

    async def forget_worker(self, name: str) -> None:
        """Remove a worker that has left."""
        await self._connection.api(f"STREAM.PURGE.{names.STATE_STREAM}", {"filter": f"{names.WORKERS}.{_token(name)}"})

    async def put_owner(self, partition: Partition, record: OwnerRecord, *, revision: int) -> int | None:
        """Change the owner if nobody has since ``revision`` (0: there is none); return the new revision, or None."""
        subject = f"{names.OWNERS}.{partition.context}.{partition.number}"
        try:
            answer = await self._connection.ask(
                subject, pack(record), {"Nats-Expected-Last-Subject-Sequence": str(revision)}
            )
        except JetStreamError as exc:
            if exc.code == WRONG_LAST_SEQUENCE:
                return None
            raise
        new_revision: int = answer["seq"]
        return new_revision

    async def server_time(self) -> float:
        """Return the time by the server's clock, for whoever reads without giving signs of life."""
        info = await self._connection.api(f"STREAM.INFO.{names.STATE_STREAM}")
        return _seconds(info["ts"])

    async def read(self) -> Snapshot:
        """Return everything."""
        question = json.dumps({"multi_last": ["naas.state.>"], "batch": 100_000}).encode()
        messages = await self._connection.gather(f"$JS.API.DIRECT.GET.{names.STATE_STREAM}", question)
        workers: dict[str, Seen] = {}
        owners: dict[Partition, Owned] = {}
        now = 0.0
        for message in messages:
            headers = message.headers or {}
            subject = headers["Nats-Subject"]
            at = _seconds(headers["Nats-Time-Stamp"])
            now = max(now, at)
            if subject.startswith(names.WORKERS):
                record = unpack(message.data, WorkerRecord)
                workers[record.name] = Seen(record, at)
            elif subject.startswith(names.OWNERS):
                context, number = subject.removeprefix(f"{names.OWNERS}.").split(".")
                owned = Owned(unpack(message.data, OwnerRecord), int(headers["Nats-Sequence"]))
                owners[Partition(context, int(number))] = owned
        return Snapshot(workers, owners, now)


def _token(name: str) -> str:
    """Return a worker's name as one token of a subject: a host name has dots."""
    return "".join(letter if letter.isalnum() or letter in "-_" else f"={ord(letter):x}" for letter in name)


def _seconds(text: str) -> float:
    """Return a time in the server's notation (RFC 3339, nanoseconds) as seconds since 1970."""
    return datetime.fromisoformat(text).timestamp()
