"""The classes of the models module, the fields of each model, the members of each enum."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from clientsmith.findings import Finding
from clientsmith.openapi.pointer import split
from clientsmith.openapi.resolve import split_place

from ..ir import Api, Enum, EnumMember, Model, NamedShape, Operation, Parameter, Property
from ..names import (
    MODULE_NAMES,
    PROPERTY_NAMES,
    Wish,
    allocate,
    first_of,
    pascal_case,
    snake_case,
    spelled_out,
    upper_case,
)
from ..schemas import component_key
from ..words import singular, vocabulary

__all__ = ["name_shapes"]

# A hash that a framework appended to tell two classes of one name apart: `JobResponse.c5eb086`.
_HASH_PART = re.compile(r"[._-](?=[0-9a-f]*\d)[0-9a-f]{6,}(?=$|[._-])")
_LONGEST = 40
_SCHEMA_WORDS = vocabulary("properties items schema allOf anyOf oneOf additionalProperties content prefixItems")


def name_shapes(api: Api) -> tuple[Api, list[Finding]]:
    """Name everything that becomes a class: schemas by their key, inline ones by title, or by where they stand."""
    operations = {operation.pointer: pascal_case(operation.name) for operation in api.operations}
    parameters = {p.pointer: (p, operation) for operation in api.operations for p in operation.parameters}
    titles = Counter(pascal_case(shape.wire_name) for shape in api.shapes.values() if shape.wire_name)
    names: dict[str, str] = {}
    keyed = [shape for shape in api.shapes.values() if component_key(shape.pointer)]
    names |= allocate([Wish(shape.pointer, _of_key(shape)) for shape in keyed], MODULE_NAMES, "Model")
    inline = [shape for shape in api.shapes.values() if not component_key(shape.pointer)]
    # Outer schemas first: the name of an inner one starts with that of the one around it.
    for depth in sorted({shape.pointer.count("/") for shape in inline}):
        wishes = [
            Wish(shape.pointer, _of_inline(shape, operations | names, parameters, titles), 0 if shape.wire_name else 1)
            for shape in inline
            if shape.pointer.count("/") == depth
        ]
        names |= allocate(wishes, MODULE_NAMES, "Model", given=names.values())
    named = {pointer: _with_members(shape, names[pointer]) for pointer, shape in api.shapes.items()}
    return replace(api, shapes=named), []


def _of_key(shape: NamedShape) -> tuple[str, ...]:
    """Candidates from the key: without a hash, then whole."""
    key = shape.wire_name
    short = _HASH_PART.sub(" ", key)
    last = re.split(r"[.]", key)[-1]
    # `io.k8s.api.core.v1.Pod` and `naas.models.JobResponse`: the path of a package before the name.
    dotted = last if key.count(".") > 1 and last[:1].isupper() else short
    exact = key if key.isidentifier() and key[:1].isupper() and "_" not in key else ""
    return first_of([exact, pascal_case(dotted), pascal_case(short), pascal_case(key)])


def _of_inline(
    shape: NamedShape,
    around: Mapping[str, str],
    parameters: Mapping[str, tuple[Parameter, Operation]],
    titles: Counter[str],
) -> tuple[str, ...]:
    """Candidates from the title, if it is the only one, and from where the schema stands."""
    title = pascal_case(shape.wire_name) if shape.wire_name else ""
    title = title if len(title) <= _LONGEST else ""
    parent, steps = _parent(shape.pointer, around)
    places = [_shorten(pascal_case(" ".join([parent, *_step_words(steps)]), "Item"))]
    if (found := parameters.get(shape.pointer.rpartition("/schema")[0])) is not None:
        parameter, operation = found
        things = [f"{_one(operation.noun)} {parameter.wire_name}", f"{operation.name} {parameter.wire_name}"]
        places = [*(pascal_case(thing) for thing in things), *places]
    return first_of([title if titles[title] == 1 else "", *places, title])


def _one(noun: str) -> str:
    words = noun.split()
    return " ".join([*words[:-1], singular(words[-1])]) if words else ""


def _parent(pointer: str, around: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the name of the nearest thing around an inline schema, and the steps from there to it."""
    above = pointer
    while (cut := above.rfind("/")) > 0:
        above = above[:cut]
        if above in around:
            return around[above], split(pointer[len(above) :])
    _, inner = split_place(pointer)
    tokens = split(inner)
    if tokens[:1] == ["components"] and len(tokens) > 2:
        return pascal_case(tokens[2]), tokens[3:]
    return "", tokens


