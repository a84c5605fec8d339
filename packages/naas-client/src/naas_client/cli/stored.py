"""``naas devices`` and ``naas groups``: the server's inventory."""

from __future__ import annotations

from itertools import islice
from typing import Any

import click

from .app import App, of_the_app, takes_format
from .endings import CODES
from .inventory import Inventory, Target, limited
from .options import LIMIT
from .results.writing import Column, print_one, print_records
from .wire import as_object

__all__ = ["devices", "groups"]


@click.group(epilog=CODES, short_help="Devices of the server's inventory.")
def devices() -> None:
    """Devices of the server's inventory: jobs name them with --stored, and the server knows the rest."""


@devices.command("list", epilog=CODES)
@click.option("-g", "--group", metavar="NAME", help="Only devices of this group.")
@click.option("-j", "--last-job", is_flag=True, help="Tell the newest job of each, too.")
@LIMIT
@takes_format
@of_the_app
def list_devices(app: App, group: str | None, last_job: bool, limit: int) -> None:
    """List devices by name."""
    found = app.client.list_devices(group=group, last_job=last_job or None)
    records = (_with_last_job(each.as_dict()) for each in islice(found, limit))
    columns: list[Column] = [
        ("device", "name"), ("host", "host"), ("port", "port"), ("platform", "platform"), ("context", "context"),
        ("groups", "groups"), ("credential", "credential"),
    ]  # fmt: skip
    more: list[Column] = [("last job", "last_status"), ("error", "last_error")] if last_job else []
    print_records(records, columns + more, app.form("table"), "there are no devices")


def _with_last_job(device: dict[str, Any]) -> dict[str, Any]:
    last = as_object(device.get("last_job"))
    return {**device, "last_status": last.get("status"), "last_error": last.get("error_code")} if last else device


@devices.command("show", epilog=CODES)
@click.argument("name")
@takes_format
@of_the_app
def show_device(app: App, name: str) -> None:
    """Show a device."""
    print_one(app.client.get_device(name).as_dict(), app.form("table"))


@devices.command("add", epilog=CODES)
@click.argument("name")
@click.argument("host")
@click.option("--port", type=click.IntRange(1, 65535), default=22, show_default=True, help="SSH port.")
@click.option("-p", "--platform", default="autodetect", show_default=True, help="Netmiko platform.")
@click.option("--context", default="default", show_default=True, help="Which group of workers reaches it.")
@click.option("--credential", metavar="NAME", help="The stored credential to log in with.")
@click.option("-g", "--group", "groups", multiple=True, metavar="NAME", help="A group it belongs to. May be repeated.")
@click.option("--replace", is_flag=True, help="Replace the one of this name.")
@takes_format
@of_the_app
def add_device(app: App, name: str, host: str, replace: bool, groups: tuple[str, ...], **fields: Any) -> None:
    """Enter a device."""
    body = {"name": name, "host": host, "groups": list(groups)}
    body |= {key: value for key, value in fields.items() if value is not None}
    made = app.client.upsert_device(name, body) if replace else app.client.create_device(body)
    print_one(made.as_dict(), app.form("table"))


@devices.command("import", epilog=CODES)
@click.argument("file")
@click.option("-l", "--limit", "pattern", metavar="PATTERN", help="Only these of its devices.")
@click.option("--credential", metavar="NAME", help="The stored credential to log in with.")
@of_the_app
def import_devices(app: App, file: str, pattern: str | None, credential: str | None) -> None:
    """Enter the devices of FILE (CSV, YAML, JSON, lines, Ansible's inventory); those of the same names are replaced.

    Passwords in the file are not sent: logins are credentials of their own (`naas credentials add`).
    """
    found = app.inventory(file)
    assert found is not None
    targets = limited(found, pattern) if pattern else list(found.targets)
    if any(target.password or target.enable for target in targets):
        app.tell("the file has passwords; they stay where they are: use `naas credentials add` and --credential")
    body = {"devices": [_device(target, credential) for target in targets]}
    answer = app.client.import_devices(body).as_dict()
    app.tell(f"{answer.get('total')} devices, {answer.get('created')} of them new")


def _device(target: Target, credential: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": target.name, "host": target.host, "port": target.port, "platform": target.platform,
        "context": target.context, "credential": credential, "groups": list(target.groups) or None,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


@devices.command("remove", epilog=CODES)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@of_the_app
def remove_devices(app: App, names: tuple[str, ...]) -> None:
    """Forget devices. Jobs that are on their way go on."""
    for name in names:
        app.client.delete_device(name)
        app.tell(f"{name} is forgotten")


@devices.command("read", epilog=CODES)
@click.argument("file")
@click.option("-l", "--limit", "pattern", metavar="PATTERN", help="Only these.")
@takes_format
@of_the_app
def read_devices(app: App, file: str, pattern: str | None) -> None:
    """Show what FILE says, as `naas send -i FILE` and `naas batch FILE` understand it. The server is not asked."""
    found = app.inventory(file)
    assert found is not None
    targets = limited(found, pattern) if pattern else found.targets
    records = [
        {
            "device": t.name, "host": t.host, "port": t.port, "platform": t.platform, "username": t.username,
            "groups": list(t.groups), "password": "(set)" if t.password else None,
        }
        for t in targets
    ]  # fmt: skip
    columns: list[Column] = [
        ("device", "device"), ("host", "host"), ("port", "port"), ("platform", "platform"), ("user", "username"),
        ("groups", "groups"),
    ]  # fmt: skip
    print_records(records, columns, app.form("table"), "")
    app.tell(_group_counts(found))


def _group_counts(found: Inventory) -> str:
    counts = ", ".join(f"{name} {len(targets)}" for name, targets in sorted(found.groups.items()))
    return f"{len(found.targets)} devices" + (f"; groups: {counts}" if counts else "")


@click.group(epilog=CODES, short_help="Groups of the server's inventory.")
def groups() -> None:
    """Groups of the server's inventory; devices say themselves to which they belong."""


@groups.command("list", epilog=CODES)
@LIMIT
@takes_format
@of_the_app
def list_groups(app: App, limit: int) -> None:
    """List groups by name."""
    records = (each.as_dict() for each in islice(app.client.list_groups(), limit))
    columns: list[Column] = [("group", "name"), ("credential", "credential"), ("about", "description")]
    print_records(records, columns, app.form("table"), "there are no groups")


@groups.command("add", epilog=CODES)
@click.argument("name")
@click.option("--credential", metavar="NAME", help="The stored credential of its devices.")
@click.option("--description", metavar="TEXT", help="A line for people.")
@takes_format
@of_the_app
def add_group(app: App, name: str, **fields: str | None) -> None:
    """Enter a group."""
    body = {"name": name, **{key: value for key, value in fields.items() if value is not None}}
    print_one(app.client.create_group(body).as_dict(), app.form("table"))


@groups.command("remove", epilog=CODES)
@click.argument("name")
@of_the_app
def remove_group(app: App, name: str) -> None:
    """Forget a group."""
    app.client.delete_group(name)
    app.tell(f"{name} is forgotten")
