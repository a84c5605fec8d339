"""The views that rules judge keep what was sent, whatever it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simple_repository_client.conformance import RULES
from simple_repository_client.conformance.answers import Answer
from simple_repository_client.conformance.pages import (
    HtmlFile,
    HtmlPage,
    HtmlProject,
    JsonFile,
    JsonPage,
    JsonProject,
    version_of,
)


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("1.0", (1, 0)),
        ("1.10", (1, 10)),
        ("2.0", (2, 0)),
        ("1", None),
        ("1.4.2", None),
        ("v1.0", None),
        ("1.0rc1", None),
        ("1.-0", None),
        (" 1.0", None),
        ("١.٠", None),
        ("1." + "9" * 5000, None),
        (1.0, None),
        (None, None),
    ],
)
def test_a_version_is_two_numbers_or_none(said: object, version: tuple[int, int] | None) -> None:
    assert version_of(said) == version


def test_links_keep_the_text_of_their_tags() -> None:
    page = HtmlPage(
        """<base href="/files/"><A HREF="a.whl" data-requires-python='>=3'> a.whl <b>x</b></A><a>none</a>"""
    )
    [anchor] = page.anchors
    assert anchor.source == """<A HREF="a.whl" data-requires-python='>=3'>"""
    assert anchor.text == "a.whl x"
    assert page.base == "https://index.example/files/"


@pytest.mark.parametrize(
    "odd", ["<![unheard of[x]]>", "<![", "<!x", "<?php ?>", "<!-- a", "</", "<![CDATA[<b>]]>", "\0"]
)
def test_odd_html_hides_no_link_before_it(odd: str) -> None:
    assert [anchor.text for anchor in HtmlPage(f'<a href="a">a</a>{odd}').anchors] == ["a"]


def test_of_a_list_without_end_the_beginning_is_looked_at() -> None:
    """Up to the end of a link: half of one would be a fault that the index does not have."""
    body = b"".join(b'<a href="/simple/project-%d/">project-%d</a>\n' % (number, number) for number in range(100_000))
    page = HtmlPage.read(Answer(body=body), "the list")
    assert 40_000 < len(page.anchors) < 60_000
    _judge(page)
    assert all(not list(rule.breaches(page)) for rule in RULES if rule.id == "html-projects")


@pytest.mark.parametrize("odd", ["<![unheard of[x]]>", "<?php ?>", "<![CDATA[<b>]]>", "<!x>", "\0"])
def test_odd_html_hides_no_link_after_it(odd: str) -> None:
    assert [anchor.text for anchor in HtmlPage(f'{odd}<a href="a">a</a>').anchors] == ["a"]


@pytest.mark.parametrize("href", ["http://[", "//["])
def test_what_is_no_url_is_told_by_rules_and_breaks_none(href: str) -> None:
    file, entry = (
        HtmlFile.of(f'<a href="{href}" data-provenance="{href}">a</a>'),
        JsonFile({"url": href, "provenance": href}),
    )
    for subject in (file, entry, HtmlPage(f'<base href="{href}"><a href="{href}">a</a>')):
        _judge(subject)
    assert (file.url, file.filename, entry.url) == ("", "", "")


def test_a_link_that_is_never_closed_ends_where_the_next_begins() -> None:
    assert [anchor.text for anchor in HtmlPage('<a href="a">a<a href="b">b').anchors] == ["a", "b"]


@pytest.mark.parametrize(
    ("href", "found"),
    [
        ("../../files/a-1.whl#sha256=00", ("https://index.example/files/a-1.whl", "a-1.whl", ("sha256", "00"))),
        ("https://files.example/a%2B1.whl", ("https://files.example/a%2B1.whl", "a+1.whl", ("", ""))),
        ("a.whl#egg=a", ("https://index.example/simple/holygrail/a.whl", "a.whl", ("egg", "a"))),
    ],
)
def test_a_link_says_where_its_file_is(href: str, found: tuple[str, str, tuple[str, str]]) -> None:
    file = HtmlFile.of(f'<a href="{href}">a</a>')
    assert (file.url, file.filename, file.hash) == found


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'"x"', b"[" * 100_000, b"\xff\xfe", b'{"files": {}}'])
def test_what_is_no_page_has_no_files(body: bytes) -> None:
    page = JsonPage.read(Answer(body=body), "here", "holygrail")
    assert isinstance(page, JsonProject)
    assert page.files == []
    assert page.version == (1, 0)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["filename", "url", "hashes", "size", "upload-time", "yanked", "core-metadata", "requires-python", "provenance"]
FILES = st.lists(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=9) | JSON, max_size=3)
PAGES = st.fixed_dictionaries(
    {}, optional={"meta": JSON, "name": JSON, "files": FILES | JSON, "versions": JSON, "project-status": JSON}
)


@pytest.mark.parametrize("href", ["http://[", "http://[::1/foo.zip", "//[x/y", "x"])
def test_addresses_that_are_none_break_rules_and_no_rule(href: str) -> None:
    """Also where the page's base is none."""
    page = HtmlProject(f'<base href="http://[::1"><a href="{href}" data-yanked>a</a>')
    for subject in (page, *page.files):
        _judge(subject)
    assert [file.filename for file in page.files] == ["x" if href == "x" else ""]


@given(page=PAGES | JSON)
@settings(max_examples=150, deadline=None)
def test_no_json_makes_a_rule_fail(page: object) -> None:
    """A rule says what is wrong; it never raises, whatever an index sends."""
    view = JsonPage.read(Answer(body=json.dumps(page).encode()), "here", "holygrail")
    assert isinstance(view, JsonProject)
    for subject in (view, *view.files):
        _judge(subject)


@given(source=st.text(alphabet=st.sampled_from("<a href=\"#sha256=0'/>!-data&;é \n")), attributes=st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_no_html_makes_a_rule_fail(source: str, attributes: str) -> None:
    page = HtmlProject(f'{source}<a href="a.whl" {attributes}>a</a>')
    for subject in (page, *page.files):
        _judge(subject)


def _judge(subject: object) -> None:
    assert isinstance(subject, JsonPage | JsonFile | HtmlPage | HtmlFile)
    for rule in RULES:
        if isinstance(subject, rule.subject) and rule.applies(subject):
            assert all(isinstance(breach, str) for breach in rule.breaches(subject))
