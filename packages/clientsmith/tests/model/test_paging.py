"""Every scheme of paging that services have, read from what request and answer say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from clientsmith.configuration import Configuration, OperationSettings, PagingSettings
from clientsmith.model.ir import Paging, PagingScheme
from clientsmith.model.paging.vocabulary import is_more, is_page_count, is_total, spellings
from clientsmith.model.pipeline import model
from clientsmith.openapi.load import read_document
from clientsmith.openapi.source import Source

Describe = Callable[..., Any]
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
FLAG = {"type": "boolean"}
PET = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
PETS = {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}


def thing(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def asked(name: str, schema: Any = TEXT, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, **more}


def listing(schema: Any, *parameters: Any, headers: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    content = {"content": {"application/json": {"schema": schema}}, "headers": {name: {} for name in headers}}
    return {
        "operationId": "listPets",
        "parameters": [one if isinstance(one, dict) else asked(one, NUMBER) for one in parameters],
        "responses": {"200": {"description": "", **content}},
        **more,
    }


def paging_of(describe: Describe, operation: Any, method: str = "get", path: str = "/pets") -> Paging | None:
    paging: Paging | None = describe({path: {method: operation}}, {"Pet": PET}).operation().paging
    return paging


def shown(paging: Paging | None) -> str:
    """A scheme in one line: what leads on, from where to where."""
    if paging is None:
        return "no list"
    place = ".".join(paging.next_path) or paging.header
    onward = " ".join(part for part in (place, "->" if place and paging.parameter else "", paging.parameter) if part)
    return f"{paging.scheme.value} {'.'.join(paging.items_path) or '.'}: {onward}".rstrip(": ")


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        # links
        (listing(thing(data=PETS, _links=thing(next=thing(href=TEXT)))), "next-link data: _links.next.href"),
        (listing(thing(data=PETS, links=thing(pages=thing(next=TEXT))), "page"), "next-link data: links.pages.next"),
        (listing(thing(value=PETS, **{"@odata.nextLink": TEXT})), "next-link value: @odata.nextLink"),
        (listing(thing(results=PETS, next=TEXT, previous=TEXT, count=NUMBER)), "next-link results: next"),
        (listing(thing(pets=PETS, first=TEXT, next=TEXT), asked("marker"), "limit"), "next-link pets: next"),
        (listing(thing(items=PETS, paging=thing(next=thing(link=TEXT)))), "next-link items: paging.next.link"),
        (
            listing(thing(pets=PETS, pets_links={"type": "array", "items": thing(rel=TEXT, href=TEXT)}), "limit"),
            "next-link pets: pets_links",
        ),
        (listing(PETS, "page", headers=("Link",)), "next-link-header .: Link"),
        # tokens
        (listing(thing(data=PETS, next_max_id=TEXT), asked("max_id")), "token data: next_max_id -> max_id"),
        (listing(thing(data=PETS, paging=thing(next=thing(after=TEXT))), asked("after")), "token data: paging.next.after -> after"),
        (listing(thing(data=PETS, paging=thing(cursors=thing(after=TEXT, before=TEXT))), asked("after")), "token data: paging.cursors.after -> after"),
        (listing(thing(data=PETS, cursor=TEXT), asked("Cursor")), "token data: cursor -> Cursor"),
        (listing(thing(data=PETS, next_page=TEXT), asked("page")), "token data: next_page -> page"),
        (listing(thing(data=PETS, next_page=NUMBER), "page"), "token data: next_page -> page"),
        (listing(thing(data=PETS, next=NUMBER), "offset"), "token data: next -> offset"),
        (listing(thing(data=PETS, next=TEXT, has_more=FLAG), asked("after")), "token data: next -> after"),
        (listing(PETS, asked("pageToken"), headers=("NextPageToken",)), "token .: NextPageToken -> pageToken"),
        (listing(PETS, "page", headers=("X-Next-Page", "X-Total")), "token .: X-Next-Page -> page"),
        # ids
        (listing(thing(data=PETS, has_more=FLAG), asked("starting_after")), "last-id data: id -> starting_after"),
        (listing(thing(data=PETS, last_id=TEXT), asked("after")), "last-id data: id -> after"),
        # numbers
        (listing(thing(content=PETS, totalPages=NUMBER), asked("page", {"type": "integer", "default": 0})), "page-number content: totalPages -> page"),
        (listing(PETS, "page", "per_page", headers=("X-Pages",)), "page-number .: X-Pages -> page"),
        (listing(PETS, "page", "per_page", headers=("X-Total-Count",)), "page-number .: page"),
        (listing(thing(data=PETS, hasMore=FLAG), "pageNumber"), "page-number data: pageNumber"),
        (listing(thing(data=PETS, meta=thing(total=NUMBER)), "page[number]", "page[size]"), "page-number data: page[number]"),
        (listing(thing(data=PETS, total_pets=NUMBER), "page"), "page-number data: page"),
        (listing(thing(data=PETS, page=NUMBER, page_size=NUMBER), "page", "page_size"), "page-number data: page"),
        # offsets
        (listing(thing(items=PETS, total=NUMBER), "start", "count"), "offset items: total -> start"),
        (listing(thing(items=PETS, total=NUMBER), "$skip", "$top"), "offset items: total -> $skip"),
        (listing(thing(items=PETS, count=NUMBER), "offset", "limit"), "offset items: offset"),
        (listing(PETS, "offset", "limit", headers=("X-More",)), "offset .: offset"),
        # where the items are
        (listing(thing(result=thing(pets=PETS), status=TEXT)), "single result.pets"),
        (listing(thing(pets=thing(items=PETS, next=TEXT, offset=NUMBER)), "offset"), "next-link pets.items: pets.next"),
        (listing(thing(_embedded=thing(pets=PETS), page=thing(totalPages=NUMBER)), "page"), "page-number _embedded.pets: page.totalPages -> page"),
        (listing(thing(pets=PETS, warnings={"type": "array", "items": TEXT}, total=NUMBER), "offset"), "offset pets: total -> offset"),
        (listing({"oneOf": [thing(items=PETS, total=NUMBER), thing(items=PETS, total=NUMBER, kind=TEXT)]}, "offset"), "offset items: total -> offset"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_list_goes_on_by_what_both_sides_say(describe: Describe, operation: Any, expected: str) -> None:
    paging = paging_of(describe, operation)
    assert shown(paging) == expected
    assert paging is not None
    assert paging.evidence.startswith("strong: ") is (paging.scheme is not PagingScheme.SINGLE)


@pytest.mark.parametrize(
    ("operation", "path", "expected"),
    [
        (listing(thing(id=TEXT, tags=PETS), "page", headers=("Link",), operationId="getShop"), "/shops/{id}", "no list"),
        (listing(thing(name=TEXT, tags=PETS, links=thing(self=TEXT, next=TEXT)), operationId="getShop"), "/shops/{id}", "no list"),
        (listing(PETS, asked("since_id")), "/pets", "single ."),
        (listing(PETS, asked("access_token"), headers=("X-Token",)), "/pets", "single ."),
        (listing(PETS, asked("after", {"type": "string", "format": "date-time"})), "/pets", "single ."),
        (
            listing(thing(pets=PETS, next_page={**TEXT, "description": "True if there are more"}), asked("page")),
            "/pets", "single pets",
        ),
        (listing(thing(data=PETS, total=NUMBER), asked("start", {"type": "string", "format": "date-time"})), "/pets", "single data"),
        (listing(thing(data=PETS, total=NUMBER), asked("page", {"type": "integer", "minimum": 0})), "/pets", "single data"),
        (listing(thing(base=PET, files=PETS, total_commits=NUMBER), "page", operationId="compareCommits"), "/compare", "no list"),
    ],
    ids=["one thing", "links of one thing", "a filter", "a credential", "a time", "a flag as text", "a date", "0 is allowed", "more than a list"],
)  # fmt: skip
def test_what_is_not_sure_is_not_guessed(describe: Describe, operation: Any, path: str, expected: str) -> None:
    """A pager on something that is no list is worse than none."""
    assert shown(paging_of(describe, operation, path=path)) == expected


@pytest.mark.parametrize(
    ("body", "schema", "expected", "sent"),
    [
        (
            thing(start_cursor=TEXT, page_size=NUMBER), thing(results=PETS, next_cursor=TEXT, has_more=FLAG),
            "token results: next_cursor -> start_cursor", ((), False, "page_size"),
        ),
        (
            thing(offset={"anyOf": [NUMBER, TEXT]}, limit=NUMBER), thing(result=thing(points=PETS, next_page_offset={"anyOf": [NUMBER, TEXT]})),
            "token result.points: result.next_page_offset -> offset", ((), True, "limit"),
        ),
        (thing(page=NUMBER, limit=NUMBER), thing(data=PETS, total=NUMBER), "page-number data: page", ((), False, "limit")),
        (
            thing(paging=thing(cursor=TEXT, limit=NUMBER)), thing(data=PETS, cursor=TEXT),
            "token data: cursor -> cursor", (("paging",), False, "limit"),
        ),
    ],
    ids=["a cursor", "a token that may be a number", "a page number", "in an object of the body"],
)  # fmt: skip
def test_a_search_is_paged_by_its_body(
    describe: Describe, body: Any, schema: Any, expected: str, sent: tuple[tuple[str, ...], bool, str]
) -> None:
    """The method is a pager, so it is called list_; what it chooses stays in its name."""
    content = {"content": {"application/json": {"schema": body}}}
    operation = listing(schema, operationId="searchPets", requestBody=content)
    made = describe({"/pets/search": {"post": operation}}, {"Pet": PET}).operation()
    assert shown(made.paging) == expected
    assert made.paging.location == "body"
    assert (made.paging.body_path, made.paging.number_tokens, made.paging.size) == sent
    assert made.name == "list_matching_pets"


def test_a_post_that_does_something_is_no_pager(describe: Describe) -> None:
    content = {"content": {"application/json": {"schema": thing(cursor=TEXT)}}}
    operation = listing(thing(data=PETS, cursor=TEXT), operationId="createPets", requestBody=content)
    assert describe({"/pets": {"post": operation}}, {"Pet": PET}).operation("post").paging is None


def test_one_way_of_paging_takes_the_other_away(describe: Describe) -> None:
    """Without `usemarker` there are no markers; half-way from offsets to markers the list would never end."""
    schema = thing(entries=PETS, next_marker=TEXT, total_count=NUMBER)
    operation = listing(schema, asked("usemarker", FLAG), asked("marker"), "offset", "limit", asked("fields"))
    made = describe({"/pets": {"get": operation}}, {"Pet": PET}).operation()
    assert shown(made.paging) == "offset entries: total_count -> offset"
    assert [p.name for p in made.parameters] == ["fields"]


def test_a_place_that_has_to_be_given_stays_an_argument(describe: Describe) -> None:
    operation = listing(thing(items=PETS, total=NUMBER), asked("offset", NUMBER, required=True))
    made = describe({"/pets": {"get": operation}}, {"Pet": PET}).operation()
    assert (shown(made.paging), [p.name for p in made.parameters]) == ("offset items: total -> offset", ["offset"])


@pytest.mark.parametrize(
    ("parameter", "first"),
    [
        (asked("page", NUMBER, description="Zero-based page index (0..N)"), 0),
        (asked("page", NUMBER, description="Page number, starts at 1"), 1),
        (asked("startIndex", {"type": "integer", "default": 1}), 1),
        (asked("startIndex", NUMBER, description="The 1-based index of the first result"), 1),
        (asked("offset", NUMBER), 0),
    ],
    ids=["pages from 0", "pages from 1", "items from 1", "items from 1, in words", "items from 0"],
)
def test_counting_begins_where_the_document_says(describe: Describe, parameter: Any, first: int) -> None:
    paging = paging_of(describe, listing(thing(items=PETS, totalResults=NUMBER), parameter, "count"))
    assert paging is not None
    assert paging.first_page == first


def test_what_most_operations_do_the_others_may_too(describe: Describe) -> None:
    """Where the header is missing after all there is one page, so nothing is lost; the page stays an argument."""
    linked = {f"/things{n}": {"get": listing(PETS, "page", "per_page", headers=("Link",))} for n in range(10)}
    found = describe({**linked, "/forgotten": {"get": listing(PETS, "page", "per_page")}}, {"Pet": PET})
    made = found.operation(path="/forgotten")
    assert shown(made.paging) == "next-link-header .: Link"
    assert "paging-weak" not in found.rules


# --- what is said outright --------------------------------------------------------------------------------------------


def test_a_link_to_the_operation_itself_is_a_token(describe: Describe) -> None:
    links = {"next": {"operationId": "listPets", "parameters": {"after": "$response.body#/meta/onward"}}}
    operation = listing(thing(rows=PETS, meta=thing(onward=TEXT)), asked("after"))
    operation["responses"]["200"]["links"] = links
    paging = paging_of(describe, operation)
    assert shown(paging) == "token rows: meta.onward -> after"
    assert paging is not None
    assert paging.evidence.startswith("certain: the link 'next'")


def test_a_link_with_this_very_page_leads_nowhere(describe: Describe) -> None:
    links = {"next": {"operationId": "listPets", "parameters": {"page": "$response.body#/page"}}}
    operation = listing(thing(rows=PETS, page=NUMBER), "page")
    operation["responses"]["200"]["links"] = links
    assert shown(paging_of(describe, operation)) == "single rows"


def test_an_extension_may_stand_at_the_root(describe: Describe) -> None:
    root = {"cursor": "$request.from_here", "next_cursor": "$response.onward", "results": "$response.rows"}
    operation = listing(thing(rows=PETS, onward=TEXT), asked("from_here")) | {"x-fern-pagination": True}
    found = describe({"/pets": {"get": operation}}, {"Pet": PET}, **{"x-fern-pagination": root})
    assert shown(found.operation().paging) == "token rows: onward -> from_here"


def test_the_next_page_may_be_asked_of_another_operation(describe: Describe) -> None:
    """Azure's `operationName`: its path takes the link, and its parameters are sent again."""
    pageable = {"x-ms-pageable": {"nextLinkName": "nextLink", "operationName": "listPetsNext"}}
    schema = thing(value=PETS, nextLink=TEXT)
    onward = listing(schema, asked("kind", required=True), operationId="listPetsNext")
    onward["parameters"].append({"name": "nextLink", "in": "path", "required": True, "schema": TEXT})
    paths = {
        "/pets/{shop}": {"get": listing(schema, asked("kind", required=True)) | pageable},
        "/pets/{shop}/{nextLink}": {"get": onward},
    }
    paging = describe(paths, {"Pet": PET}).operation(path="/pets/{shop}").paging
    assert (paging.below, paging.keep) == (True, ("kind",))


