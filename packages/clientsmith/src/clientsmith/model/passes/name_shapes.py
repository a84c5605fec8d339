"""The classes of the models module, the fields of each model, the members of each enum."""

from __future__ import annotations

import re
from collections import ChainMap, Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final, TypeVar

from clientsmith.configuration import Configuration, Lock, LockedModel, ModelSettings
from clientsmith.findings import Finding
from clientsmith.openapi.pointer import split
from clientsmith.openapi.resolve import split_place

from ..decided import refused
from ..ir import Api, Enum, EnumMember, Literal, Model, NamedShape, Operation, Parameter, Property
from ..lock import shape_keys
from ..names import (
    MODULE_NAMES,
    PROPERTY_NAMES,
    Wish,
    allocate,
    first_of,
    pascal_case,
    plainness,
    shortened,
    snake_case,
    told_apart,
    upper_case,
)
from ..schemas import component_key
from ..shared_names import shared_names
from ..words import singular, split_words, vocabulary

__all__ = ["name_shapes"]

# A hash that a framework appended to tell two classes of one name apart: `JobResponse.c5eb086`.
_HASH_PART: Final = re.compile(r"[._-](?=[0-9a-f]*\d)[0-9a-f]{6,}(?=$|[._-])")
_GENERIC: Final = re.compile(r"[^\w.$]+|_+(?=[A-Z]\w*\.)|`\d+")  # `Page«com.shop.Order»`, `Result_Shop.Model.Order`
_UNION_MEMBER: Final = re.compile(r"(.*/(?:oneOf|anyOf))/\d+$")
_ANSWER: Final = re.compile(r"/responses/(\d{3})/content/[^/]+/(?:schema|itemSchema)$")
_LONGEST: Final = 40
# Fewer classes than this need no shorter names, and half of them is what makes a prefix a namespace.
_MANY: Final = 20
_SHORTEST: Final = 3  # letters that are hardly a name by themselves
_SCHEMA_WORDS: Final = vocabulary(
    "properties items schema allOf anyOf oneOf additionalProperties content prefixItems itemSchema"
)
T = TypeVar("T")
_MEMBER_NAMES: Final = frozenset({"NAME", "VALUE", "MRO", "None", "True", "False"})


