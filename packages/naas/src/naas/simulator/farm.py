"""Many fake devices in one process: listening, logging in, counting.

One event loop serves all of them; a session costs some tens of kilobytes and a login about 2.5 ms of CPU (measured),
so fifty devices are nothing and a thousand are possible.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import cache
from types import TracebackType

import asyncssh

from naas.simulator.device import Device, SimulatedDevice
from naas.simulator.platforms import PLATFORMS
from naas.simulator.terminal import Terminal

BACKLOG = 1024  # a burst of connections must not be refused: the tests open hundreds at once
PIECE_SECONDS = 0.001  # between two pieces of what a device with `piece_characters` prints


class DeviceFarm:
    """Runs devices while it is open: ``async with DeviceFarm([...]) as farm``, then ``farm.devices[i].port``.

    Everything listens on loopback unless ``allow_remote``: the passwords of fake devices are no secrets.

    Raises:
        ValueError: a platform nobody simulates, or an address outside loopback without ``allow_remote``.
        OSError: a port is taken.
    """

    def __init__(self, devices: Sequence[Device], *, host: str = "127.0.0.1", allow_remote: bool = False) -> None:
        for device in devices:
            _require_platform(device.platform)
            if not allow_remote:
                _require_loopback(device.host or host)
        self._specs = tuple(devices)
        self._host = host
        self._listeners: list[asyncssh.SSHAcceptor] = []
        self._sessions: set[asyncssh.SSHServerConnection] = set()
        self.devices: tuple[SimulatedDevice, ...] = ()
        """The devices that are up, in the order given; empty until the farm is open."""

    async def __aenter__(self) -> DeviceFarm:
        try:
            self.devices = tuple([await self._listen(spec) for spec in self._specs])
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    def drop_connections(self) -> None:
        """Cut every SSH connection, as a power failure would. The devices stay up and take new ones.

        Call it on the farm's own loop; from a thread, through ``RunningFarm.drop_connections``.
        """
        for session in tuple(self._sessions):
            session.abort()

    async def _listen(self, spec: Device) -> SimulatedDevice:
        host = spec.host or self._host
        device = SimulatedDevice(spec=spec, host=host, port=0, hostname=spec.name)
        listener = await asyncssh.listen(
            host,
            spec.port or 0,
            server_factory=lambda: _Server(device, self._sessions),
            server_host_keys=[_host_key()],
            line_editor=False,  # the terminal does its own echo
            encoding="utf-8",
            errors="replace",
            backlog=BACKLOG,
            login_timeout=60,
        )
        self._listeners.append(listener)
        device.port = listener.get_port()
        return device

    async def _stop(self) -> None:
        for listener in self._listeners:
            listener.close()
        self.drop_connections()
        for listener in self._listeners:
            await listener.wait_closed()
        self._listeners.clear()


class RunningFarm:
    """A farm with its own thread, for code that is not asynchronous. Made by :func:`running_farm`."""

    def __init__(self, farm: DeviceFarm, loop: asyncio.AbstractEventLoop) -> None:
        self._farm = farm
        self._loop = loop

    @property
    def devices(self) -> tuple[SimulatedDevice, ...]:
        """The devices, in the order given. Read their counters freely; the farm's thread writes them."""
        return self._farm.devices

    def drop_connections(self) -> None:
        """Cut every SSH connection, as a power failure would; returns when they are cut."""

        async def drop() -> None:
            self._farm.drop_connections()

        asyncio.run_coroutine_threadsafe(drop(), self._loop).result(timeout=10)


@contextmanager
def running_farm(
    devices: Sequence[Device], *, host: str = "127.0.0.1", allow_remote: bool = False
) -> Generator[RunningFarm]:
    """Run devices in a thread of their own until the block ends.

    Raises:
        ValueError, OSError: as :class:`DeviceFarm` does, before the block starts.
    """
    farm = DeviceFarm(devices, host=host, allow_remote=allow_remote)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="device-farm", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(farm.__aenter__(), loop).result()
        try:
            yield RunningFarm(farm, loop)
        finally:
            asyncio.run_coroutine_threadsafe(farm.__aexit__(None, None, None), loop).result(timeout=30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)
        loop.close()


