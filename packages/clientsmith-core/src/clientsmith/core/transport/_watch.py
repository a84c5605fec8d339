"""aiohttp connections that a watch looks after: one timer a call, and a memory of what the connection has seen."""

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

__all__ = ["WATCH", "Connector", "Handler", "Request", "Watch"]


class Watch:
    """Ends a call that is late: at its deadline, or when the service has been silent for too long.

    `asyncio.timeout` together with aiohttp's ``sock_read``, which is set anew whenever something comes, is a seventh
    of what a call costs. This is one timer: when it rings, it looks at what has come meanwhile, and sets itself again
    or cancels the task, whose `CancelledError` then leaves the ``with`` block as the error that it stands for.

    Attributes:
        handler: The connection that the request went out on, None before there is one.
        is_late: Whether it has cancelled the task.
    """

    __slots__ = ("_cancelling", "_ends_at", "_loop", "_patience", "_task", "_timer", "handler", "is_late")

    def __init__(self, request: HttpRequest, loop: asyncio.AbstractEventLoop, patience: float) -> None:
        """``patience`` is how many seconds the service may be silent, infinite if somebody else looks at that.

        Must be made by the task that it watches.
        """
        remaining = request.call.remaining()
        self._loop = loop
        self._patience = patience
        self._ends_at = inf if remaining is None else loop.time() + remaining
        self.is_late = False
        self._task = cast("asyncio.Task[Any]", asyncio.current_task(loop))
        self._cancelling = self._task.cancelling()
        self._timer: asyncio.TimerHandle | None = None
        self.handler: Handler | None = None

    def __enter__(self) -> Self:
        self._set(self._loop.time())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        # Somebody else may have cancelled the task as well; then that is what it ends with.
        if self.is_late and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed; else it was the silence."""
        return self._loop.time() >= self._ends_at

    def _set(self, heard_at: float) -> None:
        rings_at = min(self._ends_at, heard_at + self._patience)
        self._timer = None if rings_at == inf else self._loop.call_at(rings_at, self._ring)

    def _ring(self) -> None:
        now = self._loop.time()
        heard_at = now if self.handler is None else self.handler.heard_at  # connecting has a timeout of its own
        if now >= self._ends_at or now >= heard_at + self._patience:
            self.is_late = True
            self._task.cancel()
        else:
            self._set(heard_at)


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
