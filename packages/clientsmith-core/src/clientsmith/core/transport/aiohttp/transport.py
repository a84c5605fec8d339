"""`AioHttpTransport`, the async transport by default: aiohttp's connector and its parser, no session.

A session follows redirects, keeps cookies, sends a GET twice and asks the environment on every call (which made up most
of what some clients cost); none of that is a transport's to do. What travels on a connection is written by
`connection`.
"""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache, lru_cache, partial
from typing import ClassVar, Final, NamedTuple
from urllib.parse import unquote

import aiohttp
from aiohttp.http import RawResponseMessage
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from ...errors import ServiceResponseError, TransportError, UsageError
from ...rest import HttpRequest, HttpResponse
from ...serialization._unset import UNSET
from ...settings import Setting
from ...streaming.responses import AsyncStreamedResponse, NothingYetError
from .. import _failures as failures
from .._body import (
    AsyncChunks,
    checked_method,
    checked_origin,
    field_text,
    fields_of,
    head_of,
    host_field,
    sendable,
    split_url,
)
from .._decompression import ACCEPT_ENCODING, DecompressError, Decompressor, decompressed, decompressor_of
from .._environment import Certificate, Environment, checked_proxy, is_socks, tls_context
from .._loops import closing_with_loop
from .._watch import Watch, Watchman
from ..base import ERROR_BODY_LIMIT, TRANSPORT_SETTINGS, AsyncTime, timeouts_of
from .connection import Connector, Exchange, Handler

__all__ = ["AioHttpTransport"]

# What aiohttp raises, and decompression; asyncio's own TimeoutError is an OSError too.
_LOWER_ERRORS: Final = (aiohttp.ClientError, HttpProcessingError, OSError, DecompressError)

# What is compressed is taken from the connection in blocks of this size.
_BLOCK: Final = 64 * 1024

_MAX_ORIGINS: Final = 32


