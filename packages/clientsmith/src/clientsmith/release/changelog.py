"""The changelog: fragments become the section of a version, which is put above all earlier ones.

The form is that of "Keep a Changelog": a heading a version with its date, below it a heading a kind of change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from packaging.version import Version

from .fragments import KINDS, Fragment

__all__ = ["inserted", "section", "unreleased"]

_VERSION_HEADING: Final = re.compile(r"(?m)^## ")
_UNRELEASED: Final = re.compile(r"(?im)^## \[?unreleased\]?[^\n]*\n(?P<body>.*?)(?=^## |\Z)", re.DOTALL)


def section(version: Version, day: date, fragments: Iterable[Fragment]) -> str:
    """Return the section of a version, ending in one line end. Kinds stand in the order of `KINDS`."""
    told = list(fragments)
    parts = [f"## {version} ({day.isoformat()})"]
    for kind, info in KINDS.items():
        lines = [_bullet(one.text) for one in told if one.kind is kind]
        if info.heading and lines:
            parts.append(f"### {info.heading}\n\n" + "\n".join(lines))
    if len(parts) == 1:
        parts.append(f"The same as the release before it, as {version}.")
    return "\n\n".join(parts) + "\n"


def inserted(changelog: str, name: str, new: str) -> str:
    """Return a changelog with a section above all earlier ones; a changelog that was empty gets a title."""
    if not changelog.strip():
        return f"# Changelog of {name}\n\n{new}"
    found = _VERSION_HEADING.search(changelog)
    if found is None:
        return f"{changelog.rstrip()}\n\n{new}"
    return f"{changelog[: found.start()]}{new}\n{changelog[found.start() :]}"


def unreleased(changelog: str) -> int | None:
    """Return the line of a section "Unreleased" with text in it, counted from 1; None if there is none.

    Such entries have no kind, so that no version can be decided from them.
    """
    found = _UNRELEASED.search(changelog)
    if found is None or not found["body"].strip():
        return None
    return changelog.count("\n", 0, found.start()) + 1


def _bullet(text: str) -> str:
    first, *rest = text.splitlines()
    return "\n".join([f"- {first}", *(f"  {line}" if line.strip() else "" for line in rest)])
