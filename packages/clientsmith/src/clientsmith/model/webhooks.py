"""What a service sends to its users: ``webhooks`` (OpenAPI 3.1), ``x-webhooks`` of older documents, and ``callbacks``.

Only what is in a message is read: where it goes, its receiver knows. How messages are signed no document says in a
standard's words; the name of the header is evidence enough for those schemes that have one of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from typing import Final, Literal, TypeAlias

from clientsmith.findings import Finding, note
from clientsmith.openapi.convert import METHODS
from clientsmith.openapi.data import is_object
from clientsmith.openapi.resolve import Node, Resolver

from .bodies import ContentReader
from .ir import AnyShape, Webhook
from .schemas import ShapeBuilder

__all__ = ["Which", "webhooks_of"]

Which: TypeAlias = Literal["auto", "all", "none"]
# More are read when somebody asks: GitHub's 270 double the time that it takes to generate a client, and its models.
_MOST: Final = 100
# Header fields of those schemes that have one of their own, in lower case, and what `clientsmith.core.webhooks` calls
# the scheme.
_SIGNATURES: Final = {
    "webhook-signature": "standard",
    "svix-signature": "svix",
    "stripe-signature": "stripe",
    "x-hub-signature-256": "github",
}


def webhooks_of(
    resolver: Resolver, shapes: ShapeBuilder, callbacks: Iterable[tuple[str, Node]], which: Which
) -> tuple[tuple[Webhook, ...], list[Finding]]:
    """Return the messages that a document describes, in its order: webhooks, and the ``callbacks`` of operations."""
    contents = ContentReader(shapes)
    items = [] if which == "none" else list(_items(resolver, callbacks))
    if which == "auto" and len(items) > _MOST:
        message = f"{len(items)} messages of the service are described, too many to be read unasked"
        return (), [note("webhooks", message, "/webhooks", 'set `webhooks = "all"` for a module that reads them')]
    found: dict[str, Webhook] = {}
    for key, item in items:
        for one in _messages(key, item, resolver, contents):
            found.setdefault(one.pointer, one)  # several operations may refer to one callback
    findings = [note("webhooks", _told(found), "/webhooks")] if found else []
    return tuple(found.values()), [*findings, *contents.findings]


def _items(resolver: Resolver, callbacks: Iterable[tuple[str, Node]]) -> Iterator[tuple[str, Node]]:
    for holder in ("webhooks", "x-webhooks"):
        node = resolver.root().child(holder)
        yield from ((key, node.child(key)) for key in node.mapping)
    for key, node in callbacks:
        callback = resolver.follow(node)
        if callback is not None:
            yield from ((key, callback.child(expression)) for expression in callback.mapping)


def _told(found: Sized) -> str:
    return f"{len(found)} messages of the service are described; the module `webhooks` of the package reads them"


def _messages(key: str, item: Node, resolver: Resolver, contents: ContentReader) -> Iterator[Webhook]:
    target = resolver.follow(item)
    if target is None:
        return
    for method in target.mapping:
        node = target.child(method)
        if method.lower() not in METHODS or not is_object(node.value):
            continue
        body = resolver.follow(node.child("requestBody"))
        forms = contents.answered(body.child("content")) if body is not None else []
        headers = [*target.child("parameters").items, *node.child("parameters").items]
        names = (parameter.text("name").lower() for one in headers if (parameter := resolver.follow(one)) is not None)
        yield Webhook(
            key=key,
            method=method.upper(),
            pointer=node.place,
            media_type=forms[0].media_type if forms else "",
            shape=forms[0].shape if forms else AnyShape(),
            summary=node.text("summary") or target.text("summary"),
            description=node.text("description") or target.text("description"),
            operation_id=node.text("operationId"),
            signature=next((_SIGNATURES[name] for name in names if name in _SIGNATURES), ""),
        )
