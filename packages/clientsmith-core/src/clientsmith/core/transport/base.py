"""The contract of transports: one HTTP exchange, nothing else. `tests/transport` checks all of it.

A transport

- sends `HttpRequest.content` as it is and the URL character by character, and returns the final response: 1xx are
  swallowed, redirects not followed, nothing is sent twice;
- reads the whole body, decompressed, unless ``request.call.stream`` is set *and* the status is a success: then it
  returns a `clientsmith.core.streaming.StreamedResponse` (or its async twin) whose ``body`` is open, and not
  decompressed where ``request.call.as_stored`` says so. The body of any
  other answer is always read, one of status 400 and above up to 1 MiB of what comes out of decompression;
- keeps to ``request.call.deadline`` for connecting, TLS, the header and the body that it reads, and to the settings
  ``connect_timeout`` and ``read_timeout`` (seconds) within it: a byte now and then does not keep a call alive. For a
  streamed body the deadline ends with the header, and only ``read_timeout`` counts, or ``request.call.read_until`` as
  it is when a read begins: that read raises `NothingYetError`, and another one can go on, or `DeadlineExceededError`
  where a transport has to close the body for it. What blocks in the system's name resolution is beyond a sync
  transport's reach;
- raises `TransportError` and its kind for everything that happens on the road, and `UsageError` for a request that
  cannot be sent as it was written. What the caller's own iterator raises comes out unchanged;
- sets ``is_unsent=True`` only when there was no connection (name, refusal, TLS, proxy), or when a *reused* connection
  was closed before the first byte of an answer to a request of at most 16 KiB. The second is how idle connections end,
  and as sure as HTTP/1.1 allows: a service that crashes on a request looks the same;
- treats a header or a body that breaks off as an error, never as an answer. So is compressed data that does not come
  to its own end, and what ends with the connection, if that is TLS and ended without its goodbye (RFC 9112, section
  9.8; sync transports: asyncio does not tell);
- joins several fields of one name by ", " and reads bytes beyond ASCII as UTF-8, else as Latin-1;
- adds no header of its own but ``Host``, ``Content-Length`` or ``Transfer-Encoding``, ``Accept-Encoding`` and
  ``Connection``; keeps no cookies; never reads ``.netrc``; takes proxies (``HTTP_PROXY``, ``HTTPS_PROXY``,
  ``ALL_PROXY``, ``NO_PROXY``; the setting ``proxy`` replaces them all) and CA bundles (``REQUESTS_CA_BUNDLE``,
  ``CURL_CA_BUNDLE``, ``SSL_CERT_FILE``, ``SSL_CERT_DIR``) from the environment once, when it opens;
- refuses what could be read in two ways, in requests (``Content-Length`` that is not the length of the content,
  ``Transfer-Encoding``, a method that is no token) and in answers (lines that are no fields, lengths that are none);
- opens by itself at the first send and again after `close`, which may be called twice, and in a forked child;
- may be used by any number of threads (sync), or of tasks on one event loop (async; another loop gets connections of
  its own). An interrupted or cancelled send closes its connection.
"""

from __future__ import annotations

import time
from typing import ClassVar, Final, Protocol

from ..errors import UsageError
from ..rest import HttpRequest, HttpResponse
from ..serialization._unset import UNSET
from ..settings import Setting, seconds, text

__all__ = [
    "CONSTRUCTION_SETTINGS",
    "ERROR_BODY_LIMIT",
    "HEADER_FIELDS_LIMIT",
    "HEADER_LINE_LIMIT",
    "KEEP_ALIVE_SECONDS",
    "TRANSPORT_SETTINGS",
    "AsyncTime",
    "AsyncTransport",
    "BlockingTime",
    "Transport",
    "timeouts_of",
]

# An error body is for reading, a download that failed is not: what is beyond this is not read.
ERROR_BODY_LIMIT: Final = 1024 * 1024

# A line of a header, and how many of them: cookies and policies of 16 KiB exist, and servers stop at 100 fields or so.
HEADER_LINE_LIMIT: Final = 64 * 1024
HEADER_FIELDS_LIMIT: Final = 128

# A minute: servers close idle connections after 5 s to 75 s, and the longer one idles, the likelier it is dead.
KEEP_ALIVE_SECONDS: Final = 60.0

_CONNECT: Final = 10.0
_READ: Final = 60.0

TRANSPORT_SETTINGS: Final = (
    Setting("connect_timeout", _CONNECT, "seconds to wait for a connection", check=seconds),
    Setting("read_timeout", _READ, "seconds to wait for the next byte of an answer", check=seconds),
)

# A week: `None` for a timeout means no limit, and sockets take at most 24 days.
_NO_LIMIT: Final = 7 * 24 * 3600.0


def timeouts_of(request: HttpRequest) -> tuple[float, float]:
    """Return ``connect_timeout`` and ``read_timeout`` of a request's call, in seconds.

    Raises:
        UsageError: One of them is zero or negative.
    """
    settings = request.call.settings
    connect, read = settings.get("connect_timeout", _CONNECT), settings.get("read_timeout", _READ)
    if not connect or not read or connect < 0 or read < 0:  # almost never
        return _unusual("connect_timeout", connect), _unusual("read_timeout", read)
    return connect, read


def _unusual(name: str, limit: float | None) -> float:
    if limit is None:
        return _NO_LIMIT
    if limit <= 0:
        raise UsageError(f"{name}={limit!r} leaves no time at all; give seconds above 0, or None for no limit")
    return limit


# Keyword arguments of our transports' constructors. A client takes them too, for the transport that it makes itself.
CONSTRUCTION_SETTINGS: Final = (
    Setting("verify", True, "whether TLS certificates are checked; a path names a CA bundle to trust", per_call=False),
    Setting("certificate", None, "client certificate: a PEM file, or a pair of certificate and key", per_call=False),
    Setting(
        "proxy",
        UNSET,
        "URL of the proxy for everything; None: none; by default the environment names it",
        per_call=False,
        check=text,
    ),
    # Ten idle connections to one host serve ten threads; more are opened when needed and not kept.
    Setting("max_connections", 10, "sync: connections kept open to one host; async: open at a time", per_call=False),
)


class Transport(Protocol):
    """A sync transport, see the contract above. It is what the sync driver does its I/O with."""

    settings: ClassVar[tuple[Setting, ...]]

    def send(self, request: HttpRequest, /) -> HttpResponse:
        """Exchange the request for its response."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Wait."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only go forward: what deadlines are measured with."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class AsyncTransport(Protocol):
    """An async transport, see the contract above. It is what the async driver does its I/O with."""

    settings: ClassVar[tuple[Setting, ...]]

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        """Exchange the request for its response."""
        ...

    async def sleep(self, seconds: float, /) -> None:
        """Wait."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only go forward: what deadlines are measured with."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class BlockingTime:
    """The real time, for sync transports."""

    sleep = staticmethod(time.sleep)
    monotonic = staticmethod(time.monotonic)


class AsyncTime:
    """The real time, for async transports."""

    monotonic = staticmethod(time.monotonic)

    async def sleep(self, seconds: float, /) -> None:
        """Wait on the running event loop."""
        import asyncio  # a sync program never gets here

        await asyncio.sleep(seconds)
