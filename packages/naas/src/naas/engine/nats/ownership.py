"""Owning partitions: a loop of *rounds* beside a worker.

Each round gives a sign of life, looks who else lives and who owns what, and takes, gives up and reads partitions
accordingly (`balance` decides). Without a round that worked, two thirds of a lease ago or later, the worker must hand
out nothing: its partitions may be somebody else's by now.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Final

import msgspec.structs

from naas.engine.nats import balance, names
from naas.engine.nats.connection import STREAM_NOT_FOUND, JetStreamError, status_of
from naas.engine.nats.feed import Feed
from naas.engine.nats.state import Owned, Partition, StateStore
from naas.engine.nats.streams import open_jobs_stream, open_state_stream
from naas.engine.nats.wire import OwnerRecord, WorkerRecord
from naas.engine.tasks import end_task
from naas.errors import EngineUnavailable
from naas.jobs import Priority

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

    from naas.engine.base import WorkerInfo
    from naas.engine.nats.connection import Connection
    from naas.engine.nats.feed import JobPull
    from naas.engine.nats.holdings import Holdings
    from naas.engine.nats.state import Snapshot

__all__ = ["Ownership"]

log = logging.getLogger("naas.engine.nats")

# The longest time between two rounds, in seconds; a short lease makes it shorter.
_ROUND_SECONDS: Final = 1.0
# Rounds that somebody asked for come no closer to each other than this, in seconds.
_BREATH: Final = 0.02


class Ownership:
    """The partitions of one worker."""

    def __init__(
        self,
        connection: Connection,
        holdings: Holdings,
        worker: str,
        contexts: Collection[str],
        *,
        lease_seconds: float,
        partitions: int,
        on_touch: Callable[[], None],
    ) -> None:
        """``partitions`` is for contexts that have no stream yet; ``on_touch`` is called when a round has worked."""
        self._connection, self._holdings = connection, holdings
        self._state = StateStore(connection)
        self._worker, self._contexts = worker, tuple(contexts)
        self._lease_seconds, self._new_partitions, self._on_touch = lease_seconds, partitions, on_touch
        self._loop = asyncio.get_running_loop()
        self._partitions: dict[str, int] = {}  # by context
        self._feeds: dict[Partition, Feed] = {}
        self._cancelling: dict[Partition, Subscription] = {}
        self._info: WorkerInfo | None = None
        self._is_hungry = self._is_closing = self._is_prepared = False
        self._nudged, self._handed_over, self._left = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._in_touch_at = float("-inf")  # by our clock: when the last round began that worked
        self._listening_since: float | None = None  # by the server's clock
        self._rounds: asyncio.Task[None] | None = None
        self._inbox = ""
        self._subscriptions: list[Subscription] = []
        connection.on_reconnect(self._come_back)

    @property
    def is_in_touch(self) -> bool:
        """Whether the partitions are still ours for sure."""
        return self._loop.time() - self._in_touch_at < self._lease_seconds * 2 / 3

    def begin(self, info: WorkerInfo | None = None) -> None:
        """Go rounds from now on, if not yet; ``info`` is what others are told of the worker."""
        if info is not None:
            self._info = info
        if self._rounds is None and not self._is_closing:
            self._rounds = asyncio.create_task(self._go_rounds())

    async def ask_for_more(self) -> None:
        """The worker has nothing to do: read on, beyond what waits for busy devices."""
        self._is_hungry = True
        try:
            for feed in list(self._feeds.values()):
                for pull in feed.pulls.values():
                    await self._ask(feed, pull)
        except EngineUnavailable as exc:
            log.debug("cannot read on reason=%s", exc)

    def has_work(self) -> None:
        """The worker has something to do again."""
        self._is_hungry = False

    async def acknowledged(self, feed: Feed) -> None:
        """A job of the feed is gone: read on, or give the partition up if this is all that was waited for."""
        if feed.is_leaving:
            if not feed.out:
                self._nudged.set()
            return
        try:
            for pull in feed.pulls.values():
                await self._ask(feed, pull)
        except EngineUnavailable as exc:
            log.debug("cannot read on reason=%s", exc)

    async def close(self, within: float) -> None:
        """Give every partition up, those with a delivery out as soon as it is acknowledged; wait for the others.

        Called again after the last acknowledgement it waits for those too, so that nobody has to wait for the lease.
        """
        self._is_closing = True
        if self._rounds is None or self._left.is_set():
            return
        self._handed_over.clear()
        self._nudged.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within if self._connection.is_up else 0.0):
                await self._handed_over.wait()

    async def abandon(self) -> None:
        """Stop at once. What is still owned goes to others when the lease has run out."""
        self._is_closing = True
        await end_task(self._rounds)

    # Rounds

    def _come_back(self) -> None:
        """The connection is back: the server has forgotten what we asked for."""
        for feed in self._feeds.values():
            feed.forget_pulls()
        self._listening_since = None
        self._nudged.set()

    async def _go_rounds(self) -> None:
        period = min(_ROUND_SECONDS, self._lease_seconds / 4)
        while not self._left.is_set():
            self._nudged.clear()
            try:
                await self._round()
            except EngineUnavailable as exc:
                log.warning("cannot look after partitions, trying again worker=%s reason=%s", self._worker, exc)
                if isinstance(exc, JetStreamError) and exc.code == STREAM_NOT_FOUND:
                    self._is_prepared = False  # somebody removed the streams
            except Exception:  # a bug of ours must not leave partitions that nobody reads
                log.exception("a round failed worker=%s", self._worker)
            await asyncio.sleep(_BREATH)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(period):
                    await self._nudged.wait()

    async def _round(self) -> None:
        began = self._loop.time()
        await self._prepare()
        record = WorkerRecord(
            self._worker, self._contexts, self._info, dict(self._holdings.out_by_context), self._is_closing
        )
        await self._state.put_worker(record)
        snapshot = await self._state.read()
        if self._worker not in snapshot.workers:
            # Another server of the cluster answered, which is behind. What it says of the others is old too.
            raise EngineUnavailable("the NATS server does not know yet what was written to it")
        is_new = self._in_touch_at == float("-inf")
        if self._listening_since is None or began - self._in_touch_at > self._lease_seconds:
            self._listening_since = snapshot.now
        await self._drop_lost(snapshot)
        self._in_touch_at = began
        self._on_touch()
        alive = balance.living(snapshot, lease_seconds=self._lease_seconds, listening_since=self._listening_since)
        changed = await self._rebalance(snapshot, alive)
        await self._look_after_feeds()
        await self._forget_the_dead(snapshot, alive)
        if changed or is_new:
            await self._connection.publish(names.BALANCE, self._worker.encode())
        if self._is_closing:
            await self._leave_if_done()

    async def _prepare(self) -> None:
        """Make what is needed on the server, and listen to what concerns us."""
        if self._is_prepared:
            return
        await open_state_stream(self._connection)
        for context in self._contexts:
            self._partitions[context] = await open_jobs_stream(self._connection, context, self._new_partitions)
        self._is_prepared = True
        if self._inbox:
            return
        inbox = self._connection.new_inbox()
        self._subscriptions = [
            await self._connection.subscribe(f"{inbox}.>", self._hear),
            await self._connection.subscribe(names.BALANCE, self._hear_balance),
        ]
        self._inbox = inbox

    async def _rebalance(self, snapshot: Snapshot, alive: Collection[str]) -> bool:
        """Take and give up partitions; return whether anything changed."""
        change = balance.change_of(self._worker, self._partitions, snapshot, alive)
        for partition in change.give:
            if partition in self._feeds:
                self._feeds[partition].is_leaving = True
        for feed in self._feeds.values():
            if feed.is_leaving and self._holdings.drop(feed):
                feed.was_out = True
        idle = [feed for feed in self._feeds.values() if feed.is_leaving and not feed.out]
        wanted = [each for each in (*change.take, *self._forgotten(snapshot)) if each not in self._feeds]
        taken = await asyncio.gather(*(self._take(each, snapshot) for each in wanted))
        given = await asyncio.gather(*(self._give(feed) for feed in idle))
        return any(taken) or any(given)

    def _forgotten(self, snapshot: Snapshot) -> list[Partition]:
        """Return what is ours without our knowing: we took it, and the answer was lost."""
        return [
            partition
            for partition, owned in snapshot.owners.items()
            if owned.record.worker == self._worker and partition not in self._feeds
        ]

    async def _look_after_feeds(self) -> None:
        """Open the new ones, read on in all of them."""
        closed = [feed for feed in self._feeds.values() if not feed.is_open and not feed.is_leaving]
        opened = await asyncio.gather(*(self._open(feed) for feed in closed), return_exceptions=True)
        for feed in list(self._feeds.values()):
            for pull in feed.pulls.values():
                await self._ask(feed, pull)
        for problem in opened:  # one that cannot be opened must not keep the others from being read
            if problem is not None:
                raise problem

    async def _forget_the_dead(self, snapshot: Snapshot, alive: Collection[str]) -> None:
        """Remove workers that nobody needs any more: their partitions are taken, and they fell silent long ago."""
        owning = {owned.record.worker for owned in snapshot.owners.values()}
        for name, seen in snapshot.workers.items():
            if name not in alive and name not in owning and snapshot.now - seen.at > 10 * self._lease_seconds:
                await self._state.forget_worker(name)

    async def _leave_if_done(self) -> None:
        if any(not feed.out for feed in self._feeds.values()):
            self._nudged.set()
            return
        if not self._feeds:
            await self._state.forget_worker(self._worker)
            await self._connection.publish(names.BALANCE, self._worker.encode())
            for subscription in self._subscriptions:
                await self._connection.unsubscribe(subscription)
            self._left.set()
        self._handed_over.set()

    # Partitions

    async def _drop_lost(self, snapshot: Snapshot) -> None:
        """Let go of partitions that somebody else has taken while we were out of touch."""
        for partition, feed in list(self._feeds.items()):
            if snapshot.owned(partition).revision != feed.owned.revision:
                log.warning("partition lost worker=%s partition=%s/%d", self._worker, *partition)
                feed.is_lost = True
                self._holdings.drop(feed)
                del self._feeds[partition]
                await self._stop_hearing_cancels(partition)

    async def _take(self, partition: Partition, snapshot: Snapshot) -> bool:
        """Become the owner of a partition, unless somebody else is faster."""
        before = snapshot.owned(partition)
        record = msgspec.structs.replace(before.record, worker=self._worker, generation=before.record.generation + 1)
        if before.record.worker:
            record = await self._after_takeover(partition, record)
        revision = await self._state.put_owner(partition, record, revision=before.revision)
        if revision is None:
            return False
        self._feeds[partition] = Feed(self._connection, partition, Owned(record, revision), self._inbox)
        return True

    async def _give(self, feed: Feed) -> bool:
        """Hand a partition over: whoever wants it may take it now."""
        record = msgspec.structs.replace(feed.owned.record, worker="")
        if feed.was_out:
            record = await self._after_takeover(feed.partition, record)
        await self._state.put_owner(feed.partition, record, revision=feed.owned.revision)
        self._feeds.pop(feed.partition, None)
        await self._stop_hearing_cancels(feed.partition)
        return True

    async def _after_takeover(self, partition: Partition, record: OwnerRecord) -> OwnerRecord:
        """Note that what is in the stream now may have been out."""
        info = await self._connection.api(f"STREAM.INFO.{names.jobs_stream(partition.context)}")
        return msgspec.structs.replace(record, takeovers=record.takeovers + 1, last_sequence=info["state"]["last_seq"])

    async def _open(self, feed: Feed) -> None:
        await feed.open()
        if feed.partition not in self._cancelling:
            self._cancelling[feed.partition] = await self._connection.subscribe(
                names.cancel_subject(*feed.partition), self._hear_cancel
            )

    async def _stop_hearing_cancels(self, partition: Partition) -> None:
        subscription = self._cancelling.pop(partition, None)
        if subscription is not None:
            await self._connection.unsubscribe(subscription)

    async def _ask(self, feed: Feed, pull: JobPull) -> None:
        is_ours = feed.is_open and not feed.is_leaving
        if is_ours and self._holdings.has_room and pull.wants_more(is_hungry=self._is_hungry):
            await pull.ask()

    # What comes

    async def _hear(self, message: Msg) -> None:
        """A job, or the server's word that it will not send more for this question."""
        try:
            if status_of(message) is None:
                await self._hear_job(message)
            else:
                await self._hear_status(message)
        except EngineUnavailable as exc:
            log.warning("a message was not understood, or not answered subject=%s reason=%s", message.subject, exc)

    async def _hear_job(self, message: Msg) -> None:
        context, priority, number = message.subject.split(".")[2:5]
        feed = self._feeds.get(Partition(context, int(number)))
        if feed is None or feed.is_leaving:
            return
        pull = feed.pulls[Priority(priority)]
        if message.metadata.consumer != pull.consumer:  # from when we owned it before
            return
        pull.got_one()
        await self._holdings.hear(message, feed, pull)
        await self._ask(feed, pull)

    async def _hear_status(self, message: Msg) -> None:
        context, number, priority = message.subject.removeprefix(f"{self._inbox}.").split(".")
        feed = self._feeds.get(Partition(context, int(number)))
        if feed is None:
            return
        if status_of(message) != "408":  # the consumer is gone, or something else that a round must look at
            log.info("reading stopped partition=%s/%s status=%s", context, number, message.headers)
            feed.is_open = False
        feed.pulls[Priority(priority)].forget()
        await self._ask(feed, feed.pulls[Priority(priority)])

    async def _hear_balance(self, message: Msg) -> None:
        if message.data != self._worker.encode():
            self._nudged.set()

    async def _hear_cancel(self, message: Msg) -> None:
        try:
            effect = await self._holdings.cancel(message.data.decode())
            await self._connection.publish(message.reply, effect.value.encode())
        except EngineUnavailable as exc:
            log.warning("a cancel was not answered reason=%s", exc)
