"""Every key of the configuration as Markdown, for the guide."""

from __future__ import annotations

from typing import Any

from .reader import allowed
from .settings import Configuration
from .shape import Table, Tree, settings_of

__all__ = ["reference_of_configuration"]


def reference_of_configuration() -> str:
    """Return one table of keys for each table of the configuration."""
    sections: list[str] = []
    _section("", Configuration, sections, "At the top")
    return "\n\n".join(sections) + "\n"


def _section(table: str, kind: type[Any], sections: list[str], title: str = "") -> None:
    rows = ["| key | value | meaning |", "|---|---|---|"]
    inner: list[tuple[str, type[Any]]] = []
    for name, setting in settings_of(kind).items():
        says = setting.says
        meaning = says.meaning + (f" Keys: {says.keys}." if says.keys else "")
        values = allowed(setting.parts, says)
        for part in setting.parts:
            key = f"{table}.{name}" if table else name
            if isinstance(part, Tree):
                inner.append((key, part.kind))
            elif isinstance(part, Table) and part.kind is not None:
                inner.append((f"{key}.KEY", part.kind))
        rows.append(f"| `{name}` | {_cell(values)} | {_cell(meaning)} |")
    sections.append(f"### {title or f'`[{table}]`'}\n\n" + "\n".join(rows))
    for key, found in inner:
        _section(key, found, sections)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
