"""Where a service says which versions it speaks. Each reads one place; what it does not find there is None.

Some read an answer (a header field, a media type), some a parsed body (a pointer, a discovery document, an error).
Nothing here raises: what cannot be read as a version is `Advertised.malformed`, and the policy decides about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias, cast
from urllib.parse import urlsplit

from .._declared import Declared
from ._reading import (
    MARKS,
    first_in,
    metas_of,
    places_of,
    refuses,
    speaks_of_api,
    version_in,
    versions_in,
    versions_named_in,
    without_v,
    word_in,
    words_of,
)
from .model import Advertised
from .versions import VersionFormat

if TYPE_CHECKING:
    from ..rest import HttpResponse

__all__ = [
    "AnswerSource",
    "BodyPointer",
    "BodySource",
    "CapabilityList",
    "ErrorBody",
    "Evidence",
    "HeaderRange",
    "HtmlMeta",
    "MediaType",
    "ResponseHeader",
    "VersionDocument",
    "at",
    "major_of",
    "rank_of",
    "version_entries",
    "without_version",
]


class AnswerSource(Protocol):
    """Something that finds versions in an answer, without reading its body."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The header fields that it looks at: an answer that has none of them says nothing."""
        ...

    def read(self, response: HttpResponse) -> Advertised | None: ...


class BodySource(Protocol):
    """Something that finds versions in a parsed body."""

    def read_document(self, document: object, url: str, endpoint: str = "") -> Advertised | None:
        """Return what the document at a URL says, None if it says nothing.

        ``endpoint`` is the client's: some documents speak of several endpoints of a service.
        """
        ...


# --- in an answer ----------------------------------------------------------------------------------------------------


class ResponseHeader(Declared, kw_only=False):
    """The version that an answer is in, in a header field; of ``compute 2.1, volume 3.0`` the one behind ``prefix``."""

    name: str
    format: VersionFormat
    prefix: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.name,)

    def read(self, response: HttpResponse) -> Advertised | None:
        value = response.headers.get(self.name)
        if value is None:
            return None
        if self.prefix:
            parts = (part.strip() for part in value.split(","))
            said = next((part[len(self.prefix) :] for part in parts if part.startswith(self.prefix)), None)
            if said is None:  # the version of another service
                return None
            value = said
        return Advertised.of(value, self.format, source=f"the {self.name} header", url=response.request.url)


class HeaderRange(Declared, kw_only=False):
    """The oldest and the newest version in two header fields, or all versions in one (``api-supported-versions``)."""

    format: VersionFormat
    oldest: str = ""
    newest: str = ""
    versions: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(name for name in (self.oldest, self.newest, self.versions) if name)

    def read(self, response: HttpResponse) -> Advertised | None:
        headers = response.headers
        url = response.request.url
        oldest, newest = (version_in(headers.get(name, ""), self.format) for name in (self.oldest, self.newest))
        if oldest is not None or newest is not None:
            source = f"the headers {self.oldest} and {self.newest}"
            return Advertised(oldest=oldest, newest=newest, source=source, url=url)
        listed = versions_in(headers.get(self.versions, "").split(","), self.format) if self.versions else ()
        return Advertised(versions=listed, source=f"the {self.versions} header", url=url) if listed else None


class MediaType(Declared, kw_only=False):
    """The major version in the media type of an answer: ``application/vnd.pypi.simple.v1+json``.

    Attributes:
        pattern: A regular expression for the type in lower case; its first group is the number.
    """

    pattern: str

    @property
    def fields(self) -> tuple[str, ...]:
        return ("Content-Type",)

    def read(self, response: HttpResponse) -> Advertised | None:
        found = re.match(self.pattern, response.content_type)
        if found is None or not re.fullmatch("[0-9]{1,9}", found[1]):
            return None
        return Advertised(family=int(found[1]), source=f"the media type {found[0]}", url=response.request.url)


# --- in a body -------------------------------------------------------------------------------------------------------


class BodyPointer(Declared, kw_only=False):
    """One value of a JSON body: ``/meta/api-version`` (RFC 6901)."""

    pointer: str
    format: VersionFormat

    def read_document(self, document: object, url: str, endpoint: str = "") -> Advertised | None:
        value = at(document, self.pointer)
        name = self.pointer.removeprefix("/").replace("/", ".")
        return None if value is None else Advertised.of(value, self.format, source=name, url=url)


