"""The async side of the runtime: the same names as `clientsmith.core`, for ``async with`` and ``await``."""

from __future__ import annotations

from typing import TypeAlias

from ..credentials.tokens import AsyncTokenCredential, TokenSource
from ..paging.aio import ItemPaged
from ..pipeline import AsyncHTTPPolicy as HTTPPolicy
from ..polling.aio import LROPoller
from .client import ServiceClient

# What an async client gets its tokens from; those of `clientsmith.core.oauth2` serve both colours.
TokenCredential: TypeAlias = AsyncTokenCredential | TokenSource

__all__ = ["HTTPPolicy", "ItemPaged", "LROPoller", "ServiceClient", "TokenCredential"]
