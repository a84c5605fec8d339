"""``check``: does an index keep to the standards?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
from clientsmith.core.terminal import escaped, style

from .connection import Connection, asks_an_index
from .output import WrongUsage, errors_told, offers_formats, print_json, print_rows

if TYPE_CHECKING:
    from ..conformance import Outcome, Report

__all__ = ["check"]

_COLOURS: Final = {"MUST": "red", "SHOULD": "yellow", "MAY": "cyan"}

_EPILOG: Final = """\b
Exit codes:
  0    every MUST is kept, as far as could be seen
  1    a MUST is broken; with --strict also a SHOULD
  2    wrong usage, or the index could not be asked
  130  interrupted

\b
Examples:
  simple-repository check https://index.example.org/simple/ --project holygrail
  simple-repository check --format markdown > report.md
"""


def _show_rules(context: click.Context, _: click.Parameter, given: bool) -> None:
    if given:
        from ..conformance import RULES

        print_rows([[rule.id, rule.level.value, rule.source, rule.text] for rule in RULES])
        context.exit()


@click.command(epilog=_EPILOG, short_help="Report what an index offers, lacks and breaks.")
@asks_an_index(positional=True)
@click.option(
    "--project", "projects", multiple=True, metavar="NAME", help="Look at its page; else at three of the list."
)
@click.option("--strict", is_flag=True, help="Exit with 1 for a SHOULD that is broken, too.")
@click.option(
    "--rules", is_flag=True, is_eager=True, callback=_show_rules, expose_value=False, help="List all rules, and exit."
)
@offers_formats("markdown")
def check(connection: Connection, *, projects: tuple[str, ...], strict: bool, form: str) -> None:
    """Report what an index offers, what it lacks and which rules it breaks; each with the PEP that says so.

    It is asked about twenty-five requests, one after the other, and nothing is changed. The URL is that of the list of
    projects; without it, the one of the environment.
    """
    from ..conformance import Level, check_index  # only for who checks

    with errors_told(WrongUsage), connection.plain_client() as client:
        report = check_index(client, connection.shown_url, projects)
    if form == "json":
        print_json(report.as_data())
    elif form == "markdown":
        click.echo("\n".join(map(escaped, report.as_markdown().splitlines())))
    else:
        _print(report)
    if not report.is_conforming or (strict and report.broken(Level.SHOULD)):
        raise click.exceptions.Exit(1)


def _print(report: Report) -> None:
    """Print what is offered, then what is not as it should be, then a line."""
    from ..conformance import Level, Serialization
    from ..conformance.advertised import FEATURES

    click.echo(f"{style(escaped(report.index_url), bold=True)}  {escaped(', '.join(report.projects))}\n")
    print_rows(
        [
            ["", *(each.value for each in Serialization)],
            *([one.name, *(report.offer(each, one.name) for each in Serialization)] for one in FEATURES),
        ]
    )
    click.echo()
    for level in Level:
        for outcome in report.broken(level):
            _print_outcome(outcome)
    click.echo(report.summary(), err=True)


def _print_outcome(outcome: Outcome) -> None:
    rule = outcome.rule
    level = "not offered" if rule.level == "MAY" else rule.level.value
    click.echo(f"{style(level, fg=_COLOURS[rule.level])}  {style(rule.id, bold=True)}  {rule.source}  {rule.text}")
    for line in outcome.told():
        click.echo(f"  {escaped(line)}")
