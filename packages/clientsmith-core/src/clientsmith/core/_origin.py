"""Origins (RFC 6454): scheme, host and port. Credentials never cross one."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import urlsplit

__all__ = ["Origin", "is_loopback", "origin_of"]

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Where a URL points, default ports filled in, in lower case."""

    scheme: str
    host: str
    port: int


def origin_of(url: str) -> Origin:
    """Return the origin of an absolute URL.

    Raises:
        ValueError: The URL is relative, or its port is not a number.
    """
    parts = urlsplit(url)
    if not parts.scheme or not parts.hostname:
        raise ValueError("the URL is not absolute: it needs a scheme and a host, as in https://api.example.com")
    scheme = parts.scheme.lower()
    return Origin(scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(scheme, 0))


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by its very name: no name resolution, which an attacker could answer."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, section 6.3
        return True
    from ipaddress import ip_address  # only for who talks to himself

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
