"""The models of the depot."""

from __future__ import annotations

from enum import Enum

from clientsmith.core.models import UNSET, Model, field

__all__ = ["Count", "MatchConditions", "Shelf", "ShelfState"]


class ShelfState(str, Enum):  # noqa: UP042 - models-enum-string
    """How a shelf is."""

    FREE = "free"
    FULL = "full"


class MatchConditions(str, Enum):  # noqa: UP042 - models-enum-string
    """When to do what was asked (RFC 9110, section 13)."""

    IF_NOT_MODIFIED = "if-not-modified"


class Shelf(Model):
    """A shelf."""

    name: str = field("name")
    label: str | None = field("label", default=UNSET)
    state: ShelfState | str = field("state", ShelfState, default=UNSET)
    etag: str | None = field("etag", default=UNSET)


class Count(Model):
    """How much is on a shelf."""

    name: str = field("name")
    pieces: int = field("pieces")
