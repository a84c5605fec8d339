"""The lowest versions that a package says it works with; and which of them it does not work with.

A lower bound that is too low is not found by anybody who installs what is newest. So everything that the package names
itself is installed in the lowest version that it allows (what these need in turn is the newest that fits). Where that
does not work, bounds are raised by halves until it is known which one is to blame.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clientsmith.core.terminal import count
from clientsmith.workspace import Member
from clientsmith.workspace.building import find_uv
from clientsmith.workspace.environments import uv_variables
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .bench import Bench
from .outcomes import Failure

__all__ = ["culprit", "direct_names", "pins_in", "with_lowest_versions"]

# Without parameters: these may hold anything, and then name no test.
_FAILED: Final = re.compile(r"^(?:FAILED|ERROR) ([^\s\[]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The lowest version of everything that a package names itself, and what to raise each to.

    ``newest`` holds versions, and of our own packages the wheel of the tip: between two releases it has the version of
    the last one. Of these ``released`` has the wheel that was released: where one version is installed, uv takes the
    other for the same.
    """

    lowest: Mapping[str, str]
    newest: Mapping[str, str | Path]
    released: Mapping[str, Path]

    def at(self, raised: Sequence[str]) -> list[str]:
        """Return all as requirements, those of ``raised`` as new as they can be."""
        low: dict[str, str | Path] = {**self.lowest, **self.released}
        return [_requirement(name, self.newest[name] if name in raised else low[name]) for name in self.lowest]

    def can_be_raised(self) -> list[str]:
        return [name for name, low in self.lowest.items() if self.newest[name] != low]


def _requirement(name: str, wanted: str | Path) -> str:
    return f"{name} @ {wanted.as_uri()}" if isinstance(wanted, Path) else f"{name}=={wanted}"


def with_lowest_versions(bench: Bench, attempt: Callable[[], str]) -> str:
    """Try something with the lowest versions installed; return what it gave, and how many were lowered.

    Raises:
        Failure: It does not work; the message names the dependency, and the version with which it does.
    """
    lowest = _resolved(bench, "lowest-direct")
    known = {name: lowest[name] for name in sorted(direct_names(bench.candidate.member) & lowest.keys())}
    raised = _raised_for_tests(bench, known)
    bounds = _Bounds({name: low for name, low in known.items() if name not in raised}, {}, {})
    bench.install([*bench.with_every_extra(), *bounds.at(())])
    try:
        said = attempt()
    except Failure as failure:
        raise _explained(bench, failure, bounds) from failure
    left_out = f", but for {', '.join(raised)}: the tests themselves need more" if raised else ""
    return f"{said} with {count(len(bounds.lowest), 'lowest version')}{left_out}"


def direct_names(member: Member) -> frozenset[str]:
    """Return the distributions that a package names itself, in its dependencies and extras."""
    return member.runtime_names


