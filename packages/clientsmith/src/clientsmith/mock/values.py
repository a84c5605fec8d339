"""Values that a schema allows, made from nothing but the schema and a seed.

- What the author gives as an example, or as a default, is taken where it fits its schema.
- Optional properties are there too, until a value gets deep, large, or repeats itself.
- Of alternatives the first is taken that comes to an end, null last; the discriminator is set to match.
- A schema that cannot end (an object that requires itself) gives ``{}``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from random import Random
from typing import Any, Final

from clientsmith.model.ir import Model, NamedShape
from clientsmith.model.lookup import lineage, tag_of

from .schemas import ANYTHING, Schema, Schemas
from .texts import make_number, make_text
from .validation import Direction, Validator

__all__ = ["ValueMaker"]

_DEEPEST: Final = 5  # levels with optional properties
_LARGEST: Final = 600  # parts of a value, beyond which only what is required is made
_TRIES: Final = 6  # of alternatives that contradict each other some combination may fit, the last ones without options
_SEVERAL: Final = 2  # items of a list at the top; deeper ones have one


class _EndlessError(Exception):
    """The value would contain itself."""


class ValueMaker:
    """Makes values for the schemas of one document.

    Args:
        schemas: The schemas.
        shapes: The named shapes of the same document: they know which discriminator values exist.
        validator: Says whether an example fits.
        seed: Other seeds give other values.
    """

    def __init__(
        self, schemas: Schemas, shapes: Mapping[str, NamedShape], validator: Validator, *, seed: int = 0
    ) -> None:
        self._schemas, self._shapes, self._validator, self._seed = schemas, shapes, validator, seed
        self._children: dict[str, list[Model]] = {}
        self._hopeless: dict[int, Schema] = {}  # nothing that was made for them fitted: once is enough to find out
        for shape in shapes.values():
            if isinstance(shape, Model) and shape.base is not None:
                self._children.setdefault(shape.base.pointer, []).append(shape)

    def make(
        self,
        schema: Schema,
        direction: Direction = Direction.ANSWER,
        *,
        variation: int = 0,
        examples: bool = True,
        optional: bool = True,
    ) -> Any:
        """Return a value that ``schema`` allows.

        Args:
            schema: What it is to be.
            direction: Read-only properties are not in a request, write-only ones not in an answer.
            variation: Another number gives another value of the same schema.
            examples: Whether examples and defaults of the document are taken.
            optional: Whether optional properties are there.
        """
        first: Any = None
        for attempt in range(1 if id(schema) in self._hopeless else _TRIES):
            random = Random(f"{self._seed}/{variation}/{attempt or ''}")
            usual = examples and not variation and not attempt
            value = self._made(_Making(self, random, direction, usual, optional and attempt < _TRIES - 2), schema)
            if self._validator.accepts(value, schema, direction):
                return value
            first = first if attempt else value
        self._hopeless[id(schema)] = schema
        return first

    def _made(self, making: _Making, schema: Schema) -> Any:
        try:
            return making.value(schema, "", 0, frozenset())
        except _EndlessError:
            return {}

    def fitting_examples(self, schema: Schema, direction: Direction) -> list[Any]:
        """Return the examples and the default that stand in ``schema`` and fit it."""
        found = [schema["example"]] if "example" in schema else []
        found += schema.get("examples", [])
        found += [schema["default"]] if schema.get("default") is not None else []
        return [one for one in found if self._validator.accepts(one, schema, direction)]

    # --- discriminators ---

    def tag(self, places: tuple[str, ...]) -> tuple[str, str]:
        """Return discriminator and value of the model at the first of these places that has them; "" of none."""
        for place in places:
            shape = self._shapes.get(place)
            if isinstance(shape, Model) and (tag := tag_of(shape, self._shapes)):
                for owner in lineage(shape, self._shapes):
                    if owner.tag_value:
                        return tag, owner.tag_value
        return "", ""

    def child_of(self, place: str) -> str:
        """Return the place of the first child of a model that is told apart by a discriminator, "" if it has none."""
        shape = self._shapes.get(place)
        if not isinstance(shape, Model) or not shape.tag or shape.tag_value:
            return ""
        return next((child.pointer for child in self._children.get(place, ()) if child.tag_value), "")

    def at(self, place: str) -> Schema:
        """Return the schema at a place."""
        return self._schemas.at(place)


class _Making:
    """One value on its way."""

    def __init__(self, maker: ValueMaker, random: Random, direction: Direction, examples: bool, optional: bool) -> None:
        self.maker, self.random, self.direction = maker, random, direction
        self.examples, self.optional = examples, optional
        self.parts = 0

    def value(self, schema: Schema, name: str, depth: int, inside: frozenset[str]) -> Any:
        self.parts += 1
        flat, places = self._flat(schema, inside)
        inside |= set(places)
        if "const" in flat and flat["const"] in flat.get("enum", [flat["const"]]):
            return flat["const"]
        if self.examples and (fitting := self._example(flat)) is not None:
            return fitting
        if "enum" in flat:
            return self._one_of(flat["enum"])
        kind = self._kind(flat)
        if kind == "object":
            return self._object(flat, depth, inside, places)
        if kind == "array":
            return self._array(flat, name, depth, inside)
        return self._scalar(flat, kind, name)

    def _example(self, flat: Schema) -> Any:
        """Return an example that fits all that is said of the value; null is rarely what an author wants to show."""
        fitting = self.maker.fitting_examples(flat, self.direction)
        return next((example for example in fitting if example is not None), None)

    def _one_of(self, values: list[Any]) -> Any:
        """Return the first value, which authors put first for a reason; of variations any."""
        usable = [value for value in values if value is not None] or values
        return usable[0] if self.examples else self.random.choice(usable)

    def _kind(self, flat: Schema) -> str:
        types = [name for name in flat.get("type", ()) if name != "null"]
        if types:
            return str(
                next((name for name in ("object", "array") if name in types and _speaks_of(flat, name)), types[0])
            )
        if "type" in flat:
            return "null"
        return next((name for name in ("object", "array") if _speaks_of(flat, name)), _implied(flat))

    def _scalar(self, flat: Schema, kind: str, name: str) -> Any:
        match kind:
            case "null":
                return None
            case "boolean":
                return True
            case "integer" | "number":
                return make_number(flat, self.random, whole=kind == "integer")
            case _:
                return make_text(flat, self.random, name)

    # --- objects and lists ---

    def _object(self, flat: Schema, depth: int, inside: frozenset[str], places: tuple[str, ...]) -> dict[str, Any]:
        properties: dict[str, Schema] = flat.get("properties", {})
        required = flat.get("required", ())
        found: dict[str, Any] = {}
        for name, part in properties.items():
            if self._is_left_out(part) or (name not in required and not self._has_room(flat, depth, found)):
                continue
            try:
                found[name] = self.value(part, name, depth + 1, inside)
            except _EndlessError:
                if name in required:
                    raise
        more = flat.get("additionalProperties", ANYTHING)
        for name in required:
            if name not in properties:
                found[name] = self.value(more, name, depth + 1, inside)
        found |= self._more(flat, found, depth, inside)
        tag, value = self.maker.tag(places)
        return {**found, tag: value} if tag and (tag in properties or tag in found) else found

    def _more(self, flat: Schema, found: Mapping[str, Any], depth: int, inside: frozenset[str]) -> dict[str, Any]:
        """Return members that no property names: of a map one, else as many as there have to be."""
        wanted = flat.get("minProperties", 0) - len(found)
        values = flat.get("additionalProperties", ANYTHING)
        if not flat.get("properties") and values and self.optional and depth < _DEEPEST:
            wanted = max(wanted, 1)
        patterns: dict[str, Schema] = flat.get("patternProperties", {})
        if patterns and (wanted > 0 or (not flat.get("properties") and self.optional and depth < _DEEPEST)):
            pattern, values = next(iter(patterns.items()))
            return {make_text({"pattern": pattern}, self.random): self.value(values, "", depth + 1, inside)}
        names = flat.get("propertyNames", ANYTHING)
        try:
            return {
                (make_text(names, self.random) if names else f"key{index or ''}"): self.value(
                    values, "", depth + 1, inside
                )
                for index in range(min(wanted, 8))
            }
        except _EndlessError:
            return {}

    def _has_room(self, flat: Schema, depth: int, found: Mapping[str, Any]) -> bool:
        is_small = depth < _DEEPEST and self.parts < _LARGEST and self.optional
        least, most = flat.get("minProperties", 0), flat.get("maxProperties", math.inf)
        return bool((is_small or len(found) < least) and len(found) < most)

    def _is_left_out(self, part: Schema) -> bool:
        word = "readOnly" if self.direction is Direction.REQUEST else "writeOnly"
        return any(one.get(word) is True for one in (part, self.maker.at(part.get("$ref", ""))))

    def _array(self, flat: Schema, name: str, depth: int, inside: frozenset[str]) -> list[Any]:
        least = flat.get("minItems", 0)
        usual = (_SEVERAL if depth < 2 else 1) if self.optional and self.parts < _LARGEST else min(1, least)
        number = max(least, min(usual, flat.get("maxItems", usual)))
        firsts: list[Schema] = flat.get("prefixItems", [])
        found: list[Any] = []
        seen: set[str] = set()
        for index in range(min(number + 8, 2 * number, 64)):
            if len(found) == number:
                break
            try:
                item = self.value(
                    firsts[index] if index < len(firsts) else flat.get("items", ANYTHING), name, depth + 1, inside
                )
            except _EndlessError:
                if least:
                    raise
                return []
            text = json.dumps(item, sort_keys=True, default=str)
            if flat.get("uniqueItems") and text in seen:
                continue
            seen.add(text)
            found.append(item)
        if flat.get("uniqueItems") and len(found) < least:
            found += self._others(flat.get("items", ANYTHING), found, least - len(found))
        return found

    def _others(self, items: Schema, found: list[Any], missing: int) -> list[Any]:
        """Return further members of an enum, for lists that have none twice."""
        flat, _places = self._flat(items, frozenset())
        return [value for value in flat.get("enum", ()) if value not in found][:missing]

    # --- references, parts and alternatives in one ---

    def _flat(self, schema: Schema, inside: frozenset[str]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return all that is said of one value as one schema, and the places that it was said at.

        Raises:
            _EndlessError: One of the places is being made already.
        """
        places: list[str] = []
        flat = self._merged(schema, inside, places)
        return flat, tuple(places)

    def _merged(self, schema: Schema, inside: frozenset[str], places: list[str]) -> dict[str, Any]:
        """Join what holds in any case first, and then choose alternatives that agree with it."""
        choices: list[tuple[Schema, list[Schema]]] = []
        flat = self._certain(schema, inside, places, choices)
        while choices:
            owner, members = choices.pop(0)
            flat = _joined(flat, self._alternative(owner, members, flat, inside, places, choices))
        return flat

    def _certain(
        self, schema: Schema, inside: frozenset[str], places: list[str], choices: list[tuple[Schema, list[Schema]]]
    ) -> dict[str, Any]:
        flat = {word: value for word, value in schema.items() if word not in _COMBINING}
        choices += [(schema, schema[word]) for word in ("oneOf", "anyOf") if word in schema]
        if "$ref" in schema:
            place = schema["$ref"]
            if not places and (child := self.maker.child_of(place)):
                place = child if child not in inside else place
            if place in inside or place in places:
                raise _EndlessError
            places.append(place)
            flat = _joined(flat, self._certain(self.maker.at(place), inside, places, choices))
        for member in schema.get("allOf", ()):
            flat = _joined(flat, self._certain(member, inside, places, choices))
        return flat

    def _alternative(
        self,
        owner: Schema,
        members: list[Schema],
        flat: Schema,
        inside: frozenset[str],
        places: list[str],
        choices: list[tuple[Schema, list[Schema]]],
    ) -> dict[str, Any]:
        """Return the first member that ends and agrees with ``flat``; with a discriminator its property is set."""
        usable = [member for member in members if member.get("type") != ["null"]] or members
        if not self.examples and len(usable) > 1:
            start = self.random.randrange(len(usable))
            usable = usable[start:] + usable[:start]
        for member in usable:
            tried, more = list(places), list(choices)
            try:
                made = self._certain(member, inside, tried, more)
            except _EndlessError:
                continue
            if _contradicts(flat, made) and member is not usable[-1]:
                continue
            said = owner.get("discriminator")
            place = member.get("$ref", "")
            places += tried[len(places) :]
            choices += more[len(choices) :]
            return made if said is None or not place else _tagged(made, said, place)
        if any(member.get("type") == ["null"] for member in members):
            return {"type": ["null"]}
        raise _EndlessError


