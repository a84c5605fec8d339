"""urllib3 connections that keep to a deadline.

A socket's timeout counts from one ``recv`` to the next, so a server that drips a byte now and then is never late. Here
the deadline sits below the buffer that header and body are read through, and every wait is measured against it.

How it hangs together: `HTTPConnectionPool.urlopen` passes its ``pool_timeout`` to `_get_conn`, which in a pool that
does not block has no use for it. Our pools get the `Exchange` there and put it on the connection; the connection keeps
to its limits and notes how far it came, which tells afterwards what an error means.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Mapping
from email.errors import FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect
from typing import Any, Final, cast

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from ..rest import Call
from .base import KEEP_ALIVE_SECONDS

__all__ = ["HTTP_POOLS", "Exchange"]

# Big bodies are sent in blocks, so that `read_timeout` asks for progress and not for the whole upload.
_BLOCK: Final = 256 * 1024


_BROKEN_HEADER: Final = (MissingHeaderBodySeparatorDefect, FirstHeaderLineIsContinuationDefect)


class Exchange:
    """One request and its answer on a connection: how long it may take, and how far it came.

    Attributes:
        target: What stands in the request line. urllib3 logs what it is given, so it gets that without the query,
            which may hold a key.
        deadline: When it has to be over, on the call's clock; None means never.
        read_timeout: Seconds that the service may stay silent.
        is_last_wait: Whether the wait under way, or the last one, ends with the deadline and not with a timeout.
        is_reused: Whether the connection had served an earlier request.
        is_connected: Whether there was a connection to send the request on.
        is_sent: Whether the request went out whole.
        has_answer: Whether at least one byte of an answer came.
        has_ended: Whether the other side closed the connection.
    """

    __slots__ = (
        "_clock",
        "deadline",
        "has_answer",
        "has_ended",
        "is_connected",
        "is_last_wait",
        "is_reused",
        "is_sent",
        "read_timeout",
        "target",
    )

    def __init__(self, call: Call, read_timeout: float, target: str = "/") -> None:
        self._clock = call.clock
        self.target = target
        self.deadline = call.deadline
        self.read_timeout = read_timeout
        self.is_last_wait = self.is_reused = self.is_connected = self.is_sent = False
        self.has_answer = self.has_ended = False

    def within(self, seconds: float) -> float:
        """Return how long to wait: ``seconds``, or what the deadline leaves of them.

        Raises:
            TimeoutError: The deadline has passed.
        """
        if self.deadline is None:
            self.is_last_wait = False
            return seconds
        left = self.deadline - self._clock()
        self.is_last_wait = left < seconds
        if left <= 0.0:
            raise TimeoutError("the deadline has passed")
        return left if left < seconds else seconds


# --- reading ---------------------------------------------------------------------------------------------------------


class _UntilDeadline(socket.SocketIO):
    """The raw end of a socket's file, with the exchange's limits on every wait."""

    def __init__(self, sock: socket.socket, exchange: Exchange) -> None:
        super().__init__(sock, "r")
        self._socket = sock
        self._exchange = exchange

    def readinto(self, b: Any) -> int:
        exchange, sock = self._exchange, self._socket
        seconds = exchange.within(exchange.read_timeout)
        if sock.gettimeout() != seconds:  # only then, as setting it is a system call
            sock.settimeout(seconds)
        count = sock.recv_into(b)
        if count:
            exchange.has_answer = True
        else:
            exchange.has_ended = True
        return count


class _Readable:
    """What `http.client` takes for a socket: all that it does with one is to open a file on it."""

    def __init__(self, sock: socket.socket, exchange: Exchange) -> None:
        self._socket = sock
        self._exchange = exchange

    def makefile(self, _mode: str) -> io.BufferedReader:
        if not hasattr(self._socket, "_io_refs"):  # TLS inside TLS, to a proxy: urllib3's own kind of socket
            return self._socket.makefile("rb")
        raw = _UntilDeadline(self._socket, self._exchange)
        self._socket._io_refs += 1  # as socket.makefile does: the last file closes it
        return io.BufferedReader(raw)


class _Response(http.client.HTTPResponse):
    """Mends two things in the standard library's reader: interim answers and headers that break off."""

    def __init__(self, sock: socket.socket, exchange: Exchange, *arguments: Any, **keywords: Any) -> None:
        super().__init__(cast(socket.socket, _Readable(sock, exchange)), *arguments, **keywords)
        self._exchange = exchange

    def begin(self) -> None:
        super().begin()
        # It takes the end of the connection for the end of the header: a 200 without a body comes out of that.
        if self._exchange.has_ended:
            raise http.client.IncompleteRead(b"")
        # It takes a line that is no field for the end of the header, and all the fields below it for body.
        if any(isinstance(defect, _BROKEN_HEADER) for defect in self.msg.defects):
            raise http.client.HTTPException("a line of the header is not a field")

    def _read_status(self) -> tuple[str, int, str]:
        # It swallows 100 but takes 103 for the final answer; RFC 9110, section 15.2: any 1xx may come before that.
        line = self._next_status()
        while 100 < line[1] < 200 and line[1] != 101:
            http.client.parse_headers(self.fp)
            line = self._next_status()
        return line

    def _next_status(self) -> tuple[str, int, str]:
        return cast(Any, super())._read_status()  # type: ignore[no-any-return]  # private, and the same for decades


