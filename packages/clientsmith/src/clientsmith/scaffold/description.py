"""What a new service says of itself, asked for as its client's generator will: the service is imported, not read.

It runs in a process of its own, so that nothing of it stays here. Where what it stands on is not installed beside
us, uv makes an environment that has it, for this one question.
"""

from __future__ import annotations

import json
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from clientsmith.findings import InputError
from clientsmith.workspace.environments import Environment
from clientsmith.workspace.processes import Finished, Processes
from packaging.requirements import Requirement

from .choices import Choices

__all__ = ["described", "missing_requirements"]

# An import and a walk over a dozen routes: a process that takes longer hangs.
_SECONDS: Final = 120.0
_ASK: Final = {
    "litestar": "api.openapi_schema.to_schema()",
    "fastapi": "api.openapi()",
}
_PROGRAM: Final = "import json; from {package}.app import api; print(json.dumps({ask}, default=str))"


def described(root: Path, choices: Choices) -> dict[str, Any]:
    """Return the OpenAPI document of the service in the workspace at ``root``.

    Raises:
        InputError: The service cannot be imported, since what it stands on cannot be had.
    """
    folder = root / "packages" / choices.name
    program = _PROGRAM.format(package=choices.package, ask=_ASK[choices.framework])
    requirements = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    alone = {"PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    with Processes() as processes, tempfile.TemporaryDirectory(prefix="clientsmith-") as temporary:
        if not missing_requirements(requirements):
            asked = processes.run(
                [sys.executable, "-c", program], cwd=root, variables=alone, apart=True, seconds=_SECONDS
            )
        else:
            environment = _environment(Path(temporary), requirements, choices, processes)
            command: list[str | Path] = [environment.python, "-c", program]
            asked = processes.run(command, cwd=root, variables=alone, apart=True, seconds=_SECONDS)
    if not asked.is_good:
        raise InputError(
            f"the new service does not say what it is: {_last(asked)}",
            "please report this, with the command that you ran",
        )
    return json.loads(asked.output)  # type: ignore[no-any-return]


def missing_requirements(requirements: Iterable[str]) -> list[str]:
    """Return those of ``requirements`` that are not installed beside us, in a version that they allow."""
    return [text for text in requirements if not _is_installed(Requirement(text))]


def _is_installed(requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(version(requirement.name), prereleases=True)
    except PackageNotFoundError:
        return False


def _environment(folder: Path, requirements: list[str], choices: Choices, processes: Processes) -> Environment:
    missing = ", ".join(missing_requirements(requirements))
    hint = f"install it beside clientsmith: pip install {' '.join(f'{one!r}' for one in requirements)}"
    try:
        environment = Environment.create(folder / "environment", processes=processes)
    except (OSError, InputError) as problem:
        raise InputError(f"cannot ask the new service what it is, {missing} is not here: {problem}", hint) from problem
    sources = choices.sources
    local = [str(path) for path in sources.packages().values()]
    finished = environment.install(
        *requirements,
        *local,
        index=sources.index,
        find_links=[sources.find_links] if sources.find_links else (),
    )
    if not finished.is_good:
        raise InputError(
            f"cannot ask the new service what it is: {missing} is not here and cannot be installed: {_last(finished)}",
            hint,
        )
    return environment


def _last(finished: Finished) -> str:
    return " ".join(finished.last_lines(1).split()) or f"exit code {finished.code}"
