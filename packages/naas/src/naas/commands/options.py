"""Options made from the table of settings, and what every command does the same way: read, tell, exit."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.shell_completion import CompletionItem

from naas.config import TABLE, ConfigurationProblems, load
from naas.config.kinds import Choice, File, Switch
from naas.config.table import TOOL
from naas.errors import StartError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from naas.config import Loaded
    from naas.config.table import Setting

__all__ = [
    "EXIT_FAILED",
    "EXIT_USAGE",
    "SettingsCommand",
    "config_option",
    "errors_told",
    "read_settings",
    "settings_options",
]

# 0 is: done, or stopped when asked. 1: could not start, or a check found something. 2: wrong usage.
EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2

_TITLES: Final = {
    "server": "Server",
    "jobs": "Jobs",
    "devices": "Devices",
    "access": "Access",
    "observability": "Observability",
}

F = TypeVar("F", bound="Callable[..., Any]")

config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read settings from this TOML file; NAAS_CONFIG_FILE names one too.",
)


if TYPE_CHECKING:
    _TextType = click.ParamType[str]
else:
    _TextType = click.ParamType  # not generic before click 8.4


class _SettingType(_TextType):
    """Hands the text on as it is: `naas.config.load` judges all sources together."""

    name = "setting"

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return the choices, or the kind in capitals."""
        kind = self.setting.kind
        if isinstance(kind, Choice):
            return f"[{'|'.join(kind.among)}]"
        return type(kind).__name__.upper()

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the choices, or files."""
        kind = self.setting.kind
        if isinstance(kind, Choice):
            return [CompletionItem(word) for word in kind.among if word.startswith(incomplete)]
        return [CompletionItem(incomplete, type="file")] if isinstance(kind, File) else []


def settings_options(*processes: str) -> Callable[[F], F]:
    """Return a decorator that gives a command ``--config`` and an option for each setting that a process reads."""
    rows = [row for row in TABLE.values() if row.flag is not None and set(row.used_by) & set(processes)]

    def decorate(command: F) -> F:
        for row in reversed(rows):
            command = _option(row)(command)
        return config_option(command)

    return decorate


def _option(row: Setting) -> Callable[[F], F]:
    default = row.kind.show(row.default)
    told = f"{row.help} [{default}]" if default else row.help
    if isinstance(row.kind, Switch):
        return click.option(f"{row.flag}/--no-{row.flag[2:]}" if row.flag else "", row.name, default=None, help=told)
    return click.option(str(row.flag), row.name, type=_SettingType(row), default=None, help=told)


class SettingsCommand(click.Command):
    """A command whose help shows its settings section by section."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one list a section; options that are no settings come first."""
        lists: dict[str, list[tuple[str, str]]] = {"": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                section = TABLE[parameter.name].section if parameter.name in TABLE else ""
                lists.setdefault(section, []).append(record)
        for section, records in lists.items():
            with formatter.section(_TITLES.get(section, "Options")):
                formatter.write_dl(records)


@contextmanager
def errors_told() -> Generator[None]:
    """Write what keeps a command from its work to stderr and exit: 2 for wrong usage, else 1."""
    try:
        yield
    except StartError as exc:
        click.echo(f"error: {exc}", err=True)
        is_usage = isinstance(exc, ConfigurationProblems) and exc.is_usage
        sys.exit(EXIT_USAGE if is_usage else EXIT_FAILED)


def read_settings(
    config_file: Path | None = None, flags: Mapping[str, str | bool | None] | None = None, *, process: str = TOOL
) -> Loaded:
    """Return the settings of this start, from the flags given, the environment and the file.

    Raises:
        ConfigurationProblems: Something cannot be used; all of it.
    """
    return load(flags=flags, environment=os.environ, file=config_file, process=process)
