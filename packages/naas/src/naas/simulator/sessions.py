"""Sessions on the wire: who may come in, the pace at which a device prints, and SSH. Telnet is a module of its own."""

from __future__ import annotations

import asyncio
import hmac
from collections import deque
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Final

import asyncssh

from naas.simulator.device import SimulatedDevice
from naas.simulator.families import shell_of
from naas.simulator.faults import ConnectFault, login_is_refused
from naas.simulator.terminal import Terminal

PIECE_SECONDS: Final = 0.001  # between two pieces of what a device with `piece_characters` prints
PACE_SECONDS: Final = 0.05  # between two pieces of what a device with `bytes_per_second` prints
LOGIN_SECONDS: Final = 60  # as IOS: who has not logged in by then is put out


def is_login(device: SimulatedDevice, username: str, password: str) -> bool:
    """Whether the device lets this user in now. Counts."""
    spec = device.spec
    # Both are compared always, and in constant time: a fake device should not teach bad habits.
    user_matches = hmac.compare_digest(username.encode(), spec.username.encode())
    accepted = hmac.compare_digest(password.encode(), spec.password.encode()) and user_matches
    if accepted and login_is_refused(device.faults, device.refused_logins, device.die):
        device.refused_logins += 1
        accepted = False
    if accepted:
        device.counters.logins += 1
    else:
        device.counters.failed_logins += 1
    return accepted


class Output:
    """What a device prints, at its pace: at once, in pieces, or so many bytes a second."""

    def __init__(self, device: SimulatedDevice, send: Callable[[str], None]) -> None:
        spec = device.spec
        self._send = send
        self._seconds = PIECE_SECONDS if spec.piece_characters else PACE_SECONDS
        per_second = spec.bytes_per_second
        self._size = spec.piece_characters or (max(1, int(per_second * PACE_SECONDS)) if per_second else None)
        self._pieces: deque[str] = deque()
        self._then: Callable[[], None] | None = None

    def write(self, text: str) -> None:
        """Print ``text``, behind what is still being printed."""
        size = self._size
        if size is None:
            self._send(text)
            return
        if not self._pieces:
            asyncio.get_running_loop().call_later(self._seconds, self._next)
        self._pieces.extend(text[start : start + size] for start in range(0, len(text), size))

    def when_done(self, then: Callable[[], None]) -> None:
        """Do this once everything is printed."""
        if self._pieces:
            self._then = then
        else:
            then()

    def _next(self) -> None:
        self._send(self._pieces.popleft())
        if self._pieces:
            asyncio.get_running_loop().call_later(self._seconds, self._next)
        elif self._then is not None:
            self._then()


class Session:
    """One user at one terminal, whatever carries the keys: counts itself in and out."""

    def __init__(
        self,
        device: SimulatedDevice,
        *,
        send: Callable[[str], None],
        hang_up: Callable[[], None],
        cut: Callable[[], None],
    ) -> None:
        self._device = device
        output = Output(device, send)
        self._shell = shell_of(device)
        self.terminal = Terminal(
            self._shell,
            write=output.write,
            call_later=asyncio.get_running_loop().call_later,
            hang_up=lambda: output.when_done(hang_up),
            cut=lambda: output.when_done(cut),
        )
        self._hang_up = hang_up
        self._idle: asyncio.TimerHandle | None = None
        counters = device.counters
        counters.open_sessions += 1
        counters.most_open_sessions = max(counters.most_open_sessions, counters.open_sessions)
        self.terminal.start()
        self._wait_for_keys()

    def receive(self, text: str) -> None:
        """Take what the user typed."""
        self._wait_for_keys()
        self.terminal.receive(text)

    def _wait_for_keys(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        seconds = self._device.faults.idle_seconds
        if seconds is not None:
            self._idle = asyncio.get_running_loop().call_later(seconds, self._hang_up)

    def closed(self) -> None:
        """The user is gone."""
        self._device.counters.open_sessions -= 1
        self._shell.closed()
        if self._idle is not None:
            self._idle.cancel()


# SSH


class SshServer(asyncssh.SSHServer):
    """One SSH connection: who may come in. ``find_device`` tells which device was called."""

    def __init__(self, find_device: Callable[[asyncssh.SSHServerConnection], SimulatedDevice]) -> None:
        self._find_device = find_device
        self._device: SimulatedDevice | None = None
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._device = self._find_device(conn)
        self._connection = conn

    @property
    def device(self) -> SimulatedDevice:
        """The device that was called."""
        assert self._device is not None, "asyncssh asks only after connection_made"
        return self._device

    def begin_auth(self, username: str) -> bool:
        key = self.device.spec.authorized_key
        if key is not None and self._connection is not None and username == self.device.spec.username:
            self._connection.set_authorized_keys(asyncssh.import_authorized_keys(key))
        return True

    def auth_completed(self) -> None:
        if self._connection is not None and self._connection.get_extra_info("authorized_by_key"):
            self.device.counters.logins += 1

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool | Awaitable[bool]:
        if self.device.faults.connect is ConnectFault.NO_LOGIN:
            return _never()
        return is_login(self.device, username, password)

    def session_requested(self) -> asyncssh.SSHServerSession[str]:
        return _SshSession(self.device)


async def _never() -> bool:
    await asyncio.Event().wait()
    return False


class _SshSession(asyncssh.SSHServerSession[str]):
    """One shell channel: carries keys to the terminal and text back."""

    def __init__(self, device: SimulatedDevice) -> None:
        self._device = device
        self._channel: asyncssh.SSHServerChannel[str] | None = None
        self._session: Session | None = None
        self._command: str | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[str]) -> None:
        self._channel = chan

    def connection_lost(self, exc: Exception | None) -> None:
        self._channel = None
        if self._session is not None:
            self._session.closed()
            self._session = None

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return True

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:
        return True

    def session_started(self) -> None:
        if self._command is not None:  # `ssh sw1 show version`: one command, its answer, the end
            self._run(self._command)
            return
        self._session = Session(self._device, send=self._send, hang_up=self._hang_up, cut=self._cut)

    def _run(self, command: str) -> None:
        answer = shell_of(self._device).answer(command)

        def done() -> None:
            self._send(answer.text + "\n")
            self._cut() if answer.cut else self._hang_up()

        asyncio.get_running_loop().call_later(answer.seconds + self._device.spec.latency_seconds, done)

    def data_received(self, data: str, datatype: asyncssh.DataType) -> None:
        if self._session is not None:
            self._session.receive(data)

    def eof_received(self) -> bool:
        return False

    def _send(self, text: str) -> None:
        # The client may have gone while the device was thinking.
        if self._channel is not None and not self._channel.is_closing():
            self._channel.write(text)  # pyright: ignore[reportUnknownMemberType] - not typed in asyncssh

    def _hang_up(self) -> None:
        if self._channel is not None:
            self._channel.exit(0)

    def _cut(self) -> None:
        if self._channel is not None:
            self._channel.get_connection().abort()


@cache
def host_key() -> asyncssh.SSHKey:
    """The host key of every device of this process; made once, kept nowhere."""
    return asyncssh.generate_private_key("ssh-ed25519")  # pyright: ignore[reportUnknownMemberType] - untyped **kwargs
