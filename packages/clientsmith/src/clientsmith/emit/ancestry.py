"""What a model inherits: a document may say that in circles, so every walk here ends."""

from __future__ import annotations

from collections.abc import Mapping

from clientsmith.model.ir import Model, NamedShape, Property

__all__ = ["all_properties", "ancestors", "tag_of"]


def ancestors(model: Model, shapes: Mapping[str, NamedShape]) -> list[Model]:
    """The models above this one, the nearest first."""
    above: list[Model] = []
    seen = {model.pointer}
    base = shapes.get(model.base.pointer) if model.base else None
    while isinstance(base, Model) and base.pointer not in seen:
        seen.add(base.pointer)
        above.append(base)
        base = shapes.get(base.base.pointer) if base.base else None
    return above


def all_properties(model: Model, shapes: Mapping[str, NamedShape]) -> list[Property]:
    """Its own properties and the inherited ones; of two with one wire name the nearer."""
    properties: dict[str, Property] = {}
    for owner in (model, *ancestors(model, shapes)):
        for item in owner.properties:
            properties.setdefault(item.wire_name, item)
    return list(properties.values())


def tag_of(model: Model, shapes: Mapping[str, NamedShape]) -> str:
    """The wire name of the property that tells its children, or it and its siblings, apart; "" if nothing does."""
    return next((owner.tag for owner in (model, *ancestors(model, shapes)) if owner.tag), "")
