"""`clientsmith gate` on a tiny workspace: real wheels, real environments, tests that run in them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from clientsmith.cli.main import cli
from clientsmith.workspace.building import build
from clientsmith.workspace.index import LoopbackIndex
from tiny_workspace import TinyWorkspace

CORE = "packages/tiny-core/src/tiny_core/__init__.py"
SERVICE = "packages/tiny-service/src/tiny_service/__init__.py"
CLIENT = "packages/tiny-client/src/tiny_client/__init__.py"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that temporary folders are made in; it has to be empty afterwards."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture(autouse=True)
def decoy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackIndex]:
    """The index that the user configured. It holds a `tiny-client` and a `tiny-core` of somebody else."""
    theirs = tmp_path / "theirs"
    wheels: list[Path] = []
    for name in ("tiny-client", "tiny-core"):
        module = name.replace("-", "_")
        (theirs / name / module).mkdir(parents=True)
        (theirs / name / module / "__init__.py").write_text("raise SystemExit('somebody else')\n")
        (theirs / name / "pyproject.toml").write_text(
            f'[project]\nname = "{name}"\nversion = "1.99"\n'
            '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        )
        wheels += build(theirs / name, tmp_path, ("wheel",), epoch=0)
    with LoopbackIndex() as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.view(wheels))
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
        yield index


def gate(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["gate", *arguments], prog_name="clientsmith")


def outcomes(*arguments: str) -> dict[str, Any]:
    result = gate("--format", "json", *arguments)
    assert result.exit_code in (0, 1), result.output
    return {job["name"]: job for job in json.loads(result.stdout)["jobs"]}


def test_everything_fits_and_nothing_comes_from_elsewhere(
    tiny: TinyWorkspace, temporary: Path, decoy: LoopbackIndex
) -> None:
    """What fits passes in every kind of job that needs no other package, and leaves no folder."""
    tiny.release("tiny-core", "tiny-service", "tiny-client")
    result = gate("--only", "cell", "--only", "released", "--only", "minimum", "--only", "latest", "--only", "wheel")
    assert result.exit_code == 0, result.output
    table = result.stdout.splitlines()
    assert table[0].split("  ")[0] == "tiny-client and tiny-service"
    assert table[0].endswith("tiny-service 1.0 (tip)  tiny-service 1.0 (last)")
    assert [line.partition("  ")[0].strip() for line in table[1:3]] == [
        "tiny-client 1.0 (tip)",
        "tiny-client 1.0 (last)",
    ]
    assert all(line.count("ok ") == 2 for line in table[1:3])
    assert table[-1].startswith("15 passed in ")
    assert [path for path in decoy.requests if "tiny-" in path] == [], "the user's index was asked for one of our names"
    assert list(temporary.iterdir()) == []


def test_a_service_that_breaks_its_released_client_fails_that_cell_alone(tiny: TinyWorkspace, tmp_path: Path) -> None:
    """The tip of the client goes with it, and with nothing else."""
    tiny.release("tiny-core", "tiny-service", "tiny-client")
    for path in (SERVICE, CLIENT):
        tiny.replace(path, "/greet", "/greeting")
    report = tmp_path / "report.json"
    result = gate("--only", "cell", "--report", str(report), "--keep", str(tmp_path / "logs"))
    assert result.exit_code == 1
    found = {job["name"]: job["status"] for job in json.loads(report.read_text())["jobs"]}
    assert found == {
        "cell/tiny-client-tip/tiny-service-tip": "passed",
        "cell/tiny-client-tip/tiny-service-last": "failed",
        "cell/tiny-client-last/tiny-service-tip": "failed",
        "cell/tiny-client-last/tiny-service-last": "passed",
    }
    assert "tried: tiny-client 1.0 (last) drives tiny-service 1.0 (tip)" in result.stdout
    assert "HTTPError: HTTP Error 404" in result.stdout
    log = (tmp_path / "logs" / "cell--tiny-client-last--tiny-service-tip.log").read_text()
    assert "run_tests.py packages/tiny-client/tests/test_live.py" in log


@pytest.mark.slow
def test_tests_of_a_release_are_those_of_its_own_tree(tiny: TinyWorkspace) -> None:
    """What the tip's tests ask for that the release does not have is no failure of the release."""
    tiny.release("tiny-core", "tiny-client")
    tiny.replace(CLIENT, "def greet", "def shout(port):\n    return greet(port).upper()\n\ndef greet")
    live = (
        "from tiny_client import shout\n\ndef test_shout():\n    assert shout\n\ndef test_more():\n    assert shout\n"
    )
    tiny.write("packages/tiny-client/tests/test_live.py", live)
    found = outcomes("--only", "cell")
    assert found["cell/tiny-client-tip/tiny-service-tip"]["message"] == "2 passed"
    assert found["cell/tiny-client-last/tiny-service-tip"]["message"] == "1 passed"


