"""Every field of a project page in HTML, under every name that it has had."""

from __future__ import annotations

import json

import pytest
from simple_repository_client.pages import (
    Answer,
    ProjectStatus,
    read_project_page,
)
from written_pages import HASH, HTML, SHA, URL, WHEEL, html_file, html_page

# --- HTML ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "attribute", "value"),
    [
        ({}, "hashes", {}),
        ({"href": f"{WHEEL}#sha256={SHA}"}, "hashes", HASH),
        ({"href": f"{WHEEL}#SHA256={SHA.upper()}"}, "hashes", HASH),
        ({"href": f"{WHEEL}#egg=foo&sha256={SHA}"}, "hashes", HASH),
        ({"href": f"{WHEEL}#sha256={SHA}&subdirectory=x"}, "hashes", HASH),
        ({"href": f"{WHEEL}#egg=foo"}, "hashes", {}),
        ({"href": f"{WHEEL}#md5=ab&sha256=cd"}, "hashes", {"md5": "ab", "sha256": "cd"}),
        ({"href": f"{WHEEL}#sha256={SHA}"}, "url", URL + WHEEL),
        ({"href": f"../../files/{WHEEL}#sha256={SHA}"}, "url", f"https://index.example/files/{WHEEL}"),
        ({"href": f"https://cdn.example/{WHEEL}?a=1&b=2"}, "url", f"https://cdn.example/{WHEEL}?a=1&b=2"),
        ({}, "requires_python", None),
        ({"requires_python": ">=3.9,<4"}, "requires_python", ">=3.9,<4"),
        ({"requires_python": ""}, "requires_python", None),
        ({}, "gpg_sig", None),
        ({"gpg_sig": "true"}, "gpg_sig", True),
        ({"gpg_sig": "false"}, "gpg_sig", False),
        ({}, "yanked", False),
        ({"yanked": ""}, "yanked", True),
        ({"yanked": ""}, "yanked_reason", ""),
        ({"yanked": "broken & bad"}, "yanked", True),
        ({"yanked": "broken & bad"}, "yanked_reason", "broken & bad"),
        ({}, "core_metadata", None),
        ({"core_metadata": "true"}, "core_metadata", True),
        ({"core_metadata": "false"}, "core_metadata", False),
        ({"core_metadata": f"sha256={SHA}"}, "core_metadata", HASH),
        ({"dist_info_metadata": f"sha256={SHA}"}, "core_metadata", HASH),
        ({"core_metadata": "true", "dist_info_metadata": f"sha256={SHA}"}, "core_metadata", True),
        ({"core_metadata": "true"}, "metadata_url", f"{URL}{WHEEL}.metadata"),
        ({"gpg_sig": "true"}, "signature_url", f"{URL}{WHEEL}.asc"),
        ({}, "signature_url", None),
        ({}, "provenance", None),
        ({"provenance": "https://index.example/p"}, "provenance", "https://index.example/p"),
        ({"provenance": "/p"}, "provenance", "https://index.example/p"),
        ({}, "size", None),
        ({}, "upload_time", None),
    ],
    ids=lambda value: json.dumps(value, default=str)[:50],
)  # fmt: skip
def test_a_field_in_html(given: dict[str, str], attribute: str, value: object) -> None:
    file = html_file(**given)
    assert getattr(file, attribute) == value
    assert file.filename == WHEEL
    assert file.findings == ()


