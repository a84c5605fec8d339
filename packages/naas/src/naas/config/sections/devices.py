"""How devices are reached, and when they are left alone."""

# ruff: noqa: RUF009 - `setting` makes a dataclass field; ruff knows only the one of the standard library by name.

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from naas.config.kinds import Choice, File, Names, Number, Seconds, Switch
from naas.config.table import setting

__all__ = ["DeviceSettings"]


@dataclass(frozen=True, kw_only=True)
class DeviceSettings:
    """Connections to devices: the warm pool, the circuit breaker, host keys."""

    connection_pool_enabled: bool = setting(
        True, Switch(), "Whether logged-in sessions are kept for the next job.", also=("CONNECTION_POOL_ENABLED",)
    )
    connection_pool_max_size: int = setting(
        0,
        Number(0, 100_000),
        "Sessions that a process holds; 0 means as many as `worker_threads`.",
        also=("CONNECTION_POOL_MAX_SIZE",),
    )
    connection_pool_idle_timeout: float = setting(
        300.0,
        Seconds(0, whole=False),
        "How long an unused session stays open.",
        also=("CONNECTION_POOL_IDLE_TIMEOUT",),
    )
    connection_pool_max_age: float = setting(
        3600.0, Seconds(1, whole=False), "The oldest session that is used again.", also=("CONNECTION_POOL_MAX_AGE",)
    )
    connection_pool_keepalive: float = setting(
        60.0,
        Seconds(0, whole=False),
        "How often an idle session is given a sign of life; 0 never.",
        also=("CONNECTION_POOL_KEEPALIVE",),
    )
    connection_pool_exclude: tuple[str, ...] = setting(
        (),
        Names("hosts or platforms separated by commas"),
        "Hosts and platforms whose sessions are never kept.",
        also=("CONNECTION_POOL_EXCLUDE",),
    )
    circuit_breaker_enabled: bool = setting(
        True, Switch(), "Whether a device that cannot be reached is left alone.", also=("CIRCUIT_BREAKER_ENABLED",)
    )
    circuit_breaker_threshold: int = setting(
        5,
        Number(1, 10_000),
        "Failures in a row after which it is left alone.",
        also=("CIRCUIT_BREAKER_THRESHOLD",),
    )
    circuit_breaker_timeout: float = setting(
        300.0,
        Seconds(0, whole=False),
        "How long it is left alone before one job may try again.",
        also=("CIRCUIT_BREAKER_TIMEOUT",),
    )
    host_key_policy: str = setting(
        "accept_new",
        Choice(("ignore", "accept_new", "strict")),
        "SSH host keys: accept any, remember the first one seen, or accept only known ones.",
    )
    known_hosts: Path | None = setting(
        None, File(), "File of known host keys; by default it stands beside the database."
    )
    allow_telnet: bool = setting(False, Switch(), "Whether Telnet, which sends passwords in clear text, may be used.")
