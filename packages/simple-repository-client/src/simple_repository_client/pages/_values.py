"""Single values of a page: each is read kindly, and what was not as it should be is noted.

The rule: a value that can be read in one way only is read, any other one counts as not given. Only hashes are kept
even where they cannot be right: without them, a file would be taken unverified.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from ._urls import absolute, web_url
from .findings import Finding, shown
from .status import ProjectStatus

__all__ = ["Notes", "boolean", "hashes", "provenance", "size", "status", "text", "timestamp", "url"]


class Notes(list[Finding]):
    """What was noticed while something was read.

    Attributes:
        place: The file that is being read, "" for the page.
    """

    __slots__ = ("place",)

    def __init__(self, place: str = "") -> None:
        super().__init__()
        self.place = place

    def note(self, name: str, message: str, source: str) -> None:
        """Remember a finding about a value."""
        self.append(Finding(self.place, f"{name} {message}", source) if self.place else Finding(name, message, source))

    def unusable(self, name: str, value: object, wanted: str, source: str) -> None:
        """Remember that a value cannot be used and counts as not given."""
        self.note(name, f"is {shown(value)}, not {wanted}; taken as not given", source)


def text(value: Any, name: str, notes: Notes, source: str) -> str | None:
    """Return a text without the white space around it; None for "" and null too."""
    if isinstance(value, str):
        return value.strip() or None
    if value is not None:
        notes.unusable(name, value, "a text", source)
    return None


def boolean(value: Any, name: str, notes: Notes, source: str) -> bool | None:
    """Return true, false, or None for null."""
    if value is None or isinstance(value, bool):
        return value
    notes.unusable(name, value, "true or false", source)
    return None


def size(value: Any, notes: Notes) -> int | None:
    """Return a size in bytes."""
    if value is None or (value.__class__ is int and value >= 0):
        return value
    notes.unusable("size", value, "a number of bytes", "PEP 700")
    return None


def hashes(value: Any, name: str, notes: Notes, source: str) -> dict[str, str]:
    """Return hashes by algorithm, both in lower case. What is no text is left out, what is no hash is not."""
    if not isinstance(value, Mapping):
        if value is not None:
            notes.unusable(name, value, "an object of hashes", source)
        return {}
    read: dict[str, str] = {}
    for algorithm, digest in cast("Mapping[str, object]", value).items():
        if isinstance(digest, str):
            read[algorithm.lower()] = digest.lower()
        else:
            notes.unusable(f"{name}.{algorithm}", digest, "a text of hexadecimal digits", source)
    return read


_TIMESTAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)


def timestamp(value: Any, name: str, notes: Notes) -> datetime | None:
    """Return a time in UTC: ``yyyy-mm-ddThh:mm:ss[.ffffff]Z``; other forms of ISO 8601 are read, and noted.

    A time without a zone is one in UTC, as all of them should be.
    """
    if value is None:
        return None
    wanted = "a time such as 2026-11-21T08:00:00.123456Z"
    try:
        read = datetime.fromisoformat(value)
        read = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):  # the last one for a time on the first day or the last
        notes.unusable(name, value, wanted, "PEP 700")
        return None
    if _TIMESTAMP.fullmatch(value) is None:
        notes.note(name, f"is {shown(value)}, not {wanted}; read as {read:%Y-%m-%dT%H:%M:%S.%f}Z", "PEP 700")
    return read


def url(value: str, base: str, notes: Notes) -> str:
    """Return the URL of a file, absolute; what cannot be one stays as it is, and `ProjectFile.obstacle` refuses it."""
    try:
        return absolute(base, value)
    except ValueError as error:
        notes.note("url", f"is {shown(value)}, which is no URL: {error}", "RFC 3986")
        return value


def provenance(value: object, name: str, base: str, notes: Notes) -> str | None:
    """Return the URL of attestations, absolute."""
    if isinstance(value, str) and (found := web_url(base, value)):
        return found
    notes.unusable(name, value, "a URL of http or https", "PEP 740")
    return None


def status(word: str | None, name: str, notes: Notes) -> ProjectStatus | str:
    """Return the status of a project; none is ``active`` (PEP 792)."""
    if word is None:
        return ProjectStatus.ACTIVE
    try:
        return ProjectStatus(word)
    except ValueError:
        notes.note(name, f"is {shown(word)}, which this client does not know; kept as it is", "PEP 792")
        return word
