"""Whether an operation without any sign of pages returns a list all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..ir import Array, Literal, Operation, Property, Scalar
from ..lookup import Shapes, array_item, bare
from ..verbs import own_words, path_words
from ..words import is_plural, letters_of, vocabulary
from .answers import answer_of, parts_of
from .items import Items
from .parts import Parts
from .vocabulary import WRAPPERS, is_more, is_total

__all__ = ["READING_VERBS", "SEARCHES", "why_a_list"]

READING_VERBS: Final = vocabulary(
    "get list show find fetch retrieve read query index return view all describe browse enumerate"
) | {""}
SEARCHES: Final = vocabulary("search query list find scroll scan browse filter lookup describe enumerate")


def why_a_list(operation: Operation, parts: Parts, shapes: Shapes) -> str:
    """Return why the answer is a list of one page, "" if it is not, or not surely."""
    if operation.method != "GET":
        return ""
    verb, noun, _said = own_words(operation)
    items, segments = parts.items, path_words(operation.path)
    if verb not in (READING_VERBS if items.path else READING_VERBS | SEARCHES):
        return ""
    noun = noun or (tuple(segments[-1]) if segments else ())
    sounds_plural = bool(noun) and any(is_plural(word) for word in noun)
    if not items.path:
        is_matrix = isinstance(bare(items.item), Array | Scalar | Literal) and not sounds_plural and verb != "list"
        return "" if is_matrix else "the response is an array"
    shown = ".".join(items.path)
    if verb == "list" and items.is_plain:
        return f"its own verb is 'list', the items are in {shown!r}"
    if parts.is_of_one or not sounds_plural or not items.is_plain:
        return ""
    last = "".join(segments[-1]) if segments else ""
    if last == letters_of(items.path[-1]):
        return f"the field {items.path[-1]!r} is called like the path"
    if _holds_the_list(operation, items, shapes):
        return f"{shown!r} is the whole answer"
    if sign := next((field.name for field in parts.told if field.path and _is_sign(field.name)), ""):
        return f"the field {items.path[-1]!r} stands beside {sign!r}"
    only = items.is_called and len(_arrays(operation, items, shapes)) == 1
    return f"the field {items.path[-1]!r} is the only list, and called like the operation" if only else ""


def _holds_the_list(operation: Operation, items: Items, shapes: Shapes) -> bool:
    """``{status, time, result: {aliases: […]}}``: the wrapper has nothing else in it."""
    if letters_of(items.path[0]) not in WRAPPERS:
        return False
    return len(items.path) == 1 or set(_around(operation, items, shapes)) == {items.path[-1]}


def _arrays(operation: Operation, items: Items, shapes: Shapes) -> list[str]:
    parts = _around(operation, items, shapes)
    return [name for name, part in parts.items() if array_item(part.shape) is not None or parts_of(part.shape, shapes)]


def _around(operation: Operation, items: Items, shapes: Shapes) -> Mapping[str, Property]:
    """What stands in the object that has the items."""
    holder = answer_of(operation)
    for name in items.path[:-1]:
        holder = parts_of(holder, shapes)[name].shape
    return parts_of(holder, shapes)


def _is_sign(name: str) -> bool:
    letters = letters_of(name)
    return is_total(name) or is_more(name) or letters in ("next", "nextcursor", "pagination", "count", "nextmarker")
