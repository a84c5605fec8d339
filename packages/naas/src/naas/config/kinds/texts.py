"""Free text, secret text, and paths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from naas.config.kinds.base import HIDDEN, Unusable

__all__ = ["File", "Secret", "Text"]


@dataclass(frozen=True, slots=True)
class Text:
    """Any text; empty text means: not set. ``pattern`` must match all of it."""

    words: str = "text"
    pattern: str | None = None
    advice: str = ""
    is_secret: bool = False

    def read(self, raw: object) -> str | None:
        """Return the text without white space around it."""
        if not isinstance(raw, str):
            raise Unusable(f"is {raw!r}; write text in quotes")
        text = raw.strip()
        if self.pattern is not None and text and re.fullmatch(self.pattern, text) is None:
            raise Unusable(f"is {text!r}; write {self.advice or self.words}")
        return text or None

    def show(self, value: str | None) -> str:
        """Return the text."""
        return value or ""

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": "string"} if self.pattern is None else {"type": "string", "pattern": f"^(?:{self.pattern})$"}


@dataclass(frozen=True, slots=True)
class Secret:
    """Text that is never shown: not in messages, not by ``config show``, not in a ``repr``."""

    words: str = "text"
    is_secret: bool = True

    def read(self, raw: object) -> str | None:
        """Return the text without white space around it, which a file often ends with."""
        if not isinstance(raw, str):
            raise Unusable("is not text; write it in quotes")
        return raw.strip() or None

    def show(self, value: str | None) -> str:
        """Return only whether there is one."""
        return HIDDEN if value else ""

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class File:
    """A path; empty text means: not set. A relative one starts at the folder in which the service is started."""

    words: str = "path"
    is_secret: bool = False

    def read(self, raw: object) -> Path | None:
        """Return the path, ``~`` replaced by the home of the user."""
        if not isinstance(raw, str) or "\0" in raw:
            raise Unusable(f"is {raw!r}; write a path in quotes")
        try:
            return Path(raw.strip()).expanduser() if raw.strip() else None
        except RuntimeError as exc:  # what pathlib raises for a `~name` that it cannot resolve
            raise Unusable(f"is {raw!r}, but this machine knows no such user; write the whole path") from exc

    def show(self, value: Path | None) -> str:
        """Return the path."""
        return "" if value is None else str(value)

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": "string"}
