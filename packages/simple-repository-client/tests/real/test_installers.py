"""A file that this client downloaded and verified is one that pip and uv install; and what each does with versions."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.simple import installers
from tools.indexes import PAGE
from tools.lock import find_uv
from tools.model_index import ModelIndex


def run(*command: str | Path) -> str:
    """Run a program without any index: whatever it needs is here."""
    offline = {"PIP_NO_INDEX": "1", "UV_OFFLINE": "1", "PATH": str(Path(sys.executable).parent), "NO_COLOR": "1"}
    finished = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, timeout=60, env=offline
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def pip_install(python: Path, folder: Path) -> Sequence[str | Path]:
    pip = (Path(sys.base_prefix) / "bin" / "python3", "-m", "pip", "--python", python, "install", "--no-deps")
    return (*pip, "--no-cache-dir", "--disable-pip-version-check", "--find-links", folder, "holygrail==1.1")


def uv_install(python: Path, folder: Path) -> Sequence[str | Path]:
    options = ("--no-index", "--no-cache", "--no-config", "--find-links", folder)
    return (find_uv(), "pip", "install", "--python", python, *options, "holygrail==1.1")


@pytest.mark.parametrize(
    ("install", "colour"),
    [(pip_install, False), (uv_install, True)],
    ids=["pip, sync", "uv, async"],
    indirect=["colour"],
)
async def test_an_installer_takes_what_was_downloaded(install: Any, colour: Any, tmp_path: Path) -> None:
    """Into an environment made for it, from the folder alone."""
    if install is pip_install and not (Path(sys.base_prefix) / "bin" / "python3").exists():
        pytest.skip("this Python has no pip of its own")
    with ModelIndex() as index:
        async with colour.client(index.url) as client:
            page = await colour.done(client.get_project("HolyGrail"))
            await colour.done(client.download_all(page.files, tmp_path / "wheels"))
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    run(*install(python, tmp_path / "wheels"))
    assert run(python, "-c", "import holygrail; print(holygrail.VERSION)") == "1.1\n"


def column(title: str, serialization: str) -> dict[str, str]:
    """A column of the guide's table: what is done with what the index says."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    head = next(place for place, line in enumerate(lines) if line.startswith("| the index says |"))
    names = [cell.strip() for cell in lines[head].strip("|").split("|")]
    place = names.index(f"{title}<br>{serialization}")
    rows = (line.strip("|").split("|") for line in lines[head + 2 : head + 2 + len(installers.CASES)])
    return {row[0].strip(): row[place].strip() for row in rows}


@pytest.mark.parametrize("client", [installers.ours, installers.ours_async], ids=["sync", "async"])
@pytest.mark.parametrize("serialization", ["JSON", "HTML"])
def test_versions_are_judged_as_the_guide_says(client: Any, serialization: str) -> None:
    """Our column of the table that `python benchmarks/simple/installers.py` makes, in both colours."""
    outcomes = {case.name: installers.outcome(client, case, serialization) for case in installers.CASES}
    assert {name: one.verdict for name, one in outcomes.items()} == column("this client", serialization)
    # Nobody is left without a reason.
    assert all(one.words for one in outcomes.values() if one.verdict != "installs")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pip", "uv", "pypi-simple"])
@pytest.mark.parametrize("serialization", ["JSON", "HTML"])
def test_the_others_do_as_the_guide_says(name: str, serialization: str) -> None:
    """The other columns, where `.venv-bench` has the peers; see benchmarks/README.md."""
    version = installers.version_of(name)
    if not version:
        pytest.skip(f"{name} is not installed in {installers.PEERS.name}")
    client = installers.CLIENTS[name]
    done = {case.name: installers.outcome(client, case, serialization).verdict for case in installers.CASES}
    assert done == column(f"{name} {version}", serialization)
