"""Credentials: what proves who is calling. None of them shows its secret in a repr.

A service says how it wants to be told (`KeyInHeader`, `Basic`, `Bearer` …); the client takes the first way that the
given credential fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

__all__ = [
    "AccessToken",
    "AsyncTokenCredential",
    "AuthenticationScheme",
    "Basic",
    "BasicCredential",
    "Bearer",
    "KeyCredential",
    "KeyInCookie",
    "KeyInHeader",
    "KeyInQuery",
    "TokenCredential",
]


class KeyCredential:
    """A secret string: an API key, or a token that never changes by itself.

    The key can be rotated in place with `update`; every client that holds the credential uses the new one.

    Raises:
        ValueError: The key is empty.
    """

    __slots__ = ("_key",)

    def __init__(self, key: str) -> None:
        self._key = _not_empty("key", key)

    @property
    def key(self) -> str:
        """The secret itself."""
        return self._key

    def update(self, key: str) -> None:
        """Replace the key from now on."""
        self._key = _not_empty("key", key)

    def __repr__(self) -> str:
        return "KeyCredential(***)"


class BasicCredential:
    """A user name and a password (RFC 7617), rotated in place with `update`.

    Raises:
        ValueError: The user name is empty or contains a colon.
    """

    __slots__ = ("_pair",)

    def __init__(self, username: str, password: str) -> None:
        self._pair = self._checked(username, password)

    @property
    def username(self) -> str:
        """Who is calling."""
        return self._pair[0]

    @property
    def password(self) -> str:
        """The secret itself."""
        return self._pair[1]

    def update(self, username: str, password: str) -> None:
        """Replace both from now on, together."""
        self._pair = self._checked(username, password)

    @staticmethod
    def _checked(username: str, password: str) -> tuple[str, str]:
        if ":" in username:  # RFC 7617, section 2: the first colon ends the user name
            raise ValueError(f"the user name {username!r} contains a colon, which basic authentication cannot carry")
        return _not_empty("user name", username), password

    def __repr__(self) -> str:
        return f"BasicCredential({self.username!r}, ***)"


@dataclass(frozen=True, slots=True, repr=False)
class AccessToken:
    """A bearer token.

    Attributes:
        token: The secret itself.
        expires_on: When it stops working, in seconds since the epoch.
        refresh_on: From when a new one should be asked for, in seconds since the epoch; None leaves it to the policy.
    """

    token: str
    expires_on: float
    refresh_on: float | None = None

    def __repr__(self) -> str:
        return f"AccessToken(***, expires_on={self.expires_on!r})"


@runtime_checkable
class TokenCredential(Protocol):
    """Something that gets access tokens. It may block; it is asked once for all callers that wait."""

    def get_token(self, *scopes: str, claims: str | None = None) -> AccessToken:
        """Return a token for the scopes. ``claims`` answers a claims challenge of the service."""
        ...


@runtime_checkable
class AsyncTokenCredential(Protocol):
    """The async twin of `TokenCredential`."""

    async def get_token(self, *scopes: str, claims: str | None = None) -> AccessToken:
        """Return a token for the scopes. ``claims`` answers a claims challenge of the service."""
        ...


# --- how a service wants to be told ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyInHeader:
    """The key in a header field, ``prefix`` before it (``Token `` for example)."""

    name: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class KeyInQuery:
    """The key in a query parameter."""

    name: str


@dataclass(frozen=True, slots=True)
class KeyInCookie:
    """The key in a cookie."""

    name: str


@dataclass(frozen=True, slots=True)
class Basic:
    """HTTP basic authentication (RFC 7617)."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A bearer token (RFC 6750) from a `TokenCredential`, or a fixed one from a `KeyCredential`."""

    scopes: Sequence[str] = ()


AuthenticationScheme: TypeAlias = KeyInHeader | KeyInQuery | KeyInCookie | Basic | Bearer


def _not_empty(what: str, value: str) -> str:
    if not value:
        raise ValueError(f"the {what} is empty; pass the one that the service gave you")
    return value
