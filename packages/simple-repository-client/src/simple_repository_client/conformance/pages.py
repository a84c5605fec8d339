"""Pages as rules judge them: as they came, with nothing made good.

The client reads pages kindly: aliases, missing keys and odd values are put right. A judge must not, so these views keep
what was sent: JSON as it decodes, HTML with the source text of every tag.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from typing import Any, Final, Self, cast
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from .answers import Answer, Subject

__all__ = [
    "Anchor",
    "BothPages",
    "HtmlFile",
    "HtmlList",
    "HtmlPage",
    "HtmlProject",
    "JsonFile",
    "JsonList",
    "JsonPage",
    "JsonProject",
    "joined",
    "path_of",
    "version_of",
]


# Of a list in HTML: 40,000 links, each made by the same line of a program. All of a large index would take half a GB.
_LIST_BYTES: Final = 2 * 1024 * 1024


def version_of(text: object) -> tuple[int, int] | None:
    """Return a version of the form ``Major.Minor`` as numbers, None for anything else (PEP 629)."""
    if not isinstance(text, str):
        return None
    major, point, minor = text.partition(".")
    is_number = all(part.isascii() and part.isdigit() and len(part) < 10 for part in (major, minor))
    return (int(major), int(minor)) if point and is_number else None


def _beginning(body: bytes) -> bytes:
    """Return as much of a list as is looked at, up to the end of a link."""
    end = body.rfind(b"</a>", 0, _LIST_BYTES) if len(body) > _LIST_BYTES else -1
    return body if end < 0 else body[: end + len(b"</a>")]


def joined(base: str, url: str) -> str:
    """Return where a link of a page leads, without its fragment; "" for what is no URL."""
    try:
        found = urldefrag(urljoin(base, url)).url
        urlsplit(found)  # for its error: with a base that is no URL, the two others pass on what they were given
        return found
    except ValueError:
        return ""


def path_of(url: str) -> str:
    """Return the path of a URL that `joined` gave, decoded."""
    return unquote(urlsplit(url).path)


# --- JSON ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class JsonPage(Subject):
    """A page in JSON: ``data`` is whatever it decodes to, None for what is no JSON at all."""

    data: object

    @classmethod
    def read(cls, answer: Answer, where: str, name: str = "") -> JsonPage:
        """Return the view of an answer; ``name`` is the project's, "" for the list."""
        try:
            data: Any = json.loads(answer.body)
        except (ValueError, RecursionError):
            data = None
        return JsonProject(data, name, answer.url, where=where) if name else JsonList(data, where=where)

    @property
    def fields(self) -> dict[str, Any]:
        """The page as an object, empty if it is none."""
        data: object = self.data
        return cast("dict[str, Any]", data) if isinstance(data, dict) else {}

    @property
    def said_version(self) -> object:
        """``meta.api-version`` as it stands there, None if nothing does."""
        meta: object = self.fields.get("meta")
        return cast("dict[str, object]", meta).get("api-version") if isinstance(meta, dict) else None

    @property
    def version(self) -> tuple[int, int]:
        """The version to judge by: what cannot be read counts as 1.0, as for a page that says nothing."""
        return version_of(self.said_version) or (1, 0)


@dataclass(frozen=True)
class JsonList(JsonPage):
    """The list of projects in JSON."""

    @property
    def names(self) -> list[str]:
        projects: object = self.fields.get("projects")
        listed = cast("list[object]", projects) if isinstance(projects, list) else []
        found = [cast("dict[str, object]", one).get("name") for one in listed if isinstance(one, dict)]
        return [name for name in found if isinstance(name, str)]


@dataclass(frozen=True)
class JsonProject(JsonPage):
    """The page of a project in JSON; ``name`` is what it was asked for by."""

    name: str = "holygrail"
    url: str = Answer.url

    @cached_property
    def files(self) -> list[JsonFile]:
        """The files that are objects with a name."""
        files: object = self.fields.get("files")
        listed = cast("list[object]", files) if isinstance(files, list) else []
        entries = [cast("dict[str, Any]", one) for one in listed if isinstance(one, dict)]
        return [
            JsonFile(entry, self.version, self.url, where=f"{self.where}, {entry['filename']}")
            for entry in entries
            if isinstance(entry.get("filename"), str)
        ]