@pytest.mark.slow
def test_a_pair_that_nobody_promised_is_no_failure(tiny: TinyWorkspace) -> None:
    tiny.release("tiny-core", "tiny-service", "tiny-client")
    tiny.replace("packages/tiny-service/pyproject.toml", 'version = "1.0"', 'version = "2.0"')
    tiny.replace("pyproject.toml", 'supported = ">=1.0"', 'supported = ">=2.0"')
    result = gate("--only", "cell/tiny-client-tip")
    assert result.exit_code == 0, result.output
    assert "1 passed, 1 not supported in " in result.stdout
    assert outcomes("--only", "cell/tiny-client-tip/tiny-service-last")[
        "cell/tiny-client-tip/tiny-service-last"
    ]["message"] == "tiny-client 1.0 needs tiny-service >=2.0"  # fmt: skip


def test_a_lower_bound_that_is_too_low_is_named(tiny: TinyWorkspace) -> None:
    """The client uses what the core has since 1.1, and says that 1.0 will do."""
    tiny.release("tiny-core")
    tiny.replace(CORE, "def greeting", "def farewell():\n    return 'bye'\n\ndef greeting")
    tiny.replace("packages/tiny-core/pyproject.toml", 'version = "1.0"', 'version = "1.1"')
    tiny.replace(CLIENT, "import greeting", "import farewell, greeting")
    job = outcomes("--only", "minimum/tiny-client")["minimum/tiny-client"]
    assert job["message"] == (
        "its tests fail with tiny-core 1.0, the lowest version that it allows, and not with tiny-core 1.1"
    )
    assert job["hint"] == "raise the lower bound of tiny-core: tiny-core<2,>=1.0 in dependencies"
    assert "cannot import name 'farewell'" in job["details"]


@pytest.mark.slow
def test_a_tip_that_needs_an_unreleased_tip_is_told_what_to_release(tiny: TinyWorkspace) -> None:
    """The core has the same version as when it was released, but not the same content; so has what is not to blame."""
    tiny.package("tiny-base", code="", tests={})
    tiny.replace(
        "packages/tiny-client/pyproject.toml", "['tiny-core>=1.0,<2']", "['tiny-base>=1.0', 'tiny-core>=1.0,<2']"
    )
    tiny.release("tiny-base", "tiny-core")
    tiny.write("packages/tiny-base/src/tiny_base/__init__.py", "NEW = 1\n")
    tiny.replace(CORE, "def greeting", "def farewell():\n    return 'bye'\n\ndef greeting")
    tiny.replace(CLIENT, "import greeting", "import farewell, greeting")
    job = outcomes("--only", "minimum/tiny-client")["minimum/tiny-client"]
    assert job["message"] == "its tests fail with tiny-core 1.0, which was released, and not with its tip"
    assert job["hint"].startswith("release tiny-core first, and raise its lower bound")


