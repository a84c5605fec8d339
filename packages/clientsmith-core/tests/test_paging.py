"""Paging: every scheme yields all items in order, resumes from every token, and is safe from a bad service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import KeyCredential, KeyInHeader, KeyInQuery
from clientsmith.core.errors import DecodeError, HttpResponseError, InsecureTransportError, ServiceResponseError
from clientsmith.core.models import Model, field
from clientsmith.core.operations import ListOperation, header, query
from clientsmith.core.paging import (
    NextLink,
    NextLinkHeader,
    NextToken,
    Offset,
    Page,
    PageNumber,
    Paging,
    SinglePage,
)
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, AsyncScriptedTransport, Line, ScriptedTransport
from hypothesis import given
from hypothesis import strategies as st

HOST: Final = "https://example.test"


class Pet(Model):
    name: str = field("name")


class Side:
    """One of the two colours, driven in the same words."""

    def __init__(self, colour: str) -> None:
        self.is_async = colour == "async"
        self.service: ScriptedTransport | AsyncScriptedTransport = ScriptedTransport()

    def list(self, paging: Paging[Any], *lines: Line, repeat: Any = False, client: Any = None, **options: Any) -> Any:
        """Return the pager of a list operation over a scripted service."""
        settings = client or {}
        arguments = options.pop("arguments", {})
        parameters = {"page": query("page"), "kind": query("kind"), "tenant": header("X-Tenant")}
        operation: ListOperation[Any] = ListOperation(
            "GET", "/pets", parameters=parameters, responses={200: None}, paging=paging
        )
        if self.is_async:
            self.service = AsyncScriptedTransport(*lines, repeat=repeat)
            return aio.ServiceClient(HOST, transport=self.service, **settings)._list(
                operation, arguments, options=options
            )
        self.service = ScriptedTransport(*lines, repeat=repeat)
        return ServiceClient(HOST, transport=self.service, **settings)._list(operation, arguments, options=options)

    def next(self, iterator: Any) -> Any:
        async def following() -> Any:
            return await anext(iterator)

        return asyncio.run(following()) if self.is_async else next(iterator)

    def all(self, iterator: Any) -> Sequence[Any]:
        async def collected() -> Sequence[Any]:
            return [item async for item in iterator]

        return asyncio.run(collected()) if self.is_async else list(iterator)

    @property
    def urls(self) -> Sequence[str]:
        return [request.url.removeprefix(HOST) for request in self.service.requests]


@pytest.fixture(params=["sync", "async"])
def side(request: pytest.FixtureRequest) -> Side:
    """The same test in both colours."""
    return Side(request.param)


# --- services that cut a list into pages in every way ----------------------------------------------------------------

Pages = list[list[int]]
Service = Callable[[Pages], Callable[[HttpRequest], Answer]]


def asked(request: HttpRequest, name: str, default: int) -> int:
    return int(parse_qs(urlsplit(request.url).query).get(name, [str(default)])[0])


def linked(pages: Pages) -> Callable[[HttpRequest], Answer]:
    def answer(request: HttpRequest) -> Answer:
        number = asked(request, "p", 0)
        link = {"nextLink": f"{HOST}/pets?p={number + 1}"} if number + 1 < len(pages) else {}
        return Answer(json={"value": pages[number], **link})

    return answer


def linked_in_header(pages: Pages) -> Callable[[HttpRequest], Answer]:
    def answer(request: HttpRequest) -> Answer:
        number = asked(request, "p", 0)
        following = [f'</pets?p={number + 1}>; rel="next"'] if number + 1 < len(pages) else []
        return Answer(json=pages[number], headers={"Link": ", ".join(['</pets>; rel="first"', *following])})

    return answer


def linked_in_own_header(pages: Pages) -> Callable[[HttpRequest], Answer]:
    def answer(request: HttpRequest) -> Answer:
        number = asked(request, "p", 0)
        return Answer(json=pages[number], headers={"x-next": f"?p={number + 1}"} if number + 1 < len(pages) else {})

    return answer


def with_tokens(pages: Pages) -> Callable[[HttpRequest], Answer]:
    def answer(request: HttpRequest) -> Answer:
        number = asked(request, "cursor", 0)
        token = str(number + 1) if number + 1 < len(pages) else ""
        return Answer(json={"data": {"items": pages[number]}, "meta": {"next": token}})

    return answer


def numbered(pages: Pages) -> Callable[[HttpRequest], Answer]:
    def answer(request: HttpRequest) -> Answer:
        return Answer(json={"jobs": pages[asked(request, "page", 1) - 1], "pagination": {"pages": len(pages)}})

    return answer


def numbered_until_empty(pages: Pages) -> Callable[[HttpRequest], Answer]:
    full = [page for page in pages if page]

    def answer(request: HttpRequest) -> Answer:
        number = asked(request, "page", 0)
        return Answer(json=full[number] if number < len(full) else [])

    return answer


def by_offset(pages: Pages) -> Callable[[HttpRequest], Answer]:
    full = [page for page in pages if page]
    starts = {sum(map(len, full[:index])): page for index, page in enumerate(full)}

    def answer(request: HttpRequest) -> Answer:
        return Answer(json={"items": starts.get(asked(request, "offset", 0), []), "total": sum(map(len, full))})

    return answer


SCHEMES: Final[dict[str, tuple[Paging[Any], Service]]] = {
    "next link": (NextLink(items=("value",)), linked),
    "Link header": (NextLinkHeader("Link"), linked_in_header),
    "own header": (NextLinkHeader("x-next"), linked_in_own_header),
    "token": (NextToken(items=("data", "items"), next=("meta", "next"), parameter="cursor"), with_tokens),
    "page number": (PageNumber(items=("jobs",), pages=("pagination", "pages")), numbered),
    "page number until empty": (PageNumber(first=0), numbered_until_empty),
    "offset": (Offset(items=("items",)), by_offset),
    "offset with total": (Offset(items=("items",), total=("total",)), by_offset),
}


@pytest.mark.parametrize("name", SCHEMES)
@given(pages=st.lists(st.lists(st.integers(0, 99), max_size=4), min_size=1, max_size=6))
def test_every_scheme_yields_all_items_in_order(name: str, pages: Pages) -> None:
    """However the list is cut; empty pages in the middle end nothing unless the scheme says so."""
    paging, service = SCHEMES[name]
    everything = [item for page in pages for item in page]
    for side in (Side("sync"), Side("async")):
        assert side.all(side.list(paging, service(pages), repeat=True)) == everything


@pytest.mark.parametrize("name", SCHEMES)
@given(pages=st.lists(st.lists(st.integers(0, 99), max_size=4), min_size=1, max_size=6))
def test_every_token_resumes_with_the_rest(name: str, pages: Pages) -> None:
    """In another client, from nothing but the token."""
    paging, service = SCHEMES[name]
    everything = [item for page in pages for item in page]
    side = Side("sync")
    walk = side.list(paging, service(pages), repeat=True).by_page()
    read: list[int] = []
    for page in walk:
        read.extend(page)
        if walk.continuation_token is not None:
            again = Side("sync")
            rest = again.list(paging, service(pages), repeat=True, continuation_token=walk.continuation_token)
            assert read + list(rest) == everything


# --- the pager -------------------------------------------------------------------------------------------------------

THREE_PAGES: Final = ([1, 2], [3], [4, 5])


def three_pages() -> Iterator[Answer]:
    for number, items in enumerate(THREE_PAGES, 2):
        yield Answer(json={"value": items} | ({"nextLink": f"/pets?p={number}"} if number < 4 else {}))


LINKS: Final[Paging[int]] = NextLink(items=("value",))


def test_nothing_is_sent_before_the_first_item_is_asked_for(side: Side) -> None:
    """A pager costs nothing until it is used, and then one request a page."""
    pager = side.list(LINKS, *three_pages())
    assert side.urls == []
    assert [side.next(pager), side.next(pager)] == [1, 2]
    assert side.urls == ["/pets"]


def test_leaving_a_loop_and_going_on(side: Side) -> None:
    """An ItemPaged is an iterator: the second loop gets what the first one left."""
    pager = side.list(LINKS, *three_pages())
    assert side.next(pager) == 1
    assert side.all(pager) == [2, 3, 4, 5]
    assert side.all(pager) == []
    assert len(side.urls) == 3


def test_by_page_yields_sequences(side: Side) -> None:
    """A page has a length, an order, slices, and knows where the next one begins."""
    pages = side.all(side.list(LINKS, *three_pages()).by_page())
    assert [list(page) for page in pages] == [list(items) for items in THREE_PAGES]
    assert (len(pages[0]), pages[0][-1], pages[0][:1], 2 in pages[0]) == (2, 2, [1], True)
    assert pages[0].continuation_token == f"{HOST}/pets?p=2"
    assert repr(pages[0]) == "<Page of 2 items>"
    assert repr(pages[2]) == "<last Page of 2 items>"


def test_the_token_moves_with_the_pages(side: Side) -> None:
    """None before the first and after the last page."""
    walk = side.list(LINKS, *three_pages()).by_page()
    tokens = [walk.continuation_token]
    for _ in range(3):
        side.next(walk)
        tokens.append(walk.continuation_token)
    assert tokens == [None, f"{HOST}/pets?p=2", f"{HOST}/pets?p=3", None]
    with pytest.raises(StopAsyncIteration if side.is_async else StopIteration):
        side.next(walk)
    assert repr(walk) == "<PageIterator: 3 pages read, the last one too>"


def test_by_page_is_on_its_own(side: Side) -> None:
    """What was iterated before does not matter, and a token may be given there too."""
    pager = side.list(LINKS, *three_pages(), *list(three_pages())[1:])
    assert side.all(pager) == [1, 2, 3, 4, 5]
    assert [list(page) for page in side.all(pager.by_page(f"{HOST}/pets?p=2"))] == [[3], [4, 5]]


@pytest.mark.parametrize(
    ("problem", "error"),
    [(Answer(404), HttpResponseError), (ServiceResponseError("cut off"), ServiceResponseError)],
    ids=["status", "transport"],
)
def test_an_error_leaves_the_pager_where_it_was(side: Side, problem: Line, error: type[Exception]) -> None:
    """The next next() asks for the same page again, and no item is lost."""
    first, second, third = three_pages()
    pager = side.list(LINKS, first, problem, second, third, max_retries=0)
    assert [side.next(pager), side.next(pager)] == [1, 2]
    with pytest.raises(error):
        side.next(pager)
    assert side.all(pager) == [3, 4, 5]
    assert side.urls == ["/pets", "/pets?p=2", "/pets?p=2", "/pets?p=3"]


def test_items_are_models(side: Side) -> None:
    """A thunk does as well as a class: models may be defined later."""
    pets = side.all(side.list(SinglePage(items=("pets",), item=lambda: Pet), Answer(json={"pets": [{"name": "Ada"}]})))
    assert pets == [Pet(name="Ada")]
    assert isinstance(pets[0], Pet)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(json={"value": []}),
        Answer(json={"value": None}),
        Answer(json={}),
        Answer(204),
    ],
    ids=["empty", "null", "missing", "no body"],
)
def test_an_empty_list_is_no_error(side: Side, answer: Answer) -> None:
    """It is one empty page."""
    pages = side.all(side.list(LINKS, answer).by_page())
    assert [list(page) for page in pages] == [[]]


def test_every_page_gets_the_settings_of_the_call(side: Side) -> None:
    """Headers, request id and the operation's own header parameters, on the first page and on the others."""
    options = {"headers": {"X-A": "1"}, "client_request_id": "mine", "arguments": {"tenant": "t"}}
    side.all(side.list(LINKS, *three_pages(), **options))
    for request in side.service.requests:
        names = ("X-A", "X-Request-ID", "X-Tenant")
        assert [request.headers[name] for name in names] == ["1", "mine", "t"]


