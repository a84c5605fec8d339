"""Who listens to which events, within one process. Every engine hands what it hears to its `Listeners`."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import TracebackType

    from naas.engine.base import JobEvent, JobProgress

__all__ = ["BACKLOG", "Listeners", "Listening"]

BACKLOG: Final = 10_000
"""Events that a subscription holds for a reader that does not come: about 2 MB, and more than a batch makes."""


class Listeners:
    """The open subscriptions of a process, by job id; None are those to all jobs."""

    def __init__(self) -> None:
        self._open: dict[str | None, set[Listening]] = {}
        self._closed = False

    def tell(self, event: JobEvent | JobProgress) -> None:
        """Hand an event to whoever listens to its job, or to all."""
        for job_id in (event.job_id, None):
            for listening in self._open.get(job_id, ()):
                listening.push(event)

    def add(self, listening: Listening) -> None:
        """Begin to hand events to a subscription; after `close` it only hears that nothing will come."""
        self._open.setdefault(listening.job_id, set()).add(listening)
        if self._closed:
            listening.end()

    def remove(self, listening: Listening) -> None:
        """Stop; jobs that nobody listens to leave nothing behind."""
        others = self._open[listening.job_id]
        others.discard(listening)
        if not others:
            del self._open[listening.job_id]

    def close(self) -> None:
        """Wake every subscription: nothing will come any more."""
        self._closed = True
        for subscriptions in self._open.values():
            for listening in subscriptions:
                listening.end()


class Listening:
    """A `naas.engine.base.Subscription`; listens within its ``async with`` block."""

    def __init__(self, listeners: Listeners, job_id: str | None) -> None:
        self.job_id = job_id
        self._listeners = listeners
        self._events: deque[JobEvent | JobProgress] = deque(maxlen=BACKLOG)
        self._something_came = asyncio.Event()
        self._ended = False

    async def __aenter__(self) -> Listening:
        self._listeners.add(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listeners.remove(self)

    def push(self, event: JobEvent | JobProgress) -> None:
        """Hold an event for the reader."""
        self._events.append(event)
        self._something_came.set()

    def end(self) -> None:
        """Tell the reader that nothing more will come."""
        self._ended = True
        self._something_came.set()

    async def next(self, timeout: float) -> JobEvent | JobProgress | None:
        """Return the next event, or None when ``timeout`` seconds have passed or the engine has closed."""
        if not self._events and not self._ended:
            self._something_came.clear()
            try:
                async with asyncio.timeout(timeout):
                    await self._something_came.wait()
            except TimeoutError:
                return None
        return self._events.popleft() if self._events else None
