"""What was not as the standards have it, and was put right or left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["Finding"]

_USER_INFO: Final = re.compile(r"://[^/\s@]*@").sub


@dataclass(frozen=True, slots=True)
class Finding:
    """One irregularity of a page. The page was read nevertheless.

    Attributes:
        place: The file, by its name, or what it is of the page: ``meta``, ``files[3].url``.
        message: What was found there, and what became of it.
        source: Which standard says how it should be: ``PEP 700``.
    """

    place: str
    message: str
    source: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message} ({self.source})"


def shown(value: object) -> str:
    """Return a value from a page as it can stand in a message: short, on one line, without a password in a URL."""
    text = _USER_INFO("://***@", repr(value))
    return text if len(text) <= 60 else f"{text[:57]}…"
