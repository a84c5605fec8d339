"""Expressions of the code model: pieces of Python that know what they import.

A `Code` is text with `Symbol`s in it. A symbol is a name of another module; only when a whole module is rendered does
it get its local name, so an import can be neither missing nor unused, and a class called ``field`` or a property
called ``uuid`` gives way to nothing: the import is renamed, not the API.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from clientsmith.emit.text import WIDTH, identifier, literal

__all__ = [
    "ANY",
    "NONE",
    "Code",
    "LocalNames",
    "Symbol",
    "attribute",
    "builtin",
    "call",
    "dictionary",
    "formatted",
    "indexed",
    "local",
    "long_text",
    "thunk",
    "tuple_of",
    "union",
    "value",
]


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    """``from module import name``; without a name ``import module``. Builtins are symbols of the module ``builtins``.

    ``alias`` is the local name, where that is always to be another one: ``from . import models as _models``.
    """

    module: str
    name: str = ""
    alias: str = ""

    @property
    def local(self) -> str:
        """The name it has in a module where nothing else is called so."""
        return self.alias or self.name or self.module

    @property
    def code(self) -> Code:
        return Code((self,))


# Columns of one piece of a long string: a line less the indentation and the key of an item in a call.
_PIECE: Final = WIDTH - 30

LocalNames: TypeAlias = Mapping[Symbol, str]


@dataclass(frozen=True, slots=True)
class Code:
    """An expression. Equal code is equal text with equal imports."""

    parts: tuple[str | Symbol, ...]

    def __add__(self, other: Code | str) -> Code:
        return Code((*self.parts, *(other.parts if isinstance(other, Code) else (other,))))

    @property
    def symbols(self) -> Iterator[Symbol]:
        return (part for part in self.parts if isinstance(part, Symbol))

    def render(self, names: LocalNames) -> str:
        return "".join(part if isinstance(part, str) else names[part] for part in self.parts)


def builtin(name: str) -> Code:
    """A name that every module has, unless something in it is called the same."""
    return Symbol("builtins", identifier(name)).code


def local(name: str) -> Code:
    """A name that this module or function binds itself."""
    return Code((identifier(name),))


def value(plain: object) -> Code:
    """A literal; see `literal` for what it may hold."""
    return Code((literal(plain),))


def long_text(text: str) -> Code:
    """A string literal; a long one in pieces of whole words, which the formatter writes below each other."""
    pieces = textwrap.wrap(text, _PIECE, break_long_words=False, break_on_hyphens=False)
    if len(pieces) < 2 or " ".join(pieces) != text:
        return value(text)
    *first, last = pieces
    return Code((f"({' '.join(literal(piece) for piece in [*(f'{piece} ' for piece in first), last])})",))


NONE = value(None)
ANY = Symbol("typing", "Any").code


def attribute(owner: Code, name: str) -> Code:
    return owner + f".{identifier(name)}"


def joined(separator: str, codes: Iterable[Code]) -> Code:
    parts: list[str | Symbol] = []
    for code in codes:
        parts += [separator, *code.parts] if parts else code.parts
    return Code(tuple(parts))


def call(function: Code, *arguments: Code, **keywords: Code) -> Code:
    named = (Code((f"{identifier(key)}=",)) + code for key, code in keywords.items())
    return function + "(" + joined(", ", (*arguments, *named)) + ")"


def indexed(owner: Code, *indices: Code) -> Code:
    return owner + "[" + joined(", ", indices) + "]"


def union(*types: Code) -> Code:
    """``A | B``, each alternative once, None last. A union with ``Any`` in it is ``Any``."""
    if ANY in types:
        return ANY
    alternatives = [code for code in dict.fromkeys(types) if code != NONE]
    return joined(" | ", [*alternatives, NONE] if NONE in types or not alternatives else alternatives)


def dictionary(items: Mapping[str | int, Code], *, spread: Code | None = None) -> Code:
    """``{**spread, key: code}``; a spread alone is written as it is."""
    pairs = [value(key) + ": " + code for key, code in items.items()]
    if spread is not None and not pairs:
        return spread
    first = [Code(("**",)) + spread] if spread is not None else []
    return Code(("{",)) + joined(", ", [*first, *pairs]) + "}"


def tuple_of(items: Iterable[Code]) -> Code:
    items = tuple(items)
    return Code(("(",)) + joined(", ", items) + (",)" if len(items) == 1 else ")")


def thunk(code: Code) -> Code:
    """``lambda: code``: looked up when it is needed, so that order and cycles do not matter."""
    return Code(("lambda: ",)) + code


def formatted(prefix: str, code: Code) -> Code:
    """``f"prefix{code}"``, for a prefix without quotes, braces and backslashes."""
    if set(prefix) & set("\"'{}\\\n") or not prefix.isprintable():
        raise ValueError(f"{prefix!r} cannot be the constant part of an f-string")
    return Code((f'f"{prefix}{{',)) + code + '}"'
