"""``download``: files of an index, chosen as an installer would, checked by their hashes."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..names import FileKind
from ..pages import ProjectFile
from .connection import Connection, asks_an_index
from .output import CODES, errors_told, note, offers_formats, print_json
from .selection import Choice, wanted

if TYPE_CHECKING:
    from ..download.steps import FileProgress

__all__ = ["download"]

_EPILOG = (
    CODES
    + """

\b
Examples:
  simple-repository download holygrail==1.1 -o wheels
  simple-repository download holygrail spam-eggs --python 3.12 --platform manylinux_2_28_x86_64
  simple-repository download holygrail==1.0 --all
"""
)


@click.command(epilog=_EPILOG, short_help="Download files, checked by their hashes.")
@click.argument("names", metavar="NAME[==VERSION]...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder; else this one.",
)
@click.option("--all", "takes_all", is_flag=True, help="All files of the version, not the one that fits best.")
@click.option("--only", type=click.Choice(["wheel", "sdist"]), help="Wheels or source distributions.")
@click.option(
    "--python",
    "--requires-python",
    "python",
    default="",
    metavar="VERSION",
    help="For this version of Python, not for the one that runs this.",
)
@click.option(
    "--platform", "platforms", multiple=True, metavar="TAG", help="For this platform; may be given several times."
)
@click.option("--ignore-requires-python", is_flag=True, help="Also what says that it is for other Pythons.")
@click.option("--pre", is_flag=True, help="Also pre-releases, where there are others.")
@click.option("--allow-yanked", is_flag=True, help="Also yanked files; NAME==VERSION takes them anyway.")
@click.option("--allow-unverified", is_flag=True, help="Also files that the index gives no hash for.")
@click.option("--concurrency", type=click.IntRange(1, 64), default=8, show_default=True, help="How many at a time.")
@asks_an_index()
@offers_formats()
def download(
    connection: Connection,
    *,
    names: tuple[str, ...],
    output: Path,
    takes_all: bool,
    only: str | None,
    python: str,
    platforms: tuple[str, ...],
    ignore_requires_python: bool,
    pre: bool,
    allow_yanked: bool,
    allow_unverified: bool,
    concurrency: int,
    form: str,
) -> None:
    """Download files, each checked by the hash that the index gives, and print where they are.

    Of each NAME the newest version that fits, and of it the wheel that runs here, else the source distribution;
    dependencies are not followed. A file that is there already is not downloaded again, one that broke off is gone on
    with.
    """
    projects = [wanted(name, allows_pre=pre) for name in names]
    kind = None if only is None else FileKind(only)
    choice = Choice(kind, python, platforms, takes_all, ignore_requires_python, allow_yanked)
    with errors_told(), connection.client() as client:
        chosen = [file for project in projects for file in choice.files_of(client.get_project(project.name), project)]
        for file in chosen:
            if file.yanked:
                because = f": {file.yanked_reason}" if file.yanked_reason else ""
                note("warning", f"{file.filename} is yanked{because}")
        with _progress(chosen) as progress:
            paths = client.download_all(
                chosen, output, concurrency=concurrency, progress=progress, allow_unverified=allow_unverified
            )
    if form == "json":
        print_json([_told(file, path) for file, path in zip(chosen, paths, strict=True)])
        return
    for path in paths:
        click.echo(str(output / path.name))


def _told(file: ProjectFile, path: Path) -> dict[str, object]:
    return {"filename": file.filename, "path": str(path), "url": file.url, "hashes": dict(file.hashes)}


@contextmanager
def _progress(files: Sequence[ProjectFile]) -> Generator[FileProgress | None]:
    """A bar for each file, where somebody sees them."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {file.filename: bars.add_task(escape(file.filename), total=file.size) for file in files}

        def report(file: ProjectFile, done: int, total: int | None) -> None:
            bars.update(tasks[file.filename], completed=done, total=total)

        yield report
