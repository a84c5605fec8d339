"""Where each key of a TOML text stands. `tomllib` reads values and forgets places, so the keys are read once more.

The text was read by `tomllib` before, so it is TOML: this need not notice mistakes, and skips values that hold no keys.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Final

__all__ = ["positions_of"]

_SKIPPED: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)+")
_SPACES: Final = re.compile(r"[ \t]*")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_STRING: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:[^"\\\n]|\\.)*"|' + r"'[^'\n]*'", re.DOTALL
)
_PLAIN: Final = re.compile(r"[^\s,\]}#]+(?: \d[^\s,\]}#]*)?")  # numbers, dates with a space, true and false


def positions_of(text: str) -> Mapping[tuple[str, ...], tuple[int, int]]:
    """Return line and column, from 1, of every key and table of a TOML text; of two the first.

    A table of an array of tables is found by the array's key.
    """
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[tuple[str, ...], tuple[int, int]] = {}

    def read(self) -> Mapping[tuple[str, ...], tuple[int, int]]:
        table: tuple[str, ...] = ()
        self._skip()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                brackets = 2 if self.text.startswith("[[", self.at) else 1
                self.at += brackets
                table = self._key(())
                self.at += brackets
            else:
                self._pair(table)
            self._skip()
        return self.found

    def _pair(self, table: tuple[str, ...]) -> None:
        key = self._key(table)
        self.at += 1  # the equals sign
        self._value(key)

    def _key(self, table: tuple[str, ...]) -> tuple[str, ...]:
        """Read `a."b c".d` and what follows it up to the sign after it; note where each part begins."""
        key = table
        while True:
            self._spaces()
            start = self.at
            part = _STRING.match(self.text, self.at) or _BARE.match(self.text, self.at)
            if part is None:
                raise ValueError(f"no key at offset {self.at}")
            self.at = part.end()
            key = (*key, _unquoted(part[0]))
            self.found.setdefault(key, self._place(start))
            self._spaces()
            if self.text[self.at : self.at + 1] != ".":
                return key
            self.at += 1

    def _value(self, key: tuple[str, ...]) -> None:
        self._skip()
        match self.text[self.at : self.at + 1]:
            case "[":
                self._members("]", lambda: self._value(key))
            case "{":
                self._members("}", lambda: self._pair(key))
            case _:
                found = _STRING.match(self.text, self.at) or _PLAIN.match(self.text, self.at)
                self.at = found.end() if found is not None else self.at + 1

    def _members(self, end: str, read: Callable[[], None]) -> None:
        self.at += 1
        self._skip()
        while self.at < len(self.text) and self.text[self.at] != end:
            read()
            self._skip()
            self.at += self.text[self.at : self.at + 1] == ","
            self._skip()
        self.at += 1

    def _skip(self) -> None:
        if (found := _SKIPPED.match(self.text, self.at)) is not None:
            self.at = found.end()

    def _spaces(self) -> None:
        found = _SPACES.match(self.text, self.at)
        self.at = found.end() if found is not None else self.at

    def _place(self, offset: int) -> tuple[int, int]:
        return self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset)


def _unquoted(written: str) -> str:
    if written[0] not in "\"'":
        return written
    value: str = tomllib.loads(f"key = {written}")["key"]
    return value
