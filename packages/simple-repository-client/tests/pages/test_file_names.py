"""What the names of projects and files tell."""

from __future__ import annotations

import pytest
from clientsmith.core.errors import ArgumentError
from packaging.version import Version
from simple_repository_client.names import FileKind, NormalizedName, normalize_name, read_file_name


@pytest.mark.parametrize("name", ["foo-bar", "Foo_Bar", "FOO.BAR", "foo-_.bar"])
def test_all_spellings_of_a_name_have_one_form(name: str) -> None:
    assert normalize_name(name) == "foo-bar"


@pytest.mark.parametrize(
    "name", ["", "foo bar", "-foo", "foo.", "../foo", "foo/bar", "foo[extra]", "foo==1.0", "fóo", "foo\n"]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match="is not the name of a project: it has letters and digits of ASCII"):
        normalize_name(name)


@pytest.mark.parametrize(
    ("filename", "kind", "project", "version"),
    [
        ("foo_bar-1.0-py3-none-any.whl", "wheel", "foo-bar", "1.0"),
        ("foo_bar-1.0-1-py3-none-any.whl", "wheel", "foo-bar", "1.0"),
        ("Foo.Bar-1.0rc1.post2-py3-none-any.whl", "wheel", "foo-bar", "1.0rc1.post2"),
        ("foo_bar-x-py3-none-any.whl", "wheel", None, None),
        ("foo.whl", "wheel", None, None),
        (".whl", "wheel", None, None),
        ("foo_bar-1.0.tar.gz", "sdist", "foo-bar", "1.0"),
        ("foo-bar-1.0.tar.gz", "sdist", "foo-bar", "1.0"),
        ("foo-bar-1.0.zip", "sdist", "foo-bar", "1.0"),
        ("foo-bar-1.0-2.zip", "sdist", "foo-bar", "1.0.post2"),
        ("foo-bar-1.0-beta-2.tar.gz", "sdist", "foo-bar", "1.0b2"),
        ("other-1.0.tar.gz", "sdist", "other", "1.0"),
        ("foo-bar-baz-1.0.tar.gz", "sdist", "foo-bar-baz", "1.0"),
        ("foo-bar-one.tar.gz", "other", None, None),
        ("foo_bar-1.0-py3.9.egg", "other", None, None),
        ("foo-bar-1.0.win32-py2.7.exe", "other", None, None),
        ("foo-bar-1.0.tar.bz2", "other", None, None),
        ("", "other", None, None),
        ("ünïcode", "other", None, None),
    ],
)
def test_what_a_file_name_tells(filename: str, kind: str, project: str | None, version: str | None) -> None:
    told = read_file_name(filename, NormalizedName("foo-bar"))
    assert told.kind == FileKind(kind)
    assert told.project == project
    assert told.version == (None if version is None else Version(version))


MANY = ".".join(f"a{number}" for number in range(20))


@pytest.mark.parametrize(
    ("filename", "kind"),
    [
        (f"foo_bar-{'1' * 5000}-py3-none-any.whl", "wheel"),
        (f"foo_bar-1-{'1' * 5000}-py3-none-any.whl", "wheel"),
        (f"foo_bar-1-{MANY}-{MANY}-{MANY}.whl", "wheel"),
        (f"foo_bar-{'1' * 5000}.tar.gz", "other"),
        (f"foo_bar-{'1-' * 50_000}x.tar.gz", "other"),
    ],
    ids=["a version without end", "a build without end", "8000 tags", "an sdist without end", "hyphens without end"],
)
def test_a_name_made_to_hurt_tells_nothing(filename: str, kind: str) -> None:
    told = read_file_name(filename, NormalizedName("foo-bar"))
    assert (told.kind, told.version, told.tags) == (FileKind(kind), None, frozenset())


def test_without_the_project_the_last_hyphen_decides() -> None:
    told = read_file_name("foo-bar-1.0-2.zip")
    assert (told.project, told.version) == ("foo-bar-1-0", Version("2"))


def test_a_wheel_tells_its_build_and_its_tags() -> None:
    told = read_file_name("foo-1.0-3local-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl")
    assert told.build == (3, "local")
    assert sorted(map(str, told.tags)) == ["cp311-cp311-manylinux2014_x86_64", "cp311-cp311-manylinux_2_17_x86_64"]
