"""`clientsmith check`: a client library by the guidelines, rule by rule."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem
from clientsmith.configuration import Configuration, find_configuration, read_configuration, read_lock
from clientsmith.core.terminal import count, escaped, style
from clientsmith.distributions import Distribution, Kind, opened
from clientsmith.findings import InputError
from clientsmith.findings.reports import as_github, as_sarif
from clientsmith.guidelines.baseline import Known, compare, fingerprinted, read_baseline, written
from clientsmith.guidelines.described import Document
from clientsmith.guidelines.explaining import explained
from clientsmith.guidelines.ids import ALIASES, GUIDELINES, canonical
from clientsmith.guidelines.judging import Report, judge
from clientsmith.guidelines.package import Package, package_of
from clientsmith.guidelines.reports import as_data, as_findings, as_markdown, as_text, summary
from clientsmith.guidelines.rule import Rule
from clientsmith.guidelines.rules import BY_ID, RULES
from clientsmith.guidelines.verdicts import Verdict, together
from clientsmith.openapi.collector import collector_paused

from .output import FINDINGS, Stop, print_json, show_findings, working

__all__ = ["check", "checked"]

_EPILOG = """\b
Exit codes:
  0  nothing that is not met, or nothing that the baseline does not know
  1  a guideline is not met
  2  wrong usage: PACKAGE is no package, or the configuration, SPEC or the baseline cannot be read

\b
Examples:
  clientsmith check .
  clientsmith check dist/depot_client-1.0.0-py3-none-any.whl --spec openapi.json
  clientsmith check depot-client==1.2.0 --index http://127.0.0.1:3141/root/dev/+simple/ --static
  clientsmith check . --format sarif > check.sarif
  clientsmith check . --write-baseline check-baseline.json
  clientsmith check --explain paged-prefix
"""


def _ids(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    names = [*GUIDELINES, *ALIASES]
    meaning = {name: BY_ID[id].meaning for name in names if (id := ALIASES.get(name, name)) in BY_ID}
    return [CompletionItem(name, help=meaning.get(name)) for name in names if name.startswith(incomplete)]


def _canonical(_context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    try:
        return tuple(canonical(each) for each in value) if parameter.multiple else value and canonical(value)
    except ValueError as problem:
        raise click.BadParameter(str(problem)) from problem


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command was asked, but for how to print it."""

    reference: str
    index: str = ""
    spec: str = ""
    config: Path | None = None
    profile: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    against: str = ""
    python: str = ""
    static: bool = False

    @property
    def rules(self) -> list[Rule]:
        return [rule for rule in RULES if (not self.select or rule.id in self.select) and rule.id not in self.ignore]


@click.command(epilog=_EPILOG)
@click.argument("package", required=False, default="")
@click.option("--spec", default="", metavar="SPEC", help="The service's description; else the configuration's `spec`.")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The configuration; else clientsmith.toml or pyproject.toml of the package's folder.",
)
@click.option(
    "--index", default="", metavar="URL", help="The index that holds PACKAGE, where it is NAME or NAME==VERSION."
)
@click.option(
    "--profile",
    type=click.Choice(["auto", "azure", "generic"]),
    default=None,
    help="Which base the guidelines mean; `auto` looks at what the package depends on.",
)
@click.option(
    "--select", multiple=True, metavar="ID", callback=_canonical, shell_complete=_ids, help="Only these guidelines."
)
@click.option(
    "--ignore", multiple=True, metavar="ID", callback=_canonical, shell_complete=_ids, help="Not these guidelines."
)
@click.option(
    "--against",
    default="",
    metavar="PACKAGE",
    help="The release before, for the rules about versions; written as PACKAGE is.",
)
@click.option(
    "--python",
    default="",
    metavar="FILE",
    help="The interpreter to run the package in, with its dependencies; else the one that runs this.",
)
@click.option("--static", is_flag=True, help="Only read: nothing of the package is run.")
@click.option(
    "--baseline",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Findings that are known and told no more; else the configuration's.",
)
@click.option(
    "--write-baseline",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what is found now as the baseline, and end.",
)
@click.option(
    "--format",
    "style_",
    type=click.Choice(["text", "json", "markdown", "sarif", "github"]),
    default="text",
    help="text for people, json for programs, markdown for a page; sarif and github have the findings alone.",
)
@click.option("--all", "everything", is_flag=True, help="Every place of every finding, and evidence at full length.")
@click.option(
    "--explain",
    default="",
    metavar="ID",
    callback=_canonical,
    shell_complete=_ids,
    help="Explain a guideline, and end.",
)
def check(
    *,
    package: str,
    spec: str,
    config: Path | None,
    index: str,
    profile: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    against: str,
    python: str,
    static: bool,
    baseline: Path | None,
    write_baseline: Path | None,
    style_: str,
    everything: bool,
    explain: str,
) -> None:
    """Judge the client library PACKAGE by the 80 guidelines of docs/guidelines.md.

    PACKAGE is a folder, a wheel, an sdist, `REV:path` of git, or NAME==VERSION with --index. Each guideline is met,
    with the evidence; not met, with file, line and hint; waived, with the reason from [check.waivers] of its
    configuration; or not applicable, with the reason. The source is read, never imported; what only running shows is
    seen in a process of its own, against a scripted service, unless --static.
    """
    if explain:
        click.echo(explained(BY_ID[explain]))
        return
    if not package:
        raise click.UsageError(
            "Missing argument 'PACKAGE': a folder, a wheel, an sdist, or NAME==VERSION with --index."
        )
    asked = _Asked(package, index, spec, config, profile or "", select, ignore, against, python, static)
    try:
        _interpreter(python)
        # The process ends soon: nothing of the many small objects of syntax trees is worth a round of the collector.
        with collector_paused(), opened(asked.reference, index=asked.index) as distribution:
            with working(f"judging {package}"):
                report = _judged(distribution, asked, _on_terminal(package))
                findings = fingerprinted(report)
            if write_baseline is not None:
                _write(write_baseline, findings)
                return
            path = baseline or _own_baseline(report.package)
            known = read_baseline(path) if path is not None else None
            new, stale = (findings, []) if known is None else compare(findings, known, (r.id for r in asked.rules))
            _show(report, findings, new, stale, style_, everything=everything)
    except InputError as problem:
        raise Stop(problem.message, problem.hint) from problem
    _leave(new)


