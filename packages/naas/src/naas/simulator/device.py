"""What a fake device is (:class:`Device`) and what becomes of it while it runs (:class:`SimulatedDevice`)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Device:
    """One device to simulate.

    ``latency_seconds`` passes before every answer, as a distant or busy device would take. ``piece_characters`` makes
    it print in pieces of that size, a millisecond apart, as a slow console does: clients must not take a piece of a
    prompt for the whole. ``enable`` is the secret for privileged mode; None makes the account one that is privileged
    from its login on, as with ``privilege 15``. ``host`` and ``port`` None leave the place to the farm.
    """

    platform: str = "cisco_ios"
    name: str = "sw1"
    username: str = "admin"
    password: str = field(default="admin", repr=False)
    enable: str | None = field(default=None, repr=False)
    latency_seconds: float = 0.0
    piece_characters: int | None = None
    host: str | None = None
    port: int | None = None


@dataclass(slots=True)
class Counters:
    """What a device has seen since it started; tests read these to prove that sessions are reused."""

    connections: int = 0
    logins: int = 0
    failed_logins: int = 0
    commands: int = 0
    open_sessions: int = 0
    most_open_sessions: int = 0


@dataclass(slots=True)
class SimulatedDevice:
    """A device that is up: where it listens, its configuration, and what it has counted.

    The configurations are text lines by section; the empty section holds the global lines. They belong to the
    device, not to a session: what one session configures the next one sees.
    """

    spec: Device
    host: str
    port: int
    hostname: str
    running: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    startup: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    counters: Counters = field(default_factory=Counters)

    @property
    def platform(self) -> str:
        """The Netmiko name of the platform."""
        return self.spec.platform

    @property
    def name(self) -> str:
        """The name given in the specification; ``hostname`` follows the configuration."""
        return self.spec.name

    def save(self) -> None:
        """Copy the running configuration to the startup configuration."""
        self.startup = {section: list(lines) for section, lines in self.running.items()}
