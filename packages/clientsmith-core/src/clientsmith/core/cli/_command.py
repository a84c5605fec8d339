"""One command: what it takes, the call that it makes, and how the result is shown."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final

import click

from ..errors import ClientsmithError, UsageError
from ..surface import Operation, Surface, ValueRefusedError, call
from ._connection import Connection
from ._inputs import arguments_of, parameters_of
from ._output import write_items, write_value

__all__ = ["operation_command"]

_INTERRUPTED: Final = 130  # as shells have it: 128 and the number of the signal


def operation_command(surface: Surface, operation: Operation, name: str) -> click.Command:
    """Return the command of an operation."""
    parameters = [*parameters_of(surface, operation), *_own_parameters(operation)]

    @click.pass_context
    def run(context: click.Context, /, **given: Any) -> None:
        connection: Connection = context.obj
        own = {key: given.pop(key, None) for key in ("max_items", "page_size", "output", "no_wait")}
        arguments = arguments_of(operation, given)
        with _errors_told(), connection.client() as client:
            options = {"results_per_page": own["page_size"]} if own["page_size"] else {}
            result = call(surface, client, operation, arguments, **options)
            _show(operation, result, connection.style, own)

    about = f"{operation.summary}\n\n{operation.description}\n\n{operation.http}".strip()
    return click.Command(
        name, callback=run, params=parameters, help=about, short_help=operation.summary, deprecated=operation.deprecated
    )


def _own_parameters(operation: Operation) -> Iterator[click.Parameter]:
    if operation.kind in ("list", "events", "lines"):
        text = "Stop after so many items."
        yield click.Option(["--max-items"], type=click.IntRange(min=1), metavar="NUMBER", help=text)
    if operation.is_sized:
        yield click.Option(["--page-size"], type=click.IntRange(min=1), metavar="NUMBER", help="Items in one answer.")
    if operation.kind == "download":
        text = "Where the bytes go; - is standard output."
        yield click.Option(["-o", "--output"], type=click.Path(path_type=Path), required=True, help=text)
    if operation.kind == "begin":
        yield click.Option(["--no-wait"], is_flag=True, help="Print the token of the operation and do not wait.")


def _show(operation: Operation, result: Any, style: str, own: dict[str, Any]) -> None:
    match operation.kind:
        case "list" | "events" | "lines":
            write_items(islice(result, own["max_items"]), style)
        case "begin":
            _wait(result, style, no_wait=bool(own["no_wait"]))
        case "download":
            _save(result, own["output"])
        case "exists":
            click.echo("true" if result else "false")
            if not result:
                raise click.exceptions.Exit(1)
        case "call" if operation.returns is not None:
            write_value(result, style)
        case "call":
            click.echo("done", err=True)


def _wait(poller: Any, style: str, *, no_wait: bool) -> None:
    if no_wait:
        click.echo(poller.continuation_token())
        return
    is_told = sys.stderr.isatty()
    while not poller.done():
        if is_told:
            click.echo(f"\r{poller.status()} …\x1b[K", nl=False, err=True)
        poller.wait(timeout=2.0)
    if is_told:
        click.echo("\r\x1b[K", nl=False, err=True)
    write_value(poller.result(), style)


def _save(stream: Any, output: Path) -> None:
    with stream:
        if str(output) == "-":
            for piece in stream:
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
        else:
            stream.write_to(output)


@contextmanager
def _errors_told() -> Generator[None]:
    """Every error of the runtime is one message and an exit code."""
    try:
        yield
    except (UsageError, ValueRefusedError, ValueError) as error:
        raise click.UsageError(str(error)) from None
    except ClientsmithError as error:
        click.echo(f"{click.style('error', fg='red')}: {error}", err=True)
        raise click.exceptions.Exit(1) from None
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        raise click.exceptions.Exit(_INTERRUPTED) from None
