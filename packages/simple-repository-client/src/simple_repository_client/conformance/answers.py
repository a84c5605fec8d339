"""What was answered, as rules judge it: single answers, and several that belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Self
from urllib.parse import unquote, urljoin, urlsplit

from clientsmith.core.rest import Headers

from .levels import Serialization

__all__ = [
    "HTML_TYPES",
    "JSON_TYPE",
    "Answer",
    "ListAnswer",
    "MissingAnswer",
    "Negotiation",
    "PageAnswer",
    "Revalidation",
    "ServedFile",
    "ServedMetadata",
    "Spelling",
    "Subject",
    "Summary",
]

JSON_TYPE: Final = "application/vnd.pypi.simple.v1+json"
HTML_TYPES: Final = ("application/vnd.pypi.simple.v1+html", "text/html")


@dataclass(frozen=True)
class Answer:
    """An answer of the index.

    Attributes:
        status: 100 to 599.
        headers: Its fields.
        url: Where it came from, after redirects.
        body: Decompressed.
        problem: Why there is no answer; the status is 0 then.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=Headers)
    url: str = "https://index.example/simple/holygrail/"
    body: bytes = b""
    problem: str = ""

    @classmethod
    def of(cls, status: int = 200, body: str | bytes = b"", *, url: str = "", **headers: str) -> Self:
        """Return an answer for an example: ``content_type="text/html"`` becomes a header field."""
        fields = Headers({name.replace("_", "-").title(): value for name, value in headers.items()})
        content = body.encode() if isinstance(body, str) else body
        return cls(status, fields, url or cls.url, content)

    @property
    def media_type(self) -> str:
        """The type that it says, in lower case and without parameters, "" if it says none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def outcome(self) -> str:
        """What came, in words."""
        return self.problem or f"{self.status} {self.media_type}".rstrip()

    @property
    def serialization(self) -> Serialization | None:
        """What the page is written in, None for a type that the Simple API does not have."""
        if self.media_type == JSON_TYPE:
            return Serialization.JSON
        return Serialization.HTML if self.media_type in HTML_TYPES else None


@dataclass(frozen=True)
class Subject:
    """Something that rules judge, and where it was seen."""

    where: str = field(default="example", kw_only=True)


@dataclass(frozen=True)
class PageAnswer(Subject):
    """A page as it was answered, before anybody reads it."""

    answer: Answer

    @classmethod
    def of(cls, status: int = 200, body: str = "", *, url: str = "", **headers: str) -> Self:
        return cls(Answer.of(status, body, url=url, **headers))


class ListAnswer(PageAnswer):
    """The answer to the request for the list of projects."""


class MissingAnswer(PageAnswer):
    """The answer to the request for a project that no index has, with no redirect followed."""


@dataclass(frozen=True)
class Negotiation(Subject):
    """One page, asked for in different ways.

    Attributes:
        asked: What was asked (an ``Accept`` field, or ``HEAD``, ``?format=…``), and what was answered.
        has_json, has_html: What the index was seen to write the page in.
    """

    asked: Mapping[str, Answer]
    has_json: bool = True
    has_html: bool = True


@dataclass(frozen=True)
class Spelling(Subject):
    """A page asked for by another spelling of its URL, with no redirect followed.

    Attributes:
        answer: What was answered.
        canonical: The URL of the page.
    """

    answer: Answer
    canonical: str = "https://index.example/simple/holygrail/"
    variant: Literal["without slash", "not normalized"] = "without slash"

    @property
    def leads_home(self) -> bool:
        """Whether it redirects to the page."""
        try:
            target = urlsplit(urljoin(self.answer.url, self.answer.headers.get("Location", "")))
        except ValueError:
            return False
        is_same = unquote(target.path) == unquote(urlsplit(self.canonical).path)
        return self.answer.status in (301, 302, 303, 307, 308) and is_same


@dataclass(frozen=True)
class Revalidation(Subject):
    """A page, and the answer when it was asked for again with what the first answer gave to recognise it by."""

    first: Answer
    again: Answer | None = None


@dataclass(frozen=True)
class ServedFile(Subject):
    """A file that a page lists, and the answer to HEAD for it."""

    answer: Answer
    size: int | None = None


@dataclass(frozen=True)
class ServedMetadata(Subject):
    """The metadata that a page promises for a file, and the answer to the request for them."""

    answer: Answer
    hashes: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Summary(Subject):
    """Which serializations the index was seen to have."""

    has_json: bool
    has_html: bool
