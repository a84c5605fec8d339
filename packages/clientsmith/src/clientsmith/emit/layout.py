"""Which module each part of a package stands in: a module for each group's client, operations and models.

A package of one client keeps its four modules: ``_client``, ``_operations``, ``models._models`` and ``models._enums``.
One with groups has a module for each of them in ``_groups``, ``_groups._operations``, ``aio._groups`` and ``models``; a
model that several groups use stands with the group above them all, so that one is loaded with little else; a few models
of a small group stand with those of the group above it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from keyword import iskeyword
from typing import Final, cast

from clientsmith.emit.text import public_name
from clientsmith.model.ir import Api, Enum, Group, Model, NamedShape, Ref
from clientsmith.model.lookup import lineage, tag_of
from clientsmith.model.names import snake_case

__all__ = ["ENUMS", "MODELS", "WEBHOOKS", "Places", "layout_of", "module_of", "references"]

MODELS: Final = "_models"
WEBHOOKS: Final = "_webhooks"  # what no operation uses
ENUMS: Final = "_enums"
# Models and enums in a module of their own: a file adds some 600 bytes to a wheel, and twenty models load in 2 ms.
_FEWEST: Final = 20
# File names that Windows keeps for devices, whatever their extension.
_DEVICES: Final = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of a package stand.

    Attributes:
        groups: The groups that have a module of their own, with the path to each, by the name of their module.
        shapes: The names of the modules in ``models`` by the pointers of the shapes.
    """

    groups: Mapping[str, tuple[Group, ...]]
    shapes: Mapping[str, str]

    @property
    def model_modules(self) -> list[str]:
        """The modules of ``models``, each once."""
        return sorted(set(self.shapes.values()))


def module_of(group: Group) -> str:
    """Return the name of a group's modules, made from that of its class, which nothing else in the package has."""
    name = snake_case(public_name(group.name).removesuffix("Client"), "group")
    return f"{name}_" if name in _DEVICES or iskeyword(name) else name


def layout_of(api: Api) -> Places:
    """Return where the parts of a package stand."""
    groups = {module_of(path[-1]): path for path in _paths(api.root, ())}
    return Places(groups, _modules_of_shapes(api, groups))


def _paths(group: Group, path: tuple[Group, ...]) -> Iterator[tuple[Group, ...]]:
    for child in group.groups:
        yield (*path, child)
        yield from _paths(child, (*path, child))


def _modules_of_shapes(api: Api, groups: Mapping[str, tuple[Group, ...]]) -> dict[str, str]:
    """A shape stands with the innermost group that holds all its users: in ``_models`` or ``_enums`` for the client."""
    places = _joined(_places(api, groups)) if groups else dict.fromkeys(api.shapes, ())
    by_key = {path[-1].key: f"_{module}" for module, path in groups.items()}
    by_key = {key: f"{name}_group" if name in (MODELS, ENUMS, WEBHOOKS) else name for key, name in by_key.items()}
    return {
        pointer: by_key[place[-1]] if place else _common(shape) if place is not None else WEBHOOKS
        for pointer, shape in api.shapes.items()
        for place in [places.get(pointer)]
    }


def _common(shape: NamedShape) -> str:
    return ENUMS if isinstance(shape, Enum) else MODELS


def _places(api: Api, groups: Mapping[str, tuple[Group, ...]]) -> dict[str, tuple[str, ...]]:
    """The innermost place, a path of keys of groups, from which every user of a shape can be seen.

    What only messages to the user's own service hold has none.
    """
    neighbours = _neighbours(api.shapes)
    places: dict[str, tuple[str, ...]] = {}

    def use(pointers: Iterable[str], place: tuple[str, ...]) -> None:
        waiting = list(pointers)
        while waiting:
            pointer = waiting.pop()
            known = places.get(pointer)
            seen = place if known is None else _shared(known, place)
            if seen != known and pointer in neighbours:
                places[pointer] = seen
                waiting += neighbours[pointer]

    for path in ((), *groups.values()):
        for operation in (path[-1] if path else api.root).operations:
            use(references(operation), tuple(group.key for group in path))
    if not api.webhooks:
        use([pointer for pointer in api.shapes if pointer not in places], ())
    return places


def _joined(places: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Put what is too little for a module into that of the group above, but not into what every client loads."""
    counts = Counter(places.values())
    above = {place[:length] for place in counts for length in range(2, len(place) + 1)}
    ends = {place: place for place in counts}
    for place in sorted(above, key=lambda place: (-len(place), place)):
        if counts[place] < _FEWEST:
            counts[place[:-1]] += counts[place]
            ends = {one: place[:-1] if end == place else end for one, end in ends.items()}
    return {pointer: ends[place] for pointer, place in places.items()}


def _neighbours(shapes: Mapping[str, NamedShape]) -> dict[str, list[str]]:
    """What each shape needs around it: what it refers to, and where a tag tells its children, those too.

    A child is known to its base only when its own module was imported; so a family stands in one module.
    """
    found = {pointer: list(references(shape)) for pointer, shape in shapes.items()}
    for pointer, shape in shapes.items():
        if isinstance(shape, Model) and shape.base is not None and tag_of(shape, shapes):
            for above in lineage(shape, shapes)[1:]:
                found[above.pointer].append(pointer)
    return found


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    length = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:length]


def references(part: object) -> Iterator[str]:
    """The pointers of the shapes that a part of the IR refers to itself."""
    return iter(_references(part, []))


def _references(part: object, found: list[str]) -> list[str]:
    if isinstance(part, Ref):
        found.append(part.pointer)
    elif isinstance(part, tuple):
        for item in cast("tuple[object, ...]", part):
            _references(item, found)
    elif part is not None:
        for name in _parts_of(type(part)):
            if held := getattr(part, name):  # nothing refers to nothing
                _references(held, found)
    return found


# Types of fields, as they are written, that hold no reference: most.
_WITHOUT_REFERENCES: Final = frozenset(
    {"str", "int", "bool", "float | None", "int | None", "bool | None", "tuple[str, ...]", "Constraints"}
)


_PARTS: dict[type, tuple[str, ...]] = {}


def _parts_of(kind: type) -> tuple[str, ...]:
    """The fields of a class of the IR that can hold a reference: not texts, numbers and flags."""
    if kind not in _PARTS:
        parts = fields(kind) if is_dataclass(kind) else ()
        _PARTS[kind] = tuple(field.name for field in parts if field.type not in _WITHOUT_REFERENCES)
    return _PARTS[kind]
