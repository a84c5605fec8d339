"""The fence around a package that is driven: it reaches the scripted server and its own folder, and nothing else.

It keeps a library honest by itself; it is no prison for code that means harm, which an operating system has to hold.
Every connection, whatever its address, leads to the scripted server, in the clear: what would have been TLS is noted.
Waiting costs no time: sleeps are noted and the clocks go forward by them.
"""

# What is looked at here is of types that nobody knows before.
# pyright: basic

from __future__ import annotations

import asyncio
import importlib.util
import os
import socket
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from .server import ScriptedServer

__all__ = ["Fence", "Stopped"]

_MOST_SECONDS: Final = 30 * 86_400.0  # of virtual time in one call: who waits longer waits forever
_FORBIDDEN: Final = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.kill")
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Stopped(BaseException):
    """The call was given up: it went on without an end."""


class Fence:
    """What a package can reach.

    Attributes:
        waits: Every sleep since they were last cleared, in seconds.
    """

    def __init__(self, server: ScriptedServer, folder: Path) -> None:
        self._server, self._folder = server, os.path.realpath(folder)
        self._passed = 0.0
        self._is_up = False
        self.waits: list[float] = []

    def put_up(self) -> None:
        """Put the fence up, before anything of the package is imported."""
        self._time()
        self._sockets()
        self._tls()
        sys.addaudithook(self._audit)
        self._is_up = True

    # --- time ---

    def _time(self) -> None:
        real_time, real_monotonic, real_sleep = time.time, time.monotonic, asyncio.sleep

        def wait(seconds: Any) -> None:
            self.waits.append(max(0.0, float(seconds)))
            self._passed += self.waits[-1]
            if sum(self.waits) > _MOST_SECONDS or len(self.waits) > 10_000:
                raise Stopped(f"it waits for ever: {len(self.waits)} times so far")

        async def wait_async(delay: float, result: Any = None) -> Any:
            if delay > 0:
                wait(delay)
            await real_sleep(0)
            return result

        time.sleep = wait
        time.time = lambda: real_time() + self._passed
        time.monotonic = lambda: real_monotonic() + self._passed
        asyncio.sleep = wait_async
        asyncio.tasks.sleep = wait_async

    # --- sockets ---

    def _sockets(self) -> None:
        real_connect = socket.socket.connect
        server = self._server

        def connect(self: socket.socket, _address: Any) -> None:
            if (
                self.family not in (socket.AF_INET, socket.AF_INET6)
                or self.type & socket.SOCK_DGRAM == socket.SOCK_DGRAM
            ):
                raise PermissionError(1, "no network while a package is driven")
            if server.refuses():
                raise ConnectionRefusedError(111, "Connection refused")
            real_connect(self, ("127.0.0.1", server.port))

        def connect_ex(self: socket.socket, address: Any) -> int:
            try:
                connect(self, address)
            except OSError as error:
                return error.errno or 111
            return 0

        def found(_host: Any, port: Any, *_more: Any, **_options: Any) -> list[Any]:
            number = int(port) if str(port or "").isdigit() else 443
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", number))]

        socket.socket.connect = connect  # type: ignore[method-assign,assignment]
        socket.socket.connect_ex = connect_ex  # type: ignore[method-assign,assignment]
        socket.getaddrinfo = found  # type: ignore[assignment]
        socket.gethostbyname = lambda *_: "127.0.0.1"

    # --- TLS ---

    def _tls(self) -> None:
        secure = self._server.secure_ports

        def in_the_clear(_context: Any, sock: socket.socket, *_more: Any, **_options: Any) -> socket.socket:
            secure.add(sock.getsockname()[1])
            timeout = sock.gettimeout()
            clear = ClearSocket(fileno=sock.detach())
            clear.settimeout(timeout)
            return clear

        real_connection = asyncio.BaseEventLoop.create_connection

        async def create_connection(loop: Any, *arguments: Any, **options: Any) -> Any:
            is_secure = bool(options.pop("ssl", None))
            for name in ("server_hostname", "ssl_handshake_timeout", "ssl_shutdown_timeout"):
                options.pop(name, None)
            transport, protocol = await real_connection(loop, *arguments, **options)
            if is_secure:
                secure.add(transport.get_extra_info("sockname")[1])
            return transport, protocol

        async def start_tls(_loop: Any, transport: Any, *_more: Any, **_options: Any) -> Any:
            secure.add(transport.get_extra_info("sockname")[1])
            return transport

        ssl.SSLContext.wrap_socket = in_the_clear  # type: ignore[method-assign,assignment]
        # Reading the certificates of the system takes longer than a call, and nobody looks at them here.
        ssl.SSLContext.load_verify_locations = lambda *_, **__: None  # type: ignore[method-assign]
        ssl.SSLContext.load_default_certs = lambda *_, **__: None  # type: ignore[method-assign]
        asyncio.BaseEventLoop.create_connection = create_connection  # type: ignore[method-assign,assignment]
        asyncio.BaseEventLoop.start_tls = start_tls  # type: ignore[method-assign,assignment]

    def after_import(self) -> None:
        """Take TLS out of libraries that bring their own way to it, now that they are there."""
        if {"httpx", "httpcore", "anyio"} & sys.modules.keys() and importlib.util.find_spec("anyio") is not None:
            anyio = importlib.import_module("anyio.streams.tls")
            secure = self._server.secure_ports

            async def wrap(_cls: Any, /, stream: Any, **_options: Any) -> Any:
                sock = stream.extra_attributes.get(sys.modules["anyio.abc"].SocketAttribute.local_port)
                if sock is not None:
                    secure.add(sock())
                return stream

            anyio.TLSStream.wrap = classmethod(wrap)

    # --- programs and files ---

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._is_up:
            return
        if event in _FORBIDDEN:
            raise PermissionError(1, "no other programs while a package is driven")
        if event == "open" and self._is_foreign(arguments):
            raise PermissionError(13, f"outside the temporary folder nothing is written: {arguments[0]}")

    def _is_foreign(self, arguments: tuple[Any, ...]) -> bool:
        path, _, flags = arguments
        if not isinstance(path, str | bytes) or not (flags or 0) & _WRITING:
            return False
        real = os.path.realpath(os.fsdecode(path))
        return real != os.devnull and not real.startswith(self._folder + os.sep)


def _says(answer: Any) -> Callable[..., Any]:
    return lambda *_arguments, **_options: answer


class ClearSocket(socket.socket):
    """A socket that says of itself what libraries ask one that speaks TLS."""

    getpeercert = _says({})
    version = _says("TLSv1.3")
    cipher = _says(("TLS_AES_256_GCM_SHA384", "TLSv1.3", 256))
    selected_alpn_protocol = _says(None)
    selected_npn_protocol = _says(None)
    compression = _says(None)
    do_handshake = _says(None)
    pending = _says(0)
    server_hostname = "service.test"

    def unwrap(self) -> socket.socket:
        return self
