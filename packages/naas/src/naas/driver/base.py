"""The seam between the service and the devices: what a driver is given, what it returns, how it fails.

The engine codes against :class:`DeviceDriver` only, so a test can put a fake in its place and a second driver
(scrapli, for example) can stand beside Netmiko. Nothing here imports an SSH library.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final, Protocol

AUTODETECT: Final = "autodetect"
"""The platform name that asks the driver to find out by itself."""


class ErrorCode(StrEnum):
    """Why a device did not do what was asked: the wire's complete list (naas v2, ``error_code``)."""

    CONNECTION_TIMEOUT = "CONNECTION_TIMEOUT"
    SSH_ERROR = "SSH_ERROR"
    CIRCUIT_OPEN = "CIRCUIT_OPEN"
    AUTH_FAILURE = "AUTH_FAILURE"
    CONFIG_REJECTED = "CONFIG_REJECTED"
    AUTODETECT_FAILED = "AUTODETECT_FAILED"
    UNKNOWN = "UNKNOWN"

    @property
    def retryable(self) -> bool:
        """Whether trying again, unchanged, may succeed: the device or the road to it was at fault."""
        return _RETRYABLE[self]


# Every code is named, so that a new one without a decision is a KeyError in the first test that touches it.
_RETRYABLE: Final[Mapping[ErrorCode, bool]] = MappingProxyType(
    {
        ErrorCode.CONNECTION_TIMEOUT: True,
        ErrorCode.SSH_ERROR: True,
        ErrorCode.CIRCUIT_OPEN: True,
        ErrorCode.AUTH_FAILURE: False,
        ErrorCode.CONFIG_REJECTED: False,
        ErrorCode.AUTODETECT_FAILED: False,
        ErrorCode.UNKNOWN: False,
    }
)


class DeviceFailure(Exception):
    """A device, or the road to it, failed. ``message`` is written for the caller and never holds a secret."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(code, message)  # positional, so that the failure survives pickling by a worker
        self.code = code
        self.message = message

    @property
    def retryable(self) -> bool:
        """Whether trying again, unchanged, may succeed."""
        return self.code.retryable

    def __str__(self) -> str:
        return self.message


class Cancelled(Exception):
    """The job was cancelled: ``should_stop()`` said so before the next command went out."""


def address_of(host: str, port: int) -> str:
    """Return a device as one word, ``host:port``, the same for every way to write the host (RFC 5952 for IPv6)."""
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host)}]:{port}"
    return f"{host.lower()}:{port}"


@dataclass(frozen=True, slots=True)
class DeviceTarget:
    """Which device to talk to, as which user. The two secrets stay out of ``repr``."""

    host: str
    port: int
    platform: str
    username: str
    password: str = field(repr=False)
    enable: str | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """The device as one word (`address_of`), for messages."""
        return address_of(self.host, self.port)


@dataclass(frozen=True, slots=True)
class CommandOutput:
    """What the device answered: text by command, in the order sent (a repeated command keeps its last answer)."""

    results: dict[str, str]
    detected_platform: str | None = None
    """Set when the target asked for ``autodetect``: the platform that was found."""


class DeviceDriver(Protocol):
    """Talks to devices. Every method may be called from many threads at once; each call blocks its own.

    ``read_timeout`` is the longest wait for the answer to one command, ``conn_timeout`` for the connection to
    stand, both in seconds. ``should_stop`` is asked before each command; True raises :class:`Cancelled`.
    """

    def send_commands(
        self,
        target: DeviceTarget,
        commands: Sequence[str],
        *,
        read_timeout: float,
        conn_timeout: float,
        expect_string: str | None,
        should_stop: Callable[[], bool],
    ) -> CommandOutput:
        """Run ``commands`` one after the other and return their output.

        ``expect_string`` is a regular expression that ends each command's output; None means the device's prompt.

        Raises:
            DeviceFailure: the device or the road to it failed; the code says how.
            Cancelled: ``should_stop`` returned True.
        """
        ...

    def send_config(
        self,
        target: DeviceTarget,
        lines: Sequence[str],
        *,
        save_config: bool,
        commit: bool,
        read_timeout: float,
        conn_timeout: float,
        should_stop: Callable[[], bool],
    ) -> str:
        """Enter ``lines`` in configuration mode, then commit and save if asked; return what the device printed.

        Raises:
            DeviceFailure: as above; ``CONFIG_REJECTED`` names the line the device refused, and says when the
                platform knows no commit or no save.
            Cancelled: ``should_stop`` returned True; lines sent before that may be in force.
        """
        ...

    def close(self) -> None:
        """Log out of every idle device and refuse further work. May be called twice."""
        ...


@cache
def known_platforms() -> frozenset[str]:
    """Every platform name a request may carry: Netmiko's SSH platforms and ``autodetect``.

    Telnet, serial and file-transfer variants are left out: this service speaks SSH only.
    """
    # Imported here because Netmiko takes a quarter of a second, which `naas-server --help` need not pay.
    from netmiko.ssh_dispatcher import CLASS_MAPPER_BASE

    return frozenset(CLASS_MAPPER_BASE) | frozenset(f"{name}_ssh" for name in CLASS_MAPPER_BASE) | {AUTODETECT}
