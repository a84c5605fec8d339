"""What one comparison of two documents knows, and collects."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from clientsmith.openapi.resolve import Node

from .sides import Both, Side
from .uses import SchemaUses, Use

__all__ = ["Comparison", "Found"]


class Found(NamedTuple):
    """A change as it is found: places are those of the converted documents."""

    rule: str
    subject: str
    message: str
    old: str
    new: str
    advice: str = ""


@dataclass(slots=True)
class Comparison:
    """The two documents, the schemas that their operations use, and what was found.

    ``today`` is what sunsets are held against; ``notice_days`` is how far ahead a new one has to be.
    """

    old: Side
    new: Side
    uses: SchemaUses
    today: date
    notice_days: int = 30
    found: list[Found] = field(default_factory=list[Found])

    @property
    def roots(self) -> Both:
        return Both(self.old.root, self.new.root)

    def add(self, rule: str, subject: str, message: str, both: Both, advice: str = "") -> None:
        """Note a change of something that is in both documents."""
        self.found.append(Found(rule, subject, message, both.old.place, both.new.place, advice))

    def followed(self, both: Both) -> Both:
        return Both(self.old.follow(both.old), self.new.follow(both.new))

    def members(self, both: Both, key: str) -> tuple[dict[str, Node], dict[str, Node]]:
        """Return the members of the map under ``key`` on both sides, followed."""
        inner = both.child(key)
        return self.old.members(inner.old), self.new.members(inner.new)

    def compare_schemas(self, both: Both, use: Use) -> None:
        """Have the schemas at ``both`` compared; ``use`` is who sends or receives their values."""
        self.uses.add(both.old, both.new, use)

    def compare_descriptions(self, both: Both, subject: str, *keys: str) -> None:
        """Note texts for people that were changed."""
        for key in keys:
            before, after = both.texts(key)
            if before.strip() != after.strip():
                self.add("description-changed", subject, f"its {key} is another one", both.child(key))
