"""`Distribution`: what is known of a package without running any of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

__all__ = ["Distribution", "Kind"]


class Kind(StrEnum):
    """Where a package comes from."""

    FOLDER = "folder"
    WHEEL = "wheel"
    SDIST = "sdist"
    REVISION = "revision"  # of a git repository
    RELEASE = "release"  # a version that an index holds


@dataclass(frozen=True, slots=True)
class Distribution:
    """A package at hand.

    Attributes:
        reference: As the user wrote it, without credentials.
        kind: Where it comes from.
        name: Of the distribution, normalized (PEP 503); "" where nothing says it.
        version: As it is written, "" where nothing says it.
        root: The project's folder, or what was unpacked.
        packages: Folders of packages, and files of modules, by the name they are imported by; of a namespace package
            (PEP 420) its first real packages: ``clientsmith.core``.
        requires: What it depends on, as written; what an extra brings with the marker ``extra == "…"``.
        requires_python: Versions of Python that it is for, "" for any.
        metadata: The ``[project]`` table of pyproject.toml, or the core metadata, as plain data.
        extras: Names of the extras, normalized.
        entry_points: Object references by group and name; ``console_scripts`` are the commands.
        notes: What a user should know of it: that it was yanked, for example.
    """

    reference: str
    kind: Kind
    name: str
    version: str
    root: Path
    packages: Mapping[str, Path]
    requires: tuple[str, ...] = ()
    requires_python: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    extras: tuple[str, ...] = ()
    entry_points: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    notes: tuple[str, ...] = ()

    def shown(self) -> str:
        """Return what people call it: ``naas-client 1.0.0b5``; the reference where it has no name."""
        return f"{self.name} {self.version}".strip() if self.name else self.reference