def name_shapes(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Name everything that becomes a class: schemas by their key, inline ones by title, or by where they stand."""
    keys = shape_keys(api)
    told = {pointer: _found(known, configuration.models, ModelSettings()) for pointer, known in keys.items()}
    kept = _published(configuration.lock, keys)
    candidates = _Candidates.of(api)
    errors = configuration.lock.errors.values()  # published beside the models
    names: dict[str, str] = {}
    wishes: list[Wish] = []
    # Outer schemas first: the name of an inner one starts with that of the one around it.
    for level in _levels(api):
        found = [
            Wish(
                one.pointer,
                candidates.of_shape(one, names),
                _rank(one),
                told[one.pointer].name or "",
                kept[one.pointer].name,
            )
            for one in level
        ]
        here = {wish.key for wish in found}
        decided = [told[one].name or kept[one].name for one in keys if one not in names and one not in here]
        names |= allocate(found, MODULE_NAMES, "Model", given=[*names.values(), *filter(None, decided), *errors])
        names |= {place: names[one.pointer] for one in level for place in one.places}
        wishes += found
    places = {pointer: ("models", known[0]) for pointer, known in keys.items()}
    findings = refused(wishes, names, configuration, places)
    shapes: dict[str, NamedShape] = {}
    for pointer, shape in api.shapes.items():
        shapes[pointer], noticed = _with_members(shape, names[pointer], told[pointer], kept[pointer], configuration)
        findings += noticed
    return replace(api, shapes=shapes), findings


def _published(lock: Lock, keys: Mapping[str, tuple[str, ...]]) -> dict[str, LockedModel]:
    """Return the published class of each shape, by its pointer.

    A class is found by its first place that the document still has. Where what was one class is two now, one of them
    is the class that it was, and the other is new.
    """
    pointers = {key: pointer for pointer, known in keys.items() for key in reversed(known)}
    pointers |= {known[0]: pointer for pointer, known in keys.items()}
    kept = {pointers[key]: one for key, one in lock.models.items() if key in pointers}
    for key, one in sorted(lock.models.items()):
        pointer = next((pointers[place] for place in (key, *one.places) if place in pointers), None)
        if pointer is not None and key not in pointers:
            kept.setdefault(pointer, one)
    return {pointer: kept.get(pointer, LockedModel("")) for pointer in keys}


def _found(keys: Iterable[str], known: Mapping[str, T], otherwise: T) -> T:
    """Return what is known of a shape by the first of its places."""
    return next((known[key] for key in keys if key in known), otherwise)


def _levels(api: Api) -> Iterable[list[NamedShape]]:
    """Schemas with a key of their own, then inline ones by the depth at which they stand."""
    yield [shape for shape in api.shapes.values() if component_key(shape.pointer)]
    inline = [shape for shape in api.shapes.values() if not component_key(shape.pointer)]
    for depth in sorted({shape.pointer.count("/") for shape in inline}):
        yield [shape for shape in inline if shape.pointer.count("/") == depth]


def _rank(shape: NamedShape) -> int:
    return 0 if component_key(shape.pointer) or shape.wire_name else 1


@dataclass(frozen=True, slots=True)
class _Candidates:
    """What shapes could be called: all of an API that names are made from."""

    operations: dict[str, str]  # names of methods, and of the service's messages, in the case of classes, by pointer
    groups: Mapping[str, str]  # the class of the client that has each operation, by pointer
    parameters: Mapping[str, tuple[Parameter, Operation]]
    titles: Counter[str]
    namespaces: tuple[str, ...]
    siblings: Mapping[str, list[Model]]  # members of one union, by its pointer
    shared: Mapping[str, str]  # names of what stands in several places, by pointer

    @classmethod
    def of(cls, api: Api) -> _Candidates:
        siblings: dict[str, list[Model]] = {}
        for shape in api.shapes.values():
            if isinstance(shape, Model) and (member := _UNION_MEMBER.match(shape.pointer)) is not None:
                siblings.setdefault(member[1], []).append(shape)
        operations = {one.pointer: pascal_case(one.name) for one in api.operations}
        parameters = _parameters(api)
        arguments = {at: pascal_case(f"{_one(one.noun)} {p.wire_name}") for at, (p, one) in parameters.items()}
        operations |= {f"{one.pointer}/requestBody": f"{pascal_case(one.key)}Message" for one in api.webhooks}
        around = operations | arguments
        keyed = [_of_key(key)[0] for pointer in api.shapes if (key := component_key(pointer))]
        return cls(
            operations,
            {one.pointer: group.name for group in api.root.walk() if group.key for one in group.operations},
            parameters,
            Counter(pascal_case(shape.wire_name) for shape in api.shapes.values() if shape.wire_name),
            _namespaces(keyed),
            siblings,
            shared_names(api, lambda place: _place(place, around), keyed),
        )

    def of_shape(self, shape: NamedShape, names: dict[str, str]) -> tuple[str, ...]:
        if component_key(shape.pointer):
            whole = _of_key(shape.wire_name)
            short = [whole[0].removeprefix(prefix) for prefix in self.namespaces if whole[0].startswith(prefix)]
            return first_of([*(name for name in short if name[:1].isupper()), *whole])
        return self._of_inline(shape, names)

    def _of_inline(self, shape: NamedShape, names: dict[str, str]) -> tuple[str, ...]:
        """Candidates from the title, if it is the only one, and from where the schema stands."""
        title = pascal_case(shape.wire_name) if shape.wire_name else ""
        title = title if len(title) <= _LONGEST else ""
        place = _place(shape.pointer, ChainMap(names, self.operations))
        owner = next((self.groups[above] for above in _above(shape.pointer) if above in self.groups), "")
        in_group = [f"{owner.removesuffix('Client')}{place}"] if owner else []
        places = [
            *self._of_union_member(shape, place),
            shortened(place, _LONGEST),
            *_of_answer(shape, place),
            *(shortened(name, _LONGEST) for name in in_group),
            place,
            *in_group,
        ]
        if (found := self.parameters.get(shape.pointer.rpartition("/schema")[0])) is not None:
            parameter, operation = found
            things = [f"{_one(operation.noun)} {parameter.wire_name}", f"{operation.name} {parameter.wire_name}"]
            places = [*(pascal_case(thing) for thing in things), *places]
        shared = shortened(self.shared.get(shape.pointer, ""), _LONGEST)
        kind = "Value" if isinstance(shape, Enum) else "Item" if shape.pointer.endswith("/items") else "Data"
        return first_of([title if self.titles[title] == 1 else "", shared, *places, title, f"{places[-1]}{kind}"])

    def _of_union_member(self, shape: NamedShape, place: str) -> Iterable[str]:
        """A member of a union is told apart by the value of its tag, or by what only it has."""
        member = _UNION_MEMBER.match(shape.pointer)
        if member is None or not isinstance(shape, Model):
            return
        others = [other for other in self.siblings[member[1]] if other.pointer != shape.pointer]
        for part in shape.properties:
            if isinstance(part.shape, Literal) and isinstance(part.shape.value, str):
                yield shortened(pascal_case(f"{place} {' '.join(split_words(part.shape.value))}"), _LONGEST)
        elsewhere = {part.wire_name for other in others for part in other.properties}
        own = sorted(
            (part for part in shape.properties if part.wire_name not in elsewhere), key=lambda part: not part.required
        )
        if others and own:
            yield shortened(pascal_case(f"{place} with {' '.join(split_words(own[0].wire_name))}"), _LONGEST)


def _place(pointer: str, around: Mapping[str, str]) -> str:
    parent, steps = _parent(pointer, around)
    return pascal_case(" ".join([parent, *_step_words(steps)]), "Item")


def _parameters(api: Api) -> dict[str, tuple[Parameter, Operation]]:
    """Return the parameters that name a schema by the operation that has it: of several the first by its key.

    One with a key of its own, below `/components`, is named after that.
    """
    operations = sorted(api.operations, key=lambda one: one.key, reverse=True)
    found = {p.pointer: (p, operation) for operation in operations for p in operation.parameters}
    return {pointer: one for pointer, one in found.items() if split_place(pointer)[1].startswith("/paths/")}


def _namespaces(names: Collection[str]) -> tuple[str, ...]:
    """Return the beginning that at least half of the classes share and that says nothing: ``GoogleCloudDialogflow``."""
    prefixes: Counter[str] = Counter()
    for name in names:
        parts = re.findall(r"[A-Z][^A-Z]*", name)
        prefixes.update(
            {"".join(parts[:count]) for count in range(2, len(parts)) if len("".join(parts[count:])) > _SHORTEST}
        )
    shared = [prefix for prefix, count in prefixes.items() if count >= max(_MANY, len(names) / 2)]
    return (max(shared, key=lambda prefix: (len(prefix), prefix)),) if shared else ()


def _of_key(key: str) -> tuple[str, ...]:
    """Candidates from the key: without a hash and the paths of packages, without a hash, whole."""
    short = _HASH_PART.sub(" ", key)
    exact = key if key.isidentifier() and key.isascii() and key[:1].isupper() and "_" not in key else ""
    return first_of([exact, pascal_case(_without_packages(short)), pascal_case(short), pascal_case(key)])


def _without_packages(key: str) -> str:
    """`io.k8s.api.core.v1.Pod` → Pod; `Shop.Api.Page«Shop.Model.Order»` → Page Order."""
    parts: list[str] = []
    for part in _GENERIC.split(key):
        last = part.rpartition(".")[2]
        parts.append(last if part.count(".") > 1 and last[:1].isupper() else part)
    return " ".join(parts) if len(parts) > 1 else parts[0]


def _of_answer(shape: NamedShape, place: str) -> Iterable[str]:
    """`GetTaskError` and `GetTaskNotFoundError`: answers of one operation are told apart by their status."""
    answer = _ANSWER.search(shape.pointer)
    if answer is not None and answer[1] in _PHRASES and answer[1] not in ("200", "201"):
        end = next((end for end in ("Result", "Error") if place.endswith(end)), "")
        yield f"{place.removesuffix(end)}{_PHRASES[answer[1]]}{end}"


_PHRASES: Final = {str(int(status)): pascal_case(status.phrase.replace("'", "")) for status in HTTPStatus}


def _one(noun: str) -> str:
    words = noun.split()
    return " ".join([*words[:-1], singular(words[-1])]) if words else ""


def _above(pointer: str) -> Iterable[str]:
    while (cut := pointer.rfind("/")) > 0:
        pointer = pointer[:cut]
        yield pointer


def _parent(pointer: str, around: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the name of the nearest thing around an inline schema, and the steps from there to it."""
    for above in _above(pointer):
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


# --- inside one class ------------------------------------------------------------------------------------------------


def _with_members(
    shape: NamedShape, name: str, told: ModelSettings, kept: LockedModel, configuration: Configuration
) -> tuple[NamedShape, list[Finding]]:
    if isinstance(shape, Model):
        fields, wishes = _named_fields(shape.properties, told, kept)
        wish = Wish("", ("additional_properties", "other_properties"))
        rest = allocate([wish], PROPERTY_NAMES, given=[part.name for part in fields])[""]
        additional = rest if shape.additional is not None else ""
        named: NamedShape = replace(shape, name=name, properties=fields, additional_name=additional)
        names = {part.wire_name: part.name for part in fields}
        place = ("models", component_key(shape.pointer) or shape.pointer, "fields")
    else:
        members, wishes = _named_members(shape, told, kept)
        named = replace(shape, name=name, members=members)
        names = {str(member.wire_value): member.name for member in members}
        place = ("models", component_key(shape.pointer) or shape.pointer, "members")
    return named, refused(wishes, names, configuration, dict.fromkeys(names, place))


def _named_fields(
    properties: tuple[Property, ...], told: ModelSettings, kept: LockedModel
) -> tuple[tuple[Property, ...], list[Wish]]:
    candidates = told_apart([part.wire_name for part in properties], snake_case, "field")
    called = {part.wire_name: (snake_case(part.called, "field"),) for part in properties if part.called}
    wishes = [
        Wish(
            name,
            first_of([*called.get(name, ()), *found]),
            plainness(name),
            told.fields.get(name, ""),
            kept.fields.get(name, ""),
        )
        for name, found in candidates.items()
    ]
    names = allocate(wishes, PROPERTY_NAMES)
    return tuple(replace(part, name=names[part.wire_name]) for part in properties), wishes


def _named_members(enum: Enum, told: ModelSettings, kept: LockedModel) -> tuple[tuple[EnumMember, ...], list[Wish]]:
    texts = {member.name or str(member.wire_value): str(member.wire_value) for member in enum.members}
    candidates = told_apart(texts, upper_case, "VALUE")
    wishes: list[Wish] = []
    for member in enum.members:
        value = str(member.wire_value)
        text = member.name or value
        found = candidates[text] if text else ("EMPTY",)
        rank = 0 if text == found[0] else 1
        wishes.append(Wish(value, found, rank, told.members.get(value, ""), kept.members.get(value, "")))
    names = allocate(wishes, _MEMBER_NAMES)
    return tuple(replace(member, name=names[str(member.wire_value)]) for member in enum.members), wishes
