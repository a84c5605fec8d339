"""A resolved document to an `Api` without Python names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from clientsmith.findings import Finding, note, warning
from clientsmith.openapi.extensions import tag_hints
from clientsmith.openapi.resolve import Node, Resolver

from .ir import Api, Group, Tag
from .operations import OperationBuilder
from .schemas import ShapeBuilder
from .security import is_optional, requirements_of, schemes_of
from .servers import server_url, servers_of
from .webhooks import Which, webhooks_of
from .xml import with_xml_where_spoken

__all__ = ["build"]


def build(resolver: Resolver, *, webhooks: Which = "auto") -> tuple[Api, list[Finding]]:
    """Read the whole document: every operation, and every schema that an operation leads to.

    ``webhooks`` says which messages of the service are read as well.
    """
    root = resolver.root()
    info = root.child("info")
    findings: list[Finding] = []
    schemes = tuple(schemes_of(resolver, findings))
    known = frozenset(scheme.key for scheme in schemes)
    shapes = ShapeBuilder(resolver)
    servers = servers_of(root.child("servers"), resolver.document.base)
    endpoint = server_url(root.child("servers"), resolver.document.base)
    reader = OperationBuilder(resolver, shapes, known, endpoint)
    operations = reader.operations()
    own = {operation.server for operation in operations}
    if not endpoint and len(own) == 1:
        endpoint = own.pop()  # said with every operation instead of once
        operations = tuple(replace(operation, server="") for operation in operations)
    if not endpoint:
        findings.append(_no_endpoint(root))
    if not info.text("title"):
        findings.append(warning("title-missing", "the document has no title; it is called 'API'", "/info", "add one"))
    security = requirements_of(root, known, findings) or ()
    messages, noticed = webhooks_of(resolver, shapes, reader.callbacks, webhooks)
    findings += noticed
    api = Api(
        title=" ".join(info.text("title").split()) or "API",
        version=str(info.mapping.get("version", "")),
        root=Group("", operations),
        shapes=shapes.build_named(),
        description=info.text("description"),
        endpoint=endpoint,
        servers=servers,
        webhooks=messages,
        security_schemes=schemes,
        security=security,
        security_optional=is_optional(security, operations),
        tags=tuple(_tags(resolver)),
        extensions={key: value for key, value in root.mapping.items() if key.startswith("x-")},
    )
    return with_xml_where_spoken(api), [*findings, *reader.findings, *shapes.findings, *resolver.findings]


def _tags(resolver: Resolver) -> Iterator[Tag]:
    for name, hint in tag_hints(resolver.root().mapping).items():
        is_badge = hint.kind not in ("", "nav")
        yield Tag(name, hint.display_name, hint.parent, is_badge, hint.description)


def _no_endpoint(root: Node) -> Finding:
    relative = next((server.text("url") for server in root.child("servers").items), "").rstrip("/")
    path = f"; it ends in {relative!r}" if relative else ""
    message = f"the document does not say where the service is, so the caller gives the endpoint{path}"
    return note("endpoint-missing", message, "/servers", "add a server with a full URL, or generate with --endpoint")
