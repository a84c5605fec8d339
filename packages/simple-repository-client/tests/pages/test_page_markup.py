"""HTML as it is found: in all the forms that browsers read."""

from __future__ import annotations

import pytest
from simple_repository_client.pages import Answer, ProjectPage, UnreadablePageError, read_project_page

URL = "https://index.example/simple/foo/"


def page_of(body: str | bytes, content_type: str = "text/html", url: str = URL) -> ProjectPage:
    return read_project_page(Answer(body if isinstance(body, bytes) else body.encode(), content_type, url))


@pytest.mark.parametrize(
    "body",
    [
        '<a href="foo-1.zip" data-requires-python="&gt;=3">foo-1.zip</a>',
        '<A HREF="foo-1.zip" DATA-Requires-Python="&gt;=3">foo-1.zip</A>',
        "<a href=foo-1.zip data-requires-python=&gt;=3>foo-1.zip</a>",
        "<a href='foo-1.zip' data-requires-python='>=3'>foo-1.zip</a>",
        '<a\n  href = "foo-1.zip"\tdata-requires-python\n="&#62;&#x3D;3" >foo-1.zip</a >',
        '<a href="foo-1.zip" data-requires-python="&gt;=3" href="other-1.zip">foo-1.zip</a>',
        '<a href="foo-1.zip" data-requires-python="&gt;=3">foo-1.zip',
        '<a href="foo-1.zip" data-requires-python="&gt;=3">foo-1.zip<p>',
        '<a href="foo-1.zip" data-requires-python="&gt;=3"><b>foo</b>-<i>1</i>.zip</a>',
        '<a href="foo-1.zip" data-requires-python="&gt;=3"><!-- x -->foo-<!-- y -->1.zip</a>',
        '<a href="foo-1.zip" data-requires-python="&gt;=3">foo&#45;1.zip</a>',
        '<table><tr><td><a href="foo-1.zip" data-requires-python="&gt;=3">foo-1.zip</a></table>',
        '<form><ul><li><a href="foo-1.zip" data-requires-python="&gt;=3">foo-1.zip</a></ul>',
        '</div></a><a href="foo-1.zip" data-requires-python="&gt;=3">foo-1.zip</a></span>',
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><a href="foo-1.zip" data-requires-python="&gt;=3">foo-1.zip</a></body></html>',
        '<!-- <a href="no-1.zip">no</a> --><a href="foo-1.zip" data-requires-python="&gt;=3">foo-1.zip</a>',
        '<script>"<a href=no-1.zip>"</script><style>a{}</style><a href="foo-1.zip" data-requires-python="&gt;=3">foo-1.zip</a>',
        '<title><a href="no-1.zip">no</a></title><a href="foo-1.zip" data-requires-python="&gt;=3">foo-1.zip</a>',
        '<textarea><a href="no-1.zip">no</a></textarea><a href="foo-1.zip" data-requires-python="&gt;=3">foo-1.zip</a>',
    ],
    ids=[
        "as it should be", "upper case", "no quotes", "single quotes", "white space and numbers", "twice: the first counts",
        "not closed", "not closed, and more", "markup in the text", "comments in the text", "entity in the text",
        "in a table", "in a form and a list", "closed too often", "XHTML", "commented out", "in a script", "in the title",
        "in a text area",
    ],
)  # fmt: skip
def test_a_link_in_any_form_is_the_same_file(body: str) -> None:
    (file,) = page_of(body).files
    assert file.url == f"{URL}foo-1.zip"
    assert file.filename == "foo-1.zip"
    assert file.requires_python == ">=3"
    assert file.findings == ()


def test_a_link_that_is_not_closed_ends_at_the_next_one() -> None:
    files = page_of("<a href=foo-1.zip>foo-1.zip<br>\n<a href=foo-2.zip>foo-2.zip<br>\n").files
    assert [file.filename for file in files] == ["foo-1.zip", "foo-2.zip"]


def test_a_link_in_a_link_ends_the_outer_one() -> None:
    files = page_of("<a href=foo-1.zip>foo-1.zip<div><b><a href=foo-2.zip>foo-2.zip</a></b> by x</div></a>").files
    assert [file.filename for file in files] == ["foo-1.zip", "foo-2.zip"]
    assert all(not file.findings for file in files)


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ('<base href="https://cdn.example/f/">', "https://cdn.example/f/foo-1.zip"),
        ('<base href="../../f/">', "https://index.example/f/foo-1.zip"),
        ('<base target="x"><base href="/a/"><base href="/b/">', "https://index.example/a/foo-1.zip"),
        ('<BASE HREF="/a/"/>', "https://index.example/a/foo-1.zip"),
    ],
    ids=["absolute", "relative to the page", "the first that has an address", "upper case"],
)
def test_a_base_counts(base: str, url: str) -> None:
    page = page_of(f"<head>{base}</head><a href=foo-1.zip>foo-1.zip</a>")
    assert page.files[0].url == url
    assert page.url == URL
    assert page.findings == ()


