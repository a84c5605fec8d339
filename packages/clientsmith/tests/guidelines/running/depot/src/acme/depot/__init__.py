"""Client library of the depot, written by hand to keep every rule."""

from __future__ import annotations

from ._client import DepotClient, ShelfClient

__all__ = ["DepotClient", "ShelfClient"]
