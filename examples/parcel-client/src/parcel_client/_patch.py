"""The sync client, finished by hand."""

from __future__ import annotations

from collections.abc import Iterator

from ._client import ParcelClient as Generated
from ._rules import is_open
from .models import Parcel

__all__ = ["ParcelClient"]


class ParcelClient(Generated):
    """The generated client, and what people ask of it every day."""

    def list_open_parcels(self) -> Iterator[Parcel]:
        """Yield the parcels that have not arrived yet."""
        return filter(is_open, self.list_parcels())
