"""Hedged requests: who is asked twice, which answer wins, and what becomes of the other one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from clientsmith.core import aio
from clientsmith.core.errors import ServiceRequestError, UsageError
from clientsmith.core.policies.hedging import HedgingPolicy
from clientsmith.core.policies.retry import RetryBudget
from clientsmith.core.rest import HttpRequest, HttpResponse
from clientsmith.core.transport.base import TRANSPORT_SETTINGS, AsyncTime

SOON, LATE = 0.001, 0.5


class Runners(AsyncTime):
    """Answers each request after its own time: seconds, and a status or an error."""

    settings = TRANSPORT_SETTINGS

    def __init__(self, *plan: tuple[float, int | Exception]) -> None:
        self.plan = list(plan)
        self.started = self.cancelled = 0

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        seconds, outcome = self.plan[self.started]
        self.started += 1
        number = self.started
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(outcome, Exception):
            raise outcome
        return HttpResponse(request, outcome, {"X-Number": str(number)})

    async def close(self) -> None:
        """Nothing is open."""


def client_of(plan: Sequence[tuple[float, int | Exception]], **hedging: Any) -> tuple[aio.ServiceClient, Runners]:
    runners = Runners(*plan)
    policy = HedgingPolicy(**{"after": 0.02, **hedging})
    return aio.ServiceClient("https://shop.test", transport=runners, policies=[policy]), runners


async def winner(client: aio.ServiceClient, method: str = "GET", **options: Any) -> str:
    async with asyncio.timeout(2.0):
        response = await client.send_request(HttpRequest(method, "/a"), **options)
    return f"{response.status_code} by {response.headers['X-Number']}"


@pytest.mark.parametrize(
    ("plan", "outcome", "cancelled"),
    [
        ([(SOON, 200)], "200 by 1", 0),
        ([(LATE, 200), (SOON, 200)], "200 by 2", 1),
        ([(0.06, 200), (LATE, 200)], "200 by 1", 1),
        ([(0.08, 200), (SOON, 503)], "200 by 1", 0),
        ([(0.08, 200), (SOON, ServiceRequestError("refused"))], "200 by 1", 0),
        ([(0.06, 503), (0.03, 502)], "503 by 1", 0),
        ([(LATE, 200), (SOON, 404)], "404 by 2", 1),
    ],
    ids=[
        "in time: asked once", "late: the second wins", "late: the first wins all the same",
        "the second is down", "the second is refused", "both are down: the first counts", "not found is an answer",
    ],
)  # fmt: skip
async def test_the_first_good_answer_wins(plan: Any, outcome: str, cancelled: int) -> None:
    """And the loser is cancelled before the caller goes on."""
    client, runners = client_of(plan)
    assert await winner(client) == outcome
    assert (runners.started, runners.cancelled) == (len(plan), cancelled)


async def test_two_failures_are_the_failure_of_the_first() -> None:
    """The caller learns what his own request came to."""
    client, _ = client_of([(0.05, ServiceRequestError("the first")), (SOON, ServiceRequestError("the second"))])
    with pytest.raises(ServiceRequestError, match="the first"):
        await winner(client)


@pytest.mark.parametrize(
    ("method", "options"), [("POST", {}), ("DELETE", {}), ("GET", {"hedging_enabled": False})], ids=str
)
async def test_what_may_not_be_asked_twice_is_not(method: str, options: dict[str, Any]) -> None:
    """However long it takes."""
    client, runners = client_of([(0.06, 200)])
    assert await winner(client, method, **options) == "200 by 1"
    assert runners.started == 1


async def test_a_service_that_is_slow_for_everybody_gets_no_more_load() -> None:
    """Second questions come out of a budget that answers fill again."""
    client, runners = client_of([(0.04, 200)] * 10, budget=RetryBudget(capacity=2, cost=1, refund=0))
    for _ in range(5):
        await winner(client)
    assert runners.started == 5 + 2


async def test_a_cancelled_call_leaves_nothing_running() -> None:
    """Both requests end with it."""
    client, runners = client_of([(LATE, 200), (LATE, 200)])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await client.send_request(HttpRequest("GET", "/a"))
    assert (runners.started, runners.cancelled) == (2, 2)


def test_a_sync_client_says_that_it_cannot() -> None:
    """When it is made, not when it is used."""
    from clientsmith.core.client import ServiceClient
    from clientsmith.core.testing import ScriptedTransport

    with pytest.raises(UsageError, match="HedgingPolicy"):
        ServiceClient("https://shop.test", transport=ScriptedTransport(), policies=[HedgingPolicy(0.1)])


@pytest.mark.parametrize("after", [-1.0, float("nan"), "0.3", None], ids=repr)
def test_a_time_that_is_none_is_told_at_once(after: Any) -> None:
    """Not by the first call that is late."""
    with pytest.raises(ValueError, match=r"after is .*; it takes a number of seconds, 0 or more"):
        HedgingPolicy(after)