class AioHttpTransport(AsyncTime):
    """Sends requests with aiohttp.

    It opens at the first send, so it can be made before a loop runs and used without ``async with``. Each event loop
    gets connections of its own; those of a closed loop are forgotten.

    Args:
        verify: Whether TLS certificates are checked; a path names the CA certificates to trust, a PEM file or a folder.
        certificate: Client certificate: a PEM file, or a pair of certificate and key.
        proxy: URL of the proxy for everything, ``http`` or ``https``; None for none. By default the environment names
            proxies and the exceptions from them.
        max_connections: Connections at a time; further tasks wait their turn, within their deadline.

    Raises:
        UsageError: The proxy is none that can be used.
    """

    settings: ClassVar[tuple[Setting, ...]] = TRANSPORT_SETTINGS

    # A hundred where threads get ten: a task that streams keeps its connection, and others would wait for it.
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
            _refuse_socks(proxy)
        self.max_connections = max_connections
        self._connections = partial(_Connections, verify, certificate, proxy, max_connections)
        self._opened: dict[asyncio.AbstractEventLoop, _Connections] = {}

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        """Exchange the request for its response, as the contract in `clientsmith.core.transport.base` says."""
        loop = asyncio.get_running_loop()
        opened = self._opened.get(loop) or self._open()
        origin_url, target = split_url(request.url)
        origin = opened.origins.get(origin_url) or opened.find(origin_url)
        connect, read = timeouts_of(request)
        watch = Watch(opened.man, read, request.call.remaining())
        if watch.is_over:
            raise failures.deadline_passed(request, origin.place)
        try:
            with watch:
                return await self._exchange(request, target, opened, origin, watch, _connecting(connect))
        except TimeoutError as error:
            if not watch.is_late or isinstance(error, TransportError):  # the caller's own, of an iterator
                raise
            if watch.is_over:
                is_queued = watch.handler is None and opened.connector.is_full
                connections = opened.connector.limit if is_queued else None
                raise failures.deadline_passed(request, origin.place, connections=connections) from error
            raise failures.answer_timed_out(request, origin.place, read) from error

    async def close(self) -> None:
        """Close all connections, on every loop. A later send opens new ones; closing twice is fine."""
        here = asyncio.get_running_loop()
        while self._opened:
            loop, opened = self._opened.popitem()
            if loop is here:
                await opened.end.aclose()
            elif loop.is_closed():
                opened.forget()
            else:
                asyncio.run_coroutine_threadsafe(opened.end.aclose(), loop)

    def _open(self) -> _Connections:
        for loop in [loop for loop in self._opened if loop.is_closed()]:
            self._opened.pop(loop).forget()
        opened = self._opened[asyncio.get_running_loop()] = self._connections()
        return opened

    async def _exchange(
        self,
        request: HttpRequest,
        target: str,
        opened: _Connections,
        origin: _Origin,
        watch: Watch,
        connecting: aiohttp.ClientTimeout,
    ) -> HttpResponse:
        method = checked_method(request)
        fields = fields_of(request, origin.host, ACCEPT_ENCODING)
        if origin.authorization is not None:
            fields["Proxy-Authorization"] = origin.authorization
        head = head_of(method, origin.prefix + sendable(target), fields)
        content = request.content
        body = content if content is None or isinstance(content, bytes) else AsyncChunks(request)
        exchange: Exchange | None = None
        try:
            connection = await opened.connector.open(origin.probe, connecting)
            exchange = Exchange(connection, has_body=method != "HEAD")
            watch.handler = exchange.handler
            if body is None:
                exchange.send(head)
            elif isinstance(body, bytes) and failures.is_short(request):
                exchange.send(head + body)
            else:
                exchange.send_long(head, body)
            message = await exchange.receive()
            if request.call.stream and 200 <= message.code < 300:
                coding = b"" if request.call.as_stored else _coding_of(message.headers)
                rest = _Body(request, exchange, opened.man, origin.place, decompressor_of(coding))
                return AsyncStreamedResponse(request, message.code, _Fields(message), reason=message.reason, body=rest)
            coding = _coding_of(message.headers)
            if message.code < 400:
                data = exchange.content
                read = decompressed(coding, data.read_nowait() if data.is_eof() else await data.read())
            else:
                read = await _read_error(exchange, decompressor_of(coding))
            return HttpResponse(request, message.code, _Fields(message), read, reason=message.reason)
        except BaseException as error:
            if exchange is not None:
                exchange.abandon()
            if isinstance(body, AsyncChunks) and body.failure is not None:
                raise body.failure from None
            if not isinstance(error, _LOWER_ERRORS):
                raise
            if exchange is None and opened.connector.closed:
                raise failures.not_connected(request, origin.place, "the client was closed meanwhile") from error
            # Closed by ourselves, by another task: that says nothing about what the service has seen.
            handler = None if exchange is None or opened.connector.closed else exchange.handler
            failure = translated(error, request, origin.place, handler)
            if exchange is None and isinstance(failure, ServiceResponseError):  # so it was the proxy that answered
                failure = failures.no_proxy(request, origin.place, getattr(error, "message", error))
            raise failure from _without_url(error)


# --- connections -----------------------------------------------------------------------------------------------------


class _Origin(NamedTuple):
    """How one origin is reached.

    ``probe`` is what aiohttp's connector asks for a connection by: one request stands for all of an origin. ``host`` is
    the value of the ``Host`` field. ``prefix`` goes before the path in the request line, and ``authorization`` into the
    header, if a proxy forwards the request. ``place`` is ``host:port``, for messages.
    """

    probe: aiohttp.ClientRequest
    host: str
    prefix: str
    authorization: str | None
    place: str


