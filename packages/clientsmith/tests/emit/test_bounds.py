"""Docstrings say which values the service allows, in words, and once."""

from __future__ import annotations

import pytest
from clientsmith.emit.bounds import bounds
from clientsmith.model.ir import (
    UNCONSTRAINED,
    Array,
    Constraints,
    Enum,
    EnumMember,
    Nullable,
    Ref,
    Scalar,
    ScalarKind,
    Shape,
)

NUMBER = Scalar(ScalarKind.NUMBER)
STRING = Scalar(ScalarKind.STRING)


def enum(*values: str | int) -> dict[str, Enum]:
    return {"#": Enum("#", "Kind", ScalarKind.STRING, tuple(EnumMember(value) for value in values), name="Kind")}


@pytest.mark.parametrize(
    ("constraints", "text"),
    [
        (UNCONSTRAINED, ""),
        (Constraints(minimum=1, maximum=100.0), "From 1 to 100."),
        (Constraints(minimum=0.5), "At least 0.5."),
        (Constraints(exclusive_minimum=0, maximum=9), "More than 0 and at most 9."),
        (Constraints(exclusive_maximum=9), "Less than 9."),
        (Constraints(min_length=1), "Not empty."),
        (Constraints(min_length=1, max_length=64), "1 to 64 characters."),
        (Constraints(min_length=1, max_length=1), "Exactly 1 character."),
        (Constraints(max_length=1), "At most 1 character."),
        (Constraints(min_length=2), "At least 2 characters."),
        (Constraints(min_items=0, max_items=3), "At most 3 items."),
        (Constraints(multiple_of=5, unique_items=True), "A multiple of 5. No item twice."),
        (Constraints(pattern="^[a-z]+$"), "Matches ``^[a-z]+$``."),
        (Constraints(pattern="x" * 200), ""),
        (Constraints(pattern="a`b"), ""),
    ],
)
def test_bounds_are_sentences(constraints: Constraints, text: str) -> None:
    assert bounds(NUMBER, constraints, {}, "") == text


@pytest.mark.parametrize(
    ("shape", "values", "text"),
    [
        (Ref("#"), ("new", "in use"), "One of ``new``, ``in use``."),
        (Nullable(Ref("#")), (1, 2), "One of ``1``, ``2``."),
        (Array(Ref("#")), ("new",), "Each one of ``new``."),
        (Ref("#"), tuple(range(12)), f"One of {', '.join(f'``{n}``' for n in range(10))} and 2 more, see `Kind`."),
    ],
    ids=["enum", "or null", "list", "many"],
)
def test_an_enum_names_its_values(shape: Shape, values: tuple[str | int, ...], text: str) -> None:
    assert bounds(shape, UNCONSTRAINED, enum(*values), "") == text


def test_items_have_bounds_of_their_own() -> None:
    constraints = Constraints(min_items=1, items=Constraints(max_length=8))
    assert bounds(Array(STRING), constraints, {}, "") == "Not empty. Each at most 8 characters."


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("How many items (max 100)", ""),
        ("How many items, 1000 at a time", "At most 100."),
        ("From 100", ""),
    ],
)
def test_what_the_description_says_is_not_said_again(said: str, text: str) -> None:
    assert bounds(NUMBER, Constraints(maximum=100), {}, said) == text
