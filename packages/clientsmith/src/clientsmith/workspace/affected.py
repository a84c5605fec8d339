"""Changed paths to the tests that they can break. All here is decided from values; git and files are read elsewhere.

A path is judged by these rules, the first that fits wins:

1. `everything` of the settings: all tests.
2. `tests_for` of the settings: the tests that stand there, and no others.
3. Documentation (Markdown beside a `pyproject.toml`, `docs/`, a licence, change fragments): the tests of the workspace
   as a whole, which are those that lie in no member.
4. In the tests of a member: that member's tests. In the tests of the workspace: these.
5. Anywhere else in a member: its tests, and those of all that stand on it.
6. Anything else (the lock, the root's `pyproject.toml`, CI, tools): all tests. In doubt, everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final

from .members import Member, Workspace

__all__ = ["WORKSPACE", "Effect", "Judged", "Selected", "Selection", "all_tests", "judge", "select", "tests_of"]

# What the tests are called that belong to no member.
WORKSPACE: Final = "workspace"
_SHOWN: Final = 3  # paths of one reason; more would hide the others

_DOCUMENTS: Final = frozenset({".md", ".rst"})
_PAPERS: Final = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS", "CODEOWNERS")


class Effect(Enum):
    """What a changed path concerns."""

    EVERYTHING = "everything"
    MEMBER = "the package and all that stand on it"
    OWN_TESTS = "the package's own tests"
    NAMED_TESTS = "these tests"


@dataclass(frozen=True, slots=True)
class Judged:
    """One changed path, what it concerns, and why."""

    path: str
    effect: Effect
    reason: str
    member: str = ""
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selected:
    """Tests to run: of a member, or of the workspace.

    Attributes:
        paths: Files and folders, relative to the root of the workspace.
        command: What runs them, from the root.
        reasons: Why; never empty.
    """

    name: str
    paths: tuple[str, ...]
    command: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """All tests to run, sorted, and how each path was judged."""

    selected: tuple[Selected, ...] = ()
    judged: tuple[Judged, ...] = ()
    concerned: frozenset[str] = field(default_factory=frozenset[str])

    @property
    def has_nothing(self) -> bool:
        return not self.selected

    @property
    def is_everything(self) -> bool:
        return any(judged.effect is Effect.EVERYTHING for judged in self.judged)

    def adding(self, workspace: Workspace, name: str, reason: str) -> Selection:
        """Return this selection with a member's tests in it, and this as their first reason."""
        others = tuple(one for one in self.selected if one.name != name)
        before = next((one.reasons for one in self.selected if one.name == name), ())
        found = tests_of(workspace, name)
        added = (_selected(workspace, name, found, (reason, *before)),) if found else ()
        return replace(self, selected=_sorted(workspace, (*others, *added)))


# --- one path --------------------------------------------------------------------------------------------------------


def judge(workspace: Workspace, path: str) -> Judged:
    """Return what a change of ``path`` (relative to the workspace's root, with ``/``) concerns."""
    settings = workspace.settings
    if pattern := _first_match(path, settings.everything):
        return Judged(path, Effect.EVERYTHING, f"`everything` has {pattern}")
    if pattern := _first_match(path, settings.tests_for):
        named = tuple(settings.tests_for[pattern].split())
        return Judged(path, Effect.NAMED_TESTS, f"`tests_for` has {pattern}", tests=named)
    member = workspace.member_of(workspace.root / path)
    below = PurePosixPath(path)
    if member is not None:
        below = below.relative_to(member.folder.relative_to(workspace.root).as_posix())
    if _is_documentation(below, member):
        return Judged(path, Effect.NAMED_TESTS, "documentation", tests=tests_of(workspace, WORKSPACE))
    if member is None:
        if tests := [one for one in tests_of(workspace, WORKSPACE) if PurePosixPath(path).is_relative_to(one)]:
            return Judged(path, Effect.NAMED_TESTS, "a test of the workspace", tests=tuple(tests))
        return Judged(path, Effect.EVERYTHING, "it belongs to no package")
    if below.parts[0] == "tests":
        return Judged(path, Effect.OWN_TESTS, f"a test of {member.name}", member.name)
    return Judged(path, Effect.MEMBER, f"part of {member.name}", member.name)


def _first_match(path: str, patterns: Iterable[str]) -> str:
    return next((pattern for pattern in patterns if _matches(path, pattern)), "")


def _matches(path: str, pattern: str) -> bool:
    """`*` stands for anything, folders too; a folder stands for all that is in it."""
    return fnmatchcase(path, pattern) or path.startswith(pattern.rstrip("/") + "/")


