"""What users write with pagers and pollers, as the type checkers see it. Checked, never run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_type

from clientsmith.core import ServiceClient, aio
from clientsmith.core.models import Model, field
from clientsmith.core.operations import ListOperation, LongRunningOperation
from clientsmith.core.paging import (
    InHeader,
    ItemPaged,
    LastId,
    NextLink,
    NextLinkHeader,
    NextToken,
    Offset,
    Page,
    PageNumber,
    Paging,
    SinglePage,
)
from clientsmith.core.polling import LROPoller, Polling


class Pet(Model):
    name: str = field("name")


LIST: ListOperation[Pet] = ListOperation(
    "GET", "/pets", responses={200: None}, paging=NextLinkHeader("x-next", item=lambda: Pet)
)
BEGIN: LongRunningOperation[Pet] = LongRunningOperation(
    "POST", "/pets", responses={202: None}, polling=Polling(poll_path="/jobs/{id}", codec=lambda: Pet)
)


def pages(pager: ItemPaged[Pet]) -> None:
    assert_type(next(pager), Pet)
    for pet in pager:
        assert_type(pet, Pet)
    walk = pager.by_page("token")
    assert_type(walk.continuation_token, str | None)
    for page in walk:
        assert_type(page, Page[Pet])
        assert_type(page.total, int | None)
        assert_type(page[0], Pet)
        assert_type(page[:2], Sequence[Pet])
        assert_type(len(page), int)


async def async_pages(pager: aio.ItemPaged[Pet]) -> None:
    assert_type(await anext(pager), Pet)
    async for pet in pager:
        assert_type(pet, Pet)
    async for page in pager.by_page():
        assert_type(page, Page[Pet])


def name_of(pet: Pet) -> str:
    return pet.name


def polls(poller: LROPoller[Pet]) -> None:
    assert_type(poller.result(timeout=5.0), Pet)
    assert_type(poller.wait(), bool)
    assert_type(poller.poll(), bool)
    assert_type(poller.done(), bool)
    assert_type(poller.status(), str)
    assert_type(poller.continuation_token(), str)
    assert_type(poller.then(name_of), LROPoller[str])
    assert_type(poller.then(name_of).result(), str)

    def ended(which: LROPoller[Pet]) -> None:
        assert_type(which.result(), Pet)

    assert_type(poller.cancel(), None)
    poller.add_done_callback(ended)
    poller.remove_done_callback(ended)


async def async_polls(poller: aio.LROPoller[Pet]) -> None:
    assert_type(await poller.result(timeout=5.0), Pet)
    assert_type(await poller.wait(), bool)
    assert_type(poller.done(), bool)
    assert_type(await poller.cancel(), None)
    assert_type(await poller.then(name_of).result(), str)


def resumes(token: str, client: ServiceClient) -> LROPoller[Pet]:
    return LROPoller.from_continuation_token(token, client, BEGIN, timeout=5.0, polling_interval=1.0)


def resumes_async(token: str, client: aio.ServiceClient) -> aio.LROPoller[Pet]:
    return aio.LROPoller.from_continuation_token(token, client, BEGIN)


# Every scheme, with its words; the item's type comes from the codec.
assert_type(NextLink(items=("value",), next=("nextLink",), item=lambda: Pet, method="POST"), NextLink[Pet])
assert_type(NextLinkHeader("Link", total=InHeader("X-Total-Count"), item=lambda: Pet), NextLinkHeader[Pet])
SCHEMES: list[Paging[Pet]] = [
    NextToken(next=InHeader("x-next"), parameter="x-after", location="header", item=lambda: Pet),
    NextToken(parameter=("variables", "after"), location="body", more=("info", "hasNextPage"), item=lambda: Pet),
    LastId(id=("id",), parameter="starting_after", more=("has_more",), item=lambda: Pet),
    PageNumber(pages=("pages",), first=0, size="per_page", short_is_last=True, item=lambda: Pet),
    Offset(total=("total",), item=lambda: Pet),
    SinglePage(item=lambda: Pet),
]
NextToken(itmes=("value",))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Polling(final="somewhere")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Polling(status=("state",), cancel="DELETE", resource_status=("properties", "provisioningState"))
