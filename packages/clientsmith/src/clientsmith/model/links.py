"""OpenAPI's links: what a document says that one can do with an answer."""

from __future__ import annotations

from clientsmith.openapi.resolve import Node, Resolver

from .ir import Link

__all__ = ["links_of"]


def links_of(response: Node, resolver: Resolver) -> tuple[Link, ...]:
    """Return the links of a response; a parameter whose value is no runtime expression is left out."""
    links = response.child("links")
    found: list[Link] = []
    for name in links.mapping:
        node = resolver.follow(links.child(name))
        if node is None:
            continue
        parameters = node.child("parameters").mapping
        pairs = tuple((key, value) for key, value in parameters.items() if isinstance(value, str))
        found.append(Link(name, node.text("operationId"), node.text("operationRef"), pairs))
    return tuple(found)
