"""Where each key of a TOML text stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from clientsmith.configuration.positions import positions_of
from clientsmith.findings.changes import as_toml, quoted
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a = 1\nb = 2", {("a",): (1, 1), ("b",): (2, 1)}),
        ("# a = 1\n\n  b = 2 # c = 3", {("b",): (3, 3)}),
        ("[a.b]\nc = 1", {("a",): (1, 2), ("a", "b"): (1, 4), ("a", "b", "c"): (2, 1)}),
        ('["a b"."c.d"]', {("a b",): (1, 2), ("a b", "c.d"): (1, 8)}),
        ("a.'b' . c = 1", {("a",): (1, 1), ("a", "b"): (1, 3), ("a", "b", "c"): (1, 9)}),
        ('a = { b = [1, { c = 2 }], "d" = "}" }', {("a",): (1, 1), ("a", "b"): (1, 7), ("a", "b", "c"): (1, 17), ("a", "d"): (1, 27)}),
        ('a = """\nb = 1\\"""c"""\nd = 2', {("a",): (1, 1), ("d",): (3, 1)}),
        ("a = '''b''''\nc = 1979-05-27 07:32:00\nd = 1", {("a",): (1, 1), ("c",): (2, 1), ("d",): (3, 1)}),
        ("a = [\n 1, # x\n 2,\n]\nb = 1", {("a",): (1, 1), ("b",): (5, 1)}),
        ("[[a]]\nb = 1\n[[a]]\nb = 2", {("a",): (1, 3), ("a", "b"): (2, 1)}),
        ('"\\u0061" = 1', {("a",): (1, 1)}),
    ],
)  # fmt: skip
def test_each_key_is_found(text: str, places: dict[tuple[str, ...], tuple[int, int]]) -> None:
    tomllib.loads(text)
    assert dict(positions_of(text)) == places


values: Any = st.recursive(
    st.one_of(st.booleans(), st.integers(-9, 9), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=6,
)


def keys_in(value: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*above, key)
            yield from keys_in(inner, (*above, key))
    elif isinstance(value, list):
        for inner in value:
            yield from keys_in(inner, above)


@given(st.dictionaries(st.text(max_size=4), values, max_size=4))
def test_every_key_of_any_text_is_found_where_it_stands(data: dict[str, Any]) -> None:
    """What we write as TOML is read as it was, and each of its keys is where its position says."""
    text = "".join(f"{quoted(key)} = {as_toml(value)}\n" for key, value in data.items())
    assert tomllib.loads(text) == data
    found = positions_of(text)
    assert found.keys() == set(keys_in(data))
    lines = text.split("\n")
    for key, (line, column) in found.items():
        assert lines[line - 1][column - 1 :].startswith(quoted(key[-1]))
