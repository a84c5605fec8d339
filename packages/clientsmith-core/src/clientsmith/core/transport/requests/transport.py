"""`RequestsTransport`, the sync transport by default: requests' adapter and the urllib3 pools in it, no session.

A session costs as much again as the exchange itself, keeps cookies, and lets ``.netrc`` replace an explicit
``Authorization`` header. What travels on a connection is written and read by `connection`.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial
from http.client import HTTPException, IncompleteRead
from typing import Any, ClassVar, Final, NamedTuple

import urllib3.exceptions as urllib3_errors
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, PoolManager, Retry

from ...errors import TransportError, UsageError
from ...rest import HttpRequest, HttpResponse
from ...serialization._unset import UNSET
from ...settings import Setting
from ...streaming.responses import NothingYetError, StreamedResponse
from .. import _failures as failures
from .._body import Chunks, checked_method, checked_origin, field_text, fields_of, host_field, sendable, split_url
from .._deadline import Exchange
from .._decompression import ACCEPT_ENCODING, DecompressError, Decompressor, decompressed, decompressor_of
from .._environment import Certificate, Environment, checked_proxy, is_socks, tls_context
from ..base import ERROR_BODY_LIMIT, TRANSPORT_SETTINGS, BlockingTime, timeouts_of
from .connection import HTTP_POOLS, socks_pools

__all__ = ["RequestsTransport"]

_NO_RETRIES: Final = Retry(False)

# More origins than a client and its redirects have; beyond, the oldest one's connections are dropped.
_MAX_ORIGINS: Final = 32

# What the libraries below raise, and decompression. RequestException is an OSError.
_LOWER_ERRORS: Final = (urllib3_errors.HTTPError, HTTPException, OSError, DecompressError)

# What is compressed is taken from the connection in blocks of this size.
_BLOCK: Final = 64 * 1024


class RequestsTransport(BlockingTime):
    """Sends requests over the connection pools of requests and urllib3.

    It opens at the first send, and again after `close` or in a forked child, so it can be used without ``with`` and
    shared by any number of threads.

    Args:
        verify: Whether TLS certificates are checked; a path names the CA certificates to trust, a PEM file or a folder.
        certificate: Client certificate: a PEM file, or a pair of certificate and key.
        proxy: URL of the proxy for everything, ``http``, ``https`` or, with PySocks installed, ``socks5h`` and its
            kin; None for none. By default the environment names proxies and the exceptions from them.
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
        self._open = partial(_Connections, verify, certificate, proxy, max_connections)
        # By process: what a forked child inherits are its parent's sockets, which it must not touch. `setdefault` is
        # atomic, so no lock is needed that another thread could be holding at the moment of the fork.
        self._opened: dict[int, _Connections] = {}

    def send(self, request: HttpRequest, /) -> HttpResponse:
        """Exchange the request for its response, as the contract in `clientsmith.core.transport.base` says."""
        process = os.getpid()
        opened = self._opened.get(process) or self._opened.setdefault(process, self._open())
        origin_url, target = split_url(request.url)
        origin = opened.origins.get(origin_url) or opened.find(origin_url)
        exchange = Exchange(request.call, *timeouts_of(request), origin.prefix + sendable(target))
        content = request.content
        chunks = None if content is None or isinstance(content, bytes) else Chunks(request)
        try:
            answer = origin.pool.urlopen(
                checked_method(request),
                origin.prefix + target.partition("?")[0],  # for its log; what is sent is the exchange's target
                body=content if chunks is None else chunks,  # type: ignore[arg-type]  # stubs: no other iterables
                headers=fields_of(request, origin.host, ACCEPT_ENCODING),
                pool_timeout=exchange,  # type: ignore[arg-type]  # see `_deadline`
                retries=_NO_RETRIES,
                redirect=False,
                preload_content=False,
                assert_same_host=False,
            )
            return self._response(request, answer, exchange, origin.place)
        except _LOWER_ERRORS as error:
            if chunks is not None and chunks.failure is not None:
                raise chunks.failure from None
            raise translated(error, request, exchange, origin.place) from error

    def close(self) -> None:
        """Close all connections. A later send opens new ones; closing twice is fine."""
        opened = self._opened.pop(os.getpid(), None)
        if opened is not None:
            opened.close()

    def _response(self, request: HttpRequest, answer: BaseHTTPResponse, exchange: Exchange, place: str) -> HttpResponse:
        status, fields, reason = answer.status, _Fields(exchange.fields), answer.reason or ""
        if request.call.stream and 200 <= status < 300:
            exchange.deadline = None  # the header is here; from now on only silence is too late
            body = _Body(request, answer, exchange, place)
            return StreamedResponse(request, status, fields, reason=reason, body=body)
        coding = exchange.coding
        if status < 400:
            content = decompressed(coding, answer.read())
        else:
            content = _error_content(answer, decompressor_of(coding))
        return HttpResponse(request, status, fields, content, reason=reason)


