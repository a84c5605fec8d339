"""`clientsmith affected`: from changed paths to the tests to run, each with its reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from clientsmith.cli.main import cli
from clientsmith.workspace import Workspace, find_workspace
from clientsmith.workspace.affected import Effect, judge, select
from tiny_workspace import TinyWorkspace

SERVICE = "packages/tiny-service/src/tiny_service/__init__.py"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["affected", *arguments], prog_name="clientsmith")


def selected(*arguments: str) -> dict[str, Any]:
    result = run("--format", "json", *arguments)
    assert result.exit_code == 0, result.output
    return {one["name"]: one for one in json.loads(result.stdout)["tests"]}


@pytest.fixture(scope="module")
def at_rest(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A tiny workspace that nobody changes: what is decided from paths needs no more."""
    root = tmp_path_factory.mktemp("tiny")
    TinyWorkspace(root)
    return find_workspace(root)


# --- which tests -----------------------------------------------------------------------------------------------------


def test_nothing_changed_is_nothing_to_test(tiny: TinyWorkspace) -> None:
    """Also for a matrix: it is empty, and that is no mistake."""
    assert selected("--base", "main") == {}
    assert json.loads(run("--format", "github-matrix").stdout) == {"include": []}
    assert "0 changed paths since main: nothing to test" in run().stderr


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("packages/tiny-core/src/tiny_core/__init__.py", {"tiny-core", "tiny-service", "tiny-client"}),
        ("packages/tiny-core/pyproject.toml", {"tiny-core", "tiny-service", "tiny-client"}),
        ("packages/tiny-core/tests/test_core.py", {"tiny-core"}),
        ("packages/tiny-client/src/tiny_client/new.py", {"tiny-client"}),
        (SERVICE, {"tiny-service", "tiny-client"}),
        ("pyproject.toml", {"tiny-core", "tiny-service", "tiny-client"}),
        ("uv.lock", {"tiny-core", "tiny-service", "tiny-client"}),
        (".github/workflows/ci.yml", {"tiny-core", "tiny-service", "tiny-client"}),
        ("README.md", set()),
        ("packages/tiny-core/README.md", set()),
        ("packages/tiny-core/changes/fix.md", set()),
        ("docs/guide.md", set()),
    ],
    ids=[
        "source: all that stand on it",
        "metadata: the same",
        "a test: its own package",
        "a new file: its package",
        "a service: its client, whose tests use it",
        "the root's metadata: everything",
        "the lock: everything",
        "CI, which belongs to nobody: everything",
        "the readme: tests of documents, of which there are none",
        "a package's readme: the same",
        "a change fragment: the same",
        "a guide: the same",
    ],
)
def test_a_changed_path_selects(at_rest: Workspace, path: str, expected: set[str]) -> None:
    assert {one.name for one in select(at_rest, [path]).selected} == expected


def test_tests_of_the_workspace_run_with_every_change_of_a_package(tiny: TinyWorkspace) -> None:
    tiny.write("tests/test_whole.py", "")
    tiny.commit("a test of the whole")
    tiny.write("packages/tiny-client/src/tiny_client/new.py", "")
    assert selected("--base", "HEAD").keys() == {"tiny-client", "workspace"}
    tiny.git("clean", "-fdq")
    tiny.write("docs/guide.md", "# Guide\n")
    assert selected("--base", "HEAD").keys() == {"workspace"}


def test_settings_say_which_tests_a_path_needs(tiny: TinyWorkspace) -> None:
    """`tests_for` before all rules but `everything`; tests that run anyway are not named twice."""
    table = (
        '[tool.clientsmith.workspace]\neverything = ["tools/lock.py"]\n'
        'tests_for = { "tools/*" = "packages/tiny-core/tests/test_core.py", "bench/*" = "" }\n'
    )
    tiny.replace("pyproject.toml", "[tool.clientsmith.workspace]\n", table)
    workspace = find_workspace()
    assert judge(workspace, "bench/run.py").tests == ()
    assert judge(workspace, "tools/deep/new.py").tests == ("packages/tiny-core/tests/test_core.py",)
    assert judge(workspace, "tools/lock.py").effect is Effect.EVERYTHING
    tiny.commit("settings")
    tiny.write("tools/new.py", "")
    assert selected("--base", "HEAD")["workspace"]["paths"] == ["packages/tiny-core/tests/test_core.py"]
    tiny.write("packages/tiny-core/src/tiny_core/new.py", "")
    assert "workspace" not in selected("--base", "HEAD")


def test_changes_are_those_since_the_histories_parted(tiny: TinyWorkspace) -> None:
    """Committed, staged, not staged and new; what the base got meanwhile is not ours."""
    tiny.git("checkout", "-q", "-b", "ours")
    tiny.write("packages/tiny-client/src/tiny_client/committed.py", "")
    tiny.commit("committed")
    tiny.git("checkout", "-q", "main")
    tiny.write("packages/tiny-core/src/tiny_core/theirs.py", "")
    tiny.commit("theirs")
    tiny.git("checkout", "-q", "ours")
    tiny.write("packages/tiny-client/src/tiny_client/staged.py", "")
    tiny.git("add", "--all")
    tiny.write("packages/tiny-client/src/tiny_client/__init__.py", "")
    tiny.write("packages/tiny-client/src/tiny_client/new.py", "")
    result = json.loads(run("--base", "main", "--format", "json").stdout)
    names = [one["path"].rpartition("/")[2] for one in result["changed"]]
    assert names == ["__init__.py", "committed.py", "new.py", "staged.py"]


