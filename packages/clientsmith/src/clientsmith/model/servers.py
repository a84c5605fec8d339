"""Where the service is: the servers of a document, of a path, of an operation, and what callers put into their URLs."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from collections.abc import Iterable

from clientsmith.openapi.data import is_array
from clientsmith.openapi.resolve import Node
from clientsmith.openapi.source import is_url

from .ir import Server, ServerVariable, filled

__all__ = ["server_url", "servers_of"]

_VARIABLE = re.compile(r"{([^{}]+)}")


def servers_of(servers: Node, base: str) -> tuple[Server, ...]:
    """Return the servers that have a full URL, the one that clients use by default first.

    A relative URL is joined with ``base`` where the document came from a URL; else only the caller can know the host.
    Neither is a document fetched from this machine a reason to call this machine for ever. The first of a document
    comes first, but for plain http where the same place is offered over https too.
    """
    found = tuple(server for node in servers.items if (server := _server(node, base)) is not None)
    if found and found[0].url.startswith("http://"):
        twin = next((one for one in found if one.url == f"https{found[0].url.removeprefix('http')}"), None)
        return found if twin is None else (twin, *(one for one in found if one is not twin))
    return found


def server_url(servers: Node, base: str) -> str:
    """Return the URL of the first server with its variables' defaults, without a slash at the end, "" if unknown."""
    if not servers.items or _server(servers.items[0], base) is None:
        return ""  # the first is the one that is meant
    return filled(servers_of(servers, base)[0])


def _server(node: Node, base: str) -> Server | None:
    url = node.text("url").strip()
    if not is_url(url) and not _VARIABLE.match(url) and is_url(base) and not _is_loopback(base):
        url = urllib.parse.urljoin(base, url)
    server = Server(url.rstrip("/"), node.text("description"), tuple(_variables(node, url)))
    return server if is_url(filled(server)) or is_url(url) else None


def _variables(node: Node, url: str) -> Iterable[ServerVariable]:
    variables = node.child("variables")
    for name in dict.fromkeys(_VARIABLE.findall(url)):
        variable = variables.child(name)
        default, values = variable.mapping.get("default"), variable.mapping.get("enum")
        if default is not None:
            listed = tuple(str(value) for value in values) if is_array(values) else ()
            yield ServerVariable(name, str(default), listed, variable.text("description"))


def _is_loopback(url: str) -> bool:
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