def test_a_page_is_a_call_with_a_deadline_of_its_own(side: Side) -> None:
    """A list may be read slowly: the timeout counts from each request on."""
    pager = side.list(LINKS, *three_pages(), timeout=5.0)
    side.next(pager)
    side.service.clock.advance(60.0)
    side.all(pager)
    assert [request.call.deadline for request in side.service.requests] == [5.0, 65.0, 65.0]


# --- addresses -------------------------------------------------------------------------------------------------------


def test_another_origin_gets_no_secret(side: Side) -> None:
    """A next link may lead elsewhere; neither the key nor header fields of caller and operation go there."""
    first = Answer(json={"value": [1], "nextLink": "https://cdn.test/p2"})
    last = Answer(json={"value": [2]})
    client = {"credential": KeyCredential("s3cret"), "authentication": [KeyInHeader("api-key")]}
    arguments = {"tenant": "t"}
    options = {"headers": {"X-Secret": "h"}, "arguments": arguments}
    assert side.all(side.list(LINKS, first, last, client=client, **options)) == [1, 2]
    here, there = side.service.requests
    assert {"api-key", "x-secret", "x-tenant"} <= {name.lower() for name in here.headers}
    assert not {"api-key", "x-secret", "x-tenant"} & {name.lower() for name in there.headers}
    assert there.headers["Accept"] == "application/json"


