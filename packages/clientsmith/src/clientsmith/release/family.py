"""The family of the service's API that a package is tied to: ``api_family = "v2"`` in its settings.

The guideline ``python-versioning-api-major`` says that a newer version of the REST API is no reason for a new major
version. A package may bind itself more strictly: its major version promises one family of the service, ``/v2/``. Then
leaving the family is a break, whatever the Python API looks like, and a newer version within it is not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clientsmith.apidiff.bump import Bump

from .versions import Reason

__all__ = ["FamilyUse", "families_in", "reasons_of_family"]

_PATH: Final = re.compile(r"/?(?P<family>v[0-9]+)/")


@dataclass(frozen=True, slots=True)
class FamilyUse:
    """That a source has a path of a family, and where first."""

    family: str
    file: str
    line: int


def families_in(folders: Iterable[Path]) -> dict[str, FamilyUse]:
    """Return the families whose paths stand in the strings of a package's source, ``/v2/jobs``, by name.

    The source is read and never imported. A file that is no Python is passed over: the build will say so.
    """
    found: dict[str, FamilyUse] = {}
    for folder in folders:
        for path in [folder] if folder.is_file() else sorted(folder.rglob("*.py")):
            for use in _in_file(path):
                found.setdefault(use.family, use)
    return found


def _in_file(path: Path) -> list[FamilyUse]:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return []
    documentation = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    return [
        FamilyUse(match["family"], str(path), node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
        if (match := _PATH.match(node.value))
    ]


def reasons_of_family(
    declared_before: str, declared: str, before: Iterable[str], now: dict[str, FamilyUse]
) -> list[Reason]:
    """Return what a package's bond to a family demands: a major version if it was left, and else nothing.

    Args:
        declared_before: What the last release was bound to; "" for nothing.
        declared: What the tip is bound to.
        before: The families whose paths the last release had.
        now: Those of the tip.
    """
    if declared_before and declared != declared_before:
        change = f"is {declared!r}" if declared else "is gone"
        return [Reason(Bump.MAJOR, "api_family", f"{change}, and was {declared_before!r}")]
    if declared and declared in set(before) and declared not in now and now:
        other = min(now.values(), key=lambda one: one.family)
        return [
            Reason(
                Bump.MAJOR,
                f"{other.file}:{other.line}",
                f"the package promises the family {declared} and calls {', '.join(sorted(now))}",
            )
        ]
    return []
