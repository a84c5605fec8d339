"""Lets `uv run --package MEMBER pytest` work: the tests of members that are not installed are not collected."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

PACKAGES = Path(__file__).parent / "packages"


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


collect_ignore = [str(member) for member in PACKAGES.iterdir() if member.is_dir() and not _is_installed(member.name)]
if not all(_is_installed(member.name) for member in PACKAGES.iterdir() if member.is_dir()):
    collect_ignore.append(str(Path(__file__).parent / "tests"))  # these are about the workspace as a whole
