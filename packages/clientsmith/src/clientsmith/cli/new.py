"""`clientsmith new`: a workspace in which a service and its client grow together."""

from __future__ import annotations

from pathlib import Path

import click
from clientsmith.core.terminal import count, style
from clientsmith.findings import InputError
from clientsmith.scaffold.choices import FORGES, FRAMEWORKS, LICENCES, Choices, default_resource
from clientsmith.scaffold.create import Created, create
from clientsmith.scaffold.sources import Sources
from clientsmith.scaffold.templates import taken_words

from .output import Stop, working

__all__ = ["new"]

_EPILOG = """\b
Exit codes:
  0  the workspace is there; with --dry-run: it could be
  2  wrong usage: a name that cannot be, a folder that is not empty; nothing was written

\b
Examples:
  clientsmith new parcels
  clientsmith new acme-depot --resource parcel --framework fastapi --forge gitlab --owner @acme/depot
"""


@click.command(epilog=_EPILOG)
@click.argument("name")
@click.option("-o", "--output", metavar="DIR", type=click.Path(path_type=Path), help="The new folder; else NAME, here.")
@click.option(
    "--framework", type=click.Choice(FRAMEWORKS), default="litestar", show_default=True, help="Of the service."
)
@click.option("--resource", metavar="WORD", default="", help="What the service holds, in the singular; else from NAME.")
@click.option(
    "--forge",
    "forges",
    type=click.Choice([*FORGES, "none"]),
    multiple=True,
    default=["github"],
    show_default=True,
    help="Where its continuous integration runs; may be repeated.",
)
@click.option("--owner", metavar="OWNER", default="@owner", show_default=True, help="Who owns service and client.")
@click.option("--license", "licence", type=click.Choice(LICENCES), default="MIT", show_default=True)
@click.option("--python", default="3.11", show_default=True, metavar="3.N", help="The oldest Python it supports.")
@click.option(
    "--git/--no-git", default=True, show_default=True, help="Make it a git repository, unless it lies in one."
)
@click.option("--index", metavar="URL", default="", help="An index that has clientsmith's packages.")
@click.option(
    "--find-links",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A folder that has them as wheels.",
)
@click.option(
    "--editable",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A checkout of clientsmith, to work on both.",
)
@click.option("--dry-run", "dry", is_flag=True, help="List the files, and write none.")
def new(
    name: str,
    output: Path | None,
    framework: str,
    resource: str,
    forges: tuple[str, ...],
    owner: str,
    licence: str,
    python: str,
    *,
    git: bool,
    index: str,
    find_links: Path | None,
    editable: Path | None,
    dry: bool,
) -> None:
    """Make a workspace: a service, its client library, and all that lets them grow together.

    It is a uv workspace with a small service that works, the client that is generated from what the service says of
    itself, tests of both and of the two together, continuous integration, change fragments, code owners, and
    `affected`, `gate` and `release` set up. Its tests are green, it is formatted and typed.

    The same command gives the same bytes. DIR has to be empty or new; it is there whole, or not at all.
    """
    try:
        choices = Choices(
            name=name,
            resource=resource or default_resource(name, taken_words()),
            framework=framework,
            forges=tuple(dict.fromkeys(forge for forge in forges if forge != "none")),
            owner=owner,
            licence=licence,
            python=python,
            sources=Sources(index=index, find_links=find_links, editable=editable),
        )
        with working(f"making {output or name}"):
            created = create(choices, output or Path(name), repository=git, dry=dry)
    except InputError as problem:
        raise Stop(problem.message, problem.hint) from problem
    if dry:
        click.echo("".join(f"would write {path}\n" for path in created.files), nl=False)
        return
    _show(choices, created)


def _show(choices: Choices, created: Created) -> None:
    click.echo(f"{style(str(created.root), bold=True)}: {count(len(created.files), 'file')}")
    click.echo(f"  packages/{choices.name}         the service, on {choices.framework}")
    click.echo(f"  packages/{choices.name}-client  {created.client}, {count(created.methods, 'method')}")
    steps = [
        (f"cd {created.root}", ""),
        ("make test", "all tests; the first run installs what is needed"),
        ("make serve", "the service, on http://127.0.0.1:8000"),
    ]
    if created.has_repository:
        steps.append(("git add --all && git commit", "the first commit, with the uv.lock that the first run wrote"))
    click.echo("\nNext:")
    for command, meaning in steps:
        click.echo(f"  {command:27} {style('# ' + meaning, dim=True) if meaning else ''}".rstrip())
