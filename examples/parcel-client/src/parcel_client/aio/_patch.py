"""The async client, finished by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator

from .._rules import is_open
from ..models import Parcel
from ._client import ParcelClient as Generated

__all__ = ["ParcelClient"]


class ParcelClient(Generated):
    """The generated client, and what people ask of it every day."""

    async def list_open_parcels(self) -> AsyncIterator[Parcel]:
        """Yield the parcels that have not arrived yet."""
        async for parcel in self.list_parcels():
            if is_open(parcel):
                yield parcel
