"""OAuth 2: credentials that get their tokens from an authorization server (RFC 6749).

An `Application` says what is registered where; each grant is a credential made of it:

- `ClientSecretCredential`: a program for itself (client credentials).
- `AuthorizationRequest` and `AuthorizationCodeCredential`: a user in a browser (authorization code with PKCE).
- `DeviceCodeCredential`: a user on another device (RFC 8628).
- `RefreshTokenCredential`: a user who signed in before.
- `PasswordCredential`: a user's name and password, for servers that have nothing better.

The same credential serves sync and async clients: it gets its tokens through the client that needs one, over that
client's transport, within the call's deadline, past all policies of the client and with none of its credentials.
Several clients may share a credential; one at a time gets a token, so a refresh token is never used twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .application import Application as Application
    from .authorization import AuthorizationCodeCredential as AuthorizationCodeCredential
    from .authorization import AuthorizationRequest as AuthorizationRequest
    from .device import DeviceCode as DeviceCode
    from .device import DeviceCodeCredential as DeviceCodeCredential
    from .grants import ClientSecretCredential as ClientSecretCredential
    from .grants import OAuth2Credential as OAuth2Credential
    from .grants import PasswordCredential as PasswordCredential
    from .grants import RefreshTokenCredential as RefreshTokenCredential
    from .token_endpoint import TokenSet as TokenSet

if not TYPE_CHECKING:
    from ..lazy import lazy

    _TABLE = {
        "application": "Application",
        "authorization": "AuthorizationCodeCredential AuthorizationRequest",
        "device": "DeviceCode DeviceCodeCredential",
        "grants": "ClientSecretCredential OAuth2Credential PasswordCredential RefreshTokenCredential",
        "token_endpoint": "TokenSet",
    }
    __all__ = sorted(name for names in _TABLE.values() for name in names.split())
    __getattr__, __dir__ = lazy(__name__, _TABLE)
