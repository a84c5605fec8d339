"""What a user writes for a package, and what it means."""

from __future__ import annotations

from pathlib import Path

import pytest
from clientsmith.distributions.references import (
    AtRevision,
    InFile,
    InFolder,
    InRepository,
    OnIndex,
    Reference,
    is_document,
    read_reference,
    revision_of_document,
)
from clientsmith.findings import InputError
from packaging.version import Version


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "client").mkdir()
    (tmp_path / "client==1.0").mkdir()
    for name in ("a.whl", "a-1.0.tar.gz", "module.py", "spec.yaml", "notes.txt"):
        (tmp_path / name).touch()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("client", InFolder(Path("client"))),
        ("client==1.0", InFolder(Path("client==1.0"))),
        ("module.py", InFolder(Path("module.py"))),
        ("a.whl", InFile(Path("a.whl"))),
        ("a-1.0.tar.gz", InFile(Path("a-1.0.tar.gz"))),
        ("other", OnIndex("other", None)),
        ("Other_Name == 1.2b1", OnIndex("other-name", Version("1.2b1"))),
        ("v1.2:packages/client", AtRevision("v1.2", "packages/client", from_here=False)),
        ("HEAD~1:./client", AtRevision("HEAD~1", "client", from_here=True)),
        ("main:", AtRevision("main", ".", from_here=False)),
        ("client@v1.2", AtRevision("v1.2", "client", from_here=True)),
        ("git+https://example.org/p.git@v1#subdirectory=c", InRepository("https://example.org/p.git", "v1", "c")),
        ("git+ssh://git@example.org/p", InRepository("ssh://git@example.org/p", "", "")),
    ],
)
def test_a_reference_means_one_thing(text: str, meant: Reference) -> None:
    """What exists is that; else the form decides."""
    assert read_reference(text) == meant


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there is no such folder or file"),
        ("no/such/folder", "there is no such folder or file"),
        ("none.whl", "there is no such file"),
        ("notes.txt", "it is neither a folder, nor a wheel, nor an sdist"),
        ("name==one", "'one' is no version"),
        ("--upload-pack=x:path", "there is no such folder or file"),
        ("path@--upload-pack=x", "there is no such folder or file"),
        ("git+ext::sh -c x", "not over ext"),
        ("git+https://example.org/p#subdirectory=../..", "its revision or subdirectory is none"),
        ("git+https://example.org/p@--upload-pack=x", "its revision or subdirectory is none"),
    ],
)
def test_what_means_nothing_is_told(text: str, message: str) -> None:
    """With a hint, and nothing that git could take for an option."""
    with pytest.raises(InputError) as caught:
        read_reference(text)
    assert message in caught.value.message
    assert caught.value.hint


def test_a_secret_in_a_url_is_not_shown() -> None:
    """Also where the URL is refused."""
    with pytest.raises(InputError) as caught:
        read_reference("git+ftp://user:secret@example.org/p")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("spec.yaml", True),
        ("nothing.json", True),
        ("https://example.org/openapi", True),
        ("https://example.org/a-1.0-py3-none-any.whl", False),
        ("v1:spec.yaml", True),
        ("json:loads", True),
        ("no_such_module:app", False),
        ("main:packages/client", False),
        ("client", False),
        ("a.whl", False),
        ("name==1.0", False),
        ("git+https://example.org/p", False),
    ],
)
def test_descriptions_are_told_from_packages(text: str, is_one: bool) -> None:
    """By ending, by scheme, or because there is such a module."""
    assert is_document(text) is is_one


def test_a_document_of_a_revision_is_known_by_its_ending() -> None:
    """An application is none, a file that is there is none."""
    assert revision_of_document("v1:api/spec.yaml") == AtRevision("v1", "api/spec.yaml", from_here=False)
    assert revision_of_document("spec.yaml") is None
    assert revision_of_document("https://example.org/spec.yaml") is None
    assert revision_of_document("json:loads") is None
