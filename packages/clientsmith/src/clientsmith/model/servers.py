"""Where the service is: the first server of a document."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse

from clientsmith.openapi.resolve import Node
from clientsmith.openapi.source import is_url

__all__ = ["server_url"]

_VARIABLE = re.compile(r"{([^{}]+)}")


def server_url(servers: Node, base: str) -> str:
    """Return the URL of the first server with its variables' defaults, without a slash at the end.

    A relative URL is joined with ``base`` where the document came from a URL; else only the caller can know the
    host, and the answer is "". Neither is a document fetched from this machine a reason to call this machine for ever.
    """
    for server in servers.items:
        url = server.text("url").strip()
        variables = server.child("variables")

        def default(match: re.Match[str], variables: Node = variables) -> str:
            value = variables.child(match[1]).mapping.get("default")
            return str(value) if value is not None else match[0]

        url = _VARIABLE.sub(default, url)
        if _VARIABLE.search(url):  # a variable without a default is the caller's to fill
            return ""
        if not is_url(url) and is_url(base) and not _is_loopback(base):
            url = urllib.parse.urljoin(base, url)
        return url.rstrip("/") if is_url(url) else ""
    return ""


def _is_loopback(url: str) -> bool:
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
