"""How services cut a list into pages: one small value a scheme, without I/O.

A scheme turns the operation's request and a continuation token into the request of one page, and the answer into a
`Page` with the token of the next one. Tokens are plain strings that can be stored: a URL, a number, the service's own
token. Nothing else has to be remembered, so a listing can be picked up in another process.

Where a list ends:

- Where the answer says whether there is more (`Paging.more`), that counts.
- Else each scheme knows: no link, no token, the last number reached, an empty page.
- An empty page in the middle ends nothing, but for schemes that could not tell it from the end.
- An address or a token that leads back to its own page is an error, not an endless loop; so are longer circles
  (`clientsmith.core.paging.pages.Pages`).

Where a next link may lead (another origin gets no credentials, https never becomes http) is decided in
`clientsmith.core.client.ClientCore.follow`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, Generic, Literal, NamedTuple, TypeVar, cast
from urllib.parse import urljoin

from .._declared import Declared
from .._links import next_target
from .._origin import leads_home
from .._paths import Path, lists_in, shown, value_at
from .._query import with_field
from ..errors import DecodeError
from ..redaction import redact_url
from ..rest import HttpRequest, HttpResponse
from ..serialization import Codec, CodecLike, list_of
from .pages import Page
from .parts import InHeader, Location, Place, found_at, place_name, value_in, with_value

__all__ = [
    "Arrived",
    "InHeader",
    "LastId",
    "NextLink",
    "NextLinkHeader",
    "NextToken",
    "Offset",
    "PageNumber",
    "Paging",
    "SinglePage",
]

T = TypeVar("T")


class Arrived(NamedTuple):
    """A page as it came over the wire.

    Attributes:
        response: The answer.
        body: The answer's JSON, None if it has none.
        items: The items as JSON has them.
        token: The token of this page, None for the first one.
    """

    response: HttpResponse
    body: object
    items: list[Any]
    token: str | None


class Paging(Declared, ABC, Generic[T]):
    """The base of the schemes; a scheme of your own overrides `follow` and `next_token`.

    Attributes:
        items: Where the list of items is in the body.
        item: Codec, model, enum or thunk of one item; None leaves it as JSON has it.
        total: Where the answer tells how many items the whole list has.
        more: Where the answer tells whether there is a page after this one (``has_more``, ``hasNextPage``).
        size: Wire name of the parameter for ``results_per_page``; "" if the service takes no such wish.
        items_may_be_missing: Whether the service leaves out an empty list in answers that have other lists beside it,
            of warnings for example. By default that is a `DecodeError`.
    """

    items: Path = ()
    item: CodecLike[T] | None = None
    total: Place = ()
    more: Place = ()
    size: str | Path = ""
    items_may_be_missing: bool = False

    @cached_property
    def _codec(self) -> Codec[list[T]]:
        return list_of(cast("CodecLike[T]", self.item))

    def request(self, first: HttpRequest, token: str | None) -> HttpRequest:
        """Return the request of the page at a token, made from that of the first page.

        Raises:
            ValueError: The token is not one of this scheme.
        """
        return first.copy() if token is None else self.follow(first, token)

    def sized(self, first: HttpRequest, results_per_page: int) -> HttpRequest:
        """Return the request of a first page of this many items; the service may give fewer."""
        return with_value(first, self._location, self.size, results_per_page)

    @property
    def _location(self) -> Location:
        return "query"

    def page(self, response: HttpResponse, token: str | None = None) -> Page[T]:
        """Return the page that came for a token.

        A list that is null, or in an answer without a body, is empty. One that is missing is as well, for services
        leave out what is empty, unless another list with something in it stands where this one should: then `items` is
        misspelt, or the service changed.

        Raises:
            DecodeError: The body is not JSON, has something else in the list's place, or leads back to itself.
        """
        try:
            body = response.json() if response.content else None
        except ValueError as error:
            raise DecodeError(f"the page is not JSON: {error}", response=response) from error
        found = found_at(self.items, response, body) if self.items else body
        if found is None and body and not self.items_may_be_missing:
            self._check_is_empty(response, body)
        if found is not None and not isinstance(found, list):
            what = f"{shown(self.items)} should be the list of items and is a JSON {_json_kind(found)}"
            raise DecodeError(what, response=response)
        wire: list[Any] = [*found] if found else []
        try:
            items = self._codec.decode(wire)
        except ValueError as error:
            raise DecodeError(f"an item of {shown(self.items)} cannot be read: {error}", response=response) from error
        total = whole_number(found_at(self.total, response, body))
        following = self._following(Arrived(response, body, wire, token))
        return Page(items, following, total=total, response=response)

    def _check_is_empty(self, response: HttpResponse, body: object) -> None:
        """Raise DecodeError where the list is somewhere else than `items` says."""
        holder = value_at(body, self.items[:-1])
        if isinstance(holder, dict) and self.items[-1] in holder:  # null
            return
        if isinstance(body, dict):
            others = list(lists_in(cast("object", body), len(self.items)))
            if not others:
                return
            where = ", ".join(f"{path!r}" for path in others)
            what = f"{shown(self.items)} should be the list of items and is missing; there are lists at {where}"
        else:
            what = f"{shown(self.items)} should be the list of items, but the body is a JSON {_json_kind(body)}"
        raise DecodeError(f"{what}. Check `items` of the operation's paging", response=response)

    def _following(self, came: Arrived) -> str | None:
        more = _truth(found_at(self.more, came.response, came.body))
        if more is False:
            return None
        following = self.next_token(came)
        if following is None and more:
            what = f"{place_name(self.more)} says that there are more pages, but nothing leads to the next one"
            raise DecodeError(what, response=came.response)
        if following is not None and following == came.token:
            raise DecodeError(
                f"{self._described(following)} leads back to the page that has it, so the list would never end",
                response=came.response,
            )
        return following

    def _described(self, token: str) -> str:
        return "the next page's token"  # not shown: what a service writes into it is its own business

    @abstractmethod
    def follow(self, first: HttpRequest, token: str) -> HttpRequest:
        """Return the request of the page at a token, which may be anything that a caller passed.

        Raises:
            ValueError: The token is not one of this scheme.
        """

    @abstractmethod
    def next_token(self, came: Arrived) -> str | None:
        """Return the token of the page after this one, None if there is none."""


class SinglePage(Paging[T]):
    """The whole list in one answer."""

    def follow(self, first: HttpRequest, token: str) -> HttpRequest:
        """Refuse: there is no second page."""
        raise ValueError("this list comes in one page, so it takes no continuation_token; leave it out")

    def next_token(self, came: Arrived) -> str | None:
        """Return None."""
        return None


# --- links -----------------------------------------------------------------------------------------------------------


class _Linked(Paging[T]):
    """Pages that link to the next one; the token is the link, made absolute.

    Attributes:
        method: How a link is asked for. ``"POST"`` sends the first request's body again.
        below: Whether a relative link goes on below the first page's path (``/pets`` and ``next?page=2`` make
            ``/pets/next?page=2``); else it is relative to the page that has it, as URLs are. Then the token is the
            link as it came.
        keep: Query parameters of the first page that its service asks for again and leaves out of the links.
    """

    method: Literal["GET", "POST"] = "GET"
    below: bool = False
    keep: tuple[str, ...] = ()

    def follow(self, first: HttpRequest, token: str) -> HttpRequest:
        """Return the request of a link, which has all parameters in it."""
        url = self._joined(f"{first.url.partition('?')[0].rstrip('/')}/", token) if self.below else token
        is_below = self.below and url.startswith("/") and not url.startswith("//")
        if not (is_below or _is_http(url)):
            raise ValueError("continuation_token is not one of this list: its tokens are absolute URLs of pages")
        request = first.copy()
        request.method, request.url = self.method, url
        if self.method == "GET":
            request.content = None
            request.headers.pop("Content-Type", None)
        return request

    def next_token(self, came: Arrived) -> str | None:
        """Return the link to the next page."""
        link = self._link(came.response, came.body)
        if not link:
            return None
        try:
            url = self._joined(came.response.request.url, link)
        except ValueError as error:
            what = "the next link cannot be read as a URL"  # not shown: it may hold anything
            raise DecodeError(what, response=came.response) from error
        if self.below and not _is_http(link):
            return self._completed(link.partition("#")[0], came.response.request)
        if not _is_http(url):
            what = f"{self._described(url)} leads to something else than a page: it has to be an http or https URL"
            raise DecodeError(what, response=came.response)
        if url == came.response.request.url and self.method == "GET":
            raise DecodeError(
                f"{self._described(url)} leads back to the page that has it, so the list would never end",
                response=came.response,
            )
        # Another origin has nothing to learn from our parameters.
        return self._completed(url, came.response.request) if leads_home(url, came.response.request.url) else url

    def _described(self, token: str) -> str:
        return f"the next link {redact_url(token)}"

    @staticmethod
    def _joined(base: str, link: str) -> str:
        return urljoin(base, link).partition("#")[0]

    def _completed(self, link: str, page: HttpRequest) -> str:
        """Put the parameters to keep into a link, unless it has them."""
        for name in self.keep:
            value = value_in(page, "query", name)
            if value is not None and value_in(HttpRequest("GET", link), "query", name) is None:
                link = with_field(link, name, value)
        return link

    @abstractmethod
    def _link(self, response: HttpResponse, body: object) -> str | None:
        """Return the next page's link as the service gives it, None or "" on the last page."""