def test_a_list_never_leaves_https(side: Side) -> None:
    """What came until then is not lost; nothing is sent over http."""
    first = Answer(json={"value": [1], "nextLink": "http://example.test/p2?sig=abc"})
    pager = side.list(LINKS, first)
    assert side.next(pager) == 1
    with pytest.raises(InsecureTransportError) as caught:
        side.next(pager)
    assert "http://example.test/p2?sig=*** was not followed: the client's endpoint is https" in str(caught.value)
    assert len(side.urls) == 1


@pytest.mark.parametrize(
    ("paging", "answers", "message"),
    [
        pytest.param(
            LINKS,
            [{"value": [1], "nextLink": "/pets"}],
            "the next link https://example.test/pets leads back to the page that has it",
            id="link to itself",
        ),
        pytest.param(
            LINKS,
            [{"value": [1], "nextLink": "/pets?p=2"}, {"value": [1], "nextLink": "/pets?p=2#again"}],
            "the next link https://example.test/pets?p=*** leads back to the page that has it",
            id="same link twice",
        ),
        pytest.param(
            NextToken(items=("value",)),
            [{"value": [1], "nextPageToken": "a"}, {"value": [1], "nextPageToken": "a"}],
            "the next page's token leads back to the page that has it, so the list would never end",
            id="same token twice",
        ),
    ],
)
def test_a_list_that_leads_back_to_itself_is_an_error(
    side: Side, paging: Paging[Any], answers: list[Any], message: str
) -> None:
    """Not an endless loop."""
    with pytest.raises(DecodeError) as caught:
        side.all(side.list(paging, *(Answer(json=answer) for answer in answers)))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ('<https://example.test/p2>; rel="next"', "/p2"),
        ("</p2>; rel=next", "/p2"),
        ('<?p=2>; title="a, b; c"; REL="prev  Next"', "/pets?p=2"),
        ('</p1>; rel="prev", </p2?a=1,2;3>; rel="next"', "/p2?a=1,2;3"),
        (r'</p1>; title="\", </bad>; rel=next"; rel="last", </p2>; rel="next"', "/p2"),
    ],
    ids=["absolute", "unquoted", "several relations", "second of two", "quotes and escapes"],
)
def test_link_headers_are_read_as_rfc_8288_says(side: Side, value: str, url: str) -> None:
    """The link with the relation "next" counts."""
    side.all(side.list(NextLinkHeader(), Answer(json=[1], headers={"Link": value}), Answer(json=[2])))
    assert side.urls == ["/pets", url]