@pytest.mark.slow
def test_what_was_released_over_a_tip_that_breaks_it_fails(tiny: TinyWorkspace) -> None:
    """A core that lost something its users are told they may use."""
    tiny.release("tiny-core", "tiny-service", "tiny-client")
    for path in (CORE, SERVICE, CLIENT):
        tiny.replace(path, "greeting", "salutation")
    tiny.replace("packages/tiny-core/tests/test_core.py", "greeting", "salutation")
    found = outcomes("--only", "released")
    assert {name: job["status"] for name, job in found.items()} == {
        "released/tiny-client": "failed",
        "released/tiny-service": "failed",
    }
    assert "cannot import name 'greeting' from 'tiny_core'" in found["released/tiny-client"]["details"]


@pytest.mark.slow
def test_an_sdist_needs_its_licence_and_its_tests(tiny: TinyWorkspace) -> None:
    """Who packages for a distribution looks for both."""
    assert outcomes("--only", "sdist/tiny-core")["sdist/tiny-core"]["status"] == "passed"
    pyproject = "packages/tiny-core/pyproject.toml"
    tiny.replace(pyproject, 'license-files = ["LICENSE"]\n', "license-files = []\n")
    (tiny.root / "packages/tiny-core/LICENSE").unlink()
    assert outcomes("--only", "sdist/tiny-core")["sdist/tiny-core"]["message"] == "its sdist has no licence"
    tiny.write(
        pyproject, (tiny.root / pyproject).read_text() + '\n[tool.hatch.build.targets.sdist]\nexclude = ["tests"]\n'
    )
    assert outcomes("--only", "sdist/tiny-core")["sdist/tiny-core"]["message"] == "its sdist lacks tests"


@pytest.mark.slow
def test_a_program_that_does_not_start_fails(tiny: TinyWorkspace) -> None:
    tiny.replace(SERVICE, 'print("tiny-service")', "raise SystemExit('out of order')")
    job = outcomes("--only", "wheel/tiny-service")["wheel/tiny-service"]
    assert job["message"] == "its program `tiny-service` does not start"
    assert "out of order" in job["details"]


@pytest.mark.slow
def test_releases_of_an_index_are_tried_with_the_tests_of_their_sdists(tiny: TinyWorkspace, tmp_path: Path) -> None:
    """With --index nothing is taken from git."""
    released = tmp_path / "released"
    files = [file for name in ("tiny-core", "tiny-client") for file in build(tiny.root / "packages" / name, released)]
    shutil.copy(tiny.root / "run_tests.py", tmp_path)
    tiny.replace("pyproject.toml", "python run_tests.py", f"python {tmp_path / 'run_tests.py'}")
    tiny.replace("packages/tiny-client/pyproject.toml", 'version = "1.0"', 'version = "1.1"')
    tiny.commit("next")
    with LoopbackIndex() as index:
        url = index.view(files)
        found = outcomes("--only", "cell", "--index", url)
        assert {name: job["status"] for name, job in found.items()} == {
            "cell/tiny-client-tip/tiny-service-tip": "passed",
            "cell/tiny-client-last/tiny-service-tip": "passed",
        }
    away = gate("--index", "http://127.0.0.1:9/simple/")
    assert away.exit_code == 2
    assert "cannot get the releases of tiny-client from the index" in away.stderr


@pytest.mark.slow
def test_fail_fast_starts_nothing_more(tiny: TinyWorkspace) -> None:
    tiny.replace(CORE, "def greeting(name):", "import missing_thing\n\ndef greeting(name):")
    found = outcomes("--only", "wheel", "--fail-fast", "--jobs", "1")
    assert [job["status"] for job in found.values()] == ["failed", "skipped", "skipped"]


@pytest.mark.slow
def test_reports_for_pages_and_for_github(tiny: TinyWorkspace) -> None:
    tiny.replace(SERVICE, 'print("tiny-service")', "raise SystemExit('100% out of order')")
    markdown = gate("--only", "wheel/tiny-service", "--format", "markdown")
    assert "| job | result | time |  |\n| --- | --- | --- | --- |\n| `wheel/tiny-service` | FAILED |" in markdown.stdout
    github = gate("--only", "wheel/tiny-service", "--format", "github")
    (line,) = github.stdout.splitlines()
    assert line.startswith("::error file=packages/tiny-service/pyproject.toml")
    assert "::its program `tiny-service` does not start%0A" in line
    assert "100%25 out of order" in github.stdout


