"""The ``Link`` header field is read as RFC 8288 says, and nothing that a server writes makes the reader raise."""

from __future__ import annotations

import string
import time

import pytest
from clientsmith.core._links import next_target
from clientsmith.core.paging import Link, read_links
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("value", "links"),
    [
        ("</a>", [Link("/a", (), {})]),
        ('</a>; rel="next"', [Link("/a", ("next",), {})]),
        ("</a>;rel=next", [Link("/a", ("next",), {})]),
        ('</a> ; REL = "Prev  NEXT"', [Link("/a", ("prev", "next"), {})]),
        ('</a>; rel="next"; rel="prev"', [Link("/a", ("next",), {})]),
        (r'</a>; title="a \"b\", c; d"', [Link("/a", (), {"title": 'a "b", c; d'})]),
        ('</a>; title*=UTF-8\'\'%e2%82%ac; rel="next"', [Link("/a", ("next",), {"title*": "UTF-8''%e2%82%ac"})]),
        ("</a?b=1,2;c>, <d>; rel=last", [Link("/a?b=1,2;c", (), {}), Link("d", ("last",), {})]),
        ("<>; rel=next", [Link("", ("next",), {})]),
        (", , </a>,,", [Link("/a", (), {})]),
        ('</a>; rel="https://example.test/rels/next"', [Link("/a", ("https://example.test/rels/next",), {})]),
        ("/a; rel=next", []),
        ("</a; rel=next", []),
        ("<", []),
        ("", []),
    ],
    ids=[
        "bare", "quoted", "token, no space", "case and several relations", "the first rel counts", "quotes, escapes",
        "an extended parameter", "separators in the target", "empty target", "empty members", "an extension relation",
        "no brackets", "never closed", "half a bracket", "nothing",
    ],
)  # fmt: skip
def test_a_field_is_read(value: str, links: list[Link]) -> None:
    """Names of parameters and relation types compare without case, targets stay as they are."""
    assert read_links(value) == links


@given(st.text())
def test_nothing_makes_the_reader_raise(value: str) -> None:
    """It is what a server wrote."""
    for link in read_links(value):
        assert ">" not in link.target or value.count(">") > 1


TARGETS = st.text(string.ascii_letters + string.digits + "/?=&;,.~%-_", max_size=20)
NAMES = st.sampled_from(["title", "type", "hreflang", "media"])
VALUES = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=12)
RELATIONS = st.lists(st.sampled_from(["next", "prev", "first", "last", "self"]), unique=True, max_size=3)


@st.composite
def written(draw: st.DrawFn) -> tuple[list[Link], str]:
    """Return links and the header field that says so."""
    links = draw(st.lists(st.builds(Link, TARGETS, RELATIONS.map(tuple), st.dictionaries(NAMES, VALUES, max_size=3))))
    texts: list[str] = []
    for link in links:
        parts = [f"<{link.target}>"]
        if link.relations:
            parts.append(f'rel="{" ".join(link.relations)}"')
        for name, value in link.parameters.items():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            parts.append(f'{name}="{escaped}"')
        texts.append("; ".join(parts))
    return links, ", ".join(texts)


@given(written())
def test_what_was_written_is_what_is_read(case: tuple[list[Link], str]) -> None:
    """Whatever stands between quotes and brackets."""
    links, value = case
    assert read_links(value) == links


@given(written())
def test_the_next_page_is_the_first_link_that_says_so(case: tuple[list[Link], str]) -> None:
    """Its target, or None."""
    links, value = case
    assert next_target(value) == next((link.target for link in links if "next" in link.relations), None)


def test_a_link_of_another_resource_is_not_followed() -> None:
    """With an anchor the link does not begin at the page that we have (section 3.2)."""
    assert next_target('</p2>; rel="next"; anchor="#part"') is None


def test_a_long_field_takes_time_in_proportion() -> None:
    """A header of 64 KiB of the worst characters is read at once."""
    started = time.perf_counter()
    for worst in ('"', "<", "\\", ",", ";", '<">', '<a>;"'):
        read_links(worst * (65536 // len(worst)))
    assert time.perf_counter() - started < 2.0