class HtmlMeta(Declared, kw_only=False):
    """A ``<meta name="…" content="…">`` in the head of an HTML page: of its text, or of its metas by name."""

    name: str
    format: VersionFormat

    def read_document(self, document: object, url: str, endpoint: str = "") -> Advertised | None:
        metas = metas_of(document) if isinstance(document, str) else document
        value = cast("Mapping[str, object]", metas).get(self.name) if isinstance(metas, Mapping) else None
        source = f'<meta name="{self.name}">'
        return None if value is None else Advertised.of(value, self.format, source=source, url=url)


class CapabilityList(Declared, kw_only=False):
    """Versions as a list or as the one that is spoken, and features by name.

    Attributes:
        format: How this API writes its versions.
        versions: Where they are: Matrix has a list at ``/versions``, Kinto a text at ``/http_api_version``.
        features: Where its features are: an object or a list of names.
    """

    format: VersionFormat
    versions: str = "/versions"
    features: str = "/unstable_features"

    def read_document(self, document: object, url: str, endpoint: str = "") -> Advertised | None:
        listed, named = at(document, self.versions), at(document, self.features)
        versions = versions_in(cast("list[object]", listed), self.format) if isinstance(listed, list) else ()
        features: frozenset[str] = frozenset()
        if isinstance(named, dict):  # a feature that is off is there as well
            features = frozenset(
                str(name) for name, is_on in cast("dict[object, object]", named).items() if is_on is not False
            )
        elif isinstance(named, list):
            features = frozenset(str(name) for name in cast("list[object]", named))
        if isinstance(listed, str):  # Kinto: the one that it speaks
            name = self.versions.removeprefix("/").replace("/", ".")
            return Advertised.of(listed, self.format, source=name, url=url).replaced(features=features)
        if not versions and not features:
            return None
        return Advertised(versions=versions, features=features, source="the list of versions", url=url)


class VersionDocument(Declared, kw_only=False):
    """OpenStack's version document: all versions of a service at its root, or the one of an endpoint.

    The service writes it in three shapes: ``{"versions": […]}``, ``{"versions": {"values": […]}}`` (keystone,
    barbican), ``{"version": {…}}`` (an endpoint's own). Addresses in it are not followed (R12).

    An endpoint whose path has a version, ``/v2.1``, takes the entry of that version; one without takes the current one.

    Attributes:
        path: The path of the endpoint, where the endpoint's own does not say its version.
    """

    path: str = ""

    def read_document(self, document: object, url: str, endpoint: str = "") -> Advertised | None:
        entries = list(version_entries(document))
        wanted = re.search(r"/v([0-9]{1,9}(?:\.[0-9]{1,9})?)(?:/|$)", self.path or urlsplit(endpoint).path)
        if wanted is not None:
            # "v2" may be the v2.0 beside a v2.1, or all there is of 2: nova and glance.
            same = [entry for entry in entries if _numbers(entry) == _numbers_in(wanted[1])]
            entries = same or [entry for entry in entries if _numbers(entry)[:1] == _numbers_in(wanted[1])[:1]]
        if not entries:
            return None
        entry = max(entries, key=rank_of)
        oldest, newest = (
            version_in(entry.get(name), VersionFormat.MICROVERSION) for name in ("min_version", "max_version")
        )
        newest = newest or version_in(entry.get("version"), VersionFormat.MICROVERSION)
        # Each minor version an entry of its own, and none has a range: glance.
        has_ranges = any(each.get("max_version") or each.get("version") for each in entries)
        names = () if has_ranges else (without_v(each.get("id")) for each in entries)
        listed = versions_in(names, VersionFormat.MICROVERSION)
        return Advertised(
            oldest=oldest if newest else None,
            newest=newest,
            versions=listed if len(listed) > 1 else (),
            id=word_in(entry.get("id")),
            status=word_in(entry.get("status")),
            next_oldest=version_in(entry.get("next_min_version"), VersionFormat.MICROVERSION),
            not_before=word_in(entry.get("not_before")),
            source="the version document",
            url=url,
        )


_CODES: Final = frozenset(
    {"unsupportedapiversion", "unsupportedapiversionvalue", "invalidapiversionparameter", "missingapiversionparameter",
     "noregisteredproviderfound", "invalidapiversion", "apiversionunspecified", "ambiguousapiversion",
     "apiversionnotsupported", "unsupportedversion"}
)  # fmt: skip
_OLDEST: Final = ("min_version", "minVersion", "minimum_version", "oldest")
_NEWEST: Final = ("max_version", "maxVersion", "maximum_version", "newest")


Evidence: TypeAlias = Literal["words", "API version", "code"]


