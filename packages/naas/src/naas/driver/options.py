"""How the drivers behave: read once by the service, given to every driver."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["DriverOptions", "HostKeyPolicy"]


class HostKeyPolicy(StrEnum):
    """What to do with the key by which an SSH server proves who it is."""

    IGNORE = "ignore"
    """Take any. Whoever sits between us and the device can read along and change what is sent."""
    ACCEPT_NEW = "accept_new"
    """Take and remember the key of a server never seen before; refuse one that has changed."""
    STRICT = "strict"
    """Refuse every server whose key is not in the file of known hosts."""


@dataclass(frozen=True, slots=True)
class DriverOptions:
    """How drivers connect and what they keep.

    Attributes:
        connection_pool_enabled: Whether sessions are kept for the next job.
        connection_pool_max_size: Sessions at work and idle ones together; at least the number of worker threads, or
            jobs wait for each other.
        connection_pool_idle_timeout: Seconds after which an unused session is logged out.
        connection_pool_max_age: Seconds after which a session is not used again.
        connection_pool_keepalive: Seconds between signs of life on a quiet session; 0 sends none.
        connection_pool_exclude: Hosts and platforms whose sessions are never kept.
        host_key_policy: What to do with host keys.
        known_hosts: The file of known hosts, in OpenSSH's form; needed by every policy but ``ignore``.
        allow_telnet: Whether the ``*_telnet`` platforms may be used. Telnet sends passwords in clear text.
        fast_cli: Netmiko's switch of that name: skip its own pauses. False suits very slow devices.
    """

    connection_pool_enabled: bool = True
    connection_pool_max_size: int = 200
    connection_pool_idle_timeout: float = 300.0
    connection_pool_max_age: float = 3600.0
    connection_pool_keepalive: float = 30.0
    connection_pool_exclude: frozenset[str] = frozenset()
    host_key_policy: HostKeyPolicy = HostKeyPolicy.IGNORE
    known_hosts: Path | None = None
    allow_telnet: bool = False
    fast_cli: bool = True

    def __post_init__(self) -> None:
        """Check what would fail only later, with the first device.

        Raises:
            ValueError: A number is out of its range, or the file of known hosts is missing.
        """
        if self.connection_pool_max_size < 1:
            raise ValueError(f"connection_pool_max_size is {self.connection_pool_max_size}; it must be at least 1")
        for name in ("connection_pool_idle_timeout", "connection_pool_max_age", "connection_pool_keepalive"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}; seconds cannot be negative")
        if self.host_key_policy is not HostKeyPolicy.IGNORE and self.known_hosts is None:
            raise ValueError(f"host_key_policy {self.host_key_policy} needs known_hosts: the file that remembers keys")

    def keeps(self, host: str, platform: str) -> bool:
        """Whether sessions with this device are kept for the next job."""
        excluded = {name.lower() for name in self.connection_pool_exclude}
        return self.connection_pool_enabled and not excluded & {host.lower(), platform.lower()}
