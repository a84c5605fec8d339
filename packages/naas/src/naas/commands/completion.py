"""The command that prints what a shell needs to complete our commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

__all__ = ["completion"]

_SHELLS = ("bash", "zsh", "fish")


@click.command(epilog='Example: eval "$(naas-server completion bash)"')
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell, for its start-up file.

    For fish: naas-server completion fish > ~/.config/fish/completions/naas-server.fish
    """
    maker = get_completion_class(shell)
    if maker is None:
        raise click.UsageError(f"this version of click knows no completion for {shell}")
    click.echo(maker(ctx.find_root().command, {}, "naas-server", "_NAAS_SERVER_COMPLETE").source())
