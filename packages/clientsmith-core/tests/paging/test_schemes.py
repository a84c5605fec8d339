"""What paging schemes can be told: parameters in query, header and body, last ids, totals, "more", sizes, circles."""

from __future__ import annotations

import asyncio
import json
import pickle
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import KeyCredential, KeyInQuery
from clientsmith.core.errors import (
    DecodeError,
    ResourceNotFoundError,
    ServiceResponseError,
    SettingError,
    UnknownSettingError,
)
from clientsmith.core.operations import ListOperation, json_body, query
from clientsmith.core.paging import (
    Arrived,
    InHeader,
    LastId,
    NextLink,
    NextLinkHeader,
    NextToken,
    Offset,
    PageNumber,
    Paging,
    SinglePage,
)
from clientsmith.core.polling import Polling
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport
from clientsmith.core.versioning.schemes import fixed_query
from hypothesis import given
from hypothesis import strategies as st

HOST: Final = "https://example.test"


class Side:
    """One of the two colours, driven in the same words."""

    def __init__(self, colour: str) -> None:
        self.is_async = colour == "async"
        self.service: ScriptedTransport | AsyncScriptedTransport = ScriptedTransport()

    def list(
        self,
        paging: Paging[Any],
        *lines: Any,
        method: str = "GET",
        body: Any = None,
        client: Any = None,
        repeat: bool = False,
        **options: Any,
    ) -> Any:
        """Return the pager of a list operation over a scripted service."""
        operation: ListOperation[Any] = ListOperation(
            method,
            "/pets",
            parameters={"page": query("page"), "per_page": query("per_page")},
            body=json_body() if method == "POST" else None,
            responses={200: None},
            paging=paging,
        )
        arguments = options.pop("arguments", {})
        made = self.client(lines, repeat, client or {})
        return made._list(operation, arguments, body=body, options=options)

    def client(self, lines: Iterable[Any], repeat: bool, settings: Any) -> Any:
        if self.is_async:
            self.service = AsyncScriptedTransport(*lines, repeat=repeat)
            return aio.ServiceClient(HOST, transport=self.service, **settings)
        self.service = ScriptedTransport(*lines, repeat=repeat)
        return ServiceClient(HOST, transport=self.service, **settings)

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

    @property
    def bodies(self) -> Sequence[Any]:
        return [json.loads(request.content) for request in self.service.requests if isinstance(request.content, bytes)]


@pytest.fixture(params=["sync", "async"])
def side(request: pytest.FixtureRequest) -> Side:
    """The same test in both colours."""
    return Side(request.param)


# --- last id ---------------------------------------------------------------------------------------------------------


def items(*ids: int | str, **rest: Any) -> Answer:
    return Answer(json={"data": [{"id": each} for each in ids], **rest})


BY_ID: Final[Paging[Any]] = LastId(items=("data",), parameter="starting_after", more=("has_more",))


def test_the_last_id_leads_on_while_there_is_more(side: Side) -> None:
    """As Stripe and others page; nothing is asked once the service says that this is all."""
    pager = side.list(BY_ID, items("a", "b", has_more=True), items("c/d", has_more=True), items("e", has_more=False))
    assert [item["id"] for item in side.all(pager)] == ["a", "b", "c/d", "e"]
    assert side.urls == ["/pets", "/pets?starting_after=b", "/pets?starting_after=c%2Fd"]


def test_without_has_more_the_last_id_ends_with_an_empty_page(side: Side) -> None:
    """There is no other way to know."""
    paging: Paging[Any] = LastId(items=("data",))
    assert len(side.all(side.list(paging, items(1, 2), items(3), items()))) == 3
    assert side.urls == ["/pets", "/pets?after_id=2", "/pets?after_id=3"]


