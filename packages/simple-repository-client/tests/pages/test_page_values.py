"""Pages and files as values: what they tell, and that they are equal, pickled, lazy."""

from __future__ import annotations

import copy
import pickle

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version
from simple_repository_client.names import FileKind
from simple_repository_client.pages import (
    ProjectFile,
    ProjectPage,
)
from written_pages import HASH, WHEEL, html_page, json_file, json_page

# --- files as values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("requirement", "version", "is_for_it"),
    [
        (None, "2.7", True),
        (">=3.9", "3.12", True),
        (">=3.9", "3.8", False),
        (">=3.9", "3.14.0rc1", True),
        (">=3.6.*", "2.7", True),
    ],
    ids=["none", "above", "below", "pre-releases count", "unreadable: forbids nothing"],
)
def test_which_python_a_file_is_for(requirement: str | None, version: str, is_for_it: bool) -> None:
    file = json_file(requires_python=requirement)
    assert file.supports_python(version) is is_for_it
    assert file.supports_python(Version(version)) is is_for_it


def test_what_is_no_version_of_python_is_an_error() -> None:
    with pytest.raises(InvalidVersion):
        json_file().supports_python("snake")


def test_the_requirement_can_be_asked() -> None:
    assert json_file(requires_python=">=3.9").python_specifier == SpecifierSet(">=3.9")
    assert json_file().python_specifier is None


def test_a_file_tells_what_its_name_tells() -> None:
    file = json_file()
    assert (file.kind, file.version) == (FileKind.WHEEL, Version("1.0"))
    assert [str(tag) for tag in file.tags] == ["py3-none-any"]


def test_a_file_of_another_project_is_no_version_of_this_one() -> None:
    (file,) = json_page({"files": [{"filename": "bar-1.0-py3-none-any.whl", "url": "x", "hashes": {}}]}).files
    assert file.version is None
    assert [str(found) for found in file.findings] == [
        "bar-1.0-py3-none-any.whl: its name tells no version of foo (PEP 427)"
    ]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://a.example/x",
        "data:,x",
        "http://",
        "https:///x",
        "http://[x",
        "http://a:b/",
        "http://a b/",
        "http://a\x7fb/",
        "http://a..b/",
        "http://a\\b/",
    ],
)
def test_a_file_that_is_not_on_the_web_is_listed_and_never_downloaded(url: str) -> None:
    file = json_file(url=url)
    assert "only http and https are followed" in file.obstacle
    assert any("it is listed, and never downloaded" in found.message for found in file.findings)
    (file,) = html_page(f'<a href="{url}/x-1.0.zip">x</a>').files
    assert file.obstacle


def test_a_page_does_not_say_who_is_calling() -> None:
    """A user name in an address is not sent, and a password not shown."""
    file = json_file(url="https://user:s3cret@files.example/foo-1.0.zip")
    assert file.obstacle == "its URL has a user name in it, and who is calling is not for a page to say"
    assert not json_file(url="https://files.example/a@b/foo-1.0.zip?as=a@b").obstacle
    strange = json_file(url="https://user:s3cret@[x", provenance="https://user:s3cret@index.example/p")
    assert strange.provenance is None
    assert "s3cret" not in str([*file.findings, *strange.findings])


@pytest.mark.parametrize("filename", ["foo-1.0-py3.9.egg", "foo-1.0.win32.EXE", "foo-1.0.tar.bz2"])
def test_old_kinds_of_files_have_no_version_and_nothing_wrong(filename: str) -> None:
    (file,) = json_page({"files": [{"filename": filename, "url": filename, "hashes": {}}]}).files
    assert (file.kind, file.version, file.findings) == (FileKind.OTHER, None, ())


def test_a_file_is_a_value() -> None:
    file, same = json_file(hashes=HASH), json_file(hashes=HASH)
    assert file == same
    assert hash(file) == hash(same)
    assert file != json_file()
    assert pickle.loads(pickle.dumps(file)) == copy.deepcopy(file) == file
    assert repr(json_file(url="https://user:secret@cdn.example/x?token=secret")) == f"ProjectFile('{WHEEL}')"
    assert ProjectFile("foo-1.0.zip", "https://a.example/foo-1.0.zip").version == Version("1.0")


def test_files_are_made_when_they_are_looked_at_and_once() -> None:
    names = [f"foo-{number}.zip" for number in range(5)]
    files = json_page({"files": [{"filename": name, "url": name, "hashes": {}} for name in names]}).files
    assert len(files) == 5
    assert files[-1] is files[4]
    assert [file.filename for file in files[1:3]] == names[1:3]
    assert [file.filename for file in reversed(files)] == names[::-1]
    assert files == list(files)
    other: object = names
    assert files != other
    assert files != 5  # type: ignore[comparison-overlap]  # that is the point
    assert repr(files) == "<5 files>"
    with pytest.raises(IndexError):
        files[5]


def test_a_page_is_a_value() -> None:
    page = html_page(f'<a href="{WHEEL}">{WHEEL}</a>')
    assert page == html_page(f'<a href="{WHEEL}">{WHEEL}</a>')
    assert page != html_page("")
    assert repr(page) == "<ProjectPage foo: 1 files, API 1.4 in html>"


@pytest.mark.parametrize(
    "page",
    [
        json_page({"files": [{"filename": WHEEL, "url": WHEEL, "hashes": {}}]}),
        html_page(f"<a href={WHEEL}>{WHEEL}</a>"),
    ],
    ids=["json", "html"],
)
def test_a_page_goes_to_another_process_as_it_is(page: ProjectPage) -> None:
    same = pickle.loads(pickle.dumps(page))
    assert same == page
    assert same.files[0].version == Version("1.0")
    assert same.raw == page.raw