def pins_in(text: str) -> dict[str, str]:
    """Return the versions that the output of `uv pip compile` pins, by name."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        try:
            requirement = Requirement(line.partition("#")[0].strip())
        except InvalidRequirement:
            continue  # an option, or empty
        for specifier in requirement.specifier:
            if specifier.operator == "==":
                found[canonicalize_name(requirement.name)] = specifier.version
    return found


def _resolved(bench: Bench, resolution: str) -> dict[str, str]:
    """Resolve all that a package and its extras need; return the versions by name."""
    environment, member = bench.environment, bench.candidate.member
    command = [find_uv(), "pip", "compile", str(member.folder / "pyproject.toml"), "--all-extras", "--no-sources"]
    command += ["--resolution", resolution, "--index", bench.url, "--index-strategy", "first-index"]
    command += [*bench.shop.workspace.uv_options, "--python", str(environment.python), "--no-header", "--no-annotate"]
    finished = bench.shop.processes.run(command, cwd=bench.folder, variables=uv_variables(), apart=True)
    bench.checked(finished, "no set of versions fits what it needs")
    return pins_in(finished.output)


def _raised_for_tests(bench: Bench, lowest: Mapping[str, str]) -> list[str]:
    """Return what cannot be in its lowest version beside what the tests need, which has bounds of its own.

    Raises:
        Failure: Not even the newest of everything can be installed together.
    """
    raised: list[str] = []

    def fits(free: Sequence[str]) -> bool:
        pins = [f"{name}=={low}" for name, low in lowest.items() if name not in {*raised, *free}]
        return bench.installed([*bench.with_every_extra(), *pins], options=["--dry-run", "--quiet"]).is_good

    while not fits(()):
        name = culprit([name for name in lowest if name not in raised], fits)
        if name is None:
            bench.install(bench.with_every_extra())  # which says why
            return raised
        raised.append(name)
    return sorted(raised)


# --- whose bound it is -----------------------------------------------------------------------------------------------


def _explained(bench: Bench, failure: Failure, bounds: _Bounds) -> Failure:
    """Return the failure with the name of the dependency whose bound is too low."""
    unreleased = _unreleased(bench, bounds.lowest)
    newest: dict[str, str | Path] = {**bounds.lowest, **_resolved(bench, "highest")}
    newest |= {name: tip for name, (tip, _) in unreleased.items()}
    bounds = _Bounds(bounds.lowest, newest, {name: released for name, (_, released) in unreleased.items()})
    tests = _FAILED.findall(failure.details)[:1]

    def works(raised: Sequence[str]) -> bool:
        finished = bench.noted(bench.installed(bounds.at(raised)))
        return finished.is_good and _works(bench, tests)

    name = culprit(bounds.can_be_raised(), works)
    if name is None:
        return Failure(
            f"{failure.message}, with the newest versions as well",
            failure.details,
            f"`clientsmith gate --only latest/{bench.job.package}` has nothing to do with lower bounds",
        )
    return _blamed(bench, failure, name, bounds)


def _blamed(bench: Bench, failure: Failure, name: str, bounds: _Bounds) -> Failure:
    low, high = bounds.lowest[name], bounds.newest[name]
    where = _where(bench.candidate.member, name)
    if isinstance(high, Path):
        return Failure(
            f"{failure.message} with {name} {low}, which was released, and not with its tip",
            failure.details,
            f"release {name} first, and raise its lower bound: {where}",
        )
    return Failure(
        f"{failure.message} with {name} {low}, the lowest version that it allows, and not with {name} {high}",
        failure.details,
        f"raise the lower bound of {name}: {where}",
    )


def _unreleased(bench: Bench, lowest: Mapping[str, str]) -> dict[str, tuple[Path, Path]]:
    """Return for each of our packages whose tip has the version of a release the wheels of both."""
    found: dict[str, tuple[Path, Path]] = {}
    for name in lowest.keys() & bench.shop.stock.candidates.keys():
        tip, *released = bench.shop.stock.candidates[name]
        for one in released:
            if tip.wheel and one.wheel and tip.member.version == one.member.version == lowest[name]:
                found[name] = (tip.wheel, one.wheel)
    return found


def culprit(names: Sequence[str], works: Callable[[Sequence[str]], bool]) -> str | None:
    """Return which of the dependencies has to be raised to make it work, None if raising all of them does not help.

    Asks about as often as the number of names can be halved. Where several are to blame it is the last of them.
    """
    if not names or not works(names):
        return None
    fails, good = 0, len(names)  # raising the first `fails` is not enough, raising the first `good` is
    while good - fails > 1:
        middle = (fails + good) // 2
        if works(names[:middle]):
            good = middle
        else:
            fails = middle
    return names[good - 1]


def _works(bench: Bench, tests: Sequence[str]) -> bool:
    if not bench.job.tests:
        try:
            bench.used()
        except Failure:
            return False
        return True
    folder = bench.candidate.member.folder.relative_to(bench.candidate.root).as_posix()
    paths = [test.removeprefix(f"{folder}/") for test in tests]
    return bench.tested(paths or bench.job.tests).is_good


def _where(member: Member, name: str) -> str:
    """Say where in a package's metadata a dependency stands, as its author wrote it."""
    places: list[tuple[str, tuple[Requirement, ...]]] = [("dependencies", member.dependencies)]
    places += [(f"the extra {extra!r}", requirements) for extra, requirements in member.optional.items()]
    found = [
        f"{requirement} in {where}"
        for where, requirements in places
        for requirement in requirements
        if canonicalize_name(requirement.name) == name
    ]
    return "; ".join(found)
