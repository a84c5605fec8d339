"""`StdlibTransport`: HTTP/1.1 over the standard library's sockets, with nothing to install.

A call costs a quarter of what it costs over urllib3, and a process that makes only one is done sooner. What it does not
do: HTTP/2, proxies that speak https or SOCKS.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache, partial
from typing import ClassVar, Final, cast

from ...rest import HttpRequest, HttpResponse
from ...serialization._unset import UNSET
from ...settings import Setting
from ...streaming.responses import NothingYetError, StreamedResponse
from .. import _failures as failures
from .._body import Chunks, checked_method, fields_of, head_of, sendable, split_url
from .._decompression import ACCEPT_ENCODING
from .._environment import Certificate, Environment, checked_proxy, tls_context
from ..base import TRANSPORT_SETTINGS, BlockingTime
from .bodies import AnswerBody
from .exchange import CONNECTION_ENDED, LOWER_ERRORS, Http1Exchange, Opening
from .http1 import chunk
from .route import refuse_foreign, route_to
from .sockets import Connection, Pool, open_connection

__all__ = ["StdlibTransport"]

# More origins than a client and its redirects have; beyond, the oldest one's connections are dropped.
_MAX_ORIGINS: Final = 32


class StdlibTransport(BlockingTime):
    """Sends requests over sockets of the standard library.

    It opens at the first send, and again after `close` or in a forked child, so it can be used without ``with`` and
    shared by any number of threads.

    Args:
        verify: Whether TLS certificates are checked; a path names the CA certificates to trust, a PEM file or a folder.
        certificate: Client certificate: a PEM file, or a pair of certificate and key.
        proxy: URL of the proxy for everything, ``http`` only; None for none. By default the environment names proxies
            and the exceptions from them.
        max_connections: Connections kept open to one host. More are opened when needed and closed after their request.

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
        max_connections: int = 10,
    ) -> None:
        if proxy is not UNSET and proxy:
            proxy = checked_proxy(proxy, "`proxy`")
            refuse_foreign(proxy)
        self._open = partial(_Connections, verify, certificate, proxy, max_connections)
        # By process: what a forked child inherits are its parent's sockets, which it must not touch. `setdefault` is
        # atomic, so no lock is needed that another thread could be holding at the moment of the fork.
        self._opened: dict[int, _Connections] = {}

    def send(self, request: HttpRequest, /) -> HttpResponse:
        """Exchange the request for its response, as the contract in `clientsmith.core.transport.base` says."""
        process = os.getpid()
        opened = self._opened.get(process) or self._opened.setdefault(process, self._open())
        origin_url, target = split_url(request.url)
        pool = opened.origins.get(origin_url) or opened.find(origin_url)
        route = pool.route
        fields = fields_of(request, route.authority, ACCEPT_ENCODING)
        if route.authorization is not None:
            fields["Proxy-Authorization"] = route.authorization
        head = head_of(checked_method(request), route.prefix + sendable(target), fields)
        content = request.content
        chunks = None if content is None or isinstance(content, bytes) else Chunks(request)
        exchange = Http1Exchange(request, route.place)
        connection = pool.take() or open_connection(Opening(route, exchange))
        exchange.is_reused = connection.uses > 0
        connection.uses += 1
        try:
            _send(connection, exchange, head, chunks)
            return _receive(connection, exchange, pool)
        except LOWER_ERRORS as error:
            connection.close()
            if chunks is not None and chunks.failure is not None:
                raise chunks.failure from None
            raise exchange.translated(error) from error
        except BaseException:  # Ctrl-C as well: the next request would find the rest of this one's answer
            connection.close()
            raise

    def close(self) -> None:
        """Close all connections. A later send opens new ones; closing twice is fine."""
        opened = self._opened.pop(os.getpid(), None)
        if opened is not None:
            opened.close()


class _Connections:
    """The pools of one process between opening and closing, by what stands before the path of a URL."""

    def __init__(self, verify: bool | str, certificate: Certificate, proxy: str | None, max_connections: int) -> None:
        self._environment = Environment.read(proxy)
        self._tls = cache(partial(tls_context, verify, certificate, self._environment))
        self._max_connections = max_connections
        self.origins: dict[str, Pool] = {}

    def find(self, url: str) -> Pool:
        """Return the pool for an origin that is used for the first time."""
        pool = Pool(route_to(url, self._environment, self._tls), self._max_connections)
        if len(self.origins) >= _MAX_ORIGINS:
            with suppress(StopIteration, KeyError, RuntimeError):  # another thread was quicker
                self.origins.pop(next(iter(self.origins))).close()
        return self.origins.setdefault(url, pool)

    def close(self) -> None:
        """Close the idle connections; those in use close after their request."""
        origins, self.origins = self.origins, {}
        for pool in origins.values():
            pool.close()


# --- one exchange ----------------------------------------------------------------------------------------------------


def _send(connection: Connection, exchange: Http1Exchange, head: bytes, chunks: Chunks | None) -> None:
    """Send the request. If the service would not take it to its end, its answer may say why: that is for reading."""
    content = exchange.request.content
    try:
        if content is None:
            connection.send(head, exchange)
        elif chunks is None and failures.is_short(exchange.request):
            connection.send(head + cast(bytes, content), exchange)
        elif not _send_long(connection, exchange, head, chunks):
            exchange.is_last = True
        exchange.is_sent = True
    except CONNECTION_ENDED:
        if chunks is not None and chunks.failure is not None:  # not ours but the caller's
            raise
        exchange.is_last = True


def _send_long(connection: Connection, exchange: Http1Exchange, head: bytes, chunks: Chunks | None) -> bool:
    """Send a body piece by piece; False if the service has refused it before the end."""
    if chunks is None:
        content = cast(bytes, exchange.request.content)
        return connection.send_watching(head, exchange) and connection.send_watching(content, exchange)
    if chunks.length is not None:
        return connection.send_watching(head, exchange) and all(connection.send_watching(c, exchange) for c in chunks)
    for piece in chunks:
        if piece:  # one of no bytes would be the last
            if not connection.send_watching(head + chunk(piece), exchange):
                return False
            head = b""
    return connection.send_watching(head + chunk(b""), exchange)


def _receive(connection: Connection, exchange: Http1Exchange, pool: Pool) -> HttpResponse:
    while (body := exchange.feed(connection.receive(exchange))) is None:
        pass
    if exchange.is_streamed(body.head):
        return exchange.streamed(StreamedResponse, body.head, _Body(connection, exchange, pool, body))
    while (content := body.gather()) is None:
        body.feed(connection.receive(exchange))
    pool.give(connection, exchange.idle_seconds(body))
    return exchange.response(body.head, content)


class _Body:
    """A body that is still on the wire."""

    __slots__ = ("_body", "_connection", "_exchange", "_pool")

    def __init__(self, connection: Connection, exchange: Http1Exchange, pool: Pool, body: AnswerBody) -> None:
        self._connection: Connection | None = connection
        self._exchange, self._pool, self._body = exchange, pool, body

    def read(self, size: int, /) -> bytes:
        connection, body, exchange = self._connection, self._body, self._exchange
        if connection is None:
            return b""
        exchange.deadline = exchange.request.call.read_until
        try:
            while (piece := body.read(size)) is None:
                body.feed(connection.receive(exchange))
        except LOWER_ERRORS as error:
            if type(error) is TimeoutError and exchange.is_last_wait:
                raise NothingYetError(exchange.request) from error
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
        if connection is not None:
            self._pool.give(connection, self._exchange.idle_seconds(self._body))