def checked(distribution: Distribution, *, spec: str = "", static: bool = False) -> Report:
    """Judge a package as the command does without options.

    Raises:
        InputError: It holds no package, or its configuration or the description of its service cannot be read.
    """
    return _judged(distribution, _Asked(distribution.reference, spec=spec, static=static))


def _judged(distribution: Distribution, asked: _Asked, doing: Callable[[str], None] | None = None) -> Report:
    package = _package(distribution, asked)
    notes: list[str] = []
    observed = _observed(package, distribution, asked, notes, doing or (lambda _: None))
    report = judge(package, asked.rules, observed, ran=not asked.static)
    return replace(report, notes=(*notes, *report.notes))


def _package(distribution: Distribution, asked: _Asked) -> Package:
    configuration = _configuration(asked, distribution)
    spec = asked.spec or configuration.spec
    document = Document(spec, configuration) if spec else None
    return package_of(distribution, configuration, profile=asked.profile, document=document)


def _configuration(asked: _Asked, distribution: Distribution) -> Configuration:
    """Return the package's own configuration: that of its folder, whatever the current one is."""
    path = asked.config or find_configuration(distribution.root)
    if path is None:
        return Configuration(lock=read_lock(distribution.root))
    configuration, mistakes = read_configuration(path)
    if mistakes:
        show_findings(mistakes)
        raise InputError(f"the configuration {path} has mistakes; nothing is judged", "see `clientsmith config check`")
    configuration = configuration.resolved()
    if distribution.kind is not Kind.FOLDER and not asked.spec:
        configuration = replace(configuration, spec="")  # it stood beside the package where that was made
    return replace(configuration, lock=read_lock(distribution.root))


def _interpreter(python: str) -> None:
    if python and shutil.which(python) is None:
        raise InputError(
            f"cannot run {python!r}: there is no such program",
            "give --python the file of an interpreter that has the package's dependencies",
        )


def _observed(
    package: Package, distribution: Distribution, asked: _Asked, notes: list[str], doing: Callable[[str], None]
) -> Mapping[str, Verdict]:
    """Return what else than reading shows, by guideline: running, building, and the release before."""
    seen: list[Mapping[str, Verdict]] = []
    if asked.against:
        from clientsmith.guidelines.releases import observe_releases  # needs the differ

        with opened(asked.against, index=asked.index) as earlier:
            seen.append(observe_releases(package, distribution, earlier))
    if not asked.static:
        # Reading needs nothing of what running and building need.
        from clientsmith.guidelines import artefacts, running

        telling = running.Telling(doing, notes.append)
        rules = [rule for rule in asked.rules if rule.runs]
        seen.append(running.observe(package, rules, python=asked.python, telling=telling))
        doing("building its wheel and its source distribution")
        seen.append(artefacts.observe(package))
    ids = {id for each in seen for id in each}
    return {id: together([each[id] for each in seen if id in each]) for id in ids}


def _own_baseline(package: Package) -> Path | None:
    named = package.configuration.check.baseline
    return package.root / named if named else None


def _on_terminal(package: str) -> Callable[[str], None]:
    """Return what says in the line of `working` what is being done; nothing where there is no terminal."""
    if not sys.stderr.isatty():
        return lambda _: None

    def doing(what: str) -> None:
        line = f"judging {package}: {what}"[: shutil.get_terminal_size().columns - 3]  # what wraps cannot be taken away
        click.echo(f"\r\x1b[K{style(line, dim=True)} …", nl=False, err=True)

    return doing


# --- the end ---------------------------------------------------------------------------------------------------------


def _write(path: Path, findings: list[Known]) -> None:
    try:
        path.write_text(written(findings), encoding="utf-8")
    except OSError as problem:
        raise Stop(f"cannot write the baseline {path}: {problem.strerror or problem}") from problem
    click.echo(f"{path} knows {count(len(findings), 'finding')}", err=True)


def _show(
    report: Report, findings: list[Known], new: list[Known], stale: list[str], style_: str, *, everything: bool
) -> None:
    match style_:
        case "json":
            print_json(as_data(report, findings, new, stale))
        case "markdown":
            click.echo(as_markdown(report, new), nl=False)
        case "sarif":
            print_json(as_sarif(as_findings(report, new), version("clientsmith")))
        case "github":
            click.echo(as_github(as_findings(report, new)), nl=bool(new))
        case _:
            click.echo(as_text(report, new, everything=everything))
            click.echo()
    for note in report.notes:
        click.echo(f"note: {escaped(note)}", err=True)
    for said in stale:
        click.echo(f"note: the baseline knows what is gone: {escaped(said)}", err=True)
    click.echo(summary(report, new, len(findings) - len(new)), err=True)


def _leave(new: list[Known]) -> NoReturn:
    raise click.exceptions.Exit(FINDINGS if new else 0)