@pytest.mark.parametrize(
    ("paging", "answer", "message"),
    [
        (BY_ID, items(has_more=True), "'has_more' in the body says that there are more pages, but nothing leads to"),
        (
            BY_ID,
            Answer(json={"data": [{"name": "x"}], "has_more": True}),
            "the last item of the page has no id at 'id'",
        ),
        (
            NextToken(items=("data",), more=("info", "hasNextPage"), next=("info", "endCursor")),
            items(1, info={"hasNextPage": True, "endCursor": None}),
            "'info.hasNextPage' in the body says that there are more pages",
        ),
    ],
    ids=["no items", "no id", "no cursor"],
)
def test_more_without_a_way_there_is_an_error(side: Side, paging: Paging[Any], answer: Answer, message: str) -> None:
    """A list that ends early would look like the whole one."""
    with pytest.raises(DecodeError) as caught:
        side.all(side.list(paging, answer))
    assert message in str(caught.value)


# --- tokens in header fields and bodies ------------------------------------------------------------------------------


def test_a_token_may_travel_in_header_fields(side: Side) -> None:
    """In the answer's and in the request's, which need not have the same name."""
    paging: Paging[Any] = NextToken(next=InHeader("x-ms-continuation"), parameter="x-ms-token", location="header")
    first = Answer(json=[1], headers={"x-ms-continuation": "t/2"})
    assert side.all(side.list(paging, first, Answer(json=[2]))) == [1, 2]
    assert [request.headers.get("x-ms-token") for request in side.service.requests] == [None, "t/2"]
    assert side.urls == ["/pets", "/pets"]


GRAPH: Final[Paging[Any]] = NextToken(
    items=("data", "pets", "nodes"),
    next=("data", "pets", "pageInfo", "endCursor"),
    more=("data", "pets", "pageInfo", "hasNextPage"),
    parameter=("variables", "after"),
    location="body",
    total=("data", "pets", "totalCount"),
)


def test_a_search_is_asked_for_in_its_body(side: Side) -> None:
    """GraphQL's connections: the cursor goes beside the other variables, and the last page has one too."""

    def page(number: int, more: bool) -> Answer:
        info = {"endCursor": f"c{number}", "hasNextPage": more}
        return Answer(json={"data": {"pets": {"nodes": [number], "pageInfo": info, "totalCount": 2}}})

    body = {"query": "query($kind: String)", "variables": {"kind": "dog"}}
    pages = side.all(side.list(GRAPH, page(1, True), page(2, False), method="POST", body=body).by_page())
    assert [(list(page), page.total) for page in pages] == [([1], 2), ([2], 2)]
    assert side.bodies == [body, body | {"variables": {"kind": "dog", "after": "c1"}}]
    assert {request.method for request in side.service.requests} == {"POST"}
    assert {request.headers["Content-Type"] for request in side.service.requests} == {"application/json"}


def test_numbers_in_a_body_are_numbers(side: Side) -> None:
    """``{"from": 2}``, not ``{"from": "2"}``; what the caller began with counts."""
    paging: Paging[Any] = Offset(items=("hits",), parameter="from", location="body", total=("total",))
    answers = [Answer(json={"hits": [1, 2], "total": 7}), Answer(json={"hits": [3, 4], "total": 7})]
    assert side.all(side.list(paging, *answers, method="POST", body={"q": "x", "from": 3})) == [1, 2, 3, 4]
    assert side.bodies == [{"q": "x", "from": 3}, {"q": "x", "from": 5}]


def test_a_body_that_cannot_take_a_token_is_told(side: Side) -> None:
    """By the method, before anything is sent."""
    paging: Paging[Any] = NextToken(parameter="after", location="body")
    with pytest.raises(ValueError, match="the body has to be a JSON object"):
        side.list(paging, method="POST", body=[1], continuation_token="t")
    assert side.urls == []


# --- totals, numbers, sizes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "answer", "expected"),
    [
        (("meta", "count"), Answer(json={"value": [1], "meta": {"count": 41}}), 41),
        (("meta", "count"), Answer(json={"value": [1]}), None),
        (InHeader("X-Total-Count"), Answer(json={"value": [1]}, headers={"X-Total-Count": " 41 "}), 41),
        (InHeader("X-Total-Count"), Answer(json={"value": [1]}, headers={"X-Total-Count": "many"}), None),
    ],
    ids=["body", "not told", "header", "unreadable"],
)
def test_a_page_knows_the_total(side: Side, total: Any, answer: Answer, expected: int | None) -> None:
    """And has the answer, for whatever else it tells."""
    page = side.next(side.list(NextLink(items=("value",), total=total), answer).by_page())
    assert page.total == expected
    assert page.response.json()["value"] == [1]
    assert repr(page) == f"<last Page of 1 items{'' if expected is None else ', 41 in all'}>"


