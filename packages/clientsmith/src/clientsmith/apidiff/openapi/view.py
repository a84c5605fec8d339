"""What a schema says, in one form: references followed, `allOf` merged, "or null" apart, bounds of one kind.

Two schemas that allow the same values in the same words of a client have equal views, however they are written. A
schema is a conjunction of nodes, since `allOf` and two definitions of one property both say "and": ``()`` allows
anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from clientsmith.openapi.data import is_array, is_object
from clientsmith.openapi.resolve import Node

__all__ = ["ANYTHING", "BOUNDS", "OPAQUE", "Bound", "Schema", "View", "Word", "canonical", "unordered"]

Schema = tuple[Node, ...]
ANYTHING: Final[Schema] = ()

# How each bound is called in rule ids: keyword, its exclusive twin, whether it is a lower one.
BOUNDS: Final[tuple[tuple[str, str, str, bool], ...]] = (
    ("min", "minimum", "exclusiveMinimum", True),
    ("max", "maximum", "exclusiveMaximum", False),
    ("min-length", "minLength", "", True),
    ("max-length", "maxLength", "", False),
    ("min-items", "minItems", "", True),
    ("max-items", "maxItems", "", False),
    ("min-properties", "minProperties", "", True),
    ("max-properties", "maxProperties", "", False),
)
# What is compared as a whole: nothing is known of it but that it was changed.
OPAQUE: Final = (
    "not", "if", "then", "else", "contains", "minContains", "maxContains", "dependentRequired", "dependentSchemas",
    "propertyNames", "xml",
)  # fmt: skip


class Word(NamedTuple):
    """The value of a keyword, and where it stands."""

    value: Any
    place: str


class Bound(NamedTuple):
    value: float
    is_exclusive: bool
    place: str


@dataclass(slots=True)
class View:
    """What a schema says.

    Attributes:
        place: Where it stands; of several parts the first.
        name: The name of the component that it is, "" if it is none.
        types: The types of values without null, None for any; ``number`` includes ``integer``.
        is_nullable: Whether null is allowed.
        is_never: Whether nothing is allowed (`false`).
        enum: The values allowed, without null, None for any; `const` is one value.
        open_enum: The values of an enum that says that there may be others.
        descriptions: The texts of its parts, with their places: what `allOf` merges has one each, in no order.
        alternatives: `anyOf` and `oneOf` with at least two entries that are not null, with the keyword's place.
        extra: What other properties are: False for none, else their schema.
    """

    place: str
    name: str = ""
    types: frozenset[str] | None = None
    is_nullable: bool = True
    is_never: bool = False
    is_unknown: bool = False
    enum: tuple[Any, ...] | None = None
    enum_place: str = ""
    open_enum: tuple[Any, ...] | None = None
    descriptions: dict[str, str] = field(default_factory=dict[str, str])
    format: Word | None = None
    words: dict[str, Word] = field(default_factory=dict[str, Word])
    bounds: dict[str, Bound] = field(default_factory=dict[str, Bound])
    properties: dict[str, Schema] = field(default_factory=dict[str, Schema])
    patterns: dict[str, Schema] = field(default_factory=dict[str, Schema])
    required: dict[str, str] = field(default_factory=dict[str, str])
    items: Schema = ANYTHING
    first_items: tuple[Schema, ...] = ()
    extra: Schema | bool = True
    extra_place: str = ""
    alternatives: tuple[Schema, ...] = ()
    alternatives_word: str = ""
    more_alternatives: tuple[str, ...] = ()

    def value(self, word: str) -> Any:
        found = self.words.get(word)
        return found.value if found is not None else None

    def at(self, word: str) -> str:
        """Return where the keyword stands, or the schema where it has none."""
        found = self.words.get(word)
        return found.place if found is not None else self.place

    @property
    def is_anything(self) -> bool:
        """Whether it allows every value and says nothing of its structure."""
        is_plain = self.types is None and self.enum is None and not self.alternatives and not self.is_never
        return is_plain and not (self.properties or self.required or self.bounds or self.format)


def canonical(value: Any) -> str:
    """Return one text for equal JSON values: 1 and 1.0 are one number, the order of keys does not count."""
    return json.dumps(_plain(value), sort_keys=True, default=str)


def unordered(value: Any) -> str:
    """Return one text for values that are equal if the order of lists does not count, as in nearly all of a schema."""
    return canonical(_sorted(value))


def _sorted(value: Any) -> Any:
    if is_object(value):
        return {key: _sorted(one) for key, one in value.items()}
    return sorted((_sorted(one) for one in value), key=canonical) if is_array(value) else value


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if is_object(value):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if is_array(value) else value
