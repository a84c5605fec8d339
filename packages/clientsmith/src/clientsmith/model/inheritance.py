"""Discriminators: which models have children, and which value of the tag means which model.

Only the schemas of the main document's ``components`` are searched for children.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from clientsmith.openapi.data import is_array, is_object
from clientsmith.openapi.pointer import split
from clientsmith.openapi.resolve import Node, Resolver, split_place

__all__ = ["Inheritance"]


class Inheritance:
    """The discriminated hierarchies of a document, found on first use."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def is_child(self, node: Node) -> bool:
        """Whether the schema extends one that has a discriminator."""
        return node.place in self._base_of

    def children_of(self, place: str) -> Iterable[Node]:
        return self._children_of.get(place, ())

    def tag_of(self, place: str) -> str:
        """Return the wire name of the property that tells the children of ``place`` apart, "" without children."""
        return self._tags.get(place, "") if place in self._children_of else ""

    def tag_value_of(self, place: str) -> str:
        """Return the value of the tag that means the child at ``place``, "" if it is no child."""
        base = self._base_of.get(place)
        return self._values.get((base or "", place)) or (_own_value(self._schemas[place], place) if base else "")

    def mapping_of(
        self, discriminator: Any, alternatives: list[Node], place: str
    ) -> tuple[str, list[tuple[str, Node]]]:
        """Return the tag of a union, and which value means which of its alternatives."""
        tag = _property_name(discriminator)
        if not tag:
            return "", []
        by_place = {target.place: node for node in alternatives if (target := self.resolver.follow(node)) is not None}
        pairs: list[tuple[str, Node]] = []
        for value, member in self._mapped(discriminator, place):
            if member in by_place:
                pairs.append((value, by_place[member]))
        mapped = {self._place(node) for _value, node in pairs}
        for member, node in by_place.items():
            if member not in mapped:
                value = self._constant(node, tag) or _own_value(node, member)
                pairs += [(value, node)] if value else []
        return tag, pairs

    def _place(self, node: Node) -> str:
        target = self.resolver.follow(node)
        return target.place if target is not None else node.place

    def _constant(self, node: Node, tag: str) -> str:
        """Return the one value that a member allows for the tag, if it says so itself."""
        target = self.resolver.follow(node)
        schema = target.child("properties").child(tag).mapping if target is not None else {}
        listed: Any = schema.get("enum")
        choices = listed if is_array(listed) else [schema.get("const")]
        return choices[0] if len(choices) == 1 and isinstance(choices[0], str) else ""

    def _mapped(self, discriminator: Any, place: str) -> Iterable[tuple[str, str]]:
        mapping = discriminator.get("mapping") if is_object(discriminator) else None
        for value, reference in mapping.items() if is_object(mapping) else ():
            if isinstance(reference, str):
                if "/" not in reference and "#" not in reference and "." not in reference:
                    reference = f"#/components/schemas/{reference}"  # a bare name means a component
                target = self.resolver.follow(Node({"$ref": reference}, f"{place}/discriminator/mapping"))
                if target is not None:
                    yield str(value), target.place

    @cached_property
    def _schemas(self) -> dict[str, Node]:
        schemas = self.resolver.root().child("components").child("schemas")
        return {node.place: node for key in schemas.mapping if (node := schemas.child(key)).mapping}

    @cached_property
    def _tags(self) -> dict[str, str]:
        return {
            place: tag
            for place, node in self._schemas.items()
            if node.child("properties").mapping and (tag := _property_name(node.mapping.get("discriminator")))
        }

    @cached_property
    def _base_of(self) -> dict[str, str]:
        """Find the base of every child, and of every child's child, which has no discriminator of its own."""
        if not self._tags:
            return {}
        extended_by: dict[str, list[str]] = {}
        for place, node in self._schemas.items():
            for member in node.child("allOf").items if "allOf" in node.mapping else ():
                target = self.resolver.follow(member) if "$ref" in member.mapping else None
                if target is not None and target.place != place:
                    extended_by.setdefault(target.place, []).append(place)
        bases: dict[str, str] = {}
        waiting = deque((place, place) for place in self._tags)
        while waiting:
            place, base = waiting.popleft()
            for child in extended_by.get(place, ()):
                if child not in bases and child != base:
                    bases[child] = base
                    if child not in self._tags:
                        waiting.append((child, base))
        order = {place: index for index, place in enumerate(self._schemas)}
        return dict(sorted(bases.items(), key=lambda pair: order[pair[0]]))

    @cached_property
    def _children_of(self) -> dict[str, list[Node]]:
        children: dict[str, list[Node]] = {}
        for place, base in self._base_of.items():
            children.setdefault(base, []).append(self._schemas[place])
        return children

    @cached_property
    def _values(self) -> dict[tuple[str, str], str]:
        values: dict[tuple[str, str], str] = {}
        for place in self._tags:
            for value, target in self._mapped(self._schemas[place].mapping["discriminator"], place):
                values.setdefault((place, target), value)
        return values


def _property_name(discriminator: Any) -> str:
    name = discriminator.get("propertyName") if is_object(discriminator) else discriminator  # 2.0: a string
    return name if isinstance(name, str) else ""


def _own_value(node: Node, place: str) -> str:
    value = node.mapping.get("x-ms-discriminator-value")
    if isinstance(value, str):
        return value
    _, pointer = split_place(place)
    tokens = split(pointer)
    return tokens[-1] if tokens[:-1] == ["components", "schemas"] else ""
