"""Commands about the configuration: what is in force, whether it can be used, what may stand in the file."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from naas.commands.options import EXIT_FAILED, config_option, errors_told
from naas.config import TABLE, ConfigurationProblems, load
from naas.config.describe import json_schema, rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naas.config.describe import Row

__all__ = ["config"]


@click.group(epilog="Example: naas-server config show --changed")
def config() -> None:
    """Look at the configuration: file and environment, as `naas-server serve` would read them here."""


@config.command(epilog="Example: naas-server config show --config naas.toml --changed")
@config_option
@click.option("--changed", is_flag=True, help="Only what is not at its default.")
@click.option("--format", "style", type=click.Choice(("table", "json")), default="table", show_default=True)
def show(config_file: Path | None, changed: bool, style: str) -> None:
    """Print every setting with its value and who said so; secrets are hidden.

    The last one wins: default, file, environment, flag. Notices go to stderr.
    """
    with errors_told():
        loaded = load(environment=os.environ, file=config_file)
    for notice in loaded.notices:
        click.echo(f"notice: {notice}", err=True)
    listed = list(rows(loaded, changed=changed))
    click.echo(_as_json(listed) if style == "json" else _as_table(listed))


def _as_json(listed: Sequence[Row]) -> str:
    return json.dumps([dataclasses.asdict(row) for row in listed], indent=2)


def _as_table(listed: Sequence[Row]) -> str:
    heading = ("SETTING", "VALUE", "SOURCE")
    table = [heading, *((row.name, row.value.replace("\n", " "), row.source) for row in listed)]
    widths = [max(len(line[column]) for line in table) for column in (0, 1)]
    return "\n".join(f"{name:<{widths[0]}}  {value:<{widths[1]}}  {source}".rstrip() for name, value, source in table)


@config.command(epilog="Example: naas-server config check --config naas.toml")
@config_option
def check(config_file: Path | None) -> None:
    """Tell everything that is wrong with the configuration, a line each; exit 1 if anything is.

    Nothing is opened but the files that settings name: no database, no network.
    """
    try:
        loaded = load(environment=os.environ, file=config_file)
    except ConfigurationProblems as exc:
        for problem in exc.problems:
            click.echo(str(problem), err=True)
        raise SystemExit(EXIT_FAILED) from None
    for notice in loaded.notices:
        click.echo(f"notice: {notice}", err=True)
    click.echo(f"{len(TABLE)} settings can be used, {len(loaded.sources)} of them not at their default")


@config.command(epilog="Example: naas-server config schema > naas.schema.json")
def schema() -> None:
    """Print the JSON Schema of the configuration file; editors check the file with it."""
    click.echo(json.dumps(json_schema(), indent=2))
