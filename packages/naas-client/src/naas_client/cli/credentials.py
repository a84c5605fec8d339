"""``naas credentials``: device logins that the server keeps."""

from __future__ import annotations

import sys
from itertools import islice
from typing import Any

import click

from .app import App, of_the_app, takes_format
from .endings import CODES, UsageStop
from .options import LIMIT
from .results.writing import Column, print_one, print_records
from .secrets import ask, is_interactive
from .work import text_of_file

__all__ = ["credentials"]


@click.group(epilog=CODES, short_help="Device logins that the server keeps.")
def credentials() -> None:
    """Device logins that the server keeps, encrypted, and never shows again."""


@credentials.command("list", epilog=CODES)
@LIMIT
@takes_format
@of_the_app
def list_credentials(app: App, limit: int) -> None:
    """List credentials by name, without their secrets."""
    records = (each.as_dict() for each in islice(app.client.list_credentials(), limit))
    columns: list[Column] = [
        ("credential", "name"), ("user", "username"), ("private key", "has_private_key"), ("enable", "has_enable"),
        ("jump host", "jump_host"), ("contexts", "contexts"), ("hosts", "hosts"),
    ]  # fmt: skip
    print_records(records, columns, app.form("table"), "there are no credentials")


@credentials.command("add", epilog=CODES)
@click.argument("name")
@click.option("--device-username", required=True, metavar="NAME", help="User name at the devices.")
@click.option("--private-key", metavar="FILE", help="A private key to log in with, instead of a password.")
@click.option("--ask-enable", is_flag=True, help="Ask for the password of privileged mode, too.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, its first line.")
@click.option(
    "--context", "contexts", multiple=True, metavar="NAME", help="Where it may be used; everywhere by default."
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="PATTERN",
    help="A host or network outside the inventory for which it may be used.",
)
@click.option("--replace", is_flag=True, help="Replace the one of this name.")
@takes_format
@of_the_app
def add_credential(
    app: App,
    name: str,
    device_username: str,
    private_key: str | None,
    ask_enable: bool,
    password_stdin: bool,
    contexts: tuple[str, ...],
    hosts: tuple[str, ...],
    replace: bool,
) -> None:
    """Keep a device login under a name. The password is asked for, or read from standard input; it is no argument."""
    body: dict[str, Any] = {"name": name, "username": device_username}
    if private_key is not None:
        body["private_key"] = text_of_file(private_key)
    else:
        body["password"] = _password(device_username, is_from_stdin=password_stdin)
    if ask_enable:
        body["enable"] = ask("Password of privileged mode")
    body |= {key: list(values) for key, values in (("contexts", contexts), ("hosts", hosts)) if values}
    made = app.client.upsert_credential(name, body) if replace else app.client.create_credential(body)
    print_one(made.as_dict(), app.form("table"))


def _password(username: str, *, is_from_stdin: bool) -> str:
    if is_from_stdin:
        secret = sys.stdin.readline().rstrip("\r\n")
        if secret:
            return secret
        raise UsageStop("standard input has no password", 'pipe it in: printf %s "$SECRET" | naas credentials add …')
    if not is_interactive():
        raise UsageStop(f"there is no password for {username}", "give --password-stdin or --private-key")
    return ask(f"Password of {username} at the devices")


@credentials.command("remove", epilog=CODES)
@click.argument("name")
@of_the_app
def remove_credential(app: App, name: str) -> None:
    """Forget a credential."""
    app.client.delete_credential(name)
    app.tell(f"{name} is forgotten")
