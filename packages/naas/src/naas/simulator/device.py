"""What a fake device is (:class:`Device`) and what becomes of it while it runs (:class:`SimulatedDevice`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from random import Random
from typing import Literal

from naas.simulator.facts import Facts
from naas.simulator.faults import HEALTHY, Faults
from naas.simulator.network import Configuration, Network, copied
from naas.simulator.platforms import profile_of
from naas.simulator.profile import Profile

Transport = Literal["ssh", "telnet"]


@dataclass(frozen=True, slots=True)
class Device:
    """One device to simulate.

    ``platform`` is the name of a platform that comes with the simulator, or a :class:`Profile` from a platform file.
    ``latency_seconds`` passes before every answer, as a distant or busy device would take, with ``jitter_seconds`` at
    most added to it by chance. ``bytes_per_second`` limits how fast it prints. ``piece_characters`` makes it print in
    pieces of that size, a millisecond apart, as a slow console does: clients must not take a piece of a prompt for the
    whole. ``enable`` is the secret for privileged mode; None makes the account one that is privileged from its login
    on, as with ``privilege 15``. ``host`` and ``port`` None leave the place to the farm. ``configuration`` replaces
    what the device has configured when it starts; its name stays ``name``. ``answers`` are printed for these commands,
    as they stand. ``authorized_key`` is a public key that may log in too, as a line of OpenSSH. ``seed`` is what chance
    starts from.
    """

    platform: str | Profile = "cisco_ios"
    name: str = "sw1"
    username: str = "admin"
    password: str = field(default="admin", repr=False)
    enable: str | None = field(default=None, repr=False)
    latency_seconds: float = 0.0
    jitter_seconds: float = 0.0
    bytes_per_second: int | None = None
    piece_characters: int | None = None
    host: str | None = None
    port: int | None = None
    transport: Transport = "ssh"
    authorized_key: str | None = field(default=None, repr=False)
    faults: Faults = HEALTHY
    configuration: str | None = field(default=None, repr=False)
    answers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    seed: int = 0


@dataclass(slots=True)
class Counters:
    """What a device has seen since it started; tests read these to prove that sessions are reused."""

    connections: int = 0
    refused: int = 0
    """Connections reset because all lines were in use."""
    logins: int = 0
    failed_logins: int = 0
    commands: int = 0
    errors: int = 0
    """Commands that a fault answered with an error."""
    dropped: int = 0
    """Connections that a fault cut."""
    reloads: int = 0
    open_sessions: int = 0
    most_open_sessions: int = 0

    def as_data(self) -> dict[str, int]:
        """The counters by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Link:
    """The far end of a cable: the other device, and which of its ports, counted from 0."""

    device: SimulatedDevice
    port_index: int


@dataclass(slots=True)
class Commit:
    """A committed configuration, for ``rollback`` and ``show system commit``."""

    configuration: Configuration
    at: float
    by: str
    comment: str = ""


@dataclass
class SimulatedDevice:
    """A device that is up: where it listens, its configuration, and what it has counted.

    The configurations are text lines by section; the empty section holds the global lines. They belong to the
    device, not to a session: what one session configures the next one sees. ``faults`` may be replaced at any time.
    """

    spec: Device
    host: str
    port: int
    hostname: str
    index: int = 0
    running: Configuration = field(default_factory=dict[str, list[str]])
    startup: Configuration = field(default_factory=dict[str, list[str]])
    commits: list[Commit] = field(default_factory=list[Commit])
    counters: Counters = field(default_factory=Counters)
    links: tuple[Link, ...] = ()
    clock: Callable[[], float] = time.time
    restart: Callable[[], object] | None = None
    """Cuts all sessions and comes back later; set by the farm."""

    def __post_init__(self) -> None:
        self.faults = self.spec.faults
        self.started = self.clock()
        self.rollback_at: float | None = None  # when a commit that nobody confirmed is taken back
        self.locked_by: object = None  # the session that configures exclusively
        self.refused_logins = 0  # refused by a fault, with the right password
        self.when_faults_change: Callable[[], object] | None = None
        self._network: Network | None = None
        if not self.running:
            from naas.simulator.families import family_of

            family_of(self.profile).start(self)

    @cached_property
    def die(self) -> Random:
        """The device's chance: of its own, so that other devices do not disturb it."""
        return Random(f"{self.spec.seed}/{self.spec.name}")

    @cached_property
    def profile(self) -> Profile:
        """What the platform file says."""
        platform = self.spec.platform
        return platform if isinstance(platform, Profile) else profile_of(platform)

    @property
    def platform(self) -> str:
        """Netmiko's name of the platform, for whoever connects."""
        is_telnet = self.spec.transport == "telnet"
        return self.profile.telnet_device_type if is_telnet else self.profile.device_type

    @property
    def name(self) -> str:
        """The name given in the specification; ``hostname`` follows the configuration."""
        return self.spec.name

    def value(self, name: str) -> str:
        """A field of the device, as its templates see it."""
        return Facts(self).value(name)

    def network(self) -> Network:
        """What the running configuration says about interfaces and VLANs."""
        if self._network is None:
            from naas.simulator.families import family_of

            self._network = family_of(self.profile).read(self)
        return self._network

    def cables(self) -> tuple[Link, ...]:
        """What is at the far ends of the first ports: the neighbours in the farm, or an invented device."""
        if not self.links:
            other = SimulatedDevice(replace(self.spec, name="core1", configuration=None), self.host, 0, "core1")
            self.links = (Link(other, 1),)
        return self.links

    def set_faults(self, faults: Faults) -> None:
        """Make something else go wrong from now on."""
        self.faults = faults
        if self.when_faults_change is not None:
            self.when_faults_change()

    def changed(self) -> None:
        """Note that the running configuration may have changed."""
        self._network = None

    def save(self) -> None:
        """Copy the running configuration to the startup configuration."""
        self.startup = copied(self.running)

    def reload(self) -> None:
        """Start again from the startup configuration: every session is cut, and the device is away for a while."""
        self.counters.reloads += 1
        self.running = copied(self.startup)
        self.rollback_at = self.locked_by = None
        self.started = self.clock()
        self.changed()
        from naas.simulator.families import family_of

        family_of(self.profile).rename(self)
        if self.restart is not None:
            self.restart()