def test_a_list_does_nothing(tiny: TinyWorkspace, decoy: LoopbackIndex) -> None:
    tiny.release("tiny-core")
    result = gate("--list")
    assert result.exit_code == 0
    assert "wheel/tiny-core  its wheel installs" in result.stdout.splitlines()
    assert result.stderr.endswith("22 jobs\n")
    assert decoy.requests == []


# --- mistakes --------------------------------------------------------------------------------------------------------


def test_a_release_whose_commit_is_not_here_is_one_message(tiny: TinyWorkspace, temporary: Path) -> None:
    tiny.write("releases.toml", f'[[release]]\npackage = "tiny-core"\nversion = "0.1"\ncommit = "{"0" * 40}"\n')
    result = gate()
    assert result.exit_code == 2
    assert "tiny-core 0.1 was released from the commit 000000000000, which is not in this repository" in result.stderr
    assert "git fetch --unshallow" in result.stderr
    assert list(temporary.iterdir()) == []


def test_a_release_of_another_version_is_one_message(tiny: TinyWorkspace) -> None:
    tiny.release("tiny-core")
    tiny.replace("releases.toml", 'version = "1.0"', 'version = "1.1"')
    result = gate("--list")
    assert result.exit_code == 2
    assert "says that tiny-core 1.1 was released from" in result.stderr
    assert "but there it is 1.0" in result.stderr


def test_a_package_that_cannot_be_built_is_one_message(tiny: TinyWorkspace, temporary: Path) -> None:
    tiny.replace("packages/tiny-core/pyproject.toml", 'version = "1.0"', 'version = "one"')
    result = gate("--only", "wheel")
    assert result.exit_code == 2
    assert "cannot build the wheel of" in result.stderr
    assert "Invalid version `one`" in result.stderr
    assert list(temporary.iterdir()) == []


def test_a_pattern_without_jobs_is_one_message(tiny: TinyWorkspace) -> None:
    result = gate("--only", "nonsense")
    assert result.exit_code == 2
    assert "no job is called nonsense" in result.stderr


@pytest.mark.parametrize(
    "number",
    [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)],
    ids=["Ctrl-C", "a cancelled job of CI"],
)
def test_breaking_it_off_leaves_no_process_and_no_folder(
    tiny: TinyWorkspace, temporary: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """Broken off while a test of a job runs that has a child of its own and would take an hour."""
    marker = tmp_path / "running"
    tiny.write(
        "packages/tiny-core/tests/test_core.py",
        "import os, pathlib, subprocess, sys\n"
        "def test_endless():\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)'])\n"
        f"    pathlib.Path({str(marker)!r}).write_text(f'{{os.getpid()}} {{child.pid}}')\n"
        "    child.wait()\n",
    )
    command = [sys.executable, "-m", "clientsmith.cli.main", "gate", "--only", "latest/tiny-core"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True) as process:
        for _ in range(600):
            if marker.exists() and marker.read_text():
                break
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 1, output.decode()
    assert not [pid for pid in marker.read_text().split() if _is_running(int(pid))]
    assert list(temporary.iterdir()) == []


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z" if Path("/proc").is_dir() else True


@pytest.mark.slow
def test_a_package_of_somebody_else_is_noticed_wherever_it_came_from(
    tiny: TinyWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that uv is told to look in is asked beside every index; here it holds the decoy's wheels."""
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    job = outcomes("--only", "wheel/tiny-service")["wheel/tiny-service"]
    assert job["message"] == "the tiny-core that was installed is none of ours"
    assert "UV_FIND_LINKS" in job["hint"]


@pytest.mark.slow
def test_every_way_to_install_works(tiny: TinyWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The build backend and pip come from the index that is really configured."""
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    monkeypatch.delenv("UV_CACHE_DIR")
    found = outcomes("--only", "git-uv", "--only", "git-pip", "--only", "editable")
    assert {name: job["message"] for name, job in found.items() if job["status"] != "passed"} == {}
    assert len(found) == 9
