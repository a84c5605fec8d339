"""Lists that go on."""

from __future__ import annotations

from typing import Any

from clientsmith.core.errors import ClientsmithError, HttpResponseError

from ..case import Area, check
from ..cookies import CookieJar


def ids(*wanted: int) -> Any:
    """The items that should come, by their ids."""
    return lambda items: [item.properties.id for item in items] == list(wanted)


TEN = ids(*range(1, 11))

pages = Area("paging", lambda: {"per_retry_policies": [CookieJar()]})
pages.call("PagingNoItemName", "Paging_getNoItemNamePages", gives=ids(1))
pages.call("PagingEmptyNextLink", "Paging_getEmptyNextLinkNamePages", gives=ids(1))
pages.call("PagingNextLinkNameNull", "Paging_getNullNextLinkNamePages", gives=ids(1))
pages.call("PagingSingle", "Paging_getSinglePages", gives=ids(1))
pages.call("PagingSingleWithBodyParams", "Paging_getSinglePagesWithBodyParams", {"name": "body"}, gives=ids(1))
pages.call("PagingFirstResponseEmpty", "Paging_firstResponseEmpty", gives=ids(1))
pages.call("PagingMultiple", "Paging_getMultiplePages", gives=TEN)
pages.call(
    "PagingMultipleWithQueryParameters",
    "Paging_getWithQueryParams",
    required_query_parameter=100,
    query_constant=True,
    gives=ids(1, 2),
)
pages.call("PagingDuplicateParameters", "Paging_duplicateParams", filter="foo", gives=ids(1))
pages.call("PagingWithApiVersionAppend", "Paging_appendApiVersion", gives=ids(1))
pages.call("PagingWithApiVersionReplace", "Paging_replaceApiVersion", gives=ids(1))
pages.call("PagingDontSendMaxPageSize", "Paging_pageWithMaxPageSize", gives=ids())
pages.call("PagingOdataMultiple", "Paging_getOdataMultiplePages", gives=TEN)
pages.call("PagingMultiplePath", "Paging_getMultiplePagesWithOffset", 100, gives=ids(1, *range(102, 111)))
pages.call("PagingMultipleRetryFirst", "Paging_getMultiplePagesRetryFirst", gives=TEN)
pages.call("PagingMultipleRetrySecond", "Paging_getMultiplePagesRetrySecond", gives=ids(1, 1, *range(3, 11)))
pages.call("PagingSingleFailure", "Paging_getSinglePagesFailure", raises=HttpResponseError)
pages.call("PagingMultipleFailure", "Paging_getMultiplePagesFailure", raises=HttpResponseError)
pages.call("PagingMultipleFailureUri", "Paging_getMultiplePagesFailureUri", raises=ClientsmithError)


@pages.script("PagingFragment")
async def a_link_that_is_the_end_of_one(client: Any, _server: Any) -> None:
    """The server counts the first of the two."""
    for operation in ("FragmentWithGroupingNextLink", "FragmentNextLink"):
        found = await client.call(f"Paging_getMultiplePages{operation}", "test_user", api_version_parameter="1.6")
        check(TEN(found), True)


pages.call("PagingReturnModelWithXMSClientName", "Paging_getPagingModelWithItemNameWithXMSClientName", gives=ids(1))


@pages.script("PagingMultipleLRO")
async def a_list_that_takes_long_to_make(client: Any, _server: Any) -> None:
    """What it ends with is its first page, with the link to the next."""
    page = await client.call("Paging_GetMultiplePagesLRO")
    check([item.properties.id for item in page.values], [1])


hosts = Area("custom-baseUrl-paging")
hosts.call("PagingCustomUrlPartialNextLink", "Paging_getPagesPartialUrl", gives=ids(1, 2))
hosts.call("PagingCustomUrlPartialOperationNextLink", "Paging_getPagesPartialUrlOperation", gives=ids(1, 2))

AREAS = (pages, hosts)
