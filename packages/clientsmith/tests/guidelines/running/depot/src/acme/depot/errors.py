"""What a caller can do something about."""

from __future__ import annotations

from clientsmith.core.errors import ClientsmithError

__all__ = ["ShelfTakenError"]


class ShelfTakenError(ClientsmithError):
    """Another shelf has the name: choose one that is free."""
