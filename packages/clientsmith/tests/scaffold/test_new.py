"""`clientsmith new`: a workspace is there whole, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from clientsmith.cli.main import cli
from clientsmith.scaffold import create as creating

CHECKOUT = Path(__file__).parents[4]


def new(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["new", *arguments])


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_workspace_is_made_and_the_next_steps_are_said(here: Path) -> None:
    result = new("parcels")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("parcels: ")
    assert "packages/parcels-client  ParcelsClient, 7 methods" in result.stdout
    assert "make test" in result.stdout
    client = here / "parcels/packages/parcels-client/src/parcels_client"
    assert "def begin_create_report(" in (client / "_client.py").read_text()
    assert (here / "parcels/.git").is_dir()
    assert [path.name for path in here.iterdir()] == ["parcels"]


def test_the_same_command_gives_the_same_bytes(here: Path) -> None:
    for folder in ("one", "two"):
        assert new("parcels", "--output", folder, "--framework", "fastapi").exit_code == 0
    assert tree(here / "one") == tree(here / "two")
    assert not any("__pycache__" in path for path in tree(here / "one"))


def test_a_dry_run_lists_what_would_be_written_and_writes_nothing(here: Path) -> None:
    listed = new("parcels", "--dry-run")
    assert listed.exit_code == 0, listed.output
    assert not list(here.iterdir())
    new("parcels")
    assert [line.removeprefix("would write ") for line in listed.stdout.splitlines()] == sorted(tree(here / "parcels"))


def test_a_folder_that_is_not_empty_is_refused(here: Path) -> None:
    (here / "parcels").mkdir()
    (here / "parcels" / "mine.txt").write_text("mine")
    result = new("parcels")
    assert result.exit_code == 2
    assert "error: parcels is not empty\n  hint: give another folder: --output DIR" in result.stderr
    assert tree(here) == {"parcels/mine.txt": b"mine"}


def test_an_empty_folder_is_filled_and_stays_the_same_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "empty").mkdir()
    before = (here / "empty").stat().st_ino
    monkeypatch.chdir(here / "empty")
    assert new("parcels", "--output", ".").exit_code == 0
    assert (here / "empty").stat().st_ino == before
    assert (here / "empty" / "pyproject.toml").is_file()


def test_nothing_is_left_behind_when_it_fails_on_the_way(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(creating, "write_client", fail)
    result = new("parcels", "--output", "deep/in/parcels")
    assert result.exit_code == 2
    assert "cannot make deep/in/parcels: No space left on device" in result.stderr
    assert not list(here.iterdir())


def test_an_empty_folder_is_empty_again_when_it_cannot_be_filled(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "empty").mkdir()
    rename, moved = Path.rename, iter([True, True, False])

    def break_down(self: Path, target: Path) -> Path:
        if not next(moved):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", break_down)
    result = new("parcels", "--output", "empty")
    assert "cannot make empty: Input/output error" in result.stderr
    assert [path.name for path in here.rglob("*")] == ["empty"]


def test_a_repository_around_it_is_kept_the_only_one(here: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(here)], check=True)
    assert "git add" not in new("parcels").stdout
    assert not (here / "parcels/.git").exists()


def test_without_git_there_is_no_repository(here: Path) -> None:
    assert new("parcels", "--no-git").exit_code == 0
    assert not (here / "parcels/.git").exists()


def test_where_there_is_no_git_the_way_without_it_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(here))
    result = new("parcels")
    assert result.exit_code == 2
    assert "git is not installed" in result.stderr
    assert "hint: give --no-git to go without a repository" in result.stderr
    assert not list(here.iterdir())


def test_a_bad_name_is_one_message_and_writes_nothing(here: Path) -> None:
    result = new("My Parcels")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: 'My Parcels' cannot name a service: ")
    assert result.stderr.endswith("hint: for example my-parcels\n")
    assert not list(here.iterdir())


def test_a_service_that_cannot_be_asked_is_named_with_what_is_missing(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the framework is not installed and nothing can be fetched, the message says what to install."""
    monkeypatch.setattr("clientsmith.scaffold.description.missing_requirements", lambda _: ["litestar>=2.23,<3"])
    (here / "nothing").mkdir()
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(here / "nothing"))
    result = new("parcels")
    assert result.exit_code == 2
    assert "litestar>=2.23,<3 is not here and cannot be installed" in result.stderr
    assert "hint: install it beside clientsmith: pip install 'clientsmith-server" in result.stderr
    assert [path.name for path in here.iterdir()] == ["nothing"]


@pytest.mark.slow
@pytest.mark.parametrize("framework", ["litestar", "fastapi"])
def test_it_is_formatted_and_linted_and_typed_and_its_client_is_what_the_service_gives(
    framework: str, here: Path
) -> None:
    """With the longest names that there may be, sorted otherwise than those of the sample."""
    name = "international-shipping-gateway"
    assert new(name, "--resource", "acknowledgement", "--framework", framework, "-o", "it").exit_code == 0
    for command in (
        ["-m", "ruff", "check", "--no-cache", "."],
        ["-m", "ruff", "format", "--no-cache", "--check", "."],
        ["-m", "mypy", "--cache-dir", str(here / "mypy")],
        ["-m", "clientsmith.cli.main", "generate", "--check", "--strict", "--config",
         f"packages/{name}-client/clientsmith.toml"],
        ["-m", "pytest", "-q", "-p", "no:cacheprovider"],
    ):  # fmt: skip
        finished = in_workspace(here / "it", [sys.executable, *command])
        assert finished.returncode == 0, f"{command}\n{finished.stdout}{finished.stderr}"


def in_workspace(root: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command as if the members of the workspace were installed."""
    importable = os.pathsep.join(str(folder) for folder in sorted(root.glob("packages/*/src")))
    plain = {"PYTHONPATH": importable, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    variables = {**os.environ, **plain, "PYTEST_ADDOPTS": "", "MYPYPATH": ""}
    return subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our packages as a folder of wheels."""
    folder = tmp_path_factory.mktemp("wheels")
    uv = [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--no-build-isolation", "--offline"]
    for name in ("clientsmith-core", "clientsmith-server", "simple-repository-client", "clientsmith"):
        command = [*uv, "--python", sys.executable, "--out-dir", str(folder), str(CHECKOUT / "packages" / name)]
        subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("framework", "source"), [("litestar", "--editable"), ("fastapi", "--find-links")])
def test_its_own_commands_work_in_an_environment_of_its_own(
    framework: str, source: str, here: Path, wheels: Path
) -> None:
    """As its users begin: uv installs everything, from the index that it is configured for and our wheels."""
    place = wheels if source == "--find-links" else CHECKOUT
    result = new("parcels", "--framework", framework, source, str(place))
    assert result.exit_code == 0, result.output
    program = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    kept = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    person = {
        f"GIT_{who}_{what}": "robin@example.test" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    for command in (
        ["make", "test", "lint", "types", "check"],
        ["git", "add", "--all"],
        ["git", "commit", "--quiet", "--message", "the first commit"],
        ["make", "affected", "release-check", "BASE=HEAD"],
    ):
        finished = subprocess.run(
            command,
            cwd=here / "parcels",
            env={**kept, **person, "PATH": program},
            capture_output=True,
            text=True,
            timeout=800,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
