"""Sends again what failed for a reason that passes, and only what is safe to send again.

Rules:

- Safe to repeat are GET, HEAD, OPTIONS, TRACE, PUT, DELETE (RFC 9110, section 9.2.2) and whatever carries an
  ``Idempotency-Key``. Anything else is sent again only when it is certain that the service did not act on it: it never
  got through, or the service said 429 or 503 and when to come back.
- The server's ``Retry-After`` wins over our own backoff. One longer than the cap ends the trying: coming back sooner
  would be rude, later useless to the caller.
- Waits grow exponentially with full jitter, so that clients that failed together do not come back together.
- All calls of a client share a budget, so that retries cannot multiply the load on a service that is down.
- No wait goes past the call's deadline: the caller rather gets the answer that we have.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, ClassVar, Final

from ..errors import DeadlineExceededError, TransportError
from ..pipeline import Flow, Sleep
from ..rest import HttpRequest, HttpResponse
from ..settings import Setting
from ..settings import count as not_negative

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Backoff", "Outcome", "RetryBudget", "RetryPolicy", "outcome_of", "parse_retry_after"]

_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
_TRANSIENT: Final = frozenset({408, 429, 500, 502, 503, 504})
_REFUSED: Final = frozenset({429, 503})  # with Retry-After: the service turned the request away before acting on it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to, as far as trying again is concerned."""

    is_transient: bool
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Backoff:
    """When to try again, in seconds, before jitter.

    The base and the cap are azure-core's published numbers; unlike there, the first retry waits as well.
    """

    base: float = 0.8
    cap: float = 60.0

    def wait_after(self, outcome: Outcome, attempt: int, max_retries: int) -> float | None:
        """Seconds to wait before the next attempt, or None to give up. Attempts count from 1."""
        if attempt > max_retries or not outcome.is_transient:
            return None
        if outcome.retry_after is not None:  # 0.0 is an answer too: the server says "now"
            return outcome.retry_after if outcome.retry_after <= self.cap else None
        return min(self.cap, self.base * 2.0 ** (attempt - 1))


class RetryBudget:
    """Tokens that retries spend and successes bring back, shared by all calls of a client.

    500 tokens, 5 a retry and 1 back a success are the numbers of the AWS SDKs' standard mode: about a hundred retries
    in a row, then one in five calls.
    """

    def __init__(self, capacity: int = 500, cost: int = 5, refund: int = 1) -> None:
        self._capacity, self._cost, self._refund = capacity, cost, refund
        self._left = capacity
        self._mutex = threading.Lock()

    def spend(self) -> bool:
        """Take the tokens of one retry; False if there are too few."""
        with self._mutex:
            if self._left < self._cost:
                return False
            self._left -= self._cost
            return True

    def give_back(self) -> None:
        """Return tokens after a success."""
        if self._left < self._capacity:  # unguarded on purpose: a full budget, the usual case, takes no lock
            with self._mutex:
                self._left = min(self._capacity, self._left + self._refund)


class RetryPolicy:
    """Tries up to ``max_retries`` times more, see the rules of this module."""

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("max_retries", 3, "attempts after the first one; 0 tries once", check=not_negative),
    )

    def __init__(
        self,
        backoff: Backoff | None = None,
        budget: RetryBudget | None = None,
        jitter: Callable[[], float] | None = None,
    ) -> None:
        self.backoff = backoff or Backoff()
        self.budget = budget or RetryBudget()
        self._jitter = jitter or _jitter

    def send(self, request: HttpRequest, /) -> Flow:
        """Yield the request and the waits until there is an answer to keep."""
        max_retries: int = request.call.settings["max_retries"]
        for attempt in count(1):
            failure: TransportError | None = None
            response: HttpResponse | None = None
            try:
                response = yield request
            except TransportError as error:
                failure = error
            if response is not None and response.status_code not in _TRANSIENT:
                self.budget.give_back()
                return response
            # Outside the except: else every attempt's error would chain onto the one before.
            wait = self._wait_after(request, response, failure, attempt, max_retries)
            if wait is not None:
                yield Sleep(wait, request.call)
            elif response is not None:
                return response
            elif failure is not None:
                raise failure
        raise AssertionError("count() does not end")

    def _wait_after(
        self,
        request: HttpRequest,
        response: HttpResponse | None,
        failure: TransportError | None,
        attempt: int,
        max_retries: int,
    ) -> float | None:
        outcome = outcome_of(request, response, failure)
        wait = self.backoff.wait_after(outcome, attempt, max_retries)
        if wait is None:
            return None
        if outcome.retry_after is None:
            wait *= self._jitter()
        left = request.call.remaining()
        if left is not None and wait >= left:
            return None
        return wait if self.budget.spend() else None


def outcome_of(request: HttpRequest, response: HttpResponse | None, failure: TransportError | None) -> Outcome:
    """Judge an attempt by its failure or by its response, which has a transient status; one of the two is given."""
    may_repeat = request.method in _IDEMPOTENT or "Idempotency-Key" in request.headers
    if not request.is_replayable or isinstance(failure, DeadlineExceededError):
        return Outcome(is_transient=False)
    if response is None:
        if failure is None or not failure.is_transient:
            return Outcome(is_transient=False)
        return Outcome(is_transient=may_repeat or failure.is_unsent)
    retry_after = _retry_after(response)
    refused = response.status_code in _REFUSED and retry_after is not None
    return Outcome(is_transient=may_repeat or refused, retry_after=retry_after)


def _retry_after(response: HttpResponse) -> float | None:
    headers = response.headers
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        try:
            return max(0.0, float(headers[name]) / 1000.0)
        except (KeyError, ValueError):
            continue
    try:
        return parse_retry_after(headers["Retry-After"])
    except (KeyError, ValueError):
        return None


def _jitter() -> float:
    from random import random  # only who retries needs it

    return random()


def parse_retry_after(value: str, *, now: datetime | None = None) -> float:
    """Return how long the server asks us to wait: seconds, never negative.

    ``value`` is the raw header, seconds or an HTTP date (RFC 9110, section 10.2.3). A date already past means "now"
    and gives 0.0. ``now`` must carry a time zone; by default it is now.

    Raises:
        ValueError: ``value`` is neither form. Callers usually fall back to their own backoff.
    """
    text = value.strip()
    try:
        seconds = float(text)
    except ValueError:
        from datetime import UTC, datetime  # 5 ms to import with the next, and hardly any server sends a date
        from email.utils import parsedate_to_datetime

        try:
            date = parsedate_to_datetime(text)
        except OverflowError as error:
            raise ValueError(f"Retry-After is {value!r}, which is no date") from error
        return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - (now or datetime.now(UTC))).total_seconds())
    if seconds != seconds or seconds == float("inf"):
        raise ValueError(f"Retry-After is {value!r}, which is not a number of seconds")
    return max(0.0, seconds)
