"""`clientsmith affected`: what a change has to be tested with."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
from clientsmith.core.terminal import count, escaped, style
from clientsmith.findings import InputError
from clientsmith.workspace import Workspace, find_workspace, git
from clientsmith.workspace.affected import Selection, all_tests, select

from .output import FINDINGS, Stop, print_json, working

__all__ = ["affected"]

_EPILOG: Final = """\b
Exit codes:
  0  it is known what to test, be it nothing; with --run: the tests pass
  1  with --run: tests fail
  2  wrong usage: no workspace, no git, or no such revision

\b
Examples:
  clientsmith affected
  clientsmith affected --base v1.2.0 --explain
  clientsmith affected --base origin/main --run
  clientsmith affected --base origin/main --format github-matrix
"""


@click.command(epilog=_EPILOG)
@click.option("--base", default="", metavar="REV", help="What to compare with; else the main branch.")
@click.option(
    "--format",
    "style_",
    type=click.Choice(["text", "json", "github-matrix"]),
    default="text",
    help="text for people, json for programs, github-matrix for a job's `strategy.matrix`.",
)
@click.option("--explain", is_flag=True, help="Say of each changed path what it concerns.")
@click.option("--run", "runs", is_flag=True, help="Run the tests too, one set after another.")
@click.option("--all", "everything", is_flag=True, help="All tests, whatever changed.")
def affected(*, base: str, style_: str, explain: bool, runs: bool, everything: bool) -> None:
    """Say which tests a change needs, and why.

    What changed since REV (committed, staged, not staged, new) is followed to packages, from there to all packages
    that stand on these, and to the command that runs their tests. Where a service is concerned, the description that it
    serves is compared with that of REV, and selects its clients. A change that belongs to no package, of the lock for
    example, selects everything.
    """
    try:
        workspace = find_workspace()
        if everything:
            base, selection = "", all_tests(workspace, "all were asked for")
        else:
            base = base or git.main_branch(workspace.root)
            selection = _selection(workspace, base)
    except InputError as problem:
        raise Stop(problem.message, problem.hint) from problem
    match style_:
        case "json":
            print_json(_as_json(selection, base))
        case "github-matrix":
            click.echo(json.dumps(_as_matrix(selection)))
        case _:
            _show(selection, base)
    if explain:
        _explain(selection)
    if runs:
        _run(selection, workspace.root)


def _selection(workspace: Workspace, base: str) -> Selection:
    selection = select(workspace, _paths_below(workspace, git.changed_paths(workspace.root, base)))
    if selection.is_everything:
        return selection
    services = [name for name in workspace.settings.services if name in selection.concerned]
    if not services:
        return selection
    # What it takes to compare documents is only imported where there is one to compare.
    from clientsmith.gate.documents import document_changes

    with working(f"comparing the description of {', '.join(services)} with {base}'s"):
        changes = document_changes(workspace, services, git.merge_base(workspace.root, base))
    for change in changes:
        for client in workspace.settings.services[change.service].clients if change.reason else ():
            selection = selection.adding(workspace, client, change.reason)
    return selection


def _paths_below(workspace: Workspace, paths: Sequence[str]) -> tuple[str, ...]:
    """Return paths of the repository as paths of the workspace; what lies beside the workspace is not its own."""
    prefix = workspace.root.relative_to(git.repository_root(workspace.root)).as_posix()
    if prefix == ".":
        return tuple(paths)
    return tuple(path.removeprefix(f"{prefix}/") for path in paths if path.startswith(f"{prefix}/"))


def _run(selection: Selection, root: Path) -> None:
    """Run all commands, also after one that failed; stop with exit code 1 if any did."""
    # What a command names is looked for beside the Python that runs us before it is elsewhere.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    failed: list[str] = []
    for one in selection.selected:
        click.echo(f"{style(one.name, bold=True)}  {one.command}", err=True)
        program, *arguments = shlex.split(one.command)
        found = shutil.which(program, path=path)
        if found is None:
            raise Stop(
                f"cannot run the tests of {one.name}: there is no program {program!r}", "see `tests` of [workspace]"
            )
        if subprocess.run([found, *arguments], cwd=root, env={**os.environ, "PATH": path}, check=False).returncode:
            failed.append(one.name)
    if failed:
        click.echo(f"{style('failed', fg='red')}: {', '.join(failed)}", err=True)
        raise click.exceptions.Exit(FINDINGS)


# --- what is said ----------------------------------------------------------------------------------------------------


def _show(selection: Selection, base: str) -> None:
    for one in selection.selected:
        click.echo(f"{style(one.name, bold=True)}  {one.command}")
        for reason in one.reasons:
            click.echo(f"  {style(escaped(reason), dim=True)}")
    since = f" since {base}" if base else ""
    changed = f"{count(len(selection.judged), 'changed path')}{since}: " if base else ""
    found = count(len(selection.selected), "set") + " of tests to run"
    click.echo(f"{changed}{'nothing to test' if selection.has_nothing else found}", err=True)


def _explain(selection: Selection) -> None:
    for one in selection.judged:
        click.echo(f"{escaped(one.path)}: {one.effect.value} ({escaped(one.reason)})", err=True)


def _as_json(selection: Selection, base: str) -> dict[str, Any]:
    return {
        "base": base,
        "everything": selection.is_everything or not base,
        "changed": [{"path": one.path, "concerns": one.effect.value, "reason": one.reason} for one in selection.judged],
        "tests": [
            {"name": one.name, "paths": one.paths, "command": one.command, "reasons": one.reasons}
            for one in selection.selected
        ],
    }


def _as_matrix(selection: Selection) -> dict[str, Any]:
    """Return what `strategy.matrix` takes: a job for each set of tests."""
    return {
        "include": [
            {"name": one.name, "paths": " ".join(one.paths), "command": one.command} for one in selection.selected
        ]
    }
