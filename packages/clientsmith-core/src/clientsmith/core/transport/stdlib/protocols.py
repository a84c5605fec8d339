"""Connections of the async transport of the standard library: asyncio protocols, how they are opened, and their limit.

Protocols and not streams: what a stream adds is a buffer, a lock and a task, and our codec has the buffer already.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from math import inf
from typing import Final, cast

from .addresses import ATTEMPT_DELAY, AddressInfo, in_turns, no_connection
from .bodies import Answer
from .exchange import LOWER_ERRORS, Opening, Phase
from .route import Route

__all__ = ["Connection", "open_connection"]

# More than this is not taken from the system while nobody reads it.
_HIGH_WATER: Final = 256 * 1024

# What one read takes at most; the kernel seldom has more.
_RECEIVE: Final = 64 * 1024


class Connection(asyncio.BufferedProtocol):
    """A connection that keeps what came until somebody reads it.

    Attributes:
        uses: Requests sent over it.
        heard_at: When something moved last, on the event loop's clock.
        expires_at: When it has idled too long, on the event loop's clock.
        is_ours: Whether it was us who closed it.
    """

    __slots__ = (
        "_buffer",
        "_error",
        "_has_ended",
        "_loop",
        "_received",
        "_room",
        "_socket",
        "_transport",
        "_waiter",
        "expires_at",
        "heard_at",
        "is_ours",
        "uses",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, sock: socket.socket | None) -> None:
        """``sock`` is what the connection is made of, if that can be read without asyncio: without TLS."""
        self._loop = loop
        self._socket = sock
        self._transport: asyncio.Transport | None = None
        # asyncio would take 256 KiB from the system for each answer, and give them back: a third of what a call costs.
        self._buffer = memoryview(bytearray(_RECEIVE))
        self._received = b""
        self._has_ended = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None  # of who waits for something to come
        self._room: asyncio.Future[None] | None = None  # of who waits for room to send; there only while there is none
        self.uses = 0
        self.heard_at = loop.time()
        self.expires_at = 0.0
        self.is_ours = False

    # --- what the event loop calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.heard_at = self._loop.time()
        data = bytes(self._buffer[:nbytes])
        self._received = self._received + data if self._received else data
        if self._waiter is not None:
            self._wake()
        elif len(self._received) > _HIGH_WATER and self._transport is not None:
            self._transport.pause_reading()

    def eof_received(self) -> None:
        self._has_ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._has_ended = True
        self._error = self._error or exc
        self._transport = None
        if isinstance(exc, ConnectionError) and not self._received:
            self._rescue()
        self._socket = None
        self._wake()
        self.resume_writing()

    def _rescue(self) -> None:
        """Read what came before a write failed: asyncio throws it away, and it may say why the service closed."""
        with suppress(OSError):
            while self._socket is not None and (data := self._socket.recv(_RECEIVE)):
                self._received += data

    def pause_writing(self) -> None:
        self._room = self._loop.create_future()

    def resume_writing(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # --- what an exchange calls ---

    def begin(self) -> None:
        """Note that another request is about to be sent."""
        self.uses += 1
        self.heard_at = self._loop.time()

    @property
    def has_something(self) -> bool:
        """Whether there is something to receive without waiting, the end included."""
        return bool(self._received) or self._has_ended

    def send(self, data: bytes) -> None:
        """Send what goes out in one piece. A connection that is lost is told by reading, which knows more."""
        if self._transport is not None:
            self._transport.write(data)

    async def send_block(self, data: bytes | memoryview) -> None:
        """Send a piece of a long body, and wait until there is room for more.

        Raises:
            ConnectionResetError: The other side has closed the connection.
        """
        if self._transport is None or self._has_ended:
            raise ConnectionResetError("it was closed while the request was being sent")
        self.heard_at = self._loop.time()
        self._transport.write(data)
        # Room or not, the loop has to look at what comes in: a failed write throws away an answer that nobody has read.
        await (self._room or asyncio.sleep(0))
        self.heard_at = self._loop.time()

    def wait_for_caller(self) -> None:
        """Note that it is the caller's turn: the service may be silent for as long as that takes."""
        self.heard_at = inf

    async def receive(self) -> bytes:
        """Return what has come, b"" at the end of the connection."""
        if not self._received and not self._has_ended:
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        data, self._received = self._received, b""
        if data:
            if len(data) > _HIGH_WATER and self._transport is not None:
                self._transport.resume_reading()
        elif self._error is not None:
            raise self._error
        return data

    def fail(self, error: Exception) -> None:
        """End the connection with an error, which the reader gets."""
        self._error = error
        self._has_ended = True
        self._received = b""
        self._wake()

    @property
    def is_stale(self) -> bool:
        """Whether it cannot be used again: it idled too long, or the other side has said something, if only goodbye."""
        return self._has_ended or bool(self._received) or self._loop.time() >= self.expires_at

    def close(self) -> None:
        """Close it at once; closing twice is fine."""
        self.is_ours = True
        if self._transport is not None:
            self._transport.abort()

    async def secure(self, route: Route) -> None:
        """Make TLS on it, before anything is sent."""
        assert self._transport is not None
        assert route.tls is not None
        secured = await self._loop.start_tls(self._transport, self, route.tls, server_hostname=route.server_name)
        if secured is None:  # it ended meanwhile
            raise ConnectionResetError("it was closed during the TLS handshake")
        self._transport = secured


