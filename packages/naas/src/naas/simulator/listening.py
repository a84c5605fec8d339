"""Where a device listens: taking connections, or refusing them, or leaving them hanging."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Callable
from enum import Enum
from typing import Final

from naas.simulator.device import SimulatedDevice
from naas.simulator.faults import ConnectFault, Faults, is_full

_log = logging.getLogger(__name__)

BACKLOG: Final = 1024  # a burst of connections must not be refused: the tests open hundreds at once
RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset
HELD_CONNECTIONS: Final = 3  # of our own, which fill the queue of a device that hangs


class Stance(Enum):
    """What a device does about connections."""

    TAKING = "taking"
    REFUSING = "refusing"
    HANGING = "hanging"


def _stance(faults: Faults) -> Stance:
    return {ConnectFault.REFUSED: Stance.REFUSING, ConnectFault.HANGING: Stance.HANGING}.get(
        ConnectFault(faults.connect), Stance.TAKING
    )


Speak = Callable[[SimulatedDevice], asyncio.Protocol]


class Listener:
    """The place of one device. Its port stays its own, also while nothing listens there."""

    def __init__(self, device: SimulatedDevice, speak: Speak) -> None:
        self._device = device
        self._speak = speak
        self._server: asyncio.Server | None = None
        self._socket: socket.socket | None = None
        self._held: list[socket.socket] = []
        self._stance = Stance.TAKING
        self._coming_back: asyncio.TimerHandle | None = None
        self.connections: set[asyncio.Transport] = set()

    async def open(self, port: int) -> int:
        """Listen as the faults of the device say; return the port.

        Raises:
            OSError: The port is taken.
        """
        bound = _bound(self._device.host, port)
        self._device.port = bound.getsockname()[1]
        self._stance = _stance(self._device.faults)
        match self._stance:
            case Stance.REFUSING:
                self._socket = bound  # bound and not listening: the system refuses
            case Stance.HANGING:
                self._socket = bound
                self._fill(bound)
            case Stance.TAKING:
                loop = asyncio.get_running_loop()
                self._server = await loop.create_server(lambda: _Gate(self), sock=bound, backlog=BACKLOG)
        return self._device.port

    def _fill(self, bound: socket.socket) -> None:
        """Fill the queue of connections that wait: the system answers no further one."""
        bound.listen(0)
        for _ in range(HELD_CONNECTIONS):
            held = socket.socket(bound.family)
            held.setblocking(False)
            held.connect_ex(bound.getsockname())
            self._held.append(held)

    def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._coming_back is not None:
            self._coming_back.cancel()
        if self._server is not None:
            self._server.close()
            self._server = None
        for one in (*self._held, *((self._socket,) if self._socket else ())):
            one.close()
        self._socket = None
        self._held.clear()
        self.cut()

    def cut(self) -> None:
        """Cut every connection, as a power failure would."""
        for transport in tuple(self.connections):
            transport.abort()

    def change(self) -> None:
        """Listen as the faults say now, or when the device is back from its reload; open connections stay."""
        if self._coming_back is not None or _stance(self._device.faults) == self._stance:
            return
        open_now, self.connections = self.connections, set()
        self.close()
        self.connections = open_now
        self._reopen()

    def restart(self) -> None:
        """Be away, refusing connections, for as long as the device takes to reload."""
        self.close()
        # The port is kept, or somebody else might take it meanwhile.
        self._socket = _bound(self._device.host, self._device.port)
        seconds = self._device.faults.reload_seconds
        self._coming_back = asyncio.get_running_loop().call_later(seconds, self._back)

    def _back(self) -> None:
        self._coming_back = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._reopen()

    def _reopen(self) -> None:
        task = asyncio.get_running_loop().create_task(self.open(self._device.port))
        _running.add(task)
        task.add_done_callback(self._is_back)

    def _is_back(self, task: asyncio.Task[int]) -> None:
        _running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s could not come back: %s", self._device.name, error)

    # What the gate asks

    def admit(self, transport: asyncio.Transport) -> asyncio.Protocol | None:
        """Who speaks on this connection; None is a device that says nothing, or has hung up."""
        device = self._device
        device.counters.connections += 1
        if is_full(device.faults, len(self.connections)):
            device.counters.refused += 1
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            transport.abort()
            return None
        self.connections.add(transport)
        return None if device.faults.connect is ConnectFault.SILENT else self._speak(device)


_running: set[asyncio.Task[int]] = set()


class _Gate(asyncio.Protocol):
    """Stands before a protocol to see its connection come and go."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._transport: asyncio.Transport | None = None
        self._inner: asyncio.Protocol | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._inner = self._listener.admit(transport)
        if self._inner is not None:
            self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._inner is not None:
            self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received() if self._inner is not None else None

    def pause_writing(self) -> None:
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._inner is not None:
            self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._listener.connections.discard(self._transport)
        if self._inner is not None:
            self._inner.connection_lost(exc)


def _bound(host: str, port: int) -> socket.socket:
    """A socket that has its port and does not listen yet."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setblocking(False)
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise OSError(error.errno, f"{host} port {port}: {(error.strerror or str(error)).lower()}") from error
    return bound
