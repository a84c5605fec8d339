"""What a configuration says about the network: interfaces and VLANs, whichever way a platform writes them."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

Configuration = dict[str, list[str]]
"""Lines by section; the empty section holds the global lines. Deeper lines keep their indentation."""

KINDS = ("ethernet", "management", "vlan", "loopback", "lag", "tunnel")
"""What an interface can be. The first two have a plug."""


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface as it is configured. ``address`` and ``mask`` are empty without an IPv4 address."""

    name: str
    short: str
    kind: str = "ethernet"
    speed_mbps: int = 1000
    description: str = ""
    address: str = ""
    prefix_length: int = 0
    is_shut: bool = False
    mode: str = "access"
    vlan: int = 1
    mtu: int = 1500

    @property
    def mask(self) -> str:
        """The netmask, such as 255.255.255.0."""
        return str(ipaddress.ip_network((0, self.prefix_length)).netmask) if self.address else ""

    @property
    def is_port(self) -> bool:
        """Whether a cable goes in and frames are switched."""
        return self.kind == "ethernet"


@dataclass(frozen=True, slots=True)
class Vlan:
    """One VLAN and the short names of its untagged ports."""

    number: int
    name: str
    ports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A way to a network: directly connected (without ``next_hop``) or static."""

    network: ipaddress.IPv4Network
    interface: Interface
    next_hop: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """Everything that a configuration says about the network. ``static_routes`` are networks with their next hops."""

    interfaces: tuple[Interface, ...] = ()
    vlans: tuple[Vlan, ...] = ()
    static_routes: tuple[tuple[str, str], ...] = ()

    def routes(self) -> list[Route]:
        """The routes in effect, by network. A static one counts if its next hop is in a connected network."""
        up = [interface for interface in self.interfaces if interface.address and not interface.is_shut]
        connected = [
            Route(ipaddress.IPv4Interface(f"{each.address}/{each.prefix_length}").network, each) for each in up
        ]
        static: list[Route] = []
        for text, next_hop in self.static_routes:
            address, length = interface_address(text)
            via = next((route for route in connected if _is_within(next_hop, route.network)), None)
            if address and via is not None:
                network = ipaddress.IPv4Network((address, length), strict=False)
                static.append(Route(network, via.interface, next_hop))
        return sorted([*connected, *static], key=lambda route: route.network)

    def ports(self) -> list[Interface]:
        """The interfaces with a cable, in their order."""
        return [interface for interface in self.interfaces if interface.is_port]

    def find(self, name: str) -> Interface | None:
        """The interface of this full or short name, in any case."""
        wanted = name.lower()
        return next((found for found in self.interfaces if wanted in (found.name.lower(), found.short.lower())), None)


@dataclass(frozen=True, slots=True)
class InterfaceKind:
    """A family of interface names, such as ``GigabitEthernet0/1``, ``Gi0/1``."""

    name: str
    short: str
    kind: str
    speed_mbps: int


def interface_address(text: str) -> tuple[str, int]:
    """The address and prefix length of ``192.0.2.1/24`` or ``192.0.2.1 255.255.255.0``; ("", 0) if it is none."""
    try:
        found = ipaddress.IPv4Interface("/".join(text.split()[:2]))
    except ValueError:
        return "", 0
    return str(found.ip), found.network.prefixlen


def _is_within(address: str, network: ipaddress.IPv4Network) -> bool:
    try:
        return ipaddress.IPv4Address(address) in network
    except ValueError:
        return False


def is_address(text: str) -> bool:
    """Whether the text is an IPv4 or IPv6 address with a prefix length or mask, or without."""
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return True


def copied(configuration: Mapping[str, list[str]]) -> Configuration:
    """A copy whose lines can be changed alone."""
    return {section: list(lines) for section, lines in configuration.items()}


def merged(base: Configuration, mine: Configuration, theirs: Configuration) -> Configuration:
    """What comes of two sessions that began from ``base``: ``theirs``, with what changed from ``base`` to ``mine``."""
    if theirs == base:
        return copied(mine)
    found = copied(theirs)
    for section in {**base, **mine}:
        before, after = base.get(section, []), mine.get(section)
        if after is None:
            found.pop(section, None)
            continue
        lines = found.setdefault(section, [])
        kept = [line for line in lines if line in after or line not in before]
        lines[:] = [*kept, *(line for line in after if line not in before and line not in kept)]
    return found
