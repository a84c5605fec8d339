"""The command ``naas-server``: run the service or its parts, look after it, simulate devices."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

import click

from naas import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["main"]

# Each command, and where it is; in the order of the help. A command is imported when it is called or asked about.
COMMANDS: Final[Mapping[str, str]] = {
    "serve": "naas.commands.serve:serve",
    "api": "naas.commands.serve:api",
    "worker": "naas.commands.serve:worker",
    "config": "naas.commands.config:config",
    "keys": "naas.commands.keys:keys",
    "backup": "naas.commands.backup:backup",
    "restore": "naas.commands.backup:restore",
    "upgrade": "naas.commands.backup:upgrade",
    "probe": "naas.commands.probe:probe",
    "openapi": "naas.commands.openapi:openapi",
    "completion": "naas.commands.completion:completion",
    "simulate": "naas.simulator.cli:simulate",
}


class _Commands(click.Group):
    """Imports a command when it is needed, so that a small one does not wait for the parts of a large one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
    epilog="Example: naas-server serve --port 8080 --database naas.db",
)
@click.version_option(__version__, prog_name="naas-server")
def main() -> None:
    """Run commands and configuration on network devices, as a REST service."""
