"""JSON pointers (RFC 6901), and where things stood before a document was up-converted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .data import is_array, is_object

__all__ = ["Moves", "join", "look_up", "split"]


def join(pointer: str, *tokens: str) -> str:
    """Return ``pointer`` with each token added, escaped."""
    for token in tokens:
        is_plain = "~" not in token and "/" not in token  # most are
        pointer = f"{pointer}/{token if is_plain else token.replace('~', '~0').replace('/', '~1')}"
    return pointer


def split(pointer: str) -> list[str]:
    """Return the unescaped tokens of ``pointer``; the whole document, "", has none."""
    tokens = pointer.split("/")[1:]
    return [token.replace("~1", "/").replace("~0", "~") for token in tokens] if "~" in pointer else tokens


def look_up(root: Any, pointer: str) -> Any:
    """Return the value that ``pointer`` names.

    Raises:
        LookupError: There is no such value.
    """
    value: Any = root
    for token in split(pointer):
        if is_array(value) and token.isdecimal():
            value = value[int(token)]
        elif is_object(value) and token in value:
            value = value[token]
        else:
            raise LookupError(pointer)
    return value


class Moves:
    """What an up-conversion moved: from the pointer that a part has now to the one it had in the author's document.

    Only the tops of moved parts are recorded; what lies below moved with them.
    """

    def __init__(self, moved: Mapping[str, str] | None = None) -> None:
        self._original_of: dict[str, str] = dict(moved or {})
        self._current_of: dict[str, str] = {before: now for now, before in self._original_of.items()}

    def record(self, *, now: str, before: str) -> None:
        """A part moved as a whole: references to where it was find it where it is."""
        if now != before:
            self._original_of[now] = before
            self._current_of.setdefault(before, now)

    def record_extract(self, *, now: str, before: str) -> None:
        """Something was taken out of the part at ``before``, which still stands for itself."""
        self._original_of[now] = before

    def original(self, pointer: str) -> str:
        """Return where the part that is now at ``pointer`` stood in the author's document."""
        return _translate(pointer, self._original_of)

    def current(self, pointer: str) -> str:
        """Return where the part that the author has at ``pointer`` is now."""
        return _translate(pointer, self._current_of)


def _translate(pointer: str, table: Mapping[str, str]) -> str:
    for prefix in _prefixes(pointer):
        if prefix in table:
            return table[prefix] + pointer[len(prefix) :]
    return pointer


def _prefixes(pointer: str) -> Iterable[str]:
    """Yield ``pointer`` and all pointers above it, longest first."""
    yield pointer
    while (cut := pointer.rfind("/")) > 0:
        pointer = pointer[:cut]
        yield pointer
