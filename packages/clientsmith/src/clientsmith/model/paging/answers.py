"""What an answer has in it: of several kinds of answers, what all have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..ir import Array, Operation, Property, Shape, Union
from ..lookup import Shapes, array_item, bare, properties_of

__all__ = ["answer_of", "any_parts_of", "list_of", "parts_of"]


def answer_of(operation: Operation) -> Shape | None:
    """Return what a page looks like: the answer 200 where there are several, for a 202 has no page yet."""
    answers = [response for response in operation.responses if response.shape is not None]
    sure = [response.shape for response in answers if response.status in ("200", "2XX")]
    return sure[0] if len(answers) > 1 and sure else operation.returns


def list_of(shape: Shape | None) -> Shape | None:
    """Return what a list holds, of several kinds of lists what any of them does; None where it is no list."""
    inner = bare(shape)
    if isinstance(inner, Union) and inner.members:
        items = [array_item(member) for member in inner.members]
        known = tuple(dict.fromkeys(item for item in items if item is not None))
        return (known[0] if len(known) == 1 else Union(known)) if len(known) and None not in items else None
    return array_item(inner)


def any_parts_of(shape: Shape | None, shapes: Shapes) -> Mapping[str, Property]:
    """Return the properties of a model, or those that any member of a union has: links for each direction, say."""
    inner = bare(shape)
    if not isinstance(inner, Union):
        return properties_of(inner, shapes)
    found: dict[str, Property] = {}
    for member in inner.members:
        found = {**any_parts_of(member, shapes), **found}
    return found


def parts_of(shape: Shape | None, shapes: Shapes) -> Mapping[str, Property]:
    """Return the properties of a model, or those that all members of a union have."""
    inner = bare(shape)
    if not isinstance(inner, Union) or not inner.members:
        return properties_of(inner, shapes)
    members = [parts_of(member, shapes) for member in inner.members]
    common = [name for name in members[0] if all(name in one for one in members)]
    return {name: _joined([one[name] for one in members]) for name in common}


def _joined(parts: list[Property]) -> Property:
    items = [array_item(part.shape) for part in parts]
    if any(item is None for item in items) or len(set(items)) == 1:
        return parts[0]
    members = tuple(dict.fromkeys(item for item in items if item is not None))
    return replace(parts[0], shape=Array(Union(members)))