@pytest.mark.parametrize(
    ("paging", "answers", "urls"),
    [
        pytest.param(
            PageNumber(first=0, pages=InHeader("X-Total-Pages")),
            [Answer(json=[1], headers={"X-Total-Pages": "2"}), Answer(json=[2], headers={"X-Total-Pages": "2"})],
            ["/pets", "/pets?page=1"],
            id="number of pages in a header, from 0",
        ),
        pytest.param(
            PageNumber(items=("v",), more=("more",)),
            [Answer(json={"v": [1], "more": True}), Answer(json={"v": [], "more": True}), Answer(json={"v": [2], "more": False})],
            ["/pets", "/pets?page=2", "/pets?page=3"],
            id="an empty page in the middle, since there is more",
        ),
        pytest.param(
            Offset(items=("v",), more=("more",)),
            [Answer(json={"v": [1, 1], "more": True}), Answer(json={"v": [2], "more": False})],
            ["/pets", "/pets?offset=2"],
            id="offset and more",
        ),
        pytest.param(
            NextLinkHeader(more=InHeader("X-Has-More")),
            [
                Answer(json=[1], headers={"Link": "<?p=2>; rel=next", "X-Has-More": "True"}),
                Answer(json=[2], headers={"Link": "<?p=3>; rel=next", "X-Has-More": "false"}),
            ],
            ["/pets", "/pets?p=2"],
            id="more in a header",
        ),
    ],
)  # fmt: skip
def test_what_the_answer_says_about_more_counts(
    side: Side, paging: Paging[Any], answers: list[Answer], urls: list[str]
) -> None:
    """It saves the request that only finds an empty page, and an empty page in the middle ends nothing."""
    side.all(side.list(paging, *answers))
    assert side.urls == urls


def test_a_page_size_may_be_wished_for(side: Side) -> None:
    """Under one name for every list; the wish goes with every page."""
    paging: Paging[Any] = PageNumber(size="per_page")
    side.all(side.list(paging, Answer(json=[1, 2]), Answer(json=[]), results_per_page=2))
    assert side.urls == ["/pets?per_page=2", "/pets?per_page=2&page=2"]


def test_a_page_size_goes_into_the_body_of_a_search(side: Side) -> None:
    """Where the rest of the question is."""
    paging: Paging[Any] = NextToken(items=("v",), parameter="after", location="body", size=("page", "size"))
    side.all(side.list(paging, Answer(json={"v": []}), method="POST", body={"q": 1}, results_per_page=50))
    assert side.bodies == [{"q": 1, "page": {"size": 50}}]


@pytest.mark.parametrize("size", [0, -1, True, "10"])
def test_a_page_size_is_a_whole_number(side: Side, size: Any) -> None:
    """Told by the method."""
    with pytest.raises(SettingError, match=r"results_per_page is .*; it takes a whole number, 1 or more"):
        side.list(PageNumber(size="per_page"), results_per_page=size)


def test_a_list_that_takes_no_page_size_says_so(side: Side) -> None:
    """A wish that nobody hears is a mistake."""
    with pytest.raises(UnknownSettingError, match="unknown setting 'results_per_page'"):
        side.list(SinglePage(), results_per_page=10)


