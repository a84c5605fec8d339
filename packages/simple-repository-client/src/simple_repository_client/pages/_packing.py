"""Hundreds of thousands of names as a few texts."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final

from ..names import NAME
from ._values import Notes
from .findings import shown

__all__ = ["CHUNK", "UNKNOWN_SERIAL", "PackedNames"]

# So many names are one text: long enough that the objects do not count, short enough to be split while iterating.
CHUNK: Final = 4096
UNKNOWN_SERIAL: Final = -1
_LETTERS: Final = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-\n"
_BAD_ENDS: Final = ("\n.", "\n_", "\n-", ".\n", "_\n", "-\n", "\n\n")
# So many findings say it; more of them would be a page of their own.
_MOST_NOTED: Final = 100


class PackedNames:
    """Names with line feeds between them. What is no name (PEP 508) is left out.

    Attributes:
        parts: Texts of up to `CHUNK` names.
        serials: One for each name.
        has_serials: Whether any is known.
    """

    def __init__(self, notes: Notes) -> None:
        self.parts: list[str] = []
        self.serials = array("q")
        self.has_serials = False
        self._notes = notes
        self._refused = 0

    def add(self, names: Sequence[str], serials: Sequence[int] | None = None) -> None:
        """Add some names, and their serials if the page has any."""
        part = "\n".join(names)
        if not _is_clean(part, len(names)):
            names, serials = self._sifted(names, serials)
            part = "\n".join(names)
        if not names:
            return
        self.parts.append(part)
        if serials is not None:
            self.serials.extend(serials)
            self.has_serials = self.has_serials or max(serials) > UNKNOWN_SERIAL

    def finish(self) -> None:
        """Say how much was left out, where it was too much to say each."""
        if self._refused > _MOST_NOTED:
            what = f"{self._refused - _MOST_NOTED} more are not the names of projects; left out"
            self._notes.note("projects", what, "PEP 508")

    def _sifted(self, names: Sequence[str], serials: Sequence[int] | None) -> tuple[list[str], list[int] | None]:
        kept: list[int] = []
        for place, name in enumerate(names):
            if NAME.fullmatch(name):
                kept.append(place)
                continue
            self._refused += 1
            if self._refused <= _MOST_NOTED:
                self._notes.note("projects", f"{shown(name)} is not the name of a project; left out", "PEP 508")
        return [names[place] for place in kept], None if serials is None else [serials[place] for place in kept]


def _is_clean(part: str, count: int) -> bool:
    """Whether a text holds so many names, and nothing else. A few searches in a text take less than a look at each."""
    if not part.isascii() or part.count("\n") != count - 1 or part.encode().translate(None, _LETTERS):
        return False
    framed = f"\n{part}\n"
    return not any(ends in framed for ends in _BAD_ENDS)
