"""What a project is to its users."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ProjectStatus"]


class ProjectStatus(StrEnum):
    """What a project is to its users, as its owners or the index say (PEP 792)."""

    ACTIVE = "active"
    ARCHIVED = "archived"  # nothing more will come
    QUARANTINED = "quarantined"  # not safe to use; the index offers no files
    DEPRECATED = "deprecated"  # another project may have taken its place
