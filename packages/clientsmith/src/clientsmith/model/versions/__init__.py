"""Which version of an API a client speaks, and how: from the evidence of a document, or as the configuration says."""

from __future__ import annotations

from .configured import configured_scheme
from .evidence import VERSION_NAME, Found, scheme_of
from .lifetimes import lifetime_of, problem_of
from .reading import ordering_of, read

__all__ = [
    "VERSION_NAME",
    "Found",
    "configured_scheme",
    "lifetime_of",
    "ordering_of",
    "problem_of",
    "read",
    "scheme_of",
]
