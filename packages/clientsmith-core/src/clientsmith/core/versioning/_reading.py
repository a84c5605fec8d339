"""How texts, errors and pages are read by the sources. What cannot be read is None, and nothing raises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, cast

from .errors import MalformedVersionError
from .versions import ApiVersion, VersionFormat

__all__ = [
    "MARKS",
    "first_in",
    "metas_of",
    "places_of",
    "refuses",
    "speaks_of_api",
    "version_in",
    "versions_in",
    "versions_named_in",
    "without_v",
    "word_in",
    "words_of",
]

MARKS: Final = "'\"`.,;:()[]{}<>"


def version_in(text: object, format: VersionFormat) -> ApiVersion | None:
    """Return the version that a value is, None if it is none."""
    if not isinstance(text, str):
        return None
    try:
        return ApiVersion(text.strip(), format)
    except MalformedVersionError:
        return None


def versions_in(texts: Iterable[object], format: VersionFormat) -> tuple[ApiVersion, ...]:
    """Return those of the values that are versions."""
    return tuple(version for version in (version_in(text, format) for text in texts) if version is not None)


def first_in(place: Mapping[str, Any], names: tuple[str, ...], format: VersionFormat) -> ApiVersion | None:
    """Return the first of these members that is a version, None if none is."""
    return next((version for name in names if (version := version_in(place.get(name), format)) is not None), None)


def versions_named_in(words: str, format: VersionFormat) -> list[ApiVersion]:
    """Return the versions that a sentence names."""
    tokens = (token.strip(MARKS) for token in re.split(r"[\s,]+", words[:4000]))
    wanted = r".*[0-9].*" if format is not VersionFormat.OPAQUE else r"\d[\w.-]*"
    return [v for token in tokens if re.fullmatch(wanted, token) and (v := version_in(token, format)) is not None]


def words_of(document: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return the code and the words of an error; nova wraps them: ``{"itemNotAcceptable": {"message": …}}``."""
    from .._error_bodies import service_error

    code, words = service_error(document)
    only = next(iter(document.values())) if len(document) == 1 else None
    return service_error(cast("Mapping[str, Any]", only)) if not words and isinstance(only, Mapping) else (code, words)


# How a text quotes a version, and not a longer one or a part of an address.
_QUOTED: Final = r"(?<![\w./-]){}(?!\w|\.\d|-\w)"
_OF_ANOTHER: Final = r"(?!['\"`)\]]{{0,2}}\s+(?:of|for)\b)"
_VERDICT: Final = (
    r"(?:unsupported|supported|unacceptable|unknown|invalid|valid|requested|specified|no\s+such)\s+version"
)
_REFUSALS: Final = (
    r"(?:^|[.!?>]\s*)(?:the\s+)?version\s+['\"`(\[]?{}" + _OF_ANOTHER,
    rf"\b{_VERDICT}[\s:='\"`(\[]{{{{1,3}}}}{{}}" + _OF_ANOTHER,
    rf"{{}}['\"`)\]]{{{{0,2}}}},?\s+is\s+(?:an?|no|no\s+longer\s+an?|not\s+an?)\s+{_VERDICT}" + _OF_ANOTHER,
)


def speaks_of_api(words: str, sent: str, name: str) -> bool:
    """Whether the words of an error quote a version, and say that it is that of the API, or name where it was sent."""
    if re.search(_QUOTED.format(re.escape(sent)), words) is None:
        return False
    # A parameter that is called `version` is in many words that are about something else.
    field = "" if name.isalpha() or not name else rf"|(?<![\w-]){re.escape(name)}(?![\w-])"
    return re.search(rf"(?i)\bapi[ _-]?versions?\b|\bversion\s+header\b{field}", words) is not None


def refuses(words: str, sent: str) -> bool:
    """Whether the words of an error refuse a version without saying of what.

    To quote the number is not enough, nor is the word "version" beside it: an image, a cluster and a package have one
    as well, and it may be the same. So the words have to begin with it, or to give their verdict on it.
    """
    quoted = _QUOTED.format(re.escape(sent))
    return any(re.search(pattern.format(quoted), words, re.IGNORECASE) is not None for pattern in _REFUSALS)


def places_of(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of an error's body that may hold a range: itself, its errors, what is below a single name."""
    yield document
    listed = document.get("errors")
    for below in (*document.values(), *(cast("list[object]", listed) if isinstance(listed, list) else ())):
        if isinstance(below, Mapping):
            yield cast("Mapping[str, Any]", below)


def word_in(value: object) -> str:
    """Return a short text as it is, "" for anything else."""
    return value[:80] if isinstance(value, str) and value.isprintable() else ""


def without_v(text: object) -> object:
    """Return ``v2.1`` as ``2.1``."""
    return text.removeprefix("v") if isinstance(text, str) else None


def metas_of(page: str) -> dict[str, str]:
    """Return the metas of a page's head by their names, the first of a name."""
    from html.parser import HTMLParser  # only for who has a page and no parser of its own

    found: dict[str, str] = {}

    class Metas(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            if tag == "meta" and given.get("name"):
                found.setdefault(str(given["name"]), given.get("content") or "")

    head = re.split(r"(?i)<body[\s>]|</head\s*>", page[:65536], maxsplit=1)[0]  # a head is short
    with suppress(AssertionError):  # what the parser says to `<![x[`
        Metas().feed(head)
    return found