def _is_documentation(below: PurePosixPath, member: Member | None) -> bool:
    if len(below.parts) == 1:
        return below.suffix in _DOCUMENTS or below.stem in _PAPERS
    fragments = member.configuration.release.fragments.strip("/") if member is not None else ""
    return below.parts[0] == "docs" or (bool(fragments) and below.is_relative_to(fragments))


# --- all paths -------------------------------------------------------------------------------------------------------


def select(workspace: Workspace, paths: Sequence[str]) -> Selection:
    """Return the tests that a change of these paths concerns, with the reasons for each."""
    judged = tuple(judge(workspace, path) for path in paths)
    whole = [one for one in judged if one.effect is Effect.EVERYTHING]
    if whole:
        reason = f"{_listed([one.path for one in whole])} changed: {whole[0].reason}"
        return replace(all_tests(workspace, reason), judged=judged)
    changed = {one.member for one in judged if one.effect is Effect.MEMBER}
    concerned = changed | workspace.dependants(changed)
    selected = [
        _selected(workspace, name, found, why)
        for name, why in _reasons(workspace, judged, changed, concerned).items()
        if (found := tests_of(workspace, name))
    ]
    return Selection(
        _sorted(workspace, [*selected, *_others(workspace, judged, changed, selected)]), judged, frozenset(concerned)
    )


def all_tests(workspace: Workspace, reason: str) -> Selection:
    """Return the tests of everything."""
    found = ((name, tests_of(workspace, name)) for name in (*workspace.members, WORKSPACE))
    selected = (_selected(workspace, name, paths, (reason,)) for name, paths in found if paths)
    return Selection(_sorted(workspace, selected), concerned=frozenset(workspace.members))


def tests_of(workspace: Workspace, name: str) -> tuple[str, ...]:
    """Return where the tests of a member are, or those of the workspace; nothing if there are none."""
    if name == WORKSPACE:
        folder = workspace.root / "tests"
        return ("tests",) if folder.is_dir() and workspace.member_of(folder) is None else ()
    folder = workspace.members[name].folder / "tests"
    return (folder.relative_to(workspace.root).as_posix(),) if folder.is_dir() else ()


def _reasons(
    workspace: Workspace, judged: Sequence[Judged], changed: set[str], concerned: set[str]
) -> dict[str, tuple[str, ...]]:
    """Return for each member whose tests are to run why they are."""
    reasons: dict[str, tuple[str, ...]] = {}
    for name in sorted(concerned | {one.member for one in judged if one.member}):
        paths = [one.path for one in judged if one.member == name]
        direct = [f"{_listed(paths)} changed"] if paths else []
        reasons[name] = (*direct, *(_links(workspace, name, concerned) if name in concerned - changed else ()))
    return reasons


def _links(workspace: Workspace, name: str, concerned: set[str]) -> list[str]:
    """Say by which of its dependencies a member is concerned."""
    uses = sorted(workspace.needs(name) & concerned)
    tested = sorted(workspace.tested_with(name) & concerned)
    said = [f"it uses {', '.join(uses)}"] if uses else []
    return [*said, f"its tests use {', '.join(tested)}"] if tested else said


def _others(
    workspace: Workspace, judged: Sequence[Judged], changed: set[str], selected: Sequence[Selected]
) -> list[Selected]:
    """Return the tests that no member's concern selects: those of the workspace, and those that the settings name."""
    paths, reasons = list[str](), list[str]()
    if changed:
        paths += tests_of(workspace, WORKSPACE)
        reasons.append(f"they are about all packages, and {_listed(sorted(changed))} changed")
    for one in judged:
        paths += one.tests
    if named := [one for one in judged if one.tests]:
        reasons.append(f"{_listed([one.path for one in named])} changed: {named[0].reason}")
    already = [path for one in selected for path in one.paths]
    kept = [path for path in _outermost([*paths, *already]) if path not in already]
    return [_selected(workspace, WORKSPACE, kept, reasons)] if kept else []


def _outermost(paths: Iterable[str]) -> list[str]:
    """Return the paths once, sorted, without what lies in another of them."""
    known = sorted(set(paths))
    return [path for path in known if not any(path.startswith(f"{one}/") for one in known)]


def _selected(workspace: Workspace, name: str, paths: Iterable[str], reasons: Iterable[str]) -> Selected:
    # `replace` and not `format`: the command may hold braces of its own.
    command = workspace.settings.tests.replace("{path}", " ".join(paths))
    return Selected(name, tuple(paths), command, tuple(reasons))


def _sorted(workspace: Workspace, selected: Iterable[Selected]) -> tuple[Selected, ...]:
    return tuple(sorted(selected, key=lambda one: (one.name not in workspace.members, one.name)))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown
