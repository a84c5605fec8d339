"""Bounds of values, as a schema states them (JSON Schema 2020-12, validation vocabulary, chapter 6)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from clientsmith.openapi.resolve import Node, Resolver

from .ir import UNCONSTRAINED, Constraints

__all__ = ["constraints_of"]

_ALTERNATIVES: Final = ("oneOf", "anyOf")
_LARGEST: Final = sys.float_info.max


def constraints_of(node: Node, resolver: Resolver) -> Constraints:
    """Return the bounds that a schema states for its values and, where they are lists, for their items."""
    parts = list(_parts(node, resolver))
    own = _own(parts)
    of_items = next((_own(_parts(part.child("items"), resolver)) for part in parts if "items" in part.mapping), None)
    return own if of_items is None or of_items == UNCONSTRAINED else replace(own, items=of_items)


def _parts(node: Node, resolver: Resolver) -> Iterable[Node]:
    """The schemas that apply to every value that is not null, the nearest first."""
    target = resolver.follow(node) if "$ref" in node.mapping else None
    for part in (node, target):
        if part is None:
            continue
        yield part
        schema = part.mapping
        if "allOf" in schema:
            yield from _followed(part.child("allOf").items, resolver)
        for key in _ALTERNATIVES:
            if key not in schema:
                continue
            members = [member for member in part.child(key).items if member.mapping.get("type") != "null"]
            if len(members) == 1:
                yield from _followed(members, resolver)


def _followed(nodes: Iterable[Node], resolver: Resolver) -> Iterable[Node]:
    targets = (resolver.follow(node) if "$ref" in node.mapping else node for node in nodes)
    return (target for target in targets if target is not None)


def _own(parts: Iterable[Node]) -> Constraints:
    """Join what the parts say; of two bounds of one kind the nearest counts."""
    said: dict[str, Any] = {}
    for part in parts:
        schema = part.mapping
        for word in schema.keys() & _READERS.keys():  # nearly always none
            name, read = _READERS[word]
            value = read(schema[word])
            if value is not None:
                said.setdefault(name, value)
    return Constraints(**said) if said else UNCONSTRAINED


def _number(value: object) -> float | None:
    """Return a number that a float can say: not infinity, and not an integer of four hundred digits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if -_LARGEST <= value <= _LARGEST else None


def _count(value: object) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number >= 0 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _yes(value: object) -> bool | None:
    return True if value is True else None


_READERS: Final[Mapping[str, tuple[str, Callable[[object], object]]]] = {
    "minimum": ("minimum", _number),
    "exclusiveMinimum": ("exclusive_minimum", _number),
    "maximum": ("maximum", _number),
    "exclusiveMaximum": ("exclusive_maximum", _number),
    "multipleOf": ("multiple_of", _number),
    "minLength": ("min_length", _count),
    "maxLength": ("max_length", _count),
    "pattern": ("pattern", _text),
    "minItems": ("min_items", _count),
    "maxItems": ("max_items", _count),
    "uniqueItems": ("unique_items", _yes),
}