@pytest.mark.parametrize("base", ["javascript:x", "data:text/html,x", "file:///etc/", "//[x"])
def test_a_base_that_is_not_on_the_web_does_not_count(base: str) -> None:
    page = page_of(f"<base href='{base}'><a href=foo-1.zip>foo-1.zip</a>")
    assert page.files[0].url == f"{URL}foo-1.zip"
    assert [str(found) for found in page.findings] == [
        f"<base>: has the address {base!r}, which is none of http or https; not used (PEP 503)"
    ]


WORD = "Grüße"
LINK = f"<a href=foo-1.zip data-yanked={WORD}>foo-1.zip</a>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (LINK.encode(), "text/html"),
        (LINK.encode(), "text/html; charset=utf-8"),
        (LINK.encode(), 'text/html; charset="UTF-8"'),
        (LINK.encode("latin-1"), "text/html; charset=iso-8859-1"),
        (LINK.encode("cp1252"), "text/html;Charset=Windows-1252"),
        (b"\xef\xbb\xbf" + LINK.encode(), "text/html; charset=iso-8859-1"),
        (LINK.encode("utf-16"), "text/html; charset=utf-8"),
        (b"\xfe\xff" + LINK.encode("utf-16-be"), "text/html"),
        (b'<meta charset="latin-1">' + LINK.encode("latin-1"), "text/html"),
        (b"<meta charset=koi8-r>" + LINK.encode(), "text/html; charset=utf-8"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">' + LINK.encode("latin-1"), "text/html"),
        (b"<meta charset=utf-16>" + LINK.encode(), "text/html"),
    ],
    ids=[
        "UTF-8 where nothing is said", "said", "said in quotes", "latin-1", "cp1252", "a mark wins", "UTF-16 by its mark",
        "its other order", "meta", "the header wins over it", "http-equiv", "a meta that can be read is not in UTF-16",
    ],
)  # fmt: skip
def test_the_charset_is_found(body: bytes, content_type: str) -> None:
    page = page_of(body, content_type)
    assert page.files[0].yanked_reason == WORD
    assert page.findings == ()


@pytest.mark.parametrize("charset", ["klingon", "rot13", "unicode_escape", "idna", "utf-7", "hex", "undefined", "\0"])
def test_a_charset_that_is_unknown_is_told_and_utf_8_taken(charset: str) -> None:
    page = page_of(LINK, f"text/html; charset={charset}")
    assert page.files[0].yanked_reason == WORD
    assert [str(found) for found in page.findings] == [
        f"Content-Type: names the charset {charset!r}, which is unknown; read as if it named none (HTML)"
    ]


def test_bytes_that_are_no_text_are_replaced_and_told() -> None:
    page = page_of(LINK.encode("latin-1") + b"<a href=foo-2.zip>foo-2.zip</a>")
    assert page.files[0].yanked_reason == "Gr��e"
    assert page.files[1].filename == "foo-2.zip"
    assert [str(found) for found in page.findings] == ["the page: has bytes that are not utf-8; each reads as � (HTML)"]


def test_a_letter_that_is_split_between_pieces_is_whole() -> None:
    filler = " " * (65_536 - len("<a href=foo-1.zip data-yanked=Gr") - 1)
    assert page_of(f"{filler}{LINK}").files[0].yanked_reason == WORD


def test_a_comment_is_no_page_and_an_empty_one_is_none() -> None:
    assert len(page_of("<!-- nothing yet -->").files) == 0
    assert len(page_of("<html></html>").files) == 0
    assert len(page_of("plain words").files) == 0


@pytest.mark.parametrize("body", ["", " \n ", "\ufeff"])
def test_an_empty_body_is_an_error(body: str) -> None:
    with pytest.raises(UnreadablePageError, match="the body is empty; check that the URL is that of an index"):
        page_of(body)


@pytest.mark.parametrize("body", ['{"meta": {}}', "\n[]"])
def test_json_that_is_said_to_be_html_is_an_error(body: str) -> None:
    with pytest.raises(
        UnreadablePageError, match="the body is JSON, and is said to be HTML; tell whoever runs the index"
    ):
        page_of(body)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (URL, "foo"),
        ("https://x.example/simple/Foo.Bar", "foo-bar"),
        ("https://x.example/simple/foo/?format=html", "foo"),
    ],
)
def test_without_a_name_the_url_says_it(url: str, name: str) -> None:
    assert page_of("<html>", url=url).name == name


def test_what_the_parser_gives_up_is_an_error_and_not_half_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page that we know does that to libxml2; one of its releases may find one."""

    class Tired:
        def feed(self, data: str) -> None:
            raise SyntaxError("Excessive depth in document")

    monkeypatch.setattr("lxml.etree.HTMLParser", lambda **_settings: Tired())
    with pytest.raises(
        UnreadablePageError, match="the body cannot be read as HTML: Excessive depth in document; check"
    ):
        page_of("<html>")
