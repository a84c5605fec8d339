"""`HttpxTransport`: httpx's pool and its HTTP parser, over the sockets of `StdlibTransport`."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, partial
from time import monotonic
from typing import Any, ClassVar, Final, NamedTuple, cast

from ...errors import UsageError
from ...rest import HttpRequest, HttpResponse
from ...serialization._unset import UNSET
from ...settings import Setting
from ...streaming.responses import NothingYetError, StreamedResponse
from .._body import Chunks, split_url
from .._environment import Certificate, Environment, checked_proxy, tls_context
from ..base import KEEP_ALIVE_SECONDS, TRANSPORT_SETTINGS, BlockingTime
from ..stdlib.exchange import CONNECTION_ENDED, Opening
from ..stdlib.route import Route, refuse_foreign, route_to
from ..stdlib.sockets import Connection, open_connection
from .exchange import HttpxExchange, Received
from .library import Library, library_named

__all__ = ["HttpxTransport"]

# More origins than a client and its redirects have; beyond, the oldest one's connections are dropped.
_MAX_ORIGINS: Final = 32


class HttpxTransport(BlockingTime):
    """Sends requests with httpx2 or httpx, whichever is installed: for programs that use it anyway, or watch it.

    What patches or watches `httpx.HTTPTransport` (mocks, tracing) sees every request. Client, redirects, cookies and
    the environment of httpx are not used. It opens at the first send, and again after `close` or in a forked child, so
    it can be used without ``with`` and shared by any number of threads.

    Args:
        verify: Whether TLS certificates are checked; a path names the CA certificates to trust, a PEM file or a folder.
        certificate: Client certificate: a PEM file, or a pair of certificate and key.
        proxy: URL of the proxy for everything, ``http`` only; None for none. By default the environment names proxies
            and the exceptions from them.
        max_connections: Connections kept open to one host. More are opened when needed and closed after their request.
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
        max_connections: int = 10,
        library: str | None = None,
    ) -> None:
        if proxy is not UNSET and proxy:
            proxy = checked_proxy(proxy, "`proxy`")
            refuse_foreign(proxy)
        self._library = library_named(library)
        self._open = partial(_Connections, self._library, verify, certificate, proxy, max_connections)
        # By process: what a forked child inherits are its parent's sockets, which it must not touch. `setdefault` is
        # atomic, so no lock is needed that another thread could be holding at the moment of the fork.
        self._opened: dict[int, _Connections] = {}

    def send(self, request: HttpRequest, /) -> HttpResponse:
        """Exchange the request for its response, as the contract in `clientsmith.core.transport.base` says."""
        process = os.getpid()
        opened = self._opened.get(process) or self._opened.setdefault(process, self._open())
        origin_url, target = split_url(request.url)
        origin = opened.origins.get(origin_url) or opened.find(origin_url)
        exchange = _Exchange(request, origin.route, target, self._library)
        content = request.content
        chunks = None if content is None or isinstance(content, bytes) else Chunks(request)
        made = exchange.prepared(chunks)
        origin.network.release_forgotten()
        body: _Body | None = None
        try:
            response = origin.transport.handle_request(made)
            received = Received(response)
            body = _Body(response, received, exchange, origin.network, self._library.errors)
            if request.call.stream and 200 <= received.status < 300:
                if request.call.as_stored:
                    received.leave_packed()
                exchange.deadline = None  # the header is here; from now on only silence is too late
                return StreamedResponse(request, received.status, received.fields, reason=received.reason, body=body)
            content = body.read_all()
            return HttpResponse(request, received.status, received.fields, content, reason=received.reason)
        except BaseException as error:
            if body is not None:
                body.abandon()
            elif exchange.connection is not None:
                exchange.connection.close()
            if chunks is not None and chunks.failure is not None:
                raise chunks.failure from None
            if not isinstance(error, self._library.errors):
                raise
            failure = exchange.failed(error)
            if failure is error:
                raise
            # What h11 says of a request that it refuses has the values of its fields in it.
            raise failure from (None if isinstance(failure, UsageError) else error)

    def close(self) -> None:
        """Close all connections. A later send opens new ones; closing twice is fine."""
        opened = self._opened.pop(os.getpid(), None)
        if opened is not None:
            opened.close()


