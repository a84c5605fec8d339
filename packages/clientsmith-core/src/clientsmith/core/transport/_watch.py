"""aiohttp connections that are looked after: one timer for all calls, and a memory of what a connection has seen."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from functools import partial
from math import inf
from types import TracebackType
from typing import Any, Final, Self, cast

import aiohttp
from aiohttp import hdrs
from aiohttp.client_proto import ResponseHandler

from ..rest import HttpRequest
from .base import KEEP_ALIVE_SECONDS

__all__ = ["WATCH", "Connector", "Handler", "Request", "Watch", "Watchman"]


class Watch:
    """One call that a `Watchman` ends when it is late: at its deadline, or when the service has been silent too long.

    The task is cancelled, and its `CancelledError` leaves the ``with`` block as the `TimeoutError` that it stands for.

    Attributes:
        handler: The connection that the request went out on, None before there is one.
        is_late: Whether the task was cancelled for it.
    """

    __slots__ = ("_began_at", "_cancelling", "_ends_at", "_man", "_patience", "_task", "handler", "is_late")

    def __init__(self, man: Watchman, request: HttpRequest, patience: float) -> None:
        """``patience`` is how many seconds the service may be silent, infinite if somebody else looks at that.

        Must be made by the task that it watches.
        """
        remaining = request.call.remaining()
        self._man = man
        self._patience = patience
        self._began_at = man.loop.time()
        self._ends_at = inf if remaining is None else self._began_at + remaining
        self.is_late = False
        self._task = cast("asyncio.Task[Any]", asyncio.current_task(man.loop))
        self._cancelling = self._task.cancelling()
        self.handler: Handler | None = None

    def __enter__(self) -> Self:
        self._man.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._man.drop(self)
        # Somebody else may have cancelled the task as well; then that is what it ends with.
        if self.is_late and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed; else it was the silence."""
        return self._man.loop.time() >= self._ends_at

    def late_at(self, now: float) -> float:
        """Return when this call will be late if nothing comes until then."""
        if self.handler is None:  # connecting has a timeout of its own
            return min(self._ends_at, max(now, self._began_at) + self._patience)
        return min(self._ends_at, self.handler.heard_at + self._patience)

    def end(self) -> None:
        """Cancel the task, because it is late."""
        self.is_late = True
        self._task.cancel()


class Watchman:
    """Looks after all calls of one event loop with one timer.

    A timer for each call (`asyncio.timeout`, and aiohttp's ``sock_read``, set anew whenever something comes) is a
    seventh of what a call costs. Calls mostly have the same limits, so the one that began first is late first: a
    timer is set when there is none that rings early enough, which is nearly never, and looks around when it rings.
    """

    __slots__ = ("_rings_at", "_timer", "_watches", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._watches: set[Watch] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = inf

    def add(self, watch: Watch) -> None:
        """Look after a call from now on."""
        self._watches.add(watch)
        late_at = watch.late_at(0.0)
        if late_at < self._rings_at:
            self._set(late_at)

    def drop(self, watch: Watch) -> None:
        """Look after a call no longer."""
        self._watches.discard(watch)

    def leave(self) -> None:
        """Stop the timer: the connections are being closed."""
        self._set(inf)

    def _set(self, rings_at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = rings_at
        self._timer = None if rings_at == inf else self.loop.call_at(rings_at, self._ring)

    def _ring(self) -> None:
        now = self.loop.time()
        next_at = inf
        for watch in tuple(self._watches):
            late_at = watch.late_at(now)
            if late_at <= now:
                watch.end()
                self._watches.discard(watch)
            else:
                next_at = min(next_at, late_at)
        self._set(next_at)


# The watch of the exchange that a task is in: aiohttp gives us no other way to its connection pool.
WATCH: Final[ContextVar[Watch | None]] = ContextVar("WATCH", default=None)


class Handler(ResponseHandler):
    """A connection that knows how often it was used, and whether and when something came after the last request.

    ``heard_at`` is on the event loop's clock.
    """

    uses = 0
    has_answer = False
    heard_at = 0.0

    def begin(self) -> None:
        """Note that another request is about to be sent."""
        self.uses += 1
        self.has_answer = False
        self.heard_at = self._loop.time()

    def data_received(self, data: bytes) -> None:
        self.has_answer = True
        self.heard_at = self._loop.time()
        super().data_received(data)


class Connector(aiohttp.TCPConnector):
    """aiohttp's connection pool, which shows a task's watch the connection that it takes."""

    def __init__(self, max_connections: int) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]  # one parameter's type is not written out
            limit=max_connections, keepalive_timeout=KEEP_ALIVE_SECONDS
        )
        self._factory = partial(Handler, loop=self._loop)  # type: ignore[assignment]  # partial is not covariant

    async def connect(self, *arguments: Any, **keywords: Any) -> Any:
        connection = await super().connect(*arguments, **keywords)
        handler = cast(Handler, connection.protocol)
        handler.begin()
        watch = WATCH.get()
        if watch is not None:
            watch.handler = handler
        return connection


class Request(aiohttp.ClientRequest):
    """A request that adds no header by itself but ``Accept-Encoding``; what else is sent is for the caller to say.

    ``skip_auto_headers`` would do as well, for 5 µs a call.
    """

    _skip_auto_headers: Any = frozenset({hdrs.CONTENT_TYPE})

    def update_auto_headers(self, skip_auto_headers: Any) -> None:
        if hdrs.ACCEPT_ENCODING not in self.headers:
            self.headers[hdrs.ACCEPT_ENCODING] = self.DEFAULT_HEADERS[hdrs.ACCEPT_ENCODING]
