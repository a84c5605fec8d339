"""What a service offers: its versions, the one for requests that name none, and what its answers say about them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import cast

from clientsmith.core.versioning import ApiVersion, Known, MalformedVersionError, VersionFormat

from .fields import checked_value
from .refusals import quoted
from .values import Field, Refusal

__all__ = ["Offer", "format_of", "offer"]

# The order in which a format is guessed: from what says most to what says least. Texts that look like none of them are
# opaque.
_GUESSES = (VersionFormat.DATE, VersionFormat.SEMVER, VersionFormat.MAJOR_MINOR, VersionFormat.NAMED)
_LEADING_ZEROS = re.compile(r"(?<![0-9A-Za-z])0+(?=[0-9])")
# Between two of these nobody knows which others there are.
_LISTED = (VersionFormat.DATE, VersionFormat.NAMED, VersionFormat.OPAQUE)


class Offer:
    """The versions that a service speaks, a list or a range, and the default among them.

    Attributes:
        known: The versions.
        default: What a request without a version gets, None: it is refused.
    """

    def __init__(self, known: Known, default: ApiVersion | None) -> None:
        self.known = known
        self.default = default
        self._by_text = {version.text: version for version in known.versions}
        # Clients ask for the same few versions of a range; who makes texts up only pays for reading them.
        self._parsed = lru_cache(maxsize=256)(self._parse)

    def find(self, text: str) -> ApiVersion | None:
        """Return the version that a request means, in the service's own spelling; None if it is not offered.

        Raises:
            MalformedVersionError: The text is no version.
        """
        listed = self._by_text.get(text)
        return self._parsed(text) if listed is None else listed

    def _parse(self, text: str) -> ApiVersion | None:
        asked = ApiVersion(text, self.known.format)
        if self.known.versions:
            return next((version for version in self.known.versions if version == asked), None)
        if not self.known.floor <= asked <= self.known.newest:
            return None
        # 2.030 is 2.30: an answer says the one that was executed, written as the service writes it.
        return ApiVersion(_LEADING_ZEROS.sub("", text), self.known.format)

    def spelling(self, text: str) -> str:
        """Return how the service itself writes a version, "" if it does not offer it."""
        try:
            found = self.find(text)
        except MalformedVersionError:
            return ""
        return "" if found is None else found.text

    def fields(self, supported: str, version: str) -> tuple[Field, ...]:
        """Return the header fields that tell which versions there are.

        Args:
            supported: Name of the field for a list, "" for none.
            version: Name of the field in which a version is said; those for the ends of a range are made from it, as
                ironic does: ``X-API-Version`` → ``X-API-Minimum-Version``, ``X-API-Maximum-Version``.
        """
        known = self.known
        if known.versions:
            return ((supported, ", ".join(map(str, known.versions))),) if supported else ()
        stem = version[: -len("-Version")] if version.lower().endswith("-version") else version
        ends = ((f"{stem}-Minimum-Version", known.floor.text), (f"{stem}-Maximum-Version", known.newest.text))
        return ends if version else ()

    def refuse(self, text: str, *, status: int = 400, headers: tuple[Field, ...] = ()) -> Refusal:
        """Return the refusal of a version that is not offered."""
        detail = f"this service does not speak API version {quoted(text)}; it speaks {self.known}"
        return Refusal(status, "UnsupportedApiVersion", detail, self._members, headers)

    def refuse_malformed(self, error: MalformedVersionError, *, where: str, headers: tuple[Field, ...] = ()) -> Refusal:
        """Return the refusal of a text that is no version."""
        detail = f"{where} says {quoted(error.found)}; it has to be {error.wanted}; this service speaks {self.known}"
        return Refusal(400, "MalformedApiVersion", detail, self._members, headers)

    def refuse_absent(self, *, where: str, headers: tuple[Field, ...] = ()) -> Refusal:
        """Return the refusal of a request that names no version, where one is required."""
        detail = f"a request has to say which API version it wants, in {where}; this service speaks {self.known}"
        return Refusal(400, "ApiVersionRequired", detail, self._members, headers)

    @cached_property
    def _members(self) -> dict[str, object]:
        known = self.known
        if known.versions:
            return {"supported_versions": [str(version) for version in known.versions]}
        return {"min_version": str(known.floor), "max_version": str(known.newest)}


def offer(
    versions: Iterable[str],
    *,
    oldest: str = "",
    newest: str = "",
    default: str = "",
    required: bool = False,
    format: VersionFormat | None = None,
) -> Offer:
    """Return an offer from texts.

    Args:
        versions: All versions, in any order; or none, and ``oldest`` and ``newest`` are the ends of a range.
        oldest, newest: The range: for versions of numbers, of one major version.
        default: What a request without a version gets; the oldest final one, unless something else is said: a client
            that was written before there were versions goes on working.
        required: Such a request is refused instead.
        format: How the versions are written; by default what all of them look like.

    Raises:
        ValueError: There is no version, both forms or half a range, a text is none of the format, the default is not
            offered, or a range has versions between that only the service can know.
    """
    if isinstance(versions, str):
        raise ValueError(f"versions={versions!r} is a single text; write versions=[{versions!r}]")
    listed = tuple(versions)
    if bool(listed) == bool(oldest or newest) or bool(oldest) != bool(newest):
        raise ValueError("say which versions there are: `versions`, or `oldest` and `newest`")
    if required and default:
        raise ValueError(f"default={default!r} is never used where a version is required; give one of the two")
    known = _known_of(listed, format) if listed else _known_between(oldest, newest, format)
    if required:
        return Offer(known, None)
    final = next((version for version in known.versions if not version.is_preview), known.floor)
    chosen = Offer(known, final).find(default) if default else final
    if chosen is None:
        raise ValueError(f"the default {default!r} is none of the versions offered: {known}")
    return Offer(known, chosen)


def _known_of(texts: tuple[str, ...], format: VersionFormat | None) -> Known:
    ordered = tuple(sorted(_read(texts, format)))
    if len(set(ordered)) != len(ordered):
        raise ValueError(f"a version is listed twice: {', '.join(texts)}")
    final = [version for version in ordered if not version.is_preview] or ordered
    return Known(newest=final[-1], oldest=ordered[0], versions=ordered)


def _known_between(oldest: str, newest: str, format: VersionFormat | None) -> Known:
    low, high = _read((oldest, newest), format)
    if low.format in _LISTED:
        raise ValueError(f"which versions there are between {low} and {high} nobody can tell; list them in `versions`")
    if low.family != high.family:
        raise ValueError(f"{low} to {high} spans two major versions; list what there is in `versions`")
    if high < low:
        raise ValueError(f"oldest={oldest!r} is newer than newest={newest!r}; exchange them")
    return Known(newest=high, oldest=low)


def _read(texts: tuple[str, ...], format: VersionFormat | None) -> tuple[ApiVersion, ...]:
    for text in cast("tuple[object, ...]", texts):  # a version that is a number or a date is a likely slip
        if not isinstance(text, str):
            raise ValueError(f"a version is a text: write {str(text)!r}, not {text!r}")
        checked_value(text, "the version")
    wanted = format or format_of(texts)
    return tuple(ApiVersion(text, wanted) for text in texts)


def format_of(texts: Iterable[str]) -> VersionFormat:
    """Return the format that all texts have; OPAQUE where none of them has any that we know.

    Raises:
        ValueError: Some have one and others do not: a slip, which would make versions that nobody can ask for.
    """
    listed = tuple(texts)
    likeliest = max(_GUESSES, key=lambda guess: sum(_flaw(text, guess) is None for text in listed))
    flaws = [_flaw(text, likeliest) for text in listed]
    if all(flaws):
        return VersionFormat.OPAQUE
    flaw = next(filter(None, flaws), None)
    if flaw is not None:
        other = listed[flaws.index(None)]
        raise ValueError(
            f"{flaw.found!r} is not written as {other!r} is, {flaw.wanted}; correct it, or pass "
            "format=VersionFormat.OPAQUE for versions that are equal or not, and neither older nor newer"
        )
    return likeliest


def _flaw(text: str, format: VersionFormat) -> MalformedVersionError | None:
    try:
        ApiVersion(text, format)
    except MalformedVersionError as error:
        return error
    return None