@pytest.mark.parametrize(
    ("given", "attribute", "value", "said"),
    [
        ({"gpg_sig": "1"}, "gpg_sig", None, "data-gpg-sig is '1', not true or false; taken as not given (PEP 503)"),
        ({"core_metadata": "yes"}, "core_metadata", None, "data-core-metadata is 'yes', not true, or a hash such as sha256=…; taken as not given (PEP 714)"),
        ({"core_metadata": "", "dist_info_metadata": "true"}, "core_metadata", True, "data-core-metadata is '', not true, or a hash such as sha256=…; taken as not given (PEP 714)"),
        ({"provenance": "javascript:x"}, "provenance", None, "data-provenance is 'javascript:x', not a URL of http or https; taken as not given (PEP 740)"),
        ({"requires_python": "3"}, "requires_python", "3", "requires-python is '3', which cannot be read; it forbids nothing (PEP 440)"),
    ],
)  # fmt: skip
def test_an_attribute_that_is_wrong_is_told_and_the_rest_is_kept(
    given: dict[str, str], attribute: str, value: object, said: str
) -> None:
    file = html_file(**given)
    assert getattr(file, attribute) == value
    assert [str(found) for found in file.findings] == [f"{WHEEL}: {said}"]


def test_the_metas_of_a_page() -> None:
    head = """
        <meta name="pypi:repository-version" content="1.4">
        <meta name="pypi:project-status" content="archived"><meta name="pypi:project-status-reason" content="done &amp; over">
        <meta name="pypi:tracks" content="https://a.example/foo/"><meta name="pypi:tracks" content="https://b.example/foo/">
        <meta name="pypi:alternate-locations" content="https://c.example/foo/"><meta name="pypi:new" content="x">
        <meta name="generator" content="y"><meta charset="utf-8">"""
    page = html_page("", head)
    assert (page.said_version, str(page.api_version)) == ("1.4", "1.4")
    assert (page.status, page.status_reason) == (ProjectStatus.ARCHIVED, "done & over")
    assert page.tracks == ("https://a.example/foo/", "https://b.example/foo/")
    assert page.alternate_locations == ("https://c.example/foo/",)
    assert page.raw["pypi:new"] == ["x"]
    assert page.said_versions is None
    assert page.name == "foo"
    assert page.findings == ()


@pytest.mark.parametrize(
    ("href", "text", "filename", "is_told"),
    [
        (f"/f/{WHEEL}#sha256=a", WHEEL, WHEEL, False),
        ("/f/foo-1.0%2Blocal.tar.gz", "foo-1.0+local.tar.gz", "foo-1.0+local.tar.gz", False),
        (f"/f/{WHEEL}", f"\n {WHEEL} ", WHEEL, False),
        (f"/f/{WHEEL}", f"{WHEEL} (12 kB)", WHEEL, True),
        (f"/f/{WHEEL}", "foo-2.0-py3-none-any.whl", WHEEL, True),
        ("/download?id=5", WHEEL, WHEEL, True),
        ("/f/foo-1.0.egg", "Foo 1.0", "Foo 1.0", True),
        (f"/f/{WHEEL}", "", WHEEL, True),
    ],
    ids=["both", "quoted", "white space", "address", "address first", "text", "neither: the text", "no text"],
)
def test_the_name_of_a_file_in_html(href: str, text: str, filename: str, is_told: bool) -> None:
    """Text and address should agree; where they do not, the one counts that is the name of a distribution."""
    (file,) = html_page(f'<a href="{href}">{text}</a>').files
    assert file.filename == filename
    assert any("and its address ends with" in found.message for found in file.findings) is is_told


def test_links_that_are_no_files_are_left_out_and_told() -> None:
    page = html_page(
        f'<a href="../">Parent</a><a name="top">x</a><a href="?C=N;O=D">Name</a><a href="{WHEEL}">{WHEEL}</a>'
    )
    assert [file.filename for file in page.files] == [WHEEL]
    assert [str(found) for found in page.findings] == [
        "<a>: leads to '../', which is no file; left out (PEP 503)",
        "<a>: leads to '?C=N;O=D', which is no file; left out (PEP 503)",
    ]


def test_warehouse_writes_the_serial_into_a_comment() -> None:
    page = read_project_page(Answer(b"<html><body><a href='x'>x</a></body></html>\n<!--SERIAL 123-->", HTML, URL))
    assert page.last_serial == 123
