"""HTML in a document's texts becomes Markdown; what only looks like it stays."""

from __future__ import annotations

import pytest
from clientsmith.emit.markup import without_html
from clientsmith.emit.text import headline, printable
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>Creates a customer.</p>\n<p>Twice.</p>", "Creates a customer.\n\nTwice."),
        ('See <a href="https://a.test/x">the <b>docs</b></a>.', "See [the **docs**](https://a.test/x)."),
        ("one<br/>two<br>three", "one\ntwo\nthree"),
        ("<ul><li>first</li><li><code>x</code> &amp; y</li></ul>", "- first\n- `x` & y"),
        ("an <a>anchor</a> without an address", "an anchor without an address"),
        ("</a> an end alone", "an end alone"),
        ("ids look like <digits>-<branch>, a < b", "ids look like <digits>-<branch>, a < b"),
        ("&lt;p&gt; is no tag", "&lt;p&gt; is no tag"),
        ("<P CLASS='x'>Loud</P>", "Loud"),
    ],
)
def test_running_text_is_read(text: str, expected: str) -> None:
    assert without_html(text) == expected


def test_a_headline_has_no_tags() -> None:
    assert headline("<p>Creates a new customer object.</p>") == ("Creates a new customer object.", "")


def test_what_an_entity_hides_is_not_printed() -> None:
    assert printable("<p>red &#27;[31m</p>") == "red [31m"


@given(st.text(alphabet="<>/ab p=\"'&;#\n", max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(without_html(text), str)
