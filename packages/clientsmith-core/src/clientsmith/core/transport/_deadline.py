"""How long one exchange may take: a deadline below the buffer that header and body are read through.

A socket's timeout counts from one ``recv`` to the next, so a server that drips a byte now and then is never late. Here
every single wait is measured against the deadline.

How it hangs together: `HTTPConnectionPool.urlopen` passes its ``pool_timeout`` to `_get_conn`, which in a pool that
does not block has no use for it. Our pools (see `requests.connection`) get the `Exchange` there and put it on the
connection; the connection keeps to its limits and notes how far it came, which tells afterwards what an error means.
"""

from __future__ import annotations

import io
import socket
from typing import Any

from ..rest import Call

__all__ = ["Exchange", "Readable"]


class Exchange:
    """One request and its answer on a connection: how long it may take, and how far it came.

    Attributes:
        target: What stands in the request line. urllib3 logs what it is given, so it gets that without the query,
            which may hold a key.
        deadline: When it has to be over, on the call's clock; None means never.
        connect_timeout: Seconds that connecting may take.
        read_timeout: Seconds that the service may stay silent.
        is_last_wait: Whether the wait under way, or the last one, ends with the deadline and not with a timeout.
        is_reused: Whether the connection had served an earlier request.
        is_connected: Whether there was a connection to send the request on.
        is_sent: Whether the request went out whole.
        has_answer: Whether at least one byte of an answer came.
        fields: The header fields of the answer as they came, decoded as Latin-1.
        coding: What its body is compressed with, in lower case; b"" if it is not.
    """

    __slots__ = (
        "_clock",
        "coding",
        "connect_timeout",
        "deadline",
        "fields",
        "has_answer",
        "is_connected",
        "is_last_wait",
        "is_reused",
        "is_sent",
        "read_timeout",
        "target",
    )

    def __init__(self, call: Call, connect_timeout: float, read_timeout: float, target: str = "/") -> None:
        self._clock = call.clock
        self.target = target
        self.deadline: float | None = call.deadline
        self.connect_timeout = connect_timeout
        self.read_timeout = read_timeout
        self.is_last_wait = self.is_reused = self.is_connected = self.is_sent = self.has_answer = False
        self.fields: list[tuple[str, str]] = []
        self.coding = b""

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
        return count


class Readable:
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
