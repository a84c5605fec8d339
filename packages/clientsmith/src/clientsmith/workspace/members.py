"""Members, releases, and who depends on whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path

from clientsmith.configuration import Configuration
from clientsmith.configuration.shipping import WorkspaceSettings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .imports import imported_names

__all__ = ["Member", "Release", "Workspace"]


@dataclass(frozen=True, kw_only=True)
class Member:
    """One package of the workspace.

    Attributes:
        name: Of the distribution, normalised (PEP 503).
        folder: Where its ``pyproject.toml`` is, absolute.
        version: As ``pyproject.toml`` says, or the file that ``[tool.hatch.version]`` names; "" if only a build tells.
        dependencies: What it needs always.
        optional: What each of its extras adds.
        groups: Its dependency groups (PEP 735), with the groups that they include.
        import_packages: What it gives to import, in dotted names; of a namespace its first real packages.
        scripts: The names of its console scripts.
        configuration: Its ``clientsmith.toml``, or ``[tool.clientsmith]``.
        build_backend: The module that builds it, "" where nothing says.
    """

    name: str
    folder: Path
    version: str = ""
    requires_python: str = ""
    dependencies: tuple[Requirement, ...] = ()
    optional: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict[str, tuple[Requirement, ...]])
    groups: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict[str, tuple[Requirement, ...]])
    import_packages: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    configuration: Configuration = field(default_factory=Configuration)
    build_backend: str = ""

    @property
    def runtime_names(self) -> frozenset[str]:
        """The distributions that users of it install with it, those of its extras among them."""
        return _names(chain(self.dependencies, *self.optional.values())) - {self.name}

    @property
    def test_names(self) -> frozenset[str]:
        """The distributions that its dependency groups name."""
        return _names(chain(*self.groups.values())) - {self.name}

    @property
    def source(self) -> Path:
        """The folder of what it ships; all other Python files are tests, or as good as tests."""
        return self.folder / "src" if (self.folder / "src").is_dir() else self.folder

    @cached_property
    def imported(self) -> frozenset[str]:
        """The dotted names that what it ships imports."""
        tests = () if self.source != self.folder else (self.folder / "tests",)
        return imported_names(self.source, without=tests)

    @cached_property
    def imported_by_tests(self) -> frozenset[str]:
        """The dotted names that its other Python files import: tests, examples, scripts."""
        if self.source == self.folder:
            return imported_names(self.folder / "tests")
        return imported_names(self.folder, without=(self.source,))


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a package, and the commit that it was built from.

    Attributes:
        supported: Whether it has to work still with what is new.
    """

    package: str
    version: str
    commit: str
    supported: bool = True


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A uv workspace: a root folder and its members, by name.

    Attributes:
        root: Where the ``pyproject.toml`` with ``[tool.uv.workspace]`` is, absolute.
        releases: All that was released, oldest first.
        settings: The table ``[workspace]`` of the configuration at the root.
        uv_options: Where ``[tool.uv]`` at the root says that packages are, as options of `uv pip`.
    """

    root: Path
    members: Mapping[str, Member]
    releases: tuple[Release, ...] = ()
    settings: WorkspaceSettings = field(default_factory=WorkspaceSettings)
    uv_options: tuple[str, ...] = ()

    def releases_of(self, package: str) -> tuple[Release, ...]:
        """Return the releases of a package, oldest first."""
        return tuple(release for release in self.releases if release.package == package)

    def last(self, package: str) -> Release | None:
        """Return what was released last of a package, None if nothing was."""
        return next(reversed(self.releases_of(package)), None)

    def oldest(self, package: str) -> Release | None:
        """Return the oldest release of a package that is still supported, None if there is none.

        What `releases.toml` lists is supported, unless its entry says ``supported = false``.
        """
        return next((release for release in self.releases_of(package) if release.supported), None)

    def needs(self, name: str) -> frozenset[str]:
        """Return the other members that one stands on: its dependencies and extras name them, or its source does."""
        member = self.members[name]
        return self._known(name, member.runtime_names, member.imported)

    def tested_with(self, name: str) -> frozenset[str]:
        """Return the other members that only the tests of one need: its groups name them, or its tests import them."""
        member = self.members[name]
        return self._known(name, member.test_names, member.imported_by_tests) - self.needs(name)

    def dependants(self, names: Iterable[str]) -> set[str]:
        """Return the members that a change of ``names`` can break; ``names`` themselves are left out.

        Those are the members that stand on them, directly or by others, and those whose tests use any of all these.
        Who is only tested with a changed member works as before, so nobody is concerned for its sake.
        """
        given = set(names)
        reached, waiting = set(given), list(given)
        while waiting:
            new = self._users.get(waiting.pop(), frozenset()) - reached
            reached |= new
            waiting += new
        testing = (self._testers.get(name, frozenset()) for name in reached)
        return reached.union(*testing) - given

    def users_of(self, name: str) -> frozenset[str]:
        """Return the members that stand on one directly, or whose tests use it directly."""
        return self._users.get(name, frozenset()) | self._testers.get(name, frozenset())

    def member_of(self, path: Path) -> Member | None:
        """Return the member whose folder holds ``path``, None for a path of nobody's."""
        holding = [member for member in self.members.values() if path.is_relative_to(member.folder)]
        return max(holding, key=lambda member: len(member.folder.parts), default=None)

    def owner_of(self, module: str) -> str:
        """Return the member that gives a dotted name to import, "" if none of them does."""
        return self._modules.get(module) or next(
            (self._modules[part] for part in _parents(module) if part in self._modules), ""
        )

    @cached_property
    def _modules(self) -> Mapping[str, str]:
        return {package: member.name for member in self.members.values() for package in member.import_packages}

    @cached_property
    def _users(self) -> Mapping[str, frozenset[str]]:
        return _turned_round({name: self.needs(name) for name in self.members})

    @cached_property
    def _testers(self) -> Mapping[str, frozenset[str]]:
        return _turned_round({name: self.tested_with(name) for name in self.members})

    def _known(self, name: str, named: frozenset[str], imported: frozenset[str]) -> frozenset[str]:
        owners = filter(None, (self.owner_of(module) for module in imported))
        return frozenset({*(named & self.members.keys()), *owners} - {name})


def _turned_round(needs: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    return {name: frozenset(user for user, needed in needs.items() if name in needed) for name in needs}


def _names(requirements: Iterable[Requirement]) -> frozenset[str]:
    return frozenset(str(canonicalize_name(requirement.name)) for requirement in requirements)


def _parents(module: str) -> Iterable[str]:
    """Yield ``a.b.c``, ``a.b``, ``a``."""
    while module:
        yield module
        module = module.rpartition(".")[0]
