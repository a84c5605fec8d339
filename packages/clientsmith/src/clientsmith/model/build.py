"""A resolved document to an `Api` without Python names."""

from __future__ import annotations

from typing import Any, Final

from clientsmith.findings import Finding, note, warning
from clientsmith.openapi.resolve import Node, Resolver

from .ir import Api, Group, Location, SecurityScheme
from .operations import OperationBuilder
from .schemas import ShapeBuilder
from .servers import server_url

__all__ = ["build"]

_BEARER_KINDS: Final = ("oauth2", "openIdConnect")


def build(resolver: Resolver) -> tuple[Api, list[Finding]]:
    """Read the whole document: every operation, and every schema that an operation leads to."""
    root = resolver.root()
    info = root.child("info")
    findings: list[Finding] = []
    schemes = tuple(_security_schemes(resolver, findings))
    shapes = ShapeBuilder(resolver)
    reader = OperationBuilder(resolver, shapes, frozenset(scheme.key for scheme in schemes))
    operations = reader.operations()
    endpoint = server_url(root.child("servers"), resolver.document.base)
    if not endpoint and len(reader.own_servers) == len(operations) and len(set(reader.own_servers.values())) == 1:
        endpoint = next(iter(reader.own_servers.values()))  # said with every operation instead of once
    findings += [_other_server(place, url) for place, url in reader.own_servers.items() if url != endpoint]
    if not endpoint:
        findings.append(_no_endpoint(root))
    if not info.text("title"):
        findings.append(warning("title-missing", "the document has no title; it is called 'API'", "/info", "add one"))
    if webhooks := root.child("webhooks").mapping:
        message = f"{len(webhooks)} webhooks are described; a client does not receive them, so nothing is made for them"
        findings.append(note("webhooks", message, "/webhooks"))
    security, optional = _security(root, [operation.security for operation in operations], schemes)
    api = Api(
        title=" ".join(info.text("title").split()) or "API",
        version=str(info.mapping.get("version", "")),
        root=Group("", operations),
        shapes=shapes.build_named(),
        description=info.text("description"),
        endpoint=endpoint,
        security_schemes=schemes,
        security=security,
        security_optional=optional,
    )
    return api, [*findings, *reader.findings, *shapes.findings, *resolver.findings]


def _no_endpoint(root: Node) -> Finding:
    relative = next((server.text("url") for server in root.child("servers").items), "").rstrip("/")
    path = f"; it ends in {relative!r}" if relative else ""
    message = f"the document does not say where the service is, so the caller gives the endpoint{path}"
    return note("endpoint-missing", message, "/servers", "add a server with a full URL, or generate with --endpoint")


def _other_server(place: str, url: str) -> Finding:
    """To send one operation elsewhere would ignore the endpoint that the caller chose, and leave the key behind."""
    message = f"the operation has a server of its own, {url}; the client sends it to the client's endpoint all the same"
    return warning("server-of-operation", message, place, "for this operation, make a client with that endpoint")


def _security_schemes(resolver: Resolver, findings: list[Finding]) -> list[SecurityScheme]:
    schemes = resolver.root().child("components").child("securitySchemes")
    found: list[SecurityScheme] = []
    for key in schemes.mapping:
        node = resolver.follow(schemes.child(key))
        scheme = _security_scheme(key, node) if node is not None else None
        if scheme is not None:
            found.append(scheme)
        elif node is not None:
            kind = node.mapping.get("type")
            message = f"the security scheme {key!r} of type {kind!r} has no credential of its own; it is left out"
            findings.append(warning("security-unsupported", message, node.place, "apiKey, http, oauth2 have one"))
    return found


def _security_scheme(key: str, node: Node) -> SecurityScheme | None:
    kind, description = node.mapping.get("type"), node.text("description")
    if kind == "apiKey" and node.mapping.get("in") in ("header", "query", "cookie"):
        return SecurityScheme(key, "key", Location(node.mapping["in"]), node.text("name"), description=description)
    if kind == "http" and node.text("scheme").lower() in ("basic", "bearer"):
        return SecurityScheme(key, node.text("scheme").lower(), description=description)
    if kind in _BEARER_KINDS:
        scopes = dict.fromkeys(scope for flow in _flows(node) for scope in flow.child("scopes").mapping)
        return SecurityScheme(key, "bearer", scopes=tuple(scopes), description=description)
    return None


def _flows(node: Node) -> list[Node]:
    flows = node.child("flows")
    return [flows.child(name) for name in flows.mapping]


def _security(
    root: Node, own: list[tuple[str, ...] | None], schemes: tuple[SecurityScheme, ...]
) -> tuple[tuple[str, ...], bool]:
    """Return the schemes that apply where an operation says nothing, and whether some call needs no credential."""
    known = {scheme.key for scheme in schemes}
    requirements: list[dict[str, Any]] = [node.mapping for node in root.child("security").items]
    keys = dict.fromkeys(key for requirement in requirements for key in requirement if key in known)
    is_open = not keys or any(not requirement for requirement in requirements)
    optional = any(not keys_of if keys_of is not None else is_open for keys_of in own) or (is_open and not own)
    return tuple(keys), optional
