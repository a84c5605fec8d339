"""Security: the ways to say who is calling, and which of them are needed."""

from __future__ import annotations

from dataclasses import dataclass

from .messages import Location

__all__ = ["Flow", "Requirement", "SecurityScheme"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """Security schemes that are needed together, by their keys; without any, no credential is needed."""

    schemes: tuple[str, ...]
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """One way to get a token of OAuth 2, in the document's word for it."""

    kind: str  # clientCredentials, authorizationCode, deviceAuthorization, password, implicit
    token_url: str = ""
    authorization_url: str = ""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """A way to say who is calling.

    ``kind`` is ``key`` (with location and wire name), ``basic``, ``bearer`` (OAuth2 and OpenID Connect too),
    ``signature`` (a scheme of HTTP that only the caller's code can speak) or ``certificate`` (mutual TLS).
    """

    key: str
    kind: str
    location: Location = Location.HEADER
    wire_name: str = ""  # of a key; of a signature the scheme of HTTP
    scopes: tuple[str, ...] = ()
    description: str = ""
    flows: tuple[Flow, ...] = ()
    discovery_url: str = ""  # of OpenID Connect
