"""Reads schemas into views, each once: the parts of a conjunction one after the other, without recursion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from clientsmith.findings import InputError
from clientsmith.openapi.data import is_array, is_object
from clientsmith.openapi.resolve import Node

from .keywords import (
    implied_types,
    listed_values,
    read_bounds,
    read_values,
    read_words,
    type_of_value,
    types_of_both,
    types_said,
)
from .sides import Side
from .view import ANYTHING, Schema, View, Word, canonical

__all__ = ["Views"]

# A schema of more parts than this is no description but an attack; the largest that we know has 21.
_MOST_PARTS: Final = 2_000

_PLAIN: Final = frozenset({"type", "title", "description", "example", "examples", "deprecated", "externalDocs"})


@dataclass(slots=True)
class _Part:
    """One node of a conjunction, `$ref` followed; ``or_null`` where null is allowed beside it."""

    node: Node
    or_null: bool = False
    types: frozenset[str] | None = None
    is_nullable: bool = True
    is_wrapper: bool = False  # of one alternative, which a discriminator tells apart from nothing


class Views:
    """Makes the views of the schemas of one document, each once."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._views: dict[tuple[str, ...], View] = {}
        self._open: set[tuple[str, ...]] = set()

    def schema(self, node: Node) -> Schema | None:
        """Return the schema at ``node``; None where a reference leads nowhere, so that nothing is known of it.

        What is not there allows anything, and has a place all the same.
        """
        if node.value is None or node.value is True:
            return (Node(True, node.place),)
        while is_object(node.value) and "$ref" in node.value and not _has_siblings(node.value):
            found = self.side.resolver.follow(node)
            if found is None:
                return None
            if found.place == node.place:
                break
            node = found
        return (node,)

    def view(self, schema: Schema) -> View:
        """Return what ``schema`` says."""
        key = tuple(node.place for node in schema)
        if key not in self._views:
            self._open.add(key)
            self._views[key] = self._read(schema)
            self._open.discard(key)
        return self._views[key]

    # --- parts -------------------------------------------------------------------------------------------------------

    def _parts(self, schema: Schema) -> tuple[list[_Part], list[tuple[_Part, str, list[Node]]], bool]:
        """Return the parts of the conjunction, its alternatives, and whether a reference leads nowhere."""
        parts: list[_Part] = []
        groups: list[tuple[_Part, str, list[Node]]] = []
        waiting = [_Part(node) for node in reversed(schema)]
        seen: set[str] = set()
        is_unknown = False
        while waiting:
            part = waiting.pop()
            node = part.node
            if node.place in seen or node.value is True or node.value is None:
                continue
            seen.add(node.place)
            if len(seen) > _MOST_PARTS:
                raise InputError(f"a schema at {node.place!r:.80} has more than {_MOST_PARTS:,} parts in its `allOf`")
            if is_object(node.value) and isinstance(node.value.get("$ref"), str):
                found = self.side.resolver.follow(node)
                is_unknown = is_unknown or found is None
                if found is not None and found.place != node.place:
                    waiting.append(_Part(found, part.or_null))
            parts.append(part)
            for word in ("anyOf", "oneOf"):
                self._split(part, word, waiting, groups)
            waiting += [_Part(item, part.or_null) for item in reversed(node.child("allOf").items)]
        return parts, groups, is_unknown

    def _split(self, part: _Part, word: str, waiting: list[_Part], groups: list[tuple[_Part, str, list[Node]]]) -> None:
        """Take the null out of alternatives; one that is left over is no alternative but a part."""
        entries = self._flattened(part.node.child(word).items, word)
        if not entries:
            return
        others = [entry for entry in entries if not self._is_null(entry)]
        has_null = len(others) < len(entries)
        if len(others) == 1:
            waiting.append(_Part(others[0], part.or_null or has_null))
            part.is_wrapper = True
            return
        if has_null and not others:
            part.types = frozenset({"null"})
            return
        types = [self._plain_types(entry) for entry in others]
        if "type" not in part.node.mapping and None not in types:
            together = frozenset(name for one in types if one is not None for name in one)
            part.types = together | ({"null"} if has_null else frozenset[str]())
            return
        groups.append((part, word, others))
        # An alternative that allows null allows it for all of them; one that is being read is no help.
        part.is_nullable = has_null or any(self._allows_null(entry) for entry in others)

    def _flattened(self, entries: list[Node], word: str) -> list[Node]:
        """Return alternatives with those in them that are alternatives only, each text once."""
        flat: dict[str, Node] = {}
        waiting = list(reversed(entries))
        while waiting and len(flat) < _MOST_PARTS:
            entry = waiting.pop()
            inner = entry.mapping
            if word in inner and inner.keys() <= {word, "title", "description"}:
                waiting += reversed(entry.child(word).items)
            else:
                flat.setdefault(canonical(entry.value), entry)
        return list(flat.values())

    def _allows_null(self, entry: Node) -> bool:
        schema = self.schema(entry)
        if not schema:
            return False
        key = tuple(node.place for node in schema)
        if key in self._open and key not in self._views:
            return False
        view = self.view(schema)
        return view.is_nullable and not view.is_anything

    def _is_null(self, entry: Node) -> bool:
        value = self.side.follow(entry).mapping
        return value.get("type") in ("null", ["null"]) or value.get("enum") == [None] or value.get("const", 0) is None

    def _plain_types(self, entry: Node) -> frozenset[str] | None:
        """Return the types of an alternative that says nothing else."""
        if not entry.mapping.keys() <= _PLAIN or "type" not in entry.mapping:
            return None
        return types_said(entry.mapping["type"])

    # --- the view ----------------------------------------------------------------------------------------------------

    def _read(self, schema: Schema) -> View:
        parts, groups, is_unknown = self._parts(schema)
        view = View(schema[0].place if schema else "", _component(schema), is_unknown=is_unknown)
        objects = [part for part in parts if is_object(part.node.value)]
        view.is_never = any(part.node.value is False for part in parts)
        for part in objects:
            self._read_types(view, part)
            read_values(view, part.node)
            read_words(view, part.node, is_wrapper=part.is_wrapper)
            self._read_structure(view, part.node)
        if view.types is None and view.enum is not None:
            view.types = frozenset(type_of_value(one) for one in view.enum)
        _read_alternatives(view, groups, self)
        for part in objects:
            read_bounds(view, part.node)
        return view

    def _read_types(self, view: View, part: _Part) -> None:
        value = part.node.mapping
        types = part.types if part.types is not None else types_said(value.get("type")) or implied_types(value)
        allows_null = part.is_nullable
        if types is not None:
            allows_null = allows_null and "null" in types
            view.types = types_of_both(view.types, types - {"null"})
        values = listed_values(value)
        if values is not None:
            has_null = any(one is None for one in values)
            # Without a type the values say it all.
            allows_null = has_null and (allows_null or types is None)
        view.is_nullable = view.is_nullable and (allows_null or part.or_null)

    def _read_structure(self, view: View, node: Node) -> None:
        for name, member in _members(node.child("properties")):
            view.properties[name] = self._and(view.properties.get(name, ANYTHING), member)
        for name, member in _members(node.child("patternProperties")):
            view.patterns[name] = self._and(view.patterns.get(name, ANYTHING), member)
        required = node.child("required")
        for index, name in enumerate(required.value if is_array(required.value) else ()):
            if isinstance(name, str):
                view.required.setdefault(name, f"{required.place}/{index}")
        if is_object(node.value.get("items")) or node.value.get("items") is False:
            view.items = self._and(view.items, node.child("items"))
        if first := node.child("prefixItems").items:
            view.first_items = tuple(self._and(ANYTHING, item) for item in first)
        for word in ("additionalProperties", "unevaluatedProperties"):
            if word in node.value:
                self._read_extra(view, node.child(word))

    def _read_extra(self, view: View, node: Node) -> None:
        view.extra_place = view.extra_place or node.place
        if node.value is False:
            view.extra = False
        elif is_object(node.value) and node.value and view.extra is not False:
            view.extra = self._and(ANYTHING if view.extra is True else view.extra, node)

    def _and(self, schema: Schema, node: Node) -> Schema:
        added = self.schema(node)
        if added is None:
            return schema or (node,)
        places = {one.place for one in schema}
        return (*schema, *(one for one in added if one.place not in places))


