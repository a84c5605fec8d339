"""Changing one line of a TOML file, and leaving all others, comments included, as they are."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["with_value", "without_key"]


def with_value(text: str, table: str | None, key: str, value: Any) -> str:
    """Return the text with ``key = value`` in a table; None is the top of the file."""
    lines = text.splitlines()
    line = f"{key} = {_written(value)}"
    start, end = _bounds(lines, table)
    if start is None:
        before = [*lines, ""] if lines and lines[-1].strip() else lines
        lines = [*before, f"[{table}]", line]
    elif (place := _place(lines, start, end, key)) is not None:
        lines[place] = line
    else:
        while end > start and not lines[end - 1].strip():
            end -= 1
        lines.insert(end, line)
        if table is None and end + 1 < len(lines) and lines[end + 1].startswith("["):
            lines.insert(end + 1, "")
    return "\n".join(lines) + "\n"


def without_key(text: str, table: str | None, key: str) -> str:
    """Return the text without a key of a table."""
    lines = text.splitlines()
    start, end = _bounds(lines, table)
    if start is not None and (place := _place(lines, start, end, key)) is not None:
        del lines[place]
    return "\n".join(lines) + "\n" if lines else ""


def _bounds(lines: list[str], table: str | None) -> tuple[int | None, int]:
    """Return where a table's keys begin and end; None if there is no such table."""
    heads = [number for number, line in enumerate(lines) if re.match(r"\s*\[", line)]
    if table is None:
        return 0, heads[0] if heads else len(lines)
    quoted = ".".join(f'"?{re.escape(part)}"?' for part in table.split("."))
    for number in heads:
        if re.fullmatch(rf"\s*\[\s*{quoted}\s*\]\s*(#.*)?", lines[number]):
            return number + 1, next((each for each in heads if each > number), len(lines))
    return None, 0


def _place(lines: list[str], start: int, end: int, key: str) -> int | None:
    pattern = re.compile(rf'\s*"?{re.escape(key)}"?\s*=')
    return next((number for number in range(start, end) if pattern.match(lines[number])), None)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    # A basic string of TOML is one of JSON, but for the character 127.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
