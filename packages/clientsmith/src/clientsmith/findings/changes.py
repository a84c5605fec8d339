"""The line of configuration that would change a guess, as TOML that can be pasted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

__all__ = ["Change", "as_toml", "document_of", "dotted", "is_array", "is_table", "quoted"]


@dataclass(frozen=True, slots=True)
class Change:
    """A setting in a table of the configuration: ``paging = false`` in ``[operations."GET /pets"]``."""

    table: tuple[str, ...]
    setting: str
    value: str  # as TOML writes it

    @property
    def header(self) -> str:
        """``[operations."GET /pets"]``, "" for a setting at the top."""
        return f"[{dotted(self.table)}]" if self.table else ""

    @property
    def line(self) -> str:
        return f"{quoted(self.setting)} = {self.value}"

    def __str__(self) -> str:
        return f"{self.header} {self.line}".strip()


def document_of(changes: Iterable[Change]) -> str:
    """Return changes as one TOML document: what belongs to one table stands together, the top comes first."""
    tables: dict[tuple[str, ...], list[str]] = {}
    for change in changes:
        tables.setdefault(change.table, []).append(change.line)
    parts = [
        "\n".join([*([f"[{dotted(table)}]"] if table else []), *dict.fromkeys(lines)])
        for table, lines in sorted(tables.items(), key=lambda item: bool(item[0]))
    ]
    return "\n\n".join(parts) + "\n" if parts else ""


def as_toml(value: Any) -> str:
    """Return a value of plain data as TOML writes it in one line."""
    if is_table(value):
        return "{ " + ", ".join(f"{quoted(key)} = {as_toml(one)}" for key, one in value.items()) + " }"
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            # TOML's basic strings have JSON's escapes; what JSON may leave as it is, TOML may not in one case: DEL.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case _:
            return "[" + ", ".join(map(as_toml, value)) + "]"


def is_table(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether ``value`` is a table; the keys of TOML's are always text."""
    return isinstance(value, Mapping)


def is_array(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def dotted(key: Iterable[str]) -> str:
    """Return a key as TOML writes it: ``operations."GET /pets".name``."""
    return ".".join(map(quoted, key))


def quoted(name: str) -> str:
    is_bare = bool(name) and all(char.isascii() and (char.isalnum() or char in "-_") for char in name)
    return name if is_bare else as_toml(name)
