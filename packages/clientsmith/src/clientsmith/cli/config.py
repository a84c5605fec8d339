"""`clientsmith config`: what the configuration says, whether that is right, and what it may say."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import click
from clientsmith.configuration import Configuration, find_configuration, read_configuration
from clientsmith.configuration.reference import reference_of_configuration
from clientsmith.configuration.schema import schema_of_configuration
from clientsmith.configuration.shape import settings_of
from clientsmith.core.terminal import count, escaped
from clientsmith.findings import Change, Finding, InputError
from clientsmith.findings.changes import as_toml, document_of, is_table

from .output import FINDINGS, Stop, print_json, show_findings

__all__ = ["config"]

_FILE = click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group(epilog="\b\nExample:\n  clientsmith config check && clientsmith config show")
def config() -> None:
    """See, check and describe clientsmith.toml.

    FILE is a clientsmith.toml or a pyproject.toml with [tool.clientsmith]; else the one of the current folder.
    """


@config.command(epilog="\b\nExit codes:\n  0  all is well\n  1  there are mistakes\n  2  there is no configuration")
@_FILE
def check(file: Path | None) -> None:
    """Check FILE: every mistake with its line, and what is allowed in its place.

    Whether its rules match operations of the document, `clientsmith plan` says.
    """
    found, _, mistakes = _read(file)
    show_findings(mistakes)
    click.echo(f"{count(len(mistakes), 'mistake')} in {escaped(str(found))}", err=True)
    raise click.exceptions.Exit(FINDINGS if mistakes else 0)


@config.command()
@_FILE
def show(file: Path | None) -> None:
    """Print what FILE decides, as TOML: in one order, each key in its table, without what is said by default."""
    found, configuration, mistakes = _read(file)
    show_findings(mistakes)
    if mistakes:
        raise Stop(f"{count(len(mistakes), 'mistake')} in {found}", "see `clientsmith config check`")
    click.echo(document_of(_changes(configuration, ())), nl=False)


@config.command(epilog="\b\nExample:\n  clientsmith config schema > clientsmith.schema.json")
def schema() -> None:
    """Print the JSON Schema (draft 2020-12) of clientsmith.toml, for editors and checkers."""
    print_json(schema_of_configuration())


@config.command()
def keys() -> None:
    """Print every key with its meaning, as Markdown."""
    click.echo(reference_of_configuration(), nl=False)


def _read(file: Path | None) -> tuple[Path, Configuration, list[Finding]]:
    found = file or find_configuration(Path())
    if found is None:
        raise Stop("there is no configuration here", "write a clientsmith.toml, or give FILE")
    try:
        configuration, mistakes = read_configuration(found)
    except InputError as problem:
        raise Stop(problem.message, problem.hint) from problem
    return found, configuration, mistakes


def _changes(settings: Any, table: tuple[str, ...]) -> list[Change]:
    """Return what settings say beside their defaults, table by table."""
    kind: type[Any] = settings.__class__
    known, default = settings_of(kind), kind()
    changes: list[Change] = []
    for part in fields(settings):
        value = getattr(settings, part.name)
        if part.name in known and value != getattr(default, part.name):
            changes += _change(value, table, part.name)
    return changes


def _change(value: Any, table: tuple[str, ...], name: str) -> list[Change]:
    if is_dataclass(value):
        return _changes(value, (*table, name))
    if is_table(value) and any(is_dataclass(one) for one in value.values()):
        return [change for key, one in value.items() for change in _changes(one, (*table, name, key))]
    return [Change(table, name, as_toml(value))]
