"""Bounds of values, as a schema states them (JSON Schema 2020-12, validation vocabulary, chapter 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

from clientsmith.openapi.resolve import Node, Resolver

from .ir import UNCONSTRAINED, Constraints

__all__ = ["constraints_of"]


def constraints_of(node: Node, resolver: Resolver) -> Constraints:
    """Return the bounds that a schema states for its values and, where they are lists, for their items."""
    parts = list(_parts(node, resolver))
    own = _own([part.mapping for part in parts])
    lists = [part.child("items") for part in parts if "items" in part.mapping]
    if not lists:
        return own
    of_items = _own([part.mapping for part in _parts(lists[0], resolver)])
    return own if of_items == UNCONSTRAINED else replace(own, items=of_items)


def _parts(node: Node, resolver: Resolver) -> Iterable[Node]:
    """The schemas that apply to every value that is not null, the nearest first."""
    target = resolver.follow(node) if "$ref" in node.mapping else None
    for part in (node, target):
        if part is None:
            continue
        yield part
        yield from _followed(part.child("allOf").items, resolver)
        for key in ("oneOf", "anyOf"):
            members = [member for member in part.child(key).items if member.mapping.get("type") != "null"]
            if len(members) == 1:
                yield from _followed(members, resolver)


def _followed(nodes: Iterable[Node], resolver: Resolver) -> Iterable[Node]:
    targets = (resolver.follow(node) if "$ref" in node.mapping else node for node in nodes)
    return (target for target in targets if target is not None)


def _own(parts: Sequence[Mapping[str, Any]]) -> Constraints:
    return Constraints(
        minimum=_number(parts, "minimum"),
        exclusive_minimum=_number(parts, "exclusiveMinimum"),
        maximum=_number(parts, "maximum"),
        exclusive_maximum=_number(parts, "exclusiveMaximum"),
        multiple_of=_number(parts, "multipleOf"),
        min_length=_count(parts, "minLength"),
        max_length=_count(parts, "maxLength"),
        pattern=next((part["pattern"] for part in parts if isinstance(part.get("pattern"), str)), ""),
        min_items=_count(parts, "minItems"),
        max_items=_count(parts, "maxItems"),
        unique_items=any(part.get("uniqueItems") is True for part in parts),
    )


def _number(parts: Iterable[Mapping[str, Any]], key: str) -> float | None:
    values = (part.get(key) for part in parts)
    return next((value for value in values if _is_number(value)), None)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _count(parts: Iterable[Mapping[str, Any]], key: str) -> int | None:
    value = _number(parts, key)
    return int(value) if value is not None and value >= 0 else None
