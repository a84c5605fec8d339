"""What a plan says first: the client as a whole."""

from __future__ import annotations

from clientsmith.core.terminal import count
from clientsmith.model.ir import Api, ApiVersionIn, Enum, Model, SecurityScheme, VersionScheme

__all__ = ["count_of", "credential_of", "head_of", "used_schemes"]


def head_of(api: Api) -> list[tuple[str, str]]:
    """Return the rows above the operations."""
    groups = sum(1 for group in api.root.walk() if group is not api.root)
    return [
        ("client", f"{api.root.name}, sync in {api.package}, async in {api.package}.aio"),
        ("distribution", api.distribution),
        ("endpoint", api.endpoint or "given by the caller"),
        ("credential", _credentials_text(api)),
        ("api version", _version_text(api)),
        ("models", f"{count(count_of(api, Model), 'model')}, {count(count_of(api, Enum), 'enum')}"),
        ("groups", f"{count(groups, 'group')}; {api.root.evidence}" if groups else api.root.evidence),
    ]


def used_schemes(api: Api) -> list[SecurityScheme]:
    used = {key for one in api.operations for key in api.schemes_of(one)}
    return [scheme for scheme in api.security_schemes if scheme.key in used]


def credential_of(scheme: SecurityScheme) -> str:
    match scheme.kind:
        case "key":
            return f"KeyCredential, {scheme.location.value} {scheme.wire_name}"
        case "basic":
            return "BasicCredential"
        case _:
            return "TokenCredential"


def _credentials_text(api: Api) -> str:
    credentials = list(dict.fromkeys(credential_of(scheme) for scheme in used_schemes(api)))
    if not credentials:
        return "none"
    return " or ".join(credentials) + (" (optional)" if api.security_optional else "")


def _version_text(api: Api) -> str:
    version = api.api_version
    oldest = f"{version.oldest} to " if version.oldest else ""
    return f"{oldest}{version.default or 'none'}, {_place_of(version)} ({version.evidence})"


def _place_of(version: ApiVersionIn) -> str:
    """Where the version is said."""
    match version.scheme:
        case VersionScheme.MICROVERSION:
            return f"negotiated in the header {version.wire_name}"
        case VersionScheme.CAPABILITIES:
            return f"as the list at {version.document} says"
        case VersionScheme.PATH:
            return f"in the path /{version.wire_name.format(version.default)}/"
        case VersionScheme.MEDIA_TYPE:
            return f"as the media type {version.wire_name.format(version.default)}"
        case _:
            return f"as {version.location or ''} {version.wire_name}"


def count_of(api: Api, kind: type[Model | Enum]) -> int:
    return sum(isinstance(shape, kind) for shape in api.shapes.values())
