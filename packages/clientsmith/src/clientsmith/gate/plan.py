"""What has to be tried, decided without doing any of it.

Every job is a value: what is installed, which tests run, and why. The kinds, in the order in which they are planned:

- *cell*: a client and a service, each at the tip, last or oldest, with the client's tests that drive the service.
- *released*: the last release of a package with the tips of all packages that it stands on, and its own tests.
- *minimum*, *latest*: a package with the lowest versions that its metadata allows, and with the newest there are.
- *wheel*, *sdist*, *git-uv*, *git-pip*, *editable*: it can be installed in this way; it imports, its programs start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from clientsmith.workspace import Member, Workspace
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from .stages import LAST, TIP, Candidate, Stock

__all__ = ["INSTALLATIONS", "Job", "Kind", "chosen", "plan", "test_requirements", "unfit", "with_extras"]

# The dependency group that tests need, by what it is usually called.
_TEST_GROUPS: Final = ("dev", "test", "tests")


class Kind(StrEnum):
    CELL = "cell"
    RELEASED = "released"
    MINIMUM = "minimum"
    LATEST = "latest"
    WHEEL = "wheel"
    SDIST = "sdist"
    GIT_UV = "git-uv"
    GIT_PIP = "git-pip"
    EDITABLE = "editable"


INSTALLATIONS: Final = (Kind.WHEEL, Kind.SDIST, Kind.GIT_UV, Kind.GIT_PIP, Kind.EDITABLE)
_MEANINGS: Final[Mapping[Kind, str]] = {
    Kind.WHEEL: "its wheel installs",
    Kind.SDIST: "its sdist has tests and licence, builds offline, and gives the same wheel",
    Kind.GIT_UV: "uv installs it from a git URL",
    Kind.GIT_PIP: "pip installs it from a git URL, with the wheels of the others at hand",
    Kind.EDITABLE: "pip installs its folder in editable form",
}


@dataclass(frozen=True)
class Job:
    """One thing to try.

    Attributes:
        name: What `--only` selects it by: ``cell/naas-client-tip/naas-last``.
        package: Whose tests run, or what is installed.
        metadata: Where the package says what it needs, relative to the root of the workspace.
        stage: Of the package.
        pins: Packages that are there in one stage only; all others in the newest version that fits.
        requirements: What is installed.
        tests: Paths below the package's folder; nothing where there are none to run.
        unsupported: Why nobody promised that this works, "" if somebody did. It is not tried.
    """

    name: str
    kind: Kind
    package: str
    reason: str
    metadata: str = ""
    stage: str = TIP
    pins: Mapping[str, str] = field(default_factory=dict[str, str])
    requirements: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    unsupported: str = ""


def plan(workspace: Workspace, stock: Stock) -> tuple[Job, ...]:
    """Return all jobs of a workspace, in the order in which they are told."""
    packages = sorted(stock.candidates)
    jobs = [*_cells(workspace, stock)]
    jobs += (job for name in packages for job in _released(workspace, stock, name))
    for kind in (Kind.MINIMUM, Kind.LATEST):
        jobs += (_bounds(workspace, stock.tip(name).member, kind) for name in packages)
    for kind in INSTALLATIONS:
        jobs += (Job(f"{kind}/{name}", kind, name, _MEANINGS[kind], pins={name: TIP}) for name in packages)
    return tuple(replace(job, metadata=_metadata(workspace, job.package)) for job in jobs)


def _metadata(workspace: Workspace, package: str) -> str:
    return (workspace.members[package].folder / "pyproject.toml").relative_to(workspace.root).as_posix()


def unfit(stock: Stock, python: str) -> str:
    """Say which package does not want this version of Python, "" if all do, or if it is no version but a path."""
    try:
        version = Version(python)
    except InvalidVersion:
        return ""
    for name in sorted(stock.candidates):
        wanted = stock.tip(name).member.requires_python
        if not SpecifierSet(wanted).contains(version, prereleases=True):
            return f"{name} needs Python {wanted}, the environments would have {python}"
    return ""


def chosen(jobs: Iterable[Job], patterns: Sequence[str]) -> tuple[Job, ...]:
    """Return the jobs whose names match one of the patterns, all without a pattern.

    A pattern without `*` fits every name that holds it.
    """
    wanted = [pattern if any(sign in pattern for sign in "*?[") else f"*{pattern}*" for pattern in patterns]
    return tuple(job for job in jobs if not wanted or any(fnmatchcase(job.name, pattern) for pattern in wanted))


def with_extras(member: Member) -> str:
    """Return the requirement of a package with all of its extras."""
    return f"{member.name}[{','.join(sorted(member.optional))}]" if member.optional else member.name


def test_requirements(member: Member) -> tuple[str, ...]:
    """Return what a package's tests need: the package, and its group `dev`, else `test` or `tests`."""
    group: tuple[Requirement, ...] = next((member.groups[name] for name in _TEST_GROUPS if name in member.groups), ())
    return (member.name, *(str(requirement) for requirement in group))


