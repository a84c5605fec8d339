"""Results for people and for programs: tables on a terminal, JSON, JSON lines and CSV elsewhere."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final, cast

import click

from ..surface import plain

__all__ = ["FORMATS", "write_items", "write_value"]

FORMATS: Final = ("auto", "table", "json", "ndjson", "csv")
_ROWS_AT_ONCE: Final = 50  # a table is shown in parts of so many rows, as pages come
_COLUMNS: Final = 8
_CELL: Final = 60  # characters


def write_value(value: Any, style: str) -> None:
    """Write one result."""
    value = plain(value)
    style = _chosen(style)
    if style == "table" and isinstance(value, dict):
        _show_table(["field", "value"], [[name, _cell(each)] for name, each in cast("dict[str, Any]", value).items()])
    elif style == "csv" and isinstance(value, dict):
        write_items([value], style)
    elif isinstance(value, str) and style == "table":
        click.echo(value)
    else:
        click.echo(json.dumps(value, ensure_ascii=False, indent=None if style == "ndjson" else 2))


def write_items(items: Iterable[Any], style: str) -> int:
    """Write results one after the other, as they come; return how many there were."""
    plain_items = (plain(item) for item in items)
    match _chosen(style):
        case "table":
            return _tables(plain_items)
        case "csv":
            return _csv(plain_items)
        case "ndjson":
            return _lines(plain_items)
        case _:
            return _array(plain_items)


def _chosen(style: str) -> str:
    return style if style != "auto" else "table" if sys.stdout.isatty() else "json"


def _array(items: Iterator[Any]) -> int:
    """One JSON array, written while the pages come."""
    count = 0
    for item in items:
        click.echo("[" if count == 0 else ",")
        click.echo(_indented(json.dumps(item, ensure_ascii=False, indent=2)), nl=False)
        count += 1
    click.echo("[]" if count == 0 else "\n]")
    return count


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


def _lines(items: Iterator[Any]) -> int:
    count = 0
    for item in items:
        click.echo(json.dumps(item, ensure_ascii=False))
        count += 1
    return count


def _csv(items: Iterator[Any]) -> int:
    """Columns are those of the first rows; a later field that none of them has is not written."""
    count, columns = 0, list[str]()
    for rows in _batches(items):
        if not columns:
            columns = _columns(rows, None)
            click.echo(_csv_line(columns))
        for row in rows:
            click.echo(_csv_line([_cell(_get(row, column), None) for column in columns]))
        count += len(rows)
    return count


def _csv_line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _tables(items: Iterator[Any]) -> int:
    count, columns = 0, list[str]()
    for rows in _batches(items):
        columns = columns or _columns(rows, _COLUMNS)
        _show_table(columns, [[_cell(_get(row, column)) for column in columns] for row in rows])
        count += len(rows)
    click.echo(f"{count} item{'s' * (count != 1)}", err=True)
    return count


def _batches(items: Iterator[Any]) -> Iterator[list[Any]]:
    while rows := list(islice(items, _ROWS_AT_ONCE)):
        yield rows


def _columns(rows: list[Any], most: int | None) -> list[str]:
    """The fields to show: plain ones before nested ones, in the service's order."""
    objects = [cast("dict[str, Any]", row) for row in rows if isinstance(row, dict)]
    if not objects:
        return ["value"]
    names = list(dict.fromkeys(name for row in objects for name in row))
    nested = {name for name in names if any(isinstance(row.get(name), dict | list) for row in objects)}
    ordered = [*(name for name in names if name not in nested), *(name for name in names if name in nested)]
    return ordered[:most]


def _get(row: Any, column: str) -> Any:
    return cast("dict[str, Any]", row).get(column) if isinstance(row, dict) else row


def _cell(value: Any, most: int | None = _CELL) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if most is None or len(text) <= most else f"{text[: most - 1]}…"


def _show_table(columns: list[str], rows: list[list[str]]) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, show_edge=False, header_style="bold")
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_without_controls(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _without_controls(text: str) -> str:
    """What a service says does not drive the terminal that shows it."""
    return "".join(character if character.isprintable() else "�" if character != "\n" else " " for character in text)
