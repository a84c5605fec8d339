"""`AsyncStdlibTransport`: HTTP/1.1 over asyncio's own connections, with nothing to install. See `StdlibTransport`."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from functools import cache, partial
from typing import ClassVar, Final, cast

from ...errors import TransportError
from ...rest import HttpRequest, HttpResponse
from ...serialization._unset import UNSET
from ...settings import Setting
from ...streaming.responses import AsyncStreamedResponse, NothingYetError
from .. import _failures as failures
from .._body import AsyncChunks, checked_method, fields_of, head_of, sendable, split_url
from .._decompression import ACCEPT_ENCODING
from .._environment import Certificate, Environment, checked_proxy, tls_context
from .._loops import closing_with_loop
from .._watch import Watch
from ..base import TRANSPORT_SETTINGS, AsyncTime
from .bodies import AnswerBody
from .exchange import CONNECTION_ENDED, LOWER_ERRORS, Http1Exchange, Opening
from .http1 import chunk
from .pool import Origin, Pool
from .protocols import Connection
from .route import refuse_foreign, route_to

__all__ = ["AsyncStdlibTransport"]

# More origins than a client and its redirects have; beyond, the oldest one's connections are dropped.
_MAX_ORIGINS: Final = 32

# Big bodies are sent in blocks, between which others have their turn.
_BLOCK: Final = 256 * 1024


class AsyncStdlibTransport(AsyncTime):
    """Sends requests over asyncio's connections.

    It opens at the first send, so it can be made before a loop runs and used without ``async with``. Each event loop
    gets connections of its own; those of a closed loop are forgotten.

    Args:
        verify: Whether TLS certificates are checked; a path names the CA certificates to trust, a PEM file or a folder.
        certificate: Client certificate: a PEM file, or a pair of certificate and key.
        proxy: URL of the proxy for everything, ``http`` only; None for none. By default the environment names proxies
            and the exceptions from them.
        max_connections: Connections at a time; further tasks wait their turn, within their deadline.

    Raises:
        UsageError: The proxy is none that can be used.
    """

    settings: ClassVar[tuple[Setting, ...]] = TRANSPORT_SETTINGS

    def __init__(
        self,
        *,
        verify: bool | str = True,
        certificate: Certificate = None,
        proxy: str | None = UNSET,
        max_connections: int = 100,
    ) -> None:
        if proxy is not UNSET and proxy:
            proxy = checked_proxy(proxy, "`proxy`")
            refuse_foreign(proxy)
        self.max_connections = max_connections
        self._connections = partial(_Connections, verify, certificate, proxy, max_connections)
        self._opened: dict[asyncio.AbstractEventLoop, _Connections] = {}

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        """Exchange the request for its response, as the contract in `clientsmith.core.transport.base` says."""
        opened = self._opened.get(asyncio.get_running_loop()) or self._open()
        origin_url, target = split_url(request.url)
        origin = opened.origins.get(origin_url) or opened.find(origin_url)
        route = origin.route
        fields = fields_of(request, route.authority, ACCEPT_ENCODING)
        if route.authorization is not None:
            fields["Proxy-Authorization"] = route.authorization
        head = head_of(checked_method(request), route.prefix + sendable(target), fields)
        exchange = Http1Exchange(request, route.place)
        watch = Watch(opened.man, exchange.read_timeout, request.call.remaining())
        if watch.is_over:
            raise failures.deadline_passed(request, route.place)
        try:
            with watch:
                return await self._exchange(exchange, opened, origin, head, watch)
        except TimeoutError as error:
            if not watch.is_late or isinstance(error, TransportError):  # the caller's own, of an iterator
                raise
            if watch.is_over:
                raise failures.deadline_passed(request, route.place) from error
            raise failures.answer_timed_out(request, route.place, exchange.read_timeout) from error

    async def close(self) -> None:
        """Close all connections, on every loop. A later send opens new ones; closing twice is fine."""
        here = asyncio.get_running_loop()
        while self._opened:
            loop, opened = self._opened.popitem()
            if loop is here:
                await opened.end.aclose()
            elif loop.is_closed():
                opened.close()
            elif opened.process == os.getpid():  # what a forked child inherits is its parent's
                asyncio.run_coroutine_threadsafe(opened.end.aclose(), loop)

    def _open(self) -> _Connections:
        for loop in [loop for loop in self._opened if loop.is_closed()]:
            self._opened.pop(loop).close()
        opened = self._opened[asyncio.get_running_loop()] = self._connections()
        return opened

    async def _exchange(
        self, exchange: Http1Exchange, opened: _Connections, origin: Origin, head: bytes, watch: Watch
    ) -> HttpResponse:
        request = exchange.request
        content = request.content
        chunks = None if content is None or isinstance(content, bytes) else AsyncChunks(request)
        connection = await opened.take(Opening(origin.route, exchange), origin)
        exchange.is_reused = connection.uses > 0
        connection.begin()
        watch.handler = connection
        upload: _Upload | None = None
        try:
            if content is None:
                connection.send(head)
            elif chunks is None and failures.is_short(request):
                connection.send(head + cast(bytes, content))
            else:
                upload = _Upload(connection, exchange, head, chunks)
            exchange.is_sent = upload is None
            while (body := exchange.feed(await connection.receive())) is None:
                pass
            if exchange.is_streamed(body.head):
                open_body = _Body(connection, exchange, opened, origin, body, upload)
                return exchange.streamed(AsyncStreamedResponse, body.head, open_body)
            while (received := body.gather()) is None:
                body.feed(await connection.receive())
            if upload is not None:
                upload.end()
            opened.give(connection, origin, exchange.idle_seconds(body))
            return exchange.response(body.head, received)
        except BaseException as error:
            if upload is not None:
                upload.end()
            exchange.is_ours = connection.is_ours
            opened.drop(connection)
            if chunks is not None and chunks.failure is not None:
                raise chunks.failure from None
            if not isinstance(error, LOWER_ERRORS):
                raise
            raise exchange.translated(error) from error


class _Connections(Pool):
    """The connections of one event loop between opening and closing, and the origins they lead to."""

    def __init__(self, verify: bool | str, certificate: Certificate, proxy: str | None, max_connections: int) -> None:
        super().__init__(max_connections)
        self._environment = Environment.read(proxy)
        self._tls = cache(partial(tls_context, verify, certificate, self._environment))
        self.process = os.getpid()
        self.end = closing_with_loop(self._end)

    async def _end(self) -> None:
        self.close()
        # A socket is closed two rounds later: TLS hears of it first, then what lies below.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def find(self, url: str) -> Origin:
        """Return how to reach an origin that is used for the first time."""
        origin = Origin(route_to(url, self._environment, self._tls))
        if len(self.origins) >= _MAX_ORIGINS:
            self.forget(self.origins.pop(next(iter(self.origins))))
        self.origins[url] = origin
        return origin


# --- one exchange ----------------------------------------------------------------------------------------------------


class _Upload:
    """A long body on its way, in a task of its own: the answer may come before its end."""

    __slots__ = ("_chunks", "_connection", "_exchange", "_task")

    def __init__(
        self, connection: Connection, exchange: Http1Exchange, head: bytes, chunks: AsyncChunks | None
    ) -> None:
        self._connection, self._exchange, self._chunks = connection, exchange, chunks
        self._task = asyncio.create_task(self._send(head))
        self._task.add_done_callback(self._done)

    async def _send(self, head: bytes) -> None:
        connection, chunks = self._connection, self._chunks
        if chunks is None:
            view = memoryview(cast(bytes, self._exchange.request.content))
            await connection.send_block(head)
            for start in range(0, len(view), _BLOCK):
                await connection.send_block(view[start : start + _BLOCK])
            return
        is_chunked = chunks.length is None
        await connection.send_block(head)
        connection.wait_for_caller()
        async for piece in chunks:
            if piece:  # one of no bytes would be the last
                await connection.send_block(chunk(piece) if is_chunked else piece)
                connection.wait_for_caller()
        await connection.send_block(chunk(b"") if is_chunked else b"")

    def _done(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is None:
            self._exchange.is_sent = not task.cancelled()
        elif not isinstance(error, CONNECTION_ENDED) or (self._chunks is not None and self._chunks.failure is not None):
            # The caller's own. A connection that has ended is told by reading instead, which knows more.
            self._connection.fail(error if isinstance(error, Exception) else ConnectionAbortedError(repr(error)))

    def end(self) -> None:
        """Send no more: the answer is there, or the exchange is over. The connection is of no more use then."""
        if not self._task.done():
            self._exchange.is_last = True
            self._task.cancel()


class _Body:
    """A body that is still on the wire."""

    __slots__ = ("_body", "_connection", "_exchange", "_opened", "_origin", "_upload")

    def __init__(
        self,
        connection: Connection,
        exchange: Http1Exchange,
        opened: _Connections,
        origin: Origin,
        body: AnswerBody,
        upload: _Upload | None,
    ) -> None:
        self._connection: Connection | None = connection
        self._exchange, self._opened, self._origin = exchange, opened, origin
        self._body, self._upload = body, upload

    async def read(self, size: int, /) -> bytes:
        connection, body, exchange = self._connection, self._body, self._exchange
        if connection is None:
            return b""
        watch: Watch | None = None
        try:
            while (piece := body.read(size)) is None:
                if connection.has_something:
                    body.feed(await connection.receive())
                    continue
                watch = Watch.reading(self._opened.man, exchange.read_timeout, exchange.request.call)
                watch.handler = connection
                with watch:
                    received = await connection.receive()
                body.feed(received)
        except LOWER_ERRORS as error:
            if watch is not None and watch.is_late and watch.is_over and type(error) is TimeoutError:
                raise NothingYetError(exchange.request) from error
            if watch is not None and not watch.is_late and type(error) is TimeoutError:  # the caller's own
                self.abandon()
                raise
            exchange.is_ours = connection.is_ours
            self.abandon()
            raise exchange.translated(error) from error
        except BaseException:
            self.abandon()
            raise
        if not piece:
            self.abandon()
        return piece

    def abandon(self) -> None:
        """Give the connection back if all of the body is off the wire, else close it."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._upload is not None:
            self._upload.end()
        self._opened.give(connection, self._origin, self._exchange.idle_seconds(self._body))

    def __del__(self) -> None:
        # Nobody has closed the response. The event loop would keep its connection for ever, and count it.
        if self._connection is not None:
            with suppress(RuntimeError):  # the loop is closed
                self._opened.man.loop.call_soon_threadsafe(self._opened.drop, self._connection)
