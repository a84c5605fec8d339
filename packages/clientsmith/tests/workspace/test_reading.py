"""A workspace is read from its files: members, who stands on whom, releases."""

from __future__ import annotations

from pathlib import Path

import pytest
from clientsmith.findings import InputError
from clientsmith.workspace import Release, Workspace, find_workspace, read_member
from clientsmith.workspace.imports import names_in
from tiny_workspace import TinyWorkspace


@pytest.fixture(scope="module")
def at_rest(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A tiny workspace that nobody changes."""
    root = tmp_path_factory.mktemp("tiny")
    TinyWorkspace(root)
    return find_workspace(root / "packages" / "tiny-core" / "src")


def written(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text)
    return folder


# --- members ---------------------------------------------------------------------------------------------------------


def test_a_workspace_is_found_from_any_folder_in_it(at_rest: Workspace) -> None:
    assert list(at_rest.members) == ["tiny-client", "tiny-core", "tiny-service"]
    service = at_rest.members["tiny-service"]
    assert (service.version, service.import_packages, service.scripts) == ("1.0", ("tiny_service",), ("tiny-service",))
    assert service.build_backend == "hatchling.build"
    assert [str(one) for one in service.dependencies] == ["tiny-core<2,>=1.0"]
    assert at_rest.settings.services["tiny-service"].clients == ("tiny-client",)


def test_a_member_is_whose_folder_holds_a_path(at_rest: Workspace) -> None:
    member = at_rest.member_of(at_rest.root / "packages/tiny-core/src/tiny_core/deep/new.py")
    assert member is not None
    assert member.name == "tiny-core"
    assert at_rest.member_of(at_rest.root / "README.md") is None


def test_excluded_folders_and_folders_without_a_package_are_no_members(tiny: TinyWorkspace) -> None:
    (tiny.root / "packages" / "empty").mkdir()
    tiny.replace(
        "pyproject.toml", 'members = ["packages/*"]', 'members = ["packages/*"]\nexclude = ["packages/tiny-s*"]'
    )
    assert list(find_workspace().members) == ["tiny-client", "tiny-core"]


def test_a_namespace_gives_its_first_real_packages(tmp_path: Path) -> None:
    for path in ("house/core/deep/__init__.py", "house/core/__init__.py", "house/tool.py", "house/data/notes.txt"):
        (tmp_path / "src" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src" / path).write_text("")
    written(tmp_path, '[project]\nname = "House_Core"\n')
    member = read_member(tmp_path)
    assert (member.name, member.import_packages) == ("house-core", ("house.core", "house.tool"))


@pytest.mark.parametrize(
    "line",
    ['__version__ = "1.2b3"', "VERSION: Final = '1.2b3'", 'version="v1.2b3"'],
    ids=["dunder", "constant with a type", "with a v"],
)
def test_a_version_that_hatchling_takes_from_a_file_is_read_there(tmp_path: Path, line: str) -> None:
    (tmp_path / "_version.py").write_text(f'"""The version."""\n\n{line}\n')
    written(tmp_path, '[project]\nname = "it"\ndynamic = ["version"]\n[tool.hatch.version]\npath = "_version.py"\n')
    assert read_member(tmp_path).version == "1.2b3"


def test_groups_hold_what_they_include(tmp_path: Path) -> None:
    text = '[project]\nname = "it"\n[dependency-groups]\ntest = ["a>=1"]\ndev = [{include-group = "test"}, "b"]\n'
    member = read_member(written(tmp_path, text))
    assert [str(one) for one in member.groups["dev"]] == ["a>=1", "b"]


def test_where_uv_is_told_that_packages_are(tiny: TinyWorkspace) -> None:
    """For an uv that does not run in the workspace."""
    table = 'find-links = ["wheels"]\n[[tool.uv.index]]\nurl = "http://127.0.0.1:1/simple"\ndefault = true\n'
    tiny.replace("pyproject.toml", "package = false\n", f"package = false\n{table}")
    expected = ("--default-index", "http://127.0.0.1:1/simple", "--find-links", str(tiny.root / "wheels"))
    assert find_workspace().uv_options == expected


# --- who stands on whom ----------------------------------------------------------------------------------------------


def test_dependants_are_found_by_metadata_and_imports(at_rest: Workspace) -> None:
    assert at_rest.needs("tiny-client") == {"tiny-core"}
    assert at_rest.tested_with("tiny-client") == {"tiny-service"}
    assert at_rest.dependants(["tiny-core"]) == {"tiny-client", "tiny-service"}
    assert at_rest.dependants(["tiny-service"]) == {"tiny-client"}
    assert at_rest.dependants(["tiny-client"]) == set()


def test_who_is_only_tested_with_a_change_passes_nothing_on(tiny: TinyWorkspace) -> None:
    """The client's tests use the service; whoever stands on the client does not."""
    tiny.package("tiny-tool", code="import tiny_client\n", tests={})
    workspace = find_workspace()
    assert workspace.dependants(["tiny-client"]) == {"tiny-tool"}
    assert workspace.dependants(["tiny-service"]) == {"tiny-client"}
    assert workspace.dependants(["tiny-core"]) == {"tiny-client", "tiny-service", "tiny-tool"}


def test_what_is_imported_but_not_declared_counts(tiny: TinyWorkspace) -> None:
    tiny.replace("packages/tiny-service/pyproject.toml", "['tiny-core>=1.0,<2']", "[]")
    assert find_workspace().needs("tiny-service") == {"tiny-core"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a.b\nimport c as d, e.f", {"a.b", "c", "e.f"}),
        ("from a import b, c as d", {"a", "a.b", "a.c", "a.as", "a.d"}),
        ("from a.b import (\n    c,\n    d,\n)", {"a.b", "a.b.c", "a.b.d"}),
        ("from . import a\nfrom .b import c", set()),
        ("def f():\n    from a import b  # why", {"a", "a.b"}),
        ('"""\n>>> import a\n"""', {"a"}),
        ("important = 1\nfromage = 2", set()),
    ],
    ids=["import", "from", "over lines", "relative", "inside a function", "in a doctest", "words that begin so"],
)
def test_imports_are_read_from_lines(source: str, expected: set[str]) -> None:
    assert names_in(source.encode()) == expected


