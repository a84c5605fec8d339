"""A small workspace in a git repository: a core, a client and a service of pets, each released once as 1.0.0."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from clientsmith.release import Request, plan_release
from clientsmith.release.artefacts import hash_of
from clientsmith.release.plan import PackagePlan, Planned
from clientsmith.workspace import Workspace, find_workspace

NOW: Final = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WHO: Final = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}

_PYPROJECT: Final = """\
[project]
name = "{name}"
version = "1.0.0"
description = "{description}"
readme = "README.md"
requires-python = ">=3.11"
license = "MIT"
license-files = ["LICENSE"]
dependencies = [{dependencies}]
{more}
[build-system]
requires = ["hatchling>=1.28"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
packages = ["src/{package}"]
"""

CORE: Final = '''\
"""The runtime of pets."""

VERSION = "1.0.0"


def fetch(path: str) -> str:
    """Fetch a path."""
    return path
'''
CLIENT: Final = '''\
"""The client of pets."""

from pets_core import fetch


class PetsClient:
    """Knows pets."""

    def get_pet(self, name: str) -> str:
        """Return a pet."""
        return fetch(f"/v2/pets/{name}")
'''
SERVICE: Final = '"""The service of pets."""\n\nfrom pets_core import VERSION\n\nROUTES = ["/v2/pets", VERSION]\n'
ROOT_PYPROJECT: Final = """\
[project]
name = "pets-workspace"
version = "0"

[tool.uv]
package = false

[tool.uv.workspace]
members = ["packages/*"]

[tool.uv.sources]
pets-client = { workspace = true }
pets-core = { workspace = true }
pets-service = { workspace = true }

[tool.clientsmith.workspace.trains.pets]
packages = ["pets-client", "pets-core", "pets-service"]
"""


@dataclass(frozen=True)
class House:
    """The workspace, and what tests do to it."""

    root: Path

    def git(self, *arguments: str) -> str:
        finished = subprocess.run(
            ["git", "-C", str(self.root), *arguments], capture_output=True, text=True, check=False, env=os.environ | WHO
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout.strip()

    def write(self, files: Mapping[str, str | None]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_text(text, encoding="utf-8")

    def commit(self, files: Mapping[str, str | None], message: str = "a change") -> str:
        """Write files and commit them; return the commit."""
        self.write(files)
        self.git("add", "--all")
        dates = {"GIT_AUTHOR_DATE": "1700000000 +0000", "GIT_COMMITTER_DATE": "1700000000 +0000"}
        subprocess.run(
            ["git", "-C", str(self.root), "commit", "--quiet", "--message", message],
            check=True,
            env=os.environ | WHO | dates,
        )
        return self.git("rev-parse", "HEAD")

    def text(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8")

    @property
    def workspace(self) -> Workspace:
        return find_workspace(self.root)

    def plan(self, **request: object) -> Planned:
        """Plan a release, always at the same time."""
        return plan_release(self.workspace, Request(**request), NOW)  # type: ignore[arg-type]

    def state(self) -> dict[str, str]:
        """Return everything that git knows: branches, tags, and whether the tree is clean."""
        return {"refs": self.git("show-ref", "--head"), "status": self.git("status", "--porcelain")}

    def edit(self, name: str, old: str, new: str) -> dict[str, str | None]:
        """Return an edit for `commit`."""
        text = self.text(name)
        assert old in text
        return {name: text.replace(old, new)}


def build_house(root: Path) -> House:
    """Make the workspace with its first releases."""
    root.mkdir()
    house = House(root)
    # Without sample hooks to copy for each test, and without a look for garbage after each commit.
    house.git("init", "--quiet", "--template=", "--initial-branch", "main")
    house.git("config", "gc.auto", "0")
    house.git("config", "maintenance.auto", "false")
    files: dict[str, str | None] = {"pyproject.toml": ROOT_PYPROJECT, ".gitignore": ".venv/\ndist/\n"}
    files |= _package("pets-core", "The runtime", CORE)
    family = '\n[tool.clientsmith.release]\napi_family = "v2"\n'
    files |= _package("pets-client", "The client", CLIENT, '"pets-core>=1,<2"', family)
    files |= _package("pets-service", "The service", SERVICE, '"pets-core>=1,<2"')
    first = house.commit(files, "everything")
    entries = [
        f'[[release]]\npackage = "{name}"\nversion = "1.0.0"\ncommit = "{first}"\n'
        for name in ("pets-core", "pets-client", "pets-service")
    ]
    house.commit({"releases.toml": "# What was released.\n\n" + "\n".join(entries)}, "releases")
    return house


def _package(name: str, description: str, source: str, dependencies: str = "", more: str = "") -> dict[str, str | None]:
    package, folder = name.replace("-", "_"), f"packages/{name}"
    return {
        f"{folder}/pyproject.toml": _PYPROJECT.format(
            name=name, package=package, description=description, dependencies=dependencies, more=more
        ),
        f"{folder}/README.md": f"# {name}\n\n{description} of pets.\n",
        f"{folder}/LICENSE": "MIT\n",
        f"{folder}/CHANGELOG.md": f"# Changelog of {name}\n\n## 1.0.0\n\nThe first version.\n",
        f"{folder}/src/{package}/__init__.py": source,
        f"{folder}/src/{package}/py.typed": "",
        f"{folder}/tests/test_{package}.py": f"import {package}\n\n\ndef test_it() -> None:\n    assert {package}.__doc__\n",
    }


# Added to the core: a function, with its fragment.
NEW_FUNCTION: Final = (
    CORE + '\n\ndef fetch_all(path: str) -> list[str]:\n    """Fetch what is below a path."""\n    return [path]\n'
)
ADDS_TO_CORE: Final[Mapping[str, str | None]] = {
    "packages/pets-core/src/pets_core/__init__.py": NEW_FUNCTION,
    "packages/pets-core/changes/fetch-all.added.md": "`fetch_all`, which fetches what is below a path.\n",
}
FIXES_CLIENT: Final[Mapping[str, str | None]] = {
    "packages/pets-client/src/pets_client/__init__.py": CLIENT.replace("Return a pet.", "Return the pet of a name."),
    "packages/pets-client/changes/pet-docs.fixed.md": "The docstring of `get_pet`.\n",
}


def quick_build(top: Path, commit: str, package: PackagePlan, into: Path) -> dict[str, str]:
    """Make a wheel and an sdist that depend on nothing but the plan, in milliseconds and without a build backend."""
    into.mkdir(parents=True, exist_ok=True)
    wheel, sdist = (into / name for name in package.files)
    stem = f"{package.name.replace('-', '_')}-{package.new}"
    metadata = (
        f"Metadata-Version: 2.4\nName: {package.name}\nVersion: {package.new}\nSummary: Pets\nLicense-Expression: MIT\n"
        "License-File: LICENSE\nDescription-Content-Type: text/markdown\n\n# Pets\n"
    )
    module = package.name.replace("-", "_")
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {
            f"{module}/__init__.py": "",
            f"{module}/py.typed": "",
            f"{stem}.dist-info/METADATA": metadata,
            f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: quick\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{stem}.dist-info/licenses/LICENSE": "MIT",
        }.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    with tarfile.open(sdist, "w:gz", compresslevel=0) as archive:
        for name, text in {"PKG-INFO": metadata, "pyproject.toml": "", "LICENSE": "MIT"}.items():
            entry = tarfile.TarInfo(f"{stem}/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    # gzip writes the time of day into its head: bytes 4 to 8.
    content = bytearray(sdist.read_bytes())
    content[4:8] = b"\0\0\0\0"
    sdist.write_bytes(content)
    return {path.name: hash_of(path) for path in (wheel, sdist)}
