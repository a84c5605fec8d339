"""Small SSH servers for what simulated devices are not: bastions that forward, logins by key, host keys of choice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import asyncssh

VERSION = "Cisco IOS Software, Version 15.2"


@dataclass
class SshServer:
    """A server on loopback. With ``forwards`` it is a bastion; its shell is a router of few words.

    ``script`` gives the answer to a line, and the prompt after it.
    """

    username: str = "hop"
    password: str | None = "hop-4711"
    public_keys: Sequence[str] = ()
    forwards: bool = True
    host_key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))
    script: Mapping[str, tuple[str, str]] = field(default_factory=lambda: {"show version": (VERSION, "r1#")})
    prompt: str = "r1#"
    port: int = 0
    lines: list[str] = field(default_factory=list)
    connections: int = 0
    logins: int = 0
    failed_logins: int = 0
    forwarded: list[tuple[str, int]] = field(default_factory=list)
    open_connections: set[asyncssh.SSHServerConnection] = field(default_factory=set)
    loop: asyncio.AbstractEventLoop | None = None

    def drop_connections(self) -> None:
        """Cut every connection, as a power failure would."""

        async def drop() -> None:
            for connection in tuple(self.open_connections):
                connection.abort()

        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(drop(), self.loop).result(10)


class _Server(asyncssh.SSHServer):
    def __init__(self, specification: SshServer) -> None:
        self._it = specification

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._it.connections += 1
        self._it.open_connections.add(conn)
        self._connection = conn

    def connection_lost(self, exc: Exception | None) -> None:
        self._it.open_connections.discard(self._connection)

    def password_auth_supported(self) -> bool:
        return self._it.password is not None

    def validate_password(self, username: str, password: str) -> bool:
        accepted = (username, password) == (self._it.username, self._it.password)
        self._it.logins += accepted
        self._it.failed_logins += not accepted
        return accepted

    def public_key_auth_supported(self) -> bool:
        return bool(self._it.public_keys)

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == self._it.username and key.export_public_key().decode().split()[1] in {
            line.split()[1] for line in self._it.public_keys
        }

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        if not self._it.forwards:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "no forwarding here")
        self._it.forwarded.append((dest_host, dest_port))
        return True

    def session_requested(self) -> asyncssh.SSHServerSession[str]:
        return _Shell(self._it)


class _Shell(asyncssh.SSHServerSession[str]):
    """Echoes what is typed, answers by the script, and asks nothing."""

    def __init__(self, specification: SshServer) -> None:
        self._it = specification
        self._prompt = specification.prompt
        self._line = ""

    def connection_made(self, chan: asyncssh.SSHServerChannel[str]) -> None:
        self._channel = chan

    def shell_requested(self) -> bool:
        return True

    def pty_requested(self, *_: object) -> bool:
        return True

    def session_started(self) -> None:
        self._channel.write(self._prompt)

    def data_received(self, data: str, datatype: asyncssh.DataType) -> None:
        for character in data.replace("\r\n", "\n"):
            self._channel.write("\r\n" if character in "\r\n" else character)
            if character not in "\r\n":
                self._line += character
                continue
            line, self._line = self._line, ""
            if line == "exit":
                self._channel.exit(0)
                return
            self._it.lines += [line] if line else []
            answer, self._prompt = self._it.script.get(line, ("", self._prompt))
            self._channel.write((answer and answer.replace("\n", "\r\n") + "\r\n") + self._prompt)


@contextmanager
def running_server(specification: SshServer) -> Generator[SshServer]:
    """Run a server in a thread of its own until the block ends; its ``port`` is then known."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            specification.port,
            server_factory=lambda: _Server(specification),
            server_host_keys=[specification.host_key],
            line_editor=False,
            backlog=256,
        )

    async def stop(acceptor: asyncssh.SSHAcceptor) -> None:
        acceptor.close()
        for connection in tuple(specification.open_connections):
            connection.abort()
        await acceptor.wait_closed()
        # A connection that was being forwarded to somebody who does not answer.
        waiting = asyncio.all_tasks() - {asyncio.current_task()}
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    specification.port, specification.loop = acceptor.get_port(), loop
    try:
        yield specification
    finally:
        asyncio.run_coroutine_threadsafe(stop(acceptor), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
