"""How lists go on: the evidence of a document, read scheme by scheme.

Evidence is *certain* (an extension, an OpenAPI link or a person says it), *strong* (request and response speak of one
scheme), or *weak* (one side alone; nothing is changed, the plan says what to configure).

    operation ─ find_items ─▶ Items ─ known_parts ─▶ Parts (what is asked, what is told) ─ find_scheme ─▶ Paging
"""

from __future__ import annotations

from .items import Items, find_items
from .lists import why_a_list
from .parts import Parts, known_parts
from .schemes import completed, find_scheme, weak_parameter
from .stated import configured, stated

__all__ = [
    "Items",
    "Parts",
    "completed",
    "configured",
    "find_items",
    "find_scheme",
    "known_parts",
    "stated",
    "weak_parameter",
    "why_a_list",
]
