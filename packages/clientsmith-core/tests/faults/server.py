"""A server on loopback that does to a client, connection by connection, what a script says.

Only the standard library, for the benchmarks load it too, in environments without pytest. A script is a sequence of
steps; each connection plays one of its own, the last script serves all further connections.

    READ         read one request whole; if the client has gone, the script is over
    HEAD         read a request's header and leave its body on the wire
    ANY          wait for some bytes, whatever they are
    bytes        are sent
    a number     is a pause in seconds
    a function   takes the last `Received` and returns the bytes to send: an echo
    CLOSE        end the connection in order; the client may go on sending
    RESET        end it with a TCP reset
    DROP         end it at once, both ways, and without the goodbye of TLS

When its script is over, a connection is held, unanswered, until the client ends it, and `Connection.ended` says that
it did: who asks for another answer on it waits in vain, and who forgets to close it is found out.
"""

from __future__ import annotations

import itertools
import os
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

__all__ = [
    "ANY",
    "CLOSE",
    "DROP",
    "HEAD",
    "READ",
    "RESET",
    "Connection",
    "Received",
    "Script",
    "Server",
    "Step",
    "answer",
    "answers",
    "chunked",
    "dripped",
    "endlessly",
]

READ: Final = "read"
HEAD: Final = "head"
ANY: Final = "any"
CLOSE: Final = "close"
RESET: Final = "reset"
DROP: Final = "drop"


@dataclass
class Received:
    """A request as the server saw it; header names in their case, in their order. ``at`` is `time.monotonic`'s."""

    method: str
    target: str
    fields: list[tuple[str, str]]
    connection: int
    body: bytes = b""
    at: float = field(default_factory=time.monotonic)

    @property
    def headers(self) -> dict[str, str]:
        """The header fields by name in lower case."""
        return {name.lower(): value for name, value in self.fields}


Step: TypeAlias = bytes | float | str | Callable[[Received], bytes]
Script: TypeAlias = Iterable[Step]


@dataclass
class Connection:
    """One connection: what came on it, and whether the client has ended it. Numbers count from 1."""

    number: int
    requests: list[Received] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


# --- scripts ---------------------------------------------------------------------------------------------------------


def answer(body: bytes = b"{}", *fields: str, status: str = "200 OK") -> bytes:
    """Return an answer with a length and, by default, a JSON body."""
    head = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def chunked(data: bytes) -> bytes:
    """Return an answer whose body is what stands there, chunk sizes and all."""
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + data


def answers(*given: bytes) -> list[Step]:
    """Return a script that reads a request before each of these answers."""
    return [step for one in given for step in (READ, one)]


def dripped(data: bytes, pause: float) -> list[Step]:
    """Return steps that send a byte, pause, send the next."""
    return [step for byte in data for step in (bytes([byte]), pause)]


@dataclass(frozen=True)
class endlessly:  # a word of the script, so not in capitals
    """Steps that begin again when they are over, for every connection by itself."""

    steps: Sequence[Step]

    def __iter__(self) -> Iterator[Step]:
        return itertools.cycle(self.steps)


# --- the server ------------------------------------------------------------------------------------------------------


class Server:
    """Listens on loopback from its construction on.

    Attributes:
        connections: All that were made so far; `requests` has theirs in the order of arrival.
    """

    def __init__(self, *scripts: Script, tls: ssl.SSLContext | None = None) -> None:
        self._scripts = scripts
        self._tls = tls
        self.connections: list[Connection] = []
        self.requests: list[Received] = []
        self._over = threading.Event()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        """The origin, by name."""
        return f"{'https' if self._tls else 'http'}://localhost:{self.port}"

    def all_ended(self, within: float = 1.0) -> bool:
        """Wait until the client has ended all connections; whether it did."""
        until = time.monotonic() + within
        return all(one.ended.wait(max(0.0, until - time.monotonic())) for one in tuple(self.connections))

    def close(self) -> None:
        """End all connections and all threads."""
        self._over.set()
        for one in [self._listener, *self._sockets]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for one in [self._listener, *self._sockets]:
            one.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            script = self._scripts[min(len(self.connections), len(self._scripts) - 1)]
            connection = Connection(len(self.connections) + 1)
            self.connections.append(connection)
            self._sockets.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock, script, connection), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, script: Script, connection: Connection) -> None:
        try:
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True)
                self._sockets.append(sock)
            with sock.makefile("rb") as stream:
                if self._play(sock, stream, script, connection):
                    while stream.read1(65536):  # hold it until the client ends it
                        pass
        except OSError:
            pass  # that is an end, too
        finally:
            connection.ended.set()
            sock.close()

    def _play(self, sock: socket.socket, stream: Any, script: Script, connection: Connection) -> bool:
        """Carry out a script; whether there still is a connection."""
        received: Received | None = None
        for step in script:
            if isinstance(step, bytes):
                sock.sendall(step)
            elif isinstance(step, int | float):
                if self._over.wait(step):
                    return False
            elif callable(step):
                assert received is not None, "nothing was read that could be answered"
                sock.sendall(step(received))
            elif step == CLOSE:
                end_in_order(sock)
            elif step == RESET:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                os.close(sock.detach())
                return False
            elif step == DROP:
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
                return False
            elif step == ANY:
                stream.read1(65536)
            else:
                received = read_request(stream, connection.number, whole=step == READ)
                if received is None:
                    return False
                connection.requests.append(received)
                self.requests.append(received)
        return True


def end_in_order(sock: socket.socket) -> None:
    """Say goodbye, of TLS too, and go on listening."""
    if isinstance(sock, ssl.SSLSocket):
        sock.settimeout(0.0)  # to say it is enough, whatever the client answers
        # Not `unwrap`, which would wait for the client's goodbye. None: the test is over, and closed it under our hands.
        tls: Any = sock._sslobj  # type: ignore[attr-defined]
        with suppress(OSError):
            if tls is not None:
                tls.shutdown()
        sock.settimeout(None)
    socket.socket.shutdown(sock, socket.SHUT_WR)  # an SSLSocket's own would take what comes next for plain text


def read_request(stream: Any, connection: int, *, whole: bool = True) -> Received | None:
    """Read one request, or its header alone; None at the end of the connection."""
    line = stream.readline().decode("latin-1").split()
    if len(line) != 3:
        return None
    fields: list[tuple[str, str]] = []
    while (raw := stream.readline().decode("latin-1").rstrip("\r\n")) != "":
        name, _, value = raw.partition(":")
        fields.append((name, value.strip()))
    received = Received(line[0], line[1], fields, connection)
    if whole:
        received.body = _body_of(received, stream)
    return received


def _body_of(received: Received, stream: Any) -> bytes:
    if "chunked" not in received.headers.get("transfer-encoding", ""):
        return bytes(stream.read(int(received.headers.get("content-length", 0))))
    body = b""
    while (size := int(stream.readline().strip() or b"0", 16)) > 0:
        body += stream.read(size)
        stream.readline()
    stream.readline()
    return body