@dataclass(frozen=True)
class JsonFile(Subject):
    """A file of a project page in JSON, and the version that the page says."""

    entry: Mapping[str, Any]
    version: tuple[int, int] = (1, 0)
    base: str = Answer.url

    @property
    def filename(self) -> str:
        return str(self.entry.get("filename", ""))

    @property
    def url(self) -> str:
        """Where it is, absolute and without a fragment; "" if the page does not say, or says what is no URL."""
        url: object = self.entry.get("url")
        return joined(self.base, url) if isinstance(url, str) else ""

    @property
    def core_metadata(self) -> object:
        """What is said about metadata, by whichever of its names."""
        names = ("core-metadata", "dist-info-metadata", "data-dist-info-metadata")
        return next((self.entry[name] for name in names if name in self.entry), None)


# --- HTML ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Anchor:
    """An ``<a>``: its attributes (None for one without a value), its text, and its tag as it stands in the source."""

    attributes: Mapping[str, str | None]
    text: str = ""
    source: str = ""


@dataclass(frozen=True)
class HtmlPage(Subject):
    """A page in HTML."""

    source: str
    url: str = Answer.url

    @classmethod
    def read(cls, answer: Answer, where: str, name: str = "") -> HtmlPage:
        """Return the view of an answer; ``name`` is the project's, "" for the list."""
        if name:
            return HtmlProject(answer.body.decode("utf-8", "replace"), answer.url, name, where=where)
        return HtmlList(_beginning(answer.body).decode("utf-8", "replace"), answer.url, where=where)

    @cached_property
    def _parsed(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.source)
        reader.close()
        return reader

    @property
    def anchors(self) -> Sequence[Anchor]:
        """The links, in their order; those without ``href`` lead nowhere and are none."""
        return self._parsed.anchors

    @property
    def metas(self) -> Mapping[str, str]:
        """The content of each ``<meta>`` by its name."""
        return self._parsed.metas

    @property
    def base(self) -> str:
        """What relative links are relative to."""
        return joined(self.url, self._parsed.base)

    @property
    def said_version(self) -> str | None:
        return self.metas.get("pypi:repository-version")


class HtmlList(HtmlPage):
    """The list of projects in HTML."""

    @property
    def names(self) -> list[str]:
        return [anchor.text for anchor in self.anchors]


@dataclass(frozen=True)
class HtmlProject(HtmlPage):
    """The page of a project in HTML; ``name`` is what it was asked for by."""

    name: str = "holygrail"

    @cached_property
    def files(self) -> list[HtmlFile]:
        return [
            HtmlFile(anchor.source, anchor, self.base, where=f"{self.where}, {anchor.text}") for anchor in self.anchors
        ]


@dataclass(frozen=True)
class HtmlFile(Subject):
    """The link to a file."""

    source: str
    anchor: Anchor
    base: str = Answer.url

    @classmethod
    def of(cls, source: str) -> Self:
        """Return the view of one link, for an example."""
        return cls(source, HtmlPage(source).anchors[0])

    @property
    def url(self) -> str:
        """Where it is, absolute and without the fragment; "" if that is no URL."""
        return joined(self.base, self.anchor.attributes["href"] or "")

    @property
    def filename(self) -> str:
        """The last part of the URL's path."""
        return path_of(self.url).rpartition("/")[2]

    @property
    def hash(self) -> tuple[str, str]:
        """The name and the digest that the fragment says, empty if it says none."""
        fragment = (self.anchor.attributes["href"] or "").partition("#")[2]
        name, _, digest = fragment.partition("=")
        return (name, digest) if digest else ("", "")

    @property
    def core_metadata(self) -> str | None:
        """What is said about metadata, by whichever of its names."""
        names = ("data-core-metadata", "data-dist-info-metadata")
        said = [self.anchor.attributes[name] for name in names if name in self.anchor.attributes]
        return (said[0] or "") if said else None


class _Reader(HTMLParser):
    """Collects links and metas; whatever else a page holds is nobody's business."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: list[Anchor] = []
        self.metas: dict[str, str] = {}
        self.base = ""
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "a":
            self._finish()
            if "href" in attributes:
                self.anchors.append(Anchor(attributes, source=self.get_starttag_text() or ""))
                self._text = []
        elif tag == "meta":
            self.metas.setdefault((attributes.get("name") or "").lower(), attributes.get("content") or "")
        elif tag == "base" and not self.base:
            self.base = attributes.get("href") or ""

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Take ``<![…`` for a comment, as HTML5 does; the library's own way fails on a word that it does not know."""
        return self.parse_bogus_comment(i)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._finish()

    def close(self) -> None:
        super().close()
        self._finish()

    def _finish(self) -> None:
        if self._text is not None:
            last = self.anchors[-1]
            self.anchors[-1] = Anchor(last.attributes, "".join(self._text).strip(), last.source)
            self._text = None


@dataclass(frozen=True)
class BothPages(Subject):
    """One page in both serializations."""

    json: JsonPage
    html: HtmlPage
