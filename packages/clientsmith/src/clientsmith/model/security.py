"""Who may call: the security schemes of a document, and which of them an operation needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from clientsmith.findings import Finding, warning
from clientsmith.openapi.data import is_array
from clientsmith.openapi.resolve import Node, Resolver

from .ir import Api, Flow, Location, Operation, Requirement, SecurityScheme

__all__ = ["alternatives", "is_optional", "requirements_of", "schemes_of"]

_BEARER_KINDS: Final = ("oauth2", "openIdConnect")
_PLACES: Final = ("header", "query", "cookie")


def schemes_of(resolver: Resolver, findings: list[Finding]) -> list[SecurityScheme]:
    """Return the security schemes of a document, in its order."""
    schemes = resolver.root().child("components").child("securitySchemes")
    found: list[SecurityScheme] = []
    for key in schemes.mapping:
        node = resolver.follow(schemes.child(key))
        scheme = _scheme(key, node) if node is not None else None
        if scheme is not None:
            found.append(scheme)
        elif node is not None:
            kind = node.mapping.get("type")
            message = f"the security scheme {key!r} of type {kind!r} has no credential of its own; it is left out"
            hint = "apiKey (with name and in), http, oauth2, openIdConnect and mutualTLS have one"
            findings.append(warning("security-unsupported", message, node.place, hint))
    return found


def _scheme(key: str, node: Node) -> SecurityScheme | None:
    kind, description = node.mapping.get("type"), node.text("description")
    if kind == "apiKey" and node.mapping.get("in") in _PLACES and node.text("name"):
        return SecurityScheme(key, "key", Location(node.mapping["in"]), node.text("name"), description=description)
    if kind == "http":
        scheme = node.text("scheme").strip()
        known = {"basic": "basic", "bearer": "bearer", "oauth": "bearer", "mutual": "certificate"}
        name = known.get(scheme.lower(), "signature" if scheme else "")
        return (
            SecurityScheme(key, name, wire_name=scheme if name == "signature" else "", description=description)
            if (name)
            else None
        )
    if kind in _BEARER_KINDS:
        flows = tuple(_flows(node))
        scopes = dict.fromkeys(scope for flow in flows for scope in flow.scopes)
        return SecurityScheme(
            key,
            "bearer",
            scopes=tuple(scopes),
            description=description,
            flows=flows,
            discovery_url=node.text("openIdConnectUrl"),
        )
    return SecurityScheme(key, "certificate", description=description) if kind == "mutualTLS" else None


def _flows(node: Node) -> Iterable[Flow]:
    flows = node.child("flows")
    for kind in flows.mapping:
        flow = flows.child(kind)
        scopes = tuple(flow.child("scopes").mapping)
        yield Flow(kind, flow.text("tokenUrl"), flow.text("authorizationUrl"), scopes)


def requirements_of(node: Node, known: frozenset[str], findings: list[Finding]) -> tuple[Requirement, ...] | None:
    """Return the alternatives that ``security`` of a document or operation lists, None where it says nothing.

    An alternative with a scheme that the document does not describe goes without that scheme.
    """
    if not is_array(node.mapping.get("security")):
        return None
    found: list[Requirement] = []
    for requirement in node.child("security").items:
        for key in requirement.mapping:
            if key not in known:
                message = f"there is no security scheme {key!r}; it is left out"
                findings.append(warning("security-unknown", message, requirement.place, "add it to securitySchemes"))
        keys = tuple(key for key in requirement.mapping if key in known)
        scopes = dict.fromkeys(
            scope
            for key in keys
            if is_array(listed := requirement.mapping[key])
            for scope in listed
            if isinstance(scope, str)
        )
        if keys or not requirement.mapping:
            found.append(Requirement(keys, tuple(scopes)))
    return tuple(dict.fromkeys(found))


def alternatives(api: Api) -> tuple[tuple[SecurityScheme, ...], ...]:
    """Return which schemes a caller can show, each time those that are needed together, the document's first first.

    A document that describes schemes and never says where they are needed means all of them. A client certificate is
    shown by the transport, and is no credential.
    """
    by_key = {scheme.key: scheme for scheme in api.security_schemes if scheme.kind != "certificate"}
    needs = [*api.security, *(one for operation in api.operations for one in operation.security or ())]
    found = [tuple(by_key[key] for key in need.schemes if key in by_key) for need in needs]
    if not any(need.schemes for need in needs):
        found = [(scheme,) for scheme in by_key.values()]
    return tuple(together for together in dict.fromkeys(found) if together)


def is_optional(everywhere: tuple[Requirement, ...], operations: Iterable[Operation]) -> bool:
    """Whether some operation can be called without a credential."""
    needs = [everywhere if one.security is None else one.security for one in operations] or [everywhere]
    return any(not need or any(not requirement.schemes for requirement in need) for need in needs)
