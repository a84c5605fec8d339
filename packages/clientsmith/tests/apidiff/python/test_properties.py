"""What holds for any two packages."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from clientsmith.apidiff.difference import Difference, Kind
from clientsmith.apidiff.python import compare_packages
from clientsmith.distributions import opened
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_NAMES = st.sampled_from(["alpha", "beta", "gamma", "delta"])
_TYPES = st.sampled_from(["int", "str | None", "list[int]", "'Any'", "Literal['a']", "Alpha", "dict[str, object]"])
_DEFAULTS = st.sampled_from(["", " = 1", " = None", " = object()"])


@st.composite
def _parameters(draw: st.DrawFn) -> str:
    names = draw(st.lists(_NAMES, unique=True, max_size=3))
    return ", ".join(f"{name}: {draw(_TYPES)} = {draw(st.sampled_from(['1', 'None', 'x']))}" for name in names)


@st.composite
def _definitions(draw: st.DrawFn) -> str:
    name, kind = draw(_NAMES), draw(st.sampled_from(["def", "async def", "class", "data", "value", "enum"]))
    parameters = draw(_parameters())
    match kind:
        case "class":
            method = f"    def {draw(_NAMES)}(self, {parameters}) -> {draw(_TYPES)}: ..."
            return f"class {name.title()}:\n    {draw(_NAMES)}: {draw(_TYPES)}{draw(_DEFAULTS)}\n{method}"
        case "data":
            return f"@dataclass\nclass {name.title()}:\n    {draw(_NAMES)}: {draw(_TYPES)} = 1"
        case "enum":
            return f"class {name.title()}(Enum):\n    {draw(_NAMES).upper()} = {draw(st.integers(0, 3))}"
        case "value":
            return f"{name.upper()}: {draw(_TYPES)}{draw(_DEFAULTS)}"
        case _:
            return f"{kind} {name}({parameters}) -> {draw(_TYPES)}: ..."


_HEAD = "from typing import Any, Literal\nfrom enum import Enum\nfrom dataclasses import dataclass\n"
_SOURCES = st.lists(_definitions(), max_size=5).map(lambda parts: _HEAD + "\n".join(parts) + "\n")


def _compare(old: str, new: str) -> list[Difference]:
    with TemporaryDirectory() as folder:
        for side, text in (("old", old), ("new", new)):
            place = Path(folder, side, "p")
            place.mkdir(parents=True)
            (place / "__init__.py").write_text(text, encoding="utf-8")
        with opened(f"{folder}/old") as one, opened(f"{folder}/new") as other:
            return compare_packages(one, other)


_SETTINGS = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_MANY = settings(_SETTINGS, max_examples=200)


@_SETTINGS
@given(_SOURCES)
def test_nothing_changed_from_a_package_to_itself(source: str) -> None:
    """Not by place in the file either: comments and blank lines are no API."""
    assert _compare(source, source) == []
    assert _compare(source, "# a comment\n\n" + source) == []


@_SETTINGS
@given(_SOURCES, _SOURCES)
def test_what_is_private_is_no_change(source: str, other: str) -> None:
    """Private functions, classes, names and modules come and go."""
    private = "\ndef _f(a): ...\nclass _C:\n    def a(self): ...\n_X = 1\n"
    assert _compare(source, source + private) == []
    assert _compare(source + private, source) == []
    assert isinstance(_compare(source, other), list)


@_SETTINGS
@given(_SOURCES, _SOURCES)
def test_what_is_added_one_way_is_removed_the_other(old: str, new: str) -> None:
    """Names that are new on the way there are gone on the way back, and that breaks."""
    there, back = _compare(old, new), _compare(new, old)
    added = {one.subject for one in there if one.rule == "object-added"}
    removed = {one.subject: one.kind for one in back if one.rule == "object-removed"}
    assert added == set(removed)
    assert set(removed.values()) <= {Kind.BREAKING}


@pytest.mark.slow
@_MANY
@given(_SOURCES, _SOURCES)
def test_all_of_it_for_many_more(old: str, new: str) -> None:
    """The share of the long suites; the quick one tries some of each."""
    for test, texts in (
        (test_nothing_changed_from_a_package_to_itself, (old,)),
        (test_what_is_private_is_no_change, (old, new)),
        (test_what_is_added_one_way_is_removed_the_other, (old, new)),
    ):
        test.hypothesis.inner_test(*texts)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["naas-client", "simple-repository-client", "clientsmith-core"])
def test_our_own_packages_are_what_they_are(name: str) -> None:
    """Real packages, with lazy names, stubs under TYPE_CHECKING and generated code: no difference to themselves."""
    folder = Path(__file__).parents[5] / "packages" / name
    with opened(str(folder)) as one, opened(str(folder)) as other:
        assert compare_packages(one, other) == []
