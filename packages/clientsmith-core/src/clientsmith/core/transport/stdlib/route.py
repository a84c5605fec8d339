"""How one origin is reached: directly, through a proxy that forwards, or through a tunnel. Without any I/O."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from ...errors import UsageError
from .._body import ascii_host, checked_origin, head_of, host_field
from .._environment import Environment

__all__ = ["Route", "refuse_foreign", "route_to"]


class Route(NamedTuple):
    """How the connections to one origin are made, and what their requests carry.

    Attributes:
        host: Where to connect to: the origin's host, or the proxy's.
        port: Its port.
        tls: How TLS is made, None for a plain connection.
        server_name: Whose certificate it has to be.
        prefix: What stands before the path in a request line: the origin itself if a proxy forwards the request.
        authority: The value of ``Host``.
        authorization: What a forwarding proxy wants to see with each request, None if there is nothing to show.
        tunnel: The request that makes the proxy open a tunnel, None without one.
        place: ``host:port`` of the origin, for messages.
        is_proxied: Whether there is a proxy.
    """

    host: str
    port: int
    tls: ssl.SSLContext | None
    server_name: str
    prefix: str
    authority: str
    authorization: str | None
    tunnel: bytes | None
    place: str
    is_proxied: bool


def route_to(url: str, environment: Environment, tls: Callable[[], ssl.SSLContext]) -> Route:
    """Return the way to an origin, given as what stands before the path of a URL; ``tls`` says how TLS is made.

    Raises:
        UsageError: It cannot be gone to, or its proxy or its TLS files cannot be used.
    """
    scheme, host, port = checked_origin(url)
    authority, place = host_field(scheme, host, port), f"{host}:{port}"
    context = tls() if scheme == "https" else None
    proxy = environment.proxy_for(scheme, host, port)
    if proxy is None:
        return Route(host, port, context, host, "", authority, None, None, place, False)
    proxy_host, proxy_port, authorization = _proxy_parts(proxy)
    if context is None:
        # Not as it was spelt: that has gone through no check.
        prefix = f"http://{authority}"
        return Route(proxy_host, proxy_port, None, host, prefix, authority, authorization, None, place, True)
    whole = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    shown = {"Proxy-Authorization": authorization} if authorization else {}
    tunnel = head_of("CONNECT", whole, {"Host": whole, **shown})
    return Route(proxy_host, proxy_port, context, host, "", authority, None, tunnel, place, True)


def refuse_foreign(proxy: str) -> None:
    """Refuse a proxy that the standard library alone cannot speak to. Its URL is not shown: it may hold a password.

    Raises:
        UsageError: It is of that kind.
    """
    scheme = proxy.partition(":")[0]
    if scheme != "http":
        raise UsageError(
            f"a proxy that speaks {scheme} takes more than the standard library; name an http proxy, or give the "
            "client a RequestsTransport (SOCKS with `requests[socks]`, or https) or an AioHttpTransport (https)"
        )


def _proxy_parts(url: str) -> tuple[str, int, str | None]:
    """Return host and port of a proxy, and what shows it who we are.

    Raises:
        UsageError: It is of a kind that we cannot speak to.
    """
    refuse_foreign(url)
    parts = urlsplit(url)
    host = ascii_host(parts.hostname or "")
    authorization = None
    if parts.username is not None:
        pair = unquote_to_bytes(parts.username) + b":" + unquote_to_bytes(parts.password or "")
        authorization = f"Basic {b64encode(pair).decode('ascii')}"
    return host, parts.port or 80, authorization
