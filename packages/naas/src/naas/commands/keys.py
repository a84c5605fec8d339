"""Commands about the master key that encrypts device logins."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import click

from naas.commands.options import EXIT_FAILED, config_option, errors_told, read_settings

__all__ = ["keys"]


@click.group(epilog="Example: naas-server keys new-master")
def keys() -> None:
    """Make and change the master key, which encrypts device logins at rest."""


@keys.command("new-master", epilog="Example: naas-server keys new-master > master.key")
def new_master() -> None:
    """Print a new master key, for NAAS_ENCRYPTION_KEY or the key file.

    To change keys, put it in front of the old one (NEW,OLD in the variable, a line each in the file), run
    `naas-server keys rotate`, and start the service again.
    """
    from naas.vault import KEY_BYTES

    click.echo(base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode())


@keys.command(epilog="Example: NAAS_ENCRYPTION_KEY=$NEW,$OLD naas-server keys rotate")
@config_option
def rotate(config_file: Path | None) -> None:
    """Seal everything that is stored with the newest master key: logins, webhook secrets, configurations.

    The newest is the first of NAAS_ENCRYPTION_KEY, or of the key file. On SQLite the service must be stopped; on
    PostgreSQL it may run, if it knows both keys. Keep the older keys in the list: callers, API keys and the audit trail
    of their time are recognised by them.
    """
    from naas.maintenance import rotate_keys

    with errors_told():
        done = rotate_keys(read_settings(config_file).settings)
    if done.changed:
        click.echo(f"{done.changed} secrets were sealed again, with the newest key")
    elif not done.unreadable:
        click.echo("every secret is sealed with the newest key")
    if done.unreadable:
        click.echo(f"{done.unreadable} secrets open with none of the keys and were left as they are", err=True)
        raise SystemExit(EXIT_FAILED)
