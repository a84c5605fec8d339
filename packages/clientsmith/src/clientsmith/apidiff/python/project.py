"""What the project promises beside its code: Pythons, dependencies, extras, commands, entry points, types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from clientsmith.distributions import Distribution
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..difference import Difference, Kind, Place
from .rules import RULES

__all__ = ["compare_projects"]

# Extras that are there for those who work on the project, until dependency groups (PEP 735) took their place.
_DEVELOPERS: Final = re.compile(
    r"(dev|develop|development|tests?|testing|docs?|lint|cov|coverage|bench|benchmark|typing)\b"
)
_COMMANDS: Final = ("console_scripts", "gui_scripts")


def compare_projects(old: Distribution, new: Distribution) -> list[Difference]:
    """Tell what is other about the metadata; where one side has none, nothing of it."""
    found: list[Difference] = []
    if old.metadata and new.metadata:
        found += _pythons(old, new)
        found += _dependencies(old, new)
        found += _extras(old, new)
        found += _entry_points(old, new)
    return [*found, *_typing(old, new)]


def _told(rule: str, subject: str, message: str, old: Distribution, new: Distribution) -> Difference:
    info = RULES[rule]
    return Difference(rule, info.kind, subject, message, info.advice, _place(old), _place(new))


def _place(distribution: Distribution) -> Place | None:
    file = distribution.root / "pyproject.toml"
    return Place("pyproject.toml") if file.is_file() else Place("METADATA")


def _pythons(old: Distribution, new: Distribution) -> Iterator[Difference]:
    lost = [version for version in _minors() if _takes(old, version) and not _takes(new, version)]
    if lost:
        message = f"was for Python {old.requires_python or 'of any version'}, is for {new.requires_python}"
        yield _told("requires-python-raised", "requires-python", message, old, new)


def _minors() -> list[str]:
    return ["2.7.99", *(f"3.{minor}.99" for minor in range(3, 15))]


def _takes(distribution: Distribution, version: str) -> bool:
    try:
        return SpecifierSet(distribution.requires_python).contains(version)
    except InvalidSpecifier:
        return True


# --- dependencies ----------------------------------------------------------------------------------------------------


def _dependencies(old: Distribution, new: Distribution) -> Iterator[Difference]:
    was, now = _requirements(old), _requirements(new)
    for key, specifier in now.items():
        subject = f"dependencies.{key[0]}" + (f"[{key[1]}]" if key[1] else "")
        where = f" for the extra {key[1]!r}" if key[1] else ""
        if key not in was:
            if not key[1] or key[1] in old.extras:
                message = f"needs {key[0]}{specifier}{where}".rstrip()
                yield _told("dependency-added", subject, message, old, new)
        elif specifier != was[key] and (lost := _lost(was[key], specifier)):
            message = f"took {key[0]}{was[key]}, takes {key[0]}{specifier}: not {lost} any more{where}"
            yield _told("dependency-narrowed", subject, message, old, new)
    for key in was:
        if key not in now and not (key[1] and key[1] not in new.extras):
            subject = f"dependencies.{key[0]}" + (f"[{key[1]}]" if key[1] else "")
            yield _told("dependency-removed", subject, "is not needed any more", old, new)


def _requirements(distribution: Distribution) -> dict[tuple[str, str], SpecifierSet]:
    """Return what is needed by name and extra; several lines for one name (by marker) become one."""
    found: dict[tuple[str, str], SpecifierSet] = {}
    for text in distribution.requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        extras = [extra for extra in distribution.extras if _is_for(requirement, extra)] if requirement.marker else [""]
        for extra in extras or [""]:
            key = canonicalize_name(requirement.name), extra
            found[key] = requirement.specifier if key not in found else found[key] & SpecifierSet()
    return found


def _is_for(requirement: Requirement, extra: str) -> bool:
    text = str(requirement.marker).replace("'", '"')
    return f'extra == "{extra}"' in text or f'extra == "{extra.replace("-", "_")}"' in text


def _lost(old: SpecifierSet, new: SpecifierSet) -> str:
    """Return a version that the one takes and the other does not, "" if there seems to be none.

    Tried are the versions that stand in either, and those just around them: between these nothing changes.
    """
    versions = [Version(text) for text in _mentioned([old, new])]
    for version in sorted(versions, reverse=True):
        if old.contains(version, prereleases=True) and not new.contains(version, prereleases=True):
            return str(version)
    return ""


def _mentioned(sets: Iterable[SpecifierSet]) -> Iterator[str]:
    yield "0"
    for one in sets:
        for specifier in one:
            try:
                version = Version(specifier.version.removesuffix(".*"))
            except ValueError:
                continue
            release = [*version.release, 0, 0][:3]
            yield str(version)
            yield f"{release[0]}.{release[1]}.{release[2] + 1}"
            yield f"{release[0] + 1}.0"
            if release[2]:
                yield f"{release[0]}.{release[1]}.{release[2] - 1}"
            if release[1]:
                yield f"{release[0]}.{release[1] - 1}.99"
            elif release[0]:
                yield f"{release[0] - 1}.99"


# --- extras, entry points, types -------------------------------------------------------------------------------------


def _extras(old: Distribution, new: Distribution) -> Iterator[Difference]:
    for extra in sorted({*old.extras} - {*new.extras}):
        told = _told("extra-removed", f"[{extra}]", "is gone", old, new)
        yield replace(told, kind=Kind.FIX) if _DEVELOPERS.match(extra) else told
    for extra in sorted({*new.extras} - {*old.extras}):
        yield _told("extra-added", f"[{extra}]", "is new", old, new)


def _entry_points(old: Distribution, new: Distribution) -> Iterator[Difference]:
    for group in sorted({*old.entry_points, *new.entry_points}):
        was, now = old.entry_points.get(group, {}), new.entry_points.get(group, {})
        word = "command" if group in _COMMANDS else "entry-point"
        for name in sorted({*was} - {*now}):
            yield _told(f"{word}-removed", name if word == "command" else f"{group}.{name}", "is gone", old, new)
        for name in sorted({*now} - {*was}):
            yield _told(f"{word}-added", name if word == "command" else f"{group}.{name}", "is new", old, new)


def _typing(old: Distribution, new: Distribution) -> Iterator[Difference]:
    for name in sorted({*old.packages} & {*new.packages}):
        was, now = _is_typed(old.packages[name]), _is_typed(new.packages[name])
        if was and not now:
            yield _told("typing-removed", f"{name}/py.typed", "is gone", old, new)
        if now and not was:
            yield _told("typing-added", f"{name}/py.typed", "is there now", old, new)


def _is_typed(place: Path) -> bool:
    return place.is_dir() and (place / "py.typed").is_file()
