"""Living with a client, from `clientsmith new` to a change that would have broken everybody: the page, as it is read.

Beside what other tutorials do (see `test_tutorials.py`), this page has

    ```diff FILE changes      parts of a file that change, `@@` between them
    $ cd FOLDER, $ export …   which hold for what follows
    $ . .venv/bin/activate    left out, as is everything that installs: the commands are those of this workspace

What the new workspace needs of ours comes from wheels that are built here, all else as uv is configured.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("clientsmith_tutorials", Path(__file__).with_name("test_tutorials.py"))
assert _SPEC
assert _SPEC.loader
tutorials = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = tutorials
_SPEC.loader.exec_module(tutorials)
tutorials.SECONDS = 300.0  # `gate` makes environments; on a busy machine that takes its time

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "tutorials" / "living-with-a-client.md"
OURS = ("clientsmith-core", "clientsmith-server")
SERVERS = Path(os.environ.get("CLIENTSMITH_SERVERS", ".venv-servers"))
PYPISERVER = ROOT / SERVERS / "pypiserver" / "bin"


class Resident(tutorials.Reader):  # type: ignore[misc, name-defined]
    """Somebody who stays: moves into the folder, and changes files that are there."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        super().__init__(folder)
        self.variables = variables

    def write(self, words: list[str], content: str) -> None:
        if words[1:] != ["changes"]:
            super().write(words, content)
            return
        path = self.folder / words[0]
        text = path.read_text(encoding="utf-8")
        for part in content.split("@@\n"):
            lines = part.splitlines(keepends=True)
            old = "".join(line[1:] for line in lines if line[0] in " -")
            new = "".join(line[1:] for line in lines if line[0] in " +")
            assert text.count(old) == 1, f"{words[0]} does not have these lines once:\n{old}"
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")

    def run(self, command: list[str]) -> str:
        typed = command[-1]
        if typed.startswith("cd "):
            self.folder /= typed.removeprefix("cd ")
            return ""
        if typed.startswith("export "):
            self.variables |= dict(re.findall(r"(\w+)=(\S+)", typed))
            return ""
        if typed == ". .venv/bin/activate":
            return ""
        return super().run(command)  # type: ignore[no-any-return]

    def environment(self) -> dict[str, str]:
        inherited = super().environment()
        path = os.pathsep.join([inherited["PATH"], str(PYPISERVER)])
        members = os.pathsep.join(str(folder) for folder in sorted(self.folder.glob("packages/*/src")))
        return {**inherited, "PATH": path, "PYTHONPATH": members, **self.variables}


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """What the workspace needs of ours, as an index would have it."""
    folder = tmp_path / "wheels"
    for name in OURS:
        command = [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--no-build-isolation", "--offline"]
        subprocess.run(
            [*command, "--python", sys.executable, "--out-dir", folder, ROOT / "packages" / name],
            check=True,
            capture_output=True,
        )
    return folder


@pytest.fixture
def resident(tmp_path: Path, wheels: Path) -> Iterator[Resident]:
    (tmp_path / "home").mkdir()
    person = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Robin"), ("EMAIL", "robin@example.test"))
    }
    variables = {**person, "GIT_CONFIG_GLOBAL": os.devnull, "UV_FIND_LINKS": str(wheels), "RUN": "", "UV": "uv"}
    resident = Resident(tmp_path / "home", {**variables, "PYTHONDONTWRITEBYTECODE": "1"})
    yield resident
    resident.stop()


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.skipif(not PYPISERVER.is_dir(), reason="python -m tools.servers install pypiserver")
def test_living_with_a_client(resident: Resident) -> None:
    resident.read(PAGE.read_text(encoding="utf-8"))
