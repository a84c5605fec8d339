"""Header fields: what may stand in one, and how two sides' fields become one header."""

from __future__ import annotations

import pytest
from clientsmith.server.fields import checked_name, checked_uri, checked_value, decoded, encoded, merged
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("present", "additions", "whole"),
    [
        pytest.param([], [(b"sunset", b"x")], [(b"sunset", b"x")], id="absent: set"),
        pytest.param([(b"Sunset", b"own")], [(b"sunset", b"x")], [(b"Sunset", b"own")], id="there: left alone"),
        pytest.param([(b"link", b"<a>")], [(b"link", b"<b>")], [(b"link", b"<a>"), (b"link", b"<b>")], id="Link: one more"),
        pytest.param([], [(b"link", b"<a>"), (b"link", b"<b>")], [(b"link", b"<a>"), (b"link", b"<b>")], id="two of ours"),
        pytest.param([], [(b"vary", b"A")], [(b"vary", b"A")], id="Vary: ours alone"),
        pytest.param([(b"Vary", b"B")], [(b"vary", b"A")], [(b"Vary", b"B, A")], id="Vary: both"),
        pytest.param([(b"vary", b"x, a")], [(b"vary", b"A")], [(b"vary", b"x, a")], id="Vary: named already"),
        pytest.param([(b"vary", b"*")], [(b"vary", b"A")], [(b"vary", b"*")], id="Vary: everything"),
        pytest.param([(b"vary", b"")], [(b"vary", b"A")], [(b"vary", b"A")], id="Vary: empty"),
        pytest.param(
            [(b"vary", b"a"), (b"vary", b"b")], [(b"vary", b"A, C")], [(b"vary", b"a"), (b"vary", b"b, C")],
            id="Vary: in two fields",
        ),
    ],
)  # fmt: skip
def test_the_application_wins_and_lists_grow(
    present: list[tuple[bytes, bytes]], additions: list[tuple[bytes, bytes]], whole: list[tuple[bytes, bytes]]
) -> None:
    before = list(present)
    assert merged(present, additions) == whole
    assert present == before


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "a\x00", "é", "", " a", "a ", "a\x7f"])
def test_nothing_that_could_begin_another_field_becomes_a_value(value: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a header field"):
        checked_value(value, "the version")
    with pytest.raises(ValueError, match="cannot stand in a header field"):
        encoded((("X-A", value),))


@pytest.mark.parametrize("name", ["", "a b", "a:", "é", "a\n"])
def test_a_name_is_a_token(name: str) -> None:
    with pytest.raises(ValueError, match="no name of a header field"):
        checked_name(name)


@pytest.mark.parametrize("uri", ["https://a.test/x y", 'https://a.test/"', "/a>b", "/é", ""])
def test_an_address_of_a_link_is_encoded_already(uri: str) -> None:
    with pytest.raises(ValueError, match="percent-encode"):
        checked_uri(uri, "link")


@given(st.text(max_size=20))
def test_what_passes_is_one_line_of_visible_ascii(text: str) -> None:
    try:
        value = checked_value(text, "it")
    except ValueError:
        return
    assert value.isascii()
    assert value.isprintable()
    assert value == value.strip() != ""


def test_fields_go_to_bytes_and_back() -> None:
    assert decoded(encoded((("X-A", "b"),))) == [("x-a", "b")]