@pytest.mark.parametrize(
    ("asked", "urls"),
    [
        ({"results_per_page": 2}, ["/pets?per_page=2", "/pets?per_page=2&page=2"]),
        ({"arguments": {"per_page": 2}}, ["/pets?per_page=2", "/pets?per_page=2&page=2"]),
        ({}, ["/pets", "/pets?page=2", "/pets?page=3"]),
    ],
    ids=["wished for", "an argument of the method", "not known"],
)
def test_a_short_page_may_be_the_last(side: Side, asked: Any, urls: list[str]) -> None:
    """Only where the scheme says so, and the size that was asked for is known."""
    paging: Paging[Any] = PageNumber(size="per_page", short_is_last=True)
    assert side.all(side.list(paging, Answer(json=[1, 2]), Answer(json=[3]), Answer(json=[]), **asked)) == [1, 2, 3]
    assert side.urls == urls


# --- links -----------------------------------------------------------------------------------------------------------


def test_a_link_may_want_the_search_again(side: Side) -> None:
    """``method="POST"``: the link has the position, the body has the question."""
    paging: Paging[Any] = NextLink(items=("value",), method="POST")
    first = Answer(json={"value": [1], "nextLink": "/pets?skip=1"})
    assert side.all(side.list(paging, first, Answer(json={"value": [2]}), method="POST", body={"q": 1})) == [1, 2]
    assert [request.method for request in side.service.requests] == ["POST", "POST"]
    assert side.bodies == [{"q": 1}, {"q": 1}]


def test_a_link_is_otherwise_asked_with_get(side: Side) -> None:
    """Without the body of the first request."""
    first = Answer(json={"value": [1], "nextLink": "/pets?skip=1"})
    paging: Paging[Any] = NextLink(items=("value",))
    side.all(side.list(paging, first, Answer(json={"value": [2]}), method="POST", body={"q": 1}))
    last = side.service.requests[1]
    assert (last.method, last.content, "Content-Type" in last.headers) == ("GET", None, False)


def test_a_link_that_is_no_url_is_an_error(side: Side) -> None:
    """It is not shown: it may hold anything."""
    answer = Answer(json={"value": [1], "nextLink": "https://[oops/?key=s3cret"})
    with pytest.raises(DecodeError, match="the next link cannot be read as a URL") as caught:
        side.all(side.list(NextLink(items=("value",)), answer))
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("link", ["ftp://example.test/p2", "javascript:void(0)", "mailto:a@b.c"])
def test_a_link_that_leads_to_no_page_is_an_error(side: Side, link: str) -> None:
    """Told when it comes, with the page that has it."""
    with pytest.raises(DecodeError, match="leads to something else than a page"):
        side.all(side.list(NextLink(items=("value",)), Answer(json={"value": [1], "nextLink": link})))


def test_a_token_that_no_header_field_can_hold_is_an_error(side: Side) -> None:
    """It would else begin a header field of its own."""
    paging: Paging[Any] = NextToken(items=("v",), next=("t",), parameter="x-token", location="header")
    with pytest.raises(DecodeError, match="has a line break in it and cannot travel in a header field"):
        side.all(side.list(paging, Answer(json={"v": [1], "t": "a\r\nX-Admin: 1"})))
    assert len(side.urls) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/pets?page=2&key=s3cret%20%2B", "/pets?page=2"),
        ("/pets?key=s3cret+%2b&page=2", "/pets?page=2"),
        ("https://cdn.test/p?key=s3cret%20%2B", "https://cdn.test/p"),
        ("/pets?page=2&key=an-older-one", "/pets?page=2"),
        ("https://cdn.test/p?key=theirs", "https://cdn.test/p?key=theirs"),
        ("/pets?page=2&sig=theirs", "/pets?page=2&sig=theirs"),
    ],
    ids=[
        "last",
        "first, encoded otherwise",
        "on another host",
        "a key of yesterday",
        "a key of another host",
        "a signature",
    ],
)
def test_a_key_that_the_service_repeats_is_in_no_token(side: Side, given: str, kept: str) -> None:
    """Many services copy the whole query into their links. Tokens get stored; the client adds its key again."""
    client = {"credential": KeyCredential("s3cret +"), "authentication": [KeyInQuery("key")]}
    walk = side.list(
        NextLink(items=("value",)),
        Answer(json={"value": [1], "nextLink": given}),
        Answer(json={"value": [2]}),
        client=client,
    ).by_page()
    side.next(walk)
    assert walk.continuation_token == (kept if kept.startswith("http") else HOST + kept)
    side.next(walk)
    sent = parse_qs(urlsplit(side.service.requests[1].url).query).get("key", [])
    at_home = side.service.requests[1].url.startswith(HOST)
    assert ("s3cret +" in sent) == at_home


