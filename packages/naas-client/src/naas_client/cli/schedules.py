"""``naas schedules``: work that the server does by the clock."""

from __future__ import annotations

import click
from clientsmith.core.errors import ResourceExistsError

from .app import App, of_the_app, takes_format
from .endings import CODES, UsageStop
from .inventory.yaml import load_yaml
from .results.writing import Column, print_one, print_records
from .wire import as_object
from .work import text_of_file

__all__ = ["schedules"]

_SCHEDULE = """\b
A schedule is written as YAML or JSON:
  name: nightly-backup
  kind: backup
  group: core
  cron: "30 2 * * *"
  timezone: Europe/Berlin
"""


@click.group(epilog=_SCHEDULE + "\n" + CODES)
def schedules() -> None:
    """Work that the server does by the clock."""


@schedules.command("list", epilog=CODES)
@takes_format
@of_the_app
def list_schedules(app: App) -> None:
    """List schedules, when they ran and when they will."""
    records = (each.as_dict() for each in app.client.list_schedules())
    columns: list[Column] = [
        ("schedule", "name"), ("kind", "kind"), ("group", "group"), ("cron", "cron"), ("every (s)", "every_seconds"),
        ("on", "enabled"), ("last run", "last_run_at"), ("next run", "next_run_at"), ("problem", "last_problem"),
    ]  # fmt: skip
    print_records(records, columns, app.form("table"), "there are no schedules")


@schedules.command("show", epilog=CODES)
@click.argument("name")
@takes_format
@of_the_app
def show_schedule(app: App, name: str) -> None:
    """Show a schedule."""
    print_one(app.client.get_schedule(name).as_dict(), app.form("table"))


@schedules.command("apply", epilog=_SCHEDULE + "\n" + CODES)
@click.argument("file")
@takes_format
@of_the_app
def apply_schedule(app: App, file: str) -> None:
    """Make the schedule of FILE, or change the one of its name."""
    document = as_object(load_yaml(text_of_file(file), file))
    if not document.get("name"):
        raise UsageStop(
            f"{file} is no schedule", "it needs a name, a kind, devices or a group, and cron or every_seconds"
        )
    try:
        made = app.client.create_schedule(document)
    except ResourceExistsError:
        made = app.client.replace_schedule(str(document["name"]), document)
    print_one(made.as_dict(), app.form("table"))


@schedules.command("remove", epilog=CODES)
@click.argument("name")
@of_the_app
def remove_schedule(app: App, name: str) -> None:
    """Forget a schedule."""
    app.client.delete_schedule(name)
    app.tell(f"{name} is forgotten")