def test_a_moved_file_concerns_both_packages(tiny: TinyWorkspace) -> None:
    tiny.git("mv", "packages/tiny-client/tests/test_live.py", "packages/tiny-service/tests/test_moved.py")
    assert selected("--base", "main").keys() == {"tiny-client", "tiny-service"}


# --- the description of a service ------------------------------------------------------------------------------------


def test_a_changed_description_selects_the_client_and_says_how(tiny: TinyWorkspace) -> None:
    """Compared is what is served: here the client's metadata does not even name the service."""
    tiny.replace("packages/tiny-client/pyproject.toml", "dev = ['tiny-service']", "dev = []")
    tiny.replace("packages/tiny-client/tests/test_live.py", "from tiny_service import serving\n", "")
    tiny.commit("apart")
    tiny.replace(SERVICE, "def main", "# a comment\n\ndef main")
    assert selected("--base", "HEAD").keys() == {"tiny-service"}
    tiny.replace(SERVICE, 'ROUTE = "/greet"', 'ROUTE = "/greeting"')
    tests = selected("--base", "HEAD")
    assert tests.keys() == {"tiny-service", "tiny-client"}
    (reason,) = tests["tiny-client"]["reasons"]
    assert reason.startswith("the description of tiny-service changed: ")
    assert "/greet" in reason


def test_a_description_that_cannot_be_made_selects_the_client_and_says_so(tiny: TinyWorkspace) -> None:
    tiny.replace(SERVICE, "import http.server", "import missing_thing, http.server")
    tiny.commit("broken")
    tiny.replace(SERVICE, "import missing_thing, http.server", "import http.server")
    reason = selected("--base", "HEAD")["tiny-client"]["reasons"][0]
    assert "may have changed: that of before cannot be made" in reason
    assert "missing_thing" in reason


def test_a_change_of_what_the_service_stands_on_is_a_change_of_its_description(tiny: TinyWorkspace) -> None:
    """Each tree is asked with its own packages, not with those that are installed."""
    tiny.replace("packages/tiny-core/src/tiny_core/__init__.py", "def greeting", 'TITLE = "Tiny"\n\ndef greeting')
    tiny.replace(SERVICE, "from tiny_core import greeting", "from tiny_core import TITLE, greeting")
    tiny.replace(SERVICE, '"title": "Tiny"', '"title": TITLE')
    tiny.commit("title")
    tiny.replace("packages/tiny-core/src/tiny_core/__init__.py", 'TITLE = "Tiny"', 'TITLE = "Small"')
    assert "the description of tiny-service changed" in selected("--base", "HEAD")["tiny-client"]["reasons"][0]


# --- what is said ----------------------------------------------------------------------------------------------------


def test_people_get_command_and_reasons(tiny: TinyWorkspace) -> None:
    tiny.write("packages/tiny-core/src/tiny_core/new.py", "")
    result = run("--base", "main", "--explain")
    assert result.stdout.splitlines() == [
        "tiny-client  python run_tests.py packages/tiny-client/tests",
        "  it uses tiny-core",
        "  its tests use tiny-service",
        "tiny-core  python run_tests.py packages/tiny-core/tests",
        "  packages/tiny-core/src/tiny_core/new.py changed",
        "tiny-service  python run_tests.py packages/tiny-service/tests",
        "  it uses tiny-core",
    ]
    assert "1 changed path since main: 3 sets of tests to run" in result.stderr
    assert "tiny_core/new.py: the package and all that stand on it (part of tiny-core)" in result.stderr


def test_a_matrix_has_a_job_for_each_set(tiny: TinyWorkspace) -> None:
    tiny.write("packages/tiny-client/src/tiny_client/new.py", "")
    matrix = json.loads(run("--base", "main", "--format", "github-matrix").stdout)
    paths = "packages/tiny-client/tests"
    assert matrix == {"include": [{"name": "tiny-client", "paths": paths, "command": f"python run_tests.py {paths}"}]}


def test_all_selects_everything(tiny: TinyWorkspace) -> None:
    assert selected("--all").keys() == {"tiny-client", "tiny-core", "tiny-service"}


def test_run_runs_all_sets_and_tells_which_failed(tiny: TinyWorkspace, capfd: pytest.CaptureFixture[str]) -> None:
    tiny.write("packages/tiny-core/tests/test_core.py", "def test_bad():\n    assert False\n")
    tiny.write("packages/tiny-service/tests/test_service.py", "def test_good():\n    pass\n")
    result = run("--base", "main", "--run")
    assert result.exit_code == 1
    assert "failed: tiny-core\n" in result.stderr
    assert "1 passed" in capfd.readouterr().out


# --- mistakes --------------------------------------------------------------------------------------------------------


def test_an_unknown_revision_is_one_message(tiny: TinyWorkspace) -> None:
    result = run("--base", "nowhere")
    assert result.exit_code == 2
    assert "knows no revision 'nowhere'" in result.stderr
    assert "git fetch --unshallow" in result.stderr


def test_a_folder_that_is_no_workspace_is_one_message(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run()
    assert result.exit_code == 2
    assert "is in no uv workspace" in result.stderr
    assert "clientsmith new NAME" in result.stderr
