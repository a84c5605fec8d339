"""What is known while two libraries are compared: both sides, what was found, and what was looked at already."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ..difference import Difference, Kind, Place
from .facts import Attribute, Class, Definition
from .library import Library, Target
from .rules import RULES
from .surface import Surface
from .types import Qualified, Reader
from .variance import Variance

__all__ = [
    "Comparison",
    "Side",
    "contrasted",
    "key_function",
    "paired_keys",
    "shown",
    "shown_type",
    "written",
    "written_type",
]


@dataclass(slots=True)
class Side:
    """One of the two versions. ``prefix`` is what leads from here to its files: "src/", "" for what was unpacked."""

    surface: Surface
    reader: Reader
    prefix: str = ""

    @property
    def library(self) -> Library:
        return self.surface.library

    def place(self, module: str, line: int | None) -> Place | None:
        found = self.library.modules.get(module)
        return Place(self.prefix + found.file, line) if found is not None else None

    def read(self, expression: ast.expr | None, module: str, scope: Class | None = None) -> Qualified:
        return self.reader.read(expression, module, scope)


@dataclass(slots=True)
class Comparison:
    """Two sides, and the differences so far. Whatever is compared is compared once."""

    old: Side
    new: Side
    found: list[Difference] = field(default_factory=list[Difference])
    _seen: set[tuple[str, int, int]] = field(default_factory=set[tuple[str, int, int]])

    @property
    def variance(self) -> Variance:
        return Variance(self.old.reader, self.new.reader)

    def is_new(self, what: str, old: object, new: object = None) -> bool:
        """Whether a pair is looked at for the first time."""
        key = (what, id(old), id(new))
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def tell(
        self,
        rule: str,
        subject: str,
        message: str,
        old: Place | None,
        new: Place | None,
        *,
        kind: Kind | None = None,
        advice: str | None = None,
    ) -> None:
        """Add a difference; kind and advice are those of the rule, unless this one is an exception."""
        info = RULES[rule]
        advice = info.advice if advice is None else advice
        self.found.append(Difference(rule, kind or info.kind, subject, message, advice, old, new))

    def places(self, old: Definition, new: Definition) -> tuple[Place | None, Place | None]:
        return self.old.place(old.module, old.line), self.new.place(new.module, new.line)


def paired_keys(old: Surface, new: Surface) -> tuple[dict[int, str], dict[int, str]]:
    """Return keys of definitions, by identity: what both versions have under one public name has one key."""
    olds: dict[int, str] = {}
    news: dict[int, str] = {}
    for path in sorted(old.names.keys() & new.names.keys(), key=lambda path: (path.count("."), path)):
        before, after = old.names[path], new.names[path]
        if isinstance(before, Class | Attribute) and isinstance(after, Class | Attribute):
            key = olds.get(id(before)) or news.get(id(after)) or path
            olds.setdefault(id(before), key)
            news.setdefault(id(after), key)
    return olds, news


def key_function(keys: Mapping[int, str]) -> Callable[[Target], str]:
    """Return what names a target: what is private, or in one version only, by its last name."""

    def key_of(target: Target) -> str:
        known = keys.get(id(target))
        return known if known is not None else f"~{getattr(target, 'name', '?')}"

    return key_of


_LONGEST: Final = 80  # of a value or type in a message
_BEFORE: Final = 24  # of what two long ones have in common


def written(expression: ast.expr | None, nothing: str = "none") -> str:
    """Return an expression in one line, all of it: what is written alike is alike."""
    if expression is None:
        return nothing
    try:
        return " ".join(ast.unparse(expression).split())
    except RecursionError:
        return "…"


def written_type(annotation: ast.expr | None) -> str:
    """Return an annotation in one line, without quotes around it."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return " ".join(annotation.value.split())
    return written(annotation, "(not said)")  # "none" would look like the type None


def shown(expression: ast.expr | None) -> str:
    """Return an expression for a message, which may not be all of it."""
    return _cut(written(expression))


def shown_type(annotation: ast.expr | None) -> str:
    """Return an annotation for a message, which may not be all of it."""
    return _cut(written_type(annotation))


def contrasted(old: str, new: str) -> tuple[str, str]:
    """Return two texts for a message: of long ones what is around the first place where they are not the same."""
    if max(len(old), len(new)) <= _LONGEST:
        return old, new
    common = next((place for place, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), None)
    start = max(0, (min(len(old), len(new)) if common is None else common) - _BEFORE)
    dots = "…" if start else ""
    return dots + _cut(old[start:]), dots + _cut(new[start:])


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
