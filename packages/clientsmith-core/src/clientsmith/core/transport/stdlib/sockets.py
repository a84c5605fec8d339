"""Connections of the sync transport of the standard library: sockets, how they are opened, and those that wait."""

from __future__ import annotations

import errno
import os
import select
import selectors
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, cast

from .addresses import ATTEMPT_DELAY, AddressInfo, in_turns, no_connection
from .bodies import Answer
from .exchange import LOWER_ERRORS, Http1Exchange, Opening, Phase, is_refusal
from .route import Route

__all__ = ["Connection", "Pool", "connect_first", "open_connection"]

# What one read takes at most; the kernel seldom has more.
_RECEIVE: Final = 64 * 1024

# What `connect_ex` says when it is not done yet; Windows has a word of its own.
_UNDER_WAY: Final = frozenset({0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", 0)})


class Connection:
    """A socket that keeps to the limits of the exchange it is used for.

    Attributes:
        uses: Requests sent over it.
        expires_at: When it has idled too long, on `time.monotonic`.
    """

    __slots__ = ("_early", "_is_readable", "_socket", "_timeout", "expires_at", "uses")

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._timeout: float | None = -1.0
        self._is_readable = _readable(sock)
        self._early = b""
        self.uses = 0
        self.expires_at = 0.0

    def _limit(self, seconds: float) -> None:
        if seconds != self._timeout:  # only then, as setting it is a system call
            self._socket.settimeout(seconds)
            self._timeout = seconds

    def send(self, data: bytes, exchange: Http1Exchange) -> None:
        """Send what goes out in one piece."""
        self._limit(exchange.patience())
        self._socket.sendall(data)

    def receive(self, exchange: Http1Exchange) -> bytes:
        """Return what has come, b"" at the end of the connection."""
        if self._early:
            data, self._early = self._early, b""
            return data
        self._limit(exchange.patience())
        return self._socket.recv(_RECEIVE)

    def send_watching(self, data: bytes | memoryview, exchange: Http1Exchange) -> bool:
        """Send a piece of a long body; False if the service refused it meanwhile, and nobody would read the rest."""
        view = memoryview(data)
        while view:
            if self._is_refused():
                return False
            # One buffer full at a time: `send` waits for room, and then takes what there is room for.
            self._limit(exchange.patience())
            view = view[self._socket.send(view[:_RECEIVE]) :]
        return True

    def _is_refused(self) -> bool:
        if not self._early and self._is_readable():
            self._limit(0.0)
            # Over TLS that may be no answer at all, but a session ticket.
            with suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                self._early = self._socket.recv(_RECEIVE)
                if not self._early:
                    raise ConnectionResetError("it was closed while the request was being sent")
        return is_refusal(self._early)

    @property
    def is_stale(self) -> bool:
        """Whether it cannot be used again: it idled too long, or the other side has said something, if only goodbye."""
        return time.monotonic() >= self.expires_at or self._is_readable()

    def close(self) -> None:
        """Close it; closing twice is fine."""
        with suppress(OSError):
            self._socket.close()

    def __del__(self) -> None:
        self.close()  # nobody has closed the client: that is no reason for a warning, here or when the interpreter ends


def _readable(sock: socket.socket) -> Any:
    """Return the function that tells whether there is something to read, the end included."""
    if not hasattr(select, "poll"):  # Windows, where `select` takes any socket
        return lambda: bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return lambda: bool(poll.poll(0))


# --- opening ---------------------------------------------------------------------------------------------------------


def open_connection(opening: Opening) -> Connection:
    """Return a new connection, through the proxy if there is one, and over TLS if that is asked for.

    Raises:
        TransportError: There is none; the request is unsent.
    """
    route = opening.route
    sock: socket.socket | None = None
    try:
        # As bytes: a str would be encoded by a codec that has errors of its own.
        found = socket.getaddrinfo(route.host.encode(), route.port, type=socket.SOCK_STREAM)
        sock = connect_first(in_turns(found), opening.left)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if route.tunnel is not None:
            opening.phase = Phase.TUNNEL
            _open_tunnel(sock, route.tunnel, opening)
        if route.tls is not None:
            opening.phase = Phase.TLS
            sock.settimeout(opening.left())
            sock = route.tls.wrap_socket(sock, server_hostname=route.server_name, suppress_ragged_eofs=False)
        return Connection(sock)
    except LOWER_ERRORS as error:
        if sock is not None:
            sock.close()
        raise opening.translated(error) from error
    except BaseException:
        if sock is not None:
            sock.close()
        raise


def _open_tunnel(sock: socket.socket, request: bytes, opening: Opening) -> None:
    sock.settimeout(opening.left())
    sock.sendall(request)
    answer = Answer("CONNECT")
    body = None
    while body is None:
        sock.settimeout(opening.left())
        body = answer.feed(sock.recv(_RECEIVE))
    opening.tunnel_opened(body)


def connect_first(addresses: list[AddressInfo], left: Callable[[], float]) -> socket.socket:
    """Return a socket that is connected to one of the addresses, the others tried beside it after a while.

    One that does not answer at all, an IPv6 address without a way there say, costs a quarter of a second and not the
    whole ``connect_timeout`` (RFC 8305, section 5).

    Raises:
        OSError: None could be connected to; it is the error of the first.
        TimeoutError: None could be connected to in time.
    """
    waiting = deque(addresses)
    attempts: list[socket.socket] = []
    failed: list[OSError] = []
    connected: socket.socket | None = None
    try:
        with selectors.DefaultSelector() as selector:
            while waiting or selector.get_map():
                if waiting:
                    _attempt(waiting.popleft(), attempts, failed, selector)
                    if not selector.get_map():  # it has failed already
                        continue
                seconds = left()
                for key, _ in selector.select(min(seconds, ATTEMPT_DELAY) if waiting else seconds):
                    sock = cast("socket.socket", key.fileobj)
                    selector.unregister(sock)
                    code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if not code:
                        connected = sock
                        return sock
                    failed.append(OSError(code, os.strerror(code)))
    finally:
        for sock in attempts:
            if sock is not connected:
                sock.close()
    raise no_connection(failed)


def _attempt(
    info: AddressInfo, attempts: list[socket.socket], failed: list[OSError], selector: selectors.BaseSelector
) -> None:
    family, kind, protocol, _, address = info
    try:
        sock = socket.socket(family, kind, protocol)
        attempts.append(sock)
        sock.setblocking(False)
        code = sock.connect_ex(address)
    except OSError as error:  # there is no such family here
        failed.append(error)
        return
    if code in _UNDER_WAY:
        selector.register(sock, selectors.EVENT_WRITE)
    else:
        failed.append(OSError(code, os.strerror(code)))


# --- waiting for the next request ------------------------------------------------------------------------------------


class Pool:
    """The idle connections to one origin, the one used last on top: the others may idle away.

    Any number of threads may use it.
    """

    __slots__ = ("_idle", "_is_closed", "_lock", "_size", "route")

    def __init__(self, route: Route, size: int) -> None:
        self.route = route
        self._size = size
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._is_closed = False

    def take(self) -> Connection | None:
        """Return a connection that can be used again, None if there is none."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if not connection.is_stale:
                return connection
            connection.close()

    def give(self, connection: Connection, idle_seconds: float) -> None:
        """Take a connection back after its exchange; one too many, or one with no time to idle, is closed."""
        surplus = connection
        if idle_seconds > 0.0:
            now = time.monotonic()
            connection.expires_at = now + idle_seconds
            with self._lock:
                if not self._is_closed:
                    idle = self._idle
                    idle.append(connection)
                    if len(idle) <= self._size and idle[0].expires_at > now:
                        return
                    surplus = idle.pop(0)
        surplus.close()

    def close(self) -> None:
        """Close the idle connections; those in use close when they are given back."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
