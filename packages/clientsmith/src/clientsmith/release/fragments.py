"""Change fragments: one file a change, which says what kind of change it is and what users have to know of it.

A fragment is ``<package>/changes/<name>.<kind>.md``. The kinds are a closed list (`KINDS`): each names the part of the
version that it moves by Semantic Versioning, and the heading of the changelog under which it stands. Two branches that
each add a file never conflict, which two that each add a line to a changelog do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from clientsmith.apidiff.bump import Bump
from clientsmith.findings import Finding, InputError, Severity

__all__ = ["KINDS", "ChangeKind", "Fragment", "KindInfo", "bump_of_fragments", "read_fragments", "write_fragment"]


class ChangeKind(StrEnum):
    """What a change is to those who use the package."""

    BREAKING = "breaking"
    ADDED = "added"
    CHANGED = "changed"
    DEPRECATED = "deprecated"
    FIXED = "fixed"
    SECURITY = "security"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class KindInfo:
    """What a kind means, what it demands, and where it stands in the changelog; "" for nowhere."""

    bump: Bump
    heading: str
    meaning: str


# In the order of the changelog. SemVer, 6 to 8: a fix is a patch, new and deprecated API a minor, a break a major.
KINDS: Final[Mapping[ChangeKind, KindInfo]] = {
    ChangeKind.BREAKING: KindInfo(Bump.MAJOR, "Breaking", "code that was right has to be changed; the text says how"),
    ChangeKind.ADDED: KindInfo(Bump.MINOR, "Added", "there is something that was not there before"),
    ChangeKind.CHANGED: KindInfo(
        Bump.MINOR, "Changed", "something works differently, and right code stays right; a newer default API version"
    ),
    ChangeKind.DEPRECATED: KindInfo(Bump.MINOR, "Deprecated", "something works, and will be taken away"),
    ChangeKind.FIXED: KindInfo(Bump.PATCH, "Fixed", "something works now as it was said to"),
    ChangeKind.SECURITY: KindInfo(Bump.PATCH, "Security", "a weakness is gone"),
    ChangeKind.INTERNAL: KindInfo(Bump.NONE, "", "nobody who uses the package can see it; not in the changelog"),
}

_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Those that move a terminal's cursor or turn the direction of writing: a changelog would say other than it shows.
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# What may lie in the folder beside fragments: it explains itself, and git keeps no empty folders.
_NO_FRAGMENTS: Final = frozenset({"README.md", ".gitkeep", ".gitignore"})


@dataclass(frozen=True, slots=True)
class Fragment:
    """One change of one package. ``file`` is its path, ``text`` Markdown without a bullet."""

    package: str
    name: str
    kind: ChangeKind
    text: str
    file: Path

    @property
    def bump(self) -> Bump:
        return KINDS[self.kind].bump


def bump_of_fragments(fragments: Iterable[Fragment]) -> Bump:
    """Return what the weightiest of the fragments asks for; NONE if there are none."""
    return max((one.bump for one in fragments), default=Bump.NONE)


def read_fragments(folder: Path, package: str) -> tuple[list[Fragment], list[Finding]]:
    """Read the fragments in a folder, by name, and everything that is wrong with its files.

    A folder that is not there has none.
    """
    fragments: list[Fragment] = []
    findings: list[Finding] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name in _NO_FRAGMENTS:
            continue
        read = _read(path, package)
        if isinstance(read, Fragment):
            fragments.append(read)
        else:
            findings.append(read)
    return fragments, findings


def write_fragment(folder: Path, package: str, kind: ChangeKind, text: str, name: str = "") -> Fragment:
    """Write a fragment and return it; without a name the first words of the text are it.

    Raises:
        InputError: The name is none, there is a fragment of it already, or the text says nothing or is no prose.
    """
    text = text.strip()
    if problem := _problem_of_text(text):
        raise InputError(f"cannot write the fragment: {problem[0]}", problem[1])
    if name and not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} is no name for a fragment", "lower case letters, digits, single dashes: `retry-after-zero`"
        )
    path = folder / f"{name or _name_from(text)}.{kind.value}.md"
    if path.exists() and not name:
        path = _free(folder, path, kind)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(f"{text}\n")
    except FileExistsError as problem_:
        raise InputError(f"there is a fragment {path} already", "give another --name") from problem_
    except OSError as problem_:
        raise InputError(f"cannot write {path}: {problem_.strerror or problem_}") from problem_
    return Fragment(package, path.name.split(".")[0], kind, text, path)


def _read(path: Path, package: str) -> Fragment | Finding:
    parts = path.name.split(".")
    kinds = ", ".join(kind.value for kind in ChangeKind)
    if path.is_symlink():
        # What it leads to may be anybody's, and the release would take that away.
        return _finding(path, "fragment-name", f"{path.name} is a symbolic link, and no file", "make a file of it")
    if not path.is_file() or len(parts) != 3 or parts[2] != "md" or not _NAME.fullmatch(parts[0]):
        return _finding(
            path,
            "fragment-name",
            f"{path.name} is no fragment's name",
            f"<name>.<kind>.md: lower case letters, digits and dashes, and a kind of {kinds}",
        )
    if parts[1] not in set(ChangeKind):
        return _finding(path, "fragment-kind", f"{parts[1]!r} is no kind of change", f"one of {kinds}")
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as problem:
        return _finding(path, "fragment-text", f"cannot be read: {problem}", "write it as UTF-8 text")
    if problem_of_text := _problem_of_text(text):
        return _finding(path, "fragment-text", *problem_of_text)
    return Fragment(package, parts[0], ChangeKind(parts[1]), text, path)


def _problem_of_text(text: str) -> tuple[str, str] | None:
    """Return what is wrong with a fragment's text, and what to do; None if nothing is."""
    if not text:
        return "it says nothing", "write in a sentence what users will notice, and how to adapt"
    if found := _CONTROL.search(text):
        return f"it has the control character {found[0]!r}", "write it as plain text"
    if re.search(r"(?m)^#", text):
        return "it has a heading, which would end the section of the changelog", "write a sentence or a few"
    if re.match(r"[-*+]\s", text):
        return "it begins with a bullet, which the changelog adds", "write a sentence; one change a file"
    return None


def _finding(path: Path, rule: str, message: str, hint: str) -> Finding:
    return Finding(rule, Severity.ERROR, message, hint, file=str(path), line=1, column=1)


def _name_from(text: str) -> str:
    words = re.findall(r"[a-z0-9]+", text.lower())[:5]
    return "-".join(words) or "change"


def _free(folder: Path, path: Path, kind: ChangeKind) -> Path:
    """Return the first path like ``path`` that nothing is at: ``added-a-thing-2.added.md``."""
    stem, number = path.name.split(".")[0], 2
    while (candidate := folder / f"{stem}-{number}.{kind.value}.md").exists():
        number += 1
    return candidate
