"""Server-sent events (HTML Living Standard, section 9.2): how they look on the wire, and how many streams are open.

A source of events is an async iterator; None in it is a sign of life, sent as a comment, so that proxies do not take a
quiet stream for a dead one. Sources end by themselves: after the last event, after `LONGEST` seconds, or when the
service stops. A stream ends sooner if its caller's credential is not good any more: that is looked at with every sign
of life, and as often on a stream that has much to tell.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from litestar.response import Stream

from naas.api.answers import encode
from naas.errors import TooManyStreams

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from naas.api.asking import HttpRequest
    from naas.engine.base import JobEvent, JobProgress, Subscription

__all__ = [
    "EVENT_STREAM",
    "KEEP_ALIVE",
    "LONGEST",
    "THE_END",
    "Event",
    "Listening",
    "OpenStreams",
    "has_seen_all",
    "progress_of",
]

EVENT_STREAM: Final = "text/event-stream"
KEEP_ALIVE: Final = 15.0
"""Seconds between signs of life; most proxies wait 60."""
LONGEST: Final = 300.0
"""Seconds after which a stream ends, as in the existing service: a client that still cares connects again."""

# How long a client should wait before it connects again, in milliseconds: at once would be rude after a restart.
_RETRY: Final = 2000


THE_END: Final = "end"
"""The id of the last event. Browsers connect again when a stream ends, and say the last id that they have seen: whoever
has seen this one is told that there is no more (204, by which they stop)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its type, and what becomes its JSON; ``is_last`` if nothing will ever follow."""

    name: str
    data: Any
    is_last: bool = False


class Listening:
    """What is heard on a subscription, None for every `KEEP_ALIVE` seconds of silence, for `LONGEST` seconds.

    With ``batch_id`` what others do is silence too: however busy they are, a quiet stream gives its signs of life. It
    ends sooner when the service stops. ``ran_out`` says which of the two it was.
    """

    def __init__(self, events: Subscription, batch_id: str | None = None) -> None:
        self._events, self._batch_id = events, batch_id
        self.ran_out = False

    async def __aiter__(self) -> AsyncIterator[JobEvent | JobProgress | None]:
        now = asyncio.get_running_loop().time
        until, quiet_since = now() + LONGEST, now()
        while (left := until - now()) > 0:
            asked, patience = now(), min(quiet_since + KEEP_ALIVE - now(), left)
            heard = await self._events.next(patience) if patience > 0 else None
            if heard is None and now() - asked < patience / 2:
                return  # an answer before its time: nothing will be heard any more
            if heard is not None and self._batch_id not in (None, heard.batch_id):
                continue
            yield heard
            quiet_since = now()
        self.ran_out = True


def progress_of(heard: JobProgress) -> Event:
    """Return the event that tells of an answered command."""
    return Event("progress", {"job_id": heard.job_id, "done": heard.done, "total": heard.total})


def has_seen_all(request: HttpRequest) -> bool:
    """Whether the caller comes back after the last event of a stream, as browsers do by themselves."""
    return request.headers.get("last-event-id") == THE_END


class OpenStreams:
    """The streams that are open in this process; more than ``limit`` are refused."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # Weak: a stream whose client left before the first byte is never iterated, so nobody would tell that it ended.
        self._open: WeakSet[_Frames] = WeakSet()

    def __len__(self) -> int:
        return len(self._open)

    def require_room(self) -> None:
        """Return if one more may be opened.

        Raises:
            TooManyStreams: There are as many as allowed.
        """
        if len(self._open) >= self._limit:
            raise TooManyStreams(self._limit)

    def answer(self, events: AsyncIterator[Event | None], is_welcome: Callable[[], Awaitable[bool]]) -> Stream:
        """Answer with a stream of these events, for as long as the caller is welcome."""
        frames = _Frames(events, self._open, is_welcome)
        self._open.add(frames)
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        return Stream(frames.encoded, media_type=EVENT_STREAM, headers=headers)


class _Frames:
    """The bytes of one stream."""

    def __init__(
        self,
        events: AsyncIterator[Event | None],
        registry: WeakSet[_Frames],
        is_welcome: Callable[[], Awaitable[bool]],
    ) -> None:
        self._events, self._registry, self._is_welcome = events, registry, is_welcome

    async def encoded(self) -> AsyncIterator[bytes]:
        number, now = 0, asyncio.get_running_loop().time
        looked_at = now()
        try:
            yield f"retry: {_RETRY}\n\n".encode()
            async for event in self._events:
                if event is None or now() - looked_at >= KEEP_ALIVE:
                    if not await self._is_welcome():
                        # Whoever connects again is told why: 401.
                        yield b": your credential is not good any more\n\n"
                        return
                    looked_at = now()
                if event is None:
                    yield b": still here\n\n"
                    continue
                number += 1
                id_ = THE_END if event.is_last else str(number)
                yield f"id: {id_}\nevent: {event.name}\ndata: ".encode() + encode(event.data) + b"\n\n"
        finally:
            self._registry.discard(self)
