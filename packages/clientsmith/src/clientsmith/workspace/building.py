"""Wheels and sdists of a package, without a network."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

from clientsmith.findings import InputError

from . import git
from .processes import Finished, Processes
from .reading import read_member

__all__ = ["Kind", "build", "find_uv"]

Kind = Literal["wheel", "sdist"]
_HATCHLING: Final = "hatchling.build"
# What uploads and reads back; a build hook may print its environment, and an error ends with what it printed.
_SECRETS: Final = ("UV_PUBLISH_TOKEN", "UV_PUBLISH_PASSWORD", "CLIENTSMITH_INDEX_PASSWORD")


def build(
    folder: Path,
    into: Path,
    kinds: Iterable[Kind] = ("wheel", "sdist"),
    *,
    epoch: int | None = None,
    processes: Processes | None = None,
) -> list[Path]:
    """Build the package of a folder, write its files into ``into``, return them in the order of ``kinds``.

    The build backend is the one that is installed beside us: nothing is fetched, and nothing is unpinned. ``epoch`` is
    what the files in the archives are dated with, in seconds since 1970; without it, the time of the commit that is
    checked out. So the same input gives the same bytes.

    Raises:
        InputError: The folder is no package, its backend is not installed, or the build fails; the message ends with
            what the backend said.
    """
    member = read_member(folder)
    if epoch is None:
        epoch = _epoch(folder)
    variables = dict.fromkeys(_SECRETS, "") | ({"SOURCE_DATE_EPOCH": str(epoch)} if epoch is not None else {})
    built: list[Path] = []
    for kind in kinds:
        # Into a folder of its own, where nothing else is: what is in it afterwards is what was built.
        own = into / f".building-{member.name}-{kind}-{os.getpid()}"
        own.mkdir(parents=True)
        try:
            finished = _run(folder, own, kind, member.build_backend, variables, processes or Processes())
            found = [path for path in own.iterdir() if path.suffix in {".whl", ".gz"}]
            if not finished.is_good or len(found) != 1:
                raise InputError(
                    f"cannot build the {kind} of {folder}: `{finished.command}` ended with {finished.code}:\n"
                    f"{finished.last_lines()}",
                    "build it by hand to see all that its backend says",
                )
            built.append(Path(shutil.move(found[0], into / found[0].name)))
        finally:
            shutil.rmtree(own, ignore_errors=True)
    return built


def find_uv() -> str:
    """Return the uv to use: the one installed beside us, else the one on the path.

    Raises:
        InputError: There is none.
    """
    own = Path(sys.executable).with_name("uv")
    found = str(own) if own.is_file() else shutil.which("uv")
    if found is None:
        raise InputError("uv is not installed, or not on the path", "pip install 'clientsmith[ship]'")
    return found


def _epoch(folder: Path) -> int | None:
    """Return the time of the commit that is checked out, None where git knows nothing of the folder."""
    try:
        return git.commit_time(folder)
    except InputError:
        return None


def _run(
    folder: Path, into: Path, kind: Kind, backend: str, variables: dict[str, str], processes: Processes
) -> Finished:
    if backend == _HATCHLING and find_spec("hatchling") is not None:
        # Without uv in between: it is twice as fast.
        command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(into)]
    else:
        module = backend.partition(".")[0]
        if backend and find_spec(module) is None:
            raise InputError(
                f"cannot build {folder}: its backend {module!r} is not installed",
                f"pip install {module}" if module != "hatchling" else "pip install 'clientsmith[ship]'",
            )
        command = [find_uv(), "build", f"--{kind}", "--out-dir", str(into), "--offline", "--no-build-isolation"]
        command += ["--python", sys.executable, "--no-config"]
    return processes.run(command, cwd=folder, variables=variables)
