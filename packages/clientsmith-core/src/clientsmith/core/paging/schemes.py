"""How services cut a list into pages: one small frozen class a scheme, without I/O.

A scheme turns the operation's request and a continuation token into the request of one page, and the answer into a
`Page` with the token of the next one. Tokens are plain strings that can be stored: a URL, a number, the service's own
token. Nothing else has to be remembered, so a listing can be picked up in another process.

An address that leads back to itself is an error, not an endless loop. Where a next link may lead (another origin gets
no credentials, https never becomes http) is decided in `clientsmith.core.client.ClientCore.follow`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

from .._paths import Path, shown, value_at
from ..errors import DecodeError
from ..redaction import redact_url
from ..rest import HttpRequest, HttpResponse
from ..serialization import Codec, CodecLike, list_of
from .pages import Page

__all__ = ["NextLink", "NextLinkHeader", "NextToken", "Offset", "PageNumber", "Paging", "SinglePage"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging(ABC, Generic[T]):
    """The base of the schemes; a scheme of your own overrides `_follow` and `_next`.

    Attributes:
        items: Where the list of items is in the body.
        item: Codec, model, enum or thunk of one item; None leaves it as JSON has it.
    """

    items: Path = ()
    item: CodecLike[T] | None = None
    _codec: Codec[list[T]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_codec", list_of(cast("CodecLike[T]", self.item)))

    def request(self, first: HttpRequest, token: str | None) -> HttpRequest:
        """Return the request of the page at a token, made from that of the first page.

        Raises:
            ValueError: The token is not one of this scheme.
        """
        return first if token is None else self._follow(first, token)

    def page(self, response: HttpResponse, token: str | None) -> Page[T]:
        """Return the page that came for a token. A list that is missing, null or without a body is empty.

        Raises:
            DecodeError: The body is not JSON, has something else in the list's place, or leads back to itself.
        """
        try:
            body = response.json() if response.content else None
        except ValueError as error:
            raise DecodeError(f"the page is not JSON: {error}", response=response) from error
        found = value_at(body, self.items)
        if found is not None and not isinstance(found, list):
            what = f"{shown(self.items)} should be the list of items and is a JSON {_json_kind(found)}"
            raise DecodeError(what, response=response)
        wire = cast("list[object]", found or [])
        try:
            items = self._codec.decode(wire)
        except ValueError as error:
            raise DecodeError(f"an item of {shown(self.items)} cannot be read: {error}", response=response) from error
        return Page(items, self._next(response, body, token, len(items)))

    @abstractmethod
    def _follow(self, first: HttpRequest, token: str) -> HttpRequest:
        """Return the request of the page at a token."""

    @abstractmethod
    def _next(self, response: HttpResponse, body: object, token: str | None, count: int) -> str | None:
        """Return the token of the page after this one, which has ``count`` items; None if this is the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SinglePage(Paging[T]):
    """The whole list in one answer."""

    def _follow(self, first: HttpRequest, token: str) -> HttpRequest:
        raise ValueError("this list comes in one page, so it takes no continuation_token; leave it out")

    def _next(self, response: HttpResponse, body: object, token: str | None, count: int) -> str | None:
        return None


