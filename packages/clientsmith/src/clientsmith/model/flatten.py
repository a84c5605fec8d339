"""One view of a schema that may be spread over references and ``allOf`` members.

Members are intersected: properties and required names add up, and the last word on a keyword counts. A member with a
discriminator is not merged: it becomes the base class.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from clientsmith.openapi.data import is_array
from clientsmith.openapi.resolve import Node, Resolver

from .words import vocabulary

__all__ = ["ANNOTATIONS", "Flat", "flatten", "is_structural"]

# These say how to read a schema, not which values it allows.
ANNOTATIONS: Final = vocabulary(
    """
    $comment $schema title description default example examples deprecated readOnly writeOnly externalDocs
    xml minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern minItems maxItems
    uniqueItems multipleOf minProperties maxProperties required not if then else dependentRequired
    contentSchema $id
    """
)
_KEPT: Final = ("type", "format", "enum", "const", "contentEncoding", "contentMediaType", "discriminator", "x-ms-enum")
_CHILDREN: Final = (
    "items",
    "additionalProperties",
    "oneOf",
    "anyOf",
    "prefixItems",
    "patternProperties",
    "unevaluatedProperties",
)


def is_structural(node: Node) -> bool:
    """Whether the schema restricts the kind of value, and does not only comment on it."""
    return any(key not in ANNOTATIONS and not key.startswith("x-") for key in node.mapping)


@dataclass(slots=True)
class Flat:
    """What a schema says, all parts taken together. ``children`` and ``properties`` keep where each part stands."""

    place: str
    keywords: dict[str, Any] = field(default_factory=dict[str, Any])
    children: dict[str, Node] = field(default_factory=dict[str, Node])
    properties: dict[str, Node] = field(default_factory=dict[str, Node])
    required: set[str] = field(default_factory=set[str])
    description: str = ""
    title: str = ""
    base: Node | None = None
    nullable: bool = False
    deprecated: bool = False
    xml: Node | None = None  # of the schema itself: a part has a name of its own
    types: tuple[str, ...] = ()  # the allowed JSON types without null, () where the schema does not say

    @property
    def only_null(self) -> bool:
        return self.nullable and not self.types and not (self.keywords.keys() - {"type"}) and not self.children


def flatten(node: Node, resolver: Resolver) -> Flat:
    """Take the parts of ``node`` together. ``node`` is the schema itself, not a reference to it."""
    flat = Flat(node.place, xml=node.child("xml"))
    nulls: list[bool] = []
    _add(node, flat, nulls, resolver, seen=set())
    # An intersection allows null only where each part that names a type does.
    flat.nullable = bool(nulls) and all(nulls)
    names: Any = flat.keywords.get("type", ())
    named = names if is_array(names) else [names]
    flat.types = tuple(name for name in named if isinstance(name, str) and name != "null")
    return flat


def _add(node: Node, flat: Flat, nulls: list[bool], resolver: Resolver, seen: set[str]) -> None:
    value = node.mapping
    if node.place in seen:
        return
    seen.add(node.place)
    if isinstance(value.get("$ref"), str) and (target := resolver.follow(node)) is not None:
        _add_member(target, flat, nulls, resolver, seen)
    for member in node.child("allOf").items:
        target = resolver.follow(member) if "$ref" in member.mapping else member
        if target is None:
            continue
        _add_member(target, flat, nulls, resolver, seen)
        if target is not member and len(member.mapping) > 1:  # siblings of the reference
            _add(
                Node({k: v for k, v in member.mapping.items() if k != "$ref"}, member.place),
                flat,
                nulls,
                resolver,
                seen,
            )
    _add_own(node, flat, nulls)


def _add_member(target: Node, flat: Flat, nulls: list[bool], resolver: Resolver, seen: set[str]) -> None:
    is_base = isinstance(target.mapping.get("discriminator"), (dict, str)) and bool(target.child("properties").mapping)
    if is_base and flat.base is None and target.place != flat.place:
        flat.base = target
    else:
        description, title = flat.description, flat.title
        _add(target, flat, nulls, resolver, seen)
        flat.description, flat.title = description or flat.description, title  # a title names one schema only


def _add_own(node: Node, flat: Flat, nulls: list[bool]) -> None:
    value = node.mapping
    properties = node.child("properties")
    for name in properties.mapping:
        child = properties.child(name)
        if name not in flat.properties or is_structural(child):
            flat.properties[name] = child
    required = value.get("required")
    if is_array(required):
        flat.required.update(name for name in required if isinstance(name, str))
    for key in _KEPT:
        if key in value:
            flat.keywords[key] = value[key]
    for key in _CHILDREN:
        if key in value:
            flat.children[key] = node.child(key)
    if "type" in value:
        names = value["type"]
        nulls.append("null" in names if is_array(names) else names == "null")
    flat.description = node.text("description") or flat.description
    flat.title = node.text("title") or flat.title
    flat.deprecated = flat.deprecated or value.get("deprecated") is True
