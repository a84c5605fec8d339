"""Access tokens, and what gets them."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from ..policies.authentication.tokens import TokenCache

__all__ = ["AccessToken", "AsyncTokenCredential", "TokenCredential", "TokenLike", "TokenSource"]


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


class TokenLike(Protocol):
    """A token of any library: whatever has these two. ``refresh_on`` and ``token_type`` are read where they exist."""

    @property
    def token(self) -> str:
        """The secret itself."""
        ...

    @property
    def expires_on(self) -> float:
        """When it stops working, in seconds since the epoch."""
        ...


@runtime_checkable
class TokenCredential(Protocol):
    """Something that gets access tokens. It may block; it is asked once for all callers that wait.

    A sync client cannot interrupt it, so it should have a timeout of its own; an async client runs it in a thread.
    Credentials of azure-identity are of this kind. Where there is a ``get_token_info`` as in azure-core, that one is
    asked, for its answer says when to refresh.
    """

    def get_token(self, *scopes: str, claims: str | None = None) -> TokenLike:
        """Return a token for the scopes. ``claims`` answers a claims challenge of the service."""
        ...


@runtime_checkable
class AsyncTokenCredential(Protocol):
    """The async twin of `TokenCredential`."""

    def get_token(self, *scopes: str, claims: str | None = None) -> Awaitable[TokenLike]:
        """Return a token for the scopes. ``claims`` answers a claims challenge of the service."""
        ...


@runtime_checkable
class TokenSource(Protocol):
    """Something that gets its tokens through the client that needs them, in either colour.

    The requests go over that client's transport, within the call's deadline, and with none of its credentials.

    Its tokens are bearer tokens, unless their cache names another header field than ``Authorization``: those fit a
    service that takes a key in that field (`KeyInHeader`), OpenStack's ``X-Auth-Token`` for example.
    """

    @property
    def token_cache(self) -> TokenCache:
        """The tokens that it has, shared by all clients that hold it."""
        ...

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes to ask for instead of those that a service's scheme names; empty leaves it to the scheme."""
        ...
