"""The engine on NATS: publishes jobs, cancels them, counts them, and passes events on."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from naas.engine.base import CancelEffect, Depth, JobEvent, WorkerInfo
from naas.engine.listeners import Listeners, Listening
from naas.engine.nats import names
from naas.engine.nats.claimer import NatsClaimer
from naas.engine.nats.connection import STREAM_NOT_FOUND, Connection, JetStreamError
from naas.engine.nats.state import StateStore
from naas.engine.nats.streams import PARTITIONS, open_jobs_stream, open_state_stream
from naas.engine.nats.wire import EventMessage, pack, unpack
from naas.errors import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence
    from types import TracebackType

    from nats.aio.msg import Msg

    from naas.engine.base import JobProgress
    from naas.engine.nats.wire import WorkerRecord
    from naas.jobs import Job

__all__ = ["NatsEngine"]

log = logging.getLogger("naas.engine.nats")

# Messages that are on their way to the server at the same time. Measured with a disk that is synced for every
# message: 1 gives 1,200 jobs a second, 8 gives 2,600, 64 gives 4,000, and 512 gives no more.
_AT_ONCE: Final = 64
# How long an owner may take to say what it did about a cancel, in seconds.
_CANCEL_SECONDS: Final = 2.0


class NatsEngine:
    """A `naas.engine.base.Engine` on a connection to NATS. Construct it in a running event loop."""

    def __init__(self, connection: Connection, *, lease_seconds: float = 30.0, partitions: int = PARTITIONS) -> None:
        """``lease_seconds`` is how long a delivery may stay out, and a worker be silent, without a sign of life; it
        must be the same in all processes. ``partitions`` is for contexts that have no stream yet."""
        self.connection = connection
        self._lease_seconds, self._new_partitions = lease_seconds, partitions
        self._state = StateStore(connection)
        self._partitions: dict[str, int] = {}  # by context
        self._listeners = Listeners()
        self._hears = asyncio.Lock()
        self._is_listening = False
        self._claimers: list[NatsClaimer] = []
        self._loop = asyncio.get_running_loop()
        self._connected_at = self._loop.time()
        connection.on_reconnect(self._come_back)
        self._depth = _Recent[Depth](min(1.0, lease_seconds / 4))
        self._workers = _Recent[list[WorkerInfo]](min(1.0, lease_seconds / 4))

    async def publish(self, jobs: Sequence[Job]) -> None:
        gate = asyncio.Semaphore(_AT_ONCE)

        async def publish_one(job: Job) -> None:
            async with gate:
                await self._publish(job)

        if len(jobs) == 1:
            await self._publish(jobs[0])
            return
        for context in {job.context for job in jobs}:
            await self._partitions_of(context)
        # `gather` starts them in the order in which they are given, and NATS keeps the order of a connection.
        await asyncio.gather(*(publish_one(job) for job in jobs))

    def claimer(self, worker: str, contexts: Collection[str]) -> NatsClaimer:
        claimer = NatsClaimer(
            self.connection,
            worker,
            contexts,
            lease_seconds=self._lease_seconds,
            partitions=self._new_partitions,
        )
        self._claimers.append(claimer)
        return claimer

    async def cancel(self, job: Job) -> CancelEffect:
        partitions = await self._partitions_of(job.context)
        asked = names.cancel_subject(job.context, names.partition_of(job, partitions))
        is_silent = False
        try:
            answer = await self.connection.request(asked, job.id.encode(), timeout=_CANCEL_SECONDS)
        except EngineUnavailable:
            if not self.connection.is_up:
                raise
            answer, is_silent = None, True
        effect = CancelEffect(answer.data.decode()) if answer is not None else CancelEffect.UNKNOWN
        if effect is not CancelEffect.UNKNOWN:
            return effect
        # No worker has it: then it waits on the server, or is on its way, and its owner will drop it.
        gone = await self.connection.api(
            f"STREAM.PURGE.{names.jobs_stream(job.context)}", {"filter": names.jobs_subject(job, partitions)}
        )
        if not gone["purged"]:
            return CancelEffect.UNKNOWN
        return CancelEffect.SIGNALLED if is_silent else CancelEffect.WITHDRAWN

    async def announce(self, event: JobEvent | JobProgress) -> None:
        message = EventMessage(state=event) if isinstance(event, JobEvent) else EventMessage(progress=event)
        try:
            await self.connection.publish(names.EVENTS, pack(message))
        except EngineUnavailable as exc:
            # Whoever announces has just stored what happened, and has more to do than to tell of it.
            log.warning("an event was not announced job_id=%s reason=%s", event.job_id, exc)

    def events(self, job_id: str | None) -> _Hearing:
        return _Hearing(self, Listening(self._listeners, job_id))

    async def depth(self) -> Depth:
        return await self._depth.get(self._count)

    async def workers(self) -> Sequence[WorkerInfo]:
        return await self._workers.get(self._list_workers)

    async def close(self) -> None:
        """As `Engine.close`. The connection is left to whoever opened it: running jobs still report and acknowledge."""
        self._listeners.close()
        for claimer in self._claimers:
            await claimer.close()

    async def listen(self) -> None:
        """Hear the events of every process, from now on."""
        async with self._hears:
            if not self._is_listening:
                await self.connection.subscribe(names.EVENTS, self._hear_event)
                self._is_listening = True

    def _come_back(self) -> None:
        self._connected_at = self._loop.time()

    async def _publish(self, job: Job) -> None:
        partitions = await self._partitions_of(job.context)
        try:
            await self.connection.ask(names.jobs_subject(job, partitions), pack(job))
        except JetStreamError as exc:
            if exc.is_subject_taken:  # it is there already
                return
            if exc.code == STREAM_NOT_FOUND:  # somebody removed it: the next attempt makes it again
                self._partitions.pop(job.context, None)
            raise

    async def _partitions_of(self, context: str) -> int:
        partitions = self._partitions.get(context)
        if partitions is None:
            partitions = await open_jobs_stream(self.connection, context, self._new_partitions)
            self._partitions[context] = partitions
        return partitions

    async def _count(self) -> Depth:
        out: dict[str, int] = {}
        for record in await self._living():
            for context, count in record.out.items():
                out[context] = out.get(context, 0) + count
        held = await self._held_by_context()
        waiting = {context: max(0, count - out.get(context, 0)) for context, count in held.items()}
        by_context = {context: count for context, count in waiting.items() if count}
        return Depth(sum(waiting.values()), sum(out.values()), by_context)

    async def _held_by_context(self) -> dict[str, int]:
        """Return how many jobs the server holds in each context, those included that are out."""
        held: dict[str, int] = {}
        offset, total = 0, 1
        while offset < total:
            page = await self.connection.api("STREAM.LIST", {"subject": "naas.jobs.>", "offset": offset})
            streams: list[dict[str, Any]] = page.get("streams") or []
            for stream in streams:
                context = stream["config"]["name"].removeprefix(names.jobs_stream(""))
                held[context] = stream["state"]["messages"]
            offset, total = offset + max(1, len(streams)), page.get("total", 0)
        return held

    async def _list_workers(self) -> list[WorkerInfo]:
        infos = [record.info for record in await self._living() if record.info is not None]
        return sorted(infos, key=lambda info: info.name)

    async def _living(self) -> list[WorkerRecord]:
        """Return who must be taken for alive. After we came, or came back, all have a lease to speak up."""
        try:
            now = await self._state.server_time()
        except JetStreamError as exc:
            if exc.code != STREAM_NOT_FOUND:
                raise
            await open_state_stream(self.connection)
            return []
        snapshot = await self._state.read()
        since = now - self._lease_seconds
        if self._loop.time() - self._connected_at <= self._lease_seconds:
            since = 0.0
        return [seen.record for seen in snapshot.workers.values() if seen.at >= since]

    async def _hear_event(self, message: Msg) -> None:
        try:
            heard = unpack(message.data, EventMessage)
        except EngineUnavailable as exc:
            log.warning("an event was not understood reason=%s", exc)
            return
        if (event := heard.state or heard.progress) is not None:
            self._listeners.tell(event)


class _Hearing:
    """A subscription that makes sure that this process hears events at all."""

    def __init__(self, engine: NatsEngine, listening: Listening) -> None:
        self._engine, self._listening = engine, listening

    async def __aenter__(self) -> Listening:
        await self._engine.listen()
        return await self._listening.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._listening.__aexit__(kind, error, traceback)


T = TypeVar("T")


class _Recent(Generic[T]):
    """A value that may be a little old, asked for once however many want it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._value: tuple[float, T] | None = None
        self._lock = asyncio.Lock()

    async def get(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Return the value, asked anew if it is too old."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if self._value is None or now - self._value[0] > self._seconds:
                self._value = (now, await ask())
            return self._value[1]
