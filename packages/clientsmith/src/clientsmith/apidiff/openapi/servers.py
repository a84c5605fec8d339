"""Where the API is: the servers of the document, and those that a path or an operation has for itself."""

from __future__ import annotations

from clientsmith.openapi.resolve import Node

from .comparison import Comparison
from .sides import Both
from .view import canonical

__all__ = ["compare_servers"]


def compare_servers(comparison: Comparison, both: Both, subject: str) -> None:
    """Compare the servers at ``both``. No servers, and one of ``/``, are the same (OpenAPI 3.1, "OpenAPI Object")."""
    servers = both.child("servers")
    olds, news = _servers(servers.old), _servers(servers.new)
    gone = [url for url in olds if url not in news]
    come = [url for url in news if url not in olds]
    if len(olds) == len(news) == len(gone) == 1:
        place = Both(olds[gone[0]], news[come[0]])
        comparison.add("server-changed", subject, f"{gone[0]} → {come[0]}", place)
        return
    for url in gone:
        comparison.add("server-removed", subject, f"{url} is no more", Both(olds[url], servers.new))
    for url in come:
        comparison.add("server-added", subject, f"{url} is new", Both(servers.old, news[url]))
    first, now = next(iter(olds)), next(iter(news))
    if first != now and first in news:
        comparison.add("default-server-changed", subject, f"{first} → {now}", Both(olds[first], news[now]))
    for url in olds:
        if url in news:
            _compare_variables(comparison, Both(olds[url], news[url]), subject, url)


def _servers(node: Node) -> dict[str, Node]:
    found = {item.text("url").rstrip("/") or "/": item for item in node.items if item.mapping}
    return found or {"/": node}


def _compare_variables(comparison: Comparison, both: Both, subject: str, url: str) -> None:
    variables = both.child("variables")
    for name in sorted(variables.old.mapping.keys() & variables.new.mapping.keys()):
        one = variables.child(name)
        values = [(node.mapping.get("default"), _values(node)) for node in one]
        if values[0][0] != values[1][0] or values[0][1] - values[1][1] or (values[1][1] and not values[0][1]):
            comparison.add("server-variable-changed", subject, f"variable `{name}` of {url}", one)


def _values(node: Node) -> frozenset[str]:
    return frozenset(canonical(item.value) for item in node.child("enum").items)
