"""The commands, gathered: what ``simple-repository`` is."""

from __future__ import annotations

from importlib.metadata import version

import click
from click.shell_completion import get_completion_class

from .checking import check
from .downloading import download
from .listing import files, versions
from .output import WrongUsage

__all__ = ["cli"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(version("simple-repository-client"), message="%(prog)s %(version)s")
def cli() -> None:
    """Look into a Python package index, download from it, and check how well it keeps to the standards.

    The index is named by --index-url, or by SIMPLE_REPOSITORY_INDEX_URL, UV_DEFAULT_INDEX, UV_INDEX_URL or
    PIP_INDEX_URL in the environment. There is no default.

    \b
    Example:
      export SIMPLE_REPOSITORY_INDEX_URL=https://index.example.org/simple/
      simple-repository versions holygrail
      simple-repository download holygrail==1.1 -o wheels
      simple-repository check
    """


@click.command(epilog="\b\nExample:\n  source <(simple-repository completion bash)")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of SHELL."""
    complete = get_completion_class(shell)
    if complete is None:
        raise WrongUsage(f"no completion for {shell}")
    click.echo(complete(cli, {}, "simple-repository", "_SIMPLE_REPOSITORY_COMPLETE").source())


for _command in (versions, files, download, check, completion):
    cli.add_command(_command)
