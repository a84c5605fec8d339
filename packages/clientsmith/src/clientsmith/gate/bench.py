"""Where a job is carried out: an environment of its own, an index that holds exactly its packages, and its log."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from clientsmith.workspace import Workspace
from clientsmith.workspace.environments import Environment
from clientsmith.workspace.index import LoopbackIndex
from clientsmith.workspace.processes import Finished, Processes

from .outcomes import Failure
from .plan import Job, Kind, with_extras
from .stages import Candidate, Stock

__all__ = ["Bench", "Shop"]

# No job of a gate is worth more; one that hangs says so.
_TEST_SECONDS: Final = 1200.0
_HELP_SECONDS: Final = 60.0
# Its first argument says how many of the others may fail for a module that is missing.
_IMPORT: Final = """\
import importlib, sys, traceback
missing = 0
for name in sys.argv[2:]:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        traceback.print_exc()
        missing += 1
sys.exit(missing > int(sys.argv[1]))
"""
# Of pytest, which other runners do not read: nothing is written to trees, which jobs share; and the end of what it says
# shows the line of the test and not what is below it.
_PYTEST: Final = "-p no:cacheprovider --color=no --tb=short"
_SUMMARY: Final = re.compile(r"^=*\s*((?:\d+ \w+,? ?)+(?:\([^)]*\) )?)in [\d.]+s", re.MULTILINE)


@dataclass(frozen=True)
class Shop:
    """What all jobs share.

    Attributes:
        python: The Python of the environments, a version or a path; "" for the one that runs us.
    """

    workspace: Workspace
    stock: Stock
    index: LoopbackIndex
    processes: Processes
    folder: Path
    python: str = ""

    def bench(self, job: Job) -> Bench:
        """Make the place of one job."""
        folder = self.folder / "jobs" / job.name.replace("/", "--")
        folder.mkdir(parents=True)
        return Bench(self, job, folder)

    def view(self, pins: Mapping[str, str], *, prefers_released: bool = False) -> str:
        """Return the URL of an index with one version of each pinned package, and all versions of all others.

        Between two releases the tip has the version of the last one. Of two wheels of one version the tip's is there,
        or that of the release.
        """
        wheels: dict[str, Path] = {}
        for name, candidates in self.stock.candidates.items():
            wanted = pins.get(name)
            for one in reversed(candidates) if prefers_released else candidates:
                if one.wheel is not None and wanted in (None, one.stage):
                    wheels.setdefault(one.wheel.name, one.wheel)
        return self.index.view(wheels.values(), names=self.stock.candidates)


@dataclass(frozen=True)
class Bench:
    """The place of one job; its methods are the steps that jobs are made of."""

    shop: Shop
    job: Job
    folder: Path

    @property
    def candidate(self) -> Candidate:
        found = self.shop.stock.at(self.job.package, self.job.stage)
        assert found is not None, "a job is planned for what is in the stock"
        return found

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @cached_property
    def url(self) -> str:
        # Whoever gets the lowest version of one of ours gets what was released, not what will be.
        return self.shop.view(self.job.pins, prefers_released=self.job.kind is Kind.MINIMUM)

    @cached_property
    def environment(self) -> Environment:
        try:
            return Environment.create(
                self.folder / "environment", python=self.shop.python, processes=self.shop.processes
            )
        except OSError as problem:
            raise Failure(str(problem)) from problem

    @property
    def constraints(self) -> tuple[Path, ...]:
        """The versions of others' packages that the workspace is developed with."""
        file = self.shop.workspace.settings.constraints
        return (self.shop.workspace.root / file,) if file else ()

    def with_every_extra(self) -> tuple[str, ...]:
        """Return the job's requirements, and the package with all of its extras."""
        return (with_extras(self.candidate.member), *self.job.requirements)

    # --- steps ---

    def install(
        self, requirements: Iterable[str], *, constraints: Iterable[Path] = (), options: Sequence[str] = ()
    ) -> None:
        """Install what is ours from the job's view, what is others' from the index that the user configured."""
        finished = self.installed(requirements, constraints=constraints, options=options)
        self.checked(finished, "it cannot be installed")
        self.check_origins()

    def installed(
        self, requirements: Iterable[str], *, constraints: Iterable[Path] = (), options: Sequence[str] = ()
    ) -> Finished:
        """Install, whatever comes of it."""
        options = [*self.shop.workspace.uv_options, *options]
        return self.environment.install(*requirements, index=self.url, constraints=constraints, options=options)

    def check_origins(self) -> None:
        """Hold what is installed of our names against our wheels: nothing of them may come from anywhere else."""
        installed = _installed(self.environment)
        for name, candidates in self.shop.stock.candidates.items():
            record = installed.get(name)
            ours = [one.wheel for one in candidates if one.wheel is not None]
            if record is not None and not any(_is_of(record, wheel) for wheel in ours):
                raise Failure(
                    f"the {name} that was installed is none of ours",
                    hint="UV_FIND_LINKS or another setting of uv names a place that holds one of this name",
                )

    def test(self, paths: Sequence[str]) -> str:
        """Run tests of the job's package, from its own tree; return their summary, like ``38 passed``."""
        finished = self.tested(paths)
        if not finished.is_good:
            raise Failure("its tests fail", finished.last_lines(25))
        return summary_of(finished)

    def tested(self, paths: Sequence[str]) -> Finished:
        """Run tests, whatever comes of them."""
        candidate = self.candidate
        folder = candidate.member.folder.relative_to(candidate.root)
        whole = " ".join(shlex.quote((folder / path).as_posix()) for path in paths)
        program, *arguments = shlex.split(self.shop.workspace.settings.tests.replace("{path}", whole))
        own = os.environ.get("PYTEST_ADDOPTS", "")
        finished = self.environment.run(
            Path(program).name,
            *arguments,
            cwd=candidate.root,
            variables={"PYTEST_ADDOPTS": f"{_PYTEST} {own}".strip(), "COLUMNS": "200"},
            seconds=_TEST_SECONDS,
        )
        return self.noted(finished)

    def imported(self, *, lacks_extras: bool = False) -> None:
        """Import what the package gives to import: all of it, or without its extras at least one of several."""
        names = self.candidate.member.import_packages
        most = len(names) - 1 if lacks_extras and len(names) > 1 else 0
        finished = self.environment.run("python", "-c", _IMPORT, str(most), *names)
        self.checked(finished, "it is installed but cannot be imported")

    def used(self) -> str:
        """Import the package's packages and start its programs; return what was tried."""
        self.imported()
        member = self.candidate.member
        for script in member.scripts:
            said = self.environment.run(script, "--help", seconds=_HELP_SECONDS)
            self.checked(said, f"its program `{script}` does not start")
        return ", ".join(["imports", *(f"`{script}` starts" for script in member.scripts)])

    def clear(self) -> None:
        """Take everything away but the log: environments are large, and there are many."""
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)

    # --- logs ---

    def noted(self, finished: Finished) -> Finished:
        """Write to the log what a program said."""
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"$ {finished.command}\n{finished.output}{finished.errors}\n")
            log.write(f"ended with {finished.code} after {finished.seconds:.1f} s\n\n")
        return finished

    def checked(self, finished: Finished, otherwise: str) -> None:
        """Go on only if a program ended well.

        Raises:
            Failure: It did not; the details are the last that it said.
        """
        self.noted(finished)
        if not finished.is_good:
            raise Failure(otherwise, finished.last_lines(25))


def summary_of(finished: Finished) -> str:
    """Return what the tests said at their end: ``37 passed, 1 skipped``."""
    found = _SUMMARY.findall(finished.output)
    return found[-1].strip() if found else "the tests passed"


# --- where things came from ------------------------------------------------------------------------------------------


def _installed(environment: Environment) -> dict[str, Path]:
    """Return the RECORD of each distribution in an environment, by its normalised name."""
    records = environment.folder.glob("lib/python*/site-packages/*.dist-info/RECORD")
    return {path.parent.name.split("-")[0].replace("_", "-").lower(): path for path in records}


def _is_of(record: Path, wheel: Path) -> bool:
    """Say whether what was installed is what is in a wheel: its METADATA and all that the wheel's RECORD lists."""
    with ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        listed = {line for line in archive.read(name).decode().splitlines() if ",sha256=" in line}
    return listed <= set(record.read_text(encoding="utf-8").splitlines())
