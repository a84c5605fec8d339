"""The settings' types as data, so that reading, schema and guide need not look into annotations themselves."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from .says import Says

__all__ = ["Choice", "Flag", "Items", "Number", "Part", "Setting", "String", "Table", "Tree", "parts_of", "settings_of"]


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false; only one of them where ``only`` says so."""

    only: bool | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number."""


@dataclass(frozen=True, slots=True)
class String:
    """Text."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these words."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list of text."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of keys that the user chooses; ``kind`` are the settings of each, None where it is text."""

    kind: type[Any] | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """A table of settings."""

    kind: type[Any]


Part = Flag | Number | String | Choice | Items | Table | Tree


@dataclass(frozen=True, slots=True)
class Setting:
    """A field of a dataclass of settings: its key, what it may be, what it says."""

    name: str
    parts: tuple[Part, ...]
    says: Says


def settings_of(kind: type[Any]) -> Mapping[str, Setting]:
    """Return the settings of a dataclass by name; a field without `Says` is none."""
    hints = get_type_hints(kind, include_extras=True)
    found: dict[str, Setting] = {}
    for part in fields(kind):
        hint = hints[part.name]
        if get_origin(hint) is Annotated:
            inner, *said = get_args(hint)
            says = next(one for one in said if isinstance(one, Says))
            found[part.name] = Setting(part.name, tuple(parts_of(inner)), says)
    return found


def parts_of(hint: Any) -> list[Part]:
    """Return the ways in which a value of this type may be written."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        return [part for one in arguments if one is not type(None) for part in parts_of(one)]
    if origin is Literal:
        words = tuple(word for word in arguments if isinstance(word, str))
        flags = [Flag(word) for word in arguments if isinstance(word, bool)]
        return [*flags, *([Choice(words)] if words else [])]
    if origin is tuple:
        return [Items()]
    if origin is not None and issubclass(origin, Mapping):
        return [Table(arguments[1] if isinstance(arguments[1], type) and is_dataclass(arguments[1]) else None)]
    if is_dataclass(hint) and isinstance(hint, type):
        return [Tree(hint)]
    simple: dict[Any, Part] = {bool: Flag(), int: Number(), str: String()}
    return [simple[hint]]
