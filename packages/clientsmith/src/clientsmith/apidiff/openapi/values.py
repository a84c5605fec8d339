"""What two schemas of one type say of their values: enums, formats, patterns and bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from .view import BOUNDS, Bound, View, canonical

__all__ = ["value_facts"]

ValueFact = tuple[str, str, str, str]  # what, message, old place, new place

# A larger range of numbers stands to the right.
_RANGES: Final = (("int8", "int16", "int32", "int64"), ("float", "double"))
# Formats that are another type in generated clients.
_TYPED: Final = frozenset(
    {
        "base64", "base64url", "binary", "byte", "date", "date-time", "date-time-rfc1123", "date-time-rfc7231",
        "decimal", "duration", "http-date", "time", "unix-time", "unixtime", "uuid",
    }
)  # fmt: skip
_ANY_TEXT: Final = frozenset({"", ".*", "^.*$", "^.*", ".*$"})


def value_facts(old: View, new: View) -> Iterator[ValueFact]:
    """Yield what changed in the values that are allowed."""
    yield from _enum(old, new)
    yield from _open_enum(old, new)
    yield from _format(old, new)
    yield from _pattern(old, new)
    for name, _word, _exclusive, is_lower in BOUNDS:
        yield from _bound(name, old, new, is_lower=is_lower)
    yield from _multiple_of(old, new)
    if (was := old.value("uniqueItems") is True) != (new.value("uniqueItems") is True):
        what, said = ("unique-items-removed", "may be equal") if was else ("unique-items-set", "must differ")
        yield what, f"items {said}", old.at("uniqueItems"), new.at("uniqueItems")


# --- enums -----------------------------------------------------------------------------------------------------------


def _enum(old: View, new: View) -> Iterator[ValueFact]:
    here, there = old.enum_place or old.place, new.enum_place or new.place
    if old.enum is None or new.enum is None:
        if new.enum is not None and old.open_enum is None:
            yield "became-enum", f"only {_listed(new.enum)}", here, there
        elif old.enum is not None and new.open_enum is None:
            yield "became-not-enum", f"any value, and not only {_listed(old.enum)}", here, there
        return
    gone, come = _without(old.enum, new.enum), _without(new.enum, old.enum)
    if len(old.enum) == len(new.enum) == 1 and gone:
        yield "const-changed", f"{_listed(gone)} → {_listed(come)}", here, there
        return
    if gone:
        yield "enum-value-removed", f"without {_listed(gone)}", here, there
    if come:
        yield "enum-value-added", f"also {_listed(come)}", here, there


def _open_enum(old: View, new: View) -> Iterator[ValueFact]:
    """An enum that says that there may be other values: new ones are what everybody was told to expect."""
    if old.open_enum is None and new.open_enum is None:
        return
    before = old.open_enum if old.open_enum is not None else old.enum
    after = new.open_enum if new.open_enum is not None else new.enum
    if before is None or after is None:
        return
    here, there = old.enum_place or old.place, new.enum_place or new.place
    if gone := _without(before, after):
        yield "extensible-enum-value-removed", f"without {_listed(gone)}", here, there
    if come := _without(after, before):
        yield "extensible-enum-value-added", f"also {_listed(come)}", here, there


def _without(some: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    known = {canonical(one) for one in others}
    return [one for one in some if canonical(one) not in known]


def _listed(values: Sequence[Any]) -> str:
    """The first values, each short enough for a line."""
    shown = ", ".join(f"`{canonical(value)[:40]}`" for value in values[:6])
    return shown + (f" and {len(values) - 6} more" if len(values) > 6 else "")


# --- formats and patterns --------------------------------------------------------------------------------------------


def _format(old: View, new: View) -> Iterator[ValueFact]:
    before = old.format.value if old.format else ""
    after = new.format.value if new.format else ""
    if before == after:
        return
    here = old.format.place if old.format else old.place
    there = new.format.place if new.format else new.place
    message = f"format {before or 'none'} → {after or 'none'}"
    yield _format_rule(before, after), message, here, there


def _format_rule(before: str, after: str) -> str:
    for ranges in _RANGES:
        if before in ranges and after in ranges:
            is_larger = ranges.index(after) > ranges.index(before)
            return "format-generalized" if is_larger else "format-specialized"
    if {before, after} & _TYPED or (before and after):
        return "format-changed"
    return "format-removed" if before else "format-added"


def _pattern(old: View, new: View) -> Iterator[ValueFact]:
    before, after = old.value("pattern"), new.value("pattern")
    before = None if before in _ANY_TEXT else before
    after_said, after = after, None if after in _ANY_TEXT else after
    if before == after:
        return
    here, there = old.at("pattern"), new.at("pattern")
    if before is None:
        yield "pattern-added", f"must match {_regex(after)}", here, there
    elif after is None:
        what = "pattern-removed" if after_said is None else "pattern-generalized"
        yield what, f"need not match {_regex(before)}", here, there
    else:
        yield "pattern-changed", f"pattern {_regex(before)} → {_regex(after)}", here, there


def _regex(pattern: Any) -> str:
    return f"`{re.sub(chr(10), ' ', str(pattern))[:60]}`"


# --- numbers ---------------------------------------------------------------------------------------------------------


def _bound(name: str, old: View, new: View, *, is_lower: bool) -> Iterator[ValueFact]:
    before, after = old.bounds.get(name), new.bounds.get(name)
    if before is None and after is None:
        return
    here = before.place if before else old.place
    there = after.place if after else new.place
    words = name.replace("-", " ")
    if before is None or after is None:
        what = "set" if before is None else "removed"
        yield f"{name}-{what}", f"{words} {_number(before)} → {_number(after)}", here, there
        return
    if (before.value, before.is_exclusive) == (after.value, after.is_exclusive):
        return
    # "more than 5" is above "at least 5", and "less than 5" below "at most 5".
    sign = 1 if is_lower else -1
    is_up = (after.value, sign * after.is_exclusive) > (before.value, sign * before.is_exclusive)
    what = "increased" if is_up else "decreased"
    yield f"{name}-{what}", f"{words} {_number(before)} → {_number(after)}", here, there


def _number(bound: Bound | None) -> str:
    if bound is None:
        return "none"
    return f"{canonical(bound.value)}{' (exclusive)' if bound.is_exclusive else ''}"


def _multiple_of(old: View, new: View) -> Iterator[ValueFact]:
    before, after = old.value("multipleOf"), new.value("multipleOf")
    if before == after:
        return
    here, there = old.at("multipleOf"), new.at("multipleOf")
    is_narrower = before is None or (after is not None and _divides(before, after))
    is_wider = after is None or (before is not None and _divides(after, before))
    what = "set" if is_narrower else "removed" if is_wider else "changed"
    said = "none" if before is None else canonical(before), "none" if after is None else canonical(after)
    yield f"multiple-of-{what}", f"multiple of {said[0]} → {said[1]}", here, there


def _divides(divisor: Any, number: Any) -> bool:
    """Whether every multiple of ``number`` is one of ``divisor``."""
    try:
        return float(number) % float(divisor) == 0
    except (TypeError, ValueError, ZeroDivisionError):
        return False