class _Connections:
    """The connections of one event loop between opening and closing, and the origins it knows."""

    def __init__(self, verify: bool | str, certificate: Certificate, proxy: str | None, max_connections: int) -> None:
        self._environment = Environment.read(proxy)
        self._tls = cache(partial(tls_context, verify, certificate, self._environment))
        self.origins: dict[str, _Origin] = {}
        self.man = Watchman(asyncio.get_running_loop())
        self.connector = Connector(max_connections)
        self.end = closing_with_loop(partial(_close, self.man, self.connector))

    def find(self, url: str) -> _Origin:
        """Return how to reach an origin that is used for the first time."""
        scheme, host, port = checked_origin(url)
        proxy = self._environment.proxy_for(scheme, host, port)
        if proxy is not None:
            _refuse_socks(proxy)
        is_forwarded = proxy is not None and scheme == "http"
        name = host_field(scheme, host, port)
        tls: ssl.SSLContext | bool = self._tls() if scheme == "https" else True
        probe = aiohttp.ClientRequest(
            "GET", URL(f"{scheme}://{name}/"), loop=self.man.loop, ssl=tls, proxy=URL(proxy) if proxy else None
        )
        if len(self.origins) >= _MAX_ORIGINS:
            del self.origins[next(iter(self.origins))]
        # Not the URL as it was spelt: `urlsplit` overlooks line breaks in it.
        prefix, authorization = (f"http://{name}", _authorization(proxy)) if is_forwarded else ("", None)
        origin = self.origins[url] = _Origin(probe, name, prefix, authorization, f"{host}:{port}")
        return origin

    def forget(self) -> None:
        """Let go of connections whose loop is closed: there is nothing left to wait for, so nothing is awaited."""
        closing = self.connector.close()
        with suppress(StopIteration, RuntimeError):
            closing.send(None)
        closing.close()


async def _close(man: Watchman, connector: Connector) -> None:
    man.leave()
    await connector.close()


def _refuse_socks(proxy: str) -> None:
    if is_socks(proxy):
        raise UsageError(
            "aiohttp speaks to no SOCKS proxy; name an http proxy, set `proxy` to None, or use the sync client with "
            "PySocks"
        )


def _authorization(proxy: str | None) -> str | None:
    """Return what a proxy wants to see of the name and the password in its URL."""
    user_info, at, _ = (proxy or "").partition("://")[2].partition("/")[0].rpartition("@")
    name, _, password = user_info.partition(":")
    return f"Basic {b64encode(f'{unquote(name)}:{unquote(password)}'.encode()).decode()}" if at else None


@lru_cache(maxsize=64)
def _connecting(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=seconds)


# --- one exchange ----------------------------------------------------------------------------------------------------


def _coding_of(headers: Mapping[str, str]) -> bytes:
    """Return what a body is compressed with, in lower case; b"" if it is not."""
    coding = headers.get("Content-Encoding")
    return b"" if coding is None else coding.strip().lower().encode("utf-8", "surrogateescape")


async def _read_error(exchange: Exchange, decompressor: Decompressor | None) -> bytes:
    """Return what may be read of the body of an error; what is beyond stays on the wire."""
    content = exchange.content
    pieces: list[bytes] = []
    left = ERROR_BODY_LIMIT
    while left > 0 and (piece := await _read(content.read, decompressor, left)):
        pieces.append(piece)
        left -= len(piece)
    if left == 0 and not content.at_eof():
        exchange.abandon()
    return b"".join(pieces)


async def _read(next_of: Callable[[int], Awaitable[bytes]], decompressor: Decompressor | None, size: int) -> bytes:
    """Return up to ``size`` bytes of a body, b"" at its end. ``next_of`` reads what travels."""
    if decompressor is None:
        return await next_of(size)
    while not (data := decompressor.read(size)):
        packed = await next_of(_BLOCK)
        if not packed:
            decompressor.finish()
            return b""
        decompressor.feed(packed)
    return data


class _Fields:
    """The header fields of an answer, decoded when somebody looks at them; ``raw`` is what came."""

    __slots__ = ("_fields", "raw")

    def __init__(self, message: RawResponseMessage) -> None:
        self._fields = message.headers
        self.raw = message.raw_headers

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((name, field_text(value, "utf-8")) for name, value in self._fields.items())


