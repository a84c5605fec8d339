"""What a worker has read of its partitions and not yet acknowledged.

It waits in `naas.engine.queues`, as in the embedded engine, so the order, the turns and the leases of deliveries are
the same there and here.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from naas.engine.base import CancelEffect
from naas.engine.nats.wire import unpack
from naas.engine.queues import DeviceQueues
from naas.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from nats.aio.msg import Msg

    from naas.engine.base import Delivery
    from naas.engine.nats.connection import Connection
    from naas.engine.nats.feed import Feed, JobPull

__all__ = ["Holdings"]

# Jobs that a worker holds at most, about 20 MB. Devices whose jobs stand behind that many of busy ones wait.
_MOST: Final = 20_000
# For how long a job that was cancelled on its way to us is remembered, in seconds.
_REMEMBER_CANCELLED: Final = 60.0

ACK: Final = b"+ACK"


@dataclass(slots=True, eq=False)
class _Held:
    """A job that we have, where it came from, and where to acknowledge it."""

    feed: Feed
    pull: JobPull
    reply: str


class Holdings:
    """Jobs of the partitions that a worker owns."""

    def __init__(self, connection: Connection, *, lease_seconds: float, on_ready: Callable[[], None]) -> None:
        """``on_ready`` is called when there is something to hand out."""
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._queues = DeviceQueues(lease_seconds=lease_seconds, on_ready=lambda _: on_ready())
        self._held: dict[str, _Held] = {}  # by job id
        self._cancelled: dict[str, float] = {}  # by job id: until when to remember

    @property
    def has_room(self) -> bool:
        """Whether more may be read."""
        return self._queues.waiting < _MOST

    @property
    def out_by_context(self) -> Mapping[str, int]:
        """How many deliveries are out, in each context that has some."""
        return Counter(held.feed.partition.context for job_id, held in self._held.items() if job_id in held.feed.out)

    def take(self, contexts: Collection[str], limit: int) -> list[Delivery]:
        """Hand out up to ``limit`` jobs."""
        deliveries = self._queues.take(contexts, limit)
        for delivery in deliveries:
            self._held[delivery.job.id].feed.out.add(delivery.job.id)
        return deliveries

    def keep(self, deliveries: Iterable[Delivery]) -> None:
        """Begin the leases of these deliveries anew."""
        self._queues.keep(deliveries)

    def put_back(self, delivery: Delivery, delay: float) -> None:
        """Let a delivery wait again, unless it has come back already, or is somebody else's business by now."""
        if not self._queues.is_out(delivery):
            return
        if self._held[delivery.job.id].feed.is_lost:
            self._forget(delivery.job.id)
            self._queues.release(delivery)
        else:
            self._queues.put_back(delivery, delay)

    async def hear(self, message: Msg, feed: Feed, pull: JobPull) -> None:
        """Take in a job that came."""
        job = unpack(message.data, Job)
        if self._cancelled.pop(job.id, 0.0) > self._loop.time():
            await self._connection.publish(message.reply, ACK)
            return
        earlier = self._held.get(job.id)
        self._held[job.id] = _Held(feed, pull, message.reply)
        pull.held += 1
        if earlier is None:
            self._queues.add(job, feed.attempt_of(message.metadata.sequence.stream))
            return
        # We have it: the server sends again what is not acknowledged for long, or we lost the partition and have it
        # again while the job is still out.
        earlier.pull.held -= 1
        if job.id in earlier.feed.out:
            earlier.feed.out.discard(job.id)
            feed.out.add(job.id)

    async def ack(self, delivery: Delivery) -> Feed | None:
        """Let a job go for good; return where it came from, unless the delivery has come back already."""
        if not self._queues.is_out(delivery):
            return None
        held = self._held[delivery.job.id]
        await self._connection.publish(held.reply, ACK)
        self._forget(delivery.job.id)
        self._queues.release(delivery)
        return held.feed

    async def cancel(self, job_id: str) -> CancelEffect:
        """Take a waiting job out, tell a running one to stop; remember one that may be on its way to us."""
        delivery = self._queues.delivery_of(job_id)
        if delivery is not None:
            delivery.stop.set()
            return CancelEffect.SIGNALLED
        if self._queues.withdraw(job_id):
            reply = self._held[job_id].reply
            self._forget(job_id)
            # With an answer, so that the job is gone from the stream before anybody is told that it is.
            await self._connection.request(reply, ACK)
            return CancelEffect.WITHDRAWN
        now = self._loop.time()
        self._cancelled = {each: until for each, until in self._cancelled.items() if until > now}
        self._cancelled[job_id] = now + _REMEMBER_CANCELLED
        return CancelEffect.UNKNOWN

    def drop(self, feed: Feed) -> bool:
        """Let go of the jobs of a partition that wait here: they are on the server, and another worker will read them.

        Returns whether one of them has been out, so that whoever gets it must ask what came of that.
        """
        ours = [job_id for job_id, held in self._held.items() if held.feed is feed]
        was_out = False
        for job_id in ours:
            if self._queues.withdraw(job_id):
                was_out = was_out or job_id in feed.out
                self._forget(job_id)
            elif feed.is_lost:
                self._queues.hold(job_id)
        return was_out

    def close(self) -> None:
        """Stop every clock."""
        self._queues.close()

    def _forget(self, job_id: str) -> None:
        held = self._held.pop(job_id)
        held.pull.held -= 1
        held.feed.out.discard(job_id)
