"""The async side of the runtime: the same names as `clientsmith.core`, for ``async with`` and ``await``."""

from __future__ import annotations

from ..credentials import AsyncTokenCredential as TokenCredential
from ..paging.aio import ItemPaged
from ..polling.aio import LROPoller
from .client import ServiceClient

__all__ = ["ItemPaged", "LROPoller", "ServiceClient", "TokenCredential"]