def _step_words(steps: list[str]) -> list[str]:
    """Say a path in a document in words: `properties/owner` → owner, `responses/200/content/…` → result."""
    words: list[str] = []
    index = 0
    while index < len(steps):
        step = steps[index]
        if step in ("requestBody", "responses", "headers", "parameters"):
            skipped = 1 if step == "requestBody" else 2
            words += {"requestBody": ["request"], "responses": ["result"]}.get(step, [])
            if step == "responses" and steps[index + 1 : index + 2] and not steps[index + 1].startswith("2"):
                words[-1:] = ["error"]
            if step in ("headers", "parameters") and len(steps) > index + 1 and not steps[index + 1].isdecimal():
                words.append(steps[index + 1])
            index += skipped
        elif step == "content":
            index += 2
        elif step == "properties":
            words.append(steps[index + 1] if len(steps) > index + 1 else "")
            index += 2
        elif step == "items":
            words[-1:] = [singular(words[-1])] if words else ["item"]
            index += 1
        elif step == "additionalProperties":
            words.append("value")
            index += 1
        else:
            words += [] if step in _SCHEMA_WORDS or step.isdecimal() else [step]
            index += 1
    return words


def _shorten(name: str) -> str:
    """Cut a name that grew with its nesting: the first word says whose, the last words say what."""
    if len(name) <= _LONGEST:
        return name
    parts = re.findall(r"[A-Z][^A-Z]*", name)
    kept: list[str] = []
    for part in reversed(parts[1:]):
        if sum(map(len, [parts[0], *kept])) + len(part) > _LONGEST:
            break
        kept.insert(0, part)
    return "".join([parts[0], *kept]) if kept else name[:_LONGEST]


# --- inside one class ------------------------------------------------------------------------------------------------


def _with_members(shape: NamedShape, name: str) -> NamedShape:
    if isinstance(shape, Model):
        named = tuple(_named_properties(shape.properties))
        if shape.additional is None:
            return replace(shape, name=name, properties=named)
        wish = Wish("", ("additional_properties", "other_properties"))
        rest = allocate([wish], PROPERTY_NAMES, given=[part.name for part in named])
        return replace(shape, name=name, properties=named, additional_name=rest[""])
    return replace(shape, name=name, members=tuple(_named_members(shape)))


def _named_properties(properties: tuple[Property, ...]) -> Iterable[Property]:
    wishes = [
        Wish(
            part.wire_name,
            first_of([snake_case(part.wire_name, "field"), snake_case(_spelled(part.wire_name), "field")]),
            _plainness(part.wire_name),
        )
        for part in properties
    ]
    names = allocate(wishes, PROPERTY_NAMES)
    return [replace(part, name=names[part.wire_name]) for part in properties]


def _named_members(enum: Enum) -> Iterable[EnumMember]:
    wishes: list[Wish] = []
    for member in enum.members:
        text = str(member.wire_value)
        plain = upper_case(member.name or text, "EMPTY" if not text else "VALUE")
        case = "LOWERCASE" if text.islower() else "UPPERCASE" if text.isupper() else "MIXED_CASE"
        spelled = upper_case(_spelled(text), "VALUE")
        key = repr(member.wire_value)
        wishes.append(Wish(key, first_of([plain, spelled, f"{plain}_{case}"]), 0 if text == plain else 1))
    names = allocate(wishes, {"NAME", "VALUE", "MRO", "None", "True", "False"})
    return [replace(member, name=names[repr(member.wire_value)]) for member in enum.members]


def _spelled(text: str) -> str:
    return " ".join(spelled_out(text))


def _plainness(wire_name: str) -> int:
    """`id` keeps its name beside `@id`, and `name` beside `Name`."""
    return 0 if wire_name.isidentifier() and wire_name.islower() else 1 if wire_name.isidentifier() else 2