# --- links -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Linked(Paging[T]):
    """Pages that link to the next one; the token is the link, made absolute."""

    def _follow(self, first: HttpRequest, token: str) -> HttpRequest:
        if not token.lower().startswith(("https://", "http://")):
            raise ValueError("continuation_token is not one of this list: its tokens are absolute URLs of pages")
        request = first.copy()
        # A link is asked with GET and has all parameters in it, whatever the first request was.
        request.method, request.url, request.content = "GET", token, None
        request.headers.pop("Content-Type", None)
        return request

    def _next(self, response: HttpResponse, body: object, token: str | None, count: int) -> str | None:
        link = self._link(response, body)
        if not link:
            return None
        here = response.request.url
        url = urljoin(here, link).partition("#")[0]
        if url in (token, here):
            raise DecodeError(
                f"the next link {redact_url(url)} leads back to the page that has it, so the list would never end",
                response=response,
            )
        return url

    @abstractmethod
    def _link(self, response: HttpResponse, body: object) -> str | None:
        """Return the next page's link as the service gives it, None or "" on the last page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextLink(_Linked[T]):
    """The body holds the next page's URL, absolute or relative to the page's own; the last page has none.

    Attributes:
        next: Where the link is in the body.
    """

    next: Path = ("nextLink",)

    def _link(self, response: HttpResponse, body: object) -> str | None:
        link = value_at(body, self.next)
        if link is None or isinstance(link, str):
            return link
        what = f"{shown(self.next)} should be the next page's URL and is a JSON {_json_kind(link)}"
        raise DecodeError(what, response=response)


@dataclass(frozen=True, slots=True)
class NextLinkHeader(_Linked[T]):
    """A header field holds the next page's URL.

    Attributes:
        header: ``Link`` is read as RFC 8288 says, ``rel="next"`` counts. Any other field is the bare URL or path.
    """

    header: str = "Link"

    def _link(self, response: HttpResponse, body: object) -> str | None:
        value = response.headers.get(self.header, "").strip()
        return _next_of(value) if self.header.lower() == "link" else value


def _next_of(value: str) -> str | None:
    """Return the target of the link whose relation is "next" (RFC 8288, section 3), None if there is none."""
    for link in _split(value, ","):
        target, *parameters = _split(link, ";")
        target = target.strip()
        if not (target.startswith("<") and target.endswith(">")):
            continue
        named = dict(reversed([_parameter(text) for text in parameters]))  # the first of equal names counts
        # With an anchor it is a link between two other resources (section 3.2).
        if "next" in named.get("rel", "").lower().split() and "anchor" not in named:
            return target[1:-1].strip()
    return None


def _parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip().strip('"')


def _split(text: str, separator: str) -> Iterator[str]:
    """Yield the parts between separators that stand neither in <> nor in a quoted string. Linear in the text."""
    start, closing, is_escaped = 0, "", False
    for index, character in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif closing:
            is_escaped = character == "\\" and closing == '"'
            closing = "" if character == closing else closing
        elif character in '<"':
            closing = ">" if character == "<" else character
        elif character == separator:
            yield text[start:index]
            start = index + 1
    yield text[start:]


# --- query parameters ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked(Paging[T]):
    """Pages that are asked for with a query parameter; the token is its value.

    Attributes:
        parameter: Wire name of the query parameter.
    """

    parameter: str

    def _follow(self, first: HttpRequest, token: str) -> HttpRequest:
        self._check(token)
        request = first.copy()
        request.url = _with_query(first.url, self.parameter, token)
        return request

    def _check(self, token: str) -> None:
        """Raise ValueError if the token cannot be one of this scheme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextToken(_Asked[T]):
    """The body holds a token that asks for the next page; missing, null or "" on the last one. Names as in AIP-158.

    Attributes:
        next: Where the token is in the body.
    """

    next: Path = ("nextPageToken",)
    parameter: str = "pageToken"

    def _next(self, response: HttpResponse, body: object, token: str | None, count: int) -> str | None:
        found = value_at(body, self.next)
        if found is None or found == "":
            return None
        if isinstance(found, bool) or not isinstance(found, str | int):
            what = f"{shown(self.next)} should be the next page's token and is a JSON {_json_kind(found)}"
            raise DecodeError(what, response=response)
        if str(found) == token:
            what = f"the next page's token is that of the page which has it ({token!r}), so the list would never end"
            raise DecodeError(what, response=response)
        return str(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted(_Asked[T]):
    """Pages that are asked for with a number; a number that the caller gave for the first page is where it begins."""

    def _check(self, token: str) -> None:
        if not (token.isascii() and token.isdigit()):
            raise ValueError(f"continuation_token {token!r} is not one of this list: its tokens are whole numbers")

    def _position(self, response: HttpResponse, token: str | None, start: int) -> int:
        """Return the number that this page was asked for with, or else ``start``."""
        return int(token) if token is not None else _query_number(response.request.url, self.parameter, start)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageNumber(_Counted[T]):
    """Pages have numbers.

    Attributes:
        parameter: Wire name of the query parameter.
        pages: Where the number of pages is in the body; () if it is not told: then the list ends with an empty page.
        first: The number of the first page.
    """

    parameter: str = "page"
    pages: Path = ()
    first: int = 1

    def _next(self, response: HttpResponse, body: object, token: str | None, count: int) -> str | None:
        number = self._position(response, token, self.first)
        pages = _whole(value_at(body, self.pages)) if self.pages else None
        goes_on = count > 0 if pages is None else number - self.first + 1 < pages
        return str(number + 1) if goes_on else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset(_Counted[T]):
    """Pages begin after a number of items. The list ends with an empty page, or where the total is reached.

    Attributes:
        parameter: Wire name of the query parameter.
        total: Where the number of all items is in the body; () if it is not told.
    """

    parameter: str = "offset"
    total: Path = ()

    def _next(self, response: HttpResponse, body: object, token: str | None, count: int) -> str | None:
        following = self._position(response, token, 0) + count
        total = _whole(value_at(body, self.total)) if self.total else None
        return str(following) if count and (total is None or following < total) else None


def _with_query(url: str, name: str, value: str) -> str:
    """Return the URL with the query parameter set, the others as they are."""
    base, _, query = url.partition("?")
    fields = [text for text in query.split("&") if text and unquote(text.partition("=")[0]) != name]
    fields.append(f"{quote(name, safe='')}={quote(value, safe='')}")
    return f"{base}?{'&'.join(fields)}"


def _query_number(url: str, name: str, default: int) -> int:
    number = _whole(parse_qs(urlsplit(url).query).get(name, [""])[-1])
    return default if number is None else number


def _whole(value: Any) -> int | None:
    """Return a count that services spell as a number or as its digits, None if it is neither."""
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _json_kind(value: object) -> str:
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number"
