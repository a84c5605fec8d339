"""The async clients of the depot."""

from __future__ import annotations

from ._client import DepotClient, ShelfClient

__all__ = ["DepotClient", "ShelfClient"]
