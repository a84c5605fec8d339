"""aiohttp's connections, used without its session: what travels on one is written here and read by aiohttp's parser.

Of aiohttp stay the connector (pool, names, happy eyeballs, TLS, proxies) and the protocol with its parser. A session
adds what is ours to do or nobody's here (redirects, cookies, sending twice, proxies of the environment, tracing), for
as much again as the exchange itself costs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable
from functools import partial
from typing import Any, Final, cast

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.helpers import TimerNoop
from aiohttp.http import HttpVersion11
from aiohttp.http_exceptions import HttpProcessingError

from .._body import AsyncChunks
from ..base import HEADER_LINE_LIMIT, KEEP_ALIVE_SECONDS

__all__ = ["Connector", "Exchange", "Handler"]

# Big bodies are sent in blocks, between which others have their turn.
_BLOCK: Final = 256 * 1024

_NO_TIMER: Final = TimerNoop()


class Handler(ResponseHandler):
    """A connection that knows how often it was used, and whether and when something came after the last request.

    ``heard_at`` is on the event loop's clock: when a byte came, or a part of a long body went out.
    """

    uses = 0
    is_idle = False
    has_answer = False
    heard_at = 0.0

    def begin(self) -> None:
        """Note that another request is about to be sent."""
        self.uses += 1
        self.is_idle = self.has_answer = False
        self.heard_at = self._loop.time()

    def data_received(self, data: bytes) -> None:
        if self.is_idle and data:  # nobody has asked, and the next who does must not take it for his answer
            self.close()
            return
        self.has_answer = True
        self.heard_at = self._loop.time()
        super().data_received(data)

    def close(self) -> None:
        # A transport that closes in order waits: for a server that does not read until all is sent, for one that does
        # not say goodbye to TLS half a minute.
        self.abort()

    def keep(self) -> None:
        """Use the connection again although the parser would not."""
        self._should_close = False

    async def write(self, data: bytes | memoryview) -> None:
        """Send bytes and wait until there is room for more.

        Raises:
            ClientConnectionResetError: The connection is lost.
        """
        if self.transport is not None:
            self.transport.write(data)
        await self._drain_helper()
        self.heard_at = self._loop.time()


class Connector(aiohttp.TCPConnector):
    """aiohttp's connection pool, of our kind of connections."""

    def __init__(self, max_connections: int) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]  # one parameter's type is not written out
            limit=max_connections, keepalive_timeout=KEEP_ALIVE_SECONDS
        )
        self._factory = partial(Handler, loop=self._loop)  # type: ignore[assignment]  # partial is not covariant

    @property
    def is_full(self) -> bool:
        """Whether all the connections that there may be are in use."""
        return len(self._acquired) >= self.limit

    async def open(self, probe: aiohttp.ClientRequest, timeout: aiohttp.ClientTimeout) -> Connection:
        """Return a connection, of the pool or new.

        Raises:
            ClientError: There is none to be had; `ConnectionTimeoutError` if it took too long.
        """
        try:
            return await self.connect(probe, [], timeout)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError from error

    def _close(self, *, abort_ssl: bool = False) -> list[Awaitable[object]]:
        # TCPConnector's own cancels the look-ups of names, and with them tasks that nobody has cancelled; one that had
        # not begun yet leaves those who wait for it waiting for ever.
        return aiohttp.BaseConnector._close(self, abort_ssl=abort_ssl)


class Exchange:
    """One request and its answer on a connection, which it gives back when the answer was read to its end.

    Attributes:
        handler: The connection.
        content: The body of the answer, once there is one.
    """

    __slots__ = ("_connection", "_has_body", "_writing", "content", "handler")

    content: aiohttp.StreamReader

    def __init__(self, connection: Connection, *, has_body: bool) -> None:
        self._connection: Connection | None = connection
        self._has_body = has_body
        self._writing: asyncio.Task[None] | None = None
        self.handler = handler = cast(Handler, connection.protocol)
        handler.begin()
        handler.set_response_params(
            timer=_NO_TIMER,
            skip_payload=not has_body,
            read_until_eof=True,
            auto_decompress=False,
            max_line_size=HEADER_LINE_LIMIT,
            max_field_size=HEADER_LINE_LIMIT,
        )

    def send(self, data: bytes) -> None:
        """Send a request that goes out in one piece."""
        transport = self.handler.transport
        if transport is None:
            raise aiohttp.ServerDisconnectedError
        transport.write(data)

    def send_long(self, head: bytes, body: bytes | AsyncChunks) -> None:
        """Begin to send a request that takes longer: the answer may come while its body is on the way."""
        pieces = body if isinstance(body, AsyncChunks) else _blocks(body)
        is_chunked = isinstance(body, AsyncChunks) and body.length is None
        self._writing = asyncio.create_task(self._write(head, pieces, is_chunked=is_chunked))
        self._writing.add_done_callback(self._written)

    async def _write(self, head: bytes, pieces: AsyncIterable[bytes | memoryview], *, is_chunked: bool) -> None:
        await self.handler.write(head)
        async for piece in pieces:
            if piece and is_chunked:
                await self.handler.write(b"%x\r\n%b\r\n" % (len(piece), bytes(piece)))  # an empty one would be the last
            elif piece:
                await self.handler.write(piece)
        if is_chunked:
            await self.handler.write(b"0\r\n\r\n")

    def _written(self, writing: asyncio.Task[None]) -> None:
        # A connection that is lost is told by reading, which knows more. What else goes wrong is the caller's own.
        error = None if writing.cancelled() else writing.exception()
        if error is not None and not isinstance(error, aiohttp.ClientConnectionResetError):
            self.handler.set_exception(error)

    async def receive(self) -> Any:
        """Return the header of the final answer; 1xx may come before it (RFC 9110, section 15.2)."""
        message, content = await self.handler.read()
        while 100 <= message.code < 200 and message.code != 101:
            message, content = await self.handler.read()
        if message.code < 100:
            raise HttpProcessingError(message=f"its status is {message.code:03}")
        if message.should_close and not self._has_body and _may_stay_open(message):
            self.handler.keep()
        self.content = content
        content.on_eof(self._end)
        return message

    def _end(self) -> None:
        """Give the connection back: the answer was read to its end."""
        if self._connection is None:
            return
        if self._writing is not None and not self._writing.done():  # answered before all was said
            self.abandon()
            return
        self.handler.is_idle = True
        self._connection.release()
        self._connection = None

    def abandon(self) -> None:
        """Close the connection; does nothing once it was given back."""
        if self._writing is not None:
            self._writing.cancel()
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _may_stay_open(message: Any) -> bool:
    """Whether the answer to HEAD leaves the connection open. The parser takes one without a length for one whose body
    ends with the connection, as it does not know that there is none.
    """
    return bool(message.version >= HttpVersion11) and "close" not in message.headers.get("Connection", "").lower()


async def _blocks(body: bytes) -> AsyncIterator[memoryview]:
    view = memoryview(body)
    for start in range(0, len(view), _BLOCK):
        yield view[start : start + _BLOCK]
