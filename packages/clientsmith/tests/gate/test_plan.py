"""What a gate is going to try, decided without trying it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from clientsmith.gate.plan import Job, Kind, chosen, plan, test_requirements, unfit, with_extras
from clientsmith.gate.stages import LAST, OLDEST, TIP, Candidate, Stock
from clientsmith.workspace import Member, Workspace, find_workspace
from packaging.requirements import Requirement
from tiny_workspace import TinyWorkspace

test_requirements.__test__ = False  # type: ignore[attr-defined]  # it is what is tested, not a test


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("tiny")
    TinyWorkspace(root)
    return find_workspace(root)


def stock_of(workspace: Workspace, **stages: tuple[str, ...]) -> Stock:
    """All packages at the tip, and some of them released: the versions of ``stages``, the last first."""

    def candidates(name: str, member: Member) -> tuple[Candidate, ...]:
        supported = {"tiny-service": ">=1.0"} if name == "tiny-client" else {}
        known = stages.get(name.replace("-", "_"), ())
        released = zip((LAST, OLDEST), known, strict=False)
        every = [(TIP, member.version), *released]
        return tuple(
            Candidate(stage, replace(member, version=version), workspace.root, supported) for stage, version in every
        )

    return Stock({name: candidates(name, member) for name, member in workspace.members.items()})


def jobs_of(workspace: Workspace, kind: Kind, **stages: tuple[str, ...]) -> dict[str, Job]:
    jobs = plan(workspace, stock_of(workspace, **stages))
    return {job.name.partition("/")[2]: job for job in jobs if job.kind is kind}


def test_every_client_meets_every_service(workspace: Workspace) -> None:
    """At the tip, the last release and the oldest one."""
    cells = jobs_of(workspace, Kind.CELL, tiny_client=("1.1", "1.0"), tiny_service=("1.1", "1.0"))
    stages = (TIP, LAST, OLDEST)
    assert list(cells) == [f"tiny-client-{one}/tiny-service-{other}" for one in stages for other in stages]
    cell = cells["tiny-client-last/tiny-service-tip"]
    assert cell.reason == "tiny-client 1.1 (last) drives tiny-service 1.0 (tip)"
    assert cell.pins == {"tiny-client": LAST, "tiny-service": TIP}
    assert cell.tests == ("tests/test_live.py",)


def test_the_only_release_is_the_last_one(workspace: Workspace) -> None:
    """There is no column for the same thing twice."""
    cells = jobs_of(workspace, Kind.CELL, tiny_client=("1.0",))
    assert list(cells) == ["tiny-client-tip/tiny-service-tip", "tiny-client-last/tiny-service-tip"]


def test_nothing_released_leaves_the_tips(workspace: Workspace) -> None:
    assert list(jobs_of(workspace, Kind.CELL)) == ["tiny-client-tip/tiny-service-tip"]
    assert jobs_of(workspace, Kind.RELEASED) == {}


def test_a_pair_that_nobody_promised_is_not_tried(workspace: Workspace) -> None:
    """The client says which services it needs."""
    cells = jobs_of(workspace, Kind.CELL, tiny_service=("1.0", "0.9"))
    said = cells["tiny-client-tip/tiny-service-oldest"].unsupported
    assert said == "tiny-client 1.0 needs tiny-service >=1.0"
    assert cells["tiny-client-tip/tiny-service-last"].unsupported == ""


@pytest.mark.parametrize("version", ["1.0b1", "2.0rc1", "1.0.dev3"])
def test_pre_releases_are_judged_as_versions(workspace: Workspace, version: str) -> None:
    """1.0b1 comes before 1.0 and is not supported; 2.0rc1 is."""
    cells = jobs_of(workspace, Kind.CELL, tiny_service=(version,))
    assert bool(cells["tiny-client-tip/tiny-service-last"].unsupported) == version.startswith("1.0")


def test_released_packages_are_tried_over_the_tips_that_they_stand_on(workspace: Workspace) -> None:
    jobs = jobs_of(workspace, Kind.RELEASED, tiny_core=("1.0",), tiny_client=("1.0",))
    assert list(jobs) == ["tiny-client"], "the core stands on nothing"
    assert jobs["tiny-client"].pins == {"tiny-client": LAST, "tiny-core": TIP}
    assert jobs["tiny-client"].requirements == ("tiny-client", "tiny-service")


def test_a_tip_that_a_release_leaves_out_is_not_tried_with_it(workspace: Workspace) -> None:
    """`tiny-core<2` is what the release says: that a 2.0 breaks it is what a 2.0 is for."""
    stock = stock_of(workspace, tiny_client=("1.0",))
    tip = stock.tip("tiny-core")
    changed = replace(tip, member=replace(tip.member, version="2.0"))
    jobs = plan(workspace, Stock({**stock.candidates, "tiny-core": (changed,)}))
    (job,) = (job for job in jobs if job.kind is Kind.RELEASED)
    assert job.unsupported == "tiny-client 1.0 needs tiny-core<2,>=1.0, the tip is 2.0"


def test_smoke_tests_of_the_settings_are_those_that_run(workspace: Workspace) -> None:
    assert jobs_of(workspace, Kind.MINIMUM)["tiny-core"].tests == ("tests",)
    smoke = {"tiny-core": "tests/test_core.py tests/test_gone.py"}
    with_smoke = replace(workspace, settings=replace(workspace.settings, smoke=smoke))
    assert jobs_of(with_smoke, Kind.LATEST)["tiny-core"].tests == ("tests/test_core.py",)


def test_every_package_is_installed_in_every_way(workspace: Workspace) -> None:
    names = {job.name for job in plan(workspace, stock_of(workspace))}
    ways = ("wheel", "sdist", "git-uv", "git-pip", "editable")
    assert {f"{way}/tiny-{one}" for way in ways for one in ("core", "service", "client")} <= names


@pytest.mark.parametrize(
    ("python", "reason"),
    [
        ("3.11.7", ""),
        ("3.13", ""),
        ("3.14.0rc1", ""),
        ("3.10", "tiny-client needs Python >=3.11, the environments would have 3.10"),
        ("/usr/bin/python3", ""),
    ],
    ids=["this", "newer", "not final", "too old", "a path, whose version nobody asks for"],
)
def test_a_python_that_a_package_does_not_want_is_told_before_anything_is_built(
    workspace: Workspace, python: str, reason: str
) -> None:
    assert unfit(stock_of(workspace), python) == reason


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ([], 22),
        (["cell"], 1),
        (["wheel/*"], 3),
        (["*/tiny-core"], 7),
        (["wheel/tiny-core", "cell"], 2),
        (["nothing"], 0),
    ],
)
def test_jobs_are_chosen_by_parts_of_their_names(workspace: Workspace, patterns: list[str], expected: int) -> None:
    jobs = plan(workspace, stock_of(workspace))
    assert len(chosen(jobs, patterns)) == expected


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({"dev": ["pytest>=9"], "test": ["nose"]}, ("it", "pytest>=9")),
        ({"test": ["pytest"]}, ("it", "pytest")),
        ({"docs": ["sphinx"]}, ("it",)),
    ],
    ids=["dev", "test where there is no dev", "neither"],
)
def test_what_tests_need_is_in_a_group(groups: dict[str, list[str]], expected: tuple[str, ...]) -> None:
    parsed = {name: tuple(map(Requirement, texts)) for name, texts in groups.items()}
    assert test_requirements(Member(name="it", folder=Path(), groups=parsed)) == expected


def test_extras_are_all_named() -> None:
    of: Callable[..., Member] = lambda **optional: Member(name="it", folder=Path(), optional=optional)  # noqa: E731
    assert with_extras(of()) == "it"
    assert with_extras(of(cli=(), aio=())) == "it[aio,cli]"
