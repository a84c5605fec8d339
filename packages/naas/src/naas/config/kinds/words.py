"""Settings that are one of a few words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from naas.config.kinds.base import Unusable

__all__ = ["Choice", "Switch"]

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off."""

    words: str = "true or false"
    is_secret: bool = False

    def read(self, raw: object) -> bool:
        """Return whether it is on."""
        if isinstance(raw, bool):
            return raw
        word = raw.strip().lower() if isinstance(raw, str) else ""
        if word not in _TRUE | _FALSE:
            raise Unusable(f"is {raw!r}; write true or false")
        return word in _TRUE

    def show(self, value: bool) -> str:
        """Return the word of JSON."""
        return "true" if value else "false"

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words; capitals do not matter."""

    among: tuple[str, ...]
    is_secret: bool = False

    @property
    def words(self) -> str:
        """The choices."""
        return " | ".join(self.among)

    def read(self, raw: object) -> str:
        """Return the word in lower case."""
        word = raw.strip().lower() if isinstance(raw, str) else ""
        if word not in self.among:
            raise Unusable(f"is {raw!r}; write one of {', '.join(self.among)}")
        return word

    def show(self, value: str) -> str:
        """Return the word."""
        return value

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"enum": list(self.among)}
