"""Asks a second time when the answer is late, and takes the one that comes first.

A late answer is often one slow server, one full queue, one lost packet: asking again costs a request and saves the
wait. What is asked twice has to be harmless, and must not double the load of a service that is slow as a whole:

- Only a GET or HEAD without a body is, and none that is streamed.
- The second question comes out of a budget, one for ten answers. A service that is slow for everybody gets no more.
- An error, or an answer that says that the service is not itself (5xx), does not win while the other one may.
- The one that lost is cancelled, which closes its connection.

For async clients only: a thread that waits for an answer cannot be called back.
"""

from __future__ import annotations

from asyncio import FIRST_COMPLETED, Task, create_task, gather, wait
from typing import ClassVar, Final

from ..pipeline import AsyncHTTPPolicy
from ..rest import HttpRequest, HttpResponse
from ..settings import Setting, duration, flag
from .retry import RetryBudget

__all__ = ["HedgingPolicy"]

_REPEATABLE: Final = frozenset({"GET", "HEAD"})


class HedgingPolicy(AsyncHTTPPolicy):
    """Sends a GET again that has no answer after a while; see the rules of this module.

    Args:
        after: Seconds after which an answer is late. What nineteen of twenty answers take is a good number: then one
            request in twenty is asked twice.
        budget: Where second questions come from.

    Raises:
        ValueError: ``after`` is not a number of seconds, 0 or more.
    """

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("hedging_enabled", True, "whether a GET whose answer is late is sent a second time", check=flag),
    )

    def __init__(self, after: float, budget: RetryBudget | None = None) -> None:
        problem = duration(after)
        if problem:
            raise ValueError(f"after is {after!r}; it takes {problem}")
        self._after = after
        self._budget = budget or RetryBudget(capacity=100, cost=10, refund=1)

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        """Return the answer that comes first."""
        call = request.call
        is_harmless = request.method in _REPEATABLE and request.content is None and not call.stream
        if not is_harmless or not call.settings["hedging_enabled"]:
            return await self.next.send(request)
        tasks = [self._ask(request)]
        try:
            done, _ = await wait(tasks, timeout=self._after)
            if not done and self._budget.spend():
                tasks.append(self._ask(request))
            answer = await _first_good(tasks)
            self._budget.give_back()
            return answer
        finally:
            for task in tasks:
                task.cancel()
            await gather(*tasks, return_exceptions=True)

    def _ask(self, request: HttpRequest) -> Task[HttpResponse]:
        return create_task(self._next_answer(request.copy()))

    async def _next_answer(self, request: HttpRequest) -> HttpResponse:
        return await self.next.send(request)


async def _first_good(tasks: list[Task[HttpResponse]]) -> HttpResponse:
    """Return the first answer that is one, else what the first request came to."""
    waiting = set(tasks)
    while waiting:
        done, waiting = await wait(waiting, return_when=FIRST_COMPLETED)
        for task in done:
            if task.exception() is None and task.result().status_code < 500:
                return task.result()
    return tasks[0].result()
