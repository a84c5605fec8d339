"""Versions that an index holds: chosen from its page, and downloaded with their hashes checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from clientsmith.findings import InputError
from packaging.tags import sys_tags
from packaging.version import Version

from .references import OnIndex

if TYPE_CHECKING:
    from simple_repository_client import ProjectFile, ProjectPage

__all__ = ["INDEX_VARIABLE", "Downloaded", "download", "file_for", "newest", "versions_of"]

INDEX_VARIABLE: Final = "CLIENTSMITH_INDEX_URL"


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file of a release, and what the index says that one should know."""

    path: Path
    notes: tuple[str, ...]


def download(wanted: OnIndex, index: str, into: Path) -> Downloaded:
    """Download the wheel of a version, else its sdist.

    ``index`` is the URL of an index; if it is "" the environment has to name one (``CLIENTSMITH_INDEX_URL``). What pip
    and uv are configured for is not asked: a name of one's own there may be anybody's.

    Raises:
        InputError: No index is named, it cannot be reached, or has no such project, version or readable file.
    """
    # The client and its transport are imported only where an index is asked: they take longer than most commands.
    from clientsmith.core.errors import ClientsmithError
    from simple_repository_client import SimpleRepositoryClient

    url = index or os.environ.get(INDEX_VARIABLE, "")
    shown = wanted.name if wanted.version is None else f"{wanted.name}=={wanted.version}"
    if not url:
        message = f"cannot get {shown!r}: there is no such folder or file, and no index is named to look for a release"
        raise InputError(message, f"give --index URL, or set {INDEX_VARIABLE}")
    try:
        with SimpleRepositoryClient(url, max_retries=1) as client:  # a person waits
            page = client.get_project(wanted.name)
            file = file_for(page, wanted)
            return Downloaded(client.download(file, into), _notes(page, file))
    except (ClientsmithError, OSError) as problem:
        raise InputError(f"cannot get {shown!r} from the index: {problem}", "check the index and the name") from problem


def versions_of(page: ProjectPage) -> tuple[Version, ...]:
    """Return the versions that have a file which can be read, and are not yanked; oldest first."""
    return tuple(
        sorted({f.version for f in page.files if f.version is not None and not f.yanked and _rank(f) is not None})
    )


def newest(versions: Sequence[Version]) -> Version | None:
    """Return the newest final version, the newest pre-release where there is no other; None if there is none."""
    final = [version for version in versions if not version.is_prerelease]
    return max(final or versions, default=None)


def file_for(page: ProjectPage, wanted: OnIndex) -> ProjectFile:
    """Return the file of a page to read: a wheel for any machine, one for this, one for another; then an sdist.

    Raises:
        InputError: The project has no such version, or it has neither wheel nor sdist.
    """
    version = wanted.version or newest(versions_of(page))
    if version is None:
        raise InputError(f"the index has no release of {wanted.name!r} that can be read")
    ranked = [(rank, file) for file in page.files_of(version) if (rank := _rank(file)) is not None]
    if ranked:
        return min(ranked, key=lambda one: (one[1].yanked, one[0]))[1]
    known = versions_of(page)
    near = ", ".join(map(str, known[-5:])) if known else "none"
    raise InputError(
        f"the index has no wheel and no sdist of {wanted.name} {version}", f"its newest versions are {near}"
    )


def _rank(file: ProjectFile) -> int | None:
    """Return how gladly a file is read, 0 before 3; None for what is neither wheel nor sdist."""
    if file.kind == "sdist":
        return 3
    if file.kind != "wheel" or file.version is None:
        return None
    if all(tag.platform == "any" for tag in file.tags):
        return 0
    return 1 if not file.tags.isdisjoint(_ours()) else 2


def _ours() -> Iterable[object]:
    return frozenset(sys_tags())


def _notes(page: ProjectPage, file: ProjectFile) -> tuple[str, ...]:
    notes: list[str] = []
    if file.yanked:
        because = f": {file.yanked_reason}" if file.yanked_reason else ""
        notes.append(f"{page.name} {file.version} was yanked{because}")
    if str(page.status) != "active":
        because = f": {page.status_reason}" if page.status_reason else ""
        notes.append(f"{page.name} is {page.status}{because}")
    return tuple(notes)
