"""Ranges move without touching what stands around them; so do versions in the files that people wrote."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from clientsmith.apidiff.bump import Bump
from clientsmith.findings import InputError
from clientsmith.release.family import families_in, reasons_of_family
from clientsmith.release.manifests import with_entries, with_locked_versions, with_requirements, with_version
from clientsmith.release.ranges import Fit, judge_range, moved, raised
from packaging.requirements import Requirement
from packaging.version import Version


@pytest.mark.parametrize(
    ("requirement", "version", "needs_it", "fit"),
    [
        ("core>=1,<2", "1.4.0", False, Fit.FITS),
        ("core>=1,<2", "1.4.0", True, Fit.TOO_LOW),
        ("core>=1.4.0,<2", "1.4.0", True, Fit.FITS),
        ("core>=1.0.0b4,<2", "1.0.0b6", False, Fit.FITS),
        ("core>=1,<2", "2.0.0", False, Fit.EXCLUDES),
        ("core>=1,<2", "2.0.0b1", False, Fit.EXCLUDES),
        ("core", "3.0", False, Fit.FITS),
        ("core", "3.0", True, Fit.TOO_LOW),
        ("core~=1.2", "1.9.0", True, Fit.TOO_LOW),
        ("core==1.2.0", "1.2.1", False, Fit.EXCLUDES),
    ],
)
def test_a_range_fits_is_too_low_or_excludes(requirement: str, version: str, needs_it: bool, fit: Fit) -> None:
    assert judge_range(Requirement(requirement), Version(version), needs_it=needs_it) is fit


@pytest.mark.parametrize(
    ("requirement", "version", "expected"),
    [
        ("core[requests]>=1.0.0b4,<2", "1.1.0", "core[requests]>=1.1.0,<2"),
        ("core >= 1.0, < 2 ; python_version < '3.14'", "1.1.0", "core >=1.1.0, < 2 ; python_version < '3.14'"),
        ("core", "1.1.0", "core>=1.1.0"),
        ("core<2", "1.1.0", "core>=1.1.0,<2"),
        ("core~=1.0", "1.1.0", "core~=1.1"),
        ("core==1.0.0", "1.1.0", "core==1.1.0"),
        ("core!=1.0.5,>=1", "1.1.0", "core!=1.0.5,>=1.1.0"),
    ],
)
def test_a_lower_bound_is_raised(requirement: str, version: str, expected: str) -> None:
    assert raised(requirement, Version(version)) == expected


@pytest.mark.parametrize(
    ("requirement", "version", "expected"),
    [
        ("core>=1.4,<2", "2.0.0", "core>=2.0.0,<3"),
        ("core>=1.0.0b4,<2.0", "2.0.0b1", "core>=2.0.0b1,<3.0"),
        ("core>=0.4,<0.5", "0.5.0", "core>=0.5.0,<0.6"),
        ("core==1.0.0", "2.0.0", "core==2.0.0"),
        ("core~=1.4", "2.0.0", "core~=2.0"),
    ],
)
def test_a_range_is_moved_over_a_major_version(requirement: str, version: str, expected: str) -> None:
    assert moved(requirement, Version(version)) == expected
    assert Requirement(expected).specifier.contains(version, prereleases=True)


PYPROJECT = """\
# Ours.
[project]
name = 'pets-client'   # as on the index
version = "1.0.0"
dependencies = [
    "pets-core>=1,<2",  # the runtime
    "click",
]

[project.optional-dependencies]
aio = ["pets-core[aio]>=1,<2"]

[dependency-groups]
dev = ["pets-core>=1,<2"]
"""


def test_a_version_changes_and_nothing_else() -> None:
    assert with_version(PYPROJECT, "1.1.0", "p") == PYPROJECT.replace('"1.0.0"', '"1.1.0"')


def test_a_dynamic_version_is_refused() -> None:
    with pytest.raises(InputError, match=r"p/pyproject\.toml has no `version` in \[project\], nor a path"):
        with_version('[project]\nname = "x"\ndynamic = ["version"]\n', "1", "p/pyproject.toml")


def test_requirements_change_with_their_comments_and_commas_around_them() -> None:
    changes = {"pets-core>=1,<2": "pets-core>=1.1,<2", "pets-core[aio]>=1,<2": "pets-core[aio]>=1.1,<2"}
    text = with_requirements(PYPROJECT, changes, "p")
    expected = PYPROJECT.replace('    "pets-core>=1,<2"', '    "pets-core>=1.1,<2"')
    assert text == expected.replace("[aio]>=1,<2", "[aio]>=1.1,<2")


def test_a_lock_gets_versions_of_members_only() -> None:
    lock = (
        '[[package]]\nname = "core"\nversion = "1.0.0"\nsource = { editable = "packages/core" }\n\n'
        '[[package]]\nname = "click"\nversion = "1.0.0"\nsource = { registry = "https://index.example.org/simple" }\n'
    )
    changed = with_locked_versions(lock, {"core": "1.1.0", "click": "9"})
    assert [one["version"] for one in tomllib.loads(changed)["package"]] == ["1.1.0", "1.0.0"]


def test_releases_are_added_once() -> None:
    first = with_entries("", [("core", "1.0.0", "a" * 40)])
    assert first.startswith("# What was released")
    both = with_entries(first, [("core", "1.0.0", "a" * 40), ("client", "1.0.0", "a" * 40)])
    assert [one["package"] for one in tomllib.loads(both)["release"]] == ["core", "client"]
    with pytest.raises(InputError, match=r"core 1\.0\.0 was built from aaaa"):
        with_entries(both, [("core", "1.0.0", "b" * 40)])


# --- families ---


def source(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "operations.py").write_text(text)
    return folder


def test_families_are_paths_in_strings_and_not_in_docstrings(tmp_path: Path) -> None:
    found = families_in([source(tmp_path / "a", '"""Calls /v1/jobs."""\nPATH = "/v2/jobs"\nOTHER = f"/v3/{PATH}"\n')])
    assert {name: use.line for name, use in found.items()} == {"v2": 2, "v3": 3}


def test_another_rest_version_alone_is_no_major_version(tmp_path: Path) -> None:
    now = families_in([source(tmp_path / "a", 'A = "/v2/jobs"\nB = "/v3/jobs"\n')])
    assert reasons_of_family("v2", "v2", ["v2"], now) == []
    assert reasons_of_family("", "", ["v2"], families_in([source(tmp_path / "b", 'B = "/v3/jobs"\n')])) == []


def test_leaving_the_family_is_one(tmp_path: Path) -> None:
    (reason,) = reasons_of_family("v2", "v2", ["v2"], families_in([source(tmp_path / "a", 'B = "/v3/jobs"\n')]))
    assert reason.bump is Bump.MAJOR
    assert "the package promises the family v2 and calls v3" in reason.text
    assert reason.place.endswith("operations.py:1")


@pytest.mark.parametrize(("declared", "text"), [("v3", "is 'v3', and was 'v2'"), ("", "is gone, and was 'v2'")])
def test_so_is_declaring_another_one(declared: str, text: str) -> None:
    (reason,) = reasons_of_family("v2", declared, ["v2"], {})
    assert (reason.bump, reason.text) == (Bump.MAJOR, text)
