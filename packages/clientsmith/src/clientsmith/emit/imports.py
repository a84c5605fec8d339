"""Import lines made from symbols, in the order that ``ruff check --select I`` asks for.

The sections are standard library, other distributions, this package; in a section ``import a`` stands before
``from a import b``, and members are ordered constants, classes, the rest.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from clientsmith.emit.code import Symbol
from clientsmith.emit.text import identifier

__all__ = ["export_lines", "import_lines", "local_names"]


def local_names(symbols: Iterable[Symbol], bound: Iterable[str]) -> dict[Symbol, str]:
    """Give each symbol its name in a module that binds the names ``bound`` itself, and so keeps them."""
    taken = set(bound)
    names: dict[Symbol, str] = {}
    for symbol in sorted(set(symbols)):
        name = symbol.local
        while name in taken:
            # Two underscores before it would mean another name inside of a class.
            name = f"{name}_" if name.startswith("_") else f"_{name}"
        taken.add(name)
        names[symbol] = name
    return names


def import_lines(names: Mapping[Symbol, str]) -> Iterator[str]:
    """Return the imports that bind each symbol to its name, a blank line between sections. Builtins need none."""
    statements = sorted(_statements(names), key=lambda statement: (statement.section, statement.order))
    for number, (_, section) in enumerate(groupby(statements, key=lambda statement: statement.section)):
        if number:
            yield ""
        yield from (statement.text for statement in section)


def export_lines(symbols: Iterable[Symbol]) -> Iterator[str]:
    """Return the imports of names that a module gives to others: the form that type checkers take for a promise."""
    for symbol in sorted(symbols, key=lambda symbol: _order(symbol.module, symbol.name)):
        _check_module(symbol.module)
        name = identifier(symbol.name)
        yield f"from {symbol.module} import {name} as {name}"


@dataclass(frozen=True, slots=True)
class _Statement:
    section: int
    order: tuple[object, ...]
    text: str


def _statements(names: Mapping[Symbol, str]) -> Iterator[_Statement]:
    plain: dict[str, list[str]] = {}
    for symbol, name in names.items():
        _check_module(symbol.module)
        if not symbol.name:
            text = f"import {symbol.module}" + (f" as {identifier(name)}" if name != symbol.module else "")
            yield _Statement(_section(symbol.module), _order(symbol.module, ""), text)
        elif name != symbol.name:
            # The formatter's import order gives each `x as y` a statement of its own.
            text = f"from {symbol.module} import {identifier(symbol.name)} as {identifier(name)}"
            yield _Statement(_section(symbol.module), _order(symbol.module, symbol.name), text)
        elif symbol.module != "builtins":
            plain.setdefault(symbol.module, []).append(identifier(symbol.name))
    for module, members in plain.items():
        members.sort(key=_member_order)
        text = f"from {module} import {', '.join(members)}"
        yield _Statement(_section(module), _order(module, members[0]), text)


def _check_module(module: str) -> None:
    for part in filter(None, module.lstrip(".").split(".")):
        identifier(part)


def _section(module: str) -> int:
    if module.startswith("."):
        return 3
    root = module.partition(".")[0]
    if root in sys.stdlib_module_names:
        return 0
    return 1 if root in _THIRD_PARTY else 2


_THIRD_PARTY = frozenset({"clientsmith", "pytest"})


def _order(module: str, first_member: str) -> tuple[object, ...]:
    """``import`` before ``from``, packages above before those beside, then by module and first member."""
    dots = len(module) - len(module.lstrip("."))
    return bool(first_member), -dots, _natural(module.lstrip(".")), _member_order(first_member)


def _member_order(name: str) -> tuple[int, object]:
    """Constants, then classes, then the rest: the formatter's ``order-by-type``."""
    if name.isupper() and len(name) > 1:
        return 0, _natural(name)
    return (1 if name[:1].isupper() else 2), _natural(name)


def _natural(name: str) -> tuple[object, ...]:
    """Ignoring case, and with numbers as numbers: ``Level2`` stands before ``Level10``."""
    parts = re.split(r"(\d+)", name.casefold())
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part), name
