"""One class for what a document writes out again and again.

Documents repeat themselves: Stripe's says what an address is in 52 places, GitHub's spells the same error body out for
23 operations. Made one by one, each copy is a class of its own that no other takes, though nothing tells them apart.

Two schemas without a key of their own become one shape if

- they are *equal*: the same kind, the same wire names with equal shapes, the same required, read-only, deprecated ones,
  defaults and bounds; circles included. Schemas with a key are equal to themselves only: their author named them apart.
- and they are *called the same*: by their title; without one, by the property or parameter that holds them, or as the
  body of an error. A title that stands for different things is no name, so there the property has to be the same, too.

Equality by accident stays two classes: `{id}` of a customer and `{id}` of an invoice differ in what holds them, and
request bodies belong to their operation. The first place, by depth and then by name, gives the pointer; the others are
kept as `places`, so that a lock still finds the name that one of them had.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from operator import attrgetter, is_not
from typing import Any, Final, TypeAlias, TypeGuard, TypeVar

from clientsmith.configuration import Configuration
from clientsmith.findings import Finding
from clientsmith.openapi.pointer import split
from clientsmith.openapi.resolve import split_place

from ..ir import (
    UNCONSTRAINED,
    Api,
    Array,
    Constraints,
    Enum,
    Map,
    Model,
    NamedShape,
    Nullable,
    Property,
    Ref,
    Shape,
    Union,
)
from ..lock import published_classes
from ..lookup import with_operations
from ..names import pascal_case
from ..schemas import component_key

__all__ = ["merge_shapes"]

Label: TypeAlias = Hashable
T = TypeVar("T")


def merge_shapes(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Make one shape of all that are equal and called the same."""
    labels = _labels(api)
    titles = {pointer: label for pointer, label in labels.items() if label[0] == "title"}
    kinds = _partition(api.shapes, {pointer: label[:2] for pointer, label in labels.items()})
    meanings: dict[Label, set[int]] = defaultdict(set)
    for pointer, label in titles.items():
        meanings[label[:2]].add(kinds[pointer])
    ambiguous = {label for label, found in meanings.items() if len(found) > 1}
    exact = {pointer: label if label[:2] in ambiguous else label[:2] for pointer, label in labels.items()}
    if ambiguous:
        kinds = _partition(api.shapes, exact)
    if published := _published_apart(kinds, published_classes(api, configuration.lock)):
        kinds = _partition(api.shapes, {pointer: (label, published.get(pointer)) for pointer, label in exact.items()})
    groups: dict[int, list[str]] = defaultdict(list)
    for pointer, kind in kinds.items():
        groups[kind].append(pointer)
    merged: dict[str, str] = {}
    places: dict[str, tuple[str, ...]] = {}
    for pointers in groups.values():
        if len(pointers) > 1:
            first, *others = sorted(pointers, key=lambda pointer: (pointer.count("/"), pointer))
            merged |= dict.fromkeys(others, first)
            places[first] = tuple(others)
    if not merged:
        return api, []
    rename = _Rename(merged)
    shapes = {pointer: rename.of(shape) for pointer, shape in api.shapes.items() if pointer not in merged}
    shapes |= {pointer: _standing_at(shapes[pointer], others) for pointer, others in places.items()}
    operations = [rename.of(operation) for operation in api.operations]
    return with_operations(replace(api, shapes=shapes), operations), []


def _published_apart(kinds: Mapping[str, int], published: Mapping[str, str]) -> dict[str, str]:
    """Return the class of each shape, if two published ones would become one: both names have users.

    What is new joins the published class that it is equal to.
    """
    known: dict[int, set[str]] = defaultdict(set)
    for pointer, name in published.items():
        known[kinds[pointer]].add(name)
    if all(len(names) < 2 for names in known.values()):
        return {}
    return {pointer: published.get(pointer, min(known[kind])) for pointer, kind in kinds.items() if known.get(kind)}


def _standing_at(shape: NamedShape, places: tuple[str, ...]) -> NamedShape:
    if isinstance(shape, Enum):  # for type checkers, `replace` is a function of one class
        return replace(shape, places=places)
    return replace(shape, places=places)


# --- what they are called --------------------------------------------------------------------------------------------

# What stands under these is the same thing, or one of several of it.
_SAME_THING = frozenset(
    {"schema", "content", "items", "additionalProperties", "prefixItems", "anyOf", "oneOf", "allOf"}
)


def _labels(api: Api) -> dict[str, tuple[Label, ...]]:
    """What the document calls each shape: a title and where it stands, where it stands, or itself alone."""
    parameters = {part.pointer: part.wire_name for one in api.operations for part in one.parameters}
    labels: dict[str, tuple[Label, ...]] = {}
    for pointer, shape in api.shapes.items():
        is_alone = component_key(pointer) or (isinstance(shape, Model) and (shape.base or shape.tag or shape.tag_value))
        holder = ("itself", pointer) if is_alone else _holder(pointer, parameters)
        has_title = bool(shape.wire_name) and not is_alone
        labels[pointer] = ("title", pascal_case(shape.wire_name), *holder) if has_title else holder
    return labels