def configured(operation: Any, settings: Any) -> Any:
    root = {"openapi": "3.1.0", "info": {"title": "Test", "version": "1"}, "paths": {"/pets": {"get": operation}}}
    document, _ = read_document(Source("test", data={**root, "components": {"schemas": {"Pet": PET}}}))
    said = Configuration(operations={"GET /pets": OperationSettings(paging=settings)})
    api, _resolver, findings = model(document, said)
    return api.operations[0], [one for one in findings if one.rule == "paging-configured"]


def test_a_person_says_how_a_list_goes_on() -> None:
    said = PagingSettings(scheme="page-number", parameter="p", size="n", first_page=0)
    made, doubts = configured(listing(PETS, "p", "n"), said)
    assert (shown(made.paging), made.paging.first_page, made.paging.size) == ("page-number .: p", 0, "n")
    assert (made.parameters, doubts, made.paging.evidence) == ((), [], "by configuration")


def test_a_person_says_that_it_is_no_list() -> None:
    made, _doubts = configured(listing(PETS, "page", headers=("Link",)), False)
    assert (made.paging, made.name) == (None, "get_pets")


def test_what_the_document_has_not_is_told_to_who_configured_it() -> None:
    said = PagingSettings(scheme="token", parameter="cursor", items="rows")
    _made, doubts = configured(listing(thing(data=PETS)), said)
    assert [one.message.split(": ")[-1] for one in doubts] == [
        "the document has no list at 'rows', so the items have no type",
        "GET /pets has no parameter 'cursor'; it is sent all the same",
        "scheme 'token' does not say what leads on, so there is one page",
    ]


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "is_it"),
    [("total", True), ("total_count", True), ("totalNumberOfResults", True), ("X-Total-Count", True), ("total_users", True)]
    + [(name, False) for name in ("count", "totalPages", "total_price", "subtotal", "totally", "total_duration")],
)  # fmt: skip
def test_a_number_of_all_items_has_a_name(name: str, is_it: bool) -> None:
    assert is_total(name, ["users"]) is is_it


@pytest.mark.parametrize(
    ("name", "is_it"),
    [(name, True) for name in ("pages", "total_pages", "pageCount", "last_page", "noOfPages", "X-Total-Pages")]
    + [(name, False) for name in ("page", "pageSize", "items_per_page", "pageNumber", "currentPage", "homepage")],
)
def test_a_number_of_pages_has_a_name(name: str, is_it: bool) -> None:
    assert is_page_count(name) is is_it


def test_a_flag_for_more_has_a_name() -> None:
    assert all(map(is_more, ("has_more", "hasNextPage", "isTruncated", "more", "moreResults")))
    assert not any(map(is_more, ("has_menu", "anymore_pets", "last")))


def test_a_name_in_brackets_is_read_in_two_ways() -> None:
    assert spellings("searchCriteria[currentPage]") == ("searchcriteriacurrentpage", "currentpage")
    assert spellings("filter[page]") == ("filterpage",)