def test_what_a_redirect_adds_is_not_taken_for_ours(side: Side) -> None:
    """The service may need it on the next page."""
    moved = Answer(307, headers={"Location": "/v2/pets?region=eu"})
    first = Answer(json={"value": [1], "nextLink": "/v2/pets?region=eu&p=2"})
    walk = side.list(NextLink(items=("value",)), moved, first).by_page()
    side.next(walk)
    assert walk.continuation_token == f"{HOST}/v2/pets?region=eu&p=2"


def test_an_api_version_in_the_query_is_sent_once(side: Side) -> None:
    """The client's own, as on the first page."""
    client = {"api_version": fixed_query("api-version", "2024-05-01")}
    first = Answer(json={"value": [1], "nextLink": "/pets?api-version=2024-05-01&p=2"})
    side.all(side.list(NextLink(items=("value",)), first, Answer(json={"value": []}), client=client))
    assert [sorted(parse_qs(urlsplit(url).query).items()) for url in side.urls] == [
        [("api-version", ["2024-05-01"])],
        [("api-version", ["2024-05-01"]), ("p", ["2"])],
    ]


# --- circles ---------------------------------------------------------------------------------------------------------


def circle(length: int, lead: int) -> Callable[[HttpRequest], Answer]:
    """Pages 0, 1, … of which the last leads back to page ``lead``."""

    def answer(request: HttpRequest) -> Answer:
        number = int(parse_qs(urlsplit(request.url).query).get("t", ["0"])[0])
        following = number + 1 if number + 1 < lead + length else lead
        return Answer(json={"v": [number], "next": following})

    return answer


ROUND: Final[Paging[Any]] = NextToken(items=("v",), next=("next",), parameter="t")


@given(length=st.integers(2, 40), lead=st.integers(1, 40))
def test_a_list_that_goes_round_in_a_circle_is_an_error(length: int, lead: int) -> None:
    """However long the circle and the way into it, after a few times their length, and without remembering all."""
    for side in (Side("sync"), Side("async")):
        walk = side.list(ROUND, circle(length, lead), repeat=True).by_page()
        with pytest.raises(DecodeError, match="leads back to one that was read before, so the list would never end"):
            side.all(walk)
        assert len(side.urls) <= 4 * (length + lead)


def test_a_long_list_is_no_circle(side: Side) -> None:
    """The guard looks at tokens, not at how many there were."""
    answers = [Answer(json={"v": [n], "next": n + 1 if n < 300 else None}) for n in range(301)]
    assert side.all(side.list(ROUND, *answers)) == list(range(301))


# --- errors, tokens, custom schemes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (Answer(404), ResourceNotFoundError),
        (ServiceResponseError("cut off"), ServiceResponseError),
        (Answer(content=b"<html>"), DecodeError),
    ],
    ids=["status", "transport", "unreadable"],
)
def test_an_error_in_the_middle_says_where_to_go_on(side: Side, problem: Any, kind: type[Exception]) -> None:
    """The token of the page that failed, on the error itself: all items before it were handed out."""
    token_of_two = {"v": [1], "next": "two"}
    pager = side.list(ROUND, Answer(json=token_of_two), problem, max_retries=0)
    assert side.next(pager) == 1
    with pytest.raises(kind) as caught:
        side.next(pager)
    assert caught.value.continuation_token == "two"  # type: ignore[attr-defined]
    assert pickle.loads(pickle.dumps(caught.value)).continuation_token == "two"
    again = side.list(ROUND, Answer(json={"v": [2]}), continuation_token="two")
    assert side.all(again) == [2]


