"""``naas send`` and ``naas config``: what is typed all day."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from clientsmith.core.terminal import count

from .app import App, of_the_app
from .endings import CODES, Exit, UsageStop, note
from .options import Showing, checks, describes_jobs, logs_in, selects_devices, shows_results, waits
from .results import Outcome, State
from .results.saving import ResultFolder
from .results.showing import show_outcomes, summary
from .results.writing import print_json, print_line
from .running import Run, run_work
from .secrets import is_interactive
from .work import Selection, Work, commands_in, job_options, login_from, select, text_of_file

__all__ = ["config", "confirmed", "finish", "folder_for", "selection_from", "send"]

_SEND_EPILOG = f"""\b
Words with a space in them are commands, and the words before them devices: names, addresses, sw1:2022,
admin@sw1, sw[01:24], a,b,c; with an inventory also its names, groups (@core) and patterns. Where no word has a
space the last one is the command. With -c or -F all words are devices.

\b
Examples:
  naas send sw1 "show version"
  naas send sw1 sw2 "show clock" "show ip route"
  naas send 'sw[01:24]' -c uptime --platform linux
  naas send -i inventory.ini -l 'core:&site1' "show version" --diff
  naas send sw1 "show interfaces" --structured -f json

{CODES}"""

_CONFIG_EPILOG = f"""\b
Devices and lines are told apart as `naas send` does it. More than one device is asked for once, on a terminal.

\b
Examples:
  naas config sw1 "interface Vlan10" "description users" --save
  naas config -i inventory.ini @access -F ntp.cfg --diff
  naas config fw1 -F change.cfg --platform juniper_junos --dry-run