# --- connections -----------------------------------------------------------------------------------------------------


class _Bounded(HTTPConnection):
    """What our plain and our TLS connections have in common."""

    exchange: Exchange
    used_at = 0.0

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.response_class = self._open_response  # type: ignore[assignment]  # only ever called

    def _open_response(self, sock: socket.socket, *arguments: Any, **keywords: Any) -> http.client.HTTPResponse:
        return _Response(sock, self.exchange, *arguments, **keywords)

    def _new_conn(self) -> socket.socket:
        limit = cast(float, self.timeout)
        self.timeout = self.exchange.within(limit)
        sock = super()._new_conn()
        try:
            sock.settimeout(self.exchange.within(limit))  # for what comes next: the proxy's answer, the TLS handshake
        except TimeoutError:
            sock.close()
            raise
        return sock

    def connect(self) -> None:
        super().connect()
        self.exchange.is_connected = True
        self.exchange.has_answer = False  # what a proxy said is no answer

    def request(self, method: str, url: str, *arguments: Any, **keywords: Any) -> None:
        super().request(method, self.exchange.target, *arguments, **keywords)
        self._response_options = cast(Any, self._response_options)._replace(request_url=url)  # for its log as well

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if not isinstance(data, bytes) or len(data) <= _BLOCK:
            self._send_block(data)
            return
        view = memoryview(data)
        for start in range(0, len(view), _BLOCK):
            self._send_block(view[start : start + _BLOCK])

    def _send_block(self, block: Any) -> None:
        self.sock.settimeout(self.exchange.within(self.exchange.read_timeout))
        super().send(block)

    def getresponse(self) -> Any:
        self.exchange.is_sent = True
        return super().getresponse()


class _PlainConnection(_Bounded):
    pass


class _TlsConnection(_Bounded, HTTPSConnection):
    pass


# --- pools -----------------------------------------------------------------------------------------------------------


class _BoundedPool(HTTPConnectionPool):
    """What our plain and our TLS pools have in common."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = cast(_Bounded, super()._get_conn())
        connection.exchange = exchange = cast(Exchange, timeout)
        now = time.monotonic()
        if not connection.is_closed and now - connection.used_at > KEEP_ALIVE_SECONDS:
            connection.close()
        connection.used_at = now
        exchange.is_reused = exchange.is_connected = not connection.is_closed
        return connection


class _PlainPool(_BoundedPool):
    ConnectionCls: Any = _PlainConnection


class _TlsPool(_BoundedPool, HTTPSConnectionPool):
    ConnectionCls: Any = _TlsConnection


HTTP_POOLS: Final[Mapping[str, type[HTTPConnectionPool]]] = {"http": _PlainPool, "https": _TlsPool}
