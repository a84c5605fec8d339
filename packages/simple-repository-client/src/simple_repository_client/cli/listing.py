"""``versions`` and ``files``: what an index has of a project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import click
from clientsmith.core.terminal import count
from clientsmith.core.terminal import style as coloured
from packaging.version import Version

from ..pages import ProjectFile, ProjectPage
from .connection import Connection, asks_an_index
from .output import CODES, errors_told, offers_formats, print_json, print_rows, size
from .selection import nothing_fits, wanted

__all__ = ["files", "versions"]

_DAY: Final = 10  # characters of a day in ISO 8601


@click.command(
    epilog=CODES
    + "\n\n\b\nExample:\n  simple-repository versions holygrail --index-url https://index.example.org/simple/",
    short_help="List the versions of a project, newest first.",
)
@click.argument("name")
@asks_an_index()
@offers_formats()
@click.option("--pre", is_flag=True, help="Show pre-releases, also where there are others.")
def versions(connection: Connection, *, name: str, form: str, pre: bool) -> None:
    """List the versions of NAME, newest first: when they came, as what, and for which Python.

    NAME may limit them: 'NAME>=2'.
    """
    project = wanted(name, allows_pre=pre)
    with errors_told(), connection.client() as client:
        page = client.get_project(project.name)
    chosen = project.versions(page.versions)
    if project.requirement.specifier and not chosen:
        raise nothing_fits(page.name, project, page.versions)
    data = [_version(version, page.files_of(version)) for version in chosen]
    if form == "json":
        print_json(data)
        return
    print_rows([_version_row(one) for one in data])
    _summarize(page, count(len(chosen), "version"))


@click.command(epilog=CODES + "\n\n\b\nExample:\n  simple-repository files holygrail==1.1 --format json")
@click.argument("name")
@asks_an_index()
@offers_formats()
@click.option("--pre", is_flag=True, help="Take pre-releases, also where there are others.")
def files(connection: Connection, *, name: str, form: str, pre: bool) -> None:
    """List the files of NAME, or of a version of it: NAME==1.0."""
    project = wanted(name, allows_pre=pre)
    with errors_told(), connection.client() as client:
        page = client.get_project(project.name)
    found = project.files(page.files) if project.requirement.specifier else list(page.files)
    if project.requirement.specifier and not found:
        raise nothing_fits(page.name, project, page.versions)
    if form == "json":
        print_json([_file(file) for file in found])
        return
    print_rows([_file_row(file) for file in found])
    _summarize(page, count(len(found), "file"))


def _summarize(page: ProjectPage, what: str) -> None:
    """The last line, on standard error: how many, and how the index said it."""
    said = page.said_version or "no version, taken for 1.0"
    serialization = page.serialization.upper()
    click.echo(coloured(f"{what} of {page.name} ({serialization}, the API says {said})", dim=True), err=True)


# --- versions --------------------------------------------------------------------------------------------------------


def _version(version: Version, own: Sequence[ProjectFile]) -> dict[str, Any]:
    times = [file.upload_time for file in own if file.upload_time is not None]
    return {
        "version": str(version),
        "uploaded": min(times).isoformat() if times else None,
        "kinds": list(dict.fromkeys(file.kind.value for file in own)),
        "files": len(own),
        "requires-python": _one(file.requires_python for file in own),
        "yanked": bool(own) and all(file.yanked for file in own),
        "yanked-reason": _one(file.yanked_reason for file in own) if own and all(file.yanked for file in own) else None,
    }


def _one(values: Iterable[str | None]) -> str | None:
    """The values that are there, each once."""
    return "; ".join(dict.fromkeys(value for value in values if value)) or None


def _version_row(one: dict[str, Any]) -> list[str]:
    requires = f"Python {one['requires-python']}" if one["requires-python"] else ""
    return [
        one["version"],
        (one["uploaded"] or "")[:_DAY],
        ", ".join(one["kinds"]) or "no files",
        requires,
        _yanked(is_yanked=one["yanked"], reason=one["yanked-reason"] or ""),
    ]


def _yanked(*, is_yanked: bool, reason: str) -> str:
    if not is_yanked:
        return ""
    return f"yanked: {reason}" if reason else "yanked"


# --- files -----------------------------------------------------------------------------------------------------------


def _file(file: ProjectFile) -> dict[str, Any]:
    return {
        "filename": file.filename,
        "url": file.url,
        "version": None if file.version is None else str(file.version),
        "kind": file.kind.value,
        "size": file.size,
        "uploaded": None if file.upload_time is None else file.upload_time.isoformat(),
        "hashes": dict(file.hashes),
        "requires-python": file.requires_python,
        "metadata": file.has_metadata,
        "provenance": file.provenance,
        "yanked": file.yanked,
        "yanked-reason": file.yanked_reason or None,
    }


def _file_row(file: ProjectFile) -> list[str]:
    return [
        file.filename,
        size(file.size),
        "" if file.upload_time is None else file.upload_time.isoformat()[:_DAY],
        ", ".join(file.hashes) or "no hash",
        f"Python {file.requires_python}" if file.requires_python else "",
        _yanked(is_yanked=file.yanked, reason=file.yanked_reason),
    ]
