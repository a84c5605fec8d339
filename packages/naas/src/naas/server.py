"""Runs the application on granian, in this process, until SIGINT or SIGTERM.

The listening socket is ours and is handed over: so port 0 works, the port is known, and a port in use is found out
before anything else is started.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import signal
import socket
from typing import TYPE_CHECKING, Any, Final, cast

from granian._granian import SocketHolder
from granian.constants import Interfaces, SSLProtocols
from granian.server.embed import Server

from naas.api.app import create_app
from naas.config.tls import tls_files
from naas.errors import StartError
from naas.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar.types import ASGIApp

    from naas.config import Settings
    from naas.config.tls import TlsFiles

__all__ = ["listen", "serve"]

log = logging.getLogger("naas.server")

_BACKLOG: Final = 1024
# Requests in flight at once, waiting polls among them; granian's own default would be the backlog.
_MOST_REQUESTS: Final = 10_000
# New objects between two looks for cyclic garbage; Python's own 700 are the work of a third of a job. Measured: a
# quarter of the processor time of a job.
_OBJECTS_PER_COLLECTION: Final = 10_000


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on the address; port 0 takes a free one.

    Raises:
        StartError: The address cannot be had; the message says why and what to do.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as exc:
        raise StartError(
            f"cannot listen on {host}: {exc.strerror}; give an address of this machine with --host"
        ) from exc
    listener = socket.socket(family, kind, protocol)
    try:
        # So that a restart need not wait for old connections to time out; it does not share a port with a live server.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as exc:
        listener.close()
        raise StartError(_cannot_listen(host, port, exc)) from exc
    listener.setblocking(False)
    return listener


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        advice = "stop that one, or give --port 0 for a free port"
        return f"cannot listen on {host} port {port}: another program uses it; {advice}"
    if error.errno == errno.EACCES:
        return f"cannot listen on {host} port {port}: not allowed for this user; give a port from 1024 up with --port"
    return f"cannot listen on {host} port {port}: {error.strerror}; give an address of this machine with --host"


class _Server(Server):
    """Granian on a socket that is open already."""

    def __init__(self, listener: socket.socket, app: ASGIApp, tls: TlsFiles | None) -> None:
        host, port = listener.getsockname()[:2]
        super().__init__(
            app,
            host,
            port,
            interface=Interfaces.ASGINL,
            backlog=_BACKLOG,
            backpressure=_MOST_REQUESTS,
            websockets=False,
            log_enabled=False,
            ssl_cert=None if tls is None else tls.certificate,
            ssl_key=None if tls is None else tls.key,
            ssl_protocol_min=SSLProtocols.tls12,  # what clients of v2 were promised
        )
        self._listener = listener

    def leave(self) -> None:
        """Stop accepting; `serve` returns when the requests in flight are answered."""
        self.interrupt_signal = True
        self.main_loop_interrupt.set()

    def _init_shared_socket(self) -> None:
        # The one override: granian would open a socket of its own, with SO_REUSEPORT, and so share a used port.
        # The holder is made as granian's own pickling makes it: descriptor, "is a Unix socket", backlog.
        make_holder = cast("Callable[..., Any]", SocketHolder)
        # Granian closes the descriptor, so it must not be ours any more.
        descriptor = self._listener.detach()
        vars(self).update(_shd=make_holder(descriptor, False, _BACKLOG), _sfd=descriptor)


async def serve(settings: Settings, listener: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; then answer what is waiting, let running jobs end, and return.

    ``ready`` is called with the URL once requests are answered.

    Raises:
        StartError: The store or the key cannot be used.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    with tls_files(settings) as tls:
        async with Runtime(settings) as runtime:
            await _serve(runtime, listener, tls, ready, stopped)


async def _serve(
    runtime: Runtime,
    listener: socket.socket,
    tls: TlsFiles | None,
    ready: Callable[[str], None],
    stopped: asyncio.Event,
) -> None:
    settings = runtime.settings
    url = _url(listener, settings)
    server = _Server(listener, cast("ASGIApp", create_app(runtime)), tls)
    serving = asyncio.create_task(server.serve())
    await asyncio.sleep(0)  # the server takes the socket over in its first step
    _collect_rarely()
    ready(url)
    stopping = asyncio.create_task(stopped.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping")
    stopping.cancel()
    await runtime.answer_waiting_polls()
    server.leave()
    # It returns when the requests in flight are answered; its own failure must not pass for a stop.
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(serving, settings.drain_seconds)


def _collect_rarely() -> None:
    """Leave what lives as long as the process out of the search for garbage, and search for it less often.

    Nearly everything that a request leaves is freed at once, by reference count; the search only finds cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_PER_COLLECTION)


def _url(listener: socket.socket, settings: Settings) -> str:
    address: Any = listener.getsockname()
    host = f"[{address[0]}]" if listener.family == socket.AF_INET6 else address[0]
    return f"{'https' if settings.has_tls else 'http'}://{host}:{address[1]}"