async def test_a_page_that_was_cancelled_is_asked_for_again() -> None:
    """A cancelled task loses no item; somebody else may go on with the pager."""
    asked = asyncio.Event()

    class Slow(AsyncScriptedTransport):
        async def send(self, request: HttpRequest, /) -> Any:
            if "t=two" in request.url and not asked.is_set():
                asked.set()
                await asyncio.sleep(60.0)
            return await super().send(request)

    service = Slow(Answer(json={"v": [1], "next": "two"}), Answer(json={"v": [2]}))
    operation: ListOperation[Any] = ListOperation("GET", "/pets", responses={200: None}, paging=ROUND)
    pager = aio.ServiceClient(HOST, transport=service)._list(operation, {}, options={})
    assert await anext(pager) == 1
    waiting = asyncio.ensure_future(anext(pager))
    await asked.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert [item async for item in pager] == [2]


def test_an_error_on_the_first_page_has_no_token(side: Side) -> None:
    """There is nothing to go on with: begin again."""
    with pytest.raises(ResourceNotFoundError) as caught:
        side.next(side.list(ROUND, Answer(404)))
    assert caught.value.continuation_token is None


@pytest.mark.parametrize("by_page", [False, True], ids=["list method", "by_page"])
@pytest.mark.parametrize(
    "token", ["https://evil.test/pets", "http://example.test/pets", "https://example.test:8443/pets"]
)
def test_a_stored_token_leads_home_or_nowhere(side: Side, token: str, by_page: bool) -> None:
    """It comes from wherever the caller kept it, so it cannot send the client to other hosts."""
    paging: Paging[Any] = NextLink(items=("value",))
    make = side.list(paging).by_page if by_page else partial(side.list, paging)
    with pytest.raises(ValueError, match=r"continuation_token leads away from the endpoint https://example\.test"):
        make(continuation_token=token)
    assert side.urls == []


def test_arguments_are_taken_when_the_method_is_called(side: Side) -> None:
    """What happens to them later does not change the pages to come."""
    body = {"q": "dogs"}
    pager = side.list(
        NextToken(items=("v",), next=("next",), parameter="after", location="body"),
        Answer(json={"v": [1], "next": "n"}),
        Answer(json={"v": [2]}),
        method="POST",
        body=body,
    )
    side.next(pager)
    body["q"] = "cats"
    side.all(pager)
    assert [sent["q"] for sent in side.bodies] == ["dogs", "dogs"]


def test_pagers_are_not_pickled_and_say_what_to_do(side: Side) -> None:
    """Their token is what travels."""
    pager = side.list(ROUND)
    for unpicklable in (pager, pager.by_page()):
        with pytest.raises(TypeError, match="belongs to its client and is not pickled; pass on the `continuation_tok"):
            pickle.dumps(unpicklable)


class Needy(SinglePage[Any]):
    """A scheme with something that has no default."""

    parameter: str


class Weekly(Paging[Any]):
    """A scheme of one's own: pages by the week, back to the first one."""

    oldest: int = 1

    def follow(self, first: HttpRequest, token: str) -> HttpRequest:
        request = first.copy()
        request.url = f"{first.url}/week/{int(token)}"
        return request

    def next_token(self, came: Arrived) -> str | None:
        week = int(came.token or came.response.headers["X-Week"])
        return str(week - 1) if week > self.oldest else None


def test_a_scheme_of_ones_own(side: Side) -> None:
    """Two methods, and everything else comes with it: tokens, guards, both colours."""
    first = Answer(json=["c"], headers={"X-Week": "3"})
    pager = side.list(Weekly(oldest=2), first, Answer(json=["b"]))
    assert side.all(pager) == ["c", "b"]
    assert side.urls == ["/pets", "/pets/week/2"]


