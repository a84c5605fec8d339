"""Credentials, which prove who is calling, and schemes, by which a service says how it wants to be told.

A client takes the first scheme of its service that the given credential fits. No credential shows its secret in a repr
or can be pickled by accident; the secrets of all can be replaced in place, for every client that holds them.

The kinds that get tokens from an authorization server are in `clientsmith.core.oauth2`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .connection_string import parse_connection_string as parse_connection_string
    from .lookup import LookedUpCredential as LookedUpCredential
    from .schemes import AllOf as AllOf
    from .schemes import AuthenticationScheme as AuthenticationScheme
    from .schemes import Basic as Basic
    from .schemes import Bearer as Bearer
    from .schemes import KeyInCookie as KeyInCookie
    from .schemes import KeyInHeader as KeyInHeader
    from .schemes import KeyInQuery as KeyInQuery
    from .schemes import SasInQuery as SasInQuery
    from .schemes import Signature as Signature
    from .schemes import Signer as Signer
    from .secrets import BasicCredential as BasicCredential
    from .secrets import KeyCredential as KeyCredential
    from .secrets import NamedKeyCredential as NamedKeyCredential
    from .secrets import SasCredential as SasCredential
    from .tokens import AccessToken as AccessToken
    from .tokens import AsyncTokenCredential as AsyncTokenCredential
    from .tokens import TokenCredential as TokenCredential
    from .tokens import TokenLike as TokenLike
    from .tokens import TokenSource as TokenSource

if not TYPE_CHECKING:
    from ..lazy import lazy

    _TABLE = {
        "connection_string": "parse_connection_string",
        "lookup": "LookedUpCredential",
        "schemes": (
            "AllOf AuthenticationScheme Basic Bearer KeyInCookie KeyInHeader KeyInQuery SasInQuery Signature Signer"
        ),
        "secrets": "BasicCredential KeyCredential NamedKeyCredential SasCredential",
        "tokens": "AccessToken AsyncTokenCredential TokenCredential TokenLike TokenSource",
    }
    __all__ = sorted(name for names in _TABLE.values() for name in names.split())
    __getattr__, __dir__ = lazy(__name__, _TABLE)
