"""What a folder says about the package in it: its metadata, and where its import packages are. Nothing is run."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from clientsmith.findings import InputError
from packaging.metadata import parse_email
from packaging.utils import canonicalize_name

from .distribution import Distribution, Kind
from .places import find_packages
from .versions import read_version

__all__ = ["describe"]

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Said:
    """What one source of metadata says; "" and empty where it says nothing."""

    name: str = ""
    version: str = ""
    requires: tuple[str, ...] = ()
    requires_python: str = ""
    extras: tuple[str, ...] = ()
    entry_points: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    metadata: Table = field(default_factory=dict[str, Any])


def describe(root: Path, reference: str, kind: Kind) -> Distribution:
    """Read what a folder (or one module) says of itself.

    A built package's metadata win over pyproject.toml, and that over setup.cfg.

    Raises:
        InputError: There is no Python in it, its pyproject.toml is broken, or it has several packages' metadata.
    """
    if root.is_file():
        return Distribution(reference, kind, "", "", root.parent, {root.stem: root})
    if not root.is_dir():
        raise InputError(f"cannot read {reference!r}: it is no folder")
    project = _pyproject(root, reference)
    said = _said(root, project, reference)
    packages = find_packages(root, project, said.name)
    if not packages:
        if (compiled := _compiled(root)) is not None:
            raise InputError(
                f"cannot read {reference!r}: it has compiled modules only ({compiled})",
                "what is compiled is told by stubs (.pyi): compare two sdists, or wheels that carry them",
            )
        hint = "give the folder of a project (pyproject.toml or setup.py), or of a package (__init__.py)"
        raise InputError(f"cannot read {reference!r}: no Python package in it", hint)
    return Distribution(
        reference=reference,
        kind=kind,
        name=canonicalize_name(said.name) if said.name else "",
        version=said.version or read_version(root, project, packages),
        root=root,
        packages=packages,
        requires=said.requires,
        requires_python=said.requires_python,
        metadata=said.metadata,
        extras=said.extras,
        entry_points=said.entry_points,
    )


_COMPILED: Final = (".so", ".pyd", ".pyc")


def _compiled(root: Path) -> str | None:
    """Return a compiled module that lies at the root or in a package there, None if there is none."""
    files = (path for pattern in ("*", "*/*") for path in sorted(root.glob(pattern)))
    return next((path.relative_to(root).as_posix() for path in files if path.suffix in _COMPILED), None)


def _said(root: Path, project: Table, reference: str) -> _Said:
    built = sorted(root.glob("*.dist-info/METADATA"))
    if len(built) > 1:
        names = ", ".join(path.parent.name for path in built[:3])
        raise InputError(f"cannot read {reference!r}: several packages are in it ({names}, …)", "give one wheel")
    if built:
        return _from_core(built[0], built[0].with_name("entry_points.txt"))
    information = root / "PKG-INFO"  # of an sdist
    if isinstance(project.get("project"), dict):
        said = _from_project(project["project"])
        if information.is_file():
            core = _from_core(information, information.with_name("entry_points.txt"))
            return _completed(said, core)
        return said
    if information.is_file():
        eggs = sorted([*root.glob("*.egg-info"), *root.glob("src/*.egg-info")])
        return _from_core(information, (eggs[0] if eggs else root) / "entry_points.txt")
    return _from_setup_cfg(root)


def _completed(said: _Said, core: _Said) -> _Said:
    """What pyproject.toml leaves to the build (``dynamic``) stands in the sdist's metadata."""
    return _Said(
        name=said.name or core.name,
        version=core.version or said.version,
        requires=said.requires or core.requires,
        requires_python=said.requires_python or core.requires_python,
        extras=said.extras or core.extras,
        entry_points=said.entry_points or core.entry_points,
        metadata=said.metadata,
    )


# --- core metadata ---------------------------------------------------------------------------------------------------


