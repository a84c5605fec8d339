"""What a worker reads of one partition: a consumer for each priority, asked for a few jobs at a time.

The consumers carry the generation of their owner in their names. A new owner removes those of the one before and makes
its own, which read the partition from the beginning; so it sees what the one before had not acknowledged, in order,
and that one can acknowledge nothing any more.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from naas.engine.nats import names
from naas.engine.nats.connection import CONSUMER_NOT_FOUND, CONSUMER_NOT_UNIQUE, STREAM_NOT_FOUND, JetStreamError
from naas.engine.nats.pull import Pull
from naas.jobs import Priority

if TYPE_CHECKING:
    from naas.engine.nats.connection import Connection
    from naas.engine.nats.state import Owned, Partition
    from naas.engine.nats.wire import OwnerRecord

__all__ = ["Feed", "JobPull"]

# Jobs that are held of one partition and priority before no more are asked for, unless the worker has nothing to do:
# the rest waits on the server, where it costs no memory.
_ENOUGH: Final = 64
# A message that was acknowledged while the server went down comes again after this time. What a worker holds comes
# too, and is ignored. In seconds.
_ACK_WAIT: Final = 300.0


@dataclass(slots=True, eq=False)
class JobPull(Pull):
    """One consumer of a partition. ``held`` is how many of its jobs we have and have not acknowledged."""

    priority: Priority = Priority.NORMAL
    held: int = 0

    def wants_more(self, *, is_hungry: bool) -> bool:
        """Whether to ask for more now."""
        return self.is_due and (is_hungry or self.held < _ENOUGH)


@dataclass(slots=True, eq=False)
class Feed:
    """What a worker holds of a partition that it owns. Not open until its consumers are made."""

    connection: Connection
    partition: Partition
    owned: Owned
    inbox: str
    is_open: bool = False
    is_leaving: bool = False
    is_lost: bool = False
    """Whether somebody else has taken the partition. What is out still ends, and never waits here again."""
    was_out: bool = False
    """Whether a job that was out goes back to the server with the partition."""
    pulls: dict[Priority, JobPull] = field(default_factory=dict[Priority, JobPull])
    out: set[str] = field(default_factory=set[str])
    """Ids of the jobs that were delivered, and not acknowledged."""

    def __post_init__(self) -> None:
        for priority in Priority:
            consumer = self._consumer(self.owned.record, priority)
            reply = f"{self.inbox}.{self.partition.context}.{self.partition.number}.{priority}"
            self.pulls[priority] = JobPull(self.connection, self._stream, consumer, reply, priority=priority)

    @property
    def _stream(self) -> str:
        return names.jobs_stream(self.partition.context)

    def attempt_of(self, sequence: int) -> int:
        """Return the attempt that the delivery of a message is; one that may have been out before counts more."""
        record = self.owned.record
        return 1 + record.takeovers if sequence <= record.last_sequence else 1

    async def open(self) -> None:
        """Make the consumers, after removing those of earlier owners."""
        await asyncio.gather(*(self._open(pull) for pull in self.pulls.values()))
        self.is_open = True

    def forget_pulls(self) -> None:
        """The server will send no more for what was asked."""
        for pull in self.pulls.values():
            pull.forget()

    def _consumer(self, record: OwnerRecord, priority: Priority) -> str:
        return f"{self.partition.number}-{priority}-{record.generation}"

    async def _open(self, pull: JobPull) -> None:
        try:
            await self._create(pull)
        except JetStreamError as exc:
            if exc.code != CONSUMER_NOT_UNIQUE:
                raise
            await self._remove_earlier(pull)
            await self._create(pull)

    async def _create(self, pull: JobPull) -> None:
        subjects = names.filter_of(self.partition.context, pull.priority, self.partition.number)
        config = {
            "name": pull.consumer,
            "durable_name": pull.consumer,
            "deliver_policy": "all",
            "ack_policy": "explicit",
            "ack_wait": int(_ACK_WAIT * 1e9),
            "max_ack_pending": -1,
            "max_deliver": -1,
            "filter_subject": subjects,
        }
        await self.connection.api(
            f"CONSUMER.CREATE.{self._stream}.{pull.consumer}.{subjects}",
            {"stream_name": self._stream, "config": config},
        )

    async def _remove_earlier(self, pull: JobPull) -> None:
        """Remove the consumer of the owner before, and if that is not there, of whoever was before that."""
        number, priority, generation = self.partition.number, pull.priority, self.owned.record.generation
        if await self._remove(f"{number}-{priority}-{generation - 1}"):
            return
        offset, total = 0, 1
        while offset < total:
            page = await self.connection.api(f"CONSUMER.NAMES.{self._stream}", {"offset": offset})
            found: list[str] = page.get("consumers") or []
            for name in found:
                # Never that of a later owner: then it is us who are yesterday's.
                if name.startswith(f"{number}-{priority}-") and int(name.rpartition("-")[2]) < generation:
                    await self._remove(name)
            offset, total = offset + max(1, len(found)), int(page.get("total", 0))

    async def _remove(self, consumer: str) -> bool:
        try:
            await self.connection.api(f"CONSUMER.DELETE.{self._stream}.{consumer}")
        except JetStreamError as exc:
            if exc.code not in (CONSUMER_NOT_FOUND, STREAM_NOT_FOUND):
                raise
            return False
        return True
