"""Look into shapes: through references, nullable wrappers and base classes, to properties by wire name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from .ir import Api, Array, Enum, Literal, Model, NamedShape, Nullable, Operation, Property, Ref, Shape

__all__ = ["bare", "model_of", "properties_of", "replace_operations", "word_values"]

Shapes = Mapping[str, NamedShape]


def bare(shape: Shape | None) -> Shape | None:
    """Return ``shape`` without "or null"."""
    return shape.shape if isinstance(shape, Nullable) else shape


def model_of(shape: Shape | None, shapes: Shapes) -> Model | None:
    """Return the model that ``shape`` refers to, if it does."""
    shape = bare(shape)
    named = shapes.get(shape.pointer) if isinstance(shape, Ref) else None
    return named if isinstance(named, Model) else None


def properties_of(shape: Shape | None, shapes: Shapes) -> dict[str, Property]:
    """Return the properties of a model and its bases by wire name, {} for any other shape."""
    found: dict[str, Property] = {}
    model = model_of(shape, shapes)
    seen: set[str] = set()
    while model is not None and model.pointer not in seen:
        seen.add(model.pointer)
        for part in model.properties:
            found.setdefault(part.wire_name, part)
        model = model_of(model.base, shapes)
    return found


def word_values(shape: Shape | None, shapes: Shapes) -> tuple[str, ...]:
    """Return the words that an enum or a constant of strings allows, () for any other shape."""
    shape = bare(shape)
    if isinstance(shape, Literal):
        return (shape.value,) if isinstance(shape.value, str) else ()
    named = shapes.get(shape.pointer) if isinstance(shape, Ref) else None
    if not isinstance(named, Enum):
        return ()
    return tuple(member.wire_value for member in named.members if isinstance(member.wire_value, str))


def array_item(shape: Shape | None) -> Shape | None:
    """Return what a list holds, None where ``shape`` is no list."""
    shape = bare(shape)
    return shape.item if isinstance(shape, Array) else None


def replace_operations(api: Api, change: Callable[[Operation], Operation]) -> Api:
    """Return ``api`` with every operation changed."""
    return replace(api, root=replace(api.root, operations=tuple(change(one) for one in api.root.operations)))
