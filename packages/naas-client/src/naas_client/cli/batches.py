"""``naas batch``: many devices from a file, in waves if need be."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Mapping
from typing import Any

import click
from clientsmith.core.errors import PollTimeoutError

from ..batches import Batch
from .app import App, of_the_app, takes_format
from .endings import CODES, Exit, UsageStop, note
from .inventory import Target
from .lazy import DefaultGroup
from .options import Showing, checks, describes_jobs, logs_in, selects_devices, shows_results, waits
from .results import Outcome, State
from .results.progress import ProgressLine
from .results.showing import show_outcomes, summary
from .results.writing import print_json, print_line, print_records
from .running import outcome_of
from .sending import confirmed, finish, folder_for
from .wire import as_list, as_object, shown_place
from .work import Work, commands_in, job_options, login_from, select

__all__ = ["batch"]

_EPILOG = f"""\b
`naas batch FILE ...` is short for `naas batch run FILE ...`.

\b
Examples:
  naas batch devices.csv "show version" --output-dir out
  naas batch inventory.ini -l 'access:!lab' -F change.cfg --as-config --waves 1,10,25% --stop-on-failure
  naas batch devices.csv "show inventory" --no-wait
  naas batch watch batch-0f1e2d3c4b5a
  naas batch retry-failed batch-0f1e2d3c4b5a

