"""The road to a device: TCP, straight or through a jump host, and what SSH needs to know before it starts.

A connection to a jump host is shared by all jobs with the same login there: it carries a channel for each device, and
is closed a while after the last of them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import paramiko

from naas.driver.base import DeviceTarget, JumpHost, address_of
from naas.driver.errors import JumpHostRefused
from naas.driver.failures import failure_from
from naas.driver.hostkeys import KnownHosts
from naas.driver.keys import KeyRing
from naas.driver.options import DriverOptions

__all__ = ["QuietTransport", "Road", "Socket"]

JUMP_IDLE_SECONDS: Final = 60.0
"""How long a jump host's connection stays open with no device behind it; as long as OpenSSH's usual ControlPersist."""

SWEEP_SECONDS: Final = 15.0

REST_SECONDS: Final = 5.0
"""How often an idle transport looks around: for its keepalive and for a key exchange that is due."""

Socket = socket.socket | paramiko.Channel


class QuietTransport(paramiko.Transport):
    """A transport that sleeps until something arrives.

    Paramiko's own wakes ten times a second, for as long as the connection stands; a thousand warm sessions would keep
    a processor busy with nothing (measured: 4 ms CPU a login became 20 ms).
    """

    def rest(self) -> None:
        """Look around seldom from now on. Called after the login: before, timeouts hang on looking often."""
        self.sock.settimeout(REST_SECONDS)

    def stop_thread(self) -> None:
        """End, and wake the thread that waits for data: closing a socket does not, only shutting it down does."""
        if not isinstance(self.sock, socket.socket):
            super().stop_thread()
            return
        try:
            same = self.sock.dup()
        except OSError:  # closed already
            super().stop_thread()
            return
        # In this order, so that the thread finds itself closed and does not report what it sees as an error.
        with same:
            super().stop_thread()
            with suppress(OSError):
                same.shutdown(socket.SHUT_RDWR)


class Road:
    """Opens connections as the options want them. Thread-safe."""

    def __init__(self, options: DriverOptions) -> None:
        self.options = options
        self.known_hosts = KnownHosts(options.host_key_policy, options.known_hosts)
        self._keys = KeyRing()
        self._jumps: dict[bytes, _JumpConnection] = {}
        self._digest_key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._sweeper: threading.Thread | None = None

    def connect(self, target: DeviceTarget, *, timeout: float) -> Socket:
        """Open a connection to the device's port, through its jump host if it has one.

        Raises:
            OSError: the device, or its jump host, cannot be reached.
            DeviceFailure: the jump host cannot be used.
        """
        if target.jump is None:
            return _tcp(target.host, target.port, timeout)
        return self._connect_through(target, target.jump, timeout)

    def ssh_options(self, target: DeviceTarget) -> dict[str, Any]:
        """Return what Netmiko needs for the login: key, agent, password.

        Raises:
            BadPrivateKey: the target's key cannot be used.
        """
        key = self.key_of(target.private_key, target.passphrase)
        has_other = key is not None or target.use_agent
        return {
            "pkey": key,
            "allow_agent": target.use_agent,
            # An empty password beside a key is no password: trying it would count as a failed login.
            "password": target.password if target.password or not has_other else None,
        }

    def key_of(self, text: str | None, passphrase: str | None) -> paramiko.PKey | None:
        """Return a login's key, if it has one.

        Raises:
            BadPrivateKey: it cannot be used.
        """
        return None if text is None else self._keys.load(text, passphrase)

    def client_policy(self, host: str, port: int) -> paramiko.MissingHostKeyPolicy:
        """Return what judges the key of the server that the caller dials as ``host`` and ``port``."""
        return _Judge(self.known_hosts, host, port)

    def transport_factory(self, host: str, port: int) -> Callable[..., QuietTransport]:
        """Return what makes a transport: one that asks for the kind of host key that is known, where one is.

        Paramiko's other preferences stay: cheaper ciphers and key exchanges made no difference (measured).
        """
        known = _signatures_for(self.known_hosts.key_types(host, port))

        def make(sock: Socket, **options: Any) -> QuietTransport:
            transport = QuietTransport(sock, **options)
            if known:
                offered = transport.get_security_options()
                usual = list(offered.key_types)
                offered.key_types = tuple(dict.fromkeys([*(name for name in known if name in usual), *usual]))
            return transport

        return make

    def meet(self, target: DeviceTarget, *, timeout: float) -> None:
        """Ask a device that nobody has met for its host key, and remember it: for libraries that only read the file.

        Raises:
            HostKeyRefused, OSError, paramiko.SSHException: the device, or its key, is not to be had.
        """
        if self.known_hosts.key_types(target.host, target.port):
            return
        transport = QuietTransport(_tcp(target.host, target.port, timeout))
        try:
            transport.banner_timeout = transport.handshake_timeout = timeout
            transport.start_client(timeout=timeout)
            self.known_hosts.check(target.host, target.port, transport.get_remote_server_key())
        finally:
            transport.close()

    def close(self) -> None:
        """Close the connections to jump hosts, and what goes through them. May be called twice."""
        self._closed.set()
        with self._lock:
            gone, self._jumps = list(self._jumps.values()), {}
            sweeper = self._sweeper
        for jump in gone:
            jump.close()
        if sweeper is not None:
            sweeper.join()

    # Jump hosts

    def _connect_through(self, target: DeviceTarget, jump: JumpHost, timeout: float) -> Socket:
        doing = f"connecting to the jump host {jump.address} as {jump.username!r} (waiting up to {timeout:g} s)"
        connection = self._jump_connection(jump, use_agent=target.use_agent)
        try:
            return connection.channel_to(target.host, target.port, timeout)
        except paramiko.ChannelException as error:
            reason = f"the jump host {jump.address} cannot reach {target.address} ({error.text})"
            raise failure_from(JumpHostRefused(reason), doing="connecting", target=target) from error
        except JumpHostRefused as error:
            raise failure_from(error, doing="connecting", target=target) from error
        except Exception as error:
            raise failure_from(error, doing=doing, target=target, jump=jump) from error

    def _jump_connection(self, jump: JumpHost, *, use_agent: bool) -> _JumpConnection:
        name = self._name_of(jump, use_agent=use_agent)
        with self._lock:
            if self._closed.is_set():
                raise paramiko.SSHException("the service is going down")
            connection = self._jumps.get(name)
            if connection is None:
                connection = self._jumps[name] = _JumpConnection(self, jump, use_agent=use_agent)
            connection.used_at = time.monotonic()
            if self._sweeper is None:
                self._sweeper = threading.Thread(target=self._sweep, name="jump-host-sweeper", daemon=True)
                self._sweeper.start()
        return connection

    def _name_of(self, jump: JumpHost, *, use_agent: bool) -> bytes:
        """A keyed digest of the login, so that no secret is kept as a key and nobody gets another's connection."""
        parts = (jump.address, jump.username, jump.password, jump.private_key, jump.passphrase, str(use_agent))
        return hmac.new(self._digest_key, repr(parts).encode(), hashlib.sha256).digest()

    def _sweep(self) -> None:
        while not self._closed.wait(SWEEP_SECONDS):
            with self._lock:
                idle = [(name, jump) for name, jump in self._jumps.items() if jump.is_idle()]
                for name, _ in idle:
                    del self._jumps[name]
            for _, jump in idle:
                jump.close()