# --- releases --------------------------------------------------------------------------------------------------------


def test_last_and_oldest_supported_release(tiny: TinyWorkspace) -> None:
    text = "".join(
        f'[[release]]\npackage = "Tiny_Core"\nversion = "{version}"\ncommit = "{version}"\n{more}\n'
        for version, more in (("0.9", "supported = false"), ("1.0", ""), ("1.1", ""))
    )
    tiny.write("releases.toml", text)
    workspace = find_workspace()
    assert workspace.last("tiny-core") == Release("tiny-core", "1.1", "1.1")
    assert workspace.oldest("tiny-core") == Release("tiny-core", "1.0", "1.0")
    assert [one.version for one in workspace.releases_of("tiny-core")] == ["0.9", "1.0", "1.1"]
    assert workspace.last("tiny-client") is None


# --- mistakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("packages/tiny-core/pyproject.toml", "[project", "cannot read"),
        ("packages/tiny-core/pyproject.toml", "[project]\n", "has no [project] with a name"),
        ("packages/tiny-core/pyproject.toml", '[project]\nname="a"\ndependencies=["b c"]', "'b c' is no requirement"),
        ("packages/tiny-core/pyproject.toml", '[project]\nname="tiny-client"', "are both called tiny-client"),
        (
            "packages/tiny-core/pyproject.toml",
            '[project]\nname="a"\n[dependency-groups]\nb=[{include-group="c"}]',
            "the dependency group 'c' is not there",
        ),
        (
            "packages/tiny-core/pyproject.toml",
            '[project]\nname="a"\n[dependency-groups]\nb=[{include-group="b"}]',
            "the dependency group 'b' includes itself",
        ),
        ("releases.toml", '[[release]]\npackage = "a"\nversion = ""\n', "release 1 does not say package, version and"),
        ("packages/tiny-core/clientsmith.toml", "[workspac]\n", "there is no setting `workspac`"),
    ],
    ids=["TOML", "no name", "requirement", "two of a name", "group", "circle", "release", "setting"],
)
def test_a_file_that_cannot_be_understood_is_one_message(
    tiny: TinyWorkspace, path: str, text: str, message: str
) -> None:
    tiny.write(path, text)
    with pytest.raises(InputError) as caught:
        find_workspace()
    assert message in caught.value.message
    assert caught.value.hint
