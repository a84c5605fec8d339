"""Every field of a project page in JSON, under every name that it has had."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from clientsmith.core.errors import ArgumentError
from packaging.version import InvalidVersion, Version
from simple_repository_client.pages import (
    Answer,
    ProjectStatus,
    UnreadablePageError,
    read_project_page,
)
from written_pages import HASH, JSON, SHA, URL, WHEEL, json_file, json_page

# --- JSON: a file ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "attribute", "value"),
    [
        ({}, "hashes", {}),
        ({"hashes": {"sha256": SHA}}, "hashes", {"sha256": SHA}),
        ({"hashes": {"SHA256": SHA.upper()}}, "hashes", {"sha256": SHA}),
        ({}, "requires_python", None),
        ({"requires_python": ">=3.9"}, "requires_python", ">=3.9"),
        ({"requires_python": ""}, "requires_python", None),
        ({"requires_python": None}, "requires_python", None),
        ({}, "gpg_sig", None),
        ({"gpg_sig": True}, "gpg_sig", True),
        ({"gpg_sig": False}, "gpg_sig", False),
        ({}, "size", None),
        ({"size": 0}, "size", 0),
        ({"size": 2**40}, "size", 2**40),
        ({}, "upload_time", None),
        ({"upload_time": "2026-11-21T08:00:00Z"}, "upload_time", datetime(2026, 11, 21, 8, tzinfo=UTC)),
        (
            {"upload_time": "2026-11-21T08:00:00.5Z"},
            "upload_time",
            datetime(2026, 11, 21, 8, 0, 0, 500_000, tzinfo=UTC),
        ),
        ({"upload_time": "2026-11-21T08:00:00.000001Z"}, "upload_time", datetime(2026, 11, 21, 8, 0, 0, 1, tzinfo=UTC)),
        ({}, "provenance", None),
        ({"provenance": None}, "provenance", None),
        ({"provenance": "https://index.example/p"}, "provenance", "https://index.example/p"),
        ({"url": "../../files/x.whl"}, "url", "https://index.example/files/x.whl"),
        ({"url": "//cdn.example/x.whl"}, "url", "https://cdn.example/x.whl"),
        ({"url": "https://cdn.example/x.whl#sha256=abc"}, "url", "https://cdn.example/x.whl"),
        ({"url": " https://cdn.example/x.whl\n"}, "url", "https://cdn.example/x.whl"),
        ({"url": "https://cdn.example/a\n\tb.whl"}, "url", "https://cdn.example/ab.whl"),
        ({"url": "/a b/ü.whl"}, "url", "https://index.example/a%20b/%C3%BC.whl"),
        ({"url": "/a%20b%2Fc.whl?sig=%2F"}, "url", "https://index.example/a%20b%2Fc.whl?sig=%2F"),
    ],
    ids=lambda value: json.dumps(value, default=str)[:50],
)
def test_a_field_in_json(fields: dict[str, Any], attribute: str, value: object) -> None:
    file = json_file(**fields)
    assert getattr(file, attribute) == value
    assert file.findings == ()


@pytest.mark.parametrize(
    ("said", "is_yanked", "reason"),
    [
        ({}, False, ""),
        ({"yanked": False}, False, ""),
        ({"yanked": None}, False, ""),
        ({"yanked": True}, True, ""),
        ({"yanked": "broken"}, True, "broken"),
        ({"yanked": ""}, False, ""),
    ],
    ids=["absent", "false", "null", "true", "reason", "the empty text is false, as PEP 691 has it"],
)
def test_yanked_in_json(said: dict[str, Any], is_yanked: bool, reason: str) -> None:
    file = json_file(**said)
    assert (file.yanked, file.yanked_reason) == (is_yanked, reason)


@pytest.mark.parametrize(
    ("fields", "value", "is_there"),
    [
        ({}, None, False),
        ({"core-metadata": True}, True, True),
        ({"core-metadata": False}, False, False),
        ({"core-metadata": HASH}, HASH, True),
        ({"core-metadata": {}}, {}, True),
        ({"dist-info-metadata": HASH}, HASH, True),
        ({"data-dist-info-metadata": HASH}, HASH, True),
        ({"core-metadata": False, "dist-info-metadata": HASH}, False, False),
        ({"core-metadata": True, "data-dist-info-metadata": False}, True, True),
        ({"dist-info-metadata": True, "data-dist-info-metadata": False}, True, True),
        ({"core-metadata": None, "data-dist-info-metadata": True}, True, True),
    ],
    ids=[
        "absent", "true", "false", "hashes", "no hashes, yet there", "PEP 658's name", "what warehouse sends",
        "the newest name wins", "over the oldest too", "the middle one wins over the oldest", "null is absent",
    ],
)  # fmt: skip
def test_core_metadata_in_json(fields: dict[str, Any], value: object, is_there: bool) -> None:
    file = json_file(url="https://cdn.example/foo.whl?sig=1", **fields)
    assert file.core_metadata == value
    assert file.has_metadata is is_there
    assert file.metadata_url == ("https://cdn.example/foo.whl.metadata?sig=1" if is_there else None)
    assert file.metadata_hashes == (value if isinstance(value, dict) else {})
    assert file.findings == ()


@pytest.mark.parametrize(
    ("fields", "attribute", "value", "said"),
    [
        ({"hashes": "sha256=abc"}, "hashes", {}, "hashes is 'sha256=abc', not an object of hashes; taken as not given (PEP 691)"),
        ({"hashes": None}, "hashes", {}, "hashes is missing; the file cannot be verified (PEP 691)"),
        ({"hashes": {"md5": 1, "sha256": SHA}}, "hashes", HASH, "hashes.md5 is 1, not a text of hexadecimal digits; taken as not given (PEP 691)"),
        ({"requires_python": 3}, "requires_python", None, "requires-python is 3, not a text; taken as not given (PEP 691)"),
        ({"core_metadata": "yes"}, "core_metadata", None, "core-metadata is 'yes', not true, false or an object of hashes; taken as not given (PEP 714)"),
        ({"gpg_sig": "yes"}, "gpg_sig", None, "gpg-sig is 'yes', not true or false; taken as not given (PEP 691)"),
        ({"yanked": 1}, "yanked", True, "yanked is 1, neither true, false nor a text; read as True (PEP 691)"),
        ({"yanked": []}, "yanked", False, "yanked is [], neither true, false nor a text; read as False (PEP 691)"),
        ({"size": -1}, "size", None, "size is -1, not a number of bytes; taken as not given (PEP 700)"),
        ({"size": True}, "size", None, "size is True, not a number of bytes; taken as not given (PEP 700)"),
        ({"size": "12"}, "size", None, "size is '12', not a number of bytes; taken as not given (PEP 700)"),
        ({"upload_time": "soon"}, "upload_time", None, "upload-time is 'soon', not a time such as 2026-11-21T08:00:00.123456Z; taken as not given (PEP 700)"),
        ({"upload_time": 1763712000}, "upload_time", None, "upload-time is 1763712000, not a time such as 2026-11-21T08:00:00.123456Z; taken as not given (PEP 700)"),
        ({"upload_time": "0001-01-01T00:00:00+05:00"}, "upload_time", None, "upload-time is '0001-01-01T00:00:00+05:00', not a time such as 2026-11-21T08:00:00.123456Z; taken as not given (PEP 700)"),
        ({"upload_time": "2026-11-21T08:00:00"}, "upload_time", datetime(2026, 11, 21, 8, tzinfo=UTC), "upload-time is '2026-11-21T08:00:00', not a time such as 2026-11-21T08:00:00.123456Z; read as 2026-11-21T08:00:00.000000Z (PEP 700)"),
        ({"upload_time": "2026-11-21T08:00:00+02:00"}, "upload_time", datetime(2026, 11, 21, 6, tzinfo=UTC), "upload-time is '2026-11-21T08:00:00+02:00', not a time such as 2026-11-21T08:00:00.123456Z; read as 2026-11-21T06:00:00.000000Z (PEP 700)"),
        ({"provenance": 1}, "provenance", None, "provenance is 1, not a URL of http or https; taken as not given (PEP 740)"),
        ({"provenance": "//[p"}, "provenance", None, "provenance is '//[p', not a URL of http or https; taken as not given (PEP 740)"),
        ({"provenance": "file:///p"}, "provenance", None, "provenance is 'file:///p', not a URL of http or https; taken as not given (PEP 740)"),
        ({"requires_python": ">=3.6.*"}, "python_specifier", None, "requires-python is '>=3.6.*', which cannot be read; it forbids nothing (PEP 440)"),
        ({"url": "//[x"}, "url", "//[x", "url is '//[x', which is no URL: Invalid IPv6 URL (RFC 3986)"),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong_is_told_and_the_rest_is_kept(
    fields: dict[str, Any], attribute: str, value: object, said: str
) -> None:
    file = json_file(**fields)
    assert getattr(file, attribute) == value
    assert str(file.findings[0]) == f"{WHEEL}: {said}"
    assert file.filename == WHEEL
    assert file.version == Version("1.0")


@pytest.mark.parametrize(
    ("filename", "said"),
    [(None, "None"), ("", "''"), (1, "1")],
)
def test_a_file_without_a_name_has_that_of_its_url(filename: object, said: str) -> None:
    (file,) = json_page({"files": [{"filename": filename, "url": f"/files/{WHEEL}?a=b", "hashes": {}}]}).files
    assert file.filename == WHEEL
    assert [str(found) for found in file.findings] == [
        f"{WHEEL}: filename is {said}, not a name; taken from the URL (PEP 691)"
    ]


def test_what_is_no_file_is_left_out_and_told() -> None:
    page = json_page(
        {"files": [None, {"filename": "a-1.zip"}, {"filename": "foo-1.zip", "url": "/foo-1.zip", "hashes": {}}]}
    )
    assert [file.filename for file in page.files] == ["foo-1.zip"]
    assert [str(found) for found in page.findings] == [
        "files[0]: is None, not an object; left out (PEP 691)",
        "files[1].url: is None, not a URL; the file is left out (PEP 691)",
    ]


def test_unknown_keys_are_ignored_and_can_be_reached() -> None:
    page = json_page(
        {
            "_secret": 1,
            "new": [2],
            "meta": {"api-version": "1.4", "_last-serial": 7, "_x": 3},
            "files": [{"url": WHEEL, "filename": WHEEL, "hashes": {}, "_own": 4}],
        }
    )
    assert page.last_serial == 7
    assert page.private == {"_secret": 1, "_last-serial": 7, "_x": 3}
    assert page.raw["new"] == [2]
    assert page.files[0].raw["_own"] == 4
    assert page.findings == ()


# --- JSON: the page --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "status", "reason"),
    [
        ({}, ProjectStatus.ACTIVE, ""),
        ({"project-status": {}}, ProjectStatus.ACTIVE, ""),
        ({"project-status": {"status": "archived"}}, ProjectStatus.ARCHIVED, ""),
        ({"project-status": {"status": "quarantined", "reason": "malware"}}, ProjectStatus.QUARANTINED, "malware"),
        ({"project-status": {"status": "deprecated", "reason": None}}, ProjectStatus.DEPRECATED, ""),
    ],
)
def test_project_status_in_json(said: dict[str, Any], status: ProjectStatus, reason: str) -> None:
    page = json_page(said)
    assert (page.status, page.status_reason) == (status, reason)
    assert page.findings == ()


@pytest.mark.parametrize(
    ("said", "status", "finding"),
    [
        ("archived", "active", "project-status: is 'archived', not an object; taken as not given (PEP 792)"),
        ({"status": 1}, "active", "project-status.status: is 1, not a text; taken as not given (PEP 792)"),
        (
            {"status": "dormant"},
            "dormant",
            "project-status.status: is 'dormant', which this client does not know; kept as it is (PEP 792)",
        ),
    ],
)
def test_a_status_that_is_wrong_is_told(said: object, status: str, finding: str) -> None:
    page = json_page({"project-status": said})
    assert page.status == status
    assert [str(found) for found in page.findings] == [finding]


def test_a_quarantined_project_that_offers_files_is_told() -> None:
    page = json_page(
        {"project-status": {"status": "quarantined"}, "files": [{"url": WHEEL, "filename": WHEEL, "hashes": {}}]}
    )
    assert [str(found) for found in page.findings] == [
        "files: the project is quarantined, and 1 files are offered nevertheless (PEP 792)"
    ]


def test_versions_are_those_that_the_page_lists() -> None:
    page = json_page({"versions": ["1.10", "1.9", "1.0rc1", "odd one"]})
    assert page.said_versions == ("1.10", "1.9", "1.0rc1", "odd one")
    assert [str(version) for version in page.versions] == ["1.0rc1", "1.9", "1.10"]
    assert [str(found) for found in page.findings] == ["versions: 'odd one' is not a version; left out (PEP 440)"]


@pytest.mark.parametrize(
    ("said", "versions", "finding"),
    [
        ("1.0", None, "versions: is '1.0', not a list; taken as not given (PEP 700)"),
        (["1.0", 2], ("1.0",), "versions: has values that are no texts; they are left out (PEP 700)"),
    ],
)
def test_versions_that_are_wrong_are_told(said: object, versions: tuple[str, ...] | None, finding: str) -> None:
    page = json_page({"versions": said})
    assert page.said_versions == versions
    assert [str(found) for found in page.findings] == [finding]


def test_versions_are_read_from_the_files_where_the_page_lists_none() -> None:
    files = [
        {"url": name, "filename": name, "hashes": {}} for name in ("foo-1.10.zip", WHEEL, "foo-1.0.tar.gz", "foo.exe")
    ]
    page = json_page({"files": files})
    assert [str(version) for version in page.versions] == ["1.0", "1.10"]
    assert [file.filename for file in page.files_of("1.0.0")] == [WHEEL, "foo-1.0.tar.gz"]
    assert page.files_of(Version("2.0")) == ()
    with pytest.raises(InvalidVersion):
        page.files_of("newest")


def test_tracks_and_alternate_locations_are_read() -> None:
    page = json_page(
        {
            "meta": {"api-version": "1.2", "tracks": ["https://a.example/foo/"]},
            "alternate-locations": ["https://b.example/foo/"],
        }
    )
    assert page.tracks == ("https://a.example/foo/",)
    assert page.alternate_locations == ("https://b.example/foo/",)


@pytest.mark.parametrize("said", ["Foo", "foo", "FOO"])
def test_the_name_is_normalized(said: str) -> None:
    page = json_page({"name": said})
    assert page.name == "foo"
    assert page.findings == ()


@pytest.mark.parametrize(("said", "shown"), [("bar", "'bar'"), (None, "None")])
def test_a_page_that_says_another_name_is_told(said: object, shown: str) -> None:
    page = json_page({"name": said})
    assert page.name == "foo"
    assert [str(found) for found in page.findings] == [
        f"name: is {shown}, and 'foo' was asked for; the page is read as that (PEP 691)"
    ]


@pytest.mark.parametrize(
    ("said", "serial"), [(12, 12), ("12", 12), (None, None), (True, None), ("x", None), (1.5, None)]
)
def test_the_last_serial_is_a_number(said: object, serial: int | None) -> None:
    assert json_page({"meta": {"api-version": "1.4", "_last-serial": said}}).last_serial == serial


# --- what is no page -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "why", "advice"),
    [
        (b"", "the body is not JSON in UTF-8: Expecting value", "check that the URL is that of an index"),
        (b"<html>", "the body is not JSON in UTF-8: Expecting value", "check that the URL is that of an index"),
        (b'{"name": "foo"', "the body is not JSON in UTF-8: Expecting ',' delimiter", "check that the URL is that of an index"),
        ('{"name": "foo"}'.encode("utf-16"), "the body is not JSON in UTF-8: ", "check that the URL is that of an index"),
        (b"[]", "the body is a JSON array, not the object that a page is", "check that the URL is that of an index"),
        (b"1", "the body is a JSON number, not the object that a page is", "check that the URL is that of an index"),
        (b"true", "the body is a JSON boolean, not the object that a page is", "check that the URL is that of an index"),
        (b'{"message": "no such page"}', "the body has no list of files: `files` is missing", "check that the URL is that of an index"),
        (b'{"name": "foo", "files": null}', "the body has no list of files: `files` is missing", "check that the URL is that of an index"),
        (b'{"name": "foo", "files": {"a": 1}}', "the body has no list of files: `files` is {'a': 1}", "check that the URL is that of an index"),
        (b'{"projects": []}', "the body is the list of projects", "ask for the page of a project: add its name to the URL"),
    ],
)  # fmt: skip
def test_what_is_no_project_page_is_an_error(body: bytes, why: str, advice: str) -> None:
    with pytest.raises(UnreadablePageError) as caught:
        read_project_page(Answer(body, JSON, "https://me:secret@index.example/simple/foo/?token=secret"))
    error = caught.value
    assert error.why.startswith(why)
    assert error.advice.startswith(advice)
    assert str(error) == f"https://index.example/simple/foo/?token=*** ({JSON}): {error.why}; {error.advice}"
    assert "secret" not in repr(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_byte_order_mark_does_not_matter() -> None:
    page = read_project_page(Answer(b'\xef\xbb\xbf{"name": "foo", "files": [], "meta": {}}', JSON, URL))
    assert page.name == "foo"


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"'\.\./etc' is not the name of a project"):
        read_project_page(Answer(b"{}", JSON, URL), name="../etc")


def test_an_answer_shows_no_body_and_no_secret() -> None:
    answer = Answer(b"secret", JSON, "https://me:secret@index.example/simple/?token=secret")
    assert repr(answer) == f"<Answer: 6 bytes of {JSON} from https://index.example/simple/?token=***>"
