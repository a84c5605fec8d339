"""What the commands print, and how they end."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import click
from clientsmith.core.errors import ClientsmithError, UsageError
from clientsmith.core.terminal import Stop, count, escaped, style

from ..errors import DownloadsFailedError, FileError, UnverifiableFileError

__all__ = [
    "CODES",
    "WrongUsage",
    "errors_told",
    "note",
    "offers_formats",
    "print_json",
    "print_rows",
    "size",
]

CODES: Final = """\b
Exit codes:
  0    done
  1    the index refused, could not be reached, or does not have it
  2    wrong usage
  130  interrupted
"""

_INTERRUPTED: Final = 130  # as shells have it: 128 and the number of the signal


class WrongUsage(Stop):
    """What was typed cannot be meant."""

    exit_code = 2


def note(kind: str, text: str, colour: str = "yellow") -> None:
    """Say something beside the result."""
    click.echo(f"{style(kind, fg=colour)}: {escaped(text)}", err=True)


def size(number: int | None) -> str:
    """Return a number of bytes for people, "" for one that nobody said."""
    if number is None:
        return ""
    shown = float(number)
    for unit in ("B", "kB", "MB"):
        if shown < 1000:
            return f"{shown:.0f} {unit}" if unit == "B" else f"{shown:.1f} {unit}"
        shown /= 1000
    return f"{shown:.1f} GB"


def print_json(data: Any) -> None:
    """Print JSON; half a character, which no encoding has, stays the escape that it was."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace").decode())


def print_rows(rows: Sequence[Sequence[str]]) -> None:
    """Print columns that stand below each other, the last as long as it is."""
    shown = [[escaped(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cell for cell, width in zip(padded, widths, strict=True) if width).rstrip())


def offers_formats(*more: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add ``--format`` to a command, which gets it as ``form``."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", *more]),
        default="text",
        show_default=True,
        help="text for people, json for programs.",
    )


# --- how a command ends ----------------------------------------------------------------------------------------------


@contextmanager
def errors_told(stop: type[Stop] = Stop) -> Generator[None]:
    """Whatever goes wrong is one line and the exit code of ``stop``, and never a traceback; warnings are lines too."""
    with warnings.catch_warnings():
        warnings.simplefilter("default", UserWarning)
        warnings.showwarning = _show_warning
        try:
            yield
        except UsageError as error:
            raise WrongUsage(str(error)) from None
        except UnverifiableFileError as error:
            has = f"only {', '.join(error.algorithms)}" if error.algorithms else "no hash"
            raise Stop(f"{error.file_name}: the index gives {has}", "--allow-unverified takes what comes") from None
        except DownloadsFailedError as failed:
            for name, each in failed.failed.items():
                note("error", str(each) if isinstance(each, FileError) else f"{name}: {each}", "red")
            raise Stop(f"{failed.args[0]}; {count(len(failed.done), 'file')} did come") from None
        except ClientsmithError as error:
            raise stop(str(error)) from None
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            raise click.exceptions.Exit(_INTERRUPTED) from None
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise Stop(f"{where}{error.strerror or error}", "choose another folder with -o, or --cache-dir") from None


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    note("warning", str(message))
