"""`clientsmith gate`: whether the packages of a workspace fit together, and with what was released of them."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from clientsmith.core.terminal import count, escaped, style
from clientsmith.findings import InputError
from clientsmith.findings.reports import as_github
from clientsmith.gate.bench import Shop
from clientsmith.gate.outcomes import Outcome
from clientsmith.gate.plan import Job, chosen, plan, unfit
from clientsmith.gate.preparing import copied, described, prepared
from clientsmith.gate.progress import Progress
from clientsmith.gate.reports import as_findings, as_json, as_markdown, as_text, has_failed
from clientsmith.gate.running import cores, in_temporary_folder, run_jobs, terminable
from clientsmith.gate.stages import Stock
from clientsmith.workspace import find_workspace
from clientsmith.workspace.index import LoopbackIndex
from clientsmith.workspace.processes import Processes

from .output import FINDINGS, Stop, print_json, working

__all__ = ["gate"]

_EPILOG: Final = """\b
Exit codes:
  0  everything that is supported works
  1  something does not, or it was interrupted
  2  wrong usage: no workspace, a release whose commit is not here, a package that cannot be built

\b
Examples:
  clientsmith gate --list
  clientsmith gate
  clientsmith gate --only cell --only minimum/naas-client
  clientsmith gate --format markdown --report gate.json
"""


@click.command(epilog=_EPILOG)
@click.option("--only", "patterns", multiple=True, metavar="PATTERN", help="Jobs whose names match; may be repeated.")
@click.option("--list", "only_list", is_flag=True, help="Say which jobs there are, and do none.")
@click.option("--index", default="", metavar="URL", help="Take releases from this index; else from git.")
@click.option(
    "--python", default="", metavar="VERSION", help="The Python to try them with; else the one that runs this."
)
@click.option("--jobs", "threads", type=click.IntRange(1, 64), default=cores, show_default="cores", help="At once.")
@click.option("--fail-fast", is_flag=True, help="Start nothing more once something failed.")
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep the log of each job in this folder."
)
@click.option(
    "--format",
    "style_",
    type=click.Choice(["text", "json", "markdown", "github"]),
    default="text",
    help="text for people, json for programs, tables of Markdown, or GitHub annotations.",
)
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write the JSON report to this file as well."
)
def gate(
    *,
    patterns: tuple[str, ...],
    only_list: bool,
    index: str,
    python: str,
    threads: int,
    fail_fast: bool,
    keep: Path | None,
    style_: str,
    report: Path | None,
) -> None:
    """Try the packages of the workspace together, as users will have them.

    Each client drives each service, at the tip, the last release and the oldest that is supported. Each package is
    tried with the lowest and the newest versions of what it needs, the last releases over the new tips, and every way
    to install. All this with wheels, each job in an environment of its own. Packages of the workspace come from nowhere
    but the workspace, its releases, and --index.
    """
    began = time.perf_counter()
    try:
        with terminable(), in_temporary_folder(keep) as folder, Processes() as processes:
            with working("looking at the tip and the releases"):
                found = find_workspace()
                workspace = found if only_list else copied(found, folder)
                stock = described(found, workspace, folder, index)
            if reason := unfit(stock, python or platform.python_version()):
                raise InputError(reason, "name another with --python VERSION")
            jobs = _chosen(plan(workspace, stock), patterns)
            if only_list:
                _list(jobs, style_)
                return
            with working("building wheels"):
                stock = prepared(stock, folder, threads, processes)
            with LoopbackIndex() as own_index:
                shop = Shop(workspace, stock, own_index, processes, folder, python)
                outcomes = _run(shop, jobs, threads, fail_fast)
    except InputError as problem:
        raise Stop(problem.message, problem.hint) from problem
    _tell(outcomes, stock, time.perf_counter() - began, style_, report)
    raise click.exceptions.Exit(FINDINGS if has_failed(outcomes) else 0)


def _chosen(jobs: Sequence[Job], patterns: Sequence[str]) -> Sequence[Job]:
    found = chosen(jobs, patterns)
    if not found:
        raise Stop(f"no job is called {' or '.join(patterns)}", "see `clientsmith gate --list`")
    return found


def _run(shop: Shop, jobs: Sequence[Job], threads: int, fail_fast: bool) -> list[Outcome]:
    progress = Progress(len(jobs))
    try:
        return run_jobs(
            shop, jobs, threads=threads, fail_fast=fail_fast, started=progress.started, ended=progress.ended
        )
    finally:
        progress.clear()


def _list(jobs: Sequence[Job], style_: str) -> None:
    if style_ == "json":
        print_json([{"name": job.name, "reason": job.reason, "unsupported": job.unsupported} for job in jobs])
        return
    for job in jobs:
        why = f"not supported: {job.unsupported}" if job.unsupported else job.reason
        click.echo(f"{job.name}  {style(escaped(why), dim=True)}")
    click.echo(count(len(jobs), "job"), err=True)


def _tell(outcomes: Sequence[Outcome], stock: Stock, seconds: float, style_: str, report: Path | None) -> None:
    match style_:
        case "json":
            print_json(as_json(outcomes, stock, seconds))
        case "markdown":
            click.echo(as_markdown(outcomes, stock, seconds))
        case "github":
            click.echo(as_github(as_findings(outcomes)), nl=has_failed(outcomes))
        case _:
            click.echo(as_text(outcomes, stock, seconds))
    if report is not None:
        try:
            report.write_text(json.dumps(as_json(outcomes, stock, seconds), indent=2) + "\n", encoding="utf-8")
        except OSError as problem:
            raise Stop(f"cannot write {report}: {problem.strerror}", "name another file") from problem
