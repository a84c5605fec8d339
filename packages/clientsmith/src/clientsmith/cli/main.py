"""The command line: findings go to stderr and results to stdout, and SPEC is read the same way everywhere."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Final

import click
from click.shell_completion import get_completion_class

from .output import Stop

__all__ = ["cli", "main"]

# Each has a module of its name here, which is read when the command is called: none waits for what another needs.
_COMMANDS: Final = ("generate", "plan", "config", "mock", "check", "diff", "affected", "gate", "release", "new", "ir")


class _Commands(click.Group):
    """The commands, in the order in which they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*(name for name in _COMMANDS if find_spec(f"clientsmith.cli.{name}")), *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx) or cmd_name in self.commands:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(f"clientsmith.cli.{cmd_name}"), cmd_name)
        return command


def main() -> None:
    """Run `clientsmith`."""
    cli(prog_name="clientsmith")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("clientsmith"), message="%(prog)s %(version)s")
def cli() -> None:
    """Ship a service and its Python client library together.

    The client comes from an API description. SPEC is a file (JSON or YAML; OpenAPI 3.2, 3.1, 3.0 or Swagger 2.0), an
    http(s) URL, or `module:app`: a Python module and in it a dict, a function returning one, or a FastAPI or Litestar
    application.

    What is decided about a client stands in clientsmith.toml, or in [tool.clientsmith] of a pyproject.toml; with
    `spec` and `output` there, commands need neither. Options win over the file.

    `check` and `diff` are for any Python package. `affected`, `gate` and `release` are for a uv workspace, which `new`
    makes.

    \b
    Example:
      clientsmith new parcels
      clientsmith plan petstore.json
      clientsmith generate petstore.json -o petstore-client
    """


@cli.command(
    epilog="\b\nExample:\n  clientsmith completion bash > ~/.local/share/bash-completion/completions/clientsmith"
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of SHELL.

    It completes commands and options, and where a document is named, its operations and groups.
    """
    complete = get_completion_class(shell)
    if complete is None:
        raise Stop(f"no completion for {shell}")
    click.echo(complete(cli, {}, "clientsmith", "_CLIENTSMITH_COMPLETE").source())


if __name__ == "__main__":
    main()
