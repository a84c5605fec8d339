"""Each kind of job, step by step. A step that does not work raises `Failure`."""

from __future__ import annotations

import tarfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from clientsmith.findings import InputError
from clientsmith.workspace.building import build
from packaging.utils import canonicalize_name

from .bench import Bench, Shop
from .bounds import with_lowest_versions
from .outcomes import Failure, Outcome, Status
from .plan import Job, Kind, with_extras

__all__ = ["carry_out"]

# What builds a package without isolation: the backend that nearly all of ours have, and what it needs for `-e`.
_BACKENDS: Final = ("hatchling", "editables")
_LICENCES: Final = ("LICENSE", "LICENCE", "COPYING", "NOTICE")


def carry_out(shop: Shop, job: Job) -> Outcome:
    """Do a job and say how it ended."""
    if job.unsupported:
        return Outcome(job, Status.UNSUPPORTED, message=job.unsupported)
    began = time.perf_counter()
    bench = shop.bench(job)
    try:
        message = _STEPS[job.kind](bench)
        return Outcome(job, Status.PASSED, time.perf_counter() - began, message, log=bench.log)
    except Failure as failure:
        took = time.perf_counter() - began
        return Outcome(job, Status.FAILED, took, failure.message, failure.hint, failure.details, bench.log)
    except InputError as problem:
        return Outcome(job, Status.FAILED, time.perf_counter() - began, problem.message, problem.hint, log=bench.log)
    finally:
        bench.clear()


# --- with tests ------------------------------------------------------------------------------------------------------


def _with_tests(bench: Bench) -> str:
    """A cell, or a released package over the tips: with the versions of others that we are developed with."""
    bench.install(bench.job.requirements, constraints=bench.constraints)
    return _tests_or_use(bench)


def _latest(bench: Bench) -> str:
    bench.install(bench.with_every_extra(), options=["--upgrade"])
    return _tests_or_use(bench)


def _minimum(bench: Bench) -> str:
    return with_lowest_versions(bench, lambda: _tests_or_use(bench))


def _tests_or_use(bench: Bench) -> str:
    return bench.test(bench.job.tests) if bench.job.tests else bench.used()


# --- installation ----------------------------------------------------------------------------------------------------


def _wheel(bench: Bench) -> str:
    bench.install([bench.job.package], constraints=bench.constraints)
    bench.imported(lacks_extras=True)
    # Parts of it and its programs may need an extra; with all of them everything has to work.
    bench.install([with_extras(bench.candidate.member)], constraints=bench.constraints)
    return bench.used()


def _sdist(bench: Bench) -> str:
    """What a packager of a distribution does: unpack, look for licence and tests, build without a network."""
    sdist = bench.shop.stock.sdists[bench.job.package]
    with tarfile.open(sdist) as archive:
        archive.extractall(bench.folder / "sdist", filter="data")
    (root,) = (bench.folder / "sdist").iterdir()
    _check_contents(bench, root)
    (wheel,) = build(root, bench.folder, ("wheel",), processes=bench.shop.processes)
    if different := _differences(wheel, bench.candidate.wheel):
        raise Failure(f"the wheel that its sdist gives is another than that of its folder: {', '.join(different[:5])}")
    bench.install([with_extras(bench.candidate.member)], constraints=bench.constraints)
    return f"tests and licence are there, the wheel is the same, {bench.used()}"


def _check_contents(bench: Bench, root: Path) -> None:
    wanted = [name for name in ("tests",) if (bench.candidate.member.folder / name).is_dir()]
    if missing := [name for name in (*wanted, "PKG-INFO") if not (root / name).exists()]:
        raise Failure(
            f"its sdist lacks {', '.join(missing)}",
            hint="distributions run the tests of an sdist; see what the build backend leaves out",
        )
    if not any(path.name.upper().startswith(_LICENCES) for path in root.iterdir()):
        raise Failure("its sdist has no licence", hint="name the file in `license-files` (PEP 639)")


def _differences(one: Path, other: Path | None) -> list[str]:
    """Return the files that two wheels do not have in common, or not with the same content."""
    assert other is not None, "the tip was built before"
    with ZipFile(one) as first, ZipFile(other) as second:
        contents = [{name: archive.read(name) for name in archive.namelist()} for archive in (first, second)]
    return sorted(name for name in {*contents[0], *contents[1]} if contents[0].get(name) != contents[1].get(name))


def _git_uv(bench: Bench) -> str:
    _at_hand(bench)
    # A cache of its own: uv keeps each repository that it was given, and this one is gone in a minute.
    options = ["--no-build-isolation", "--cache-dir", str(bench.folder / "cache")]
    bench.install([_git_url(bench)], options=options)
    return bench.used()


def _git_pip(bench: Bench) -> str:
    _at_hand(bench, "pip")
    _pip(bench, _git_url(bench))
    return bench.used()


def _editable(bench: Bench) -> str:
    _at_hand(bench, "pip")
    _pip(bench, "--editable", str(bench.candidate.member.folder))
    return bench.used()


def _at_hand(bench: Bench, *others: str) -> None:
    """Install what the package needs, without the package, and what builds it."""
    member = bench.candidate.member
    needed = [*member.dependencies, *(one for extra in member.optional.values() for one in extra)]
    own = [str(one) for one in needed if canonicalize_name(one.name) != member.name]
    bench.install([*own, *_BACKENDS, *others], constraints=bench.constraints)


def _pip(bench: Bench, *what: str) -> None:
    """Run pip without any index: everything is there, and whatever is not may come from nobody else."""
    wheels = {path.parent for one in bench.shop.stock.candidates.values() if (path := one[0].wheel) is not None}
    links = [argument for folder in sorted(wheels) for argument in ("--find-links", str(folder))]
    options = ["--no-index", "--no-build-isolation", "--disable-pip-version-check", "--no-input"]
    finished = bench.environment.run(
        "python", "-m", "pip", "install", *options, *links, *what, variables={"PIP_CONFIG_FILE": "/dev/null"}
    )
    bench.checked(finished, "pip cannot install it")


def _git_url(bench: Bench) -> str:
    member, root = bench.candidate.member, bench.candidate.root
    return f"{member.name} @ git+{root.as_uri()}#subdirectory={member.folder.relative_to(root).as_posix()}"


_STEPS: Final[Mapping[Kind, Callable[[Bench], str]]] = {
    Kind.CELL: _with_tests,
    Kind.RELEASED: _with_tests,
    Kind.MINIMUM: _minimum,
    Kind.LATEST: _latest,
    Kind.WHEEL: _wheel,
    Kind.SDIST: _sdist,
    Kind.GIT_UV: _git_uv,
    Kind.GIT_PIP: _git_pip,
    Kind.EDITABLE: _editable,
}