class _Exchange(HttpxExchange):
    """One request and its answer.

    Attributes:
        stream: What it goes over, None before there is one.
    """

    __slots__ = ("stream",)

    def __init__(self, request: HttpRequest, route: Route, target: str, library: Library) -> None:
        super().__init__(request, route, target, library)
        self.stream: _Stream | None = None


# --- connections -----------------------------------------------------------------------------------------------------


class _Origin(NamedTuple):
    """How an origin is reached, and httpx's transport for it alone."""

    route: Route
    transport: Any
    network: _Network

    def close(self) -> None:
        """Close the idle connections; those in use close when they are given back."""
        self.network.is_closed = True
        for connection in self.transport._pool.connections:
            if connection.is_idle():
                connection.close()


class _Connections:
    """The pools of one process between opening and closing, by what stands before the path of a URL."""

    def __init__(
        self,
        library: Library,
        verify: bool | str,
        certificate: Certificate,
        proxy: str | None,
        max_connections: int,
    ) -> None:
        self._library = library
        self._environment = Environment.read(proxy)
        self._tls = cache(partial(tls_context, verify, certificate, self._environment))
        self._max_connections = max_connections
        self.origins: dict[str, _Origin] = {}

    def find(self, url: str) -> _Origin:
        """Return the way to an origin that is used for the first time."""
        route = route_to(url, self._environment, self._tls)
        network = _Network(self._library.core.WriteError)
        transport = self._library.transport(
            max_connections=None,
            max_keepalive_connections=self._max_connections,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            network_backend=network,
        )
        if len(self.origins) >= _MAX_ORIGINS:
            with suppress(StopIteration, KeyError, RuntimeError):  # another thread was quicker
                self.origins.pop(next(iter(self.origins))).close()
        return self.origins.setdefault(url, _Origin(route, transport, network))

    def close(self) -> None:
        """Close the idle connections; those in use close after their request."""
        origins, self.origins = self.origins, {}
        for origin in origins.values():
            origin.close()


class _Network:
    """Where httpx's pool gets its connections from: opened, proxy and TLS included, as `StdlibTransport` opens them.

    Attributes:
        forgotten: Streamed answers that nobody has closed, and what their bodies are read with.
        is_closed: Whether connections that are given back are closed.
        write_error: What tells httpx that nobody reads the rest of a body; it then goes on with reading the answer.
    """

    __slots__ = ("forgotten", "is_closed", "write_error")

    def __init__(self, write_error: type[Exception]) -> None:
        self.forgotten: deque[tuple[Any, Iterator[bytes]]] = deque()
        self.is_closed = False
        self.write_error = write_error

    def release_forgotten(self) -> None:
        """Take the streamed answers that nobody has closed out of the pool's books."""
        while self.forgotten:
            with suppress(IndexError):  # another thread was quicker
                response, _ = self.forgotten.popleft()
                response.close()

    def connect_tcp(self, host: str, port: int, timeout: _Exchange, **_options: Any) -> _Stream:
        """Return a new connection for an exchange. ``host`` and ``port`` are in its route, too."""
        timeout.connection = connection = open_connection(Opening(timeout.route, timeout))
        return _Stream(connection, self)


