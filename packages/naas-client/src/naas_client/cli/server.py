"""``naas health`` and ``naas contexts``: how the server is, and where jobs can run."""

from __future__ import annotations

import sys
from typing import Any

import click

from .app import App, of_the_app, takes_format
from .endings import CODES, Exit
from .results.writing import print_json, print_line, print_records, print_table
from .wire import as_object

__all__ = ["contexts", "health"]


@click.command(epilog=CODES, short_help="Tell how the server and its parts are.")
@takes_format
@of_the_app
def health(app: App) -> None:
    """Tell how the server and its parts are; needs no credentials. Exits with 2 where it is not healthy."""
    report = app.anonymous_client().get_health().as_dict()
    form = app.form("table")
    if form == "json":
        print_json(report)
    elif form == "ndjson":
        print_line(report)
    elif form == "text":
        click.echo(report.get("status"))
    else:
        print_table(["part", "state", "more"], _parts(report))
    sys.exit(Exit.DONE if report.get("status") in ("healthy", "degraded") else Exit.REFUSED)


def _parts(report: dict[str, Any]) -> list[list[str]]:
    rows = [["server", str(report.get("status")), f"{report.get('version')}, up {_duration(report)}"]]
    for name, value in as_object(report.get("components")).items():
        # The wire's name of the store is that of a server of before, which had one.
        name = "store" if name == "redis" else name
        if part := as_object(value):
            more = ", ".join(f"{each.replace('_', ' ')} {told}" for each, told in part.items() if each != "status")
            rows.append([name, str(part.get("status")), more])
        else:
            rows.append([name.replace("_", " "), "", str(value)])
    return rows


def _duration(report: dict[str, Any]) -> str:
    seconds = int(report.get("uptime_seconds") or 0)
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    return (
        f"{days} d {hours} h" if days else f"{hours} h {rest // 60} min" if hours else f"{rest // 60} min {rest % 60} s"
    )


@click.group(invoke_without_command=True, epilog=CODES, short_help="List the groups of workers.")
@click.pass_context
def contexts(context: click.Context) -> None:
    """List the groups of workers that jobs can run in, with their workers and what waits there."""
    if context.invoked_subcommand is None:
        context.invoke(list_contexts)


@contexts.command("list")
@takes_format
@of_the_app
def list_contexts(app: App) -> None:
    """List them."""
    records = (each.as_dict() for each in app.client.list_contexts())
    columns = [("context", "name"), ("workers", "workers"), ("waiting", "queue_depth")]
    print_records(records, columns, app.form("table"), "there are no contexts")
