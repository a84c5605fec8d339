"""A cache on disk for the answers of indexes, shared by threads and processes."""

from __future__ import annotations

from .disk import DiskCache

__all__ = ["DiskCache"]
