"""`clientsmith diff`: two references in, differences and a verdict out, and an exit code that a CI can use."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from clientsmith.cli.diff import diff

_PROJECT = '[project]\nname = "pets-client"\nversion = "{version}"\n'


def _project(folder: Path, version: str, source: str, package: str = "pets") -> str:
    (folder / package).mkdir(parents=True)
    (folder / "pyproject.toml").write_text(_PROJECT.format(version=version), encoding="utf-8")
    (folder / package / "__init__.py").write_text(source, encoding="utf-8")
    return str(folder)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(diff, list(arguments))


@pytest.fixture
def breaking(tmp_path: Path) -> tuple[str, str]:
    """A removed parameter in a minor version."""
    old = _project(tmp_path / "old", "1.4.2", "def get(name, limit=10): ...\n")
    return old, _project(tmp_path / "new", "1.5.0", "def get(name): ...\ndef put(name): ...\n")


def test_the_text_groups_by_weight_and_ends_with_the_verdict(breaking: tuple[str, str]) -> None:
    """What breaks comes first, with both places and advice."""
    result = _run(*breaking)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[:2] == ["Breaking (1)", "  pets.get(limit): is gone; it was positional or keyword  parameter-removed"]
    assert "pets/__init__.py:1" in lines[2]
    assert lines[3] == "    advice: keep it, deprecated and without effect"
    assert "Additions (1)" in lines
    assert lines[-1] == "1.4.2 -> 1.5.0 is too small, at least 2.0.0 is demanded: 1 breaking change, 1 addition"


def test_json_has_both_sides_all_differences_and_the_verdict(breaking: tuple[str, str]) -> None:
    """Everything that the text says, as data."""
    data = json.loads(_run(*breaking, "--format", "json").output)
    assert data["old"]["version"] == "1.4.2"
    assert [(one["rule"], one["kind"], one["new"]["line"]) for one in data["differences"]] == [
        ("parameter-removed", "breaking", 1),
        ("object-added", "addition", 2),
    ]
    assert data["verdict"]["demanded"] == "2.0.0"
    assert data["verdict"]["too_small"] is True


def test_sarif_and_github_point_at_the_new_source(breaking: tuple[str, str]) -> None:
    """Places are those of NEW, which a pull request shows; the version is a finding of its own."""
    log = json.loads(CliRunner().invoke(diff, [*breaking, "--format", "sarif"]).stdout)
    results = log["runs"][0]["results"]
    assert [one["ruleId"] for one in results] == ["parameter-removed", "object-added", "version-too-small"]
    assert [one["level"] for one in results] == ["error", "note", "error"]
    github = CliRunner().invoke(diff, [*breaking, "--format", "github"]).stdout
    assert github.splitlines()[0].startswith("::error file=")
    assert "title=parameter-removed" in github


def test_markdown_is_a_table_a_kind(breaking: tuple[str, str]) -> None:
    """For a pull request."""
    text = _run(*breaking, "--format", "markdown").output
    assert "### Breaking" in text
    assert "| `pets.get(limit)` | is gone; it was positional or keyword | `parameter-removed` |" in text


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 1),
        (["--fail-on", "never"], 0),
        (["--to", "2.0.0", "--fail-on", "version"], 0),
        (["--to", "2.0.0"], 1),
        (["--ignore", "parameter-removed"], 0),
        (["--select", "object-*"], 0),
        (["--select", "object-*", "--fail-on", "addition"], 1),
        (["--select", "object-*", "--to", "1.4.3"], 1),
        (["--from", "0.4.2", "--to", "0.5.0", "--fail-on", "version"], 0),
    ],
)
def test_the_exit_code_says_whether_it_is_compatible(
    arguments: list[str], code: int, breaking: tuple[str, str]
) -> None:
    """Breaking is 1, unless told otherwise; a version that is too small is, too."""
    assert _run(*breaking, *arguments).exit_code == code


def test_no_difference_is_said_in_one_line(tmp_path: Path) -> None:
    """And exits with 0."""
    old = _project(tmp_path / "old", "1.0.0", "x = 1\n")
    result = _run(old, old)
    assert (result.exit_code, result.output) == (0, "1.0.0 can stay: no change of the API\n")


def test_a_beta_may_break_the_one_before(tmp_path: Path) -> None:
    """The breaking changes are told, and the version is enough."""
    old = _project(tmp_path / "old", "2.0.0b1", "def f(): ...\n")
    new = _project(tmp_path / "new", "2.0.0b2", "x = 1\n")
    result = _run(old, new, "--fail-on", "version")
    assert result.exit_code == 0
    assert "2.0.0b1 -> 2.0.0b2 is enough" in result.output


# --- wrong input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("old", "openapi.yaml", "cannot compare 'openapi.yaml', an API description, with 'old', a package"),
        ("old", "nothing", "cannot get 'nothing': there is no such folder or file, and no index is named"),
        ("old", "old/pets/none.whl", "cannot read 'old/pets/none.whl': there is no such file"),
        ("old", "empty", "cannot read 'empty': no Python package in it"),
        ("old", "other", "cannot compare pets-client 1.0 (pets) with pets-client 1.0 (cats): no package is in both"),
        ("old", "broken.whl", "cannot unpack 'broken.whl'"),
        ("old", "compiled", "cannot read 'compiled': it has compiled modules only (fast/core.so)"),
        ("old", "many", "(m0, m1, m2, m3, m4 and 3 more): no package is in both"),
        ("old", "v9:old", "cannot find the repository around the current folder"),
    ],
)
def test_wrong_input_gets_one_message_and_a_hint(
    old: str, new: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, and no traceback."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.delenv("CLIENTSMITH_INDEX_URL", raising=False)
    _project(tmp_path / "old", "1.0", "x = 1\n")
    _project(tmp_path / "other", "1.0", "x = 1\n", "cats")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.whl").write_bytes(b"no archive")
    (tmp_path / "compiled" / "fast").mkdir(parents=True)
    (tmp_path / "compiled" / "fast" / "core.so").write_bytes(b"\x7fELF")
    for number in range(8):
        (tmp_path / "many" / f"m{number}").mkdir(parents=True)
        (tmp_path / "many" / f"m{number}" / "__init__.py").touch()
    result = _run(old, new)
    assert result.exit_code == 2
    assert message in result.output
    assert "hint: " in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "no-such-rule"], "there is no rule 'no-such-rule'"),
        (["--ignore", "nothing-*"], "there is no rule 'nothing-*'"),
        (["--from", "one"], "'one' is no version"),
        (["--explain", "nothing"], "there is no rule 'nothing'"),
        (["--explain", "parameter-remove"], "hint: did you mean parameter-removed, "),
    ],
)
def test_wrong_options_are_told(arguments: list[str], message: str, breaking: tuple[str, str]) -> None:
    """By name."""
    result = _run(*breaking, *arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_a_rule_is_explained_with_its_example() -> None:
    """Without OLD and NEW."""
    result = _run("--explain", "parameter-renamed")
    assert result.exit_code == 0
    assert "and those who pass it by name fail" in result.output
    assert "def get(name): ..." in result.output


def test_the_text_of_others_writes_no_control_characters(tmp_path: Path) -> None:
    """A default value with an escape sequence stays text."""
    old = _project(tmp_path / "old", "1.0", 'def f(a="\\x1b[31mred"): ...\n')
    new = _project(tmp_path / "new", "1.1", 'def f(a="plain"): ...\n')
    assert "\x1b" not in _run(old, new).output


# --- git and documents -----------------------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a package and a document, tagged v1 and changed since."""
    monkeypatch.chdir(tmp_path)
    _project(tmp_path / "client", "1.0.0", "def get(): ...\ndef put(): ...\n")
    (tmp_path / "api.json").write_text(_document("/pets", "/cats"), encoding="utf-8")
    for command in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "-m", "one"],
        ["tag", "v1"],
    ):
        subprocess.run(["git", *command], check=True)
    (tmp_path / "client" / "pets" / "__init__.py").write_text("def get(): ...\n", encoding="utf-8")
    (tmp_path / "api.json").write_text(_document("/pets"), encoding="utf-8")
    return tmp_path


def _document(*paths: str) -> str:
    operation = {"get": {"responses": {"200": {"description": "ok"}}}}
    info = {"title": "Pets", "version": "1.0.0"}
    return json.dumps({"openapi": "3.1.0", "info": info, "paths": dict.fromkeys(paths, operation)})


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("old", ["v1:client", "client@v1"])
def test_a_revision_is_compared_with_the_working_copy(old: str) -> None:
    """As git writes it, or with the revision at the end."""
    result = _run(old, "client")
    assert result.exit_code == 1
    assert "pets.put: is gone" in result.output


@pytest.mark.usefixtures("repository")
def test_a_document_of_a_revision_is_compared_with_the_working_copy() -> None:
    """By the same words as packages."""
    result = _run("v1:api.json", "api.json")
    assert result.exit_code == 1, result.output
    assert "/cats" in result.output
    assert result.output.splitlines()[-1].startswith("1.0.0 -> at least 2.0.0: 1 breaking change")


@pytest.mark.usefixtures("repository")
def test_a_revision_that_is_not_there_is_told() -> None:
    """With what git would tell."""
    result = _run("v2:client", "client")
    assert result.exit_code == 2
    assert "cannot read revision 'v2': there is none" in result.output
