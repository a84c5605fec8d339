"""The schemas of a document as plain JSON Schema: only words that have a meaning, every reference absolute.

Documents hold more than JSON Schema, and less: words that mean nothing, values of the wrong kind, references that are
relative to their file. What comes out of here is safe for a validator and for the making of values: each part is of the
kind that JSON Schema gives it, and ``$ref`` is a *place* (see `clientsmith.openapi.resolve`) that `Schemas.at` knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from clientsmith.openapi.data import is_array, is_object
from clientsmith.openapi.resolve import Node, Resolver, split_place

__all__ = ["ANYTHING", "Schema", "Schemas"]

Schema: TypeAlias = Mapping[str, Any]
ANYTHING: Final[Schema] = {}
NOTHING: Final[Schema] = {"not": {}}

_TYPES: Final = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_names(value: object) -> bool:
    return is_array(value) and all(isinstance(name, str) for name in value)


# What each plain word has to be; a value of another kind says nothing.
_PLAIN: Final[Mapping[str, Callable[[object], bool]]] = {
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains"), _is_count
    ),
    **dict.fromkeys(("pattern", "format", "contentEncoding", "contentMediaType", "title", "description"), _is_text),
    **dict.fromkeys(("readOnly", "writeOnly", "uniqueItems", "deprecated"), _is_flag),
    "multipleOf": lambda value: isinstance(value, int | float) and value > 0,
    "required": _is_names,
    "enum": lambda value: is_array(value) and bool(value),
    "examples": is_array,
    "xml": is_object,
    "const": lambda _value: True,
    "default": lambda _value: True,
    "example": lambda _value: True,
}
_ONE: Final = ("items", "additionalProperties", "not", "contains", "propertyNames", "contentSchema")
_SEVERAL: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED: Final = ("properties", "patternProperties", "dependentSchemas")


class Schemas:
    """Every schema of a document, made plain when it is first asked for."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._plain: dict[str, Schema] = {}

    def of(self, node: Node) -> Schema:
        """Return the schema that stands at ``node``."""
        if node.value is None:
            return ANYTHING
        if node.place not in self._plain:
            self._plain[node.place] = self._made_plain(node)
        return self._plain[node.place]

    def at(self, place: str) -> Schema:
        """Return the schema at a place, anything where there is none."""
        if place and place not in self._plain:
            name, pointer = split_place(place)
            target = self._resolver.follow(Node({"$ref": f"{name}#{quote(pointer, safe='/~')}"}, ""))
            self._plain[place] = ANYTHING  # a schema may refer to itself
            self._plain[place] = self._made_plain(target) if target is not None else ANYTHING
        return self._plain.get(place, ANYTHING)

    def _made_plain(self, node: Node) -> Schema:
        if isinstance(node.value, bool):
            return ANYTHING if node.value else NOTHING
        if not is_object(node.value):
            return ANYTHING
        value = node.value
        plain: dict[str, Any] = {
            word: value[word] for word, fits in _PLAIN.items() if word in value and fits(value[word])
        }
        if types := [name for name in _as_list(value.get("type")) if isinstance(name, str) and name in _TYPES]:
            plain["type"] = types
        plain |= {word: self._made_plain(node.child(word)) for word in _ONE if _is_schema(value.get(word))}
        for word in _SEVERAL:
            if members := [item for item in node.child(word).items if _is_schema(item.value)]:
                plain[word] = [self._made_plain(item) for item in members]
        for word in _NAMED:
            named = node.child(word)
            if parts := {name: self._made_plain(named.child(name)) for name in named.mapping}:
                plain[word] = parts
        if isinstance(value.get("$ref"), str):
            plain |= self._reference(node)
        if discriminator := self._discriminator(node):
            plain["discriminator"] = discriminator
        return plain

    def _reference(self, node: Node) -> dict[str, Any]:
        """Return ``$ref`` to the final target, which is made plain once; nothing where it leads nowhere."""
        target = self._resolver.follow(node)
        if target is None:
            return {}
        if target.place not in self._plain:
            self._plain[target.place] = ANYTHING  # a schema may refer to itself
            self._plain[target.place] = self._made_plain(target)
        return {"$ref": target.place}

    def _discriminator(self, node: Node) -> dict[str, Any] | None:
        """Return the name of the property, and the place that each of its values means."""
        said = node.child("discriminator")
        name = said.text("propertyName")
        if not name:
            return None
        mapping = said.child("mapping")
        places: dict[str, str] = {}
        for value, target in mapping.mapping.items():
            if isinstance(target, str):
                known = target if target.startswith("#") or "/" in target or "." in target else ""
                found = self._reference(Node({"$ref": known or f"#/components/schemas/{target}"}, mapping.place))
                places |= {value: found["$ref"]} if found else {}
        return {"propertyName": name, "mapping": places}


def _is_schema(value: object) -> bool:
    return is_object(value) or isinstance(value, bool)


def _as_list(value: object) -> list[Any]:
    return value if is_array(value) else [value]