def _component(schema: Schema) -> str:
    if len(schema) != 1:
        return ""
    place = schema[0].place
    parent, _, name = place.rpartition("/")
    return name if parent.endswith(("/components/schemas", "#/definitions", "/$defs")) else ""


def _has_siblings(value: dict[str, Any]) -> bool:
    return len(value) > 1 and any(not key.startswith("x-") and key not in ("$ref", "summary") for key in value)


def _members(node: Node) -> Iterable[tuple[str, Node]]:
    return ((str(key), node.child(key)) for key in node.mapping)


def _read_alternatives(view: View, groups: list[tuple[_Part, str, list[Node]]], views: Views) -> None:
    if not groups:
        return
    part, word, entries = groups[0]
    # Beside a type, alternatives of other types are none.
    entries = [entry for entry in entries if _may_be(view.types, views.side.follow(entry))]
    view.is_never = view.is_never or not entries
    schemas = (views.schema(entry) for entry in entries)
    view.alternatives = tuple((entry,) if one is None else one for entry, one in zip(entries, schemas, strict=True))
    view.alternatives_word = word
    view.words.setdefault(word, Word(None, f"{part.node.place}/{word}"))
    view.more_alternatives = tuple(f"{one.node.place}/{name}" for one, name, _ in groups[1:])


def _may_be(types: frozenset[str] | None, entry: Node) -> bool:
    said, values = types_said(entry.mapping.get("type")), listed_values(entry.mapping)
    if said is None and values is not None:
        said = frozenset(type_of_value(one) for one in values)
    return types is None or said is None or bool(types_of_both(types, said))