class _Body:
    """A body that is still on the wire."""

    def __init__(
        self, request: HttpRequest, exchange: Exchange, man: Watchman, place: str, decompressor: Decompressor | None
    ) -> None:
        self._request, self._exchange, self._man, self._place = request, exchange, man, place
        self._decompressor = decompressor
        self._patience = timeouts_of(request)[1]

    async def read(self, size: int, /) -> bytes:
        try:
            return await _read(self._next, self._decompressor, size)
        except NothingYetError:
            raise
        except _LOWER_ERRORS as error:
            self.abandon()
            if isinstance(error, TransportError):
                raise
            raise translated(error, self._request, self._place, None) from _without_url(error)

    async def _next(self, size: int) -> bytes:
        # What is here need not be waited for, and so not be watched either.
        return self._exchange.content.read_nowait(size) or await self._wait(size)

    async def _wait(self, size: int) -> bytes:
        watch = Watch.reading(self._man, self._patience, self._request.call)
        watch.handler = self._exchange.handler
        try:
            with watch:
                return await self._exchange.content.read(size)
        except TimeoutError as error:
            if not watch.is_late:  # the caller's own
                raise
            if watch.is_over:
                raise NothingYetError(self._request) from error
            raise failures.answer_timed_out(self._request, self._place, self._patience) from error

    def abandon(self) -> None:
        self._exchange.abandon()


# --- errors ----------------------------------------------------------------------------------------------------------


def translated(
    error: Exception, request: HttpRequest, place: str, handler: Handler | None
) -> TransportError | UsageError:
    """Return the error of ours that an error of aiohttp means.

    ``handler`` is the connection that the request went out on, None if there was none or if nothing follows from it.
    """
    before = _before_sending(error, request, place)
    if before is not None:
        return before
    if isinstance(error, TimeoutError):
        return failures.answer_timed_out(request, place, timeouts_of(request)[1])
    if isinstance(error, aiohttp.ClientPayloadError):
        return failures.broke_off(request, place, error.__cause__ or error)
    if isinstance(error, DecompressError):
        return failures.cannot_decompress(request, place, error)
    if isinstance(error, OSError | aiohttp.ServerDisconnectedError):
        if handler is not None and not handler.has_answer:
            return failures.closed_without_answer(request, place, error, is_reused=handler.uses > 1)
        return failures.broke_off(request, place, error)
    if isinstance(error, aiohttp.ClientConnectionError):
        return failures.not_sent(request, place, error)
    return failures.no_http(request, place, getattr(error, "message", error))


# Their text has the whole URL, and a query may hold a key.
_WITH_URL: Final = (aiohttp.ClientResponseError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


def _without_url(error: Exception) -> BaseException | None:
    """Return what may stand as the cause in a traceback: the error, or what caused it."""
    return error.__cause__ if isinstance(error, _WITH_URL) else error


def _before_sending(error: Exception, request: HttpRequest, place: str) -> TransportError | UsageError | None:
    """Return what kept the request from being sent, None if it was sent."""
    match error:
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return UsageError(f"the request's URL for {place} cannot be used: {type(error).__name__}")
        case aiohttp.ConnectionTimeoutError():
            return failures.connect_timed_out(request, place, timeouts_of(request)[0])
        case aiohttp.ClientHttpProxyError():
            return failures.no_proxy(request, place, f"it answered {error.status} {error.message}")
        case aiohttp.ClientProxyConnectionError():
            return failures.no_proxy(request, place, error.os_error)
        case aiohttp.ClientConnectorDNSError():
            return failures.not_resolved(request, place, error.os_error)
        case aiohttp.ClientConnectorCertificateError():
            return failures.not_verified(request, place, error.certificate_error)
        case aiohttp.ClientSSLError() | aiohttp.ServerFingerprintMismatch():
            return failures.tls_failed(request, place, getattr(error, "os_error", None) or error)
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, ConnectionResetError):  # refused comes sooner
            return failures.tls_failed(request, place, error.os_error)
        case aiohttp.ClientConnectorError():
            return failures.not_connected(request, place, error.os_error)
        case _:
            return None
