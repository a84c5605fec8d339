"""Ranges in names, as Ansible has them: ``sw[01:24]``, ``leaf[a:d]``, ``pod[1:3]-sw[1:2]``, with a step ``[0:8:2]``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_letters
from typing import Final

__all__ = ["RangeError", "expand"]

# Both ends are digits, or both a letter. A dash does between numbers, since people write it: sw[1-24].
_RANGE: Final = re.compile(r"\[(?:(\d+)[:-](\d+)|([A-Za-z]):([A-Za-z]))(?::(\d+))?\]")
# A slip of a digit should not become a million logins.
_MOST: Final = 100_000


class RangeError(ValueError):
    """A range that cannot be: it ends before it begins, has step 0, or stands for far too many names."""


def expand(text: str) -> list[str]:
    """Return the names that a text with ranges stands for; the text itself if it has none.

    Leading zeros are kept: ``sw[08:10]`` is sw08, sw09, sw10.

    Raises:
        RangeError: A range cannot be.
    """
    names = [""]
    position = 0
    for match in _RANGE.finditer(text):
        literal = text[position : match.start()]
        values = list(_values(match))
        if len(names) * len(values) > _MOST:
            raise RangeError(f"{text!r} stands for more than {_MOST:,} names")
        names = [f"{name}{literal}{value}" for name in names for value in values]
        position = match.end()
    return [name + text[position:] for name in names]


def _values(match: re.Match[str]) -> Iterator[str]:
    first, last, letter, last_letter, step_text = match.groups()
    step = int(step_text) if step_text else 1
    if step == 0:
        raise RangeError(f"{match.group()} has step 0")
    if first is not None:
        width = len(first) if first.startswith("0") else 0
        if int(last) < int(first):
            raise RangeError(f"{match.group()} ends before it begins")
        if int(last) - int(first) >= _MOST * step:
            raise RangeError(f"{match.group()} stands for more than {_MOST:,} names")
        yield from (str(number).zfill(width) for number in range(int(first), int(last) + 1, step))
        return
    start, end = ascii_letters.index(letter), ascii_letters.index(last_letter)
    if end < start:
        raise RangeError(f"{match.group()} ends before it begins")
    yield from ascii_letters[start : end + 1 : step]