@pytest.mark.parametrize(
    "value",
    [
        '</p1>; rel="prev"',
        '</p1>; rel="prev"; rel="next"',
        '</p2>; rel="next"; anchor="#part"',
        "/p2; rel=next",
        "<",
        "",
    ],
    ids=["other relation", "second rel is ignored", "anchored", "no brackets", "garbage", "empty"],
)
def test_other_link_headers_end_the_list(side: Side, value: str) -> None:
    """Without a link to the next page this is the last one."""
    assert side.all(side.list(NextLinkHeader(), Answer(json=[1], headers={"Link": value}))) == [1]


def test_parameters_of_the_first_page_stay(side: Side) -> None:
    """Only the page changes; a page that the caller asked for is where the counting begins."""
    answers = [Answer(json={"v": [1], "n": 5}), Answer(json={"v": [2], "n": 5})]
    paging: Paging[int] = PageNumber(items=("v",), pages=("n",))
    assert side.all(side.list(paging, *answers, arguments={"page": 4})) == [1, 2]
    assert side.urls == ["/pets?page=4", "/pets?page=5"]


@pytest.mark.parametrize(
    ("links", "rest"),
    [
        ([{"rel": "self", "href": "/pets"}, {"rel": "next", "href": "/pets?p=2"}], ["/pets?p=2"]),
        ([{"relation": "next", "url": "/pets?p=2"}], ["/pets?p=2"]),
        ({"href": "?p=2"}, ["/pets?p=2"]),
        ([{"rel": "previous", "href": "/pets?p=0"}], []),
        ([], []),
        ({}, []),
    ],
    ids=["by its relation", "as FHIR has it", "an object", "no next one", "no links", "no address"],
)
def test_a_link_may_be_an_object(side: Side, links: Any, rest: list[str]) -> None:
    """As HAL, OpenStack and FHIR write links."""
    answers = [Answer(json={"value": [1], "links": links}), Answer(json={"value": [2]})]
    paging: Paging[int] = NextLink(items=("value",), next=("links",))
    assert len(side.all(side.list(paging, *answers[: 1 + len(rest)]))) == 1 + len(rest)
    assert side.urls == ["/pets", *rest]


