"""Settings: read once, from the command line and the environment, into a value that never changes."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict

from naas.errors import StartError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Settings", "is_loopback", "read_environment"]

DEFAULT_PORT: Final = 8080


@dataclass(frozen=True, slots=True)
class Settings:
    """How one service runs.

    Attributes:
        host: Address to listen on.
        port: TCP port; 0 lets the system choose a free one.
        database: The SQLite file; its key file and its lock stand beside it.
        worker_threads: Device conversations at once. Measured best for Netmiko: 50 to 100 a process.
        basic_passthrough: Whether any user and password are accepted, as device login and as ownership.
        tls_cert, tls_key: PEM files; both or neither.
        encryption_key: The master key as URL-safe base64, older keys behind it; None means the key file.
        max_queue_depth: Jobs that may wait before new ones are refused; 0 means no limit. They wait in memory, at
            about one kilobyte each (measured, with one command).
        drain_seconds: How long running jobs may take to end when the service stops.
        lease_seconds: How long a running job may go without a sign of life.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    database: Path = Path("naas.db")
    worker_threads: int = 64
    basic_passthrough: bool = True
    tls_cert: Path | None = None
    tls_key: Path | None = None
    encryption_key: str | None = field(default=None, repr=False)
    max_queue_depth: int = 100_000
    drain_seconds: float = 10.0
    lease_seconds: float = 30.0

    @property
    def key_file(self) -> Path:
        """Where the master key lives if the environment does not give one."""
        return self.database.with_name(self.database.name + ".key")

    def check(self) -> None:
        """Return if the service may start like this.

        Raises:
            StartError: Plain HTTP off loopback, or half a TLS pair.
        """
        if (self.tls_cert is None) != (self.tls_key is None):
            missing = "--tls-key" if self.tls_key is None else "--tls-cert"
            raise StartError(f"TLS needs a certificate and its key; {missing} is missing")
        for option, file in (("--tls-cert", self.tls_cert), ("--tls-key", self.tls_key)):
            if file is not None and not file.is_file():
                raise StartError(f"{option} names {file}, which is not a file")
        if self.tls_cert is not None and self.tls_key is not None:
            _check_tls_pair(self.tls_cert, self.tls_key)
        if self.tls_cert is None and not is_loopback(self.host):
            raise StartError(
                f"refusing to listen on {self.host} without TLS, because device passwords would cross the network in "
                "clear text; give --tls-cert and --tls-key, or listen on 127.0.0.1"
            )


def _check_tls_pair(certificate: Path, key: Path) -> None:
    """Load the pair once, so that a damaged file is told of before anything is opened."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except OSError as exc:  # ssl.SSLError is one
        raise StartError(
            f"cannot use the TLS certificate {certificate} with the key {key}: {exc.strerror or exc}; "
            "both must be PEM files without a password, and belong to each other"
        ) from exc


def is_loopback(host: str) -> bool:
    """Whether the address can be reached from this machine only. A name other than localhost counts as outside."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})


class EnvironmentSettings(TypedDict, total=False):
    """The keyword arguments of `Settings` that only the environment gives."""

    encryption_key: str
    basic_passthrough: bool


def read_environment(environment: Mapping[str, str]) -> EnvironmentSettings:
    """Return the settings that only the environment gives, as keyword arguments for `Settings`.

    Secrets belong here and not on the command line, where every process of the machine can read them.

    Raises:
        StartError: A variable has a value that means nothing.
    """
    given: EnvironmentSettings = {}
    if key := environment.get("NAAS_ENCRYPTION_KEY"):
        given["encryption_key"] = key
    if switch := environment.get("NAAS_BASIC_PASSTHROUGH"):
        if switch.lower() not in _TRUE | _FALSE:
            raise StartError(f"NAAS_BASIC_PASSTHROUGH is {switch!r}; write true or false")
        given["basic_passthrough"] = switch.lower() in _TRUE
    return given