{CODES}"""


@click.command(epilog=_SEND_EPILOG)
@click.argument("words", nargs=-1, metavar="DEVICE... COMMAND...")
@click.option("-c", "--command", "commands", multiple=True, metavar="TEXT", help="A command; may be repeated.")
@click.option(
    "-F", "--commands-file", metavar="FILE", help="Commands, one a line; ! and # begin comments; - is standard input."
)
@selects_devices()
@click.option("-s", "--structured", "is_structured", is_flag=True, help="Parse the output into records.")
@click.option("--textfsm-template", metavar="FILE", help="Parse with this TextFSM template; implies --structured.")
@click.option("--ttp-template", metavar="FILE", help="Parse with this TTP template; implies --structured.")
@click.option("--expect-string", metavar="REGEX", help="What ends the output of each command, if not the prompt.")
@click.option("--cached", type=click.IntRange(min=1), metavar="SECONDS", help="A result that is no older will do.")
@logs_in()
@describes_jobs()
@waits()
@shows_results()
@of_the_app
def send(
    app: App,
    words: tuple[str, ...],
    commands: tuple[str, ...],
    commands_file: str | None,
    is_structured: bool,
    textfsm_template: str | None,
    ttp_template: str | None,
    expect_string: str | None,
    cached: int | None,
    no_wait: bool,
    **given: Any,
) -> None:
    """Run commands on devices, and print what they answer.

    One answer is printed as it is. The answers of many devices are compared: those that are the same are printed once,
    with --diff the others as differences from them.
    """
    lines = [*commands, *(commands_in(commands_file) if commands_file else [])]
    selection = selection_from(app, words, given, has_commands=bool(lines))
    options = job_options(app, given)
    if expect_string is not None:
        options["expect_string"] = expect_string
    if cached is not None:
        options["cache"] = {"ttl": cached}
    for name, file in (("textfsm_template", textfsm_template), ("ttp_template", ttp_template)):
        if file is not None:
            options[name] = file if file.startswith("ttp://") else text_of_file(file)
            is_structured = True
    kind = "send-command-structured" if is_structured else "send-command"
    work = Work(kind, lines or selection.commands, options, login_from(app, given, is_stored=selection.is_stored))
    _check(work, "command", "show version")
    finish(app, selection, work, Showing.taken_from(given), is_waiting=not no_wait)


@click.command(epilog=_CONFIG_EPILOG)
@click.argument("words", nargs=-1, metavar="DEVICE... LINE...")
@click.option("-c", "--line", "lines", multiple=True, metavar="TEXT", help="A configuration line; may be repeated.")
@click.option(
    "-F", "--config-file", metavar="FILE", help="Configuration lines; ! and # begin comments; - is standard input."
)
@selects_devices()
@click.option("--save", "--save-config", "save_config", is_flag=True, help="Save it, so that it survives a restart.")
@click.option("--commit", is_flag=True, help="Commit the candidate configuration, on platforms that have one.")
@click.option("-n", "--dry-run", is_flag=True, help="Only show what would change, on platforms with a candidate.")
@checks()
@click.option("-y", "--yes", is_flag=True, help="Do not ask before more than one device is changed.")
@logs_in()
@describes_jobs()
@waits()
@shows_results(of_config=True)
@of_the_app
def config(
    app: App,
    words: tuple[str, ...],
    lines: tuple[str, ...],
    config_file: str | None,
    save_config: bool,
    commit: bool,
    dry_run: bool,
    yes: bool,
    no_wait: bool,
    **given: Any,
) -> None:
    """Enter configuration lines on devices, as one set on each.

    A configuration job is never repeated by the server. Of a job whose worker died nobody knows how much reached the
    device: it ends as failed, and a person has to look.
    """
    all_lines = [*lines, *(commands_in(config_file, "configuration lines") if config_file else [])]
    selection = selection_from(app, words, given, has_commands=bool(all_lines))
    flags = {"save_config": save_config, "commit": commit, "dry_run": dry_run, "diff": given["is_diff"]}
    options = {**job_options(app, given), **{name: True for name, is_set in flags.items() if is_set}}
    options |= {name: given[name] for name in ("pre_checks", "post_checks") if given[name]}
    work = Work(
        "send-config", all_lines or selection.commands, options, login_from(app, given, is_stored=selection.is_stored)
    )
    _check(work, "line", "interface Vlan10")
    if not (yes or dry_run):
        confirmed(selection, work)
    finish(app, selection, work, Showing.taken_from(given), is_waiting=not no_wait)


def selection_from(app: App, words: tuple[str, ...], given: dict[str, Any], *, has_commands: bool) -> Selection:
    """Take what `options.selects_devices` gave, and return the devices that are meant."""
    names = ("inventory", "inventory_kind", "limit", "platform", "port", "stored")
    chosen = {name: given.pop(name, None) for name in names}
    return select(app, words, **chosen, has_commands=has_commands)


def confirmed(selection: Selection, work: Work) -> None:
    """Ask before the configuration of several devices is changed, where somebody can be asked.

    Raises:
        click.Abort: They would rather not.
    """
    if len(selection.targets) < 2 or not is_interactive():
        return
    names = ", ".join(target.name for target in selection.targets[:5])
    more = f" and {len(selection.targets) - 5} more" if len(selection.targets) > 5 else ""
    note("change", f"{count(len(work.lines), 'line')} on {names}{more}")
    click.confirm(f"Change {count(len(selection.targets), 'device')}?", abort=True, err=True)


def finish(
    app: App,
    selection: Selection,
    work: Work,
    showing: Showing,
    *,
    is_waiting: bool,
    batch_options: Mapping[str, Any] | None = None,
) -> None:
    """Carry work out, print what came of it, and end with its exit code."""
    form = app.form("text")
    folder = folder_for(showing, form)

    def told(outcome: Outcome) -> None:
        if folder is not None:
            folder.write(outcome)
        if form == "ndjson":  # each as it comes, for programs that do not want to wait for the slowest
            print_line(outcome.as_data())

    run = run_work(
        app,
        selection.targets,
        work,
        is_stored=selection.is_stored,
        is_waiting=is_waiting,
        told=told,
        batch_options=dict(batch_options or {}),
    )
    if not is_waiting:
        _show_submitted(app, run, form)
        return
    if form == "ndjson":
        show_outcomes([outcome for outcome in run.outcomes if outcome.state is State.WAITING], form)
    elif folder is None or form != "text":
        show_outcomes(
            run.outcomes,
            form,
            is_diff=showing.is_diff and work.kind != "send-config",
            is_grouped=not showing.is_each,
            ignore=showing.ignore,
        )
    else:
        _show_failures(run.outcomes)
    _conclude(app, run, folder)
    sys.exit(run.code)


def folder_for(showing: Showing, form: str) -> ResultFolder | None:
    """Return where files are written, if they are.

    Raises:
        UsageStop: The folder cannot be made.
    """
    if showing.folder is None:
        return None
    return ResultFolder(Path(showing.folder).expanduser(), as_json=form in ("json", "ndjson"))


def _conclude(app: App, run: Run, folder: ResultFolder | None) -> None:
    if len(run.outcomes) > 1 and not app.is_quiet:
        click.echo(summary(run.outcomes, run.seconds), err=True)
    if folder is not None:
        app.tell(f"the files are in {folder.folder}")
    if run.code is Exit.TIMEOUT:
        waiting = [outcome.job_id for outcome in run.outcomes if outcome.state is State.WAITING]
        how = f"naas jobs watch {waiting[0]}" if len(waiting) == 1 else "naas batch watch BATCH_ID"
        note("error", f"{count(len(waiting), 'job')} did not end within {app.settings.timeout:g} s", "red")
        click.echo(f"  hint: give --timeout SECONDS; to go on waiting: {how}", err=True)
        for batch in run.batch_ids:
            click.echo(f"  batch: {batch}", err=True)


def _show_submitted(app: App, run: Run, form: str) -> None:
    """Print the jobs, for whoever looks at them later."""
    if form == "json" and len(run.outcomes) == 1:
        print_json({"job_id": run.outcomes[0].job_id})
        return
    records = [{"device": outcome.device, "job_id": outcome.job_id} for outcome in run.outcomes]
    if form == "json":
        print_json({"batch_ids": list(run.batch_ids), "jobs": records})
    elif form == "ndjson":
        for record in records:
            print_line(record)
    else:
        for record in records:
            click.echo(str(record["job_id"]))
        for batch in run.batch_ids:
            app.tell(f"batch {batch}")


def _show_failures(outcomes: list[Outcome]) -> None:
    failed = [outcome for outcome in outcomes if outcome.state is not State.OK]
    if failed:
        show_outcomes(failed, "text")


def _check(work: Work, what: str, example: str) -> None:
    if not work.lines:
        raise UsageStop(f"there is no {what}", f'for example: naas send sw1 "{example}"')
