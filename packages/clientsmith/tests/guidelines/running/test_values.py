"""Arguments that are made up: the smallest that fit, and none where nobody knows."""

from __future__ import annotations

import datetime
import enum
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NewType, Protocol, TypedDict

import pytest
from clientsmith.guidelines.running.inside.values import ENDPOINT, Maker, NoValue


class Colour(enum.Enum):
    RED = "red"


class Options(TypedDict):
    size: int


@dataclass
class Shelf:
    name: str
    colour: Colour


class Opener(Protocol):
    def open(self) -> None: ...


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (str, "sample"),
        (int, 1),
        (str | None, "sample"),
        (None, None),
        (Colour, Colour.RED),
        (Literal["on", "off"], "on"),
        (list[int], [1]),
        (Sequence[str], ["sample"]),
        (Shelf | Mapping[str, Any], {}),
        (Shelf, Shelf("sample", Colour.RED)),
        (Options, {"size": 1}),
        (NewType("Name", str), "sample"),
        (datetime.timedelta, datetime.timedelta(seconds=1)),
        ("Optional[str]", "sample"),
        (Any, "sample"),
    ],
    ids=str,
)
def test_an_annotation_is_enough(hint: Any, value: Any) -> None:
    """A mapping comes before a model: it says nothing that could be wrong."""
    assert Maker().argument("thing", hint) == value


@pytest.mark.parametrize(
    ("name", "docstring", "value"),
    [
        ("count", ":param int count: How many.", 1),
        ("count", ":param count: How many.\n:type count: int", 1),
        ("base_url", "", ENDPOINT),
        ("thing", "", "sample"),
    ],
    ids=["in one line", "in two lines", "an address by its name", "nothing is known"],
)
def test_without_an_annotation_the_docstring_counts(name: str, docstring: str, value: Any) -> None:
    """As Sphinx writes it, which older libraries do."""
    import inspect

    assert Maker().argument(name, inspect.Parameter.empty, docstring) == value


def test_files_are_made_in_memory() -> None:
    """Whatever wants to read bytes can."""
    from typing import IO

    value = Maker().argument("content", IO[bytes])
    assert isinstance(value, io.BytesIO)
    assert value.read() == b"sample"


@pytest.mark.parametrize("hint", [Opener, "Shelf"], ids=["a protocol", "a name that nobody knows"])
def test_what_nobody_knows_is_not_made(hint: Any) -> None:
    """A guess would be judged as if it were the package's fault."""
    with pytest.raises(NoValue):
        Maker().argument("thing", hint)
