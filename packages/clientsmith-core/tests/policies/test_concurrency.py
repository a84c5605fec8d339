"""The limit of requests at a time: nobody passes it, nobody is forgotten, nobody jumps the queue."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.errors import DeadlineExceededError
from clientsmith.core.policies.concurrency import ConcurrencyLimitPolicy
from clientsmith.core.rest import HttpRequest, HttpResponse
from clientsmith.core.settings import Setting
from clientsmith.core.transport.base import TRANSPORT_SETTINGS, AsyncTime, BlockingTime


class Gauge:
    """How many requests are under way, and how many were at most."""

    settings: tuple[Setting, ...] = TRANSPORT_SETTINGS

    def __init__(self, seconds: float = 0.01) -> None:
        self.seconds = seconds
        self.under_way = 0
        self.most = 0
        self.order: list[str] = []
        self._mutex = threading.Lock()

    def enter(self, request: HttpRequest) -> None:
        with self._mutex:
            self.order.append(request.url)
            self.under_way += 1
            self.most = max(self.most, self.under_way)

    def leave(self) -> None:
        with self._mutex:
            self.under_way -= 1


class SlowTransport(Gauge, BlockingTime):
    def send(self, request: HttpRequest, /) -> HttpResponse:
        self.enter(request)
        try:
            time.sleep(self.seconds)
            return HttpResponse(request, 200)
        finally:
            self.leave()

    def close(self) -> None:
        """Nothing is open."""


class AsyncSlowTransport(Gauge, AsyncTime):
    async def send(self, request: HttpRequest, /) -> HttpResponse:
        self.enter(request)
        try:
            await asyncio.sleep(self.seconds)
            return HttpResponse(request, 200)
        finally:
            self.leave()

    async def close(self) -> None:
        """Nothing is open."""


def test_threads_wait_their_turn() -> None:
    """Twelve of them over three places."""
    transport = SlowTransport()
    client = ServiceClient("https://shop.test", transport=transport, policies=[ConcurrencyLimitPolicy(3)])
    threads = [threading.Thread(target=client.send_request, args=(HttpRequest("GET", f"/{n}"),)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert (len(transport.order), transport.most, transport.under_way) == (12, 3, 0)


async def test_tasks_wait_their_turn_in_the_order_in_which_they_came() -> None:
    """Nobody jumps the queue."""
    transport = AsyncSlowTransport()
    client = aio.ServiceClient("https://shop.test", transport=transport, policies=[ConcurrencyLimitPolicy(2)])
    async with asyncio.TaskGroup() as group:
        for n in range(8):
            group.create_task(client.send_request(HttpRequest("GET", f"/{n}")))
    assert transport.order == [f"https://shop.test/{n}" for n in range(8)]
    assert transport.most == 2


async def test_who_is_cancelled_while_waiting_leaves_the_queue() -> None:
    """His place in it is gone, and the place that he waited for is somebody else's."""
    transport = AsyncSlowTransport()
    client = aio.ServiceClient("https://shop.test", transport=transport, policies=[ConcurrencyLimitPolicy(1)])
    tasks = [asyncio.ensure_future(client.send_request(HttpRequest("GET", f"/{n}"))) for n in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    tasks[2].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(result, asyncio.CancelledError) for result in results] == [False, True, True, False]
    assert (await client.send_request(HttpRequest("GET", "/again"))).status_code == 200


async def test_who_is_cancelled_as_the_place_is_handed_over_hands_it_on() -> None:
    """Between the handing over and the waking there is a moment; nothing may get lost in it."""
    transport = AsyncSlowTransport(seconds=0.0)
    client = aio.ServiceClient("https://shop.test", transport=transport, policies=[ConcurrencyLimitPolicy(1)])
    for ticks in range(8):
        tasks = [asyncio.ensure_future(client.send_request(HttpRequest("GET", f"/{n}"))) for n in range(3)]
        for _ in range(ticks):
            await asyncio.sleep(0)
        tasks[1].cancel()
        async with asyncio.timeout(2.0):
            await asyncio.gather(*tasks, return_exceptions=True)
            assert (await client.send_request(HttpRequest("GET", "/again"))).status_code == 200


async def test_the_waiting_ends_with_the_call() -> None:
    """A place that does not come free within the call's time."""
    transport = AsyncSlowTransport(seconds=0.3)
    client = aio.ServiceClient("https://shop.test", transport=transport, policies=[ConcurrencyLimitPolicy(1)])
    first = asyncio.ensure_future(client.send_request(HttpRequest("GET", "/1")))
    await asyncio.sleep(0)
    began = time.monotonic()
    with pytest.raises(DeadlineExceededError):
        await client.send_request(HttpRequest("GET", "/2"), timeout=0.05)
    assert time.monotonic() - began < 0.25
    await first
    assert transport.order == ["https://shop.test/1"]


def test_a_limit_of_nothing_is_a_mistake() -> None:
    """It would let nobody pass."""
    with pytest.raises(ValueError, match="max_concurrent is 0; with less than 1 nothing could ever be sent"):
        ConcurrencyLimitPolicy(0)
