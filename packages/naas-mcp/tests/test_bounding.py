"""What a device printed, made fit for a model."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naas_mcp.bounding import bounded, shortened, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("\x1b[8mhidden\x1b[0m", "\\u{1b}[8mhidden\\u{1b}[0m"),
        ("a\u200bb\u202ec\U000e0041", "a\\u{200b}b\\u{202e}c\\u{e0041}"),
        ("Zürich 東京", "Zürich 東京"),
    ],
)
def test_hidden_characters_are_shown(text: str, seen: str) -> None:
    assert visible(text) == seen


def test_a_long_text_loses_its_middle() -> None:
    assert shortened("a" * 50 + "b" * 50, 20) == "a" * 10 + "\n… 80 characters are left out …\n" + "b" * 10
    assert shortened("a" * 20, 20) == "a" * 20


def test_short_outputs_stay_whole_and_long_ones_share_the_rest() -> None:
    outputs = bounded({"long": "x" * 500, "short": "y" * 10, "longer": "z" * 900}, 210)
    assert outputs["short"] == "y" * 10
    assert outputs["long"].count("x") == outputs["longer"].count("z") == 100


def test_records_are_left_out_at_the_end() -> None:
    records = [{"interface": f"Gi0/{number}"} for number in range(100)]
    kept = bounded({"show interfaces": records}, 300)["show interfaces"]
    assert kept[:-1] == records[: len(kept) - 1]
    assert kept[-1] == f"… {100 - (len(kept) - 1)} of 100 records are left out …"


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=300) | st.lists(st.text(max_size=40)), max_size=6))
def test_an_answer_is_never_much_longer_than_it_may_be(outputs: dict[str, object]) -> None:
    answer = bounded(outputs, 200)
    assert set(answer) == {visible(name) for name in outputs}
    # Each output may add one line that says what is left out.
    room = 200 + 70 * max(1, len(answer))
    assert (
        sum(
            len(each) if isinstance(each, str) else len(json.dumps(each, ensure_ascii=False))
            for each in answer.values()
        )
        <= room
    )
