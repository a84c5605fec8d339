"""Where this service may send things that a caller names: not into the network behind it (SSRF).

A webhook URL is a wish of a caller. Without these rules it would make the service ask its own loopback, the metadata
service of a cloud, or a management network, in the caller's stead. Decisions only; `naas.security.outbound` resolves
names and connects.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

__all__ = ["Destination", "DestinationRules", "address_refusal", "parse_destination"]

LONGEST_URL: Final = 2048

# Services of a machine beside the web that a request could be made to talk to: mail, names, files, databases. Those
# that browsers refuse (WHATWG Fetch, "bad port"), as far as anybody would guess them.
_BAD_PORTS: Final = frozenset(
    {1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110}
    | {111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 162, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530}
    | {531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 2375, 3306, 3659}
    | {4045, 4190, 4222, 5060, 5061, 5432, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 10080, 11211, 27017}
)

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_REFUSED: Final[tuple[tuple[_Network, str], ...]] = tuple(
    (ipaddress.ip_network(network), what)
    for network, what in (
        ("100.64.0.0/10", "an address shared behind a carrier (RFC 6598)"),
        ("192.0.0.0/24", "an address with a special use"),
        ("192.88.99.0/24", "an address with a special use"),
        ("198.18.0.0/15", "an address for measurements"),
        ("fd00:ec2::254/128", "the metadata service of a cloud"),
        ("168.63.129.16/32", "the metadata service of a cloud"),
        ("100::/64", "an address that discards"),
        ("2001::/23", "an address with a special use"),
        ("fec0::/10", "a site-local address"),
    )
)
_METADATA: Final = ipaddress.ip_address("169.254.169.254")
# Addresses that a translator turns into the IPv4 address in their last 32 bits (RFC 6052, RFC 8215).
_NAT64: Final = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))

_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class DestinationRules:
    """What is allowed beside public addresses by HTTPS."""

    allow_http: bool = False
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a URL leads. ``authority`` is for the Host header."""

    host: str
    port: int
    authority: str
    is_tls: bool


def parse_destination(url: str, rules: DestinationRules) -> Destination | str:
    """Return where the URL leads, or why it cannot be used, as the rest of a sentence about it.

    Names are judged when they are resolved; an address in the URL is judged now too.
    """
    if len(url) > LONGEST_URL:
        return f"is longer than {LONGEST_URL} characters"
    if not url.isascii() or not url.isprintable() or set(url) & set(' "<>\\^`{|}'):
        # Parsers disagree about what these mean, and then one judges what another connects to.
        return "holds characters that a URL must write as %XX"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is not a URL"
    schemes = ("https", "http") if rules.allow_http else ("https",)
    if parts.scheme.lower() not in schemes:
        return f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}"
    if "@" in parts.netloc:
        return "must not carry a user or a password"
    host = (parts.hostname or "").rstrip(".").lower()
    if not _is_host(host):
        return "has no host that can be asked"
    is_tls = parts.scheme.lower() == "https"
    port = (443 if is_tls else 80) if port is None else port
    if port in _BAD_PORTS or port == 0:
        return f"names the port {port}, at which no web server listens"
    if _is_address(host) and (refusal := address_refusal(host, rules)) is not None:
        return f"leads to {refusal}"
    shown = f"[{host}]" if ":" in host else host
    authority = shown if port == (443 if is_tls else 80) else f"{shown}:{port}"
    return Destination(host, port, authority, is_tls)


def address_refusal(text: str, rules: DestinationRules) -> str | None:
    """Return what speaks against an IP address, or None."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return "something that is no address"
    for each in _meant_by(address):
        if each == _METADATA:  # also where private addresses are allowed: nothing good ever comes of it
            return "the metadata service of a cloud"
        if each.is_unspecified or each.is_multicast:
            return "an address that is no single machine"
        if not rules.allow_private and (refusal := _private(each)) is not None:
            return refusal
    return None


def _private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str | None:
    if address.is_loopback:
        return "the loopback of this machine"
    if address.is_link_local:
        return "a link-local address"
    for network, what in _REFUSED:
        if address.version == network.version and address in network:
            return what
    if address.is_private:
        return "a private address"
    if address.is_reserved or not address.is_global:
        return "a reserved address"
    return None


def _meant_by(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, ...]:
    """The address, and the IPv4 address that is hidden in it."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    last_bits = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.ipv4_mapped is not None or any(address in network for network in _NAT64):
        # Only a wrapping: the packet goes to the IPv4 address.
        return (last_bits,)
    # ::192.0.2.1 is long deprecated and still understood by some.
    compatible = last_bits if int(address) >> 32 == 0 and int(address) > 1 else None
    hidden = (compatible, address.sixtofour, *(address.teredo or ()))
    return (address, *(each for each in hidden if each is not None))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_host(host: str) -> bool:
    if _is_address(host):
        return True
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    # 127.1, 0x7f.1 and 2130706433 are 127.0.0.1 to some resolvers; no top-level domain begins with a digit.
    return not labels[-1][0].isdigit()
