"""Plain JSON values: copying and comparing what `json.loads` gives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

__all__ = ["CONTAINERS", "same", "thawed", "unless_edited"]

# Asked with ``value.__class__ in``: a subclass did not come from a decoder.
CONTAINERS: Final[frozenset[type]] = frozenset({list, dict})


def thawed(wire: Any) -> Any:
    """Return a value that may be edited: a new list or dict, at every depth, for one that came from the wire."""
    if wire.__class__ is list:
        items: list[Any] = wire
        for value in items:
            if type(value) in CONTAINERS:  # most lists and dicts hold none
                return _deep(wire)
        return items.copy()
    if wire.__class__ is dict:
        members: dict[str, Any] = wire
        for value in members.values():
            if type(value) in CONTAINERS:
                return _deep(wire)
        return members.copy()
    return wire


def _deep(wire: Any) -> Any:
    """Copy what holds lists and dicts, without recursion: a service may nest deeper than our stack reaches."""
    top = wire.copy()
    copies: list[Any] = [top]
    for twin in copies:  # which grows while there are more
        for key, value in _items(twin):  # only values are replaced, so nothing moves
            if value.__class__ in CONTAINERS:
                twin[key] = cast("dict[str, Any]", value).copy()
                copies.append(twin[key])
    return top


def _items(container: Any) -> Iterable[tuple[Any, Any]]:
    return container.items() if container.__class__ is dict else enumerate(cast("list[Any]", container))


def unless_edited(value: Any, wire: Any) -> Any:
    """Return the wire form that a value was read from if it is still the same, else the value."""
    try:
        return wire if same(value, wire) else value
    except RecursionError:  # nested too deeply to be compared: both are right, if nobody edited
        return value


def same(left: Any, right: Any) -> bool:
    """Return whether two values are the same in JSON. Unlike to ``==``, 1 and true are not, nor are 1 and 1.0."""
    if left is right:
        return True
    if left.__class__ is not right.__class__ or left != right:
        return False
    if left.__class__ is list:
        items: list[Any] = left
        for value, other in zip(items, right, strict=True):
            # What equals a text is that text, so only the rest needs a look.
            if value.__class__ is not str and not same(value, other):
                return False
    elif left.__class__ is dict:
        members: dict[str, Any] = left
        for key, value in members.items():
            if value.__class__ is not str and not same(value, right[key]):
                return False
    return True
