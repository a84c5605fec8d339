"""Virtual environments that are made for one purpose, by uv."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from .building import find_uv
from .processes import Finished, Processes

__all__ = ["Environment", "uv_variables"]

# What the surroundings say of Python must not reach into an environment that is to be alone.
_CUT_OFF: Final = {"PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": "", "VIRTUAL_ENV": ""}


def uv_variables() -> dict[str, str]:
    """Return the variables that every uv of ours runs with: no colours, no bars, no Python downloads, no lock's age.

    Which index others' packages come from stays what the user configured.
    """
    quiet = {"UV_NO_PROGRESS": "1", "NO_COLOR": "1", "UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": ""}
    return {**quiet, "UV_LINK_MODE": os.environ.get("UV_LINK_MODE", "")} if "UV_LINK_MODE" in os.environ else quiet


@dataclass(frozen=True)
class Environment:
    """A virtual environment.

    ``processes`` runs everything for it, so that who ends them ends what runs here.
    """

    folder: Path
    processes: Processes = field(default_factory=Processes, compare=False)

    @classmethod
    def create(cls, folder: Path, *, python: str = "", processes: Processes | None = None) -> Environment:
        """Make an empty environment; ``python`` is a version or a path, by default the Python that runs us.

        Raises:
            InputError: There is no uv.
            OSError: It cannot be made; the message is what uv said.
        """
        environment = cls(folder, processes or Processes())
        command = [find_uv(), "venv", "--quiet", "--no-project", "--no-config", "--python", python or sys.executable]
        finished = environment.processes.run([*command, str(folder)], variables=uv_variables())
        if not finished.is_good:
            raise OSError(f"cannot make an environment of Python {python or sys.executable}: {finished.last_lines(5)}")
        return environment

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def install(
        self,
        *requirements: str,
        index: str = "",
        find_links: Iterable[Path] = (),
        constraints: Iterable[Path] = (),
        offline: bool = False,
        options: Sequence[str] = (),
    ) -> Finished:
        """Install requirements, as `uv pip install` takes them; how that ended is for the caller to judge.

        ``index`` is asked before all others: a name that it knows is looked up nowhere else, even if no version there
        fits. All else comes from the index that the user configured, or with ``offline`` from uv's cache.
        """
        command = [find_uv(), "pip", "install", "--python", str(self.python), "--no-sources"]
        # Of several indexes the one that is named first is asked first.
        command += ["--index", index, "--index-strategy", "first-index"] if index else []
        command += [*options, *(["--offline"] if offline else [])]
        for folder in find_links:
            command += ["--find-links", str(folder)]
        for file in constraints:
            command += ["--constraint", str(file)]
        # From its own folder: no pyproject.toml of somebody else's speaks up.
        return self.processes.run([*command, "--", *requirements], cwd=self.folder, variables=uv_variables())

    def run(
        self,
        *arguments: str | Path,
        cwd: Path | None = None,
        variables: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> Finished:
        """Run a program of the environment, ``python`` or a console script, away from all others."""
        program, *others = arguments
        path = os.pathsep.join([str(self.python.parent), os.environ.get("PATH", os.defpath)])
        return self.processes.run(
            [self.python.parent / program, *others],
            cwd=cwd or self.folder,
            variables={**_CUT_OFF, "PATH": path, **(variables or {})},
            seconds=seconds,
        )
