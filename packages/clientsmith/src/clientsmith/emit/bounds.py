"""Bounds of values in words, for docstrings: "From 1 to 100." "1 to 64 characters." "One of ``new``, ``sold``."."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from clientsmith.emit.text import one_line
from clientsmith.model.ir import Array, Constraints, Enum, NamedShape, Ref, Shape
from clientsmith.model.lookup import bare

__all__ = ["bounds", "spelled"]

# More values, or a longer pattern, are looked up in the enum or in the service's own documentation.
_MOST_VALUES: Final = 10
_LONGEST_PATTERN: Final = 80


def bounds(shape: Shape, constraints: Constraints, shapes: Mapping[str, NamedShape], said: str) -> str:
    """Return which values the service allows, as sentences; what ``said`` states already is left out."""
    phrases = [*_values(shape, shapes), *_phrases(constraints)]
    item = bare(shape)
    if isinstance(item, Array):
        inner = [*_values(item.item, shapes), *_phrases(constraints.items or Constraints())]
        phrases += [f"each {phrase}" for phrase in inner]
    new = [phrase for phrase in phrases if not _is_said(phrase, said)]
    return " ".join(f"{phrase[:1].upper()}{phrase[1:]}." for phrase in new)


def spelled(value: object) -> str:
    """A value of the document's, as documentation shows it: the way JSON spells it."""
    if value == "":
        return '``""``'
    return f"``{one_line(str(value).lower() if isinstance(value, bool) else str(value))}``"


def _is_said(phrase: str, said: str) -> bool:
    """Whether every value of the phrase stands in the text: "(max 100)" says "at most 100"."""
    tokens = re.findall(r"``(.+?)``", phrase) or re.findall(r"-?\d+(?:\.\d+)?", phrase)
    return bool(tokens) and all(re.search(rf"(?<!\w){re.escape(token)}(?!\w)", said) for token in tokens)


def _values(shape: Shape, shapes: Mapping[str, NamedShape]) -> Iterator[str]:
    inner = bare(shape)
    named = shapes.get(inner.pointer) if isinstance(inner, Ref) else None
    if isinstance(named, Enum) and named.members:
        values = [spelled(member.wire_value) for member in named.members]
        more = "" if len(values) <= _MOST_VALUES else f" and {len(values) - _MOST_VALUES} more, see `{named.name}`"
        yield f"one of {', '.join(values[:_MOST_VALUES])}{more}"


def _phrases(constraints: Constraints) -> Iterator[str]:
    yield from _range(constraints)
    yield from _count(constraints.min_length, constraints.max_length, "character")
    yield from _count(constraints.min_items, constraints.max_items, "item")
    if constraints.multiple_of is not None and constraints.multiple_of != 1:
        yield f"a multiple of {_number(constraints.multiple_of)}"
    if constraints.unique_items:
        yield "no item twice"
    if constraints.pattern and len(constraints.pattern) <= _LONGEST_PATTERN and "`" not in constraints.pattern:
        yield f"matches ``{one_line(constraints.pattern)}``"


def _range(constraints: Constraints) -> Iterator[str]:
    low, above = constraints.minimum, constraints.exclusive_minimum
    high, below = constraints.maximum, constraints.exclusive_maximum
    if low is not None and high is not None and above is None and below is None:
        yield f"from {_number(low)} to {_number(high)}"
        return
    limits = (("at least", low), ("more than", above), ("at most", high), ("less than", below))
    stated = [f"{words} {_number(limit)}" for words, limit in limits if limit is not None]
    if stated:
        yield " and ".join(stated)


def _count(least: int | None, most: int | None, noun: str) -> Iterator[str]:
    plural = noun if 1 in (least, most) and (least == most or None in (least, most)) else f"{noun}s"
    if least and most is not None:
        yield f"exactly {least} {plural}" if least == most else f"{least} to {most} {plural}"
    elif least:
        yield "not empty" if least == 1 else f"at least {least} {plural}"
    elif most is not None:
        yield f"at most {most} {plural}"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)
