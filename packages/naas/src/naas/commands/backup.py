"""Commands that copy the store, put a copy back, and bring it to the form that this version needs."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from naas.commands.options import EXIT_FAILED, config_option, errors_told, read_settings

if TYPE_CHECKING:
    from naas.config import Settings

__all__ = ["backup", "restore", "upgrade"]

_database_option = click.option("--database", metavar="FILE", help="The SQLite file, if not the configured one.")


@click.command(epilog="Example: naas-server backup /backups/naas-2026-11-21.db")
@click.argument("file", type=click.Path(path_type=Path))
@_database_option
@click.option("--with-key", is_flag=True, help="Put the master key in too: the file then opens the device logins.")
@config_option
def backup(file: Path, database: str | None, with_key: bool, config_file: Path | None) -> None:
    """Copy the database into one new file, also while the service runs.

    The copy is that of one moment, readable by this user only, and whole or not there at all.
    """
    from naas.maintenance import back_up

    with errors_told():
        made = back_up(_settings(config_file, database), file, with_key=with_key)
    key = "with the master key" if made.has_key else "without the master key, which you must keep elsewhere"
    click.echo(f"{file}: {made.jobs} jobs, {key}")


@click.command(epilog="Example: naas-server restore /backups/naas-2026-11-21.db --database naas.db")
@click.argument("file", type=click.Path(path_type=Path))
@_database_option
@click.option("--force", is_flag=True, help="Move an existing database away.")
@config_option
def restore(file: Path, database: str | None, force: bool, config_file: Path | None) -> None:
    """Put a backup in the place of the database, while the service is stopped.

    Jobs that waited or ran when the backup was made go on with the next start if they only read. Those that could
    change a device may have run since: they end as failed, for a person to look at.
    """
    from naas.maintenance import restore as put_back

    with errors_told():
        done = put_back(_settings(config_file, database), file, force=force)
    click.echo(f"restored {done.backup.jobs} jobs of {done.backup.made_at}, made by version {done.backup.version}")
    if done.given_up:
        click.echo(
            f"{done.given_up} waiting jobs that could change a device were ended: see /v2/jobs?needs_review=true"
        )
    if done.kept is not None:
        click.echo(f"the database that was there is now {done.kept}")
    if done.key_was_added:
        click.echo("the master key of the backup was put into the key file")
    elif not done.backup.has_key:
        click.echo("the backup holds no master key: put that of its time into the key file, or behind the newer one")


@click.command(epilog="Example: naas-server upgrade --check")
@_database_option
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if an upgrade is needed.")
@config_option
def upgrade(database: str | None, check: bool, config_file: Path | None) -> None:
    """Bring the store to the form that this version needs, while the service is stopped.

    The service does it by itself when it starts; this command is for those who want to do it at a time of their choice.
    Make a backup first: there is no way back but a restore.
    """
    from naas.maintenance import form_of
    from naas.maintenance import upgrade as bring_up

    with errors_told():
        settings = _settings(config_file, database)
        form = form_of(settings)
        if form.is_current:
            click.echo(f"the store has the form of this version, {form.needed}")
        elif check:
            click.echo(f"the store has the form {form.present or 'of an empty one'}; this version needs {form.needed}")
            raise SystemExit(EXIT_FAILED)
        else:
            bring_up(settings)
            click.echo(f"the store has the form of this version now, {form.needed}")


def _settings(config_file: Path | None, database: str | None) -> Settings:
    settings = read_settings(config_file, {"database": database}).settings
    # A file that is named here is meant, whatever the configuration says about URLs.
    return settings if database is None else dataclasses.replace(settings, database_url=None)
