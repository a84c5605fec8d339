"""The tree of commands. A command is made when it is asked for, so that a thousand of them start as fast as ten."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import click
from click.shell_completion import get_completion_class

from ..surface import Operation, Surface, prefix_of, secret_names
from ._command import operation_command
from ._connection import Connection, connection_options
from ._output import FORMATS

__all__ = ["application", "command_line"]

_SETTINGS: Final = {"max_content_width": 110, "help_option_names": ["-h", "--help"]}


def command_line(package: str, program: str) -> Callable[[], None]:
    """Return the function that runs the command line of a client package.

    Args:
        package: Import name of the package; it was generated with a surface.
        program: What the command is called.
    """

    def main() -> None:
        """Read the arguments, do what they say, and exit."""
        application(Surface.load(package), program)(prog_name=program)

    return main


def application(surface: Surface, program: str) -> click.Group:
    """Return the root of the commands, as click has it."""
    prefix = prefix_of(program)
    tree = _Branch(surface, (), name=program, help=_about(surface, prefix), context_settings=_SETTINGS)
    tree.params += [*connection_options(prefix), _format_option(), _version_option(surface)]
    tree.callback = _remember(surface, program)
    return tree


def _remember(surface: Surface, program: str) -> Callable[..., None]:
    @click.pass_context
    def callback(context: click.Context, /, style: str, **given: Any) -> None:
        context.obj = Connection(surface, program, style, given)

    return callback


class _Branch(click.Group):
    """A group of the client: the operations that it has itself, and the groups below it."""

    def __init__(self, surface: Surface, path: tuple[str, ...], **attributes: Any) -> None:
        super().__init__(**attributes)
        self.surface, self.path = surface, path

    def _below(self) -> tuple[dict[str, Operation], list[str]]:
        depth = len(self.path)
        own: dict[str, Operation] = {}
        branches: dict[str, None] = {}
        for operation in self.surface.operations:
            if operation.group[:depth] != self.path:
                continue
            if len(operation.group) == depth:
                own[_spelt(operation.name)] = operation
            else:
                branches[_spelt(operation.group[depth])] = None
        return own, list(branches)

    def list_commands(self, ctx: click.Context) -> list[str]:
        own, branches = self._below()
        shell = [] if self.path else ["completion"]
        return [*sorted(branches), *sorted(own), *shell]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own, branches = self._below()
        if cmd_name in branches:
            path = (*self.path, cmd_name.replace("-", "_"))
            text = self.surface.groups.get(" ".join(path), "") or f"What there is to {cmd_name.replace('-', ' ')}."
            return _Branch(self.surface, path, name=cmd_name, help=text)
        if cmd_name in own:
            return operation_command(self.surface, own[cmd_name], cmd_name)
        return _completion() if cmd_name == "completion" and not self.path else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Refuse an unknown command with what it may have been meant to be."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=3, cutoff=0.7)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


def _spelt(name: str) -> str:
    return name.replace("_", "-")


def _about(surface: Surface, prefix: str) -> str:
    ways = secret_names(surface, prefix)
    credential = f"\n\nThe credential is read from {ways} in the environment." if ways else ""
    return f"{surface.title} {surface.version}".strip() + f" on the command line.{credential}"


def _format_option() -> click.Option:
    text = "How results are written; else a table on a terminal and JSON elsewhere."
    return click.Option(["--format", "style"], type=click.Choice(FORMATS), default="auto", help=text)


def _version_option(surface: Surface) -> click.Option:
    def show(context: click.Context, _: click.Parameter, given: bool) -> None:
        if given:
            try:
                installed = version(surface.distribution)
            except PackageNotFoundError:  # run from a folder
                installed = "unknown"
            click.echo(f"{surface.distribution} {installed}, for {surface.title} {surface.version}".rstrip())
            context.exit()

    text = "Print the version and exit."
    return click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show, help=text)


def _completion() -> click.Command:
    @click.command(help="Print the completion script of SHELL.")
    @click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
    @click.pass_context
    def completion(context: click.Context, shell: str) -> None:
        root = context.find_root()
        program = str(root.info_name)
        kind = get_completion_class(shell)
        if kind is None:
            raise click.UsageError(f"There is no completion for {shell}.", context)
        variable = f"_{program.upper().replace('-', '_')}_COMPLETE"
        click.echo(kind(root.command, {}, program, variable).source())
        sys.stdout.flush()

    return completion
