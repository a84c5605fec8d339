"""JSON pointer to line and column, by reading the text once more. Done only for what is going to be printed."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from typing import Final

import yaml
from clientsmith.findings import Finding, InputError

from .collector import collector_paused
from .parse import compose, is_json_text
from .pointer import join, split

__all__ = ["locate", "positions"]

Position = tuple[int, int]
_SPACE: Final = re.compile(r"[ \t\r\n]*")


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
        found = _found(text, wanted)
    except (InputError, RecursionError):  # it was read before, so this is a text that our shorter ways do not read
        return {}
    return {pointer: place for pointer in pointers if (place := _nearest(pointer, found)) is not None}


@collector_paused()
def _found(text: str, wanted: Collection[str]) -> dict[str, Position]:
    if is_json_text(text):
        try:
            return _in_json(text, wanted)
        except (ValueError, IndexError):
            pass  # YAML's flow style, which begins as JSON does
    return _in_yaml(text, wanted)


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


def _in_json(text: str, wanted: Collection[str]) -> dict[str, Position]:
    """Walk down to what is wanted; everything beside it is skipped at the speed of the C scanner."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    found: dict[str, Position] = {}
    above = {pointer[: pointer.rfind("/")] for pointer in wanted if pointer}
    scan = json.JSONDecoder().raw_decode

    def note(pointer: str, start: int) -> None:
        if pointer in wanted:
            line = bisect_right(starts, start)
            found[pointer] = (line, start - starts[line - 1] + 1)

    def walk(pointer: str, start: int) -> int:
        """Return where the value that begins at ``start`` ends."""
        if pointer not in above or text[start] not in "{[":
            return scan(text, start)[1]
        is_object, index, place = text[start] == "{", 0, _next(text, start + 1)
        while text[place] not in "}]":
            key_start = place
            if is_object:
                key, place = scan(text, place)
                place = _next(text, _next(text, place) + 1)  # past the colon
            else:
                key, index = index, index + 1
            child = join(pointer, str(key))
            note(child, key_start)
            place = _next(text, walk(child, place))
            place = _next(text, place + 1) if text[place] == "," else place
        return place + 1

    first = _next(text, 0)
    note("", first)
    walk("", first)
    return found


def _next(text: str, start: int) -> int:
    """Return where the next character stands that is no space."""
    match = _SPACE.match(text, start)
    return match.end() if match else start
