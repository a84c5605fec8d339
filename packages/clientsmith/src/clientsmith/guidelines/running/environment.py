"""Where a package is driven: under an interpreter that knows what it depends on."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from clientsmith.findings import InputError
from clientsmith.guidelines.package import Package
from clientsmith.workspace.environments import Environment
from packaging.requirements import InvalidRequirement, Requirement

from .session import Bounds, Session, SessionLost
from .telling import Telling

__all__ = ["opened_session", "requirements_of"]

# Extras that bring the async half; without them it could not be driven.
_ASYNC_EXTRAS: Final = ("aio", "async", "asyncio", "aiohttp")


@contextmanager
def opened_session(
    package: Package, python: str = "", bounds: Bounds | None = None, telling: Telling | None = None
) -> Generator[Session]:
    """Yield a session in which the package can be imported.

    The interpreter is the one that is named. Without a name it is our own if it knows all that the package needs; else
    a virtual environment is made for as long as this lasts, with the package's dependencies from the index that uv is
    configured for. The package itself always comes from where it is judged.

    Raises:
        SessionLost: The package cannot be imported, whatever was tried; the text says what.
    """
    doing = (telling or Telling()).doing
    doing("importing it")
    modules = [package.import_name, *([f"{package.import_name}.aio"] if package.has_aio else [])]
    paths = [package.source_folder]
    session = Session(Path(python) if python else None, paths, modules, bounds)
    with session:
        try:
            session.ask({"do": "import", "modules": modules})
        except SessionLost as problem:
            if python or "ModuleNotFoundError" not in str(problem):
                raise
            missing = str(problem)
        else:
            yield session
            return
    doing("installing what it depends on, for as long as it is run")
    with tempfile.TemporaryDirectory(prefix="clientsmith-check-environment-") as folder:
        interpreter = _made(Path(folder) / "venv", package, missing)
        with Session(interpreter, paths, modules, bounds) as session:
            session.ask({"do": "import", "modules": modules})
            yield session


def _made(folder: Path, package: Package, missing: str) -> Path:
    """Make an environment with what the package depends on.

    Raises:
        SessionLost: It cannot be made; the text says why, and what was missing at first.
    """
    requirements = requirements_of(package)
    if not requirements:
        raise SessionLost(f"{missing}; and nothing that it declares to depend on brings that")
    try:
        environment = Environment.create(folder)
        finished = environment.install(*requirements)
    except (InputError, OSError) as problem:
        raise SessionLost(f"{missing}; and {problem}") from problem
    if not finished.is_good:
        raise SessionLost(f"{missing}; its dependencies cannot be installed: {finished.last_lines(3)}")
    return environment.python


def requirements_of(package: Package) -> list[str]:
    """Return what has to be installed to drive both halves of a package: its needs and those of the async half."""
    found: list[str] = []
    extras = [name for name in package.extras if name in _ASYNC_EXTRAS]
    for written in package.requires:
        try:
            requirement = Requirement(written)
        except InvalidRequirement:
            continue  # uv would refuse it: the package was installed without it as well
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            requirement.marker = None
            found.append(str(requirement))
    # aiohttp is what the async half of a package on azure-core or corehttp is asked to bring, and often does not.
    if package.has_async and package.profile.transports and not any("aiohttp" in each for each in found):
        found.append("aiohttp")
    return found
