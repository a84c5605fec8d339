"""Project pages as the tests write them, in JSON and HTML, and read again."""

from __future__ import annotations

import json
from html import escape
from typing import Any, Final

from simple_repository_client.pages import Answer, ProjectFile, ProjectPage, read_project_page

URL: Final = "https://index.example/simple/foo/"
JSON: Final = "application/vnd.pypi.simple.v1+json"
HTML: Final = "application/vnd.pypi.simple.v1+html"
WHEEL: Final = "foo-1.0-py3-none-any.whl"
SHA: Final = "a" * 64
HASH: Final = {"sha256": SHA}


def json_page(page: dict[str, Any], url: str = URL) -> ProjectPage:
    body = {"meta": {"api-version": "1.4"}, "name": "foo", "files": [], **page}
    return read_project_page(Answer(json.dumps(body).encode(), JSON, url), name="foo")


def json_file(**fields: Any) -> ProjectFile:
    """The file of a page in JSON; ``_`` in a name is ``-`` on the wire."""
    given = {name.replace("_", "-"): value for name, value in fields.items()}
    (file,) = json_page({"files": [{"filename": WHEEL, "url": WHEEL, "hashes": {}, **given}]}).files
    return file


def html_page(
    body: str, head: str = '<meta name="pypi:repository-version" content="1.4">', url: str = URL
) -> ProjectPage:
    return read_project_page(
        Answer(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode(), HTML, url)
    )


def html_file(href: str = WHEEL, text: str | None = None, **attributes: str) -> ProjectFile:
    """The file of a page in HTML; attributes without ``data-``."""
    given = "".join(f' data-{name.replace("_", "-")}="{escape(value)}"' for name, value in attributes.items())
    (file,) = html_page(f'<a href="{escape(href)}"{given}>{text or WHEEL}</a>').files
    return file
