"""Fragments on a pull request: does every package whose source changed tell its users, and enough?"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

from clientsmith.apidiff.bump import Bump, bump_of
from clientsmith.findings import Finding, Severity
from clientsmith.workspace import Member, Workspace, git

from .choosing import fragments_of
from .comparing import compare_release
from .fragments import bump_of_fragments

__all__ = ["check_fragments", "concerns_users"]

# Below a package's folder: what nobody gets who installs it, or what a release writes itself.
_NOT_SOURCE: Final = frozenset({"tests", "docs", "examples", "benchmarks"})
_WORDS: Final = {Bump.MAJOR: "a major version", Bump.MINOR: "a minor version", Bump.PATCH: "a patch"}
_HINTS: Final = {
    Bump.MAJOR: "write a fragment of kind breaking, or take the change back",
    Bump.MINOR: "write a fragment of kind added or changed, or take the change back",
    Bump.PATCH: "write a fragment of kind fixed",
}


def check_fragments(
    workspace: Workspace,
    base: str = "",
    *,
    packages: Sequence[str] = (),
    compare: bool = True,
    ignored: Sequence[str] = (),
) -> list[Finding]:
    """Return what is wrong with the fragments of a workspace.

    Every fragment has to be one. With ``base``, a package whose source differs from where HEAD left ``base`` needs one
    that was added or changed since. With ``compare``, the fragments of these packages (without ``base``: of all that
    have any) have to ask for as much as the diff of the last release demands.

    Args:
        workspace: Where to look.
        base: A branch or a commit, "" for none.
        packages: To look at no others.
        compare: Whether releases are compared with the tip, which takes a while.
        ignored: Rules of the diff that are not heard.

    Raises:
        InputError: There is no git, no such base, or a release that cannot be compared.
    """
    top = git.repository_root(workspace.root).resolve()
    changed = [top / path for path in git.changed_paths(top, base)] if base else []
    findings: list[Finding] = []
    for member in workspace.members.values():
        if not packages or member.name in packages:
            findings += _member(workspace, member, changed, base, top)
            if compare and (_source_of(workspace, member, changed) if base else fragments_of(member)[0]):
                findings += _too_small(workspace, member, base, top, ignored)
    return findings


def concerns_users(path: PurePosixPath, *, fragments: str, changelog: str) -> bool:
    """Whether a file, by its path below the package's folder, is of what users get: source and metadata."""
    first = path.parts[0]
    return not (
        first in _NOT_SOURCE
        or first.startswith(".")
        or path.is_relative_to(fragments)
        or str(path) == changelog
        or path.suffix == ".md"
        or "__pycache__" in path.parts
    )


def _member(workspace: Workspace, member: Member, changed: Sequence[Path], base: str, top: Path) -> list[Finding]:
    fragments, broken = fragments_of(member)
    # As seen from the top: an annotation of a forge is put beside a file of the repository.
    findings = [replace(one, file=Path(one.file).resolve().relative_to(top).as_posix()) for one in broken]
    source = _source_of(workspace, member, changed)
    told = any(one.file in changed for one in fragments)
    if source and not told and not findings and not _is_release(top, base, member):
        findings.append(_missing(member, source, top))
    return findings


def _source_of(workspace: Workspace, member: Member, changed: Iterable[Path]) -> list[Path]:
    """Return those of the changed paths that are of what users of a package get."""
    settings = member.configuration.release
    return [
        path
        for path in changed
        if workspace.member_of(path) is member
        and concerns_users(
            PurePosixPath(path.relative_to(member.folder).as_posix()),
            fragments=settings.fragments,
            changelog=settings.changelog,
        )
    ]


def _missing(member: Member, source: list[Path], top: Path) -> Finding:
    first = source[0].relative_to(top).as_posix()
    more = f" and {len(source) - 1} more" if len(source) > 1 else ""
    return Finding(
        "fragment-missing",
        Severity.ERROR,
        f"the source of {member.name} changed ({first}{more}), and no change fragment says so",
        f'`clientsmith release note {member.name} KIND "what users will notice"`; '
        "kind `internal` for what they will not",
        file=first,
        line=1,
        column=1,
    )


def _too_small(workspace: Workspace, member: Member, base: str, top: Path, ignored: Sequence[str]) -> list[Finding]:
    release = workspace.last(member.name)
    if release is None or _is_release(top, base, member):
        return []
    told = bump_of_fragments(fragments_of(member)[0])
    comparison = compare_release(workspace, member, release, ignored=ignored)
    found = [
        Finding(
            "fragment-too-small",
            Severity.ERROR,
            f"{one.subject}: {one.message}; the fragments of {member.name} ask for less than {_WORDS[bump_of([one])]}",
            _HINTS[bump_of([one])],
            file=comparison.file_of(one.new) if one.new else member.name,
            line=(one.new.line or 1) if one.new else 1,
            column=(one.new.column or 1) if one.new else 1,
        )
        for one in comparison.differences
        if bump_of([one]) > told
    ]
    for reason in comparison.family:
        if reason.bump > told:
            message = f"{reason.place}: {reason.text}"
            found.append(
                Finding(
                    "fragment-too-small",
                    Severity.ERROR,
                    message,
                    _HINTS[reason.bump],
                    file=member.name,
                    line=1,
                    column=1,
                )
            )
    return found


def _is_release(top: Path, base: str, member: Member) -> bool:
    """Whether the package got another version since HEAD left ``base``: its fragments became part of the changelog."""
    return bool(base) and _version_at(top, base, member) not in ("", member.version)


def _version_at(top: Path, base: str, member: Member) -> str:
    """Return the version that a package had where HEAD left ``base``, "" if it was not there."""
    path = (member.folder / "pyproject.toml").relative_to(top).as_posix()
    text = git.show(top, git.merge_base(top, base), path)
    project: Any = tomllib.loads(text).get("project", {}) if text else {}
    return str(project.get("version", ""))