def test_schemes_never_change_and_show_what_they_were_given() -> None:
    """They are shared by every call of every client."""
    paging: Paging[Any] = NextToken(items=("v",), parameter="t")
    assert repr(paging) == "NextToken(items=('v',), parameter='t')"
    assert paging == NextToken(items=("v",), parameter="t")
    assert paging != NextToken(items=("v",))
    assert len({paging, NextToken(items=("v",), parameter="t")}) == 1
    assert repr(NextLinkHeader("x-next")) == "NextLinkHeader(header='x-next')"
    with pytest.raises(AttributeError, match="NextToken never changes; make another one with the parameter"):
        paging.parameter = "u"  # type: ignore[misc,attr-defined]  # that is the test


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: NextToken(itmes=("v",)), "NextToken has no 'itmes'; it takes items, item, total, more, size"),
        (lambda: NextToken(("v",)), "NextToken takes 0 values by position, the others by name"),
        (lambda: NextLinkHeader("Link", header="Link"), "NextLinkHeader got 'header' twice"),
        (lambda: Needy(items=("v",)), "Needy lacks parameter"),
    ],
    ids=["misspelt", "by position", "twice", "missing"],
)
def test_a_scheme_that_is_declared_wrongly_says_so(make: Callable[[], object], message: str) -> None:
    """When the module is imported, not when the list is read."""
    with pytest.raises(TypeError) as caught:
        make()
    assert message in str(caught.value)


# --- what is declared wrongly ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (
            partial(SinglePage, items="jobs"),
            "items of SinglePage is a tuple, and was given a string; write items=('jobs',)",
        ),
        (partial(NextLink, next="next"), "next of NextLink is a tuple, and was given a string; write next=('next',)"),
        (partial(LastId, id="id"), "id of LastId is a tuple, and was given a string; write id=('id',)"),
        (partial(Polling, status="state"), "status of Polling is a tuple, and was given a string"),
        (partial(Polling, succeeded="finished"), "write succeeded=('finished',)"),
        (partial(Polling, headers="Location"), "write headers=('Location',)"),
    ],
    ids=["items", "next", "id", "status", "succeeded", "headers"],
)
def test_a_string_in_a_tuples_place_is_refused(declare: Callable[[], object], message: str) -> None:
    """It would be taken letter by letter: an empty list, an operation that never ends."""
    with pytest.raises(TypeError, match=re.escape(message)):
        declare()


def test_a_name_that_may_be_a_string_or_a_path_may_be_a_string() -> None:
    """Parameters are named by strings."""
    assert NextToken(parameter="after", size="limit").parameter == "after"


@pytest.mark.parametrize(
    ("paging", "body", "message"),
    [
        (
            NextLink(items=("jobz",), next=("next",)),
            {"jobs": [1], "next": "/2"},
            "'jobz' in the body should be the list of items and is missing; there are lists at ('jobs',). Check `items`",
        ),
        (NextLink(items=("data", "jobz")), {"data": {"jobs": [1]}}, "there are lists at ('data', 'jobs')"),
        (NextLink(items=("dta", "jobs")), {"data": {"jobs": [1]}}, "there are lists at ('data', 'jobs')"),
        (
            NextLink(items=("jobs",)),
            [1],
            "'jobs' in the body should be the list of items, but the body is a JSON array",
        ),
    ],
    ids=["last name", "deeper", "first name", "no object"],
)
def test_a_list_that_is_somewhere_else_is_told(paging: Paging[Any], body: Any, message: str) -> None:
    """Not an empty list, as if there were nothing."""
    with pytest.raises(DecodeError, match=re.escape(message)):
        paging.page(Answer(json=body).to(HttpRequest("GET", f"{HOST}/pets")))


@pytest.mark.parametrize(
    ("paging", "body"),
    [
        (NextLink(items=("jobs",)), {"nextLink": "/2"}),
        (NextLink(items=("jobs",)), {}),
        (NextLink(items=("jobs",)), {"jobs": None, "errors": ["x"]}),
        (NextLink(items=("jobs",), items_may_be_missing=True), {"unreachable": ["eu"]}),
        (NextLink(items=("data", "jobs")), {"data": {}}),
    ],
    ids=["left out", "nothing at all", "null", "other lists beside it", "deeper"],
)
def test_a_list_that_was_left_out_is_empty(paging: Paging[Any], body: Any) -> None:
    """Services that leave out what is empty do so on a page in the middle as well."""
    assert list(paging.page(Answer(json=body).to(HttpRequest("GET", f"{HOST}/pets")))) == []