_COMBINING: Final = frozenset({"$ref", "allOf", "oneOf", "anyOf", "discriminator", "title", "description"})
_OF_OBJECTS: Final = (
    "properties", "additionalProperties", "patternProperties", "required", "minProperties", "propertyNames",
)  # fmt: skip
_OF_LISTS: Final = ("items", "prefixItems", "minItems", "maxItems", "uniqueItems")


def _speaks_of(flat: Schema, kind: str) -> bool:
    return any(word in flat for word in (_OF_OBJECTS if kind == "object" else _OF_LISTS))


def _implied(flat: Schema) -> str:
    return "number" if any(word in flat for word in ("minimum", "maximum", "multipleOf")) else "string"


def _tagged(flat: dict[str, Any], said: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Return ``flat`` with the property that names the alternative at ``place``."""
    name = said["propertyName"]
    value = next((word for word, target in said["mapping"].items() if target == place), place.rpartition("/")[2])
    known: Schema = flat.get("properties", {}).get(name, ANYTHING)
    if "const" in known or len(known.get("enum", ())) == 1:
        return flat  # the alternative says itself which one it is
    return {**flat, "properties": {**flat.get("properties", {}), name: {"const": value}}}


def _joined(one: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema that says what both say; of what cannot be joined the first."""
    made = {**other, **one}
    for word in one.keys() & other.keys():
        join = _JOINS.get(word)
        if join is not None:
            made[word] = join(one[word], other[word])
    return made


def _contradicts(one: Schema, other: Schema) -> bool:
    """Whether no value can be what both say, as far as kinds and listed values tell."""
    if "type" in one and "type" in other and not {*one["type"]} & {*other["type"]}:
        return {*one["type"], *other["type"]} != {"integer", "number"}
    values = [[each["const"]] if "const" in each else each.get("enum") for each in (one, other)]
    return None not in values and not any(value in (values[1] or ()) for value in values[0] or ())


def _join_properties(one: Mapping[str, Schema], other: Mapping[str, Schema]) -> dict[str, Schema]:
    both = {name: {"allOf": [one[name], other[name]]} for name in one.keys() & other.keys() if one[name] != other[name]}
    return {**other, **one, **both}


def _join_schemas(one: Schema, other: Schema) -> Schema:
    if not one or not other or one == other:
        return one or other
    return {"allOf": [one, other]}


def _join_lists(one: list[Any], other: list[Any]) -> list[Any]:
    return [item for item in one if item in other] or one


def _join_names(one: list[str], other: list[str]) -> list[str]:
    return list(dict.fromkeys((*one, *other)))


def _join_types(one: list[str], other: list[str]) -> list[str]:
    numbers = ["integer"] if {"integer", "number"} <= {*one, *other} else []
    return [name for name in one if name in other] or numbers or one


_JOINS: Final[Mapping[str, Any]] = {
    "properties": _join_properties,
    "items": _join_schemas,
    "additionalProperties": _join_schemas,
    "required": _join_names,
    "enum": _join_lists,
    "type": _join_types,
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
}
