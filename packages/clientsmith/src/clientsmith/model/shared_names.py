"""What to call a shape that stands in several places: what the names of the places have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from functools import reduce

from .ir import Api
from .names import pascal_case
from .words import split_words, vocabulary

__all__ = ["shared_names"]

# What a place is, and not what stands there; and what only joined two words of which one is gone.
_ROLES = vocabulary("request result item value for by")


def shared_names(api: Api, name_of: Callable[[str], str], taken: Collection[str]) -> Mapping[str, str]:
    """Return a name by pointer for each shape in several places, if no other shape would be called the same.

    `CreateInvoiceRequestTaxBehavior` and `UpdateInvoiceRequestTaxBehavior` are the one `InvoiceTaxBehavior`.

    Args:
        api: The shapes; see `Model.places`.
        name_of: What the shape at a place would be called if it stood there only.
        taken: Names that are given away.
    """
    wishes: dict[str, str] = {}
    for shape in api.shapes.values():
        if shape.places:
            names = [_telling(split_words(name_of(place))) for place in (shape.pointer, *shape.places)]
            common: list[str] = reduce(_in_both, names)
            wishes[shape.pointer] = pascal_case(" ".join(common), "Item")
    wanted = Counter(wish.casefold() for wish in wishes.values())
    wanted.update(name.casefold() for name in taken)
    return {pointer: wish for pointer, wish in wishes.items() if wanted[wish.casefold()] == 1}


def _telling(words: list[str]) -> list[str]:
    return [word for word in words[:-1] if word not in _ROLES] + words[-1:]


def _in_both(one: list[str], other: list[str]) -> list[str]:
    """Return the words that two names share, in order. They are matched from the end: the last say what it is."""
    kept: list[str] = []
    end = len(other)
    for word in reversed(one):
        found = next((at for at in range(end - 1, -1, -1) if other[at] == word), -1)
        if found >= 0:
            kept.insert(0, word)
            end = found
    return kept
