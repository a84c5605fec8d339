"""Edits of files that people wrote: one value becomes another, and everything around it stays as it was.

Every function takes a text and returns a text; nothing is read or written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import tomlkit
from clientsmith.findings import InputError
from tomlkit.exceptions import ParseError
from tomlkit.items import Array

__all__ = [
    "RELEASES_HEAD",
    "backend_of",
    "version_file",
    "with_constant",
    "with_entries",
    "with_locked_versions",
    "with_requirements",
    "with_version",
]

RELEASES_HEAD: Final = (
    "# What was released, oldest first: `gate` and `diff` call the last entry of a package "
    '"last", its first "oldest".\n'
    "# A commit is the one that the release was built from.\n"
)

_VERSION_LINE: Final = re.compile(
    r"(?m)^(?P<head>(?:VERSION|__version__)(?:\s*:\s*[\w.\[\]]+)?\s*=\s*)(?P<quote>[\"'])(?P<version>[^\"']*)(?P=quote)"
)


def with_version(pyproject: str, version: str, file: str) -> str:
    """Return a pyproject.toml with another version; one that takes it from a file of the source stays as it is.

    Raises:
        InputError: The version is made by the build, so that it can be written nowhere.
    """
    document = _parsed(pyproject, file)
    project: Any = document.get("project", {})
    if "version" in project:
        project["version"] = version
    elif not version_file(pyproject, file):
        raise InputError(
            f"{file} has no `version` in [project], nor a path in [tool.hatch.version], so none can be written",
            "a release needs a version that stands in a file",
        )
    return tomlkit.dumps(document)  # type: ignore[no-any-return, unused-ignore]


def version_file(pyproject: str, file: str) -> str:
    """Return the file that hatchling takes the version from (``[tool.hatch.version] path``), "" if there is none."""
    found: Any = _parsed(pyproject, file)
    for key in ("tool", "hatch", "version", "path"):
        found = found.get(key, {})
    return str(found) if found else ""


def backend_of(pyproject: str) -> str:
    """Return the build backend that a pyproject.toml names, setuptools where it names none (PEP 517)."""
    system: Any = _parsed(pyproject, "pyproject.toml").get("build-system", {})
    return str(system.get("build-backend") or "setuptools.build_meta")


def with_constant(source: str, old: str, new: str) -> str:
    """Return Python source in which the constant ``VERSION`` or ``__version__`` is ``new`` where it was ``old``."""

    def replaced(found: re.Match[str]) -> str:
        return f"{found['head']}{found['quote']}{new}{found['quote']}" if found["version"] == old else found[0]

    return _VERSION_LINE.sub(replaced, source)


def with_requirements(pyproject: str, changes: Mapping[str, str], file: str) -> str:
    """Return a pyproject.toml in which requirements are replaced, by their text: dependencies and extras.

    Dependency groups stay: nobody who installs the package gets them.
    """
    document = _parsed(pyproject, file)
    project: Any = document.get("project", {})
    lists = [project.get("dependencies"), *project.get("optional-dependencies", {}).values()]
    for one in lists:
        if isinstance(one, Array):
            texts: list[Any] = one.unwrap()
            for place, text in enumerate(texts):
                if text in changes:
                    one[place] = changes[text]
    return tomlkit.dumps(document)  # type: ignore[no-any-return, unused-ignore]


def with_locked_versions(lock: str, versions: Mapping[str, str]) -> str:
    """Return a uv.lock in which members of the workspace have other versions, by their normalised names.

    Only members: a package of the same name from an index has another source.
    """

    def replaced(found: re.Match[str]) -> str:
        version = versions.get(found["name"])
        return found[0] if version is None else f"{found['head']}{version}{found['tail']}"

    pattern = (
        r'(?P<head>\[\[package\]\]\nname = "(?P<name>[^"]+)"\nversion = ")[^"]+'
        r'(?P<tail>"\nsource = \{ (?:editable|virtual|directory) = )'
    )
    return re.sub(pattern, replaced, lock)


def with_entries(releases: str, entries: Iterable[tuple[str, str, str]]) -> str:
    """Return a releases.toml with entries at its end: package, version, commit. What is there already is not repeated.

    Raises:
        InputError: A version of a package is there with another commit.
    """
    known = {
        (one["package"], one["version"]): one["commit"] for one in _parsed(releases, "releases.toml").get("release", [])
    }
    text = releases.rstrip("\n") if releases.strip() else RELEASES_HEAD.rstrip("\n")
    for package, version, commit in entries:
        if (package, version) not in known:
            text += f'\n\n[[release]]\npackage = "{package}"\nversion = "{version}"\ncommit = "{commit}"'
        elif known[package, version] != commit:
            raise InputError(
                f"releases.toml says that {package} {version} was built from {known[package, version]}, not {commit}",
                "a version is released once; take the wrong entry out, or release another version",
            )
    return text + "\n"


def _parsed(text: str, file: str) -> Any:
    try:
        return tomlkit.parse(text)
    except ParseError as problem:
        raise InputError(f"{file} is not TOML: {problem}", "see toml.io for how it is written") from problem
