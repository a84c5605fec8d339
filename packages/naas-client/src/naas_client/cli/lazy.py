"""Groups of commands that are imported when they are used, and one whose first command may be left out."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

__all__ = ["DefaultGroup", "LazyGroup"]


class LazyGroup(click.Group):
    """A group whose commands stand in other modules.

    Args:
        lazy: Name of the command → ``module:attribute`` within this package. Those of ``hidden`` are spellings of
            before, which work and are not listed.
    """

    def __init__(
        self, *args: Any, lazy: Mapping[str, str], hidden: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._lazy, self._hidden = dict(lazy), dict(hidden or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table: what is typed most comes first."""
        return [*self._lazy, *(name for name in super().list_commands(ctx) if name not in self._lazy)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, importing its module."""
        place = self._lazy.get(cmd_name) or self._hidden.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(import_module(module, __package__), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that words mean; the nearest one is named where they mean none."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            near = get_close_matches(args[0], [*self._lazy, *self._hidden], n=1)
            ctx.fail(f"No such command {args[0]!r}." + (f" Did you mean {near[0]!r}?" if near else ""))


class DefaultGroup(click.Group):
    """A group in which the command ``run`` may be left out: ``naas batch FILE …`` is ``naas batch run FILE …``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command in where it was left out."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["run", *args]
        return super().parse_args(ctx, args)
