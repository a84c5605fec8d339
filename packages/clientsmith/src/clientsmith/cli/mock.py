"""`clientsmith mock`: the service that a document describes, on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from clientsmith.core.terminal import count, escaped, style
from clientsmith.findings import InputError

from .given import Given, describes_api
from .output import CODES, Stop

if TYPE_CHECKING:
    from clientsmith.mock import Exchange

__all__ = ["mock"]

_EPILOG = (
    """\b
What a request can ask for:
  Prefer: code=404       this status
  Prefer: example=none   this example of the document
  Prefer: dynamic=true   values of the schema, other ones each time

"""
    + CODES
    + """

\b
Examples:
  clientsmith mock petstore.json
  clientsmith mock petstore.json --port 8080 --latency 0.2 --fail 0.1
"""
)


@click.command(epilog=_EPILOG)
@describes_api
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=4010, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free one.")
@click.option("--seed", default=0, metavar="NUMBER", help="Other seeds give other values.")
@click.option("--latency", default=0.0, metavar="SECONDS", type=click.FloatRange(0, 60), help="Before every answer.")
@click.option(
    "--fail",
    default=0.0,
    metavar="RATE",
    type=click.FloatRange(0, 1),
    help="Share of the requests that get 503 with Retry-After: 0; never more than two in a row.",
)
@click.option("--cors", is_flag=True, help="Let pages of any origin call it from a browser.")
@click.option("--refuse-unknown", is_flag=True, help="Refuse query parameters that SPEC does not name.")
def mock(
    given: Given, *, host: str, port: int, seed: int, latency: float, fail: float, cors: bool, refuse_unknown: bool
) -> None:
    """Serve what SPEC describes, until Ctrl-C.

    Answers are examples of SPEC, else made from its schemas. Requests are held against SPEC, and refused with what is
    wrong with them. Lists have three pages, and operations that take long are over when they were looked at twice. SPEC
    is read again when its file changes.
    """
    try:
        from clientsmith.mock import MockServer
    except ImportError as problem:
        raise Stop(f"{problem.name} is not installed", "pip install 'clientsmith[mock]'") from problem
    try:
        server = MockServer(
            given.spec,
            host=host,
            port=port,
            seed=seed,
            latency=latency,
            fail=fail,
            cors=cors,
            refuse_unknown=refuse_unknown,
            reload=True,
            reading=given.reading,
            configuration=given.configuration,
            log=_show,
        )
    except InputError as problem:
        raise Stop(problem.message, problem.hint) from problem
    except OSError as problem:
        raise Stop(f"cannot listen on {host}:{port}: {problem.strerror or problem}", "give another --port") from problem
    api = server.api
    click.echo(f"{style(escaped(api.title), bold=True)}, {count(len(server.service.operations), 'operation')}")
    click.echo(f"listening on {style(server.url, underline=True)}  (Ctrl-C ends it)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo()


def _show(exchange: Exchange) -> None:
    """Print what was asked and answered, and below it what was found."""
    if exchange.method:
        colour = "green" if exchange.status < 300 else "yellow" if exchange.status < 500 else "red"
        asked = escaped(f"{exchange.method:<6} {exchange.target}")
        took = f"{exchange.operation}  {exchange.seconds * 1000:.0f} ms"
        click.echo(f"{style(str(exchange.status), fg=colour)} {asked}  {style(took, dim=True)}")
    for finding in exchange.findings:
        click.echo(f"    {style(escaped(finding), fg='yellow')}")
