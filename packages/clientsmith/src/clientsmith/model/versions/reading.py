"""Reading versions in the texts of a document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from clientsmith.core.versioning import ApiVersion, MalformedVersionError, VersionFormat

from ..ir import Api, Enum, Literal, Parameter, Ref
from ..lookup import bare

__all__ = ["are_versions", "can_be_sent", "newest_of", "ordering_of", "read", "values_of"]

_LONGEST: Final = 200  # characters; the runtime takes no more for a version


def read(text: str, form: VersionFormat) -> ApiVersion | None:
    """Return the version that a text is, None if it is none of this format."""
    try:
        return ApiVersion(text, form)
    except MalformedVersionError:
        return None


def can_be_sent(text: str) -> bool:
    """Whether a text can be said in a header field and in a URL, whatever it means."""
    return 0 < len(text) <= _LONGEST and text.isascii() and text.isprintable() and text == text.strip()


def are_versions(texts: Iterable[str], form: VersionFormat) -> bool:
    """Whether there are texts, all of them of this format."""
    texts = tuple(texts)
    return bool(texts) and all(read(text, form) is not None for text in texts)


def newest_of(texts: Iterable[str], form: VersionFormat) -> str:
    """Return the newest final version, the newest of all if none is final, "" if no text is a version."""
    known = [found for text in texts if (found := read(text, form)) is not None]
    final = [one for one in known if not one.is_preview]
    return max(final or known).text if known else ""


def ordering_of(text: str) -> VersionFormat:
    """Return the format in which a version like this one can be compared with others; OPAQUE if it is only text."""
    known = (form for form in (VersionFormat.DATE, VersionFormat.NAMED, VersionFormat.SEMVER) if read(text, form))
    return next(known, VersionFormat.OPAQUE)


def values_of(parameter: Parameter, api: Api) -> tuple[str, ...]:
    """Return the values that a parameter is known to take: those that are listed, its default, or its example.

    Examples are recordings of calls, and older than the document: one with a date for its version means that one.
    What has no digit stands for a version (``{{VERSION}}``), and is none.
    """
    shape = bare(parameter.shape)
    named = api.shapes.get(shape.pointer) if isinstance(shape, Ref) else None
    if isinstance(named, Enum):
        return tuple(str(member.wire_value) for member in named.members)
    if isinstance(shape, Literal):
        return (str(shape.value),)
    if parameter.has_default:
        return (str(parameter.default),)
    is_older = read(parameter.example, VersionFormat.DATE) and read(api.version, VersionFormat.DATE)
    return () if is_older or not any(map(str.isdigit, parameter.example)) else (parameter.example,)
