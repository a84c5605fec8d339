"""The async face of streams: the names of `clientsmith.core.streaming` for ``async with`` and ``async for``.

The iterators are classes, not async generators: leaving a loop early leaves nothing behind that a loop has to close.
"""

from __future__ import annotations

import os
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Generic, Self, TypeVar

from .._run import AsyncRun
from ..rest import HttpResponse
from .decoders import ServerSentEvent
from .downloads import ByteSteps, Progress
from .events import EventSteps
from .faces import ItemSteps
from .lines import LineSteps
from .responses import CHUNK_SIZE

if TYPE_CHECKING:
    from ._files import Check

__all__ = ["ByteStream", "EventStream", "JsonLines"]

T = TypeVar("T")


class ItemStream(Generic[T]):
    """The async twin of `clientsmith.core.streaming.faces.ItemStream`."""

    def __init__(self, run: AsyncRun, steps: ItemSteps[T]) -> None:
        self._run = run
        self._items = steps

    @property
    def response(self) -> HttpResponse | None:
        """The answer that is being read, for its header; None as long as there is none."""
        return self._items.response

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while not self._items.ready:
            if self._items.is_over:
                raise StopAsyncIteration
            await self._run(self._items.more())
        return self._items.take()

    async def close(self) -> None:
        """Give the connection up. Closing twice is fine, and nothing is left to close once the stream is over."""
        self._items.abandon()

    async def __aenter__(self) -> Self:
        await self._run(self._items.open())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


class EventStream(ItemStream[T]):
    """Server-sent events; errors as for the sync `clientsmith.core.streaming.EventStream`."""

    def __init__(self, run: AsyncRun, steps: EventSteps[T]) -> None:
        super().__init__(run, steps)
        self._steps = steps

    @property
    def last_event(self) -> ServerSentEvent | None:
        """The event that the last item was read from: its name, its id and its data as they came."""
        return self._steps.last_event

    @property
    def last_event_id(self) -> str:
        """The id of the last event, "" if it has none: with it as ``last_event_id`` another call goes on from here."""
        return self._steps.last_event_id


class JsonLines(ItemStream[T]):
    """The values of JSON lines; errors as for the sync `clientsmith.core.streaming.JsonLines`."""

    def __init__(self, run: AsyncRun, steps: LineSteps[T]) -> None:
        super().__init__(run, steps)
        self._steps = steps

    @property
    def position(self) -> int:
        """The number of the last line read, from 1; 0 before the first."""
        return self._steps.position


class ByteStream:
    """The bytes of a download; what it does and raises as for the sync `clientsmith.core.streaming.ByteStream`."""

    def __init__(self, run: AsyncRun, steps: ByteSteps) -> None:
        self._run = run
        self._steps = steps
        self._chunk_size = CHUNK_SIZE

    @property
    def response(self) -> HttpResponse | None:
        """The answer that is being read, for its header; None as long as there is none."""
        return self._steps.response

    @property
    def total(self) -> int | None:
        """How many bytes there are to come in all; None before the first, and where the service does not say."""
        return self._steps.total

    @property
    def done(self) -> int:
        """How many bytes have been read."""
        return self._steps.position - self._steps.first

    def iter_bytes(self, chunk_size: int = CHUNK_SIZE) -> Self:
        """Return this iterator, from now on over pieces of at most ``chunk_size`` bytes."""
        self._chunk_size = chunk_size
        return self

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        chunk = await self._run(self._steps.read(self._chunk_size))
        if not chunk:
            raise StopAsyncIteration
        return chunk

    async def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes as soon as there are any, b"" at the end. Without a size: all that is left."""
        if size < 0:
            return b"".join([chunk async for chunk in self])
        return await self._run(self._steps.read(size))

    async def write_to(
        self,
        target: str | os.PathLike[str] | BinaryIO,
        *,
        progress: Progress | None = None,
        resume: bool = False,
        check: Check | None = None,
        overwrite: bool = True,
    ) -> int:
        """Write all of it to a file, in a thread; arguments and errors as for the sync `ByteStream.write_to`."""
        from .saving import save

        steps = save(self._steps, target, progress, resume=resume, check=check, overwrite=overwrite)
        return await self._run(steps)

    async def close(self) -> None:
        """Give the connection up. Closing twice is fine, and nothing is left to close once everything was read."""
        self._steps.abandon()

    async def __aenter__(self) -> Self:
        await self._run(self._steps.open())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
