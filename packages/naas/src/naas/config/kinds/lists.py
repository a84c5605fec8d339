"""Several words: a list, or words by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from naas.config.kinds.base import Unusable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Names", "Pairs"]


@dataclass(frozen=True, slots=True)
class Names:
    """Several words: a list in the file, separated by commas elsewhere. Doubles are dropped."""

    words: str = "name,name"
    pattern: str = r"[A-Za-z0-9_.:*/\-]{1,253}"
    at_least: int = 0
    is_secret: bool = False

    def read(self, raw: object) -> tuple[str, ...]:
        """Return the words in the order given."""
        if isinstance(raw, str):
            return self._read(raw.split(","))
        if not isinstance(raw, list):
            raise Unusable(f"is {raw!r}; write a list of words")
        return self._read(cast("list[object]", raw))

    def _read(self, given: Sequence[object]) -> tuple[str, ...]:
        names = [name.strip() if isinstance(name, str) else name for name in given if name != ""]
        for name in names:
            if not isinstance(name, str) or re.fullmatch(self.pattern, name) is None:
                raise Unusable(f"holds {name!r}, which cannot be used; write {self.words}")
        if len(names) < self.at_least:
            raise Unusable(f"is empty; write {self.words}")
        return tuple(dict.fromkeys(str(name) for name in names))

    def show(self, value: Sequence[str]) -> str:
        """Return the words with commas between."""
        return ",".join(value)

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        items = {"type": "string", "pattern": f"^(?:{self.pattern})$"}
        return {"anyOf": [{"type": "array", "items": items, "minItems": self.at_least}, {"type": "string"}]}


@dataclass(frozen=True, slots=True)
class Pairs:
    """Words by name: a table in the file, ``name=word,name=word`` elsewhere. ``among`` limits the words."""

    words: str = "name=word,…"
    among: tuple[str, ...] = ()
    is_secret: bool = False

    def read(self, raw: object) -> dict[str, str]:
        """Return the words by name."""
        if isinstance(raw, str):
            raw = dict(_pair(part) for part in raw.split(",") if part.strip())
        if not isinstance(raw, dict):
            raise Unusable(f"is {raw!r}; write {self.words}")
        pairs = {str(name): str(word) for name, word in cast("dict[object, object]", raw).items()}
        for name, word in pairs.items():
            if self.among and word not in self.among:
                raise Unusable(f"gives {name!r} the value {word!r}; write one of {', '.join(self.among)}")
        return pairs

    def show(self, value: Mapping[str, str]) -> str:
        """Return the pairs with commas between."""
        return ",".join(f"{name}={word}" for name, word in value.items())

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        word: dict[str, Any] = {"enum": list(self.among)} if self.among else {"type": "string"}
        return {"anyOf": [{"type": "object", "additionalProperties": word}, {"type": "string"}]}


def _pair(part: str) -> tuple[str, str]:
    # From the right: names of groups may hold equals signs (`cn=netops,…` cannot, since commas separate pairs).
    name, equals, word = part.strip().rpartition("=")
    if not equals or not name:
        raise Unusable(f"holds {part!r}, which is not of the form name=word")
    return name.strip(), word.strip()
