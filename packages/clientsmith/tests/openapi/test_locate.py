"""Findings have lines and columns, in JSON and in YAML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from clientsmith.findings import note
from clientsmith.openapi.locate import locate, positions
from clientsmith.openapi.pointer import join
from hypothesis import given
from hypothesis import strategies as st

JSON = '{\n  "a": {"b": [1, {"c/d": "x\\" }"}]},\n  "e": null\n}'
YAML = "a:\n  b:\n    - 1\n    - c/d: x\ne: ~\n"


@pytest.mark.parametrize(
    ("pointer", "in_json", "in_yaml"),
    [
        ("", (1, 1), (1, 1)),
        ("/a", (2, 3), (1, 1)),
        ("/a/b", (2, 9), (2, 3)),
        ("/a/b/0", (2, 15), (3, 7)),
        ("/a/b/1/c~1d", (2, 19), (4, 7)),
        ("/e", (3, 3), (5, 1)),
        pytest.param("/a/missing/more", (2, 3), (1, 1), id="nearest above"),
    ],
)
def test_a_pointer_has_a_place(pointer: str, in_json: tuple[int, int], in_yaml: tuple[int, int]) -> None:
    assert positions(JSON, [pointer]) == {pointer: in_json}
    assert positions(YAML, [pointer]) == {pointer: in_yaml}


def test_a_finding_without_text_keeps_its_pointer() -> None:
    [finding] = locate([note("rule", "message", "/a")], {})
    assert finding.line is None
    assert finding.place == "#/a"


def test_a_finding_prints_file_line_and_column() -> None:
    found = locate([note("rule", "what", "/e", "do")], {"": JSON})[0].at("api.json", 3, 3)
    assert str(found) == "api.json:3:3  note  rule  what\n  hint: do"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def pointers(value: Any, pointer: str = "") -> list[str]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [pointer, *(deeper for key, child in children for deeper in pointers(child, join(pointer, str(key))))]


@given(values.filter(lambda value: isinstance(value, (dict, list))), st.sampled_from([None, 2]))
def test_every_part_of_any_json_is_found(value: Any, indent: int | None) -> None:
    """Where a key or item is said to be, it is."""
    text = json.dumps(value, indent=indent)
    wanted = pointers(value)
    found = positions(text, wanted)
    assert found.keys() == set(wanted)
    lines = text.split("\n")
    for pointer, (line, column) in found.items():
        rest = lines[line - 1][column - 1 :]
        key = pointer.rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~") if pointer else None
        assert rest
        assert key is None or key.isdecimal() or rest.startswith(json.dumps(key))


def test_the_museum_is_found_in_yaml() -> None:
    text = (Path(__file__).parents[1] / "specs" / "redocly-museum.yaml").read_text()
    found = positions(text, ["/paths/~1tickets/post/operationId"])
    line, column = found["/paths/~1tickets/post/operationId"]
    assert text.splitlines()[line - 1][column - 1 :] == "operationId: buyMuseumTickets"
    assert yaml.safe_load(text)["paths"]["/tickets"]["post"]["operationId"] == "buyMuseumTickets"
