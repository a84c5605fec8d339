"""Names of projects, and what the names of files tell (PEP 503, the specifications of wheels and sdists)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from math import prod
from typing import TYPE_CHECKING, Final

from clientsmith.core.errors import ArgumentError
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from packaging.tags import Tag
    from packaging.utils import BuildTag

__all__ = ["NAME", "OLD_ENDINGS", "FileKind", "FileName", "NormalizedName", "normalize_name", "read_file_name"]


NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


def normalize_name(name: str) -> NormalizedName:
    """Return the one form that all spellings of a project's name have: ``Foo._Bar`` is ``foo-bar`` (PEP 503).

    Raises:
        ArgumentError: It is not the name of a project: letters and digits of ASCII, with ``.``, ``_`` or ``-`` between.
    """
    if NAME.fullmatch(name) is None:  # `canonicalize_name` would do, but before packaging 26 it took a line feed
        raise ArgumentError(
            "name",
            f"{name!r} is not the name of a project: it has letters and digits of ASCII, and '.', '_' or '-' between "
            "them (PEP 508); give the name alone, without version or extras",
        )
    return canonicalize_name(name)


class FileKind(StrEnum):
    """What a file is, as its name says."""

    WHEEL = "wheel"
    SDIST = "sdist"
    OTHER = "other"  # eggs, installers, signatures, or a name that is none of a distribution


@dataclass(frozen=True, slots=True)
class FileName:
    """What the name of a distribution file tells.

    Attributes:
        kind: What the file is.
        project: The project in the name, None where it cannot be told.
        version: None where it cannot be told.
        build, tags: Of a wheel; empty for all else.
    """

    kind: FileKind
    project: NormalizedName | None = None
    version: Version | None = None
    build: BuildTag = ()
    tags: frozenset[Tag] = frozenset()


# What indexes also took, and many still have (PEP 527, PEP 715): nothing is wrong with a project that has them.
OLD_ENDINGS: Final = (
    ".egg", ".exe", ".msi", ".dmg", ".deb", ".rpm", ".tar.bz2", ".tar.xz", ".tar.z", ".tgz", ".tar",
)  # fmt: skip
_SDIST_ENDINGS: Final = (".tar.gz", ".zip")

# What most file systems take. In a longer name Python reads no number, and finding a version takes its square.
_LONGEST: Final = 255
# A wheel of 2012 for eight Pythons and six systems has some fifty; a name that means 40 * 40 * 40 wants to hurt.
_MOST_TAGS: Final = 1000


def read_file_name(filename: str, project: NormalizedName | None = None) -> FileName:
    """Return what a file name tells. Nothing is raised for one that tells nothing.

    ``project`` is whose page the file stands on. It settles what the name of an old sdist leaves open:
    ``a-b-1.0.tar.gz`` is 1.0 of ``a-b``, ``foo-1.0-2.tar.gz`` is 1.0-2 (1.0.post2) of ``foo``.
    """
    if filename.endswith(".whl"):
        if len(filename) > _LONGEST or _tags_of(filename) > _MOST_TAGS:
            return FileName(FileKind.WHEEL)
        try:
            name, version, build, tags = parse_wheel_filename(filename)
        except InvalidWheelFilename:
            return FileName(FileKind.WHEEL)
        return FileName(FileKind.WHEEL, name, version, build, tags)
    if len(filename) > _LONGEST or not filename.endswith(_SDIST_ENDINGS):
        return FileName(FileKind.OTHER)
    try:
        name, version = parse_sdist_filename(filename)
    except InvalidSdistFilename:
        return FileName(FileKind.OTHER) if project is None else _sdist_of(filename, project)
    if project is not None and name != project:
        found = _sdist_of(filename, project)
        if found.version is not None:
            return found
    return FileName(FileKind.SDIST, name, version)


def _tags_of(filename: str) -> int:
    """Return how many tags the name of a wheel stands for: each Python with each ABI and each platform."""
    return prod(part.count(".") + 1 for part in filename.removesuffix(".whl").split("-")[-3:])


def _sdist_of(filename: str, project: NormalizedName) -> FileName:
    """Read the name of an sdist whose version has a hyphen in it: the project's name says where the version begins."""
    stem = next(filename.removesuffix(ending) for ending in _SDIST_ENDINGS if filename.endswith(ending))
    for place, letter in enumerate(stem):
        if letter == "-" and canonicalize_name(stem[:place]) == project:
            try:
                return FileName(FileKind.SDIST, project, Version(stem[place + 1 :]))
            except InvalidVersion:
                continue
    return FileName(FileKind.OTHER)
