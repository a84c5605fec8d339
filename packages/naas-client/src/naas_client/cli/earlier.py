"""``naas send-command`` and ``naas send-config``, as the command line that NAAS has had before spells them.

The same options with the same defaults and exit codes: one device by ``--host``, the job's id unless ``--wait``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from .app import App, of_the_app, takes_format
from .endings import CODES
from .inventory import Target
from .options import Showing
from .sending import finish
from .work import Selection, Work, job_options, login_of

__all__ = ["send_command", "send_config"]


def _takes_one_device(function: Callable[..., Any]) -> Callable[..., Any]:
    for decorator in (
        takes_format,
        click.option("--context", default="default", show_default=True, help="Which group of workers runs the job."),
        click.option("-t", "--timeout", type=click.FloatRange(min=0.1), metavar="SECONDS", help="Longest wait (60)."),
        click.option("-w", "--wait", is_flag=True, help="Wait for the result."),
        click.option("--port", type=click.IntRange(1, 65535), default=22, show_default=True, help="SSH port."),
        click.option("-p", "--platform", default="cisco_ios", show_default=True, help="Netmiko platform."),
        click.option("-h", "--host", required=True, help="The device."),
    ):
        function = decorator(function)
    return function


@click.command("send-command", epilog=CODES)
@click.argument("commands", nargs=-1, required=True, metavar="COMMAND...")
@_takes_one_device
@click.option("--expect-string", metavar="REGEX", help="What ends the output, if not the prompt.")
@of_the_app
def send_command(app: App, commands: tuple[str, ...], expect_string: str | None, **given: Any) -> None:
    """Run commands on one device (the earlier spelling of `naas send`)."""
    options = {"expect_string": expect_string} if expect_string is not None else {}
    _run(app, "send-command", commands, options, given)


@click.command("send-config", epilog=CODES)
@click.argument("lines", nargs=-1, required=True, metavar="LINE...")
@_takes_one_device
@click.option("--save-config", is_flag=True, help="Save it, so that it survives a restart.")
@click.option("--commit", is_flag=True, help="Commit it, on platforms that have a candidate.")
@of_the_app
def send_config(app: App, lines: tuple[str, ...], save_config: bool, commit: bool, **given: Any) -> None:
    """Enter configuration lines on one device (the earlier spelling of `naas config`)."""
    options = {name: True for name, is_set in (("save_config", save_config), ("commit", commit)) if is_set}
    _run(app, "send-config", lines, options, given)


def _run(app: App, kind: str, lines: tuple[str, ...], options: dict[str, Any], given: dict[str, Any]) -> None:
    login = login_of(app, device_username=None, credential=None, ask_enable=False)
    target = Target(given["host"], given["host"], given["port"], given["platform"])
    work = Work(kind, lines, {**job_options(app, given), **options}, login)
    finish(app, Selection([target], ()), work, Showing(), is_waiting=given["wait"])
