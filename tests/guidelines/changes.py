"""A change of one place in a package, which a rule has to notice."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Change"]


@dataclass(frozen=True)
class Change:
    """One thing changed in a package, which breaks the rule. An empty ``old`` appends, or makes a new file."""

    rule: str
    name: str
    file: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.name}"