async def open_connection(opening: Opening) -> Connection:
    """Return a new connection, through the proxy if there is one, and over TLS if that is asked for.

    Raises:
        TransportError: There is none; the request is unsent.
    """
    loop, route = asyncio.get_running_loop(), opening.route
    connection: Connection | None = None
    try:
        async with asyncio.timeout(opening.exchange.connect_timeout):
            sock = await connect_first(in_turns(await _addresses_of(loop, route)))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _, connection = await loop.create_connection(
                partial(Connection, loop, None if route.tls else sock), sock=sock
            )
            if route.tunnel is not None:
                opening.phase = Phase.TUNNEL
                await _open_tunnel(connection, route.tunnel, opening)
            if route.tls is not None:
                opening.phase = Phase.TLS
                await connection.secure(route)
        return connection
    except LOWER_ERRORS as error:
        if connection is not None:
            connection.close()
        raise opening.translated(error) from error
    except BaseException:
        if connection is not None:
            connection.close()
        raise


async def _addresses_of(loop: asyncio.AbstractEventLoop, route: Route) -> Sequence[AddressInfo]:
    try:  # an address needs no thread to look it up in
        return socket.getaddrinfo(route.host, route.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        return await loop.getaddrinfo(route.host, route.port, type=socket.SOCK_STREAM)


async def connect_first(addresses: list[AddressInfo]) -> socket.socket:
    """Return a socket that is connected to one of the addresses, the others tried beside it after a while.

    asyncio has a race of its own, which leaves the winner open when it is cancelled at the wrong moment.

    Raises:
        OSError: None could be connected to; it is the error of the first.
    """
    waiting = deque(addresses)
    attempts: set[asyncio.Task[socket.socket]] = set()
    failed: list[OSError] = []
    try:
        while waiting or attempts:
            if waiting:
                attempts.add(asyncio.create_task(_attempt(waiting.popleft())))
            ended, _ = await asyncio.wait(
                attempts, timeout=ATTEMPT_DELAY if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for attempt in ended:
                attempts.discard(attempt)
                try:
                    return attempt.result()
                except OSError as error:
                    failed.append(error)
    finally:
        for attempt in attempts:
            attempt.cancel()
            attempt.add_done_callback(_close_loser)
    raise no_connection(failed)


async def _attempt(info: AddressInfo) -> socket.socket:
    family, kind, protocol, _, address = info
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


def _close_loser(attempt: asyncio.Task[socket.socket]) -> None:
    """Close what was connected although nobody waits for it any more."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().close()


async def _open_tunnel(connection: Connection, request: bytes, opening: Opening) -> None:
    connection.send(request)
    answer = Answer("CONNECT")
    while (body := answer.feed(await connection.receive())) is None:
        pass
    opening.tunnel_opened(body)
