"""`clientsmith plan`: what would be made of a document, and why, before anything is written."""

from __future__ import annotations

from .data import plan_as_data
from .decisions import ASPECTS, Decision, decisions_of
from .selection import Planned, Selection, planned
from .text import plan_as_text
from .toml import plan_as_toml

__all__ = [
    "ASPECTS",
    "Decision",
    "Planned",
    "Selection",
    "decisions_of",
    "plan_as_data",
    "plan_as_text",
    "plan_as_toml",
    "planned",
]