# --- connections -----------------------------------------------------------------------------------------------------


class _Origin(NamedTuple):
    """Where connections to one origin come from.

    ``host`` is the value of the ``Host`` field. ``prefix`` goes before the path in the request line: the origin itself
    if a proxy forwards the request. ``place`` is ``host:port``, for messages.
    """

    pool: HTTPConnectionPool
    host: str
    prefix: str
    place: str


class _Adapter(HTTPAdapter):
    """requests' adapter, with pools whose connections keep to a deadline."""

    def init_poolmanager(self, *arguments: Any, **keywords: Any) -> None:
        super().init_poolmanager(*arguments, **keywords)
        self.poolmanager.pool_classes_by_scheme = dict(HTTP_POOLS)

    def proxy_manager_for(self, proxy: str, **keywords: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **keywords)
        manager.pool_classes_by_scheme = dict(socks_pools() if is_socks(proxy) else HTTP_POOLS)
        return manager


class _Connections:
    """The pools of one process between opening and closing, by what stands before the path of a URL."""

    def __init__(self, verify: bool | str, certificate: Certificate, proxy: str | None, max_connections: int) -> None:
        self._environment = Environment.read(proxy)
        self._tls = cache(partial(tls_context, verify, certificate, self._environment))
        self._adapter = _Adapter(_MAX_ORIGINS, max_connections)
        self.origins: dict[str, _Origin] = {}

    def find(self, url: str) -> _Origin:
        """Return the pool for an origin that is used for the first time."""
        scheme, host, port = checked_origin(url)
        proxy = self._environment.proxy_for(scheme, host, port)
        manager: PoolManager = self._adapter.poolmanager if proxy is None else self._proxy_manager(proxy)
        tls = {"ssl_context": self._tls()} if scheme == "https" else {}
        pool = manager.connection_from_host(host, port, scheme, pool_kwargs=tls)
        if len(self.origins) >= _MAX_ORIGINS:
            with suppress(StopIteration, KeyError, RuntimeError):  # another thread was quicker
                del self.origins[next(iter(self.origins))]
        is_forwarded = proxy is not None and scheme == "http" and not is_socks(proxy)
        name = host_field(scheme, host, port)
        # Not the URL as it was spelt: `urlsplit` overlooks line breaks in it.
        origin = _Origin(pool, name, f"http://{name}" if is_forwarded else "", f"{host}:{port}")
        return self.origins.setdefault(url, origin)

    def _proxy_manager(self, proxy: str) -> PoolManager:
        # The URL is not shown: it may hold a password.
        try:
            manager: PoolManager = self._adapter.proxy_manager_for(proxy)
        except (RequestException, urllib3_errors.HTTPError, ValueError, ImportError) as error:
            if is_socks(proxy):
                raise UsageError(
                    "a SOCKS proxy needs PySocks: install `requests[socks]`, or name an http proxy"
                ) from None
            raise UsageError(f"the proxy cannot be used: {type(error).__name__}") from None
        return manager

    def close(self) -> None:
        """Close the idle connections; those in use close after their request."""
        origins, self.origins = self.origins, {}
        for origin in origins.values():
            origin.pool.close()
        self._adapter.close()


# --- one exchange ----------------------------------------------------------------------------------------------------


class _Fields:
    """The header fields of an answer, decoded when somebody looks at them; ``raw`` is what came."""

    __slots__ = ("raw",)

    def __init__(self, raw: list[tuple[str, str]]) -> None:
        self.raw = raw

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((name, field_text(value, "latin-1")) for name, value in self.raw)


def _error_content(answer: BaseHTTPResponse, decompressor: Decompressor | None) -> bytes:
    """Return what may be read of the body of an error; what is beyond stays on the wire."""
    pieces: list[bytes] = []
    left = ERROR_BODY_LIMIT
    while left > 0 and (piece := _read(answer.read1, decompressor, left)):
        pieces.append(piece)
        left -= len(piece)
    if left == 0:  # there may be more
        answer.close()
    return b"".join(pieces)


