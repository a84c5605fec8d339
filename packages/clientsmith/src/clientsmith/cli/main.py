"""The command line. Every command reads SPEC the same way, prints findings on stderr and its result on stdout."""

from __future__ import annotations

from importlib.metadata import version

import click
from click.shell_completion import get_completion_class
from clientsmith.model.serialize import api_as_data

from .config import config
from .generate import generate
from .given import Given, describes_api
from .mock import mock
from .output import CODES, Stop, finish, print_json
from .plan import plan

__all__ = ["cli", "main"]


def main() -> None:
    """Run `clientsmith`."""
    cli(prog_name="clientsmith")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("clientsmith"), message="%(prog)s %(version)s")
def cli() -> None:
    """Make a Python client library from an OpenAPI document.

    SPEC is a file (JSON or YAML; OpenAPI 3.2, 3.1, 3.0 or Swagger 2.0), an http(s) URL, or `module:app`: a Python
    module and in it a dict, a function returning one, or a FastAPI or Litestar application.

    What is decided about a client stands in clientsmith.toml, or in [tool.clientsmith] of a pyproject.toml; with
    `spec` and `output` there, commands need neither. Options win over the file.

    \b
    Example:
      clientsmith plan petstore.json
      clientsmith generate petstore.json -o petstore-client
    """


@cli.command(epilog=CODES + "\n\n\b\nExample:\n  clientsmith ir petstore.json > petstore.ir.json")
@describes_api
def ir(given: Given) -> None:
    """Print SPEC as clientsmith understands it, as JSON: the model between reading and writing."""
    api, findings = given.build(notes=False)
    print_json(api_as_data(api))
    finish(len(api.operations), findings, strict=given.strict)


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


for command in (generate, plan, config, mock):
    cli.add_command(command)


if __name__ == "__main__":
    main()
