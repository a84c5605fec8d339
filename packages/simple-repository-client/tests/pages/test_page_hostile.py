"""Pages that were made to hurt: they are read or refused, in time and memory that their size explains."""

from __future__ import annotations

import json
import time

import pytest
from simple_repository_client.pages import Answer, UnreadablePageError, read_project_list, read_project_page

URL = "https://index.example/simple/foo/"
JSON = "application/vnd.pypi.simple.v1+json"
LINK = "<a href=foo-1.zip>foo-1.zip</a>"

LAUGHS = "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("body", "files"),
    [
        (f'<!DOCTYPE lolz [<!ENTITY lol0 "lol">{LAUGHS}]><html><p>&lol9;</p>{LINK}</html>', 1),
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><html>&e;' + LINK, 1),
        ("<div>" * 100_000 + LINK, 1),
        ("<b>" * 50_000 + LINK, 1),
        ("<table>" * 20_000 + LINK, 1),
        ("<a href=foo-1.zip>" * 20_000, 20_000),
        (f'<p title="{"x" * 10_000_000}"></p>{LINK}', 1),
        (f"<a href='{'x' * 10_000_000}'>foo-2.zip</a>{LINK}", 2),
        (f"<a href=foo-2.zip>{'x' * 10_000_000}</a>{LINK}", 2),
        (f"<a href=foo-2.zip>{'&amp;' * 500_000}</a>{LINK}", 2),
        ("<a " + " ".join(f"a{n}=1" for n in range(20_000)) + " href=foo-2.zip>foo-2.zip</a>" + LINK, 2),
        ("<!--" * 500_000 + "-->" + LINK, 1),
        ("<!--" * 500_000, 0),
        ("<" * 1_000_000 + LINK, 1),
        ("<a href=" * 200_000, 0),
        ("&" * 1_000_000 + LINK, 1),
    ],
    ids=[
        "a billion laughs", "an entity from a file", "deep nesting", "deep formatting", "deep tables", "links in links",
        "a large attribute", "a large address", "a large text", "a text of entities", "many attributes", "comments in comments",
        "a comment without end", "only the beginnings of tags", "an attribute without end", "only the beginnings of entities",
    ],
)  # fmt: skip
def test_html_made_to_hurt_is_read_in_time(body: str, files: int) -> None:
    content = body.encode()
    began = time.process_time()
    page = read_project_page(Answer(content, "text/html", URL))
    read_project_list(Answer(content, "text/html", URL))
    assert time.process_time() - began < 5  # the slowest takes 0.4 s here; what grows with the square takes minutes
    assert len(page.files) == files


@pytest.mark.parametrize(
    "body",
    [
        "[" * 1_000_000,
        '{"a":' * 1_000_000,
        '{"meta": {"api-version": "1.0"}, "name": "foo", "files": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
    ids=["arrays", "objects", "in a page"],
)
def test_json_that_is_nested_too_deeply_is_an_error(body: str) -> None:
    for read in (read_project_page, read_project_list):
        with pytest.raises(UnreadablePageError, match="nested too deeply"):
            read(Answer(body.encode(), JSON, URL))


def test_a_number_without_end_is_an_error() -> None:
    body = '{"meta": {"api-version": "1.0"}, "name": "foo", "files": [], "projects": [], "x": ' + "9" * 1_000_000 + "}"
    for read in (read_project_page, read_project_list):
        with pytest.raises(UnreadablePageError, match="the body is not JSON in UTF-8"):
            read(Answer(body.encode(), JSON, URL))


@pytest.mark.parametrize(
    "filename", ["../../.profile", "/etc/passwd", "a\\b-1.zip", "foo-1.0.zip\n", "\x1b[2J", "\ud800", "x" * 100_000]
)
def test_a_file_name_made_to_hurt_is_only_a_text(filename: str) -> None:
    body = {"meta": {"api-version": "1.0"}, "name": "foo", "files": [{"filename": filename, "url": "x", "hashes": {}}]}
    page = read_project_page(Answer(json.dumps(body).encode(), JSON, URL))
    assert page.files[0].filename == filename
    assert page.files[0].url == f"{URL}x"
    assert page.findings


def test_versions_without_end_are_none() -> None:
    """Python refuses to read a number of more than 4300 digits, with a ValueError."""
    number = "1" * 5000
    file = {"filename": f"foo-{number}.zip", "url": "x", "hashes": {}, "requires-python": f">={number}"}
    body = {"meta": {"api-version": "1.1"}, "name": "foo", "files": [file], "versions": [number, "1.0"]}
    page = read_project_page(Answer(json.dumps(body).encode(), JSON, URL))
    assert [str(version) for version in page.versions] == ["1.0"]
    assert page.files[0].version is None
    assert page.files[0].supports_python("3.12")  # what cannot be read forbids nothing
    assert [found.source for found in page.findings] == ["PEP 440", "PEP 440", "PEP 427"]


def test_messages_are_short_and_on_one_line() -> None:
    file = {
        "filename": "foo-1.zip",
        "url": "x",
        "hashes": {},
        "size": "9\n" * 10_000,
        "requires-python": "\x1b" * 10_000,
    }
    body = {
        "meta": {"api-version": "1.0"},
        "name": "foo\n" * 1000,
        "files": [file],
        "project-status": {"status": "a\r\n" * 999},
    }
    page = read_project_page(Answer(json.dumps(body).encode(), JSON, URL))
    assert len(page.findings) == 4
    for found in page.findings:
        assert str(found).isprintable()
        assert len(str(found)) < 250
