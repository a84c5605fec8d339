"""Releases that an index holds: the last, and the oldest supported one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clientsmith.distributions.archives import unpack
from clientsmith.distributions.references import OnIndex
from clientsmith.distributions.releases import file_for, newest, versions_of
from clientsmith.findings import InputError
from clientsmith.workspace.building import build
from packaging.version import Version

if TYPE_CHECKING:
    from simple_repository_client import ProjectPage, SimpleRepositoryClient

__all__ = ["Fetched", "fetch", "staged_versions"]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A release as an index gave it: the unpacked sdist, which has its tests, and a wheel."""

    version: str
    root: Path
    wheel: Path


def fetch(package: str, oldest: str, index: str, into: Path) -> Iterator[Fetched]:
    """Yield the releases of a package to try, oldest first; nothing if the index has none of it.

    ``oldest`` is the version that is supported still, "" for the first that the index has.

    Raises:
        InputError: The index cannot be read, or a release of it has no sdist: that is where its tests are.
    """
    # The client and its transport are imported only where an index is asked: they take longer than most commands.
    from clientsmith.core.errors import ClientsmithError, ResourceNotFoundError
    from simple_repository_client import SimpleRepositoryClient

    try:
        with SimpleRepositoryClient(index) as client:
            try:
                page = client.get_project(package)
            except ResourceNotFoundError:
                return
            for version in staged_versions(versions_of(page), oldest):
                folder = into / str(version)
                folder.mkdir(parents=True)
                yield _fetched(client, page, version, folder)
    except (ClientsmithError, OSError) as problem:
        raise InputError(
            f"cannot get the releases of {package} from the index: {problem}", "check --index"
        ) from problem


def staged_versions(versions: Sequence[Version], oldest: str) -> list[Version]:
    """Return the oldest supported and the last version, sorted; the last is a final one if any is."""
    supported = sorted(version for version in versions if not oldest or version >= Version(oldest))
    last = newest(supported)
    return sorted({supported[0], last}) if last is not None else []


def _fetched(client: SimpleRepositoryClient, page: ProjectPage, version: Version, folder: Path) -> Fetched:
    sdist = next((file for file in page.files_of(version) if file.kind == "sdist"), None)
    if sdist is None:
        raise InputError(
            f"the index has no sdist of {page.name} {version}, which would hold its tests", "publish sdists too"
        )
    root = unpack(client.download(sdist, folder), folder / "sdist")
    best = file_for(page, OnIndex(page.name, version))
    wheel = client.download(best, folder) if best.kind == "wheel" else build(root, folder, ("wheel",))[0]
    return Fetched(str(version), root, wheel)
