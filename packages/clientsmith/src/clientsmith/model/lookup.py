"""Look into shapes: through references, nullable wrappers and base classes, to properties by wire name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from .ir import Api, Array, Enum, Group, Literal, Model, NamedShape, Nullable, Operation, Property, Ref, Shape

__all__ = [
    "all_properties",
    "array_item",
    "bare",
    "lineage",
    "model_of",
    "properties_of",
    "replace_operations",
    "tag_of",
    "template_names",
    "with_operations",
    "word_values",
    "xml_root",
]

Shapes = Mapping[str, NamedShape]


def bare(shape: Shape | None) -> Shape | None:
    """Return ``shape`` without "or null"."""
    return shape.shape if isinstance(shape, Nullable) else shape


def model_of(shape: Shape | None, shapes: Shapes) -> Model | None:
    """Return the model that ``shape`` refers to, if it does."""
    shape = bare(shape)
    named = shapes.get(shape.pointer) if isinstance(shape, Ref) else None
    return named if isinstance(named, Model) else None


def xml_root(shape: Shape | None, shapes: Shapes) -> str:
    """Return the name of the element that a model is in XML, "" for any other shape."""
    model = model_of(shape, shapes)
    return "" if model is None else (model.xml.name if model.xml is not None and model.xml.name else model.name)


def lineage(model: Model | None, shapes: Shapes) -> list[Model]:
    """Return a model and its bases, the nearest first. A document may say that in circles; this ends."""
    found: dict[str, Model] = {}
    while model is not None and model.pointer not in found:
        found[model.pointer] = model
        model = model_of(model.base, shapes)
    return list(found.values())


def properties_of(shape: Shape | None, shapes: Shapes) -> dict[str, Property]:
    """Return the properties of a model and its bases by wire name, {} for any other shape."""
    return all_properties(model_of(shape, shapes), shapes)


def all_properties(model: Model | None, shapes: Shapes) -> dict[str, Property]:
    """Return a model's own properties and the inherited ones by wire name; of two the nearer."""
    found: dict[str, Property] = {}
    for owner in lineage(model, shapes):
        for part in owner.properties:
            found.setdefault(part.wire_name, part)
    return found


def tag_of(model: Model | None, shapes: Shapes) -> str:
    """Return the wire name of the property that tells a model's children, or it and its siblings, apart, or ""."""
    return next((owner.tag for owner in lineage(model, shapes) if owner.tag), "")


def word_values(shape: Shape | None, shapes: Shapes) -> tuple[str, ...]:
    """Return the words that an enum or a constant of strings allows, () for any other shape."""
    shape = bare(shape)
    if isinstance(shape, Literal):
        return (shape.value,) if isinstance(shape.value, str) else ()
    named = shapes.get(shape.pointer) if isinstance(shape, Ref) else None
    if not isinstance(named, Enum):
        return ()
    return tuple(member.wire_value for member in named.members if isinstance(member.wire_value, str))


def template_names(path: str) -> list[str]:
    """Return what stands in braces in a path or URL template, each name once, in order.

    What follows a `#` is never sent (RFC 3986, section 3.5), so nothing in it is filled in.
    """
    return list(dict.fromkeys(re.findall(r"{([^{}]*)}", path.partition("#")[0])))


def array_item(shape: Shape | None) -> Shape | None:
    """Return what a list holds, None where ``shape`` is no list."""
    shape = bare(shape)
    return shape.item if isinstance(shape, Array) else None


def with_operations(api: Api, operations: Iterable[Operation]) -> Api:
    """Return ``api`` with these operations, one for each of ``api.operations`` and in the same order."""
    changed = iter(operations)

    def renewed(group: Group) -> Group:
        own = tuple(next(changed) for _ in group.operations)
        return replace(group, operations=own, groups=tuple(renewed(child) for child in group.groups))

    return replace(api, root=renewed(api.root))


def replace_operations(api: Api, change: Callable[[Operation], Operation]) -> Api:
    """Return ``api`` with every operation changed."""
    return with_operations(api, (change(one) for one in api.operations))