def test_a_fragment_goes_on_below_the_first_page(side: Side) -> None:
    """`next?page=2` of `/pets` is `/pets/next?page=2`, on every page, and keeps what the service asks for again."""
    answers = [Answer(json={"value": [number], "nextLink": f"next?page={number + 1}"}) for number in (1, 2)]
    paging: Paging[int] = NextLink(items=("value",), below=True, keep=("kind", "missing"))
    pager = side.list(paging, *answers, Answer(json={"value": [3]}), arguments={"kind": "cat"})
    assert side.all(pager) == [1, 2, 3]
    assert side.urls == ["/pets?kind=cat", "/pets/next?page=2&kind=cat", "/pets/next?page=3&kind=cat"]


def test_a_parameter_is_not_kept_for_another_origin(side: Side) -> None:
    """Nor put twice into a link that has it."""
    answers = [
        Answer(json={"value": [1], "nextLink": "/pets?kind=dog"}),
        Answer(json={"value": [2], "nextLink": "https://elsewhere.test/pets"}),
        Answer(json={"value": [3]}),
    ]
    paging: Paging[int] = NextLink(items=("value",), keep=("kind",))
    assert side.all(side.list(paging, *answers, arguments={"kind": "cat"})) == [1, 2, 3]
    assert side.urls == ["/pets?kind=cat", "/pets?kind=dog", "https://elsewhere.test/pets"]


@pytest.mark.parametrize(
    ("numbers", "token", "sent"), [(True, 7, 7), (True, "7f", "7f"), (False, 7, "7")], ids=["number", "text", "usual"]
)
def test_a_token_in_a_body_is_of_its_kind(side: Side, numbers: bool, token: Any, sent: Any) -> None:
    paging: Paging[int] = NextToken(items=("v",), next=("n",), parameter="offset", location="body", numbers=numbers)
    answers = [Answer(json={"v": [1], "n": token}), Answer(json={"v": [2], "n": None})]
    assert side.all(side.list(paging, *answers)) == [1, 2]
    assert json.loads(side.service.requests[1].content or b"{}") == {"offset": sent}


def test_a_token_may_come_in_an_address(side: Side) -> None:
    """Some services give the whole address of the next page where others give its token."""
    answers = [
        Answer(json={"v": [1], "next": f"{HOST}/pets?size=1&cursor=a%3D1"}),
        Answer(json={"v": [2], "next": None}),
    ]
    paging: Paging[int] = NextToken(items=("v",), next=("next",), parameter="cursor")
    assert side.all(side.list(paging, *answers)) == [1, 2]
    assert side.urls == ["/pets", "/pets?cursor=a%3D1"]