# --- clients and services --------------------------------------------------------------------------------------------


def _cells(workspace: Workspace, stock: Stock) -> Iterator[Job]:
    for service, settings in workspace.settings.services.items():
        for client in settings.clients:
            if service in stock.candidates and client in stock.candidates:
                for of_client in stock.stages(client):
                    yield from (
                        _cell(of_client, of_service, service, settings.tests) for of_service in stock.stages(service)
                    )


def _cell(of_client: Candidate, of_service: Candidate, service: str, tests: Sequence[str]) -> Job:
    client = of_client.member.name
    return Job(
        name=f"{Kind.CELL}/{client}-{of_client.stage}/{service}-{of_service.stage}",
        kind=Kind.CELL,
        package=client,
        reason=f"{client} {of_client.title} drives {service} {of_service.title}",
        stage=of_client.stage,
        pins={client: of_client.stage, service: of_service.stage},
        requirements=(*test_requirements(of_client.member), service),
        # Of an old client those that it had; their results are compared with nothing else.
        tests=tuple(path for path in tests or ("tests",) if (of_client.member.folder / path).exists()),
        unsupported=_unsupported(of_client, of_service, service),
    )


def _unsupported(of_client: Candidate, of_service: Candidate, service: str) -> str:
    wanted = of_client.supported.get(service, "")
    try:
        version = Version(of_service.member.version)
    except InvalidVersion:
        return ""  # a dynamic version is known only when it is built; so it is tried
    if SpecifierSet(wanted).contains(version, prereleases=True):
        return ""
    return f"{of_client.member.name} {of_client.member.version} needs {service} {wanted}"


def _released(workspace: Workspace, stock: Stock, package: str) -> Iterator[Job]:
    last = stock.at(package, LAST)
    if last is None:
        return
    stands_on = sorted(last.member.runtime_names & stock.candidates.keys())
    if stands_on:
        left_out = _left_out(last.member, [stock.tip(name).member for name in stands_on])
        yield Job(
            name=f"{Kind.RELEASED}/{package}",
            kind=Kind.RELEASED,
            package=package,
            reason=f"{package} {last.title} works with the tips of {', '.join(stands_on)}",
            stage=LAST,
            pins={package: LAST, **dict.fromkeys(stands_on, TIP)},
            requirements=test_requirements(last.member),
            tests=_smoke(workspace, last.member),
            unsupported=left_out,
        )


def _left_out(member: Member, others: Iterable[Member]) -> str:
    """Say which of the others is of a version that a package declares that it does not work with, "" if none is."""
    versions = {other.name: other.version for other in others if other.version}
    for requirement in (*member.dependencies, *(one for extra in member.optional.values() for one in extra)):
        version = versions.get(canonicalize_name(requirement.name), "")
        if version and not requirement.specifier.contains(version, prereleases=True):
            name = requirement.name
            return f"{member.name} {member.version} needs {name}{requirement.specifier}, the tip is {version}"
    return ""


def _bounds(workspace: Workspace, member: Member, kind: Kind) -> Job:
    reason = "the lowest versions that it says it works with" if kind is Kind.MINIMUM else "the newest of all it needs"
    return Job(
        name=f"{kind}/{member.name}",
        kind=kind,
        package=member.name,
        reason=f"{member.name} works with {reason}",
        pins={member.name: TIP},
        requirements=test_requirements(member),
        tests=_smoke(workspace, member),
    )


def _smoke(workspace: Workspace, member: Member) -> tuple[str, ...]:
    paths = workspace.settings.smoke.get(member.name, "").split() or ["tests"]
    return tuple(path for path in paths if (member.folder / path).exists())
