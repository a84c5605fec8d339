"""`AsyncHttpxTransport`: httpx's pool and its HTTP parser, over the connections of `AsyncStdlibTransport`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from functools import cache, partial
from typing import Any, ClassVar, Final, cast

from ...errors import TransportError, UsageError
from ...rest import HttpRequest, HttpResponse
from ...serialization._unset import UNSET
from ...settings import Setting
from ...streaming.responses import AsyncStreamedResponse, NothingYetError
from .. import _failures as failures
from .._body import AsyncChunks, split_url
from .._environment import Certificate, Environment, checked_proxy, tls_context
from .._loops import closing_with_loop
from .._watch import Watch, Watchman
from ..base import KEEP_ALIVE_SECONDS, TRANSPORT_SETTINGS, AsyncTime
from ..stdlib.exchange import CONNECTION_ENDED, Opening, is_refusal
from ..stdlib.protocols import Connection, open_connection
from ..stdlib.route import Route, refuse_foreign, route_to
from .exchange import HttpxExchange, Received
from .library import Library, library_named

__all__ = ["AsyncHttpxTransport"]

# More origins than a client and its redirects have; beyond, the oldest one is looked up again.
_MAX_ORIGINS: Final = 32

# Big bodies are sent in blocks, between which others have their turn.
_BLOCK: Final = 256 * 1024


class AsyncHttpxTransport(AsyncTime):
    """Sends requests with httpx2 or httpx, whichever is installed. See `HttpxTransport`.

    It opens at the first send, so it can be made before a loop runs and used without ``async with``. Each event loop
    gets connections of its own; those of a closed loop are forgotten.

    Args:
        verify: Whether TLS certificates are checked; a path names the CA certificates to trust, a PEM file or a folder.
        certificate: Client certificate: a PEM file, or a pair of certificate and key.
        proxy: URL of the proxy for everything, ``http`` only; None for none. By default the environment names proxies
            and the exceptions from them.
        max_connections: Connections at a time; further tasks wait their turn, within their deadline.
        library: ``"httpx2"`` or ``"httpx"``; by default the first that is installed.

    Raises:
        UsageError: The proxy is none that can be used, or the library is none of the two.
        ModuleNotFoundError: The library is not installed.
    """

    settings: ClassVar[tuple[Setting, ...]] = TRANSPORT_SETTINGS

    def __init__(
        self,
        *,
        verify: bool | str = True,
        certificate: Certificate = None,
        proxy: str | None = UNSET,
        max_connections: int = 100,
        library: str | None = None,
    ) -> None:
        if proxy is not UNSET and proxy:
            proxy = checked_proxy(proxy, "`proxy`")
            refuse_foreign(proxy)
        self._library = library_named(library)
        self.max_connections = max_connections
        self._connections = partial(_Connections, self._library, verify, certificate, proxy, max_connections)
        self._opened: dict[asyncio.AbstractEventLoop, _Connections] = {}

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        """Exchange the request for its response, as the contract in `clientsmith.core.transport.base` says."""
        opened = self._opened.get(asyncio.get_running_loop()) or self._open()
        origin_url, target = split_url(request.url)
        route = opened.origins.get(origin_url) or opened.find(origin_url)
        exchange = _Exchange(request, route, target, self._library)
        content = request.content
        chunks = None if content is None or isinstance(content, bytes) else AsyncChunks(request)
        made = exchange.prepared(chunks)
        watch = exchange.watch = Watch(opened.man, exchange.read_timeout, request.call.remaining())
        if watch.is_over:
            raise failures.deadline_passed(request, route.place)
        try:
            with watch:
                return await self._exchange(exchange, opened, made, chunks)
        except TimeoutError as error:
            if not watch.is_late or isinstance(error, TransportError):  # the caller's own, of an iterator
                raise
            if watch.is_over:
                is_queued = not exchange.is_assigned and opened.is_full
                connections = opened.max_connections if is_queued else None
                raise failures.deadline_passed(request, route.place, connections=connections) from error
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
        self, exchange: _Exchange, opened: _Connections, made: Any, chunks: AsyncChunks | None
    ) -> HttpResponse:
        request = exchange.request
        response: Any = None
        try:
            response = await opened.transport.handle_async_request(made)
            received = Received(response)
            body = _Body(response, received, exchange, opened, self._library.errors)
            if request.call.stream and 200 <= received.status < 300:
                if request.call.as_stored:
                    received.leave_packed()
                exchange.deadline = exchange.watch = None  # its task has this response, which nobody could forget then
                return AsyncStreamedResponse(
                    request, received.status, received.fields, reason=received.reason, body=body
                )
            content = await body.read_all()
            return HttpResponse(request, received.status, received.fields, content, reason=received.reason)
        except BaseException as error:
            exchange.is_ours = opened.is_closed
            opened.release(exchange, response, is_complete=False)
            if chunks is not None and chunks.failure is not None:
                raise chunks.failure from None
            if not isinstance(error, self._library.errors):
                raise
            failure = exchange.failed(error)
            if failure is error:
                raise
            # What h11 says of a request that it refuses has the values of its fields in it.
            raise failure from (None if isinstance(failure, UsageError) else error)


class _Exchange(HttpxExchange):
    """One request and its answer, watched.

    Attributes:
        watch: What ends it when it is late, None when the answer is streamed.
        is_assigned: Whether it has come to the head of the queue for connections.
        stream: What it goes over, None before there is one.
    """

    __slots__ = ("is_assigned", "stream", "watch")

    def __init__(self, request: HttpRequest, route: Route, target: str, library: Library) -> None:
        super().__init__(request, route, target, library)
        self.is_assigned = False
        self.stream: _Stream | None = None
        self.watch: Watch | None = None


# --- connections -----------------------------------------------------------------------------------------------------


class _Connections:
    """The connections of one event loop between opening and closing, and the ways to the origins they lead to.

    Attributes:
        transport: httpx's own.
        origins: The ways, by what stands before the path of a URL.
        is_closed: Whether they are closed.
        process: Who opened them.
        end: Closes them when the loop ends.
    """

    def __init__(
        self,
        library: Library,
        verify: bool | str,
        certificate: Certificate,
        proxy: str | None,
        max_connections: int,
    ) -> None:
        self._environment = Environment.read(proxy)
        self._tls = cache(partial(tls_context, verify, certificate, self._environment))
        self._open: set[_Stream] = set()
        self._releasing: set[asyncio.Task[None]] = set()
        self._closes_at_once = library.closes_at_once
        self.write_error: type[Exception] = library.core.WriteError
        self.max_connections = max_connections
        self.origins: dict[str, Route] = {}
        self.is_closed = False
        self.process = os.getpid()
        self.man = Watchman(asyncio.get_running_loop())
        self.transport = library.async_transport(
            max_connections=max_connections,
            max_keepalive_connections=max_connections,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            network_backend=self,
        )
        self.end = closing_with_loop(self._end)

    @property
    def is_full(self) -> bool:
        """Whether all the connections that there may be are in use."""
        return len(self.transport._pool.connections) >= self.max_connections

    def find(self, url: str) -> Route:
        """Return the way to an origin that is used for the first time."""
        route = route_to(url, self._environment, self._tls)
        if len(self.origins) >= _MAX_ORIGINS:
            del self.origins[next(iter(self.origins))]
        self.origins[url] = route
        return route

    async def connect_tcp(self, host: str, port: int, timeout: _Exchange, **_options: Any) -> _Stream:
        """Return a new connection for an exchange. ``host`` and ``port`` are in its route, too."""
        exchange = timeout
        exchange.is_assigned = True
        self._check_open(exchange)
        exchange.connection = connection = await open_connection(Opening(exchange.route, exchange))
        self._check_open(exchange)  # whoever sends closes the connection
        self._open.add(stream := _Stream(connection, self))
        return stream

    def _check_open(self, exchange: _Exchange) -> None:
        if self.is_closed:
            raise failures.not_connected(exchange.request, exchange.place, "the client was closed meanwhile")

    def drop(self, stream: _Stream) -> None:
        """Forget a connection that is closed."""
        self._open.discard(stream)

    def release(self, exchange: HttpxExchange, response: Any, *, is_complete: bool) -> None:
        """Close an answer without waiting for it, and its connection at once unless all of it is off the wire.

        ``response`` is None if there is none.
        """
        if not is_complete and exchange.connection is not None:
            cast(Connection, exchange.connection).close()
        if self.man.loop.is_closed():
            return
        if response is not None:
            self._later(response.aclose())
        self._forget_cancelled()

    async def finish(self, response: Any) -> None:
        """Give the connection back of an answer that is off the wire."""
        if self._closes_at_once:
            await response.aclose()
        else:
            await asyncio.shield(self._later(response.aclose()))

    def _later(self, closing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self.man.loop.create_task(closing)
        self._releasing.add(task)
        task.add_done_callback(self._releasing.discard)
        return task

    def _forget_cancelled(self) -> None:
        """Free the places of connections whose request was cancelled before it was sent.

        httpcore would keep them for ever, and with enough of them nobody else would get one: they belong to no
        request any more, and will never be idle.
        """
        pool = self.transport._pool
        used = {pooled.connection for pooled in pool._requests}
        kept = [one for one in pool._connections if one in used or one.is_idle() or one.is_closed()]
        if len(kept) < len(pool._connections):
            pool._connections = kept
            for surplus in pool._assign_requests_to_connections():
                self._later(surplus.aclose())

    async def _end(self) -> None:
        self.close()
        # A socket is closed two rounds later: TLS hears of it first, then what lies below.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def close(self) -> None:
        """Close all connections, those in use as well."""
        self.is_closed = True
        self.man.leave()
        for stream in tuple(self._open):
            with suppress(RuntimeError):  # the loop may be closed already
                stream.close()


class _Stream:
    """A connection as httpx reads and writes it: each ``timeout`` is the exchange that it does it for."""

    __slots__ = ("_connection", "_early", "_exchange", "_hearing", "_held", "_opened")

    def __init__(self, connection: Connection, opened: _Connections) -> None:
        self._connection = connection
        self._opened = opened
        self._exchange: _Exchange | None = None
        self._held = b""
        self._early = b""  # what came before httpx asked for it
        self._hearing: asyncio.Task[bytes] | None = None  # waits for an answer while a long body is being sent

    async def write(self, buffer: bytes, timeout: _Exchange) -> None:
        exchange, connection = timeout, self._connection
        if exchange is not self._exchange:
            self._exchange = exchange
            exchange.stream = self
            exchange.is_assigned = True
            exchange.begin(connection)
            connection.begin()
            if exchange.watch is not None:
                exchange.watch.handler = connection
        if exchange.is_short:  # held back until all of it is there: one packet, and one system call
            self._held += buffer
            return
        try:
            view = memoryview(buffer)
            for start in range(0, len(view), _BLOCK):
                await self._send_watching(view[start : start + _BLOCK])
        except CONNECTION_ENDED as error:
            exchange.is_last = True
            raise self._opened.write_error(str(error)) from error  # httpx then reads the answer, which may say why
        connection.wait_for_caller()

    async def _send_watching(self, block: memoryview) -> None:
        """Send a piece of a long body, unless the service refuses it meanwhile and nobody would read the rest.

        Raises:
            ConnectionError: The service refuses it, or has closed the connection.
        """
        connection = self._connection
        hearing = self._hearing = self._hearing or asyncio.create_task(connection.receive())
        sending = asyncio.create_task(connection.send_block(block))
        try:
            while not sending.done():
                await asyncio.wait((sending, hearing), return_when=asyncio.FIRST_COMPLETED)
                if hearing.done():
                    self._hearing = None
                    data = hearing.result()
                    self._early += data
                    if not data or is_refusal(self._early):
                        raise ConnectionResetError("it was refused before its end")
                    hearing = self._hearing = asyncio.create_task(connection.receive())
            sending.result()
        finally:
            sending.cancel()

    async def wait(self, exchange: _Exchange) -> None:
        """Wait until there is something of a body that httpx can give."""
        while exchange.is_waiting:
            self._early += exchange.receive(await self._receive())

    async def read(self, max_bytes: int, timeout: _Exchange) -> bytes:
        exchange, connection = timeout, self._connection
        if exchange.has_head and self._early:
            data, self._early = self._early, b""
            return data
        if self._held:
            held, self._held = self._held, b""
            connection.send(held)
        if not exchange.is_sent and not exchange.is_last:
            exchange.is_sent = True
            connection.heard_at = asyncio.get_running_loop().time()  # from now on it is the service's turn
        if self._early:
            data, self._early = self._early, b""
            return exchange.receive(data)
        return exchange.receive(await self._receive())

    async def _receive(self) -> bytes:
        hearing, self._hearing = self._hearing, None
        return await (self._connection.receive() if hearing is None else hearing)

    def leave(self) -> None:
        """Forget the exchange, which is over: it holds a request, and perhaps all that this sends."""
        if self._exchange is not None:
            self._exchange.stream = None
            self._exchange = None

    async def start_tls(self, *_arguments: Any, **_options: Any) -> _Stream:
        """Return itself: TLS is made when a connection is opened, and only where it is wanted."""
        return self

    def get_extra_info(self, info: str) -> Any:
        """Tell the pool whether the connection can be used again; ``is_readable`` means that it cannot."""
        return self._opened.is_closed or self._connection.is_stale if info == "is_readable" else None

    async def aclose(self) -> None:
        self.close()

    def close(self) -> None:
        """Close it at once; closing twice is fine."""
        self._opened.drop(self)
        if self._hearing is not None:
            self._hearing.cancel()
        self._connection.close()


# --- one answer ------------------------------------------------------------------------------------------------------


class _Body:
    """A body that is still on the wire."""

    __slots__ = ("_errors", "_exchange", "_is_released", "_opened", "_pieces", "_received", "_response")

    def __init__(
        self,
        response: Any,
        received: Received,
        exchange: _Exchange,
        opened: _Connections,
        errors: tuple[type[Exception], ...],
    ) -> None:
        self._response, self._received, self._exchange = response, received, exchange
        self._opened, self._errors = opened, errors
        self._is_released = False
        self._pieces: AsyncIterator[bytes] = aiter(response.stream)

    async def read_all(self) -> bytes:
        """Return the whole body, of an error what may be read of it."""
        received, found = self._received, list[bytes]()
        self._is_released = True  # by who called
        async for piece in self._pieces:
            received.feed(piece)
            if not received.gather(found):
                break
        else:
            self._complete()
            received.gather(found)
        await self._opened.finish(self._response)
        return found[0] if len(found) == 1 else b"".join(found)

    async def read(self, size: int, /) -> bytes:
        received, exchange = self._received, self._exchange
        watch: Watch | None = None
        try:
            while not (data := received.read(size)) and not received.is_complete:
                if exchange.is_waiting and exchange.stream is not None:
                    watch = Watch.reading(self._opened.man, exchange.read_timeout, exchange.request.call)
                    watch.handler = cast(Connection, exchange.connection)
                    with watch:  # not in httpx, which could not go on after a timeout
                        await exchange.stream.wait(exchange)
                piece = await anext(self._pieces, None)
                if piece is None:
                    self._complete()
                else:
                    received.feed(exchange.given(piece))
        except BaseException as error:
            if watch is not None and watch.is_late and watch.is_over and type(error) is TimeoutError:
                raise NothingYetError(exchange.request) from error
            self.abandon()
            if not isinstance(error, self._errors):
                raise
            if watch is not None and not watch.is_late and type(error) is TimeoutError:  # the caller's own
                raise
            exchange.is_ours = self._opened.is_closed
            raise exchange.failed(error) from error
        if not data and not self._is_released:
            self._is_released = True
            await self._opened.finish(self._response)
        return data

    def _complete(self) -> None:
        self._received.is_complete = True
        self._exchange.complete(self._opened.man.loop.time())
        if self._exchange.stream is not None:
            self._exchange.stream.leave()

    def abandon(self) -> None:
        """Give the connection back if all of the body is off the wire, else close it."""
        if self._is_released:
            return
        self._is_released = True
        self._opened.release(self._exchange, self._response, is_complete=self._received.is_complete)

    def __del__(self) -> None:
        # Nobody has closed the response. The event loop would keep its connection for ever, and count it.
        if not self._is_released:
            with suppress(RuntimeError):  # the loop is closed
                release = partial(self._opened.release, self._exchange, self._response, is_complete=False)
                self._opened.man.loop.call_soon_threadsafe(release)
