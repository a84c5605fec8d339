"""`simple-repository versions` and `files`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tools.model_index import Distribution, ModelIndex, Says


def test_versions_come_newest_first_with_what_is_known_of_them(shell: Any) -> None:
    result = shell("versions", "HolyGrail")
    assert result.exit_code == 0
    assert result.stdout == (
        "1.1  2026-01-01  wheel         Python >=3.8\n"
        "1.0  2026-01-01  sdist, wheel\n"
    )  # fmt: skip
    assert result.stderr == "2 versions of holygrail (JSON, the API says 1.4)\n"


def test_a_yanked_version_says_so_and_why(shell: Any) -> None:
    result = shell("versions", "parrot")
    assert result.stdout.splitlines()[1] == "0.1  2026-01-01  wheel  yanked: it is no more"


@pytest.mark.parametrize(("limit", "versions"), [(">=1.1", ["1.1"]), ("<1.1", ["1.0"]), ("", ["1.1", "1.0"])])
def test_versions_can_be_limited(shell: Any, limit: str, versions: list[str]) -> None:
    result = shell("versions", f"holygrail{limit}", "--format", "json")
    assert [one["version"] for one in json.loads(result.stdout)] == versions


def test_versions_for_programs(shell: Any) -> None:
    assert json.loads(shell("versions", "parrot==0.1", "--format", "json").stdout) == [
        {
            "version": "0.1",
            "uploaded": "2026-01-01T00:00:00+00:00",
            "kinds": ["wheel"],
            "files": 1,
            "requires-python": None,
            "yanked": True,
            "yanked-reason": "it is no more",
        }
    ]


def test_pre_releases_are_shown_on_demand_or_where_nothing_else_is(shell: Any, index: ModelIndex) -> None:
    index.files = (Distribution("early", "1.0"), Distribution("early", "2.0rc1"), Distribution("only", "1.0a1"))
    assert shell("versions", "early").stdout.startswith("1.0 ")
    assert shell("versions", "early", "--pre").stdout.startswith("2.0rc1")
    assert shell("versions", "only").stdout.startswith("1.0a1")


def test_files_are_listed_as_the_index_has_them(shell: Any) -> None:
    result = shell("files", "holygrail")
    assert [line.split("  ")[0].strip() for line in result.stdout.splitlines()] == [
        "holygrail-1.0.tar.gz",
        "holygrail-1.0-py3-none-any.whl",
        "holygrail-1.1-py3-none-any.whl",
    ]
    assert "sha256" in result.stdout
    assert result.stderr == "3 files of holygrail (JSON, the API says 1.4)\n"


def test_files_of_one_version_for_programs(shell: Any, index: ModelIndex) -> None:
    [file] = json.loads(shell("files", "holygrail==1.1", "--format", "json").stdout)
    assert file["url"] == index.url.replace("/simple/", "/files/holygrail-1.1-py3-none-any.whl")
    assert (file["version"], file["kind"], file["requires-python"], file["metadata"]) == ("1.1", "wheel", ">=3.8", True)


def test_an_index_without_versions_counts_as_1_0(shell: Any, index: ModelIndex) -> None:
    index.says = Says(html=None, serializations=("html",))
    result = shell("files", "parrot")
    assert result.stderr == "2 files of parrot (HTML, the API says no version, taken for 1.0)\n"


def test_the_status_of_a_project_is_told(shell: Any, index: ModelIndex) -> None:
    index.says = Says(spoilt={"project-status": {"status": "archived", "reason": "nobody\x1b[2J is left"}})
    said = shell("versions", "parrot").stderr.splitlines()
    assert said[:-1] == ["warning: project parrot is not active: archived: nobody\\x1b[2J is left (project-status)"]


def test_a_newer_minor_version_is_told_once_for_all_projects(shell: Any, index: ModelIndex) -> None:
    index.says = Says(json="1.99")
    assert shell("download", "parrot", "holygrail", "spam.eggs").stderr.count("warning: ") == 1


def test_a_newer_minor_version_is_a_warning_of_one_line(shell: Any, index: ModelIndex) -> None:
    index.says = Says(json="1.99")
    result = shell("versions", "parrot")
    assert result.exit_code == 0
    [warning] = [line for line in result.stderr.splitlines() if line.startswith("warning: ")]
    assert "version 1.99" in warning
    assert ".py:" not in warning


@pytest.mark.parametrize("says", [Says(json="2.0"), Says(json="bad"), Says(status=406)], ids=["2.0", "bad", "406"])
def test_what_cannot_be_read_is_refused_with_a_line(refused: Any, index: ModelIndex, says: Says) -> None:
    index.says = says
    said = refused(1, "versions", "parrot")
    assert said.startswith("error: ")
    assert index.url in said
    assert said.count("\n") == 1


def test_a_project_that_is_not_there(refused: Any, index: ModelIndex) -> None:
    said = refused(1, "files", "no-such-project")
    assert f"the index {index.url} has no project 'no-such-project'" in said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a b", "error: 'a b' names no project\n  hint: write NAME, NAME==1.0 or 'NAME>=1,<2'\n"),
        ("a[extra]", "error: 'a[extra]' says more than a name and versions\n  hint: an index knows names and versions"),
        ("a; python_version > '3'", "says more than a name and versions"),
        ("a @ https://x.example/a.whl", "says more than a name and versions"),
    ],
)
def test_what_names_no_project_is_wrong_usage(refused: Any, name: str, said: str) -> None:
    assert said in refused(2, "versions", name)


@pytest.mark.parametrize("command", ["versions", "files"])
def test_a_version_that_is_not_there_is_no_empty_list(refused: Any, command: str) -> None:
    """A script that asks for it must not go on."""
    said = refused(1, command, "holygrail==9", "--format", "json")
    assert said == "error: no version of holygrail fits holygrail==9\n  hint: there are 1.1, 1.0\n"
