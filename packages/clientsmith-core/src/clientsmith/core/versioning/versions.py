"""Versions of an API: what a text means, and which of two is newer.

A version is compared by its numbers, never as text or as a decimal fraction: 1.10 is newer than 1.9, and 3.20 is not
3.2 (rule R1). What the numbers mean differs by service, so every version has a `VersionFormat`, and versions of two
formats are not compared.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import total_ordering
from typing import Any, Final

from .errors import MalformedVersionError

__all__ = ["ApiVersion", "VersionFormat"]


class VersionFormat(Enum):
    """How a service writes its versions, and what a step from one to the next means."""

    MAJOR_MINOR = "Major.Minor"
    """``1.4``: a new minor adds, a new major breaks (PEP 629)."""
    MICROVERSION = "microversion"
    """``2.95``: a counter in which any step may break (OpenStack)."""
    DATE = "date"
    """``2026-06-01``, ``2026-06-01-preview``, ``2024-06-20.acacia``, ``2026-10``: equal or not (Azure, Stripe, GitHub,
    Shopify)."""
    SEMVER = "semantic version"
    """``1.2.3``, ``1.2.3-rc.1``: a new major breaks (semver 2.0.0)."""
    NAMED = "version name"
    """``v1``, ``v1beta2``, ``v1p1beta1``, ``r0.6.1``: as in paths (Kubernetes, Google, Matrix, gRPC)."""
    OPAQUE = "text"
    """Anything: only equal or not."""


# ASCII digits: `\d` would take those of every script.
_SHAPES: Final = {
    VersionFormat.MAJOR_MINOR: re.compile(r"([0-9]{1,9})\.([0-9]{1,9})"),
    VersionFormat.MICROVERSION: re.compile(r"([0-9]{1,9})\.([0-9]{1,9})"),
    VersionFormat.DATE: re.compile(
        r"([0-9]{4})-(0[1-9]|1[0-2])(?:-(0[1-9]|[12][0-9]|3[01]))?(?:[-.]([A-Za-z][0-9A-Za-z.-]{0,39}))?"
    ),
    VersionFormat.SEMVER: re.compile(
        r"([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})(?:-([0-9A-Za-z.-]{1,80}))?(?:\+[0-9A-Za-z.-]{1,80})?"
    ),
    VersionFormat.NAMED: re.compile(
        r"[vVrR]?([0-9]{1,9})(?:[.p]([0-9]{1,9}))?(?:\.([0-9]{1,9}))?(?:[-.]?(alpha|beta|rc|preview)\.?([0-9]{0,9}))?"
    ),
    # Nothing that a terminal obeys, nor what turns the direction of a line: it stands in messages.
    VersionFormat.OPAQUE: re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]{1,200}"),
}
_EXAMPLES: Final = {
    VersionFormat.MAJOR_MINOR: "Major.Minor, such as 1.4",
    VersionFormat.MICROVERSION: "a microversion, such as 2.95",
    VersionFormat.DATE: "a date, such as 2026-06-01",
    VersionFormat.SEMVER: "a semantic version, such as 1.2.3",
    VersionFormat.NAMED: "a version's name, such as v2",
    VersionFormat.OPAQUE: "a text without control characters",
}
_STAGES: Final = {"alpha": 0, "preview": 1, "beta": 1, "rc": 2, "": 3}
# What a date carries behind it when it is not final. Stripe's names of releases (`acacia`) are final.
_PREVIEW: Final = re.compile(r"(^|[-.])(preview|alpha|beta|rc|private)")
_HAS_FAMILY: Final = frozenset(
    {VersionFormat.MAJOR_MINOR, VersionFormat.MICROVERSION, VersionFormat.SEMVER, VersionFormat.NAMED}
)


@total_ordering
class ApiVersion:
    """A version of an API, as somebody said it.

    Attributes:
        text: As it was written.
        format: How it is to be understood.
        key: What it is compared by, a tuple of numbers and, for pre-releases, texts; the text where nothing else is.
        family: The major version: what is new in another one breaks. None where the format has none.
        is_preview: Whether it is not final yet.
    """

    __slots__ = ("family", "format", "is_preview", "key", "text")

    text: str
    format: VersionFormat
    key: tuple[Any, ...]
    family: int | None
    is_preview: bool

    def __init__(self, text: str, format: VersionFormat) -> None:
        """Read a version.

        Raises:
            MalformedVersionError: The text is none of the format.
        """
        found = _SHAPES[format].fullmatch(text)
        if found is None:
            raise MalformedVersionError(text, wanted=_EXAMPLES[format])
        key, is_preview = _key(found, format)
        family = int(found[1]) if format in _HAS_FAMILY else None
        for name, value in zip(ApiVersion.__slots__, (family, format, is_preview, key, text), strict=True):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an ApiVersion never changes; {name} cannot be assigned")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ApiVersion):
            return NotImplemented
        return self.format is other.format and self.key == other.key

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, ApiVersion):
            return NotImplemented
        if self.format is not other.format:
            raise TypeError(f"{self} is a {self.format.value}, and {other} is a {other.format.value}: neither is newer")
        return self.key < other.key

    def __hash__(self) -> int:
        return hash((self.format, self.key))

    def __reduce__(self) -> tuple[Any, ...]:
        return ApiVersion, (self.text, self.format)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"ApiVersion({self.text!r}, {self.format})"


def _key(found: re.Match[str], format: VersionFormat) -> tuple[tuple[Any, ...], bool]:
    """Return what a version is compared by, and whether it is a preview."""
    if format in (VersionFormat.MAJOR_MINOR, VersionFormat.MICROVERSION):
        return (int(found[1]), int(found[2])), False
    if format is VersionFormat.DATE:
        suffix = (found[4] or "").lower()  # Azure takes `-Preview` for `-preview`
        is_preview = _PREVIEW.search(suffix) is not None
        return (int(found[1]), int(found[2]), int(found[3] or 0), not is_preview, suffix), is_preview
    if format is VersionFormat.SEMVER:
        numbers = (int(found[1]), int(found[2]), int(found[3]))
        return (*numbers, found[4] is None, _precedence(found[4] or "")), found[4] is not None
    if format is VersionFormat.NAMED:
        stage = found[4] or ""
        parts = tuple(int(part or 0) for part in (found[1], found[2], found[3]))
        return (*parts, _STAGES[stage], int(found[5] or 0)), bool(stage)
    return (found[0],), False


def _precedence(identifiers: str) -> tuple[tuple[int, int, str], ...]:
    """Return a pre-release as it is compared: numbers before names, fewer parts before more (semver, item 11)."""
    parts = identifiers.split(".") if identifiers else []
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
