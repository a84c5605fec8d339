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
from typing import Final, Protocol, Self, cast

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
    """A device, or the road to it, failed. ``message`` is written for the caller and never holds a secret.

    ``partial`` holds what the device answered before: output by command. It stays out of ``repr`` and of ``args``,
    since a configuration holds secrets. ``may_have_changed`` says that configuration lines had been sent which may be
    in force: then a person should look before the same is sent again.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        partial: Mapping[str, str] | None = None,
        may_have_changed: bool = False,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.partial: Mapping[str, str] = dict(partial or {})
        self.may_have_changed = may_have_changed

    @property
    def retryable(self) -> bool:
        """Whether trying again, unchanged, may succeed."""
        return self.code.retryable

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[type[Self], tuple[ErrorCode, str, Mapping[str, str], bool]]:
        return type(self), (self.code, self.message, self.partial, self.may_have_changed)


class Cancelled(Exception):
    """The job was cancelled: ``should_stop()`` said so. ``partial`` as in `DeviceFailure`."""

    def __init__(self, partial: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.partial: Mapping[str, str] = dict(partial or {})

    def __reduce__(self) -> tuple[type[Self], tuple[Mapping[str, str]]]:
        return type(self), (self.partial,)


def address_of(host: str, port: int) -> str:
    """Return a device as one word, ``host:port``, the same for every way to write the host (RFC 5952 for IPv6)."""
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host)}]:{port}"
    return f"{host.lower()}:{port}"


@dataclass(frozen=True, slots=True)
class JumpHost:
    """A bastion to go through: an SSH server that forwards TCP. ``private_key`` is PEM or OpenSSH text."""

    host: str
    port: int
    username: str
    password: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """The bastion as one word (`address_of`), for messages."""
        return address_of(self.host, self.port)


@dataclass(frozen=True, slots=True)
class DeviceTarget:
    """Which device to talk to, as which user, by which road. The secrets stay out of ``repr``.

    ``private_key`` is the text of a key, PEM or OpenSSH, opened by ``passphrase`` if it is encrypted. With a key the
    password may be empty; if both are given the key is tried first. ``use_agent`` also tries the keys of the SSH
    agent of the process that talks to the device.
    """

    host: str
    port: int
    platform: str
    username: str
    password: str = field(repr=False)
    enable: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)
    jump: JumpHost | None = None
    use_agent: bool = False
    driver: str = "netmiko"

    @property
    def address(self) -> str:
        """The device as one word (`address_of`), for messages."""
        return address_of(self.host, self.port)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything here that no message may show, without the empty ones."""
        jump = self.jump
        theirs = (jump.password, jump.private_key, jump.passphrase) if jump is not None else ()
        mine = (self.password, self.enable, self.private_key, self.passphrase)
        return tuple(secret for secret in (*mine, *theirs) if secret)


@dataclass(frozen=True, slots=True)
class CommandOutput:
    """What the device answered: text by command, in the order sent (a repeated command keeps its last answer)."""

    results: dict[str, str]
    detected_platform: str | None = None
    """Set when the target asked for ``autodetect``: the platform that was found."""


@dataclass(frozen=True, slots=True)
class ConfigOutput:
    """What came of a configuration: what the device printed, and what changed.

    ``diff`` is None if nobody asked for it, and empty if nothing changed. Platforms with a candidate give it in their
    own words, the others as a unified diff of the running configuration. ``applied`` is False after a dry run.
    """

    text: str
    diff: str | None = None
    applied: bool = True


def never() -> bool:
    """Go on: the answer of `Patience.should_stop` where nobody can cancel."""
    return False


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a driver waits for a device, in seconds, and whether the caller still wants an answer.

    ``read_timeout`` is the longest wait for the answer to one command, ``conn_timeout`` for the connection to stand.
    ``should_stop`` is asked before each command; True raises :class:`Cancelled`.
    """

    read_timeout: float = 30.0
    conn_timeout: float = 10.0
    should_stop: Callable[[], bool] = never


@dataclass(frozen=True, slots=True)
class CommandRun:
    """Commands to run one after the other.

    ``expect_string`` is a regular expression that ends each command's output; None means the device's prompt.
    ``on_output`` is called with each command and its output as soon as it is there, in the calling thread. What it
    raises ends the job.
    """

    commands: Sequence[str]
    expect_string: str | None = None
    on_output: Callable[[str, str], None] | None = None


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """Lines to enter in configuration mode, and what then becomes of them.

    ``dry_run`` applies nothing: the device checks the lines in its candidate and shows the difference; ``commit`` and
    ``save_config`` are then without effect. ``want_diff`` asks for the difference that a real change makes.
    """

    lines: Sequence[str]
    commit: bool = False
    save_config: bool = False
    dry_run: bool = False
    want_diff: bool = False


class DeviceDriver(Protocol):
    """Talks to devices. Every method may be called from many threads at once; each call blocks its own."""

    def send_commands(self, target: DeviceTarget, run: CommandRun, patience: Patience) -> CommandOutput:
        """Run the commands and return their output.

        Raises:
            DeviceFailure: the device or the road to it failed; the code says how, ``partial`` what came before.
            Cancelled: ``should_stop`` returned True; ``partial`` as above.
        """
        ...

    def send_config(self, target: DeviceTarget, change: ConfigChange, patience: Patience) -> ConfigOutput:
        """Enter the lines in configuration mode, then commit and save if asked; return what came of it.

        Raises:
            DeviceFailure: as above; ``CONFIG_REJECTED`` names the line the device refused, and says when the
                platform knows no commit, no save or no dry run. ``may_have_changed`` is set if lines were sent.
            Cancelled: ``should_stop`` returned True; lines sent before that may be in force.
        """
        ...

    def fetch_config(self, target: DeviceTarget, patience: Patience, *, startup: bool = False) -> str:
        """Return the running configuration, or the one the device starts with, without lines that only tell the time.

        Raises:
            DeviceFailure: as above; ``UNKNOWN`` if it is not known how the platform shows its configuration.
            Cancelled: ``should_stop`` returned True.
        """
        ...

    def close(self) -> None:
        """Log out of every idle device and refuse further work. May be called twice."""
        ...


@cache
def known_platforms(*, allow_telnet: bool = False) -> frozenset[str]:
    """Every platform name a request may carry: Netmiko's SSH platforms and ``autodetect``.

    With ``allow_telnet`` its Telnet platforms too. Serial and file-transfer variants are left out.
    """
    # Imported here because Netmiko takes a quarter of a second, which `naas-server --help` need not pay.
    from netmiko.ssh_dispatcher import CLASS_MAPPER, CLASS_MAPPER_BASE  # pyright: ignore[reportUnknownVariableType]

    ssh = frozenset(CLASS_MAPPER_BASE) | frozenset(f"{name}_ssh" for name in CLASS_MAPPER_BASE) | {AUTODETECT}
    return (
        ssh | {name for name in cast("dict[str, object]", CLASS_MAPPER) if name.endswith("_telnet")}
        if allow_telnet
        else ssh
    )