class _Stream:
    """A connection as httpx reads and writes it: each ``timeout`` is the exchange that it does it for."""

    __slots__ = ("_connection", "_early", "_exchange", "_held", "_network")

    def __init__(self, connection: Connection, network: _Network) -> None:
        self._connection = connection
        self._network = network
        self._exchange: _Exchange | None = None
        self._held = b""
        self._early = b""  # what was received before httpx asked for it

    def write(self, buffer: bytes, timeout: _Exchange) -> None:
        exchange = timeout
        if exchange is not self._exchange:
            self._exchange = exchange
            exchange.stream = self
            exchange.begin(self._connection)
            self._connection.uses += 1
        if exchange.is_short:  # held back until all of it is there: one packet, and one system call
            self._held += buffer
            return
        try:
            is_taken = self._connection.send_watching(buffer, exchange)
        except CONNECTION_ENDED as error:
            exchange.is_last = True
            raise self._network.write_error(str(error)) from error
        if not is_taken:
            exchange.is_last = True
            raise self._network.write_error("refused before its end")

    def wait(self, exchange: _Exchange) -> None:
        """Wait until there is something of a body that httpx can give."""
        while exchange.is_waiting:
            self._early += exchange.receive(self._connection.receive(exchange))

    def read(self, max_bytes: int, timeout: _Exchange) -> bytes:
        exchange = timeout
        if self._early:
            data, self._early = self._early, b""
            return data
        if self._held:
            held, self._held = self._held, b""
            try:
                self._connection.send(held, exchange)
            except CONNECTION_ENDED:  # an answer may say why
                exchange.is_last = True
        exchange.is_sent = not exchange.is_last
        return exchange.receive(self._connection.receive(exchange))

    def leave(self) -> None:
        """Forget the exchange, which is over: it holds a request, and perhaps all that this sends."""
        if self._exchange is not None:
            self._exchange.stream = None
            self._exchange = None

    def start_tls(self, *_arguments: Any, **_options: Any) -> _Stream:
        """Return itself: TLS is made when a connection is opened, and only where it is wanted."""
        return self

    def get_extra_info(self, info: str) -> Any:
        """Tell the pool whether the connection can be used again; ``is_readable`` means that it cannot."""
        return self._network.is_closed or self._connection.is_stale if info == "is_readable" else None

    def close(self) -> None:
        self._connection.close()


# --- one answer ------------------------------------------------------------------------------------------------------


class _Body:
    """A body that is still on the wire."""

    __slots__ = ("_errors", "_exchange", "_is_released", "_network", "_pieces", "_received", "_response")

    def __init__(
        self,
        response: Any,
        received: Received,
        exchange: _Exchange,
        network: _Network,
        errors: tuple[type[Exception], ...],
    ) -> None:
        self._errors = errors
        self._network = network
        self._is_released = False
        self._response = response
        self._received = received
        self._exchange = exchange
        self._pieces: Iterator[bytes] = iter(response.stream)

    def read_all(self) -> bytes:
        """Return the whole body, of an error what may be read of it."""
        received, found = self._received, list[bytes]()
        for piece in self._pieces:
            received.feed(piece)
            if not received.gather(found):
                break
        else:
            self._complete()
            received.gather(found)
        self.abandon()
        return found[0] if len(found) == 1 else b"".join(found)

    def read(self, size: int, /) -> bytes:
        received, exchange = self._received, self._exchange
        exchange.deadline = exchange.request.call.read_until
        try:
            while not (data := received.read(size)) and not received.is_complete:
                if exchange.is_waiting and exchange.stream is not None:
                    exchange.stream.wait(exchange)  # not in httpx, which could not go on after a timeout
                piece = next(self._pieces, None)
                if piece is None:
                    self._complete()
                else:
                    received.feed(exchange.given(piece))
        except BaseException as error:
            if type(error) is TimeoutError and exchange.is_last_wait:
                raise NothingYetError(exchange.request) from error
            self.abandon()
            if not isinstance(error, self._errors):
                raise
            raise exchange.failed(error) from error
        if not data:
            self.abandon()
        return data

    def _complete(self) -> None:
        self._received.is_complete = True
        self._exchange.complete(monotonic())
        if self._exchange.stream is not None:
            self._exchange.stream.leave()

    def abandon(self) -> None:
        """Give the connection back if all of the body is off the wire, else close it."""
        self._is_released = True
        with suppress(*self._errors):
            self._response.close()

    def __del__(self) -> None:
        # Nobody has closed the response. Its connection is closed, but the pool must not hear of it now: the garbage
        # collector may run while this very thread holds the pool's lock.
        if not self._is_released:
            self._network.forgotten.append((self._response, self._pieces))
            cast(Connection, self._exchange.connection).close()