class ErrorBody(Declared, kw_only=False):
    """What the body of a refusal says: a range (OpenStack), a list or a floor in its words, or only that it refuses.

    Attributes:
        format: How this API writes its versions.
        sent: The version that was refused: words count only if they quote it, or a code says what they are about.
        name: The header field or query parameter that it was sent in, "" for a path or a media type.
        evidence: What is enough: any ``words`` that refuse it, words that say ``"API version"``, or a ``code`` alone.
    """

    format: VersionFormat
    sent: str = ""
    name: str = ""
    evidence: Evidence = "words"

    def read_document(self, document: object, url: str, endpoint: str = "") -> Advertised | None:
        if not isinstance(document, Mapping):
            return None
        source = "the body of the refusal"
        for place in places_of(cast("Mapping[str, Any]", document)):
            oldest, newest = (first_in(place, names, self.format) for names in (_OLDEST, _NEWEST))
            if oldest is not None or newest is not None:
                return Advertised(oldest=oldest, newest=newest, source=source, url=url)
        code, words = words_of(cast("Mapping[str, Any]", document))
        if not self._is_about_versions((code or "").replace("_", "").lower(), words):
            return None
        bounds = re.search(r"(?i)\bminimum\b[^0-9]{1,40}(\S+).{1,40}?\bmaximum\b[^0-9]{1,40}(\S+)", words)
        if bounds is not None:  # nova: "Minimum is 2.1 and maximum is 2.104."
            oldest, newest = (version_in(text.strip(MARKS), self.format) for text in bounds.groups())
            return Advertised(oldest=oldest, newest=newest, source=source, url=url)
        named = [version for version in versions_named_in(words, self.format) if version.text != self.sent]
        if re.search(r"(?i)\b(or higher|or later|or newer|at least)\b", words) and named:
            return Advertised(oldest=max(named), source=source, url=url)
        return Advertised(versions=tuple(named), source=source, url=url)

    def _is_about_versions(self, code: str, words: str) -> bool:
        if code in _CODES or self.evidence == "code" or not self.sent:
            return code in _CODES
        return speaks_of_api(words, self.sent, self.name) or (self.evidence == "words" and refuses(words, self.sent))


def at(document: object, pointer: str) -> object:
    """Return what a JSON pointer leads to (RFC 6901), None if it leads nowhere."""
    for part in pointer.split("/")[1:] if pointer else ():
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, Mapping):
            document = cast("Mapping[str, object]", document).get(name)
        elif isinstance(document, list) and re.fullmatch("0|[1-9][0-9]{0,8}", name):
            items = cast("list[object]", document)
            document = items[int(name)] if int(name) < len(items) else None
        else:
            return None
    return document


# --- OpenStack's version documents -----------------------------------------------------------------------------------


def version_entries(document: object) -> Iterator[Mapping[str, Any]]:
    """Yield the versions of an OpenStack version document, whichever of its three shapes it has."""
    if not isinstance(document, Mapping):
        return
    found = cast("Mapping[str, Any]", document)
    single, several = found.get("version"), found.get("versions")
    if isinstance(several, Mapping):
        several = cast("Mapping[str, Any]", several).get("values")
    for entry in (single, *(cast("list[object]", several) if isinstance(several, list) else ())):
        if isinstance(entry, Mapping):
            yield cast("Mapping[str, Any]", entry)


def without_version(url: str) -> str:
    """Return an address without the version at its end, and without what comes after that: a project, in older APIs."""
    scheme, _, rest = url.rstrip("/").partition("://")
    host, slash, path = rest.partition("/")  # which may be called v2
    return f"{scheme}://{host}" + _VERSION_AT_END.sub("", slash + path)


_VERSION_AT_END: Final = re.compile(r"/v[0-9]+(?:\.[0-9]+)?(?:/[^?#]*)?$")


def major_of(entry: Mapping[str, Any]) -> int | None:
    """Return the major version that an entry of such a document is, None if it does not say."""
    return next(iter(_numbers(entry)), None)


def _numbers(entry: Mapping[str, Any]) -> tuple[int, ...]:
    found = re.match(r"v?([0-9]{1,9}(?:\.[0-9]{1,9})?)", str(entry.get("id") or ""))
    return () if found is None else _numbers_in(found[1])


def _numbers_in(text: str) -> tuple[int, ...]:
    """Return the numbers of ``2.1``, and of ``2``, which is 2.0."""
    numbers = tuple(int(number) for number in text.split("."))
    return numbers if len(numbers) > 1 else (*numbers, 0)


_STATUSES: Final = ("EXPERIMENTAL", "DEPRECATED", "SUPPORTED", "STABLE", "CURRENT")


def rank_of(entry: Mapping[str, Any]) -> tuple[int, tuple[int, ...]]:
    """Return what the best entry has most of: the better status, then the higher number."""
    status = str(entry.get("status") or "").upper()
    return _STATUSES.index(status) if status in _STATUSES else -1, _numbers(entry)