class NextLink(_Linked[T]):
    """The body holds the next page's URL, absolute or relative to the page's own; the last page has none.

    Attributes:
        next: Where the link is in the body. Where an object is there, its ``href`` counts; in a list of such objects
            that with the relation (``rel``) ``next``.
    """

    next: Path = ("nextLink",)

    def _link(self, response: HttpResponse, body: object) -> str | None:
        link = _target(found_at(self.next, response, body))
        if link is None or isinstance(link, str):
            return link
        what = f"{shown(self.next)} should be the next page's URL and is a JSON {_json_kind(link)}"
        raise DecodeError(what, response=response)


def _target(found: object) -> object:
    """Return the address in an object of a link, or in that of a list of links which leads on; else what was found."""
    if isinstance(found, list):
        links = [cast("dict[str, object]", one) for one in cast("list[object]", found) if isinstance(one, dict)]
        ways = (one for one in links if one.get("rel", one.get("relation")) == "next")
        found = next(ways, None)
    if isinstance(found, dict):
        link = cast("dict[str, object]", found)
        return next((link[name] for name in ("href", "url", "uri") if isinstance(link.get(name), str)), None)
    return found


class NextLinkHeader(_Linked[T], kw_only=False):
    """A header field holds the next page's URL.

    Attributes:
        header: ``Link`` is read as RFC 8288 says, ``rel="next"`` counts. Any other field is the bare URL or path.
    """

    header: str = "Link"

    def _link(self, response: HttpResponse, body: object) -> str | None:
        value = response.headers.get(self.header, "").strip()
        return next_target(value) if self.header.lower() == "link" else value


