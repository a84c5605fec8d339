"""urllib3 connections and pools that keep to a deadline, and write and read HTTP/1.1 headers by themselves.

Of urllib3 stay the pools, TLS, proxies and SOCKS; of `http.client` the reading of bodies. What is replaced is what
costs most and promises least: `putheader` checks each field once more that `Headers` has checked already, and the
header of an answer goes through the mail parser (see `answer`).
"""

from __future__ import annotations

import queue
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final, cast

from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from .._body import head_of
from .._deadline import Exchange
from ..base import KEEP_ALIVE_SECONDS
from .answer import Answer

__all__ = ["HTTP_POOLS", "socks_pools"]

# Big bodies are sent in blocks, so that `read_timeout` asks for progress and not for the whole upload.
_BLOCK: Final = 256 * 1024

# A body of this size goes out in one piece with its header: one packet less, and one system call.
_SHORT: Final = 16 * 1024


# --- connections -----------------------------------------------------------------------------------------------------


class _Bounded(HTTPConnection):
    """What all our connections have in common."""

    exchange: Exchange
    used_at = 0.0
    _answer: Answer | None = None
    _method: str

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.response_class = self._open_answer  # type: ignore[assignment]  # only ever called: for a proxy's answer

    def _open_answer(self, sock: socket.socket, **keywords: Any) -> Answer:
        return Answer(sock, self.exchange, **keywords)

    def _new_conn(self) -> socket.socket:
        limit = self.exchange.connect_timeout
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
        if isinstance(self.sock, ssl.SSLSocket):
            # Who ends without TLS's goodbye may have been cut short by anybody. (The stubs leave the attribute out.)
            cast(Any, self.sock).suppress_ragged_eofs = False
        self.exchange.is_connected = True
        self.exchange.has_answer = False  # what a proxy said is no answer

    def request(  # type: ignore[override]  # urllib3's own differs from http.client's in the same way
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **_options: Any,
    ) -> None:
        """Write the request. ``headers`` are those that are sent, all of them, checked by `Headers`."""
        self._method = method
        head = head_of(method, self.exchange.target, headers or {})
        if body is None:
            self.send(head)
        elif isinstance(body, bytes):
            if len(body) <= _SHORT:
                self.send(head + body)
            else:
                self.send(head)
                self.send(body)
        else:
            self.send(head)
            self._send_pieces(body, is_chunked="Transfer-Encoding" in (headers or {}))

    def _send_pieces(self, pieces: Iterable[bytes], *, is_chunked: bool) -> None:
        for piece in pieces:
            if piece and is_chunked:
                self.send(b"%x\r\n%b\r\n" % (len(piece), piece))  # an empty chunk would be the last one
            elif piece:
                self.send(piece)
        if is_chunked:
            self.send(b"0\r\n\r\n")

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if len(data) <= _BLOCK:
            self._send_block(data)
            return
        view = memoryview(data)
        for start in range(0, len(view), _BLOCK):
            self._send_block(view[start : start + _BLOCK])

    def _send_block(self, block: Any) -> None:
        seconds = self.exchange.within(self.exchange.read_timeout)
        if self.sock.gettimeout() != seconds:  # only then, as setting it is a system call
            self.sock.settimeout(seconds)
        self.sock.sendall(block)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3's
        self.exchange.is_sent = True
        answer = Answer(self.sock, self.exchange, method=self._method)
        try:
            answer.begin()
        except BaseException:
            answer.close()
            raise
        if answer.will_close:
            self.close()  # the socket itself stays open until the answer is read
        else:
            self._answer = answer
        return HTTPResponse(
            body=cast(Any, answer),
            headers=answer.framing,
            status=answer.status,
            version=answer.version,
            version_string="HTTP/1.1" if answer.version == 11 else "HTTP/1.0",
            reason=answer.reason,
            preload_content=False,
            decode_content=False,
            original_response=answer,
            request_method=self._method,
        )

    def close(self) -> None:
        super().close()
        answer, self._answer = self._answer, None
        if answer is not None:  # its file keeps the socket open
            answer.close()


class _PlainConnection(_Bounded):
    pass


class _TlsConnection(_Bounded, HTTPSConnection):
    pass


# --- pools -----------------------------------------------------------------------------------------------------------


class _Timeless:
    """The timeout of a pool whose connections look after time themselves; urllib3 copies its own twice a call."""

    connect_timeout = read_timeout = None

    def start_connect(self) -> float:
        return 0.0


_TIMELESS: Final = _Timeless()


class _BoundedPool(HTTPConnectionPool):
    """What all our pools have in common."""

    def _get_timeout(self, timeout: Any) -> Any:
        return _TIMELESS

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = cast(_Bounded, super()._get_conn())
        connection.exchange = exchange = cast(Exchange, timeout)
        now = time.monotonic()
        if not connection.is_closed and now - connection.used_at > KEEP_ALIVE_SECONDS:
            connection.close()
        connection.used_at = now
        exchange.is_reused = exchange.is_connected = not connection.is_closed
        return connection

    def _put_conn(self, conn: Any) -> None:
        # urllib3 does the same, and warns of it: but a surplus connection is nobody's mistake, see `max_connections`.
        pool = self.pool
        if pool is not None:
            with suppress(queue.Full):
                pool.put(conn, block=False)
                return
        if conn is not None:
            conn.close()


class _PlainPool(_BoundedPool):
    ConnectionCls: Any = _PlainConnection


class _TlsPool(_BoundedPool, HTTPSConnectionPool):
    ConnectionCls: Any = _TlsConnection


HTTP_POOLS: Final[Mapping[str, type[HTTPConnectionPool]]] = {"http": _PlainPool, "https": _TlsPool}


def socks_pools() -> Mapping[str, type[HTTPConnectionPool]]:
    """Return the pools for a SOCKS proxy; needs PySocks.

    Raises:
        ImportError: PySocks is not installed.
    """
    from urllib3.contrib import socks  # who has no such proxy need not have it

    class PlainConnection(_Bounded, socks.SOCKSConnection):  # pyright: ignore[reportIncompatibleMethodOverride]
        pass

    class TlsConnection(_Bounded, socks.SOCKSHTTPSConnection):  # pyright: ignore[reportIncompatibleMethodOverride]
        pass

    class PlainPool(_BoundedPool, socks.SOCKSHTTPConnectionPool):
        ConnectionCls: Any = PlainConnection

    class TlsPool(_BoundedPool, socks.SOCKSHTTPSConnectionPool):
        ConnectionCls: Any = TlsConnection

    return {"http": PlainPool, "https": TlsPool}