def _holder(pointer: str, parameters: Mapping[str, str]) -> tuple[str, str]:
    """The property, parameter or error that holds an inline schema; the schema itself where nothing names it."""
    itself = ("itself", pointer)
    around = next((place for place in _above(pointer) if place in parameters), "")
    held = ("parameter", parameters[around]) if around else itself
    steps = split(pointer[len(around) :] if around else split_place(pointer)[1])
    index = 0
    while index < len(steps):
        step, after = steps[index], steps[index + 1] if index + 1 < len(steps) else ""
        skipped = {"properties": 2, "responses": 2, "content": 2, "components": 3}.get(step, 1)
        if step == "properties":
            held = ("property", after)
        elif step == "responses":
            held = itself if after.startswith("2") else ("error", "")
        elif step not in _SAME_THING and not step.isdecimal():
            held = itself
        index += skipped
    return held


def _above(pointer: str) -> Iterator[str]:
    while (cut := pointer.rfind("/")) > 0:
        pointer = pointer[:cut]
        yield pointer


# --- what is equal ---------------------------------------------------------------------------------------------------


def _partition(shapes: Mapping[str, NamedShape], start: Mapping[str, Label]) -> dict[str, int]:
    """Number the shapes so that two have one number exactly if they are equal and start from the same label.

    The labels' classes are split until each holds shapes that refer to the same classes (Moore's refinement, as for
    automata), so that circles of references need no care.
    """
    numbers: dict[Label, int] = {}
    references: dict[str, list[str]] = {pointer: [] for pointer in shapes}
    classes = {
        pointer: numbers.setdefault((start[pointer], _said(shape, references[pointer])), len(numbers))
        for pointer, shape in shapes.items()
    }
    while True:
        seen: dict[Label, int] = {}
        finer = {
            pointer: seen.setdefault((classes[pointer], *map(classes.get, found)), len(seen))
            for pointer, found in references.items()
        }
        if len(seen) == len(numbers):
            return finer
        classes, numbers = finer, seen


def _said(shape: NamedShape, references: list[str]) -> Label:
    """Return all that a shape says but what it refers to, which goes to ``references`` in a fixed order."""
    if isinstance(shape, Enum):
        return (shape.kind, *sorted((repr(member.wire_value), member.name) for member in shape.members))
    parts = sorted(shape.properties, key=attrgetter("wire_name"))
    return (
        repr(_MODEL(shape)),
        _written(shape.additional, references),
        *((_facts_of(part), _written(part.shape, references)) for part in parts),
    )


def _facts_of(part: Property) -> Label:
    constraints = "" if part.constraints is UNCONSTRAINED else repr(part.constraints)  # nearly always
    return (repr(_PROPERTY(part)), constraints)


def _all_but(kind: type, *others: str) -> Callable[[Any], tuple[Any, ...]]:
    """Read what tells two of a kind apart: every field, also one of tomorrow, but ``others``."""
    return attrgetter(*(part.name for part in fields(kind) if part.name not in others))


_MODEL: Final = _all_but(Model, "pointer", "wire_name", "description", "properties", "additional")
_PROPERTY: Final = _all_but(Property, "description", "shape", "constraints")


def _written(shape: Shape | None, references: list[str]) -> Label:
    match shape:
        case Ref():
            references.append(shape.pointer)
            return "named"
        case Array():
            return ("array", _written(shape.item, references))
        case Map():
            return ("map", _written(shape.value, references))
        case Nullable():
            return ("or null", _written(shape.shape, references))
        case Union():
            mapping = tuple((value, _written(member, references)) for value, member in shape.mapping)
            return ("union", tuple(_written(member, references) for member in shape.members), shape.tag, mapping)
        case _:
            return repr(shape)  # `Literal(1)` equals `Literal(True)`, their texts differ


# --- references ------------------------------------------------------------------------------------------------------


class _Rename:
    """Gives every reference to a merged shape its new pointer, in whatever part of the IR it stands."""

    def __init__(self, merged: Mapping[str, str]) -> None:
        self.merged = merged

    def of(self, part: T) -> T:
        """Return ``part`` with its references renamed; the same object if there are none."""
        renamed: T = self._of(part)
        return renamed

    def _of(self, part: Any) -> Any:
        if part is None or isinstance(part, str | int | Constraints) or part == ():  # nearly everything
            return part
        if isinstance(part, Ref):
            return Ref(self.merged[part.pointer]) if part.pointer in self.merged else part
        if _is_tuple(part):
            items = tuple(self._of(item) for item in part)
            return items if any(map(is_not, items, part)) else part
        if not is_dataclass(part) or isinstance(part, type):
            return part
        changed = {name: new for name in _names(type(part)) if (new := self._of(old := getattr(part, name))) is not old}
        if not changed:
            return part
        renamed = replace(part, **changed)
        return _without_repetition(renamed) if isinstance(renamed, Union) else renamed


def _is_tuple(part: Any) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(part, tuple)


def _names(kind: type) -> tuple[str, ...]:
    if kind not in _NAMES:
        _NAMES[kind] = tuple(part.name for part in fields(kind) if part.type not in _WITHOUT_SHAPES)
    return _NAMES[kind]


_NAMES: dict[type, tuple[str, ...]] = {}
# Types of fields, as they are written, that hold no shape: most fields, so that most are not looked into.
_WITHOUT_SHAPES: Final = frozenset(
    {"str", "bool", "int", "int | None", "bool | None", "tuple[str, ...]", "Constraints"}
)


def _without_repetition(union: Union) -> Shape:
    """Two members that became one are one; a union of one is that one."""
    members = tuple(dict.fromkeys(union.members))
    return members[0] if len(members) == 1 else replace(union, members=members)