class _Server(asyncssh.SSHServer):
    """One SSH connection: who may come in."""

    def __init__(self, device: SimulatedDevice, sessions: set[asyncssh.SSHServerConnection]) -> None:
        self._device = device
        self._sessions = sessions
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._device.counters.connections += 1
        self._connection = conn
        self._sessions.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._sessions.discard(self._connection)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        spec = self._device.spec
        # Both are compared always, and in constant time: a fake device should not teach bad habits.
        user_matches = hmac.compare_digest(username.encode(), spec.username.encode())
        accepted = hmac.compare_digest(password.encode(), spec.password.encode()) and user_matches
        if accepted:
            self._device.counters.logins += 1
        else:
            self._device.counters.failed_logins += 1
        return accepted

    def session_requested(self) -> asyncssh.SSHServerSession[str]:
        return _Session(self._device)


class _Session(asyncssh.SSHServerSession[str]):
    """One shell channel: carries keys to the terminal and text back."""

    def __init__(self, device: SimulatedDevice) -> None:
        self._device = device
        self._channel: asyncssh.SSHServerChannel[str] | None = None
        self._terminal: Terminal | None = None
        self._pieces: deque[str] = deque()

    def connection_made(self, chan: asyncssh.SSHServerChannel[str]) -> None:
        self._channel = chan
        counters = self._device.counters
        counters.open_sessions += 1
        counters.most_open_sessions = max(counters.most_open_sessions, counters.open_sessions)

    def connection_lost(self, exc: Exception | None) -> None:
        self._channel = None
        self._device.counters.open_sessions -= 1

    def shell_requested(self) -> bool:
        return True

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:
        return True

    def session_started(self) -> None:
        shell = PLATFORMS[self._device.platform](self._device)
        self._terminal = Terminal(shell, write=self._write, call_later=_call_later, hang_up=self._hang_up)
        self._terminal.start()

    def data_received(self, data: str, datatype: asyncssh.DataType) -> None:
        if self._terminal is not None:
            self._terminal.receive(data)

    def eof_received(self) -> bool:
        return False

    def _write(self, text: str) -> None:
        size = self._device.spec.piece_characters
        if size is None:
            self._send(text)
            return
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        if not self._pieces:
            asyncio.get_running_loop().call_later(PIECE_SECONDS, self._send_piece)
        self._pieces.extend(pieces)

    def _send_piece(self) -> None:
        self._send(self._pieces.popleft())
        if self._pieces:
            asyncio.get_running_loop().call_later(PIECE_SECONDS, self._send_piece)

    def _send(self, text: str) -> None:
        # The client may have gone while the device was thinking.
        if self._channel is not None and not self._channel.is_closing():
            self._channel.write(text)  # pyright: ignore[reportUnknownMemberType] - not typed in asyncssh

    def _hang_up(self) -> None:
        if self._channel is not None:
            self._channel.exit(0)


def _call_later(seconds: float, done: Callable[[], None]) -> object:
    return asyncio.get_running_loop().call_later(seconds, done)


@cache
def _host_key() -> asyncssh.SSHKey:
    """The host key of every device of this process; made once, kept nowhere."""
    return asyncssh.generate_private_key("ssh-ed25519")  # pyright: ignore[reportUnknownMemberType] - untyped **kwargs


def _require_platform(platform: str) -> None:
    if platform not in PLATFORMS:
        raise ValueError(f"nobody simulates the platform {platform!r}; choose one of {', '.join(sorted(PLATFORMS))}")


def _require_loopback(host: str) -> None:
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = host == "localhost"
    if not is_loopback:
        raise ValueError(
            f"{host} is not a loopback address: simulated devices have well-known passwords, so other machines "
            "reach them only with allow_remote (on the command line: --allow-remote)"
        )
