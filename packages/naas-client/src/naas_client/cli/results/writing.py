"""How results are printed: for people as text or a table, for programs as JSON or JSON lines."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import click
from clientsmith.core.terminal import escaped, style

__all__ = [
    "Column",
    "clean",
    "coloured_diff",
    "heading",
    "print_json",
    "print_line",
    "print_one",
    "print_pairs",
    "print_records",
    "print_table",
]

Column = tuple[str, str]
"""Heading and key of a column."""
_WIDTH: Final = 200  # of a table that does not go to a terminal
_COLOURS: Final[Mapping[str, str]] = {
    "ok": "green", "finished": "green", "healthy": "green", "failed": "red", "unhealthy": "red", "expired": "red",
    "canceled": "yellow", "degraded": "yellow", "no_workers": "yellow", "started": "cyan", "running": "cyan",
}  # fmt: skip


def clean(text: str) -> str:
    """Return what a device said, as lines for a terminal: nothing in it can drive the terminal that shows it."""
    return "\n".join(escaped(line.rstrip("\r").expandtabs()) for line in text.split("\n"))


def print_json(value: object) -> None:
    """Print one JSON value."""
    _print(json.dumps(value, indent=2, ensure_ascii=False))


def print_line(value: object) -> None:
    """Print one line of NDJSON, at once."""
    _print(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    sys.stdout.flush()


def print_records(records: Iterable[Mapping[str, Any]], columns: Sequence[Column], form: str, empty: str) -> int:
    """Print things of one kind in the form that was asked for, and return how many there were.

    Args:
        records: As the server has them; consumed as they come where the form allows it.
        columns: What a table shows.
        form: ``table``, ``text``, ``json`` or ``ndjson``; text is what other commands eat: the first column alone.
        empty: What to tell a person if there are none.
    """
    count = 0
    if form == "ndjson":
        for count, record in enumerate(records, 1):  # noqa: B007 - counted
            print_line(record)
        return count
    rows = list(records)
    if form == "json":
        print_json(rows)
    elif form == "text":
        for row in rows:
            click.echo(escaped(_cell(row.get(columns[0][1]))))
    elif rows:
        print_table([heading for heading, _ in columns], [[_cell(row.get(key)) for _, key in columns] for row in rows])
    else:
        click.echo(empty, err=True)
    return len(rows)


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; colours only on a terminal, and long cells are folded there."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, show_edge=False, header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(Text(heading), overflow="fold")
    for row in rows:
        table.add_row(*(Text(escaped(cell), style=_COLOURS.get(cell, "")) for cell in row))
    Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False).print(table)


def print_pairs(pairs: Mapping[str, Any]) -> None:
    """Print one thing: its fields and what is in them."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in pairs.items():
        table.add_row(Text(name.replace("_", " ")), Text(escaped(_cell(value))))
    Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False).print(table)


def print_one(found: Mapping[str, Any], form: str) -> None:
    """Print one thing in the form that was asked for; people do not need to hear which service it is from."""
    if form == "json":
        print_json(dict(found))
    elif form == "ndjson":
        print_line(dict(found))
    else:
        print_pairs({name: value for name, value in found.items() if name not in ("app", "version")})


_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:\+00:00|Z)")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " ".join(f"{name}:{each}" for name, each in cast("dict[str, object]", value).items())
    if isinstance(value, list):
        return ", ".join(str(each) for each in cast("list[object]", value))
    # Programs get times as the server has them; people, to the second.
    return _TIME.sub(r"\1 \2Z", str(value))


def heading(text: str) -> str:
    """Return a line that stands above a result."""
    return style(escaped(text), bold=True)


def coloured_diff(text: str) -> str:
    """Return a unified diff with its colours."""
    colours = {"+": "green", "-": "red", "@": "cyan"}
    lines = (clean(line) for line in text.splitlines())
    return "\n".join(style(line, fg=colours[line[0]]) if line[:1] in colours else line for line in lines)


# JSON lets these stand as they are, and terminals take some of them for commands.
_CONTROLS: Final = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}


def _print(text: str) -> None:
    """Print JSON."""
    # Half a character, which no encoding has, stays the escape that it was.
    click.echo(text.translate(_CONTROLS).encode("utf-8", "backslashreplace").decode())
