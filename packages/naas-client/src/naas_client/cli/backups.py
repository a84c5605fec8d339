"""``naas backups``: configurations that the server has read, and how they changed."""

from __future__ import annotations

import sys
import time
import uuid
from itertools import islice
from typing import Any

import click

from ..models import JobResult
from .app import App, of_the_app, takes_format
from .endings import CODES, Exit, UsageStop
from .options import describes_jobs, logs_in, selects_devices, waits
from .results import Outcome, State
from .results.showing import show_outcomes
from .results.writing import Column, clean, coloured_diff, print_json, print_line, print_records
from .sending import selection_from
from .wire import as_object
from .work import Work, job_options, login_from

__all__ = ["backups"]


@click.group(epilog=CODES)
def backups() -> None:
    """Read configurations, keep them, and show how they changed."""


@backups.command("take", epilog=CODES)
@click.argument("words", nargs=-1, required=True, metavar="DEVICE...")
@selects_devices()
@click.option("--startup", is_flag=True, help="The configuration that the device starts with, not the running one.")
@logs_in()
@describes_jobs()
@waits()
@takes_format
@of_the_app
def take_backups(app: App, words: tuple[str, ...], startup: bool, no_wait: bool, **given: Any) -> None:
    """Read the configurations of devices; each is kept if it differs from the last one."""
    selection = selection_from(app, words, given, has_commands=True)
    login = login_from(app, given, is_stored=selection.is_stored)
    shared = {**job_options(app, given), **login.as_wire(), **({"startup": True} if startup else {})}
    work = Work("backup", (), shared, login)
    begun = [
        (target, app.client.begin_back_up({**shared, **work.of(target, is_stored=selection.is_stored)}))
        for target in selection.targets
    ]
    until = time.monotonic() + app.settings.timeout
    outcomes: list[Outcome] = []
    for target, poller in begun:
        if not no_wait:
            poller.wait(max(0.0, until - time.monotonic()))
        last = poller.last_response
        wire = as_object(last.json()) if last is not None else {}
        ended = Outcome.of(target, JobResult.from_dict(wire)) if poller.done() else None
        outcomes.append(ended or Outcome.waiting(target, wire.get("job_id")))
    form = app.form("table")
    show_outcomes(outcomes, form)
    if any(outcome.state is State.FAILED for outcome in outcomes):
        sys.exit(Exit.JOB_FAILED)
    if not no_wait and any(outcome.state is State.WAITING for outcome in outcomes):
        sys.exit(Exit.TIMEOUT)


@backups.command("list", epilog=CODES)
@click.option("--device", metavar="NAME", help="Only of this device: host:port, or its name in the server's inventory.")
@click.option("-n", "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many at most.")
@takes_format
@of_the_app
def list_backups(app: App, device: str | None, limit: int) -> None:
    """List backups, newest first."""
    records = (each.as_dict() for each in islice(app.client.list_backups(device=device), limit))
    columns: list[Column] = [
        ("backup", "backup_id"), ("device", "device"), ("startup", "is_startup"), ("taken", "taken_at"),
        ("last seen", "last_seen_at"), ("size", "size"),
    ]  # fmt: skip
    print_records(records, columns, app.form("table"), "there are no backups")


@backups.command("get", epilog=CODES)
@click.argument("backup_id")
@takes_format
@of_the_app
def get_backup(app: App, backup_id: str) -> None:
    """Print a configuration as it was."""
    found = app.client.get_backup(_checked(backup_id)).as_dict()
    _print(app, found, clean(str(found.get("text", ""))))


@backups.command("diff", epilog=CODES)
@click.argument("backup_id")
@click.option("--against", metavar="BACKUP_ID", help="Another backup; by default the one before.")
@takes_format
@of_the_app
def diff_backup(app: App, backup_id: str, against: str | None) -> None:
    """Show what changed from one backup to another."""
    found = app.client.get_backup_diff(_checked(backup_id), against=against).as_dict()
    _print(app, found, coloured_diff(str(found.get("diff", ""))))


def _print(app: App, found: dict[str, Any], text: str) -> None:
    form = app.form("text")
    if form == "json":
        print_json(found)
    elif form == "ndjson":
        print_line(found)
    else:
        click.echo(text)


def _checked(backup_id: str) -> uuid.UUID:
    try:
        return uuid.UUID(backup_id)
    except ValueError:
        raise UsageStop(f"{backup_id!r} is no id of a backup", "`naas backups list` shows them") from None