def _read(next_of: Callable[[int], bytes], decompressor: Decompressor | None, size: int) -> bytes:
    """Return up to ``size`` bytes of a body, b"" at its end. ``next_of`` reads what travels."""
    if decompressor is None:
        return next_of(size)
    while not (data := decompressor.read(size)):
        packed = next_of(_BLOCK)
        if not packed:
            decompressor.finish()
            return b""
        decompressor.feed(packed)
    return data


class _Body:
    """A body that is still on the wire."""

    def __init__(self, request: HttpRequest, answer: BaseHTTPResponse, exchange: Exchange, place: str) -> None:
        self._request, self._answer, self._exchange, self._place = request, answer, exchange, place
        self._decompressor = None if request.call.as_stored else decompressor_of(exchange.coding)

    def read(self, size: int, /) -> bytes:
        self._exchange.deadline = self._request.call.read_until
        try:
            return _read(self._next, self._decompressor, size)
        except NothingYetError:
            raise
        except _LOWER_ERRORS as error:
            self.abandon()
            raise translated(error, self._request, self._exchange, self._place) from error

    def _next(self, size: int) -> bytes:
        if self._exchange.deadline is not None:
            self._wait()
        return self._answer.read1(size)

    def _wait(self) -> None:
        answer: Any = self._answer
        try:
            answer._fp.wait()
        except TimeoutError as error:
            if not self._exchange.is_last_wait:
                raise
            raise NothingYetError(self._request) from error

    def abandon(self) -> None:
        # Closed, never given back: the next request on this connection would find the rest of this body.
        with suppress(*_LOWER_ERRORS):
            self._answer.close()


# --- errors ----------------------------------------------------------------------------------------------------------


def translated(error: Exception, request: HttpRequest, exchange: Exchange, place: str) -> TransportError:
    """Return the error of ours that an error of the libraries below means.

    How far the exchange came says more than the class of the error: a reset is one thing before the first byte of the
    answer, and another one after it.
    """
    root = _root_of(error)
    is_late = isinstance(root, TimeoutError | urllib3_errors.TimeoutError)
    if is_late and not isinstance(root, urllib3_errors.NewConnectionError):  # refused, but a timeout by its class
        return _timed_out(request, exchange, place)
    if not exchange.is_connected:
        return _not_connected(error, root, request, place)
    if isinstance(root, DecompressError):
        return failures.cannot_decompress(request, place, root)
    is_cut = isinstance(root, ConnectionError | ssl.SSLEOFError | ssl.SSLZeroReturnError)
    if is_cut and not exchange.has_answer:
        return failures.closed_without_answer(request, place, root, is_reused=exchange.is_reused)
    if not exchange.is_sent:
        return failures.not_sent(request, place, root)
    if is_cut or isinstance(root, IncompleteRead | OSError):
        return failures.broke_off(request, place, root)
    return failures.no_http(request, place, root)


def _timed_out(request: HttpRequest, exchange: Exchange, place: str) -> TransportError:
    connect, read = timeouts_of(request)
    if exchange.is_last_wait:
        return failures.deadline_passed(request, place)
    if not exchange.is_connected:
        return failures.connect_timed_out(request, place, connect)
    if not exchange.is_sent:
        return failures.not_sent(request, place, f"it took nothing for {read:g} s")
    return failures.answer_timed_out(request, place, read)


def _not_connected(error: Exception, root: BaseException, request: HttpRequest, place: str) -> TransportError:
    if isinstance(error, urllib3_errors.ProxyError):
        return failures.no_proxy(request, place, root)
    if isinstance(root, urllib3_errors.NameResolutionError):
        return failures.not_resolved(request, place, root.__cause__)
    if isinstance(root, ssl.SSLCertVerificationError):
        return failures.not_verified(request, place, root)
    # A reset comes after the connection came about and before there was TLS; who listens to nothing refuses sooner.
    if isinstance(root, ssl.SSLError | urllib3_errors.SSLError | ConnectionResetError):
        return failures.tls_failed(request, place, root)
    return failures.not_connected(request, place, root.__cause__ or root)


def _root_of(error: BaseException) -> BaseException:
    """Return the innermost error that says what happened; urllib3 wraps it up to three times."""
    inner: object = None
    if isinstance(error, urllib3_errors.ProxyError):
        inner = getattr(error, "original_error", None)
    elif isinstance(error, urllib3_errors.MaxRetryError):
        inner = getattr(error, "reason", None)
    elif isinstance(error, urllib3_errors.ProtocolError | urllib3_errors.SSLError) and error.args:
        inner = error.args[-1]
    return _root_of(inner) if isinstance(inner, BaseException) else error
