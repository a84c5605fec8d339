"""``naas keys``: API keys. ``naas api-keys`` is the earlier spelling."""

from __future__ import annotations

from typing import Any

import click

from .app import App, of_the_app, takes_format
from .endings import CODES, UsageStop, note
from .results.writing import print_json, print_line, print_pairs, print_records

__all__ = ["keys"]

_EPILOG = f"""\b
Whoever manages keys comes with the user name of their choice and the server's admin secret as the password, or with
an API key of the role admin.

\b
Examples:
  naas keys create --role operator --contexts lab,core --ttl 90d
  naas keys rotate k-0123456789ab

{CODES}"""


@click.group(epilog=_EPILOG)
def keys() -> None:
    """Make, list, rotate and delete API keys."""


@keys.command("list")
@takes_format
@of_the_app
def list_keys(app: App) -> None:
    """List the keys; what they are is never shown again."""
    records = (each.as_dict() for each in app.client.list_api_keys())
    columns = [
        ("key", "key_id"), ("name", "name"), ("role", "role"), ("contexts", "contexts"), ("made", "created_at"),
        ("expires", "expires_at"), ("made by", "created_by"),
    ]  # fmt: skip
    print_records(records, columns, app.form("table"), "there are no keys")


@keys.command("create")
@click.option(
    "-r",
    "--role",
    type=click.Choice(["viewer", "operator", "admin"]),
    default="operator",
    show_default=True,
    help="What the key may do.",
)
@click.option("-c", "--contexts", metavar="A,B", help="Where its jobs may run; everywhere if it is not given.")
@click.option("--ttl", metavar="TIME", help="How long it is good for: seconds, or 12h, 90d; 0 for ever.")
@click.option("--name", metavar="TEXT", help="What people know it by.")
@takes_format
@of_the_app
def create_key(app: App, role: str, contexts: str | None, ttl: str | None, name: str | None) -> None:
    """Make a key. It is printed once, here, and never again."""
    body: dict[str, Any] = {"role": role}
    if contexts:
        body["contexts"] = [each for each in contexts.split(",") if each]
    if ttl is not None:
        body["ttl"] = _seconds(ttl)
    if name is not None:
        body["name"] = name
    _show_new(app, app.client.create_api_key(api_key=body).as_dict())


@keys.command("rotate")
@click.argument("key_id")
@takes_format
@of_the_app
def rotate_key(app: App, key_id: str) -> None:
    """Replace a key by a new one, printed once. The server says how long the old one stays good."""
    _show_new(app, app.client.rotate_api_key(key_id).as_dict())


@keys.command("delete")
@click.argument("key_ids", nargs=-1, required=True, metavar="KEY_ID...")
@of_the_app
def delete_keys(app: App, key_ids: tuple[str, ...]) -> None:
    """Revoke keys, at once."""
    for key_id in key_ids:
        app.client.delete_api_key(key_id)
        app.tell(f"{key_id} is revoked")


def _show_new(app: App, made: dict[str, Any]) -> None:
    form = app.form("table")
    if form == "json":
        print_json(made)
    elif form == "ndjson":
        print_line(made)
    elif form == "text":
        click.echo(made.get("token"))
    else:
        print_pairs({name: made.get(name) for name in ("key_id", "token", "role", "contexts", "expires_at")})
    if not app.is_quiet:
        note("note", "the token is not shown again; keep it where secrets are kept")


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def _seconds(text: str) -> int:
    number, unit = (text[:-1], text[-1]) if text and text[-1] in _UNITS else (text, "s")
    if not number.isdigit():
        raise UsageStop(f"--ttl {text} is no time", "seconds, or a number with s, m, h, d or w: 90d")
    return int(number) * _UNITS[unit]
