"""Which lower bound is to blame is found by halves."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from clientsmith.gate.bounds import culprit, pins_in

NAMES = [f"n{number}" for number in range(16)]


@pytest.mark.parametrize("guilty", [{"n0"}, {"n7"}, {"n15"}, {"n3", "n9"}], ids=["first", "middle", "last", "two"])
def test_the_dependency_that_has_to_be_raised_is_found(guilty: set[str]) -> None:
    """In about four questions of sixteen; of two that are to blame it is the last."""
    asked: list[Sequence[str]] = []

    def works(raised: Sequence[str]) -> bool:
        asked.append(raised)
        return guilty <= set(raised)

    assert culprit(NAMES, works) == max(guilty, key=NAMES.index)
    assert len(asked) <= 5


def test_nothing_is_blamed_where_raising_all_does_not_help() -> None:
    assert culprit(NAMES, lambda _: False) is None
    assert culprit([], lambda _: True) is None


def test_pins_are_read_from_what_uv_says() -> None:
    text = """\
--index http://127.0.0.1/simple
click==8.2.0
    # via naas
PyYAML==6.0.2 ; python_version < '4'
backports-zstd==1.0.0  # via core
not a requirement at all
"""
    assert pins_in(text) == {"click": "8.2.0", "pyyaml": "6.0.2", "backports-zstd": "1.0.0"}