def test_items_may_be_counted_from_one(side: Side) -> None:
    """As SCIM does: two of three came, so the next page begins at the third."""
    answers = [Answer(json={"v": [1, 2], "n": 3}), Answer(json={"v": [3], "n": 3})]
    paging: Paging[int] = Offset(items=("v",), total=("n",), parameter="startIndex", first=1)
    assert side.all(side.list(paging, *answers)) == [1, 2, 3]
    assert side.urls == ["/pets", "/pets?startIndex=3"]


def test_a_key_in_the_query_is_in_no_token(side: Side) -> None:
    """Tokens get stored, so what authenticates a request must not be in them."""
    client = {"credential": KeyCredential("s3cret"), "authentication": [KeyInQuery("key")]}
    answer = Answer(json={"value": [1], "nextLink": "?p=2"})
    walk = side.list(LINKS, answer, client=client).by_page()
    side.next(walk)
    assert "s3cret" in side.service.requests[0].url
    assert walk.continuation_token == f"{HOST}/pets?p=2"


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paging", "token", "message"),
    [
        (SinglePage(), "2", "this list comes in one page, so it takes no continuation_token"),
        (PageNumber(), "two", "continuation_token 'two' is not one of this list: its tokens are whole numbers"),
        (Offset(), "-1", "continuation_token '-1' is not one of this list"),
        (NextLink(), "file:///etc/passwd", "its tokens are absolute URLs of pages"),
    ],
    ids=["single page", "page number", "offset", "link"],
)
def test_a_token_of_something_else_is_told_by_the_method(
    side: Side, paging: Paging[Any], token: str, message: str
) -> None:
    """Before anything is sent, and before the first next()."""
    with pytest.raises(ValueError) as caught:
        side.list(paging, continuation_token=token)
    assert message in str(caught.value)


class Even:
    """A codec with an opinion."""

    def decode(self, wire: Any, /) -> int:
        if wire % 2:
            raise ValueError(f"{wire} is odd")
        return int(wire)

    def encode(self, value: Any, /) -> Any:
        return value


@pytest.mark.parametrize(
    ("paging", "answer", "message"),
    [
        (LINKS, Answer(content=b"<html>"), "the page is not JSON"),
        (LINKS, Answer(json={"value": {}}), "'value' in the body should be the list of items and is a JSON object"),
        (LINKS, Answer(json={"value": "x"}), "'value' in the body should be the list of items and is a JSON string"),
        (SinglePage(), Answer(json=True), "the body should be the list of items and is a JSON boolean"),
        (LINKS, Answer(json={"value": [], "nextLink": 7}), "should be the next page's URL and is a JSON number"),
        (NextToken(), Answer(json={"nextPageToken": []}), "should be the list of items and is a JSON object"),
        (
            NextToken(items=("value",)),
            Answer(json={"value": [], "nextPageToken": ["a"]}),
            "'nextPageToken' in the body should be the next page's token and is a JSON array",
        ),
        (SinglePage(item=Even()), Answer(json=[2, 3]), "an item of the body cannot be read: 3 is odd"),
    ],
    ids=["not JSON", "object", "string", "boolean", "link is a number", "path is wrong", "token is a list", "item"],
)
def test_a_page_that_cannot_be_read_is_an_error(side: Side, paging: Paging[Any], answer: Answer, message: str) -> None:
    """Never an empty list, which would look like an answer."""
    with pytest.raises(DecodeError) as caught:
        side.all(side.list(paging, answer))
    assert message in str(caught.value)


def test_a_pager_says_what_it_is(side: Side) -> None:
    """Without the token, which may be a URL with a signature in it."""
    assert repr(side.list(LINKS)) == "<ItemPaged of GET /pets>"
    token = f"{HOST}/pets?sig=abc"
    assert (
        repr(side.list(LINKS, continuation_token=token))
        == "<ItemPaged of GET /pets that began at a continuation token>"
    )


def test_a_page_is_a_value() -> None:
    """Custom schemes make pages too."""
    page = Page((1, 2), "t")
    assert (list(page), page.continuation_token, json.dumps(list(page))) == ([1, 2], "t", "[1, 2]")
