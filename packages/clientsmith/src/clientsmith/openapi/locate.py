"""JSON pointer to line and column, by reading the text once more. Done only for what is going to be printed."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import yaml
from clientsmith.findings import Finding, InputError

from .parse import compose, is_json_text
from .pointer import join, split

__all__ = ["locate", "positions"]

Position = tuple[int, int]
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def locate(findings: Iterable[Finding], texts: Mapping[str, str]) -> list[Finding]:
    """Return the findings with line and column where their file has a text; ``texts`` is by file name."""
    findings = list(findings)
    by_file: dict[str, set[str]] = {}
    for finding in findings:
        by_file.setdefault(finding.file, set()).add(finding.pointer)
    found = {file: positions(texts.get(file, ""), pointers) for file, pointers in by_file.items()}
    return [finding.at(finding.file, *found[finding.file].get(finding.pointer, (None, None))) for finding in findings]


def positions(text: str, pointers: Collection[str]) -> dict[str, Position]:
    """Return line and column (from 1) of each pointer: of its key, or of what is nearest above, if it is not there."""
    if not text or not pointers:
        return {}
    wanted = {part for pointer in pointers for part in _with_parents(pointer)}
    try:
        found = _in_json(text, wanted) if is_json_text(text) else _in_yaml(text, wanted)
    except (InputError, RecursionError):  # it was read before, so this is a text that our shorter ways do not read
        return {}
    return {pointer: place for pointer in pointers if (place := _nearest(pointer, found)) is not None}


def _with_parents(pointer: str) -> Iterable[str]:
    yield pointer
    while pointer:
        pointer = pointer[: pointer.rfind("/")] if "/" in pointer else ""
        yield pointer


def _nearest(pointer: str, found: Mapping[str, Position]) -> Position | None:
    return next((found[part] for part in _with_parents(pointer) if part in found), None)


# --- YAML ------------------------------------------------------------------------------------------------------------


def _in_yaml(text: str, wanted: Collection[str]) -> dict[str, Position]:
    root = compose(text, "")
    if root is None:
        return {}
    nodes: dict[str, yaml.Node] = {"": root}
    found: dict[str, Position] = {"": _place(root)}
    for pointer in sorted(wanted, key=lambda part: part.count("/")):
        parent = nodes.get(pointer[: pointer.rfind("/")]) if pointer else None
        if parent is None:
            continue
        token = split(pointer)[-1]
        if isinstance(parent, yaml.SequenceNode) and token.isdecimal() and int(token) < len(parent.value):
            nodes[pointer] = parent.value[int(token)]
            found[pointer] = _place(nodes[pointer])
        elif isinstance(parent, yaml.MappingNode):
            for key, value in parent.value:
                if key.value == token:  # the last of two equal keys counts
                    nodes[pointer], found[pointer] = value, _place(key)
    return found


def _place(node: yaml.Node) -> Position:
    return node.start_mark.line + 1, node.start_mark.column + 1


# --- JSON ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Open:
    """An object or array that the scan is inside of; ``pointer`` is None where nothing below is wanted."""

    pointer: str | None
    is_object: bool
    index: int = 0
    key: str | None = None
    key_start: int = 0


def _in_json(text: str, wanted: Collection[str]) -> dict[str, Position]:
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    found: dict[str, Position] = {}
    inside: list[_Open] = []

    def enter(start: int) -> str | None:
        """A value begins: note where, and return its pointer if something in it is wanted."""
        if not inside:
            pointer = ""
        else:
            around = inside[-1]
            if around.pointer is None or (around.is_object and around.key is None):
                return None
            pointer = join(around.pointer, str(around.key) if around.is_object else str(around.index))
            start = around.key_start if around.is_object else start
        if pointer not in wanted:
            return None
        line = bisect_right(starts, start)
        found[pointer] = (line, start - starts[line - 1] + 1)
        return pointer

    for match in _TOKEN.finditer(text):
        symbol, start = match[0], match.start()
        around = inside[-1] if inside else None
        if symbol in "{[":
            inside.append(_Open(enter(start), symbol == "{"))
        elif symbol in "}]":
            if inside:
                inside.pop()
        elif symbol == ",":
            if around is not None:
                around.index, around.key = around.index + 1, None
        elif symbol != ":":
            if around is not None and around.is_object and around.key is None:
                if around.pointer is not None:
                    around.key, around.key_start = _unquoted(symbol), start
                else:
                    around.key = ""
            else:
                enter(start)
    return found


def _unquoted(token: str) -> str:
    try:
        return str(json.loads(token)) if token.startswith('"') else token
    except ValueError:
        return token
