"""`AioHttpTransport`, the async transport by default.

aiohttp with everything switched off that is ours to do: it follows no redirects, keeps no cookies, sends nothing twice,
and does not ask the environment on every call (which made up most of what some clients cost).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from math import inf
from typing import ClassVar, Final, NamedTuple

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError
from yarl import URL

from ..errors import TransportError, UsageError
from ..rest import HttpRequest, HttpResponse
from ..settings import Setting
from ..streaming import AsyncStreamedResponse
from . import _failures as failures
from ._body import AsyncChunks, checked_origin, field_text, split_url
from ._environment import Certificate, Environment, tls_context
from ._watch import WATCH, Connector, Handler, Request, Watch, Watchman
from .base import ERROR_BODY_LIMIT, TRANSPORT_SETTINGS, AsyncTime, timeouts_of

__all__ = ["AioHttpTransport"]

# What aiohttp raises; asyncio's own TimeoutError is an OSError too.
_LOWER_ERRORS: Final = (aiohttp.ClientError, OSError)

_MAX_ORIGINS: Final = 32


class AioHttpTransport(AsyncTime):
    """Sends requests with aiohttp.

    It opens at the first send, so it can be made before a loop runs and used without ``async with``. Each event loop
    gets connections of its own; those of a closed loop are forgotten.

    Args:
        verify: Whether TLS certificates are checked; a path names the CA certificates to trust, a PEM file or a folder.
        certificate: Client certificate: a PEM file, or a pair of certificate and key.
        max_connections: Connections at a time; further tasks wait their turn, within their deadline.
    """

    settings: ClassVar[tuple[Setting, ...]] = TRANSPORT_SETTINGS

    # A hundred where threads get ten: a task that streams keeps its connection, and others would wait for it.
    def __init__(
        self, *, verify: bool | str = True, certificate: Certificate = None, max_connections: int = 100
    ) -> None:
        self._verify = verify
        self._certificate = certificate
        self._max_connections = max_connections
        self._opened: dict[asyncio.AbstractEventLoop, _Connections] = {}

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        """Exchange the request for its response, as the contract in `clientsmith.core.transport.base` says."""
        loop = asyncio.get_running_loop()
        opened = self._opened.get(loop) or self._open()
        origin_url, _ = split_url(request.url)
        origin = opened.origins.get(origin_url) or opened.find(origin_url)
        connect, read = timeouts_of(request)
        # A long body keeps the service silent while it is sent, and a streamed answer outlives its watch: there aiohttp
        # looks at the silence itself.
        is_watched = not request.call.stream and failures.is_short(request)
        watch = Watch(opened.man, request, read if is_watched else inf)
        if watch.is_over:
            raise failures.deadline_passed(request, origin.place)
        limits = _aiohttp_timeout(connect, None if is_watched else read)
        try:
            with watch:
                return await self._exchange(request, opened.session, origin, watch, limits)
        except TimeoutError as error:
            if not watch.is_late or isinstance(error, TransportError):  # the caller's own, of an iterator
                raise
            if watch.is_over:
                raise failures.deadline_passed(request, origin.place) from error
            raise failures.answer_timed_out(request, origin.place, read) from error

    async def close(self) -> None:
        """Close all connections, on every loop. A later send opens new ones; closing twice is fine."""
        here = asyncio.get_running_loop()
        while self._opened:
            loop, opened = self._opened.popitem()
            if loop is here:
                opened.man.leave()
                await opened.session.close()
            elif loop.is_closed():
                opened.forget()
            else:
                asyncio.run_coroutine_threadsafe(opened.session.close(), loop)

    def _open(self) -> _Connections:
        for loop in [loop for loop in self._opened if loop.is_closed()]:
            self._opened.pop(loop).forget()
        opened = _Connections(self._verify, self._certificate, self._max_connections)
        self._opened[asyncio.get_running_loop()] = opened
        return opened

    async def _exchange(
        self,
        request: HttpRequest,
        session: aiohttp.ClientSession,
        origin: _Origin,
        watch: Watch,
        limits: aiohttp.ClientTimeout,
    ) -> HttpResponse:
        content = request.content
        chunks = None if content is None or isinstance(content, bytes) else AsyncChunks(content)
        WATCH.set(watch)
        try:
            answer = await session.request(
                request.method,
                _wire_url(request.url),
                headers=request.headers.as_dict(),
                data=content if chunks is None else chunks,
                timeout=limits,
                ssl=origin.tls,
                proxy=origin.proxy,
                allow_redirects=False,
            )
            status, fields, reason = answer.status, _Fields(answer), answer.reason or ""
            if request.call.stream and 200 <= status < 300:
                body = _Body(request, answer, origin.place)
                return AsyncStreamedResponse(request, status, fields, reason=reason, body=body)
            read = await (answer.read() if status < 400 else _read_at_most(ERROR_BODY_LIMIT, answer))
            return HttpResponse(request, status, fields, read, reason=reason)
        except _LOWER_ERRORS as error:
            if chunks is not None and chunks.failure is not None:
                raise chunks.failure from None
            # Closed by ourselves, by another task: that says nothing about what the service has seen.
            handler = None if session.closed else watch.handler
            raise translated(error, request, origin.place, handler) from _without_url(error)
        finally:
            WATCH.set(None)


# --- connections -----------------------------------------------------------------------------------------------------


class _Origin(NamedTuple):
    """How one origin is reached. ``place`` is ``host:port``, for messages."""

    tls: ssl.SSLContext | bool
    proxy: URL | None
    place: str


class _Connections:
    """The session of one event loop between opening and closing, and the origins it knows."""

    def __init__(self, verify: bool | str, certificate: Certificate, max_connections: int) -> None:
        self._environment = Environment.read()
        self._verify, self._certificate = verify, certificate
        self.origins: dict[str, _Origin] = {}
        self.man = Watchman(asyncio.get_running_loop())
        self.session = aiohttp.ClientSession(
            connector=Connector(max_connections),
            cookie_jar=aiohttp.DummyCookieJar(),
            request_class=Request,
            trust_env=False,
        )
        # It would send a GET twice when a reused connection turns out to be closed; sending again is the policies' job.
        self.session._retry_connection = False

    def find(self, url: str) -> _Origin:
        """Return how to reach an origin that is used for the first time."""
        scheme, host, port = checked_origin(url)
        proxy = self._environment.proxy_for(scheme, host, port)
        tls = tls_context(self._verify, self._certificate, self._environment) if scheme == "https" else True
        if len(self.origins) >= _MAX_ORIGINS:
            del self.origins[next(iter(self.origins))]
        origin = self.origins[url] = _Origin(tls, URL(proxy) if proxy else None, f"{host}:{port}")
        return origin

    def forget(self) -> None:
        """Let go of connections whose loop is closed: there is nothing left to wait for, so nothing is awaited."""
        closing = self.session.close()
        with suppress(StopIteration, RuntimeError):
            closing.send(None)
        closing.close()


# --- one exchange ----------------------------------------------------------------------------------------------------


def _wire_url(url: str) -> URL:
    """Return the URL as it is; quoted only if it holds what cannot stand in a request line."""
    is_sendable = url.isascii() and url.isprintable() and " " not in url
    return URL(url, encoded=is_sendable)


@lru_cache(maxsize=64)
def _aiohttp_timeout(connect: float, read: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=read)


async def _read_at_most(size: int, answer: aiohttp.ClientResponse) -> bytes:
    chunks: list[bytes] = []
    while size > 0 and (chunk := await answer.content.read(size)):
        chunks.append(chunk)
        size -= len(chunk)
    if size <= 0:  # there may be more, which stays on the wire
        answer.close()
    return b"".join(chunks)


class _Fields:
    """The header fields of an answer, decoded when somebody looks at them."""

    __slots__ = ("_fields",)

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._fields = answer.headers

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((name, field_text(value, "utf-8")) for name, value in self._fields.items())


class _Body:
    """A body that is still on the wire."""

    def __init__(self, request: HttpRequest, answer: aiohttp.ClientResponse, place: str) -> None:
        self._request, self._answer, self._place = request, answer, place

    async def read(self, size: int, /) -> bytes:
        try:
            return await self._answer.content.read(size)
        except _LOWER_ERRORS as error:
            self.abandon()
            raise translated(error, self._request, self._place, None) from _without_url(error)

    def abandon(self) -> None:
        self._answer.close()


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
        cause = error.__cause__
        if isinstance(cause, ContentEncodingError):
            return failures.cannot_decompress(request, place, cause.message)
        return failures.broke_off(request, place, cause or error)
    if isinstance(error, OSError | aiohttp.ServerDisconnectedError):
        if handler is not None and not handler.has_answer:
            return failures.closed_without_answer(request, place, error, is_reused=handler.uses > 1)
        return failures.broke_off(request, place, error)
    if isinstance(error, aiohttp.ClientConnectionError | aiohttp.UploadAbortedError):
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
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return failures.no_proxy(
                request, place, getattr(error, "os_error", None) or getattr(error, "message", error)
            )
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
