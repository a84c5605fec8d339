"""What programs say on a terminal, and how they stop: shared by all command lines that stand on click.

Needs click, which the extra ``cli`` brings.
"""

from __future__ import annotations

import os
from typing import IO, Any

import click

__all__ = ["Stop", "count", "escaped", "style"]


class Stop(click.ClickException):
    """There is nothing to go on with: one line says why, another what to do next. The exit code is 1."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"{style('error', fg='red')}: {escaped(self.message)}", err=True, file=file)
        if self.hint:
            click.echo(f"  hint: {escaped(self.hint)}", err=True, file=file)


def style(text: str, **attributes: Any) -> str:
    """Return ``text`` with colour, unless NO_COLOR is set; click takes it off where the output is no terminal."""
    return text if os.environ.get("NO_COLOR") else click.style(text, **attributes)


def escaped(text: str) -> str:
    """Escape what another's text could use to write over the terminal: control characters and the like."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def count(number: int, noun: str) -> str:
    """Return a number of things: ``1 file``, ``2,000 files``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