def _from_core(file: Path, entry_points: Path) -> _Said:
    raw, _ = parse_email(file.read_bytes())
    return _Said(
        name=raw.get("name", ""),
        version=raw.get("version", ""),
        requires=tuple(raw.get("requires_dist", ())),
        requires_python=raw.get("requires_python", ""),
        extras=tuple(sorted(canonicalize_name(extra) for extra in raw.get("provides_extra", ()))),
        entry_points=_entry_points(entry_points),
        metadata={key: value for key, value in raw.items() if key != "description"},
    )


def _entry_points(file: Path) -> dict[str, Mapping[str, str]]:
    if not file.is_file():
        return {}
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names are case-sensitive
    try:
        parser.read_string(file.read_text(encoding="utf-8", errors="replace"))
    except configparser.Error:
        return {}  # installers take such a file for empty, too
    return {group: dict(parser.items(group)) for group in parser.sections()}


# --- projects --------------------------------------------------------------------------------------------------------


def _pyproject(root: Path, reference: str) -> Table:
    file = root / "pyproject.toml"
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise InputError(f"cannot read {reference!r}: its pyproject.toml is no TOML: {problem}") from problem


def _from_project(project: Table) -> _Said:
    requires = [str(one) for one in project.get("dependencies", ())]
    optional: Mapping[str, Any] = project.get("optional-dependencies", {})
    for extra, ones in optional.items():
        requires += (_for_extra(str(one), canonicalize_name(extra)) for one in ones)
    groups = {"console_scripts": project.get("scripts", {}), "gui_scripts": project.get("gui-scripts", {})}
    groups |= project.get("entry-points", {})
    return _Said(
        name=str(project.get("name", "")),
        version=str(project.get("version", "")),
        requires=tuple(requires),
        requires_python=str(project.get("requires-python", "")),
        extras=tuple(sorted(canonicalize_name(extra) for extra in optional)),
        entry_points={group: dict(points) for group, points in groups.items() if points},
        metadata=project,
    )


def _for_extra(requirement: str, extra: str) -> str:
    text, separator, marker = requirement.partition(";")
    condition = f"({marker.strip()}) and " if separator else ""
    return f'{text.strip()} ; {condition}extra == "{extra}"'


_ATTRIBUTE: Final = re.compile(r"^\s*attr:\s*(\S+)\s*$")


def _from_setup_cfg(root: Path) -> _Said:
    """Read what setup.cfg says, else what setup.py passes as plain text: no more of it is known without running it."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    file = root / "setup.cfg"
    if file.is_file():
        try:
            parser.read_string(file.read_text(encoding="utf-8", errors="replace"))
        except configparser.Error:
            parser = configparser.ConfigParser(interpolation=None)
    metadata = dict(parser.items("metadata")) if parser.has_section("metadata") else {}
    options = dict(parser.items("options")) if parser.has_section("options") else {}
    version = metadata.get("version", "")
    called = _setup_call(root / "setup.py")
    return _Said(
        name=metadata.get("name", "") or called.get("name", ""),
        version=""
        if _ATTRIBUTE.match(version) or version.startswith("file:")
        else version or called.get("version", ""),
        requires=tuple(line.strip() for line in options.get("install_requires", "").splitlines() if line.strip()),
        requires_python=options.get("python_requires", "") or called.get("python_requires", ""),
        metadata=metadata or called,
    )


def _setup_call(file: Path) -> dict[str, str]:
    """Return the texts that setup.py passes to ``setup``; names stand for the texts that they were given in it."""
    if not file.is_file():
        return {}
    source = file.read_text(encoding="utf-8", errors="replace")
    names = dict(re.findall(r"""^([A-Z_a-z]\w*)\s*=\s*["']([^"'\n]*)["']\s*$""", source, re.MULTILINE))
    found: dict[str, str] = {}
    for key in ("name", "version", "python_requires"):
        match = re.search(rf"""\b{key}\s*=\s*(?:["'](?P<text>[^"'\n]*)["']|(?P<name>[A-Za-z_]\w*))\s*[,)]""", source)
        if match:
            value = match["text"] if match["text"] is not None else names.get(match["name"], "")
            if value:
                found[key] = value
    return found