# --- parameters ------------------------------------------------------------------------------------------------------


class _Asked(Paging[T]):
    """Pages that are asked for with a parameter; the token is its value.

    Attributes:
        parameter: Wire name of the parameter; a path where it is deeper in a body.
        location: Where the parameter goes. ``"body"`` is for lists that are asked for with a JSON body, a search for
            example; the rest of the body stays.
    """

    parameter: str | Path
    location: Location = "query"

    @property
    def _location(self) -> Location:
        return "body" if self.location == "body" else "query"

    def follow(self, first: HttpRequest, token: str) -> HttpRequest:
        """Return the first page's request with the parameter set."""
        return with_value(first, self.location, self.parameter, token)


class NextToken(_Asked[T]):
    """The answer holds a token that asks for the next page; missing, null or "" on the last one. Names as in AIP-158.

    Attributes:
        next: Where the token is: in the body, or ``InHeader("x-ms-continuation")``.
        numbers: Whether a token of digits alone goes into a body as a number.
    """

    next: Place = ("nextPageToken",)
    parameter: str | Path = "pageToken"
    numbers: bool = False

    def follow(self, first: HttpRequest, token: str) -> HttpRequest:
        """Return the first page's request with the token in its parameter."""
        number = whole_number(token) if self.numbers and self.location == "body" else None
        return with_value(first, self.location, self.parameter, token if number is None else number)

    def next_token(self, came: Arrived) -> str | None:
        """Return the token that the answer holds."""
        found = found_at(self.next, came.response, came.body)
        if found is None or found == "":
            return None
        if isinstance(found, bool) or not isinstance(found, str | int):
            what = f"{place_name(self.next)} should be the next page's token and is a JSON {_json_kind(found)}"
            raise DecodeError(what, response=came.response)
        # Some services give the address of the next page where others give its token.
        if isinstance(found, str) and _is_http(found) and self.location == "query":
            found = value_in(HttpRequest("GET", found), "query", self.parameter) or found
        if self.location == "header" and not str(found).isprintable():
            what = "the next page's token has a line break in it and cannot travel in a header field"
            raise DecodeError(what, response=came.response)
        return str(found)


