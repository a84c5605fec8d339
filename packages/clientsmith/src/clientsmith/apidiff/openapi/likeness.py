"""Which alternative of the old schema is which of the new one: by name, by being equal, by being alike."""

from __future__ import annotations

from collections.abc import Sequence

from .reading import Views
from .view import Schema, View, canonical

__all__ = ["matched"]

# Two objects of which fewer than half of the properties are alike are two things.
_ALIKE = 0.5


def matched(
    old: Sequence[Schema], new: Sequence[Schema], old_views: Views, new_views: Views
) -> tuple[list[tuple[Schema, Schema]], list[Schema], list[Schema]]:
    """Return the pairs, and what of old and new is left over, in order."""
    pairs: list[tuple[Schema, Schema]] = []
    before, after = list(old), list(new)
    for of_old, of_new in ((_name, _name), (_text, _text)):
        known = {key: schema for schema in after if (key := of_new(schema))}
        for schema in list(before):
            twin = known.pop(of_old(schema), None)
            if twin is not None:
                pairs.append((schema, twin))
                before.remove(schema)
                after.remove(twin)
    scores = [
        (-_likeness(old_views.view(one), new_views.view(other), old_views, new_views), index, place)
        for index, one in enumerate(before)
        for place, other in enumerate(after)
    ]
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for score, index, place in sorted(scores, key=lambda one: (one[0], abs(one[1] - one[2]), one[1])):
        if -score >= _ALIKE and index not in taken_old and place not in taken_new:
            taken_old.add(index)
            taken_new.add(place)
            pairs.append((before[index], after[place]))
    return (
        pairs,
        [one for index, one in enumerate(before) if index not in taken_old],
        [one for place, one in enumerate(after) if place not in taken_new],
    )


def _name(schema: Schema) -> str:
    """The component that an alternative is; one written in place has no name."""
    place = schema[0].place if len(schema) == 1 else ""
    return place if "/components/" in place and place.rpartition("/")[0].endswith("/schemas") else ""


def _text(schema: Schema) -> str:
    return canonical([node.value for node in schema])


def _likeness(old: View, new: View, old_views: Views, new_views: Views) -> float:
    """From 0 to 1. Objects are as alike as their properties, by name and by what they are."""
    if old.types != new.types or (not old.properties) != (not new.properties):
        return 0.0
    if not old.properties:
        return 1.0 if _sign(old) == _sign(new) else 0.75
    signs = {(name, _sign(old_views.view(schema))) for name, schema in old.properties.items()}
    others = {(name, _sign(new_views.view(schema))) for name, schema in new.properties.items()}
    if any(_told_apart(signs, others)):
        return 0.0
    return len(signs & others) / len(signs | others)


def _told_apart(signs: set[tuple[str, str]], others: set[tuple[str, str]]) -> list[str]:
    """The properties of one value each that have another value here and there: what tells alternatives apart."""
    here = {name: sign for name, sign in signs if sign.endswith("=1")}
    there = {name: sign for name, sign in others if sign.endswith("=1")}
    return [name for name in here.keys() & there.keys() if here[name] != there[name]]


def _sign(view: View) -> str:
    types = ",".join(sorted(view.types)) if view.types is not None else "any"
    if view.enum is not None:
        values = sorted(canonical(value) for value in view.enum)
        return f"{types} {values}={len(values)}"
    inner = f" {{{','.join(sorted(view.properties))}}}" if view.properties else ""
    return f"{types} {view.format.value if view.format else ''}{' null' if view.is_nullable else ''}{inner}"
