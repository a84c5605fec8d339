"""Run the core's tests on the other Pythons that it supports, where this machine has them.

    python -m tools.pythons [3.12 3.13]

An interpreter is looked for on the path and among pyenv's. Each gets an environment of its own, `.venv-3.12` say, with
what `clientsmith-core` and its tests need, in the versions of requirements.lock. The long suites and those against real
servers are left out. Exit code 1 if tests fail somewhere; a Python that is not there is said to be skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Final

from tools.bootstrap import LOCK, ROOT, run
from tools.lock import find_uv

# What the environment of the workspace, which is of the oldest one, does not test.
OTHERS: Final = ("3.12", "3.13")

CORE: Final = ROOT / "packages" / "clientsmith-core"


def find(version: str) -> str | None:
    """Return the path of an interpreter of this version, None if there is none that runs."""
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    installed = sorted(pyenv.glob(f"versions/{version}.*/bin/python"), reverse=True)
    for candidate in filter(None, [shutil.which(f"python{version}"), *map(str, installed)]):
        # A shim of pyenv's is there for every version that any folder uses, and may lead nowhere.
        asked = [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        said = subprocess.run(asked, capture_output=True, text=True, check=False)
        if said.stdout.strip() == version:
            return candidate
    return None


def requirements() -> list[str]:
    """Return what the core, its extras and its tests require, the core itself left out."""
    project = tomllib.loads((CORE / "pyproject.toml").read_text(encoding="utf-8"))
    extras = [each for extra in project["project"]["optional-dependencies"].values() for each in extra]
    wanted = [*project["project"]["dependencies"], *extras, *project["dependency-groups"]["dev"]]
    backend = [*project["build-system"]["requires"], "editables"]
    return sorted({each for each in wanted if not each.startswith(project["project"]["name"])} | {*backend})


def pins() -> str:
    """Return the versions of the lock without their hashes, which an editable project cannot have."""
    lines = re.findall(r"^([\w.-]+==[^\s;\\]+(?: *;[^\\\n]*)?)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    return "\n".join(lines) + "\n"


def prepare(version: str, interpreter: str) -> Path:
    """Return the Python of an environment that has all of it; made anew only when something of it changed."""
    folder = ROOT / f".venv-{version}"
    python, stamp = folder / "bin" / "python", folder / "workspace.stamp"
    wanted = requirements()
    state = sha256("\n".join([interpreter, *wanted, pins()]).encode()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == state:
        return python
    uv = find_uv()
    print(f"Python {version}: setting up {folder.name} …", flush=True)
    run(uv, "venv", "--quiet", "--clear", "--python", interpreter, str(folder))
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as constraints:
        constraints.write(pins())
        constraints.flush()
        run(uv, "pip", "install", "--quiet", "--python", str(python), "--constraints", constraints.name, *wanted)
    # The build backend comes from the lock as well: no isolation, nothing unpinned.
    editable = ("--no-deps", "--no-build-isolation", "--editable", str(CORE))
    run(uv, "pip", "install", "--quiet", "--python", str(python), *editable)
    stamp.write_text(state, encoding="utf-8")
    return python


def test(python: Path) -> bool:
    """Run the core's tests; whether they passed."""
    command = [str(python), "-m", "pytest", "-q", "-m", "not slow and not real", "-p", "no:cacheprovider", str(CORE)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main(arguments: list[str]) -> int:
    """Test on every Python that is named, or on all others that are supported."""
    failed: list[str] = []
    for version in arguments or OTHERS:
        interpreter = find(version)
        if interpreter is None:
            print(f"Python {version}: not on this machine, skipped", flush=True)
            continue
        python = prepare(version, interpreter)
        print(f"Python {version}:", flush=True)
        if not test(python):
            failed.append(version)
    if failed:
        print(f"the core's tests failed on Python {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