@dataclass(eq=False)
class _JumpConnection:
    """The connection to one jump host as one user; opened with the first channel, and again when it broke."""

    road: Road
    jump: JumpHost
    use_agent: bool
    used_at: float = 0.0
    _client: paramiko.SSHClient | None = None
    _channels: list[paramiko.Channel] = field(default_factory=list[paramiko.Channel])
    # Held while the connection is opened: a hundred devices behind one host need it once.
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def channel_to(self, host: str, port: int, timeout: float) -> paramiko.Channel:
        with self._lock:
            transport = self._transport(timeout)
        try:
            channel = transport.open_channel("direct-tcpip", (host, port), ("127.0.0.1", 0), timeout=timeout)
        except paramiko.ChannelException:
            raise
        except paramiko.SSHException as error:
            if not transport.is_active():
                raise
            # One device that does not answer; the connection serves the others behind the same host.
            raise JumpHostRefused(
                f"the jump host {self.jump.address} got no answer from {address_of(host, port)} within {timeout:g} s"
            ) from error
        channel.settimeout(timeout)
        with self._lock:
            self._channels = [open_one for open_one in self._channels if not open_one.closed] + [channel]
            self.used_at = time.monotonic()
        return channel

    def is_idle(self) -> bool:
        if any(not channel.closed for channel in self._channels):
            self.used_at = time.monotonic()
        return time.monotonic() - self.used_at > JUMP_IDLE_SECONDS

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError, EOFError, paramiko.SSHException):
                client.close()

    def _transport(self, timeout: float) -> paramiko.Transport:
        transport = self._client.get_transport() if self._client is not None else None
        if transport is not None and transport.is_active():
            return transport
        self.close()
        self._client = self._open(timeout)
        transport = self._client.get_transport()
        assert transport is not None  # connected a moment ago
        transport.set_keepalive(int(self.road.options.connection_pool_keepalive))
        if isinstance(transport, QuietTransport):
            transport.rest()
        return transport

    def _open(self, timeout: float) -> paramiko.SSHClient:
        jump = self.jump
        key = self.road.key_of(jump.private_key, jump.passphrase)
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(self.road.client_policy(jump.host, jump.port))
        try:
            client.connect(
                jump.host,
                jump.port,
                username=jump.username,
                password=jump.password,
                pkey=key,
                allow_agent=self.use_agent,
                look_for_keys=False,
                timeout=timeout,
                banner_timeout=timeout,
                auth_timeout=timeout,
                channel_timeout=timeout,
                sock=_tcp(jump.host, jump.port, timeout),
                transport_factory=self.road.transport_factory(jump.host, jump.port),
            )
        except BaseException:
            client.close()
            raise
        return client


class _Judge(paramiko.MissingHostKeyPolicy):
    """Asked by Paramiko about every server, since it is given no known hosts of its own."""

    def __init__(self, known_hosts: KnownHosts, host: str, port: int) -> None:
        self._known_hosts, self._host, self._port = known_hosts, host, port

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        self._known_hosts.check(self._host, self._port, key)


def _tcp(host: str, port: int, timeout: float) -> socket.socket:
    # A socket of our own: small packets must not wait for each other (TCP_NODELAY), and a refused connection
    # is told from a silent one by its own exception, where Netmiko has one text for both.
    tcp = socket.create_connection((host, port), timeout=timeout)
    tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return tcp


def _signatures_for(key_types: tuple[str, ...]) -> tuple[str, ...]:
    """An RSA key is asked for by its signatures (RFC 8332); its own name means SHA-1."""
    rsa = ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")
    return tuple(name for key_type in key_types for name in (rsa if key_type == "ssh-rsa" else (key_type,)))