{CODES}"""


@click.group(cls=DefaultGroup, epilog=_EPILOG, short_help="Do the same at many devices, from a file.")
def batch() -> None:
    """Do the same at many devices, from a file of them, and follow how it goes."""


@batch.command("run", epilog=_EPILOG)
@click.argument("file")
@click.argument("lines", nargs=-1, metavar="COMMAND...")
@click.option("-F", "--commands-file", metavar="FILE", help="Commands, one a line; ! and # begin comments.")
@click.option("-k", "--as-config", is_flag=True, help="They are configuration lines, not commands.")
@click.option("--save", "save_config", is_flag=True, help="Save the configuration, so that it survives a restart.")
@click.option("--commit", is_flag=True, help="Commit the candidate configuration, on platforms that have one.")
@click.option("-n", "--dry-run", is_flag=True, help="Only show what would change, on platforms with a candidate.")
@click.option("-s", "--structured", "is_structured", is_flag=True, help="Parse the output into records.")
@click.option("--waves", metavar="N,N,N%", help="How many devices each wave has: 1,10,25%; the last is repeated.")
@click.option("--pause", type=click.FloatRange(min=0), metavar="SECONDS", help="How long to wait between waves.")
@click.option("--max-failures", metavar="N|N%", help="When more devices than these fail, cancel what has not begun.")
@click.option("-x", "--stop-on-failure", is_flag=True, help="The same as --max-failures 0.")
@checks()
@click.option("-y", "--yes", is_flag=True, help="Do not ask before configuration is changed.")
@selects_devices(is_file_argument=True)
@logs_in()
@describes_jobs()
@waits()
@shows_results()
@of_the_app
def run_batch(
    app: App,
    file: str,
    lines: tuple[str, ...],
    commands_file: str | None,
    as_config: bool,
    save_config: bool,
    commit: bool,
    dry_run: bool,
    is_structured: bool,
    yes: bool,
    no_wait: bool,
    **given: Any,
) -> None:
    """Do the same at every device of FILE: CSV, YAML, JSON, plain lines, or an Ansible inventory.

    Waves, and when to stop, are the server's work: they go on when this command has ended.
    """
    flags = {"save_config": save_config, "commit": commit, "dry_run": dry_run}
    chosen = [name for name, is_set in flags.items() if is_set]
    if ((chosen or given["pre_checks"] or given["post_checks"]) and not as_config) or (as_config and is_structured):
        raise UsageStop("configuration and commands are mixed up", "-k (--as-config) says that lines are configuration")
    if as_config and given["is_diff"]:
        chosen.append("diff")
    names = ("inventory_kind", "limit", "platform", "port", "stored")
    selecting = {name: given.pop(name) for name in names}
    selection = select(app, (), inventory=file, has_commands=True, **selecting)
    steps = _wave_options(given)
    login = login_from(app, given, is_stored=selection.is_stored)
    required = {name: given[name] for name in ("pre_checks", "post_checks") if given[name]}
    options = {**job_options(app, given), **dict.fromkeys(chosen, True), **required}
    kind = "send-config" if as_config else "send-command-structured" if is_structured else "send-command"
    all_lines = [*lines, *(commands_in(commands_file) if commands_file else [])]
    if not all_lines:
        raise UsageStop("there is nothing to do", f'for example: naas batch {file} "show version"')
    work = Work(kind, all_lines, options, login)
    if as_config and not (yes or dry_run):
        confirmed(selection, work)
    finish(
        app,
        selection,
        work,
        Showing.taken_from(given),
        is_waiting=not no_wait,
        batch_options=steps,
    )


@batch.command("list", epilog=CODES)
@click.option("-n", "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many at most.")
@takes_format
@of_the_app
def list_batches(app: App, limit: int) -> None:
    """List your batches, newest first."""
    from itertools import islice

    records = (each.as_dict() for each in islice(app.client.list_batches(), limit))
    columns = [
        ("batch", "batch_id"), ("state", "status"), ("kind", "kind"), ("devices", "total"), ("done", "succeeded"),
        ("errors", "errors"), ("failed", "failed"), ("canceled", "canceled"), ("made", "created_at"),
    ]  # fmt: skip
    print_records(records, columns, app.form("table"), "there are no batches")


@batch.command("get", epilog=CODES)
@click.argument("batch_id")
@takes_format
@of_the_app
def get_batch(app: App, batch_id: str) -> None:
    """Show how a batch is now, and its jobs. Exits with 1 if a job has failed."""
    found = app.client.get_batch(batch_id).as_dict()
    listed = [as_object(job) for job in as_list(found.get("jobs"))]
    form = app.form("table")
    if form == "json":
        print_json(found)
    else:
        columns = [
            ("device", "device"), ("job", "job_id"), ("state", "status"), ("wave", "wave"), ("error", "error_code"),
            ("what went wrong", "error"),
        ]  # fmt: skip
        for job in listed:
            job["device"] = shown_place(str(job.get("host")), job.get("port"))
        print_records(listed, columns, form, "the batch has no jobs")
        counts = ", ".join(f"{found[name]} {name}" for name in _COUNTS if found.get(name))
        app.tell(f"{batch_id} is {found.get('status') or 'known'}: {counts}")
    failed = any(job.get("error") or job.get("status") in ("failed", "canceled") for job in listed)
    sys.exit(Exit.JOB_FAILED if failed else Exit.DONE)


_COUNTS = ("total", "succeeded", "errors", "failed", "canceled", "running", "queued", "deferred", "forgotten")


@batch.command("watch", epilog=CODES)
@click.argument("batch_id")
@waits()
@shows_results()
@of_the_app
def watch_batch(app: App, batch_id: str, no_wait: bool, **given: Any) -> None:
    """Follow a batch to its end, and print what came of it. Ctrl-C leaves it alone."""
    followed = Batch.open(app.client, batch_id)
    _follow(app, followed, Showing.taken_from(given), is_waiting=not no_wait)


@batch.command("cancel", epilog=CODES)
@click.argument("batch_id")
@of_the_app
def cancel_batch(app: App, batch_id: str) -> None:
    """Cancel what has not ended: jobs that wait at once, those that run before their next command."""
    followed = Batch.open(app.client, batch_id)
    followed.cancel()
    app.tell(f"{batch_id} is canceled; `naas batch get {batch_id}` shows what had been done")


@batch.command("retry-failed", epilog=CODES)
@click.argument("batch_id")
@click.option("--include-canceled", is_flag=True, help="Submit what was canceled again, too.")
@click.option("--include-needs-review", is_flag=True, help="Also what may have reached its device in part: look first.")
@click.option("--waves", metavar="N,N,N%", help="How many devices each wave has.")
@click.option("--pause", type=click.FloatRange(min=0), metavar="SECONDS", help="How long to wait between waves.")
@click.option("--max-failures", metavar="N|N%", help="When more devices than these fail, cancel what has not begun.")
@click.option("-x", "--stop-on-failure", is_flag=True, help="The same as --max-failures 0.")
@logs_in()
@waits()
@shows_results()
@of_the_app
def retry_failed(
    app: App,
    batch_id: str,
    include_canceled: bool,
    include_needs_review: bool,
    no_wait: bool,
    **given: Any,
) -> None:
    """Submit the jobs of a batch that failed again, as a new batch."""
    login = login_from(app, given)
    body = {**login.as_wire(), **_wave_options(given)}
    flags = {"include_canceled": include_canceled, "include_needs_review": include_needs_review}
    body |= {name: True for name, is_set in flags.items() if is_set}
    answer = app.client.begin_retry_batch(batch_id, request=body or None).last_response
    new_id = str(answer.json()["batch_id"]) if answer is not None else ""
    app.tell(f"the new batch is {new_id}")
    if no_wait:
        click.echo(new_id)
        return
    _follow(app, Batch.open(app.client, new_id), Showing.taken_from(given))


def _follow(app: App, followed: Batch, showing: Showing, *, is_waiting: bool = True) -> None:
    form = app.form("text")
    folder = folder_for(showing, form)
    places = list(zip(followed.hosts, followed.ports, strict=True))
    targets = [Target(shown_place(host, port), host, port) for host, port in places]
    outcomes = [Outcome.waiting(target, job) for target, job in zip(targets, followed.job_ids, strict=True)]
    started, code = time.monotonic(), Exit.DONE
    try:
        with ProgressLine(len(targets), "waiting", is_quiet=app.is_quiet) as line:
            until = started + (app.settings.timeout if is_waiting else 1.0)
            while items := followed.more(max(0.0, until - time.monotonic())):
                for item in items:
                    outcome = outcomes[item.index] = outcome_of(targets[item.index], item)
                    line.ended(outcome)
                    if folder is not None:
                        folder.write(outcome)
                    if form == "ndjson":
                        print_line(outcome.as_data())
    except PollTimeoutError:
        code = Exit.TIMEOUT if is_waiting else Exit.DONE
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    if form != "ndjson":
        show_outcomes(outcomes, form, is_diff=showing.is_diff, is_grouped=not showing.is_each, ignore=showing.ignore)
    app.tell(summary(outcomes, time.monotonic() - started))
    if code is Exit.TIMEOUT:
        note("error", f"not all ended within {app.settings.timeout:g} s; call it again to go on", "red")
    if code is Exit.DONE and any(o.state in (State.FAILED, State.CANCELED) for o in outcomes):
        code = Exit.JOB_FAILED
    sys.exit(code)


def _wave_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return in which steps a batch goes, by wire name.

    Raises:
        UsageStop: A number of devices is none.
    """
    waves = [_number(word, "--waves") for word in (given.get("waves") or "").split(",") if word.strip()]
    told: dict[str, Any] = {
        "waves": waves or None,
        "wave_pause_seconds": given.get("pause"),
        "max_failures": _number(given["max_failures"], "--max-failures") if given.get("max_failures") else None,
        "stop_on_failure": True if given.get("stop_on_failure") else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _number(word: str, option: str) -> int | str:
    text = word.strip()
    if re.fullmatch(r"\d+", text):
        return int(text)
    if re.fullmatch(r"(100|\d{1,2}(\.\d{1,3})?)%", text):
        return text
    raise UsageStop(f"{option}: {text!r} is no number of devices", "a number, or a part of all: 1,10,25%")
