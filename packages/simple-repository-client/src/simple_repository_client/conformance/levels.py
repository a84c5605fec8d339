"""The words that standards use, and the two ways in which an index writes its pages."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Level", "Serialization"]


class Level(StrEnum):
    """How much a rule asks for (RFC 2119)."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Serialization(StrEnum):
    """How a page is written."""

    JSON = "JSON"
    HTML = "HTML"
