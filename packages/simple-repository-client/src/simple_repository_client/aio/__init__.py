"""The async client: the names of `simple_repository_client`, to be awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .client import SimpleRepositoryClient as SimpleRepositoryClient

if not TYPE_CHECKING:
    from clientsmith.core.lazy import lazy

    _TABLE = {"client": "SimpleRepositoryClient"}
    __all__ = ["SimpleRepositoryClient"]
    __getattr__, __dir__ = lazy(__name__, _TABLE)
