"""``naas completion``: the script that makes a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from .endings import UsageStop

__all__ = ["completion"]


_EXAMPLES = """\b
Examples:
  source <(naas completion bash)
  naas completion fish > ~/.config/fish/completions/naas.fish
"""


@click.command(epilog=_EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script for SHELL."""
    complete = get_completion_class(shell)
    if complete is None:
        raise UsageStop(f"there is no completion for {shell}")
    click.echo(complete(context.find_root().command, {}, "naas", "_NAAS_COMPLETE").source())
