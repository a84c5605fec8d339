"""Servers: where the service is, and what a caller puts into its URL."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Server", "ServerVariable", "filled"]


@dataclass(frozen=True, slots=True)
class ServerVariable:
    """What a caller puts into the URL of a server; ``name`` is the argument of the constructor."""

    wire_name: str
    default: str
    values: tuple[str, ...] = ()
    description: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the service is: an absolute URL with ``{variables}``, in the document's order."""

    url: str
    description: str = ""
    variables: tuple[ServerVariable, ...] = ()


def filled(server: Server) -> str:
    """Return a server's URL with its variables' defaults, "" where one has none: it is the caller's to fill."""
    url = server.url
    for variable in server.variables:
        url = url.replace(f"{{{variable.wire_name}}}", variable.default)
    return "" if "{" in url else url
