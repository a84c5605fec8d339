"""One worker's end of the NATS engine: hands out the jobs of the partitions that it owns, device by device."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from naas.engine.nats.holdings import Holdings
from naas.engine.nats.ownership import Ownership

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from naas.engine.base import Delivery, WorkerInfo
    from naas.engine.nats.connection import Connection

__all__ = ["NatsClaimer"]

# How long closing may wait until idle partitions are handed over, in seconds.
_HANDOVER_SECONDS: Final = 5.0


class NatsClaimer:
    """A `naas.engine.base.Claimer` on NATS. It begins to own partitions with its first claim or heartbeat."""

    def __init__(
        self, connection: Connection, worker: str, contexts: Collection[str], *, lease_seconds: float, partitions: int
    ) -> None:
        self._contexts = tuple(dict.fromkeys(contexts))
        self._called = asyncio.Event()
        self._is_closed = False
        self._holdings = Holdings(connection, lease_seconds=lease_seconds, on_ready=self._called.set)
        self._ownership = Ownership(
            connection,
            self._holdings,
            worker,
            self._contexts,
            lease_seconds=lease_seconds,
            partitions=partitions,
            on_touch=self._called.set,
        )
        connection.on_close(self._abandon)

    async def claim(self, limit: int) -> Sequence[Delivery]:
        self._ownership.begin()
        while not self._is_closed:
            self._called.clear()
            if self._ownership.is_in_touch and (deliveries := self._holdings.take(self._contexts, limit)):
                self._ownership.has_work()
                return deliveries
            await self._ownership.ask_for_more()
            await self._called.wait()
        return ()

    async def heartbeat(self, deliveries: Iterable[Delivery], worker: WorkerInfo) -> None:
        self._holdings.keep(deliveries)
        self._ownership.begin(worker)

    async def ack(self, delivery: Delivery) -> None:
        feed = await self._holdings.ack(delivery)
        if feed is not None:
            await self._ownership.acknowledged(feed)

    async def nak(self, delivery: Delivery, *, delay: float) -> None:
        self._holdings.put_back(delivery, delay)

    async def close(self) -> None:
        self._is_closed = True
        self._called.set()
        await self._ownership.close(_HANDOVER_SECONDS)

    async def _abandon(self) -> None:
        """The process ends: what is still owned goes to others when the lease has run out."""
        self._is_closed = True
        self._called.set()
        await self._ownership.abandon()
        self._holdings.close()