class LastId(_Asked[T]):
    """The next page begins after the id of this one's last item.

    Without `Paging.more` the list ends with an empty page.

    Attributes:
        id: Where an item has its id.
    """

    id: Path = ("id",)
    parameter: str | Path = "after_id"

    def next_token(self, came: Arrived) -> str | None:
        """Return the last item's id."""
        if not came.items:
            return None
        found = found_at(self.id, came.response, came.items[-1])
        if isinstance(found, bool) or not isinstance(found, str | int) or found == "":
            what = f"the last item of the page has no id at {'.'.join(self.id)!r} to go on after"
            raise DecodeError(what, response=came.response)
        return str(found)


class _Counted(_Asked[T]):
    """Pages that are asked for with a number; a number that the caller gave for the first page is where it begins.

    Attributes:
        short_is_last: Whether a page with fewer items than were asked for (`Paging.size`) is the last one. Only for
            services that never give a shorter page for another reason.
    """

    short_is_last: bool = False

    def follow(self, first: HttpRequest, token: str) -> HttpRequest:
        """Return the first page's request with the number set."""
        if whole_number(token) is None:
            raise ValueError(
                f"continuation_token {token[:_SHOWN]!r} is not one of this list: its tokens are whole numbers"
            )
        # In a body a number is a number.
        value = int(token) if self.location == "body" else token
        return with_value(first, self.location, self.parameter, value)

    def _position(self, came: Arrived, start: int) -> int:
        """Return the number that this page was asked for with, or else ``start``."""
        if came.token is not None:
            return int(came.token)
        number = whole_number(value_in(came.response.request, self.location, self.parameter))
        return start if number is None else number

    def _may_go_on(self, came: Arrived) -> bool:
        """Whether the number of the items leaves it open that there are more."""
        asked = whole_number(value_in(came.response.request, self._location, self.size)) if self.size else None
        least = asked if self.short_is_last and asked is not None else 1
        return len(came.items) >= max(1, least)


class PageNumber(_Counted[T]):
    """Pages have numbers.

    Attributes:
        pages: Where the answer tells the number of pages; () if it does not: then the list ends with an empty page.
        first: The number of the first page, 1 or 0.
    """

    parameter: str | Path = "page"
    pages: Place = ()
    first: int = 1

    def next_token(self, came: Arrived) -> str | None:
        """Return the next number."""
        number = self._position(came, self.first)
        pages = whole_number(found_at(self.pages, came.response, came.body))
        goes_on = self._may_go_on(came) if pages is None else number - self.first + 1 < pages
        is_told = _truth(found_at(self.more, came.response, came.body)) is True  # an empty page ends nothing then
        return str(number + 1) if goes_on or is_told else None


class Offset(_Counted[T]):
    """Pages begin after a number of items. The list ends with an empty page, or where `Paging.total` is reached.

    Attributes:
        first: The number of the first item: 0, or 1 where the service counts items from one.
    """

    parameter: str | Path = "offset"
    first: int = 0

    def next_token(self, came: Arrived) -> str | None:
        """Return the number of items that came until now."""
        following = self._position(came, self.first) + len(came.items)
        total = whole_number(found_at(self.total, came.response, came.body))
        goes_on = self._may_go_on(came) if total is None else bool(came.items) and following - self.first < total
        return str(following) if goes_on else None


# A token in a message is cut here: some services have long ones.
_SHOWN = 60


def _is_http(url: str) -> bool:
    return url.lower().startswith(("https://", "http://"))


def whole_number(value: Any) -> int | None:
    """Return a count that services spell as a number or as its digits, None if it is neither."""
    if isinstance(value, str):
        text = value.strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _truth(value: Any) -> bool | None:
    """Return what services spell as a boolean, in a header field as a word; None if it is neither."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _json_kind(value: object) -> str:
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number"
